/* SPDX-License-Identifier: GPL-2.0-or-later */
/* argv → struct trail_options, by a table that --help is made from too. */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "report/report.h"

static struct trail_error *set_format(struct trail_options *o, const char *argument)
{
	for (const struct trail_renderer *r = trail_renderers; r->name; r++)
		if (strcmp(r->name, argument) == 0) {
			o->format = r->name;
			return NULL;
		}
	return trail_error_format(TRAIL_ERROR_USAGE, "--format %s: there are text and json",
				  argument);
}

static struct trail_error *set_output(struct trail_options *o, const char *argument)
{
	o->output = argument;
	return NULL;
}

static struct trail_error *set_strict(struct trail_options *o, const char *argument)
{
	(void)argument;
	o->strict = true;
	return NULL;
}

static struct trail_error *set_redact(struct trail_options *o, const char *argument)
{
	(void)argument;
	o->redact = true;
	return NULL;
}

static struct trail_error *set_time_limit(struct trail_options *o, const char *argument)
{
	char *end;

	errno = 0;
	double seconds = strtod(argument, &end);
	if (end == argument || *end || errno || !(seconds > 0) || seconds > 1e9)
		return trail_error_format(TRAIL_ERROR_USAGE,
					  "--time-limit %s: wanted seconds, more than 0", argument);
	o->time_limit = seconds;
	return NULL;
}

static struct trail_error *set_color(struct trail_options *o, const char *argument)
{
	static const char *const names[] = { [TRAIL_COLOR_AUTO] = "auto",
					     [TRAIL_COLOR_ALWAYS] = "always",
					     [TRAIL_COLOR_NEVER] = "never" };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(names); i++)
		if (!argument || strcmp(names[i], argument) == 0) {
			o->color = argument ? (enum trail_color)i : TRAIL_COLOR_ALWAYS;
			return NULL;
		}
	return trail_error_format(TRAIL_ERROR_USAGE, "--color=%s: wanted auto, always or never",
				  argument);
}

static struct trail_error *set_nothing(struct trail_options *o, const char *argument)
{
	(void)o, (void)argument; /* a promise that holds anyhow: neither is used yet */
	return NULL;
}

static struct trail_error *set_help(struct trail_options *o, const char *argument)
{
	(void)argument;
	o->help = true;
	return NULL;
}

static struct trail_error *set_version(struct trail_options *o, const char *argument)
{
	(void)argument;
	o->version = true;
	return NULL;
}

/*
 * A row is an option of every verb; --help prints the rows in this order.
 * Covered by tests/cli/test_cli.py.
 */
/* clang-format off */
const struct trail_option trail_options_table[] = {
	{ "format",       0,   "FORMAT",  "text or json", set_format },
	{ "output",       'o', "FILE",    "write there instead of to stdout", set_output },
	{ "strict",       0,   NULL,      "exit with 4 when the answer is incomplete", set_strict },
	{ "redact",       0,   NULL,      "take out what tells whose machine it was", set_redact },
	{ "time-limit",   0,   "SECONDS", "read no longer than that; then exit with 5", set_time_limit },
	{ "color",        0,   "[WHEN]",  "auto, always or never; NO_COLOR is honoured", set_color },
	{ "no-debuginfo", 0,   NULL,      "look for no debuginfo", set_nothing },
	{ "no-cache",     0,   NULL,      "neither read nor write a cache", set_nothing },
	{ "help",         'h', NULL,      "this text", set_help },
	{ "version",      'V', NULL,      "the version", set_version },
	{ NULL },
};
/* clang-format on */

enum { OPTIONS_MAX = 32, FIRST_LONG = 256 };

struct trail_error *trail_options_parse(int argc, char **argv, struct trail_options *ret)
{
	struct option rows[OPTIONS_MAX + 1] = { 0 };
	char letters[2 * OPTIONS_MAX + 2] = ":", *letter = letters + 1;
	struct trail_options options = { .format = trail_renderers[0].name };
	int c;

	for (int i = 0; trail_options_table[i].name && i < OPTIONS_MAX; i++) {
		const struct trail_option *o = &trail_options_table[i];
		int has = !o->argument		  ? no_argument
			  : o->argument[0] == '[' ? optional_argument
						  : required_argument;

		rows[i] = (struct option){ o->name, has, NULL, FIRST_LONG + i };
		if (o->letter)
			*letter++ = o->letter;
		if (o->letter && o->argument)
			*letter++ = ':';
	}
	optind = 0;
	while ((c = getopt_long(argc, argv, letters, rows, NULL)) != -1) {
		const struct trail_option *o = trail_options_table;
		if (c == ':')
			return trail_error_format(TRAIL_ERROR_USAGE, "%s wants an argument",
						  argv[optind - 1]);
		while (o->name && c < FIRST_LONG && o->letter != c)
			o++;
		if (c == '?' && optopt && optopt < FIRST_LONG)
			return trail_error_format(TRAIL_ERROR_USAGE, "there is no option -%c",
						  optopt);
		if (c == '?' || !o->name)
			return trail_error_format(TRAIL_ERROR_USAGE,
						  "there is no option %s, or it takes no argument",
						  argv[optind - 1]);
		o = c < FIRST_LONG ? o : &trail_options_table[c - FIRST_LONG];
		struct trail_error *error = o->set(&options, optarg);
		if (error)
			return error;
	}
	options.inputs = argv + optind;
	options.n_inputs = argc - optind;
	*ret = options;
	return NULL;
}
