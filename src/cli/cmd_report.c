/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail report: read the facts, reconstruct the trail, render it. */
#include "base/error.h"
#include "base/text.h"
#include "cli/common.h"
#include "facts/facts.h"
#include "report/report.h"
#include "timeline/timeline.h"

static struct trail_error *render(const struct trail_options *options,
				  const struct trail_report *report)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	const struct trail_renderer *r = trail_renderers;

	while (r->name && strcmp(r->name, options->format) != 0)
		r++;
	struct trail_error *error = r->render(report, &text);
	if (!error && text.failed)
		error = &trail_error_nomem;
	return error ? error : trail_cli_write(options, &text);
}

int trail_cmd_report(const struct trail_options *options)
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = NULL;
	TRAIL_CLEANUP(trail_timeline_freep) struct trail_timeline *timeline = NULL;
	const char *input;
	bool limit = false;

	struct trail_error *error = trail_cli_input(options, &input);
	if (!error)
		error = trail_cli_read(options, input, &facts, &limit);
	if (error)
		return trail_cli_fail(trail_cli_status(error), error);
	error = trail_timeline_new(facts, &timeline);
	struct trail_report report = {
		.facts = facts,
		.timeline = timeline,
		.complete = facts->complete && !facts->n_gaps && !limit,
		.color = trail_cli_color(options),
		.width = trail_cli_width(options),
	};
	if (!error)
		error = render(options, &report);
	if (error)
		return trail_cli_fail(TRAIL_EXIT_INTERNAL, error);
	if (limit)
		return TRAIL_EXIT_INTERNAL;
	return options->strict && !report.complete ? TRAIL_EXIT_INCOMPLETE : TRAIL_EXIT_OK;
}
