/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files or a crash directory → the dump to open; see input.h. */
#include "source/input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "format/diskdump.h"
#include "source/foreign.h"
#include "source/spool.h"
#include "source/stream.h"

/* What a directory holds; the names are empty where there is nothing such. */
struct contents {
	const char **dumps; /* names */
	size_t n_dumps;
	char packed[NAME_MAX + 1]; /* a file that is compressed and cannot be looked into */
	char locked[NAME_MAX + 1]; /* a file that this user may not read */
	char folder[NAME_MAX + 1]; /* a directory that holds a dump, the last by its name: the
				      names are times */
	char packing[256];	   /* what .packed is */
	bool filled;		   /* there is something in it */
	struct trail_pool *pool;
	bool failed; /* memory ran out */
};

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* The lower of both names: so the message is the same in whatever order they are read. */
static bool keep_first(char *slot, const char *name)
{
	if (*slot && strcmp(name, slot) >= 0)
		return false;
	snprintf(slot, NAME_MAX + 1, "%s", name);
	return true;
}

static void add_dump(struct contents *c, const char *name)
{
	const char **all = trail_pool_grow(c->pool, c->dumps, c->n_dumps, sizeof(*all));
	const char *copied = trail_pool_strdup(c->pool, name);

	if (!all || !copied) {
		c->failed = true;
		return;
	}
	c->dumps = all;
	all[c->n_dumps++] = copied;
}

/*
 * The first bytes of a regular file, of what is inside where it is compressed.
 * @n_ret  how many; 0 where there is nothing to be seen, and then @why_ret may say why
 */
static void look_into(int fd, uint8_t *start, size_t room, size_t *n_ret, char **why_ret)
{
	static const struct trail_stream_options quiet = { 0 };
	TRAIL_CLEANUP(trail_stream_closep) struct trail_stream *stream = NULL;
	struct trail_error *error = trail_stream_open(fd, &quiet, &stream);

	*n_ret = 0;
	if (error) {
		*why_ret = error->code == TRAIL_ERROR_UNSUPPORTED ? strdup(error->message) : NULL;
		trail_error_free(error);
		return;
	}
	const uint8_t *bytes = trail_stream_look(stream, room, n_ret);
	*n_ret = TRAIL_MIN(*n_ret, room);
	memcpy(start, bytes, *n_ret);
	if (!*n_ret && trail_stream_broken(stream))
		*why_ret = strdup(trail_stream_broken(stream));
}

static void look_at_file(struct contents *c, int dir, const char *name)
{
	TRAIL_CLEANUP(trail_fd_closep)
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	TRAIL_CLEANUP(trail_freep) char *why = NULL;
	uint8_t start[TRAIL_FOREIGN_HEAD];
	struct stat st;
	bool packed;

	if (fd < 0 && errno == EACCES)
		keep_first(c->locked, name);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	ssize_t got = pread(fd, start, sizeof(start), 0);
	size_t n = got > 0 ? (size_t)got : 0;
	if (trail_unpack_tell(start, n))
		look_into(fd, start, sizeof(start), &n, &why);
	if (trail_foreign_is_dump(start, n)) {
		add_dump(c, name);
		return;
	}
	const char *what = why ? why : trail_foreign_tell(start, n, &packed);
	if (what && (why || packed) && keep_first(c->packed, name))
		snprintf(c->packing, sizeof(c->packing), "%s", what);
}

/* Look at the files of a directory that is open; true when one is a dump. */
static bool look_at_files(struct contents *c, DIR *dir)
{
	for (struct dirent *entry; (entry = readdir(dir));) {
		look_at_file(c, dirfd(dir), entry->d_name);
		c->filled |= strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	}
	return c->n_dumps;
}

/* Only when it holds no dump itself: one level deeper. */
static void look_at_folders(struct contents *c, DIR *dir)
{
	rewinddir(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		struct contents inner = { .pool = c->pool };
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, c->folder) < 0)
			continue;
		int fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
		TRAIL_CLEANUP(closedirp) DIR *folder = fd < 0 ? NULL : fdopendir(fd);
		if (folder && look_at_files(&inner, folder))
			snprintf(c->folder, sizeof(c->folder), "%s", entry->d_name);
		else if (!folder && fd >= 0)
			close(fd);
	}
}

static struct trail_error *no_dump(const struct contents *c, const char *path)
{
	if (*c->locked)
		return trail_error_wrap(trail_input_denied(EACCES, c->locked), "%s", path);
	if (*c->packed)
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "%s: holds no vmcore, but %s: %s", path, c->packed,
					  c->packing);
	if (*c->folder)
		return trail_error_format(
			TRAIL_ERROR_ABSENT,
			"%s: holds no vmcore, but its directory %s does: name that", path,
			c->folder);
	if (!c->filled)
		return trail_error_format(TRAIL_ERROR_ABSENT,
					  "%s: the directory is empty: no record was written, or "
					  "systemd-pstore has moved it to /var/lib/systemd/pstore",
					  path);
	return trail_error_format(
		TRAIL_ERROR_ABSENT,
		"%s: a directory that holds no vmcore, no record and no log; name "
		"the vmcore, or the directory it is in",
		path);
}

/* A pipe is not opened: its writer would take the close for the reader's end. */
static int open_regular(const char *path, struct stat *st_ret)
{
	if (stat(path, st_ret) < 0 || !S_ISREG(st_ret->st_mode)) {
		errno = EINVAL;
		return -1;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && (fstat(fd, st_ret) < 0 || !S_ISREG(st_ret->st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

bool trail_input_is_part(const char *path)
{
	struct stat st;
	TRAIL_CLEANUP(trail_fd_closep) int fd = open_regular(path, &st);
	TRAIL_CLEANUP(trail_freep) uint8_t *start = malloc(TRAIL_DISKDUMP_HEAD_SIZE);
	TRAIL_CLEANUP(trail_freep) char *why = NULL;
	struct trail_diskdump dump;
	size_t n;

	if (fd < 0 || !start)
		return false;
	look_into(fd, start, TRAIL_DISKDUMP_HEAD_SIZE, &n, &why);
	struct trail_error *error = trail_diskdump_read(start, n, INT64_MAX, &dump);
	bool split = !error && dump.split;
	trail_error_free(error);
	return split;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The dumps of a directory, by their names: one, or all of a split dump. */
static struct trail_error *take_dumps(const struct contents *c, const char *path,
				      struct trail_input *ret)
{
	const char *slash = path[strlen(path) - 1] == '/' ? "" : "/";
	bool parts = true;

	qsort(c->dumps, c->n_dumps, sizeof(*c->dumps), compare_names);
	ret->paths = trail_pool_alloc(&ret->pool, c->n_dumps, sizeof(*ret->paths));
	for (; ret->paths && ret->n < c->n_dumps && parts; ret->n++) {
		const char *file = trail_pool_printf(&ret->pool, "%s%s%s", path, slash,
						     c->dumps[ret->n]);
		if (!file)
			return &trail_error_nomem;
		ret->paths[ret->n] = file;
		parts = c->n_dumps == 1 || trail_input_is_part(file);
	}
	if (!ret->paths)
		return &trail_error_nomem;
	if (parts)
		return NULL;
	return trail_error_format(
		TRAIL_ERROR_LIMIT,
		"%s: holds several dumps, %s and %s among them: name one; "
		"the files of a split dump are read together when nothing else is "
		"there, or all of them are named",
		path, c->dumps[0], c->dumps[1]);
}

static struct trail_error *search(const char *path, struct trail_input *ret)
{
	TRAIL_CLEANUP(closedirp) DIR *dir = opendir(path);
	struct contents c = { .pool = &ret->pool };

	if (!dir)
		return trail_input_denied(errno, path);
	if (!look_at_files(&c, dir) && !c.failed)
		look_at_folders(&c, dir);
	if (c.failed)
		return &trail_error_nomem;
	return c.n_dumps ? take_dumps(&c, path, ret) : no_dump(&c, path);
}

struct trail_error *trail_input_denied(int errnum, const char *path)
{
	if ((errnum == EACCES || errnum == EPERM) && geteuid() != 0)
		return trail_error_os(errnum, "%s: most dumps are for root only, try sudo", path);
	return trail_error_os(errnum, "%s", path);
}

struct trail_error *trail_input_find(const char *const *paths, size_t n, struct trail_input *ret)
{
	bool part = n == 1;
	struct stat st;

	*ret = (struct trail_input){ .n = 0 };
	if (n == 1 && stat(paths[0], &st) < 0)
		return trail_input_denied(errno, paths[0]);
	if (n == 1 && S_ISDIR(st.st_mode))
		return search(paths[0], ret);
	for (size_t i = 0; i < n && !part; i++)
		part = trail_input_is_part(paths[i]);
	if (!part)
		return trail_error_format(
			TRAIL_ERROR_USAGE,
			"this wants one dump, or all files of a split one; %zu files were given; "
			"no vmlinux is needed beside a vmcore",
			n);
	ret->paths = trail_pool_alloc(&ret->pool, n, sizeof(*ret->paths));
	for (; ret->paths && ret->n < n; ret->n++) {
		ret->paths[ret->n] = trail_pool_strdup(&ret->pool, paths[ret->n]);
		if (!ret->paths[ret->n])
			return &trail_error_nomem;
	}
	return ret->paths ? NULL : &trail_error_nomem;
}

void trail_input_fini(struct trail_input *input)
{
	trail_pool_fini(&input->pool);
}

bool trail_input_is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Is the entry a regular file, or a link to one? */
static bool is_regular(DIR *dir, const char *name)
{
	struct stat st;

	return name[0] != '.' && fstatat(dirfd(dir), name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

struct trail_error *trail_input_list(const char *path, struct trail_pool *pool, const char ***ret,
				     size_t *n_ret)
{
	TRAIL_CLEANUP(closedirp) DIR *dir = opendir(path);
	const char *slash = *path && path[strlen(path) - 1] == '/' ? "" : "/";
	const char **all = NULL;
	size_t n = 0;

	if (!dir)
		return trail_input_denied(errno, path);
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (!is_regular(dir, entry->d_name))
			continue;
		if (n == TRAIL_INPUT_FILES_MAX)
			return trail_error_format(TRAIL_ERROR_LIMIT,
						  "%s: more than %d files; name those of the crash",
						  path, TRAIL_INPUT_FILES_MAX);
		const char **more = trail_pool_grow(pool, all, n, sizeof(*all));
		const char *name = trail_pool_printf(pool, "%s%s%s", path, slash, entry->d_name);
		if (!more || !name)
			return &trail_error_nomem;
		all = more;
		all[n++] = name;
	}
	if (n)
		qsort(all, n, sizeof(*all), compare_names);
	*ret = all;
	*n_ret = n;
	return NULL;
}

/* What a stream gives, in a file without a name. */
static struct trail_error *spool(int fd, const char *path, const char *tmpdir, int *fd_ret,
				 enum trail_unpack_wrapper *wrapper_ret, char **why_ret)
{
	static const struct trail_stream_options quiet = { 0 };
	TRAIL_CLEANUP(trail_stream_closep) struct trail_stream *stream = NULL;
	struct trail_error *error = trail_stream_open(fd, &quiet, &stream);

	if (!error) {
		*wrapper_ret = trail_stream_wrapper(stream);
		error = trail_spool_stream(stream, tmpdir, fd_ret, why_ret);
	}
	return trail_error_wrap(error, "%s", path);
}

/* The first bytes of a pipe, which stay in it; 0 where it is none, or they do not come at once. */
static size_t peek(int fd, uint8_t *start)
{
	enum { TRIES = 100, WAIT_US = 10 * 1000, WANTED = 16 }; /* signatures of dumps */
	ssize_t n = 0;

	for (int i = 0; i < TRIES && n < WANTED; i++) {
		int ends[2];

		if (i)
			usleep(WAIT_US);
		if (pipe2(ends, O_CLOEXEC) < 0)
			return 0;
		n = tee(fd, ends[1], TRAIL_FOREIGN_HEAD, 0);
		if (n > 0)
			n = read(ends[0], start, (size_t)n);
		close(ends[0]);
		close(ends[1]);
		if (n <= 0)
			return 0;
	}
	return (size_t)n;
}

/* Look at the first bytes, unpacked, without a copy of the whole; @packed_ret: that needs one. */
static size_t look(int fd, uint8_t *start, bool *packed_ret)
{
	TRAIL_CLEANUP(trail_freep) char *why = NULL;
	ssize_t n = pread(fd, start, TRAIL_INPUT_START, 0);
	size_t unpacked = 0;

	*packed_ret = n < 0 || trail_unpack_tell(start, (size_t)n);
	if (n < 0)
		return peek(fd, start);
	if (!*packed_ret)
		return (size_t)n;
	look_into(fd, start, TRAIL_FOREIGN_HEAD, &unpacked, &why);
	return unpacked;
}

/* One that looks like a file and waits for what is to come, as /proc/kmsg, is not waited for. */
static int open_input(const char *path)
{
	struct stat st;
	int flags = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? O_NONBLOCK : 0;

	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
}

struct trail_error *trail_input_open(const char *path, const char *tmpdir, int *fd_ret,
				     uint8_t *start, size_t *n_ret, uint64_t *size_ret,
				     enum trail_unpack_wrapper *wrapper_ret, char **why_ret)
{
	bool is_stdin = strcmp(path, "-") == 0, packed;
	TRAIL_CLEANUP(trail_fd_closep)
	int fd = is_stdin ? dup(STDIN_FILENO) : open_input(path);
	struct stat st;

	*fd_ret = -1;
	*size_ret = 0;
	*wrapper_ret = TRAIL_UNPACK_NONE;
	*why_ret = NULL;
	if (fd < 0)
		return trail_input_denied(errno, path);
	*n_ret = look(fd, start, &packed);
	if (trail_foreign_is_dump(start, *n_ret)) {
		/* a pipe's writer would take its close for the end */
		if (is_stdin || (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))) {
			*fd_ret = fd;
			fd = -1;
		}
		return NULL;
	}
	if (packed) {
		int spooled = -1;
		struct trail_error *error = spool(fd, path, tmpdir, &spooled, wrapper_ret, why_ret);
		if (error)
			return error;
		close(fd);
		fd = spooled;
	}
	ssize_t n = pread(fd, start, TRAIL_INPUT_START, 0);
	if (n < 0 || fstat(fd, &st) < 0)
		return trail_error_os(errno, "%s", path);
	lseek(fd, 0, SEEK_SET);
	*n_ret = (size_t)n;
	*size_ret = (uint64_t)st.st_size;
	*fd_ret = fd;
	fd = -1;
	return NULL;
}

struct trail_error *trail_input_read(int fd, const char *path, size_t limit, void **ret,
				     size_t *n_ret)
{
	TRAIL_CLEANUP(trail_freep) char *bytes = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return trail_error_os(errno, "%s", path);
	if ((uint64_t)st.st_size > limit)
		return trail_error_format(TRAIL_ERROR_LIMIT, "%s: %lld bytes, at most %zu are read",
					  path, (long long)st.st_size, limit);
	bytes = malloc((size_t)st.st_size + 1);
	if (!bytes)
		return &trail_error_nomem;
	if (!trail_fd_read(fd, bytes, (size_t)st.st_size, n_ret))
		return trail_error_os(errno, "%s", path);
	*ret = TRAIL_STEAL(bytes);
	return NULL;
}

struct trail_error *trail_input_load(const char *path, size_t limit, void **ret, size_t *n_ret)
{
	struct stat st;
	TRAIL_CLEANUP(trail_fd_closep) int fd = open_regular(path, &st);

	return fd < 0 ? trail_error_os(errno, "%s", path)
		      : trail_input_read(fd, path, limit, ret, n_ret);
}
