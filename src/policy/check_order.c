/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of PT1xx: in which order panic() does things, and in which it should. */
#include "policy/checks.h"

#include <inttypes.h>

#include "timeline/evidence.h"

/* ---- panic_print and the dumps --------------------------------------------- */

enum trail_result trail_check_kmsg_dump_after_sys_info(struct trail_judge *j)
{
	enum trail_tristate asked = trail_judge_is_set(j, "sys-info.mask");
	enum trail_tristate dumpers = trail_judge_has_dumper(j), first = trail_judge_info_first(j);
	/* with kdump before both, neither waits for the other */
	bool never = trail_judge_armed(j) == TRAIL_YES && trail_judge_late(j) == TRAIL_NO;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (asked == TRAIL_NO || dumpers == TRAIL_NO || never)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (asked == TRAIL_MAYBE || dumpers == TRAIL_MAYBE || first == TRAIL_MAYBE)
		return TRAIL_RESULT_UNKNOWN;
	if (first == TRAIL_NO)
		return TRAIL_RESULT_PASS;
	bool inside = trail_judge_outcome(j, TRAIL_STAGE_SYS_INFO) == TRAIL_OUTCOME_IN_PROGRESS;
	struct trail_refs *evidence = trail_judge_finding(
		j, inside ? TRAIL_SEVERITY_ERROR : j->rule->severity,
		"%s, and %zu kmsg dumper%s behind the output of panic_print 0x%" PRIx64,
		inside ? "panic() was still in sys-info" : "sys-info comes first",
		j->facts->n_dumpers, j->facts->n_dumpers == 1 ? " stands" : "s stand",
		trail_facts_value(j->facts, "sys-info.mask", 0));
	trail_judge_cite_scalar(j, evidence, "sys-info.mask");
	trail_judge_cite_scalar(j, evidence, "count.kmsg-dumpers");
	trail_judge_cite_stage(j, evidence, TRAIL_STAGE_SYS_INFO);
	return TRAIL_RESULT_FAIL;
}

enum trail_result trail_check_sys_info_after_dump(struct trail_judge *j)
{
	enum trail_tristate asked = trail_judge_is_set(j, "sys-info.mask");
	enum trail_tristate armed = trail_judge_armed(j), late = trail_judge_late(j);
	enum trail_tristate dumpers = trail_judge_has_dumper(j), first = trail_judge_info_first(j);
	/* it did come, so kdump did not */
	bool printed = trail_judge_began(j, TRAIL_STAGE_SYS_INFO) == TRAIL_YES;
	const char *why = NULL;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (asked == TRAIL_NO || (armed == TRAIL_NO && dumpers == TRAIL_NO))
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (asked == TRAIL_YES && armed == TRAIL_YES && late == TRAIL_NO && !printed)
		why = "no dump: kdump comes before it";
	else if (asked == TRAIL_YES && first == TRAIL_NO && armed == TRAIL_YES && !printed)
		why = "no dump: this kernel comes to it after the late kdump";
	else if (asked == TRAIL_YES && first == TRAIL_NO && dumpers == TRAIL_YES)
		why = "no record of the kmsg dumpers: this kernel comes to it after kmsg_dump()";
	if (!why && printed)
		return first == TRAIL_MAYBE && dumpers != TRAIL_NO ? TRAIL_RESULT_UNKNOWN
								   : TRAIL_RESULT_PASS;
	if (!why) {
		bool known = asked == TRAIL_YES && first == TRAIL_YES &&
			     (armed == TRAIL_NO || late == TRAIL_YES);
		return known ? TRAIL_RESULT_PASS : TRAIL_RESULT_UNKNOWN;
	}
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity, "what panic_print 0x%" PRIx64 " asks for is in %s",
		trail_facts_value(j->facts, "sys-info.mask", 0), why);
	trail_judge_cite_scalar(j, evidence, "sys-info.mask");
	trail_judge_cite_scalar(j, evidence, "crash_kexec_post_notifiers");
	trail_judge_cite_scalar(j, evidence, "kexec_crash_image");
	trail_judge_cite_stage(j, evidence, TRAIL_STAGE_SYS_INFO);
	return TRAIL_RESULT_FAIL;
}

enum trail_result trail_check_sys_info_without_effect(struct trail_judge *j)
{
	enum trail_tristate asked = trail_judge_is_set(j, "sys-info.mask");
	enum trail_tristate armed = trail_judge_armed(j), first = trail_judge_info_first(j);

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (asked == TRAIL_NO || armed == TRAIL_NO)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (first == TRAIL_YES)
		return TRAIL_RESULT_PASS;
	if (asked == TRAIL_MAYBE || armed == TRAIL_MAYBE || first == TRAIL_MAYBE)
		return TRAIL_RESULT_UNKNOWN;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"panic_print has no effect while a crash kernel is loaded: this kernel comes to it "
		"after both places of kdump");
	trail_judge_cite_scalar(j, evidence, "sys-info.mask");
	trail_judge_cite_scalar(j, evidence, "kexec_crash_image");
	trail_judge_cite_scalar(j, evidence, "feature.cpu-backtraces");
	return TRAIL_RESULT_FAIL;
}

/* ---- the order of a policy -------------------------------------------------- */

/* A step of the policy's order on this machine. */
struct step {
	const struct trail_stage_verdict *stage; /* NULL: this kernel has no such */
	long rank;				 /* in this kernel's order */
	enum trail_tristate due;		 /* it ran, or would have when panic() came to it */
	enum trail_tristate ran;
};

static bool is_kdump(enum trail_stage stage)
{
	return stage == TRAIL_STAGE_DIRECT_KEXEC || stage == TRAIL_STAGE_KDUMP_EARLY ||
	       stage == TRAIL_STAGE_KDUMP_LATE;
}

/* Where kdump was, or stands by the configuration. */
static enum trail_stage kdump_stage(const struct trail_judge *j)
{
	if (j->timeline->frontier != TRAIL_N_STAGES && is_kdump(j->timeline->frontier))
		return j->timeline->frontier;
	return trail_judge_late(j) == TRAIL_YES ? TRAIL_STAGE_KDUMP_LATE : TRAIL_STAGE_KDUMP_EARLY;
}

/* Would a stage that was not reached have done something? */
static enum trail_tristate would_run(const struct trail_judge *j, enum trail_stage stage)
{
	if (is_kdump(stage)) {
		enum trail_tristate armed = trail_judge_armed(j), late = trail_judge_late(j);

		if (stage != kdump_stage(j) || armed == TRAIL_NO)
			return TRAIL_NO;
		return late == TRAIL_MAYBE ? TRAIL_MAYBE : armed;
	}
	for (size_t i = 0; i < trail_n_stage_rows; i++)
		if (trail_stage_rows[i].stage == stage)
			return trail_conditions_hold(&j->builder, trail_stage_rows[i].runs_if,
						     TRAIL_CONDITIONS, NULL);
	return TRAIL_MAYBE;
}

static struct step step_of(const struct trail_judge *j, unsigned word)
{
	enum trail_stage stage = word == TRAIL_STEP_KDUMP ? kdump_stage(j) : (enum trail_stage)word;
	struct step step = { .stage = trail_judge_stage(j, stage),
			     .rank = trail_judge_rank(j, stage) };

	step.ran = trail_judge_began(j, stage);
	step.due = step.ran;
	if (step.stage && step.stage->outcome == TRAIL_OUTCOME_NOT_REACHED)
		step.due = would_run(j, stage);
	return step;
}

/* The steps that @step came before, though the policy wants them first; NULL for none. */
static const char *overtaken(struct trail_judge *j, const struct step *steps, size_t n,
			     const struct step *step, struct trail_refs *evidence)
{
	const char *s = NULL;

	for (size_t i = 0; i < n; i++) {
		if (steps[i].due != TRAIL_YES || steps[i].rank <= step->rank)
			continue;
		const char *name = trail_stage_names[steps[i].stage->stage];
		s = s ? trail_timeline_say(&j->builder, "%s, %s", s, name) : name;
		trail_judge_cite(j, evidence, &steps[i].stage->evidence);
	}
	return s;
}

enum trail_result trail_check_order_violated(struct trail_judge *j)
{
	struct step steps[TRAIL_N_STEPS];
	size_t n = TRAIL_MIN(j->policy->n_order, TRAIL_ARRAY_SIZE(steps));
	enum trail_result result = TRAIL_RESULT_PASS;

	if (n < 2)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	for (size_t i = 0; i < n; i++) {
		steps[i] = step_of(j, j->policy->order[i]);
		if (steps[i].due == TRAIL_MAYBE && result == TRAIL_RESULT_PASS)
			result = TRAIL_RESULT_UNKNOWN;
		struct trail_refs cited = { 0 };
		const char *others = steps[i].ran == TRAIL_YES
					     ? overtaken(j, steps, i, &steps[i], &cited)
					     : NULL;
		if (!others)
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"%s came before %s; the policy wants it the other way round",
			trail_stage_names[steps[i].stage->stage], others);
		trail_judge_cite(j, evidence, &steps[i].stage->evidence);
		trail_judge_cite(j, evidence, &cited);
	}
	return result;
}

/* ---- the order of the proposals ---------------------------------------------- */

enum trail_result trail_check_proposed_order(struct trail_judge *j)
{
	enum trail_tristate armed = trail_judge_armed(j), late = trail_judge_late(j);
	enum trail_tristate first = trail_judge_info_first(j);
	bool has_info = trail_judge_rank(j, TRAIL_STAGE_SYS_INFO) >= 0;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	bool kdump_first = armed == TRAIL_YES && late == TRAIL_NO;
	bool info_last = has_info && first == TRAIL_NO;
	if (!kdump_first && !info_last) {
		bool known = armed != TRAIL_MAYBE && late != TRAIL_MAYBE &&
			     (!has_info || first != TRAIL_MAYBE);
		return known ? TRAIL_RESULT_PASS : TRAIL_RESULT_UNKNOWN;
	}
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"the order proposed for panic() is sys-info, kmsg-dump, kdump, console-flush, "
		"reboot; here %s%s%s",
		kdump_first ? "kdump comes first" : "", kdump_first && info_last ? ", and " : "",
		info_last ? "sys-info comes after kmsg-dump and console-flush" : "");
	trail_judge_cite_scalar(j, evidence, "crash_kexec_post_notifiers");
	if (kdump_first)
		trail_judge_cite_armed(j, evidence);
	if (kdump_first && trail_judge_is_text(j))
		trail_judge_cite(j, evidence, &j->timeline->dump_evidence);
	if (info_last)
		trail_judge_cite_scalar(j, evidence, "feature.cpu-backtraces");
	return TRAIL_RESULT_FAIL;
}

/* Is there something among the callbacks that a hypervisor waits for?  One in no catalogue may. */
static enum trail_tristate has_hypervisor_callback(const struct trail_judge *j)
{
	enum trail_tristate has = j->facts->chain_complete ? TRAIL_NO : TRAIL_MAYBE;

	for (size_t i = 0; i < j->facts->n_notifiers; i++) {
		if (trail_judge_tells_hypervisor(j, i))
			return TRAIL_YES;
		if (!j->timeline->notifiers[i].catalogued)
			has = TRAIL_MAYBE;
	}
	return has;
}

enum trail_result trail_check_kdump_could_be_first(struct trail_judge *j)
{
	enum trail_tristate armed = trail_judge_armed(j), late = trail_judge_late(j);
	enum trail_tristate needs[] = { trail_judge_has_dumper(j),
					trail_judge_is_set(j, "sys-info.mask"),
					has_hypervisor_callback(j) };
	bool known = armed == TRAIL_YES && late == TRAIL_YES;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (armed == TRAIL_NO || late == TRAIL_NO)
		return TRAIL_RESULT_NOT_APPLICABLE;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(needs); i++) {
		if (needs[i] == TRAIL_YES)
			return TRAIL_RESULT_PASS;
		known &= needs[i] == TRAIL_NO;
	}
	if (!known)
		return TRAIL_RESULT_UNKNOWN;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"kdump waits for the notifiers, and nothing here needs that: no dumper, no "
		"panic_print, nobody who tells a hypervisor");
	trail_judge_cite_scalar(j, evidence, "crash_kexec_post_notifiers");
	trail_judge_cite_scalar(j, evidence, "count.kmsg-dumpers");
	trail_judge_cite_scalar(j, evidence, "sys-info.mask");
	return TRAIL_RESULT_FAIL;
}

/* ---- the hypervisor ---------------------------------------------------------- */

/* Does the policy want the hypervisor told before the dump (YES), after it (NO), or is it no
 * matter? */
static enum trail_tristate hypervisor_first(const struct trail_policy *policy)
{
	if (!(policy->classes & 1U << TRAIL_CLASS_HYPERVISOR))
		return TRAIL_NO;
	for (size_t i = 0; i < policy->n_goals; i++) {
		if (policy->goals[i] == TRAIL_GOAL_HYPERVISOR)
			return TRAIL_YES;
		if (policy->goals[i] == TRAIL_GOAL_KDUMP)
			break;
	}
	return TRAIL_MAYBE;
}

enum trail_result trail_check_hypervisor_order(struct trail_judge *j)
{
	enum trail_tristate first = hypervisor_first(j->policy), told = TRAIL_NO;
	const struct trail_refs *refs = NULL;
	const char *name = NULL;

	if (first == TRAIL_MAYBE)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	for (size_t i = 0; i < j->facts->n_notifiers && told != TRAIL_YES; i++) {
		const struct trail_notifier_facts *n = &j->facts->notifiers[i];
		enum trail_call call = j->timeline->notifiers[i].outcome;
		if (!trail_judge_tells_hypervisor(j, i))
			continue;
		name = trail_judge_function(j, n->function, n->module);
		refs = &j->timeline->notifiers[i].evidence;
		told = call == TRAIL_CALL_CALLED || call == TRAIL_CALL_IN_PROGRESS ? TRAIL_YES
		       : call == TRAIL_CALL_UNKNOWN				   ? TRAIL_MAYBE
										   : told;
	}
	/* only the kernel's own dump has a before and an after */
	if (!name || j->timeline->point == TRAIL_POINT_OUTSIDE ||
	    j->timeline->point == TRAIL_POINT_NONE)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (told == TRAIL_MAYBE || j->timeline->point == TRAIL_POINT_UNKNOWN)
		return TRAIL_RESULT_UNKNOWN;
	if (told == first)
		return TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		told == TRAIL_YES
			? "%s was called before the dump; the policy wants the dump first"
			: "the dump was taken without %s; the policy wants the hypervisor told "
			  "first",
		name);
	trail_judge_cite(j, evidence, refs);
	trail_judge_cite(j, evidence, &j->timeline->dump_evidence);
	return TRAIL_RESULT_FAIL;
}

/* ---- CPUs before a stage ------------------------------------------------------ */

/* How many other CPUs were up when @stage ran; SIZE_MAX when that cannot be told. */
static size_t running_at(struct trail_judge *j, enum trail_stage stage, struct trail_refs *cited)
{
	bool before = trail_judge_rank(j, stage) < trail_judge_rank(j, TRAIL_STAGE_STOP_CPUS);
	size_t running = 0;

	for (size_t i = 0; i < j->facts->n_cpus; i++) {
		const struct trail_cpu_verdict *cpu = &j->timeline->cpus[i];
		bool up = cpu->outcome == TRAIL_CPU_NOT_STOPPED ||
			  cpu->outcome == TRAIL_CPU_RUNNING ||
			  (before && cpu->outcome == TRAIL_CPU_STOPPED);

		if (cpu->outcome == TRAIL_CPU_UNKNOWN)
			return SIZE_MAX;
		if (!up)
			continue;
		running++;
		trail_judge_cite(j, cited, &cpu->evidence);
	}
	return running;
}

enum trail_result trail_check_stage_not_stopped_before(struct trail_judge *j)
{
	/* before kdump it is PT301's matter, for each CPU */
	uint32_t wanted = j->policy->stop_before & ~(UINT32_C(1) << TRAIL_STEP_KDUMP);
	enum trail_result result = TRAIL_RESULT_NOT_APPLICABLE;

	if (!wanted)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	for (size_t i = 0; i < j->timeline->n_stages; i++) {
		const struct trail_stage_verdict *stage = &j->timeline->stages[i];
		struct trail_refs cited = { 0 };
		enum trail_tristate began = trail_judge_began(j, stage->stage);

		if (!(wanted >> stage->stage & 1) || began == TRAIL_NO)
			continue;
		size_t running = began == TRAIL_YES ? running_at(j, stage->stage, &cited)
						    : SIZE_MAX;
		if (running == SIZE_MAX || running <= j->policy->stop_may_fail) {
			enum trail_result one = running == SIZE_MAX ? TRAIL_RESULT_UNKNOWN
								    : TRAIL_RESULT_PASS;
			result = result == TRAIL_RESULT_NOT_APPLICABLE ||
						 result == TRAIL_RESULT_PASS
					 ? one
					 : result;
			continue;
		}
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity, "%zu other CPU%s still ran when panic() came to %s",
			running, running == 1 ? "" : "s", trail_stage_names[stage->stage]);
		trail_judge_cite(j, evidence, &stage->evidence);
		trail_judge_cite(j, evidence, &cited);
	}
	return result;
}
