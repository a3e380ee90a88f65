/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail: parses the command line, runs its verb. */
#include <stdio.h>

#include "base/error.h"
#include "cli/common.h"
#include "cli/help.h"
#include "cli/options.h"
#include "report/plugins.h"
#include "report/report.h"

/*
 * A row is a verb.  To add one, write src/cli/cmd_VERB.c and name it here; it also wants a
 * paragraph in docs/panictrail.1.scd and a word in each file of completions/, which the tests of
 * tests/cli/ ask for.  Covered by tests/cli/test_cli.py.
 */
/* clang-format off */
const struct trail_verb trail_verbs[] = {
	{ "report", "INPUT...", "how far panic() got, and how every CPU was stopped (the default)", trail_cmd_report,
	  "Tells which stages of panic() ran, which panic notifiers were called, how each CPU was "
	  "stopped and where the trail ends. Every word rests on evidence that is named; what the "
	  "dump does not prove is unknown.",
	  "panictrail vmcore\npanictrail --format json vmcore | jq .verdict", trail_renderers },
	{ "log", "INPUT...", "the kernel's log, with time, level and task or CPU", trail_cmd_log,
	  "Prints the records of the kernel's log ring. Records that were lost and those whose writer "
	  "never finished are marked where they stand.",
	  "panictrail log --after-panic vmcore" },
	{ "facts", "INPUT...", "save all that was read, as JSON; the file is itself an INPUT", trail_cmd_facts,
	  "Writes what was read of the dump and every gap. The file gives the same report as the dump, on "
	  "any machine. With --redact it holds nothing that tells whose machine it was.",
	  "panictrail facts --redact vmcore -o facts.json\npanictrail facts.json" },
	{ "notifiers", "[INPUT...]", "what the kernel hooks into panic(), or what one dump had there", trail_cmd_notifiers,
	  "With INPUT: the panic notifiers of that dump in calling order, each with what became of "
	  "it, what it is for, what it takes and why it is a risk. Without: the same of every "
	  "callback that the kernel's own code hooks into the panic path.",
	  "panictrail notifiers vmcore\npanictrail notifiers" },
	{ "plugins", "", "the plugins there are, and why one is refused", trail_cmd_plugins,
	  "Loads each plugin in a process of its own and names it: where it is from, its ABI, the hash "
	  "of its file, how many rows it has. One that is refused is named with the reason.",
	  "panictrail plugins\npanictrail plugins --plugin-dir build", trail_plugins_renderers },
	{ "policy", "list|show|check [POLICY...]", "the policies there are, what one says, what is wrong with one", trail_cmd_policy,
	  "POLICY is the name of a policy, or a file. list names those that there are. show prints one "
	  "in full, with --origin where each value was set. check says all that is wrong with some. "
	  "Without POLICY it is what is in force on this machine: default and its drop-ins.",
	  "panictrail policy show --origin\npanictrail policy check my.yaml" },
	{ "rules", "[RULE...]", "what is judged: the table of the rules, or all of some", trail_cmd_rules,
	  "Prints the rules by which a crash is judged: what each demands or tells, and how bad a "
	  "finding is. With --explain also what it reads, what to do, and where it comes from. RULE "
	  "is an id or a name.",
	  "panictrail rules\npanictrail rules --explain PT201" },
	{ "what-if", "--order ORDER INPUT...", "the same crash under another order of panic()", trail_cmd_what_if,
	  "Shows the steps of panic() as they were beside those of another order: what would have run "
	  "before kdump, with how many CPUs stopped, and whether what went wrong would still have been "
	  "in the way. ORDER is all, or a model, some with options: filter=FUNCTION,..., piccoli=LEVEL, "
	  "mladek=post-hypervisor; the manual has them. What a proposal leaves open is shown as open.",
	  "panictrail what-if --order mladek=post-hypervisor vmcore\npanictrail what-if --order all vmcore" },
	{ "distill", "INPUT... -o FILE", "the smallest dump that still gives the same report", trail_cmd_distill,
	  "Writes only the pages that the report was read from, and no memory of user space. drgn and "
	  "\"crash --minimal\" open such a file, as far as its pages go; makedumpfile gives its log. With "
	  "--redact it holds of those pages only the bytes that were read, and nothing that tells whose "
	  "machine it was.",
	  "panictrail distill vmcore -o small\npanictrail distill --redact vmcore -o to-give-away" },
	{ NULL },
};
/* clang-format on */

static int usage(struct trail_error *error)
{
	struct trail_error *more = trail_error_format(TRAIL_ERROR_USAGE,
						      "%s; try panictrail --help", error->message);

	trail_error_free(error);
	return trail_cli_fail(TRAIL_EXIT_USAGE, more);
}

int main(int argc, char **argv)
{
	struct trail_options options;
	struct trail_error *error = trail_options_parse(argc, argv, &options);

	if (error)
		return usage(error);
	if (!options.help && !options.version)
		return options.verb->run(&options);
	if (options.help)
		trail_help_print(options.verb_given ? options.verb : NULL);
	else
		printf("panictrail %s\n", TRAIL_VERSION);
	return fflush(stdout) == 0 && !ferror(stdout) ? TRAIL_EXIT_OK : TRAIL_EXIT_INTERNAL;
}
