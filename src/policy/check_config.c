/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of PT5xx: how the machine was set up, by whom, and what the policy wants of that. */
#include "policy/checks.h"

#include <inttypes.h>

/* ---- who set the flag -------------------------------------------------------- */

enum marker { MARKER_LOG, MARKER_NOTIFIER, MARKER_DUMPER };

/*
 * What proves that the platform has set crash_kexec_post_notifiers.  To add a
 * row, see that what it names is there only where the flag was set.
 */
/* clang-format off */
static const struct {
	enum marker kind;
	const char *name, *platform;
	const char *source;
} markers[] = {
	{ MARKER_LOG, "Hyper-V: enabling crash_kexec_post_notifiers", "a guest of Hyper-V",
	  "drivers/hv/hv_common.c hv_common_init(); since v6.1" },
	{ MARKER_LOG, "Hyper-V: both linux and hypervisor kdump support enabled", "the root partition of Hyper-V",
	  "arch/x86/hyperv/hv_crash.c hv_root_crash_init(); 7.x" },
	/* registered with the same feature bit that sets the flag */
	{ MARKER_DUMPER, "hv_kmsg_dump", "a guest of Hyper-V",
	  "drivers/hv/vmbus_drv.c, arch/x86/kernel/cpu/mshyperv.c ms_hyperv_init_platform()" },
	/* registered when the firmware was set up, which wants the table of pages that sets the flag */
	{ MARKER_NOTIFIER, "snp_shutdown_on_panic", "a host of SEV-SNP guests",
	  "arch/x86/virt/svm/sev.c snp_rmptable_init(), drivers/crypto/ccp/sev-dev.c; since v6.12" },
};
/* clang-format on */

/* Is the marker there?  Then it is cited. */
static bool cite_marker(struct trail_judge *j, struct trail_refs *evidence, size_t m)
{
	long record = -1;

	switch (markers[m].kind) {
	case MARKER_LOG:
		record = trail_judge_last_record(j, markers[m].name);
		if (record >= 0)
			trail_judge_cite_record(j, evidence, (size_t)record,
						"the platform says that it has set the flag");
		return record >= 0;
	case MARKER_NOTIFIER:
		for (size_t i = 0; i < j->facts->n_notifiers; i++)
			if (trail_same_function(j->facts->notifiers[i].function, markers[m].name)) {
				trail_judge_cite_callback(j, evidence, i);
				return true;
			}
		return false;
	default:
		for (size_t i = 0; i < j->facts->n_dumpers; i++)
			if (trail_same_function(j->facts->dumpers[i].function, markers[m].name)) {
				trail_judge_cite_dumper(j, evidence, i);
				return true;
			}
		return false;
	}
}

/* Does the command line name the flag?  A look of the witnesses. */
static enum trail_tristate on_command_line(const struct trail_judge *j)
{
	static const struct trail_condition given = {
		.look = TRAIL_LOOK_CMDLINE,
		.name = "crash_kexec_post_notifiers",
		.op = TRAIL_OP_IS,
		.value = 1,
	};

	return trail_condition_holds(&j->builder, &given, NULL);
}

enum trail_result trail_check_flag_forced(struct trail_judge *j)
{
	enum trail_tristate flag = trail_judge_is_set(j, "crash_kexec_post_notifiers");
	enum trail_tristate given = on_command_line(j);
	struct trail_refs cited = { 0 };
	const struct trail_log_facts *log = j->timeline->log;

	if (flag == TRAIL_NO)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (flag == TRAIL_YES && given == TRAIL_YES)
		return TRAIL_RESULT_PASS;
	if (flag == TRAIL_MAYBE || given == TRAIL_MAYBE)
		return TRAIL_RESULT_UNKNOWN;
	for (size_t m = 0; m < TRAIL_ARRAY_SIZE(markers); m++) {
		if (!cite_marker(j, &cited, m))
			continue;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"crash_kexec_post_notifiers was not set by the command line but by the "
			"kernel, as %s",
			markers[m].platform);
		trail_judge_cite_scalar(j, evidence, "crash_kexec_post_notifiers");
		trail_judge_cite(j, evidence, &cited);
		j->out->forced_by = markers[m].platform;
		return TRAIL_RESULT_FAIL;
	}
	/* a marker in the log may have been pushed out of the ring */
	bool whole = log->presence == TRAIL_PRESENT && !log->first_seq && !log->lost;
	return whole && j->facts->chain_complete ? TRAIL_RESULT_PASS : TRAIL_RESULT_UNKNOWN;
}

/* ---- what is in force --------------------------------------------------------- */

/* The options that change what panic() does, and what each costs. */
/* clang-format off */
static const struct {
	const char *scalar; /* in force when it is not 0 */
	const char *cost;
} options[] = {
	{ "kexec_crash_image", "a crash kernel is loaded: it keeps memory reserved, and ends panic() where it starts" },
	{ "crash_kexec_post_notifiers", "crash_kexec_post_notifiers: kdump waits for the notifiers and dumpers, and an oops goes through panic()" },
	{ "count.kmsg-dumpers", "kmsg dumpers are registered: code of drivers and firmware runs in panic()" },
	{ "sys-info.mask", "panic_print asks for system information: long output on slow consoles" },
	{ "backtraces.mask", "panic_print asks for backtraces of all CPUs: an NMI to each before they are stopped" },
	{ "replay.mask", "the log is printed again: it takes as long as all of the boot did" },
	{ "panic_on_oops", "panic_on_oops: an oops that a task could have died of ends the machine" },
	{ "panic_timeout", "panic_timeout is set: what is on the screen goes with the reboot" },
};
/* clang-format on */

enum trail_result trail_check_options_in_force(struct trail_judge *j)
{
	const char *list = NULL;
	bool known = false;
	struct trail_refs cited = { 0 };

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(options); i++) {
		enum trail_tristate set = trail_judge_is_set(j, options[i].scalar);

		known |= set != TRAIL_MAYBE;
		if (set != TRAIL_YES)
			continue;
		list = list ? trail_timeline_say(&j->builder, "%s; %s", list, options[i].cost)
			    : options[i].cost;
		trail_judge_cite_scalar(j, &cited, options[i].scalar);
	}
	if (!list)
		return known ? TRAIL_RESULT_PASS : TRAIL_RESULT_UNKNOWN;
	trail_judge_cite(j, trail_judge_finding(j, j->rule->severity, "in force: %s", list),
			 &cited);
	return TRAIL_RESULT_FAIL;
}

enum trail_result trail_check_sys_info_fallback(struct trail_judge *j)
{
	enum trail_tristate own = trail_judge_is_set(j, "panic_print");
	enum trail_tristate other = trail_judge_is_set(j, "kernel_si_mask");
	enum trail_tristate began = trail_judge_began(j, TRAIL_STAGE_SYS_INFO);
	const struct trail_scalar *mask = trail_facts_scalar(j->facts, "kernel_si_mask");

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (own == TRAIL_YES || other == TRAIL_NO || began == TRAIL_NO ||
	    (mask && mask->presence == TRAIL_ABSENT))
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (own == TRAIL_MAYBE || other == TRAIL_MAYBE || began == TRAIL_MAYBE)
		return TRAIL_RESULT_UNKNOWN;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"panic_print is 0, and the system information came by kernel.kernel_sys_info "
		"(0x%" PRIx64 ")",
		mask->value);
	trail_judge_cite_scalar(j, evidence, "panic_print");
	trail_judge_cite_scalar(j, evidence, "kernel_si_mask");
	trail_judge_cite(j, evidence, &trail_judge_stage(j, TRAIL_STAGE_SYS_INFO)->evidence);
	return TRAIL_RESULT_FAIL;
}

/* ---- what the policy wants ------------------------------------------------------ */

/* A finding of a demand that is not met, citing a scalar. */
static enum trail_result unmet(struct trail_judge *j, const char *scalar, const char *message)
{
	struct trail_refs *evidence = trail_judge_finding(j, j->rule->severity, "%s", message);

	trail_judge_cite_scalar(j, evidence, scalar);
	return TRAIL_RESULT_FAIL;
}

enum trail_result trail_check_reboot(struct trail_judge *j)
{
	enum trail_wish wish = j->policy->reboot;
	uint64_t within = j->policy->reboot_within_s;
	int64_t timeout = (int64_t)trail_facts_value(j->facts, "panic_timeout", 0);

	if (wish == TRAIL_WISH_ANY && within == UINT64_MAX)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (!trail_facts_has(j->facts, "panic_timeout"))
		return TRAIL_RESULT_UNKNOWN;
	if (wish == TRAIL_WISH_NO)
		return timeout ? unmet(j, "panic_timeout",
				       "panic_timeout makes panic() reboot; the policy wants it to "
				       "stay")
			       : TRAIL_RESULT_PASS;
	if (wish == TRAIL_WISH_YES && !timeout)
		return unmet(j, "panic_timeout",
			     "panic_timeout is 0: what is not dumped by kdump never reboots");
	if (timeout > 0 && (uint64_t)timeout > within)
		return unmet(j, "panic_timeout",
			     trail_timeline_say(&j->builder,
						"panic() waits %" PRId64
						" s before it reboots; the policy allows %" PRIu64
						" s",
						timeout, within));
	return TRAIL_RESULT_PASS;
}

/* A stage that is wanted or unwanted, and whether it began. */
static enum trail_result check_wish(struct trail_judge *j, enum trail_wish wish,
				    enum trail_stage stage, const char *scalar)
{
	const struct trail_stage_verdict *verdict = trail_judge_stage(j, stage);
	enum trail_tristate began = trail_judge_began(j, stage);

	if (wish == TRAIL_WISH_ANY)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (began == TRAIL_MAYBE || !verdict)
		return TRAIL_RESULT_UNKNOWN;
	if (began == (wish == TRAIL_WISH_YES ? TRAIL_YES : TRAIL_NO))
		return TRAIL_RESULT_PASS;
	const char *name = trail_stage_names[stage];
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		wish == TRAIL_WISH_NO ? "%s ran, and the policy does not want it"
		: verdict->outcome == TRAIL_OUTCOME_SKIPPED
			? "%s had nothing to do, and the policy wants it"
			: "%s was not reached, and the policy wants it",
		name);
	trail_judge_cite_scalar(j, evidence, scalar);
	trail_judge_cite(j, evidence, &verdict->evidence);
	return TRAIL_RESULT_FAIL;
}

enum trail_result trail_check_kmsg_dump(struct trail_judge *j)
{
	enum trail_result result = check_wish(j, j->policy->kmsg_dump, TRAIL_STAGE_KMSG_DUMP,
					      "count.kmsg-dumpers");
	bool ran = trail_judge_crashed(j) &&
		   trail_judge_began(j, TRAIL_STAGE_KMSG_DUMP) != TRAIL_NO;

	/* nothing in a dump tells how long it took */
	return j->policy->kmsg_dump_longest_ns && ran && result != TRAIL_RESULT_FAIL
		       ? TRAIL_RESULT_UNKNOWN
		       : result;
}

enum trail_result trail_check_sys_info(struct trail_judge *j)
{
	return check_wish(j, j->policy->sys_info, TRAIL_STAGE_SYS_INFO, "sys-info.mask");
}

enum trail_result trail_check_console(struct trail_judge *j)
{
	enum trail_wish wish = j->policy->console;
	uint64_t most = j->policy->console_unflushed_max, unprinted = 0;
	bool has = trail_judge_has_console(j);

	if (wish == TRAIL_WISH_ANY && most == UINT64_MAX)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (j->facts->consoles_presence != TRAIL_PRESENT)
		return TRAIL_RESULT_UNKNOWN;
	long best = trail_judge_best_console(j, &unprinted);
	struct trail_refs *evidence = NULL;
	if (wish == TRAIL_WISH_YES && !has)
		evidence = trail_judge_finding(
			j, j->rule->severity,
			"no console is enabled, and the policy wants the log on one");
	else if (wish == TRAIL_WISH_NO && has)
		evidence = trail_judge_finding(
			j, j->rule->severity,
			"a console is enabled, and the policy does not want panic() to print");
	else if (best >= 0 && unprinted > most)
		evidence = trail_judge_finding(
			j, j->rule->severity,
			"%" PRIu64 " records were not printed on any console; the policy allows "
			"%" PRIu64,
			unprinted, most);
	if (evidence) {
		trail_judge_cite_consoles(j, evidence);
		return TRAIL_RESULT_FAIL;
	}
	return has && best < 0 && most != UINT64_MAX ? TRAIL_RESULT_UNKNOWN : TRAIL_RESULT_PASS;
}
