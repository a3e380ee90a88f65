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
	{ .id = "PT106", .name = "kdump-not-armed", .check = trail_check_kdump_not_armed,
	  .severity = TRAIL_SEVERITY_WARNING,
	  .statement = "A crash kernel is loaded, so that a panic leaves a vmcore.",
	  .reads = "kexec_crash_image, the list of kmsg dumpers",
	  .remedy = "Reserve memory with crashkernel= and load a crash kernel with kexec -p.",
	  .source = "kernel/kexec_core.c kexec_crash_image", .proposal = "PT-S02" },

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

	/* 9xx: evidence */
	{ .id = "PT901", .name = "contradiction", .check = trail_check_contradiction,
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
