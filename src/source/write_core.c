/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of a dump → a kdump-compressed file; see write_core.h for the spec. */
#include "source/write_core.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "base/error.h"
#include "source/page_set.h"
#include "source/xlat.h"

enum {
	BLOCK = TRAIL_PAGE_SIZE,
	VERSION = 6,
	BITS = BLOCK * 8, /* of a block */
	LEVEL = 9,	  /* of zlib: written once, kept for long */
	NAME_SIZE = 65,	  /* __NEW_UTS_LEN + 1 */
	PAGE_ROOM = 8192, /* more than compressBound(BLOCK) */
};

/* Offsets in struct disk_dump_header, and in struct kdump_sub_header, of x86_64. */
enum {
	VERSION_AT = 8,
	NAMES_AT = 12,
	TIME_AT = 408,
	STATUS_AT = 424,
	BLOCK_SIZE_AT = 428,
	SUB_BLOCKS_AT = 432,
	BITMAP_BLOCKS_AT = 436,
	MAX_PFN_AT = 440,
	NR_CPUS_AT = 460,

	SUB_PHYS_BASE_AT = 0,
	SUB_LEVEL_AT = 8,
	SUB_VMCOREINFO_AT = 32, /* offset and size, as those that follow */
	SUB_NOTES_AT = 48,
	SUB_ERASED_AT = 64,
	SUB_MAX_PFN_AT = 96,
	SUB_SIZE = 104,
};

/* Where the parts go, in bytes. */
struct layout {
	uint64_t notes, vmcoreinfo, erased, bitmap1, bitmap2, descriptors, zeros;
	uint32_t sub_blocks, bitmap_blocks; /* of both bitmaps */
};

static void put(uint8_t *to, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		to[i] = value >> 8 * i & 0xff;
}

static struct trail_error *write_at(int fd, uint64_t offset, const void *bytes, size_t n)
{
	const uint8_t *from = bytes;

	while (n) {
		ssize_t done = pwrite(fd, from, n, (off_t)offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return trail_error_os(done < 0 ? errno : ENOSPC, "write");
		from += done;
		offset += done;
		n -= done;
	}
	return NULL;
}

static bool is_inside(const struct trail_write_core *core)
{
	return core->vmcoreinfo >= core->notes &&
	       core->vmcoreinfo + core->vmcoreinfo_size <= core->notes + core->notes_size;
}

static struct layout lay_out(const struct trail_write_core *core)
{
	struct layout l = { .notes = BLOCK + SUB_SIZE };
	uint64_t end = l.notes + core->notes_size;

	if (core->vmcoreinfo && is_inside(core)) {
		l.vmcoreinfo = l.notes + (core->vmcoreinfo - core->notes);
	} else if (core->vmcoreinfo) {
		l.vmcoreinfo = end;
		end += core->vmcoreinfo_size;
	}
	if (core->erased) {
		l.erased = end;
		end += strlen(core->erased);
	}
	l.bitmap1 = (end + BLOCK - 1) / BLOCK * BLOCK;
	l.sub_blocks = l.bitmap1 / BLOCK - 1;
	uint64_t blocks = TRAIL_MAX((core->header.max_pfn + BITS - 1) / BITS, UINT64_C(1));
	l.bitmap_blocks = 2 * blocks;
	l.bitmap2 = l.bitmap1 + blocks * BLOCK;
	l.descriptors = l.bitmap2 + blocks * BLOCK;
	l.zeros = l.descriptors + core->pages->n * TRAIL_DISKDUMP_DESCRIPTOR_SIZE;
	return l;
}

static struct trail_error *write_header(int fd, const struct trail_write_core *core,
					const struct layout *l)
{
	const struct trail_diskdump *h = &core->header;
	const char *names[] = { h->sysname,	   h->nodename, h->release,
				h->kernel_version, h->machine,	h->domainname };
	uint8_t block[BLOCK] = "KDUMP   ";

	put(block + VERSION_AT, 4, VERSION);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(names); i++)
		memcpy(block + NAMES_AT + i * NAME_SIZE, names[i], strnlen(names[i], NAME_SIZE));
	put(block + TIME_AT, 8, (uint64_t)h->time_sec);
	put(block + STATUS_AT, 4, TRAIL_DISKDUMP_ZLIB | (h->status & TRAIL_DISKDUMP_INCOMPLETE));
	put(block + BLOCK_SIZE_AT, 4, BLOCK);
	put(block + SUB_BLOCKS_AT, 4, l->sub_blocks);
	put(block + BITMAP_BLOCKS_AT, 4, l->bitmap_blocks);
	put(block + MAX_PFN_AT, 4, TRAIL_MIN(h->max_pfn, (uint64_t)UINT32_MAX));
	put(block + NR_CPUS_AT, 4, h->nr_cpus);
	return write_at(fd, 0, block, sizeof(block));
}

static struct trail_error *write_sub_header(int fd, const struct trail_write_core *core,
					    const struct layout *l)
{
	uint8_t sub[SUB_SIZE] = { 0 };

	put(sub + SUB_PHYS_BASE_AT, 8, core->header.phys_base);
	put(sub + SUB_LEVEL_AT, 4, core->header.dump_level);
	put(sub + SUB_VMCOREINFO_AT, 8, l->vmcoreinfo);
	put(sub + SUB_VMCOREINFO_AT + 8, 8, core->vmcoreinfo ? core->vmcoreinfo_size : 0);
	put(sub + SUB_NOTES_AT, 8, core->notes_size ? l->notes : 0);
	put(sub + SUB_NOTES_AT + 8, 8, core->notes_size);
	put(sub + SUB_ERASED_AT, 8, l->erased);
	put(sub + SUB_ERASED_AT + 8, 8, core->erased ? strlen(core->erased) : 0);
	put(sub + SUB_MAX_PFN_AT, 8, core->header.max_pfn);
	struct trail_error *error = write_at(fd, BLOCK, sub, sizeof(sub));
	if (!error)
		error = write_at(fd, l->notes, core->notes, core->notes_size);
	if (!error && core->vmcoreinfo && !is_inside(core))
		error = write_at(fd, l->vmcoreinfo, core->vmcoreinfo, core->vmcoreinfo_size);
	if (!error && core->erased)
		error = write_at(fd, l->erased, core->erased, strlen(core->erased));
	return error;
}

/* The first bitmap: all that there may be. */
static struct trail_error *write_bitmap1(int fd, uint64_t offset, uint64_t max_pfn)
{
	struct trail_error *error = NULL;

	for (uint64_t page = 0; !error && page < max_pfn; page += BITS, offset += BLOCK) {
		uint64_t n = TRAIL_MIN(max_pfn - page, (uint64_t)BITS);
		uint8_t block[BLOCK] = { 0 };

		memset(block, 0xff, n / 8);
		if (n % 8)
			block[n / 8] = 0xff >> (8 - n % 8);
		error = write_at(fd, offset, block, sizeof(block));
	}
	return error;
}

/* The second bitmap: what is in the file.  Blocks without a page stay holes. */
static struct trail_error *write_bitmap2(int fd, uint64_t offset, const struct trail_page_set *set)
{
	struct trail_error *error = NULL;

	for (size_t i = 0; !error && i < set->n;) {
		uint64_t number = set->pages[i] / BITS;
		uint8_t block[BLOCK] = { 0 };

		for (; i < set->n && set->pages[i] / BITS == number; i++)
			block[set->pages[i] % BITS / 8] |= 1 << set->pages[i] % 8;
		error = write_at(fd, offset + number * BLOCK, block, sizeof(block));
	}
	return error;
}

static bool is_zeros(const uint8_t *page)
{
	return !page[0] && memcmp(page, page + 1, BLOCK - 1) == 0;
}

/* One page behind the others; its descriptor goes to @to. */
static struct trail_error *write_page(int fd, const uint8_t *page, uint64_t zeros, uint64_t *end,
				      uint8_t *to)
{
	uint8_t packed[PAGE_ROOM];
	uLongf size = sizeof(packed);
	const uint8_t *bytes = packed;
	uint32_t flags = TRAIL_DISKDUMP_ZLIB;

	if (is_zeros(page)) {
		put(to, 8, zeros);
		put(to + 8, 4, BLOCK);
		return NULL;
	}
	if (compress2(packed, &size, page, BLOCK, LEVEL) != Z_OK || size >= BLOCK) {
		bytes = page;
		size = BLOCK;
		flags = 0;
	}
	put(to, 8, *end);
	put(to + 8, 4, size);
	put(to + 12, 4, flags);
	struct trail_error *error = write_at(fd, *end, bytes, size);
	*end += size;
	return error;
}

static struct trail_error *write_pages(int fd, const struct trail_write_core *core,
				       const struct layout *l)
{
	const struct trail_page_set *set = core->pages;
	uint8_t page[BLOCK] = { 0 };
	uint64_t end = l->zeros + BLOCK;
	TRAIL_CLEANUP(trail_freep)
	uint8_t *descriptors = calloc(set->n + 1, TRAIL_DISKDUMP_DESCRIPTOR_SIZE);

	if (!descriptors)
		return &trail_error_nomem;
	struct trail_error *error = write_at(fd, l->zeros, page, sizeof(page));
	for (size_t i = 0; !error && i < set->n; i++) {
		error = core->read(core->data, set->pages[i], page);
		if (!error)
			error = write_page(fd, page, l->zeros, &end,
					   descriptors + i * TRAIL_DISKDUMP_DESCRIPTOR_SIZE);
	}
	return error ? error
		     : write_at(fd, l->descriptors, descriptors,
				set->n * TRAIL_DISKDUMP_DESCRIPTOR_SIZE);
}

struct trail_error *trail_write_core(int fd, const struct trail_write_core *core)
{
	if (core->header.max_pfn > TRAIL_DISKDUMP_MAX_PFN)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "0x%" PRIx64 " pages, the limit is 0x%" PRIx64,
					  core->header.max_pfn, TRAIL_DISKDUMP_MAX_PFN);
	struct layout l = lay_out(core);
	struct trail_error *error = write_header(fd, core, &l);
	if (!error)
		error = write_sub_header(fd, core, &l);
	if (!error)
		error = write_bitmap1(fd, l.bitmap1, core->header.max_pfn);
	if (!error)
		error = write_bitmap2(fd, l.bitmap2, core->pages);
	return error ? error : write_pages(fd, core, &l);
}
