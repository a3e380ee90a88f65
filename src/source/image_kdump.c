/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Core image: libkdumpfile behind one page cache.  A page is asked of
 * core_check first, because libkdumpfile 0.5.1 gives zeros for what lies behind
 * the end of a short file.
 */
#include "source/image.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/pool.h"
#include "format/diskdump.h"
#include "format/elfcore.h"
#include "source/core_check.h"
#include "source/core_file.h"
#include "source/kdump.h"
#include "source/page_set.h"
#include "source/progress.h"
#include "source/split.h"
#include "source/xlat.h"

enum {
	CACHE_PAGES = 256,    /* slots, by low bits of the page number */
	PAGES_A_LOOK = 65536, /* how often a search looks at the clock */
	REASON_SIZE = 4096,   /* bytes: of a path, and some */
};

struct trail_image {
	struct trail_core_file *files; /* of a split dump by their pages; one else */
	size_t n_files;
	struct trail_kdump *kdump; /* NULL where libkdumpfile must not be given any file: then there
			       are no pages */
	double deadline;	   /* seconds of the monotonic clock, 0 for none */
	bool late;		   /* it has passed */
	const struct trail_progress *progress;
	const char *arch;
	struct trail_pool pool;
	const char **incomplete; /* reasons why not all is there */
	const char **unread;	 /* paths of files that could not be read */
	size_t n_incomplete, n_unread;

	uint64_t cached[CACHE_PAGES]; /* page number + 1 */
	uint8_t (*pages)[TRAIL_PAGE_SIZE];
	struct trail_page_set kept; /* pages given out, since @keeps */
	bool keeps;

	struct trail_xlat *xlat;
};

static bool is_late(struct trail_image *image)
{
	struct timespec now;

	if (image->deadline > 0 && !image->late) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		image->late = now.tv_sec + now.tv_nsec / 1e9 > image->deadline;
	}
	return image->late;
}

/* The file that has a page; NULL when it is none of those that were given. */
static const struct trail_core_file *file_of(const struct trail_image *image, uint64_t address)
{
	const struct trail_diskdump *header = trail_image_header(image);

	return trail_split_find(image->files, image->n_files,
				header ? address / header->block_size : 0);
}

/* May libkdumpfile be asked for a page? */
static struct trail_error *check_page(struct trail_image *image, uint64_t address)
{
	const struct trail_core_file *file = file_of(image, address);

	if (!file)
		return trail_error_format(
			TRAIL_ERROR_NODATA,
			address < trail_image_physical_end(image)
				? "the page at physical 0x%" PRIx64
				  " is in a file of the split dump that is not here"
				: "the page at physical 0x%" PRIx64 " is not in the dump",
			address);
	if (file->refused)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "no page can be trusted: %s",
					  file->why ? file->why : image->incomplete[0]);
	switch (trail_core_check_page(file->check, address)) {
	case TRAIL_PAGE_THERE:
		break;
	case TRAIL_PAGE_EXCLUDED:
		return trail_error_format(TRAIL_ERROR_NODATA,
					  "the page at physical 0x%" PRIx64 " is not in the dump",
					  address);
	case TRAIL_PAGE_BEYOND:
		return trail_error_format(TRAIL_ERROR_NODATA,
					  "the page at physical 0x%" PRIx64
					  " lies behind the end of the file",
					  address);
	case TRAIL_PAGE_BAD:
		return trail_error_format(
			TRAIL_ERROR_BAD_DATA,
			"the page at physical 0x%" PRIx64 " has an impossible descriptor", address);
	}
	return NULL;
}

/* One page by its number, from the cache or the file; borrowed until the next call. */
static struct trail_error *get_page(struct trail_image *image, uint64_t page, const uint8_t **ret)
{
	size_t slot = page % CACHE_PAGES;
	uint64_t address = page << TRAIL_PAGE_SHIFT;

	*ret = image->pages[slot];
	if (image->cached[slot] == page + 1)
		return NULL;
	image->cached[slot] = 0;
	if (is_late(image))
		return trail_error_format(TRAIL_ERROR_LIMIT, "the time limit was reached");
	if (page >= UINT64_C(1) << (64 - TRAIL_PAGE_SHIFT))
		return trail_error_format(TRAIL_ERROR_NODATA,
					  "page 0x%" PRIx64 " is no physical page", page);
	struct trail_error *error = check_page(image, address);
	if (error)
		return error;
	error = trail_kdump_read(image->kdump, address, image->pages[slot]);
	if (error)
		return trail_error_wrap(error, "page");
	image->cached[slot] = page + 1;
	return NULL;
}

/* What is kept of what is given out. */
enum keep { KEEP_NOTHING, KEEP_PAGES, KEEP_BYTES };

static struct trail_error *read_pages(struct trail_image *image, uint64_t address, void *ret,
				      size_t n, enum keep keep)
{
	uint8_t *to = ret;

	while (n) {
		size_t offset = address & (TRAIL_PAGE_SIZE - 1);
		size_t part = TRAIL_MIN(n, TRAIL_PAGE_SIZE - offset);
		const uint8_t *page;
		struct trail_error *error = get_page(image, address >> TRAIL_PAGE_SHIFT, &page);

		if (!error && keep == KEEP_BYTES)
			error = trail_image_check_physical(image, address, part);
		if (error)
			return error;
		if (keep && image->keeps &&
		    !trail_page_set_add(&image->kept, address >> TRAIL_PAGE_SHIFT))
			return &trail_error_nomem;
		memcpy(to, page + offset, part);
		if (keep == KEEP_BYTES)
			trail_image_keep_physical(image, address, to, part);
		to += part;
		address += part;
		n -= part;
	}
	return NULL;
}

struct trail_error *trail_image_read_physical(struct trail_image *image, uint64_t address,
					      void *ret, size_t n)
{
	return read_pages(image, address, ret, n, KEEP_BYTES);
}

struct trail_error *trail_image_look_physical(struct trail_image *image, uint64_t address,
					      void *ret, size_t n)
{
	return read_pages(image, address, ret, n, KEEP_PAGES);
}

struct trail_error *trail_image_peek(struct trail_image *image, uint64_t address, void *ret,
				     size_t n)
{
	return read_pages(image, address, ret, n, KEEP_NOTHING);
}

struct trail_error *trail_image_keep_pages(struct trail_image *image, bool bytes_only)
{
	image->keeps = true;
	trail_page_set_fini(&image->kept);
	image->kept.has_bytes = bytes_only;
	return trail_xlat_walk_linear(image->xlat) ? NULL : &trail_error_nomem;
}

const struct trail_page_set *trail_image_kept_pages(const struct trail_image *image)
{
	return &image->kept;
}

const struct trail_diskdump *trail_image_header(const struct trail_image *image)
{
	return trail_core_check_diskdump(image->files[0].check);
}

struct trail_xlat *trail_image_xlat(const struct trail_image *image)
{
	return image->xlat;
}

static struct trail_error *add_reason(struct trail_image *image, const char *format, ...)
{
	const char **all = trail_pool_grow(&image->pool, image->incomplete, image->n_incomplete,
					   sizeof(*all));
	char text[REASON_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	const char *reason = trail_pool_strdup(&image->pool, text);
	if (!all || !reason)
		return &trail_error_nomem;
	all[image->n_incomplete++] = reason;
	image->incomplete = all;
	return NULL;
}

/* What is damaged and makes no sense to libkdumpfile still has its headers and notes; so has all
 * where that library is missing. */
static struct trail_error *do_without(struct trail_image *image, struct trail_error *error)
{
	bool damaged = image->n_incomplete || !trail_kdump_is_here();

	if (!damaged || error == &trail_error_nomem)
		return error;
	struct trail_error *failed = add_reason(image, "%s", error->message);
	trail_error_free(error);
	for (size_t i = 0; i < image->n_files; i++)
		image->files[i].refused = true;
	return failed;
}

/* Give libkdumpfile the files that it may have. */
static struct trail_error *give_files(struct trail_image *image)
{
	int fds[TRAIL_SPLIT_MAX];
	unsigned n = 0;

	for (size_t i = 0; i < image->n_files; i++)
		if (!image->files[i].refused)
			fds[n++] = image->files[i].fd;
	if (!n)
		return NULL;
	struct trail_error *error = trail_kdump_open(fds, n, &image->kdump);
	error = trail_error_wrap(error, "%s", trail_image_path(image));
	return error ? do_without(image, error) : NULL;
}

/* QEMU's kdump files leave utsname empty, so that libkdumpfile does not know the architecture. */
static struct trail_error *find_arch(struct trail_image *image)
{
	const char *arch = image->kdump ? trail_kdump_arch(image->kdump) : NULL;

	if (!arch) {
		arch = trail_core_check_arch(image->files[0].check);
		if (!arch)
			arch = "x86_64"; /* what else has pages of 4 KiB, little endian, and 8-byte
					    pointers there */
		if (image->kdump && !trail_kdump_set_arch(image->kdump, arch))
			return trail_error_format(
				TRAIL_ERROR_UNSUPPORTED,
				"%s: libkdumpfile does not know the architecture %s",
				trail_image_path(image), arch);
	}
	image->arch = trail_pool_strdup(&image->pool, arch);
	return image->arch ? NULL : &trail_error_nomem;
}

/* Page frames of a split dump that are in no file, then what each file lacks. */
static struct trail_error *find_reasons(struct trail_image *image)
{
	struct trail_error *error = NULL;
	uint64_t start, end = 0;

	while (!error && trail_split_missing(image->files, image->n_files, end, &start, &end))
		error = add_reason(
			image,
			"page frames 0x%" PRIx64 " to 0x%" PRIx64
			" are in a file of the split dump that is not here; name all of its files",
			start, end - 1);
	for (size_t i = 0; i < image->n_files && !error; i++) {
		const struct trail_core_file *file = &image->files[i];
		bool named = trail_split_is_part(file);
		if (file->why)
			error = add_reason(image, "%s%s%s", named ? file->path : "",
					   named ? ": " : "", file->why);
	}
	return error;
}

/* Of several files, one that cannot be read is a reason why not all is there. */
static struct trail_error *bear(struct trail_image *image, const char *path,
				struct trail_error *error)
{
	if (error->code != TRAIL_ERROR_OS && error->code != TRAIL_ERROR_BAD_DATA)
		return error;
	const char **all = trail_pool_grow(&image->pool, image->unread, image->n_unread,
					   sizeof(*all));
	struct trail_error *failed = all ? add_reason(image, "%s", error->message)
					 : &trail_error_nomem;
	trail_error_free(error);
	if (failed)
		return failed;
	all[image->n_unread++] = path;
	image->unread = all;
	return NULL;
}

static struct trail_error *open_files(struct trail_image *image, const char *const *paths, size_t n,
				      const struct trail_image_options *options)
{
	struct trail_error *error = NULL;

	if (n > TRAIL_SPLIT_MAX)
		return trail_error_format(TRAIL_ERROR_LIMIT, "%zu files, at most %d are read", n,
					  TRAIL_SPLIT_MAX);
	image->files = calloc(n, sizeof(*image->files));
	if (!image->files)
		return &trail_error_nomem;
	for (size_t i = 0; !error && i < n; i++) {
		struct trail_core_file *file = &image->files[image->n_files];
		error = trail_core_file_open(paths[i], options, file);
		if (!error) {
			image->n_files++;
			continue;
		}
		trail_core_file_close(file);
		/* unless it is the last hope */
		if (image->n_files || i + 1 < n)
			error = bear(image, paths[i], error);
	}
	return error ? error : trail_split_sort(image->files, image->n_files);
}

struct trail_error *trail_image_open(const char *const *paths, size_t n,
				     const struct trail_image_options *options,
				     struct trail_image **ret)
{
	struct trail_image *image = calloc(1, sizeof(*image));

	if (!image)
		return &trail_error_nomem;
	trail_pool_init(&image->pool);
	image->deadline = options->deadline;
	image->progress = options->progress;
	image->pages = malloc(CACHE_PAGES * sizeof(*image->pages));
	struct trail_error *error = image->pages ? open_files(image, paths, n, options)
						 : &trail_error_nomem;
	if (!error)
		error = find_reasons(image);
	if (!error)
		error = give_files(image);
	if (!error)
		error = find_arch(image);
	if (!error)
		error = trail_xlat_new(trail_image_read_table, image, &image->xlat);
	if (error) {
		trail_image_close(image);
		return error;
	}
	is_late(image); /* then no page will be read */
	*ret = image;
	return NULL;
}

void trail_image_close(struct trail_image *image)
{
	if (!image)
		return;
	trail_xlat_free(image->xlat);
	trail_kdump_close(image->kdump);
	for (size_t i = 0; i < image->n_files; i++)
		trail_core_file_close(&image->files[i]);
	free(image->files);
	free(image->pages);
	trail_page_set_fini(&image->kept);
	trail_pool_fini(&image->pool);
	free(image);
}

const char *trail_image_path(const struct trail_image *image)
{
	return image->files[0].path;
}

enum trail_image_format trail_image_format(const struct trail_image *image)
{
	bool flat = image->files[0].flattened;

	if (trail_image_header(image))
		return flat ? TRAIL_IMAGE_FLAT_KDUMP : TRAIL_IMAGE_KDUMP;
	return flat ? TRAIL_IMAGE_FLAT_ELF : TRAIL_IMAGE_ELF;
}

enum trail_unpack_wrapper trail_image_wrapper(const struct trail_image *image)
{
	return image->files[0].wrapper;
}

bool trail_image_part(const struct trail_image *image, size_t i, struct trail_image_part *ret)
{
	if (!trail_split_is_part(&image->files[0]) || i >= image->n_files + image->n_unread)
		return false;
	if (i >= image->n_files) {
		*ret = (struct trail_image_part){ .path = image->unread[i - image->n_files] };
		return true;
	}
	const struct trail_diskdump *header = trail_core_check_diskdump(image->files[i].check);
	*ret = (struct trail_image_part){ image->files[i].path, header->start_pfn,
					  header->end_pfn };
	return true;
}

const char *trail_image_arch(const struct trail_image *image)
{
	return image->arch;
}

const char *trail_image_incomplete(const struct trail_image *image, size_t i)
{
	return i < image->n_incomplete ? image->incomplete[i] : NULL;
}

bool trail_image_page_below(struct trail_image *image, uint64_t *page)
{
	const struct trail_core_file *file = &image->files[0];

	if (!image->kdump || !*page || is_late(image))
		return false;
	if (trail_core_check_elfcore(file->check))
		return trail_core_check_segment_below(file->check, page);
	while (--*page) {
		if (!(*page % PAGES_A_LOOK) && is_late(image))
			return false;
		file = file_of(image, *page << TRAIL_PAGE_SHIFT);
		if (file && !file->refused &&
		    trail_core_check_page(file->check, *page << TRAIL_PAGE_SHIFT) ==
			    TRAIL_PAGE_THERE)
			return true;
	}
	return false;
}

bool trail_image_knows_memory(const struct trail_image *image)
{
	return !image->n_incomplete && trail_core_check_knows_memory(image->files[0].check);
}

bool trail_image_left_out(const struct trail_image *image, uint64_t address)
{
	const struct trail_core_file *file = file_of(image, address);

	return file && trail_core_check_left_out(file->check, address);
}

const struct trail_page_set *trail_image_erased(const struct trail_image *image)
{
	return &image->files[0].erased; /* distill writes one file */
}

bool trail_image_is_late(const struct trail_image *image)
{
	return image->late;
}

void trail_image_tell(const struct trail_image *image, const char *what, uint64_t done,
		      uint64_t total)
{
	trail_progress_tell(image->progress, what, done, total);
}

/* Every file of a split dump has the notes; the first whose own were not cut off is as good as any.
 */
static const struct trail_core_file *head_of(const struct trail_image *image)
{
	for (size_t i = 0; i < image->n_files; i++) {
		const struct trail_diskdump *header = trail_core_check_diskdump(
			image->files[i].check);
		if (header && !header->ranges_cut)
			return &image->files[i];
	}
	return &image->files[0];
}

uint64_t trail_image_physical_end(const struct trail_image *image)
{
	return trail_core_check_max_paddr(image->files[0].check);
}

bool trail_image_vmcoreinfo(const struct trail_image *image, const void **bytes_ret,
			    size_t *size_ret)
{
	const struct trail_core_bytes *info = &head_of(image)->info;

	*bytes_ret = info->bytes;
	*size_ret = info->size;
	return *size_ret;
}

bool trail_image_notes(const struct trail_image *image, size_t i, const void **bytes_ret,
		       size_t *size_ret)
{
	const struct trail_core_file *file = head_of(image);

	if (i >= file->n_runs)
		return false;
	*bytes_ret = file->runs[i].bytes;
	*size_ret = file->runs[i].size;
	return true;
}
