/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail notifiers: the catalogue, or the chain of a dump joined with it. */
#include "base/error.h"
#include "base/text.h"
#include "cli/common.h"
#include "facts/facts.h"
#include "report/notifiers.h"
#include "timeline/timeline.h"

static struct trail_error *render(const struct trail_options *options,
				  const struct trail_report *report)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	const struct trail_renderer *r = trail_notifiers_renderers;

	while (r->name && strcmp(r->name, options->format) != 0)
		r++;
	if (!r->name)
		return trail_error_format(TRAIL_ERROR_USAGE,
					  "--format %s: notifiers has text and json",
					  options->format);
	struct trail_error *error = r->render(report, &text);
	if (!error && text.failed)
		error = &trail_error_nomem;
	return error ? error : trail_cli_write(options, &text);
}

static int fail_to_render(struct trail_error *error)
{
	return trail_cli_fail(
		error->code == TRAIL_ERROR_USAGE ? TRAIL_EXIT_USAGE : TRAIL_EXIT_INTERNAL, error);
}

static int show_chain(const struct trail_options *options, struct trail_report *report)
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
	report->facts = facts;
	report->timeline = timeline;
	report->complete = facts->complete && !facts->n_gaps && !limit;
	if (!error)
		error = render(options, report);
	if (error)
		return fail_to_render(error);
	if (limit)
		return TRAIL_EXIT_INTERNAL;
	return options->strict && !report->complete ? TRAIL_EXIT_INCOMPLETE : TRAIL_EXIT_OK;
}

int trail_cmd_notifiers(const struct trail_options *options)
{
	struct trail_report report = {
		.complete = true,
		.color = trail_cli_color(options),
		.width = trail_cli_width(options),
	};

	if (options->n_inputs)
		return show_chain(options, &report);
	struct trail_error *error = render(options, &report);
	return error ? fail_to_render(error) : TRAIL_EXIT_OK;
}
