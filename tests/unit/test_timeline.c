/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reconstruction on facts made by hand: what real dumps do not show often enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crash_facts.h"
#include "facts/facts.h"
#include "timeline/timeline.h"

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
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_triggers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
