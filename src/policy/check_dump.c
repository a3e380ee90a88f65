/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of PT1xx: whether and where the dump was taken, and what stood before it. */
#include "policy/checks.h"

#include <inttypes.h>

#include "base/table.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

enum trail_result trail_check_dump_point(struct trail_judge *j)
{
	enum trail_wanted_point wanted = j->policy->dump_point;
	enum trail_point point = j->timeline->point;
	bool early = point == TRAIL_POINT_DIRECT || point == TRAIL_POINT_EARLY;

	if (wanted == TRAIL_WANTED_ANY || point == TRAIL_POINT_NONE || point == TRAIL_POINT_OUTSIDE)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (point == TRAIL_POINT_UNKNOWN)
		return TRAIL_RESULT_UNKNOWN;
	if (early == (wanted == TRAIL_WANTED_EARLY))
		return TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity, "the dump was taken at the point %s, wanted is %s",
		NAME(trail_point_names, point), NAME(trail_wanted_point_names, wanted));
	trail_judge_cite(j, evidence, &j->timeline->dump_evidence);
	trail_judge_cite_scalar(j, evidence, "crash_kexec_post_notifiers");
	return TRAIL_RESULT_FAIL;
}

/* ---- work before the dump ------------------------------------------------- */

/* "14 notifiers (1 of high risk, 5 in no catalogue)" */
static const char *notifiers_of(struct trail_judge *j)
{
	struct trail_builder *b = &j->builder;
	size_t n = j->facts->n_notifiers, risky = 0, unknown = 0;

	for (size_t i = 0; i < n; i++) {
		const struct trail_notifier_verdict *verdict = &j->timeline->notifiers[i];
		risky += trail_streq(verdict->risk, trail_risk_names[TRAIL_RISK_HIGH]);
		unknown += !verdict->catalogued;
	}
	const char *s = trail_timeline_say(b, "%zu notifier%s", n, n == 1 ? "" : "s");
	if (!risky && !unknown)
		return s;
	if (risky && unknown)
		return trail_timeline_say(b, "%s (%zu of high risk, %zu in no catalogue)", s, risky,
					  unknown);
	return trail_timeline_say(b, "%s (%zu %s)", s, risky + unknown,
				  risky ? "of high risk" : "in no catalogue");
}

/* What stands before a late kdump, in words; NULL for nothing. */
static const char *work_of(struct trail_judge *j)
{
	struct trail_builder *b = &j->builder;
	size_t dumpers = j->facts->n_dumpers;
	uint64_t mask = trail_facts_value(j->facts, "sys-info.mask", 0);
	const char *s = "";

	if (j->facts->n_notifiers)
		s = trail_timeline_say(b, ", %s", notifiers_of(j));
	if (mask && trail_judge_info_first(j) != TRAIL_NO)
		s = trail_timeline_say(b, "%s, the output of panic_print 0x%" PRIx64, s, mask);
	if (dumpers)
		s = trail_timeline_say(b, "%s, %zu kmsg dumper%s", s, dumpers,
				       dumpers == 1 ? "" : "s");
	return *s ? s + 2 : NULL;
}

static bool work_is_known(const struct trail_judge *j)
{
	return j->facts->chain_complete && trail_judge_has_dumper(j) != TRAIL_MAYBE &&
	       trail_judge_is_set(j, "sys-info.mask") != TRAIL_MAYBE;
}

enum trail_result trail_check_work_before_dump(struct trail_judge *j)
{
	enum trail_tristate late = trail_judge_late(j), armed = trail_judge_armed(j);

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (armed == TRAIL_NO || j->policy->dump_point == TRAIL_WANTED_LATE)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (late == TRAIL_NO)
		return TRAIL_RESULT_PASS;
	if (late == TRAIL_MAYBE || armed == TRAIL_MAYBE)
		return TRAIL_RESULT_UNKNOWN;
	const char *work = work_of(j);
	if (!work)
		return work_is_known(j) ? TRAIL_RESULT_PASS : TRAIL_RESULT_UNKNOWN;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity, "these stand before the crash kernel: %s", work);
	trail_judge_cite_scalar(j, evidence, "crash_kexec_post_notifiers");
	trail_judge_cite_scalar(j, evidence, "sys-info.mask");
	trail_judge_cite_scalar(j, evidence, "count.kmsg-dumpers");
	const struct trail_stage_verdict *stage = trail_judge_stage(j, TRAIL_STAGE_NOTIFIERS);
	if (stage)
		trail_judge_cite(j, evidence, &stage->evidence);
	return TRAIL_RESULT_FAIL;
}

/*
 * Dumpers that are slow or ask the firmware.  The backend is pstore's name of
 * it.  Source: struct pstore_info of drivers/firmware/efi/efi-pstore.c ("efi",
 * "efi_pstore" in newer kernels), drivers/acpi/apei/erst.c,
 * arch/powerpc/kernel/nvram_64.c, fs/pstore/blk.c (block devices, MTD).
 */
/* clang-format off */
static const struct {
	const char *function, *backend, *why;
} slow_dumpers[] = {
	{ "pstore_dump",      "efi",        "writes EFI variables through the firmware" },
	{ "pstore_dump",      "efi_pstore", "writes EFI variables through the firmware" },
	{ "pstore_dump",      "erst",       "writes through the firmware's ERST" },
	{ "pstore_dump",      "nvram",      "writes through the firmware" },
	{ "pstore_dump",      "pstore_blk", "writes to a block or flash device" },
	{ "mtdoops_do_dump",  NULL,         "writes to a flash device" },
	{ "oops_to_nvram",    NULL,         "writes through the firmware" },
};
/* clang-format on */

static const char backend_line[] = "pstore: Registered ";

static bool is_backend(const struct trail_judge *j, long record, const char *name)
{
	size_t n = strlen(name), start = strlen(backend_line);
	const struct trail_record *r = &j->timeline->log->records[record];

	return r->length > start + n && memcmp(r->text + start, name, n) == 0 &&
	       r->text[start + n] == ' ';
}

/* A dumper of the catalogue that is not among the slow ones. */
static bool is_quick(const char *function)
{
	for (size_t i = 0; i < trail_n_catalogue; i++)
		if (trail_catalogue[i].hook == TRAIL_HOOK_DUMPER &&
		    trail_same_function(function, trail_catalogue[i].function))
			return true;
	return false;
}

/* One dumper: FAIL with a finding, PASS, or UNKNOWN; @backend is the record that names pstore's, -1
 * for none. */
static enum trail_result check_dumper_speed(struct trail_judge *j, size_t i, long backend)
{
	const struct trail_dumper_facts *dumper = &j->facts->dumpers[i];
	bool is_pstore = dumper->function && trail_same_function(dumper->function, "pstore_dump");

	for (size_t k = 0; dumper->function && k < TRAIL_ARRAY_SIZE(slow_dumpers); k++) {
		const char *name = slow_dumpers[k].backend;
		if (!trail_same_function(dumper->function, slow_dumpers[k].function) ||
		    (name && (backend < 0 || !is_backend(j, backend, name))))
			continue;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity, "%s%s%s stands before kdump, and it %s",
			trail_judge_function(j, dumper->function, dumper->module),
			name ? " of backend " : "", name ? name : "", slow_dumpers[k].why);
		trail_judge_cite_scalar(j, evidence, "crash_kexec_post_notifiers");
		trail_judge_cite(j, evidence, &j->timeline->dumpers[i].evidence);
		if (name)
			trail_judge_cite_record(j, evidence, (size_t)backend,
						"pstore names its backend");
		return TRAIL_RESULT_FAIL;
	}
	bool known = is_pstore ? backend >= 0 : dumper->function && is_quick(dumper->function);
	return known ? TRAIL_RESULT_PASS : TRAIL_RESULT_UNKNOWN;
}

enum trail_result trail_check_slow_dumper(struct trail_judge *j)
{
	enum trail_tristate late = trail_judge_late(j), armed = trail_judge_armed(j);
	enum trail_tristate dumpers = trail_judge_has_dumper(j);
	enum trail_result result = TRAIL_RESULT_PASS;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (late == TRAIL_NO || armed == TRAIL_NO || dumpers == TRAIL_NO)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (late == TRAIL_MAYBE || armed == TRAIL_MAYBE || dumpers == TRAIL_MAYBE)
		return TRAIL_RESULT_UNKNOWN;
	long backend = trail_judge_last_record(j, backend_line);
	for (size_t i = 0; i < j->facts->n_dumpers; i++) {
		enum trail_result one = check_dumper_speed(j, i, backend);
		if (one == TRAIL_RESULT_FAIL || result == TRAIL_RESULT_PASS)
			result = one;
	}
	return result;
}

/* ---- kdump itself ---------------------------------------------------------- */

enum trail_result trail_check_kdump_not_armed(struct trail_judge *j)
{
	enum trail_tristate armed = trail_judge_armed(j);
	bool keeps_nothing = trail_judge_has_dumper(j) == TRAIL_NO;
	struct trail_refs *evidence;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (armed == TRAIL_MAYBE)
		return TRAIL_RESULT_UNKNOWN;
	if (armed == TRAIL_YES)
		return TRAIL_RESULT_PASS;
	if (keeps_nothing)
		evidence = trail_judge_finding(
			j, TRAIL_SEVERITY_ERROR,
			"neither a crash kernel was loaded nor a kmsg dumper registered: the "
			"kernel itself keeps nothing of a panic");
	else
		evidence = trail_judge_finding(j, TRAIL_SEVERITY_WARNING,
					       "no crash kernel was loaded");
	trail_judge_cite_scalar(j, evidence, "feature.kexec");
	trail_judge_cite_armed(j, evidence);
	if (keeps_nothing)
		trail_judge_cite_scalar(j, evidence, "count.kmsg-dumpers");
	return TRAIL_RESULT_FAIL;
}

enum trail_result trail_check_kdump_attempt_failed(struct trail_judge *j)
{
	enum trail_tristate late = trail_judge_late(j), armed = trail_judge_armed(j);
	enum trail_stage stage = late == TRAIL_YES ? TRAIL_STAGE_KDUMP_LATE
						   : TRAIL_STAGE_KDUMP_EARLY;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (armed == TRAIL_NO)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (j->timeline->method == TRAIL_METHOD_KDUMP || j->timeline->method == TRAIL_METHOD_FADUMP)
		return TRAIL_RESULT_PASS;
	if (armed == TRAIL_MAYBE || late == TRAIL_MAYBE)
		return TRAIL_RESULT_UNKNOWN;
	if (!trail_judge_passed(j, stage))
		return trail_judge_outcome(j, stage) == TRAIL_OUTCOME_NOT_REACHED
			       ? TRAIL_RESULT_NOT_APPLICABLE
			       : TRAIL_RESULT_UNKNOWN;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		trail_judge_outcome(j, stage) == TRAIL_OUTCOME_DONE
			? "kdump was tried (%s) and came back: panic() went on"
			: "a crash kernel was loaded, and panic() went past %s without starting it",
		NAME(trail_stage_names, stage));
	trail_judge_cite_armed(j, evidence);
	trail_judge_cite_scalar(j, evidence, "crash_kexec_post_notifiers");
	trail_judge_cite(j, evidence, &j->timeline->frontier_evidence);
	return TRAIL_RESULT_FAIL;
}

/* ---- the oops path --------------------------------------------------------- */

/* "2 notifiers and 1 kmsg dumper" that somebody waits for: dumpers, and those that tell a
 * hypervisor; NULL for none. */
static const char *missed_by_bypass(struct trail_judge *j)
{
	const char *s = NULL;

	for (size_t i = 0; i < j->facts->n_notifiers; i++) {
		const struct trail_notifier_facts *n = &j->facts->notifiers[i];
		if (!trail_judge_tells_hypervisor(j, i))
			continue;
		const char *name = trail_judge_function(j, n->function, n->module);
		s = s ? trail_timeline_say(&j->builder, "%s, %s", s, name) : name;
	}
	for (size_t i = 0; i < j->facts->n_dumpers; i++) {
		const struct trail_dumper_facts *d = &j->facts->dumpers[i];
		const char *name = trail_timeline_say(
			&j->builder, "the kmsg dumper %s",
			trail_judge_function(j, d->function, d->module));
		s = s ? trail_timeline_say(&j->builder, "%s, %s", s, name) : name;
	}
	return s;
}

enum trail_result trail_check_oops_bypassed_panic(struct trail_judge *j)
{
	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (j->timeline->frontier != TRAIL_STAGE_DIRECT_KEXEC)
		return TRAIL_RESULT_PASS;
	const char *missed = missed_by_bypass(j);
	struct trail_refs *evidence = trail_judge_finding(
		j, missed ? TRAIL_SEVERITY_WARNING : TRAIL_SEVERITY_NOTE,
		"the crash kernel was started without panic(): no notifier and no kmsg dumper was "
		"called%s%s",
		missed ? "; registered: " : "", missed ? missed : "");
	trail_judge_cite(j, evidence, &j->timeline->frontier_evidence);
	trail_judge_cite_scalar(j, evidence, "crash_kexec_post_notifiers");
	return TRAIL_RESULT_FAIL;
}

enum trail_result trail_check_oops_through_panic(struct trail_judge *j)
{
	const char *trigger = j->timeline->trigger;
	enum trail_tristate late = trail_judge_late(j), armed = trail_judge_armed(j);

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (!trail_streq(trigger, "oops") && !trail_streq(trigger, "oops-irq"))
		return trail_streq(trigger, "unknown") ? TRAIL_RESULT_UNKNOWN
						       : TRAIL_RESULT_NOT_APPLICABLE;
	if (late == TRAIL_NO || armed == TRAIL_NO)
		return TRAIL_RESULT_PASS;
	if (late == TRAIL_MAYBE || armed == TRAIL_MAYBE)
		return TRAIL_RESULT_UNKNOWN;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"with crash_kexec_post_notifiers the oops did not start the crash kernel itself: "
		"it went through kmsg_dump(OOPS), panic() and the notifiers");
	trail_judge_cite_scalar(j, evidence, "crash_kexec_post_notifiers");
	trail_judge_cite(j, evidence, &j->timeline->panic_evidence);
	return TRAIL_RESULT_FAIL;
}

/* ---- dumpers --------------------------------------------------------------- */

enum trail_result trail_check_dumper_in_progress(struct trail_judge *j)
{
	const struct trail_stage_verdict *stage = trail_judge_stage(j, TRAIL_STAGE_KMSG_DUMP);
	enum trail_outcome outcome = trail_judge_outcome(j, TRAIL_STAGE_KMSG_DUMP);

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (trail_judge_is_text(j)) /* what wrote the record had not returned, of course */
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (outcome == TRAIL_OUTCOME_UNKNOWN)
		return TRAIL_RESULT_UNKNOWN;
	if (outcome != TRAIL_OUTCOME_IN_PROGRESS)
		return outcome == TRAIL_OUTCOME_DONE ? TRAIL_RESULT_PASS
						     : TRAIL_RESULT_NOT_APPLICABLE;
	const char *name = NULL;
	const struct trail_refs *refs = &stage->evidence;
	for (size_t i = 0; i < j->facts->n_dumpers && !name; i++) {
		const struct trail_dumper_facts *d = &j->facts->dumpers[i];
		if (j->timeline->dumpers[i].outcome != TRAIL_CALL_IN_PROGRESS)
			continue;
		refs = &j->timeline->dumpers[i].evidence;
		name = trail_timeline_say(&j->builder, "kmsg dumper %zu, %s,", i + 1,
					  trail_judge_function(j, d->function, d->module));
	}
	trail_judge_cite(j,
			 trail_judge_finding(j, j->rule->severity, "%s had not returned",
					     name ? name : "kmsg_dump()"),
			 refs);
	return TRAIL_RESULT_FAIL;
}
