/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kmsg dumpers: what the position of panic() leaves possible. */
#include "timeline/evidence.h"
#include "timeline/verdicts.h"

enum { NONE = -1 };

/* The dumper on the stack of the panicking CPU, NONE when there is none. */
static long running_dumper(const struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_dumpers; i++)
		if (b->facts->dumpers[i].on_stack)
			return (long)i;
	return NONE;
}

/* The list is walked in order.  Source: kernel/printk/printk.c kmsg_dump(). */
static enum trail_call dumper_outcome(enum trail_outcome stage, long running, long i)
{
	switch (stage) {
	case TRAIL_OUTCOME_NOT_REACHED:
		return TRAIL_CALL_NOT_CALLED;
	case TRAIL_OUTCOME_DONE:
		return TRAIL_CALL_CALLED;
	case TRAIL_OUTCOME_IN_PROGRESS:
		if (running == NONE)
			return TRAIL_CALL_UNKNOWN;
		return i < running    ? TRAIL_CALL_CALLED
		       : i == running ? TRAIL_CALL_IN_PROGRESS
				      : TRAIL_CALL_NOT_CALLED;
	default:
		return TRAIL_CALL_UNKNOWN;
	}
}

void trail_decide_dumpers(struct trail_builder *b)
{
	static const char *const statements[TRAIL_N_CALLS] = {
		[TRAIL_CALL_CALLED] =
			"kmsg_dump(KMSG_DUMP_PANIC) has passed it, and every dumper takes that reason",
		[TRAIL_CALL_IN_PROGRESS] = "its callback is on the stack of the panicking CPU",
		[TRAIL_CALL_NOT_CALLED] = "panic() had not come to it",
	};
	const struct trail_stage_verdict *stage = trail_stage_of(b, TRAIL_STAGE_KMSG_DUMP);
	long running = running_dumper(b);

	b->timeline->dumpers = trail_pool_alloc(&b->timeline->pool, b->facts->n_dumpers + 1,
						sizeof(*b->timeline->dumpers));
	if (!b->timeline->dumpers) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; stage && i < b->facts->n_dumpers; i++) {
		struct trail_dumper_verdict *v = &b->timeline->dumpers[i];
		v->outcome = dumper_outcome(stage->outcome, running, (long)i);
		if (!v->outcome)
			continue;
		bool stack = v->outcome == TRAIL_CALL_IN_PROGRESS;
		long id = trail_evidence_add(
			b, trail_timeline_say(b, "kmsg dumper %zu", i + 1), false,
			stack ? TRAIL_SOURCE_STACK : TRAIL_SOURCE_INFERENCE,
			stack ? TRAIL_CERTAIN : TRAIL_LIKELY, statements[v->outcome], NULL);
		if (stack)
			trail_evidence_on_cpu(b, id, b->timeline->cpu);
		for (size_t k = 0; k < stage->evidence.n; k++)
			trail_evidence_rests_on(b, id, (long)stage->evidence.ids[k]);
		trail_refs_add(b, &v->evidence, id);
	}
}
