/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A block of bytes that is read by parts, when they are asked for.  A part
 * that cannot be read is asked for again each time; the rest stays usable.
 */
#ifndef TRAIL_BASE_LAZY_H
#define TRAIL_BASE_LAZY_H

#include "base/base.h"

struct trail_error;

enum { TRAIL_LAZY_PART = 4096 }; /* bytes that are read at a time */

/** Read @n bytes at @address to @to. */
typedef struct trail_error *trail_lazy_fn(void *data, uint64_t address, void *to, size_t n);

struct trail_lazy {
	uint8_t *bytes; /* of the whole block; only what was needed is filled in */
	size_t size;
	uint8_t *have;	  /* a bit a part */
	uint64_t address; /* of the first byte; read parts begin at multiples of their size */
	trail_lazy_fn *read;
	void *data;
};

/**
 * A block of @size bytes that @read gives; nothing is read yet.
 *
 * @address  where the block lies, for the parts' borders and for messages
 * @ret      owned by the caller; @data must outlive it
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_lazy_init(struct trail_lazy *ret, uint64_t address, size_t size,
				    trail_lazy_fn *read, void *data) TRAIL_MUST_CHECK;
void trail_lazy_fini(struct trail_lazy *lazy);

/**
 * See that @n bytes at @offset are there.
 *
 * Errors: BAD_DATA (they leave the block), those of the reader.
 */
struct trail_error *trail_lazy_need(struct trail_lazy *lazy, uint64_t offset,
				    uint64_t n) TRAIL_MUST_CHECK;

#endif
