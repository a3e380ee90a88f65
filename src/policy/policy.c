/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policy as a struct: its words, its patterns, its severities; see policy.h. */
#include "policy/policy.h"

#include <fnmatch.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/table.h"

/* clang-format off */
const char *const trail_goal_names[TRAIL_N_GOALS] = {
	[TRAIL_GOAL_KDUMP]        = "kdump",
	[TRAIL_GOAL_KMSG_DUMP]    = "kmsg-dump",
	[TRAIL_GOAL_CONSOLE_LOG]  = "console-log",
	[TRAIL_GOAL_LAST_MESSAGE] = "last-message",
	[TRAIL_GOAL_REBOOT]       = "reboot",
	[TRAIL_GOAL_HYPERVISOR]   = "hypervisor",
};

const char *const trail_severity_names[TRAIL_N_SEVERITIES] = {
	[TRAIL_SEVERITY_OFF]     = "off",
	[TRAIL_SEVERITY_NOTE]    = "note",
	[TRAIL_SEVERITY_WARNING] = "warning",
	[TRAIL_SEVERITY_ERROR]   = "error",
};

const char *const trail_class_names[TRAIL_N_CLASSES] = {
	[TRAIL_CLASS_INFO]       = "info",
	[TRAIL_CLASS_HYPERVISOR] = "hypervisor",
	[TRAIL_CLASS_REBOOT]     = "reboot",
};

const char *const trail_risk_names[TRAIL_N_RISKS] = {
	[TRAIL_RISK_LOW]    = "low",
	[TRAIL_RISK_MEDIUM] = "medium",
	[TRAIL_RISK_HIGH]   = "high",
};

const char *const trail_wanted_point_names[TRAIL_N_WANTED_POINTS] = {
	[TRAIL_WANTED_ANY]   = "any",
	[TRAIL_WANTED_EARLY] = "early",
	[TRAIL_WANTED_LATE]  = "late",
};

const char *const trail_wish_names[TRAIL_N_WISHES] = {
	[TRAIL_WISH_ANY] = "any",
	[TRAIL_WISH_YES] = "wanted",
	[TRAIL_WISH_NO]  = "unwanted",
};
/* clang-format on */

const char *trail_step_name(unsigned step)
{
	return step == TRAIL_STEP_KDUMP ? "kdump"
					: trail_name_of(trail_stage_names, TRAIL_N_STAGES, step);
}

bool trail_globs_match(const struct trail_globs *globs, const char *function, const char *module)
{
	for (size_t i = 0; function && i < globs->n; i++) {
		const char *glob = globs->all[i], *colon = strchr(glob, ':');
		const char *home = module ? module : "vmlinux";
		size_t n = colon ? (size_t)(colon - glob) : 0;
		char of_module[64];

		if (!colon && fnmatch(glob, function, 0) == 0)
			return true;
		if (!colon || n >= sizeof(of_module))
			continue;
		memcpy(of_module, glob, n);
		of_module[n] = '\0';
		if (fnmatch(of_module, home, 0) == 0 && fnmatch(colon + 1, function, 0) == 0)
			return true;
	}
	return false;
}

enum trail_severity trail_policy_severity(const struct trail_policy *policy, const char *id,
					  enum trail_severity otherwise)
{
	for (size_t i = 0; i < policy->n_severities; i++)
		if (trail_streq(policy->severities[i].rule, id))
			return policy->severities[i].severity;
	return otherwise;
}

void trail_policy_free(struct trail_policy *policy)
{
	if (!policy)
		return;
	trail_pool_fini(&policy->pool);
	free(policy);
}

void trail_policy_freep(struct trail_policy **policy)
{
	trail_policy_free(*policy);
}

struct trail_error *trail_policy_default(struct trail_policy **ret)
{
	struct trail_policy *p = calloc(1, sizeof(*p));

	if (!p)
		return &trail_error_nomem;
	trail_pool_init(&p->pool);
	p->name = "default";
	p->source = "built-in";
	p->goals[p->n_goals++] = TRAIL_GOAL_KDUMP;
	p->goals[p->n_goals++] = TRAIL_GOAL_KMSG_DUMP;
	p->goals[p->n_goals++] = TRAIL_GOAL_LAST_MESSAGE;
	p->stop_before = 1U << TRAIL_STEP_KDUMP;
	p->classes = (1U << TRAIL_N_CLASSES) - 1;
	p->highest_risk = TRAIL_RISK_MEDIUM;
	p->longest_ns = UINT64_C(1000000000);
	p->console_unflushed_max = UINT64_MAX;
	p->reboot_within_s = UINT64_MAX;
	p->fail_on = TRAIL_SEVERITY_ERROR;
	*ret = p;
	return NULL;
}
