/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: verbs and options are rows of two tables. */
#ifndef TRAIL_CLI_OPTIONS_H
#define TRAIL_CLI_OPTIONS_H

#include "base/base.h"

struct trail_error;
struct trail_renderer;
struct trail_text;
struct trail_verb;

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

enum { TRAIL_PLUGIN_DIRS_MAX = 8 };

struct trail_options {
	const char *format; /* of --format */
	const char *output; /* of -o; NULL is stdout */
	bool strict;
	const char *policy;  /* name or path; NULL: what is in force on this machine */
	const char *fail_on; /* one of trail_fail_on_names; NULL: as the policy says */
	bool explain;	     /* report: the commands of other tools beside the evidence */
	bool after_panic;    /* log: only the panic line and what follows it */
	const char *order;   /* what-if: of --order */
	bool redact;
	bool origin;	   /* policy: where each value was set */
	double time_limit; /* seconds; 0 for none */
	enum trail_color color;
	bool no_pager;
	bool no_cache;
	const char *cache_dir, *profile;
	bool no_plugins;
	const char *plugin_dirs[TRAIL_PLUGIN_DIRS_MAX];
	size_t n_plugin_dirs; /* 0: the installed one */
	bool without_symbols; /* distill: leave out what a profile answers */
	bool help, version;
	const struct trail_verb *verb; /* the first of the table where none is given */
	bool verb_given;
	char *const *inputs; /* what follows the verb */
	int n_inputs;
};

/** One option; the table ends with a row without a name. */
struct trail_option {
	const char *name;     /* without the dashes */
	char letter;	      /* 0 for none */
	const char *argument; /* its name in the help; NULL for none, in brackets when optional */
	const char *help;     /* NULL: the formats of the verb */
	struct trail_error *(*set)(struct trail_options *options, const char *argument);
	const char *verbs; /* those that take it, with a space between; NULL for all */
};

/** One verb; the table ends with a row without a name; the first is the default. */
struct trail_verb {
	const char *name;
	const char *arguments, *help; /* help: one line, for the overview */
	int (*run)(const struct trail_options *options);
	const char *about;		      /* what it does, in two sentences or so */
	const char *example;		      /* a command line; more with a newline between */
	const struct trail_renderer *formats; /* of --format; NULL: text and json */
};

extern const struct trail_option trail_options_table[];
extern const struct trail_verb trail_verbs[];

/** Parse a command line; the verb is its first word.  Errors: USAGE. */
struct trail_error *trail_options_parse(int argc, char **argv,
					struct trail_options *ret) TRAIL_MUST_CHECK;

bool trail_option_has_verb(const struct trail_option *option, const char *verb);

/** The error when a verb does not take an option, which names those that do; else NULL. */
struct trail_error *trail_option_check(const struct trail_option *option,
				       const char *verb) TRAIL_MUST_CHECK;

/** The formats of a verb; the first is the default. */
const struct trail_renderer *trail_verb_formats(const struct trail_verb *verb);

/** Append them, "text, json or line". */
void trail_verb_list_formats(const struct trail_verb *verb, struct trail_text *out);

int trail_cmd_facts(const struct trail_options *options);
int trail_cmd_notifiers(const struct trail_options *options);
int trail_cmd_report(const struct trail_options *options);
int trail_cmd_log(const struct trail_options *options);
int trail_cmd_plugins(const struct trail_options *options);
int trail_cmd_policy(const struct trail_options *options);
int trail_cmd_rules(const struct trail_options *options);
int trail_cmd_what_if(const struct trail_options *options);
int trail_cmd_distill(const struct trail_options *options);

#endif
