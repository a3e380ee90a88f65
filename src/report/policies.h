/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies for people and programs: which there are, what they say, what is wrong with them. */
#ifndef TRAIL_REPORT_POLICIES_H
#define TRAIL_REPORT_POLICIES_H

#include "policy/policy_yaml.h"

struct trail_report;
struct trail_text;

/** One policy, loaded or not. */
struct trail_policy_row {
	const char *name;	     /* as it was asked for */
	struct trail_policy *policy; /* NULL: it is wrong */
	struct trail_problems problems;
	struct trail_error *error; /* why there is none; NULL where there is */
};

struct trail_policy_rows {
	struct trail_policy_row *all;
	size_t n;
};

/** Append a table of them to @out; @report has the width and colour alone.  Errors: NOMEM. */
struct trail_error *trail_render_policies_text(const struct trail_report *report,
					       const struct trail_policy_rows *rows,
					       struct trail_text *out) TRAIL_MUST_CHECK;

/** Append them as JSON (panictrail-policy/1) to @out.  Errors: NOMEM. */
struct trail_error *trail_render_policies_json(const struct trail_policy_rows *rows,
					       struct trail_text *out) TRAIL_MUST_CHECK;

#endif
