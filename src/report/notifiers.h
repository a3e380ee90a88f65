/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue of panic notifiers, and a dump's chain joined with it; pure, as report.h. */
#ifndef TRAIL_REPORT_NOTIFIERS_H
#define TRAIL_REPORT_NOTIFIERS_H

#include "facts/facts.h"
#include "report/report.h"
#include "timeline/evidence.h"

/** What the catalogue says of one callback of a chain. */
struct trail_joined {
	const struct trail_known_notifier *known; /* NULL: not catalogued */
	enum trail_tristate out_of_tree;	  /* its module is; MAYBE: no list of modules */
	bool priority_differs;			  /* from all that the catalogue knows of it */
};

/** The join of the notifier of index @i of the facts. */
struct trail_joined trail_notifiers_join(const struct trail_facts *facts, size_t i);

/**
 * Append the catalogue, or where @report has facts and a timeline the chain of
 * that dump, to @out as text or as JSON (panictrail-notifiers/1).
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_render_notifiers_text(const struct trail_report *report,
						struct trail_text *out) TRAIL_MUST_CHECK;
struct trail_error *trail_render_notifiers_json(const struct trail_report *report,
						struct trail_text *out) TRAIL_MUST_CHECK;

/** The renderers of the verb, by the names of --format. */
extern const struct trail_renderer trail_notifiers_renderers[];

#endif
