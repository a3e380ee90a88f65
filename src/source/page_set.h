/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing set of page numbers, in ascending order; where asked, with what is kept of each. */
#ifndef TRAIL_SOURCE_PAGE_SET_H
#define TRAIL_SOURCE_PAGE_SET_H

#include "base/base.h"
#include "source/xlat.h"

struct trail_error;

/** What is kept of a page: all else of it is zeros. */
struct trail_kept {
	uint8_t bytes[TRAIL_PAGE_SIZE];
	uint8_t map[TRAIL_PAGE_SIZE /
		    8]; /* a bit for each byte that is kept, from the low one on */
};

/** Zeroed when empty. */
struct trail_page_set {
	uint64_t *pages; /* ascending, each once */
	size_t n, room;
	bool has_bytes;		  /* set while it is empty */
	struct trail_kept **kept; /* of each page, nothing at first; NULL without has_bytes */
};

/** Put a page in, if it is not there yet; false when there is no memory for it. */
bool trail_page_set_add(struct trail_page_set *set, uint64_t page) TRAIL_MUST_CHECK;

/** What is kept of a page; NULL when it is not in, or has_bytes is not set. */
struct trail_kept *trail_page_set_kept(const struct trail_page_set *set, uint64_t page);

/** Are all of the @n bytes at @offset kept? */
bool trail_kept_has(const struct trail_kept *kept, size_t offset, size_t n);

/**
 * Fill an empty set from ERASEINFO; the bytes of the pages stay zeros, the maps say which are
 * there.  It has_bytes when the text is that of a redacted dump.
 * Errors: BAD_DATA, NOMEM.
 */
struct trail_error *trail_page_set_read_erased(struct trail_page_set *set, const void *bytes,
					       size_t n) TRAIL_MUST_CHECK;
void trail_page_set_fini(struct trail_page_set *set);

#endif
