/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shape (8 bytes), then descriptors, infos and text of a ring; text must lie inside the ring. */
#include <assert.h>

#include "format/printk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 8)
		return 0;
	struct trail_printk_raw raw = {
		.count_bits = data[0] & 3, .text_bits = data[1] & 7, .big_endian = data[2] & 1,
		.head_id = data[3], .tail_id = data[4], .descriptor_size = 24, .info_size = 88,
		.offset = { 0, 8, 16, 0, 8, 16, 20, data[2] & 2 ? 44 : 24 },
	};
	size_t n = (size_t)1 << raw.count_bits, text = (size_t)1 << raw.text_bits;
	if (size < 8 + n * 112 + text)
		return 0;
	raw.descriptors = data + 8;
	raw.infos = raw.descriptors + n * 24;
	raw.text = data + size - text; /* the end, so that a sanitizer sees one byte too many */
	for (uint64_t i = 0; i < trail_printk_count(&raw); i++) {
		struct trail_printk_record r;
		if (trail_printk_read(&raw, i, &r) == TRAIL_PRINTK_RECORD && r.length)
			assert(r.text >= (char *)raw.text + 8 && r.text + r.length <= (char *)data + size);
	}
	return 0;
}
