/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of several boots, kept up to a limit: what can be done without is dropped first. */
#ifndef TRAIL_COLLECT_LOG_STORE_H
#define TRAIL_COLLECT_LOG_STORE_H

#include "base/base.h"
#include "base/pool.h"

struct trail_klog_line;
struct trail_log_facts;

/*
 * Bytes, with what a line costs beside its text: the whole store; what is held on to before and
 * behind the first panic of a boot, and its first other trouble.
 */
enum {
	TRAIL_STORE_MAX = 36 << 20,
	TRAIL_KEEP_BEFORE = 6 << 20,
	TRAIL_KEEP_BEHIND = 18 << 20,
	TRAIL_KEEP_LESS = 2 << 20,
};

/** A run of lines; its bytes are its pool's. */
struct trail_log_chunk {
	struct trail_log_chunk *next;
	struct trail_pool pool;
	uint8_t *bytes;
	size_t used, size, lines;
	bool pinned;
};

/** The lines of a boot; zeroed: none. */
struct trail_log_lines {
	struct trail_log_chunk *first, *last;
	size_t cost;	  /* of its chunks and the records they become */
	size_t pinned;	  /* of that, what is pinned */
	size_t pin_ahead; /* of the lines to come, so much is pinned */
	uint64_t lost;	  /* lines that were dropped */
	bool cut;	  /* lines behind the last one were dropped */
};

/** A place between lines. */
struct trail_log_place {
	struct trail_log_chunk *chunk; /* NULL: before the first line */
	size_t used, lines;
};

/** Copy a line to the end; false when memory runs out.  What it costs is added to @cost. */
bool trail_log_add(struct trail_log_lines *lines, const struct trail_klog_line *line,
		   uint64_t number, size_t *cost);

struct trail_log_place trail_log_end(const struct trail_log_lines *lines);

/** Is there more than a chunk's room behind the place?  A place so far back may be dropped. */
bool trail_log_is_far(const struct trail_log_lines *lines, struct trail_log_place place);

/** Move what is behind the place to @to, which is empty; false when memory runs out. */
bool trail_log_move(struct trail_log_lines *lines, struct trail_log_place place,
		    struct trail_log_lines *to, size_t *cost);

/** Hold on to @before bytes of the lines so far, and to @behind of those to come. */
void trail_log_pin(struct trail_log_lines *lines, size_t before, size_t behind);

/** Drop the oldest chunk that is not pinned and not of the last two; false when there is none. */
bool trail_log_drop(struct trail_log_lines *lines, size_t *cost);

/** Drop all but the first chunk, or all. */
void trail_log_keep_first(struct trail_log_lines *lines, size_t *cost);
void trail_log_drop_all(struct trail_log_lines *lines, size_t *cost);

/**
 * Give the lines as records, and what they point to, to @pool; @lines is empty afterwards.
 * false when memory runs out.
 *
 * @wanted  may be NULL: only lines for which it says so
 */
bool trail_log_records(struct trail_log_lines *lines, bool (*wanted)(const char *text, size_t n),
		       struct trail_pool *pool, struct trail_log_facts *ret);

#endif
