/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lz4 frames by liblz4, which is loaded when it is needed; see unpack_codec.h. */
#include <lz4frame.h>
#include <stdlib.h>

#include "base/error.h"
#include "source/library.h"
#include "source/unpack_codec.h"

/* In the order of the functions below. */
static const char *const names[] = {
	"LZ4F_createDecompressionContext", "LZ4F_decompress", "LZ4F_resetDecompressionContext",
	"LZ4F_freeDecompressionContext",   "LZ4F_isError",    "LZ4F_getErrorName"
};

struct lz4 {
	LZ4F_dctx *context;
	void *library;
	struct {
		__typeof__(LZ4F_createDecompressionContext) *create;
		__typeof__(LZ4F_decompress) *decompress;
		__typeof__(LZ4F_resetDecompressionContext) *reset;
		__typeof__(LZ4F_freeDecompressionContext) *free;
		__typeof__(LZ4F_isError) *is_error;
		__typeof__(LZ4F_getErrorName) *error_name;
	} call;
};

static void lz4_close(void *state)
{
	struct lz4 *lz4 = state;

	if (lz4->context)
		lz4->call.free(lz4->context);
	trail_library_close(lz4->library);
	free(lz4);
}

static struct trail_error *lz4_open(void **ret)
{
	struct lz4 *lz4 = calloc(1, sizeof(*lz4));
	void *found[TRAIL_ARRAY_SIZE(names)];

	if (!lz4)
		return &trail_error_nomem;
	struct trail_error *error = trail_library_open(
		"liblz4.so.1", names, TRAIL_ARRAY_SIZE(names), found, &lz4->library);
	if (error) {
		free(lz4);
		return error;
	}
	_Static_assert(sizeof(lz4->call) == sizeof(found), "a name for each function");
	memcpy(&lz4->call, found, sizeof(found));
	if (lz4->call.is_error(lz4->call.create(&lz4->context, LZ4F_VERSION))) {
		lz4->context = NULL;
		lz4_close(lz4);
		return &trail_error_nomem;
	}
	*ret = lz4;
	return NULL;
}

static struct trail_error *lz4_step(void *state, struct trail_unpack_io *io, bool *end_ret)
{
	struct lz4 *lz4 = state;
	size_t taken = io->n_in, given = io->n_out;
	size_t result = lz4->call.decompress(lz4->context, io->out, &given, io->in, &taken, NULL);

	*end_ret = result == 0;
	if (lz4->call.is_error(result))
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "liblz4 says %s",
					  lz4->call.error_name(result));
	io->in += taken;
	io->n_in -= taken;
	io->out += given;
	io->n_out -= given;
	return NULL;
}

static struct trail_error *lz4_restart(void *state)
{
	struct lz4 *lz4 = state;

	lz4->call.reset(lz4->context);
	return NULL;
}

const struct trail_codec trail_codec_lz4 = {
	.library = "liblz4",
	.open = lz4_open,
	.step = lz4_step,
	.restart = lz4_restart,
	.close = lz4_close,
};
