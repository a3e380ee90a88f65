/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of PT2xx: what was hooked into panic(), and what it did to it. */
#include "policy/checks.h"

enum trail_result trail_check_notifier_in_progress(struct trail_judge *j)
{
	enum trail_result result = TRAIL_RESULT_PASS;

	if (!trail_judge_crashed(j))
		return TRAIL_RESULT_NOT_APPLICABLE;
	for (size_t i = 0; i < j->facts->n_notifiers; i++) {
		const struct trail_notifier_facts *n = &j->facts->notifiers[i];
		const struct trail_notifier_verdict *verdict = &j->timeline->notifiers[i];

		if (verdict->outcome == TRAIL_CALL_UNKNOWN && result == TRAIL_RESULT_PASS)
			result = TRAIL_RESULT_UNKNOWN;
		if (verdict->outcome != TRAIL_CALL_IN_PROGRESS)
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity, "notifier %zu, %s%s%s%s, had not returned", i + 1,
			n->function ? n->function : "a callback without a symbol",
			n->module ? " [" : "", n->module ? n->module : "", n->module ? "]" : "");
		trail_judge_cite(j, evidence, &verdict->evidence);
	}
	return result;
}
