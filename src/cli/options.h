/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: verbs and options are rows of two tables. */
#ifndef TRAIL_CLI_OPTIONS_H
#define TRAIL_CLI_OPTIONS_H

#include "base/base.h"

struct trail_error;

/** Exit statuses, a promise to scripts; the first that applies of 2, 3, 5, 4, 1, 0. */
enum trail_exit {
	TRAIL_EXIT_OK = 0,
	TRAIL_EXIT_FINDINGS = 1,
	TRAIL_EXIT_USAGE = 2,
	TRAIL_EXIT_INPUT = 3,
	TRAIL_EXIT_INCOMPLETE = 4,
	TRAIL_EXIT_INTERNAL = 5,
};

enum trail_color { TRAIL_COLOR_AUTO, TRAIL_COLOR_ALWAYS, TRAIL_COLOR_NEVER };

struct trail_options {
	const char *format; /* of --format */
	const char *output; /* of -o; NULL is stdout */
	bool strict;
	double time_limit; /* seconds; 0 for none */
	enum trail_color color;
	bool help, version;
	char *const *inputs;
	int n_inputs;
};

/** One option; the table ends with a row without a name. */
struct trail_option {
	const char *name;     /* without the dashes */
	char letter;	      /* 0 for none */
	const char *argument; /* its name in the help; NULL for none, in brackets when optional */
	const char *help;
	struct trail_error *(*set)(struct trail_options *options, const char *argument);
};

/** One verb; the table ends with a row without a name; the first is the default. */
struct trail_verb {
	const char *name;
	const char *arguments, *help;
	int (*run)(const struct trail_options *options);
};

extern const struct trail_option trail_options_table[];
extern const struct trail_verb trail_verbs[];

/** Parse what follows the verb.  Errors: USAGE. */
struct trail_error *trail_options_parse(int argc, char **argv,
					struct trail_options *ret) TRAIL_MUST_CHECK;

int trail_cmd_report(const struct trail_options *options);
int trail_cmd_distill(const struct trail_options *options);

#endif
