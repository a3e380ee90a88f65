/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a child does: open plugins, ask them, write down what they say as JSON. */
#ifndef TRAIL_PLUGIN_OPEN_H
#define TRAIL_PLUGIN_OPEN_H

#include "base/base.h"

struct trail_facts;
struct trail_kernel;
struct trail_plugin_facts;
struct trail_plugin_file;
struct trail_pool;
struct trail_text;
struct trail_timeline;

/** What the child was about, for whoever finds it dead. */
enum trail_plugin_phase {
	TRAIL_PHASE_NONE,
	TRAIL_PHASE_OPEN,
	TRAIL_PHASE_ROWS,
	TRAIL_PHASE_COLLECT,
	TRAIL_PHASE_CHECK,
	TRAIL_N_PHASES,
};

extern const char *const trail_plugin_phase_names[TRAIL_N_PHASES];

enum trail_plugin_task { TRAIL_JOB_LIST, TRAIL_JOB_COLLECT, TRAIL_JOB_CHECK };

struct trail_plugin_job {
	enum trail_plugin_task what;
	const struct trail_plugin_file **files;
	size_t n;
	struct trail_kernel *kernel;
	const struct trail_facts *facts;
	const struct trail_plugin_facts *known; /* CHECK: the facts' plugins, by index of a file */
	volatile uint32_t *phase;		/* memory that both processes see */
	/* of the child */
	struct trail_pool *pool;
	const struct trail_timeline *timeline;
};

/** A trail_child_fn of a struct trail_plugin_job. */
bool trail_plugin_answer(void *job, struct trail_text *out);

#endif
