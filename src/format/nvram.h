/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two older places for a dump: the oops partition of a ppc64 machine's NVRAM, and the pages that
 * mtdoops writes to flash.
 *
 * Source: Linux arch/powerpc/kernel/nvram_64.c nvram_pstore_read(), struct nvram_header;
 * drivers/mtd/mtdoops.c struct mtdoops_hdr, mtdoops_write().
 */
#ifndef TRAIL_FORMAT_NVRAM_H
#define TRAIL_FORMAT_NVRAM_H

#include "format/region.h"

struct trail_error;
struct trail_pool;

/** Do these bytes hold the head of an oops partition? */
bool trail_nvram_is(const uint8_t *bytes, size_t n, uint64_t size);

/**
 * The record of an NVRAM's oops partition.
 *
 * @bytes  borrowed by the record
 * @ret    n_places 0 where there is no such partition
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_nvram_read(const uint8_t *bytes, size_t n, struct trail_pool *pool,
				     struct trail_region *ret) TRAIL_MUST_CHECK;

/** Do these bytes hold the head of a page of mtdoops? */
bool trail_mtdoops_is(const uint8_t *bytes, size_t n, uint64_t size);

/** The pages of mtdoops, as trail_nvram_read(). */
struct trail_error *trail_mtdoops_read(const uint8_t *bytes, size_t n, struct trail_pool *pool,
				       struct trail_region *ret) TRAIL_MUST_CHECK;

#endif
