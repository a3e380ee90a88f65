/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail what-if: the same crash under another order of panic(). */
#include "base/error.h"
#include "cli/common.h"
#include "cli/inputs.h"
#include "facts/facts.h"
#include "report/what_if.h"

enum { ORDERS_MAX = 64 }; /* that "all" stands for, at most */

/* What --order asks for: one, or all. */
static struct trail_error *parse(const char *text, struct trail_order *orders, size_t *n_ret)
{
	struct trail_error *error = NULL;
	size_t n = 0;

	if (!text)
		return trail_error_format(TRAIL_ERROR_USAGE,
					  "what-if wants --order ORDER; all shows every one");
	if (!trail_streq(text, "all")) {
		*n_ret = 1;
		return trail_order_parse(text, orders);
	}
	for (const char *s; !error && n < ORDERS_MAX && (s = trail_order_of_all(n)); n++)
		error = trail_order_parse(s, &orders[n]);
	*n_ret = n;
	return error;
}

static struct trail_error *evaluate(struct trail_timeline *timeline,
				    const struct trail_order *orders, size_t n,
				    const struct trail_what_if **what_ifs)
{
	struct trail_error *error = NULL;

	for (size_t i = 0; !error && i < n; i++)
		error = trail_what_if(timeline, &orders[i], &what_ifs[i]);
	return error;
}

int trail_cmd_what_if(const struct trail_options *options)
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = NULL;
	TRAIL_CLEANUP(trail_timeline_freep) struct trail_timeline *timeline = NULL;
	const struct trail_what_if *what_ifs[ORDERS_MAX];
	struct trail_order orders[ORDERS_MAX];
	bool limit = false;
	size_t n = 0;

	struct trail_error *error = parse(options->order, orders, &n);
	if (error)
		return trail_cli_fail(TRAIL_EXIT_USAGE, error);
	error = trail_cli_read(options, &facts, &limit);
	if (error)
		return trail_cli_fail(trail_cli_status(error), error);
	error = trail_timeline_new(facts, &timeline);
	if (!error)
		error = evaluate(timeline, orders, n, what_ifs);
	if (error)
		return trail_cli_fail(TRAIL_EXIT_INTERNAL, error);

	struct trail_report report = {
		.facts = facts,
		.timeline = timeline,
		.what_ifs = what_ifs,
		.n_what_ifs = n,
		.complete = facts->complete && !facts->n_gaps && !limit,
		.color = trail_cli_color(options),
		.width = trail_cli_width(options),
	};
	int status = trail_cli_render(options, trail_what_if_renderers, &report);
	if (status == TRAIL_EXIT_OK && limit)
		status = TRAIL_EXIT_INTERNAL;
	else if (status == TRAIL_EXIT_OK && options->strict && !report.complete)
		status = TRAIL_EXIT_INCOMPLETE;
	return status;
}
