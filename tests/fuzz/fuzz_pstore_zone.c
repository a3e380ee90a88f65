/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads all records of a partition of pstore/zone: each must lie in memory that is there. */
#include "format/pstore_zone.h"
#include "fuzz/region.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)trail_pstore_zone_is(data, size, size);
	read_region(trail_pstore_zone_read, data, size);
	return 0;
}
