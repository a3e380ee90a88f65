/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rearranges makedumpfile's flattened stream into a file that can be sought,
 * as makedumpfile -R does, but into a file without a name.  Inside may be a
 * kdump-compressed dump or an ELF core; that is for the caller to tell.
 */
#ifndef TRAIL_SOURCE_FLATTEN_H
#define TRAIL_SOURCE_FLATTEN_H

#include "base/base.h"

struct trail_error;
struct trail_stream;

/** Do the first @n bytes (16 are enough) of a file open a flattened stream? */
bool trail_flatten_is(const void *bytes, size_t n);

/**
 * Rearrange a flattened stream.
 *
 * @stream   of which nothing was skipped yet
 * @tmpdir   where the unlinked file is made; needs as much room as the stream has data, blocks of
 *           zeros become holes and need none
 * @fd_ret   read-write, close-on-exec, no name; the caller closes it
 * @why_ret  NULL, or why not all came in: the stream ends, or a block header makes no sense,
 *           before the end marker, or there was no room; malloc()ed.  What came before is in the
 *           file; what did not reads as zeros there, bits of the page bitmap too: an excluded page
 *           may then be one that never arrived
 *
 * Errors: NOMEM, OS (no room in @tmpdir from the start; making or writing the file), BAD_DATA and
 * UNSUPPORTED (the stream's header or its first block), LIMIT (the first block goes past
 * TRAIL_FLAT_MAX_RESULT).
 */
struct trail_error *trail_flatten(struct trail_stream *stream, const char *tmpdir, int *fd_ret,
				  char **why_ret) TRAIL_MUST_CHECK;

#endif
