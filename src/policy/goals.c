/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scorecard of the goals: for each what became of it, why, by what
 * evidence.
 */
#include "policy/goals.h"

#include "policy/checks.h"

static void score_kdump(struct trail_judge *j, struct trail_goal_score *score)
{
	const struct trail_timeline *t = j->timeline;

	if (t->method == TRAIL_METHOD_KDUMP || t->method == TRAIL_METHOD_FADUMP) {
		score->verdict = TRAIL_GOAL_ACHIEVED;
		score->reason = "the crash kernel ran, and this dump is what it saved";
		trail_judge_cite(j, &score->evidence, &t->dump_evidence);
	} else {
		score->reason = "the dump does not tell";
	}
}

static void score_unknown(struct trail_judge *j, struct trail_goal_score *score)
{
	(void)j;
	score->reason = "the dump does not tell";
}

/* How a goal is judged; indexed by it. */
static void (*const scores[TRAIL_N_GOALS])(struct trail_judge *j,
					   struct trail_goal_score *score) = {
	[TRAIL_GOAL_KDUMP] = score_kdump,	  [TRAIL_GOAL_KMSG_DUMP] = score_unknown,
	[TRAIL_GOAL_CONSOLE_LOG] = score_unknown, [TRAIL_GOAL_LAST_MESSAGE] = score_unknown,
	[TRAIL_GOAL_REBOOT] = score_unknown,	  [TRAIL_GOAL_HYPERVISOR] = score_unknown,
};

void trail_goals_score(struct trail_judge *j)
{
	bool listed[TRAIL_N_GOALS] = { false };
	size_t n = 0;

	for (size_t i = 0; i < j->policy->n_goals; i++) {
		listed[j->policy->goals[i]] = true;
		j->out->goals[n++].goal = j->policy->goals[i];
	}
	for (enum trail_goal goal = 0; goal < TRAIL_N_GOALS; goal++)
		if (!listed[goal])
			j->out->goals[n++].goal = goal;
	for (size_t i = 0; i < n; i++)
		scores[j->out->goals[i].goal](j, &j->out->goals[i]);
}
