/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two short ids to group crashes by: the same bug (cause), and the same way
 * of dying (path).  "v1:" + words and names + ":" + eight hex digits, which
 * are FNV-1a (32 bit) over all in front of the last colon, names uncut.
 * Nothing in them changes with KASLR, the time, a CPU's number or who found
 * it, nor with a build, as long as the functions of the bug are the same.
 */
#ifndef TRAIL_TIMELINE_SIGNATURE_H
#define TRAIL_TIMELINE_SIGNATURE_H

#include "base/base.h"

struct trail_builder;

/** What a function on the stack is to the cause. */
enum trail_part {
	TRAIL_PART_BUG,	     /* it counts: what has no row */
	TRAIL_PART_PLUMBING, /* of every panic or oops, or of any caller's: passed over */
	TRAIL_PART_LAST,     /* the last that counts: who called it is another matter */
	TRAIL_PART_GROUND,   /* under every stack of its kind: nothing counts behind it */
	TRAIL_PART_IRQ,	     /* the same, and of the interrupt itself: it comes and goes where
				something is stuck, which is in what it interrupted */
	TRAIL_PART_WAIT,     /* how a task waits: passed over where it is stuck, else it counts */
};

/** The part of one function; the table ends with a row without a name. */
struct trail_part_row {
	const char *function; /* without a compiler's suffix; a * stands for any bytes */
	enum trail_part part;
	const char *source;
};
extern const struct trail_part_row trail_part_rows[];

/** Whose stack tells the bug, and where on it. */
enum trail_bug_stack {
	TRAIL_BUG_CALLER,	/* the panicking CPU's: who called panic() */
	TRAIL_BUG_TRAPPED,	/* the panicking CPU's: what the first trap interrupted */
	TRAIL_BUG_PRINTED,	/* one that is printed in the log: its first function */
	TRAIL_BUG_PRINTED_TRAP, /* the same: what the first trap interrupted, if there is one */
};

/** Where the bug of a class of panics is; the table ends with a row without a class. */
struct trail_bug_row {
	const char *class; /* of trail_timeline.trigger; a * stands for any bytes */
	const char *word;  /* of the signature: one bug takes several ways; NULL: the class */
	enum trail_bug_stack where;
	const char *through; /* only when it is on the panicking CPU's stack, between panic() and
				the first trap; NULL: always */
	const char *log;     /* of a PRINTED stack: what a record in front of it holds */
	bool stuck;	     /* something does not go on: how it waits is not the bug */
	const char *source;
};
extern const struct trail_bug_row trail_bug_rows[];

/**
 * Set cause and path of the timeline, each NULL when too little is known:
 * all else must be decided.
 */
void trail_sign(struct trail_builder *b);

/** FNV-1a, 32 bit, of @n bytes; @hash goes on from there, at first TRAIL_FNV_START. */
uint32_t trail_fnv1a(uint32_t hash, const char *bytes, size_t n);
#define TRAIL_FNV_START UINT32_C(0x811c9dc5)

#endif
