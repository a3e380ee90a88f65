/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zstd by libzstd, which is loaded when it is needed; its own limit on a stream's memory is kept: a
 * window of 128 MiB; see unpack_codec.h. */
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/error.h"
#include "source/library.h"
#include "source/unpack_codec.h"

/* In the order of the functions below. */
static const char *const names[] = { "ZSTD_createDStream", "ZSTD_decompressStream",
				     "ZSTD_DCtx_reset",	   "ZSTD_freeDStream",
				     "ZSTD_isError",	   "ZSTD_getErrorCode",
				     "ZSTD_getErrorName" };

struct zstd {
	ZSTD_DStream *stream;
	void *library;
	struct {
		__typeof__(ZSTD_createDStream) *create;
		__typeof__(ZSTD_decompressStream) *decompress;
		__typeof__(ZSTD_DCtx_reset) *reset;
		__typeof__(ZSTD_freeDStream) *free;
		__typeof__(ZSTD_isError) *is_error;
		__typeof__(ZSTD_getErrorCode) *error_code;
		__typeof__(ZSTD_getErrorName) *error_name;
	} call;
};

static void zstd_close(void *state)
{
	struct zstd *zstd = state;

	zstd->call.free(zstd->stream); /* NULL: nothing */
	trail_library_close(zstd->library);
	free(zstd);
}

static struct trail_error *zstd_open(void **ret)
{
	struct zstd *zstd = calloc(1, sizeof(*zstd));
	void *found[TRAIL_ARRAY_SIZE(names)];

	if (!zstd)
		return &trail_error_nomem;
	struct trail_error *error = trail_library_open(
		"libzstd.so.1", names, TRAIL_ARRAY_SIZE(names), found, &zstd->library);
	if (error) {
		free(zstd);
		return error;
	}
	_Static_assert(sizeof(zstd->call) == sizeof(found), "a name for each function");
	memcpy(&zstd->call, found, sizeof(found));
	zstd->stream = zstd->call.create();
	if (!zstd->stream) {
		zstd_close(zstd);
		return &trail_error_nomem;
	}
	*ret = zstd;
	return NULL;
}

static struct trail_error *zstd_step(void *state, struct trail_unpack_io *io, bool *end_ret)
{
	struct zstd *zstd = state;
	ZSTD_inBuffer in = { io->in, io->n_in, 0 };
	ZSTD_outBuffer out = { io->out, io->n_out, 0 };
	size_t result = zstd->call.decompress(zstd->stream, &out, &in);

	io->in += in.pos;
	io->n_in -= in.pos;
	io->out += out.pos;
	io->n_out -= out.pos;
	*end_ret = result == 0;
	if (!zstd->call.is_error(result))
		return NULL;
	switch (zstd->call.error_code(result)) {
	case ZSTD_error_memory_allocation:
		return &trail_error_nomem;
	case ZSTD_error_frameParameter_windowTooLarge:
		return trail_error_format(
			TRAIL_ERROR_LIMIT,
			"its window is larger than 128 MiB; unpack it first: zstd "
			"-dc --long=31 FILE > vmcore");
	default:
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "%s",
					  zstd->call.error_name(result));
	}
}

static struct trail_error *zstd_restart(void *state)
{
	struct zstd *zstd = state;

	return zstd->call.is_error(zstd->call.reset(zstd->stream, ZSTD_reset_session_only))
		       ? &trail_error_nomem
		       : NULL;
}

const struct trail_codec trail_codec_zstd = {
	.library = "libzstd",
	.open = zstd_open,
	.step = zstd_step,
	.restart = zstd_restart,
	.close = zstd_close,
};
