/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks of the rules, one for each row of rules.c, by hundreds; what a
 * check does is said in its row.  See struct trail_rule.
 */
#ifndef TRAIL_POLICY_CHECKS_H
#define TRAIL_POLICY_CHECKS_H

#include "policy/judge.h"

typedef enum trail_result trail_check(struct trail_judge *judge);

/* check_dump.c */
trail_check trail_check_dump_point, trail_check_kdump_not_armed;

/* check_notifiers.c */
trail_check trail_check_notifier_in_progress;

/* check_cpus.c */
trail_check trail_check_cpu_not_stopped;

/* check_evidence.c */
trail_check trail_check_contradiction;

/* ---- what checks ask ------------------------------------------------------ */

/** The verdict of @stage, NULL when this kernel has no such stage. */
const struct trail_stage_verdict *trail_judge_stage(const struct trail_judge *judge,
						    enum trail_stage stage);

/** Its outcome; UNKNOWN when this kernel has no such stage. */
enum trail_outcome trail_judge_outcome(const struct trail_judge *judge, enum trail_stage stage);

/** Was panic() entered, or the machine's last act a crash kexec?  NO on a machine that lives. */
bool trail_judge_crashed(const struct trail_judge *judge);

/** Did this stage begin before the dump was taken: done or in progress, the kdump stages aside? */
enum trail_tristate trail_judge_began(const struct trail_judge *judge, enum trail_stage stage);

#endif
