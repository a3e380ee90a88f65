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
#include "collect/collect.h"
#include "facts/facts.h"
#include "source/image.h"
#include "source/input.h"

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

struct trail_error *trail_cli_input(const struct trail_options *options, const char **ret)
{
	if (!options->n_inputs)
		return trail_error_format(TRAIL_ERROR_USAGE,
					  "INPUT is missing; try panictrail --help");
	if (options->n_inputs > 1)
		return trail_error_format(TRAIL_ERROR_USAGE,
					  "one INPUT at a time is read, %d were given",
					  options->n_inputs);
	*ret = options->inputs[0];
	return NULL;
}

/* Where a flattened dump is rearranged: large files go to /var/tmp unless told. */
static const char *temporary_directory(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : access("/var/tmp", W_OK) == 0 ? "/var/tmp" : P_tmpdir;
}

static double deadline_of(const struct trail_options *options)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return options->time_limit > 0 ? now.tv_sec + now.tv_nsec / 1e9 + options->time_limit : 0;
}

/* An output that is the input would end as neither. */
static bool is_same_file(const char *output, const char *input)
{
	struct stat a, b;

	return output && stat(output, &a) == 0 && stat(input, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

struct trail_error *trail_cli_open(const struct trail_options *options, const char *path,
				   char **file_ret, struct trail_image **image_ret)
{
	TRAIL_CLEANUP(trail_freep) char *file = NULL;
	struct trail_error *error = trail_input_find(path, &file);

	if (!error && is_same_file(options->output, file))
		error = trail_error_format(TRAIL_ERROR_USAGE, "%s: the output is the input", file);
	if (!error)
		error = trail_image_open(file, temporary_directory(), deadline_of(options),
					 image_ret);
	if (!error)
		*file_ret = TRAIL_STEAL(file);
	return error;
}

struct trail_error *trail_cli_read(const struct trail_options *options, const char *path,
				   struct trail_facts **facts_ret, bool *limit_ret)
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = trail_facts_new();
	TRAIL_CLEANUP(trail_freep) char *file = NULL;
	TRAIL_CLEANUP(trail_image_closep) struct trail_image *image = NULL;
	struct trail_error *error = facts ? trail_cli_open(options, path, &file, &image)
					  : &trail_error_nomem;

	if (!error)
		error = trail_collect(image, facts);
	if (!error) {
		*limit_ret = trail_image_is_late(image);
		*facts_ret = TRAIL_STEAL(facts);
	}
	return error;
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
