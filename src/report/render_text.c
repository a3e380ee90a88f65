/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report as text: the answer on the first screen, then the tables, then
 * the stacks and the evidence that prove it.  Cells and sentences are built
 * raw and escaped once, in trail_page_escaped(); nothing else of the input is printed.
 * What is compared in a table is cut to the width, what proves is wrapped.
 */
#include <stdio.h>

#include "base/error.h"
#include "base/table.h"
#include "base/text.h"
#include "report/explain.h"
#include "report/plugins.h"
#include "report/report.h"
#include "report/text_inputs.h"
#include "report/text_page.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

#define LABEL 11  /* columns of the labels of the first screen */
#define SCREEN 20 /* lines of it */
#define WORST 4	  /* findings on it */

static void put_line(struct trail_page *p, const char *label, size_t most, const char *raw)
{
	trail_page_paragraph(p, TRAIL_PAGE_PLAIN, label, LABEL, most, raw);
}

/* What a shell takes as it is, and panictrail as a file. */
static bool is_plain(const char *path)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_./+:,@%=-";

	return path && *path && *path != '-' && !path[strspn(path, harmless)];
}

/* The input as a command names it; a path that a shell would take apart is left to the reader. */
static const char *input_of(struct trail_page *p)
{
	const struct trail_facts *facts = p->view.facts;
	const char *path = trail_view_path(facts);
	const char *s = is_plain(path) ? path : "FILE";
	bool many = facts->n_parts > 1 && !facts->loaded;

	for (size_t i = 0; many && i < facts->n_parts; i++) {
		const char *part = facts->parts[i].path;
		if (!is_plain(part)) {
			s = "FILE...";
			break;
		}
		s = i ? trail_say(&p->view, "%s %s", s, part) : part;
	}
	return s;
}

/* The command that says more: of the worst finding, of a trail that is lost, of all. */
static const char *next_of(struct trail_page *p)
{
	const struct trail_judgement *judgement = p->report->judgement;
	const struct trail_timeline *timeline = p->view.timeline;
	const struct trail_finding *worst = judgement && judgement->n_findings ? judgement->findings
									       : NULL;

	/* a plugin's rule is explained where it is found, below */
	if (worst && worst->severity >= TRAIL_SEVERITY_WARNING && !strchr(worst->rule->id, ':'))
		return trail_say(&p->view, "panictrail rules --explain %s", worst->rule->id);
	if (judgement && timeline->frontier == TRAIL_N_STAGES && trail_view_has_log(timeline))
		return trail_say(&p->view, "panictrail log %s", input_of(p));
	return trail_say(&p->view, "panictrail --format json %s", input_of(p));
}

/* What the input is, and whether all of it is there. */
static const char *state_of(struct trail_page *p)
{
	const struct trail_facts *facts = p->view.facts;
	const char *wrapper = trail_wrapper_name(facts->wrapper);
	const char *s = trail_say(&p->view, "%s%s%s", trail_format_name(facts->format),
				  wrapper ? " in " : "", wrapper ? wrapper : "");

	if (trail_view_is_text(facts))
		return trail_say_texts(&p->view);
	if (!facts->n_parts)
		return trail_say(&p->view, "%s, %s", s,
				 facts->complete ? "file whole" : "file cut short or damaged");
	return trail_say(&p->view, "%s, %zu file%s of a split dump, %s", s, facts->n_parts,
			 facts->n_parts == 1 ? "" : "s",
			 facts->complete ? "all there and whole"
					 : "not all there, or cut short or damaged");
}

static void put_input(struct trail_page *p)
{
	const struct trail_facts *facts = p->view.facts;
	bool text = trail_view_is_text(facts);
	size_t few = TRAIL_MIN(facts->n_gaps, (size_t)(p->report->judgement ? 1 : 2));
	const char *s = state_of(p);

	if (!text && facts->n_texts)
		s = trail_say(&p->view, "%s, and %zu text%s", s, facts->n_texts,
			      facts->n_texts == 1 ? "" : "s");

	if (facts->n_gaps)
		s = trail_say(&p->view, "%s; %zu gap%s%s", s, facts->n_gaps,
			      facts->n_gaps == 1 ? "" : "s",
			      facts->n_gaps > few ? ", the first:" : ":");
	else
		s = trail_say(&p->view, "%s; no gaps%s", s,
			      facts->complete && !p->report->complete ? ", but a limit was hit"
								      : "");
	put_line(p, "input", text && !few ? 2 : 1, s);
	for (size_t i = 0; i < few; i++)
		put_line(p, "", 1,
			 trail_say(&p->view, "  %s: %s", facts->gaps[i].what,
				   facts->gaps[i].why ? facts->gaps[i].why : "unknown"));
}

/* "v1:sysrq/…:209ffa9e": what groups, without the names. */
static const char *short_id(struct trail_page *p, const char *id)
{
	const char *bar = strchr(id, '/'), *hash = strrchr(id, ':');

	return bar && hash ? trail_say(&p->view, "%.*s/…%s", (int)(bar - id), id, hash) : id;
}

static const char *ids_of(struct trail_page *p)
{
	const char *cause = p->view.timeline->cause, *path = p->view.timeline->path;
	const char *s = trail_say(&p->view, "cause %s, path %s", cause ? cause : "unknown",
				  path ? path : "unknown");

	if (!p->report->width || LABEL + strlen(s) <= p->report->width)
		return s;
	return trail_say(&p->view, "cause %s, path %s", cause ? short_id(p, cause) : "unknown",
			 path ? short_id(p, path) : "unknown");
}

/* Lines printed since @start. */
static size_t lines_since(const struct trail_page *p, size_t start)
{
	size_t n = 0;

	for (size_t i = start; i < p->out->length; i++)
		n += p->out->data[i] == '\n';
	return n;
}

/* How many there are, and the worst by name: errors and warnings, else the first note; in @room
 * lines at most. */
static void put_worst(struct trail_page *p, size_t room)
{
	const struct trail_judgement *judgement = p->report->judgement;
	size_t n = trail_judgement_count(judgement, TRAIL_SEVERITY_ERROR) +
		   trail_judgement_count(judgement, TRAIL_SEVERITY_WARNING);
	size_t all = judgement->n_findings;

	n = TRAIL_MIN(TRAIL_MAX(n, TRAIL_MIN(all, (size_t)1)), TRAIL_MIN(room - 1, (size_t)WORST));
	put_line(p, "findings", 1,
		 trail_say(&p->view, "%s%s", trail_say_findings(&p->view, judgement),
			   !n	     ? ""
			   : n < all ? ", the first:"
				     : ":"));
	for (size_t i = 0; i < n; i++) {
		const struct trail_finding *f = &judgement->findings[i];

		trail_page_paragraph(
			p, f->severity == TRAIL_SEVERITY_ERROR ? TRAIL_PAGE_RED : TRAIL_PAGE_PLAIN,
			"", LABEL, 1, trail_say(&p->view, "  %s %s", f->rule->id, f->message));
	}
}

/* At most SCREEN lines at any width: what comes before the findings takes 14 of them when it was
 * judged, what comes after 4; else all take 20. */
static void put_first_screen(struct trail_page *p)
{
	struct trail_view *v = &p->view;
	const struct trail_timeline *timeline = v->timeline;
	const struct trail_judgement *judgement = p->report->judgement;
	const char *task = trail_say_task(v, trail_view_task(timeline));
	size_t start = p->out->length;
	/* of a dump that lacks much the build ID is told, and there is little of a trail */
	bool lacks = trail_view_lacks(v->facts);

	trail_page_paragraph(p, TRAIL_PAGE_BOLD, "verdict", LABEL, 2, trail_say_verdict(v));
	put_line(p, "panic", 2, trail_say_panic(v));
	put_line(p, "kernel", lacks ? 2 : 1, trail_say_kernel(v));
	put_line(p, "on", 1,
		 timeline->cpu < 0 ? trail_say(v, "CPU unknown, %s", task)
				   : trail_say(v, "CPU %d, %s", timeline->cpu, task));
	put_line(p, "time", 1, trail_say_times(v));
	put_line(p, "trail", judgement || lacks ? 1 : 2, trail_say_trail(v));
	put_line(p, "dump", trail_view_is_text(v->facts) ? 2 : 1, trail_say_dump(v));
	put_line(p, "CPUs", 2, trail_say_cpus(v));
	put_line(p, "notifiers", 2, trail_say_notifiers(v));
	if (judgement) {
		if (judgement->policy->n_goals)
			put_line(p, "goals", 1, trail_say_goals(v, judgement));
		put_worst(p, SCREEN - lines_since(p, start) - 4);
	} else if (timeline->n_contradictions) { /* it is a finding */
		trail_page_paragraph(p, TRAIL_PAGE_RED, "conflict", LABEL, 1,
				     trail_say(v, "%zu contradiction%s in the input, listed below",
					       timeline->n_contradictions,
					       timeline->n_contradictions == 1 ? "" : "s"));
	}
	put_input(p);
	put_line(p, "ids", 1, ids_of(p));
	put_line(p, "next", 1, next_of(p));
}

static void put_stages(struct trail_page *p)
{
	const struct trail_timeline *timeline = p->view.timeline;
	struct trail_page_table table = { .heads = { "outcome", "stage", "evidence" },
					  .n_columns = 3 };

	for (size_t i = 0; i < timeline->n_stages; i++) {
		const struct trail_stage_verdict *stage = &timeline->stages[i];
		const struct trail_evidence *e = trail_view_strongest(timeline, &stage->evidence);
		const char *outcome = NAME(trail_outcome_names, stage->outcome);
		const char *proof = e ? trail_say(&p->view, "E%zu %s", e - timeline->evidence + 1,
						  e->statement)
				      : NULL;

		trail_page_add_row(
			p, &table, trail_page_color(outcome),
			(const char *[]){ outcome, NAME(trail_stage_names, stage->stage), proof });
	}
	if (table.n)
		trail_page_table(p, "Stages", &table);
}

static void put_notifiers(struct trail_page *p)
{
	const struct trail_facts *facts = p->view.facts;
	struct trail_page_table table = { .heads = { "#", "priority", "outcome", "function",
						     "note" },
					  .n_columns = 5,
					  .whole = 2 };

	for (size_t i = 0; i < facts->n_notifiers; i++) {
		const struct trail_notifier_facts *n = &facts->notifiers[i];
		const char *outcome = NAME(trail_call_names,
					   p->view.timeline->notifiers[i].outcome);

		trail_page_add_row(p, &table, trail_page_color(outcome),
				   (const char *[]){ trail_say(&p->view, "%zu", i + 1),
						     trail_say(&p->view, "%d", n->priority),
						     outcome,
						     trail_say_function(&p->view, n->function,
									n->module, n->callback),
						     trail_say_note(&p->view, i) });
	}
	if (table.n)
		trail_page_table(p, "Panic notifiers, in calling order", &table);
}

static void put_dumpers(struct trail_page *p)
{
	const struct trail_facts *facts = p->view.facts;
	struct trail_page_table table = { .heads = { "outcome", "function", "name" },
					  .n_columns = 3 };

	for (size_t i = 0; i < facts->n_dumpers; i++) {
		const struct trail_dumper_facts *d = &facts->dumpers[i];
		const char *outcome = NAME(trail_call_names, p->view.timeline->dumpers[i].outcome);

		trail_page_add_row(p, &table, trail_page_color(outcome),
				   (const char *[]){ outcome,
						     trail_say_function(&p->view, d->function,
									d->module, d->callback),
						     d->name });
	}
	for (size_t i = 0; i < p->view.timeline->n_text_calls; i++) {
		const struct trail_text_call *call = &p->view.timeline->text_calls[i];

		if (call->dumper)
			trail_page_add_row(
				p, &table, TRAIL_PAGE_PLAIN,
				(const char *[]){ NAME(trail_call_names, call->outcome),
						  trail_say_function(&p->view, call->function,
								     call->module, 0),
						  call->name });
	}
	if (table.n) {
		trail_page_table(p, "Kmsg dumpers", &table);
		return;
	}
	trail_page_title(p, "Kmsg dumpers");
	trail_page_paragraph(p, TRAIL_PAGE_PLAIN, "", 2, 1,
			     facts->dumpers_presence == TRAIL_PRESENT ? "none registered"
								      : "unknown, not read");
}

/* "(E4, E9)", what a finding or a score rests on. */
static const char *refs_of(struct trail_page *p, const struct trail_refs *refs)
{
	const char *s = "";

	for (size_t i = 0; i < refs->n; i++)
		s = trail_say(&p->view, "%s%sE%zu", s, i ? ", " : " (", refs->ids[i] + 1);
	return refs->n ? trail_say(&p->view, "%s)", s) : "";
}

/* What became of the rules: "Of 60 rules 9 hold, 1 does not, …". */
static const char *results_of(struct trail_page *p)
{
	const struct trail_judgement *judgement = p->report->judgement;
	size_t counts[TRAIL_N_RESULTS] = { 0 };

	for (size_t i = 0; i < judgement->n_rules; i++)
		counts[judgement->results[i]]++;
	return trail_say(&p->view, "%zu rules: %zu pass, %zu fail, %zu unknown, %zu not applicable",
			 judgement->n_rules, counts[TRAIL_RESULT_PASS], counts[TRAIL_RESULT_FAIL],
			 counts[TRAIL_RESULT_UNKNOWN], counts[TRAIL_RESULT_NOT_APPLICABLE]);
}

static void put_findings(struct trail_page *p)
{
	const struct trail_judgement *judgement = p->report->judgement;
	char label[32];

	if (!judgement)
		return;
	trail_page_title(p, trail_say(&p->view, "Findings by policy %s", judgement->policy->name));
	for (size_t i = 0; i < judgement->n_findings; i++) {
		const struct trail_finding *f = &judgement->findings[i];

		snprintf(label, sizeof(label), "  %-7s  %s  ",
			 NAME(trail_severity_names, f->severity), f->rule->id);
		trail_page_paragraph(
			p, f->severity == TRAIL_SEVERITY_ERROR ? TRAIL_PAGE_RED : TRAIL_PAGE_PLAIN,
			label, strlen(label), TRAIL_PAGE_NO_LIMIT,
			trail_say(&p->view, "%s: %s%s", f->rule->name, f->message,
				  refs_of(p, &f->evidence)));
		if (*f->rule->remedy)
			trail_page_paragraph(p, TRAIL_PAGE_PLAIN, "", strlen(label),
					     TRAIL_PAGE_NO_LIMIT,
					     trail_say(&p->view, "remedy: %s", f->rule->remedy));
	}
	trail_page_paragraph(p, TRAIL_PAGE_PLAIN, "", 2, TRAIL_PAGE_NO_LIMIT, results_of(p));
}

static enum trail_page_color color_of_goal(enum trail_goal_verdict verdict)
{
	return verdict == TRAIL_GOAL_FAILED    ? TRAIL_PAGE_RED
	       : verdict == TRAIL_GOAL_AT_RISK ? TRAIL_PAGE_YELLOW
					       : TRAIL_PAGE_PLAIN;
}

static void put_goals(struct trail_page *p)
{
	const struct trail_judgement *judgement = p->report->judgement;
	char label[64];

	if (judgement)
		trail_page_title(p, "Goals");
	for (size_t i = 0; judgement && i < TRAIL_N_GOALS; i++) {
		const struct trail_goal_score *score = &judgement->goals[i];

		snprintf(label, sizeof(label), "  %-12s  %-14s  ",
			 NAME(trail_goal_names, score->goal),
			 NAME(trail_goal_verdict_names, score->verdict));
		trail_page_paragraph(
			p, color_of_goal(score->verdict), label, strlen(label), TRAIL_PAGE_NO_LIMIT,
			trail_say(&p->view, "%s%s", score->reason, refs_of(p, &score->evidence)));
	}
}

static const char *number_of(struct trail_page *p, const struct trail_cpu_facts *cpu)
{
	return cpu->cpu < 0 ? "?" : trail_say(&p->view, "%d", cpu->cpu);
}

static void put_cpus(struct trail_page *p)
{
	const struct trail_facts *facts = p->view.facts;
	struct trail_page_table table = { .heads = { "cpu", "outcome", "registers", "task",
						     "innermost" },
					  .n_columns = 5,
					  .whole = 1 };

	for (size_t i = 0; i < facts->n_cpus; i++) {
		const struct trail_cpu_facts *cpu = &facts->cpus[i];
		size_t outcome = p->view.timeline->cpus[i].outcome;

		trail_page_add_row(
			p, &table, trail_page_color(NAME(trail_cpu_outcome_names, outcome)),
			(const char *[]){
				number_of(p, cpu), trail_say_cpu_outcome(&p->view, i),
				trail_registers_word(cpu),
				cpu->task.known ? trail_say_task(&p->view, &cpu->task) : NULL,
				cpu->n_frames ? trail_say_symbol(&p->view, cpu->frames) : NULL });
	}
	if (table.n)
		trail_page_table(p, "CPUs", &table);
}

static void put_log(struct trail_page *p)
{
	const struct trail_facts *facts = p->view.facts;
	size_t after = 0, noise = 0;
	const char *s;

	const struct trail_log_facts *log = p->view.timeline->log;
	if (!trail_view_has_log(p->view.timeline))
		return;
	s = trail_say(&p->view, "%zu %s", log->n, trail_view_is_text(facts) ? "lines" : "records");
	if (log->lost)
		s = trail_say(&p->view, "%s, %llu %s", s, (unsigned long long)log->lost,
			      trail_view_is_text(facts) ? "lost" : "unreadable");
	if (trail_view_after_panic(p->view.timeline, &after))
		s = trail_say(&p->view, "%s, %zu after the panic line", s, after);
	for (size_t i = 0; i < log->n; i++)
		noise += trail_view_noise(p->view.timeline, i);
	if (noise)
		s = trail_say(&p->view, "%s, %zu of them by other CPUs", s, noise);
	trail_page_title(p, "Log");
	trail_page_paragraph(p, TRAIL_PAGE_PLAIN, "", 2, TRAIL_PAGE_NO_LIMIT, s);
	for (size_t i = 0; i < facts->n_consoles; i++) {
		uint64_t records = trail_view_unflushed(facts, &facts->consoles[i]);
		const char *name = facts->consoles[i].name;

		if (records)
			trail_page_paragraph(p, TRAIL_PAGE_PLAIN, "", 2, TRAIL_PAGE_NO_LIMIT,
					     trail_say(&p->view, "console %s: %llu not printed",
						       name ? name : "?",
						       (unsigned long long)records));
	}
}

static void put_stack(struct trail_page *p, size_t i)
{
	const struct trail_cpu_facts *cpu = &p->view.facts->cpus[i];
	struct trail_page_table table = { .n_columns = 5, .whole = 2 };
	const char *title = trail_say(&p->view, "Stack of CPU %s: %s, %s, registers %s",
				      number_of(p, cpu), trail_say_cpu_outcome(&p->view, i),
				      trail_say_task(&p->view, &cpu->task),
				      trail_registers_word(cpu));

	for (size_t k = 0; k < cpu->n_frames; k++) {
		const struct trail_frame *frame = &cpu->frames[k];

		trail_page_add_row(p, &table, TRAIL_PAGE_PLAIN,
				   (const char *[]){ frame->reliable ? " " : "?",
						     trail_say(&p->view, "#%zu", k),
						     trail_say(&p->view, "0x%llx",
							       (unsigned long long)frame->address),
						     trail_say_symbol(&p->view, frame),
						     trail_frame_how_name(frame->how) });
	}
	trail_page_table(p, title, &table);
	if (cpu->stack_end || !cpu->n_frames)
		trail_page_paragraph(p, TRAIL_PAGE_PLAIN, "", 2, TRAIL_PAGE_NO_LIMIT,
				     trail_say(&p->view, "%s: %s",
					       cpu->n_frames ? "ends" : "no frames",
					       cpu->stack_end ? cpu->stack_end : "reason unknown"));
}

/* The panicking CPU first, then those whose registers were saved. */
static void put_stacks(struct trail_page *p)
{
	const struct trail_facts *facts = p->view.facts;

	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < facts->n_cpus; i++)
			if (trail_view_panicking(p->view.timeline, &facts->cpus[i])
				    ? !others
				    : others && facts->cpus[i].registers != TRAIL_REGISTERS_NONE)
				put_stack(p, i);
}

static const char *origin_of(struct trail_page *p, const struct trail_evidence *e)
{
	const char *s = e->where ? e->where : "";

	for (size_t i = 0; i < e->from.n; i++)
		s = trail_say(&p->view, "%s%s%sE%zu", s,
			      i	   ? ", "
			      : *s ? "; "
				   : "",
			      i ? "" : "from ", e->from.ids[i] + 1);
	return *s ? trail_say(&p->view, " (%s)", s) : "";
}

/* The commands of one debugger, below the evidence. */
static void put_commands(struct trail_page *p, size_t indent, const char *debugger,
			 const char *const *commands, size_t n)
{
	for (size_t i = 0; i < n; i++)
		trail_page_paragraph(p, TRAIL_PAGE_PLAIN, "", indent, TRAIL_PAGE_NO_LIMIT,
				     trail_say(&p->view, "%s %s", debugger, commands[i]));
}

static void put_checks(struct trail_page *p, size_t indent, const struct trail_evidence *e)
{
	struct trail_checks checks;

	trail_explain(&p->view, e, &checks);
	put_commands(p, indent, "crash>", checks.crash, checks.n_crash);
	put_commands(p, indent, "drgn>>>", checks.drgn, checks.n_drgn);
}

static void put_evidence(struct trail_page *p)
{
	const struct trail_timeline *timeline = p->view.timeline;
	char label[64];

	if (timeline->n_evidence)
		trail_page_title(p, "Evidence");
	for (size_t i = 0; i < timeline->n_evidence; i++) {
		const struct trail_evidence *e = &timeline->evidence[i];

		snprintf(label, sizeof(label), "  E%-4zu %-7s  %-10s  ", i + 1,
			 NAME(trail_strength_names, e->strength),
			 NAME(trail_source_names, e->source));
		trail_page_paragraph(p, TRAIL_PAGE_PLAIN, label, strlen(label), TRAIL_PAGE_NO_LIMIT,
				     trail_say(&p->view, "%s%s: %s%s", e->against ? "against " : "",
					       e->claim, e->statement, origin_of(p, e)));
		if (p->report->explain)
			put_checks(p, strlen(label), e);
	}
}

static void put_proof(struct trail_page *p)
{
	const struct trail_facts *facts = p->view.facts;
	const struct trail_timeline *timeline = p->view.timeline;

	if (timeline->n_contradictions)
		trail_page_title(p, "Contradictions");
	for (size_t i = 0; i < timeline->n_contradictions; i++)
		trail_page_paragraph(p, TRAIL_PAGE_RED, "", 2, TRAIL_PAGE_NO_LIMIT,
				     timeline->contradictions[i]);
	put_evidence(p);
	if (facts->n_gaps)
		trail_page_title(p, "Gaps");
	for (size_t i = 0; i < facts->n_gaps; i++)
		trail_page_paragraph(
			p, TRAIL_PAGE_PLAIN, "", 2, TRAIL_PAGE_NO_LIMIT,
			trail_say(&p->view, "%s: %s", facts->gaps[i].what,
				  facts->gaps[i].why ? facts->gaps[i].why : "unknown"));
}

static struct trail_error *put_report(const struct trail_report *report, struct trail_text *out)
{
	static void (*const parts[])(struct trail_page *) = {
		put_first_screen, trail_page_inputs, put_stages, put_notifiers,
		put_dumpers,	  put_cpus,	     put_log,	 put_goals,
		put_findings,	  trail_plugins_put, put_stacks, put_proof,
	};
	struct trail_page p = { .report = report, .out = out };

	trail_view_init(&p.view, report);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(parts); i++)
		parts[i](&p);
	bool failed = p.view.failed || out->failed;
	trail_view_fini(&p.view);
	return failed ? &trail_error_nomem : NULL;
}

struct trail_error *trail_render_text(const struct trail_report *report, struct trail_text *out)
{
	struct trail_error *error = NULL;
	size_t n = 0, i = 1;

	for (const struct trail_report *r = report; r; r = r->next)
		n++;
	for (const struct trail_report *r = report; r && !error; r = r->next, i++) {
		if (n > 1)
			trail_page_heading(r, i, n, out);
		error = put_report(r, out);
	}
	return error;
}
