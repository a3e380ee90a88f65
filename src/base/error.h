/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making, wrapping and catching errors; the codes are public, see panictrail/error.h. */
#ifndef TRAIL_BASE_ERROR_H
#define TRAIL_BASE_ERROR_H

#include <stdbool.h>

#include "base/base.h"
#include "panictrail/error.h"

/**
 * An error: a code and one line of text without a newline.
 * Owned by whoever holds the pointer; the static ones below are never freed.
 */
struct trail_error {
	enum trail_error_code code;
	char *message;
};

extern struct trail_error trail_error_nomem;
extern struct trail_error trail_error_absent;

/** A new error; &trail_error_nomem when there is no memory for it. */
struct trail_error *trail_error_format(enum trail_error_code code, const char *format, ...)
	TRAIL_PRINTF(2, 3);

/** An OS error: the text, then ": " and what @errnum means. */
struct trail_error *trail_error_os(int errnum, const char *format, ...) TRAIL_PRINTF(2, 3);

/** Put a clause in front of an error's text; gives the same error, or NULL for NULL. */
struct trail_error *trail_error_wrap(struct trail_error *error, const char *format, ...)
	TRAIL_PRINTF(2, 3);

void trail_error_free(struct trail_error *error);
void trail_error_freep(struct trail_error **error);

/**
 * Was this the expected failure?  When @error has the code, frees it, sets it
 * to NULL and says true; anything else, NULL too, is left as it is.
 */
bool trail_error_catch(struct trail_error **error, enum trail_error_code code);

#endif
