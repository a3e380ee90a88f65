/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose file is it?  A plugin runs with the rights of the user, so nobody else
 * may have a say in it.  The file is opened once: what was checked and hashed
 * is what the child loads.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/sha256.h"
#include "facts/plugins.h"
#include "plugin/host.h"

enum { FILE_BYTES_MAX = 64 << 20 };

void trail_plugin_host_init(struct trail_plugin_host *host)
{
	*host = (struct trail_plugin_host){ 0 };
	trail_pool_init(&host->pool);
}

void trail_plugin_host_fini(struct trail_plugin_host *host)
{
	for (size_t i = 0; i < host->n; i++)
		if (host->files[i].fd >= 0)
			close(host->files[i].fd);
	trail_pool_fini(&host->pool);
	*host = (struct trail_plugin_host){ 0 };
}

/* Why a file or directory cannot be trusted; NULL: it can. */
static const char *distrust(const struct stat *st, bool directory)
{
	if (directory && !S_ISDIR(st->st_mode))
		return "it is in no directory";
	if (!directory && !S_ISREG(st->st_mode))
		return "it is no regular file";
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return directory ? "its directory belongs to somebody else"
				 : "it belongs to somebody else";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return directory ? "others can write to its directory" : "others can write to it";
	return NULL;
}

/* The directory of the file itself, wherever a link led. */
static const char *check_directory(struct trail_pool *pool, const char *path)
{
	TRAIL_CLEANUP(trail_freep) char *real = realpath(path, NULL);
	struct stat st;

	if (!real)
		return trail_pool_strdup(pool, strerror(errno));
	char *slash = strrchr(real, '/');
	slash[slash == real] = 0;
	if (stat(real, &st) < 0)
		return trail_pool_strdup(pool, strerror(errno));
	return distrust(&st, true);
}

static const char *check_named_directory(struct trail_pool *pool, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = !slash	   ? "."
			   : slash == path ? "/"
					   : trail_pool_strndup(pool, path, (size_t)(slash - path));
	struct stat st;

	if (!name || stat(name, &st) < 0)
		return name ? trail_pool_strdup(pool, strerror(errno)) : "memory ran out";
	return distrust(&st, true);
}

static const char *hash(struct trail_plugin_file *file, off_t size)
{
	struct trail_sha256 sha;
	char bytes[16 * 1024];
	off_t at = 0;

	if (size <= 0 || size > FILE_BYTES_MAX)
		return size <= 0 ? "it is empty" : "it is larger than 64 MiB";
	trail_sha256_init(&sha);
	while (at < size) {
		ssize_t n = pread(file->fd, bytes, sizeof(bytes), at);
		if (n <= 0)
			return "it cannot be read";
		trail_sha256_add(&sha, bytes, (size_t)n);
		at += n;
	}
	trail_sha256_hex(&sha, file->sha256);
	return NULL;
}

static const char *open_file(struct trail_pool *pool, struct trail_plugin_file *file)
{
	struct stat st;

	/* a pipe must not make it wait */
	file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file->fd < 0 || fstat(file->fd, &st) < 0)
		return trail_pool_strdup(pool, strerror(errno));
	const char *why = distrust(&st, false);
	if (!why)
		why = check_named_directory(pool, file->path);
	if (!why)
		why = check_directory(pool, file->path);
	return why ? why : hash(file, st.st_size);
}

struct trail_error *trail_plugin_host_add(struct trail_plugin_host *host, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t n = strlen(base);
	struct trail_plugin_file *all;

	if (host->n == TRAIL_PLUGINS_MAX)
		return trail_error_format(TRAIL_ERROR_LIMIT, "%s: more than %d plugins", path,
					  TRAIL_PLUGINS_MAX);
	all = trail_pool_grow(&host->pool, host->files, host->n, sizeof(*all));
	if (!all)
		return &trail_error_nomem;
	host->files = all;
	struct trail_plugin_file file = { .fd = -1 };
	n -= n > 3 && strcmp(base + n - 3, ".so") == 0 ? 3 : 0;
	file.path = trail_pool_strdup(&host->pool, path);
	file.name = trail_pool_strndup(&host->pool, base, n);
	if (!file.path || !file.name)
		return &trail_error_nomem;
	file.why = open_file(&host->pool, &file);
	if (file.why && file.fd >= 0) {
		close(file.fd);
		file.fd = -1;
	}
	all[host->n++] = file;
	return NULL;
}
