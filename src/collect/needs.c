/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scalars that are asked of a kernel.  A row is a fact; to add one, add a
 * row with its source and use its name in a witness or a report.  A variable
 * that a kernel lacks becomes an absent fact, never a zero.
 * Covered by tests/tables/test_tables.c; read off real dumps by the lab.
 */
#include "collect/needs.h"

/* clang-format off */
#define VARIABLE(n, w, s, src) { .name = n, .how = TRAIL_NEED_VARIABLE, .width = w, .is_signed = s, .source = src }
#define IN_MODULE(n, m, src)   { .name = n, .how = TRAIL_NEED_VARIABLE, .module = m, .width = 4, .is_signed = true, .source = src }
#define FEATURE(n, sym, src)   { .name = "feature." n, .symbol = sym, .how = TRAIL_NEED_EXISTS, .source = src }

const struct trail_need trail_needs[] = {
	/* who panicked and how far it is */
	VARIABLE("panic_cpu", 4, true, "kernel/panic.c, atomic_t, -1; since v4.5"),
	VARIABLE("panic_redirect_cpu", 4, true, "kernel/panic.c, atomic_t, -1; 7.x"),
	VARIABLE("panic_force_cpu", 4, true, "kernel/panic.c, int, -1; 7.x"),
	{ .name = "system_state", .how = TRAIL_NEED_VARIABLE, .width = 4, .max = 16, .source = "init/main.c, enum of 7 or 8 states" },
	VARIABLE("legacy_allow_panic_sync", 1, false, "kernel/printk/printk.c, bool; since v6.12"),

	/* how it was set up */
	VARIABLE("crash_kexec_post_notifiers", 1, false, "kernel/panic.c, bool; since v3.18"),
	{ .name = "panic_print", .how = TRAIL_NEED_VARIABLE, .width = 8, .max = 0xffff, .source = "kernel/panic.c, unsigned long of 5 to 8 bits; since v5.0" },
	VARIABLE("kernel_si_mask", 8, false, "lib/sys_info.c, static unsigned long; 7.x"),
	VARIABLE("panic_console_replay", 1, false, "kernel/panic.c, bool; 7.x"),
	VARIABLE("panic_timeout", 4, true, "kernel/panic.c, int, CONFIG_PANIC_TIMEOUT"),
	VARIABLE("panic_on_oops", 4, true, "kernel/panic.c, int"),
	VARIABLE("panic_on_warn", 4, true, "kernel/panic.c, int; panic() resets it"),
	VARIABLE("tainted_mask", 8, false, "kernel/panic.c, static unsigned long"),
	VARIABLE("panic_nf_count", 4, true, "kernel/panic.c of the patch \"notifier/panic: Introduce panic_notifier_filter\", int; in no release"),
	VARIABLE("kexec_crash_image", 8, false, "kernel/kexec_core.c, pointer"),
	VARIABLE("rcu_cpu_stall_suppress", 4, true, "kernel/rcu/update.c, int; 1 by rcu_panic(), 2 by rcu_sysrq_start()"),
	VARIABLE("did_panic", 4, true, "kernel/hung_task.c, static int; only hung_task_panic() writes it"),
	VARIABLE("__sched_clock_stable", 4, true, "kernel/sched/clock.c, static key, its count; while it is 0 the time of records stands still where no tick comes"),
	VARIABLE("kgdb_io_module_registered", 4, true, "kernel/debug/debug_core.c, static int; a debugger is attached"),
	IN_MODULE("panic_heartbeats", "ledtrig_heartbeat", "drivers/leds/trigger/ledtrig-heartbeat.c, static int; only heartbeat_panic_notifier() sets it"),
	IN_MODULE("panic_detected", "ledtrig_activity", "drivers/leds/trigger/ledtrig-activity.c, static int; only activity_panic_notifier() sets it"),
	IN_MODULE("has_panicked", "ipmi_msghandler", "drivers/char/ipmi/ipmi_msghandler.c, static int; only panic_event() sets it"),
	IN_MODULE("suspend_heartbeats", "ibmasm", "drivers/misc/ibmasm/heartbeat.c, static int; panic_happened() and ibmasm_heartbeat_exit() set it"),
	{ .name = "reboot_reason", .how = TRAIL_NEED_VARIABLE, .width = 4, .max = 5, .source = "arch/x86/xen/enlighten.c, static int, SHUTDOWN_reboot (1); only xen_panic_event() writes it" },

	/* how the CPUs were stopped; x86 */
	VARIABLE("nr_cpu_ids", 4, false, "kernel/smp.c (lib/cpumask.c), unsigned int"),
	VARIABLE("crashing_cpu", 4, true, "arch/x86/kernel/reboot.c, int, -1; set by nmi_shootdown_cpus()"),
	{ .name = "crash_ipi_issued", .how = TRAIL_NEED_VARIABLE, .width = 4, .max = 1, .source = "arch/x86/kernel/reboot.c, static int; 1 once the NMI was sent" },
	VARIABLE("waiting_for_crash_ipi", 4, true, "arch/x86/kernel/reboot.c, static atomic_t; CPUs that have not answered"),
	VARIABLE("stopping_cpu", 4, true, "arch/x86/kernel/smp.c, static atomic_t, -1; set by native_stop_other_cpus()"),
	/* there are two of that name, the other one is the dead copy of the weak function in panic.c */
	{ .name = "cpus_stopped", .symbol = "crash_smp_send_stop", .how = TRAIL_NEED_COMPARED, .width = 4, .is_signed = true,
	  .source = "arch/x86/kernel/crash.c, static int in crash_smp_send_stop(); set after the work" },

	/* what this kernel has: the stages and their order */
	FEATURE("redirect", "panic_redirect_cpu panic_try_force_cpu", "kernel/panic.c; 7.x"),
	FEATURE("kgdb", "kgdb_panic", "kernel/debug/debug_core.c; CONFIG_KGDB, since v5.8"),
	FEATURE("kexec", "__crash_kexec", "kernel/kexec_core.c; CONFIG_KEXEC_CORE or CONFIG_CRASH_DUMP"),
	FEATURE("panic-print", "panic_print", "kernel/panic.c; since v5.0"),
	/* came together with the move of sys-info to before kmsg_dump(), v5.18: the move itself leaves no symbol */
	{ .name = "feature.cpu-backtraces", .how = TRAIL_NEED_CALLS,
	  .symbol = "arch_trigger_cpumask_backtrace nmi_trigger_cpumask_backtrace panic_trigger_all_cpu_backtrace panic_other_cpus_shutdown",
	  .source = "kernel/panic.c panic() calls it for PANIC_PRINT_ALL_CPU_BT; since v5.18" },
	{ .name = NULL },
};

/*
 * Names whose calls tell where in panic() an address lies; see the call sites
 * of timeline/stages.c.  Source: kernel/panic.c panic(), vpanic().
 */
const char *const trail_panic_calls[] = {
	"__crash_kexec", "atomic_notifier_call_chain", "crash_smp_send_stop", "smp_send_stop", "kmsg_dump",
	"kmsg_dump_desc", "console_unblank", "unblank_screen", "console_flush_on_panic", "emergency_restart",
};
const size_t trail_n_panic_calls = TRAIL_ARRAY_SIZE(trail_panic_calls);
/* clang-format on */
