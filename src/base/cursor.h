/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader over bytes that checks bounds and byte order.  After the first
 * failure every read gives zero, and the cursor keeps where it failed and
 * what was wanted there; trail_cursor_check() makes the error.  Check before
 * a value becomes an index, a length, a loop bound or a result.
 */
#ifndef TRAIL_BASE_CURSOR_H
#define TRAIL_BASE_CURSOR_H

#include "base/base.h"

struct trail_error;

struct trail_cursor {
	const uint8_t *data;
	size_t size;
	size_t pos;
	uint64_t origin;  /* offset or address of data[0], for messages */
	const char *what; /* names the bytes in messages: "note", "kallsyms token table" */
	bool big_endian;
	const char *wanted; /* set by the first failure */
	uint64_t failed_at; /* where that was, counted from the origin */
};

/** A cursor at the start of @size bytes; @data and @what are borrowed. */
struct trail_cursor trail_cursor_over(const void *data, size_t size, uint64_t origin,
				      const char *what, bool big_endian);

/** NULL when every read so far was good, else BAD_DATA that names the place and what was wanted. */
struct trail_error *trail_cursor_check(const struct trail_cursor *c) TRAIL_MUST_CHECK;

static inline bool trail_cursor_ok(const struct trail_cursor *c)
{
	return !c->wanted;
}

static inline size_t trail_cursor_left(const struct trail_cursor *c)
{
	return c->wanted ? 0 : c->size - c->pos;
}

uint8_t trail_cursor_u8(struct trail_cursor *c);
uint16_t trail_cursor_u16(struct trail_cursor *c);
uint32_t trail_cursor_u32(struct trail_cursor *c);
uint64_t trail_cursor_u64(struct trail_cursor *c);

/** A number of @width bytes: 1, 2, 4 or 8; another width is a failure. */
uint64_t trail_cursor_uint(struct trail_cursor *c, size_t width);

/** Move to @pos, counted from the start; past the end is a failure. */
void trail_cursor_seek(struct trail_cursor *c, uint64_t pos);
void trail_cursor_skip(struct trail_cursor *c, uint64_t n);

/** The next @n bytes, borrowed, and step over them; NULL on failure. */
const void *trail_cursor_bytes(struct trail_cursor *c, uint64_t n);

/** A cursor over the next @n bytes, stepping over them; an empty failed one on failure. */
struct trail_cursor trail_cursor_sub(struct trail_cursor *c, uint64_t n, const char *what);

/** The string up to its NUL, borrowed, and step over both; NULL on failure (no NUL before the end).
 */
const char *trail_cursor_string(struct trail_cursor *c);

/** Step to the next multiple of @align (a power of two), counted from the start. */
void trail_cursor_align(struct trail_cursor *c, size_t align);

#endif
