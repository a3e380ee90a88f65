/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name, first line, end and pieces of a record; each piece must lie in the bytes, in order. */
#include <assert.h>

#include "base/error.h"
#include "base/pool.h"
#include "format/pstore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trail_pstore_record r = { .name = "record", .bytes = data, .n = size }, *pieces;
	struct trail_pstore_head head;
	const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
	struct trail_pool pool;
	uint64_t s;
	size_t n;

	trail_pool_init(&pool);
	if (newline)
		(void)trail_pstore_name((const char *)data, newline - data, &pool, &r);
	(void)trail_pstore_take_stamp(&r);
	trail_pstore_take_ecc(&r);
	assert(r.bytes >= data && r.n <= size);
	bool has_head = trail_pstore_head(r.bytes, r.n, &head);
	if (has_head)
		assert(head.length <= r.n && head.reason_length < head.length && head.part);
	(void)trail_pstore_id_time(&r, has_head ? &head : NULL, &s);
	struct trail_error *error = trail_pstore_split(&r, &pool, &pieces, &n);
	const uint8_t *end = r.bytes;
	for (size_t i = 0; !error && i < n; i++) {
		assert(pieces[i].bytes >= end && pieces[i].name);
		end = pieces[i].bytes + pieces[i].n;
		assert(end <= r.bytes + r.n);
	}
	trail_error_free(error);
	trail_pool_fini(&pool);
	return 0;
}
