/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the harnesses of raw regions share: each record must lie in memory that is there. */
#ifndef TRAIL_FUZZ_REGION_H
#define TRAIL_FUZZ_REGION_H

#include <stdlib.h>

#include "base/error.h"
#include "base/pool.h"
#include "format/pstore.h"
#include "format/region.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct trail_error *read_region_fn(const uint8_t *bytes, size_t n, struct trail_pool *pool,
					   struct trail_region *ret);

static inline void read_region(read_region_fn *read, const uint8_t *data, size_t size)
{
	struct trail_pool pool;
	struct trail_region region = { 0 };
	uint64_t sum = 0;

	trail_pool_init(&pool);
	trail_error_free(read(data, size, &pool, &region));
	if (region.n > region.n_places)
		abort();
	for (size_t i = 0; i < region.n; i++)
		for (size_t j = 0; j < region.records[i].n; j++)
			sum += region.records[i].bytes[j];
	trail_pool_fini(&pool);
	if (sum > UINT64_MAX / 2) /* so that the bytes are read */
		abort();
}

#endif
