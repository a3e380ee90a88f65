/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail rules: the table of the rules, or all of some. */
#include <stdlib.h>

#include "base/error.h"
#include "base/nearest.h"
#include "cli/common.h"
#include "policy/judge.h"
#include "report/rules.h"

enum {
	PAGE = 80, /* columns of what is explained, where there is no terminal */
};

static struct trail_error *no_such_rule(const char *word)
{
	struct trail_nearest near = { .word = word };

	for (size_t i = 0; i < trail_n_rules; i++) {
		trail_nearest_consider(&near, trail_rules[i].id);
		trail_nearest_consider(&near, trail_rules[i].name);
	}
	if (near.name)
		return trail_error_format(TRAIL_ERROR_USAGE,
					  "there is no rule %s (did you mean %s?)", word,
					  near.name);
	return trail_error_format(TRAIL_ERROR_USAGE,
				  "there is no rule %s; panictrail rules lists them", word);
}

int trail_cmd_rules(const struct trail_options *options)
{
	TRAIL_CLEANUP(trail_freep) bool *chosen = calloc(trail_n_rules, sizeof(*chosen));
	struct trail_report report = {
		.complete = true,
		.rules = options->n_inputs ? chosen : NULL,
		.explain = options->explain,
		.color = trail_cli_color(options),
		.width = trail_cli_width(options),
	};

	if (options->explain && !report.width)
		report.width = PAGE;
	if (!chosen)
		return trail_cli_fail(TRAIL_EXIT_INTERNAL, &trail_error_nomem);
	for (int i = 0; i < options->n_inputs; i++) {
		const struct trail_rule *rule = trail_rule_find(options->inputs[i]);
		if (!rule)
			return trail_cli_fail(TRAIL_EXIT_USAGE, no_such_rule(options->inputs[i]));
		chosen[rule - trail_rules] = true;
	}
	return trail_cli_render(options, trail_rules_renderers, &report);
}
