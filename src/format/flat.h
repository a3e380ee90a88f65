/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * makedumpfile's flattened stream: a dump cut into blocks, each with the
 * offset it belongs to, so that it can be written to a pipe.  Turns bytes
 * into where each block goes; moving the blocks is the caller's work.
 *
 * Spec: makedumpfile IMPLEMENTATION, "The flattened format", and
 * makedumpfile.h (struct makedumpfile_header, struct
 * makedumpfile_data_header).  QEMU's dump-guest-memory writes the same.
 */
#ifndef TRAIL_FORMAT_FLAT_H
#define TRAIL_FORMAT_FLAT_H

#include "base/base.h"

struct trail_error;

/** The stream header is padded to this (MAX_SIZE_MDF_HEADER); the first block header follows. */
#define TRAIL_FLAT_HEADER_SIZE 4096
/** Bytes of a block header; its data follows at once, nothing is aligned. */
#define TRAIL_FLAT_BLOCK_HEADER_SIZE 16
/** No block may end past this offset of the rearranged file: 16 TiB. */
#define TRAIL_FLAT_MAX_RESULT (UINT64_C(16) << 40)

/** One block: @size bytes of data follow its header and belong at @offset. */
struct trail_flat_block {
	uint64_t offset;
	uint64_t size; /* never 0, unless end is set */
	bool end;      /* the end marker: no data follows and nothing after it counts */
};

/** Do the first @n bytes of a file or stream open a flattened stream? */
bool trail_flat_is(const void *bytes, size_t n);

/**
 * Check the header of the stream.
 *
 * @bytes  the first @n bytes of the stream
 *
 * Errors: BAD_DATA (no such signature, or cut short), UNSUPPORTED (type or version is not 1).
 * Source: makedumpfile.c read_start_flat_header().
 */
struct trail_error *trail_flat_check_header(const void *bytes, size_t n) TRAIL_MUST_CHECK;

/**
 * Read a block header.
 *
 * @bytes   TRAIL_FLAT_BLOCK_HEADER_SIZE bytes, or fewer when the stream ends in it
 * @origin  where in the stream they are, for messages
 * @ret     what follows; offset + size is at most TRAIL_FLAT_MAX_RESULT
 *
 * Errors: BAD_DATA (cut short, or a negative or zero number that is no end marker),
 * LIMIT (the block ends past TRAIL_FLAT_MAX_RESULT).
 * Source: makedumpfile.c rearrange_dumpdata(), read_flat_data_header(), write_end_flat_header().
 */
struct trail_error *trail_flat_read_block(const void *bytes, size_t n, uint64_t origin,
					  struct trail_flat_block *ret) TRAIL_MUST_CHECK;

#endif
