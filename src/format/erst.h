/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of pstore in a store of ACPI ERST: Common Platform Error Records that Linux wrote,
 * wherever they lie, and the map of the store that QEMU keeps in a file.
 *
 * Source: Linux drivers/acpi/apei/erst.c erst_writer(), erst_reader(); include/linux/cper.h;
 * QEMU hw/acpi/erst.c ERSTStorageHeader, clear_erst_record().
 */
#ifndef TRAIL_FORMAT_ERST_H
#define TRAIL_FORMAT_ERST_H

#include "format/region.h"

struct trail_error;
struct trail_pool;

/** Is this the start of a store, or of a record of Linux? */
bool trail_erst_is(const uint8_t *bytes, size_t n, uint64_t size);

/**
 * The records of a store; those that its map says were cleared are left out.
 *
 * @bytes  borrowed by the records
 * @pool   owns the records
 * @ret    n_places 0 where there is neither a store nor a record
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_erst_read(const uint8_t *bytes, size_t n, struct trail_pool *pool,
				    struct trail_region *ret) TRAIL_MUST_CHECK;

#endif
