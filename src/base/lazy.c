/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that are read when they are asked for; see lazy.h. */
#include "base/lazy.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"

struct trail_error *trail_lazy_init(struct trail_lazy *ret, uint64_t address, size_t size,
				    trail_lazy_fn *read, void *data)
{
	size_t parts = (size + address % TRAIL_LAZY_PART) / TRAIL_LAZY_PART + 1;

	*ret = (struct trail_lazy){ .size = size, .address = address, .read = read, .data = data };
	ret->bytes = malloc(size ? size : 1); /* what is not touched costs nothing */
	ret->have = calloc(1, parts / 8 + 1);
	if (ret->bytes && ret->have)
		return NULL;
	trail_lazy_fini(ret);
	return &trail_error_nomem;
}

void trail_lazy_fini(struct trail_lazy *lazy)
{
	free(lazy->bytes);
	free(lazy->have);
	lazy->bytes = lazy->have = NULL;
	lazy->size = 0;
}

/* Parts are numbered from the border at or below the first byte. */
static struct trail_error *fill_part(struct trail_lazy *lazy, size_t part)
{
	size_t skip = lazy->address % TRAIL_LAZY_PART;
	size_t start = part ? part * TRAIL_LAZY_PART - skip : 0;
	size_t end = TRAIL_MIN((part + 1) * (size_t)TRAIL_LAZY_PART - skip, lazy->size);
	struct trail_error *error = lazy->read(lazy->data, lazy->address + start,
					       lazy->bytes + start, end - start);

	if (!error)
		lazy->have[part / 8] |= 1 << part % 8;
	return error;
}

struct trail_error *trail_lazy_need(struct trail_lazy *lazy, uint64_t offset, uint64_t n)
{
	uint64_t end;

	if (!trail_add(offset, n, &end) || end > lazy->size)
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "%" PRIu64 " bytes at 0x%" PRIx64 " of a table of %zu", n,
					  offset, lazy->size);
	if (!n)
		return NULL;
	size_t skip = lazy->address % TRAIL_LAZY_PART;
	size_t last = (end - 1 + skip) / TRAIL_LAZY_PART;
	for (size_t part = (offset + skip) / TRAIL_LAZY_PART; part <= last; part++) {
		if (lazy->have[part / 8] >> part % 8 & 1)
			continue;
		struct trail_error *error = fill_part(lazy, part);
		if (error)
			return error;
	}
	return NULL;
}
