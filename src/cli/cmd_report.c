/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail report: read the facts, reconstruct the trail, judge it, render it. */
#include <stdlib.h>

#include "base/error.h"
#include "cli/common.h"
#include "cli/inputs.h"
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

/* One crash, and what was made of it. */
struct crash {
	struct trail_timeline *timeline;
	struct trail_report report;
};

static void free_crashes(struct crash *crashes, size_t n)
{
	for (size_t i = 0; crashes && i < n; i++)
		trail_timeline_free(crashes[i].timeline);
	free(crashes);
}

static struct trail_error *make(const struct trail_options *options,
				const struct trail_facts *facts, const struct trail_policy *policy,
				bool limit, struct crash *ret)
{
	const struct trail_judgement *judgement = NULL;
	struct trail_error *error = trail_timeline_new(facts, &ret->timeline);

	if (!error)
		error = trail_judge(ret->timeline, policy, &judgement);
	if (error)
		return error;
	ret->report = (struct trail_report){
		.facts = facts,
		.timeline = ret->timeline,
		.judgement = judgement,
		.complete = facts->complete && !facts->n_gaps && !limit,
		.color = trail_cli_color(options),
		.explain = options->explain,
		.width = trail_cli_width(options),
		.limit = limit,
	};
	ret->report.status = status_of(options, &ret->report, limit);
	return NULL;
}

/* Of two exit statuses the one that goes before the other. */
static int first_of(int a, int b)
{
	static const int order[] = { TRAIL_EXIT_USAGE, TRAIL_EXIT_INPUT, TRAIL_EXIT_INTERNAL,
				     TRAIL_EXIT_INCOMPLETE, TRAIL_EXIT_FINDINGS };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(order); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return TRAIL_EXIT_OK;
}

static int report_all(const struct trail_options *options, const struct trail_incidents *all,
		      const struct trail_policy *policy, bool limit)
{
	struct crash *crashes = calloc(all->n, sizeof(*crashes));
	struct trail_error *error = crashes ? NULL : &trail_error_nomem;
	int status = TRAIL_EXIT_OK;

	for (size_t i = 0; !error && i < all->n; i++) {
		error = make(options, all->facts[i], policy, limit, &crashes[i]);
		if (error)
			break;
		crashes[i].report.next = i + 1 < all->n ? &crashes[i + 1].report : NULL;
		status = first_of(status, crashes[i].report.status);
	}
	if (error) {
		status = trail_cli_fail(TRAIL_EXIT_INTERNAL, error);
	} else {
		crashes[0].report.why_several = all->why;
		int failed = trail_cli_render(options, trail_renderers, &crashes[0].report);
		status = failed ? failed : status;
	}
	free_crashes(crashes, all->n);
	return status;
}

int trail_cmd_report(const struct trail_options *options)
{
	TRAIL_CLEANUP(trail_policy_freep) struct trail_policy *policy = NULL;
	struct trail_incidents all = { 0 };
	bool limit = false;

	struct trail_error *error = trail_cli_policy(options, &policy);
	if (error)
		return trail_cli_fail(TRAIL_EXIT_USAGE,
				      error); /* also where a file cannot be read */
	error = trail_cli_read_all(options, &all, &limit);
	if (error)
		return trail_cli_fail(trail_cli_status(error), error);
	int status = report_all(options, &all, policy, limit);
	trail_incidents_fini(&all);
	return status;
}
