/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what the command line names; see inputs.h. */
#include "cli/inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/common.h"
#include "cli/plugins.h"
#include "cli/profiles.h"
#include "cli/progress.h"
#include "collect/collect.h"
#include "collect/texts.h"
#include "facts/facts.h"
#include "facts/redact.h"
#include "source/foreign.h"
#include "source/image.h"
#include "source/input.h"

/* What reading needs, and what was read. */
struct reading {
	const struct trail_options *options;
	struct trail_cli_profiles profiles;
	struct trail_cli_progress progress;
	struct trail_plugin_host plugins;
	double deadline;
	bool limit;
	bool several;		  /* inputs: what cannot be read of one is a gap */
	struct trail_facts **all; /* of each input; as many as are named at most */
	size_t n;
	size_t n_good;		   /* of them, those that hold more than gaps */
	struct trail_error *error; /* of the first that could not be read */
};

/* ---- one file ------------------------------------------------------------------ */

static struct trail_error *read_dump(struct reading *r, const char *const *paths, size_t n,
				     struct trail_facts *facts)
{
	struct trail_image_options how = { .tmpdir = trail_cli_tmpdir(),
					   .deadline = r->deadline,
					   .progress = &r->progress.progress };
	struct trail_image *image = NULL;
	struct trail_error *error = trail_image_open(paths, n, &how, &image);

	facts->format = TRAIL_FORMAT_UNKNOWN;
	if (!error) {
		error = trail_collect_more(image, &r->profiles.store, facts, trail_cli_plugins_more,
					   &r->plugins);
		r->limit |= trail_image_is_late(image);
	}
	if (!error && trail_image_is_redacted(image))
		error = trail_facts_unfill(facts);
	trail_image_close(image);
	return error;
}

/* A dump in a pipe that is open. */
static struct trail_error *read_pipe(struct reading *r, int fd, const char *path,
				     struct trail_facts *facts)
{
	char name[32];
	const char *only = name;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	struct trail_error *error = read_dump(r, &only, 1, facts);
	facts->path = trail_pool_strdup(&facts->pool, path);
	if (!error && !facts->path)
		error = &trail_error_nomem;
	return trail_error_wrap(error, "%s", path);
}

static struct trail_error *read_saved(int fd, const char *path, struct trail_facts **facts)
{
	TRAIL_CLEANUP(trail_freep) void *bytes = NULL;
	struct trail_facts *loaded;
	size_t n;
	struct trail_error *error = trail_input_read(fd, path, TRAIL_FACTS_FILE_MAX, &bytes, &n);

	if (!error)
		error = trail_facts_load(bytes, n, path, &loaded);
	if (error)
		return error;
	trail_facts_free(*facts);
	*facts = loaded;
	return NULL;
}

/* An input that is no directory, open to be looked at. */
struct opened {
	int fd; /* -1: a dump in a file, or none was opened */
	uint8_t *start;
	size_t n;      /* bytes at @start */
	uint64_t size; /* bytes of the file */
	enum trail_unpack_wrapper wrapper;
	char *why; /* it ends early */
};

static struct trail_error *open_input(const char *path, struct opened *ret)
{
	ret->start = malloc(TRAIL_INPUT_START);
	return ret->start ? trail_input_open(path, trail_cli_tmpdir(), &ret->fd, ret->start,
					     &ret->n, &ret->size, &ret->wrapper, &ret->why)
			  : &trail_error_nomem;
}

static void close_inputp(struct opened *in)
{
	trail_fd_closep(&in->fd);
	free(in->start);
	free(in->why);
}

/* What was added of a file without a name is of the one that was named. */
static bool name_texts(struct trail_facts *facts, size_t from, const char *path)
{
	const char *copy = trail_pool_strdup(&facts->pool, path);

	for (size_t i = from; i < facts->n_texts && copy; i++)
		facts->texts[i].path = copy;
	return copy;
}

/* What was unpacked, or came by a pipe, is in a file without a name. */
static struct trail_error *read_region(int fd, const char *path, struct trail_facts *facts)
{
	size_t from = facts->n_texts;
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (strcmp(path, "-") != 0 && trail_cli_is_same_file(name, path))
		return trail_collect_region(path, facts);
	struct trail_error *error = trail_collect_region(name, facts);
	if (!error && !name_texts(facts, from, path))
		error = &trail_error_nomem;
	return error;
}

/* Has a line of it a time or a level, or says what kernel or what trouble it is of? */
static bool tells(const struct trail_text_facts *text)
{
	static const char *const starts[] = {
		"Kernel panic - ",
		"Oops",
		"Internal error: ",
		"BUG: ",
		"Unable to handle ",
		"Call Trace",
		"Call trace",
		"WARNING: ",
		"CPU: ",
		"Starting crashdump kernel...",
		"Loading crashdump kernel...",
	};

	if (text->has_time && trail_streq(text->form, "dmesg"))
		return true; /* dates as dmesg writes them */
	if (text->release || text->arch || text->role != TRAIL_ROLE_DEAD)
		return true;
	for (size_t i = 0; i < text->log.n; i++) {
		const struct trail_record *r = &text->log.records[i];

		if (r->ts_nsec != TRAIL_NO_TIME || r->level != TRAIL_NO_LEVEL)
			return true;
		/* a host's log in which the kernel speaks */
		if (text->nodename && !r->facility)
			return true;
		for (size_t k = 0; k < TRAIL_ARRAY_SIZE(starts); k++)
			if (trail_text_starts(r->text, r->length, starts[k]))
				return true;
	}
	return false;
}

/* A log; texts of which no line is of a kernel are dropped.  False in @ret: none is left. */
static struct trail_error *read_log(int fd, const char *path, struct trail_facts *facts, bool *ret)
{
	size_t from = facts->n_texts, gaps = facts->n_gaps, n = from;
	struct trail_error *error = trail_collect_log(fd, path, facts);

	for (size_t i = from; !error && i < facts->n_texts; i++)
		if (tells(&facts->texts[i]))
			facts->texts[n++] = facts->texts[i];
	if (error)
		return error;
	facts->n_texts = n;
	*ret = n > from;
	if (!*ret)
		facts->n_gaps = gaps; /* they are of a log that is none */
	return NULL;
}

/* A file that is no dump and no saved facts. */
static struct trail_error *read_text(const struct opened *in, const char *path,
				     struct trail_facts *facts)
{
	bool is_log = false;

	if (trail_collect_is_region(in->start, in->n, in->size))
		return read_region(in->fd, path, facts);
	if (strcmp(path, "-") != 0) {
		struct trail_error *error = trail_collect_pstore(path, facts);
		if (!error || error == &trail_error_nomem)
			return error;
		trail_error_free(error);
	}
	if (!in->n || !trail_collect_is_log(in->start, in->n))
		return trail_error_wrap(trail_foreign_refuse(in->wrapper, in->start, in->n), "%s",
					path);
	struct trail_error *error = read_log(in->fd, path, facts, &is_log);
	if (!error && !is_log)
		error = trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					   "%s: a text without a line of a kernel log", path);
	return error;
}

static struct trail_error *read_file(struct reading *r, const char *path,
				     struct trail_facts **facts)
{
	TRAIL_CLEANUP(close_inputp) struct opened in = { .fd = -1 };
	struct trail_error *error = open_input(path, &in);

	if (error)
		return error;
	if (in.fd < 0)
		return read_dump(r, &path, 1, *facts);
	if (trail_foreign_is_dump(in.start, in.n))
		return read_pipe(r, in.fd, path, *facts);
	if (trail_facts_is(in.start, TRAIL_MIN(in.n, (size_t)TRAIL_FACTS_START)))
		return read_saved(in.fd, path, facts);
	error = read_text(&in, path, *facts);
	if (!error && in.why && !trail_facts_add_gap(*facts, path, in.why))
		error = &trail_error_nomem;
	return error;
}

/* ---- a directory ---------------------------------------------------------------- */

/* The paths of texts and the names of parts, sorted: a directory may hold thousands. */
struct known {
	const char **names;
	size_t n;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool list_known(const struct trail_facts *facts, struct trail_pool *pool, struct known *ret)
{
	size_t room = facts->n_texts;

	for (size_t i = 0; i < facts->n_texts; i++)
		room += facts->texts[i].n_parts;
	ret->names = trail_pool_alloc(pool, room + !room, sizeof(*ret->names));
	for (size_t i = 0; ret->names && i < facts->n_texts; i++) {
		const struct trail_text_facts *t = &facts->texts[i];

		if (t->path)
			ret->names[ret->n++] = t->path;
		for (size_t k = 0; k < t->n_parts; k++)
			if (t->parts[k].record)
				ret->names[ret->n++] = t->parts[k].record;
	}
	if (ret->n)
		qsort(ret->names, ret->n, sizeof(*ret->names), compare_names);
	return ret->names;
}

static bool holds(const struct known *known, const char *name)
{
	return known->n &&
	       bsearch(&name, known->names, known->n, sizeof(*known->names), compare_names);
}

/* Was the file read as a record, by itself or as a part of a dump? */
static bool is_record(const struct known *known, const char *path)
{
	return holds(known, path) || holds(known, trail_file_name(path));
}

/* Texts of a file in a directory, where it is one; what is none is no matter. */
static struct trail_error *read_beside(const char *path, struct trail_facts *facts)
{
	TRAIL_CLEANUP(close_inputp) struct opened in = { .fd = -1 };
	struct trail_error *error = open_input(path, &in);
	bool is_log;

	if (error)
		return trail_gap_from(facts, error, "%s", path);
	if (in.fd < 0)
		return NULL;
	if (trail_collect_is_region(in.start, in.n, in.size))
		error = read_region(in.fd, path, facts);
	else if (in.n && trail_collect_is_log(in.start, in.n))
		error = read_log(in.fd, path, facts, &is_log);
	if (!error && in.why && !trail_facts_add_gap(facts, path, in.why))
		error = &trail_error_nomem;
	return trail_gap_from(facts, error, "%s", path);
}

static struct trail_error *read_texts_of(struct reading *r, const char *path,
					 struct trail_facts *facts)
{
	TRAIL_CLEANUP(trail_pool_fini) struct trail_pool pool = { 0 };
	const char **files;
	size_t n_files = 0;
	struct trail_error *error = trail_collect_pstore(path, facts);

	if (error && !trail_error_catch(&error, TRAIL_ERROR_UNSUPPORTED))
		return error;
	struct known known = { 0 };
	if (!list_known(facts, &pool, &known))
		return &trail_error_nomem;
	error = trail_input_list(path, &pool, &files, &n_files);
	for (size_t i = 0; !error && i < n_files; i++) {
		if (is_record(&known, files[i]))
			continue;
		error = trail_cli_check_output(r->options, files[i]);
		if (!error)
			error = read_beside(files[i], facts);
	}
	return error;
}

/* The dump of a directory, and the texts beside it; or texts alone. */
static struct trail_error *read_directory(struct reading *r, const char *path,
					  struct trail_facts *facts)
{
	TRAIL_CLEANUP(trail_input_fini) struct trail_input input = { 0 };
	TRAIL_CLEANUP(trail_error_freep) struct trail_error *none = NULL;
	struct trail_error *error = trail_input_find(&path, 1, &input);
	bool absent = error && error->code == TRAIL_ERROR_ABSENT;

	if (absent ||
	    (error && (error->code == TRAIL_ERROR_UNSUPPORTED || error->code == TRAIL_ERROR_OS)))
		none = TRAIL_STEAL(error);
	for (size_t i = 0; !error && !none && i < input.n; i++)
		error = trail_cli_check_output(r->options, input.paths[i]);
	if (!error && !none)
		error = read_dump(r, input.paths, input.n, facts);
	if (!error)
		error = read_texts_of(r, path, facts);
	if (!none || error == &trail_error_nomem || (error && error->code == TRAIL_ERROR_USAGE))
		return error;
	if (!facts->n_texts) {
		trail_error_free(error);
		return TRAIL_STEAL(none);
	}
	error = trail_gap_from(facts, error, "%s", path); /* too many files */
	if (error)
		return error;
	if (!absent && !trail_facts_add_gap(facts, "vmcore", none->message))
		return &trail_error_nomem;
	return NULL;
}

/* ---- all of them ------------------------------------------------------------------- */

static struct trail_facts *new_facts(const char *path)
{
	struct trail_facts *facts = trail_facts_new();

	if (!facts)
		return NULL;
	facts->format = TRAIL_FORMAT_NONE;
	facts->path = trail_pool_strdup(&facts->pool, path);
	if (facts->path)
		return facts;
	trail_facts_free(facts);
	return NULL;
}

/* What was read of an input, or why it could not be: then a gap, if others can. */
static struct trail_error *keep(struct reading *r, const char *path, struct trail_facts *facts,
				struct trail_error *error)
{
	bool bearable = error && error != &trail_error_nomem && error->code != TRAIL_ERROR_USAGE;

	if (error && !bearable) {
		trail_facts_free(facts);
		return error;
	}
	r->all[r->n++] = facts;
	r->n_good += !error;
	if (!error)
		return NULL;
	/* half of a dump is none */
	trail_facts_free(facts);
	facts = r->all[r->n - 1] = new_facts(path);
	if (!facts || !trail_facts_add_gap(facts, path, error->message)) {
		trail_error_free(error);
		return &trail_error_nomem;
	}
	if (!r->error)
		r->error = TRAIL_STEAL(error);
	trail_error_free(error);
	return NULL;
}

static struct trail_error *read_one(struct reading *r, const char *path)
{
	struct trail_facts *facts = new_facts(path);
	struct trail_error *error = facts ? trail_cli_check_output(r->options, path)
					  : &trail_error_nomem;

	if (!error)
		error = trail_input_is_directory(path) ? read_directory(r, path, facts)
						       : read_file(r, path, &facts);
	return keep(r, path, facts, error);
}

static bool is_named_before(char *const *inputs, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (trail_cli_is_same_file(inputs[k], inputs[i]))
			return true;
	return false;
}

/* The files of a split dump are one input; the others are one each. */
static struct trail_error *read_named(struct reading *r)
{
	char *const *inputs = r->options->inputs;
	size_t n = (size_t)r->options->n_inputs, n_parts = 0;
	TRAIL_CLEANUP(trail_freep) const char **parts = calloc(n, sizeof(*parts));
	struct trail_error *error = parts ? NULL : &trail_error_nomem;

	r->all = calloc(n, sizeof(*r->all));
	if (!r->all)
		return &trail_error_nomem;
	for (size_t i = 0; !error && i < n; i++) {
		if (n > 1 && trail_input_is_part(inputs[i])) {
			parts[n_parts++] = inputs[i];
			error = trail_cli_check_output(r->options, inputs[i]);
		}
	}
	if (!error && n_parts) {
		struct trail_facts *facts = new_facts(parts[0]);
		error = facts ? read_dump(r, parts, n_parts, facts) : &trail_error_nomem;
		error = keep(r, parts[0], facts, error);
	}
	for (size_t i = 0, k = 0; !error && i < n; i++) {
		if (k < n_parts && inputs[i] == parts[k])
			k++;
		else if (!is_named_before(inputs, i))
			error = read_one(r, inputs[i]);
	}
	return error;
}

static struct trail_error *redact(struct trail_incidents *incidents)
{
	struct trail_redactions redactions = { 0 };
	struct trail_error *error = NULL;

	for (size_t i = 0; !error && i < incidents->n; i++)
		error = trail_facts_redact(incidents->facts[i], NULL, NULL, &redactions);
	/* it names the inputs */
	free(incidents->why);
	incidents->why = NULL;
	if (!error)
		trail_cli_say_redactions(&redactions);
	return error;
}

struct trail_error *trail_cli_read_all(const struct trail_options *options,
				       struct trail_incidents *ret, bool *limit_ret)
{
	struct reading r = { .options = options };
	struct trail_error *error = trail_cli_check_inputs(options);

	if (error)
		return error;
	r.deadline = trail_cli_deadline(options);
	trail_plugin_host_init(&r.plugins);
	error = trail_cli_plugins_find(options, &r.plugins);
	if (error) {
		trail_plugin_host_fini(&r.plugins);
		return error;
	}
	trail_cli_profiles_start(options, &r.profiles);
	trail_cli_progress_start(&r.progress);
	error = read_named(&r);
	trail_cli_progress_end(&r.progress);
	trail_cli_profiles_end(&r.profiles);
	if (!error && !r.n_good)
		error = TRAIL_STEAL(r.error);
	trail_error_free(r.error);
	if (!error)
		error = trail_incidents_sort(r.all, r.n, ret);
	for (size_t i = 0; i < r.n; i++)
		trail_facts_free(r.all[i]);
	free(r.all);
	if (!error) {
		for (size_t i = 0; !error && i < ret->n; i++)
			error = trail_cli_plugins_finish(&r.plugins, ret->facts[i]);
		if (!error && options->redact)
			error = redact(ret);
		if (error)
			trail_incidents_fini(ret);
	}
	trail_plugin_host_fini(&r.plugins);
	*limit_ret = r.limit;
	return error;
}

struct trail_error *trail_cli_read(const struct trail_options *options,
				   struct trail_facts **facts_ret, bool *limit_ret)
{
	struct trail_incidents all;
	struct trail_error *error = trail_cli_read_all(options, &all, limit_ret);

	if (error)
		return error;
	if (all.n > 1)
		error = trail_error_format(
			TRAIL_ERROR_USAGE, "the inputs are of %zu crashes, and %s wants one%s%s",
			all.n, options->verb->name, all.why ? ": " : "", all.why ? all.why : "");
	else
		*facts_ret = TRAIL_STEAL(all.facts[0]);
	trail_incidents_fini(&all);
	return error;
}
