/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ERASEINFO of a dump that was redacted: which bytes are there of the pages
 * that are not there as a whole, so that zeros that stand for what was taken
 * out are not read as what the kernel had.  A line of text says who erased;
 * then a line for each such page, ascending, all numbers hexadecimal:
 *
 *   panictrail distill --redact
 *   1f02a 0-7 c0-1ff        the page frame; first and last byte of each run
 *
 * Readers of kdump-compressed dumps know the place (format/diskdump.h), and
 * crash warns of a dump that has one.
 */
#ifndef TRAIL_FORMAT_ERASED_H
#define TRAIL_FORMAT_ERASED_H

#include "base/base.h"

struct trail_text;

enum { TRAIL_ERASED_PAGE = 4096 };

/** Of one page a bit for each byte that is there, from the low bit on. */
struct trail_erased_page {
	uint64_t page;
	uint8_t map[TRAIL_ERASED_PAGE / 8];
};

/** Where in the text a reader stands; the bytes are borrowed. */
struct trail_erased {
	const char *at, *end;
	bool bad; /* what stood there is no such line */
};

/** Begin to read; false when the text is not of a dump that was redacted. */
bool trail_erased_open(const void *bytes, size_t n, struct trail_erased *ret);

/** The next page; false at the end, and where .bad says that nothing of it can be trusted. */
bool trail_erased_next(struct trail_erased *e, struct trail_erased_page *ret);

/** Append the first line, and the line of one page. */
void trail_erased_start(struct trail_text *out);
void trail_erased_put(struct trail_text *out, uint64_t page, const uint8_t *map);

#endif
