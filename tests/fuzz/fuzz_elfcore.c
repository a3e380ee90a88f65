/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All three steps of reading an ELF core, each over the bytes that the one before asked for. */
#include "base/error.h"
#include "base/pool.h"
#include "format/elfcore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trail_elfcore core;
	struct trail_pool pool;
	struct trail_error *err = trail_elfcore_read_header(data, size, &core);

	trail_pool_init(&pool);
	if (!err && core.count_offset) {
		uint64_t at = TRAIL_MIN(core.count_offset, (uint64_t)size);
		trail_error_free(trail_elfcore_read_count(&core, data + at, size - at));
	}
	if (!err) {
		uint64_t at = TRAIL_MIN(core.table_offset, (uint64_t)size);
		err = trail_elfcore_read_segments(&core, data + at, size - at, size, &pool);
	}
	trail_error_free(err);
	trail_pool_fini(&pool);
	return 0;
}
