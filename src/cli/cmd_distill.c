/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail distill: read the facts, and write the pages that they were read from. */
#include <stdio.h>

#include "base/error.h"
#include "cli/common.h"
#include "cli/profiles.h"
#include "cli/progress.h"
#include "collect/collect.h"
#include "facts/facts.h"
#include "facts/redact.h"
#include "kernel/kernel.h"
#include "kernel/touch.h"
#include "source/distill.h"
#include "source/image.h"
#include "source/input.h"

static void put(void *image, uint64_t address, const char *bytes, size_t n)
{
	trail_image_keep(image, address, bytes, n);
}

/* Read all that a report rests on, and what other tools want; the image notes the pages. */
static struct trail_error *read_all(const struct trail_options *options, struct trail_image *image,
				    struct trail_profile_store *store, struct trail_redactions *ret)
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = trail_facts_new();
	TRAIL_CLEANUP(trail_kernel_freep) struct trail_kernel *kernel = NULL;
	/* what was redacted once stays so */
	bool redacts = options->redact || trail_image_is_redacted(image);

	if (!facts)
		return &trail_error_nomem;
	struct trail_error *error = trail_image_keep_pages(image, redacts);
	if (!error)
		error = trail_collect(image, store, facts);
	if (!error)
		error = trail_kernel_new(image, store, &kernel);
	if (!error)
		trail_kernel_touch(kernel);
	if (!error && trail_image_is_late(image))
		error = trail_error_format(TRAIL_ERROR_LIMIT,
					   "%s: not all was read in %g s, so nothing is written",
					   trail_image_path(image), options->time_limit);
	*ret = (struct trail_redactions){ 0 };
	facts->path = NULL; /* a dump does not hold it */
	facts->n_parts = 0;
	return !error && redacts ? trail_facts_redact(facts, put, image, ret) : error;
}

/*
 * First everything, so that the profile has all answers, then again what is
 * read with them at hand.
 */
static struct trail_error *read_with_profile(const struct trail_options *options,
					     struct trail_image *image,
					     struct trail_redactions *ret)
{
	struct trail_cli_profiles profiles;

	trail_cli_profiles_start(options, &profiles);
	profiles.store.hold = true;
	struct trail_error *error = read_all(options, image, &profiles.store, ret);
	if (!error && !profiles.store.path)
		error = trail_error_format(
			TRAIL_ERROR_USAGE,
			"%s: without symbols it wants a profile of its kernel, and none could be "
			"kept; try --cache-dir",
			trail_image_path(image));
	if (!error)
		error = read_all(options, image, &profiles.store, ret);
	if (!error)
		fprintf(stderr, "panictrail: %s: to be read with --profile %s\n", options->output,
			profiles.store.path);
	trail_cli_profiles_end(&profiles);
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
	TRAIL_CLEANUP(trail_input_fini) struct trail_input input = { 0 };
	TRAIL_CLEANUP(trail_image_closep) struct trail_image *image = NULL;
	struct trail_profile_store nothing = { 0 }; /* all of the report's pages are wanted */
	struct trail_redactions redactions;
	struct trail_cli_progress progress;
	struct trail_error *error = NULL;

	trail_cli_progress_start(&progress);
	if (options->n_inputs && !options->output)
		error = trail_error_format(TRAIL_ERROR_USAGE, "distill wants -o FILE");
	if (!error)
		error = trail_cli_open(options, &progress, &input, &image);
	if (!error && options->without_symbols)
		error = read_with_profile(options, image, &redactions);
	else if (!error)
		error = read_all(options, image, &nothing, &redactions);
	trail_cli_progress_end(&progress);
	if (error)
		return fail(error);
	error = trail_distill(image, options->output);
	if (error)
		return trail_cli_fail(error->code == TRAIL_ERROR_USAGE ? TRAIL_EXIT_USAGE
								       : TRAIL_EXIT_INTERNAL,
				      error);
	if (options->redact)
		trail_cli_say_redactions(&redactions);
	return options->strict && trail_image_incomplete(image, 0) ? TRAIL_EXIT_INCOMPLETE
								   : TRAIL_EXIT_OK;
}
