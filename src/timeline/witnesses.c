/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The witnesses.  A row says: when these facts look so, that claim holds, this
 * strongly.  A condition whose fact is not known makes the row silent.
 *
 * STAGE rows say how far panic() got at least.  NOTIFIER rows say whether a
 * callback ran; a callback without a row has no witness.  CPU rows are asked
 * in order, the first that matches decides: what only one cause can leave
 * stands before what several can.
 *
 * To add a row, name the kernel file and since when, and check that nothing
 * else writes what it looks at.  Covered by tests/tables/test_tables.c;
 * measured by the lab.
 */
#include "timeline/evidence.h"

/* clang-format off */
#define LOOK(l, n, o, v)  { .look = TRAIL_LOOK_ ## l, .name = n, .op = TRAIL_OP_ ## o, .value = v }
#define SCALAR(n, o, v)   LOOK(SCALAR, n, o, v)
#define LOG_AFTER(s)      LOOK(LOG_AFTER, s, IS, 1)
#define NO_LOG_AFTER(s)   LOOK(LOG_AFTER, s, IS, 0)
#define LOG_WHOLE         LOOK(LOG_WHOLE, NULL, IS, 1)
#define NOT_GIVEN(s)      LOOK(CMDLINE, s, IS, 0)
#define NOTE(state)       LOOK(CPU_NOTE, NULL, IS, TRAIL_NOTE_ ## state)
#define ONLINE(state)     LOOK(CPU_ONLINE, NULL, IS, TRAIL_ ## state)
#define ACTIVE(state)     LOOK(CPU_ACTIVE, NULL, IS, TRAIL_ ## state)
#define PANICKING         LOOK(CPU_PANIC, NULL, IS, 1)
#define OTHER             LOOK(CPU_PANIC, NULL, IS, 0)
#define NUMBER_IS(n)      LOOK(CPU_NUMBER, n, IS, 1)
#define LOST_IN_NMI(s)    LOOK(CPU_LOST, NULL, IS, TRAIL_ ## s)
#define FRAME(fn)         LOOK(CPU_FRAME, fn, IS, 1)
#define NO_FRAME(fn)      LOOK(CPU_FRAME, fn, IS, 0)
#define NOT_IN(fn)        LOOK(CPU_INNERMOST, fn, IS, 0)
#define STAGE_IS(st, o) \
	{ .look = TRAIL_LOOK_STAGE, .stage = TRAIL_STAGE_ ## st, .op = TRAIL_OP_IS, .value = TRAIL_OUTCOME_ ## o }

#define REACHED(st, s, f, text, src, ...) \
	{ .scope = TRAIL_SCOPE_STAGE, .stage = TRAIL_STAGE_ ## st, .strength = TRAIL_ ## s, .from = TRAIL_SOURCE_ ## f, \
	  .statement = text, .source = src, .when = { __VA_ARGS__ } }
#define NOTIFIER(fn, mod, o, s, f, text, src, ...) \
	{ .scope = TRAIL_SCOPE_NOTIFIER, .function = fn, .module = mod, .outcome = TRAIL_CALL_ ## o, .strength = TRAIL_ ## s, \
	  .from = TRAIL_SOURCE_ ## f, .statement = text, .source = src, .when = { __VA_ARGS__ } }
#define CPU(o, h, s, f, text, src, ...) \
	{ .scope = TRAIL_SCOPE_CPU, .outcome = TRAIL_CPU_ ## o, .how = TRAIL_HOW_ ## h, .strength = TRAIL_ ## s, \
	  .from = TRAIL_SOURCE_ ## f, .statement = text, .source = src, .when = { __VA_ARGS__ } }

/* Source: include/linux/kernel.h enum system_states; SYSTEM_FREEING_INITMEM came between v5.10 and v6.1, which is
 * told by what came to panic() after it. */
enum { SYSTEM_HALT_OLD = 3, SYSTEM_HALT = 4 };

const struct trail_witness trail_witnesses[] = {
	/* ---- how far panic() got at least ---- */
	REACHED(STOP_CPUS, CERTAIN, MEMORY, "smp_send_stop() was called",
		"arch/x86/kernel/smp.c native_stop_other_cpus() alone sets stopping_cpu; also on a reboot, with system_state at SYSTEM_HALT or more",
		SCALAR("stopping_cpu", AT_LEAST, 0), SCALAR("system_state", BELOW, SYSTEM_HALT), SCALAR("panic_cpu", AT_LEAST, 0),
		SCALAR("feature.cpu-backtraces", IS, 1)),
	REACHED(STOP_CPUS, CERTAIN, MEMORY, "smp_send_stop() was called",
		"arch/x86/kernel/smp.c native_stop_other_cpus(), as above; before v5.18",
		SCALAR("stopping_cpu", AT_LEAST, 0), SCALAR("system_state", BELOW, SYSTEM_HALT_OLD), SCALAR("panic_cpu", AT_LEAST, 0),
		SCALAR("feature.cpu-backtraces", IS, 0)),
	REACHED(STOP_CPUS, LIKELY, MEMORY, "the crash NMI was sent, which with this setting is done by panic() before the notifiers",
		"kernel/panic.c panic(), crash_smp_send_stop(); __crash_kexec() has nothing left to send then", SCALAR("crash_kexec_post_notifiers", IS, 1),
		SCALAR("crash_ipi_issued", IS, 1), SCALAR("panic_cpu", AT_LEAST, 0)),
	REACHED(NOTIFIERS, CERTAIN, MEMORY, "the consoles were let print after the CPUs were stopped",
		"kernel/printk/printk.c printk_legacy_allow_panic_sync(); since v6.12", SCALAR("legacy_allow_panic_sync", IS, 1)),
	REACHED(REBOOT_WAIT, CERTAIN, LOG, "the log says that a reboot is waited for",
		"kernel/panic.c panic(), \"Rebooting in %d seconds..\"", LOG_AFTER("Rebooting in ")),
	REACHED(HALT, CERTAIN, LOG, "the end marker of panic() is in the log",
		"kernel/panic.c panic(), \"---[ end Kernel panic\"", LOG_AFTER("---[ end Kernel panic")),

	/* ---- callbacks ---- */
	NOTIFIER("rcu_panic", NULL, CALLED, LIKELY, MEMORY, "rcu_panic() has silenced the stall reports, and the command line does not ask for it",
		"kernel/rcu/tree_stall.h rcu_panic(); sysfs can set it too", SCALAR("rcu_cpu_stall_suppress", IS, 1), NOT_GIVEN("rcu_cpu_stall_suppress")),
	NOTIFIER("rcu_panic", NULL, NOT_CALLED, CERTAIN, MEMORY, "rcu_panic() has not silenced the stall reports",
		"kernel/rcu/tree_stall.h rcu_panic(); 2 is of rcu_sysrq_start()", SCALAR("rcu_cpu_stall_suppress", IS_NOT, 1)),
	NOTIFIER("hung_task_panic", NULL, CALLED, CERTAIN, MEMORY, "hung_task_panic() has set its flag",
		"kernel/hung_task.c hung_task_panic() alone sets did_panic", SCALAR("did_panic", IS, 1)),
	NOTIFIER("hung_task_panic", NULL, NOT_CALLED, CERTAIN, MEMORY, "hung_task_panic() has not set its flag",
		"kernel/hung_task.c hung_task_panic() alone sets did_panic", SCALAR("did_panic", IS, 0)),
	NOTIFIER("dump_kernel_offset", NULL, CALLED, CERTAIN, LOG, "dump_kernel_offset() has printed its line after the panic line",
		"arch/x86/kernel/setup.c dump_kernel_offset()", LOG_AFTER("Kernel Offset: ")),
	NOTIFIER("dump_kernel_offset", NULL, NOT_CALLED, LIKELY, LOG, "the log is whole behind the panic line and has no line of dump_kernel_offset()",
		"arch/x86/kernel/setup.c dump_kernel_offset()", LOG_WHOLE, NO_LOG_AFTER("Kernel Offset: ")),
	NOTIFIER("heartbeat_panic_notifier", "ledtrig_heartbeat", CALLED, CERTAIN, MEMORY, "heartbeat_panic_notifier() has set its flag",
		"drivers/leds/trigger/ledtrig-heartbeat.c", SCALAR("panic_heartbeats", IS, 1)),
	NOTIFIER("heartbeat_panic_notifier", "ledtrig_heartbeat", NOT_CALLED, CERTAIN, MEMORY, "heartbeat_panic_notifier() has not set its flag",
		"drivers/leds/trigger/ledtrig-heartbeat.c", SCALAR("panic_heartbeats", IS, 0)),
	NOTIFIER("activity_panic_notifier", "ledtrig_activity", CALLED, CERTAIN, MEMORY, "activity_panic_notifier() has set its flag",
		"drivers/leds/trigger/ledtrig-activity.c", SCALAR("panic_detected", IS, 1)),
	NOTIFIER("activity_panic_notifier", "ledtrig_activity", NOT_CALLED, CERTAIN, MEMORY, "activity_panic_notifier() has not set its flag",
		"drivers/leds/trigger/ledtrig-activity.c", SCALAR("panic_detected", IS, 0)),
	NOTIFIER("panic_event", "ipmi_msghandler", CALLED, CERTAIN, MEMORY, "panic_event() of the IPMI message handler has set its flag",
		"drivers/char/ipmi/ipmi_msghandler.c panic_event()", SCALAR("has_panicked", IS, 1)),
	NOTIFIER("panic_event", "ipmi_msghandler", NOT_CALLED, CERTAIN, MEMORY, "panic_event() of the IPMI message handler has not set its flag",
		"drivers/char/ipmi/ipmi_msghandler.c panic_event()", SCALAR("has_panicked", IS, 0)),
	NOTIFIER("panic_happened", "ibmasm", CALLED, LIKELY, MEMORY, "panic_happened() has silenced the heartbeats to the service processor",
		"drivers/misc/ibmasm/heartbeat.c; ibmasm_heartbeat_exit() silences them too", SCALAR("suspend_heartbeats", IS, 1)),
	NOTIFIER("panic_happened", "ibmasm", NOT_CALLED, CERTAIN, MEMORY, "panic_happened() has not silenced the heartbeats to the service processor",
		"drivers/misc/ibmasm/heartbeat.c panic_happened()", SCALAR("suspend_heartbeats", IS, 0)),
	NOTIFIER("xen_panic_event", NULL, CALLED, CERTAIN, MEMORY, "xen_panic_event() has made the reboot a crash",
		"arch/x86/xen/enlighten.c xen_panic_event() alone writes reboot_reason; 3 is SHUTDOWN_crash", SCALAR("reboot_reason", IS, 3)),
	/* with xen_legacy_crash it leaves no mark, and does not return either */
	NOTIFIER("xen_panic_event", NULL, NOT_CALLED, LIKELY, MEMORY, "no crash kernel was loaded, and xen_panic_event() has not made the reboot a crash",
		"arch/x86/xen/enlighten.c xen_panic_event() does nothing with a crash kernel loaded", SCALAR("reboot_reason", IS, 1), SCALAR("kexec_crash_image", IS, 0)),
	NOTIFIER("gsmi_panic_callback", "gsmi", CALLED, CERTAIN, LOG, "gsmi_panic_callback() has printed its line after the panic line",
		"drivers/firmware/google/gsmi.c gsmi_shutdown_reason(), GSMI_SHUTDOWN_PANIC is 2; the reasons are written once each", LOG_AFTER("gsmi: Log Shutdown Reason 0x02")),
	/* panic_print asks for the same with 0x10; an oops asks for it before the panic line */
	NOTIFIER("trace_panic_handler", NULL, CALLED, LIKELY, LOG, "the ftrace buffer was dumped after the panic line, and nothing else was set to do it",
		"kernel/trace/trace.c trace_panic_handler(), ftrace_dump()", LOG_AFTER("Dumping ftrace "), SCALAR("sys-info.mask", BELOW, 16)),
	NOTIFIER("trace_die_panic_handler", NULL, CALLED, LIKELY, LOG, "an ftrace buffer was dumped after the panic line, and nothing else was set to do it",
		"kernel/trace/trace.c trace_die_panic_handler(), ftrace_dump()", LOG_AFTER("Dumping ftrace "), SCALAR("sys-info.mask", BELOW, 16)),

	/* ---- CPUs; x86 ---- */
	CPU(PANICKING, UNKNOWN, CERTAIN, MEMORY, "it holds panic_cpu",
		"kernel/panic.c panic(), kernel/kexec_core.c crash_kexec()", PANICKING),
	CPU(SELF_STOPPED, UNKNOWN, CERTAIN, STACK, "it lost the race for panic_cpu and loops in panic_smp_self_stop()",
		"kernel/panic.c panic_smp_self_stop()", FRAME("panic_smp_self_stop")),
	CPU(SELF_STOPPED, UNKNOWN, CERTAIN, STACK, "it lost the race for panic_cpu in an NMI and loops in nmi_panic_self_stop()",
		"arch/x86/kernel/reboot.c nmi_panic_self_stop()", FRAME("nmi_panic_self_stop")),
	CPU(SELF_STOPPED, UNKNOWN, CERTAIN, STACK, "it lost the race for panic_cpu in an NMI: nmi_panic_self_stop() is on its NMI stack",
		"arch/x86/kernel/reboot.c nmi_panic_self_stop(); it saves the registers of its own NMI", OTHER, LOST_IN_NMI(YES)),
	CPU(SELF_STOPPED, UNKNOWN, CERTAIN, MEMORY, "it handed the panic to another CPU and stopped: still active, no longer online",
		"kernel/panic.c panic_try_force_cpu(); 7.x", NUMBER_IS("panic_redirect_cpu"), ONLINE(NO), ACTIVE(YES)),
	CPU(STOPPED, NMI, CERTAIN, NOTE, "it answered the crash NMI and saved its registers",
		"arch/x86/kernel/reboot.c crash_nmi_callback(), crash.c kdump_nmi_callback()",
		OTHER, NOTE(SAVED), SCALAR("crash_ipi_issued", IS, 1), LOST_IN_NMI(NO), NOT_IN("panic_smp_self_stop")),
	/* without its NMI stack, or the name of where it was, it may also have stopped by itself before */
	CPU(STOPPED, NMI, HINT, NOTE, "it saved its registers in an NMI, and the crash NMI was sent",
		"arch/x86/kernel/crash.c kdump_nmi_callback()", OTHER, NOTE(SAVED), SCALAR("crash_ipi_issued", IS, 1)),
	CPU(STOPPED, NMI, CERTAIN, STACK, "it is in the NMI callback of smp_send_stop(), and no longer online",
		"arch/x86/kernel/smp.c smp_stop_nmi_callback()", OTHER, ONLINE(NO), FRAME("smp_stop_nmi_callback")),
	CPU(STOPPED, IPI, CERTAIN, STACK, "it is in the handler of the stop IPI, and no longer online",
		"arch/x86/kernel/smp.c sysvec_reboot()", OTHER, ONLINE(NO), FRAME("sysvec_reboot")),
	CPU(OFFLINE, UNKNOWN, CERTAIN, MEMORY, "it was taken offline before: neither online nor active",
		"kernel/cpu.c; stop_this_cpu() clears the online bit and leaves the active one", ONLINE(NO), ACTIVE(NO)),
	CPU(STOPPED, UNKNOWN, CERTAIN, MEMORY, "smp_send_stop() was called and took it offline: still active, no longer online",
		"arch/x86/kernel/process.c stop_this_cpu()", OTHER, ONLINE(NO), ACTIVE(YES), SCALAR("stopping_cpu", AT_LEAST, 0)),
	CPU(NOT_STOPPED, UNKNOWN, CERTAIN, NOTE, "the crash NMI was sent to it, its wait is over, and it has saved no registers",
		"arch/x86/kernel/reboot.c nmi_shootdown_cpus() prints nothing when a CPU does not answer; crash.c crash_smp_send_stop()",
		OTHER, NOTE(EMPTY), ONLINE(YES), SCALAR("crash_ipi_issued", IS, 1), SCALAR("cpus_stopped", IS, 1)),
	CPU(NOT_STOPPED, UNKNOWN, CERTAIN, MEMORY, "smp_send_stop() is over, and it is still online",
		"arch/x86/kernel/smp.c native_stop_other_cpus()",
		OTHER, ONLINE(YES), SCALAR("stopping_cpu", AT_LEAST, 0), SCALAR("crash_ipi_issued", IS, 0), STAGE_IS(STOP_CPUS, DONE)),
	CPU(RUNNING, UNKNOWN, CERTAIN, MEMORY, "nobody had tried to stop it: no stop was begun",
		"arch/x86/kernel/smp.c native_stop_other_cpus(), reboot.c nmi_shootdown_cpus()",
		ONLINE(YES), SCALAR("stopping_cpu", IS, -1), SCALAR("crashing_cpu", IS, -1), NO_FRAME("panic_smp_self_stop"),
		NO_FRAME("nmi_panic_self_stop")),
};
/* clang-format on */
const size_t trail_n_witnesses = TRAIL_ARRAY_SIZE(trail_witnesses);
