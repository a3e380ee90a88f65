/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trail by texts, on facts made by hand: what lines prove, and what silence does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "facts/facts.h"
#include "text_facts.h"
#include "timeline/texts.h"
#include "timeline/timeline.h"

/* How far a capture of one boot shows panic(). */
static void test_frontier(void **state)
{
	static const struct {
		const char *lines, *arch;
		enum trail_stage frontier;
		bool exact;
	} rows[] = {
		{ "a line\n", NULL, TRAIL_N_STAGES, false },
		{ OOPS, NULL, TRAIL_N_STAGES, false },
		{ PANIC, NULL, TRAIL_STAGE_MESSAGE, false },
		{ "Kernel panic - not syncing:", NULL, TRAIL_STAGE_MESSAGE, false },
		{ "Kernel Offset: disabled\nRebooting in 3 seconds..\n" PANIC, NULL,
		  TRAIL_STAGE_MESSAGE, false },
		{ PANIC "Shutting down cpus with NMI\n", NULL, TRAIL_STAGE_STOP_CPUS, false },
		{ PANIC OFFSET, NULL, TRAIL_STAGE_NOTIFIERS, false },
		{ PANIC OFFSET "Rebooting in 3 seconds..\n", NULL, TRAIL_STAGE_REBOOT_WAIT, false },
		{ PANIC OFFSET "---[ end Kernel panic - not syncing: x ]---\n", NULL,
		  TRAIL_STAGE_HALT, true },
		/* an early kdump stops CPUs with the same line */
		{ PANIC LOADED "SMP: stopping secondary CPUs\n", "aarch64", TRAIL_STAGE_KDUMP_EARLY,
		  false },
		{ PANIC HEAD "SMP: stopping secondary CPUs\n", "aarch64", TRAIL_STAGE_STOP_CPUS,
		  false },
		/* anybody can write that line: nothing of panic() is behind it */
		{ PANIC "a line\nanother\n", NULL, TRAIL_N_STAGES, false },
		{ PANIC "a line\n" OOPS, NULL, TRAIL_N_STAGES, false },
		{ PANIC "a line\n" PANIC HEAD OFFSET, NULL, TRAIL_STAGE_NOTIFIERS, false },
		{ PANIC "SMP: stopping secondary CPUs\n", "riscv64", TRAIL_STAGE_KDUMP_EARLY,
		  false },
		{ PANIC "CPU1: stopping\n", "armv7l", TRAIL_STAGE_STOP_CPUS, false },
		{ PANIC "CPU1: stopping\n", "x86_64", TRAIL_STAGE_MESSAGE, false },
		{ PANIC HEAD "Sending NMI from CPU 2 to CPUs 0-1:\n", NULL,
		  TRAIL_STAGE_CPU_BACKTRACES, false },
		{ PANIC HEAD "Sending NMI from CPU 21 to CPUs 0-1:\n", NULL, TRAIL_STAGE_MESSAGE,
		  false },
		/* behind it another CPU's stack is printed */
		{ PANIC "CPU1: stopping\n" HEAD "SMP: failed to stop secondary CPUs\n", "armv7l",
		  TRAIL_STAGE_STOP_CPUS, false },
		{ PANIC "CPU 1 will stop doing anything useful since another CPU has crashed\n",
		  "armv7l", TRAIL_STAGE_KDUMP_EARLY, false },
		/* an old stack of arm bears it out */
		{ PANIC
		  "[<80014428>](unwind_backtrace+0x0/0xf8) from [<803643a8>](panic+0x84/0x1dc)\n",
		  "armv7l", TRAIL_STAGE_MESSAGE, false },
		/* the panic line itself is lost */
		{ STACK, NULL, TRAIL_STAGE_ENTRY, false },
		{ "Call Trace:\n ? panic+0x118/0x2f4\n do_panic+0x1/0x2\n", NULL, TRAIL_N_STAGES,
		  false },
		{ STACK OFFSET, NULL, TRAIL_STAGE_NOTIFIERS, false },
		{ OFFSET "a line\n", NULL, TRAIL_STAGE_NOTIFIERS, false },
		{ OFFSET "a line\n", "aarch64", TRAIL_N_STAGES, false },
		{ "Rebooting in 5 seconds..\n", NULL, TRAIL_STAGE_REBOOT_WAIT, false },
		/* what another panic line leads is another's: it may be the crash kernel's */
		{ PANIC HEAD "Kernel panic - not syncing: other\nRebooting in 1 seconds..\n", NULL,
		  TRAIL_STAGE_MESSAGE, false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = capture(rows[i].lines);
		if (rows[i].arch)
			f->texts[0].arch = rows[i].arch;
		struct trail_timeline *t = reconstruct(f);
		assert_int_equal(t->frontier, rows[i].frontier);
		assert_int_equal(t->frontier_exact, rows[i].exact);
		assert_int_equal(t->texts[0].frontier, rows[i].frontier);
		assert_int_equal(t->entered,
				 rows[i].frontier == TRAIL_N_STAGES ? TRAIL_MAYBE : TRAIL_YES);
		for (size_t k = 0; k < t->n_stages; k++)
			assert_int_not_equal(t->stages[k].outcome, TRAIL_OUTCOME_NOT_REACHED);
		check_all(t);
		drop(f, t);
	}
}

/* kmsg_dump() wrote the record, and panic() went on: what is behind it stays unknown. */
static void test_record(void **state)
{
	struct trail_facts *f = without_dump();

	(void)state;
	add_text(f, TRAIL_TEXT_DUMP, TRAIL_ROLE_DEAD, "Panic", PANIC HEAD STACK OFFSET);
	struct trail_timeline *t = reconstruct(f);
	assert_int_equal(t->frontier, TRAIL_STAGE_KMSG_DUMP);
	assert_true(t->frontier_exact);
	assert_int_equal(stage(t, TRAIL_STAGE_KMSG_DUMP), TRAIL_OUTCOME_IN_PROGRESS);
	assert_int_equal(stage(t, TRAIL_STAGE_NOTIFIERS), TRAIL_OUTCOME_DONE);
	assert_int_equal(stage(t, TRAIL_STAGE_KDUMP_EARLY), TRAIL_OUTCOME_SKIPPED);
	assert_int_equal(stage(t, TRAIL_STAGE_HALT), TRAIL_OUTCOME_UNKNOWN);
	assert_int_equal(stage(t, TRAIL_STAGE_CONSOLE_FLUSH), TRAIL_OUTCOME_UNKNOWN);
	assert_string_equal(t->word, "in-kmsg-dump");
	assert_string_equal(t->trigger, "sysrq");
	assert_string_equal(t->no_vmcore, "no-crash-kernel");
	assert_int_equal(t->cpu, 2);
	assert_int_equal(t->task.pid, 119);
	assert_string_equal(t->task.comm, "bash");
	assert_int_equal(t->n_text_calls, 2);
	assert_string_equal(t->text_calls[0].function, "dump_kernel_offset");
	assert_string_equal(t->text_calls[1].function, "pstore_dump");
	assert_int_equal(t->n_contradictions, 0);
	check_all(t);
	drop(f, t);
}

/* Without the panic line a record of a panic is still one; an oops' record tells nothing of
 * panic(). */
static void test_record_without_line(void **state)
{
	struct trail_facts *f = without_dump();

	(void)state;
	add_text(f, TRAIL_TEXT_DUMP, TRAIL_ROLE_DEAD, "Panic", "a line\n");
	struct trail_timeline *t = reconstruct(f);
	assert_int_equal(t->frontier, TRAIL_STAGE_KMSG_DUMP);
	assert_int_equal(t->entered, TRAIL_YES);
	assert_null(t->message);
	assert_string_equal(t->trigger, "unknown");
	assert_non_null(strstr(t->text, "not captured"));
	drop(f, t);

	f = without_dump();
	add_text(f, TRAIL_TEXT_DUMP, TRAIL_ROLE_DEAD, "Oops", OOPS);
	t = reconstruct(f);
	assert_int_equal(t->frontier, TRAIL_N_STAGES);
	assert_int_equal(t->entered, TRAIL_MAYBE);
	assert_string_equal(t->word, "oops");
	assert_true(trail_starts_with(t->cause, "v1:oops/lab_thread@labmod"));
	drop(f, t);

	/* pieces that somebody put together */
	f = without_dump();
	add_text(f, TRAIL_TEXT_DUMP, TRAIL_ROLE_DEAD, "Panic", PANIC "Rebooting in 3 seconds..\n");
	t = reconstruct(f);
	assert_int_equal(t->frontier, TRAIL_STAGE_REBOOT_WAIT);
	assert_int_equal(t->n_contradictions, 1);
	drop(f, t);
}

/* Several texts of one crash: the furthest counts, each keeps its own. */
static void test_union(void **state)
{
	struct trail_facts *f = without_dump();

	(void)state;
	add_text(f, TRAIL_TEXT_DUMP, TRAIL_ROLE_DEAD, "Panic", PANIC HEAD STACK OFFSET);
	add_text(f, TRAIL_TEXT_CAPTURE, TRAIL_ROLE_DEAD, NULL,
		 PANIC HEAD STACK OFFSET "Rebooting in 30 seconds..\n");
	struct trail_timeline *t = reconstruct(f);
	assert_int_equal(t->texts[0].frontier, TRAIL_STAGE_KMSG_DUMP);
	assert_int_equal(t->texts[1].frontier, TRAIL_STAGE_REBOOT_WAIT);
	assert_int_equal(t->frontier, TRAIL_STAGE_REBOOT_WAIT);
	assert_false(t->frontier_exact);
	assert_ptr_equal(t->log, &f->texts[1].log);
	assert_int_equal(stage(t, TRAIL_STAGE_KMSG_DUMP), TRAIL_OUTCOME_DONE);
	assert_int_equal(stage(t, TRAIL_STAGE_KDUMP_LATE), TRAIL_OUTCOME_SKIPPED);
	assert_true(t->text_config.has_timeout);
	assert_int_equal(t->text_config.timeout, 30);
	check_all(t);
	drop(f, t);
}

/* The crash kernel was started: from where, by what stands between. */
static void test_kexec(void **state)
{
	static const struct {
		const char *dead, *arch, *crash;
		enum trail_point point;
		enum trail_tristate entered;
		const char *no_vmcore;
	} rows[] = {
		{ PANIC LOADED STACK, "x86_64", "Linux version 6.1.0\n", TRAIL_POINT_EARLY,
		  TRAIL_YES, "unknown" },
		{ PANIC LOADED STACK OFFSET, "x86_64", "Linux version 6.1.0\n", TRAIL_POINT_LATE,
		  TRAIL_YES, "unknown" },
		{ OOPS, "x86_64", "Linux version 6.1.0\n", TRAIL_POINT_DIRECT, TRAIL_NO,
		  "unknown" },
		/* no callback of riscv must print */
		{ PANIC LOADED STACK, "riscv64", "Linux version 6.1.0\n", TRAIL_POINT_UNKNOWN,
		  TRAIL_YES, "unknown" },
		{ "a line\n", "x86_64", "Linux version 6.1.0\n", TRAIL_POINT_UNKNOWN, TRAIL_MAYBE,
		  "unknown" },
		{ PANIC LOADED STACK
		  "SMP: stopping secondary CPUs\nStarting crashdump kernel...\nBye!\n",
		  "aarch64", NULL, TRAIL_POINT_EARLY, TRAIL_YES, "unknown" },
		{ PANIC LOADED STACK OFFSET "Starting crashdump kernel...\nBye!\n", "aarch64", NULL,
		  TRAIL_POINT_LATE, TRAIL_YES, "unknown" },
		{ PANIC LOADED STACK OFFSET, "x86_64",
		  "Linux version 6.1.0\nKernel panic - not syncing: other\n---[ end Kernel panic - not syncing: other ]---\n",
		  TRAIL_POINT_LATE, TRAIL_YES, "crash-kernel-died" },
		{ PANIC LOADED STACK OFFSET, "x86_64",
		  "Linux version 6.1.0\nkdump[672]: saving vmcore complete\n", TRAIL_POINT_LATE,
		  TRAIL_YES, "unknown" },
		{ PANIC LOADED STACK OFFSET "The dumpfile is saved to /var/crash/vmcore.\n",
		  "x86_64", NULL, TRAIL_POINT_LATE, TRAIL_YES, "dump-taken" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = capture(rows[i].dead);
		f->texts[0].arch = rows[i].arch;
		if (rows[i].crash)
			add_text(f, TRAIL_TEXT_CAPTURE, TRAIL_ROLE_CRASH_KERNEL, NULL,
				 rows[i].crash);
		struct trail_timeline *t = reconstruct(f);
		assert_int_equal(t->method, TRAIL_METHOD_KDUMP);
		assert_int_equal(t->point, rows[i].point);
		assert_int_equal(t->entered, rows[i].entered);
		if (rows[i].crash && strstr(rows[i].crash, "saving vmcore complete"))
			assert_string_equal(t->no_vmcore, "dump-taken");
		else
			assert_string_equal(t->no_vmcore, rows[i].no_vmcore);
		if (rows[i].point == TRAIL_POINT_DIRECT)
			assert_string_equal(t->trigger, "oops-crash-kexec");
		check_evidence(t, &t->dump_evidence);
		check_all(t);
		drop(f, t);
	}
}

/* Why there is no dump, where no crash kernel was started. */
static void test_no_vmcore(void **state)
{
	static const struct {
		const char *dead, *cmdline, *reason;
		bool next;
	} rows[] = {
		{ PANIC HEAD STACK OFFSET "---[ end Kernel panic - not syncing: x ]---\n", NULL,
		  "no-crash-kernel", false },
		/* when it would have run is no reason where there is none */
		{ PANIC HEAD STACK, "quiet crash_kexec_post_notifiers", "no-crash-kernel", false },
		{ PANIC LOADED STACK, "quiet crash_kexec_post_notifiers", "ended-before-late-kdump",
		  false },
		/* a crash kernel that dies at once prints nothing, and x86 not that it is started
		 */
		{ PANIC LOADED STACK OFFSET, "quiet crash_kexec_post_notifiers", "unknown", false },
		{ PANIC LOADED STACK, "quiet crash_kexec_post_notifiers=0", "unknown", false },
		{ PANIC LOADED STACK, "quiet", "unknown", false },
		/* the header is cut, or the kernel is too old to say it */
		{ PANIC "CPU: 2 PID: 119 Comm: bash\n", NULL, "unknown", false },
		{ PANIC "CPU: 2 PID: 119 Comm: bash Tainted: G    4.12.14-197-default #1\n", NULL,
		  "unknown", false },
		{ "a line\n", NULL, "reset-without-panic", true },
		{ "a line\n", NULL, "unknown", false },
		{ "a line\nreboot: Restarting system\n", NULL, "unknown", true },
		/* the machine may have gone on for long */
		{ OOPS, NULL, "unknown", true },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = capture(rows[i].dead);
		f->texts[0].cmdline = rows[i].cmdline;
		if (rows[i].next)
			add_text(f, TRAIL_TEXT_CAPTURE, TRAIL_ROLE_NEXT, NULL,
				 "Linux version 6.1.0\n");
		struct trail_timeline *t = reconstruct(f);
		assert_string_equal(t->no_vmcore, rows[i].reason);
		if (strcmp(rows[i].reason, "unknown") != 0)
			check_evidence(t, &t->no_vmcore_evidence);
		for (size_t k = 0; k < t->no_vmcore_evidence.n; k++)
			assert_true(strcmp(rows[i].reason, "no-crash-kernel") != 0 ||
				    strcmp(t->evidence[t->no_vmcore_evidence.ids[k]].claim,
					   "config crash_kernel_loaded") == 0);
		drop(f, t);
	}
}

/* Whose panic it is. */
static void test_panicking(void **state)
{
	static const struct {
		const char *lines;
		int32_t cpu, pid;
		const char *comm;
	} rows[] = {
		{ PANIC HEAD, 2, 119, "bash" },
		{ PANIC LOADED, 2, 119, "bash" },
		{ OOPS "Kernel panic - not syncing: Fatal exception\n", 3, 77, "odd name:" },
		/* a header of something else: neither that of a warning nor of an oops long ago */
		{ PANIC "WARNING: CPU: 1 PID: 5 at x\n" HEAD, -1, 0, NULL },
		{ OOPS PANIC, -1, 0, NULL },
		{ OOPS, -1, 0, NULL },
		{ "panic: Redirecting from CPU 3 to CPU 0 for crash kernel.\n" HEAD PANIC
		  "panic: Redirected from CPU 3, skipping stack dump.\n",
		  0, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = capture(rows[i].lines);
		struct trail_timeline *t = reconstruct(f);
		assert_int_equal(t->cpu, rows[i].cpu);
		assert_int_equal(t->task.known, rows[i].comm != NULL);
		if (rows[i].comm) {
			assert_int_equal(t->task.pid, rows[i].pid);
			assert_string_equal(t->task.comm, rows[i].comm);
		}
		check_all(t);
		drop(f, t);
	}
}

/* User space may write such a line: its level says whose it is. */
static void test_said_by_user(void **state)
{
	struct trail_facts *f = capture(PANIC);
	struct trail_timeline *t;

	(void)state;
	f->texts[0].log.records[0].facility = 1;
	f->texts[0].log.records[0].level = 0;
	t = reconstruct(f);
	assert_int_equal(t->frontier, TRAIL_N_STAGES);
	drop(f, t);
	f = capture(PANIC);
	f->texts[0].log.records[0].level = 4;
	t = reconstruct(f);
	assert_int_equal(t->frontier, TRAIL_N_STAGES);
	drop(f, t);
}

/* Beside a dump: a kdump ends the kernel, a hypervisor's does not. */
static void test_beside_dump(void **state)
{
	struct trail_facts *f = crash("__crash_kexec", "atomic_notifier_call_chain", 0);
	struct trail_timeline *t;

	(void)state;
	add_text(f, TRAIL_TEXT_DUMP, TRAIL_ROLE_DEAD, "Panic", PANIC);
	t = reconstruct(f);
	assert_int_equal(t->frontier, TRAIL_STAGE_KDUMP_EARLY);
	assert_int_equal(t->n_contradictions, 1);
	assert_null(t->no_vmcore);
	assert_ptr_equal(t->log, &f->log);
	drop(f, t);

	f = late();
	add_text(f, TRAIL_TEXT_DUMP, TRAIL_ROLE_DEAD, "Panic", PANIC);
	t = reconstruct(f);
	assert_int_equal(t->frontier, TRAIL_STAGE_KDUMP_LATE);
	assert_int_equal(t->n_contradictions, 0);
	assert_int_equal(stage(t, TRAIL_STAGE_KMSG_DUMP), TRAIL_OUTCOME_DONE);
	drop(f, t);

	f = crash("atomic_notifier_call_chain", "kmsg_dump", 1);
	f->writer = TRAIL_WRITER_HYPERVISOR;
	f->cpus[1].n_frames = 0;
	add_frame(f, &f->cpus[1], "slow", NULL, NULL);
	add_frame(f, &f->cpus[1], "notifier_call_chain", NULL, NULL);
	add_frame(f, &f->cpus[1], "panic", "atomic_notifier_call_chain", "kmsg_dump");
	add_notifier(f, "slow", TRAIL_RETURNS_NO_STOP);
	f->notifiers[0].callback = f->cpus[1].frames[0].address;
	add_notifier(f, "later", TRAIL_RETURNS_NO_STOP);
	t = reconstruct(f);
	assert_int_equal(t->notifiers[0].outcome, TRAIL_CALL_IN_PROGRESS);
	assert_int_equal(t->notifiers[1].outcome, TRAIL_CALL_NOT_CALLED);
	trail_timeline_free(t);
	add_text(f, TRAIL_TEXT_CAPTURE, TRAIL_ROLE_DEAD, NULL,
		 PANIC OFFSET
		 "Rebooting in 9 seconds..\n---[ end Kernel panic - not syncing: x ]---\n");
	for (size_t i = 0; i < f->n_scalars; i++)
		if (strcmp(f->scalars[i].name, "panic_timeout") == 0)
			f->scalars[i].presence = TRAIL_NODATA;
	t = reconstruct(f);
	assert_int_equal(t->frontier, TRAIL_STAGE_HALT);
	/* it said that it waits: the end marker alone does not deny that */
	assert_int_equal(stage(t, TRAIL_STAGE_REBOOT_WAIT), TRAIL_OUTCOME_UNKNOWN);
	assert_int_equal(t->dump_frontier, TRAIL_STAGE_NOTIFIERS);
	assert_true(t->dump_exact);
	assert_int_equal(t->notifiers[0].outcome, TRAIL_CALL_CALLED);
	assert_int_equal(t->notifiers[1].outcome, TRAIL_CALL_CALLED);
	assert_int_equal(t->n_contradictions, 0);
	drop(f, t);
}

/* The same bug by the stack in memory and by the one that is printed. */
static void test_cause(void **state)
{
	static const struct {
		const char *lines, *cause;
	} rows[] = {
		{ PANIC HEAD STACK, "v1:sysrq/sysrq_handle_crash/__handle_sysrq" },
		{ OOPS
		  "---[ end trace 0000000000000000 ]---\nKernel panic - not syncing: Fatal exception\n",
		  "v1:oops/lab_thread@labmod" },
		{ "Oops: 0002 [#1] SMP\nCPU: 0 PID: 1 Comm: init Not tainted 6.1.0 #1\n"
		  "RIP: 0010:bad+0x1/0x2\nCall Trace:\n worse+0x1/0x2\n worst+0x1/0x2\nModules linked in:\n"
		  "Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n",
		  "v1:oops/bad/worse/worst" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = capture(rows[i].lines);
		struct trail_timeline *t = reconstruct(f);
		assert_non_null(t->cause);
		assert_true(trail_starts_with(t->cause, rows[i].cause));
		drop(f, t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frontier),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_record_without_line),
		cmocka_unit_test(test_union),
		cmocka_unit_test(test_kexec),
		cmocka_unit_test(test_no_vmcore),
		cmocka_unit_test(test_panicking),
		cmocka_unit_test(test_said_by_user),
		cmocka_unit_test(test_beside_dump),
		cmocka_unit_test(test_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
