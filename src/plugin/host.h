/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugins of a run: which files, and what came of asking them.  Nothing of
 * a plugin runs in this process: a child opens it, asks it and writes down what
 * it says; what the child wrote is read as strictly as a saved file of facts.
 */
#ifndef TRAIL_PLUGIN_HOST_H
#define TRAIL_PLUGIN_HOST_H

#include "base/base.h"
#include "base/pool.h"

struct trail_error;
struct trail_facts;
struct trail_kernel;

/** A shared object that may be a plugin. */
struct trail_plugin_file {
	const char *path;
	const char *name; /* of the file, without .so: the plugin's until it says its own */
	int fd;		  /* open for reading; -1 when it is not to be opened */
	char sha256[65];  /* of its bytes; "" when they were not read */
	const char *why;  /* it is not to be opened; NULL: it is */
	size_t index;	  /* of `check`: of the plugin in the facts that are looked at */
};

struct trail_plugin_host {
	struct trail_pool pool; /* owns the strings */
	struct trail_plugin_file *files;
	size_t n;
};

void trail_plugin_host_init(struct trail_plugin_host *host);
void trail_plugin_host_fini(struct trail_plugin_host *host);

/**
 * Add a file: it, and the directory it is in, must belong to root or the user and be writable by
 * nobody else, or it is kept with the reason why it is refused.
 *
 * Errors: LIMIT (more than TRAIL_PLUGINS_MAX), NOMEM.
 */
struct trail_error *trail_plugin_host_add(struct trail_plugin_host *host,
					  const char *path) TRAIL_MUST_CHECK;

/**
 * Only load the plugins: their heads and rows into the facts, each FOUND or why not.
 *
 * @facts  gets one entry for each file, and nothing else
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_plugin_host_list(struct trail_plugin_host *host,
					   struct trail_facts *facts) TRAIL_MUST_CHECK;

/**
 * Ask the plugins that apply: rows, facts, `collect`.
 *
 * @kernel  NULL: there is none to ask, as with saved facts
 * @facts   all else is read; a plugin that it holds already is not asked
 *
 * Errors: NOMEM.  What a plugin does wrong is its own outcome.
 */
struct trail_error *trail_plugin_host_collect(struct trail_plugin_host *host,
					      struct trail_kernel *kernel,
					      struct trail_facts *facts) TRAIL_MUST_CHECK;

/** Were they asked for these facts, when the dump was read? */
bool trail_plugin_host_has_asked(const struct trail_plugin_host *host,
				 const struct trail_facts *facts);

/** Let those that were asked look at the trail: `check`.  Errors: NOMEM. */
struct trail_error *trail_plugin_host_check(struct trail_plugin_host *host,
					    struct trail_facts *facts) TRAIL_MUST_CHECK;

#endif
