/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The INPUTs of the command line → facts; each is told by its content. */
#ifndef TRAIL_CLI_INPUTS_H
#define TRAIL_CLI_INPUTS_H

#include "base/base.h"
#include "cli/options.h"
#include "timeline/incidents.h"

struct trail_error;
struct trail_facts;

/**
 * Read all that is named and sort it by crash: dumps, records of pstore and raw regions with such,
 * logs, saved facts, directories with any of these; with --redact, redact it and say on stderr what
 * was taken out.  Of several inputs one that cannot be read is a gap.
 *
 * @ret        at least one; to be ended with trail_incidents_fini()
 * @limit_ret  true when the time limit ended the reading
 *
 * Errors: OS, UNSUPPORTED, ABSENT, BAD_DATA, LIMIT (nothing can be read), NOMEM, USAGE (none is
 * named, or the output is an input).
 */
struct trail_error *trail_cli_read_all(const struct trail_options *options,
				       struct trail_incidents *ret,
				       bool *limit_ret) TRAIL_MUST_CHECK;

/**
 * The same of one crash.
 *
 * @facts_ret  owned by the caller
 *
 * Errors: those of trail_cli_read_all(), and USAGE where the inputs are of several crashes.
 */
struct trail_error *trail_cli_read(const struct trail_options *options,
				   struct trail_facts **facts_ret,
				   bool *limit_ret) TRAIL_MUST_CHECK;

#endif
