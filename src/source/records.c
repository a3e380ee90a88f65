/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of pstore; see records.h. */
#include "source/records.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/error.h"
#include "format/efivar.h"
#include "source/foreign.h"
#include "source/input.h"
#include "source/unpack_record.h"

enum {
	DEPTH_MAX = 2, /* systemd-pstore: SECONDS/COUNT/ */
	FILES_MAX = 16384,
	LOOK = 64 << 10,       /* bytes in which a text's first record must begin */
	FILE_MAX = 64 << 20,   /* a text with several; records of 2 MiB were seen */
	UNNAMED_MAX = 4 << 20, /* what is no text, and whose name says nothing */
	ALL_MAX = 256 << 20,   /* of all files */
};

/* Linux include/uapi/linux/magic.h PSTOREFS_MAGIC, which <linux/magic.h> of old systems lacks. */
#define PSTORE_FS 0x6165676C

/* One run of trail_records_read(). */
struct reader {
	struct trail_records *to;
	struct trail_unpack_records unpack;
	uint8_t *start; /* of the file that is looked at, LOOK bytes */
	uint64_t n_files, n_bytes;
	bool is_full; /* a limit was hit, and that is said */
	bool failed;  /* memory ran out */
};

void trail_records_fini(struct trail_records *records)
{
	trail_pool_fini(&records->pool);
}

static void add_gap(struct reader *r, const char *name, const char *why)
{
	struct trail_records *to = r->to;
	struct trail_records_gap *all = trail_pool_grow(&to->pool, to->gaps, to->n_gaps,
							sizeof(*all));
	const char *name_copy = trail_pool_strdup(&to->pool, name);
	const char *why_copy = trail_pool_strdup(&to->pool, why);

	if (!all || !name_copy || !why_copy) {
		r->failed = true;
		return;
	}
	to->gaps = all;
	all[to->n_gaps++] = (struct trail_records_gap){ name_copy, why_copy };
}

/* Is a record's first line in a text's start? */
static bool has_record(struct reader *r, const uint8_t *bytes, size_t n)
{
	struct trail_pstore_record whole = { .name = "", .bytes = bytes, .n = n }, *pieces;
	struct trail_pool pool;
	size_t n_pieces = 0;

	trail_pool_init(&pool);
	struct trail_error *error = trail_pstore_split(&whole, &pool, &pieces, &n_pieces);
	r->failed |= !!error;
	trail_error_free(error);
	trail_pool_fini(&pool);
	return n_pieces;
}

/* Does a file without a name of pstore unpack to a record? */
static bool is_packed(struct reader *r, const uint8_t *bytes, size_t n)
{
	struct trail_unpacked_record unpacked = { 0 };
	struct trail_error *error = trail_unpack_record(&r->unpack, bytes, n, &unpacked);
	bool is_record = !error;

	r->failed |= error && error->code == TRAIL_ERROR_NOMEM;
	trail_error_free(error);
	free(unpacked.bytes);
	return is_record;
}

/* All that can be had up to @n bytes; how many. */
static size_t read_up_to(int fd, uint8_t *to, size_t n)
{
	size_t done;

	(void)!trail_fd_read(fd, to, n, &done);
	return done;
}

/* A text, or a dump: others read such. */
static bool is_for_others(const uint8_t *start, size_t n)
{
	return n && (trail_foreign_is_dump(start, n) ||
		     !memchr(start, '\0', TRAIL_MIN(n, (size_t)TRAIL_FOREIGN_HEAD)));
}

/* All of a file of which the first @n bytes were read; NULL when memory ran out. */
static uint8_t *load_rest(struct reader *r, int fd, uint64_t size, size_t n, size_t *n_ret)
{
	size_t room = TRAIL_MAX((size_t)TRAIL_MIN(size, (uint64_t)FILE_MAX), n);
	uint8_t *bytes = trail_pool_alloc(&r->to->pool, room + !room, 1);

	if (!bytes) {
		r->failed = true;
		return NULL;
	}
	memcpy(bytes, r->start, n);
	*n_ret = n + read_up_to(fd, bytes + n, room - n);
	return bytes;
}

/*
 * The bytes of an open file, or NULL: it is no record, or memory ran out.
 * @is_named  by its name it is a record
 */
static uint8_t *load(struct reader *r, int fd, uint64_t size, bool is_named, size_t *n_ret)
{
	size_t n = read_up_to(fd, r->start, LOOK);

	if (is_named || has_record(r, r->start, n))
		return load_rest(r, fd, size, n, n_ret);
	if (is_for_others(r->start, n))
		return NULL;
	uint8_t *bytes = n && size <= UNNAMED_MAX ? load_rest(r, fd, size, n, n_ret) : NULL;
	return bytes && is_packed(r, bytes, *n_ret) ? bytes : NULL;
}

static bool is_pstore_fs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (uint64_t)fs.f_type == PSTORE_FS;
}

static void add_record(struct reader *r, const char *name, int fd, const struct stat *st)
{
	struct trail_records *to = r->to;
	const char *base = trail_file_name(name);
	struct trail_pstore_record record = {
		.type = TRAIL_PSTORE_DMESG,
		.has_time = st->st_mtim.tv_sec > 0,
		.time_s = (uint64_t)st->st_mtim.tv_sec,
		.time_may_lie = !is_pstore_fs(fd),
	};
	bool is_variable = trail_efivar_name(base, &record);
	bool is_named = is_variable || trail_pstore_name(base, strlen(base), &to->pool, &record);

	record.bytes = load(r, fd, (uint64_t)st->st_size, is_named, &record.n);
	if (!record.bytes)
		return;
	if (is_variable)
		trail_efivar_value(record.bytes, record.n, &record);
	if (st->st_size > FILE_MAX)
		add_gap(r, name, "only its first 64 MiB were read");
	if (record.packed == TRAIL_PACKED_NO) /* that is what the kernel that read it thought */
		record.packed = TRAIL_PACKED_MAYBE;
	struct trail_pstore_record *all = trail_pool_grow(&to->pool, to->records, to->n,
							  sizeof(*all));
	record.name = trail_pool_strdup(&to->pool, name);
	if (!all || !record.name) {
		r->failed = true;
		return;
	}
	to->records = all;
	all[to->n++] = record;
	r->n_bytes += record.n;
}

/* @dir may be AT_FDCWD; @name is what it is called in the end. */
static void read_file(struct reader *r, int dir, const char *at, const char *name)
{
	TRAIL_CLEANUP(trail_fd_closep)
	int fd = openat(dir, at, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		/* systemd-pstore removes what it has taken */
		add_gap(r, name,
			errno == ENOENT ? "it vanished while the directory was read"
					: strerror(errno));
		return;
	}
	if (S_ISREG(st.st_mode))
		add_record(r, name, fd, &st);
}

/* Names in an order that does not depend on the file system; digits count as numbers. */
static int by_version(const struct dirent **a, const struct dirent **b)
{
	int order = strverscmp((*a)->d_name, (*b)->d_name);

	return order ? order : strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool hit_limit(struct reader *r, const char *name)
{
	if (r->is_full)
		return true;
	if (++r->n_files <= FILES_MAX && r->n_bytes <= ALL_MAX)
		return false;
	r->is_full = true;
	add_gap(r, name,
		r->n_bytes > ALL_MAX ? "not read, nor what follows: 256 MiB of records "
				       "were read before it"
				     : "not read, nor what follows: 16384 files were read "
				       "before it");
	return true;
}

static void read_dir(struct reader *r, int fd, const char *prefix, unsigned depth)
{
	struct dirent **entries = NULL;
	int n = scandirat(fd, ".", &entries, is_visible, by_version);

	for (int i = 0; i < n; i++) {
		const char *at = entries[i]->d_name;
		char *name = trail_pool_printf(&r->to->pool, "%s%s", prefix, at);
		TRAIL_CLEANUP(trail_fd_closep) int folder = -1;
		if (!name)
			r->failed = true;
		if (name && !r->failed && !hit_limit(r, name)) {
			folder = openat(fd, at, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
			char *inner = folder >= 0 && depth < DEPTH_MAX
					      ? trail_pool_printf(&r->to->pool, "%s/", name)
					      : NULL;
			if (inner)
				read_dir(r, folder, inner, depth + 1);
			else if (folder < 0)
				read_file(r, fd, at, name);
		}
		free(entries[i]);
	}
	free(entries);
	if (n < 0)
		add_gap(r, prefix[0] ? prefix : "directory", strerror(errno));
}

static struct trail_error *none_found(const struct trail_records *to, const char *path)
{
	if (to->n_gaps)
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "%s: no record of pstore could be read: %s: %s", path,
					  to->gaps[0].name, to->gaps[0].why);
	return trail_error_format(TRAIL_ERROR_UNSUPPORTED, "%s: holds no record of pstore", path);
}

struct trail_error *trail_records_read(const char *path, struct trail_records *ret)
{
	struct reader r = { .to = ret };
	struct stat st;

	*ret = (struct trail_records){ 0 };
	trail_pool_init(&ret->pool);
	TRAIL_CLEANUP(trail_fd_closep)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return trail_input_denied(errno, path);
	r.start = trail_pool_alloc(&ret->pool, LOOK, 1);
	if (!r.start)
		return &trail_error_nomem;
	trail_unpack_records_init(&r.unpack);
	ret->is_dir = S_ISDIR(st.st_mode);
	if (ret->is_dir)
		read_dir(&r, fd, "", 0);
	else
		read_file(&r, AT_FDCWD, path, trail_file_name(path));
	trail_unpack_records_fini(&r.unpack);
	if (r.failed)
		return &trail_error_nomem;
	return ret->n ? NULL : none_found(ret, path);
}
