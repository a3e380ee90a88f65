/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that are given for a dump and are none. */
#ifndef TRAIL_SOURCE_FOREIGN_H
#define TRAIL_SOURCE_FOREIGN_H

#include "base/base.h"
#include "source/unpack.h"

struct trail_error;

enum { TRAIL_FOREIGN_HEAD = 520 }; /* bytes that tell all kinds */

/** Do the first bytes of a file open a dump: an ELF core, a kdump-compressed or a flattened one? */
bool trail_foreign_is_dump(const uint8_t *start, size_t n);

/**
 * What a file is by its first bytes, and what to do instead of reading it; NULL when that is
 * nothing that is known here.
 *
 * @packed_ret  it is compressed so that it is not unpacked here, or an archive: a dump may be
 *              inside; may be NULL
 */
const char *trail_foreign_tell(const uint8_t *start, size_t n, bool *packed_ret);

/**
 * The error of a file that is nothing that is read.
 *
 * @wrapper  what it is compressed with
 * @start    its first bytes, once that is taken off
 *
 * Errors: UNSUPPORTED, or NOMEM.
 */
struct trail_error *trail_foreign_refuse(enum trail_unpack_wrapper wrapper, const uint8_t *start,
					 size_t n) TRAIL_MUST_CHECK;

#endif
