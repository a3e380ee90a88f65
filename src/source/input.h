/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a user names as input → the file to open. */
#ifndef TRAIL_SOURCE_INPUT_H
#define TRAIL_SOURCE_INPUT_H

#include "base/base.h"

struct trail_error;

/**
 * The dump that @path names: itself, or in a crash directory the one file that
 * is a dump by its first bytes.
 *
 * @ret  malloc()ed
 *
 * Errors: OS (it cannot be read), UNSUPPORTED (a directory that holds no dump that can be read,
 * or several; the text says what it holds instead), NOMEM.
 */
struct trail_error *trail_input_find(const char *path, char **ret) TRAIL_MUST_CHECK;

/** The error of an input that cannot be opened: what @errnum means, and what helps. */
struct trail_error *trail_input_denied(int errnum, const char *path);

#endif
