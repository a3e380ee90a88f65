/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child's side: one plugin that is asked.  Everything here runs in a
 * process of its own, beside the plugin's code; see child.h.
 */
#ifndef TRAIL_PLUGIN_ASK_H
#define TRAIL_PLUGIN_ASK_H

#include "base/base.h"
#include "base/pool.h"
#include "facts/plugins.h"
#include "panictrail/host.h"

struct trail_error;
struct trail_facts;
struct trail_kernel;
struct trail_timeline;

/** The host table and what its functions need; the table comes first. */
struct trail_ask {
	struct panictrail_host table;
	struct trail_pool *pool;
	struct trail_kernel *kernel;		/* NULL: there is none to ask */
	const struct trail_facts *facts;	/* NULL: only the rows are wanted */
	const struct trail_timeline *timeline;	/* of `check`; NULL in `collect` */
	const struct trail_plugin_facts *known; /* of `check`: what the plugin said before */
	struct trail_plugin_facts *plugin;	/* is filled */
	uint64_t bytes_left;			/* that it may read */
	uint64_t list, list_n;			/* the list that is walked, and entries so far */
};

/** Fill the host table. */
void trail_ask_init(struct trail_ask *ask);
void trail_ask_set_views(struct panictrail_host *table);
void trail_ask_set_sayers(struct panictrail_host *table);

static inline struct trail_ask *trail_ask_of(const struct panictrail_host *host)
{
	return (struct trail_ask *)(uintptr_t)host;
}

/** The status that an error, which is freed, stands for. */
int trail_ask_status(struct trail_error *error);

/**
 * Copy the rows of a plugin.  A row that cannot be copied makes it REFUSED,
 * with the reason; all else is checked by who gets them.
 *
 * Gives false when memory runs out.
 */
bool trail_ask_rows(struct trail_pool *pool, const struct panictrail_plugin *from,
		    struct trail_plugin_facts *ret);

/** A copy of at most @max + 1 bytes: what is longer shows as too long.  NULL stays NULL. */
const char *trail_ask_copy(struct trail_pool *pool, const char *s, size_t max, bool *ok);

/**
 * Is everything here that the plugin needs?  Else the reason is set.
 *
 * @needs  NULL: nothing
 */
bool trail_ask_needs(struct trail_ask *ask, const struct panictrail_need *needs);

/** Read the facts that are rows. */
void trail_ask_facts(struct trail_ask *ask);

#endif
