/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a user names as input → the files to open. */
#ifndef TRAIL_SOURCE_INPUT_H
#define TRAIL_SOURCE_INPUT_H

#include "base/base.h"

#include "base/pool.h"
#include "source/unpack.h"

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
 * Errors: OS (it, or a file of the directory, cannot be read), USAGE (several files and none of a
 * split dump), ABSENT (a directory that holds no dump), UNSUPPORTED (one that holds only what may
 * be a dump and cannot be unpacked), LIMIT (one that holds several dumps), NOMEM.
 */
struct trail_error *trail_input_find(const char *const *paths, size_t n,
				     struct trail_input *ret) TRAIL_MUST_CHECK;
void trail_input_fini(struct trail_input *input);

/** Is the file one of a split dump? */
bool trail_input_is_part(const char *path);

enum { TRAIL_INPUT_FILES_MAX = 1024 };

/**
 * The regular files of a directory but for hidden ones, by their names; their paths begin with the
 * directory as it was given.
 *
 * @pool   owns what is given
 * @n_ret  at most TRAIL_INPUT_FILES_MAX
 *
 * Errors: OS, LIMIT, NOMEM.
 */
struct trail_error *trail_input_list(const char *path, struct trail_pool *pool, const char ***ret,
				     size_t *n_ret) TRAIL_MUST_CHECK;

/** Is it a directory? */
bool trail_input_is_directory(const char *path);

enum { TRAIL_INPUT_START = 64 * 1024 };

/**
 * Open a file or pipe to be read as text; unpacked into a file without a name where it is
 * compressed, and a pipe is put into one.
 *
 * @path    "-" for stdin
 * @tmpdir  for the file without a name
 * @fd_ret  to be closed by the caller; at its start, or stdin or a pipe that a dump is in, of which
 * nothing was read; -1 for a dump in a file
 * @start   gets the first bytes, at most TRAIL_INPUT_START
 * @size_ret  bytes of the file
 * @wrapper_ret  what it is compressed with
 * @why_ret   malloc()ed: why it ends early; NULL when it does not
 *
 * Errors: OS, UNSUPPORTED (compressed, and this was built without the library), NOMEM.
 */
struct trail_error *trail_input_open(const char *path, const char *tmpdir, int *fd_ret,
				     uint8_t *start, size_t *n_ret, uint64_t *size_ret,
				     enum trail_unpack_wrapper *wrapper_ret,
				     char **why_ret) TRAIL_MUST_CHECK;
/** The error of an input that cannot be opened: what @errnum means, and what helps. */
struct trail_error *trail_input_denied(int errnum, const char *path);
/**
 * All of a file that is open and can be sought.
 *
 * @limit  bytes it may have
 * @ret    malloc()ed
 *
 * Errors: OS, LIMIT, NOMEM.
 */
struct trail_error *trail_input_read(int fd, const char *path, size_t limit, void **ret,
				     size_t *n_ret) TRAIL_MUST_CHECK;

/** The same of a regular file by its path. */
struct trail_error *trail_input_load(const char *path, size_t limit, void **ret,
				     size_t *n_ret) TRAIL_MUST_CHECK;

#endif
