/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --help, made from the tables of verbs and options; see help.h. */
#include "cli/help.h"

#include <stdio.h>

#include "base/text.h"

enum { WIDTH = 80, LEFT = 28 };

/* Break @text between words; the first line goes on at @column, the others start at @indent. */
static void print_wrapped(const char *text, int column, int indent)
{
	int start = column;

	while (*text) {
		int n = (int)strcspn(text, " ");
		if (column > start && column + 1 + n > WIDTH) {
			printf("\n%*s", indent, "");
			column = start = indent;
		}
		column += printf("%s%.*s", column > start ? " " : "", n, text);
		text += n + strspn(text + n, " ");
	}
	putchar('\n');
}

/* Two columns; the right one goes on a line of its own where the left is long. */
static void print_row(const char *left, const char *right)
{
	int n = printf("  %s", left);

	if (n > LEFT - 1) {
		putchar('\n');
		n = 0;
	}
	printf("%*s", LEFT - n, "");
	print_wrapped(right, LEFT, LEFT);
}

static void print_verb_row(const char *name, const char *arguments, const char *help)
{
	char left[64];

	snprintf(left, sizeof(left), "%s %s", name, arguments);
	print_row(left, help);
}

static void print_option(const struct trail_verb *verb, const struct trail_option *o)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text formats = { 0 };
	const char *a = o->argument ? o->argument : "";
	bool optional = a[0] == '[';
	char left[64];

	snprintf(left, sizeof(left), "%c%c%c --%s%s%.*s%s", o->letter ? '-' : ' ',
		 o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name,
		 optional      ? "[="
		 : o->argument ? " "
			       : "",
		 optional ? (int)strlen(a) - 2 : (int)strlen(a), a + optional, optional ? "]" : "");
	if (!o->help)
		trail_verb_list_formats(verb, &formats);
	print_row(left, o->help ? o->help : trail_text_string(&formats));
}

static void print_overview(void)
{
	printf("Usage: panictrail [VERB] [OPTION...] INPUT...\n\n"
	       "What a dead Linux kernel did between the bug and the dump.\n\nVerbs:\n");
	for (const struct trail_verb *v = trail_verbs; v->name; v++)
		print_verb_row(v->name, v->arguments, v->help);
	print_verb_row("help", "[VERB]", "this text, or that of a verb");
	printf("\nINPUT is a vmcore (ELF, kdump-compressed, flattened, of QEMU; also in gzip, xz,\n"
	       "zstd or lz4), the files of a split one, a crash directory that holds one, or\n"
	       "saved facts; what it is is told by its content.\n\n"
	       "Exit status:\n");
	print_row("0", "done");
	print_row("1", "a finding is as bad as --fail-on, or an error");
	print_row("2", "wrong usage, or a policy that is wrong");
	print_row("3", "the input could not be read");
	print_row("4", "with --strict: the answer is incomplete");
	print_row("5", "our own error, a failed write, or the time limit was reached");
	printf("\nRead on: \"panictrail VERB --help\" for the options of a verb, \"man panictrail\"\n"
	       "for all of it with examples; \"panictrail --version\" for the version.\n");
}

static void print_verb(const struct trail_verb *verb)
{
	bool is_default = verb == trail_verbs;

	printf("Usage: panictrail %s%s%s [OPTION...] %s\n\n", is_default ? "[" : "", verb->name,
	       is_default ? "]" : "", verb->arguments);
	print_wrapped(verb->about ? verb->about : verb->help, 0, 0);
	printf("\nOptions:\n");
	for (const struct trail_option *o = trail_options_table; o->name; o++)
		if (trail_option_has_verb(o, verb->name))
			print_option(verb, o);
	if (!verb->example)
		return;
	printf("\nExample:\n");
	for (const char *line = verb->example; *line; line += strspn(line, "\n")) {
		int n = (int)strcspn(line, "\n");
		printf("  %.*s\n", n, line);
		line += n;
	}
}

void trail_help_print(const struct trail_verb *verb)
{
	if (verb)
		print_verb(verb);
	else
		print_overview();
}
