/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy as a file again. */
#ifndef TRAIL_POLICY_POLICY_SHOW_H
#define TRAIL_POLICY_POLICY_SHOW_H

#include "policy/policy.h"

struct trail_text;

/**
 * Append a policy as YAML that says each value and extends nothing; read again
 * it gives the same policy.
 *
 * @origin  behind each value a comment with the file and line that set it
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_policy_show(const struct trail_policy *policy, bool origin,
				      struct trail_text *out) TRAIL_MUST_CHECK;

#endif
