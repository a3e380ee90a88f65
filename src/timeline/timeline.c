/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frontier first: where panic() was when the input was frozen; from it, in
 * program order, every stage; then the CPUs and callbacks, then one sentence.
 */
#include "timeline/timeline.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/table.h"
#include "timeline/evidence.h"
#include "timeline/plugin_rows.h"
#include "timeline/signature.h"
#include "timeline/texts.h"
#include "timeline/verdicts.h"

/* ---- the panic line, its text and its class ------------------------------ */

/* The panic line of the log, which may be a text's. */
static void find_panic_line(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	bool text = t->log != &b->facts->log;
	size_t i;

	if (trail_find_panic_line(t->log, text, &i)) {
		const struct trail_record *r = &t->log->records[i];
		t->has_panic_record = true;
		t->panic_record = i;
		t->has_time = r->ts_nsec != TRAIL_NO_TIME;
		t->time_ns = t->has_time ? r->ts_nsec : 0;
		t->message = trail_panic_message(b, r);
	}
	const struct trail_scalar *buffer = trail_facts_scalar(b->facts, "panic_message");
	if (!t->message && buffer && buffer->text && *buffer->text)
		t->message = buffer->text;
}

/* The last record before the panic line that begins with the first @n bytes of @start, counted from
 * 1; 0: none. */
static size_t last_before(const struct trail_builder *b, const char *start, size_t n)
{
	const struct trail_log_facts *log = b->timeline->log;
	size_t i = b->timeline->has_panic_record ? b->timeline->panic_record : log->n;

	while (i &&
	       (log->records[i - 1].length < n || memcmp(log->records[i - 1].text, start, n) != 0))
		i--;
	return i;
}

static bool log_fits(const struct trail_builder *b, const char *lines)
{
	size_t n = strcspn(lines, "\n"), found = last_before(b, lines, n);

	return found && (!lines[n] || found > last_before(b, lines + n + 1, strlen(lines + n + 1)));
}

static const char *trigger_of(const struct trail_builder *b, const char *message)
{
	for (size_t i = 0; i < trail_n_triggers; i++) {
		const struct trail_trigger *row = &trail_triggers[i];
		bool fits = row->text[0] == '*'
				    ? trail_text_has(message, strlen(message), row->text + 1)
				    : trail_starts_with(message, row->text);
		if (fits && (!row->log || log_fits(b, row->log)))
			return row->class;
	}
	return "other";
}

void trail_add_line_evidence(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	const char *where;

	if (t->has_panic_record)
		where = trail_timeline_say(b, "log record %" PRIu64,
					   b->timeline->log->records[t->panic_record].seq);
	else if (t->message)
		where = trail_timeline_say(b, "buffer of panic() at 0x%" PRIx64,
					   trail_facts_scalar(b->facts, "panic_message")->address);
	else
		return;
	trail_refs_add(
		b, &t->panic_evidence,
		trail_evidence_add(b, "panic", false,
				   t->has_panic_record ? TRAIL_SOURCE_LOG : TRAIL_SOURCE_MEMORY,
				   TRAIL_CERTAIN, "panic() has formatted its message", where));
}

/* ---- stages -------------------------------------------------------------- */

/* Has this kernel the stage of the row?  A feature that is not known leaves the stage in the list.
 */
static bool has_stage(const struct trail_builder *b, const struct trail_stage_row *row)
{
	if (row->needs && trail_facts_has(b->facts, row->needs) &&
	    !trail_facts_value(b->facts, row->needs, 0))
		return false;
	if (row->without && trail_facts_value(b->facts, row->without, 0))
		return false;
	return !trail_stage_of(b, row->stage);
}

/* Is it known that this kernel has the stage?  One that is only listed in case it has stays
 * unknown. */
static bool surely_has(const struct trail_builder *b, const struct trail_stage_row *row)
{
	return !row->needs || trail_facts_has(b->facts, row->needs);
}

/* A stage that panic() has passed: done, or skipped by a condition whose variable was read. */
static void pass_stage(struct trail_builder *b, const struct trail_stage_row *row,
		       struct trail_stage_verdict *v, long passed)
{
	const char *claim = trail_timeline_say(b, "stage %s", trail_stage_names[row->stage]);
	enum trail_tristate runs = trail_conditions_hold(b, row->runs_if, TRAIL_CONDITIONS, NULL);

	if (runs == TRAIL_MAYBE)
		return;
	v->outcome = runs == TRAIL_YES ? TRAIL_OUTCOME_DONE : TRAIL_OUTCOME_SKIPPED;
	trail_refs_add(b, &v->evidence, passed);
	trail_refs_add(
		b, &v->evidence,
		trail_condition_speaks(b, row->runs_if, runs, claim,
				       runs == TRAIL_YES ? "its condition held" : row->skipped));
}

static long rests_on_frontier(struct trail_builder *b, const char *claim, const char *statement)
{
	const struct trail_refs *refs = &b->timeline->frontier_evidence;
	enum trail_strength strength = TRAIL_CERTAIN;

	for (size_t i = 0; i < refs->n; i++)
		strength = TRAIL_MIN(strength, b->timeline->evidence[refs->ids[i]].strength);
	long id = trail_evidence_add(b, claim, false, TRAIL_SOURCE_INFERENCE, strength, statement,
				     NULL);
	for (size_t i = 0; i < refs->n; i++)
		trail_evidence_rests_on(b, id, (long)refs->ids[i]);
	return id;
}

static void list_stages(struct trail_builder *b, const struct trail_stage_row **rows)
{
	struct trail_timeline *t = b->timeline;

	for (size_t i = 0; i < trail_n_stage_rows && t->n_stages < TRAIL_N_STAGES; i++)
		if (has_stage(b, &trail_stage_rows[i])) {
			rows[t->n_stages] = &trail_stage_rows[i];
			t->stages[t->n_stages++].stage = trail_stage_rows[i].stage;
		}
}

/* Nobody panicked: no stage was reached. */
static void none_reached(struct trail_builder *b, const struct trail_stage_row *const *rows)
{
	for (size_t i = 0; i < b->timeline->n_stages; i++) {
		if (!surely_has(b, rows[i]))
			continue;
		b->timeline->stages[i].outcome = TRAIL_OUTCOME_NOT_REACHED;
		b->timeline->stages[i].evidence = b->timeline->panic_evidence;
	}
}

/* The crash kernel was not started straight from an oops where panic() was entered. */
static void skip_direct(struct trail_builder *b, struct trail_stage_verdict *v)
{
	if (b->timeline->entered != TRAIL_YES)
		return;
	v->outcome = TRAIL_OUTCOME_SKIPPED;
	for (size_t i = 0; i < b->timeline->panic_evidence.n; i++)
		if (!b->timeline->evidence[b->timeline->panic_evidence.ids[i]].against)
			trail_refs_add(b, &v->evidence, (long)b->timeline->panic_evidence.ids[i]);
}

static void decide_stages(struct trail_builder *b)
{
	const struct trail_stage_row *rows[TRAIL_N_STAGES];
	struct trail_timeline *t = b->timeline;

	list_stages(b, rows);
	if (t->frontier == TRAIL_N_STAGES && t->entered == TRAIL_NO)
		none_reached(b, rows);
	if (t->frontier == TRAIL_N_STAGES)
		return;
	const char *name = trail_stage_names[t->frontier];
	long before = rests_on_frontier(
		b, "stages before",
		trail_timeline_say(b, "in program order everything before %s is behind panic()",
				   name));
	long after =
		t->frontier_exact && !b->went_on
			? rests_on_frontier(
				  b, "stages after",
				  trail_timeline_say(
					  b, "in program order everything after %s was not reached",
					  name))
			: TRAIL_NO_EVIDENCE;
	bool past = false;
	for (size_t i = 0; i < t->n_stages; i++) {
		struct trail_stage_verdict *v = &t->stages[i];
		if (v->stage == t->frontier) {
			past = true;
			if (t->frontier_exact) {
				v->outcome = TRAIL_OUTCOME_IN_PROGRESS;
				v->evidence = t->frontier_evidence;
			}
		} else if (!surely_has(b, rows[i])) {
			continue;
		} else if (past && t->frontier_exact && !b->went_on) {
			v->outcome = TRAIL_OUTCOME_NOT_REACHED;
			trail_refs_add(b, &v->evidence, after);
		} else if (!past && v->stage == TRAIL_STAGE_DIRECT_KEXEC) {
			skip_direct(b, v);
		} else if (!past) {
			pass_stage(b, rows[i], v, before);
		}
	}
}

/* ---- the dump ------------------------------------------------------------ */

static void decide_dump(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	static const enum trail_point points[TRAIL_N_STAGES] = {
		[TRAIL_STAGE_DIRECT_KEXEC] = TRAIL_POINT_DIRECT,
		[TRAIL_STAGE_KDUMP_EARLY] = TRAIL_POINT_EARLY,
		[TRAIL_STAGE_KDUMP_LATE] = TRAIL_POINT_LATE,
	};

	if (b->facts->writer == TRAIL_WRITER_HYPERVISOR) {
		t->method = TRAIL_METHOD_HYPERVISOR;
		t->point = TRAIL_POINT_OUTSIDE;
		trail_refs_add(b, &t->dump_evidence,
			       trail_evidence_add(
				       b, "dump", false, TRAIL_SOURCE_NOTE, TRAIL_CERTAIN,
				       "the file holds vCPU notes, which only a hypervisor writes",
				       "notes named QEMU"));
	} else if (b->facts->writer == TRAIL_WRITER_KERNEL) {
		t->method = TRAIL_METHOD_KDUMP;
		t->point = t->frontier != TRAIL_N_STAGES ? points[t->frontier]
							 : TRAIL_POINT_UNKNOWN;
		trail_refs_add(
			b, &t->dump_evidence,
			trail_evidence_add(
				b, "dump", false, TRAIL_SOURCE_VMCOREINFO, TRAIL_CERTAIN,
				"the VMCOREINFO note holds CRASHTIME, which __crash_kexec() writes before it starts the crash kernel",
				"VMCOREINFO CRASHTIME"));
		for (size_t i = 0; t->point && i < t->frontier_evidence.n; i++)
			trail_refs_add(b, &t->dump_evidence, (long)t->frontier_evidence.ids[i]);
	}
}

/* ---- contradictions, and one sentence ------------------------------------ */

static void check_flag(struct trail_builder *b)
{
	const struct trail_timeline *t = b->timeline;
	uint64_t flag = trail_facts_value(b->facts, "crash_kexec_post_notifiers", 0);

	if (!trail_facts_has(b->facts, "crash_kexec_post_notifiers"))
		return;
	if ((t->frontier == TRAIL_STAGE_KDUMP_EARLY && flag) ||
	    (t->frontier == TRAIL_STAGE_KDUMP_LATE && !flag))
		trail_contradiction(
			b,
			trail_timeline_say(
				b,
				"the stack says %s, and crash_kexec_post_notifiers is %d: it was changed while panic() ran",
				trail_stage_names[t->frontier], (int)flag));
}

/* A row is a frontier and what it means in one word and one sentence; the same in every report. */
/* clang-format off */
static const struct {
	enum trail_stage stage;
	const char *word, *text;
} sentences[] = {
	{ TRAIL_STAGE_DIRECT_KEXEC, "kdump-direct", "the oops itself started the crash kernel: panic() was never entered, no notifier, no kmsg_dump" },
	{ TRAIL_STAGE_KDUMP_EARLY,  "kdump-early",  "panic() started the crash kernel early: no notifier, no kmsg_dump before it" },
	{ TRAIL_STAGE_KDUMP_LATE,   "kdump-late",   "panic() started the crash kernel late: after the notifiers and kmsg_dump" },
	{ TRAIL_STAGE_HALT,         "halted",       "panic() ran to its end and halted" },
};
/* clang-format on */

static void say_sentence(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;

	t->word = "unknown";
	t->text = "how far panic() got cannot be told from this input";
	if (t->frontier == TRAIL_N_STAGES) {
		if (t->entered == TRAIL_NO) {
			t->word = "no-panic";
			t->text = "no panic: the kernel was frozen while it ran";
		}
		return;
	}
	const char *name = trail_stage_names[t->frontier];
	t->word = trail_timeline_say(b, t->frontier_exact ? "in-%s" : "past-%s", name);
	t->text = trail_timeline_say(b,
				     t->frontier_exact ? "panic() was in %s when the dump was made"
						       : "panic() got to %s at least",
				     name);
	for (size_t i = 0; t->frontier_exact && i < TRAIL_ARRAY_SIZE(sentences); i++)
		if (sentences[i].stage == t->frontier) {
			t->word = sentences[i].word;
			t->text = sentences[i].text;
		}
	for (size_t i = 0; i < b->facts->n_notifiers; i++)
		if (t->notifiers[i].outcome == TRAIL_CALL_IN_PROGRESS) {
			t->word = "in-notifier";
			t->text = trail_timeline_say(
				b,
				b->ended_in
					? "panic() was inside notifier %zu, %s(), when its task was killed"
					: "panic() was inside notifier %zu, %s(), when the dump was made",
				i + 1,
				b->facts->notifiers[i].function ? b->facts->notifiers[i].function
								: "?");
		}
	size_t awake = 0, cut = 0;
	for (size_t i = 0; i < b->facts->n_cpus; i++)
		awake += t->cpus[i].outcome == TRAIL_CPU_NOT_STOPPED;
	for (size_t i = 0; i < b->facts->n_notifiers; i++)
		cut += t->notifiers[i].outcome == TRAIL_CALL_CUT_OFF;
	if (cut)
		t->text = trail_timeline_say(
			b, "%s; the chain was ended early, %zu callback%s cut off", t->text, cut,
			cut == 1 ? "" : "s");
	if (awake)
		t->text = trail_timeline_say(b, "%s; %zu CPU%s did not stop", t->text, awake,
					     awake == 1 ? "" : "s");
}

struct trail_error *trail_timeline_new(const struct trail_facts *facts, struct trail_timeline **ret)
{
	struct trail_timeline *t = calloc(1, sizeof(*t));

	if (!t)
		return &trail_error_nomem;
	struct trail_builder b = { .timeline = t, .facts = facts };
	trail_pool_init(&t->pool);
	t->facts = facts;
	t->log = &facts->log;
	b.kexec = TRAIL_NO_EVIDENCE;
	trail_read_texts(&b);
	if (b.failed) {
		trail_timeline_free(t);
		return &trail_error_nomem;
	}
	find_panic_line(&b);
	trail_texts_read_config(&b);
	if (facts->format == TRAIL_FORMAT_NONE) {
		trail_frontier_of_texts(&b);
		trail_texts_name_cpus(&b);
		trail_texts_name_oops(&b);
	} else {
		trail_find_frontier(&b);
		trail_texts_beside_dump(&b);
	}
	if (!t->trigger)
		t->trigger = t->frontier == TRAIL_STAGE_DIRECT_KEXEC ? "oops-crash-kexec"
			     : t->message			     ? trigger_of(&b, t->message)
			     : t->entered == TRAIL_NO		     ? "none"
								     : "unknown";
	trail_plugins_start(&b);
	decide_stages(&b);
	trail_texts_settle_stages(&b);
	decide_dump(&b);
	trail_texts_decide_dump(&b);
	trail_decide_cpus(&b);
	trail_decide_notifiers(&b);
	trail_decide_dumpers(&b);
	trail_texts_name_callbacks(&b);
	check_flag(&b);
	trail_plugins_finish(&b);
	if (!b.failed)
		say_sentence(&b);
	if (!b.failed && facts->format == TRAIL_FORMAT_NONE)
		trail_texts_say_sentence(&b);
	if (!b.failed)
		trail_sign(&b);
	if (b.failed) {
		trail_timeline_free(t);
		return &trail_error_nomem;
	}
	*ret = t;
	return NULL;
}

void trail_timeline_free(struct trail_timeline *timeline)
{
	if (!timeline)
		return;
	trail_pool_fini(&timeline->pool);
	free(timeline);
}

void trail_timeline_freep(struct trail_timeline **timeline)
{
	trail_timeline_free(*timeline);
}
