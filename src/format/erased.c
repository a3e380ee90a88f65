/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of runs of bytes ⇄ a map of each page; see erased.h. */
#include "format/erased.h"

#include <inttypes.h>

#include "base/text.h"

static const char start[] = "panictrail distill --redact\n";

bool trail_erased_open(const void *bytes, size_t n, struct trail_erased *ret)
{
	const char *text = bytes;
	size_t length = sizeof(start) - 1;

	if (n < length || memcmp(text, start, length) != 0)
		return false;
	*ret = (struct trail_erased){ .at = text + length, .end = text + n };
	return true;
}

static bool step(struct trail_erased *e, char c)
{
	if (e->at == e->end || *e->at != c)
		return false;
	e->at++;
	return true;
}

static bool read_hex(struct trail_erased *e, uint64_t max, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	const char *first = e->at, *digit;
	uint64_t value = 0;

	while (e->at < e->end && *e->at && (digit = strchr(digits, *e->at))) {
		if (value >> 60)
			return false;
		value = value << 4 | (uint64_t)(digit - digits);
		e->at++;
	}
	*ret = value;
	return e->at > first && value <= max;
}

bool trail_erased_next(struct trail_erased *e, struct trail_erased_page *ret)
{
	uint64_t page, from, to, next = 0;
	struct trail_erased_page p = { 0 };

	if (e->bad || e->at == e->end)
		return false;
	e->bad = true;
	if (!read_hex(e, UINT64_MAX >> 12, &page))
		return false;
	while (!step(e, '\n')) {
		if (!step(e, ' ') || !read_hex(e, TRAIL_ERASED_PAGE - 1, &from) || !step(e, '-') ||
		    !read_hex(e, TRAIL_ERASED_PAGE - 1, &to) || from < next || from > to)
			return false;
		for (uint64_t i = from; i <= to; i++)
			p.map[i / 8] |= 1 << i % 8;
		next = to + 1;
	}
	e->bad = false;
	p.page = page;
	*ret = p;
	return true;
}

void trail_erased_start(struct trail_text *out)
{
	trail_text_puts(out, start);
}

static bool is_there(const uint8_t *map, size_t i)
{
	return i < TRAIL_ERASED_PAGE && map[i / 8] >> i % 8 & 1;
}

void trail_erased_put(struct trail_text *out, uint64_t page, const uint8_t *map)
{
	trail_text_printf(out, "%" PRIx64, page);
	for (size_t i = 0; i < TRAIL_ERASED_PAGE; i++) {
		size_t first = i;
		if (!is_there(map, i))
			continue;
		while (is_there(map, i + 1))
			i++;
		trail_text_printf(out, " %zx-%zx", first, i);
	}
	trail_text_puts(out, "\n");
}
