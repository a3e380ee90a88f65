/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is compressed as a whole: gzip, xz, zstd and lz4 behind one call that
 * works on memory alone and takes no more of it, and gives no more bytes, than
 * the limits of unpack.c allow.
 *
 * Spec: RFC 1952; the .xz file format; RFC 8878; the LZ4 frame format.
 */
#ifndef TRAIL_SOURCE_UNPACK_H
#define TRAIL_SOURCE_UNPACK_H

#include "base/base.h"

struct trail_error;
struct trail_unpack;

/** What is wrapped around a dump. */
enum trail_unpack_wrapper {
	TRAIL_UNPACK_NONE,
	TRAIL_UNPACK_GZIP,
	TRAIL_UNPACK_XZ,
	TRAIL_UNPACK_ZSTD,
	TRAIL_UNPACK_LZ4,
};

enum { TRAIL_UNPACK_HEAD = 6 }; /* bytes that tell each */

/** Told by the first @n bytes of a file. */
enum trail_unpack_wrapper trail_unpack_tell(const void *bytes, size_t n);

/** "gzip", and the command that unpacks to its output, "gzip -dc". */
const char *trail_unpack_name(enum trail_unpack_wrapper wrapper);
const char *trail_unpack_command(enum trail_unpack_wrapper wrapper);

/** Packed bytes and room for what comes out; both are moved over what was done. */
struct trail_unpack_io {
	const uint8_t *in;
	size_t n_in;
	uint8_t *out;
	size_t n_out;
	bool last; /* nothing follows behind @in */
};

/**
 * Begin a stream.
 *
 * @wrapper  not NONE
 * @ret      owned by the caller
 *
 * Errors: UNSUPPORTED (built without the library; the text says what to do), NOMEM.
 */
struct trail_error *trail_unpack_new(enum trail_unpack_wrapper wrapper,
				     struct trail_unpack **ret) TRAIL_MUST_CHECK;
void trail_unpack_free(struct trail_unpack *unpack);

/**
 * Unpack until all of the input is taken, the room is full, or the stream is over.  Several
 * streams one behind the other, with zeros between, are one.
 *
 * @end_ret  nothing more will come
 *
 * Whatever the outcome, what came out before it counts.  After an error the stream is over.
 * Errors: BAD_DATA (damaged; the input ends inside it; what follows it is of another kind), LIMIT
 * (it wants too much memory or gives too many bytes; the text says what to do), NOMEM.
 */
struct trail_error *trail_unpack(struct trail_unpack *unpack, struct trail_unpack_io *io,
				 bool *end_ret) TRAIL_MUST_CHECK;

#endif
