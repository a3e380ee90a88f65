/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of ramoops, as it lies in RAM or as something dumped it: zones of pstore, with or without
 * parity.  Sizes are not stored, so zones are found by their signatures.
 *
 * Source: Linux fs/pstore/ram.c ramoops_probe(), ram_core.c struct persistent_ram_buffer.
 */
#ifndef TRAIL_FORMAT_RAMOOPS_H
#define TRAIL_FORMAT_RAMOOPS_H

#include "format/region.h"

struct trail_error;
struct trail_pool;

/** Is a file of @size bytes that starts with these @n memory of ramoops, or does that begin in
 * them? */
bool trail_ramoops_is(const uint8_t *bytes, size_t n, uint64_t size);

/**
 * The records of all zones; bytes before and behind the region do no harm.
 *
 * @bytes  borrowed by the records
 * @pool   owns the records, and what had to be put together or corrected
 * @ret    n_places 0 where there is no zone
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_ramoops_read(const uint8_t *bytes, size_t n, struct trail_pool *pool,
				       struct trail_region *ret) TRAIL_MUST_CHECK;

#endif
