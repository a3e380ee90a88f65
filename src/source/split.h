/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of a split dump: each has the headers of the whole and the pages
 * of one range.  Told to be of one dump by what their headers and notes say.
 *
 * Spec: makedumpfile(8) --split; makedumpfile.c store_splitting_info(),
 * check_splitting_info(), which joins them.
 */
#ifndef TRAIL_SOURCE_SPLIT_H
#define TRAIL_SOURCE_SPLIT_H

#include "base/base.h"

struct trail_core_file;
struct trail_error;

/** As many files as are taken for one dump. */
#define TRAIL_SPLIT_MAX 256

/** Is it a file of a split dump? */
bool trail_split_is_part(const struct trail_core_file *file);

/**
 * Hold the files of one dump against each other and sort them by their pages.
 *
 * @files  open, at least one; a single one need not be of a split dump
 *
 * Errors: UNSUPPORTED (one that is not of a split dump, or of another one, or whose pages another
 * one has too; it is named, with what differs).
 */
struct trail_error *trail_split_sort(struct trail_core_file *files, size_t n) TRAIL_MUST_CHECK;

/**
 * The next page frames that none of them has.
 *
 * @files   sorted
 * @from    look from this page frame on
 * @start_ret, @end_ret  the first, and one past the last
 *
 * False when there are none up to the end of the dump.
 */
bool trail_split_missing(const struct trail_core_file *files, size_t n, uint64_t from,
			 uint64_t *start_ret, uint64_t *end_ret);

/** The file that has a page frame, or would have it; NULL when none. */
const struct trail_core_file *trail_split_find(const struct trail_core_file *files, size_t n,
					       uint64_t pfn);

#endif
