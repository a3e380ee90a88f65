/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail policy list|show|check: which policies there are, what they say, what is wrong. */
#include <limits.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cli/common.h"
#include "cli/policies.h"
#include "policy/policy_show.h"
#include "report/policies.h"
#include "report/report.h"

/* What a run works on. */
struct run {
	const struct trail_options *options;
	struct trail_cli_policies policies;
	struct trail_policy_rows rows;
};

static void rows_fini(struct trail_policy_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		trail_policy_free(rows->all[i].policy);
		trail_problems_fini(&rows->all[i].problems);
		trail_error_free(rows->all[i].error);
	}
	free(rows->all);
}

/* Load each of the words; NULL for one is what is in force here. */
static struct trail_error *load(struct run *run, const char *const *words, size_t n)
{
	run->rows.all = calloc(n, sizeof(*run->rows.all));
	if (!run->rows.all)
		return &trail_error_nomem;
	run->rows.n = n;
	for (size_t i = 0; i < n; i++) {
		struct trail_policy_row *row = &run->rows.all[i];

		row->name = words[i] ? words[i] : "default";
		row->error = trail_cli_policies_load(&run->policies, words[i], &row->problems,
						     &row->policy);
		if (row->error && row->error->code == TRAIL_ERROR_NOMEM)
			return &trail_error_nomem;
	}
	return NULL;
}

static bool is_json(const struct run *run)
{
	return strcmp(run->options->format, "json") == 0;
}

/* All that is wrong, a line each. */
static void say_problems(const struct trail_policy_row *row)
{
	const struct trail_problems *problems = &row->problems;

	for (size_t i = 0; i < problems->n; i++) {
		const struct trail_problem *p = &problems->all[i];
		trail_cli_fail(0,
			       trail_error_format(TRAIL_ERROR_USAGE, "%s:%u:%u: %s", p->place.file,
						  p->place.line, p->place.column, p->message));
	}
	if (problems->n_more)
		trail_cli_fail(0, trail_error_format(TRAIL_ERROR_USAGE, "%s: and %zu more",
						     row->name, problems->n_more));
	if (!problems->n)
		trail_cli_fail(0, trail_error_format(TRAIL_ERROR_USAGE, "%s", row->error->message));
}

/* Write what was rendered. */
static int finish(struct run *run, struct trail_error *error, const struct trail_text *text)
{
	if (!error && text->failed)
		error = &trail_error_nomem;
	if (!error && text->length) /* check says nothing more of one that is wrong */
		error = trail_cli_write(run->options, text);
	if (error)
		return trail_cli_fail(TRAIL_EXIT_INTERNAL, error);
	return TRAIL_EXIT_OK;
}

static int list(struct run *run, const char *const *words, size_t n)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	struct trail_report report = { .complete = true,
				       .color = trail_cli_color(run->options),
				       .width = trail_cli_width(run->options) };
	struct trail_error *error = trail_cli_policies_list(&run->policies, &words, &n);

	if (error)
		return trail_cli_fail(TRAIL_EXIT_USAGE, error);
	error = load(run, words, n);
	if (!error)
		error = is_json(run) ? trail_render_policies_json(&run->rows, &text)
				     : trail_render_policies_text(&report, &run->rows, &text);
	return finish(run, error, &text);
}

static int show(struct run *run, const char *const *words, size_t n)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	struct trail_error *error = load(run, words, n);

	for (size_t i = 0; !error && i < n; i++)
		if (run->rows.all[i].error) {
			say_problems(&run->rows.all[i]);
			return TRAIL_EXIT_USAGE;
		}
	if (!error)
		error = is_json(run) ? trail_render_policies_json(&run->rows, &text)
				     : trail_policy_show(run->rows.all[0].policy,
							 run->options->origin, &text);
	return finish(run, error, &text);
}

static int check(struct run *run, const char *const *words, size_t n)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	struct trail_error *error = load(run, words, n);
	bool wrong = false;

	for (size_t i = 0; !error && i < n; i++) {
		const struct trail_policy_row *row = &run->rows.all[i];

		wrong |= row->error != NULL;
		if (is_json(run))
			continue;
		if (row->error) {
			say_problems(row);
			continue;
		}
		trail_text_escaped(&text, row->name, strlen(row->name));
		trail_text_puts(&text, ": good\n");
	}
	if (!error && is_json(run))
		error = trail_render_policies_json(&run->rows, &text);
	int status = finish(run, error, &text);
	return status == TRAIL_EXIT_OK && wrong ? TRAIL_EXIT_USAGE : status;
}

/* A row is a sub-verb, the first word behind the verb. */
static const struct {
	const char *name;
	int most; /* words that may follow; none: what is in force on this machine */
	bool origin;
	int (*run)(struct run *run, const char *const *words, size_t n);
} subverbs[] = {
	{ "list", 0, false, list },
	{ "show", 1, true, show },
	{ "check", INT_MAX, false, check },
};

static struct trail_error *unknown(const char *word)
{
	struct trail_nearest nearest = { .word = word ? word : "" };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(subverbs); i++)
		trail_nearest_consider(&nearest, subverbs[i].name);
	return trail_error_format(
		TRAIL_ERROR_USAGE, "policy%s%s: wanted policy list, show or check%s%s%s",
		word ? " " : "", word ? word : "", nearest.name ? " (did you mean " : "",
		nearest.name ? nearest.name : "", nearest.name ? "?)" : "");
}

/* The sub-verb of the command line, NULL and the reason where it cannot be. */
static struct trail_error *find(const struct trail_options *options, size_t *ret)
{
	const char *word = options->n_inputs ? options->inputs[0] : NULL;
	size_t i = 0;

	while (i < TRAIL_ARRAY_SIZE(subverbs) && !(word && strcmp(subverbs[i].name, word) == 0))
		i++;
	if (i == TRAIL_ARRAY_SIZE(subverbs))
		return unknown(word);
	if (options->n_inputs - 1 > subverbs[i].most)
		return trail_error_format(TRAIL_ERROR_USAGE, "policy %s: %s is too much, wanted %s",
					  word, options->inputs[1 + subverbs[i].most],
					  subverbs[i].most ? "one policy at most" : "nothing");
	if (options->origin && !subverbs[i].origin)
		return trail_error_format(TRAIL_ERROR_USAGE,
					  "policy %s takes no --origin; policy show does", word);
	if (strcmp(options->format, "text") != 0 && strcmp(options->format, "json") != 0)
		return trail_error_format(TRAIL_ERROR_USAGE, "--format %s: this verb has no such",
					  options->format);
	*ret = i;
	return NULL;
}

int trail_cmd_policy(const struct trail_options *options)
{
	static const char *const in_force[] = { NULL };
	struct run run = { .options = options };
	size_t i = 0;
	struct trail_error *error = find(options, &i);

	if (error)
		return trail_cli_fail(TRAIL_EXIT_USAGE, error);
	trail_cli_policies_start(&run.policies);
	bool named = options->n_inputs > 1;
	int status = subverbs[i].run(&run,
				     named ? (const char *const *)options->inputs + 1 : in_force,
				     named ? (size_t)options->n_inputs - 1 : 1);
	rows_fini(&run.rows);
	trail_cli_policies_end(&run.policies);
	return status;
}
