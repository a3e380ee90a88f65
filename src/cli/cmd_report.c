/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail report: read the facts, reconstruct the trail, judge it, render it. */
#include "base/error.h"
#include "cli/common.h"
#include "cli/policies.h"
#include "facts/facts.h"
#include "policy/judge.h"
#include "report/report.h"
#include "timeline/timeline.h"

/* The first that applies of the exit statuses, once the report is written. */
static int status_of(const struct trail_options *options, const struct trail_report *report,
		     bool limit)
{
	if (limit)
		return TRAIL_EXIT_INTERNAL;
	if (options->strict && !report->complete)
		return TRAIL_EXIT_INCOMPLETE;
	return trail_judgement_fails(report->judgement) ? TRAIL_EXIT_FINDINGS : TRAIL_EXIT_OK;
}

int trail_cmd_report(const struct trail_options *options)
{
	TRAIL_CLEANUP(trail_policy_freep) struct trail_policy *policy = NULL;
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = NULL;
	TRAIL_CLEANUP(trail_timeline_freep) struct trail_timeline *timeline = NULL;
	const struct trail_judgement *judgement = NULL;
	bool limit = false;

	struct trail_error *error = trail_cli_policy(options, &policy);
	if (error)
		return trail_cli_fail(TRAIL_EXIT_USAGE,
				      error); /* also where a file cannot be read */
	error = trail_cli_read(options, &facts, &limit);
	if (error)
		return trail_cli_fail(trail_cli_status(error), error);
	error = trail_timeline_new(facts, &timeline);
	if (!error)
		error = trail_judge(timeline, policy, &judgement);
	if (error)
		return trail_cli_fail(TRAIL_EXIT_INTERNAL, error);

	struct trail_report report = {
		.facts = facts,
		.timeline = timeline,
		.judgement = judgement,
		.complete = facts->complete && !facts->n_gaps && !limit,
		.color = trail_cli_color(options),
		.explain = options->explain,
		.width = trail_cli_width(options),
		.limit = limit,
	};
	report.status = status_of(options, &report, limit);
	int status = trail_cli_render(options, trail_renderers, &report);
	return status == TRAIL_EXIT_OK ? report.status : status;
}
