/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which plugins a run uses: those of --plugin-dir, else the installed ones; and when they are
 * asked. */
#ifndef TRAIL_CLI_PLUGINS_H
#define TRAIL_CLI_PLUGINS_H

#include "base/base.h"
#include "plugin/host.h"

struct trail_options;

/**
 * Find the plugins: the *.so of the directories, by name; none where the verb asks none.
 *
 * Errors: USAGE (a directory that was named cannot be read), LIMIT, NOMEM.
 */
struct trail_error *trail_cli_plugins_find(const struct trail_options *options,
					   struct trail_plugin_host *host) TRAIL_MUST_CHECK;

/** A trail_collect_more_fn of a host: ask them of the kernel. */
struct trail_error *trail_cli_plugins_more(void *host, struct trail_kernel *kernel,
					   struct trail_facts *facts) TRAIL_MUST_CHECK;

/** When all is read: ask those that were not asked, and let them look at the trail. */
struct trail_error *trail_cli_plugins_finish(struct trail_plugin_host *host,
					     struct trail_facts *facts) TRAIL_MUST_CHECK;

#endif
