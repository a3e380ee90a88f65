/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a decoder of a raw region gives: the records in it, and how many places for records it has.
 */
#ifndef TRAIL_FORMAT_REGION_H
#define TRAIL_FORMAT_REGION_H

#include "format/pstore.h"

struct trail_region {
	struct trail_pstore_record *records; /* bytes are of the region or of the pool */
	size_t n;
	size_t n_places; /* zones, slots, pages: those without a record too; 0: not such a region */
	const char *why; /* what was left out; NULL: nothing is known to be */
};

#endif
