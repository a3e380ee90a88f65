/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shape (8 bytes), then descriptors, infos and text of a ring; text must lie inside the ring. */
#include <assert.h>

#include "format/printk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 8)
		return 0;
	/* clang-format off */
	struct trail_printk_raw raw = {
		data[0] & 3, data + 8, NULL, 24, 88, NULL, data[1] & 7, data[3], data[4],
		{ 0, 8, 16, 0, 8, 16, 20, data[2] & 2 ? 44 : 24 }, data[2] & 1,
	}; /* clang-format on */
	size_t n = (size_t)1 << raw.count_bits, text = (size_t)1 << raw.text_bits;
	if (size < 8 + n * 112 + text)
		return 0;
	raw.infos = raw.descriptors + n * 24;
	raw.text = data + size - text; /* the end, so that a sanitizer sees one byte too many */
	uint64_t ids[8];
	if (trail_printk_repair(&raw, ids))
		assert(trail_printk_count(&raw));
	for (uint64_t i = 0; i < trail_printk_count(&raw); i++) {
		struct trail_printk_record r;
		if (trail_printk_read(&raw, i, &r) == TRAIL_PRINTK_RECORD && r.length)
			assert(r.text + r.length <= (char *)data + size);
	}
	return 0;
}
