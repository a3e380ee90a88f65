/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy file: read, shown, read again, the same. */
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "policy/policy_load.h"
#include "policy/policy_show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct trail_policy *load(const char *bytes, size_t n)
{
	size_t most = TRAIL_MIN(n, (size_t)TRAIL_POLICY_FILE_MAX);
	struct trail_policy_file file = { { "input", bytes, most, n > most }, "input", false };
	struct trail_policy_parts parts = { .file = &file };
	struct trail_problems problems = { 0 };
	struct trail_policy *policy = NULL;

	trail_error_free(trail_policy_load(&parts, &problems, &policy));
	trail_problems_fini(&problems);
	return policy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TRAIL_CLEANUP(trail_policy_freep) struct trail_policy *policy = NULL, *again = NULL;
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 }, same = { 0 };

	policy = load((const char *)data, size);
	if (!policy)
		return 0;
	if (trail_policy_show(policy, true, &text))
		abort();
	again = load(text.data, text.length);
	if (!again)
		abort();
	memcpy(again->sha256, policy->sha256, sizeof(policy->sha256)); /* in the first line */
	text.length = 0;
	if (trail_policy_show(policy, false, &text) || trail_policy_show(again, false, &same) ||
	    strcmp(trail_text_string(&text), trail_text_string(&same)) != 0)
		abort();
	return 0;
}
