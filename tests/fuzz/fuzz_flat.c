/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks a flattened stream as flatten does, without moving anything. */
#include "base/error.h"
#include "format/flat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t pos = trail_flat_is(data, size) ? TRAIL_FLAT_HEADER_SIZE : 0;

	trail_error_free(trail_flat_check_header(data, size));
	while (pos < size) {
		struct trail_flat_block block;
		struct trail_error *err = trail_flat_read_block(data + pos, size - pos, pos,
								&block);
		if (err || block.end || block.size > size - pos) {
			trail_error_free(err);
			break;
		}
		pos += TRAIL_FLAT_BLOCK_HEADER_SIZE + block.size;
	}
	return 0;
}
