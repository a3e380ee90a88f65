/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A path → a file that can be sought, its headers and notes; see core_file.h. */
#include "source/core_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/error.h"
#include "format/diskdump.h"
#include "format/note.h"
#include "format/vmcoreinfo.h"
#include "source/flatten.h"
#include "source/foreign.h"
#include "source/image.h"
#include "source/input.h"
#include "source/page_map.h"
#include "source/spool.h"
#include "source/stream.h"

enum { RUN_SIZE_MAX = 64 * 1024 * 1024 }; /* bytes of notes: 4,096 CPUs need 4 MiB */

/* What is in a wrapper, or comes from a pipe, must be a dump before it is worth writing out. */
static struct trail_error *check_inside(struct trail_stream *stream)
{
	size_t n;
	const uint8_t *head = trail_stream_look(stream, TRAIL_FOREIGN_HEAD, &n);

	if (trail_foreign_is_dump(head, n))
		return NULL;
	if (!n && trail_stream_broken(stream))
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "%s", trail_stream_broken(stream));
	return trail_foreign_refuse(trail_stream_wrapper(stream), head, n);
}

/* Put in place of the file what a stream of it makes. */
static struct trail_error *replace(struct trail_core_file *file, struct trail_stream *stream,
				   const char *tmpdir)
{
	size_t n;
	int fd;
	struct trail_error *error = check_inside(stream);

	if (error)
		return error;
	const uint8_t *start = trail_stream_look(stream, TRAIL_FOREIGN_HEAD, &n);
	file->wrapper = trail_stream_wrapper(stream);
	file->flattened = trail_flatten_is(start, n);
	error = file->flattened ? trail_flatten(stream, tmpdir, &fd, &file->why)
				: trail_spool_stream(stream, tmpdir, &fd, &file->why);
	if (error)
		return error;
	close(file->fd);
	file->fd = fd;
	return NULL;
}

/*
 * Unpack, rearrange, or take from a pipe.  A flattened file also where
 * libkdumpfile reads it as it is (since 0.5.4): it does not give out the vCPU
 * notes, and what it reads cannot be held against the size of the file.
 */
static struct trail_error *open_stream(struct trail_core_file *file,
				       const struct trail_image_options *options)
{
	struct trail_stream_options how = { .progress = options->progress,
					    .deadline = options->deadline };
	TRAIL_CLEANUP(trail_stream_closep) struct trail_stream *stream = NULL;
	struct trail_error *error = trail_stream_open(file->fd, &how, &stream);

	if (!error)
		error = replace(file, stream, options->tmpdir);
	return trail_error_wrap(error, "%s", file->path);
}

/* One that is open already can be named by its number: a named pipe is not opened twice. */
static int open_path(const char *path)
{
	static const char own[] = "/proc/self/fd/";

	if (strncmp(path, own, strlen(own)) == 0)
		return fcntl(atoi(path + strlen(own)), F_DUPFD_CLOEXEC, 0);
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

static struct trail_error *open_file(struct trail_core_file *file,
				     const struct trail_image_options *options)
{
	uint8_t start[16];
	struct stat st;

	file->fd = open_path(file->path);
	if (file->fd < 0 || fstat(file->fd, &st) < 0)
		return trail_input_denied(errno, file->path);
	if (S_ISDIR(st.st_mode))
		return trail_error_os(EISDIR, "%s", file->path);
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return open_stream(file, options);
	ssize_t n = pread(file->fd, start, sizeof(start), 0);
	if (n < 0)
		return trail_error_os(errno, "%s", file->path);
	if (n == 0)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "%s: empty file, wanted a vmcore",
					  file->path);
	if (!trail_flatten_is(start, n) && !trail_unpack_tell(start, n))
		return NULL;
	return open_stream(file, options);
}

/* A part of the file on the heap; what a cut off file lacks of it is left out. */
static struct trail_error *read_part(const struct trail_core_file *file, const char *what,
				     struct trail_core_range range, struct trail_core_bytes *ret)
{
	if (range.size > RUN_SIZE_MAX)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "%s: %s of %" PRIu64 " bytes at 0x%" PRIx64, file->path,
					  what, range.size, range.offset);
	uint8_t *bytes = malloc(range.size ? range.size : 1);
	if (!bytes)
		return &trail_error_nomem;
	size_t have = 0;
	/* what cannot be read is as good as cut off */
	trail_error_free(trail_read_at(file->fd, range.offset, bytes, range.size, &have));
	*ret = (struct trail_core_bytes){ bytes, have };
	return NULL;
}

/* Read the runs of notes that core_check found in the file, and VMCOREINFO where its header names
 * it. */
static struct trail_error *read_notes(struct trail_core_file *file)
{
	const struct trail_core_range *ranges;
	size_t n = trail_core_check_notes(file->check, &ranges);

	if (n > TRAIL_CORE_FILE_RUNS)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "%s: %zu runs of notes, the limit is %d", file->path, n,
					  TRAIL_CORE_FILE_RUNS);
	for (; file->n_runs < n; file->n_runs++) {
		struct trail_error *error = read_part(file, "notes", ranges[file->n_runs],
						      &file->runs[file->n_runs]);
		if (error)
			return error;
	}
	return read_part(file, "VMCOREINFO", trail_core_check_vmcoreinfo(file->check), &file->info);
}

/* What a redacted dump says of its pages; see format/erased.h. */
static struct trail_error *read_erased(struct trail_core_file *file)
{
	const struct trail_diskdump *header = trail_core_check_diskdump(file->check);
	struct trail_core_bytes text = { 0 };

	if (!header)
		return NULL;
	struct trail_error *error = read_part(
		file, "ERASEINFO",
		(struct trail_core_range){ header->eraseinfo.offset, header->eraseinfo.size },
		&text);
	if (!error)
		error = trail_page_set_read_erased(&file->erased, text.bytes, text.size);
	free(text.bytes);
	file->erased_bad = trail_error_catch(&error, TRAIL_ERROR_BAD_DATA);
	return error;
}

/* Is VMCOREINFO, in its place or in a note, what a kernel writes? */
static bool info_is_sane(const struct trail_core_file *file)
{
	struct trail_vmcoreinfo info = { file->info.bytes, file->info.size };

	if (info.size && !trail_vmcoreinfo_is_sane(&info))
		return false;
	for (size_t i = 0; i < file->n_runs; i++) {
		struct trail_cursor c = trail_cursor_over(file->runs[i].bytes, file->runs[i].size,
							  0, "notes", false);
		struct trail_note_entry note;

		while (trail_note_next(&c, &note)) {
			info = (struct trail_vmcoreinfo){ (const char *)note.desc.data,
							  note.desc.size };
			if (trail_starts_with(note.name, "VMCOREINFO") &&
			    !trail_vmcoreinfo_is_sane(&info))
				return false;
		}
	}
	return true;
}

/*
 * Why libkdumpfile must not be given the file, NULL when it may: 0.5.1 crashes
 * on ranges that leave the file, on a section table, and on names of
 * VMCOREINFO that no kernel writes; and one flipped bit of the page map gives
 * every later page the contents of its neighbour.
 */
static const char *why_not(struct trail_core_file *file)
{
	const struct trail_diskdump *header = trail_core_check_diskdump(file->check);
	const char *why;

	if (header && header->ranges_cut)
		return "the notes of its header leave the file";
	if (!trail_core_check_sections_fit(file->check))
		return "its section table leaves the file";
	if (!info_is_sane(file))
		return "its VMCOREINFO is damaged";
	if (file->erased_bad)
		return "its ERASEINFO is damaged";
	if (!trail_core_check_map_trusted(file->check, &why))
		return why;
	return NULL;
}

/* Why the file does not hold all that it could, NULL when it does. */
static const char *what_is_missing(struct trail_core_file *file)
{
	const char *why;

	if (trail_core_check_incomplete(file->check))
		return "makedumpfile ran out of room and marked the dump incomplete";
	return trail_core_check_truncated(file->check, &why) ? why : NULL;
}

/* What broke while it was unpacked comes first, it is the cause; what keeps it from being read is
 * said in any case. */
static struct trail_error *judge(struct trail_core_file *file)
{
	const char *refused = why_not(file);
	const char *why = refused ? refused : file->why ? NULL : what_is_missing(file);
	char *both;

	file->refused = refused;
	if (!why)
		return NULL;
	if (asprintf(&both, "%s%s%s", file->why ? file->why : "", file->why ? "; " : "", why) < 0)
		return &trail_error_nomem;
	free(file->why);
	file->why = both;
	return NULL;
}

/* The headers; where they cannot be right, what broke before is the cause. */
static struct trail_error *check(struct trail_core_file *file)
{
	struct trail_error *error = trail_core_check_open(file->fd, file->path, &file->check);

	if (!error || !file->why || error == &trail_error_nomem)
		return error;
	struct trail_error *both = trail_error_format(error->code, "%s; %s", error->message,
						      file->why);
	trail_error_free(error);
	return both;
}

struct trail_error *trail_core_file_open(const char *path,
					 const struct trail_image_options *options,
					 struct trail_core_file *ret)
{
	*ret = (struct trail_core_file){ .path = path, .fd = -1 };
	struct trail_error *error = open_file(ret, options);

	if (!error)
		error = check(ret);
	if (!error)
		error = read_notes(ret);
	if (!error)
		error = read_erased(ret);
	return error ? error : judge(ret);
}

void trail_core_file_close(struct trail_core_file *file)
{
	trail_core_check_close(file->check);
	for (size_t i = 0; i < file->n_runs; i++)
		free(file->runs[i].bytes);
	free(file->info.bytes);
	trail_page_set_fini(&file->erased);
	free(file->why);
	if (file->fd >= 0)
		close(file->fd);
}
