/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks of lzo1x by liblzo2, which is loaded when it is needed; see unpack_block.h. */
#include <lzo/lzo1x.h>

#include "source/unpack_block.h"

static bool unpack(void *function, const uint8_t *bytes, size_t n, uint8_t *out, size_t room,
		   size_t *n_ret)
{
	__typeof__(lzo1x_decompress_safe) *call = (__typeof__(call))function;
	lzo_uint given = room;
	int result = call(bytes, n, out, &given, NULL);

	*n_ret = TRAIL_MIN(given, room);
	return result == LZO_E_OK || result == LZO_E_INPUT_NOT_CONSUMED;
}

const struct trail_unpack_block trail_unpack_block_lzo = {
	.packing = "lzo",
	.library = "liblzo2",
	.soname = "liblzo2.so.2",
	.function = "lzo1x_decompress_safe",
	.unpack = unpack,
};
