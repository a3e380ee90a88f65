/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail: finds the verb, parses its options, runs it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "cli/options.h"

/*
 * A row is a verb.  To add one, write src/cli/cmd_VERB.c and name it here.
 * Covered by tests/cli/test_cli.py.
 */
/* clang-format off */
const struct trail_verb trail_verbs[] = {
	{ "report", "INPUT", "how far panic() got, and how every CPU was stopped (the default)", trail_cmd_report },
	{ "distill", "INPUT -o FILE", "the smallest dump that still gives the same report", trail_cmd_distill },
	{ NULL },
};
/* clang-format on */

static void print_help(void)
{
	printf("panictrail: what a dead Linux kernel did between the bug and the dump\n\n");
	for (const struct trail_verb *v = trail_verbs; v->name; v++)
		printf("  panictrail %s%s%s [OPTION...] %s\n      %s\n",
		       v == trail_verbs ? "[" : "", v->name, v == trail_verbs ? "]" : "",
		       v->arguments, v->help);
	printf("\nINPUT is a vmcore (ELF, kdump-compressed, flattened, of QEMU) or a crash\n"
	       "directory that holds one; what it is is told by its content.\n\nOptions:\n");
	for (const struct trail_option *o = trail_options_table; o->name; o++) {
		char left[40];
		const char *a = o->argument ? o->argument : "";
		bool optional = a[0] == '[';

		snprintf(left, sizeof(left), "%c%c%s --%s%s%.*s%s", o->letter ? '-' : ' ',
			 o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
			 optional      ? "[="
			 : o->argument ? " "
				       : "",
			 optional ? (int)strlen(a) - 2 : (int)strlen(a), a + optional,
			 optional ? "]" : "");
		printf("  %-26s %s\n", left, o->help);
	}
	printf("\nExit status: 0 done; 2 wrong usage; 3 the input could not be read;\n"
	       "4 with --strict: the answer is incomplete; 5 our own error, a failed write,\n"
	       "or the time limit was reached.\n");
}

int main(int argc, char **argv)
{
	const struct trail_verb *verb = trail_verbs;
	struct trail_options options;

	if (argc > 1)
		for (const struct trail_verb *v = trail_verbs; v->name; v++)
			if (strcmp(argv[1], v->name) == 0) {
				verb = v;
				argv[1] = argv[0];
				argc--;
				argv++;
				break;
			}
	struct trail_error *error = trail_options_parse(argc, argv, &options);
	if (error) {
		fprintf(stderr, "panictrail: %s; try panictrail --help\n", error->message);
		trail_error_free(error);
		return TRAIL_EXIT_USAGE;
	}
	if (options.help || options.version) {
		if (options.help)
			print_help();
		else
			printf("panictrail %s\n", TRAIL_VERSION);
		return fflush(stdout) == 0 && !ferror(stdout) ? TRAIL_EXIT_OK : TRAIL_EXIT_INTERNAL;
	}
	return verb->run(&options);
}
