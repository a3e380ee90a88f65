/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that are given for a dump and are none. */
#ifndef TRAIL_SOURCE_FOREIGN_H
#define TRAIL_SOURCE_FOREIGN_H

#include "base/base.h"

enum { TRAIL_FOREIGN_HEAD = 520 }; /* bytes that tell all kinds */

/**
 * What a file is by its first bytes, and what to do instead of reading it; NULL when that is
 * nothing that is known here.
 *
 * @packed_ret  it is compressed or an archive: a dump may be inside; may be NULL
 */
const char *trail_foreign_tell(const uint8_t *start, size_t n, bool *packed_ret);

#endif
