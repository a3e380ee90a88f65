/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs whose lines are objects: dmesg --json, journalctl -o json, -o export. */
#ifndef TRAIL_COLLECT_KLOG_OBJECTS_H
#define TRAIL_COLLECT_KLOG_OBJECTS_H

#include "base/base.h"

struct trail_error;
struct trail_boots;
struct trail_objects;

/** How a file that starts so is written. */
enum trail_objects_form {
	TRAIL_OBJECTS_NONE, /* lines of text */
	TRAIL_OBJECTS_DMESG,
	TRAIL_OBJECTS_JOURNAL,
	TRAIL_OBJECTS_EXPORT,
};

enum trail_objects_form trail_objects_form(const char *start, size_t n);

/** NULL when memory runs out. */
struct trail_objects *trail_objects_new(enum trail_objects_form form, struct trail_boots *boots);
void trail_objects_free(struct trail_objects *objects);
void trail_objects_freep(struct trail_objects **objects);

/**
 * Take the next bytes of the file; none at its end.
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_objects_bytes(struct trail_objects *objects, const char *bytes,
					size_t n) TRAIL_MUST_CHECK;

/** How many objects could not be read, or were too large. */
uint64_t trail_objects_lost(const struct trail_objects *objects);

#endif
