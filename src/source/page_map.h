/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page map of a kdump-compressed dump: from page to bit of the second
 * bitmap, by the number of set bits before it to a descriptor, and from there
 * to bytes, each held against the file's size.  The half of core_check that
 * is about this format; everybody else asks core_check.
 */
#ifndef TRAIL_SOURCE_PAGE_MAP_H
#define TRAIL_SOURCE_PAGE_MAP_H

#include "base/base.h"
#include "source/core_check.h"

struct trail_diskdump;
struct trail_error;
struct trail_page_map;
struct trail_pool;

/** An answer that is worked out once, with a line that says why, "" for the good one. */
struct trail_verdict {
	bool known, yes;
	char why[160];
};

/** Note an answer; gives @yes. */
bool trail_verdict_set(struct trail_verdict *verdict, bool yes, const char *format, ...)
	TRAIL_PRINTF(3, 4);

/**
 * Read up to @size bytes at @offset of a seekable file.
 *
 * @n_ret  how many; less than @size only where the file ends
 *
 * Errors: OS.
 */
struct trail_error *trail_read_at(int fd, uint64_t offset, void *buf, size_t size,
				  size_t *n_ret) TRAIL_MUST_CHECK;

/**
 * A page map; reads nothing yet.
 *
 * @fd         borrowed; outlives the map
 * @file_size  in bytes
 * @dump       decoded headers, borrowed
 * @pool       owns the map
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_page_map_new(int fd, uint64_t file_size,
				       const struct trail_diskdump *dump, struct trail_pool *pool,
				       struct trail_page_map **ret) TRAIL_MUST_CHECK;

/** What trail_core_check_truncated(), _map_trusted() and _page() answer; verdicts are borrowed. */
const struct trail_verdict *trail_page_map_truncated(struct trail_page_map *map);
const struct trail_verdict *trail_page_map_trusted(struct trail_page_map *map);
enum trail_page_state trail_page_map_page(struct trail_page_map *map, uint64_t paddr);

/** What trail_core_check_knows_memory() answers, and of a page that is TRAIL_PAGE_EXCLUDED
 * trail_core_check_left_out(). */
bool trail_page_map_knows_memory(struct trail_page_map *map);
bool trail_page_map_left_out(struct trail_page_map *map, uint64_t paddr);

#endif
