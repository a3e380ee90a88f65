/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The insides of a profile, for profile.c, which keeps it, and profile_file.c, which saves it. */
#ifndef TRAIL_SOURCE_PROFILE_TREES_H
#define TRAIL_SOURCE_PROFILE_TREES_H

#include "base/pool.h"
#include "source/profile.h"

enum {
	TRAIL_QUESTION_MAX = 192, /* bytes of "type.path" with its NUL */
	TRAIL_STEM_MAX = 4096,	  /* symbols of one stem */
};

/* A question and what was answered; a question without a stem's or a member's answer is "none". */
struct trail_answer {
	const char *question; /* a stem; "type.path", or "type" for its size */
	struct trail_profile_stem stem;
	struct trail_member member;
	bool is_there;
};

/* An answer for a range of addresses, counted from _stext. */
struct trail_range {
	uint64_t start, size;
	struct trail_symbol symbol; /* its address is made when it is asked for */
	struct trail_orc_entry row;
};

struct trail_ranges {
	void *tree;
	size_t n;
};

struct trail_profile {
	uint64_t stext;
	void *stems, *members; /* trees of tsearch(3) */
	struct trail_ranges symbols_at, orc;
	struct trail_pool pool;
	bool news;
};

#endif
