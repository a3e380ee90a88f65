/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far long work has come, on a terminal's stderr. */
#ifndef TRAIL_CLI_PROGRESS_H
#define TRAIL_CLI_PROGRESS_H

#include "base/base.h"
#include "source/progress.h"

/** Shows nothing where stderr is no terminal, and nothing of what is done within a second. */
struct trail_cli_progress {
	struct trail_progress progress; /* to hand down */
	const char *what;
	double since, shown; /* seconds of the monotonic clock: work began; last written, or 0 */
	int width;	     /* columns that are written on */
};

/** @ret must stay where it is while .progress is in use. */
void trail_cli_progress_start(struct trail_cli_progress *ret);

/** Take it off the screen, before anything else is written. */
void trail_cli_progress_end(struct trail_cli_progress *progress);

#endif
