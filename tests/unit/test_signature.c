/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures of stacks made by hand: what is in them, and what must not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "facts/facts.h"
#include "timeline/signature.h"
#include "timeline/timeline.h"

static void scalar(struct trail_facts *f, const char *name, int64_t value)
{
	struct trail_scalar s = { .name = name,
				  .symbol = name,
				  .presence = TRAIL_PRESENT,
				  .value = value,
				  .is_signed = true };
	assert_true(trail_facts_add_scalar(f, &s));
}

static void add_frame(struct trail_facts *f, struct trail_cpu_facts *cpu, const char *word)
{
	static uint64_t address = 0xffffffff81000000;
	struct trail_frame *all = trail_pool_grow(&f->pool, cpu->frames, cpu->n_frames,
						  sizeof(*all));
	assert_non_null(all);
	cpu->frames = all;
	/* "?function@module!": ? not reliable, ! interrupted by a trap */
	char *name = trail_pool_strdup(&f->pool, word + (*word == '?'));
	assert_non_null(name);
	address += 0x123;
	char *bang = strchr(name, '!'), *at = strchr(name, '@');
	if (bang)
		*bang = 0;
	if (at)
		*at = 0;
	all[cpu->n_frames++] = (struct trail_frame){
		.function = name,
		.module = at ? at + 1 : NULL,
		.address = address,
		.offset = address & 0xff,
		.how = bang ? TRAIL_FRAME_TRAP : TRAIL_FRAME_ORC,
		.reliable = *word != '?',
		.callee = strcmp(name, "panic") == 0 || strcmp(name, "crash_kexec") == 0
				  ? "__crash_kexec"
				  : NULL,
	};
}

/* A record a line, as if one task had written all, each a millisecond later. */
static void add_log(struct trail_facts *f, const char *lines)
{
	char *copy = trail_pool_strdup(&f->pool, lines), *save;

	assert_non_null(copy);
	f->log.presence = TRAIL_PRESENT;
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct trail_record *all = trail_pool_grow(&f->pool, f->log.records, f->log.n,
							   sizeof(*all));
		assert_non_null(all);
		f->log.records = all;
		all[f->log.n] = (struct trail_record){ .seq = f->log.n,
						       .ts_nsec = f->log.n * 1000000,
						       .text = line,
						       .length = strlen(line),
						       .cpu = -1,
						       .pid = -1 };
		f->log.next_seq = ++f->log.n;
	}
}

/* A crash of that stack, words with blanks between, and that log, with a panic line or without. */
static struct trail_facts *crash(const char *stack, const char *log, int cpu, bool whole)
{
	struct trail_facts *f = trail_facts_new();

	assert_non_null(f);
	f->n_cpus = 4;
	f->cpus = trail_pool_alloc(&f->pool, 4, sizeof(*f->cpus));
	assert_non_null(f->cpus);
	for (int i = 0; i < 4; i++)
		f->cpus[i] = (struct trail_cpu_facts){ .cpu = i, .online = TRAIL_YES };
	f->writer = TRAIL_WRITER_KERNEL;
	scalar(f, "panic_cpu", cpu);
	scalar(f, "crash_kexec_post_notifiers", 0);
	f->cpus[cpu].stack_whole = whole;
	char *copy = strdup(stack), *save;
	assert_non_null(copy);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		add_frame(f, &f->cpus[cpu], word);
	free(copy);
	add_log(f, log ? log : "an oops");
	return f;
}

#define LINE(text) "Kernel panic - not syncing: " text

/* The cause of a crash, in @ret; "" where there is none. */
static void cause_of(const char *stack, const char *log, int cpu, bool whole, char *ret)
{
	struct trail_facts *f = crash(stack, log, cpu, whole);
	struct trail_timeline *t = NULL;

	assert_null(trail_timeline_new(f, &t));
	strcpy(ret, t->cause ? t->cause : "");
	trail_timeline_free(t);
	trail_facts_free(f);
}

#define OOPS "oops_end.cold page_fault_oops exc_page_fault asm_exc_page_fault "
#define TICK "hrtimer_interrupt __sysvec_apic_timer_interrupt asm_sysvec_apic_timer_interrupt "

struct cause_row {
	const char *stack, *log, *cause;
	bool whole;
};

static void check_causes(const struct cause_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char got[1100], again[1100];
		cause_of(rows[i].stack, rows[i].log, 1, rows[i].whole, got);
		cause_of(rows[i].stack, rows[i].log, 3, rows[i].whole, again);
		assert_string_equal(got, again); /* addresses and CPU differ */
		char *hash = strrchr(got, ':');
		if (!*rows[i].cause) {
			assert_string_equal(got, "");
			continue;
		}
		if (!hash)
			fail_msg("no cause, wanted %s", rows[i].cause);
		assert_int_equal(strlen(hash), 9);
		*hash = 0;
		assert_string_equal(got + strlen("v1:"), rows[i].cause);
		/* the hash is over the words in front of it */
		assert_int_equal(strtoul(hash + 1, NULL, 16),
				 trail_fnv1a(TRAIL_FNV_START, got, strlen(got)));
	}
}

static void test_cause(void **state)
{
	static const struct cause_row rows[] = {
		/* clang-format off */
		{ "panic sysrq_handle_crash __handle_sysrq.cold write_sysrq_trigger vfs_write", LINE("sysrq triggered crash"),
		  "sysrq/sysrq_handle_crash/__handle_sysrq", false },
		{ "panic sysrq_handle_crash __handle_sysrq serial8250_rx_chars", LINE("sysrq triggered crash"),
		  "sysrq/sysrq_handle_crash/__handle_sysrq", false },
		/* the same oops, on three ways to panic() */
		{ "panic " OOPS "bad@mod! worse@mod kthread", LINE("Fatal exception"), "oops/bad@mod/worse@mod", false },
		{ "panic " OOPS "bad.isra.0@mod! worse.part.3@mod kthread", LINE("Fatal exception in interrupt"),
		  "oops/bad@mod/worse@mod", false },
		{ "crash_kexec " OOPS "bad@mod! worse.constprop.0.isra.0@mod ret_from_fork_asm", NULL,
		  "oops/bad@mod/worse@mod", false },
		{ "panic " OOPS "other@mod! worse@mod kthread", LINE("Fatal exception"), "oops/other@mod/worse@mod", false },
		/* three functions at most; one that calls itself counts once */
		{ "panic " OOPS "a! b c d kthread", LINE("Fatal exception"), "oops/a/b/c", false },
		{ "panic " OOPS "a! a a.cold a b kthread", LINE("Fatal exception"), "oops/a/b", false },
		/* panic() again, from inside: the first one counts */
		{ "panic oops_end asm_exc_page_fault callback! atomic_notifier_call_chain panic first@mod second kthread",
		  LINE("mine"), "other/first@mod/second", false },
		/* what runs in an interrupt stands for itself: what called it, and what it hit, is no part of the bug */
		{ "panic mine@mod __flush_smp_call_function_queue __sysvec_call_function_single asm_sysvec_call_function_single innocent!",
		  LINE("mine"), "other/mine@mod", false },
		{ "panic mine@mod call_timer_fn __run_timers handle_softirqs do_softirq.part.0 innocent", LINE("mine"), "other/mine@mod", false },
		{ "panic mine@mod process_one_work worker_thread kthread", LINE("mine"), "other/mine@mod", false },
		{ "panic " OOPS "bad! sysvec_x asm_sysvec_x innocent!", LINE("Fatal exception"), "oops/bad", false },
		{ "panic " OOPS "process_one_work! worker_thread kthread", LINE("Fatal exception"), "oops/process_one_work", false },
		/* a spinlock that is garbage is the bug of who takes it only where it does not go on */
		{ "panic " OOPS "_raw_spin_lock! a b kthread", LINE("Fatal exception"), "oops/_raw_spin_lock/a/b", false },
		{ "panic watchdog_timer_fn " TICK "busy@mod! kthread", LINE("softlockup: hung tasks"), "softlockup/busy@mod", false },
		{ "panic watchdog_timer_fn " TICK "native_queued_spin_lock_slowpath! _raw_spin_lock a kthread",
		  LINE("softlockup: hung tasks"), "softlockup/a", false },
		{ "panic watchdog_timer_fn " TICK "__pv_queued_spin_lock_slowpath! _raw_spin_lock_irqsave a kthread",
		  LINE("softlockup: hung tasks"), "softlockup/a", false },
		{ "panic nmi_panic.cold watchdog_overflow_callback exc_nmi end_repeat_nmi busy! kthread", LINE("Hard LOCKUP"),
		  "hardlockup/busy", false },
		{ "panic nmi_panic.cold unknown_nmi_error.cold exc_nmi end_repeat_nmi innocent! do_idle", LINE("NMI: Not continuing"),
		  "nmi-unknown/unknown_nmi_error", false },
		{ "panic nmi_panic mine@mod nmi_handle.part.0 default_do_nmi exc_nmi end_repeat_nmi innocent! do_idle", LINE("mine"),
		  "other/mine@mod", false },
		{ "panic check_panic_on_warn.cold __warn report_bug handle_bug exc_invalid_op asm_exc_invalid_op warns@mod! kthread",
		  LINE("kernel: panic_on_warn set ..."), "panic-on-warn/warns@mod", false },
		{ "panic check_panic_on_warn __warn __report_bug report_bug_entry handle_bug exc_invalid_op asm_exc_invalid_op __WARN_trap! "
		  "warns@mod kthread", LINE("kernel: panic_on_warn set ..."), "panic-on-warn/warns@mod", false },
		{ "panic add_taint.cold report_bug handle_bug exc_invalid_op asm_exc_invalid_op warns@mod! kthread",
		  LINE("panic_on_taint set ..."), "taint/warns@mod", false },
		{ "panic add_taint load_module do_init_module do_syscall_64", LINE("panic_on_taint set ..."),
		  "taint/load_module/do_init_module", false },
		/* who asked for memory last is not to blame, unless he is of a group that has a limit */
		{ "panic out_of_memory.cold __alloc_pages_slowpath.constprop.0 __alloc_pages a", LINE("Out of memory: system-wide"),
		  "oom/out_of_memory", false },
		{ "panic out_of_memory mem_cgroup_out_of_memory try_charge_memcg a", LINE("Out of memory: compulsory"),
		  "oom-cgroup/out_of_memory", false },
		/* a system call, by whatever it is entered */
		{ "panic do_exit.cold do_group_exit __x64_sys_exit_group do_syscall_64", LINE("Attempted to kill init! exitcode=0x0300"),
		  "init-killed/do_exit/sys_exit_group", false },
		{ "panic do_exit __do_sys_exit_group __x64_sys_exit_group x64_sys_call", LINE("Attempted to kill init! exitcode=0x0300"),
		  "init-killed/do_exit/sys_exit_group", false },
		{ "panic do_exit do_group_exit get_signal arch_do_signal_or_restart", LINE("Attempted to kill init! exitcode=0x0b"),
		  "init-killed/do_exit/get_signal", false },
		/* whole or not: a stack that ends early tells too little */
		{ "panic a b", LINE("mine"), "other/a/b", true },
		{ "panic a b", LINE("mine"), "", false },
		{ "panic a ?b ?c", LINE("mine"), "", false },
		{ "panic", LINE("mine"), "", true },
		{ "?panic a b c", LINE("mine"), "", false },
		/* a module may call a function as it likes */
		{ "panic panic_helper@mod kthread@mod kthread", LINE("mine"), "other/panic_helper@mod/kthread@mod", false },
		{ "panic a\33[31m/:b kthread", LINE("mine"), "other/a__31m__b", false },
		/* clang-format on */
	};

	(void)state;
	check_causes(rows, TRAIL_ARRAY_SIZE(rows));
}

/* Lines of a log, as Linux 6.1 and 7.2 print them. */
#define HUNG(word)                                                                      \
	"INFO: task lab13--1:119" word " for more than 4 seconds.\n"                    \
	"      Tainted: G           OE      6.1.0-56-amd64 #1 Debian 6.1.192-2\n"       \
	"task:lab13--1        state:D stack:0     pid:119   ppid:2      flags:0x4000\n" \
	"Call Trace:\n <TASK>\n __schedule+0x34d/0xa00\n schedule+0x5a/0xd0\n"
#define LOCKER \
	" __mutex_lock.constprop.0+0x39d/0x720\n ? other+0x70/0x70 [mod]\n locker+0x1d/0x30 [mod]\n"
#define END " kthread+0xd7/0x100\n ret_from_fork+0x1f/0x30\n </TASK>\n"
#define BACKTRACE                                                      \
	"Sending NMI from CPU 0 to CPUs 2:\nNMI backtrace for cpu 2\n" \
	"CPU: 2 PID: 120 Comm: lab1-2 Kdump: loaded\n"
#define RIP \
	"Code: 00 00 48 8b\nRSP: 0018:ffffd09d80353f00 EFLAGS: 00000082\nPKRU: 55555554\nCall Trace:\n <TASK>\n"
#define DUMP                                                                              \
	"CPU: 0 PID: 0 Comm: swapper/0\nCall Trace:\n <IRQ>\n dump_stack_lvl+0x44/0x5c\n" \
	" panic+0x118/0x2f4\n"

/* The stack of the bug is in the log only. */
static void test_printed(void **state)
{
	static const char rcu_stack[] = "panic panic_on_rcu_stall rcu_sched_clock_irq " TICK
					"innocent! do_idle";
	static const struct cause_row rows[] = {
		/* clang-format off */
		{ "panic watchdog kthread", HUNG(" blocked") LOCKER END LINE("hung_task: blocked tasks"), "hung-task/locker@mod", true },
		{ "panic watchdog kthread", HUNG(" blocked in I/O wait") LOCKER END LINE("hung_task: blocked tasks"), "hung-task/locker@mod", true },
		{ "panic watchdog kthread", HUNG(" blocked") " a+0x1/0x2\n b+0x1/0x2\n" END HUNG(" blocked") LOCKER END
		  LINE("hung_task: blocked tasks"), "hung-task/a/b", true },
		/* without a mark at its end: of Linux 5.10 */
		{ "panic watchdog kthread", HUNG(" blocked") LOCKER LINE("hung_task: blocked tasks"), "hung-task/locker@mod", true },
		{ "panic watchdog kthread", HUNG(" blocked") LOCKER "NMI backtrace\n b+0x1/0x2\n" LINE("hung_task: blocked tasks"),
		  "hung-task/locker@mod", true },
		/* no stack there: that of khungtaskd is not the bug */
		{ "panic watchdog kthread", LINE("hung_task: blocked tasks") "\n" DUMP " watchdog+0xc/0xbb\n" END, "", true },
		{ "panic watchdog kthread", "INFO: task a:1 blocked for more than 4 seconds.\n" LINE("hung_task: blocked tasks") "\n"
		  DUMP " watchdog+0xc/0xbb\n" END, "", true },
		/* the CPU that is stuck, whoever found it */
		{ rcu_stack, "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n" BACKTRACE "RIP: 0010:busy+0xd/0x10 [mod]\n" RIP END
		  LINE("RCU Stall"), "rcu-stall/busy@mod", true },
		{ rcu_stack, "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\nrcu: RCU grace-period kthread stack dump:\n"
		  "Call Trace:\n <TASK>\n __schedule+0x1/0x2\n rcu_gp_fqs_loop+0x1/0x2\n" END "rcu: Stack dump where RCU GP kthread last ran:\n"
		  BACKTRACE "RIP: 0010:busy+0xd/0x10 [mod]\n" RIP END LINE("RCU Stall"), "rcu-stall/busy@mod", true },
		{ rcu_stack, "rcu: INFO: rcu_preempt self-detected stall on CPU\nNMI backtrace for cpu 2\nCall Trace:\n <IRQ>\n"
		  " dump_stack+0x1/0x2\n rcu_sched_clock_irq+0x1/0x2\n </IRQ>\n asm_sysvec_apic_timer_interrupt+0x1/0x2\n"
		  "RIP: 0010:busy+0xd/0x10 [mod]\nCode: 00 00\nRSP: 0018:ffff\n" END LINE("RCU Stall"), "rcu-stall/busy@mod", true },
		/* it is caught in the tick, of Linux 5.10; stuck in what an interrupt serves */
		{ rcu_stack, "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:\n" BACKTRACE "RIP: 0010:read_hpet+0xc5/0x110\n" RIP
		  " ktime_get_update_offsets_now+0x46/0x100\n hrtimer_interrupt+0x82/0x2c0\n __sysvec_apic_timer_interrupt+0x5c/0xe0\n"
		  " asm_call_irq_on_stack+0xf/0x20\n </IRQ>\n sysvec_apic_timer_interrupt+0x72/0x80\n"
		  " asm_sysvec_apic_timer_interrupt+0x12/0x20\nRIP: 0010:busy+0x5/0x9 [mod]\n" RIP END LINE("RCU Stall"),
		  "rcu-stall/busy@mod", true },
		{ rcu_stack, "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:\n" BACKTRACE "RIP: 0010:a+0x5/0x9\n" RIP
		  " b+0x1/0x2\n c+0x1/0x2\n d+0x1/0x2\n tick_nohz_handler+0x1/0x2\n __hrtimer_run_queues+0x1/0x2\n"
		  " hrtimer_interrupt+0x82/0x2c0\n asm_sysvec_apic_timer_interrupt+0x12/0x20\nRIP: 0010:busy+0x5/0x9 [mod]\n" RIP END
		  LINE("RCU Stall"), "rcu-stall/busy@mod", true },
		{ rcu_stack, "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:\n" BACKTRACE "RIP: 0010:mine+0x5/0x9 [mod]\n" RIP
		  " __hrtimer_run_queues+0x1/0x2\n hrtimer_interrupt+0x82/0x2c0\n sysvec_apic_timer_interrupt+0x72/0x80\n"
		  " asm_sysvec_apic_timer_interrupt+0x12/0x20\nRIP: 0010:innocent+0x5/0x9\n" RIP END LINE("RCU Stall"),
		  "rcu-stall/mine@mod", true },
		{ rcu_stack, "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n" BACKTRACE "RIP: 0033:0x47b6fd\nCode: 00 00 48\n"
		  LINE("RCU Stall"), "", true },
		{ rcu_stack, "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\nNMI backtrace for cpu 2 skipped: idling at idle+0x1/0x2\n"
		  LINE("RCU Stall") "\n" DUMP " x+0x1/0x2\n y+0x1/0x2\n" END, "", true },
		{ "panic watchdog_hardlockup_check " TICK "innocent! kthread", "CPU1: Watchdog detected hard LOCKUP on cpu 2\n" BACKTRACE
		  "RIP: 0010:busy+0xd/0x10 [mod]\n" RIP END LINE("Hard LOCKUP"), "hardlockup/busy@mod", true },
		{ "panic watchdog_hardlockup_check " TICK "innocent! kthread", LINE("Hard LOCKUP"), "", false },
		/* the oops' own stack is gone, or cannot be unwound */
		{ "panic do_exit make_task_dead rewind_stack_and_make_dead", "Oops: 0002 [#1] PREEMPT SMP\nCPU: 0 PID: 1 Comm: sh\n"
		  "RIP: 0010:bad+0x5/0x10 [mod]\n" RIP " worse+0xe2/0x280 [mod]\n" END LINE("Attempted to kill init! exitcode=0x0009"),
		  "oops/bad@mod/worse@mod", true },
		{ "crash_kexec oops_end page_fault_oops exc_page_fault asm_exc_page_fault", "Oops: 0010 [#1] PREEMPT SMP\n"
		  "RIP: 0010:0x0\n" RIP " caller+0xe/0x20 [mod]\n a+0xe2/0x280\n" END, "oops/caller@mod/a", false },
		{ "crash_kexec oops_end page_fault_oops exc_page_fault asm_exc_page_fault", "Internal error: Oops: 96000044 [#1] SMP\n"
		  "pc : bad+0x5/0x10 [mod]\nlr : worse+0x1/0x2\nsp : ffff\nCall trace:\n bad+0x5/0x10 [mod]\n a+0xe2/0x280\nCode: d50\n",
		  "oops/bad@mod/a", false },
		/* no stack of the panicking CPU at all; build IDs of modules; another line in between */
		{ "?panic", LINE("mine") "\n" DUMP " mine+0x1/0x2 [mod 0123456789abcdef]\n" END, "other/mine@mod", false },
		/* no stacks */
		{ "?panic", LINE("mine") "\nCall Trace:\n mine\n mine+0x\n mine+0x1\n mine+0x1/0x\n +0x1/0x2\n", "", false },
		{ "?panic", LINE("mine") "\nRIP: \nRIP: 0010\n", "", false },
		/* clang-format on */
	};

	(void)state;
	check_causes(rows, TRAIL_ARRAY_SIZE(rows));
}

/* What another CPU or task prints meanwhile is no part of the stack; a hole in the log ends it. */
static void test_printed_among_others(void **state)
{
	struct trail_timeline *t = NULL;
	struct trail_facts *f = crash("?panic",
				      LINE("mine") "\n panic+0x1/0x2\n a+0x1/0x2\n x+0x1/0x2\n"
						   " b+0x1/0x2\n kthread+0x1/0x2\n",
				      1, false);

	(void)state;
	f->log.records[3].cpu = 7;
	assert_null(trail_timeline_new(f, &t));
	assert_true(trail_starts_with(t->cause, "v1:other/a/b:"));
	trail_timeline_free(t);
	f->log.records[4].seq = f->log.records[5].seq = 9;
	assert_null(trail_timeline_new(f, &t));
	assert_null(t->cause);
	trail_timeline_free(t);
	/* user space may write what it likes */
	f->log.records[4].seq = 4;
	f->log.records[5].seq = 5;
	for (size_t i = 1; i < f->log.n; i++)
		f->log.records[i].facility = 1;
	assert_null(trail_timeline_new(f, &t));
	assert_null(t->cause);
	trail_timeline_free(t);
	trail_facts_free(f);
}

/* Long names are cut where they are shown, not in the hash. */
static void test_long_names(void **state)
{
	char stack[200] = "panic ", one[1100], two[1100];

	(void)state;
	memset(stack + 6, 'x', 100);
	strcpy(stack + 106, "1 kthread");
	cause_of(stack, LINE("mine"), 1, false, one);
	stack[106] = '2';
	cause_of(stack, LINE("mine"), 1, false, two);
	assert_true(strlen(one) < 80 && strlen(one) == strlen(two));
	assert_int_equal(strrchr(one, ':') - one, strrchr(two, ':') - two);
	assert_memory_equal(one, two, strrchr(one, ':') - one);
	assert_string_not_equal(one, two);
}

static void test_path(void **state)
{
	struct trail_facts *f = crash("panic a b c", LINE("mine"), 1, false);
	struct trail_timeline *t = NULL;

	(void)state;
	assert_null(trail_timeline_new(f, &t));
	assert_true(trail_starts_with(t->path, "v1:early/kdump-early/cpus-unknown:"));
	trail_timeline_free(t);
	for (int i = 0; i < 4; i++)
		if (i != 1) {
			f->cpus[i].online = TRAIL_NO;
			f->cpus[i].active = TRAIL_NO;
		}
	assert_null(trail_timeline_new(f, &t));
	assert_true(trail_starts_with(t->path, "v1:early/kdump-early:"));
	trail_timeline_free(t);
	trail_facts_free(f);
}

static void test_nothing_known(void **state)
{
	struct trail_facts *f = trail_facts_new();
	struct trail_timeline *t = NULL;

	(void)state;
	assert_non_null(f);
	assert_null(trail_timeline_new(f, &t));
	assert_null(t->cause);
	assert_null(t->path);
	trail_timeline_free(t);
	trail_facts_free(f);
}

static void test_fnv1a(void **state)
{
	(void)state;
	/* test vectors of draft-eastlake-fnv */
	assert_int_equal(trail_fnv1a(TRAIL_FNV_START, "", 0), 0x811c9dc5);
	assert_int_equal(trail_fnv1a(TRAIL_FNV_START, "a", 1), 0xe40c292c);
	assert_int_equal(trail_fnv1a(TRAIL_FNV_START, "foobar", 6), 0xbf9cf968);
}

static void test_tables(void **state)
{
	(void)state;
	for (const struct trail_part_row *row = trail_part_rows; row->function; row++) {
		assert_non_null(strchr(row->source, '/'));
		for (const struct trail_part_row *k = trail_part_rows; k != row; k++)
			assert_string_not_equal(k->function, row->function);
	}
	for (const struct trail_bug_row *row = trail_bug_rows; row->class; row++) {
		bool printed = row->where == TRAIL_BUG_PRINTED ||
			       row->where == TRAIL_BUG_PRINTED_TRAP;
		assert_int_equal(printed, row->log != NULL);
		assert_non_null(strchr(row->source, '/'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cause),
		cmocka_unit_test(test_printed),
		cmocka_unit_test(test_printed_among_others),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_fnv1a),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
