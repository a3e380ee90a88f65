/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was read of several inputs → the facts of each crash: dump, records and
 * logs of the same one together.
 */
#ifndef TRAIL_TIMELINE_INCIDENTS_H
#define TRAIL_TIMELINE_INCIDENTS_H

#include "base/base.h"
#include "facts/facts.h"

struct trail_error;

/** The crashes, a dump's first, else in the order of the inputs. */
struct trail_incidents {
	struct trail_facts **facts; /* n, one each; owned */
	size_t n;
	char *why; /* they are several: one sentence for each that names what differs; or NULL */
};

/**
 * Sort what was read by crash.  Two texts, or a text and a dump, are of the same
 * crash where panic line, time and kernel agree; where they say too little, only when nothing
 * speaks against it.
 *
 * @inputs  n of them, in the order they were named; each is taken over and ends as NULL
 * @ret     to be ended with trail_incidents_fini()
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_incidents_sort(struct trail_facts **inputs, size_t n,
					 struct trail_incidents *ret) TRAIL_MUST_CHECK;
void trail_incidents_fini(struct trail_incidents *incidents);

#endif
