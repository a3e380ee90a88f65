/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads all records of ramoops memory: each must lie in memory that is there. */
#include <stdlib.h>

#include "base/error.h"
#include "base/pool.h"
#include "format/ramoops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trail_pool pool;
	struct trail_region region = { 0 };
	uint64_t sum = trail_ramoops_is(data, TRAIL_MIN(size, (size_t)64), size);

	trail_pool_init(&pool);
	trail_error_free(trail_ramoops_read(data, size, &pool, &region));
	if (region.n > region.n_places)
		abort();
	for (size_t i = 0; i < region.n; i++)
		for (size_t j = 0; j < region.records[i].n; j++)
			sum += region.records[i].bytes[j];
	trail_pool_fini(&pool);
	if (sum > UINT64_MAX / 2) /* so that the bytes are read */
		abort();
	return 0;
}
