/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ordered sources of unwind rows: instruction address → how to find the caller. */
#ifndef TRAIL_SOURCE_CFI_H
#define TRAIL_SOURCE_CFI_H

#include "format/orc.h"

struct trail_error;

/** One source; @self is its own data. */
struct trail_cfi_source {
	const char *name;
	void *self;
	/**
	 * The row in force at @ip.
	 * Errors: ABSENT (no code of this source), NODATA, BAD_DATA.
	 */
	struct trail_error *(*row)(void *self, uint64_t ip, struct trail_orc_entry *ret);
	void (*free)(void *self);
};

enum { TRAIL_CFI_SOURCES = 4 };

struct trail_cfi {
	struct trail_cfi_source sources[TRAIL_CFI_SOURCES];
	size_t n;
};

/** Add a source behind the others, which own it from now on; ignored (and freed) when there is no
 * room. */
void trail_cfi_add(struct trail_cfi *cfi, const struct trail_cfi_source *source);
void trail_cfi_fini(struct trail_cfi *cfi);

/** The row at @ip of the first source that has one.  Errors: ABSENT, NODATA, BAD_DATA. */
struct trail_error *trail_cfi_row(const struct trail_cfi *cfi, uint64_t ip,
				  struct trail_orc_entry *ret) TRAIL_MUST_CHECK;

#endif
