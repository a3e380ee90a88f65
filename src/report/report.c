/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The view model: what the renderers share, see view.h, and the table of the
 * renderers themselves.
 */
#include "report/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/table.h"
#include "base/text.h"
#include "report/view.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

/*
 * The output formats.  A row is a word of --format and the function that
 * appends the whole report; text first, it is the default.  To add a format,
 * add its render_NAME.c and a row.  Tests: unit/test_outputs.c,
 * cli/test_outputs.py.
 */
const struct trail_renderer trail_renderers[] = {
	{ .name = "text", .render = trail_render_text },
	{ .name = "json", .render = trail_render_json },
	{ .name = "line", .render = trail_render_line },
	{ .name = "sarif", .render = trail_render_sarif },
	{ .name = "junit", .render = trail_render_junit },
	{ .name = "markdown", .render = trail_render_markdown },
	{ NULL },
};

/* The same of the log verb.  Test: unit/test_log.c. */
const struct trail_renderer trail_log_renderers[] = {
	{ .name = "text", .render = trail_render_log_text },
	{ .name = "json", .render = trail_render_log_json },
	{ NULL },
};

/*
 * Why a kernel is tainted.  A row is one bit of tainted_mask, the letter of
 * "Tainted:" when it is set, and our word for it; ascending by bit.  A bit
 * without a row is reported by its number.  Test: tables/test_tables.c.
 *
 * Source: Linux 6.1 kernel/panic.c (taint_flags), wording after
 * Documentation/admin-guide/tainted-kernels.rst.  18: since v6.0, "panic: Taint kernel if tests are
 * run". 19: since v6.15, "taint: Add TAINT_FWCTL".
 */
const struct trail_taint trail_taints[] = {
	/* clang-format off */
	{ .bit =  0, .letter = 'P', .name = "proprietary-module" },
	{ .bit =  1, .letter = 'F', .name = "forced-module" },
	{ .bit =  2, .letter = 'S', .name = "cpu-out-of-spec" },
	{ .bit =  3, .letter = 'R', .name = "forced-rmmod" },
	{ .bit =  4, .letter = 'M', .name = "machine-check" },
	{ .bit =  5, .letter = 'B', .name = "bad-page" },
	{ .bit =  6, .letter = 'U', .name = "user" },
	{ .bit =  7, .letter = 'D', .name = "die" },
	{ .bit =  8, .letter = 'A', .name = "overridden-acpi-table" },
	{ .bit =  9, .letter = 'W', .name = "warn" },
	{ .bit = 10, .letter = 'C', .name = "staging-driver" },
	{ .bit = 11, .letter = 'I', .name = "firmware-workaround" },
	{ .bit = 12, .letter = 'O', .name = "out-of-tree-module" },
	{ .bit = 13, .letter = 'E', .name = "unsigned-module" },
	{ .bit = 14, .letter = 'L', .name = "softlockup" },
	{ .bit = 15, .letter = 'K', .name = "livepatch" },
	{ .bit = 16, .letter = 'X', .name = "auxiliary" },
	{ .bit = 17, .letter = 'T', .name = "randstruct" },
	{ .bit = 18, .letter = 'N', .name = "test" },
	{ .bit = 19, .letter = 'J', .name = "fwctl" },
	{ .letter = 0 },
	/* clang-format on */
};

const struct trail_taint *trail_taint_of(unsigned bit)
{
	for (const struct trail_taint *taint = trail_taints; taint->letter; taint++)
		if (taint->bit == bit)
			return taint;
	return NULL;
}

const char *trail_view_path(const struct trail_facts *facts)
{
	return facts->loaded ? facts->loaded : facts->path;
}

const char *trail_wrapper_name(enum trail_wrapper wrapper)
{
	return wrapper == TRAIL_WRAPPER_NONE
		       ? NULL
		       : trail_name_of(trail_wrapper_names, TRAIL_N_WRAPPERS, wrapper);
}

const char *trail_format_name(enum trail_format format)
{
	return trail_name_of(trail_format_names, TRAIL_N_FORMATS, format);
}

const char *trail_frame_how_name(enum trail_frame_how how)
{
	return trail_name_of(trail_frame_how_names, TRAIL_N_FRAME_HOWS, how);
}

const char *trail_registers_word(const struct trail_cpu_facts *cpu)
{
	if (cpu->registers != TRAIL_REGISTERS_NONE)
		return "saved";
	return cpu->n_frames ? "stack-only" : "none";
}

bool trail_view_panicking(const struct trail_timeline *timeline, const struct trail_cpu_facts *cpu)
{
	return cpu->cpu >= 0 && cpu->cpu == timeline->cpu;
}

const struct trail_task *trail_view_task(const struct trail_timeline *timeline)
{
	const struct trail_cpu_facts *cpu = trail_facts_cpu(timeline->facts, timeline->cpu);

	if (cpu && cpu->task.known)
		return &cpu->task;
	return timeline->task.known ? &timeline->task : NULL;
}

bool trail_view_crash_time(const struct trail_facts *facts, int64_t *ret)
{
	const char *name = "vmcoreinfo.CRASHTIME";
	bool found = trail_facts_has(facts, name);
	uint64_t seconds = trail_facts_value(facts, name, 0);

	/* a record of the panic was written in it */
	for (size_t i = 0; i < facts->n_texts && !found; i++) {
		const struct trail_text_facts *t = &facts->texts[i];

		found = t->kind == TRAIL_TEXT_DUMP && t->role == TRAIL_ROLE_DEAD && t->has_time &&
			trail_streq(t->reason, "Panic");
		seconds = t->time_s;
	}
	if (!found || seconds > INT64_MAX)
		return false;
	*ret = (int64_t)seconds;
	return true;
}

static bool has_panic_record(const struct trail_timeline *timeline)
{
	return timeline->has_panic_record && timeline->panic_record < timeline->log->n;
}

bool trail_view_uptime(const struct trail_timeline *timeline, uint64_t *ret)
{
	const struct trail_log_facts *log = timeline->log;

	if (!log->n)
		return false;
	*ret = log->records[has_panic_record(timeline) ? timeline->panic_record : log->n - 1]
		       .ts_nsec;
	return *ret != TRAIL_NO_TIME;
}

enum trail_stage trail_view_dump_stage(const struct trail_timeline *timeline)
{
	switch (timeline->point) {
	case TRAIL_POINT_DIRECT:
		return TRAIL_STAGE_DIRECT_KEXEC;
	case TRAIL_POINT_EARLY:
		return TRAIL_STAGE_KDUMP_EARLY;
	case TRAIL_POINT_LATE:
		return TRAIL_STAGE_KDUMP_LATE;
	case TRAIL_POINT_OUTSIDE:
		return timeline->frontier_exact ? timeline->frontier : TRAIL_N_STAGES;
	default:
		return TRAIL_N_STAGES;
	}
}

const char *trail_view_callback(const struct trail_timeline *timeline)
{
	const struct trail_facts *facts = timeline->facts;

	for (size_t i = 0; i < facts->n_notifiers; i++)
		if (timeline->notifiers[i].outcome == TRAIL_CALL_IN_PROGRESS)
			return facts->notifiers[i].function;
	for (size_t i = 0; i < facts->n_dumpers; i++)
		if (timeline->dumpers[i].outcome == TRAIL_CALL_IN_PROGRESS)
			return facts->dumpers[i].function;
	return NULL;
}

bool trail_view_has_log(const struct trail_timeline *timeline)
{
	return timeline->log->presence == TRAIL_PRESENT || timeline->log->n;
}

static bool has_ring(const struct trail_facts *facts)
{
	return facts->log.presence == TRAIL_PRESENT || facts->log.n;
}

bool trail_view_after_panic(const struct trail_timeline *timeline, size_t *ret)
{
	if (!has_panic_record(timeline))
		return false;
	*ret = timeline->log->n - 1 - timeline->panic_record;
	return true;
}

bool trail_view_noise(const struct trail_timeline *timeline, size_t index)
{
	const struct trail_record *record = &timeline->log->records[index];

	return has_panic_record(timeline) && timeline->cpu >= 0 && index > timeline->panic_record &&
	       record->cpu >= 0 && record->cpu != timeline->cpu;
}

uint64_t trail_view_unflushed(const struct trail_facts *facts,
			      const struct trail_console_facts *console)
{
	if (!console->enabled || !has_ring(facts) || console->seq_presence != TRAIL_PRESENT ||
	    console->seq > facts->log.next_seq)
		return 0;
	return facts->log.next_seq - console->seq;
}

const struct trail_evidence *trail_view_strongest(const struct trail_timeline *timeline,
						  const struct trail_refs *refs)
{
	const struct trail_evidence *best = NULL;

	for (size_t i = 0; i < refs->n; i++) {
		const struct trail_evidence *e = &timeline->evidence[refs->ids[i]];

		/* of equals the later: what is particular follows what is general */
		if (!e->against && (!best || e->strength >= best->strength))
			best = e;
	}
	return best;
}

void trail_view_init(struct trail_view *v, const struct trail_report *report)
{
	*v = (struct trail_view){ .facts = report->facts, .timeline = report->timeline };
	trail_pool_init(&v->pool);
}

void trail_view_fini(struct trail_view *v)
{
	trail_pool_fini(&v->pool);
}

const char *trail_say(struct trail_view *v, const char *format, ...)
{
	TRAIL_CLEANUP(trail_freep) char *s = NULL;
	va_list args;

	va_start(args, format);
	int n = vasprintf(&s, format, args);
	va_end(args);
	if (n < 0)
		s = NULL;
	char *mine = s ? trail_pool_strdup(&v->pool, s) : NULL;
	v->failed |= !mine;
	return mine ? mine : "";
}

/* "function [module]", the address when no symbol covers it. */
const char *trail_say_function(struct trail_view *v, const char *function, const char *module,
			       uint64_t address)
{
	const char *name = function ? function
				    : trail_say(v, "0x%llx", (unsigned long long)address);

	return module ? trail_say(v, "%s [%s]", name, module) : name;
}

const char *trail_say_task(struct trail_view *v, const struct trail_task *task)
{
	if (!task || !task->known)
		return "task unknown";
	return trail_say(v, "%s (pid %d)", task->comm ? task->comm : "?", task->pid);
}

static const char *taint_of(struct trail_view *v)
{
	const char *s = "tainted";
	uint64_t mask = 0;

	if (!trail_view_taint(v->timeline, &mask))
		return "taint unknown";
	for (unsigned bit = 0; bit < 64; bit++) {
		const struct trail_taint *taint = trail_taint_of(bit);

		if (!(mask >> bit & 1))
			continue;
		s = taint ? trail_say(v, "%s %c", s, taint->letter)
			  : trail_say(v, "%s bit-%u", s, bit);
	}
	return mask ? s : "not tainted";
}

bool trail_view_lacks(const struct trail_facts *facts)
{
	return !facts->complete || !facts->n_symbol_sources;
}

/* Where the dump lacks something, the build ID tells of what kernel to get it. */
const char *trail_say_kernel(struct trail_view *v)
{
	const char *arch = v->facts->arch;
	const char *id = trail_view_lacks(v->facts) ? v->facts->build_id : NULL;

	return trail_say(v, "%s%s%s, %s%s%s",
			 v->facts->release ? v->facts->release : "release unknown", arch ? " " : "",
			 arch ? arch : "", taint_of(v), id ? ", build ID " : "", id ? id : "");
}

const char *trail_say_times(struct trail_view *v)
{
	const char *when = "date unknown", *at;
	uint64_t ns = TRAIL_NO_TIME;
	int64_t seconds = 0;

	if (trail_view_crash_time(v->facts, &seconds) && (at = trail_say_time(v, seconds)))
		when = trail_say(v, "%.*s %s UTC", (int)strcspn(at, "T"), at, strchr(at, 'T') + 1);
	if (!trail_view_uptime(v->timeline, &ns))
		return trail_say(v, "%s, uptime unknown", when);
	unsigned long long s = ns / 1000000000;
	when = trail_say(v, "%s, up %llu.%06llu s", when, s,
			 (unsigned long long)(ns / 1000 % 1000000));
	if (s < 3600)
		return when;
	return trail_say(v, "%s (%llud %02llu:%02llu:%02llu)", when, s / 86400, s / 3600 % 24,
			 s / 60 % 60, s % 60);
}

const char *trail_say_verdict(struct trail_view *v)
{
	const char *word = v->timeline->word ? v->timeline->word : "unknown";

	return v->timeline->text ? trail_say(v, "%s: %s", word, v->timeline->text) : word;
}

const char *trail_say_panic(struct trail_view *v)
{
	static const char *const entered[] = {
		[TRAIL_MAYBE] = "panic() entered: unknown",
		[TRAIL_NO] = "panic() not entered",
	};
	const struct trail_timeline *timeline = v->timeline;
	const char *s = timeline->trigger ? timeline->trigger : "unknown";

	if (timeline->entered != TRAIL_YES)
		s = trail_say(v, "%s, %s", s,
			      entered[timeline->entered == TRAIL_NO ? TRAIL_NO : 0]);
	if (!timeline->message && timeline->oops.message)
		return trail_say(v, "%s; %s", s, trail_say_oops(v));
	return timeline->message ? trail_say(v, "%s: %s", s, timeline->message) : s;
}

const char *trail_say_trail(struct trail_view *v)
{
	const struct trail_timeline *timeline = v->timeline;
	const char *callback = trail_view_callback(timeline), *s = "end unknown";

	/* panic() goes on behind a record, which does not show it */
	bool record = trail_view_is_text(v->facts) && timeline->frontier == TRAIL_STAGE_KMSG_DUMP;
	const char *exact = record ? "came to" : "ended in";

	if (timeline->frontier < TRAIL_N_STAGES)
		s = trail_say(v, "%s %s%s", timeline->frontier_exact ? exact : "got at least to",
			      NAME(trail_stage_names, timeline->frontier),
			      record ? ", where this record was written" : "");
	if (callback)
		s = trail_say(v, "%s, inside %s", s, callback);
	if (timeline->frontier_function && !trail_streq(timeline->frontier_function, callback))
		s = trail_say(v, "%s, at %s", s, timeline->frontier_function);
	return s;
}

const char *trail_say_dump(struct trail_view *v)
{
	const struct trail_timeline *timeline = v->timeline;
	const char *none = trail_say_no_vmcore(v);

	if (none)
		return none;
	enum trail_stage stage = trail_view_dump_stage(timeline);
	const char *s = trail_say(v, "method %s, point %s",
				  NAME(trail_method_names, timeline->method),
				  NAME(trail_point_names, timeline->point));

	if (stage < TRAIL_N_STAGES)
		s = trail_say(v, "%s, stage %s", s, NAME(trail_stage_names, stage));
	return s;
}

/* Append "2", "2-3" or ",2-3". */
static void add_range(struct trail_text *text, int32_t first, int32_t last)
{
	if (text->length)
		trail_text_puts(text, ",");
	trail_text_printf(text, "%d", first);
	if (last > first)
		trail_text_printf(text, "-%d", last);
}

/* Append "0,2-3": the CPUs of one outcome; says how many. */
static size_t add_ranges(const struct trail_view *v, struct trail_text *text,
			 enum trail_cpu_outcome outcome, enum trail_how how)
{
	int32_t first = -1, last = -1;
	size_t n = 0;

	for (size_t i = 0; i < v->facts->n_cpus; i++) {
		const struct trail_cpu_verdict *verdict = &v->timeline->cpus[i];
		int32_t cpu = v->facts->cpus[i].cpu;

		if (cpu < 0 || verdict->outcome != outcome || verdict->how != how)
			continue;
		if (n++ && cpu - 1 != last) {
			add_range(text, first, last);
			first = cpu;
		}
		if (first < 0)
			first = cpu;
		last = cpu;
	}
	if (n)
		add_range(text, first, last);
	return n;
}

/* What is left of the text, in the pool. */
static const char *keep(struct trail_view *v, const struct trail_text *text)
{
	v->failed |= text->failed;
	return trail_say(v, "%s", trail_text_string(text));
}

/* "not-stopped 3; stopped by nmi 0-1", the worst first; how many of each in @counts. */
static const char *outcomes_of(struct trail_view *v, size_t *counts)
{
	static const enum trail_cpu_outcome order[] = {
		TRAIL_CPU_NOT_STOPPED,	TRAIL_CPU_RUNNING, TRAIL_CPU_UNKNOWN,
		TRAIL_CPU_SELF_STOPPED, TRAIL_CPU_STOPPED, TRAIL_CPU_OFFLINE,
	};
	TRAIL_CLEANUP(trail_text_fini) struct trail_text all = { 0 };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(order); i++) {
		for (enum trail_how how = 0; how < TRAIL_N_HOWS; how++) {
			TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
			size_t n = add_ranges(v, &text, order[i], how);

			counts[order[i]] += n;
			if (!n)
				continue;
			trail_text_printf(&all, "%s%s%s%s %s", all.length ? "; " : "",
					  trail_cpu_outcome_names[order[i]], how ? " by " : "",
					  how ? trail_how_names[how] : "",
					  trail_text_string(&text));
			all.failed |= text.failed;
		}
	}
	return keep(v, &all);
}

/* "4 register sets of unknown CPUs, at 0x…, …": all that the notes of a file tell alone; NULL for
 * none. */
static const char *register_sets(struct trail_view *v)
{
	enum { SAID_MAX = 6 };
	const struct trail_facts *facts = v->facts;
	const char *where = NULL;
	size_t n = 0;

	for (size_t i = 0; i < facts->n_cpus; i++) {
		const struct trail_cpu_facts *cpu = &facts->cpus[i];
		const struct trail_frame *f = cpu->n_frames ? cpu->frames : NULL;

		if (cpu->cpu < 0 && n++ < SAID_MAX)
			where = trail_say(v, "%s%s%s", where ? where : "", where ? ", " : "",
					  trail_say_function(v, f ? f->function : NULL,
							     f ? f->module : NULL, cpu->ip));
	}
	if (n > SAID_MAX)
		where = trail_say(v, "%s and %zu more", where, n - SAID_MAX);
	return n ? trail_say(v, "%zu register set%s of unknown CPUs, at %s", n, n == 1 ? "" : "s",
			     where)
		 : NULL;
}

const char *trail_say_cpus(struct trail_view *v)
{
	size_t counts[TRAIL_N_CPU_OUTCOMES] = { 0 }, others = 0;
	const char *outcomes = outcomes_of(v, counts);

	if (!v->facts->n_cpus && v->timeline->n_text_cpus)
		return trail_say_text_cpus(v);
	if (!v->facts->n_cpus)
		return trail_view_is_text(v->facts) ? "unknown, the text names none"
						    : "unknown, none could be read";
	const char *sets = register_sets(v);
	for (size_t i = 0; i < TRAIL_N_CPU_OUTCOMES; i++)
		others += i == TRAIL_CPU_OFFLINE ? 0 : counts[i];
	const char *s = *outcomes ? outcomes : "no other CPU known";
	if (sets && !*outcomes)
		return sets;
	if (others)
		s = trail_say(v, "%zu of %zu others stopped; %s",
			      counts[TRAIL_CPU_STOPPED] + counts[TRAIL_CPU_SELF_STOPPED], others,
			      s);
	return sets ? trail_say(v, "%s; %s", s, sets) : s;
}

const char *trail_say_notifiers(struct trail_view *v)
{
	static const enum trail_call order[] = { TRAIL_CALL_NOT_CALLED, TRAIL_CALL_CUT_OFF,
						 TRAIL_CALL_UNKNOWN };
	const struct trail_facts *facts = v->facts;
	size_t counts[TRAIL_N_CALLS] = { 0 };
	const char *s;

	if (!facts->n_notifiers && v->timeline->n_text_calls)
		return trail_say_text_calls(v);
	if (trail_view_is_text(facts))
		return "unknown, the text shows none";
	if (facts->chain_presence != TRAIL_PRESENT && !facts->n_notifiers)
		return trail_say(v, "unknown, chain not read%s%s", facts->chain_why ? ": " : "",
				 facts->chain_why ? facts->chain_why : "");
	if (!facts->n_notifiers && facts->chain_complete)
		return "none registered";
	for (size_t i = 0; i < facts->n_notifiers; i++)
		counts[TRAIL_MIN(v->timeline->notifiers[i].outcome, TRAIL_N_CALLS - 1)]++;
	s = trail_say(v, "%zu of %s%zu called", counts[TRAIL_CALL_CALLED],
		      facts->chain_complete ? "" : "at least ", facts->n_notifiers);
	for (size_t i = 0; i < facts->n_notifiers; i++) {
		const struct trail_notifier_facts *n = &facts->notifiers[i];

		if (v->timeline->notifiers[i].outcome == TRAIL_CALL_IN_PROGRESS)
			s = trail_say(v, "%s; in-progress: %s, position %zu", s,
				      trail_say_function(v, n->function, n->module, n->callback),
				      i + 1);
	}
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(order); i++)
		if (counts[order[i]])
			s = trail_say(v, "%s; %zu %s", s, counts[order[i]],
				      trail_call_names[order[i]]);
	return s;
}

const char *trail_say_goals(struct trail_view *v, const struct trail_judgement *judgement)
{
	const char *s = NULL;

	for (size_t i = 0; judgement && i < judgement->policy->n_goals; i++)
		s = trail_say(v, "%s%s%s %s", s ? s : "", s ? ", " : "",
			      NAME(trail_goal_names, judgement->goals[i].goal),
			      NAME(trail_goal_verdict_names, judgement->goals[i].verdict));
	return s;
}

const char *trail_say_findings(struct trail_view *v, const struct trail_judgement *judgement)
{
	const char *s = NULL;

	if (!judgement)
		return NULL;
	for (enum trail_severity severity = TRAIL_SEVERITY_ERROR; severity; severity--) {
		size_t n = trail_judgement_count(judgement, severity);

		if (n)
			s = trail_say(v, "%s%s%zu %s%s", s ? s : "", s ? ", " : "", n,
				      NAME(trail_severity_names, severity), n == 1 ? "" : "s");
	}
	return trail_say(v, "%s by policy %s", s ? s : "none", judgement->policy->name);
}
