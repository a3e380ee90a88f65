/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report as JSON, "panictrail-report/1": the contract of
 * docs/panictrail-report-1.schema.json.  Every key is always there, in the
 * order of the functions below; a new key is added, none is renamed.
 */
#include <stdio.h>

#include "base/error.h"
#include "base/json.h"
#include "base/table.h"
#include "report/explain.h"
#include "report/json_parts.h"
#include "report/plugins.h"
#include "report/report.h"
#include "report/view.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

/* How the parameters of the panic path are shown. */
enum show { SHOW_BOOL, SHOW_INT, SHOW_HEX };

/*
 * config{}: a row is a key, the scalar of the facts that holds it and how it
 * is shown; a scalar that is not present gives null.  Ascending in the order
 * of the contract.  Test: unit/test_report.c.
 *
 * Source: Linux kernel/panic.c (the first five), kernel/kexec_core.c.
 */
static const struct {
	const char *key, *scalar;
	enum show show;
} config_rows[] = {
	/* clang-format off */
	{ "crash_kexec_post_notifiers", "crash_kexec_post_notifiers", SHOW_BOOL },
	{ "panic_print",                "panic_print",                SHOW_HEX },
	{ "panic_timeout",              "panic_timeout",              SHOW_INT },
	{ "panic_on_oops",              "panic_on_oops",              SHOW_INT },
	{ "panic_on_warn",              "panic_on_warn",              SHOW_INT },
	{ "crash_kernel_loaded",        "kexec_crash_image",          SHOW_BOOL },
	/* clang-format on */
};

static void write_head(struct trail_json_report *w, json_t *root)
{
	struct trail_json *json = &w->json;
	uint64_t uptime = 0;
	int64_t seconds = 0;

	trail_json_set_string(json, root, "schema", "panictrail-report/1");
	json_t *tool = trail_json_set_object(json, root, "tool");
	trail_json_set_string(json, tool, "name", "panictrail");
	trail_json_set_string(json, tool, "version", TRAIL_VERSION);
	trail_json_set_bool(json, root, "complete", w->report->complete);
	json_t *gaps = trail_json_set_array(json, root, "gaps");
	for (size_t i = 0; i < w->facts->n_gaps; i++) {
		json_t *gap = trail_json_add_object(json, gaps);
		trail_json_set_string(json, gap, "what", w->facts->gaps[i].what);
		trail_json_set_string(json, gap, "why", w->facts->gaps[i].why);
	}
	json_t *verdict = trail_json_set_object(json, root, "verdict");
	trail_json_set_string(json, verdict, "word",
			      w->timeline->word ? w->timeline->word : "unknown");
	trail_json_set_string(json, verdict, "text", w->timeline->text ? w->timeline->text : "");
	bool known = trail_view_crash_time(w->facts, &seconds);
	trail_json_known(w, root, "crash_time_s", known, seconds);
	known = trail_view_uptime(w->timeline, &uptime);
	trail_json_known(w, root, "uptime_ns", known, uptime);
}

static void write_taint(struct trail_json_report *w, json_t *kernel)
{
	struct trail_json *json = &w->json;
	json_t *taints = trail_json_set_array(json, kernel, "taint");
	uint64_t mask = 0;

	trail_view_taint(w->timeline, &mask);
	for (unsigned bit = 0; bit < 64; bit++) {
		if (!(mask >> bit & 1))
			continue;
		const struct trail_taint *taint = trail_taint_of(bit);
		json_t *row = trail_json_add_object(json, taints);
		char name[16];
		snprintf(name, sizeof(name), "bit-%u", bit);
		if (taint)
			trail_json_set(json, row, "letter",
				       trail_json_bytes(json, &taint->letter, 1));
		else
			trail_json_set_null(json, row, "letter");
		trail_json_set_string(json, row, "name", taint ? taint->name : name);
	}
}

static void write_kernel(struct trail_json_report *w, json_t *root)
{
	struct trail_json *json = &w->json;
	const struct trail_facts *facts = w->facts;

	json_t *kernel = trail_json_set_object(json, root, "kernel");
	trail_json_set_string(json, kernel, "release", facts->release);
	trail_json_set_string(json, kernel, "version", facts->version);
	trail_json_set_string(json, kernel, "arch", facts->arch);
	trail_json_set_string(json, kernel, "build_id", facts->build_id);
	trail_json_set_string(json, kernel, "cmdline", facts->cmdline);
	write_taint(w, kernel);
	json_t *symbols = trail_json_set_object(json, root, "symbols");
	json_t *sources = trail_json_set_array(json, symbols, "sources");
	for (size_t i = 0; i < facts->n_symbol_sources; i++)
		trail_json_add(json, sources, trail_json_string(json, facts->symbol_sources[i]));
}

static void write_panic(struct trail_json_report *w, json_t *root)
{
	static const char *const entered[] = {
		[TRAIL_MAYBE] = "unknown", [TRAIL_NO] = "no", [TRAIL_YES] = "yes"
	};
	struct trail_json *json = &w->json;
	const struct trail_timeline *timeline = w->timeline;
	const struct trail_task *task = trail_view_task(timeline);

	json_t *panic = trail_json_set_object(json, root, "panic");
	trail_json_set_string(json, panic, "entered", NAME(entered, timeline->entered));
	trail_json_set_string(json, panic, "message", timeline->message);
	trail_json_set_string(json, panic, "trigger",
			      timeline->trigger ? timeline->trigger : "unknown");
	trail_json_cpu(w, panic, timeline->cpu);
	trail_json_task(w, panic, task ? task->pid : 0, task ? task->comm : NULL, task);
	trail_json_known(w, panic, "time_ns", timeline->has_time, timeline->time_ns);
	trail_json_ids(w, panic, "evidence", &timeline->panic_evidence);

	trail_json_oops(w, root);
	json_t *dump = trail_json_set_object(json, root, "dump");
	trail_json_set_string(json, dump, "method", NAME(trail_method_names, timeline->method));
	trail_json_set_string(json, dump, "point", NAME(trail_point_names, timeline->point));
	trail_json_stage(w, dump, "stage", trail_view_dump_stage(timeline));
	trail_json_ids(w, dump, "evidence", &timeline->dump_evidence);
}

static json_t *shown(struct trail_json_report *w, const char *scalar, enum show show)
{
	uint64_t value = trail_facts_value(w->facts, scalar, 0);

	if (!trail_facts_has(w->facts, scalar))
		return trail_json_null();
	switch (show) {
	case SHOW_BOOL:
		return trail_json_bool(value != 0);
	case SHOW_INT:
		return trail_json_int(&w->json, (int64_t)value);
	case SHOW_HEX:
		break;
	}
	return trail_json_hex(&w->json, value);
}

static void write_config(struct trail_json_report *w, json_t *root)
{
	json_t *config = trail_json_set_object(&w->json, root, "config");

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(config_rows); i++)
		trail_json_set(&w->json, config, config_rows[i].key,
			       shown(w, config_rows[i].scalar, config_rows[i].show));
	if (trail_view_is_text(w->facts))
		trail_json_text_config(w, config);
	trail_json_set_string(&w->json, config, "forced_by",
			      w->report->judgement ? w->report->judgement->forced_by : NULL);
}

static void write_stages(struct trail_json_report *w, json_t *root)
{
	struct trail_json *json = &w->json;
	json_t *stages = trail_json_set_array(json, root, "stages");

	for (size_t i = 0; i < w->timeline->n_stages; i++) {
		const struct trail_stage_verdict *verdict = &w->timeline->stages[i];
		json_t *stage = trail_json_add_object(json, stages);

		trail_json_set_string(json, stage, "id", NAME(trail_stage_names, verdict->stage));
		trail_json_set_string(json, stage, "outcome",
				      NAME(trail_outcome_names, verdict->outcome));
		trail_json_ids(w, stage, "evidence", &verdict->evidence);
	}
}

static void write_notifier(struct trail_json_report *w, json_t *notifiers, size_t i)
{
	struct trail_json *json = &w->json;
	const struct trail_notifier_facts *facts = &w->facts->notifiers[i];
	const struct trail_notifier_verdict *verdict = &w->timeline->notifiers[i];
	json_t *notifier = trail_json_add_object(json, notifiers);

	trail_json_set_uint(json, notifier, "position", i + 1);
	trail_json_set_string(json, notifier, "function", facts->function);
	trail_json_set_string(json, notifier, "module", facts->module);
	trail_json_set_int(json, notifier, "priority", facts->priority);
	trail_json_set_hex(json, notifier, "address", facts->callback);
	trail_json_set_string(json, notifier, "outcome", NAME(trail_call_names, verdict->outcome));
	trail_json_set_string(json, notifier, "class", verdict->class);
	trail_json_set_string(json, notifier, "risk", verdict->risk);
	trail_json_set_bool(json, notifier, "catalogued", verdict->catalogued);
	trail_json_ids(w, notifier, "evidence", &verdict->evidence);
}

static void write_callbacks(struct trail_json_report *w, json_t *root)
{
	struct trail_json *json = &w->json;
	const struct trail_facts *facts = w->facts;
	bool read = facts->chain_presence == TRAIL_PRESENT;

	json_t *chain = trail_json_set_object(json, root, "notifier_chain");
	trail_json_set_bool(json, chain, "complete", read && facts->chain_complete);
	trail_json_known(w, chain, "length", read && facts->chain_complete, facts->n_notifiers);
	trail_json_set_string(json, chain, "why", facts->chain_why);
	json_t *notifiers = trail_json_set_array(json, root, "notifiers");
	for (size_t i = 0; i < facts->n_notifiers; i++)
		write_notifier(w, notifiers, i);
	trail_json_text_notifiers(w, notifiers);
	json_t *dumpers = trail_json_set_array(json, root, "kmsg_dumpers");
	trail_json_text_dumpers(w, dumpers);
	for (size_t i = 0; i < facts->n_dumpers; i++) {
		const struct trail_dumper_verdict *verdict = &w->timeline->dumpers[i];
		json_t *dumper = trail_json_add_object(json, dumpers);

		trail_json_set_string(json, dumper, "function", facts->dumpers[i].function);
		trail_json_set_string(json, dumper, "name", facts->dumpers[i].name);
		trail_json_set_string(json, dumper, "outcome",
				      NAME(trail_call_names, verdict->outcome));
		trail_json_ids(w, dumper, "evidence", &verdict->evidence);
	}
}

static void write_frame(struct trail_json_report *w, json_t *frames,
			const struct trail_frame *facts)
{
	struct trail_json *json = &w->json;
	json_t *frame = trail_json_add_object(json, frames);

	trail_json_set_hex(json, frame, "address", facts->address);
	trail_json_set_string(json, frame, "function", facts->function);
	trail_json_known(w, frame, "offset", facts->function, facts->offset);
	trail_json_set_string(json, frame, "module", facts->module);
	trail_json_set_null(json, frame, "file");
	trail_json_set_null(json, frame, "line");
	trail_json_set_bool(json, frame, "inlined", false);
	trail_json_set_bool(json, frame, "reliable", facts->reliable);
	trail_json_set_string(json, frame, "how", trail_frame_how_name(facts->how));
}

static void write_cpus(struct trail_json_report *w, json_t *root)
{
	struct trail_json *json = &w->json;
	json_t *cpus = trail_json_set_array(json, root, "cpus");

	trail_json_text_cpus(w, cpus);

	for (size_t i = 0; i < w->facts->n_cpus; i++) {
		const struct trail_cpu_facts *facts = &w->facts->cpus[i];
		const struct trail_cpu_verdict *verdict = &w->timeline->cpus[i];
		bool has_how = verdict->outcome == TRAIL_CPU_STOPPED || verdict->how;
		json_t *cpu = trail_json_add_object(json, cpus);

		trail_json_cpu(w, cpu, facts->cpu);
		trail_json_set_string(json, cpu, "role",
				      trail_view_panicking(w->timeline, facts) ? "panicking"
									       : "other");
		trail_json_set_string(json, cpu, "outcome",
				      NAME(trail_cpu_outcome_names, verdict->outcome));
		trail_json_set_string(json, cpu, "how",
				      has_how ? NAME(trail_how_names, verdict->how) : NULL);
		trail_json_set_string(json, cpu, "registers", trail_registers_word(facts));
		trail_json_task(w, cpu, facts->task.pid, facts->task.comm, facts->task.known);
		trail_json_ids(w, cpu, "evidence", &verdict->evidence);
		json_t *frames = trail_json_set_array(json, cpu, "frames");
		for (size_t k = 0; k < facts->n_frames; k++)
			write_frame(w, frames, &facts->frames[k]);
	}
}

static void write_noise(struct trail_json_report *w, json_t *log)
{
	struct trail_json *json = &w->json;
	json_t *noise = trail_json_set_array(json, log, "noise");

	for (size_t i = 0; i < w->timeline->log->n; i++) {
		const struct trail_record *record = &w->timeline->log->records[i];

		if (!trail_view_noise(w->timeline, i))
			continue;
		json_t *row = trail_json_add_object(json, noise);
		trail_json_cpu(w, row, record->cpu);
		trail_json_task(w, row, record->pid, record->comm, record->pid >= 0);
		trail_json_known(w, row, "time_ns", record->ts_nsec != TRAIL_NO_TIME,
				 record->ts_nsec);
		trail_json_set(json, row, "text",
			       trail_json_bytes(json, record->text, record->length));
	}
}

static void write_log(struct trail_json_report *w, json_t *root)
{
	struct trail_json *json = &w->json;
	const struct trail_log_facts *facts = w->timeline->log;
	bool read = trail_view_has_log(w->timeline);
	size_t after = 0;

	json_t *log = trail_json_set_object(json, root, "log");
	trail_json_known(w, log, "records", read, facts->n);
	bool known = trail_view_after_panic(w->timeline, &after);
	trail_json_known(w, log, "after_panic", known, after);
	trail_json_known(w, log, "dropped", read, facts->lost);
	trail_json_known(w, log, "first_seq", read, facts->first_seq);
	write_noise(w, log);
	json_t *unflushed = trail_json_set_array(json, log, "unflushed");
	for (size_t i = 0; i < w->facts->n_consoles; i++) {
		uint64_t records = trail_view_unflushed(w->facts, &w->facts->consoles[i]);

		if (!records)
			continue;
		json_t *console = trail_json_add_object(json, unflushed);
		trail_json_set_string(json, console, "console", w->facts->consoles[i].name);
		trail_json_set_uint(json, console, "records", records);
	}
}

static void write_goals(struct trail_json_report *w, json_t *root)
{
	const struct trail_judgement *judgement = w->report->judgement;
	json_t *goals = trail_json_set_array(&w->json, root, "goals");

	for (size_t i = 0; judgement && i < TRAIL_N_GOALS; i++) {
		const struct trail_goal_score *score = &judgement->goals[i];
		json_t *goal = trail_json_add_object(&w->json, goals);

		trail_json_set_string(&w->json, goal, "id", NAME(trail_goal_names, score->goal));
		trail_json_set_string(&w->json, goal, "verdict",
				      NAME(trail_goal_verdict_names, score->verdict));
		trail_json_set_string(&w->json, goal, "reason", score->reason);
		trail_json_ids(w, goal, "evidence", &score->evidence);
	}
}

static void write_rules(struct trail_json_report *w, json_t *root)
{
	const struct trail_judgement *judgement = w->report->judgement;
	json_t *rules = trail_json_set_array(&w->json, root, "rules");

	for (size_t i = 0; judgement && i < judgement->n_rules; i++) {
		json_t *rule = trail_json_add_object(&w->json, rules);

		trail_json_set_string(&w->json, rule, "id", judgement->rules[i]->id);
		trail_json_set_string(&w->json, rule, "result",
				      NAME(trail_result_names, judgement->results[i]));
	}
}

static void write_findings(struct trail_json_report *w, json_t *root)
{
	const struct trail_judgement *judgement = w->report->judgement;
	json_t *findings = trail_json_set_array(&w->json, root, "findings");

	for (size_t i = 0; judgement && i < judgement->n_findings; i++) {
		const struct trail_finding *f = &judgement->findings[i];
		json_t *finding = trail_json_add_object(&w->json, findings);

		trail_json_set_string(&w->json, finding, "rule", f->rule->id);
		trail_json_set_string(&w->json, finding, "name", f->rule->name);
		trail_json_set_string(&w->json, finding, "severity",
				      NAME(trail_severity_names, f->severity));
		trail_json_set_string(&w->json, finding, "message", f->message);
		trail_json_set_string(&w->json, finding, "remedy",
				      *f->rule->remedy ? f->rule->remedy : NULL);
		trail_json_ids(w, finding, "evidence", &f->evidence);
	}
}

static void write_judgement(struct trail_json_report *w, json_t *root)
{
	const struct trail_judgement *judgement = w->report->judgement;
	struct trail_json *json = &w->json;

	write_goals(w, root);
	json_t *no_vmcore = trail_json_set_object(json, root, "no_vmcore");
	trail_json_set_string(json, no_vmcore, "reason", w->timeline->no_vmcore);
	trail_json_ids(w, no_vmcore, "evidence", &w->timeline->no_vmcore_evidence);
	json_t *policy = trail_json_set_object(json, root, "policy");
	const struct trail_policy *used = judgement ? judgement->policy : NULL;
	trail_json_set_string(json, policy, "name", used ? used->name : NULL);
	trail_json_set_string(json, policy, "source", used ? used->source : NULL);
	trail_json_set_string(json, policy, "sha256", used && *used->sha256 ? used->sha256 : NULL);
	write_rules(w, root);
	write_findings(w, root);
	json_t *signatures = trail_json_set_object(json, root, "signatures");
	trail_json_set_string(json, signatures, "cause", w->timeline->cause);
	trail_json_set_string(json, signatures, "path", w->timeline->path);
	trail_plugins_write(json, root, w->timeline);
}

static void set_commands(struct trail_json_report *w, json_t *object, const char *key,
			 const char *const *commands, size_t n)
{
	json_t *list = trail_json_set_array(&w->json, object, key);

	for (size_t i = 0; i < n; i++)
		trail_json_add(&w->json, list, trail_json_string(&w->json, commands[i]));
}

/* How a debugger shows the same; null where none does. */
static void set_check(struct trail_json_report *w, json_t *piece, const struct trail_evidence *e)
{
	struct trail_checks checks;

	trail_explain(&w->view, e, &checks);
	if (!checks.n_crash && !checks.n_drgn) {
		trail_json_set_null(&w->json, piece, "check");
		return;
	}
	json_t *check = trail_json_set_object(&w->json, piece, "check");
	set_commands(w, check, "crash", checks.crash, checks.n_crash);
	set_commands(w, check, "drgn", checks.drgn, checks.n_drgn);
}

static void write_evidence(struct trail_json_report *w, json_t *root)
{
	struct trail_json *json = &w->json;
	json_t *all = trail_json_set_array(json, root, "evidence");
	char id[24];

	for (size_t i = 0; i < w->timeline->n_evidence; i++) {
		const struct trail_evidence *e = &w->timeline->evidence[i];
		json_t *piece = trail_json_add_object(json, all);

		snprintf(id, sizeof(id), "E%zu", i + 1);
		trail_json_set_string(json, piece, "id", id);
		trail_json_set_string(json, piece, "claim", e->claim);
		trail_json_set_bool(json, piece, "against", e->against);
		trail_json_set_string(json, piece, "source", NAME(trail_source_names, e->source));
		trail_json_set_string(json, piece, "strength",
				      NAME(trail_strength_names, e->strength));
		trail_json_ids(w, piece, "from", &e->from);
		trail_json_set_string(json, piece, "statement", e->statement);
		trail_json_set_string(json, piece, "where", e->where);
		set_check(w, piece, e);
	}
}

/* The report of one crash. */
static void write_report(struct trail_json_report *w, json_t *root)
{
	static void (*const parts[])(struct trail_json_report * w, json_t * root) = {
		write_head,   trail_json_inputs, write_kernel,	  write_panic,
		write_config, write_stages,	 write_callbacks, write_cpus,
		write_log,    write_judgement,	 write_evidence,
	};
	w->facts = w->report->facts;
	w->timeline = w->report->timeline;
	trail_view_init(&w->view, w->report);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(parts); i++)
		parts[i](w, root);
	w->json.failed |= w->view.failed;
	trail_view_fini(&w->view);
}

struct trail_error *trail_render_json(const struct trail_report *report, struct trail_text *out)
{
	struct trail_json_report w = { .report = report };
	json_t *root = trail_json_object(&w.json);

	if (!report->next) {
		write_report(&w, root);
		return trail_json_write(&w.json, root, out) ? NULL : &trail_error_nomem;
	}
	trail_json_set_string(&w.json, root, "schema", "panictrail-reports/1");
	trail_json_set_string(&w.json, root, "why", report->why_several);
	json_t *reports = trail_json_set_array(&w.json, root, "reports");
	for (; w.report; w.report = w.report->next)
		write_report(&w, trail_json_add_object(&w.json, reports));
	return trail_json_write(&w.json, root, out) ? NULL : &trail_error_nomem;
}
