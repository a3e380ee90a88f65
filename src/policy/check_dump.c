/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of PT1xx: where the dump was taken, and what ran before it. */
#include "policy/checks.h"

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

enum trail_result trail_check_kdump_not_armed(struct trail_judge *j)
{
	const struct trail_scalar *image = trail_facts_scalar(j->facts, "kexec_crash_image");
	bool dumpers_known = j->facts->dumpers_presence == TRAIL_PRESENT;
	struct trail_refs *evidence;

	if (!image || (image->presence != TRAIL_PRESENT && image->presence != TRAIL_ABSENT))
		return TRAIL_RESULT_UNKNOWN;
	if (image->presence == TRAIL_PRESENT && image->value)
		return TRAIL_RESULT_PASS;
	if (dumpers_known && !j->facts->n_dumpers)
		evidence = trail_judge_finding(
			j, TRAIL_SEVERITY_ERROR,
			"neither a crash kernel was loaded nor a kmsg dumper "
			"registered: the kernel itself keeps nothing of a panic");
	else
		evidence = trail_judge_finding(j, TRAIL_SEVERITY_WARNING,
					       "no crash kernel was loaded");
	trail_judge_cite_scalar(j, evidence, "kexec_crash_image");
	return TRAIL_RESULT_FAIL;
}
