/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file without a name, for a dump that has to be written out before it can
 * be read.  Zeros at its end become holes and need no room.
 */
#ifndef TRAIL_SOURCE_SPOOL_H
#define TRAIL_SOURCE_SPOOL_H

#include "base/base.h"

struct trail_error;
struct trail_stream;

struct trail_spool {
	int fd; /* -1: none */
	const char *tmpdir;
	uint64_t end;	  /* one past the last byte put; nothing was written from there on */
	uint64_t written; /* bytes, but for holes */
	uint64_t room;	  /* bytes that may be written: most of what is free in @tmpdir */
	bool full;	  /* more were wanted: the error of LIMIT that was given */
};

/**
 * Make the file.
 *
 * @tmpdir  where; borrowed
 * @ret     to be closed with trail_spool_fini() even after an error
 *
 * Errors: OS, NOMEM.
 */
struct trail_error *trail_spool_init(const char *tmpdir, struct trail_spool *ret) TRAIL_MUST_CHECK;
void trail_spool_fini(struct trail_spool *spool);

/** Is there room for @size bytes?  Errors: OS (ENOSPC; with both numbers). */
struct trail_error *trail_spool_check_room(const struct trail_spool *spool,
					   uint64_t size) TRAIL_MUST_CHECK;

/**
 * Put bytes in their place.
 *
 * Errors: OS, LIMIT (no room is left but what others should have; the text names the directory).
 */
struct trail_error *trail_spool_put(struct trail_spool *spool, uint64_t offset, const void *bytes,
				    size_t n) TRAIL_MUST_CHECK;

/**
 * Stretch the file over the zeros at its end and hand it over.
 *
 * @fd_ret  read-write, close-on-exec; the caller closes it
 *
 * Errors: OS.
 */
struct trail_error *trail_spool_finish(struct trail_spool *spool, int *fd_ret) TRAIL_MUST_CHECK;

/**
 * Why a file ends before its stream does: no room, which is @error and is freed, or the stream's
 * own reason.
 *
 * @why_ret  malloc()ed; NULL when it does not
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_spool_why(struct trail_error *error, const struct trail_stream *stream,
				    char **why_ret) TRAIL_MUST_CHECK;

/**
 * All that a stream gives, in a file.
 *
 * @why_ret  NULL, or why the file ends before the stream does: malloc()ed
 *
 * Errors: OS (the file; no room in @tmpdir), NOMEM.
 */
struct trail_error *trail_spool_stream(struct trail_stream *stream, const char *tmpdir, int *fd_ret,
				       char **why_ret) TRAIL_MUST_CHECK;

#endif
