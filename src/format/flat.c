/* SPDX-License-Identifier: GPL-2.0-or-later */
/* makedumpfile's flattened stream; see flat.h for the spec. */
#include "format/flat.h"

#include <inttypes.h>

#include "base/cursor.h"
#include "base/error.h"

/* SIG_LEN_MDF: the name padded with NULs to a multiple of 8. */
static const char signature[16] = "makedumpfile";

bool trail_flat_is(const void *bytes, size_t n)
{
	return n >= sizeof(signature) && memcmp(bytes, signature, sizeof(signature)) == 0;
}

struct trail_error *trail_flat_check_header(const void *bytes, size_t n)
{
	if (!trail_flat_is(bytes, n))
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "not a flattened dump: it does not start with "
					  "\"makedumpfile\"");

	struct trail_cursor c = trail_cursor_over(bytes, n, 0, "flattened stream header", true);
	trail_cursor_skip(&c, sizeof(signature));
	uint64_t type = trail_cursor_u64(&c);
	uint64_t version = trail_cursor_u64(&c);
	trail_cursor_seek(&c, TRAIL_FLAT_HEADER_SIZE);
	struct trail_error *err = trail_cursor_check(&c);
	if (err)
		return err;

	if (type != 1 || version != 1)
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "flattened stream of type %" PRIu64 ", version %" PRIu64
					  "; only type 1, version 1 is known",
					  type, version);
	return NULL;
}

struct trail_error *trail_flat_read_block(const void *bytes, size_t n, uint64_t origin,
					  struct trail_flat_block *ret)
{
	struct trail_cursor c = trail_cursor_over(bytes, n, origin, "flattened block header", true);
	uint64_t offset = trail_cursor_u64(&c);
	uint64_t size = trail_cursor_u64(&c);
	struct trail_error *err = trail_cursor_check(&c);
	if (err)
		return err;

	if (offset == UINT64_MAX && size == UINT64_MAX) {
		*ret = (struct trail_flat_block){ .end = true };
		return NULL;
	}
	/*
	 * An empty block is no end marker and no writer makes one; taking it
	 * would turn a stream whose tail is zeros into billions of blocks.
	 */
	if (offset > INT64_MAX || size > INT64_MAX || size == 0)
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "flattened block header at 0x%" PRIx64
					  ": offset 0x%" PRIx64 ", size 0x%" PRIx64
					  " is neither a block nor the end marker",
					  origin, offset, size);
	if (offset + size > TRAIL_FLAT_MAX_RESULT)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "flattened block header at 0x%" PRIx64
					  ": the block would end at 0x%" PRIx64
					  ", past the limit of 16 TiB",
					  origin, offset + size);

	*ret = (struct trail_flat_block){ .offset = offset, .size = size };
	return NULL;
}
