/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where policies come from: the command line, the directories of
 * configuration, the program itself.
 */
#ifndef TRAIL_CLI_POLICIES_H
#define TRAIL_CLI_POLICIES_H

#include "base/pool.h"
#include "policy/policy_load.h"

struct trail_options;

struct trail_cli_policy_file;

/** The files that were found; they live as long as this. */
struct trail_cli_policies {
	struct trail_pool pool;
	const char *root; /* before /etc, /run and /usr/lib */
	struct trail_cli_policy_file *files;
};

void trail_cli_policies_start(struct trail_cli_policies *policies);
void trail_cli_policies_end(struct trail_cli_policies *policies);

/**
 * Load a policy by its name or path, alone; or with NULL the one in force on
 * this machine: "default" and its drop-ins.
 *
 * @problems  gets all that is wrong with it
 * @ret       owned by the caller
 *
 * Errors: USAGE (there is none such; the first of the problems), OS, LIMIT, NOMEM.
 */
struct trail_error *trail_cli_policies_load(struct trail_cli_policies *policies, const char *word,
					    struct trail_problems *problems,
					    struct trail_policy **ret) TRAIL_MUST_CHECK;

/** Names of the policies that there are, ascending.  Errors: OS, LIMIT, NOMEM. */
struct trail_error *trail_cli_policies_list(struct trail_cli_policies *policies,
					    const char *const **ret,
					    size_t *n_ret) TRAIL_MUST_CHECK;

/** The policy of the command line.  Errors: as trail_cli_policies_load(). */
struct trail_error *trail_cli_policy(const struct trail_options *options,
				     struct trail_policy **ret) TRAIL_MUST_CHECK;

#endif
