/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the timeline: the frontier, and what stands on the stages: CPUs, callbacks, dumpers.
 */
#ifndef TRAIL_TIMELINE_VERDICTS_H
#define TRAIL_TIMELINE_VERDICTS_H

#include "base/base.h"

struct trail_builder;

/** Find where panic() was, who holds it and whether it was entered; the panic line must be found.
 */
void trail_find_frontier(struct trail_builder *b);

/** Evidence that panic() has formatted its message, where it has. */
void trail_add_line_evidence(struct trail_builder *b);

/** Decide each CPU; the stages must be decided. */
void trail_decide_cpus(struct trail_builder *b);

/** Decide each callback of the chain, and each kmsg dumper; the stages must be decided. */
void trail_decide_notifiers(struct trail_builder *b);
void trail_decide_dumpers(struct trail_builder *b);

/** Is it the function that calls the callbacks of a chain, or its caller? */
bool trail_is_chain(const char *function);

/** Keep a sentence about two things that cannot both be. */
void trail_contradiction(struct trail_builder *b, const char *sentence);

/** The verdict of a stage, NULL when this kernel has none. */
const struct trail_stage_verdict *trail_stage_of(const struct trail_builder *b, int stage);

#endif
