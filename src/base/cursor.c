/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reader over bytes that checks bounds and byte order; see cursor.h. */
#include "base/cursor.h"

#include <endian.h>
#include <inttypes.h>

#include "base/error.h"

struct trail_cursor trail_cursor_over(const void *data, size_t size, uint64_t origin,
				      const char *what, bool big_endian)
{
	return (struct trail_cursor){
		.data = data, .size = size, .origin = origin, .what = what, .big_endian = big_endian
	};
}

static void fail(struct trail_cursor *c, const char *wanted)
{
	if (c->wanted)
		return;
	c->wanted = wanted;
	c->failed_at = c->origin + c->pos;
}

struct trail_error *trail_cursor_check(const struct trail_cursor *c)
{
	if (!c->wanted)
		return NULL;
	return trail_error_format(TRAIL_ERROR_BAD_DATA,
				  "%s ends too early: wanted %s at 0x%" PRIx64
				  ", it has %zu bytes from 0x%" PRIx64,
				  c->what, c->wanted, c->failed_at, c->size, c->origin);
}

/* NULL, which nothing may be added to, only of a cursor over nothing. */
static const uint8_t *here(const struct trail_cursor *c)
{
	return c->pos ? c->data + c->pos : c->data;
}

/* The next @n bytes or NULL, with the failure kept. */
static const uint8_t *take(struct trail_cursor *c, uint64_t n, const char *wanted)
{
	if (c->wanted)
		return NULL;
	if (n > c->size - c->pos) {
		fail(c, wanted);
		return NULL;
	}
	const uint8_t *p = here(c);
	c->pos += n;
	return p;
}

static uint64_t number(struct trail_cursor *c, size_t width, const char *wanted)
{
	const uint8_t *p = take(c, width, wanted);
	uint32_t n32;
	uint16_t n16;
	uint64_t n64;

	if (!p)
		return 0;
	switch (width) {
	case 1:
		return *p;
	case 2:
		memcpy(&n16, p, sizeof(n16));
		return c->big_endian ? be16toh(n16) : le16toh(n16);
	case 4:
		memcpy(&n32, p, sizeof(n32));
		return c->big_endian ? be32toh(n32) : le32toh(n32);
	default:
		memcpy(&n64, p, sizeof(n64));
		return c->big_endian ? be64toh(n64) : le64toh(n64);
	}
}

uint8_t trail_cursor_u8(struct trail_cursor *c)
{
	return number(c, 1, "a byte");
}

uint16_t trail_cursor_u16(struct trail_cursor *c)
{
	return number(c, 2, "2 bytes");
}

uint32_t trail_cursor_u32(struct trail_cursor *c)
{
	return number(c, 4, "4 bytes");
}

uint64_t trail_cursor_u64(struct trail_cursor *c)
{
	return number(c, 8, "8 bytes");
}

uint64_t trail_cursor_uint(struct trail_cursor *c, size_t width)
{
	if (width != 1 && width != 2 && width != 4 && width != 8) {
		fail(c, "a number of 1, 2, 4 or 8 bytes");
		return 0;
	}
	return number(c, width, "a number");
}

void trail_cursor_seek(struct trail_cursor *c, uint64_t pos)
{
	if (c->wanted)
		return;
	if (pos > c->size)
		fail(c, "a place inside");
	else
		c->pos = pos;
}

void trail_cursor_skip(struct trail_cursor *c, uint64_t n)
{
	take(c, n, "bytes to step over");
}

const void *trail_cursor_bytes(struct trail_cursor *c, uint64_t n)
{
	return take(c, n, "a block of bytes");
}

struct trail_cursor trail_cursor_sub(struct trail_cursor *c, uint64_t n, const char *what)
{
	uint64_t origin = c->origin + c->pos;
	const uint8_t *p = take(c, n, what);
	struct trail_cursor sub = trail_cursor_over(p, p ? n : 0, origin, what, c->big_endian);

	if (!trail_cursor_ok(c))
		fail(&sub, "a part that is there");
	return sub;
}

const char *trail_cursor_string(struct trail_cursor *c)
{
	if (c->wanted)
		return NULL;
	const char *s = (const char *)here(c);
	const char *end = c->size > c->pos ? memchr(s, 0, c->size - c->pos) : NULL;
	if (!end) {
		fail(c, "the NUL that ends a string");
		return NULL;
	}
	c->pos += end - s + 1;
	return s;
}

void trail_cursor_align(struct trail_cursor *c, size_t align)
{
	trail_cursor_seek(c, ((uint64_t)c->pos + align - 1) & ~((uint64_t)align - 1));
}
