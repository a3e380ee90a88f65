/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files in /etc, /run and /usr/lib; see config.h. */
#include "source/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* First one first. */
static const char *const homes[] = { "/etc", "/run", "/usr/lib" };

/* ---- a file --------------------------------------------------------------- */

static bool is_null_device(const struct stat *st)
{
	struct stat null;

	return S_ISCHR(st->st_mode) && stat("/dev/null", &null) == 0 && S_ISCHR(null.st_mode) &&
	       st->st_rdev == null.st_rdev;
}

/* One byte more than the limit is read, to know whether there is one. */
static struct trail_error *read_bytes(int fd, struct trail_pool *pool, size_t limit,
				      struct trail_config_file *file)
{
	char *bytes = trail_pool_alloc(pool, 1, limit + 1);
	size_t n = 0;
	ssize_t got = 1;

	if (!bytes)
		return &trail_error_nomem;
	while (n <= limit && got) {
		got = read(fd, bytes + n, limit + 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return trail_error_os(errno, "%s", file->path);
		n += (size_t)got;
	}
	file->cut = n > limit;
	file->n = TRAIL_MIN(n, limit);
	file->bytes = bytes;
	return NULL;
}

static struct trail_error *read_open(int fd, struct trail_pool *pool, size_t limit,
				     struct trail_config_file *file)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return trail_error_os(errno, "%s", file->path);
	file->device = st.st_dev;
	file->inode = st.st_ino;
	if (is_null_device(&st) || (S_ISREG(st.st_mode) && !st.st_size))
		return NULL;
	if (S_ISDIR(st.st_mode))
		return trail_error_os(EISDIR, "%s", file->path);
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return trail_error_format(TRAIL_ERROR_USAGE, "%s: a device, wanted a file",
					  file->path);
	/* it was opened so that a pipe nobody writes to is no wait for ever; now there is one */
	if (fcntl(fd, F_SETFL, 0) < 0)
		return trail_error_os(errno, "%s", file->path);
	return read_bytes(fd, pool, limit, file);
}

struct trail_error *trail_config_read(struct trail_pool *pool, const char *path, size_t limit,
				      struct trail_config_file *ret)
{
	struct trail_config_file file = { .path = path };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? &trail_error_absent
							   : trail_error_os(errno, "%s", path);
	struct trail_error *error = read_open(fd, pool, limit, &file);
	close(fd);
	if (!error)
		*ret = file;
	return error;
}

struct trail_error *trail_config_find(struct trail_pool *pool, const char *root, const char *name,
				      size_t limit, struct trail_config_file *ret)
{
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(homes); i++) {
		char *path = trail_pool_printf(pool, "%s%s/%s", root, homes[i], name);
		if (!path)
			return &trail_error_nomem;
		struct trail_error *error = trail_config_read(pool, path, limit, ret);
		if (!trail_error_catch(&error, TRAIL_ERROR_ABSENT))
			return error;
	}
	return &trail_error_absent;
}

/* ---- a directory ---------------------------------------------------------- */

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static bool has_name(const char *const *paths, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name_of(paths[i]), name) == 0)
			return true;
	return false;
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && name[0] != '.' && strcmp(name + n - m, suffix) == 0;
}

static struct trail_error *add_entries(struct trail_pool *pool, DIR *dir, const char *home,
				       const char *suffix, const char ***paths, size_t *n)
{
	size_t before = *n; /* one directory has no name twice */

	errno = 0;
	for (struct dirent *entry; (entry = readdir(dir)); errno = 0) {
		if (!ends_in(entry->d_name, suffix) || has_name(*paths, before, entry->d_name))
			continue;
		if (*n == TRAIL_CONFIG_MAX)
			return trail_error_format(TRAIL_ERROR_LIMIT,
						  "%s: more than %d files that end in %s", home,
						  TRAIL_CONFIG_MAX, suffix);
		const char **grown = trail_pool_grow(pool, *paths, *n, sizeof(*grown));
		char *path = trail_pool_printf(pool, "%s/%s", home, entry->d_name);
		if (!grown || !path)
			return &trail_error_nomem;
		*paths = grown;
		grown[(*n)++] = path;
	}
	return errno ? trail_error_os(errno, "%s", home) : NULL;
}

static int compare(const void *a, const void *b)
{
	return strcmp(name_of(*(const char *const *)a), name_of(*(const char *const *)b));
}

/* By their names. */
static void give(const char **paths, size_t n, const char ***ret, size_t *n_ret)
{
	if (n)
		qsort(paths, n, sizeof(*paths), compare);
	*ret = paths;
	*n_ret = n;
}

struct trail_error *trail_config_list(struct trail_pool *pool, const char *root,
				      const char *directory, const char *suffix, const char ***ret,
				      size_t *n_ret)
{
	const char **paths = NULL;
	size_t n = 0;

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(homes); i++) {
		char *home = trail_pool_printf(pool, "%s%s/%s", root, homes[i], directory);
		if (!home)
			return &trail_error_nomem;
		DIR *dir = opendir(home);
		if (!dir && (errno == ENOENT || errno == ENOTDIR))
			continue;
		if (!dir)
			return trail_error_os(errno, "%s", home);
		struct trail_error *error = add_entries(pool, dir, home, suffix, &paths, &n);
		closedir(dir);
		if (error)
			return error;
	}
	give(paths, n, ret, n_ret);
	return NULL;
}

struct trail_error *trail_config_directory(struct trail_pool *pool, const char *directory,
					   const char *suffix, const char ***ret, size_t *n_ret)
{
	const char **paths = NULL;
	size_t n = 0;
	DIR *dir = opendir(directory);

	if (!dir && errno == ENOENT)
		return &trail_error_absent;
	if (!dir)
		return trail_error_os(errno, "%s", directory);
	struct trail_error *error = add_entries(pool, dir, directory, suffix, &paths, &n);
	closedir(dir);
	if (error)
		return error;
	give(paths, n, ret, n_ret);
	return NULL;
}
