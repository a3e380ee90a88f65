/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the search for zones of ramoops memory shares with the search for their parity. */
#ifndef TRAIL_FORMAT_RAMOOPS_SEARCH_H
#define TRAIL_FORMAT_RAMOOPS_SEARCH_H

#include "format/ramoops_layout.h"

/* The files that hold a region also hold other things: more signatures than this are not zones. */
enum { TRAIL_RAMOOPS_MAX_SEEN = 1 << 16, TRAIL_RAMOOPS_MAX_TRIED = 64 };

/* A signature, and what stands behind it. */
struct trail_ramoops_seen {
	size_t at;
	uint32_t version, start, size;
	bool big_endian;
	bool sound; /* start and size can be */
};

struct trail_ramoops_search {
	const uint8_t *bytes;
	size_t n;
	uint64_t n_file; /* where @bytes are only the start of a file, its size */
	struct trail_pool *pool;
	struct trail_ramoops_seen *seen;
	size_t n_seen;
};

/* What stands at @at, read as a zone's header. */
void trail_ramoops_header(const struct trail_ramoops_search *s, size_t at, bool big_endian,
			  struct trail_ramoops_seen *ret);

/* Add a zone behind the others; false when memory runs out. */
bool trail_ramoops_add(struct trail_ramoops_search *s, struct trail_ramoops_layout *layout,
		       const struct trail_ramoops_seen *header, bool signature);

/* Sort the zones by place: each ends where the next begins. */
void trail_ramoops_set_extents(const struct trail_ramoops_search *s,
			       struct trail_ramoops_layout *layout);

/* Bytes of parity a block has; 0: none that can be told. */
size_t trail_ramoops_parity(const struct trail_ramoops_search *s,
			    const struct trail_ramoops_layout *layout);

/* Add zones that lie in step and whose header can be corrected; false when memory runs out. */
bool trail_ramoops_add_corrected(struct trail_ramoops_search *s,
				 struct trail_ramoops_layout *layout);

/* Take a zone's header and extent as its parity says they were. */
void trail_ramoops_correct_header(const struct trail_ramoops_search *s,
				  const struct trail_ramoops_layout *layout,
				  struct trail_ramoops_zone *zone);

#endif
