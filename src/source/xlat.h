/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual → physical addresses of a dead kernel: linear ranges first, then
 * page tables, which libaddrxlat walks.
 */
#ifndef TRAIL_SOURCE_XLAT_H
#define TRAIL_SOURCE_XLAT_H

#include "base/base.h"

struct trail_error;
struct trail_xlat;

enum { TRAIL_PAGE_SHIFT = 12, TRAIL_PAGE_SIZE = 1 << TRAIL_PAGE_SHIFT };

/** Ways to lay out the virtual addresses of page tables. */
enum trail_paging { TRAIL_PAGING_X86_64_4, TRAIL_PAGING_X86_64_5 };

enum { TRAIL_XLAT_ENTRY_SIZE = 8 };

/**
 * Could these TRAIL_XLAT_ENTRY_SIZE bytes of a page table be an entry of it that leads somewhere?
 * No text is one: it would lead beyond all memory.
 */
bool trail_xlat_is_entry(const uint8_t *bytes);

/** Reads the TRAIL_PAGE_SIZE bytes of the page at a physical address. */
typedef struct trail_error *trail_xlat_read_fn(void *data, uint64_t address, void *ret);

/** A translation that knows no address yet; @data is borrowed.  Errors: NOMEM. */
struct trail_error *trail_xlat_new(trail_xlat_read_fn *read, void *data,
				   struct trail_xlat **ret) TRAIL_MUST_CHECK;
void trail_xlat_free(struct trail_xlat *xlat);

/** As trail_image_map_linear(), trail_image_map_tables(), trail_image_unmap(). */
void trail_xlat_map_linear(struct trail_xlat *xlat, uint64_t first, uint64_t last,
			   uint64_t physical);
void trail_xlat_map_tables(struct trail_xlat *xlat, enum trail_paging paging, uint64_t root);

/** From now on read the page tables of what a linear range covers, too, and those that were read
 * before anew; errors of reading are no matter.  False when memory runs out. */
bool trail_xlat_walk_linear(struct trail_xlat *xlat) TRAIL_MUST_CHECK;
void trail_xlat_unmap(struct trail_xlat *xlat);

/** Errors: NODATA (unmapped), those of the read function. */
struct trail_error *trail_xlat_translate(struct trail_xlat *xlat, uint64_t address,
					 uint64_t *ret) TRAIL_MUST_CHECK;

#endif
