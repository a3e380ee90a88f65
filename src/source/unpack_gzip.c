/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gzip by zlib; see unpack_codec.h. */
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/error.h"
#include "source/unpack_codec.h"

enum { WINDOW = 15 + 16 }; /* the largest there is, and a gzip header */

static struct trail_error *gzip_open(void **ret)
{
	z_stream *z = calloc(1, sizeof(*z));

	if (!z || inflateInit2(z, WINDOW) != Z_OK) {
		free(z);
		return &trail_error_nomem;
	}
	*ret = z;
	return NULL;
}

static struct trail_error *gzip_step(void *state, struct trail_unpack_io *io, bool *end_ret)
{
	z_stream *z = state;

	/* zlib's type of what it only reads */
	z->next_in = (Bytef *)(uintptr_t)io->in;
	z->avail_in = TRAIL_MIN(io->n_in, (size_t)UINT_MAX);
	z->next_out = io->out;
	z->avail_out = TRAIL_MIN(io->n_out, (size_t)UINT_MAX);
	int result = inflate(z, Z_NO_FLUSH);
	io->n_in -= z->next_in - io->in;
	io->in = z->next_in;
	io->n_out -= z->next_out - io->out;
	io->out = z->next_out;
	*end_ret = result == Z_STREAM_END;
	if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR)
		return NULL;
	if (result == Z_MEM_ERROR)
		return &trail_error_nomem;
	return trail_error_format(TRAIL_ERROR_BAD_DATA, "%s", z->msg ? z->msg : "it is damaged");
}

static struct trail_error *gzip_restart(void *state)
{
	return inflateReset(state) == Z_OK ? NULL : &trail_error_nomem;
}

static void gzip_close(void *state)
{
	inflateEnd(state);
	free(state);
}

const struct trail_codec trail_codec_gzip = {
	.library = "zlib",
	.open = gzip_open,
	.step = gzip_step,
	.restart = gzip_restart,
	.close = gzip_close,
};
