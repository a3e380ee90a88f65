/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail report: read the facts, reconstruct the trail, render it. */
#include "cli/common.h"
#include "report/report.h"

int trail_cmd_report(const struct trail_options *options)
{
	return trail_cli_show(options, trail_renderers, NULL);
}
