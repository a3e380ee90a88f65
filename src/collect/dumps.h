/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opened records of pstore → the dumps they are parts of, as texts in the facts. */
#ifndef TRAIL_COLLECT_DUMPS_H
#define TRAIL_COLLECT_DUMPS_H

#include "base/base.h"
#include "facts/facts.h"

struct trail_error;
struct trail_pstore_record;

/** What is known of when a record was written. */
enum trail_record_time {
	TRAIL_TIME_UNKNOWN,
	TRAIL_TIME_OF_FILE, /* a copy may have changed it */
	TRAIL_TIME_OF_RECORD,
};

/** A record that was opened; strings and lines are of the facts' pool. */
struct trail_record_part {
	const struct trail_pstore_record *record;
	const char *name;   /* of the record */
	const char *reason; /* NULL: not said */
	uint32_t count;	    /* with the reason, or as the id says; else 0 */
	uint32_t number;    /* 0: not said */
	enum trail_record_time time;
	uint64_t time_s;
	uint64_t boot_s; /* the same in all records of a boot; 0: not known */
	const char *packing;
	enum trail_part_state state;
	const char *why;
	bool lost_end; /* its newest lines are lost, or a part of the last one */
	struct trail_record *lines;
	size_t n_lines;
	/* worked out from them by trail_record_part_mark() */
	uint64_t first_ns, last_ns; /* of those that have a time; TRAIL_NO_TIME: none has */
	uint64_t min_ns, max_ns;    /* a CPU that just came up counts from 0 */
	uint64_t *marks;	    /* n_lines, one of each line's time and text, sorted */
	size_t source;		    /* the record that was given, of which it is a part */
	size_t repeated_in;	    /* of another such record that holds the same; SIZE_MAX: none */
	size_t order;		    /* among all that were given */
	size_t dump;		    /* its dump; set by trail_dumps_add() */
};

/** Work out the marks and times of a part's lines.  False when memory runs out. */
bool trail_record_part_mark(struct trail_pool *pool, struct trail_record_part *part);

/** Is that line among a part's?  By its mark. */
bool trail_record_part_has(const struct trail_record_part *part, const struct trail_record *line);

/** Does a part end where another begins, by the times of their lines? */
bool trail_record_part_precedes(const struct trail_record_part *part,
				const struct trail_record_part *next);

/**
 * Put parts of dumps together: by what their first lines say, by time and by content.
 *
 * @parts  in the order they were read; changed
 * @path   what the user named
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_dumps_add(struct trail_record_part *parts, size_t n, const char *path,
				    struct trail_facts *facts) TRAIL_MUST_CHECK;

/** Does a log begin with the banner of its boot? */
bool trail_log_has_start(const struct trail_record *lines, size_t n);

#endif
