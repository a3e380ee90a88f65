/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panictrail log: read the facts, render the kernel's log. */
#include "cli/common.h"
#include "facts/facts.h"
#include "report/report.h"

/* A gap elsewhere leaves the log as it is. */
static bool log_is_whole(const struct trail_facts *facts)
{
	return facts->complete && facts->log.presence == TRAIL_PRESENT && !facts->log.lost;
}

int trail_cmd_log(const struct trail_options *options)
{
	return trail_cli_show(options, trail_log_renderers, log_is_whole);
}
