/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers of a kdump-compressed dump, then a descriptor from the tail; places must not overflow. */
#include <assert.h>

#include "base/error.h"
#include "format/diskdump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trail_diskdump dump;
	struct trail_diskdump_page page;
	struct trail_error *err = trail_diskdump_read(data, size, size, &dump);

	if (!err) {
		assert(dump.start_pfn <= dump.end_pfn && dump.end_pfn <= dump.max_pfn);
		assert(dump.max_pfn <= dump.bitmap_size * 8);
		assert(dump.bitmap2_offset + dump.bitmap_size == dump.descriptors_offset);
		assert(dump.notes.size <= size && dump.notes.offset <= size - dump.notes.size);
		size_t n = TRAIL_MIN(size, (size_t)TRAIL_DISKDUMP_DESCRIPTOR_SIZE);
		err = trail_diskdump_read_page(&dump, data + size - n, n, 0, &page);
	}
	trail_error_free(err);
	return 0;
}
