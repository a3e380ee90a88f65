/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An arena: allocate many, free once.  What a pool gives lives as long as the
 * pool.  Every function gives NULL when memory runs out.
 */
#ifndef TRAIL_BASE_POOL_H
#define TRAIL_BASE_POOL_H

#include "base/base.h"

struct trail_pool_block;

struct trail_pool {
	struct trail_pool_block *blocks;
};

void trail_pool_init(struct trail_pool *pool);
void trail_pool_fini(struct trail_pool *pool);

/** Let @pool own all that @other gave; @other is empty afterwards. */
void trail_pool_adopt(struct trail_pool *pool, struct trail_pool *other);

/** @n zeroed elements of @size bytes; NULL also when n * size overflows. */
void *trail_pool_alloc(struct trail_pool *pool, size_t n, size_t size);
char *trail_pool_strndup(struct trail_pool *pool, const char *s, size_t n);
char *trail_pool_strdup(struct trail_pool *pool, const char *s);
char *trail_pool_printf(struct trail_pool *pool, const char *format, ...) TRAIL_PRINTF(2, 3);

/**
 * Make room for one more element in an array of this pool.
 *
 * @array  the array, NULL when empty; may move (the old one stays until the pool dies)
 * @n      elements in use; room is kept at the next power of two
 * Gives the array with room for @n + 1 elements, the new one zeroed.
 */
void *trail_pool_grow(struct trail_pool *pool, void *array, size_t n, size_t size);

#endif
