/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many and how (2 bytes), 512 of index, 1024 of tokens, the rest names and slots at once. */
#include "base/error.h"
#include "format/kallsyms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t index = TRAIL_MIN(size, (size_t)2), tokens = TRAIL_MIN(size, (size_t)514);
	size_t names = TRAIL_MIN(size, (size_t)1538);
	struct trail_kallsyms table;
	/* clang-format off */
	struct trail_kallsyms_raw raw = {
		size ? data[0] : 0, data + names, size - names, data + tokens, names - tokens,
		data + index, tokens - index, data + names, size - names, 0x1000, UINT64_MAX << 31,
		size > 1 && data[1] & 0x80, size > 1 && data[1] & 0x40,
	}; /* clang-format on */
	struct trail_error *err = trail_kallsyms_decode(&raw, &table);

	if (!err) {
		err = trail_kallsyms_place(&raw, data[1] & 3, &table);
		trail_kallsyms_fini(&table);
	}
	trail_error_free(err);
	return 0;
}
