/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads all records of an ERST store: each must lie in memory that is there. */
#include "format/erst.h"
#include "fuzz/region.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)trail_erst_is(data, size, size);
	read_region(trail_erst_read, data, size);
	return 0;
}
