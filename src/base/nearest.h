/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name that a mistyped word was meant as. */
#ifndef TRAIL_BASE_NEAREST_H
#define TRAIL_BASE_NEAREST_H

#include "base/base.h"

/** How many letters must be changed, added, left out or swapped with the next; 255 for too many
 * to count.  Large and small letters are the same. */
unsigned trail_edit_distance(const char *a, const char *b);

/** The best of the names so far; what is further off than a third of the word is no typing error.
 */
struct trail_nearest {
	const char *word;
	const char *name; /* borrowed; NULL: none is near */
	unsigned distance;
};

void trail_nearest_consider(struct trail_nearest *nearest, const char *name);

#endif
