/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line on a terminal's stderr, written over and over; see progress.h. */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Seconds: of silence, and between two lines. */
static const double patience = 1.0, pause_between = 0.1;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void tell(void *data, const char *what, uint64_t done, uint64_t total)
{
	struct trail_cli_progress *p = data;
	char line[72];
	double t = now();

	if (p->what != what) {
		p->what = what;
		p->since = t;
	}
	if (t - p->since < patience || t - p->shown < pause_between)
		return;
	p->shown = t;
	int n = total ? snprintf(line, sizeof(line), "panictrail: %s, %d%%", what,
				 (int)(100.0 * TRAIL_MIN(done, total) / total))
		      : snprintf(line, sizeof(line), "panictrail: %s, %" PRIu64 " MiB", what,
				 done >> 20);
	n = TRAIL_MIN(n, (int)sizeof(line) - 1);
	/* blanks and no escapes: any terminal will do */
	fprintf(stderr, "\r%-*s", p->width, line);
	p->width = TRAIL_MAX(p->width, n);
}

static void tell_nobody(void *data, const char *what, uint64_t done, uint64_t total)
{
	(void)data, (void)what, (void)done, (void)total;
}

void trail_cli_progress_start(struct trail_cli_progress *ret)
{
	*ret = (struct trail_cli_progress){
		.progress = { isatty(STDERR_FILENO) ? tell : tell_nobody, ret },
	};
}

void trail_cli_progress_end(struct trail_cli_progress *progress)
{
	if (progress->width)
		fprintf(stderr, "\r%*s\r", progress->width, "");
	progress->width = 0;
}
