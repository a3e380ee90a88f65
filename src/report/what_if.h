/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A crash under other orders beside the real one; pure, as report.h. */
#ifndef TRAIL_REPORT_WHAT_IF_H
#define TRAIL_REPORT_WHAT_IF_H

#include "policy/what_if.h"
#include "report/report.h"

/**
 * Append @report's what_ifs to @out: as text, one order with its steps beside
 * the real ones or several with a line each; as JSON (panictrail-what-if/1).
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_render_what_if_text(const struct trail_report *report,
					      struct trail_text *out) TRAIL_MUST_CHECK;
struct trail_error *trail_render_what_if_json(const struct trail_report *report,
					      struct trail_text *out) TRAIL_MUST_CHECK;

/** The renderers of the verb, by the names of --format. */
extern const struct trail_renderer trail_what_if_renderers[];

/* ---- what both show ------------------------------------------------------- */

/** The notifier, counted from 0, whose code proves that it ended the chain; -1: none. */
long trail_what_if_ender(const struct trail_timeline *timeline);

/** May the callback be in several lists? */
bool trail_what_if_is_open(const struct trail_what_callback *callback);

/** A step that is no work before kdump: entering panic(), its message, and kdump itself. */
bool trail_what_if_is_head(unsigned step);

/** yes, no or open. */
const char *trail_what_if_word(enum trail_tristate value);

#endif
