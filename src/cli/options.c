/* SPDX-License-Identifier: GPL-2.0-or-later */
/* argv → struct trail_options, by a table that --help is made from too. */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/nearest.h"
#include "base/text.h"
#include "policy/policy.h"
#include "report/report.h"

static struct trail_error *set_format(struct trail_options *o, const char *argument)
{
	o->format = argument; /* which there are is the verb's, which is not known yet */
	return NULL;
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

static struct trail_error *set_policy(struct trail_options *o, const char *argument)
{
	o->policy = argument;
	return NULL;
}

static struct trail_error *set_fail_on(struct trail_options *o, const char *argument)
{
	struct trail_nearest near = { .word = argument };

	for (size_t i = 0; i < TRAIL_N_SEVERITIES; i++) {
		trail_nearest_consider(&near, trail_fail_on_names[i]);
		if (strcmp(trail_fail_on_names[i], argument) == 0)
			o->fail_on = trail_fail_on_names[i];
	}
	if (o->fail_on)
		return NULL;
	return trail_error_format(TRAIL_ERROR_USAGE,
				  "--fail-on %s: wanted error, warning, note or never%s%s%s",
				  argument, near.name ? " (did you mean " : "",
				  near.name ? near.name : "", near.name ? "?)" : "");
}

static struct trail_error *set_explain(struct trail_options *o, const char *argument)
{
	(void)argument;
	o->explain = true;
	return NULL;
}

static struct trail_error *set_origin(struct trail_options *o, const char *argument)
{
	(void)argument;
	o->origin = true;
	return NULL;
}

static struct trail_error *set_order(struct trail_options *o, const char *argument)
{
	o->order = argument;
	return NULL;
}

static struct trail_error *set_after_panic(struct trail_options *o, const char *argument)
{
	(void)argument;
	o->after_panic = true;
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

static struct trail_error *set_no_pager(struct trail_options *o, const char *argument)
{
	(void)argument;
	o->no_pager = true;
	return NULL;
}

static struct trail_error *set_no_cache(struct trail_options *o, const char *argument)
{
	(void)argument;
	o->no_cache = true;
	return NULL;
}

static struct trail_error *set_cache_dir(struct trail_options *o, const char *argument)
{
	o->cache_dir = argument;
	return NULL;
}

static struct trail_error *set_profile(struct trail_options *o, const char *argument)
{
	o->profile = argument;
	return NULL;
}

static struct trail_error *set_plugin_dir(struct trail_options *o, const char *argument)
{
	if (!*argument || o->n_plugin_dirs == TRAIL_PLUGIN_DIRS_MAX)
		return trail_error_format(TRAIL_ERROR_USAGE, "--plugin-dir: wanted %s",
					  *argument ? "at most 8 directories" : "a directory");
	o->plugin_dirs[o->n_plugin_dirs++] = argument;
	return NULL;
}

static struct trail_error *set_no_plugins(struct trail_options *o, const char *argument)
{
	(void)argument;
	o->no_plugins = true;
	return NULL;
}

static struct trail_error *set_without_symbols(struct trail_options *o, const char *argument)
{
	(void)argument;
	o->without_symbols = true;
	return NULL;
}

static struct trail_error *set_nothing(struct trail_options *o, const char *argument)
{
	(void)o, (void)argument; /* a promise that holds anyhow: none is used yet */
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
 * A row is an option; --help prints the rows in this order.  The last column names the verbs that
 * take it, with a space between; without it all do.  The completions are made from the table, the
 * values of an argument from the start of its help; a new row also wants a paragraph in
 * docs/panictrail.1.scd, which tests/cli/test_docs.py asks for.  Covered by tests/cli and
 * tests/unit/test_options.c.
 */
/* clang-format off */
const struct trail_option trail_options_table[] = {
	{ "format",       0,   "FORMAT",  NULL, set_format, "report log notifiers what-if policy rules plugins" },
	{ "output",       'o', "FILE",    "write there instead of to stdout", set_output },
	{ "policy",       0,   "POLICY",  "judge by the policy of that name, or in that file", set_policy, "report" },
	{ "fail-on",      0,   "SEVERITY", "error, warning, note or never: exit with 1 from there on", set_fail_on, "report" },
	{ "explain",      0,   NULL,      "how crash and drgn show the same; of a rule, all of it", set_explain, "report rules" },
	{ "after-panic",  0,   NULL,      "the panic line and what follows it", set_after_panic, "log" },
	{ "origin",       0,   NULL,      "where each value of the policy was set", set_origin, "policy" },
	{ "order",        0,   "ORDER",   "all, vanilla, post-notifiers, two-parameters, mladek, piccoli, mladek-counter, mladek-four-lists, mladek-two-lists or filter: what to compare with", set_order, "what-if" },
	{ "strict",       0,   NULL,      "exit with 4 when the answer is incomplete", set_strict },
	{ "redact",       0,   NULL,      "take out what tells whose machine it was", set_redact, "report facts log notifiers what-if distill" },
	{ "without-symbols", 0, NULL,     "leave out what the kernel's profile holds", set_without_symbols, "distill" },
	{ "time-limit",   0,   "SECONDS", "read no longer than that; then exit with 5", set_time_limit },
	{ "color",        0,   "[WHEN]",  "auto, always or never; NO_COLOR is honoured", set_color, "report log notifiers what-if policy plugins" },
	{ "no-pager",     0,   NULL,      "show long text without a pager", set_no_pager, "report log notifiers what-if policy plugins" },
	{ "no-debuginfo", 0,   NULL,      "look for no debuginfo", set_nothing },
	{ "profile",      0,   "FILE",    "what a kernel of this build answered before", set_profile },
	{ "cache-dir",    0,   "DIR",     "keep profiles of kernels there", set_cache_dir },
	{ "no-cache",     0,   NULL,      "neither read nor write a cache", set_no_cache },
	{ "plugin-dir",   0,   "DIR",     "take the plugins of that directory, not the installed ones", set_plugin_dir, "report facts notifiers what-if plugins" },
	{ "no-plugins",   0,   NULL,      "ask no plugins", set_no_plugins, "report facts notifiers what-if" },
	{ "help",         'h', NULL,      "this help", set_help },
	{ "version",      'V', NULL,      "the version", set_version },
	{ NULL },
};
/* clang-format on */

enum { OPTIONS_MAX = 32, FIRST_LONG = 256 };

bool trail_option_has_verb(const struct trail_option *option, const char *verb)
{
	size_t length = strlen(verb);

	for (const char *p = option->verbs; p && *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		if (n == length && memcmp(p, verb, n) == 0)
			return true;
		p += n;
	}
	return !option->verbs;
}

struct trail_error *trail_option_check(const struct trail_option *option, const char *verb)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text verbs = { 0 };

	if (trail_option_has_verb(option, verb))
		return NULL;
	for (const char *p = option->verbs; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		bool first = p == option->verbs, last = !p[n];
		trail_text_puts(&verbs, first ? "" : last ? " and " : ", ");
		trail_text_add(&verbs, p, n);
		p += n;
	}
	return trail_error_format(TRAIL_ERROR_USAGE, "%s takes no --%s; %s %s", verb, option->name,
				  trail_text_string(&verbs),
				  strchr(option->verbs, ' ') ? "do" : "does");
}

const struct trail_renderer *trail_verb_formats(const struct trail_verb *verb)
{
	return verb->formats ? verb->formats : trail_log_renderers;
}

void trail_verb_list_formats(const struct trail_verb *verb, struct trail_text *out)
{
	for (const struct trail_renderer *r = trail_verb_formats(verb); r->name; r++)
		trail_text_printf(out, "%s%s",
				  r == trail_verb_formats(verb) ? ""
				  : r[1].name			? ", "
								: " or ",
				  r->name);
}

static struct trail_error *check_format(const struct trail_options *o)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text formats = { 0 };

	for (const struct trail_renderer *r = trail_verb_formats(o->verb); r->name; r++)
		if (strcmp(r->name, o->format) == 0)
			return NULL;
	trail_verb_list_formats(o->verb, &formats);
	return trail_error_format(TRAIL_ERROR_USAGE, "--format %s: %s gives %s", o->format,
				  o->verb->name, trail_text_string(&formats));
}

/* An option that getopt_long() does not know, or knows to take no argument. */
static struct trail_error *unknown_option(const char *word)
{
	TRAIL_CLEANUP(trail_freep) char *name = strndup(word, strcspn(word, "="));

	if (!name)
		return &trail_error_nomem;
	if (optopt && optopt < FIRST_LONG)
		return trail_error_format(TRAIL_ERROR_USAGE, "there is no option -%c", optopt);
	if (optopt)
		return trail_error_format(TRAIL_ERROR_USAGE, "%s takes no argument", name);
	struct trail_nearest near = { .word = name + 2 };
	for (const struct trail_option *o = trail_options_table; o->name; o++) {
		if (trail_starts_with(o->name, near.word)) /* getopt takes one such as it is */
			return trail_error_format(TRAIL_ERROR_USAGE,
						  "%s is the start of several options", name);
		trail_nearest_consider(&near, o->name);
	}
	return trail_error_format(TRAIL_ERROR_USAGE, "there is no option %s%s%s%s", name,
				  near.name ? " (did you mean --" : "", near.name ? near.name : "",
				  near.name ? "?)" : "");
}

static const struct trail_verb *verb_named(const char *name)
{
	const struct trail_verb *v = trail_verbs;

	while (v->name && strcmp(v->name, name) != 0)
		v++;
	return v->name ? v : NULL;
}

/*
 * Was the word meant as a verb?  Then it is not one, an error.  A name that could be a file's is
 * taken for one unless there is none and it is nearly a verb, or an input follows it.
 */
static struct trail_error *unknown_verb(const char *word, bool is_verb, bool more)
{
	struct trail_nearest near = { .word = word };

	for (const struct trail_verb *v = trail_verbs; v->name; v++)
		trail_nearest_consider(&near, v->name);
	trail_nearest_consider(&near, "help");
	bool is_plain = word[0] >= 'a' && word[0] <= 'z' && !strpbrk(word, "./_0123456789");
	if (!is_verb && (!is_plain || access(word, F_OK) == 0 || !(near.name || more)))
		return NULL;
	if (near.name)
		return trail_error_format(TRAIL_ERROR_USAGE,
					  "there is no verb %s%s (did you mean %s?)", word,
					  is_verb ? "" : ", and no such file", near.name);
	return trail_error_format(TRAIL_ERROR_USAGE, "there is no verb %s%s", word,
				  is_verb ? "" : ", and no such file");
}

/* Take the verb off the words: "VERB …", "help", "help VERB", or none of these. */
static struct trail_error *take_verb(struct trail_options *o)
{
	bool help = o->n_inputs && strcmp(o->inputs[0], "help") == 0;

	if (help) {
		o->help = true;
		o->inputs++;
		o->n_inputs--;
	}
	const char *word = o->n_inputs ? o->inputs[0] : NULL;
	const struct trail_verb *verb = word ? verb_named(word) : NULL;
	if (!verb)
		return word && strcmp(word, "help") != 0 ? unknown_verb(word, help, o->n_inputs > 1)
							 : NULL;
	o->verb = verb;
	o->verb_given = true;
	o->inputs++;
	o->n_inputs--;
	return NULL;
}

static void make_rows(struct option *rows, char *letters)
{
	*letters++ = ':';
	for (int i = 0; trail_options_table[i].name && i < OPTIONS_MAX; i++) {
		const struct trail_option *o = &trail_options_table[i];
		int has = !o->argument		  ? no_argument
			  : o->argument[0] == '[' ? optional_argument
						  : required_argument;

		rows[i] = (struct option){ o->name, has, NULL, FIRST_LONG + i };
		if (o->letter)
			*letters++ = o->letter;
		if (o->letter && o->argument)
			*letters++ = ':';
	}
}

static int row_of(int c)
{
	int i = c - FIRST_LONG;

	if (c < FIRST_LONG)
		for (i = 0; trail_options_table[i].letter != c; i++)
			;
	return i;
}

struct trail_error *trail_options_parse(int argc, char **argv, struct trail_options *ret)
{
	struct option rows[OPTIONS_MAX + 1] = { 0 };
	char letters[2 * OPTIONS_MAX + 2] = "";
	struct trail_options options = { .format = trail_renderers[0].name, .verb = trail_verbs };
	bool given[OPTIONS_MAX] = { 0 };
	struct trail_error *error = NULL;
	int c;

	make_rows(rows, letters);
	optind = 0;
	while (!error && (c = getopt_long(argc, argv, letters, rows, NULL)) != -1) {
		if (c == ':')
			return trail_error_format(TRAIL_ERROR_USAGE, "%s wants an argument",
						  argv[optind - 1]);
		if (c == '?')
			return unknown_option(argv[optind - 1]);
		given[row_of(c)] = true;
		error = trail_options_table[row_of(c)].set(&options, optarg);
	}
	if (error)
		return error;
	options.inputs = argv + optind;
	options.n_inputs = argc - optind;
	/* after "--" first of all no verb is looked for: so a file of a verb's name can be given */
	if (argc < 2 || strcmp(argv[1], "--") != 0)
		error = take_verb(&options);
	for (int i = 0; !error && trail_options_table[i].name; i++)
		if (given[i])
			error = trail_option_check(&trail_options_table[i], options.verb->name);
	if (!error)
		error = check_format(&options);
	if (!error)
		*ret = options;
	return error;
}
