/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far something long has come, told to whoever wants to show it. */
#ifndef TRAIL_SOURCE_PROGRESS_H
#define TRAIL_SOURCE_PROGRESS_H

#include "base/base.h"

/** Told often: every few hundred KiB that were read. */
struct trail_progress {
	/* @what: a clause in the -ing form; @total: 0 when it is not known */
	void (*tell)(void *data, const char *what, uint64_t done, uint64_t total);
	void *data;
};

/** @progress may be NULL. */
static inline void trail_progress_tell(const struct trail_progress *progress, const char *what,
				       uint64_t done, uint64_t total)
{
	if (progress)
		progress->tell(progress->data, what, done, total);
}

#endif
