/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of the rules for people and programs; pure, as report.h. */
#ifndef TRAIL_REPORT_RULES_H
#define TRAIL_REPORT_RULES_H

#include "report/report.h"

/**
 * Append the rules that @report chooses to @out: as text a table, with explain
 * all that is known of each; as JSON panictrail-rules/1.
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_render_rules_text(const struct trail_report *report,
					    struct trail_text *out) TRAIL_MUST_CHECK;
struct trail_error *trail_render_rules_json(const struct trail_report *report,
					    struct trail_text *out) TRAIL_MUST_CHECK;

/** The renderers of the verb, by the names of --format. */
extern const struct trail_renderer trail_rules_renderers[];

#endif
