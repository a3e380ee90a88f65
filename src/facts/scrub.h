/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text without what tells whose machine it is of: found by how it looks, or
 * known.  What is taken out is filled, so that the text keeps its length, as
 * it must where it lies in a dump; for people it is written as one word.
 */
#ifndef TRAIL_FACTS_SCRUB_H
#define TRAIL_FACTS_SCRUB_H

#include "base/base.h"
#include "facts/redact.h"

struct trail_text;

/** What stands where something was taken out; it holds nothing to take out again. */
#define TRAIL_REDACTED "<redacted>"

enum { TRAIL_TAKEN_NOT, TRAIL_TAKEN_FIRST, TRAIL_TAKEN_MORE };

/** A text that is worked on. */
struct trail_scrub {
	char *text; /* n bytes and a NUL; a place of n bytes is filled with <x…x>, one with ~ */
	uint8_t *taken; /* of each byte: is it of a place that was taken out? */
	size_t n;
	struct trail_redactions *redactions; /* borrowed */
};

/** Make a copy of @bytes to work on; false when memory runs out. */
bool trail_scrub_init(struct trail_scrub *s, const char *bytes, size_t n,
		      struct trail_redactions *redactions) TRAIL_MUST_CHECK;
void trail_scrub_fini(struct trail_scrub *s);

/** Take @n bytes out, and the whole of each place that they touch. */
void trail_scrub_take(struct trail_scrub *s, size_t at, size_t n, enum trail_secret secret);

/** Take out @what, wherever it stands; where @word is true, where it is no part of a longer word.
 */
void trail_scrub_known(struct trail_scrub *s, const char *what, bool word,
		       enum trail_secret secret);

/** Take out network addresses, UUIDs, host names, hardware's names and numbers. */
void trail_scrub_shapes(struct trail_scrub *s);

/**
 * From byte @from on it is a kernel command line: take out the values of its parameters, but
 * those of a table that tells which are harmless and needed.
 *
 * @each  called with each "key=value" before; may be NULL
 */
void trail_scrub_parameters(struct trail_scrub *s, size_t from,
			    void (*each)(void *data, const char *bytes, size_t n), void *data);

/** Append the text with TRAIL_REDACTED for each place. */
void trail_scrub_out(const struct trail_scrub *s, struct trail_text *out);

/** Length of a filled place that a text begins with, 0 when it does not. */
size_t trail_scrub_filled(const char *bytes, size_t n);

#endif
