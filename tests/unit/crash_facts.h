/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of a crash made by hand, and what is asked of their reconstruction. */
#ifndef TESTS_UNIT_CRASH_FACTS_H
#define TESTS_UNIT_CRASH_FACTS_H

#include <string.h>

#include "facts/facts.h"
#include "timeline/timeline.h"

static inline void scalar(struct trail_facts *f, const char *name, int64_t value)
{
	struct trail_scalar s = { .name = name,
				  .symbol = name,
				  .presence = TRAIL_PRESENT,
				  .value = value,
				  .is_signed = true,
				  .address = 0xffffffff81000000 };
	assert_true(trail_facts_add_scalar(f, &s));
}

static inline void add_frame(struct trail_facts *f, struct trail_cpu_facts *cpu,
			     const char *function, const char *callee, const char *next)
{
	struct trail_frame *all = trail_pool_grow(&f->pool, cpu->frames, cpu->n_frames,
						  sizeof(*all));
	assert_non_null(all);
	cpu->frames = all;
	struct trail_frame *frame = &all[cpu->n_frames++];
	*frame = (struct trail_frame){ .function = function,
				       .address = 0xffffffff82000000,
				       .how = TRAIL_FRAME_ORC,
				       .reliable = true,
				       .callee = callee };
	frame->next_known = next;
	frame->next = trail_pool_alloc(&f->pool, 1, sizeof(*frame->next));
	frame->n_next = next ? 1 : 0;
	frame->next[0] = next;
}

static inline void add_notifier(struct trail_facts *f, const char *function,
				enum trail_returns returns)
{
	struct trail_notifier_facts *all = trail_pool_grow(&f->pool, f->notifiers, f->n_notifiers,
							   sizeof(*all));
	assert_non_null(all);
	f->notifiers = all;
	all[f->n_notifiers] = (struct trail_notifier_facts){
		.function = function, .returns = returns, .callback = 0x1000 * (f->n_notifiers + 1)
	};
	f->n_notifiers++;
}

static inline void add_line(struct trail_facts *f, const char *text)
{
	struct trail_record *all = trail_pool_grow(&f->pool, f->log.records, f->log.n,
						   sizeof(*all));
	assert_non_null(all);
	f->log.records = all;
	all[f->log.n] = (struct trail_record){
		.seq = f->log.n, .text = text, .length = strlen(text), .cpu = -1, .pid = -1
	};
	f->log.n++;
	f->log.presence = TRAIL_PRESENT;
	f->log.next_seq = f->log.n;
}

/* A crash of four CPUs, CPU 1 in panic() behind the call of @callee, before that of @next. */
static inline struct trail_facts *crash(const char *callee, const char *next, int flag)
{
	struct trail_facts *f = trail_facts_new();

	assert_non_null(f);
	f->n_cpus = 4;
	f->cpus = trail_pool_alloc(&f->pool, 4, sizeof(*f->cpus));
	assert_non_null(f->cpus);
	for (int i = 0; i < 4; i++)
		f->cpus[i] = (struct trail_cpu_facts){ .cpu = i,
						       .present = TRAIL_YES,
						       .online = TRAIL_YES,
						       .active = TRAIL_YES,
						       .note = TRAIL_NOTE_SAVED,
						       .registers = TRAIL_REGISTERS_NOTE,
						       .lost_in_nmi = TRAIL_NO };
	f->writer = TRAIL_WRITER_KERNEL;
	f->path = "vmcore";
	f->cmdline = "quiet";
	add_line(f, "Kernel panic - not syncing: test");
	scalar(f, "panic_cpu", 1);
	scalar(f, "crash_kexec_post_notifiers", flag);
	scalar(f, "kexec_crash_image", 1);
	scalar(f, "sys-info.mask", 0);
	scalar(f, "replay.mask", 0);
	scalar(f, "backtraces.mask", 0);
	scalar(f, "vmcoreinfo.CRASHTIME", 1);
	scalar(f, "panic_timeout", 0);
	scalar(f, "count.kmsg-dumpers", 1);
	scalar(f, "crash_ipi_issued", 1);
	scalar(f, "cpus_stopped", 1);
	scalar(f, "feature.kexec", 1);
	scalar(f, "feature.panic-print", 1);
	scalar(f, "feature.kgdb", 0);
	scalar(f, "feature.redirect", 0);
	scalar(f, "feature.cpu-backtraces", 1);
	if (callee)
		add_frame(f, &f->cpus[1], "panic", callee, next);
	f->chain_presence = TRAIL_PRESENT;
	f->chain_complete = true;
	return f;
}

static inline struct trail_facts *late(void)
{
	return crash("__crash_kexec", "console_unblank", 1);
}

static inline struct trail_timeline *reconstruct(struct trail_facts *f)
{
	struct trail_timeline *t = NULL;

	assert_null(trail_timeline_new(f, &t));
	return t;
}

static inline enum trail_outcome stage(const struct trail_timeline *t, enum trail_stage id)
{
	for (size_t i = 0; i < t->n_stages; i++)
		if (t->stages[i].stage == id)
			return t->stages[i].outcome;
	fail_msg("no stage %s", trail_stage_names[id]);
	return TRAIL_OUTCOME_UNKNOWN;
}

static inline void drop(struct trail_facts *f, struct trail_timeline *t)
{
	trail_timeline_free(t);
	trail_facts_free(f);
}

/* An outcome other than unknown rests on a piece that is more than a hint, and on none that is
 * certain against it. */
static inline void check_evidence(const struct trail_timeline *t, const struct trail_refs *refs)
{
	bool carried = false;

	for (size_t i = 0; i < refs->n; i++) {
		assert_true(refs->ids[i] < t->n_evidence);
		carried |= t->evidence[refs->ids[i]].strength >= TRAIL_LIKELY;
	}
	assert_true(carried);
}

/* One letter a callback of the chain; expected outcomes likewise: c called, x cut off, ? unknown, n
 * not called. */
static inline void check_chain(struct trail_facts *f, const char *wanted)
{
	static const char letters[TRAIL_N_CALLS] = { '?', 'c', 'i', 'n', 'x' };
	struct trail_timeline *t = reconstruct(f);
	char seen[32] = "";

	for (size_t i = 0; i < f->n_notifiers; i++) {
		seen[i] = letters[t->notifiers[i].outcome];
		if (t->notifiers[i].outcome)
			check_evidence(t, &t->notifiers[i].evidence);
	}
	assert_string_equal(seen, wanted);
	drop(f, t);
}

#endif
