/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reconstruction on facts made by hand: what real dumps do not show often enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "facts/facts.h"
#include "timeline/timeline.h"

/* ---- facts --------------------------------------------------------------- */

static void scalar(struct trail_facts *f, const char *name, int64_t value)
{
	struct trail_scalar s = { .name = name,
				  .symbol = name,
				  .presence = TRAIL_PRESENT,
				  .value = value,
				  .is_signed = true,
				  .address = 0xffffffff81000000 };
	assert_true(trail_facts_add_scalar(f, &s));
}

static void add_frame(struct trail_facts *f, struct trail_cpu_facts *cpu, const char *function,
		      const char *callee, const char *next)
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

static void add_notifier(struct trail_facts *f, const char *function, enum trail_returns returns)
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

static void add_line(struct trail_facts *f, const char *text)
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
static struct trail_facts *crash(const char *callee, const char *next, int flag)
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

static struct trail_facts *late(void)
{
	return crash("__crash_kexec", "console_unblank", 1);
}

static struct trail_timeline *reconstruct(struct trail_facts *f)
{
	struct trail_timeline *t = NULL;

	assert_null(trail_timeline_new(f, &t));
	return t;
}

static enum trail_outcome stage(const struct trail_timeline *t, enum trail_stage id)
{
	for (size_t i = 0; i < t->n_stages; i++)
		if (t->stages[i].stage == id)
			return t->stages[i].outcome;
	fail_msg("no stage %s", trail_stage_names[id]);
	return TRAIL_OUTCOME_UNKNOWN;
}

static void drop(struct trail_facts *f, struct trail_timeline *t)
{
	trail_timeline_free(t);
	trail_facts_free(f);
}

/* An outcome other than unknown rests on a piece that is more than a hint, and on none that is
 * certain against it. */
static void check_evidence(const struct trail_timeline *t, const struct trail_refs *refs)
{
	bool carried = false;

	for (size_t i = 0; i < refs->n; i++) {
		assert_true(refs->ids[i] < t->n_evidence);
		carried |= t->evidence[refs->ids[i]].strength >= TRAIL_LIKELY;
	}
	assert_true(carried);
}

/* ---- tests --------------------------------------------------------------- */

static void test_points(void **state)
{
	static const struct {
		const char *callee, *next;
		int flag;
		enum trail_point point;
		enum trail_stage frontier;
	} rows[] = {
		{ "__crash_kexec", "atomic_notifier_call_chain", 0, TRAIL_POINT_EARLY,
		  TRAIL_STAGE_KDUMP_EARLY },
		{ "__crash_kexec", "crash_smp_send_stop", 0, TRAIL_POINT_EARLY,
		  TRAIL_STAGE_KDUMP_EARLY },
		{ "__crash_kexec", "console_unblank", 1, TRAIL_POINT_LATE, TRAIL_STAGE_KDUMP_LATE },
		{ "__crash_kexec", "unblank_screen", 1, TRAIL_POINT_LATE, TRAIL_STAGE_KDUMP_LATE },
		/* the code could not be followed: the configuration decides, and that is likely
		   only */
		{ "__crash_kexec", NULL, 1, TRAIL_POINT_LATE, TRAIL_STAGE_KDUMP_LATE },
		{ "__crash_kexec", NULL, 0, TRAIL_POINT_EARLY, TRAIL_STAGE_KDUMP_EARLY },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = crash(rows[i].callee, rows[i].next, rows[i].flag);
		struct trail_timeline *t = reconstruct(f);
		assert_int_equal(t->point, rows[i].point);
		assert_int_equal(t->frontier, rows[i].frontier);
		assert_int_equal(t->entered, TRAIL_YES);
		assert_int_equal(stage(t, rows[i].frontier), TRAIL_OUTCOME_IN_PROGRESS);
		assert_int_equal(stage(t, TRAIL_STAGE_HALT), TRAIL_OUTCOME_NOT_REACHED);
		for (size_t k = 0; k < t->n_stages; k++)
			if (t->stages[k].outcome)
				check_evidence(t, &t->stages[k].evidence);
		drop(f, t);
	}
}

/* Where panic() only calls vpanic(), its own frame tells nothing. */
static void test_wrapper(void **state)
{
	struct trail_facts *f = late();
	struct trail_timeline *t;

	(void)state;
	f->cpus[1].frames[0].function = "vpanic";
	add_frame(f, &f->cpus[1], "panic", "vpanic", NULL);
	f->cpus[1].frames[1].next_known = true;
	t = reconstruct(f);
	assert_int_equal(t->frontier, TRAIL_STAGE_KDUMP_LATE);
	drop(f, t);
}

/* Entered again from a callback: what the outer one has passed is passed. */
static void test_panic_in_panic(void **state)
{
	struct trail_facts *f = crash("dump_stack", "__crash_kexec", 1);
	struct trail_timeline *t;

	(void)state;
	add_frame(f, &f->cpus[1], "panic", "atomic_notifier_call_chain", "kmsg_dump");
	f->writer = TRAIL_WRITER_HYPERVISOR;
	t = reconstruct(f);
	assert_int_equal(t->frontier, TRAIL_STAGE_NOTIFIERS);
	assert_int_equal(stage(t, TRAIL_STAGE_STOP_CPUS), TRAIL_OUTCOME_DONE);
	drop(f, t);
}

static void test_stack_against_flag(void **state)
{
	struct trail_facts *f = crash("__crash_kexec", "console_unblank", 0);
	struct trail_timeline *t = reconstruct(f);

	(void)state;
	assert_int_equal(t->point, TRAIL_POINT_LATE);
	assert_int_equal(t->n_contradictions, 1);
	drop(f, t);
}

static void test_unread_configuration(void **state)
{
	struct trail_facts *f = crash("kmsg_dump", NULL, 0);
	struct trail_timeline *t;

	(void)state;
	for (size_t i = 0; i < f->n_scalars; i++)
		if (strcmp(f->scalars[i].name, "sys-info.mask") == 0)
			f->scalars[i].presence = TRAIL_NODATA;
	f->writer = TRAIL_WRITER_HYPERVISOR;
	t = reconstruct(f);
	assert_int_equal(stage(t, TRAIL_STAGE_SYS_INFO), TRAIL_OUTCOME_UNKNOWN);
	assert_int_equal(stage(t, TRAIL_STAGE_NOTIFIERS), TRAIL_OUTCOME_DONE);
	assert_int_equal(stage(t, TRAIL_STAGE_KMSG_DUMP), TRAIL_OUTCOME_IN_PROGRESS);
	drop(f, t);
}

static void test_no_panic(void **state)
{
	struct trail_facts *f = crash(NULL, NULL, 0);
	struct trail_timeline *t;

	(void)state;
	f->log.n = 0;
	f->writer = TRAIL_WRITER_HYPERVISOR;
	f->scalars[0].value = -1; /* panic_cpu */
	t = reconstruct(f);
	assert_int_equal(t->entered, TRAIL_NO);
	assert_string_equal(t->trigger, "none");
	assert_int_equal(t->cpu, -1);
	for (size_t i = 0; i < t->n_stages; i++)
		assert_int_equal(t->stages[i].outcome, TRAIL_OUTCOME_NOT_REACHED);
	drop(f, t);
}

static void test_nothing_read(void **state)
{
	struct trail_facts *f = trail_facts_new();
	struct trail_timeline *t;

	(void)state;
	assert_non_null(f);
	f->path = "vmcore";
	t = reconstruct(f);
	assert_int_equal(t->entered, TRAIL_MAYBE);
	assert_int_equal(t->point, TRAIL_POINT_UNKNOWN);
	assert_int_equal(t->method, TRAIL_METHOD_UNKNOWN);
	assert_string_equal(t->word, "unknown");
	assert_string_equal(t->trigger, "unknown");
	for (size_t i = 0; i < t->n_stages; i++)
		assert_int_equal(t->stages[i].outcome, TRAIL_OUTCOME_UNKNOWN);
	drop(f, t);
}

/* One letter a callback of the chain; expected outcomes likewise: c called, x cut off, ? unknown, n
 * not called. */
static void check_chain(struct trail_facts *f, const char *wanted)
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

static void test_chain_all_called(void **state)
{
	struct trail_facts *f = late();

	(void)state;
	scalar(f, "did_panic", 1);
	add_notifier(f, "first", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "last", TRAIL_RETURNS_NO_STOP);
	check_chain(f, "ccc");
}

static void test_chain_cut_off(void **state)
{
	struct trail_facts *f = late();

	(void)state;
	scalar(f, "did_panic", 0);
	add_notifier(f, "first", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "stopper", TRAIL_RETURNS_STOP);
	add_notifier(f, "behind", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "last", TRAIL_RETURNS_NO_STOP);
	check_chain(f, "ccxxx");
}

/* CPU 1 runs something else, and the log has a stack with panic() on it. */
static struct trail_facts *oopsed(const char *head, const char *const *lines)
{
	struct trail_facts *f = crash(NULL, NULL, 1);

	f->writer = TRAIL_WRITER_HYPERVISOR;
	f->cpus[1].stack_whole = true;
	add_frame(f, &f->cpus[1], "default_idle", NULL, NULL);
	add_line(f, head);
	while (*lines)
		add_line(f, *lines++);
	add_notifier(f, "first", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "bad", TRAIL_RETURNS_UNKNOWN);
	add_notifier(f, "last", TRAIL_RETURNS_NO_STOP);
	return f;
}

/* panic() ended in an oops: what the log says of it tells where, and nothing less does. */
static void test_oops_in_chain(void **state)
{
	static const char oops[] = "Oops: 0002 [#1] PREEMPT SMP NOPTI",
			  end[] = "---[ end trace 0000000000000000 ]---",
			  warning[] = "WARNING: CPU: 1 PID: 119 at kernel/bad.c:1 bad+0x2a/0x50";
#define STACK                                                                                  \
	"RIP: 0010:bad+0x2a/0x50", "Call Trace:", " <TASK>", " notifier_call_chain+0x5a/0x90", \
		" atomic_notifier_call_chain+0x4f/0x80"
	static const struct {
		const char *head, *lines[10];
		enum trail_stage frontier;
		bool exact;
		const char *chain;
	} rows[] = {
		{ oops,
		  { STACK, " panic+0x177/0x2f4", " </TASK>", end },
		  TRAIL_STAGE_NOTIFIERS,
		  true,
		  "cin" },
		{ oops,
		  { STACK, " vpanic+0x177/0x2f4", " panic+0x1/0x2", " </TASK>", end },
		  TRAIL_STAGE_NOTIFIERS,
		  true,
		  "cin" },
		/* it may have gone on */
		{ warning,
		  { STACK, " panic+0x177/0x2f4", " </TASK>", end },
		  TRAIL_STAGE_STOP_CPUS,
		  false,
		  "???" },
		{ oops,
		  { STACK, " panic+0x177/0x2f4", " </TASK>" },
		  TRAIL_STAGE_STOP_CPUS,
		  false,
		  "???" },
		{ oops,
		  { STACK, " panic+0x177/0x2f4", " </TASK>", end,
		    "Kernel panic - not syncing: Fatal exception" },
		  TRAIL_STAGE_STOP_CPUS,
		  false,
		  "???" },
		/* panic() itself is not sure, or is another's */
		{ oops,
		  { STACK, " ? panic+0x177/0x2f4", " </TASK>", end },
		  TRAIL_STAGE_STOP_CPUS,
		  false,
		  "???" },
		{ oops,
		  { STACK, " panic+0x177/0x2f4 [other]", " </TASK>", end },
		  TRAIL_STAGE_STOP_CPUS,
		  false,
		  "???" },
		/* what comes before panic() is called at several places */
		{ oops,
		  { "RIP: 0010:__crash_kexec+0x1/0x2", "Call Trace:", " panic+0x177/0x2f4",
		    " </TASK>", end },
		  TRAIL_STAGE_STOP_CPUS,
		  false,
		  "???" },
	};
#undef STACK

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = oopsed(rows[i].head, rows[i].lines);
		struct trail_timeline *t = reconstruct(f);
		assert_int_equal(t->frontier, rows[i].frontier);
		assert_int_equal(t->frontier_exact, rows[i].exact);
		trail_timeline_free(t);
		check_chain(f, rows[i].chain);
	}
}

/* Two callbacks could have ended it: which one is not claimed, but that it came to the first. */
static void test_chain_cut_off_by_one_of_two(void **state)
{
	struct trail_facts *f = late();

	(void)state;
	scalar(f, "did_panic", 0);
	add_notifier(f, "first", TRAIL_RETURNS_MAY_STOP);
	add_notifier(f, "second", TRAIL_RETURNS_STOP);
	add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
	check_chain(f, "c?x");
}

/* Only one can have ended it, or one of two: what is before and behind them is told. */
static void test_chain_cut_off_between(void **state)
{
	static const struct {
		enum trail_returns second, third;
		const char *chain;
	} rows[] = {
		{ TRAIL_RETURNS_MAY_STOP, TRAIL_RETURNS_NO_STOP, "ccxxxx" },
		{ TRAIL_RETURNS_NO_STOP, TRAIL_RETURNS_UNKNOWN, "cccxxx" },
		{ TRAIL_RETURNS_MAY_STOP, TRAIL_RETURNS_MAY_STOP, "cc?xxx" },
		{ TRAIL_RETURNS_STOP, TRAIL_RETURNS_MAY_STOP, "ccxxxx" },
		/* none can: then nothing is known to have ended it */
		{ TRAIL_RETURNS_NO_STOP, TRAIL_RETURNS_NO_STOP, "????xx" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = late();
		scalar(f, "did_panic", 0);
		add_notifier(f, "first", TRAIL_RETURNS_NO_STOP);
		add_notifier(f, "second", rows[i].second);
		add_notifier(f, "third", rows[i].third);
		add_notifier(f, "fourth", TRAIL_RETURNS_NO_STOP);
		add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
		add_notifier(f, "last", TRAIL_RETURNS_NO_STOP);
		check_chain(f, rows[i].chain);
	}
}

/* Behind the last witness a callback that always ends the chain cuts off the rest. */
static void test_chain_stopper_behind_witness(void **state)
{
	struct trail_facts *f = late();

	(void)state;
	scalar(f, "did_panic", 1);
	add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "stopper", TRAIL_RETURNS_STOP);
	add_notifier(f, "last", TRAIL_RETURNS_NO_STOP);
	check_chain(f, "ccx");
}

/* One that may end it leaves what is behind it unknown. */
static void test_chain_may_stop(void **state)
{
	struct trail_facts *f = late();

	(void)state;
	scalar(f, "did_panic", 1);
	add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "maybe", TRAIL_RETURNS_MAY_STOP);
	add_notifier(f, "last", TRAIL_RETURNS_NO_STOP);
	check_chain(f, "cc?");
}

/* A callback that left no mark, and a later one that seems to have: both cannot be, and the surer
 * word holds. */
static void test_chain_contradiction(void **state)
{
	struct trail_facts *f = late();

	(void)state;
	scalar(f, "did_panic", 0);
	scalar(f, "rcu_cpu_stall_suppress", 1);
	add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "rcu_panic", TRAIL_RETURNS_NO_STOP);
	struct trail_timeline *t = reconstruct(f);
	assert_int_equal(t->notifiers[0].outcome, TRAIL_CALL_NOT_CALLED);
	assert_int_equal(t->notifiers[1].outcome, TRAIL_CALL_CALLED);
	assert_int_equal(t->n_contradictions, 1);
	drop(f, t);
}

static void test_cpus(void **state)
{
	static const struct {
		enum trail_note note;
		enum trail_tristate online, active;
		int ipi, stopping, all_stopped;
		enum trail_cpu_outcome outcome;
		const char *innermost; /* NULL: it was in user space */
		enum trail_tristate lost;
	} rows[] = {
		{ TRAIL_NOTE_SAVED, TRAIL_YES, TRAIL_YES, 1, -1, 1, TRAIL_CPU_STOPPED, NULL,
		  TRAIL_NO },
		{ TRAIL_NOTE_SAVED, TRAIL_YES, TRAIL_YES, 1, -1, 1, TRAIL_CPU_STOPPED, "halt",
		  TRAIL_NO },
		{ TRAIL_NOTE_SAVED, TRAIL_YES, TRAIL_YES, 1, -1, 1, TRAIL_CPU_SELF_STOPPED,
		  "panic_smp_self_stop", TRAIL_NO },
		/* a frame without a name, and an NMI stack that cannot be read */
		{ TRAIL_NOTE_SAVED, TRAIL_YES, TRAIL_YES, 1, -1, 1, TRAIL_CPU_UNKNOWN, "",
		  TRAIL_NO },
		{ TRAIL_NOTE_SAVED, TRAIL_YES, TRAIL_YES, 1, -1, 1, TRAIL_CPU_UNKNOWN, "halt",
		  TRAIL_MAYBE },
		{ TRAIL_NOTE_SAVED, TRAIL_YES, TRAIL_YES, 1, -1, 1, TRAIL_CPU_SELF_STOPPED, "halt",
		  TRAIL_YES },
		{ TRAIL_NOTE_EMPTY, TRAIL_YES, TRAIL_YES, 1, -1, 1, TRAIL_CPU_NOT_STOPPED },
		/* the wait for the NMI may not be over */
		{ TRAIL_NOTE_EMPTY, TRAIL_YES, TRAIL_YES, 1, -1, 0, TRAIL_CPU_UNKNOWN },
		{ TRAIL_NOTE_EMPTY, TRAIL_NO, TRAIL_NO, 1, -1, 1, TRAIL_CPU_OFFLINE },
		{ TRAIL_NOTE_EMPTY, TRAIL_NO, TRAIL_YES, 0, 1, 0, TRAIL_CPU_STOPPED },
		{ TRAIL_NOTE_EMPTY, TRAIL_YES, TRAIL_YES, 0, 1, 0, TRAIL_CPU_NOT_STOPPED },
		{ TRAIL_NOTE_EMPTY, TRAIL_MAYBE, TRAIL_MAYBE, 1, -1, 1, TRAIL_CPU_UNKNOWN },
		{ TRAIL_NOTE_UNREAD, TRAIL_YES, TRAIL_YES, 1, -1, 1, TRAIL_CPU_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = late();
		scalar(f, "stopping_cpu", rows[i].stopping);
		for (size_t k = 0; k < f->n_scalars; k++) {
			if (strcmp(f->scalars[k].name, "crash_ipi_issued") == 0)
				f->scalars[k].value = rows[i].ipi;
			if (strcmp(f->scalars[k].name, "cpus_stopped") == 0)
				f->scalars[k].value = rows[i].all_stopped;
		}
		struct trail_frame frame = { .function = rows[i].innermost && *rows[i].innermost
								 ? rows[i].innermost
								 : NULL,
					     .reliable = true };
		f->cpus[3].stack_whole = true;
		f->cpus[3].frames = &frame;
		f->cpus[3].n_frames = rows[i].innermost != NULL;
		f->cpus[3].lost_in_nmi = rows[i].lost;
		f->cpus[3].note = rows[i].note;
		f->cpus[3].online = rows[i].online;
		f->cpus[3].active = rows[i].active;
		struct trail_timeline *t = reconstruct(f);
		assert_int_equal(t->cpus[1].outcome, TRAIL_CPU_PANICKING);
		assert_int_equal(t->cpus[3].outcome, rows[i].outcome);
		if (t->cpus[3].outcome)
			check_evidence(t, &t->cpus[3].evidence);
		drop(f, t);
	}
}

static void test_triggers(void **state)
{
	static const struct {
		const char *before, *line, *trigger;
	} rows[] = {
		{ "x", "Kernel panic - not syncing: sysrq triggered crash", "sysrq" },
		{ "x", "Kernel panic - not syncing: Fatal exception", "oops" },
		{ "x", "Kernel panic - not syncing: Fatal exception in interrupt", "oops-irq" },
		{ "x", "Kernel panic - not syncing: Oops - BUG: Fatal exception in interrupt",
		  "oops-irq" },
		{ "x", "Kernel panic - not syncing: kernel: panic_on_warn set ...",
		  "panic-on-warn" },
		{ "x", "Kernel panic - not syncing: NMI: Not continuing", "nmi-unknown" },
		{ "NMI: PCI system error (SERR) for reason a1 on CPU 0.",
		  "Kernel panic - not syncing: NMI: Not continuing", "nmi-serr" },
		{ "x", "Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b",
		  "init-killed" },
		{ "x", "Kernel panic - not syncing: labmod: whatever", "other" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = late();
		f->log.n = 0;
		add_line(f, rows[i].before);
		add_line(f, rows[i].line);
		struct trail_timeline *t = reconstruct(f);
		assert_string_equal(t->trigger, rows[i].trigger);
		drop(f, t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_wrapper),
		cmocka_unit_test(test_panic_in_panic),
		cmocka_unit_test(test_stack_against_flag),
		cmocka_unit_test(test_unread_configuration),
		cmocka_unit_test(test_no_panic),
		cmocka_unit_test(test_nothing_read),
		cmocka_unit_test(test_chain_all_called),
		cmocka_unit_test(test_chain_cut_off),
		cmocka_unit_test(test_oops_in_chain),
		cmocka_unit_test(test_chain_cut_off_by_one_of_two),
		cmocka_unit_test(test_chain_cut_off_between),
		cmocka_unit_test(test_chain_stopper_behind_witness),
		cmocka_unit_test(test_chain_may_stop),
		cmocka_unit_test(test_chain_contradiction),
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_triggers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
