/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail facts: save all that was read; the file is itself an input. */
#include "base/error.h"
#include "base/text.h"
#include "cli/common.h"
#include "cli/inputs.h"
#include "facts/facts.h"

int trail_cmd_facts(const struct trail_options *options)
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = NULL;
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	bool limit = false;

	struct trail_error *error = trail_cli_read(options, &facts, &limit);
	if (error)
		return trail_cli_fail(trail_cli_status(error), error);
	/* a report of the file must not call complete what is not */
	if (limit && !facts->n_gaps &&
	    !trail_facts_add_gap(facts, "input", "the time limit ended the reading"))
		error = &trail_error_nomem;
	if (!error)
		error = trail_facts_save(facts, &text);
	if (!error)
		error = trail_cli_write(options, &text);
	if (error)
		return trail_cli_fail(TRAIL_EXIT_INTERNAL, error);
	if (limit)
		return TRAIL_EXIT_INTERNAL;
	bool complete = facts->complete && !facts->n_gaps;
	return options->strict && !complete ? TRAIL_EXIT_INCOMPLETE : TRAIL_EXIT_OK;
}
