/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What went wrong in a crash, and whether another order would have been spared it. */
#include "base/table.h"
#include "policy/what_if.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

const char *const trail_trouble_names[TRAIL_N_TROUBLES] = {
	[TRAIL_TROUBLE_NOTIFIER] = "notifier-in-progress",
	[TRAIL_TROUBLE_DUMPER] = "kmsg-dumper-in-progress",
	[TRAIL_TROUBLE_STAGE] = "stage-in-progress",
	[TRAIL_TROUBLE_CHAIN] = "chain-ended",
	[TRAIL_TROUBLE_CPU] = "cpu-not-stopped",
	[TRAIL_TROUBLE_KDUMP] = "no-kdump",
};

/* What a trouble is measured by: the first of these that this machine was set up for. */
enum target { KDUMP, KMSG_DUMP, END, UNKNOWN };

static enum target target_of(const struct trail_what *w)
{
	const struct trail_given *dumper = &w->out->inputs[TRAIL_INPUT_DUMPER];

	if (w->out->armed != TRAIL_NO)
		return w->out->armed == TRAIL_YES ? KDUMP : UNKNOWN;
	if (!dumper->known)
		return UNKNOWN;
	return dumper->value ? KMSG_DUMP : END;
}

static void add_trouble(struct trail_what *w, const struct trail_trouble *trouble)
{
	struct trail_trouble *all = trail_pool_grow(&w->timeline->pool, w->out->troubles,
						    w->out->n_troubles, sizeof(*all));

	if (!all) {
		w->builder.failed = true;
		return;
	}
	w->out->troubles = all;
	all[w->out->n_troubles++] = *trouble;
}

/* ---- what panic() was doing when the dump was made ------------------------ */

enum { NONE = -1 };

static long running_notifier(const struct trail_what *w)
{
	for (size_t i = 0; i < w->facts->n_notifiers; i++)
		if (w->timeline->notifiers[i].outcome == TRAIL_CALL_IN_PROGRESS)
			return (long)i;
	return NONE;
}

static long running_dumper(const struct trail_what *w)
{
	for (size_t i = 0; i < w->facts->n_dumpers; i++)
		if (w->timeline->dumpers[i].outcome == TRAIL_CALL_IN_PROGRESS)
			return (long)i;
	return NONE;
}

/* Some callback of the chain, nobody knows which. */
static enum trail_tristate over_chain(const struct trail_what *w, const enum trail_tristate *keys)
{
	enum trail_tristate all = TRAIL_YES, any = TRAIL_NO;

	for (size_t i = 0; i < w->facts->n_notifiers; i++) {
		enum trail_tristate one = trail_what_over_lists(w->out->callbacks[i].lists, keys);
		all = trail_and(all, one);
		any = trail_or(any, one);
	}
	if (!w->facts->n_notifiers || !w->facts->chain_complete)
		return TRAIL_MAYBE;
	return all == TRAIL_YES ? TRAIL_YES : any == TRAIL_NO ? TRAIL_NO : TRAIL_MAYBE;
}

/* Does what was running come before the step that @keys are counted up to? */
static enum trail_tristate comes_before(const struct trail_what *w, const enum trail_tristate *keys)
{
	const struct trail_given *in = w->out->inputs;
	enum trail_stage stage = w->timeline->frontier;
	long notifier = running_notifier(w);

	if (!w->timeline->frontier_exact)
		return TRAIL_MAYBE;
	if (stage == TRAIL_STAGE_NOTIFIERS)
		return notifier == NONE
			       ? over_chain(w, keys)
			       : trail_what_over_lists(w->out->callbacks[notifier].lists, keys);
	if (stage == TRAIL_STAGE_KMSG_DUMP && in[TRAIL_INPUT_DUMPER].known &&
	    !in[TRAIL_INPUT_DUMPER].value)
		return TRAIL_NO;
	if (stage == TRAIL_STAGE_SYS_INFO && in[TRAIL_INPUT_PRINT].known &&
	    !in[TRAIL_INPUT_PRINT].value)
		return TRAIL_NO;
	return keys[stage];
}

/* Would what was running be in the way again? */
static enum trail_tristate again(const struct trail_what *w)
{
	switch (target_of(w)) {
	case KDUMP:
		return comes_before(w, w->before_kdump);
	case KMSG_DUMP: /* the dumper itself is in the way of the dumpers */
		return w->timeline->frontier == TRAIL_STAGE_KMSG_DUMP
			       ? TRAIL_YES
			       : comes_before(w, w->before_kmsg);
	case END:
		return comes_before(w, w->runs);
	case UNKNOWN:
		break;
	}
	return comes_before(w, w->runs) == TRAIL_NO ? TRAIL_NO : TRAIL_MAYBE;
}

static const char *why_open(const struct trail_what *w)
{
	long notifier = running_notifier(w);

	if (!w->timeline->frontier_exact)
		return "where exactly panic() was is not known";
	if (target_of(w) == UNKNOWN)
		return "this dump does not tell whether kdump would come before it";
	if (notifier != NONE && w->out->callbacks[notifier].why)
		return trail_timeline_say((struct trail_builder *)&w->builder,
					  "which list it is in is open: %s",
					  w->out->callbacks[notifier].why);
	return "whether it comes before is not settled";
}

static const char *why_again(const struct trail_what *w, enum trail_tristate verdict)
{
	static const char *const yes[] = {
		[KDUMP] = "it would run before kdump, too",
		[KMSG_DUMP] = "there is no kdump, and it would run no later than the kmsg dumpers",
		[END] = "nothing ends the run before it",
	};
	static const char *const no[] = {
		[KDUMP] = "kdump comes before it",
		[KMSG_DUMP] = "the kmsg dumpers come before it",
		[END] = "it would not run",
		[UNKNOWN] = "it would not run",
	};
	long notifier = running_notifier(w);

	if (verdict == TRAIL_MAYBE)
		return why_open(w);
	if (verdict == TRAIL_NO && notifier != NONE &&
	    w->out->callbacks[notifier].registered == TRAIL_NO)
		return "the filter keeps it from being registered";
	return verdict == TRAIL_YES ? yes[target_of(w)] : no[target_of(w)];
}

static const char *function_of(const char *function)
{
	return function ? function : "a function without a name";
}

static void find_running(struct trail_what *w)
{
	const struct trail_timeline *t = w->timeline;
	struct trail_builder *b = &w->builder;
	long notifier = running_notifier(w), dumper = running_dumper(w);
	struct trail_trouble trouble = { .kind = TRAIL_TROUBLE_STAGE,
					 .in_the_way = again(w),
					 .evidence = t->frontier_evidence };

	if (notifier != NONE) {
		trouble.kind = TRAIL_TROUBLE_NOTIFIER;
		trouble.evidence = t->notifiers[notifier].evidence;
		trouble.what = trail_timeline_say(
			b, "notifier %ld, %s, was running when the dump was made", notifier + 1,
			function_of(w->facts->notifiers[notifier].function));
	} else if (dumper != NONE) {
		trouble.kind = TRAIL_TROUBLE_DUMPER;
		trouble.evidence = t->dumpers[dumper].evidence;
		trouble.what = trail_timeline_say(
			b, "kmsg dumper %ld, %s, was running when the dump was made", dumper + 1,
			function_of(w->facts->dumpers[dumper].function));
	} else if (t->frontier < TRAIL_STAGE_REBOOT_WAIT && t->entered == TRAIL_YES &&
		   t->frontier_exact && t->frontier != TRAIL_STAGE_KDUMP_EARLY &&
		   t->frontier != TRAIL_STAGE_KDUMP_LATE) {
		trouble.what = trail_timeline_say(b, "panic() was in %s when the dump was made",
						  NAME(trail_stage_names, t->frontier));
	} else {
		return;
	}
	trouble.why = why_again(w, trouble.in_the_way);
	add_trouble(w, &trouble);
}

/* ---- a chain that was ended ----------------------------------------------- */

/* Surely in one list, surely not, or open. */
static enum trail_tristate share_list(const struct trail_what *w, size_t a, size_t b)
{
	unsigned x = w->out->callbacks[a].lists, y = w->out->callbacks[b].lists;

	if (w->out->callbacks[a].registered == TRAIL_NO || !(x & y))
		return TRAIL_NO;
	return x == y && !(x & (x - 1)) ? TRAIL_YES : TRAIL_MAYBE;
}

/* Is @cut in one list with the callback that ended the chain, one of [first, end)? */
static enum trail_tristate shares_with(const struct trail_what *w, size_t first, size_t end,
				       size_t cut)
{
	enum trail_tristate all = TRAIL_YES, any = TRAIL_NO;

	for (size_t i = first; i < end; i++) {
		all = trail_and(all, share_list(w, i, cut));
		any = trail_or(any, share_list(w, i, cut));
	}
	return all == TRAIL_YES ? TRAIL_YES : any == TRAIL_NO ? TRAIL_NO : TRAIL_MAYBE;
}

static const char *why_cut(enum trail_tristate verdict, enum trail_tristate runs, bool kept_out)
{
	if (kept_out)
		return "the filter keeps it from being registered";
	if (verdict == TRAIL_YES)
		return "it would end the same list for callbacks behind it";
	if (verdict == TRAIL_MAYBE)
		return "which list it would be in, and so what it would cut off, is open";
	return runs == TRAIL_NO ? "what it cut off would not be called at all"
				: "what it cut off would be in other lists";
}

static void find_ended_chain(struct trail_what *w)
{
	const struct trail_facts *f = w->facts;
	size_t cut = 0, first = 0, n = 0;
	enum trail_tristate verdict = TRAIL_NO, runs = TRAIL_NO;

	while (cut < f->n_notifiers && w->timeline->notifiers[cut].outcome != TRAIL_CALL_CUT_OFF)
		cut++;
	if (cut == f->n_notifiers)
		return;
	/* proven only of one whose code always ends the chain */
	bool proven = cut && f->notifiers[cut - 1].returns == TRAIL_RETURNS_STOP;
	if (proven)
		first = cut - 1;
	for (size_t i = cut; i < f->n_notifiers; i++) {
		enum trail_tristate called = w->out->callbacks[i].runs;
		if (w->timeline->notifiers[i].outcome != TRAIL_CALL_CUT_OFF)
			continue;
		n++;
		runs = trail_or(runs, called);
		verdict = trail_or(verdict, trail_and(shares_with(w, first, cut, i), called));
	}
	const char *who = proven ? trail_timeline_say(&w->builder, "notifier %zu, %s,", cut,
						      function_of(f->notifiers[cut - 1].function))
				 : "a callback";
	struct trail_trouble trouble = {
		.kind = TRAIL_TROUBLE_CHAIN,
		.what = trail_timeline_say(&w->builder,
					   "%s ended the chain: %zu callback%s cut off", who, n,
					   n == 1 ? "" : "s"),
		.in_the_way = verdict,
		.why = why_cut(verdict, runs,
			       proven && w->out->callbacks[cut - 1].registered == TRAIL_NO),
		.evidence = w->timeline->notifiers[cut].evidence,
	};
	add_trouble(w, &trouble);
}

/* ---- CPUs ----------------------------------------------------------------- */

static void count_cpus(struct trail_what *w)
{
	struct trail_what_cpus *cpus = &w->out->cpus;

	cpus->known = w->timeline->cpu >= 0;
	cpus->told = w->before_kdump[TRAIL_STAGE_STOP_CPUS];
	cpus->how = cpus->told == TRAIL_NO ? NULL : w->stop;
	for (size_t i = 0; i < w->facts->n_cpus; i++) {
		enum trail_cpu_outcome outcome = w->timeline->cpus[i].outcome;
		if (w->facts->cpus[i].cpu < 0 || outcome == TRAIL_CPU_PANICKING ||
		    outcome == TRAIL_CPU_OFFLINE)
			continue;
		cpus->others++;
		cpus->refused += outcome == TRAIL_CPU_NOT_STOPPED;
		cpus->by_themselves += outcome == TRAIL_CPU_SELF_STOPPED;
		cpus->undecided += outcome == TRAIL_CPU_UNKNOWN || outcome == TRAIL_CPU_RUNNING;
	}
	cpus->stopped_known = cpus->known && cpus->told != TRAIL_MAYBE && !cpus->undecided;
	cpus->stopped_before_kdump = cpus->told == TRAIL_YES ? cpus->others - cpus->refused
							     : cpus->by_themselves;
}

/* Were CPUs told here as a crash kexec tells them?  smp_send_stop() asks before it sends an NMI. */
static enum trail_tristate told_as_in_kexec(const struct trail_what *w)
{
	const struct trail_scalar *flag = trail_facts_scalar(w->facts,
							     "crash_kexec_post_notifiers");

	if (w->timeline->method == TRAIL_METHOD_KDUMP)
		return TRAIL_YES;
	if (!flag || flag->presence != TRAIL_PRESENT)
		return TRAIL_MAYBE;
	return flag->value ? TRAIL_YES : TRAIL_NO;
}

static enum trail_tristate refuses_again(const struct trail_what *w, const char **why_ret)
{
	const struct trail_what_cpus *cpus = &w->out->cpus;
	bool by_panic = cpus->told == TRAIL_YES && trail_streq(w->stop, "crash_smp_send_stop()");
	bool by_kexec = cpus->told == TRAIL_NO && w->out->armed == TRAIL_YES;

	if (told_as_in_kexec(w) == TRAIL_YES && (by_panic || by_kexec)) {
		*why_ret = by_panic ? "it would be told in the same way, before kdump"
				    : "the crash kexec itself would tell it in the same way";
		return TRAIL_YES;
	}
	*why_ret = "it would be told in another way or at another time than here";
	return TRAIL_MAYBE;
}

static void find_cpus(struct trail_what *w)
{
	for (size_t i = 0; i < w->facts->n_cpus; i++) {
		if (w->timeline->cpus[i].outcome != TRAIL_CPU_NOT_STOPPED)
			continue;
		struct trail_trouble trouble = {
			.kind = TRAIL_TROUBLE_CPU,
			.what = trail_timeline_say(&w->builder, "CPU %d did not stop",
						   w->facts->cpus[i].cpu),
			.evidence = w->timeline->cpus[i].evidence,
		};
		trouble.in_the_way = refuses_again(w, &trouble.why);
		add_trouble(w, &trouble);
	}
}

/* ---- a kdump that never came ---------------------------------------------- */

static enum trail_outcome kdump_outcome(const struct trail_what *w)
{
	const struct trail_timeline *t = w->timeline;
	enum trail_stage due = trail_facts_value(w->facts, "crash_kexec_post_notifiers", 0)
				       ? TRAIL_STAGE_KDUMP_LATE
				       : TRAIL_STAGE_KDUMP_EARLY;

	for (size_t i = 0; i < t->n_stages; i++)
		if (t->stages[i].stage == due &&
		    trail_facts_has(w->facts, "crash_kexec_post_notifiers"))
			return t->stages[i].outcome;
	return TRAIL_OUTCOME_UNKNOWN;
}

static enum trail_tristate no_kdump_again(const struct trail_what *w, const char **why_ret)
{
	const struct trail_scalar *image = trail_facts_scalar(w->facts, "kexec_crash_image");
	bool had_one = image && image->presence == TRAIL_PRESENT && image->value;

	if (w->out->armed != TRAIL_YES) {
		*why_ret = w->out->armed == TRAIL_NO
				   ? "no crash kernel is loaded"
				   : "whether a crash kernel is loaded is not known";
		return w->out->armed == TRAIL_NO ? TRAIL_YES : TRAIL_MAYBE;
	}
	if (had_one && kdump_outcome(w) != TRAIL_OUTCOME_NOT_REACHED) {
		*why_ret = "kdump was due here and did not come: why is not known";
		return TRAIL_MAYBE;
	}
	enum trail_tristate verdict = comes_before(w, w->before_kdump);
	*why_ret = verdict == TRAIL_NO	  ? "kdump would come before what panic() was in here"
		   : verdict == TRAIL_YES ? "what panic() was in here would come before kdump"
					  : "whether kdump comes before what panic() was in here "
					    "is open";
	return verdict;
}

static void find_no_kdump(struct trail_what *w)
{
	const struct trail_timeline *t = w->timeline;
	struct trail_trouble trouble = { .kind = TRAIL_TROUBLE_KDUMP,
					 .what = "no kdump came",
					 .evidence = t->dump_evidence };
	bool other = t->method == TRAIL_METHOD_HYPERVISOR || t->method == TRAIL_METHOD_NONE;

	if (!other || t->entered != TRAIL_YES || t->frontier == TRAIL_STAGE_KDUMP_EARLY ||
	    t->frontier == TRAIL_STAGE_KDUMP_LATE)
		return;
	trouble.in_the_way = no_kdump_again(w, &trouble.why);
	add_trouble(w, &trouble);
}

void trail_what_find_troubles(struct trail_what *w)
{
	count_cpus(w);
	find_running(w);
	find_ended_chain(w);
	find_cpus(w);
	find_no_kdump(w);
}
