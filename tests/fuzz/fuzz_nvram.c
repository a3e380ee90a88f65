/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the records of NVRAM and of mtdoops: each must lie in memory that is there. */
#include "format/nvram.h"
#include "fuzz/region.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)trail_nvram_is(data, size, size);
	(void)trail_mtdoops_is(data, size, size);
	read_region(trail_nvram_read, data, size);
	read_region(trail_mtdoops_read, data, size);
	return 0;
}
