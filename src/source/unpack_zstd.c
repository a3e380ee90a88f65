/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zstd by libzstd, whose own limit on a stream's memory is kept: a window of 128 MiB; see
 * unpack_codec.h. */
#include <zstd.h>
#include <zstd_errors.h>

#include "base/error.h"
#include "source/unpack_codec.h"

static struct trail_error *zstd_open(void **ret)
{
	*ret = ZSTD_createDStream();
	return *ret ? NULL : &trail_error_nomem;
}

static struct trail_error *zstd_step(void *state, struct trail_unpack_io *io, bool *end_ret)
{
	ZSTD_inBuffer in = { io->in, io->n_in, 0 };
	ZSTD_outBuffer out = { io->out, io->n_out, 0 };
	size_t result = ZSTD_decompressStream(state, &out, &in);

	io->in += in.pos;
	io->n_in -= in.pos;
	io->out += out.pos;
	io->n_out -= out.pos;
	*end_ret = result == 0;
	if (!ZSTD_isError(result))
		return NULL;
	switch (ZSTD_getErrorCode(result)) {
	case ZSTD_error_memory_allocation:
		return &trail_error_nomem;
	case ZSTD_error_frameParameter_windowTooLarge:
		return trail_error_format(
			TRAIL_ERROR_LIMIT,
			"its window is larger than 128 MiB; unpack it first: zstd "
			"-dc --long=31 FILE > vmcore");
	default:
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "%s", ZSTD_getErrorName(result));
	}
}

static struct trail_error *zstd_restart(void *state)
{
	return ZSTD_isError(ZSTD_DCtx_reset(state, ZSTD_reset_session_only)) ? &trail_error_nomem
									     : NULL;
}

static void zstd_close(void *state)
{
	ZSTD_freeDStream(state);
}

const struct trail_codec trail_codec_zstd = {
	.library = "libzstd",
	.open = zstd_open,
	.step = zstd_step,
	.restart = zstd_restart,
	.close = zstd_close,
};
