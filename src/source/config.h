/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration files as systemd has them: a file in /etc goes before the one
 * of its name in /run, that before the one in /usr/lib; one that is empty or a
 * link to /dev/null masks those behind it.
 */
#ifndef TRAIL_SOURCE_CONFIG_H
#define TRAIL_SOURCE_CONFIG_H

#include <sys/types.h>

#include "base/base.h"
#include "base/pool.h"

struct trail_error;

enum { TRAIL_CONFIG_MAX = 256 }; /* files of one directory */

/** What was read of a file. */
struct trail_config_file {
	const char *path;
	char *bytes; /* @n of them; NULL: it is masked */
	size_t n;
	bool cut; /* it is longer than the limit */
	dev_t device;
	ino_t inode;
};

/**
 * Read a file, or a pipe, up to @limit bytes.
 *
 * @pool  owns what is given
 *
 * Errors: ABSENT (there is none), USAGE (a device), OS, NOMEM.
 */
struct trail_error *trail_config_read(struct trail_pool *pool, const char *path, size_t limit,
				      struct trail_config_file *ret) TRAIL_MUST_CHECK;

/**
 * The first file of that name that there is, masked ones too.
 *
 * @root    stands before /etc, /run and /usr/lib; "" for this machine
 * @name    below these directories, "panictrail/policies/x.yaml"
 *
 * Errors: ABSENT, USAGE, OS, NOMEM.
 */
struct trail_error *trail_config_find(struct trail_pool *pool, const char *root, const char *name,
				      size_t limit, struct trail_config_file *ret) TRAIL_MUST_CHECK;

/**
 * The files of a directory whose names end in @suffix, those of /etc, /run and /usr/lib together,
 * ascending by name, each name once.
 *
 * @pool  owns the paths
 * Errors: OS, LIMIT, NOMEM.
 */
struct trail_error *trail_config_list(struct trail_pool *pool, const char *root,
				      const char *directory, const char *suffix, const char ***ret,
				      size_t *n_ret) TRAIL_MUST_CHECK;

/**
 * The files of one directory whose names end in @suffix, ascending by name.
 *
 * @pool  owns the paths
 * Errors: ABSENT (there is no such directory), OS, LIMIT, NOMEM.
 */
struct trail_error *trail_config_directory(struct trail_pool *pool, const char *directory,
					   const char *suffix, const char ***ret,
					   size_t *n_ret) TRAIL_MUST_CHECK;

#endif
