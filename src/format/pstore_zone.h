/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A partition of pstore/zone: what pstore_blk and mtdpstore write to a block device or flash.
 *
 * Source: Linux fs/pstore/zone.c struct psz_buffer, struct psz_kmsg_header, psz_recover_zone().
 */
#ifndef TRAIL_FORMAT_PSTORE_ZONE_H
#define TRAIL_FORMAT_PSTORE_ZONE_H

#include "format/region.h"

struct trail_error;
struct trail_pool;

/** Does a partition of @size bytes start so? */
bool trail_pstore_zone_is(const uint8_t *bytes, size_t n, uint64_t size);

/**
 * The records of all zones, wherever they lie.
 *
 * @bytes  borrowed by the records
 * @pool   owns the records, and rings that were put in order
 * @ret    n_places 0 where there is no zone
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_pstore_zone_read(const uint8_t *bytes, size_t n, struct trail_pool *pool,
					   struct trail_region *ret) TRAIL_MUST_CHECK;

#endif
