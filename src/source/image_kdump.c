/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Core image: libkdumpfile behind one page cache.  A page is asked of
 * core_check first, because libkdumpfile 0.5.1 gives zeros for what lies behind
 * the end of a short file.
 */
#include "source/image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libkdumpfile/kdumpfile.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/error.h"
#include "format/diskdump.h"
#include "format/elfcore.h"
#include "source/core_check.h"
#include "source/flatten.h"
#include "source/input.h"
#include "source/page_set.h"
#include "source/progress.h"
#include "source/xlat.h"

enum {
	CACHE_PAGES = 256,    /* slots, by low bits of the page number */
	LIBRARY_PAGES = 16,   /* libkdumpfile's own cache: pages are kept here */
	PAGES_A_LOOK = 65536, /* how often a search looks at the clock */
	NOTES_MAX = 64,
	NOTES_SIZE_MAX = 64 * 1024 * 1024, /* bytes of one run: 4,096 CPUs need 4 MiB */
};

struct notes {
	void *bytes;
	size_t size;
};

struct trail_image {
	const char *path;
	int fd;
	enum trail_image_format format;
	kdump_ctx_t *kdump; /* NULL where libkdumpfile must not be given the file: then there are no
			       pages */
	double deadline;    /* seconds of the monotonic clock, 0 for none */
	bool late;	    /* it has passed */
	const struct trail_progress *progress;
	struct trail_core_check *check;
	char *arch;
	char *incomplete;
	uint64_t physical_end;
	struct notes notes[NOTES_MAX], info; /* info: VMCOREINFO */
	size_t n_notes;
	struct trail_page_set erased; /* of a redacted dump, the pages that are not whole */
	bool erased_bad;

	unsigned library_pages; /* in libkdumpfile's own cache */

	uint64_t cached[CACHE_PAGES]; /* page number + 1 */
	uint8_t (*pages)[TRAIL_PAGE_SIZE];
	struct trail_page_set kept; /* pages given out, since @keeps */
	bool keeps;

	struct trail_xlat *xlat;
};

/*
 * libkdumpfile 0.5.1 loses the buffer of a page that could not be read, and
 * writes to NULL when its cache is full and it wants that buffer again
 * (src/kdumpfile/cache.c reinit_entry() after cache_discard()).  Another size
 * makes a new cache.
 */
static void renew_cache(struct trail_image *image)
{
	image->library_pages ^= 1;
	(void)!kdump_set_number_attr(image->kdump, "cache.size", image->library_pages);
}

static struct trail_error *from_kdump(const struct trail_image *image, kdump_status status,
				      const char *what)
{
	static const enum trail_error_code codes[] = {
		[KDUMP_ERR_SYSTEM] = TRAIL_ERROR_OS,
		[KDUMP_ERR_NOTIMPL] = TRAIL_ERROR_UNSUPPORTED,
		[KDUMP_ERR_NODATA] = TRAIL_ERROR_NODATA,
		[KDUMP_ERR_CORRUPT] = TRAIL_ERROR_BAD_DATA,
		[KDUMP_ERR_INVALID] = TRAIL_ERROR_BAD_DATA,
		[KDUMP_ERR_NOKEY] = TRAIL_ERROR_NODATA,
		[KDUMP_ERR_EOF] = TRAIL_ERROR_BAD_DATA,
		[KDUMP_ERR_BUSY] = TRAIL_ERROR_LIMIT,
		[KDUMP_ERR_ADDRXLAT] = TRAIL_ERROR_BAD_DATA,
	};
	const char *text = kdump_get_err(image->kdump);

	return trail_error_format(status < TRAIL_ARRAY_SIZE(codes) ? codes[status]
								   : TRAIL_ERROR_BAD_DATA,
				  "%s: %s", what, text ? text : "libkdumpfile gives no reason");
}

static bool is_late(struct trail_image *image)
{
	struct timespec now;

	if (image->deadline > 0 && !image->late) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		image->late = now.tv_sec + now.tv_nsec / 1e9 > image->deadline;
	}
	return image->late;
}

/* One page by its number, from the cache or the file; borrowed until the next call. */
static struct trail_error *get_page(struct trail_image *image, uint64_t page, const uint8_t **ret)
{
	size_t slot = page % CACHE_PAGES, n = TRAIL_PAGE_SIZE;
	uint64_t address = page << TRAIL_PAGE_SHIFT;

	*ret = image->pages[slot];
	if (image->cached[slot] == page + 1)
		return NULL;
	image->cached[slot] = 0;
	if (is_late(image))
		return trail_error_format(TRAIL_ERROR_LIMIT, "the time limit was reached");
	if (!image->kdump)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "no page can be trusted: %s",
					  image->incomplete);
	if (page >= UINT64_C(1) << (64 - TRAIL_PAGE_SHIFT))
		return trail_error_format(TRAIL_ERROR_NODATA,
					  "page 0x%" PRIx64 " is no physical page", page);
	switch (trail_core_check_page(image->check, address)) {
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
	kdump_status status = kdump_read(image->kdump, KDUMP_MACHPHYSADDR, address,
					 image->pages[slot], &n);
	if (status != KDUMP_OK) {
		struct trail_error *error = from_kdump(image, status, "page");
		renew_cache(image);
		return error;
	}
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
	return trail_core_check_diskdump(image->check);
}

struct trail_xlat *trail_image_xlat(const struct trail_image *image)
{
	return image->xlat;
}

static bool set_number(kdump_ctx_t *kdump, const char *key, kdump_num_t value)
{
	return kdump_set_number_attr(kdump, key, value) == KDUMP_OK;
}

/*
 * Why libkdumpfile must not be given the file, NULL when it may: 0.5.1 crashes
 * on ranges that leave the file, on a section table, and on names of
 * VMCOREINFO that no kernel writes; and one flipped bit of the page map gives
 * every later page the contents of its neighbour.
 */
static const char *why_not(struct trail_image *image)
{
	const struct trail_diskdump *header = trail_core_check_diskdump(image->check);
	const char *why;

	if (header && header->ranges_cut)
		return "the notes of its header leave the file";
	if (!trail_core_check_sections_fit(image->check))
		return "its section table leaves the file";
	if (!trail_image_info_is_sane(image))
		return "its VMCOREINFO is damaged";
	if (image->erased_bad)
		return "its ERASEINFO is damaged";
	if (!trail_core_check_map_trusted(image->check, &why))
		return why;
	return NULL;
}

/* Hand the open file to libkdumpfile, if that is safe. */
static struct trail_error *open_kdump(struct trail_image *image)
{
	const char *refused = why_not(image);

	if (refused) {
		const char *arch_name = trail_core_check_arch(image->check);
		free(image->incomplete);
		image->incomplete = strdup(refused);
		image->arch = strdup(arch_name ? arch_name : "x86_64");
		return image->incomplete && image->arch ? NULL : &trail_error_nomem;
	}
	image->kdump = kdump_new();
	if (!image->kdump)
		return &trail_error_nomem;
	image->library_pages = LIBRARY_PAGES;
	/* a file that is shorter than its headers say must not be SIGBUS */
	if (!set_number(image->kdump, "file.mmap_policy", KDUMP_MMAP_NEVER) ||
	    !set_number(image->kdump, "cache.size", image->library_pages))
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "libkdumpfile takes no settings");
	kdump_status status = kdump_open_fd(image->kdump, image->fd);
	if (status != KDUMP_OK)
		return from_kdump(image, status, image->path);
	/* QEMU's kdump files leave utsname empty and so name no architecture */
	const char *arch;
	if (kdump_get_string_attr(image->kdump, "arch.name", &arch) != KDUMP_OK) {
		arch = trail_core_check_arch(image->check);
		if (!arch)
			arch = "x86_64"; /* what else has pages of 4 KiB, little endian, and 8-byte
					    pointers there */
		if (kdump_set_string_attr(image->kdump, "arch.name", arch) != KDUMP_OK)
			return trail_error_format(
				TRAIL_ERROR_UNSUPPORTED,
				"%s: libkdumpfile does not know the architecture %s", image->path,
				arch);
	}
	image->arch = strdup(arch);
	return image->arch ? NULL : &trail_error_nomem;
}

/* A part of the file on the heap; what a cut off file lacks of it is left out. */
static struct trail_error *read_part(const struct trail_image *image, const char *what,
				     struct trail_core_range range, struct notes *ret)
{
	if (range.size > NOTES_SIZE_MAX)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "%s: %s of %" PRIu64 " bytes at 0x%" PRIx64, image->path,
					  what, range.size, range.offset);
	uint8_t *bytes = malloc(range.size ? range.size : 1);
	if (!bytes)
		return &trail_error_nomem;
	size_t have = 0;
	while (have < range.size) {
		ssize_t n = pread(image->fd, bytes + have, range.size - have, range.offset + have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += n;
	}
	*ret = (struct notes){ bytes, have };
	return NULL;
}

/* What a redacted dump says of its pages; see format/erased.h. */
static struct trail_error *read_erased(struct trail_image *image)
{
	const struct trail_diskdump *header = trail_core_check_diskdump(image->check);
	struct trail_core_range range = { 0 };
	struct notes text = { 0 };

	if (header)
		range = (struct trail_core_range){ header->eraseinfo.offset,
						   header->eraseinfo.size };
	struct trail_error *error = read_part(image, "ERASEINFO", range, &text);
	if (!error)
		error = trail_page_set_read_erased(&image->erased, text.bytes, text.size);
	free(text.bytes);
	image->erased_bad = trail_error_catch(&error, TRAIL_ERROR_BAD_DATA);
	return error;
}

/* Read the runs of notes that core_check found in the file, and VMCOREINFO where its header names
 * it. */
static struct trail_error *read_notes(struct trail_image *image)
{
	const struct trail_core_range *ranges;
	size_t n = trail_core_check_notes(image->check, &ranges);

	if (n > NOTES_MAX)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "%s: %zu runs of notes, the limit is %d", image->path, n,
					  NOTES_MAX);
	for (; image->n_notes < n; image->n_notes++) {
		struct trail_error *error = read_part(image, "notes", ranges[image->n_notes],
						      &image->notes[image->n_notes]);
		if (error)
			return error;
	}
	return read_part(image, "VMCOREINFO", trail_core_check_vmcoreinfo(image->check),
			 &image->info);
}

/* Why the file does not hold all that it could, NULL when it does. */
static const char *what_is_missing(struct trail_image *image)
{
	const struct trail_diskdump *header = trail_core_check_diskdump(image->check);
	const char *why;

	if (header && header->split)
		return "one file of a split dump, the others are not read; join them first: "
		       "makedumpfile --reassemble FILE... VMCORE";
	if (trail_core_check_incomplete(image->check))
		return "makedumpfile ran out of room and marked the dump incomplete";
	if (trail_core_check_truncated(image->check, &why) ||
	    !trail_core_check_map_trusted(image->check, &why))
		return why;
	return NULL;
}

static struct trail_error *check_core(struct trail_image *image)
{
	struct trail_error *error = trail_core_check_open(image->fd, image->path, &image->check);

	if (error)
		return error;
	bool flat = image->format == TRAIL_IMAGE_FLAT_KDUMP;
	if (trail_core_check_format(image->check) == TRAIL_CORE_ELF)
		image->format = flat ? TRAIL_IMAGE_FLAT_ELF : TRAIL_IMAGE_ELF;
	image->physical_end = trail_core_check_max_paddr(image->check);
	const char *why = what_is_missing(image);
	if (why && !image->incomplete && !(image->incomplete = strdup(why)))
		return &trail_error_nomem;
	struct trail_error *failed = read_erased(image);
	return failed ? failed : read_notes(image);
}

/*
 * Rearrange a flattened file, from a file or a pipe.  Also where libkdumpfile
 * reads it as it is (since 0.5.4): it does not give out the vCPU notes, and
 * what it reads cannot be held against the size of the file.
 */
static struct trail_error *open_flat(struct trail_image *image, const char *tmpdir)
{
	bool complete;
	int fd;

	image->format = TRAIL_IMAGE_FLAT_KDUMP;
	struct trail_error *error = trail_flatten(image->fd, image->path, tmpdir, image->progress,
						  &fd, &complete);
	if (error)
		return error;
	close(image->fd);
	image->fd = fd;
	if (!complete &&
	    !(image->incomplete = strdup("the flattened stream ends before its end mark")))
		return &trail_error_nomem;
	return NULL;
}

static struct trail_error *open_file(struct trail_image *image, const char *tmpdir)
{
	uint8_t start[16];
	struct stat st;

	image->fd = open(image->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (image->fd < 0 || fstat(image->fd, &st) < 0)
		return trail_input_denied(errno, image->path);
	if (S_ISDIR(st.st_mode))
		return trail_error_os(EISDIR, "%s", image->path);
	image->format = TRAIL_IMAGE_KDUMP;
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return open_flat(image, tmpdir);
	ssize_t n = pread(image->fd, start, sizeof(start), 0);
	if (n < 0)
		return trail_error_os(errno, "%s", image->path);
	if (n == 0)
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "%s: empty file, wanted a vmcore", image->path);
	return trail_flatten_is(start, n) ? open_flat(image, tmpdir) : NULL;
}

struct trail_error *trail_image_open(const char *path, const struct trail_image_options *options,
				     struct trail_image **ret)
{
	struct trail_image *image = calloc(1, sizeof(*image));

	if (!image)
		return &trail_error_nomem;
	image->path = path;
	image->deadline = options->deadline;
	image->progress = options->progress;
	image->fd = -1;
	image->pages = malloc(CACHE_PAGES * sizeof(*image->pages));
	struct trail_error *error = image->pages ? open_file(image, options->tmpdir)
						 : &trail_error_nomem;
	if (!error)
		error = check_core(image);
	if (!error)
		error = open_kdump(image);
	if (!error)
		error = trail_xlat_new(trail_image_read_table, image, &image->xlat);
	if (error) {
		trail_image_close(image);
		return error;
	}
	*ret = image;
	return NULL;
}

/*
 * Before 0.5.2 kdump_free() of a kdump-compressed file uses memory that it has
 * freed ("Run attribute cleanup hooks before deallocating attributes"); such a
 * context stays until the process ends, reachable, so that it is no leak.
 */
static void free_kdump(const struct trail_image *image)
{
#if KDUMPFILE_VERSION < KDUMPFILE_MKVER(0, 5, 2)
	static kdump_ctx_t *left;
	bool elf = image->format == TRAIL_IMAGE_ELF || image->format == TRAIL_IMAGE_FLAT_ELF;

	if (!elf) {
		left = image->kdump;
		__asm__ volatile("" : : "r"(&left) : "memory"); /* keep the store */
		return;
	}
#endif
	kdump_free(image->kdump);
}

void trail_image_close(struct trail_image *image)
{
	if (!image)
		return;
	trail_xlat_free(image->xlat);
	if (image->kdump)
		free_kdump(image);
	trail_core_check_close(image->check);
	for (size_t i = 0; i < image->n_notes; i++)
		free(image->notes[i].bytes);
	free(image->info.bytes);
	if (image->fd >= 0)
		close(image->fd);
	free(image->arch);
	free(image->incomplete);
	free(image->pages);
	trail_page_set_fini(&image->kept);
	trail_page_set_fini(&image->erased);
	free(image);
}

const char *trail_image_path(const struct trail_image *image)
{
	return image->path;
}

enum trail_image_format trail_image_format(const struct trail_image *image)
{
	return image->format;
}

const char *trail_image_arch(const struct trail_image *image)
{
	return image->arch;
}

const char *trail_image_incomplete(const struct trail_image *image)
{
	return image->incomplete;
}

bool trail_image_page_below(struct trail_image *image, uint64_t *page)
{
	if (!image->kdump || !*page || is_late(image))
		return false;
	if (trail_core_check_elfcore(image->check))
		return trail_core_check_segment_below(image->check, page);
	while (--*page) {
		if (!(*page % PAGES_A_LOOK) && is_late(image))
			return false;
		if (trail_core_check_page(image->check, *page << TRAIL_PAGE_SHIFT) ==
		    TRAIL_PAGE_THERE)
			return true;
	}
	return false;
}

const struct trail_page_set *trail_image_erased(const struct trail_image *image)
{
	return &image->erased;
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

uint64_t trail_image_physical_end(const struct trail_image *image)
{
	return image->physical_end;
}

bool trail_image_vmcoreinfo(const struct trail_image *image, const void **bytes_ret,
			    size_t *size_ret)
{
	*bytes_ret = image->info.bytes;
	*size_ret = image->info.size;
	return image->info.size;
}

bool trail_image_notes(const struct trail_image *image, size_t i, const void **bytes_ret,
		       size_t *size_ret)
{
	if (i >= image->n_notes)
		return false;
	*bytes_ret = image->notes[i].bytes;
	*size_ret = image->notes[i].size;
	return true;
}
