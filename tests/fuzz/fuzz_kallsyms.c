/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many and how (2 bytes), 512 of index, 1024 of tokens, the rest names and slots at once. */
#include "../lib/lazy_bytes.h"
#include "format/kallsyms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool see(uint32_t i, const struct trail_kallsyms_symbol *symbol, void *data)
{
	trail_error_free(trail_kallsyms_address(data, i, &(uint64_t){ symbol->type }));
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t index = TRAIL_MIN(size, (size_t)2), tokens = TRAIL_MIN(size, (size_t)514);
	size_t names = TRAIL_MIN(size, (size_t)1538);
	struct lazy_bytes rest = { data + names, size - names, 0x1000, 0, 0 };
	struct trail_kallsyms table = { .n = size ? data[0] * 3 : 0,
					.how = size > 1 ? data[1] & 3 : 0,
					.base = UINT64_MAX << 31,
					.big_endian = size > 1 && data[1] & 0x80,
					.long_names = size > 1 && data[1] & 0x40 };
	uint32_t at, above;

	struct trail_error *error = lazy_bytes_open(&rest, &table.names);
	if (!error)
		error = lazy_bytes_open(&rest, &table.slots);
	if (!error)
		error = trail_kallsyms_init(&table, data + tokens, names - tokens, data + index,
					    tokens - index);
	if (!error)
		error = trail_kallsyms_each(&table, "a", see, &table);
	if (!error)
		error = trail_kallsyms_at(&table, UINT64_MAX << 30, &at, &above);
	trail_error_free(error);
	trail_kallsyms_fini(&table);
	return 0;
}
