/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stages of panic() in program order, and the calls in panic() that tell
 * in which stage an address lies.
 *
 * A stage row: what the kernel must have, and the conditions under which the
 * stage does something when panic() comes to it.  A stage that moved between
 * versions has two rows, told apart by a feature (collect/needs.c).
 *
 * A call-site row: the function that is called there, and what the code calls
 * next, first on every path; the same function is called in several stages.
 * The first row that fits decides, so the narrow ones stand first.
 *
 * To add a row, name the kernel file and since when.  Covered by
 * tests/tables/test_tables.c; measured by the lab.
 */
#include "timeline/evidence.h"

/* clang-format off */
#define SCALAR(n, o, v) { .look = TRAIL_LOOK_SCALAR, .name = n, .op = o, .value = v }

const struct trail_stage_row trail_stage_rows[] = {
	{ .stage = TRAIL_STAGE_DIRECT_KEXEC, .needs = "feature.kexec",
	  .source = "arch/x86/kernel/dumpstack.c oops_end() to kernel/kexec_core.c crash_kexec()" },
	{ .stage = TRAIL_STAGE_ENTRY, .source = "kernel/panic.c panic(), up to the claim of panic_cpu" },
	{ .stage = TRAIL_STAGE_REDIRECT, .needs = "feature.redirect",
	  .runs_if = { SCALAR("panic_force_cpu", TRAIL_OP_AT_LEAST, 0) },
	  .skipped = "no CPU was asked to take the panic", .source = "kernel/panic.c panic_try_force_cpu(); 7.x" },
	{ .stage = TRAIL_STAGE_MESSAGE, .source = "kernel/panic.c panic(), the panic line and dump_stack()" },
	{ .stage = TRAIL_STAGE_KGDB, .needs = "feature.kgdb",
	  .runs_if = { SCALAR("kgdb_io_module_registered", TRAIL_OP_IS, 1), SCALAR("panic_timeout", TRAIL_OP_IS, 0) },
	  .skipped = "the debugger was not to be entered", .source = "kernel/debug/debug_core.c kgdb_panic(); since v5.8" },
	{ .stage = TRAIL_STAGE_KDUMP_EARLY, .needs = "feature.kexec",
	  .runs_if = { SCALAR("crash_kexec_post_notifiers", TRAIL_OP_IS, 0), SCALAR("kexec_crash_image", TRAIL_OP_IS_NOT, 0),
		       SCALAR("vmcoreinfo.CRASHTIME", TRAIL_OP_AT_LEAST, 0) },
	  .skipped = "kdump was not to run here", .source = "kernel/panic.c panic(), __crash_kexec() if !_crash_kexec_post_notifiers" },
	{ .stage = TRAIL_STAGE_CPU_BACKTRACES, .needs = "feature.cpu-backtraces",
	  .runs_if = { SCALAR("backtraces.mask", TRAIL_OP_IS_NOT, 0) },
	  .skipped = "panic_print does not ask for backtraces of all CPUs", .source = "kernel/panic.c panic_other_cpus_shutdown(); since v5.18" },
	{ .stage = TRAIL_STAGE_STOP_CPUS, .source = "kernel/panic.c panic(), smp_send_stop() or crash_smp_send_stop()" },
	{ .stage = TRAIL_STAGE_NOTIFIERS, .source = "kernel/panic.c panic(), atomic_notifier_call_chain(&panic_notifier_list)" },
	{ .stage = TRAIL_STAGE_SYS_INFO, .needs = "feature.cpu-backtraces",
	  .runs_if = { SCALAR("sys-info.mask", TRAIL_OP_IS_NOT, 0) },
	  .skipped = "panic_print asks for no system information", .source = "kernel/panic.c panic_print_sys_info(false); here since v5.18" },
	{ .stage = TRAIL_STAGE_KMSG_DUMP,
	  .runs_if = { SCALAR("count.kmsg-dumpers", TRAIL_OP_IS_NOT, 0) },
	  .skipped = "no kmsg dumper was registered", .source = "kernel/panic.c panic(), kmsg_dump(KMSG_DUMP_PANIC)" },
	{ .stage = TRAIL_STAGE_KDUMP_LATE, .needs = "feature.kexec",
	  .runs_if = { SCALAR("crash_kexec_post_notifiers", TRAIL_OP_IS_NOT, 0), SCALAR("kexec_crash_image", TRAIL_OP_IS_NOT, 0),
		       SCALAR("vmcoreinfo.CRASHTIME", TRAIL_OP_AT_LEAST, 0) },
	  .skipped = "kdump was not to run here", .source = "kernel/panic.c panic(), __crash_kexec() if _crash_kexec_post_notifiers" },
	{ .stage = TRAIL_STAGE_CONSOLE_FLUSH, .source = "kernel/panic.c panic(), console_unblank() to console_flush_on_panic()" },
	{ .stage = TRAIL_STAGE_CONSOLE_REPLAY, .needs = "feature.panic-print",
	  .runs_if = { SCALAR("replay.mask", TRAIL_OP_IS_NOT, 0) },
	  .skipped = "panic_print does not ask for a replay", .source = "kernel/panic.c panic_print_sys_info(true); since v5.4" },
	{ .stage = TRAIL_STAGE_SYS_INFO, .needs = "feature.panic-print", .without = "feature.cpu-backtraces",
	  .runs_if = { SCALAR("sys-info.mask", TRAIL_OP_IS_NOT, 0) },
	  .skipped = "panic_print asks for no system information", .source = "kernel/panic.c panic_print_sys_info(); here until v5.17" },
	{ .stage = TRAIL_STAGE_REBOOT_WAIT,
	  .runs_if = { SCALAR("panic_timeout", TRAIL_OP_AT_LEAST, 1) },
	  .skipped = "there is no time to wait for a reboot", .source = "kernel/panic.c panic(), the loop of panic_timeout" },
	{ .stage = TRAIL_STAGE_REBOOT,
	  .runs_if = { SCALAR("panic_timeout", TRAIL_OP_IS_NOT, 0) },
	  .skipped = "no reboot was asked for", .source = "kernel/panic.c panic(), emergency_restart()" },
	{ .stage = TRAIL_STAGE_HALT, .source = "kernel/panic.c panic(), the end marker and the endless loop" },
};

#define PANIC "kernel/panic.c panic(), vpanic()"
#define SITE(fn, next, stop, st, how) \
	{ .callee = fn, .before = next, .not_before = stop, .stage = TRAIL_STAGE_ ## st, .strength = how, .source = PANIC }
/* the last of several calls of one function: nothing of the panic path is called behind it */
#define LAST(fn, st, how) \
	{ .callee = fn, .last = true, .stage = TRAIL_STAGE_ ## st, .strength = how, .source = PANIC }

const struct trail_call_site trail_call_sites[] = {
	/* the same __crash_kexec() at two places: what comes next tells them apart */
	SITE("__crash_kexec", "console_unblank", "atomic_notifier_call_chain", KDUMP_LATE, TRAIL_CERTAIN),
	SITE("__crash_kexec", "unblank_screen", "atomic_notifier_call_chain", KDUMP_LATE, TRAIL_CERTAIN),
	SITE("__crash_kexec", "atomic_notifier_call_chain", "console_unblank", KDUMP_EARLY, TRAIL_CERTAIN),
	SITE("__crash_kexec", "crash_smp_send_stop", "console_unblank", KDUMP_EARLY, TRAIL_CERTAIN),
	SITE("__crash_kexec", "smp_send_stop", "console_unblank", KDUMP_EARLY, TRAIL_CERTAIN),

	SITE("panic_smp_self_stop", NULL, NULL, ENTRY, TRAIL_CERTAIN),
	SITE("console_verbose", NULL, NULL, ENTRY, TRAIL_CERTAIN),
	SITE("panic_try_force_cpu", NULL, NULL, REDIRECT, TRAIL_CERTAIN),
	SITE("vscnprintf", NULL, NULL, MESSAGE, TRAIL_CERTAIN),
	SITE("dump_stack", NULL, NULL, MESSAGE, TRAIL_CERTAIN),
	SITE("dump_stack_lvl", NULL, NULL, MESSAGE, TRAIL_CERTAIN),
	SITE("kgdb_panic", NULL, NULL, KGDB, TRAIL_CERTAIN),
	SITE("arch_trigger_cpumask_backtrace", NULL, NULL, CPU_BACKTRACES, TRAIL_CERTAIN),
	SITE("nmi_trigger_cpumask_backtrace", NULL, NULL, CPU_BACKTRACES, TRAIL_CERTAIN),
	SITE("panic_trigger_all_cpu_backtrace", NULL, NULL, CPU_BACKTRACES, TRAIL_CERTAIN),
	SITE("panic_other_cpus_shutdown", NULL, NULL, STOP_CPUS, TRAIL_CERTAIN),
	SITE("crash_smp_send_stop", NULL, NULL, STOP_CPUS, TRAIL_CERTAIN),
	SITE("smp_send_stop", NULL, NULL, STOP_CPUS, TRAIL_CERTAIN),
	SITE("native_stop_other_cpus", NULL, NULL, STOP_CPUS, TRAIL_CERTAIN),
	SITE("xen_pv_stop_other_cpus", NULL, NULL, STOP_CPUS, TRAIL_CERTAIN),
	SITE("printk_legacy_allow_panic_sync", NULL, NULL, STOP_CPUS, TRAIL_CERTAIN),
	SITE("atomic_notifier_call_chain", NULL, NULL, NOTIFIERS, TRAIL_CERTAIN),
	SITE("panic_print_sys_info", "kmsg_dump", NULL, SYS_INFO, TRAIL_CERTAIN),
	SITE("panic_print_sys_info", "emergency_restart", "kmsg_dump", CONSOLE_REPLAY, TRAIL_LIKELY),
	SITE("sys_info", NULL, NULL, SYS_INFO, TRAIL_CERTAIN),
	/* what panic_print_sys_info() calls, where it is a part of panic() */
	SITE("show_state_filter", NULL, NULL, SYS_INFO, TRAIL_CERTAIN),
	SITE("show_mem", NULL, NULL, SYS_INFO, TRAIL_CERTAIN),
	SITE("__show_mem", NULL, NULL, SYS_INFO, TRAIL_CERTAIN),
	SITE("sysrq_timer_list_show", NULL, NULL, SYS_INFO, TRAIL_CERTAIN),
	SITE("debug_show_all_locks", NULL, NULL, SYS_INFO, TRAIL_CERTAIN),
	SITE("ftrace_dump", NULL, NULL, SYS_INFO, TRAIL_CERTAIN),
	/* until v5.14: before the early __crash_kexec(), and before kmsg_dump() */
	SITE("printk_safe_flush_on_panic", "__crash_kexec", "kmsg_dump", MESSAGE, TRAIL_CERTAIN),
	SITE("printk_safe_flush_on_panic", "kmsg_dump", NULL, KMSG_DUMP, TRAIL_CERTAIN),
	SITE("kmsg_dump", NULL, NULL, KMSG_DUMP, TRAIL_CERTAIN),
	SITE("kmsg_dump_desc", NULL, NULL, KMSG_DUMP, TRAIL_CERTAIN),
	SITE("console_unblank", NULL, NULL, CONSOLE_FLUSH, TRAIL_CERTAIN),
	SITE("unblank_screen", NULL, NULL, CONSOLE_FLUSH, TRAIL_CERTAIN),
	SITE("debug_locks_off", NULL, NULL, CONSOLE_FLUSH, TRAIL_CERTAIN),
	/* once for what is pending, once for all of it again: with a replay asked for they look alike */
	{ .callee = "console_flush_on_panic", .before = "emergency_restart", .stage = TRAIL_STAGE_CONSOLE_FLUSH,
	  .strength = TRAIL_CERTAIN, .when = { SCALAR("replay.mask", TRAIL_OP_IS, 0) }, .source = PANIC },
	{ .callee = "console_flush_on_panic", .before = "emergency_restart", .stage = TRAIL_STAGE_CONSOLE_FLUSH,
	  .strength = TRAIL_CERTAIN, .at_least = true, .source = PANIC },
	LAST("console_flush_on_panic", HALT, TRAIL_CERTAIN),
	SITE("emergency_restart", NULL, NULL, REBOOT, TRAIL_CERTAIN),

	/* printk, delays, watchdogs and the blink callback are called at several places */
	SITE(NULL, "__crash_kexec", NULL, MESSAGE, TRAIL_LIKELY),
	SITE(NULL, "atomic_notifier_call_chain", NULL, STOP_CPUS, TRAIL_LIKELY),
	SITE(NULL, "emergency_restart", NULL, REBOOT_WAIT, TRAIL_CERTAIN),
	SITE(NULL, "console_flush_on_panic", NULL, HALT, TRAIL_LIKELY),
	LAST("__const_udelay", HALT, TRAIL_CERTAIN),
	LAST("touch_softlockup_watchdog", HALT, TRAIL_CERTAIN),
};
/* clang-format on */
const size_t trail_n_stage_rows = TRAIL_ARRAY_SIZE(trail_stage_rows);
const size_t trail_n_call_sites = TRAIL_ARRAY_SIZE(trail_call_sites);
