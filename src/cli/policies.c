/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where policies come from; see policies.h and panictrail-policy(5). */
#include "cli/policies.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/nearest.h"
#include "cli/options.h"
#include "source/config.h"

static const char suffix[] = ".yaml";
static const char named[] = "panictrail/policies"; /* in the directories of configuration */
static const char drop_ins[] = "panictrail/policy.d";

/** A file that was read; the same one, whatever its path, is kept once. */
struct trail_cli_policy_file {
	struct trail_policy_file file;
	dev_t device;
	ino_t inode;
	struct trail_cli_policy_file *next;
};

void trail_cli_policies_start(struct trail_cli_policies *policies)
{
	const char *root = getenv("PANICTRAIL_CONFIG_ROOT");

	*policies = (struct trail_cli_policies){ .root = root ? root : "" };
	trail_pool_init(&policies->pool);
}

void trail_cli_policies_end(struct trail_cli_policies *policies)
{
	trail_pool_fini(&policies->pool);
}

/* ---- files ---------------------------------------------------------------- */

/* "kdump-first" of "/etc/panictrail/policies/kdump-first.yaml" */
static char *stem_of(struct trail_pool *pool, const char *path)
{
	const char *name = trail_file_name(path);
	const char *dot = strrchr(name, '.');

	return trail_pool_strndup(pool, name,
				  dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

static struct trail_error *keep(struct trail_cli_policies *policies,
				const struct trail_config_file *read,
				const struct trail_policy_file **ret)
{
	struct trail_cli_policy_file *f = policies->files;

	while (f && (f->device != read->device || f->inode != read->inode))
		f = f->next;
	if (!f) {
		f = trail_pool_alloc(&policies->pool, 1, sizeof(*f));
		char *name = stem_of(&policies->pool, read->path);
		if (!f || !name)
			return &trail_error_nomem;
		f->file.name = name;
		f->file.bytes = (struct trail_policy_bytes){ read->path,
							     read->bytes ? read->bytes : "",
							     read->n, read->cut };
		f->device = read->device;
		f->inode = read->inode;
		f->next = policies->files;
		policies->files = f;
	}
	*ret = &f->file;
	return NULL;
}

static bool ends_in(const char *word, const char *end)
{
	size_t n = strlen(word), m = strlen(end);

	return n >= m && strcmp(word + n - m, end) == 0;
}

static bool is_path(const char *word)
{
	return strchr(word, '/') || ends_in(word, ".yaml") || ends_in(word, ".yml");
}

static struct trail_error *by_path(struct trail_cli_policies *policies, const char *word,
				   const struct trail_policy_file *from,
				   const struct trail_policy_file **ret)
{
	const char *slash = from ? strrchr(from->bytes.path, '/') : NULL;
	int n = slash && *word != '/' ? (int)(slash + 1 - from->bytes.path) : 0;
	char *path = trail_pool_printf(&policies->pool, "%.*s%s", n, from ? from->bytes.path : "",
				       word);
	struct trail_config_file file;

	if (!path)
		return &trail_error_nomem;
	struct trail_error *error = trail_config_read(&policies->pool, path, TRAIL_POLICY_FILE_MAX,
						      &file);
	if (trail_error_catch(&error, TRAIL_ERROR_ABSENT))
		return trail_error_format(TRAIL_ERROR_USAGE, "%s: there is no such policy file",
					  path);
	return error ? error : keep(policies, &file, ret);
}

/* ---- names ---------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct trail_error *trail_cli_policies_list(struct trail_cli_policies *policies,
					    const char *const **ret, size_t *n_ret)
{
	const char **paths = NULL;
	size_t n = 0;
	struct trail_error *error = trail_config_list(&policies->pool, policies->root, named,
						      suffix, &paths, &n);
	if (error)
		return error;
	const char **names = trail_pool_alloc(&policies->pool, n + trail_n_policy_built_in,
					      sizeof(*names));
	if (!names)
		return &trail_error_nomem;
	for (size_t i = 0; i < trail_n_policy_built_in; i++)
		names[i] = trail_policy_built_in[i].name;
	size_t n_names = trail_n_policy_built_in;
	for (size_t i = 0; i < n; i++) {
		char *name = stem_of(&policies->pool, paths[i]);
		if (!name)
			return &trail_error_nomem;
		if (!trail_policy_find_built_in(name))
			names[n_names++] = name;
	}
	qsort(names, n_names, sizeof(*names), compare);
	*ret = names;
	*n_ret = n_names;
	return NULL;
}

static struct trail_error *no_such(struct trail_cli_policies *policies, const char *word)
{
	struct trail_nearest nearest = { .word = word };
	const char *const *names;
	size_t n;
	struct trail_error *error = trail_cli_policies_list(policies, &names, &n);

	if (error)
		return error;
	if (access(word, F_OK) == 0)
		return trail_error_format(TRAIL_ERROR_USAGE,
					  "there is no policy %s (did you mean the file ./%s?)",
					  word, word);
	for (size_t i = 0; i < n; i++)
		trail_nearest_consider(&nearest, names[i]);
	return trail_error_format(TRAIL_ERROR_USAGE, "there is no policy %s%s%s%s", word,
				  nearest.name ? " (did you mean "
					       : "; panictrail policy list names them",
				  nearest.name ? nearest.name : "", nearest.name ? "?)" : "");
}

static struct trail_error *by_name(struct trail_cli_policies *policies, const char *word,
				   const struct trail_policy_file **ret)
{
	char *name = trail_pool_printf(&policies->pool, "%s/%s%s", named, word, suffix);
	struct trail_config_file file;

	if (!name)
		return &trail_error_nomem;
	struct trail_error *error = trail_config_find(&policies->pool, policies->root, name,
						      TRAIL_POLICY_FILE_MAX, &file);
	if (!error && !file.bytes)
		return trail_error_format(TRAIL_ERROR_USAGE, "policy %s is masked by %s", word,
					  file.path);
	if (!trail_error_catch(&error, TRAIL_ERROR_ABSENT))
		return error ? error : keep(policies, &file, ret);
	*ret = trail_policy_find_built_in(word);
	return *ret ? NULL : no_such(policies, word);
}

static struct trail_error *find(void *context, const char *word,
				const struct trail_policy_file *from,
				const struct trail_policy_file **ret)
{
	return is_path(word) ? by_path(context, word, from, ret) : by_name(context, word, ret);
}

/* ---- drop-ins ------------------------------------------------------------- */

/* Into an array of the pool. */
static struct trail_error *find_drop_ins(struct trail_cli_policies *policies,
					 const struct trail_policy_file ***ret, size_t *n_ret)
{
	const char **paths = NULL;
	size_t n = 0, n_found = 0;
	struct trail_error *error = trail_config_list(&policies->pool, policies->root, drop_ins,
						      suffix, &paths, &n);
	const struct trail_policy_file **found = error ? NULL
						       : trail_pool_alloc(&policies->pool, n,
									  sizeof(*found));

	for (size_t i = 0; !error && found && i < n; i++) {
		struct trail_config_file file;
		error = trail_config_read(&policies->pool, paths[i], TRAIL_POLICY_FILE_MAX, &file);
		if (trail_error_catch(&error, TRAIL_ERROR_ABSENT))
			error = trail_error_format(TRAIL_ERROR_OS, "%s: the link leads nowhere",
						   paths[i]);
		if (!error && file.bytes)
			error = keep(policies, &file, &found[n_found++]);
	}
	if (!error && !found)
		error = &trail_error_nomem;
	if (error)
		return error;
	*ret = found;
	*n_ret = n_found;
	return NULL;
}

/* ---- loading -------------------------------------------------------------- */

struct trail_error *trail_cli_policies_load(struct trail_cli_policies *policies, const char *word,
					    struct trail_problems *problems,
					    struct trail_policy **ret)
{
	struct trail_policy_finder finder = { policies, find };
	struct trail_policy_parts parts = { .finder = &finder };
	const struct trail_policy_file **added = NULL;
	struct trail_error *error = find(policies, word ? word : "default", NULL, &parts.file);

	if (!error && !word)
		error = find_drop_ins(policies, &added, &parts.n_drop_ins);
	parts.drop_ins = added;
	return error ? error : trail_policy_load(&parts, problems, ret);
}

struct trail_error *trail_cli_policy(const struct trail_options *options, struct trail_policy **ret)
{
	struct trail_cli_policies policies;
	struct trail_problems problems = { 0 };

	trail_cli_policies_start(&policies);
	struct trail_error *error = trail_cli_policies_load(&policies, options->policy, &problems,
							    ret);
	trail_problems_fini(&problems);
	trail_cli_policies_end(&policies);
	for (unsigned i = 0; !error && options->fail_on && i < TRAIL_N_SEVERITIES; i++)
		if (strcmp(trail_fail_on_names[i], options->fail_on) == 0)
			(*ret)->fail_on = i;
	return error;
}
