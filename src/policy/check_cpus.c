/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of PT3xx: which CPUs were stopped, and what the others did meanwhile. */
#include "policy/checks.h"

#include "base/table.h"

enum trail_result trail_check_cpu_not_stopped(struct trail_judge *j)
{
	enum trail_result result = TRAIL_RESULT_PASS;

	if (!trail_judge_crashed(j))
		return TRAIL_RESULT_NOT_APPLICABLE;
	for (size_t i = 0; i < j->facts->n_cpus; i++) {
		const struct trail_cpu_verdict *verdict = &j->timeline->cpus[i];

		if (verdict->outcome == TRAIL_CPU_UNKNOWN && result == TRAIL_RESULT_PASS)
			result = TRAIL_RESULT_UNKNOWN;
		if (verdict->outcome != TRAIL_CPU_NOT_STOPPED)
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity, "CPU %d was told to stop and did not",
			j->facts->cpus[i].cpu);
		trail_judge_cite(j, evidence, &verdict->evidence);
	}
	return result;
}
