/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of PT9xx: evidence that contradicts itself, or is not there. */
#include "policy/checks.h"

enum trail_result trail_check_contradiction(struct trail_judge *j)
{
	for (size_t i = 0; i < j->timeline->n_contradictions; i++)
		trail_judge_finding(j, j->rule->severity, "%s", j->timeline->contradictions[i]);
	return j->timeline->n_contradictions ? TRAIL_RESULT_FAIL : TRAIL_RESULT_PASS;
}
