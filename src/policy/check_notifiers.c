/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of PT2xx: what was hooked into panic(), and what it did to it. */
#include <inttypes.h>

#include "policy/checks.h"

#define SECOND UINT64_C(1000000000)
#define SECONDS "%" PRIu64 ".%03" PRIu64 " s"
#define SPLIT(ns) (uint64_t)(ns) / SECOND, (uint64_t)(ns) % SECOND / (SECOND / 1000)

static const char *say_length(struct trail_judge *j)
{
	return trail_timeline_say(&j->builder,
				  "the chain was read to its end, it has %zu callbacks",
				  j->facts->n_notifiers);
}

/* The callback of a driver of the catalogue; false when it is not in the chain. */
static bool find_callback(const struct trail_judge *j, const char *function, const char *module,
			  size_t *ret)
{
	for (size_t i = 0; i < j->facts->n_notifiers; i++) {
		const struct trail_notifier_facts *n = &j->facts->notifiers[i];
		const struct trail_known_notifier *row = trail_catalogue_find(
			n->function, n->module, j->facts->arch);

		if (!row || !trail_streq(row->function, function) ||
		    !trail_streq(row->module, module))
			continue;
		*ret = i;
		return true;
	}
	return false;
}

/* ---- one that hangs, one that ends the chain ------------------------------ */

/*
 * How long it has run cannot be read: while it runs nothing counts time, for
 * the other CPUs are stopped and this one's interrupts are off.
 */
static const char *say_last_record(struct trail_judge *j)
{
	const struct trail_log_facts *log = j->timeline->log;

	if (!log->n || !j->timeline->has_time ||
	    log->records[log->n - 1].ts_nsec < j->timeline->time_ns)
		return "";
	return trail_timeline_say(
		&j->builder, "; the last record of the log is " SECONDS " behind the panic line",
		SPLIT(log->records[log->n - 1].ts_nsec - j->timeline->time_ns));
}

enum trail_result trail_check_notifier_in_progress(struct trail_judge *j)
{
	enum trail_outcome stage = trail_judge_outcome(j, TRAIL_STAGE_NOTIFIERS);
	enum trail_result result = TRAIL_RESULT_PASS;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	/* the stage is over, or was not begun: none runs, whoever did */
	if (stage == TRAIL_OUTCOME_UNKNOWN || stage == TRAIL_OUTCOME_IN_PROGRESS)
		result = TRAIL_RESULT_UNKNOWN;
	for (size_t i = 0; i < j->facts->n_notifiers; i++) {
		const struct trail_notifier_verdict *verdict = &j->timeline->notifiers[i];

		if (verdict->outcome != TRAIL_CALL_IN_PROGRESS)
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"%s, had not returned; how long it ran cannot be read%s",
			trail_judge_say_notifier(j, i), say_last_record(j));
		trail_judge_cite(j, evidence, &verdict->evidence);
	}
	return result;
}

/* Could its code have ended the chain?  None of the catalogue does. */
static bool may_stop(const struct trail_judge *j, size_t i)
{
	enum trail_returns returns = j->facts->notifiers[i].returns;

	return returns == TRAIL_RETURNS_STOP || returns == TRAIL_RETURNS_MAY_STOP ||
	       (returns == TRAIL_RETURNS_UNKNOWN && !j->timeline->notifiers[i].catalogued);
}

/* Who may have ended the chain in front of callback @cut: from the last that was called on. */
static const char *say_stopper(struct trail_judge *j, size_t cut)
{
	const char *list = "";
	size_t first = cut, last = 0, n = 0;

	while (first && j->timeline->notifiers[first - 1].outcome != TRAIL_CALL_CALLED)
		first--;
	for (size_t i = first ? first - 1 : 0; i < cut; i++) {
		if (!may_stop(j, i))
			continue;
		list = trail_timeline_say(&j->builder, "%s%s%s", list, n++ ? "; or " : "",
					  trail_judge_say_notifier(j, i));
		last = i;
	}
	if (!n)
		return "which callback did it cannot be told";
	if (n > 1)
		return trail_timeline_say(&j->builder, "by one of these: %s", list);
	return trail_timeline_say(&j->builder,
				  j->facts->notifiers[last].returns == TRAIL_RETURNS_STOP
					  ? "by %s, which always does"
					  : "the only one there whose code can do that is %s",
				  list);
}

enum trail_result trail_check_notifier_ended_chain(struct trail_judge *j)
{
	enum trail_tristate began = trail_judge_began(j, TRAIL_STAGE_NOTIFIERS);
	size_t n = j->facts->n_notifiers, cut = 0;
	bool unsure = !j->facts->chain_complete;

	if (began != TRAIL_YES)
		return began == TRAIL_NO ? TRAIL_RESULT_NOT_APPLICABLE : TRAIL_RESULT_UNKNOWN;
	while (cut < n && j->timeline->notifiers[cut].outcome != TRAIL_CALL_CUT_OFF) {
		unsure |= j->timeline->notifiers[cut].outcome == TRAIL_CALL_UNKNOWN;
		cut++;
	}
	if (cut == n)
		return unsure ? TRAIL_RESULT_UNKNOWN : TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"the chain was ended early: the last %zu of %zu callbacks "
		"were not called; %s",
		n - cut, n, say_stopper(j, cut));
	for (size_t i = cut; i < n; i++)
		trail_judge_cite(j, evidence, &j->timeline->notifiers[i].evidence);
	return TRAIL_RESULT_FAIL;
}

/* ---- time ----------------------------------------------------------------- */

/*
 * What else the panicking CPU may do without a word between the panic line
 * and the chain.
 * Source: arch/x86/kernel/smp.c native_stop_other_cpus() and reboot.c
 * nmi_shootdown_cpus(), 1 s and 10 ms; lib/nmi_backtrace.c, 10 s.
 */
static uint64_t other_waits(const struct trail_judge *j)
{
	uint64_t stop = SECOND + SECOND / 100;

	return trail_judge_began(j, TRAIL_STAGE_CPU_BACKTRACES) == TRAIL_NO ? stop
									    : stop + 10 * SECOND;
}

/* The longest silence of the panicking CPU between two records, and the callbacks it lies in. */
struct silence {
	uint64_t ns;
	size_t from, to;    /* records */
	size_t first, last; /* callbacks */
	bool known;	    /* is a callback's mark behind it? */
};

static struct silence longest_silence(const struct trail_judge *j)
{
	const struct trail_log_facts *log = j->timeline->log;
	struct silence longest = { 0 }, so_far = { 0 };
	size_t last = trail_judge_log_from(j), passed = 0, m = 0;

	for (size_t i = last + 1; i < log->n; i++) {
		if (trail_judge_whose(j, i) != TRAIL_WHOSE_PANIC)
			continue;
		uint64_t before = log->records[last].ts_nsec, now = log->records[i].ts_nsec;
		if (now > before && now - before > so_far.ns)
			so_far = (struct silence){
				.ns = now - before, .from = last, .to = i, .first = passed
			};
		last = i;
		while (m < j->n_marks && j->marks[m].record < i)
			m++;
		if (m == j->n_marks || j->marks[m].record != i || j->marks[m].notifier < 0)
			continue;
		/* only what lies in front of a callback's mark lies in the chain for sure */
		if (so_far.ns > longest.ns) {
			longest = so_far;
			longest.last = (size_t)j->marks[m].notifier;
			longest.known = true;
		}
		passed = (size_t)j->marks[m].notifier;
	}
	return longest;
}

/* Time from the panic line to what panic() prints behind the chain; UINT64_MAX when there is none.
 */
static uint64_t time_to_chain_end(const struct trail_judge *j)
{
	for (size_t i = 0; i < j->n_marks; i++)
		if (j->marks[i].notifier == TRAIL_BEHIND_CHAIN)
			return j->timeline->log->records[j->marks[i].record].ts_nsec -
			       j->timeline->time_ns;
	return UINT64_MAX;
}

/*
 * Does the clock of the log go on without ticks?  An unstable one stands still
 * a tick behind the last; then two times may be too near, never too far.
 * Source: kernel/sched/clock.c sched_clock_local().
 */
static bool clock_goes_on(const struct trail_judge *j)
{
	const struct trail_scalar *stable = trail_facts_scalar(j->facts, "__sched_clock_stable");

	return stable && (stable->presence == TRAIL_ABSENT ||
			  (stable->presence == TRAIL_PRESENT && stable->value));
}

enum trail_result trail_check_notifier_slow(struct trail_judge *j)
{
	enum trail_tristate before = trail_judge_before_dump(j);
	uint64_t limit = j->policy->longest_ns;

	if (!limit || before == TRAIL_NO)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (before == TRAIL_MAYBE || !j->timeline->has_panic_record ||
	    trail_judge_outcome(j, TRAIL_STAGE_KGDB) == TRAIL_OUTCOME_DONE)
		return TRAIL_RESULT_UNKNOWN;
	struct silence s = longest_silence(j);
	if (s.known && s.ns > other_waits(j) && s.ns - other_waits(j) > limit) {
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"the panicking CPU was silent for " SECONDS " around notifiers %zu to %zu, "
			"at least " SECONDS " of it in them or in printing; one may take " SECONDS,
			SPLIT(s.ns), s.first + 1, s.last + 1, SPLIT(s.ns - other_waits(j)),
			SPLIT(limit));
		trail_judge_cite_record(j, evidence, s.from, "the last record before the silence");
		trail_judge_cite_record(j, evidence, s.to, "the first record after the silence");
		return TRAIL_RESULT_FAIL;
	}
	return clock_goes_on(j) && time_to_chain_end(j) <= limit ? TRAIL_RESULT_PASS
								 : TRAIL_RESULT_UNKNOWN;
}

/* ---- what the chain should hold ------------------------------------------- */

/*
 * Does the callback add lines to the log?  All but these print only what was
 * set up (ftrace_dump_on_oops) or went wrong before.
 * Source: arch/x86/kernel/setup.c dump_kernel_offset(), arch/arm64/kernel/setup.c
 * arm64_panic_block_dump(), with KASLR and without.
 */
static enum trail_tristate adds_lines(const struct trail_judge *j, size_t i)
{
	static const char *const always[] = { "dump_kernel_offset", "arm64_panic_block_dump" };
	const struct trail_notifier_facts *n = &j->facts->notifiers[i];
	const struct trail_known_notifier *row = trail_catalogue_find(n->function, n->module,
								      j->facts->arch);

	if (!row || row->seen != TRAIL_SEEN_LOG ||
	    !trail_streq(row->class, trail_class_names[TRAIL_CLASS_INFO]))
		return TRAIL_NO;
	for (size_t k = 0; k < TRAIL_ARRAY_SIZE(always); k++)
		if (trail_streq(row->function, always[k]))
			return TRAIL_YES;
	return TRAIL_MAYBE;
}

enum trail_result trail_check_info_missing(struct trail_judge *j)
{
	enum trail_tristate dumped = trail_judge_began(j, TRAIL_STAGE_KMSG_DUMP);
	bool unsure = !j->facts->chain_complete, failed = false;

	if (dumped != TRAIL_YES)
		return dumped == TRAIL_NO ? TRAIL_RESULT_NOT_APPLICABLE : TRAIL_RESULT_UNKNOWN;
	for (size_t i = 0; i < j->facts->n_notifiers; i++) {
		enum trail_tristate ran = trail_judge_ran(j, i), adds = adds_lines(j, i);

		if (adds == TRAIL_NO || ran == TRAIL_YES)
			continue;
		if (adds == TRAIL_MAYBE || ran == TRAIL_MAYBE) {
			unsure = true;
			continue;
		}
		failed = true;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"the kmsg dumpers ran, and %s, did not: what it adds is not in their "
			"records",
			trail_judge_say_notifier(j, i));
		trail_judge_cite(j, evidence, &j->timeline->notifiers[i].evidence);
	}
	return failed ? TRAIL_RESULT_FAIL : unsure ? TRAIL_RESULT_UNKNOWN : TRAIL_RESULT_PASS;
}

/* Is a callback of that name in the chain? */
static bool is_registered(const struct trail_judge *j, const char *name)
{
	for (size_t i = 0; i < j->facts->n_notifiers; i++)
		if (trail_same_function(j->facts->notifiers[i].function, name))
			return true;
	return false;
}

/*
 * Names of the command line that filter nothing in: a module's callback, or
 * one that does not exist, is passed over.
 */
enum trail_result trail_check_notifier_filter(struct trail_judge *j)
{
	static const char option[] = "panic_notifier_filter=";
	const struct trail_scalar *count = trail_facts_scalar(j->facts, "panic_nf_count");
	const char *at = j->facts->cmdline ? strstr(j->facts->cmdline, option) : NULL;
	enum trail_result result = TRAIL_RESULT_PASS;

	if (!count || count->presence == TRAIL_UNREAD || count->presence == TRAIL_ABSENT ||
	    (count->presence == TRAIL_PRESENT && !count->value))
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (count->presence != TRAIL_PRESENT || !at || !j->facts->chain_complete)
		return TRAIL_RESULT_UNKNOWN;
	for (at += strlen(option); *at && *at != ' ' && *at != '\n';) {
		size_t n = strcspn(at, ", \n");
		const char *name = trail_timeline_say(&j->builder, "%.*s", (int)n, at);

		at += n + (at[n] == ',');
		if (!n || is_registered(j, name))
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"panic_notifier_filter= names %s, and no such callback is registered",
			name);
		trail_judge_cite_scalar(j, evidence, "panic_nf_count");
		trail_judge_cite_fact(j, evidence, "notifiers", TRAIL_SOURCE_MEMORY, say_length(j),
				      "panic_notifier_list");
	}
	return result;
}

/* Is its risk high, or not known? */
static bool may_harm(const struct trail_notifier_verdict *verdict)
{
	return !verdict->risk || trail_streq(verdict->risk, trail_risk_names[TRAIL_RISK_HIGH]);
}

/* Callbacks that may take long or fail, and run ahead of the plain ones because they asked to. */
enum trail_result trail_check_runs_early(struct trail_judge *j)
{
	enum trail_tristate began = trail_judge_began(j, TRAIL_STAGE_NOTIFIERS);
	const char *list = "";
	size_t n = 0;

	if (began != TRAIL_YES)
		return began == TRAIL_NO ? TRAIL_RESULT_NOT_APPLICABLE : TRAIL_RESULT_UNKNOWN;
	for (size_t i = 0; i < j->facts->n_notifiers; i++) {
		if (j->facts->notifiers[i].priority <= 0 || !may_harm(&j->timeline->notifiers[i]))
			continue;
		if (n++ < 8)
			list = trail_timeline_say(&j->builder, "%s%s%s (priority %d)", list,
						  n > 1 ? "; " : "", trail_judge_say_notifier(j, i),
						  j->facts->notifiers[i].priority);
	}
	if (!n)
		return j->facts->chain_complete ? TRAIL_RESULT_PASS : TRAIL_RESULT_UNKNOWN;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"%zu callback%s of high or unknown risk asked to run before the others: %s%s", n,
		n == 1 ? "" : "s", list, n > 8 ? "; and more" : "");
	trail_judge_cite_fact(j, evidence, "notifier order", TRAIL_SOURCE_MEMORY,
			      "the chain is sorted by priority, highest first",
			      "panic_notifier_list");
	return TRAIL_RESULT_FAIL;
}

enum trail_result trail_check_required_notifier(struct trail_judge *j)
{
	enum trail_result result = TRAIL_RESULT_PASS;

	if (!j->policy->require.n)
		return TRAIL_RESULT_NOT_APPLICABLE;
	for (size_t k = 0; k < j->policy->require.n; k++) {
		const struct trail_globs one = { .all = &j->policy->require.all[k], .n = 1 };
		bool found = false;

		for (size_t i = 0; i < j->facts->n_notifiers; i++)
			found |= trail_globs_match(&one, j->facts->notifiers[i].function,
						   j->facts->notifiers[i].module);
		if (!found && !j->facts->chain_complete && result == TRAIL_RESULT_PASS)
			result = TRAIL_RESULT_UNKNOWN;
		if (found || !j->facts->chain_complete)
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"the policy requires the callback %s, and it is not registered",
			one.all[0]);
		trail_judge_cite_fact(j, evidence, "notifiers", TRAIL_SOURCE_MEMORY, say_length(j),
				      "panic_notifier_list");
	}
	return result;
}

/* ---- callbacks that have a rule of their own ------------------------------ */

enum trail_result trail_check_ipmi_polls(struct trail_judge *j)
{
	enum trail_tristate before = trail_judge_before_dump(j), ran;
	size_t i;

	if (before == TRAIL_NO || !find_callback(j, "panic_event", "ipmi_msghandler", &i))
		return TRAIL_RESULT_NOT_APPLICABLE;
	ran = trail_judge_ran(j, i);
	if (before == TRAIL_MAYBE || ran == TRAIL_MAYBE)
		return TRAIL_RESULT_UNKNOWN;
	if (ran == TRAIL_NO)
		return TRAIL_RESULT_PASS;
	bool hung = j->timeline->notifiers[i].outcome == TRAIL_CALL_IN_PROGRESS;
	struct trail_refs *evidence = trail_judge_finding(
		j, hung ? TRAIL_SEVERITY_ERROR : j->rule->severity,
		hung ? "%s, had not returned: it polls the BMC for as long as that does not answer"
		     : "%s, ran before the dump: it polls the BMC for as long as that does not answer",
		trail_judge_say_notifier(j, i));
	trail_judge_cite(j, evidence, &j->timeline->notifiers[i].evidence);
	return TRAIL_RESULT_FAIL;
}

/* Source: drivers/hv/channel_mgmt.c vmbus_wait_for_unload(): a line every 5 s, 100 s at most. */
enum trail_result trail_check_vmbus_unload(struct trail_judge *j)
{
	static const char waits[] = "Waiting for VMBus UNLOAD to complete",
			  gave_up[] = "Continuing even though VMBus UNLOAD did not complete";
	enum trail_tristate before = trail_judge_before_dump(j);
	size_t i, n = 0, last = 0;
	bool ended = false;

	if (before == TRAIL_NO || (!find_callback(j, "hv_panic_vmbus_unload", "hv_vmbus", &i) &&
				   !find_callback(j, "hyperv_panic_event", "hv_vmbus", &i)))
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (before == TRAIL_MAYBE || !j->timeline->has_panic_record)
		return TRAIL_RESULT_UNKNOWN;
	for (size_t k = trail_judge_log_from(j); k < j->timeline->log->n; k++) {
		const struct trail_record *r = &j->timeline->log->records[k];
		bool is_last = trail_text_has(r->text, r->length, gave_up);

		if (!is_last && !trail_text_has(r->text, r->length, waits))
			continue;
		ended |= is_last;
		n += !is_last;
		last = k;
	}
	if (!n && !ended)
		return j->timeline->log->lost || trail_judge_ran(j, i) == TRAIL_MAYBE
			       ? TRAIL_RESULT_UNKNOWN
			       : TRAIL_RESULT_PASS;
	bool slow = ended || (j->policy->longest_ns && n * 5 * SECOND > j->policy->longest_ns);
	struct trail_refs *evidence = trail_judge_finding(
		j, slow ? j->rule->severity : TRAIL_SEVERITY_NOTE,
		ended ? "%s, gave up on the host after 100 s: the VMBus is as it was"
		      : "%s, waited at least %zu s for the host to let go of the VMBus",
		trail_judge_say_notifier(j, i), n * 5);
	trail_judge_cite(j, evidence, &j->timeline->notifiers[i].evidence);
	trail_judge_cite_record(j, evidence, last, "the unload of the VMBus says so");
	return TRAIL_RESULT_FAIL;
}

enum trail_result trail_check_inert_notifier(struct trail_judge *j)
{
	size_t i;

	if (!find_callback(j, "xen_panic_event", NULL, &i))
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (!trail_facts_has(j->facts, "kexec_crash_image"))
		return TRAIL_RESULT_UNKNOWN;
	if (!trail_facts_value(j->facts, "kexec_crash_image", 0))
		return TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"%s, does nothing while a crash kernel is loaded: Xen is not told of the crash",
		trail_judge_say_notifier(j, i));
	trail_judge_cite_scalar(j, evidence, "kexec_crash_image");
	return TRAIL_RESULT_FAIL;
}
