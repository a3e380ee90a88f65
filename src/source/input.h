/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a user names as input → the files to open. */
#ifndef TRAIL_SOURCE_INPUT_H
#define TRAIL_SOURCE_INPUT_H

#include "base/base.h"

#include "base/pool.h"

struct trail_error;

/** The files of one dump: one, or those of a split dump. */
struct trail_input {
	struct trail_pool pool; /* owns the rest */
	const char **paths;
	size_t n; /* at least 1, but see trail_input_find() */
};

/**
 * The dump that is named: a file or pipe, in a crash directory the one file that is a dump by its
 * first bytes, or the files of a split dump where there is nothing else; or several files, which
 * are those of a split dump.
 *
 * @ret  to be ended with trail_input_fini() whatever the outcome
 *
 * Errors: OS (it cannot be read), USAGE (several files and none of a split dump), UNSUPPORTED (a
 * directory that holds no dump that can be read, or several; the text says what it holds instead),
 * NOMEM.
 */
struct trail_error *trail_input_find(const char *const *paths, size_t n,
				     struct trail_input *ret) TRAIL_MUST_CHECK;
void trail_input_fini(struct trail_input *input);

/** The error of an input that cannot be opened: what @errnum means, and what helps. */
struct trail_error *trail_input_denied(int errnum, const char *path);
/** The first bytes of a regular file, up to @n of them; 0 when it is none or cannot be read. */
size_t trail_input_start(const char *path, void *buffer, size_t n);

/**
 * All of a regular file.
 *
 * @limit  bytes it may have
 * @ret    malloc()ed
 *
 * Errors: OS, LIMIT, NOMEM.
 */
struct trail_error *trail_input_load(const char *path, size_t limit, void **ret,
				     size_t *n_ret) TRAIL_MUST_CHECK;

#endif
