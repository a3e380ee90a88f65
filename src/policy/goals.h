/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scorecard: what became of each of the six goals of a panic. */
#ifndef TRAIL_POLICY_GOALS_H
#define TRAIL_POLICY_GOALS_H

struct trail_judge;

/** Fill judge->out->goals: the policy's in its order, then the others. */
void trail_goals_score(struct trail_judge *judge);

#endif
