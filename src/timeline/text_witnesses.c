/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a line of a text proves; see struct trail_text_witness.  To add a row,
 * name the kernel file and check that nothing else prints the line where it
 * must stand.  A stage behind kmsg-dump cannot stand in a record that
 * kmsg_dump(KMSG_DUMP_PANIC) wrote; a record that holds such a line was put
 * together by somebody.  Covered by tests/tables/test_tables.c and
 * tests/unit/test_texts.c.
 */
#include "timeline/evidence.h"
#include "timeline/texts.h"

const char *const trail_no_vmcore_names[TRAIL_N_NO_VMCORES] = {
	[TRAIL_NO_VMCORE_UNKNOWN] = "unknown",
	[TRAIL_NO_VMCORE_NO_CRASH_KERNEL] = "no-crash-kernel",
	[TRAIL_NO_VMCORE_ENDED_BEFORE] = "ended-before-late-kdump",
	[TRAIL_NO_VMCORE_CRASH_KERNEL_DIED] = "crash-kernel-died",
	[TRAIL_NO_VMCORE_TAKEN] = "dump-taken",
	[TRAIL_NO_VMCORE_RESET] = "reset-without-panic",
};

/* clang-format off */
#define LINE(s)          .text = s
#define STAGE(st, s)     .says = TRAIL_SAYS_STAGE, .stage = TRAIL_STAGE_ ## st, .strength = TRAIL_ ## s, .place = TRAIL_PLACE_PANIC
#define CALLED(fn, s)    .says = TRAIL_SAYS_CALLED, .stage = TRAIL_STAGE_NOTIFIERS, .function = fn, .strength = TRAIL_ ## s, .place = TRAIL_PLACE_PANIC
#define KDUMP(s)         .says = TRAIL_SAYS_KDUMP, .strength = TRAIL_ ## s, .place = TRAIL_PLACE_ANY
#define SAVED(s)         .says = TRAIL_SAYS_SAVED, .strength = TRAIL_ ## s, .place = TRAIL_PLACE_TROUBLE
#define AWAKE            .says = TRAIL_SAYS_AWAKE, .strength = TRAIL_CERTAIN, .place = TRAIL_PLACE_TROUBLE
#define END              .says = TRAIL_SAYS_END, .strength = TRAIL_LIKELY, .place = TRAIL_PLACE_ANY

const struct trail_text_witness trail_text_witnesses[] = {
	/* ---- before the panic line: the CPU that hit the bug hands the panic over ---- */
	{ LINE("panic: Redirecting from CPU "), .says = TRAIL_SAYS_STAGE, .stage = TRAIL_STAGE_REDIRECT,
	  .strength = TRAIL_CERTAIN, .place = TRAIL_PLACE_ANY,
	  .statement = "a CPU hands the panic to another one", .source = "kernel/panic.c panic_try_force_cpu(); 7.x" },

	/*
	 * ---- stopping the other CPUs ----
	 * arm64 and riscv print the same line in crash_smp_send_stop(), which an early kdump calls
	 * too: it is of the stage stop-cpus only where no crash kernel was loaded.
	 */
	{ LINE("SMP: stopping secondary CPUs"), STAGE(KDUMP_EARLY, CERTAIN),
	  .statement = "the other CPUs are being stopped, by kdump or by panic() itself",
	  .source = "arch/arm64/kernel/smp.c, arch/riscv/kernel/smp.c smp_send_stop(), crash_smp_send_stop()" },
	{ LINE("SMP: stopping secondary CPUs"), STAGE(STOP_CPUS, LIKELY), .unloaded = true,
	  .statement = "the other CPUs are being stopped, and no crash kernel was loaded that kdump would stop them for",
	  .source = "arch/arm64/kernel/smp.c, arch/riscv/kernel/smp.c smp_send_stop()" },
	{ LINE("SMP: failed to stop secondary CPUs"), STAGE(KDUMP_EARLY, CERTAIN),
	  .statement = "the wait for the other CPUs to stop is over",
	  .source = "arch/arm64/kernel/smp.c, arch/riscv/kernel/smp.c, arch/arm/kernel/smp.c smp_send_stop()" },
	{ LINE("CPU"), .holds = ": stopping", STAGE(STOP_CPUS, CERTAIN), .archs = "arm, arm64",
	  .statement = "another CPU takes the stop of smp_send_stop()",
	  .source = "arch/arm/kernel/smp.c ipi_cpu_stop(), arch/arm64/kernel/smp.c ipi_cpu_stop() of old kernels" },
	{ LINE("CPU "), .holds = " will stop doing anything useful since another CPU has crashed", STAGE(KDUMP_EARLY, CERTAIN), .archs = "arm",
	  .statement = "another CPU takes the stop of kdump, or of panic() where that runs late",
	  .source = "arch/arm/kernel/machine_kexec.c machine_crash_nonpanic_core()" },
	{ LINE("Shutting down cpus with NMI"), STAGE(STOP_CPUS, CERTAIN),
	  .statement = "smp_send_stop() got no answer from a CPU for a second, and sends an NMI",
	  .source = "arch/x86/kernel/smp.c native_stop_other_cpus()" },
	{ LINE("Sending IPI to other CPUs"), STAGE(KDUMP_EARLY, CERTAIN), .archs = "powerpc",
	  .statement = "a crash kernel is loaded, and the other CPUs are being stopped for it",
	  .source = "arch/powerpc/kexec/crash.c crash_kexec_prepare_cpus(); since v6.1 of crash_smp_send_stop() too" },
	{ LINE("Sending NMI from CPU "), STAGE(CPU_BACKTRACES, LIKELY), .own_cpu = true,
	  .statement = "the panicking CPU asks all CPUs for their backtraces",
	  .source = "lib/nmi_backtrace.c nmi_trigger_cpumask_backtrace(); kernel/panic.c since v5.18" },

	{ LINE("SMP: failed to stop secondary CPUs"), AWAKE,
	  .statement = "CPUs did not stop; which ones the line does not say reliably",
	  .source = "arch/arm64/kernel/smp.c smp_send_stop(), crash_smp_send_stop(): before v6.12 the list of the latter is of all that were asked" },
	{ LINE("ERROR: "), .holds = " cpu(s) not responding", AWAKE,
	  .statement = "CPUs did not answer the IPI of kdump", .source = "arch/powerpc/kexec/crash.c crash_kexec_prepare_cpus()" },

	/* ---- the notifiers ---- */
	{ LINE("Kernel Offset: "), STAGE(NOTIFIERS, CERTAIN),
	  .statement = "a panic notifier prints where the kernel lies",
	  .source = "arch/x86/kernel/setup.c, arch/arm64/kernel/setup.c, arch/riscv/kernel/setup.c, arch/powerpc/kernel/setup-common.c" },
	{ LINE("Kernel relocated by "), STAGE(NOTIFIERS, CERTAIN),
	  .statement = "a panic notifier prints where the kernel lies",
	  .source = "arch/mips/kernel/relocate.c, arch/loongarch/kernel/relocate.c kernel_location_notifier_fn()" },
	{ LINE("Kernel Offset: "), CALLED("dump_kernel_offset", CERTAIN), .archs = "x86",
	  .statement = "dump_kernel_offset() has printed its line after the panic line", .source = "arch/x86/kernel/setup.c dump_kernel_offset()" },
	{ LINE("Kernel Offset: "), CALLED("dump_kernel_offset", CERTAIN), .archs = "powerpc, riscv",
	  .statement = "dump_kernel_offset() has printed its line after the panic line",
	  .source = "arch/powerpc/kernel/setup-common.c, arch/riscv/kernel/setup.c dump_kernel_offset()" },
	{ LINE("Kernel Offset: "), CALLED("arm64_panic_block_dump", LIKELY), .archs = "arm64",
	  .statement = "the callback that prints the kernel's offset has printed its line after the panic line",
	  .source = "arch/arm64/kernel/setup.c arm64_panic_block_dump(), dump_kernel_offset() before v5.10" },
	{ LINE("Kernel relocated by "), CALLED("kernel_location_notifier_fn", CERTAIN), .archs = "mips, loongarch",
	  .statement = "kernel_location_notifier_fn() has printed its line after the panic line",
	  .source = "arch/mips/kernel/relocate.c, arch/loongarch/kernel/relocate.c" },
	{ LINE("gsmi: Log Shutdown Reason 0x02"), CALLED("gsmi_panic_callback", CERTAIN), .module = "gsmi", .archs = "x86",
	  .statement = "gsmi_panic_callback() has printed its line after the panic line",
	  .source = "drivers/firmware/google/gsmi.c gsmi_shutdown_reason(), GSMI_SHUTDOWN_PANIC is 2" },
	{ LINE("GISB: panic at "), CALLED("dump_gisb_error", LIKELY), .module = "brcmstb_gisb", .archs = "arm, arm64, mips",
	  .statement = "dump_gisb_error() has printed its line after the panic line", .source = "drivers/bus/brcmstb_gisb.c dump_gisb_error()" },

	/*
	 * ---- system information ----
	 * Before kmsg_dump() since v5.18, after the console flush before: behind the notifiers in
	 * both.  Another CPU may print it for a reason of its own until it is stopped.
	 */
	{ LINE("Mem-Info:"), STAGE(NOTIFIERS, LIKELY),
	  .statement = "memory information is printed behind the panic line", .source = "mm/show_mem.c __show_mem(), kernel/panic.c panic_print_sys_info()" },
	{ LINE("Timer List Version: "), STAGE(NOTIFIERS, LIKELY),
	  .statement = "the timers are printed behind the panic line", .source = "kernel/time/timer_list.c sysrq_timer_list_show()" },
	{ LINE("Dumping ftrace "), STAGE(NOTIFIERS, LIKELY),
	  .statement = "the ftrace buffer is dumped behind the panic line, by a notifier or as system information",
	  .source = "kernel/trace/trace.c ftrace_dump()" },

	/* ---- behind kmsg_dump() ---- */
	{ LINE("Rebooting in "), .holds = " seconds", STAGE(REBOOT_WAIT, CERTAIN),
	  .statement = "panic() waits for the reboot", .source = "kernel/panic.c panic(), \"Rebooting in %d seconds..\"" },
	{ LINE("Press Stop-A (L1-A) "), STAGE(HALT, LIKELY), .archs = "sparc",
	  .statement = "panic() is behind the reboot", .source = "kernel/panic.c panic(), CONFIG_SPARC" },
	{ LINE("---[ end Kernel panic"), STAGE(HALT, CERTAIN),
	  .statement = "the end marker of panic()", .source = "kernel/panic.c panic(), \"---[ end Kernel panic\"" },

	/* ---- kdump; x86 and s390 print nothing of it ---- */
	{ LINE("Starting crashdump kernel..."), KDUMP(CERTAIN),
	  .statement = "the crash kernel is being started",
	  .source = "arch/arm64/kernel/machine_kexec.c, arch/riscv/kernel/machine_kexec.c, arch/loongarch/kernel/machine_kexec.c machine_crash_shutdown()" },
	{ LINE("Loading crashdump kernel..."), KDUMP(CERTAIN),
	  .statement = "the crash kernel is being started", .source = "arch/arm/kernel/machine_kexec.c machine_crash_shutdown()" },
	{ LINE("Some CPUs may be stale, kdump will be unreliable."), KDUMP(CERTAIN),
	  .statement = "the crash kernel is being started, though CPUs did not stop",
	  .source = "arch/arm64/kernel/machine_kexec.c, arch/riscv/kernel/machine_kexec.c machine_kexec()" },
	{ LINE("Some CPUs may be stale, kdump will be unreliable."), AWAKE,
	  .statement = "CPUs did not stop for kdump", .source = "arch/arm64/kernel/machine_kexec.c machine_kexec()" },

	/* ---- what user space of the crash kernel prints ---- */
	{ LINE("*The dumpfile is saved to "), SAVED(LIKELY),
	  .statement = "makedumpfile says that the dump is saved", .source = "makedumpfile makedumpfile.c main()" },
	{ LINE("*saving vmcore complete"), SAVED(LIKELY),
	  .statement = "the kdump scripts say that the dump is saved", .source = "kdump-utils dracut/99kdumpbase/kdump.sh, \"saving vmcore complete\"" },
	{ LINE("*kdump-tools"), .holds = "saved vmcore in ", SAVED(LIKELY),
	  .statement = "kdump-tools says that the dump is saved", .source = "Debian kdump-tools kdump-config kdump_save_core()" },

	/* ---- no crash ---- */
	{ LINE("reboot: Restarting system"), END, .statement = "the kernel restarts in good order", .source = "kernel/reboot.c kernel_restart()" },
	{ LINE("reboot: Power down"), END, .statement = "the kernel powers down in good order", .source = "kernel/reboot.c kernel_power_off()" },
	{ LINE("Restarting system"), END, .statement = "the kernel restarts in good order", .source = "kernel/reboot.c, kernel/sys.c kernel_restart(); until v3.10 without \"reboot: \"" },
	{ LINE("Power down."), END, .statement = "the kernel powers down in good order", .source = "kernel/sys.c kernel_power_off(); until v3.10" },
	{ LINE("System halted."), END, .statement = "the kernel halts in good order", .source = "kernel/sys.c kernel_halt(); until v3.10" },
	{ LINE("reboot: System halted"), END, .statement = "the kernel halts in good order", .source = "kernel/reboot.c kernel_halt()" },
};
/* clang-format on */
const size_t trail_n_text_witnesses = TRAIL_ARRAY_SIZE(trail_text_witnesses);
