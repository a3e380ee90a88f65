/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verbs share: reading the input, saying what failed, writing the answer. */
#ifndef TRAIL_CLI_COMMON_H
#define TRAIL_CLI_COMMON_H

#include "base/base.h"
#include "cli/options.h"

struct trail_error;
struct trail_facts;
struct trail_redactions;
struct trail_renderer;
struct trail_report;
struct trail_image;
struct trail_input;
struct trail_cli_progress;
struct trail_text;

/** Print an error, which is freed, as one line on stderr; gives @status, or INTERNAL when memory
 * ran out. */
int trail_cli_fail(int status, struct trail_error *error);

/**
 * Open the dump of the command line: a file, the one that a crash directory holds, or the files of
 * a split dump.
 *
 * @progress   started; must stay where it is until the image is closed
 * @input      the files; to be ended with trail_input_fini() when the image is closed
 * @image_ret  owned by the caller
 *
 * Errors: OS, UNSUPPORTED, ABSENT, BAD_DATA, LIMIT (it cannot be read at all), NOMEM, USAGE
 * (none is named, several that are not of a split dump, or the output is the input).
 */
struct trail_error *trail_cli_open(const struct trail_options *options,
				   struct trail_cli_progress *progress, struct trail_input *input,
				   struct trail_image **image_ret) TRAIL_MUST_CHECK;

/** One INPUT at least, else an error: USAGE. */
struct trail_error *trail_cli_check_inputs(const struct trail_options *options) TRAIL_MUST_CHECK;

bool trail_cli_is_same_file(const char *one, const char *other);

/** An output that is the input would end as neither.  Errors: USAGE. */
struct trail_error *trail_cli_check_output(const struct trail_options *options,
					   const char *input) TRAIL_MUST_CHECK;

/** Where a dump is unpacked or rearranged. */
const char *trail_cli_tmpdir(void);

/** When the time limit ends the reading, in seconds of the monotonic clock; 0 for never. */
double trail_cli_deadline(const struct trail_options *options);

/** Say on stderr how often each kind was taken out, so that nobody believes in more than was done.
 */
void trail_cli_say_redactions(const struct trail_redactions *redactions);

/** Write to --output or stdout.  Errors: OS. */
struct trail_error *trail_cli_write(const struct trail_options *options,
				    const struct trail_text *text) TRAIL_MUST_CHECK;

/** Render a report in the format that was asked for, and write it: gives the exit status. */
int trail_cli_render(const struct trail_options *options, const struct trail_renderer *renderers,
		     const struct trail_report *report);

/**
 * All of a verb that reads one input and renders it: gives the exit status.
 * @complete  of the facts alone; NULL: no gap, and the file is whole
 */
int trail_cli_show(const struct trail_options *options, const struct trail_renderer *renderers,
		   bool (*complete)(const struct trail_facts *facts));

/** Exit status of an error of reading. */
int trail_cli_status(const struct trail_error *error);

bool trail_cli_color(const struct trail_options *options);

/** Columns of the terminal; 0 when the output is none. */
size_t trail_cli_width(const struct trail_options *options);

#endif
