/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which profiles a run uses: by --profile, --cache-dir and --no-cache, else the user's cache. */
#ifndef TRAIL_CLI_PROFILES_H
#define TRAIL_CLI_PROFILES_H

#include "cli/options.h"
#include "source/profile_store.h"

struct trail_cli_profiles {
	struct trail_profile_store store;
	char *dir;
	bool told; /* the directory was asked for: a failure to write there is of interest */
};

/** Where to look and keep: DIR of --cache-dir, else $XDG_CACHE_HOME/panictrail, else
 * ~/.cache/panictrail. */
void trail_cli_profiles_start(const struct trail_options *options, struct trail_cli_profiles *ret);

/** Say on stderr what was not used or not kept, and free it all. */
void trail_cli_profiles_end(struct trail_cli_profiles *profiles);

#endif
