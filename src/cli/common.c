/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verbs share; see common.h. */
#include "cli/common.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/inputs.h"
#include "cli/pager.h"
#include "cli/progress.h"
#include "facts/facts.h"
#include "facts/redact.h"
#include "report/report.h"
#include "source/image.h"
#include "source/input.h"
#include "timeline/timeline.h"

int trail_cli_fail(int status, struct trail_error *error)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	trail_text_escaped(&text, error->message, strlen(error->message));
	fprintf(stderr, "panictrail: %s\n", trail_text_string(&text));
	if (error->code == TRAIL_ERROR_NOMEM)
		status = TRAIL_EXIT_INTERNAL;
	trail_error_free(error);
	return status;
}

int trail_cli_status(const struct trail_error *error)
{
	return error->code == TRAIL_ERROR_USAGE ? TRAIL_EXIT_USAGE : TRAIL_EXIT_INPUT;
}

struct trail_error *trail_cli_check_inputs(const struct trail_options *options)
{
	if (options->n_inputs)
		return NULL;
	return trail_error_format(
		TRAIL_ERROR_USAGE,
		"INPUT is missing: name a vmcore, a record or log, or the directory of a crash; "
		"try panictrail --help");
}

/* Where a dump is unpacked or rearranged: large files go to /var/tmp unless told. */
const char *trail_cli_tmpdir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : access("/var/tmp", W_OK) == 0 ? "/var/tmp" : P_tmpdir;
}

double trail_cli_deadline(const struct trail_options *options)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return options->time_limit > 0 ? now.tv_sec + now.tv_nsec / 1e9 + options->time_limit : 0;
}

bool trail_cli_is_same_file(const char *one, const char *other)
{
	struct stat a, b;

	return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

struct trail_error *trail_cli_check_output(const struct trail_options *options, const char *input)
{
	if (!options->output || !trail_cli_is_same_file(options->output, input))
		return NULL;
	return trail_error_format(TRAIL_ERROR_USAGE, "%s: the output is the input", input);
}

struct trail_error *trail_cli_open(const struct trail_options *options,
				   struct trail_cli_progress *progress, struct trail_input *input,
				   struct trail_image **image_ret)
{
	struct trail_image_options how = { .tmpdir = trail_cli_tmpdir(),
					   .deadline = trail_cli_deadline(options),
					   .progress = &progress->progress };
	struct trail_error *error = trail_cli_check_inputs(options);

	if (!error)
		error = trail_input_find((const char *const *)options->inputs,
					 (size_t)options->n_inputs, input);
	for (size_t i = 0; !error && i < input->n; i++)
		error = trail_cli_check_output(options, input->paths[i]);
	return error ? error : trail_image_open(input->paths, input->n, &how, image_ret);
}

void trail_cli_say_redactions(const struct trail_redactions *redactions)
{
	const char *separator = "";

	fprintf(stderr, "panictrail: redacted ");
	for (size_t i = 0; i < TRAIL_N_SECRETS; i++) {
		if (!redactions->counts[i])
			continue;
		fprintf(stderr, "%s%zu %s", separator, redactions->counts[i],
			trail_secret_names[i]);
		separator = ", ";
	}
	fprintf(stderr, "%s; kept: names of tasks and modules\n", *separator ? "" : "nothing");
}

bool trail_cli_color(const struct trail_options *options)
{
	const char *no = getenv("NO_COLOR");

	if (options->color != TRAIL_COLOR_AUTO)
		return options->color == TRAIL_COLOR_ALWAYS;
	return !options->output && isatty(STDOUT_FILENO) && !(no && *no);
}

size_t trail_cli_width(const struct trail_options *options)
{
	struct winsize size;

	if (options->output || !isatty(STDOUT_FILENO) ||
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

struct trail_error *trail_cli_write(const struct trail_options *options,
				    const struct trail_text *text)
{
	if (trail_cli_page(options, text))
		return NULL;
	FILE *file = options->output ? fopen(options->output, "we") : stdout;
	const char *name = options->output ? options->output : "stdout";

	if (!file)
		return trail_error_os(errno, "%s", name);
	bool good = fwrite(text->data, 1, text->length, file) == text->length;
	int why = errno;
	if (fflush(file) != 0 && good) {
		good = false;
		why = errno;
	}
	if (options->output && fclose(file) != 0 && good) {
		good = false;
		why = errno;
	}
	return good ? NULL : trail_error_os(why, "%s", name);
}

static struct trail_error *render(const struct trail_options *options,
				  const struct trail_renderer *r, const struct trail_report *report)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	while (r->name && strcmp(r->name, options->format) != 0)
		r++;
	if (!r->name)
		return trail_error_format(TRAIL_ERROR_USAGE, "--format %s: this verb has no such",
					  options->format);
	struct trail_error *error = r->render(report, &text);
	if (!error && text.failed)
		error = &trail_error_nomem;
	return error ? error : trail_cli_write(options, &text);
}

int trail_cli_render(const struct trail_options *options, const struct trail_renderer *renderers,
		     const struct trail_report *report)
{
	struct trail_error *error = render(options, renderers, report);

	if (!error)
		return TRAIL_EXIT_OK;
	return trail_cli_fail(
		error->code == TRAIL_ERROR_USAGE ? TRAIL_EXIT_USAGE : TRAIL_EXIT_INTERNAL, error);
}

int trail_cli_show(const struct trail_options *options, const struct trail_renderer *renderers,
		   bool (*complete)(const struct trail_facts *facts))
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = NULL;
	TRAIL_CLEANUP(trail_timeline_freep) struct trail_timeline *timeline = NULL;
	bool limit = false;

	struct trail_error *error = trail_cli_read(options, &facts, &limit);
	if (error)
		return trail_cli_fail(trail_cli_status(error), error);
	error = trail_timeline_new(facts, &timeline);
	bool whole = complete ? complete(facts) : facts->complete && !facts->n_gaps;
	struct trail_report report = {
		.facts = facts,
		.timeline = timeline,
		.complete = whole && !limit,
		.color = trail_cli_color(options),
		.explain = options->explain,
		.width = trail_cli_width(options),
		.after_panic = options->after_panic,
	};
	if (error)
		return trail_cli_fail(TRAIL_EXIT_INTERNAL, error);
	int status = trail_cli_render(options, renderers, &report);
	if (status != TRAIL_EXIT_OK)
		return status;
	if (limit)
		return TRAIL_EXIT_INTERNAL;
	return options->strict && !report.complete ? TRAIL_EXIT_INCOMPLETE : TRAIL_EXIT_OK;
}
