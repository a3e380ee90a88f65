/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail distill: read the facts, and write the pages that they were read from. */
#include <stdlib.h>

#include "base/error.h"
#include "cli/common.h"
#include "cli/progress.h"
#include "collect/collect.h"
#include "facts/facts.h"
#include "kernel/kernel.h"
#include "kernel/touch.h"
#include "source/distill.h"
#include "source/image.h"

static struct trail_error *read_all(const struct trail_options *options, const char *path,
				    struct trail_image *image)
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = trail_facts_new();
	TRAIL_CLEANUP(trail_kernel_freep) struct trail_kernel *kernel = NULL;

	if (!facts)
		return &trail_error_nomem;
	trail_image_keep_pages(image);
	struct trail_error *error = trail_collect(image, facts);
	if (!error)
		error = trail_kernel_new(image, &kernel);
	if (!error)
		trail_kernel_touch(kernel);
	if (!error && trail_image_is_late(image))
		error = trail_error_format(TRAIL_ERROR_LIMIT,
					   "%s: not all was read in %g s, so nothing is written",
					   path, options->time_limit);
	return error;
}

static int fail(struct trail_error *error)
{
	int status = error->code == TRAIL_ERROR_LIMIT ? TRAIL_EXIT_INTERNAL
						      : trail_cli_status(error);

	return trail_cli_fail(status, error);
}

int trail_cmd_distill(const struct trail_options *options)
{
	TRAIL_CLEANUP(trail_freep) char *file = NULL;
	TRAIL_CLEANUP(trail_image_closep) struct trail_image *image = NULL;
	struct trail_cli_progress progress;
	const char *input = NULL;

	trail_cli_progress_start(&progress);
	struct trail_error *error = trail_cli_input(options, &input);
	if (!error && !options->output)
		error = trail_error_format(TRAIL_ERROR_USAGE, "distill wants -o FILE");
	if (!error)
		error = trail_cli_open(options, input, &progress, &file, &image);
	if (!error)
		error = read_all(options, file, image);
	trail_cli_progress_end(&progress);
	if (error)
		return fail(error);
	error = trail_distill(image, options->output);
	if (error)
		return trail_cli_fail(error->code == TRAIL_ERROR_USAGE ? TRAIL_EXIT_USAGE
								       : TRAIL_EXIT_INTERNAL,
				      error);
	return options->strict && trail_image_incomplete(image) ? TRAIL_EXIT_INCOMPLETE
								: TRAIL_EXIT_OK;
}
