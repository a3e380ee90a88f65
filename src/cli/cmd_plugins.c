/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail plugins: which there are, and why one is refused. */
#include "base/error.h"
#include "cli/common.h"
#include "cli/plugins.h"
#include "facts/facts.h"
#include "report/plugins.h"

int trail_cmd_plugins(const struct trail_options *options)
{
	TRAIL_CLEANUP(trail_plugin_host_fini) struct trail_plugin_host host;
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = trail_facts_new();

	trail_plugin_host_init(&host);
	if (!facts)
		return trail_cli_fail(TRAIL_EXIT_INTERNAL, &trail_error_nomem);
	if (options->n_inputs)
		return trail_cli_fail(TRAIL_EXIT_USAGE,
				      trail_error_format(TRAIL_ERROR_USAGE,
							 "plugins takes no %s; a report names the "
							 "plugins that it used",
							 options->inputs[0]));
	struct trail_error *error = trail_cli_plugins_find(options, &host);
	if (!error)
		error = trail_plugin_host_list(&host, facts);
	if (error)
		return trail_cli_fail(trail_cli_status(error), error);
	struct trail_report report = {
		.facts = facts,
		.complete = true,
		.color = trail_cli_color(options),
		.width = trail_cli_width(options),
	};
	return trail_cli_render(options, trail_plugins_renderers, &report);
}
