/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a file in order, unpacked where they are packed; see stream.h. */
#include "source/stream.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "source/progress.h"

enum { PACKED_SIZE = 256 * 1024 }; /* of a compressed file, read at once */

struct trail_stream {
	int fd;
	struct trail_stream_options options;
	const char *doing; /* NULL: nothing that need be told */
	uint64_t size;	   /* of the file; 0 for a pipe */
	uint64_t read;	   /* bytes of it */
	enum trail_unpack_wrapper wrapper;
	struct trail_unpack *unpack; /* NULL where nothing is to be unpacked */

	uint8_t *packed; /* read and not yet unpacked */
	size_t packed_at, packed_n;
	uint8_t *data; /* to be given out */
	size_t at, n;
	uint64_t origin; /* of data[0] in the stream */

	bool file_ended, ended;
	struct trail_text why; /* it ended early */
};

static bool is_late(const struct trail_stream *stream)
{
	struct timespec now;

	/* its start comes in any case: it says what the dump is */
	if (!(stream->options.deadline > 0) || stream->origin + stream->n < TRAIL_STREAM_LOOK)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9 > stream->options.deadline;
}

/* The bytes before this were good; nothing comes behind them. */
static void break_off(struct trail_stream *stream, const char *why)
{
	uint64_t done = stream->origin + stream->n;

	stream->ended = true;
	if (stream->wrapper)
		trail_text_printf(&stream->why,
				  "unpacked only up to byte %" PRIu64 " of its %s stream, %" PRIu64
				  " bytes of dump: %s",
				  stream->read - (stream->packed_n - stream->packed_at),
				  trail_unpack_name(stream->wrapper), done, why);
	else
		trail_text_printf(&stream->why, "read only up to byte %" PRIu64 ": %s", done, why);
}

/* Read once, up to @room bytes; gives how many.  Errors: OS. */
static struct trail_error *read_some(struct trail_stream *stream, uint8_t *to, size_t room,
				     size_t *n_ret)
{
	ssize_t got;

	do
		got = read(stream->fd, to, room);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return trail_error_os(errno, "cannot read at byte %" PRIu64, stream->read);
	stream->read += got;
	stream->file_ended = got == 0;
	*n_ret = got;
	if (stream->doing)
		trail_progress_tell(stream->options.progress, stream->doing, stream->read,
				    stream->size);
	return NULL;
}

/* Read on until the packed bytes are @want or the file ends. */
static struct trail_error *read_packed(struct trail_stream *stream, size_t want)
{
	struct trail_error *error = NULL;
	size_t n = 0;

	while (!error && !stream->file_ended && stream->packed_n < want) {
		error = read_some(stream, stream->packed + stream->packed_n,
				  PACKED_SIZE - stream->packed_n, &n);
		stream->packed_n += error ? 0 : n;
	}
	return error;
}

/* Unpack as much as there is room for in .data, from what there is or one more reading. */
static struct trail_error *unpack_some(struct trail_stream *stream)
{
	if (stream->packed_at == stream->packed_n) {
		stream->packed_at = stream->packed_n = 0;
		struct trail_error *error = read_packed(stream, 1);
		if (error)
			return error;
	}
	struct trail_unpack_io io = {
		.in = stream->packed + stream->packed_at,
		.n_in = stream->packed_n - stream->packed_at,
		.out = stream->data + stream->n,
		.n_out = TRAIL_STREAM_LOOK - stream->n,
		.last = stream->file_ended,
	};
	struct trail_error *error = trail_unpack(stream->unpack, &io, &stream->ended);
	stream->packed_at = stream->packed_n - io.n_in;
	stream->n = TRAIL_STREAM_LOOK - io.n_out;
	return error;
}

/* Take what was read to tell the wrapper, then read straight on. */
static struct trail_error *copy_some(struct trail_stream *stream)
{
	size_t n = stream->packed_n - stream->packed_at;
	struct trail_error *error = NULL;

	if (n) {
		memcpy(stream->data + stream->n, stream->packed + stream->packed_at, n);
		stream->packed_at = stream->packed_n;
	} else {
		error = read_some(stream, stream->data + stream->n, TRAIL_STREAM_LOOK - stream->n,
				  &n);
		stream->ended = !error && stream->file_ended;
	}
	stream->n += error ? 0 : n;
	return error;
}

const uint8_t *trail_stream_look(struct trail_stream *stream, size_t want, size_t *n_ret)
{
	if (stream->n - stream->at < want && !stream->ended) {
		memmove(stream->data, stream->data + stream->at, stream->n - stream->at);
		stream->origin += stream->at;
		stream->n -= stream->at;
		stream->at = 0;
	}
	while (stream->n - stream->at < want && !stream->ended) {
		if (is_late(stream)) {
			break_off(stream, "the time limit was reached");
			break;
		}
		TRAIL_CLEANUP(trail_error_freep)
		struct trail_error *error = stream->unpack ? unpack_some(stream)
							   : copy_some(stream);
		if (error)
			break_off(stream, error->message);
	}
	*n_ret = stream->n - stream->at;
	return stream->data + stream->at;
}

void trail_stream_skip(struct trail_stream *stream, size_t n)
{
	stream->at += n;
}

uint64_t trail_stream_offset(const struct trail_stream *stream)
{
	return stream->origin + stream->at;
}

void trail_stream_doing(struct trail_stream *stream, const char *what)
{
	stream->doing = what;
}

enum trail_unpack_wrapper trail_stream_wrapper(const struct trail_stream *stream)
{
	return stream->wrapper;
}

uint64_t trail_stream_size(const struct trail_stream *stream)
{
	return stream->size;
}

const char *trail_stream_broken(const struct trail_stream *stream)
{
	return stream->why.failed   ? "memory ran out"
	       : stream->why.length ? trail_text_string(&stream->why)
				    : NULL;
}

static struct trail_error *begin(struct trail_stream *stream)
{
	struct stat st;

	if (fstat(stream->fd, &st) < 0)
		return trail_error_os(errno, "cannot stat");
	if (S_ISREG(st.st_mode)) {
		stream->size = st.st_size;
		if (lseek(stream->fd, 0, SEEK_SET) < 0)
			return trail_error_os(errno, "cannot go to its start");
	}
	struct trail_error *error = read_packed(stream, TRAIL_UNPACK_HEAD);
	if (error)
		return error;
	stream->wrapper = trail_unpack_tell(stream->packed, stream->packed_n);
	return stream->wrapper ? trail_unpack_new(stream->wrapper, &stream->unpack) : NULL;
}

struct trail_error *trail_stream_open(int fd, const struct trail_stream_options *options,
				      struct trail_stream **ret)
{
	struct trail_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return &trail_error_nomem;
	stream->fd = fd;
	stream->options = *options;
	stream->packed = malloc(PACKED_SIZE);
	stream->data = malloc(TRAIL_STREAM_LOOK);
	struct trail_error *error = stream->packed && stream->data ? begin(stream)
								   : &trail_error_nomem;
	if (error) {
		trail_stream_close(stream);
		return error;
	}
	*ret = stream;
	return NULL;
}

void trail_stream_close(struct trail_stream *stream)
{
	if (!stream)
		return;
	trail_unpack_free(stream->unpack);
	trail_text_fini(&stream->why);
	free(stream->packed);
	free(stream->data);
	free(stream);
}

void trail_stream_closep(struct trail_stream **stream)
{
	trail_stream_close(*stream);
}
