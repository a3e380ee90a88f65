/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One library's part of unpack_record.c: a file each, and another that stands in where it is
 * missing. */
#ifndef TRAIL_SOURCE_UNPACK_BLOCK_H
#define TRAIL_SOURCE_UNPACK_BLOCK_H

#include "base/base.h"

/** How one library unpacks a block that says nothing of itself. */
struct trail_unpack_block {
	const char *packing; /* "lzo" */
	const char *library; /* by the name that it is installed by */
	const char *soname;  /* NULL: built without it */
	const char *function;
	/*
	 * Unpack @n bytes into @room zeroed ones, by that function.
	 * @n_ret  what came out, whatever the outcome
	 * False when the block ends early or is damaged, or the room does not do.
	 */
	bool (*unpack)(void *function, const uint8_t *bytes, size_t n, uint8_t *out, size_t room,
		       size_t *n_ret);
};

extern const struct trail_unpack_block trail_unpack_block_lzo, trail_unpack_block_lz4;

#endif
