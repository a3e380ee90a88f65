/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packed record of pstore → its text.  No tag says what packed it: each way
 * is tried, and what came out counts when it begins with a record's first line.
 *
 * Source: Linux fs/pstore/platform.c pstore_compress(), allocate_buf_for_compression();
 * arch/powerpc/kernel/nvram_64.c zip_oops().
 */
#ifndef TRAIL_SOURCE_UNPACK_RECORD_H
#define TRAIL_SOURCE_UNPACK_RECORD_H

#include "base/base.h"

struct trail_error;
struct trail_unpack_block;

/** What unpacks records; libraries are loaded when one is needed, and kept for the next record. */
struct trail_unpack_records {
	const struct trail_unpack_block *blocks[2]; /* lzo, lz4 */
	struct {
		void *library, *function;
		bool asked;
		char *why; /* it could not be loaded */
	} loaded[2];
	uint8_t *room;
	size_t n_room;
};

void trail_unpack_records_init(struct trail_unpack_records *u);
void trail_unpack_records_fini(struct trail_unpack_records *u);

/** The longest text of a record that is read: records of 2 MiB were seen, of 45% at best. */
enum { TRAIL_UNPACK_RECORD_MAX = 16 << 20 };

/** What came out of a record. */
struct trail_unpacked_record {
	const char *packing; /* "zstd", "zlib", "deflate", "lzo" or "lz4" */
	uint8_t *bytes;	     /* malloc()ed, owned by the caller */
	size_t n;
	const char *why; /* it is not whole: the oldest lines are there; NULL where it is */
};

/**
 * Unpack a record.
 *
 * @bytes  without what ramoops puts before and behind it
 * @ret    written only on success
 *
 * Errors: UNSUPPORTED (packed in none of these ways, or its start is damaged; the text says what
 * was tried), NOMEM.
 */
struct trail_error *trail_unpack_record(struct trail_unpack_records *u, const uint8_t *bytes,
					size_t n,
					struct trail_unpacked_record *ret) TRAIL_MUST_CHECK;

#endif
