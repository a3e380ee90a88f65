/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An arena: allocate many, free once; see pool.h. */
#include "base/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_SIZE = 64 * 1024, ALIGN = 16 };

struct trail_pool_block {
	struct trail_pool_block *next;
	size_t used, size;
	_Alignas(ALIGN) unsigned char data[];
};

void trail_pool_init(struct trail_pool *pool)
{
	pool->blocks = NULL;
}

void trail_pool_fini(struct trail_pool *pool)
{
	for (struct trail_pool_block *b = pool->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	pool->blocks = NULL;
}

void trail_pool_adopt(struct trail_pool *pool, struct trail_pool *other)
{
	struct trail_pool_block **last = &pool->blocks;

	while (*last)
		last = &(*last)->next;
	*last = other->blocks;
	other->blocks = NULL;
}

void *trail_pool_alloc(struct trail_pool *pool, size_t n, size_t size)
{
	uint64_t bytes;

	if (!trail_mul(n, size, &bytes) || bytes > SIZE_MAX / 2)
		return NULL;
	bytes = (bytes + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
	struct trail_pool_block *b = pool->blocks;
	if (!b || bytes > b->size - b->used) {
		size_t room = TRAIL_MAX(bytes, (uint64_t)BLOCK_SIZE);
		struct trail_pool_block *fresh = calloc(1, sizeof(*fresh) + room);

		if (!fresh)
			return NULL;
		fresh->size = room;
		if (b && bytes > BLOCK_SIZE / 2) { /* keep filling the current block */
			fresh->next = b->next;
			b->next = fresh;
		} else {
			fresh->next = b;
			pool->blocks = fresh;
		}
		b = fresh;
	}
	void *p = b->data + b->used;
	b->used += bytes;
	return p;
}

char *trail_pool_strndup(struct trail_pool *pool, const char *s, size_t n)
{
	char *copy = trail_pool_alloc(pool, 1, n + 1);

	if (copy)
		memcpy(copy, s, n);
	return copy;
}

char *trail_pool_strdup(struct trail_pool *pool, const char *s)
{
	return trail_pool_strndup(pool, s, strlen(s));
}

char *trail_pool_printf(struct trail_pool *pool, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *s = n < 0 ? NULL : trail_pool_alloc(pool, 1, (size_t)n + 1);
	if (s)
		vsnprintf(s, (size_t)n + 1, format, again);
	va_end(again);
	return s;
}

void *trail_pool_grow(struct trail_pool *pool, void *array, size_t n, size_t size)
{
	if (n & (n - 1) || (n && n < 4)) /* not at a power of two: there is room */
		return array;
	void *bigger = trail_pool_alloc(pool, n ? n * 2 : 4, size);
	if (bigger && n)
		memcpy(bigger, array, n * size);
	return bigger;
}
