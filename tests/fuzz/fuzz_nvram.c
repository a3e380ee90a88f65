/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the records of NVRAM and of mtdoops: each must lie in memory that is there. */
#include <stdlib.h>

#include "base/error.h"
#include "base/pool.h"
#include "format/nvram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trail_pool pool;
	struct trail_region regions[2] = { { 0 }, { 0 } };
	uint64_t sum = trail_nvram_is(data, size, size) + trail_mtdoops_is(data, size, size);

	trail_pool_init(&pool);
	trail_error_free(trail_nvram_read(data, size, &pool, &regions[0]));
	trail_error_free(trail_mtdoops_read(data, size, &pool, &regions[1]));
	for (size_t r = 0; r < 2; r++)
		for (size_t i = 0; i < regions[r].n; i++)
			for (size_t j = 0; j < regions[r].records[i].n; j++)
				sum += regions[r].records[i].bytes[j];
	trail_pool_fini(&pool);
	if (sum > UINT64_MAX / 2) /* so that the bytes are read */
		abort();
	return 0;
}
