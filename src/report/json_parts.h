/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the report as JSON share; see render_json.c. */
#ifndef TRAIL_REPORT_JSON_PARTS_H
#define TRAIL_REPORT_JSON_PARTS_H

#include "base/json.h"
#include "report/view.h"

struct trail_report;

/** What every part needs. */
struct trail_json_report {
	struct trail_json json;
	const struct trail_report *report;
	const struct trail_facts *facts;
	const struct trail_timeline *timeline;
	struct trail_view view; /* commands */
};

/** "E4", the ids of the pieces. */
void trail_json_ids(struct trail_json_report *w, json_t *object, const char *key,
		    const struct trail_refs *refs);

/** "task", null where it is not known. */
void trail_json_task(struct trail_json_report *w, json_t *object, int32_t pid, const char *comm,
		     bool known);

/** "cpu", null for -1. */
void trail_json_cpu(struct trail_json_report *w, json_t *object, int32_t cpu);

/** A number that may be unknown. */
void trail_json_known(struct trail_json_report *w, json_t *object, const char *key, bool known,
		      uint64_t value);
void trail_json_stage(struct trail_json_report *w, json_t *object, const char *key,
		      enum trail_stage stage);

/* json_inputs.c: what was read; what texts name where no dump does. */
void trail_json_inputs(struct trail_json_report *w, json_t *root);
void trail_json_text_notifiers(struct trail_json_report *w, json_t *notifiers);
void trail_json_text_dumpers(struct trail_json_report *w, json_t *dumpers);
/** The oops that a text tells, null where there is none. */
void trail_json_oops(struct trail_json_report *w, json_t *root);

void trail_json_text_cpus(struct trail_json_report *w, json_t *cpus);
void trail_json_text_config(struct trail_json_report *w, json_t *config);

#endif
