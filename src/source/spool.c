/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks and streams → an unlinked file with holes; see spool.h. */
#include "source/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "source/stream.h"

enum {
	HOLE_SIZE = 4096,	/* what is looked at to find zeros: most file systems' block */
	PART_SIZE = 256 * 1024, /* of a stream, at once */
	SPARED = 16,		/* one part in so many of the room is left to others */
};

/* A file without a name; file systems that cannot make one get a name that is gone at once. */
static struct trail_error *make_file(const char *tmpdir, int *ret)
{
	int fd = open(tmpdir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text name = { 0 };
		trail_text_printf(&name, "%s/panictrail-XXXXXX", tmpdir);
		if (name.failed)
			return &trail_error_nomem;
		fd = mkostemp(name.data, O_CLOEXEC);
		int errnum = errno;
		if (fd >= 0)
			unlink(name.data);
		errno = errnum;
	}
	if (fd < 0)
		return trail_error_os(errno, "cannot make a file in %s", tmpdir);
	*ret = fd;
	return NULL;
}

struct trail_error *trail_spool_init(const char *tmpdir, struct trail_spool *ret)
{
	struct statvfs fs;

	*ret = (struct trail_spool){ .fd = -1, .tmpdir = tmpdir };
	struct trail_error *error = make_file(tmpdir, &ret->fd);
	if (error)
		return error;
	if (fstatvfs(ret->fd, &fs) < 0)
		return trail_error_os(errno, "cannot tell the room in %s", tmpdir);
	if (!trail_mul(fs.f_bavail, fs.f_frsize, &ret->room))
		ret->room = UINT64_MAX;
	ret->room -= ret->room / SPARED;
	return NULL;
}

void trail_spool_fini(struct trail_spool *spool)
{
	if (spool->fd >= 0)
		close(spool->fd);
	spool->fd = -1;
}

struct trail_error *trail_spool_check_room(const struct trail_spool *spool, uint64_t size)
{
	if (size <= spool->room)
		return NULL;
	return trail_error_os(ENOSPC,
			      "it needs %" PRIu64 " bytes in %s, which has %" PRIu64
			      " to spare; TMPDIR can name another place",
			      size, spool->tmpdir, spool->room);
}

static struct trail_error *no_room(struct trail_spool *spool)
{
	spool->full = true;
	return trail_error_format(TRAIL_ERROR_LIMIT,
				  "%s has no room for more than %" PRIu64
				  " bytes of it; TMPDIR can name another place",
				  spool->tmpdir, spool->written);
}

static struct trail_error *write_at(struct trail_spool *spool, uint64_t offset, const uint8_t *p,
				    size_t n)
{
	if (n > spool->room - spool->written)
		return no_room(spool);
	spool->written += n; /* never above .room */
	while (n) {
		ssize_t put = pwrite(spool->fd, p, n, (off_t)offset);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
			return no_room(spool);
		if (put < 0)
			return trail_error_os(errno, "cannot write in %s", spool->tmpdir);
		p += put;
		n -= put;
		offset += put;
	}
	return NULL;
}

static bool all_zero(const uint8_t *p, size_t n)
{
	return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

/* Zeros past everything that was written so far need no writing: the file is stretched over them
 * in the end. */
struct trail_error *trail_spool_put(struct trail_spool *spool, uint64_t offset, const void *bytes,
				    size_t n)
{
	struct trail_error *error = NULL;
	const uint8_t *p = bytes;

	while (n && !error) {
		size_t piece = TRAIL_MIN(n, HOLE_SIZE - (size_t)(offset % HOLE_SIZE));
		bool hole = offset >= spool->end && all_zero(p, piece);
		/* Take in what is of the same kind, so that one write does for many pieces. */
		while (!hole && piece < n) {
			size_t next = TRAIL_MIN(n - piece, (size_t)HOLE_SIZE);
			if (offset + piece >= spool->end && all_zero(p + piece, next))
				break;
			piece += next;
		}
		if (!hole)
			error = write_at(spool, offset, p, piece);
		offset += piece;
		p += piece;
		n -= piece;
		if (!error)
			spool->end = TRAIL_MAX(spool->end, offset);
	}
	return error;
}

struct trail_error *trail_spool_finish(struct trail_spool *spool, int *fd_ret)
{
	if (ftruncate(spool->fd, (off_t)spool->end) < 0)
		return trail_error_os(errno, "cannot stretch a file in %s", spool->tmpdir);
	*fd_ret = spool->fd;
	spool->fd = -1;
	return NULL;
}

/* Gives LIMIT when there was no room for the rest. */
static struct trail_error *copy(struct trail_stream *stream, struct trail_spool *spool)
{
	struct trail_error *error = NULL;
	size_t n;

	do {
		const uint8_t *bytes = trail_stream_look(stream, PART_SIZE, &n);
		error = trail_spool_put(spool, spool->end, bytes, n);
		trail_stream_skip(stream, n);
	} while (!error && n);
	return error;
}

struct trail_error *trail_spool_why(struct trail_error *error, const struct trail_stream *stream,
				    char **why_ret)
{
	const char *why = error ? error->message : trail_stream_broken(stream);
	char *copied = why ? strdup(why) : NULL;

	trail_error_free(error);
	if (why && !copied)
		return &trail_error_nomem;
	*why_ret = copied;
	return NULL;
}

struct trail_error *trail_spool_stream(struct trail_stream *stream, const char *tmpdir, int *fd_ret,
				       char **why_ret)
{
	TRAIL_CLEANUP(trail_spool_fini) struct trail_spool spool;
	TRAIL_CLEANUP(trail_freep) char *why = NULL;
	struct trail_error *error = trail_spool_init(tmpdir, &spool);

	trail_stream_doing(stream, trail_stream_wrapper(stream) ? "unpacking the dump"
								: "reading the dump");
	/* the least: but for zeros nothing comes to less by unpacking */
	if (!error)
		error = trail_spool_check_room(&spool, trail_stream_size(stream));
	if (!error)
		error = copy(stream, &spool);
	if (!error || spool.full)
		error = trail_spool_why(error, stream, &why);
	if (!error)
		error = trail_spool_finish(&spool, fd_ret);
	if (!error)
		*why_ret = TRAIL_STEAL(why);
	return error;
}
