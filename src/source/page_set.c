/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing set of page numbers; see page_set.h. */
#include "source/page_set.h"

#include <stdlib.h>

#include "base/error.h"
#include "format/erased.h"

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

static bool grow(struct trail_page_set *set)
{
	size_t room = set->room ? set->room * 2 : FIRST_ROOM;
	uint64_t *pages = reallocarray(set->pages, room, sizeof(*pages));

	if (!pages)
		return false;
	set->pages = pages;
	if (set->has_bytes) {
		struct trail_kept **kept = reallocarray(set->kept, room, sizeof(*kept));
		if (!kept)
			return false;
		set->kept = kept;
	}
	set->room = room;
	return true;
}

bool trail_page_set_add(struct trail_page_set *set, uint64_t page)
{
	size_t at = place_of(set, page);
	struct trail_kept *kept = NULL;

	if (at < set->n && set->pages[at] == page)
		return true;
	if (set->n == set->room && !grow(set))
		return false;
	if (set->has_bytes && !(kept = calloc(1, sizeof(*kept))))
		return false;
	memmove(set->pages + at + 1, set->pages + at, (set->n - at) * sizeof(*set->pages));
	set->pages[at] = page;
	if (set->has_bytes) {
		memmove(set->kept + at + 1, set->kept + at, (set->n - at) * sizeof(*set->kept));
		set->kept[at] = kept;
	}
	set->n++;
	return true;
}

struct trail_kept *trail_page_set_kept(const struct trail_page_set *set, uint64_t page)
{
	size_t at = place_of(set, page);

	return set->has_bytes && at < set->n && set->pages[at] == page ? set->kept[at] : NULL;
}

bool trail_kept_has(const struct trail_kept *kept, size_t offset, size_t n)
{
	for (size_t i = offset; i < offset + n; i++)
		if (!(kept->map[i / 8] >> i % 8 & 1))
			return false;
	return true;
}

struct trail_error *trail_page_set_read_erased(struct trail_page_set *set, const void *bytes,
					       size_t n)
{
	struct trail_erased_page there;
	struct trail_erased e;

	set->has_bytes = trail_erased_open(bytes, n, &e);
	if (!set->has_bytes)
		return NULL;
	while (trail_erased_next(&e, &there)) {
		if (!trail_page_set_add(set, there.page))
			return &trail_error_nomem;
		memcpy(trail_page_set_kept(set, there.page)->map, there.map, sizeof(there.map));
	}
	return e.bad ? trail_error_format(TRAIL_ERROR_BAD_DATA, "ERASEINFO is damaged") : NULL;
}

void trail_page_set_fini(struct trail_page_set *set)
{
	for (size_t i = 0; set->has_bytes && i < set->n; i++)
		free(set->kept[i]);
	free(set->kept);
	free(set->pages);
	*set = (struct trail_page_set){ 0 };
}
