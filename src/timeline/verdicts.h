/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the timeline that stand on its stages: CPUs, callbacks, dumpers. */
#ifndef TRAIL_TIMELINE_VERDICTS_H
#define TRAIL_TIMELINE_VERDICTS_H

struct trail_builder;

/** Decide each CPU; the stages must be decided. */
void trail_decide_cpus(struct trail_builder *b);

/** Decide each callback of the chain, and each kmsg dumper; the stages must be decided. */
void trail_decide_notifiers(struct trail_builder *b);
void trail_decide_dumpers(struct trail_builder *b);

/** Keep a sentence about two things that cannot both be. */
void trail_contradiction(struct trail_builder *b, const char *sentence);

/** The verdict of a stage, NULL when this kernel has none. */
const struct trail_stage_verdict *trail_stage_of(const struct trail_builder *b, int stage);

#endif
