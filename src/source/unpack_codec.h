/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One library's part of unpack.c: a file each, and another that stands in where it is missing. */
#ifndef TRAIL_SOURCE_UNPACK_CODEC_H
#define TRAIL_SOURCE_UNPACK_CODEC_H

#include "source/unpack.h"

/* What a stream may take of memory: xz -9 wants 65 MiB, zstd --ultra 128 MiB and some. */
#define TRAIL_UNPACK_MEMORY_MAX (UINT64_C(256) << 20)

struct trail_codec {
	const char *library; /* by the name that it is installed by */
	/* NULL: built without it.  Errors: UNSUPPORTED (it is not installed), NOMEM. */
	struct trail_error *(*open)(void **ret);
	/*
	 * Go on with one stream; makes no progress when it wants more input or more room.
	 * @end_ret: the stream has ended.  Errors: BAD_DATA, LIMIT (memory), NOMEM.
	 */
	struct trail_error *(*step)(void *state, struct trail_unpack_io *io, bool *end_ret);
	/* Another stream follows.  Errors: NOMEM. */
	struct trail_error *(*restart)(void *state);
	void (*close)(void *state);
};

extern const struct trail_codec trail_codec_gzip, trail_codec_xz, trail_codec_zstd, trail_codec_lz4;

#endif
