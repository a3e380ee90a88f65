/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a flattened stream to a file that can be sought; see flatten.h. */
#include "source/flatten.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "format/flat.h"
#include "source/progress.h"

enum {
	/* Read ahead; also the most that is written, or left out as a hole, at once. */
	BUFFER_SIZE = 256 * 1024,
	/* What is looked at to find zeros: the block size of most file systems. */
	HOLE_SIZE = 4096,
};

/* The stream, read forward only. */
struct input {
	int fd;
	uint8_t *data;
	size_t pos, have; /* in data */
	uint64_t origin;  /* of data[0] in the stream */
	uint64_t size;	  /* of the stream; 0 for a pipe */
	const struct trail_progress *progress;
};

struct output {
	int fd;
	const char *tmpdir;
	uint64_t
		end; /* one past the last byte that any block had; nothing was written from there */
};

bool trail_flatten_is(const void *bytes, size_t n)
{
	return trail_flat_is(bytes, n);
}

static void close_fdp(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Bring @want bytes, at most BUFFER_SIZE, to data + pos; .have - .pos is less only at the end. */
static struct trail_error *fill(struct input *in, size_t want)
{
	if (in->have - in->pos >= want)
		return NULL;
	memmove(in->data, in->data + in->pos, in->have - in->pos);
	in->origin += in->pos;
	in->have -= in->pos;
	in->pos = 0;
	while (in->have < want) {
		ssize_t got = read(in->fd, in->data + in->have, BUFFER_SIZE - in->have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return trail_error_os(errno, "cannot read at 0x%" PRIx64,
					      in->origin + in->have);
		if (got == 0)
			break;
		in->have += got;
		trail_progress_tell(in->progress, "rearranging the flattened dump",
				    in->origin + in->have, in->size);
	}
	return NULL;
}

static struct trail_error *write_at(const struct output *out, uint64_t offset, const uint8_t *p,
				    size_t n)
{
	while (n) {
		ssize_t put = pwrite(out->fd, p, n, (off_t)offset);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return trail_error_os(errno, "cannot write the rearranged dump in %s",
					      out->tmpdir);
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

/*
 * Put bytes in their place.  Zeros past everything that was written so far
 * need no writing: the file is stretched over them in the end.
 */
static struct trail_error *put(struct output *out, uint64_t offset, const uint8_t *p, size_t n)
{
	struct trail_error *err = NULL;

	while (n && !err) {
		size_t piece = TRAIL_MIN(n, HOLE_SIZE - (size_t)(offset % HOLE_SIZE));
		bool hole = offset >= out->end && all_zero(p, piece);
		/* Take in what is of the same kind, so that one write does for many pieces. */
		while (!hole && piece < n) {
			size_t next = TRAIL_MIN(n - piece, (size_t)HOLE_SIZE);
			if (offset + piece >= out->end && all_zero(p + piece, next))
				break;
			piece += next;
		}
		if (!hole)
			err = write_at(out, offset, p, piece);
		offset += piece;
		p += piece;
		n -= piece;
		out->end = TRAIL_MAX(out->end, offset);
	}
	return err;
}

/* Move a block's data; *whole_ret is false when the stream ends in it. */
static struct trail_error *move_block(struct input *in, struct output *out,
				      struct trail_flat_block block, bool *whole_ret)
{
	while (block.size) {
		struct trail_error *err = fill(in, TRAIL_MIN(block.size, (uint64_t)BUFFER_SIZE));
		size_t n = TRAIL_MIN(block.size, (uint64_t)(in->have - in->pos));
		if (!err)
			err = put(out, block.offset, in->data + in->pos, n);
		if (err)
			return err;
		if (n == 0)
			break;
		in->pos += n;
		block.offset += n;
		block.size -= n;
	}
	*whole_ret = block.size == 0;
	return NULL;
}

static struct trail_error *next_block(struct input *in, struct trail_flat_block *ret)
{
	struct trail_error *err = fill(in, TRAIL_FLAT_BLOCK_HEADER_SIZE);

	if (err)
		return err;
	size_t n = TRAIL_MIN(in->have - in->pos, (size_t)TRAIL_FLAT_BLOCK_HEADER_SIZE);
	err = trail_flat_read_block(in->data + in->pos, n, in->origin + in->pos, ret);
	if (!err)
		in->pos += n;
	return err;
}

/* Once a block has arrived, damage ends the stream instead of losing what is there. */
static struct trail_error *move_all(struct input *in, struct output *out, bool *complete_ret)
{
	for (bool first = true, whole;; first = false) {
		struct trail_flat_block block;
		struct trail_error *err = next_block(in, &block);
		if (!first && (trail_error_catch(&err, TRAIL_ERROR_BAD_DATA) ||
			       trail_error_catch(&err, TRAIL_ERROR_LIMIT))) {
			*complete_ret = false;
			return NULL;
		}
		if (!err && block.end) {
			*complete_ret = true;
			return NULL;
		}
		if (!err)
			err = move_block(in, out, block, &whole);
		if (err)
			return err;
		if (!whole) {
			*complete_ret = false;
			return NULL;
		}
	}
}

/* A file without a name; file systems that cannot make one get a name that is gone at once. */
static struct trail_error *make_file(const char *tmpdir, int *ret)
{
	int fd = open(tmpdir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
		struct trail_text name = { 0 };
		trail_text_printf(&name, "%s/panictrail-XXXXXX", tmpdir);
		if (name.failed) {
			trail_text_fini(&name);
			return &trail_error_nomem;
		}
		fd = mkostemp(name.data, O_CLOEXEC);
		int errnum = errno;
		if (fd >= 0)
			unlink(name.data);
		trail_text_fini(&name);
		errno = errnum;
	}
	if (fd < 0)
		return trail_error_os(errno, "cannot make a file in %s", tmpdir);
	*ret = fd;
	return NULL;
}

/* A stream of known size makes at most as many bytes of data: better told now than at the end. */
static struct trail_error *check_room(struct input *in, const struct output *out)
{
	struct stat st;
	struct statvfs fs;
	uint64_t room;

	if (fstat(in->fd, &st) < 0)
		return trail_error_os(errno, "cannot stat");
	if (!S_ISREG(st.st_mode))
		return NULL;
	if (fstatvfs(out->fd, &fs) < 0)
		return trail_error_os(errno, "cannot tell the room in %s", out->tmpdir);
	if (trail_mul(fs.f_bavail, fs.f_frsize, &room) && room < (uint64_t)st.st_size)
		return trail_error_os(ENOSPC,
				      "rearranging the flattened dump needs %" PRIu64
				      " bytes in %s, which has %" PRIu64,
				      (uint64_t)st.st_size, out->tmpdir, room);
	if (lseek(in->fd, 0, SEEK_SET) < 0)
		return trail_error_os(errno, "cannot go to its start");
	in->size = st.st_size;
	return NULL;
}

static struct trail_error *rearrange(struct input *in, struct output *out, bool *complete_ret)
{
	bool complete;
	struct trail_error *err = check_room(in, out);

	if (!err)
		err = fill(in, TRAIL_FLAT_HEADER_SIZE);
	if (!err)
		err = trail_flat_check_header(in->data, in->have);
	if (err)
		return err;
	in->pos = TRAIL_FLAT_HEADER_SIZE;
	err = move_all(in, out, &complete);
	if (err)
		return err;
	if (ftruncate(out->fd, (off_t)out->end) < 0)
		return trail_error_os(errno, "cannot stretch the rearranged dump in %s",
				      out->tmpdir);
	*complete_ret = complete;
	return NULL;
}

struct trail_error *trail_flatten(int fd, const char *path, const char *tmpdir,
				  const struct trail_progress *progress, int *fd_ret,
				  bool *complete_ret)
{
	TRAIL_CLEANUP(trail_freep) uint8_t *buffer = malloc(BUFFER_SIZE);
	TRAIL_CLEANUP(close_fdp) int made = -1;

	if (!buffer)
		return &trail_error_nomem;
	struct trail_error *err = make_file(tmpdir, &made);
	struct input in = { .fd = fd, .data = buffer, .progress = progress };
	struct output out = { .fd = made, .tmpdir = tmpdir };
	if (!err)
		err = rearrange(&in, &out, complete_ret);
	if (err)
		return trail_error_wrap(err, "%s", path);
	*fd_ret = made;
	made = -1;
	return NULL;
}
