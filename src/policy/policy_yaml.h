/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy file as a tree of scalars, lists and maps, each with its place; and
 * the list of what is wrong with a policy.  The subset of YAML is strict: one
 * document in UTF-8, no anchors, aliases, tags or directives, no key twice.
 */
#ifndef TRAIL_POLICY_POLICY_YAML_H
#define TRAIL_POLICY_POLICY_YAML_H

#include "base/base.h"
#include "base/pool.h"
#include "policy/policy.h"

enum {
	TRAIL_POLICY_FILE_MAX = 64 << 10, /* bytes of a file */
	TRAIL_POLICY_SCALAR_MAX = 1024,	  /* bytes of a key or value */
	TRAIL_POLICY_DEPTH_MAX = 8,	  /* lists and maps in each other */
	TRAIL_POLICY_CHILDREN_MAX = 512,  /* of a list or map */
	TRAIL_POLICY_PROBLEMS_MAX = 20,	  /* that are kept; the others are counted */
};

/* ---- what is wrong -------------------------------------------------------- */

struct trail_problem {
	struct trail_place place;
	const char *message; /* one sentence without the place */
};

/** What is wrong with a policy, file by file and down each; zeroed it is empty. */
struct trail_problems {
	struct trail_pool pool; /* owns the rest */
	struct trail_problem all[TRAIL_POLICY_PROBLEMS_MAX];
	size_t n, n_more; /* n_more: that were not kept */
	bool failed;	  /* memory ran out */
};

void trail_problems_fini(struct trail_problems *problems);

void trail_problem_add(struct trail_problems *problems, struct trail_place place,
		       const char *format, ...) TRAIL_PRINTF(3, 4);

/** The first one as an error of one line, with how many more there are; NULL when there is none.
 * Errors: USAGE, NOMEM. */
struct trail_error *trail_problems_error(const struct trail_problems *problems) TRAIL_MUST_CHECK;

/* ---- the tree ------------------------------------------------------------- */

enum trail_node_kind {
	TRAIL_NODE_BAD, /* it was refused, and that was said */
	TRAIL_NODE_SCALAR,
	TRAIL_NODE_LIST,
	TRAIL_NODE_MAP,
};

struct trail_node {
	enum trail_node_kind kind;
	struct trail_place place;
	const char *key; /* of a map's child, NULL when it was refused; else "" */
	struct trail_place key_place;
	const char *text; /* of a scalar, whether quoted or not */
	struct trail_node **children;
	size_t n_children;
};

/** Bytes of a file. */
struct trail_policy_bytes {
	const char *path; /* for messages */
	const char *bytes;
	size_t n;
	bool cut; /* the file goes on, past TRAIL_POLICY_FILE_MAX */
};

/**
 * Read a file into a tree.
 *
 * @bytes  a byte order mark of UTF-8 in front is passed over
 * @pool   owns the tree
 *
 * Gives the document; NULL when there is none to go on with, which was added
 * to @problems as everything else that is wrong.
 */
struct trail_node *trail_policy_tree(const struct trail_policy_bytes *bytes,
				     struct trail_pool *pool, struct trail_problems *problems);

/** The child of that key, or NULL. */
struct trail_node *trail_node_child(const struct trail_node *map, const char *key);

#endif
