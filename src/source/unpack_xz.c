/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xz by liblzma, which is loaded when it is needed; see unpack_codec.h. */
#include <lzma.h>
#include <stdlib.h>

#include "base/error.h"
#include "source/library.h"
#include "source/unpack_codec.h"

/* In the order of the functions below. */
static const char *const names[] = { "lzma_stream_decoder", "lzma_code", "lzma_memusage",
				     "lzma_end" };

struct xz {
	lzma_stream stream;
	void *library;
	struct {
		__typeof__(lzma_stream_decoder) *stream_decoder;
		__typeof__(lzma_code) *code;
		__typeof__(lzma_memusage) *memusage;
		__typeof__(lzma_end) *end;
	} call;
};

static struct trail_error *xz_restart(void *state)
{
	struct xz *xz = state;

	return xz->call.stream_decoder(&xz->stream, TRAIL_UNPACK_MEMORY_MAX, 0) == LZMA_OK
		       ? NULL
		       : &trail_error_nomem;
}

static void xz_close(void *state)
{
	struct xz *xz = state;

	xz->call.end(&xz->stream);
	trail_library_close(xz->library);
	free(xz);
}

static struct trail_error *xz_open(void **ret)
{
	struct xz *xz = malloc(sizeof(*xz));
	void *found[TRAIL_ARRAY_SIZE(names)];

	if (!xz)
		return &trail_error_nomem;
	*xz = (struct xz){ .stream = LZMA_STREAM_INIT };
	struct trail_error *error = trail_library_open(
		"liblzma.so.5", names, TRAIL_ARRAY_SIZE(names), found, &xz->library);
	if (error) {
		free(xz);
		return error;
	}
	_Static_assert(sizeof(xz->call) == sizeof(found), "a name for each function");
	memcpy(&xz->call, found, sizeof(found));
	error = xz_restart(xz);
	if (error) {
		xz_close(xz);
		return error;
	}
	*ret = xz;
	return NULL;
}

static struct trail_error *from_lzma(const struct xz *xz, lzma_ret result)
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
					  (unsigned long long)xz->call.memusage(&xz->stream) >> 20);
	case LZMA_OPTIONS_ERROR:
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "its options are none that liblzma knows");
	default:
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "it is damaged");
	}
}

static struct trail_error *xz_step(void *state, struct trail_unpack_io *io, bool *end_ret)
{
	struct xz *xz = state;
	lzma_stream *lzma = &xz->stream;

	lzma->next_in = io->in;
	lzma->avail_in = io->n_in;
	lzma->next_out = io->out;
	lzma->avail_out = io->n_out;
	lzma_ret result = xz->call.code(lzma, LZMA_RUN);
	io->in = lzma->next_in;
	io->n_in = lzma->avail_in;
	io->out = lzma->next_out;
	io->n_out = lzma->avail_out;
	*end_ret = result == LZMA_STREAM_END;
	return from_lzma(xz, result);
}

const struct trail_codec trail_codec_xz = {
	.library = "liblzma",
	.open = xz_open,
	.step = xz_step,
	.restart = xz_restart,
	.close = xz_close,
};
