/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing set of page numbers; see page_set.h. */
#include "source/page_set.h"

#include <stdlib.h>

enum { FIRST_ROOM = 1024 };

/* Where @page is, or belongs. */
static size_t place_of(const struct trail_page_set *set, uint64_t page)
{
	size_t low = 0, high = set->n;

	if (!high || set->pages[high - 1] < page)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (set->pages[middle] < page)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool trail_page_set_add(struct trail_page_set *set, uint64_t page)
{
	size_t at = place_of(set, page);

	if (at < set->n && set->pages[at] == page)
		return true;
	if (set->n == set->room) {
		size_t room = set->room ? set->room * 2 : FIRST_ROOM;
		uint64_t *bigger = reallocarray(set->pages, room, sizeof(*bigger));
		if (!bigger)
			return false;
		set->pages = bigger;
		set->room = room;
	}
	memmove(set->pages + at + 1, set->pages + at, (set->n - at) * sizeof(*set->pages));
	set->pages[at] = page;
	set->n++;
	return true;
}

void trail_page_set_fini(struct trail_page_set *set)
{
	free(set->pages);
	*set = (struct trail_page_set){ 0 };
}
