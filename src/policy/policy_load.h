/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files → a policy: the file that was asked for, those it extends, drop-ins.
 * Pure: who asks gets at files through a struct trail_policy_finder.
 */
#ifndef TRAIL_POLICY_POLICY_LOAD_H
#define TRAIL_POLICY_POLICY_LOAD_H

#include "policy/policy_yaml.h"

enum { TRAIL_POLICY_EXTENDS_MAX = 8 }; /* files that extend each other */

/** A file of a policy; the same file is the same pointer. */
struct trail_policy_file {
	struct trail_policy_bytes bytes;
	const char *name; /* of the policy in it, "kdump-first" */
	bool built_in;
};

/** The built-in policies, ascending by name; "default" is one of them. */
extern const struct trail_policy_file trail_policy_built_in[];
extern const size_t trail_n_policy_built_in;

/** The built-in policy of that name, or NULL. */
const struct trail_policy_file *trail_policy_find_built_in(const char *name);

/** How files are found. */
struct trail_policy_finder {
	void *context;
	/**
	 * The file that @word after extends: names in the file @from.
	 * Gives one that lives as long as the policy is loaded.
	 * Errors: USAGE (there is none), OS, NOMEM.
	 */
	struct trail_error *(*find)(void *context, const char *word,
				    const struct trail_policy_file *from,
				    const struct trail_policy_file **ret);
};

/** What a policy is made of. */
struct trail_policy_parts {
	const struct trail_policy_file *file;		 /* the one that was asked for */
	const struct trail_policy_file *const *drop_ins; /* in the order in which they are merged */
	size_t n_drop_ins;
	const struct trail_policy_finder *finder; /* NULL: only built-in policies are found */
};

/**
 * Load a policy.
 *
 * What a file extends is read first; later values replace earlier ones, a list
 * as a whole, severities of rules each by its own.  A built-in policy extends
 * built-in ones only.
 *
 * @problems  gets all that is wrong
 * @ret       owned by the caller
 *
 * Errors: USAGE (the first of the problems), NOMEM.
 */
struct trail_error *trail_policy_load(const struct trail_policy_parts *parts,
				      struct trail_problems *problems,
				      struct trail_policy **ret) TRAIL_MUST_CHECK;

#endif
