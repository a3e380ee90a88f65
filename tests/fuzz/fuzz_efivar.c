/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name up to the first NUL, then the variable's bytes. */
#include <stdlib.h>

#include "format/efivar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trail_pstore_record record = { 0 };
	const uint8_t *end = memchr(data, 0, size);

	if (!end)
		return 0;
	size_t n = size - (size_t)(end + 1 - data);
	bool is = trail_efivar_name((const char *)data, &record);
	if (is && !record.has_id)
		abort();
	trail_efivar_value(end + 1, n, &record);
	if (record.n > n || trail_efivar_is(end + 1, n, n) > (n >= 8))
		abort();
	return 0;
}
