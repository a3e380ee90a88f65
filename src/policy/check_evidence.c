/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks of PT9xx: evidence that contradicts itself, or is not there.
 * What cannot be together says that the dump, the kernel or what is known of
 * it is not what it seems; so only what is certain counts here.
 */
#include <inttypes.h>

#include "policy/checks.h"

static bool is_kdump(const struct trail_judge *j)
{
	return j->timeline->method == TRAIL_METHOD_KDUMP;
}

enum trail_result trail_judge_no_kdump(const struct trail_judge *j)
{
	return j->timeline->method == TRAIL_METHOD_UNKNOWN && j->timeline->entered != TRAIL_NO
		       ? TRAIL_RESULT_UNKNOWN
		       : TRAIL_RESULT_NOT_APPLICABLE;
}

/* What a rule about one place of the dump gives when it was another, or is not known. */
static enum trail_result elsewhere(const struct trail_judge *j)
{
	return is_kdump(j) && j->timeline->point == TRAIL_POINT_UNKNOWN ? TRAIL_RESULT_UNKNOWN
									: trail_judge_no_kdump(j);
}

static bool is_early(const struct trail_judge *j)
{
	return is_kdump(j) && (j->timeline->point == TRAIL_POINT_EARLY ||
			       j->timeline->point == TRAIL_POINT_DIRECT);
}

/* ---- all of it ------------------------------------------------------------ */

enum trail_result trail_check_contradiction(struct trail_judge *j)
{
	for (size_t i = 0; i < j->timeline->n_contradictions; i++)
		trail_judge_finding(j, j->rule->severity, "%s", j->timeline->contradictions[i]);
	return j->timeline->n_contradictions ? TRAIL_RESULT_FAIL : TRAIL_RESULT_PASS;
}

enum trail_result trail_check_evidence_missing(struct trail_judge *j)
{
	enum { LISTED = 6 };
	const char *list = "";
	size_t n = j->facts->n_gaps;

	if (!n)
		return j->facts->complete ? TRAIL_RESULT_PASS : TRAIL_RESULT_UNKNOWN;
	for (size_t i = 0; i < n && i < LISTED; i++)
		list = trail_timeline_say(&j->builder, "%s%s%s", list, i ? ", " : "",
					  j->facts->gaps[i].what);
	if (n > LISTED)
		list = trail_timeline_say(&j->builder, "%s and %zu more", list, n - LISTED);
	struct trail_refs *evidence = trail_judge_finding(j, j->rule->severity,
							  "not all could be read: %s", list);
	for (size_t i = 0; i < n && i < LISTED; i++)
		trail_judge_cite_fact(j, evidence, "input", TRAIL_SOURCE_INFERENCE,
				      j->facts->gaps[i].why ? j->facts->gaps[i].why
							    : "no reason is known",
				      j->facts->gaps[i].what);
	return TRAIL_RESULT_FAIL;
}

/* ---- the place of the dump ------------------------------------------------ */

enum trail_result trail_check_flag_of_site(struct trail_judge *j)
{
	enum trail_point point = j->timeline->point;
	bool flag = trail_facts_value(j->facts, "crash_kexec_post_notifiers", 0);

	if (point != TRAIL_POINT_EARLY && point != TRAIL_POINT_LATE)
		return elsewhere(j);
	if (!trail_facts_has(j->facts, "crash_kexec_post_notifiers"))
		return TRAIL_RESULT_UNKNOWN;
	if (flag == (point == TRAIL_POINT_LATE))
		return TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"the dump was taken %s, and crash_kexec_post_notifiers is %d: it was changed while "
		"panic() ran, or one of the two was misread",
		trail_point_names[point], flag);
	trail_judge_cite(j, evidence, &j->timeline->dump_evidence);
	trail_judge_cite_scalar(j, evidence, "crash_kexec_post_notifiers");
	return TRAIL_RESULT_FAIL;
}

/* ---- marks of callbacks --------------------------------------------------- */

/* What callback @i itself left behind, where that is certain; NULL when it tells nothing. */
static const struct trail_witness *mark_of(const struct trail_judge *j, size_t i)
{
	for (size_t w = 0; w < trail_n_witnesses; w++) {
		const struct trail_witness *row = &trail_witnesses[w];

		if (row->scope == TRAIL_SCOPE_NOTIFIER && row->strength == TRAIL_CERTAIN &&
		    trail_witness_is_about(row, &j->facts->notifiers[i]) &&
		    trail_conditions_hold(&j->builder, row->when, TRAIL_CONDITIONS, NULL) ==
			    TRAIL_YES)
			return row;
	}
	return NULL;
}

static bool was_called(const struct trail_witness *mark)
{
	return mark && mark->outcome == TRAIL_CALL_CALLED;
}

static bool was_not_called(const struct trail_witness *mark)
{
	return mark && mark->outcome == TRAIL_CALL_NOT_CALLED;
}

static void cite_mark(struct trail_judge *j, struct trail_refs *evidence, size_t i)
{
	const char *claim = trail_timeline_say(&j->builder, "notifier %zu", i + 1);

	trail_refs_add(&j->builder, evidence,
		       trail_witness_speaks(&j->builder, mark_of(j, i), claim, false, NULL));
}

enum trail_result trail_check_no_callback_early(struct trail_judge *j)
{
	enum trail_result result = j->facts->chain_complete ? TRAIL_RESULT_PASS
							    : TRAIL_RESULT_UNKNOWN;

	if (!is_early(j))
		return elsewhere(j);
	for (size_t i = 0; i < j->facts->n_notifiers; i++) {
		if (!was_called(mark_of(j, i)))
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"the dump was taken before the notifiers, and %s, has left its mark",
			trail_judge_say_notifier(j, i));
		cite_mark(j, evidence, i);
		trail_judge_cite(j, evidence, &j->timeline->dump_evidence);
	}
	return result;
}

/* A callback that ended the chain explains it: then PT202 says so. */
static bool may_have_ended(const struct trail_judge *j, size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (j->facts->notifiers[i].returns != TRAIL_RETURNS_NO_STOP &&
		    !(j->facts->notifiers[i].returns == TRAIL_RETURNS_UNKNOWN &&
		      j->timeline->notifiers[i].catalogued))
			return true;
	return false;
}

enum trail_result trail_check_all_callbacks_late(struct trail_judge *j)
{
	enum trail_result result = j->facts->chain_complete ? TRAIL_RESULT_PASS
							    : TRAIL_RESULT_UNKNOWN;

	if (j->timeline->point != TRAIL_POINT_LATE)
		return elsewhere(j);
	for (size_t i = 0; i < j->facts->n_notifiers; i++) {
		if (!was_not_called(mark_of(j, i)) || may_have_ended(j, i))
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"the dump was taken behind the notifiers, and %s, has left no mark, though "
			"no callback before it can end the chain",
			trail_judge_say_notifier(j, i));
		cite_mark(j, evidence, i);
		trail_judge_cite(j, evidence, &j->timeline->dump_evidence);
	}
	return result;
}

enum trail_result trail_check_chain_order(struct trail_judge *j)
{
	enum trail_result result = j->facts->chain_complete ? TRAIL_RESULT_PASS
							    : TRAIL_RESULT_UNKNOWN;
	size_t last = 0, n = j->facts->n_notifiers;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	for (size_t i = 0; i < n; i++)
		if (was_called(mark_of(j, i)))
			last = i;
	for (size_t i = 0; i < last; i++) {
		if (!was_not_called(mark_of(j, i)))
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"notifier %zu has left its mark, and %s, which comes before it, has not",
			last + 1, trail_judge_say_notifier(j, i));
		cite_mark(j, evidence, i);
		cite_mark(j, evidence, last);
	}
	return result;
}

/* ---- what the crash kexec leaves ------------------------------------------ */

/* machine_crash_shutdown() saves the panicking CPU's registers last of all. */
enum trail_result trail_check_kexec_left_marks(struct trail_judge *j)
{
	const struct trail_cpu_facts *cpu = trail_facts_cpu(j->facts, j->timeline->cpu);

	if (!is_kdump(j))
		return trail_judge_no_kdump(j);
	if (!cpu || cpu->note == TRAIL_NOTE_UNREAD || cpu->note == TRAIL_NOTE_CORRUPT)
		return TRAIL_RESULT_UNKNOWN;
	if (cpu->note == TRAIL_NOTE_SAVED)
		return TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"a crash kernel wrote the dump, and CPU %d, which started it, has saved no registers",
		cpu->cpu);
	trail_judge_cite(j, evidence, &j->timeline->dump_evidence);
	trail_judge_cite_fact(j, evidence, trail_timeline_say(&j->builder, "cpu %d", cpu->cpu),
			      TRAIL_SOURCE_NOTE, "its crash_notes are empty",
			      trail_timeline_say(&j->builder, "crash_notes of CPU %d at 0x%" PRIx64,
						 cpu->cpu, cpu->note_address));
	return TRAIL_RESULT_FAIL;
}

/* A CPU saves its registers before it is counted out: those without cannot be more than the count.
 */
enum trail_result trail_check_count_of_silent(struct trail_judge *j)
{
	uint64_t waiting = trail_facts_value(j->facts, "waiting_for_crash_ipi", 0), silent = 0;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (trail_facts_has(j->facts, "crash_ipi_issued") &&
	    !trail_facts_value(j->facts, "crash_ipi_issued", 0))
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (!trail_facts_has(j->facts, "crash_ipi_issued") ||
	    !trail_facts_has(j->facts, "waiting_for_crash_ipi"))
		return TRAIL_RESULT_UNKNOWN;
	for (size_t i = 0; i < j->facts->n_cpus; i++)
		silent += j->timeline->cpus[i].outcome == TRAIL_CPU_NOT_STOPPED;
	if (silent <= waiting)
		return TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"%" PRIu64 " CPU%s saved no registers, and the kernel waits for %" PRIu64 " only",
		silent, silent == 1 ? "" : "s", waiting);
	trail_judge_cite_scalar(j, evidence, "waiting_for_crash_ipi");
	for (size_t i = 0; i < j->facts->n_cpus; i++)
		if (j->timeline->cpus[i].outcome == TRAIL_CPU_NOT_STOPPED)
			trail_judge_cite(j, evidence, &j->timeline->cpus[i].evidence);
	return TRAIL_RESULT_FAIL;
}

/* The CPU whose saved registers lie in __crash_kexec(); -1 when none or several do. */
static int32_t kexec_cpu(const struct trail_judge *j)
{
	int32_t found = -1;

	for (size_t i = 0; i < j->facts->n_cpus; i++) {
		const struct trail_cpu_facts *cpu = &j->facts->cpus[i];

		if (cpu->cpu < 0 || cpu->registers != TRAIL_REGISTERS_NOTE || !cpu->n_frames ||
		    cpu->frames[0].how != TRAIL_FRAME_REGISTERS ||
		    !trail_same_function(cpu->frames[0].function, "__crash_kexec"))
			continue;
		if (found >= 0)
			return -1;
		found = cpu->cpu;
	}
	return found;
}

enum trail_result trail_check_crashing_cpu(struct trail_judge *j)
{
	const struct trail_scalar *crashing = trail_facts_scalar(j->facts, "crashing_cpu");
	int32_t holder = j->timeline->cpu, kexec = kexec_cpu(j);

	if (!is_kdump(j))
		return trail_judge_no_kdump(j);
	if (!crashing || crashing->presence == TRAIL_ABSENT)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (crashing->presence != TRAIL_PRESENT || (int64_t)crashing->value < 0 || holder < 0)
		return TRAIL_RESULT_UNKNOWN;
	if ((int64_t)crashing->value == holder && (kexec < 0 || kexec == holder))
		return TRAIL_RESULT_PASS;
	const char *other = kexec >= 0 && kexec != holder
				    ? trail_timeline_say(&j->builder,
							 ", and CPU %d was in __crash_kexec()",
							 kexec)
				    : "";
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"CPU %d holds panic_cpu, the crash NMI was sent by CPU %" PRId64 "%s", holder,
		(int64_t)crashing->value, other);
	trail_judge_cite_scalar(j, evidence, "panic_cpu");
	trail_judge_cite_scalar(j, evidence, "crashing_cpu");
	return TRAIL_RESULT_FAIL;
}

/* ---- what cannot be before an early dump, or before any ------------------- */

/* A line of pstore that only pstore_dump() writes.  Source: fs/pstore/platform.c. */
static bool is_of_pstore_dump(const struct trail_judge *j, size_t i)
{
	static const char *const lines[] = { "pstore: dump skipped in Panic path",
					     "pstore: backend (" };
	const struct trail_record *r = &j->timeline->log->records[i];

	if (trail_judge_whose(j, i) != TRAIL_WHOSE_PANIC)
		return false;
	for (size_t k = 0; k < TRAIL_ARRAY_SIZE(lines); k++)
		if (r->length >= strlen(lines[k]) &&
		    memcmp(r->text, lines[k], strlen(lines[k])) == 0)
			return true;
	return false;
}

/* A record of this panic was written, and that is behind an early kdump. */
static enum trail_result find_panic_record(struct trail_judge *j)
{
	size_t i = trail_judge_panic_text(j);

	if (i == j->facts->n_texts)
		return TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"the dump was taken before kmsg_dump(), and there is a record of the panic: %s",
		trail_judge_say_text(j, i));
	trail_judge_cite(j, evidence, &j->timeline->dump_evidence);
	trail_judge_cite(j, evidence, &j->timeline->texts[i].evidence);
	return TRAIL_RESULT_FAIL;
}

enum trail_result trail_check_dumper_early(struct trail_judge *j)
{
	const char *says = "the dump was taken before kmsg_dump(), and a kmsg dumper ran";

	if (!is_early(j))
		return elsewhere(j);
	enum trail_result result = find_panic_record(j);
	for (size_t i = 0; i < j->facts->n_dumpers; i++) {
		const struct trail_dumper_facts *d = &j->facts->dumpers[i];

		if (!d->on_stack)
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity, "%s: %s", says,
			d->function ? d->function : "one without a symbol");
		trail_judge_cite(j, evidence, &j->timeline->dump_evidence);
		trail_judge_cite_fact(
			j, evidence, trail_timeline_say(&j->builder, "kmsg dumper %zu", i + 1),
			TRAIL_SOURCE_STACK, "its callback is on the stack of the panicking CPU",
			trail_timeline_say(&j->builder, "stack of CPU %d", j->timeline->cpu));
	}
	for (size_t i = trail_judge_log_from(j) + 1; i < j->timeline->log->n; i++) {
		if (!is_of_pstore_dump(j, i))
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(j, j->rule->severity,
								  "%s: pstore", says);
		trail_judge_cite(j, evidence, &j->timeline->dump_evidence);
		trail_judge_cite_record(j, evidence, i, "pstore says so when it is asked to dump");
	}
	return result;
}

enum trail_result trail_check_end_marker(struct trail_judge *j)
{
	static const char marker[] = "---[ end Kernel panic";

	if (!is_kdump(j) || j->timeline->entered == TRAIL_NO)
		return trail_judge_no_kdump(j);
	if (!j->timeline->has_panic_record)
		return TRAIL_RESULT_UNKNOWN;
	for (size_t i = trail_judge_log_from(j) + 1; i < j->timeline->log->n; i++) {
		const struct trail_record *r = &j->timeline->log->records[i];

		if (r->facility || r->level || r->length < strlen(marker) ||
		    memcmp(r->text, marker, strlen(marker)) != 0)
			continue;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"a crash kernel wrote the dump, and the log holds the end marker of panic(), "
			"which comes behind every crash kexec");
		trail_judge_cite(j, evidence, &j->timeline->dump_evidence);
		trail_judge_cite_record(j, evidence, i, "the end marker of panic()");
		return TRAIL_RESULT_FAIL;
	}
	return j->timeline->log->lost ? TRAIL_RESULT_UNKNOWN : TRAIL_RESULT_PASS;
}

/* oops_end() and die() set it before they call panic() with one of these texts. */
enum trail_result trail_check_taint_of_oops(struct trail_judge *j)
{
	enum { TAINT_DIE = 7 };
	const char *message = j->timeline->message;

	if (j->timeline->entered != TRAIL_YES || !message)
		return j->timeline->entered == TRAIL_NO ? TRAIL_RESULT_NOT_APPLICABLE
							: TRAIL_RESULT_UNKNOWN;
	if (!(trail_starts_with(message, "Fatal exception") ||
	      strstr(message, ": Fatal exception")))
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (!trail_facts_has(j->facts, "tainted_mask"))
		return TRAIL_RESULT_UNKNOWN;
	if (trail_facts_value(j->facts, "tainted_mask", 0) >> TAINT_DIE & 1)
		return TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"the panic line is that of an oops, and the kernel is not tainted by one");
	trail_judge_cite(j, evidence, &j->timeline->panic_evidence);
	trail_judge_cite_scalar(j, evidence, "tainted_mask");
	return TRAIL_RESULT_FAIL;
}
