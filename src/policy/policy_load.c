/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files → a policy: what is extended, what is merged, which keys there are; see policy_load.h. */
#include "policy/policy_load.h"

#include "base/error.h"
#include "base/nearest.h"
#include "base/sha256.h"
#include "base/text.h"
#include "policy/policy_keys.h"

/* What a policy is made of, base first. */
struct loader {
	const struct trail_policy_parts *parts;
	struct trail_problems *problems;
	struct trail_policy *policy;
	struct trail_pool trees;
	const struct trail_policy_file *chain[TRAIL_POLICY_EXTENDS_MAX];
	const struct trail_node *roots[TRAIL_POLICY_EXTENDS_MAX]; /* NULL: it could not be read */
	size_t n; /* the one asked for is the first */
};

/* ---- keys ----------------------------------------------------------------- */

/* A key that is not known there: the nearest one of the map, or the same word elsewhere. */
static void unknown_key(struct loader *l, const struct trail_policy_key *map,
			const struct trail_node *node)
{
	struct trail_nearest nearest = { .word = node->key };
	const char *elsewhere = NULL;

	for (size_t i = 0; i < trail_n_policy_keys; i++) {
		const struct trail_policy_key *key = &trail_policy_keys[i];
		const char *name = trail_policy_key_name(key);

		if (trail_policy_key_in(key, map))
			trail_nearest_consider(&nearest, name);
		else if (!elsewhere && strcmp(name, node->key) == 0)
			elsewhere = key->path;
	}
	const char *hint = nearest.name ? nearest.name : elsewhere;
	trail_problem_add(l->problems, node->key_place, "there is no key %s%s%.64s%s%s%s",
			  map ? map->path : "", map ? "." : "", node->key,
			  hint ? " (did you mean " : "", hint ? hint : "", hint ? "?)" : "");
}

static const struct trail_policy_key *key_in(const struct trail_policy_key *map, const char *name)
{
	for (size_t i = 0; i < trail_n_policy_keys; i++)
		if (trail_policy_key_in(&trail_policy_keys[i], map) &&
		    strcmp(trail_policy_key_name(&trail_policy_keys[i]), name) == 0)
			return &trail_policy_keys[i];
	return NULL;
}

static void apply_map(struct loader *l, const struct trail_policy_key *map,
		      const struct trail_node *node)
{
	struct trail_values values = { l->policy, l->problems };

	if (node->kind == TRAIL_NODE_BAD)
		return;
	if (node->kind != TRAIL_NODE_MAP) {
		trail_problem_add(l->problems, node->place, "%s: wanted keys and their values",
				  map ? map->path : "a policy");
		return;
	}
	for (size_t i = 0; i < node->n_children; i++) {
		const struct trail_node *child = node->children[i];
		const struct trail_policy_key *key = child->key ? key_in(map, child->key) : NULL;

		if (!child->key)
			continue;
		if (!key)
			unknown_key(l, map, child);
		else if (key->type == TRAIL_KEY_MAP)
			apply_map(l, key, child); /* its depth is that of the table */
		else
			trail_policy_set(&values, key, child);
	}
}

/* ---- files ---------------------------------------------------------------- */

static void check_version(struct loader *l, const struct trail_node *root)
{
	const struct trail_node *version = trail_node_child(root, "version");

	if (!version)
		trail_problem_add(l->problems, root->place,
				  "version is missing, wanted version: 1");
	else if (version->kind != TRAIL_NODE_BAD &&
		 (version->kind != TRAIL_NODE_SCALAR || strcmp(version->text, "1") != 0))
		trail_problem_add(l->problems, version->place,
				  "version: wanted 1, the only one that this panictrail knows");
}

static const struct trail_node *read_tree(struct loader *l, const struct trail_policy_file *file)
{
	const struct trail_node *root = trail_policy_tree(&file->bytes, &l->trees, l->problems);

	if (root && root->kind == TRAIL_NODE_MAP)
		check_version(l, root);
	return root;
}

/* "a.yaml extends b.yaml extends a.yaml" */
static void say_cycle(struct loader *l, const struct trail_node *node,
		      const struct trail_policy_file *file)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	size_t i = 0;

	while (l->chain[i] != file)
		i++;
	for (; i < l->n; i++)
		trail_text_printf(&text, "%s extends ", l->chain[i]->bytes.path);
	trail_text_puts(&text, file->bytes.path);
	trail_problem_add(l->problems, node->place, "extends: a cycle, %s",
			  trail_text_string(&text));
}

static struct trail_error *find(struct loader *l, const char *word,
				const struct trail_policy_file *from,
				const struct trail_policy_file **ret)
{
	const struct trail_policy_finder *finder = l->parts->finder;

	if (finder && !from->built_in)
		return finder->find(finder->context, word, from, ret);
	*ret = trail_policy_find_built_in(word);
	return *ret ? NULL
		    : trail_error_format(TRAIL_ERROR_USAGE, "there is no built-in policy %s", word);
}

/* What the last file of the chain extends, or NULL. */
static const struct trail_policy_file *extended(struct loader *l, const struct trail_node *root)
{
	const struct trail_node *node = trail_node_child(root, "extends");
	const struct trail_policy_file *from = l->chain[l->n - 1], *file = NULL;

	if (!node || node->kind == TRAIL_NODE_BAD)
		return NULL;
	if (node->kind != TRAIL_NODE_SCALAR || !*node->text) {
		trail_problem_add(l->problems, node->place,
				  "extends: wanted the name or the path of one policy");
		return NULL;
	}
	if (l->n == TRAIL_POLICY_EXTENDS_MAX) {
		trail_problem_add(l->problems, node->place,
				  "extends: more than %d policies that extend each other",
				  TRAIL_POLICY_EXTENDS_MAX);
		return NULL;
	}
	struct trail_error *error = find(l, node->text, from, &file);
	if (error) {
		trail_problem_add(l->problems, node->place, "extends: %s", error->message);
		l->problems->failed |= error->code == TRAIL_ERROR_NOMEM;
		trail_error_free(error);
		return NULL;
	}
	for (size_t i = 0; i < l->n; i++)
		if (l->chain[i] == file) {
			say_cycle(l, node, file);
			return NULL;
		}
	return file;
}

static void read_chain(struct loader *l)
{
	const struct trail_policy_file *file = l->parts->file;

	while (file && !l->problems->failed) {
		const struct trail_node *root = read_tree(l, file);
		l->chain[l->n] = file;
		l->roots[l->n++] = root;
		file = root && root->kind == TRAIL_NODE_MAP ? extended(l, root) : NULL;
	}
}

/* ---- the policy ----------------------------------------------------------- */

static void apply(struct loader *l, const struct trail_policy_file *file,
		  const struct trail_node *root, struct trail_sha256 *sha)
{
	struct trail_policy *p = l->policy;
	const char *path = trail_pool_strdup(&p->pool, file->bytes.path);
	const char **files = trail_pool_grow(&p->pool, p->files, p->n_files, sizeof(*files));

	trail_sha256_add(sha, file->bytes.bytes, file->bytes.n);
	if (!path || !files) {
		l->problems->failed = true;
		return;
	}
	p->files = files;
	files[p->n_files++] = path;
	if (root)
		apply_map(l, NULL, root);
}

static void apply_drop_ins(struct loader *l, struct trail_sha256 *sha)
{
	for (size_t i = 0; i < l->parts->n_drop_ins; i++) {
		const struct trail_policy_file *file = l->parts->drop_ins[i];
		const struct trail_node *root = read_tree(l, file);
		const struct trail_node *node = root && root->kind == TRAIL_NODE_MAP
							? trail_node_child(root, "extends")
							: NULL;

		if (node)
			trail_problem_add(
				l->problems, node->key_place,
				"extends: a drop-in changes the policy default and extends "
				"none");
		apply(l, file, root, sha);
		l->policy->source = trail_pool_printf(&l->policy->pool, "%s, %s", l->policy->source,
						      file->bytes.path);
		if (!l->policy->source)
			l->problems->failed = true;
		if (l->problems->failed)
			return;
	}
}

/* It is said of one policy and not of those that extend it. */
static void forget_description(struct trail_policy *p)
{
	p->description = "";
	p->places[trail_policy_key("description") - trail_policy_keys] = (struct trail_place){ 0 };
}

/* Places name files by the policy's own copies of their paths. */
static void own_place(struct trail_policy *p, struct trail_place *place)
{
	for (size_t i = 0; i < p->n_files && place->file; i++)
		if (strcmp(p->files[i], place->file) == 0) {
			place->file = p->files[i];
			return;
		}
}

static void make(struct loader *l)
{
	const struct trail_policy_file *file = l->parts->file;
	struct trail_policy *p = l->policy;
	struct trail_sha256 sha;

	trail_sha256_init(&sha);
	p->name = trail_pool_strdup(&p->pool, file->name);
	p->source = file->built_in ? "built-in" : trail_pool_strdup(&p->pool, file->bytes.path);
	if (!p->name || !p->source) {
		l->problems->failed = true;
		return;
	}
	for (size_t i = l->n; i-- && !l->problems->failed;) {
		forget_description(p);
		apply(l, l->chain[i], l->roots[i], &sha);
	}
	if (!l->problems->failed)
		apply_drop_ins(l, &sha);
	trail_sha256_hex(&sha, p->sha256);
	for (size_t i = 0; i < trail_n_policy_keys; i++)
		own_place(p, &p->places[i]);
	for (size_t i = 0; i < p->n_severities; i++)
		own_place(p, &p->severities[i].place);
}

struct trail_error *trail_policy_load(const struct trail_policy_parts *parts,
				      struct trail_problems *problems, struct trail_policy **ret)
{
	TRAIL_CLEANUP(trail_policy_freep) struct trail_policy *policy = NULL;
	struct trail_error *error = trail_policy_new(&policy);

	if (error)
		return error;
	struct loader l = { .parts = parts, .problems = problems, .policy = policy };
	trail_pool_init(&l.trees);
	read_chain(&l);
	if (!problems->failed)
		make(&l);
	trail_pool_fini(&l.trees);
	error = trail_problems_error(problems);
	if (!error)
		*ret = TRAIL_STEAL(policy);
	return error;
}

struct trail_error *trail_policy_default(struct trail_policy **ret)
{
	struct trail_policy_parts parts = { .file = trail_policy_find_built_in("default") };
	struct trail_problems problems = { 0 };
	struct trail_error *error = trail_policy_load(&parts, &problems, ret);

	trail_problems_fini(&problems);
	return error;
}

const struct trail_policy_file *trail_policy_find_built_in(const char *name)
{
	for (size_t i = 0; i < trail_n_policy_built_in; i++)
		if (strcmp(trail_policy_built_in[i].name, name) == 0)
			return &trail_policy_built_in[i];
	return NULL;
}
