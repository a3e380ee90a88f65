/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xz by liblzma; see unpack_codec.h. */
#include <lzma.h>
#include <stdlib.h>

#include "base/error.h"
#include "source/unpack_codec.h"

static struct trail_error *xz_restart(void *state)
{
	return lzma_stream_decoder(state, TRAIL_UNPACK_MEMORY_MAX, 0) == LZMA_OK
		       ? NULL
		       : &trail_error_nomem;
}

static void xz_close(void *state)
{
	lzma_end(state);
	free(state);
}

static struct trail_error *xz_open(void **ret)
{
	lzma_stream *lzma = malloc(sizeof(*lzma));

	if (!lzma)
		return &trail_error_nomem;
	*lzma = (lzma_stream)LZMA_STREAM_INIT;
	struct trail_error *error = xz_restart(lzma);
	if (error) {
		xz_close(lzma);
		return error;
	}
	*ret = lzma;
	return NULL;
}

static struct trail_error *from_lzma(const lzma_stream *lzma, lzma_ret result)
{
	switch (result) {
	case LZMA_OK:
	case LZMA_STREAM_END:
	case LZMA_BUF_ERROR: /* no progress; the caller sees that by itself */
		return NULL;
	case LZMA_MEM_ERROR:
		return &trail_error_nomem;
	case LZMA_MEMLIMIT_ERROR:
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "it wants %llu MiB of memory; unpack it first: xz -dc "
					  "FILE > vmcore",
					  (unsigned long long)lzma_memusage(lzma) >> 20);
	case LZMA_OPTIONS_ERROR:
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "its options are none that liblzma knows");
	default:
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "it is damaged");
	}
}

static struct trail_error *xz_step(void *state, struct trail_unpack_io *io, bool *end_ret)
{
	lzma_stream *lzma = state;

	lzma->next_in = io->in;
	lzma->avail_in = io->n_in;
	lzma->next_out = io->out;
	lzma->avail_out = io->n_out;
	lzma_ret result = lzma_code(lzma, LZMA_RUN);
	io->in = lzma->next_in;
	io->n_in = lzma->avail_in;
	io->out = lzma->next_out;
	io->n_out = lzma->avail_out;
	*end_ret = result == LZMA_STREAM_END;
	return from_lzma(lzma, result);
}

const struct trail_codec trail_codec_xz = {
	.library = "liblzma",
	.open = xz_open,
	.step = xz_step,
	.restart = xz_restart,
	.close = xz_close,
};
