/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which plugins a run uses; see plugins.h. */
#include "cli/plugins.h"

#include <stdlib.h>

#include "base/error.h"
#include "cli/options.h"
#include "source/config.h"

/* Does the verb ask plugins?  Then it takes their options. */
static bool asks_plugins(const struct trail_verb *verb)
{
	const struct trail_option *o = trail_options_table;

	while (o->name && strcmp(o->name, "plugin-dir") != 0)
		o++;
	return o->name && trail_option_has_verb(o, verb->name);
}

/* @named: the user did, so it must be there. */
static struct trail_error *add_directory(struct trail_plugin_host *host, const char *directory,
					 bool named)
{
	const char **paths = NULL;
	size_t n = 0;
	struct trail_error *error = trail_config_directory(&host->pool, directory, ".so", &paths,
							   &n);

	if (trail_error_catch(&error, TRAIL_ERROR_ABSENT))
		return named ? trail_error_format(TRAIL_ERROR_USAGE,
						  "--plugin-dir %s: there is no such directory",
						  directory)
			     : NULL;
	if (error && error->code == TRAIL_ERROR_OS && !named) {
		trail_error_free(error); /* nobody asked for it */
		return NULL;
	}
	for (size_t i = 0; !error && i < n; i++)
		error = trail_plugin_host_add(host, paths[i]);
	if (!error || error->code == TRAIL_ERROR_NOMEM)
		return error;
	struct trail_error *usage = trail_error_format(TRAIL_ERROR_USAGE, "--plugin-dir: %s",
						       error->message);
	trail_error_free(error);
	return usage;
}

struct trail_error *trail_cli_plugins_find(const struct trail_options *options,
					   struct trail_plugin_host *host)
{
	const char *root = getenv("PANICTRAIL_CONFIG_ROOT");
	struct trail_error *error = NULL;

	if (options->no_plugins || !asks_plugins(options->verb))
		return NULL;
	for (size_t i = 0; !error && i < options->n_plugin_dirs; i++)
		error = add_directory(host, options->plugin_dirs[i], true);
	if (options->n_plugin_dirs)
		return error;
	const char *installed = trail_pool_printf(&host->pool, "%s%s", root ? root : "",
						  TRAIL_PLUGIN_DIR);
	return installed ? add_directory(host, installed, false) : &trail_error_nomem;
}

struct trail_error *trail_cli_plugins_more(void *host, struct trail_kernel *kernel,
					   struct trail_facts *facts)
{
	return trail_plugin_host_collect(host, kernel, facts);
}

struct trail_error *trail_cli_plugins_finish(struct trail_plugin_host *host,
					     struct trail_facts *facts)
{
	struct trail_error *error = NULL;

	if (!host->n)
		return NULL;
	if (!trail_plugin_host_has_asked(host, facts))
		error = trail_plugin_host_collect(host, NULL, facts);
	return error ? error : trail_plugin_host_check(host, facts);
}
