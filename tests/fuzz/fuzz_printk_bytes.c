/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Indexes and counts (16 bytes), then a ring of bytes; text must lie inside it, and the walk ends.
 */
#include <assert.h>
#include <stdlib.h>

#include "format/printk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 16)
		return 0;
	uint32_t room = (size - 16) / 4 * 4;
	/* clang-format off */
	struct trail_printk_bytes ring = {
		data + 16, room, data[0] | data[1] << 8, data[2] | data[3] << 8, data[4], data[5],
		data[6] & 1 ? 20 : 16, { data[7], 8, 10, 12, data[6] & 1 ? 16 : 0 }, data[6] & 2,
		calloc(1, room / 4 + 1),
	}; /* clang-format on */
	struct trail_printk_place place;
	struct trail_printk_record r;
	enum trail_printk_slot slot = TRAIL_PRINTK_RECORD;

	if (ring.leads && trail_printk_first(&ring, &place))
		for (size_t steps = 0; slot != TRAIL_PRINTK_EMPTY; steps++) {
			assert(steps <= size);
			slot = trail_printk_next(&ring, &place, &r);
			if (r.length)
				assert(r.text + r.length <= (char *)data + size);
		}
	free(ring.leads);
	return 0;
}
