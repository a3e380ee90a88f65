/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail notifiers: the catalogue, or the chain of a dump joined with it. */
#include "cli/common.h"
#include "report/notifiers.h"

int trail_cmd_notifiers(const struct trail_options *options)
{
	struct trail_report catalogue = {
		.complete = true,
		.color = trail_cli_color(options),
		.width = trail_cli_width(options),
	};

	if (options->n_inputs)
		return trail_cli_show(options, trail_notifiers_renderers, NULL);
	return trail_cli_render(options, trail_notifiers_renderers, &catalogue);
}
