/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of a policy file.  A row is one key: its path from the top, what
 * its value is, where that stands in struct trail_policy, the words it may be
 * and what it says; see struct trail_policy_key.  To add a key, add a member
 * with a neutral value to the struct, a row here, the key to
 * docs/panictrail-policy-1.schema.json and to docs/panictrail-policy.5.scd.
 * Tests: unit/test_policy.c holds the schema against the table.
 */
#include "policy/policy_keys.h"

#define AT(member) .offset = offsetof(struct trail_policy, member)
#define N_AT(member) .n_offset = offsetof(struct trail_policy, member)
#define WORDS(names) .words = (names), .n_words = TRAIL_ARRAY_SIZE(names)

/* clang-format off */
const struct trail_policy_key trail_policy_keys[] = {
	{ "version", TRAIL_KEY_VERSION,
	  .help = "Version of the format, 1; required." },
	{ "description", TRAIL_KEY_TEXT, AT(description),
	  .help = "What the policy is for, in a line. It is not inherited." },
	{ "extends", TRAIL_KEY_EXTENDS,
	  .help = "Name or relative path of the policy that this one changes; what a file does not set is then as that one has it." },
	{ "goals", TRAIL_KEY_GOALS, AT(goals), N_AT(n_goals), WORDS(trail_goal_names),
	  .help = "What is wanted of a panic, most important first." },

	{ "dump", TRAIL_KEY_MAP, .help = "Where the dump is to be taken." },
	{ "dump.point", TRAIL_KEY_WORD, AT(dump_point), WORDS(trail_wanted_point_names),
	  .help = "Before the panic notifiers (early), behind them (late), or either." },

	{ "order", TRAIL_KEY_STEPS, AT(order), N_AT(n_order),
	  .help = "Steps of panic(), each to be before the next, as far as they ran; kdump is the crash kexec wherever this kernel has it." },

	{ "stop-cpus", TRAIL_KEY_MAP, .help = "The other CPUs." },
	{ "stop-cpus.before", TRAIL_KEY_STEP_SET, AT(stop_before),
	  .help = "Steps before which all other CPUs are to be stopped." },
	{ "stop-cpus.may-fail", TRAIL_KEY_COUNT, AT(stop_may_fail),
	  .help = "How many CPUs may fail to stop." },
	{ "stop-cpus.registers-required", TRAIL_KEY_BOOLEAN, AT(registers_required),
	  .help = "Must the dump hold the registers of each CPU that was stopped?" },

	{ "notifiers", TRAIL_KEY_MAP, .help = "Panic notifiers." },
	{ "notifiers.before-dump", TRAIL_KEY_MAP, .help = "Those that run before the dump." },
	{ "notifiers.before-dump.classes", TRAIL_KEY_WORD_SET, AT(classes), WORDS(trail_class_names),
	  .help = "Classes of the catalogue that may run." },
	{ "notifiers.before-dump.highest-risk", TRAIL_KEY_WORD, AT(highest_risk), WORDS(trail_risk_names),
	  .help = "The highest risk of the catalogue that may run." },
	{ "notifiers.before-dump.allow", TRAIL_KEY_PATTERNS, AT(allow),
	  .help = "Callbacks that may run whatever their class and risk: function or module:function, with * and ?; the kernel itself is the module vmlinux." },
	{ "notifiers.before-dump.deny", TRAIL_KEY_PATTERNS, AT(deny),
	  .help = "Callbacks that may not run." },
	{ "notifiers.before-dump.unknown-allowed", TRAIL_KEY_BOOLEAN, AT(unknown_allowed),
	  .help = "May callbacks run that the catalogue does not have?" },
	{ "notifiers.before-dump.longest", TRAIL_KEY_NANOSECONDS, AT(longest_ns),
	  .help = "The longest time that one callback may take, such as 500ms, 1s or 2min, or none for no limit." },
	{ "notifiers.require", TRAIL_KEY_PATTERNS, AT(require),
	  .help = "Callbacks that must be registered." },
	{ "notifiers.filter", TRAIL_KEY_PATTERNS, AT(filter),
	  .help = "For what-if: the only callbacks that are registered; an empty list is no filter." },

	{ "kmsg-dump", TRAIL_KEY_MAP, .help = "The log that kmsg dumpers save, as in pstore." },
	{ "kmsg-dump.wish", TRAIL_KEY_WORD, AT(kmsg_dump), WORDS(trail_wish_names),
	  .help = "Is it wanted?" },
	{ "kmsg-dump.longest", TRAIL_KEY_NANOSECONDS, AT(kmsg_dump_longest_ns),
	  .help = "The longest time that it may take, or none for no limit." },

	{ "sys-info", TRAIL_KEY_MAP, .help = "What panic_print and panic_sys_info print of tasks, memory and locks." },
	{ "sys-info.wish", TRAIL_KEY_WORD, AT(sys_info), WORDS(trail_wish_names),
	  .help = "Is it wanted?" },

	{ "console", TRAIL_KEY_MAP, .help = "The log on the consoles." },
	{ "console.wish", TRAIL_KEY_WORD, AT(console), WORDS(trail_wish_names),
	  .help = "Is it wanted?" },
	{ "console.unflushed-max", TRAIL_KEY_LIMIT, AT(console_unflushed_max),
	  .help = "The most records that a console may have left unprinted, or none for no limit." },

	{ "reboot", TRAIL_KEY_MAP, .help = "The reboot at the end of panic()." },
	{ "reboot.wish", TRAIL_KEY_WORD, AT(reboot), WORDS(trail_wish_names),
	  .help = "Is it wanted?" },
	{ "reboot.within", TRAIL_KEY_SECONDS, AT(reboot_within_s),
	  .help = "The highest panic_timeout, in whole seconds such as 10s, or none for no limit." },

	{ "rules", TRAIL_KEY_RULES, AT(severities), N_AT(n_severities), WORDS(trail_severity_names),
	  .help = "Severities by the id or the name of a rule; off: it is not judged." },
	{ "fail-on", TRAIL_KEY_WORD, AT(fail_on), WORDS(trail_fail_on_names),
	  .help = "The lowest severity of a finding that makes the exit status 1." },
};
/* clang-format on */
const size_t trail_n_policy_keys = TRAIL_ARRAY_SIZE(trail_policy_keys);

const struct trail_policy_key *trail_policy_key(const char *path)
{
	for (size_t i = 0; i < trail_n_policy_keys; i++)
		if (trail_streq(trail_policy_keys[i].path, path))
			return &trail_policy_keys[i];
	return NULL;
}

const char *trail_policy_key_name(const struct trail_policy_key *key)
{
	const char *dot = strrchr(key->path, '.');

	return dot ? dot + 1 : key->path;
}

bool trail_policy_key_in(const struct trail_policy_key *key, const struct trail_policy_key *map)
{
	size_t n = (size_t)(trail_policy_key_name(key) - key->path);

	if (!map)
		return !n;
	return n == strlen(map->path) + 1 && memcmp(key->path, map->path, n - 1) == 0;
}

unsigned trail_step_of(const char *name)
{
	unsigned step = 0;

	while (step < TRAIL_N_STEPS && strcmp(trail_step_name(step), name) != 0)
		step++;
	return step;
}
