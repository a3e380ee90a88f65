/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a test as a block that is read by parts, with a hole in it that cannot be read. */
#ifndef TESTS_LIB_LAZY_BYTES_H
#define TESTS_LIB_LAZY_BYTES_H

#include "base/error.h"
#include "base/lazy.h"

struct lazy_bytes {
	const void *data;
	size_t size;
	uint64_t address;
	uint64_t hole, hole_end; /* offsets; none when they are equal */
};

static inline struct trail_error *lazy_bytes_read(void *data, uint64_t address, void *to, size_t n)
{
	const struct lazy_bytes *b = data;
	uint64_t offset = address - b->address;

	if (offset > b->size || n > b->size - offset)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "outside of the bytes");
	if (offset < b->hole_end && offset + n > b->hole)
		return trail_error_format(TRAIL_ERROR_NODATA, "in the hole");
	memcpy(to, (const uint8_t *)b->data + offset, n);
	return NULL;
}

static inline struct trail_error *lazy_bytes_open(struct lazy_bytes *b, struct trail_lazy *ret)
{
	return trail_lazy_init(ret, b->address, b->size, lazy_bytes_read, b);
}

#endif
