/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks of lz4 by liblz4, which is loaded when it is needed; see unpack_block.h. */
#include <limits.h>
#include <lz4.h>

#include "source/unpack_block.h"

/* lz4.c LZ4_wildCopy32() */
enum { OVERSHOOT = 32 };

static bool unpack(void *function, const uint8_t *bytes, size_t n, uint8_t *out, size_t room,
		   size_t *n_ret)
{
	__typeof__(LZ4_decompress_safe) *call = (__typeof__(call))function;

	*n_ret = 0;
	if (n > INT_MAX || room > INT_MAX)
		return false;
	int result = call((const char *)bytes, (char *)out, (int)n, (int)room);
	if (result >= 0) {
		*n_ret = (size_t)result;
		return true;
	}
	/* it does not say how far it came: a log has no NUL, and it copies too much at a time */
	size_t came = strnlen((const char *)out, room);
	*n_ret = came - TRAIL_MIN(came, (size_t)OVERSHOOT);
	return false;
}

const struct trail_unpack_block trail_unpack_block_lz4 = {
	.packing = "lz4",
	.library = "liblz4",
	.soname = "liblz4.so.1",
	.function = "LZ4_decompress_safe",
	.unpack = unpack,
};
