/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One file of a core image: opened by its content, unpacked and rearranged
 * where it must be, its headers and notes read, and told whether libkdumpfile
 * may have it.
 */
#ifndef TRAIL_SOURCE_CORE_FILE_H
#define TRAIL_SOURCE_CORE_FILE_H

#include "base/base.h"
#include "source/core_check.h"
#include "source/page_set.h"
#include "source/unpack.h"

struct trail_error;
struct trail_image_options;

enum { TRAIL_CORE_FILE_RUNS = 64 }; /* of notes, at most */

struct trail_core_bytes {
	void *bytes;
	size_t size;
};

struct trail_core_file {
	const char *path; /* borrowed */
	int fd;		  /* of what can be sought: the file, or what was made of it */
	enum trail_unpack_wrapper wrapper;
	bool flattened;
	struct trail_core_check *check;
	struct trail_core_bytes runs[TRAIL_CORE_FILE_RUNS]; /* of notes */
	size_t n_runs;
	struct trail_core_bytes info; /* VMCOREINFO where the header names its place */
	struct trail_page_set erased; /* of a redacted dump, the pages that are not whole */
	bool erased_bad;	      /* which they are cannot be told */
	char *why;		      /* it does not hold all that it could; NULL when it does */
	bool refused;		      /* libkdumpfile must not be given it, .why says why */
};

/**
 * Open a file.
 *
 * @path  borrowed for as long as the file is open
 * @ret   to be closed with trail_core_file_close() whatever the outcome
 *
 * Errors: OS, UNSUPPORTED (no dump, or one that is not read), BAD_DATA, LIMIT, NOMEM.
 */
struct trail_error *trail_core_file_open(const char *path,
					 const struct trail_image_options *options,
					 struct trail_core_file *ret) TRAIL_MUST_CHECK;
void trail_core_file_close(struct trail_core_file *file);

#endif
