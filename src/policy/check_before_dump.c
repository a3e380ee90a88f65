/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of PT204 to PT208: which callbacks stood between panic() and the dump. */
#include "policy/checks.h"

#include "base/table.h"

enum { LISTED = 8 };

enum trail_tristate trail_judge_before_dump(const struct trail_judge *j)
{
	const struct trail_stage_verdict *late = trail_judge_stage(j, TRAIL_STAGE_KDUMP_LATE);
	uint64_t image = trail_facts_value(j->facts, "kexec_crash_image", 0);
	uint64_t flag = trail_facts_value(j->facts, "crash_kexec_post_notifiers", 0);

	if (j->timeline->point == TRAIL_POINT_LATE)
		return TRAIL_YES;
	if (!trail_judge_crashed(j) || j->timeline->point != TRAIL_POINT_OUTSIDE)
		return j->timeline->point == TRAIL_POINT_UNKNOWN ? TRAIL_MAYBE : TRAIL_NO;
	/* frozen from outside: is there a kdump that it had not come to? */
	if (!trail_facts_has(j->facts, "kexec_crash_image") ||
	    !trail_facts_has(j->facts, "crash_kexec_post_notifiers"))
		return TRAIL_MAYBE;
	if (!image || !flag || !late)
		return TRAIL_NO;
	if (late->outcome == TRAIL_OUTCOME_UNKNOWN)
		return TRAIL_MAYBE;
	return late->outcome == TRAIL_OUTCOME_NOT_REACHED ||
			       late->outcome == TRAIL_OUTCOME_IN_PROGRESS
		       ? TRAIL_YES
		       : TRAIL_NO;
}

enum trail_tristate trail_judge_ran(const struct trail_judge *j, size_t i)
{
	switch (j->timeline->notifiers[i].outcome) {
	case TRAIL_CALL_CALLED:
	case TRAIL_CALL_IN_PROGRESS:
		return TRAIL_YES;
	case TRAIL_CALL_NOT_CALLED:
	case TRAIL_CALL_CUT_OFF:
		return TRAIL_NO;
	default:
		return TRAIL_MAYBE;
	}
}

static const char *name_of(struct trail_judge *j, size_t i)
{
	return trail_judge_function(j, j->facts->notifiers[i].function,
				    j->facts->notifiers[i].module);
}

const char *trail_judge_say_notifier(struct trail_judge *j, size_t i)
{
	return trail_timeline_say(&j->builder, "notifier %zu, %s", i + 1, name_of(j, i));
}

static bool denied(const struct trail_judge *j, size_t i)
{
	const struct trail_notifier_facts *n = &j->facts->notifiers[i];

	return trail_globs_match(&j->policy->deny, n->function, n->module);
}

/* May it run whatever it is?  A callback that is denied, too, may not. */
static bool allowed(const struct trail_judge *j, size_t i)
{
	const struct trail_notifier_facts *n = &j->facts->notifiers[i];

	return trail_globs_match(&j->policy->allow, n->function, n->module) && !denied(j, i);
}

/* Why a callback should not run before the dump; NULL: it may. */
typedef const char *objection(struct trail_judge *j, size_t i);

/* One finding for each; a note lists them all in one. */
static void report(struct trail_judge *j, const size_t *which, size_t n, objection *object,
		   const char *what)
{
	enum trail_severity severity = trail_policy_severity(j->policy, j->rule->id,
							     j->rule->severity);
	const char *list = "";

	for (size_t k = 0; k < n && severity > TRAIL_SEVERITY_NOTE; k++) {
		const char *why = object(j, which[k]);
		struct trail_refs *evidence = trail_judge_finding(
			j, severity, "%s, ran before the dump: %s",
			trail_judge_say_notifier(j, which[k]), why ? why : "");
		trail_judge_cite(j, evidence, &j->timeline->notifiers[which[k]].evidence);
	}
	if (severity > TRAIL_SEVERITY_NOTE)
		return;
	for (size_t k = 0; k < n && k < LISTED; k++)
		list = trail_timeline_say(&j->builder, "%s%s%s", list, k ? ", " : "",
					  name_of(j, which[k]));
	if (n > LISTED)
		list = trail_timeline_say(&j->builder, "%s and %zu more", list, n - LISTED);
	struct trail_refs *evidence = trail_judge_finding(
		j, severity, "%zu callback%s %s ran before the dump: %s", n, n == 1 ? "" : "s",
		what, list);
	for (size_t k = 0; k < n; k++)
		trail_judge_cite(j, evidence, &j->timeline->notifiers[which[k]].evidence);
}

/* @what: which callbacks these are, behind "callbacks" */
static enum trail_result judge_callbacks(struct trail_judge *j, objection *object, const char *what)
{
	enum trail_tristate before = trail_judge_before_dump(j);
	bool unsure = !j->facts->chain_complete;
	size_t n = 0;

	if (before != TRAIL_YES)
		return before == TRAIL_NO ? TRAIL_RESULT_NOT_APPLICABLE : TRAIL_RESULT_UNKNOWN;
	size_t *which = trail_pool_alloc(&j->timeline->pool, j->facts->n_notifiers + 1,
					 sizeof(*which));
	if (!which) {
		j->builder.failed = true;
		return TRAIL_RESULT_UNKNOWN;
	}
	for (size_t i = 0; i < j->facts->n_notifiers; i++) {
		enum trail_tristate ran = trail_judge_ran(j, i);

		if (ran == TRAIL_NO || allowed(j, i) || !object(j, i))
			continue;
		if (ran == TRAIL_YES)
			which[n++] = i;
		unsure |= ran == TRAIL_MAYBE;
	}
	if (n)
		report(j, which, n, object, what);
	return n ? TRAIL_RESULT_FAIL : unsure ? TRAIL_RESULT_UNKNOWN : TRAIL_RESULT_PASS;
}

static const struct trail_known_notifier *known(const struct trail_judge *j, size_t i)
{
	return j->timeline->notifiers[i].known;
}

static const char *too_risky(struct trail_judge *j, size_t i)
{
	const struct trail_known_notifier *row = known(j, i);

	for (size_t risk = j->policy->highest_risk + 1; row && risk < TRAIL_N_RISKS; risk++)
		if (trail_streq(row->risk, trail_risk_names[risk]))
			return trail_timeline_say(&j->builder, "its risk is %s (%s)", row->risk,
						  row->reason);
	return NULL;
}

enum trail_result trail_check_risky_notifier(struct trail_judge *j)
{
	if (j->policy->highest_risk == TRAIL_RISK_HIGH)
		return TRAIL_RESULT_NOT_APPLICABLE;
	return judge_callbacks(j, too_risky, "with a higher risk than the policy allows");
}

static const char *not_known(struct trail_judge *j, size_t i)
{
	return j->timeline->notifiers[i].catalogued ? NULL : "nothing is known of what it does";
}

enum trail_result trail_check_unknown_notifier(struct trail_judge *j)
{
	if (j->policy->unknown_allowed)
		return TRAIL_RESULT_NOT_APPLICABLE;
	return judge_callbacks(j, not_known, "of which nothing is known");
}

static const char *for_reboot(struct trail_judge *j, size_t i)
{
	return trail_streq(j->timeline->notifiers[i].class, trail_class_names[TRAIL_CLASS_REBOOT])
		       ? "it only serves a machine that is not dumped"
		       : NULL;
}

enum trail_result trail_check_reboot_notifier(struct trail_judge *j)
{
	return judge_callbacks(j, for_reboot, "of use only to what comes after it");
}

static const char *for_hypervisor(struct trail_judge *j, size_t i)
{
	return trail_streq(j->timeline->notifiers[i].class,
			   trail_class_names[TRAIL_CLASS_HYPERVISOR])
		       ? "what the hypervisor or firmware does then is out of the kernel's hands"
		       : NULL;
}

/* One that had not returned is what took the dump away. */
enum trail_result trail_check_hypervisor_notifier(struct trail_judge *j)
{
	enum trail_result result = judge_callbacks(j, for_hypervisor,
						   "talking to the hypervisor or the firmware");

	for (size_t i = 0; i < j->facts->n_notifiers && result == TRAIL_RESULT_FAIL; i++) {
		const struct trail_notifier_verdict *verdict = &j->timeline->notifiers[i];

		if (verdict->outcome != TRAIL_CALL_IN_PROGRESS || !for_hypervisor(j, i) ||
		    allowed(j, i))
			continue;
		struct trail_refs *evidence = trail_judge_finding(
			j, TRAIL_SEVERITY_ERROR, "%s, had not returned, and kdump was not reached",
			trail_judge_say_notifier(j, i));
		trail_judge_cite(j, evidence, &verdict->evidence);
	}
	return result;
}

static const char *not_allowed(struct trail_judge *j, size_t i)
{
	const char *class = j->timeline->notifiers[i].class;

	if (denied(j, i))
		return "the policy denies it";
	for (size_t c = 0; c < TRAIL_N_CLASSES; c++)
		if (trail_streq(class, trail_class_names[c]) && !(j->policy->classes >> c & 1))
			return trail_timeline_say(&j->builder,
						  "the policy does not allow the class %s", class);
	return NULL;
}

enum trail_result trail_check_notifier_not_allowed(struct trail_judge *j)
{
	uint32_t all = (1U << TRAIL_N_CLASSES) - 1;

	if (!j->policy->deny.n && (j->policy->classes & all) == all)
		return TRAIL_RESULT_NOT_APPLICABLE;
	return judge_callbacks(j, not_allowed, "against the policy");
}
