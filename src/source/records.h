/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of pstore → records: /sys/fs/pstore, what systemd-pstore made of it, with its directories
 * of pieces, SteamOS' folders, one file.  What is a record is told by content; a name adds what it
 * says.
 */
#ifndef TRAIL_SOURCE_RECORDS_H
#define TRAIL_SOURCE_RECORDS_H

#include "base/base.h"
#include "base/pool.h"
#include "format/pstore.h"

struct trail_error;

/** A file that was not read, or not whole. */
struct trail_records_gap {
	const char *name, *why;
};

struct trail_records {
	struct trail_pool pool;		     /* owns the rest */
	struct trail_pstore_record *records; /* by their names; a text may hold several */
	size_t n;
	struct trail_records_gap *gaps;
	size_t n_gaps;
	bool is_dir; /* what was named is a directory */
};

/**
 * Read what is named.
 *
 * @path  a file, or a directory; of a directory's directories those are read that lie at most two
 *        levels deep
 * @ret   to be ended with trail_records_fini() whatever the outcome
 *
 * Errors: OS (it cannot be opened), UNSUPPORTED (no record is in it), NOMEM.
 */
struct trail_error *trail_records_read(const char *path,
				       struct trail_records *ret) TRAIL_MUST_CHECK;
void trail_records_fini(struct trail_records *records);

#endif
