/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packed record, by whichever way reads it: never more than the limit. */
#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "source/unpack_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct trail_unpack_records u;
	struct trail_unpacked_record r = { 0 };

	if (!u.blocks[0])
		trail_unpack_records_init(&u); /* kept: libraries are loaded once */
	struct trail_error *error = trail_unpack_record(&u, data, size, &r);
	if (!error)
		assert(r.packing && r.n && r.n <= TRAIL_UNPACK_RECORD_MAX);
	trail_error_free(error);
	free(r.bytes);
	return 0;
}
