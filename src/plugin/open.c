/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open plugins and ask them, in the child; see open.h. */
#include "plugin/open.h"

#include <dlfcn.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "facts/facts.h"
#include "plugin/ask.h"
#include "plugin/host.h"
#include "timeline/timeline.h"

const char *const trail_plugin_phase_names[] = {
	[TRAIL_PHASE_NONE] = "at its end",
	[TRAIL_PHASE_OPEN] = "while it was loaded",
	[TRAIL_PHASE_ROWS] = "while its rows were read",
	[TRAIL_PHASE_COLLECT] = "in collect()",
	[TRAIL_PHASE_CHECK] = "in check()",
};

static void refuse(struct trail_plugin_facts *p, const char *reason)
{
	p->outcome = TRAIL_PLUGIN_REFUSED;
	p->reason = reason ? reason : "";
}

/* What the loader says, without the path that only this process knows. */
static const char *loader_error(struct trail_pool *pool)
{
	const char *s = dlerror();
	const char *colon = s && trail_starts_with(s, "/proc/") ? strstr(s, ": ") : NULL;

	s = colon ? colon + 2 : s ? s : "it cannot be loaded";
	return trail_pool_strndup(pool, s, strnlen(s, TRAIL_PLUGIN_TEXT_MAX));
}

/* The descriptor as far as the plugin has it; members that it lacks are zero. */
static bool read_head(struct trail_pool *pool, const void *symbol, struct panictrail_plugin *ret,
		      struct trail_plugin_facts *p)
{
	const struct panictrail_plugin *from = symbol;
	uint32_t major = from->abi >> 16, size = from->size;

	p->abi_major = major;
	p->abi_minor = from->abi & 0xffff;
	if (major != PANICTRAIL_ABI_MAJOR) {
		refuse(p, trail_pool_printf(pool, "its ABI is %u.%u, wanted %u", p->abi_major,
					    p->abi_minor, PANICTRAIL_ABI_MAJOR));
		return false;
	}
	if (size < offsetof(struct panictrail_plugin, needs)) {
		refuse(p, trail_pool_printf(pool, "it says that it is %u bytes, too few", size));
		return false;
	}
	*ret = (struct panictrail_plugin){ 0 };
	memcpy(ret, symbol, TRAIL_MIN((size_t)size, sizeof(*ret)));
	return true;
}

static void *open_plugin(struct trail_pool *pool, const struct trail_plugin_file *file,
			 struct panictrail_plugin *ret, struct trail_plugin_facts *p)
{
	char path[48];

	/* the very file that was checked, whatever its path leads to now */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		refuse(p, loader_error(pool));
		return NULL;
	}
	const void *symbol = dlsym(handle, "panictrail_plugin");
	if (!symbol) {
		refuse(p, "it exports no panictrail_plugin");
		return NULL;
	}
	return read_head(pool, symbol, ret, p) ? handle : NULL;
}

static bool copy_head(struct trail_pool *pool, const struct panictrail_plugin *from,
		      struct trail_plugin_facts *p)
{
	bool ok = true;

	p->name = trail_ask_copy(pool, from->name ? from->name : "", TRAIL_PLUGIN_WORD_MAX, &ok);
	p->version = trail_ask_copy(pool, from->version, TRAIL_PLUGIN_TEXT_MAX, &ok);
	p->licence = trail_ask_copy(pool, from->licence, TRAIL_PLUGIN_TEXT_MAX, &ok);
	p->about = trail_ask_copy(pool, from->about, TRAIL_PLUGIN_TEXT_MAX, &ok);
	return ok;
}

/* What a callback gave back, which is an outcome where it failed in order. */
static void note_status(struct trail_ask *ask, int status)
{
	struct trail_plugin_facts *p = ask->plugin;

	if (status == PANICTRAIL_OK)
		return;
	p->outcome = TRAIL_PLUGIN_FAILED;
	p->reason = p->n_gaps && p->gaps[p->n_gaps - 1].why
			    ? trail_pool_printf(ask->pool, "it says that it failed: %s",
						p->gaps[p->n_gaps - 1].why)
			    : "it says that it failed";
}

static bool ask_one(struct trail_plugin_job *job, const struct trail_plugin_file *file,
		    const struct trail_plugin_facts *known, struct trail_plugin_facts *p)
{
	struct panictrail_plugin plugin;
	struct trail_ask ask = { .pool = job->pool,
				 .kernel = job->kernel,
				 .facts = job->facts,
				 .timeline = job->timeline,
				 .known = known,
				 .plugin = p };

	p->name = file->name;
	*job->phase = TRAIL_PHASE_OPEN;
	if (!open_plugin(job->pool, file, &plugin, p))
		return true;
	*job->phase = TRAIL_PHASE_ROWS;
	if (!copy_head(job->pool, &plugin, p))
		return false;
	p->outcome = job->what == TRAIL_JOB_LIST ? TRAIL_PLUGIN_FOUND : TRAIL_PLUGIN_USED;
	trail_ask_init(&ask);
	if (job->what == TRAIL_JOB_CHECK) {
		*job->phase = TRAIL_PHASE_CHECK;
		if (plugin.check)
			note_status(&ask, plugin.check(&ask.table));
		return true;
	}
	if (job->what == TRAIL_JOB_COLLECT && !trail_ask_needs(&ask, plugin.needs))
		return true;
	if (!trail_ask_rows(job->pool, &plugin, p))
		return false;
	if (job->what == TRAIL_JOB_LIST || p->outcome == TRAIL_PLUGIN_REFUSED)
		return true;
	trail_ask_facts(&ask);
	*job->phase = TRAIL_PHASE_COLLECT;
	if (plugin.collect)
		note_status(&ask, plugin.collect(&ask.table));
	return true;
}

bool trail_plugin_answer(void *data, struct trail_text *out)
{
	struct trail_plugin_job *job = data;
	struct trail_timeline *timeline = NULL;
	struct trail_pool pool;
	bool good = true;

	trail_pool_init(&pool);
	job->pool = &pool;
	if (job->what == TRAIL_JOB_CHECK && trail_timeline_new(job->facts, &timeline))
		return false;
	job->timeline = timeline;
	struct trail_plugin_list list = {
		.plugins = trail_pool_alloc(&pool, job->n + 1, sizeof(*list.plugins)),
		.n_plugins = job->n,
	};
	good = list.plugins != NULL;
	for (size_t i = 0; good && i < job->n; i++)
		good = ask_one(job, job->files[i],
			       job->known ? &job->known[job->files[i]->index] : NULL,
			       &list.plugins[i]);
	*job->phase = TRAIL_PHASE_NONE;
	return good && !trail_plugins_save(&list, out);
}
