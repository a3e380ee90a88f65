/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A function in a process of its own, with limits; what it writes comes back as bytes. */
#ifndef TRAIL_PLUGIN_CHILD_H
#define TRAIL_PLUGIN_CHILD_H

#include "base/base.h"

struct trail_error;
struct trail_text;

enum { TRAIL_CHILD_BYTES_MAX = 1 << 20 };

/** Runs in the child; what is in @out afterwards is the answer.  false: memory ran out. */
typedef bool trail_child_fn(void *data, struct trail_text *out);

/**
 * Fork, run, wait.  The child sees this process's memory as it is now; its output goes nowhere,
 * its memory and time are limited, it can start no process, and all of it is ended when this
 * gives back.
 *
 * @ms   of wall time
 * @out  the answer; hostile
 * @why  what went wrong, a clause such as "it was killed by signal 11"; "" when there is an answer
 *
 * Errors: NOMEM, OS (no process could be made).
 */
struct trail_error *trail_child_run(trail_child_fn *fn, void *data, unsigned ms,
				    struct trail_text *out, char *why,
				    size_t size) TRAIL_MUST_CHECK;

/** In a child: no new processes or programs, no signals to others, and nothing written but to
 * @fd.  Where the kernel cannot do that, it is left out. */
void trail_child_fence(int fd);

#endif
