/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads all records of ramoops memory: each must lie in memory that is there. */
#include "format/ramoops.h"
#include "fuzz/region.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)trail_ramoops_is(data, TRAIL_MIN(size, (size_t)64), size);
	read_region(trail_ramoops_read, data, size);
	return 0;
}
