/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugins of a report: in it, and as a list of their own. */
#ifndef TRAIL_REPORT_PLUGINS_H
#define TRAIL_REPORT_PLUGINS_H

#include "base/json.h"
#include "report/report.h"

struct trail_page;

/** Of the verb plugins, by the names of the formats. */
extern const struct trail_renderer trail_plugins_renderers[];

/** The section of the text report; nothing where no plugin was asked. */
void trail_plugins_put(struct trail_page *page);

/** The keys "plugins" and "extensions" of the report. */
void trail_plugins_write(struct trail_json *json, json_t *root,
			 const struct trail_timeline *timeline);

#endif
