/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ask plugins, in the parent; see host.h.  All are asked in one child, which is
 * cheap.  Where that comes to nothing each gets a child of its own, so that
 * only the one that is bad is lost.
 */
#include "plugin/host.h"

#include <stdio.h>
#include <sys/mman.h>

#include "base/error.h"
#include "base/text.h"
#include "facts/facts.h"
#include "plugin/child.h"
#include "plugin/open.h"
#include "timeline/evidence.h"

enum { ALL_MS = 1000, ONE_MS = 2000, WHY_SIZE = 256 };

/* ---- what came back ------------------------------------------------------- */

static bool is_taken(const struct trail_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_plugins; i++)
		if (strcmp(facts->plugins[i].name, name) == 0)
			return true;
	return false;
}

/* A row for a callback that the catalogue has is a second opinion: there is one place for it. */
static struct trail_error *check_catalogue(const struct trail_plugin_facts *p)
{
	for (size_t i = 0; i < p->n_notifiers; i++)
		if (trail_known_notifier(p->notifiers[i].function, p->notifiers[i].module))
			return trail_error_format(
				TRAIL_ERROR_BAD_DATA,
				"notifiers[%zu].function: the catalogue has %s already", i,
				p->notifiers[i].function);
	return NULL;
}

static struct trail_error *check_stages(const struct trail_plugin_condition *when, size_t n,
					size_t rule)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (when[i].look == PANICTRAIL_LOOK_STAGE && k < TRAIL_N_STAGES &&
		       strcmp(trail_stage_names[k], when[i].name) != 0)
			k++;
		if (k == TRAIL_N_STAGES)
			return trail_error_format(TRAIL_ERROR_BAD_DATA,
						  "rules[%zu]: there is no stage \"%.40s\"", rule,
						  when[i].name);
	}
	return NULL;
}

static struct trail_error *check_rows(const struct trail_plugin_facts *p)
{
	struct trail_error *error = trail_plugin_check(p);

	if (!error)
		error = check_catalogue(p);
	for (size_t i = 0; !error && i < p->n_rules; i++) {
		error = check_stages(p->rules[i].where, p->rules[i].n_where, i);
		if (!error)
			error = check_stages(p->rules[i].fails, p->rules[i].n_fails, i);
	}
	return error;
}

/* Only what names it. */
static struct trail_error *strip(struct trail_facts *facts, struct trail_plugin_facts *p,
				 const struct trail_plugin_file *file,
				 enum trail_plugin_outcome outcome, const char *reason)
{
	bool own = trail_plugin_is_name(p->name) && !is_taken(facts, p->name);
	const char *name = trail_pool_strdup(&facts->pool, own ? p->name : file->name);
	const char *why = trail_pool_strndup(&facts->pool, reason,
					     strnlen(reason, TRAIL_PLUGIN_TEXT_MAX));

	*p = (struct trail_plugin_facts){
		.name = name,
		.version = p->version,
		.licence = p->licence,
		.about = p->about,
		.abi_major = p->abi_major,
		.abi_minor = p->abi_minor,
		.outcome = outcome,
		.reason = why,
	};
	return name && why ? NULL : &trail_error_nomem;
}

/* Strip it where it cannot be worked with. */
static struct trail_error *judge(struct trail_facts *facts, struct trail_plugin_facts *p,
				 const struct trail_plugin_file *file)
{
	if (p->outcome == TRAIL_PLUGIN_REFUSED)
		return strip(facts, p, file, p->outcome, p->reason ? p->reason : "");
	if (trail_plugin_is_name(p->name) && is_taken(facts, p->name))
		return strip(facts, p, file, TRAIL_PLUGIN_REFUSED, "another plugin has its name");
	struct trail_error *wrong = check_rows(p), *error = NULL;
	if (!wrong || wrong == &trail_error_nomem)
		return wrong;
	error = strip(facts, p, file, TRAIL_PLUGIN_REFUSED, wrong->message);
	trail_error_free(wrong);
	return error;
}

/* Put a plugin into the facts; @bare: it said nothing, what it is is the host's word. */
static struct trail_error *keep(struct trail_facts *facts, struct trail_plugin_file *file,
				const struct trail_plugin_facts *said, bool bare)
{
	struct trail_plugin_facts *all = trail_pool_grow(&facts->pool, facts->plugins,
							 facts->n_plugins, sizeof(*all));

	if (!all)
		return &trail_error_nomem;
	facts->plugins = all;
	struct trail_plugin_facts *p = &all[facts->n_plugins];
	*p = *said;
	struct trail_error *error = bare ? strip(facts, p, file, said->outcome, said->reason)
					 : judge(facts, p, file);
	if (error)
		return error;
	p->path = trail_pool_strdup(&facts->pool, file->path);
	p->sha256 = trail_pool_strdup(&facts->pool, file->sha256);
	if (!p->path || !p->sha256)
		return &trail_error_nomem;
	facts->n_plugins++;
	return NULL;
}

static struct trail_error *keep_bare(struct trail_facts *facts, struct trail_plugin_file *file,
				     enum trail_plugin_outcome outcome, const char *why)
{
	struct trail_plugin_facts said = { .name = file->name, .outcome = outcome, .reason = why };

	return keep(facts, file, &said, true);
}

/* ---- asking --------------------------------------------------------------- */

/* A run of the host: one of its public functions. */
struct asking {
	struct trail_plugin_host *host;
	struct trail_facts *facts;
	size_t n_saved; /* plugins that were in the facts before: saved with them */
	struct trail_plugin_job job;
};

/* Run one child for the files of the job; @why says what went wrong, "" nothing. */
static struct trail_error *run(struct asking *a, unsigned ms, struct trail_plugin_list *ret,
			       char why[WHY_SIZE])
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text out = { 0 };
	char how[WHY_SIZE / 2];
	struct trail_error *error;

	*a->job.phase = TRAIL_PHASE_NONE;
	why[0] = 0;
	error = trail_child_run(trail_plugin_answer, &a->job, ms, &out, how, sizeof(how));
	if (!error && how[0]) {
		uint32_t phase = *a->job.phase;
		snprintf(why, WHY_SIZE, "%s%s%s", how, phase < TRAIL_N_PHASES ? " " : "",
			 phase < TRAIL_N_PHASES ? trail_plugin_phase_names[phase] : "");
		return NULL;
	}
	if (!error)
		error = trail_plugins_load(out.data, out.length, &a->facts->pool, ret);
	if (error == &trail_error_nomem)
		return error;
	if (error)
		snprintf(why, WHY_SIZE, "what it says cannot be read: %s", error->message);
	else if (ret->n_plugins != a->job.n)
		snprintf(why, WHY_SIZE, "it speaks for %zu plugins, wanted %zu", ret->n_plugins,
			 a->job.n);
	trail_error_free(error);
	return NULL;
}

typedef struct trail_error *take_fn(struct asking *a, struct trail_plugin_file *file,
				    const struct trail_plugin_facts *said, const char *why);

/* Ask @n files together, or each for itself; @take is given what each said, or why it did not. */
static struct trail_error *ask(struct asking *a, struct trail_plugin_file **files, size_t n,
			       take_fn *take)
{
	struct trail_plugin_list list = { 0 };
	char why[WHY_SIZE] = "";

	a->job.files = (const struct trail_plugin_file **)files;
	a->job.n = n;
	struct trail_error *error = n ? run(a, n > 1 ? ALL_MS : ONE_MS, &list, why) : NULL;
	if (error)
		return error;
	if (n > 1 && why[0]) {
		for (size_t i = 0; !error && i < n; i++)
			error = ask(a, &files[i], 1, take);
		return error;
	}
	for (size_t i = 0; !error && i < n; i++)
		error = take(a, files[i], why[0] ? NULL : &list.plugins[i], why);
	return error;
}

/* With memory that a child can leave a word in. */
static struct trail_error *ask_all(struct asking *a, struct trail_plugin_file **files, size_t n,
				   take_fn *take)
{
	void *shared = mmap(NULL, sizeof(uint32_t), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return &trail_error_nomem;
	a->job.phase = shared;
	struct trail_error *error = ask(a, files, n, take);
	munmap(shared, sizeof(uint32_t));
	return error;
}

static struct trail_error *take_rows(struct asking *a, struct trail_plugin_file *file,
				     const struct trail_plugin_facts *said, const char *why)
{
	const char *name = said ? said->name : file->name;

	/* what it said when they were saved stands: it rests on the dump */
	for (size_t i = 0; i < a->n_saved; i++)
		if (strcmp(a->facts->plugins[i].name, name) == 0)
			return NULL;
	return said ? keep(a->facts, file, said, false)
		    : keep_bare(a->facts, file, TRAIL_PLUGIN_FAILED, why);
}

static struct trail_error *ask_for_rows(struct trail_plugin_host *host, enum trail_plugin_task what,
					struct trail_kernel *kernel, struct trail_facts *facts)
{
	struct asking a = { .host = host,
			    .facts = facts,
			    .n_saved = facts->n_plugins,
			    .job = { .what = what, .kernel = kernel, .facts = facts } };
	struct trail_plugin_file *files[TRAIL_PLUGINS_MAX];
	struct trail_error *error = NULL;
	size_t n = 0;

	for (size_t i = 0; !error && i < host->n; i++)
		if (host->files[i].why)
			error = keep_bare(facts, &host->files[i], TRAIL_PLUGIN_REFUSED,
					  host->files[i].why);
		else
			files[n++] = &host->files[i];
	return error || !n ? error : ask_all(&a, files, n, take_rows);
}

struct trail_error *trail_plugin_host_list(struct trail_plugin_host *host,
					   struct trail_facts *facts)
{
	return ask_for_rows(host, TRAIL_JOB_LIST, NULL, facts);
}

struct trail_error *trail_plugin_host_collect(struct trail_plugin_host *host,
					      struct trail_kernel *kernel,
					      struct trail_facts *facts)
{
	return ask_for_rows(host, TRAIL_JOB_COLLECT, kernel, facts);
}

/* ---- check ---------------------------------------------------------------- */

/* @n rows of @size bytes behind those that there are. */
static void *append(struct trail_pool *pool, const void *rows, size_t n, const void *more,
		    size_t n_more, size_t size)
{
	char *all = trail_pool_alloc(pool, n + n_more + 1, size);

	if (all && n)
		memcpy(all, rows, n * size);
	if (all && n_more)
		memcpy(all + n * size, more, n_more * size);
	return all;
}

/* What was said last of a field stands; the rows are the caller's own. */
static void drop_fields(struct trail_plugin_facts *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_fields; i++) {
		bool again = false;
		for (size_t k = i + 1; k < p->n_fields; k++)
			again |= strcmp(p->fields[k].key, p->fields[i].key) == 0;
		if (!again)
			p->fields[n++] = p->fields[i];
	}
	p->n_fields = n;
}

#define APPEND(pool, p, said, m)                                                               \
	((p)->m = append(pool, (p)->m, (p)->n_##m, (said)->m, (said)->n_##m, sizeof(*(p)->m)), \
	 (p)->n_##m += (said)->n_##m, (p)->m != NULL)

static bool merge(struct trail_pool *pool, struct trail_plugin_facts *p,
		  const struct trail_plugin_facts *said)
{
	if (!APPEND(pool, p, said, evidence) || !APPEND(pool, p, said, results) ||
	    !APPEND(pool, p, said, fields) || !APPEND(pool, p, said, gaps))
		return false;
	drop_fields(p);
	return true;
}

static struct trail_error *fail(struct trail_facts *facts, struct trail_plugin_facts *p,
				const char *why)
{
	p->outcome = TRAIL_PLUGIN_FAILED;
	p->reason = trail_pool_strndup(&facts->pool, why, strnlen(why, TRAIL_PLUGIN_TEXT_MAX));
	return p->reason ? NULL : &trail_error_nomem;
}

static struct trail_error *take_check(struct asking *a, struct trail_plugin_file *file,
				      const struct trail_plugin_facts *said, const char *why)
{
	struct trail_plugin_facts *p = &a->facts->plugins[file->index], merged = *p;

	p->checked = merged.checked = true;
	if (!said)
		return fail(a->facts, p, why);
	if (said->outcome == TRAIL_PLUGIN_REFUSED)
		return fail(a->facts, p, said->reason ? said->reason : "");
	if (!merge(&a->facts->pool, &merged, said))
		return &trail_error_nomem;
	struct trail_error *wrong = trail_plugin_check(&merged), *error = NULL;
	if (wrong == &trail_error_nomem)
		return wrong;
	if (wrong)
		error = fail(a->facts, p, wrong->message);
	else
		*p = merged;
	trail_error_free(wrong);
	if (!wrong && said->outcome == TRAIL_PLUGIN_FAILED)
		error = fail(a->facts, p, said->reason ? said->reason : "");
	return error;
}

/* The plugin that came of a file; NULL when the facts have none. */
static const struct trail_plugin_facts *plugin_of(const struct trail_facts *facts,
						  const struct trail_plugin_file *file)
{
	for (size_t i = 0; i < facts->n_plugins; i++)
		if (trail_streq(facts->plugins[i].path, file->path) &&
		    trail_streq(facts->plugins[i].sha256, file->sha256))
			return &facts->plugins[i];
	return NULL;
}

bool trail_plugin_host_has_asked(const struct trail_plugin_host *host,
				 const struct trail_facts *facts)
{
	bool any = false;

	/* what was loaded says what was so when it was saved */
	for (size_t i = 0; !facts->loaded && i < host->n; i++)
		any |= plugin_of(facts, &host->files[i]) != NULL;
	return any;
}

struct trail_error *trail_plugin_host_check(struct trail_plugin_host *host,
					    struct trail_facts *facts)
{
	struct asking a = {
		.host = host,
		.facts = facts,
		.job = { .what = TRAIL_JOB_CHECK, .facts = facts, .known = facts->plugins }
	};
	struct trail_plugin_file *files[TRAIL_PLUGINS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < host->n; i++) {
		const struct trail_plugin_facts *p = plugin_of(facts, &host->files[i]);
		if (!p || p->outcome != TRAIL_PLUGIN_USED || !p->has_check || p->checked)
			continue;
		host->files[i].index = (size_t)(p - facts->plugins);
		files[n++] = &host->files[i];
	}
	return n ? ask_all(&a, files, n, take_check) : NULL;
}
