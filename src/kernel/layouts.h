/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where members lie that never moved: for a kernel whose types cannot be read. */
#ifndef TRAIL_KERNEL_LAYOUTS_H
#define TRAIL_KERNEL_LAYOUTS_H

#include "base/base.h"
#include "source/types.h"

/*
 * A row is a member that lies at one place in every 64-bit kernel since v5.10,
 * whatever its configuration: nothing before it depends on it, or reading it
 * fails where it lies elsewhere.  To add one, look at the struct in every
 * release since; a member behind a lock moves with lockdep and PREEMPT_RT.  Covered by
 * tests/cli/test_pages.py.
 */
struct trail_layout {
	const char *type, *member;
	struct trail_member place;
	const char *source;
};

/** Ends with a row without a type. */
extern const struct trail_layout trail_layouts[];

/** False when the member is none of them. */
bool trail_layout_find(const char *type, const char *member, struct trail_member *ret);

#endif
