/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Libraries that few runs need: they are loaded when one does. */
#ifndef TRAIL_SOURCE_LIBRARY_H
#define TRAIL_SOURCE_LIBRARY_H

#include "base/base.h"

struct trail_error;

/**
 * Load a library and look up functions in it.
 *
 * @soname     "liblzma.so.5": the dynamic linker finds it as it finds what is linked
 * @names      @n functions
 * @functions  their addresses, in the same order
 * @ret        to be given to trail_library_close() when none of them is called any more
 *
 * Errors: UNSUPPORTED (it is not there, or has no such function).
 */
struct trail_error *trail_library_open(const char *soname, const char *const *names, size_t n,
				       void **functions, void **ret) TRAIL_MUST_CHECK;
void trail_library_close(void *library); /* NULL: nothing */

#endif
