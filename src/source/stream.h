/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file or pipe, read forward only, with a look ahead; unpacked on the way
 * where it is compressed as a whole.  Whatever ends it early is no error but a
 * reason: what came before it counts.
 */
#ifndef TRAIL_SOURCE_STREAM_H
#define TRAIL_SOURCE_STREAM_H

#include "base/base.h"
#include "source/unpack.h"

struct trail_error;
struct trail_progress;
struct trail_stream;

/** As far as one can look ahead. */
#define TRAIL_STREAM_LOOK (512 * 1024)

/** How to read; zeros will do. */
struct trail_stream_options {
	const struct trail_progress
		*progress; /* told how much was read; see trail_stream_doing() */
	double deadline;   /* seconds of the monotonic clock, 0 for none: from then on it is over */
};

/**
 * Begin to read.
 *
 * @fd       borrowed: a regular file, read from its start, or a pipe of which nothing was read
 *           yet; its file offset moves
 * @options  copied
 * @ret      owned by the caller
 *
 * Errors: OS (not even its start can be read), UNSUPPORTED (compressed, and this was built without
 * the library), NOMEM.
 */
struct trail_error *trail_stream_open(int fd, const struct trail_stream_options *options,
				      struct trail_stream **ret) TRAIL_MUST_CHECK;
void trail_stream_close(struct trail_stream *stream);
void trail_stream_closep(struct trail_stream **stream);

/** From now on tell the progress of it; @what is a clause in the -ing form. */
void trail_stream_doing(struct trail_stream *stream, const char *what);

/** What is wrapped around its bytes. */
enum trail_unpack_wrapper trail_stream_wrapper(const struct trail_stream *stream);

/** Bytes of the file, before it is unpacked; 0 when that cannot be told. */
uint64_t trail_stream_size(const struct trail_stream *stream);

/**
 * Look ahead.
 *
 * @want   bytes, at most TRAIL_STREAM_LOOK
 * @n_ret  how many there are; less than @want only at the end
 *
 * Gives them; borrowed until the next look or skip.
 */
const uint8_t *trail_stream_look(struct trail_stream *stream, size_t want, size_t *n_ret);

/** Go over @n bytes that were looked at. */
void trail_stream_skip(struct trail_stream *stream, size_t n);

/** Where in the unpacked bytes the next look begins. */
uint64_t trail_stream_offset(const struct trail_stream *stream);

/** Why it ended early, borrowed; NULL when it did not, or not yet. */
const char *trail_stream_broken(const struct trail_stream *stream);

#endif
