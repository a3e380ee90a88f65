/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lz4 frames by liblz4; see unpack_codec.h. */
#include <lz4frame.h>

#include "base/error.h"
#include "source/unpack_codec.h"

static struct trail_error *lz4_open(void **ret)
{
	LZ4F_dctx *lz4;

	if (LZ4F_isError(LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION)))
		return &trail_error_nomem;
	*ret = lz4;
	return NULL;
}

static struct trail_error *lz4_step(void *state, struct trail_unpack_io *io, bool *end_ret)
{
	size_t taken = io->n_in, given = io->n_out;
	size_t result = LZ4F_decompress(state, io->out, &given, io->in, &taken, NULL);

	*end_ret = result == 0;
	if (LZ4F_isError(result))
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "liblz4 says %s",
					  LZ4F_getErrorName(result));
	io->in += taken;
	io->n_in -= taken;
	io->out += given;
	io->n_out -= given;
	return NULL;
}

static struct trail_error *lz4_restart(void *state)
{
	LZ4F_resetDecompressionContext(state);
	return NULL;
}

static void lz4_close(void *state)
{
	LZ4F_freeDecompressionContext(state);
}

const struct trail_codec trail_codec_lz4 = {
	.library = "liblz4",
	.open = lz4_open,
	.step = lz4_step,
	.restart = lz4_restart,
	.close = lz4_close,
};
