/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where profiles are looked for and kept; see profiles.h. */
#include "cli/profiles.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"

static char *cache_directory(const struct trail_options *options)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char *dir = NULL;

	if (options->cache_dir)
		return strdup(options->cache_dir);
	/* the specification of XDG: a relative one is to be ignored */
	if (cache && *cache == '/')
		return asprintf(&dir, "%s/panictrail", cache) < 0 ? NULL : dir;
	if (home && *home == '/')
		return asprintf(&dir, "%s/.cache/panictrail", home) < 0 ? NULL : dir;
	return NULL;
}

void trail_cli_profiles_start(const struct trail_options *options, struct trail_cli_profiles *ret)
{
	*ret = (struct trail_cli_profiles){ .told = options->cache_dir };
	ret->store.file = options->profile;
	if (!options->no_cache)
		ret->store.dir = ret->dir = cache_directory(options);
}

static void say(const char *what, const struct trail_error *error)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	trail_text_escaped(&text, error->message, strlen(error->message));
	fprintf(stderr, "panictrail: %s: %s\n", what, trail_text_string(&text));
}

void trail_cli_profiles_end(struct trail_cli_profiles *profiles)
{
	if (profiles->store.note)
		say("profile not used", profiles->store.note);
	if (profiles->store.unkept && profiles->told)
		say("profile not kept", profiles->store.unkept);
	trail_profile_store_fini(&profiles->store);
	free(profiles->dir);
}
