/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file or a crash directory → the dump to open; see input.h. */
#include "source/input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "source/flatten.h"

/* Source: elf(5), e_type ET_CORE at 16; makedumpfile diskdump_mod.h; makedumpfile(8) -F. */
static bool is_dump(const uint8_t *start, size_t n)
{
	if (n >= 18 && memcmp(start, "\177ELF", 4) == 0)
		return start[16] == 4 || start[17] == 4;
	return (n >= 8 && memcmp(start, "KDUMP   ", 8) == 0) || trail_flatten_is(start, n);
}

static bool file_is_dump(int dir, const char *name)
{
	uint8_t start[18];
	struct stat st;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return false;
	ssize_t n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? pread(fd, start, sizeof(start), 0)
							       : -1;
	close(fd);
	return n > 0 && is_dump(start, n);
}

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static struct trail_error *search(const char *path, char **ret)
{
	TRAIL_CLEANUP(closedirp) DIR *dir = opendir(path);
	TRAIL_CLEANUP(trail_freep) char *found = NULL;

	if (!dir)
		return trail_error_os(errno, "%s", path);
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (!file_is_dump(dirfd(dir), entry->d_name))
			continue;
		if (found) /* in the order of their names, so that the message is always the same */
			return trail_error_format(
				TRAIL_ERROR_UNSUPPORTED,
				"%s: holds several dumps, %s and %s among them: name one", path,
				strcmp(found, entry->d_name) < 0 ? found : entry->d_name,
				strcmp(found, entry->d_name) < 0 ? entry->d_name : found);
		found = strdup(entry->d_name);
		if (!found)
			return &trail_error_nomem;
	}
	if (!found)
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "%s: a directory that holds no vmcore", path);
	const char *slash = path[strlen(path) - 1] == '/' ? "" : "/";
	return asprintf(ret, "%s%s%s", path, slash, found) < 0 ? &trail_error_nomem : NULL;
}

struct trail_error *trail_input_find(const char *path, char **ret)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return trail_error_os(errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		return search(path, ret);
	*ret = strdup(path);
	return *ret ? NULL : &trail_error_nomem;
}

/* Never waits: a pipe is opened, and left alone. */
static int open_regular(const char *path, struct stat *st_ret)
{
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
