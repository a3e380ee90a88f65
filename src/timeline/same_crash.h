/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump and a text, or two texts: are they of the same crash? */
#ifndef TRAIL_TIMELINE_SAME_CRASH_H
#define TRAIL_TIMELINE_SAME_CRASH_H

#include "base/base.h"
#include "facts/facts.h"

/** What a dump or a text tells of the crash that it is of.  All is borrowed but the stamps. */
struct trail_trace {
	const struct trail_facts *dump;	     /* it is a dump; else NULL */
	const struct trail_text_facts *text; /* it is a text; else NULL */
	const struct trail_log_facts *log;
	const char *path;
	const char *release, *version, *build_id, *cmdline; /* NULL: not said */
	const char *message; /* behind "not syncing: "; NULL: no panic line */
	size_t n_message;
	uint64_t panic_ns;	  /* of that line; TRAIL_NO_TIME */
	int32_t cpu, pid;	  /* of the stack that follows it; -1 */
	bool has_date, date_sure; /* sure: the kernel wrote it down when it crashed */
	uint64_t date_s;
	uint64_t first_us, last_us; /* of the log clock; both 0: no line has a time */
	uint64_t *stamps;	    /* of its lines with their times, ascending */
	size_t n_stamps;
};

enum trail_kinship { TRAIL_KIN_UNKNOWN, TRAIL_KIN_SAME, TRAIL_KIN_OTHER };

enum { TRAIL_WHY_SIZE = 512 };

/** Look at a dump, or at a text when @text is not NULL.  False when memory runs out. */
bool trail_trace_init(struct trail_trace *trace, const struct trail_facts *facts,
		      const struct trail_text_facts *text) TRAIL_MUST_CHECK;
void trail_trace_fini(struct trail_trace *trace);

/**
 * Are both of the same crash?
 *
 * @why  of TRAIL_WHY_SIZE bytes; for OTHER what differs, a clause in which @b is "it"
 */
enum trail_kinship trail_trace_compare(const struct trail_trace *a, const struct trail_trace *b,
				       char *why);

#endif
