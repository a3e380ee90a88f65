/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules.  A row is one judgement: its id, what should hold, what that is
 * read from, how bad a finding is, what to do about it and where the demand
 * comes from; see struct trail_rule.  Ids are ascending and never used again:
 * 1xx dump and order, 2xx notifiers, 3xx CPUs, 4xx messages, 5xx configuration,
 * 9xx evidence.  To add a rule, write its check in the file of its hundred,
 * declare it in checks.h, add a row here and a case in tests/rules.
 * Tests: tables/test_tables.c, cli/test_rules.py.
 */
#include "policy/checks.h"

/* clang-format off */
const struct trail_rule trail_rules[] = {
	/* 1xx: the dump and the order */
	{ .id = "PT101", .name = "dump-point", .check = trail_check_dump_point,
	  .severity = TRAIL_SEVERITY_ERROR,
	  .statement = "The dump is taken at the point that the policy asks for.",
	  .reads = "the point of the dump, dump.point of the policy",
	  .remedy = "Set or clear crash_kexec_post_notifiers.",
	  .source = "kernel/panic.c panic(), crash_kexec_post_notifiers since v3.18" },
	{ .id = "PT102", .name = "work-before-dump", .check = trail_check_work_before_dump,
	  .severity = TRAIL_SEVERITY_WARNING,
	  .statement = "Nothing stands before the crash kernel: no notifier, no output of panic_print, no kmsg "
	  "dumper. A policy that wants a late dump does not ask for that.",
	  .reads = "crash_kexec_post_notifiers, the notifier chain, panic_print, the list of kmsg dumpers",
	  .remedy = "Clear crash_kexec_post_notifiers where the platform does not need it; unload modules with "
	  "risky callbacks; ask less of panic_print.",
	  .source = "kernel/panic.c panic(): everything between the two calls of __crash_kexec()",
	  .proposal = "PT-S05" },
	{ .id = "PT103", .name = "kmsg-dump-after-sys-info", .check = trail_check_kmsg_dump_after_sys_info,
	  .severity = TRAIL_SEVERITY_WARNING,
	  .statement = "No kmsg dumper has to wait for the output of panic_print. An error when the dump was "
	  "taken inside that output.",
	  .reads = "panic_print, the list of kmsg dumpers, the stages sys-info and kmsg-dump",
	  .remedy = "Drop bits of panic_print: the list of tasks (1) and the ftrace buffer (0x10) are the long ones.",
	  .source = "kernel/panic.c panic(), panic_print_sys_info() or sys_info() before kmsg_dump(); since v5.18",
	  .proposal = "PT-S04" },
	{ .id = "PT104", .name = "sys-info-after-dump", .check = trail_check_sys_info_after_dump,
	  .severity = TRAIL_SEVERITY_WARNING,
	  .statement = "What panic_print asks for is printed before the dumps, so that they hold it.",
	  .reads = "panic_print, crash_kexec_post_notifiers, whether a crash kernel was loaded, the order of the "
	  "stages",
	  .remedy = "Set crash_kexec_post_notifiers on a kernel since v5.18; on an older one drop the bits.",
	  .source = "kernel/panic.c panic(), panic_print_sys_info(): before kmsg_dump() since v5.18, at the end before",
	  .proposal = "PT-S03" },
	{ .id = "PT105", .name = "order-violated", .check = trail_check_order_violated,
	  .severity = TRAIL_SEVERITY_ERROR,
	  .statement = "The steps that the policy orders come in that order, of those that this machine had.",
	  .reads = "order of the policy, the stages and what they need to run",
	  .remedy = "Set or clear crash_kexec_post_notifiers; what the kernel does in a fixed order needs another "
	  "kernel or another policy.",
	  .source = "kernel/panic.c panic(), the order of its calls" },
	{ .id = "PT106", .name = "kdump-not-armed", .check = trail_check_kdump_not_armed,
	  .severity = TRAIL_SEVERITY_WARNING,
	  .statement = "A crash kernel is loaded, so that a panic leaves a vmcore. An error when no kmsg dumper is "
	  "registered either.",
	  .reads = "kexec_crash_image, the list of kmsg dumpers",
	  .remedy = "Reserve memory with crashkernel= and load a crash kernel with kexec -p.",
	  .source = "kernel/kexec_core.c kexec_crash_image" },
	{ .id = "PT107", .name = "kdump-attempt-failed", .check = trail_check_kdump_attempt_failed,
	  .severity = TRAIL_SEVERITY_ERROR,
	  .statement = "Where a crash kernel is loaded, panic() does not go past kdump.",
	  .reads = "kexec_crash_image, crash_kexec_post_notifiers, the stages kdump-early and kdump-late, CRASHTIME",
	  .remedy = "See that nothing loads or unloads a crash kernel at that time, and that the one that is "
	  "loaded fits this machine.",
	  .source = "kernel/kexec_core.c __crash_kexec(): it returns when the lock is taken or no image is there" },
	{ .id = "PT108", .name = "proposed-order", .check = trail_check_proposed_order, .informs = true,
	  .severity = TRAIL_SEVERITY_NOTE,
	  .statement = "Tells where this kernel, as it is set up, differs from the order that was proposed for "
	  "panic(): sys-info, kmsg-dump, kdump, console-flush, reboot.",
	  .reads = "crash_kexec_post_notifiers, whether a crash kernel was loaded, the order of the stages",
	  .remedy = "For that order set crash_kexec_post_notifiers on a kernel since v5.18.",
	  .source = "kernel/panic.c panic()", .proposal = "PT-S01" },
	{ .id = "PT109", .name = "kdump-could-be-first", .check = trail_check_kdump_could_be_first, .informs = true,
	  .severity = TRAIL_SEVERITY_NOTE,
	  .statement = "Tells when kdump waits for the notifiers, and nothing of this machine needs that.",
	  .reads = "crash_kexec_post_notifiers, the notifier chain, panic_print, the list of kmsg dumpers",
	  .remedy = "Clear crash_kexec_post_notifiers: kdump is then the first thing that panic() does.",
	  .source = "kernel/panic.c panic(), __crash_kexec() if !_crash_kexec_post_notifiers",
	  .proposal = "PT-S11" },
	{ .id = "PT110", .name = "oops-bypassed-panic", .check = trail_check_oops_bypassed_panic,
	  .severity = TRAIL_SEVERITY_NOTE,
	  .statement = "The crash kernel is started by panic(), not by the oops itself. A warning where a kmsg "
	  "dumper or a callback that tells a hypervisor was registered.",
	  .reads = "the stack of the CPU that holds panic_cpu, the notifier chain, the list of kmsg dumpers",
	  .remedy = "Set crash_kexec_post_notifiers: an oops then goes through panic().",
	  .source = "kernel/kexec_core.c kexec_should_crash(), crash_kexec() from oops_end()",
	  .proposal = "PT-X10" },
	{ .id = "PT111", .name = "oops-through-panic", .check = trail_check_oops_through_panic, .informs = true,
	  .severity = TRAIL_SEVERITY_NOTE,
	  .statement = "Tells when an oops went through panic() and the notifiers, instead of starting the crash "
	  "kernel at once.",
	  .reads = "the class of the panic, crash_kexec_post_notifiers",
	  .remedy = "Clear crash_kexec_post_notifiers where nothing needs to run before kdump.",
	  .source = "kernel/kexec_core.c kexec_should_crash(): 0 with crash_kexec_post_notifiers",
	  .proposal = "PT-X05" },
	{ .id = "PT112", .name = "slow-dumper-before-dump", .check = trail_check_slow_dumper,
	  .severity = TRAIL_SEVERITY_WARNING,
	  .statement = "No kmsg dumper that writes through the firmware or to a slow device stands before kdump.",
	  .reads = "the list of kmsg dumpers, the record of the log in which pstore names its backend",
	  .remedy = "Choose ramoops as the backend of pstore (pstore.backend=), or let kdump come first.",
	  .source = "fs/pstore/platform.c pstore_register(), pstore_dump(); drivers/firmware/efi/efi-pstore.c; "
	  "drivers/acpi/apei/erst.c; drivers/mtd/mtdoops.c",
	  .proposal = "PT-X12" },
	{ .id = "PT113", .name = "sys-info-without-effect", .check = trail_check_sys_info_without_effect,
	  .informs = true, .severity = TRAIL_SEVERITY_NOTE,
	  .statement = "Tells when panic_print is set and nothing can come of it: a crash kernel is loaded, and "
	  "this kernel prints behind both places of kdump.",
	  .reads = "panic_print, kexec_crash_image, the order of the stages",
	  .remedy = "Drop panic_print, or use a kernel since v5.18.",
	  .source = "kernel/panic.c panic(), panic_print_sys_info() at the end; until v5.17",
	  .proposal = "PT-X04" },
	{ .id = "PT114", .name = "hypervisor-order", .check = trail_check_hypervisor_order,
	  .severity = TRAIL_SEVERITY_ERROR,
	  .statement = "The hypervisor is told before the dump where the goal hypervisor stands before kdump, and "
	  "not before it where notifiers.before-dump does not allow the class.",
	  .reads = "the notifiers of class hypervisor, the point of the dump, goals and notifiers.before-dump of "
	  "the policy",
	  .remedy = "Set or clear crash_kexec_post_notifiers.",
	  .source = "kernel/panic.c panic(), panic_notifier_list", .proposal = "PT-S09" },
	{ .id = "PT115", .name = "kmsg-dumper-in-progress", .check = trail_check_dumper_in_progress,
	  .severity = TRAIL_SEVERITY_ERROR,
	  .statement = "No kmsg dumper is running when the dump is taken.",
	  .reads = "the stack of the panicking CPU, the list of kmsg dumpers",
	  .remedy = "Look at that dumper's backend: it hung, or it is slow; choose another one.",
	  .source = "kernel/printk/printk.c kmsg_dump()" },
	{ .id = "PT116", .name = "stage-not-stopped-before", .check = trail_check_stage_not_stopped_before,
	  .severity = TRAIL_SEVERITY_ERROR,
	  .statement = "All other CPUs are stopped before the stages that the policy names; kdump is PT301's matter.",
	  .reads = "stop-cpus of the policy, what became of each CPU, the order of the stages",
	  .remedy = "Name only stages behind stop-cpus; for a CPU that did not stop see PT301.",
	  .source = "kernel/panic.c panic(), smp_send_stop() or crash_smp_send_stop()" },

	/* 2xx: notifiers */
	{ .id = "PT201", .name = "notifier-in-progress", .check = trail_check_notifier_in_progress,
	  .severity = TRAIL_SEVERITY_ERROR,
	  .statement = "No panic notifier is running when the dump is taken.",
	  .reads = "the stack of the panicking CPU, the notifier chain",
	  .remedy = "Fix or unregister the callback, or let kdump run before the notifiers.",
	  .source = "kernel/notifier.c atomic_notifier_call_chain()" },

	/* 3xx: CPUs */
	{ .id = "PT301", .name = "cpu-not-stopped", .check = trail_check_cpu_not_stopped,
	  .severity = TRAIL_SEVERITY_ERROR,
	  .statement = "Every CPU that is told to stop does.",
	  .reads = "the saved registers and notes of each CPU, waiting_for_crash_ipi",
	  .remedy = "Look at that CPU's stack and its firmware: it did not take the NMI or IPI.",
	  .source = "arch/x86/kernel/reboot.c nmi_shootdown_cpus()" },

	/* 5xx: configuration */
	{ .id = "PT501", .name = "flag-forced-by-platform", .check = trail_check_flag_forced, .informs = true,
	  .severity = TRAIL_SEVERITY_NOTE,
	  .statement = "Tells when crash_kexec_post_notifiers was set by the platform and not by the user.",
	  .reads = "crash_kexec_post_notifiers, the command line, records of Hyper-V, hv_kmsg_dump(), "
	  "snp_shutdown_on_panic()",
	  .remedy = "",
	  .source = "drivers/hv/hv_common.c hv_common_init(), arch/x86/hyperv/hv_crash.c hv_root_crash_init(), "
	  "arch/x86/virt/svm/sev.c snp_rmptable_init()",
	  .proposal = "PT-X01" },
	{ .id = "PT502", .name = "options-in-force", .check = trail_check_options_in_force, .informs = true,
	  .severity = TRAIL_SEVERITY_NOTE,
	  .statement = "Tells which options that change panic() are in force, and what each costs.",
	  .reads = "kexec_crash_image, crash_kexec_post_notifiers, the list of kmsg dumpers, panic_print, "
	  "panic_on_oops, panic_timeout",
	  .remedy = "",
	  .source = "kernel/panic.c, kernel/kexec_core.c, kernel/printk/printk.c: their variables",
	  .proposal = "PT-S02 PT-S17" },
	{ .id = "PT503", .name = "sys-info-by-fallback", .check = trail_check_sys_info_fallback, .informs = true,
	  .severity = TRAIL_SEVERITY_NOTE,
	  .statement = "Tells when system information was printed that panic_print does not ask for: "
	  "kernel.kernel_sys_info stands in for a panic_print of 0.",
	  .reads = "panic_print, kernel_si_mask, the stage sys-info",
	  .remedy = "Set kernel.panic_sys_info for panic() alone.",
	  .source = "lib/sys_info.c sys_info(), kernel_si_mask; 7.x", .proposal = "PT-X03" },
	{ .id = "PT504", .name = "reboot-not-as-wanted", .check = trail_check_reboot,
	  .severity = TRAIL_SEVERITY_WARNING,
	  .statement = "panic_timeout makes the machine reboot, or stay, as the policy asks, and soon enough.",
	  .reads = "panic_timeout, reboot of the policy",
	  .remedy = "Set kernel.panic: 0 halts, a negative value reboots at once, others after as many seconds.",
	  .source = "kernel/panic.c panic(), panic_timeout" },
	{ .id = "PT505", .name = "kmsg-dump-not-as-wanted", .check = trail_check_kmsg_dump,
	  .severity = TRAIL_SEVERITY_WARNING,
	  .statement = "kmsg_dump() had a dumper to call, or not, as the policy asks.",
	  .reads = "the stage kmsg-dump, kmsg-dump of the policy",
	  .remedy = "Load or unload a backend of pstore; for one before kdump set crash_kexec_post_notifiers.",
	  .source = "kernel/printk/printk.c kmsg_dump()" },
	{ .id = "PT506", .name = "sys-info-not-as-wanted", .check = trail_check_sys_info,
	  .severity = TRAIL_SEVERITY_WARNING,
	  .statement = "System information was printed, or not, as the policy asks.",
	  .reads = "the stage sys-info, sys-info of the policy",
	  .remedy = "Set panic_print; for output before kdump set crash_kexec_post_notifiers too.",
	  .source = "kernel/panic.c panic_print_sys_info(), lib/sys_info.c sys_info()" },
	{ .id = "PT507", .name = "console-not-as-wanted", .check = trail_check_console,
	  .severity = TRAIL_SEVERITY_WARNING,
	  .statement = "A console is enabled, or none, as the policy asks, and has taken as much of the log as it "
	  "asks.",
	  .reads = "the consoles and how far each has come, console of the policy",
	  .remedy = "Name a console with console=, or none; netconsole and pstore do not wait for a slow line.",
	  .source = "kernel/printk/printk.c struct console, console_flush_on_panic()" },

	/* 9xx: evidence */
	{ .id = "PT901", .name = "contradiction", .check = trail_check_contradiction, .bare = true,
	  .severity = TRAIL_SEVERITY_WARNING,
	  .statement = "The pieces of evidence agree with each other.",
	  .reads = "all evidence",
	  .remedy = "Believe neither side before the dump was looked at by hand.",
	  .source = "panictrail itself" },
};
/* clang-format on */
const size_t trail_n_rules = TRAIL_ARRAY_SIZE(trail_rules);

const struct trail_rule *trail_rule_find(const char *id_or_name)
{
	for (size_t i = 0; i < trail_n_rules; i++)
		if (trail_streq(trail_rules[i].id, id_or_name) ||
		    trail_streq(trail_rules[i].name, id_or_name))
			return &trail_rules[i];
	return NULL;
}
