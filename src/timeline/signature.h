/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two short ids to group crashes by: the same bug (cause), and the same way
 * of dying (path).  "v1:" + words and names + ":" + eight hex digits, which
 * are FNV-1a (32 bit) over all in front of the last colon, names uncut.
 * Nothing in them changes with KASLR, a build, the time or a CPU's number.
 */
#ifndef TRAIL_TIMELINE_SIGNATURE_H
#define TRAIL_TIMELINE_SIGNATURE_H

#include "base/base.h"

struct trail_builder;

/** What a function on the stack is to the cause. */
enum trail_part {
	TRAIL_PART_PLUMBING, /* of every panic or oops: passed over */
	TRAIL_PART_LAST,     /* the last that counts: who called it is another matter */
	TRAIL_PART_GROUND,   /* under every stack of its kind: nothing counts from here on */
};

/** The part of one function; the table ends with a row without a name. */
struct trail_part_row {
	const char *function; /* without a compiler's suffix; with * at its end, what begins so */
	enum trail_part part;
	const char *source;
};
extern const struct trail_part_row trail_part_rows[];

/** A class whose bug is in what a trap interrupted, not in who called panic(). */
struct trail_trapped_row {
	const char *class;    /* of trail_timeline.trigger */
	const char *word;     /* of the signature: the same bug takes several ways to panic() */
	const char *function; /* only when it is on the stack below the trap; NULL: always */
	const char *log;      /* only when a record holds it; NULL: always */
	const char *source;
};
extern const struct trail_trapped_row trail_trapped_rows[];

/**
 * Set cause and path of the timeline, each NULL when too little is known:
 * all else must be decided.
 */
void trail_sign(struct trail_builder *b);

/** FNV-1a, 32 bit, of @n bytes; @hash goes on from there, at first TRAIL_FNV_START. */
uint32_t trail_fnv1a(uint32_t hash, const char *bytes, size_t n);
#define TRAIL_FNV_START UINT32_C(0x811c9dc5)

#endif
