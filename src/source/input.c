/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file or a crash directory → the dump to open; see input.h. */
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
#include "source/flatten.h"
#include "source/foreign.h"

/* Source: elf(5), e_type ET_CORE at 16; makedumpfile diskdump_mod.h; makedumpfile(8) -F. */
static bool is_dump(const uint8_t *start, size_t n)
{
	if (n >= 18 && memcmp(start, "\177ELF", 4) == 0)
		return start[16] == 4 || start[17] == 4;
	return (n >= 8 && memcmp(start, "KDUMP   ", 8) == 0) || trail_flatten_is(start, n);
}

/* What a directory holds; the names are empty where there is nothing such. */
struct contents {
	char first[NAME_MAX + 1], second[NAME_MAX + 1]; /* dumps, in the order of their names */
	char packed[NAME_MAX + 1];			/* a compressed file */
	char locked[NAME_MAX + 1];			/* a file that this user may not read */
	char folder[NAME_MAX + 1]; /* a directory that holds a dump, the last by its name: the
				      names are times */
	const char *packing;
};

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static void keep(char *slot, const char *name)
{
	snprintf(slot, NAME_MAX + 1, "%s", name);
}

/* The lower of both names: so the message is the same in whatever order they are read. */
static void keep_first(char *slot, const char *name)
{
	if (!*slot || strcmp(name, slot) < 0)
		keep(slot, name);
}

static void add_dump(struct contents *c, const char *name)
{
	if (!*c->first || strcmp(name, c->first) < 0) {
		memcpy(c->second, c->first, sizeof(c->second));
		keep(c->first, name);
	} else {
		keep_first(c->second, name);
	}
}

static void look_at_file(struct contents *c, int dir, const char *name)
{
	uint8_t start[TRAIL_FOREIGN_HEAD];
	struct stat st;
	bool packed;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		if (errno == EACCES)
			keep_first(c->locked, name);
		return;
	}
	ssize_t n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? pread(fd, start, sizeof(start), 0)
							       : -1;
	close(fd);
	if (n > 0 && is_dump(start, n)) {
		add_dump(c, name);
		return;
	}
	const char *what = n > 0 ? trail_foreign_tell(start, n, &packed) : NULL;
	if (what && packed && (!*c->packed || strcmp(name, c->packed) < 0)) {
		keep(c->packed, name);
		c->packing = what;
	}
}

/* Look at the files of a directory that is open; true when one is a dump. */
static bool look_at_files(struct contents *c, DIR *dir)
{
	for (struct dirent *entry; (entry = readdir(dir));)
		look_at_file(c, dirfd(dir), entry->d_name);
	return *c->first;
}

/* Only when it holds no dump itself: one level deeper. */
static void look_at_folders(struct contents *c, DIR *dir)
{
	rewinddir(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		struct contents inner = { 0 };
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, c->folder) < 0)
			continue;
		int fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
		TRAIL_CLEANUP(closedirp) DIR *folder = fd < 0 ? NULL : fdopendir(fd);
		if (folder && look_at_files(&inner, folder))
			keep(c->folder, entry->d_name);
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
			TRAIL_ERROR_UNSUPPORTED,
			"%s: holds no vmcore, but its directory %s does: name that", path,
			c->folder);
	return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
				  "%s: a directory that holds no vmcore; name the vmcore, or the "
				  "directory it is in",
				  path);
}

static struct trail_error *search(const char *path, char **ret)
{
	TRAIL_CLEANUP(closedirp) DIR *dir = opendir(path);
	struct contents c = { 0 };

	if (!dir)
		return trail_input_denied(errno, path);
	if (!look_at_files(&c, dir)) {
		look_at_folders(&c, dir);
		return no_dump(&c, path);
	}
	if (*c.second)
		return trail_error_format(
			TRAIL_ERROR_UNSUPPORTED,
			"%s: holds several dumps, %s and %s among them: name one; "
			"the files of a split dump are joined by makedumpfile "
			"--reassemble",
			path, c.first, c.second);
	const char *slash = path[strlen(path) - 1] == '/' ? "" : "/";
	return asprintf(ret, "%s%s%s", path, slash, c.first) < 0 ? &trail_error_nomem : NULL;
}

struct trail_error *trail_input_denied(int errnum, const char *path)
{
	if ((errnum == EACCES || errnum == EPERM) && geteuid() != 0)
		return trail_error_os(errnum, "%s: most dumps are for root only, try sudo", path);
	if (errnum == ENOENT && strcmp(path, "-") == 0)
		return trail_error_os(errnum, "-: a flattened dump from a pipe is /dev/stdin");
	return trail_error_os(errnum, "%s", path);
}

struct trail_error *trail_input_find(const char *path, char **ret)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return trail_input_denied(errno, path);
	if (S_ISDIR(st.st_mode))
		return search(path, ret);
	*ret = strdup(path);
	return *ret ? NULL : &trail_error_nomem;
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

size_t trail_input_start(const char *path, void *buffer, size_t n)
{
	struct stat st;
	int fd = open_regular(path, &st);

	if (fd < 0)
		return 0;
	ssize_t got = pread(fd, buffer, n, 0);
	close(fd);
	return got > 0 ? (size_t)got : 0;
}

static struct trail_error *read_all(int fd, const char *path, char *bytes, size_t n, size_t *n_ret)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = read(fd, bytes + done, n - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return trail_error_os(errno, "%s", path);
		if (!got)
			break;
		done += (size_t)got;
	}
	*n_ret = done;
	return NULL;
}

struct trail_error *trail_input_load(const char *path, size_t limit, void **ret, size_t *n_ret)
{
	TRAIL_CLEANUP(trail_freep) char *bytes = NULL;
	struct stat st;
	int fd = open_regular(path, &st);
	struct trail_error *error = NULL;

	if (fd < 0)
		return trail_error_os(errno, "%s", path);
	if ((uint64_t)st.st_size > limit)
		error = trail_error_format(TRAIL_ERROR_LIMIT,
					   "%s: %lld bytes, at most %zu are read", path,
					   (long long)st.st_size, limit);
	else if (!(bytes = malloc((size_t)st.st_size + 1)))
		error = &trail_error_nomem;
	else
		error = read_all(fd, path, bytes, (size_t)st.st_size, n_ret);
	close(fd);
	if (!error)
		*ret = TRAIL_STEAL(bytes);
	return error;
}
