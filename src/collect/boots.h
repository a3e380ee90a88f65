/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of a log file, one after the other → the boots in it, as far as they matter: those that
 * crashed, the crash kernel's, the one after.  However long the file is, what is kept is bounded.
 */
#ifndef TRAIL_COLLECT_BOOTS_H
#define TRAIL_COLLECT_BOOTS_H

#include "base/base.h"
#include "facts/facts.h"

struct trail_error;
struct trail_klog_line;
struct trail_boots;

/** NULL when memory runs out. */
struct trail_boots *trail_boots_new(void);
void trail_boots_free(struct trail_boots *boots);
void trail_boots_freep(struct trail_boots **boots);

/**
 * Take the next line; it is copied.  An empty one is left out.
 *
 * @number  in the file, from 1
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_boots_line(struct trail_boots *boots, const struct trail_klog_line *line,
				     uint64_t number) TRAIL_MUST_CHECK;

/** What follows is of another boot: the file says so. */
void trail_boots_next(struct trail_boots *boots);

/** What a whole file is. */
struct trail_boots_file {
	const char *path, *form; /* as in a text; form NULL: told by the lines */
	bool outside;		 /* CR LF, escape sequences: a console was recorded */
	unsigned marks;		 /* of all lines; with what most of them have, see form */
};

/**
 * Add the texts; @boots is empty afterwards.
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_boots_finish(struct trail_boots *boots,
				       const struct trail_boots_file *file,
				       struct trail_facts *facts) TRAIL_MUST_CHECK;

#endif
