/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing set of page numbers, in ascending order. */
#ifndef TRAIL_SOURCE_PAGE_SET_H
#define TRAIL_SOURCE_PAGE_SET_H

#include "base/base.h"

/** Zeroed when empty. */
struct trail_page_set {
	uint64_t *pages; /* ascending, each once */
	size_t n, room;
};

/** Put a page in, if it is not there yet; false when there is no memory for it. */
bool trail_page_set_add(struct trail_page_set *set, uint64_t page) TRAIL_MUST_CHECK;
void trail_page_set_fini(struct trail_page_set *set);

#endif
