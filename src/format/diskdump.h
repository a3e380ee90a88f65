/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kdump-compressed format: main header and sub header of versions 0 to
 * 6, both byte orders, the 64-bit layout and both 32-bit ones, turned into
 * one struct with the computed places of bitmaps and page descriptors.
 *
 *   block 0              struct disk_dump_header
 *   block 1 .. S         struct kdump_sub_header, then notes and VMCOREINFO
 *   B blocks             first bitmap (page exists), second bitmap (page is dumped)
 *   then                 a page descriptor per bit set in the second, in order of PFN
 *   then                 page data, eraseinfo
 *
 * Spec: makedumpfile diskdump_mod.h, makedumpfile.c (write_kdump_header,
 * initialize_bitmap_memory, read_page_desc), IMPLEMENTATION; the 32-bit
 * layouts and the file with one bitmap: libkdumpfile
 * src/kdumpfile/diskdump.c.
 */
#ifndef TRAIL_FORMAT_DISKDUMP_H
#define TRAIL_FORMAT_DISKDUMP_H

#include "base/base.h"

struct trail_error;

#define TRAIL_DISKDUMP_MIN_BLOCK 4096
/** MAX_PAGE_SIZE of libkdumpfile. */
#define TRAIL_DISKDUMP_MAX_BLOCK (256 * 1024)
/** As many bytes of a file's start as trail_diskdump_read() can want. */
#define TRAIL_DISKDUMP_HEAD_SIZE (TRAIL_DISKDUMP_MAX_BLOCK + 256)
/** 256 TiB of 4 KiB pages; bounds the bitmap to 8 GiB. */
#define TRAIL_DISKDUMP_MAX_PFN (UINT64_C(1) << 36)
/** The notes lie in the sub header: 64 KiB of them for each of 16384 CPUs, and some. */
#define TRAIL_DISKDUMP_MAX_SUB_BYTES (UINT64_C(2) << 30)
#define TRAIL_DISKDUMP_DESCRIPTOR_SIZE 24

/* Bits of .status and of a page descriptor's .flags. */
#define TRAIL_DISKDUMP_ZLIB 0x1
#define TRAIL_DISKDUMP_LZO 0x2
#define TRAIL_DISKDUMP_SNAPPY 0x4
#define TRAIL_DISKDUMP_ZSTD 0x20
#define TRAIL_DISKDUMP_COMPRESSED \
	(TRAIL_DISKDUMP_ZLIB | TRAIL_DISKDUMP_LZO | TRAIL_DISKDUMP_SNAPPY | TRAIL_DISKDUMP_ZSTD)
/* Bits of .status only. */
#define TRAIL_DISKDUMP_INCOMPLETE 0x8	     /* makedumpfile ran out of room */
#define TRAIL_DISKDUMP_EXCLUDED_VMEMMAP 0x10 /* struct page of excluded pages is left out */

/** A place in the file, in bytes, clipped to the file's end; size 0: there is none. */
struct trail_diskdump_range {
	uint64_t offset, size;
};

/** A name of the header's utsname, NUL-terminated here; "" when empty. Hostile text. */
typedef char trail_diskdump_name[66];

struct trail_diskdump {
	bool big_endian;
	unsigned word; /* bytes of a long: 4 or 8 */
	uint32_t version;
	trail_diskdump_name sysname, nodename, release, kernel_version, machine, domainname;
	int64_t time_sec; /* of makedumpfile's run or of the crash; 0 in QEMU's files */
	uint32_t status;  /* TRAIL_DISKDUMP_… */
	uint32_t block_size;
	uint32_t sub_blocks, bitmap_blocks;
	uint32_t nr_cpus;
	uint64_t max_pfn; /* one past the highest page frame number; at most what the bitmap has */

	uint64_t phys_base;
	uint32_t dump_level; /* since version 1, else 0 */
	bool split; /* since version 2: one file of several, for start_pfn .. end_pfn - 1 */
	uint64_t start_pfn, end_pfn; /* not split: 0 and max_pfn; end_pfn is at most max_pfn */
	struct trail_diskdump_range vmcoreinfo; /* since version 3; inside the notes */
	struct trail_diskdump_range notes;	/* since version 4; ELF notes, 4-aligned */
	struct trail_diskdump_range eraseinfo;	/* since version 5 */
	bool ranges_cut; /* one of the three wants bytes past the file's end */

	/* Computed; may lie past the file's end. */
	uint64_t bitmap1_offset;
	uint64_t bitmap2_offset; /* the same as bitmap1_offset when there is only one */
	uint64_t bitmap_size;	 /* bytes of each */
	uint64_t descriptors_offset;
};

/** A page descriptor: @size bytes at @offset of the file; flags are TRAIL_DISKDUMP_…. */
struct trail_diskdump_page {
	uint64_t offset;
	uint32_t size, flags;
	uint64_t page_flags;
};

/** Do the first @n bytes of a file open a kdump-compressed dump? */
bool trail_diskdump_is(const void *bytes, size_t n);

/**
 * Read main header and sub header.
 *
 * @bytes      the first @n bytes of the file, TRAIL_DISKDUMP_HEAD_SIZE or the whole file
 * @file_size  in bytes; the three ranges are clipped to it
 * @ret        decoded; every sum of its fields named above is free of overflow
 *
 * Byte order and width are told by which layout makes sense of the block size and the bitmap.
 *
 * Errors: BAD_DATA (cut short, or no layout makes sense), LIMIT (more pages than
 * TRAIL_DISKDUMP_MAX_PFN).
 */
struct trail_error *trail_diskdump_read(const void *bytes, size_t n, uint64_t file_size,
					struct trail_diskdump *ret) TRAIL_MUST_CHECK;

/**
 * Could two files be of one split dump?  Everything but the range must be the same, and whether
 * makedumpfile ran out of room.
 *
 * Gives what differs, in the plural ("time stamps"), or NULL.
 * Source: makedumpfile.c store_splitting_info() compares the main headers.
 */
const char *trail_diskdump_difference(const struct trail_diskdump *a,
				      const struct trail_diskdump *b);

/**
 * Read a page descriptor of TRAIL_DISKDUMP_DESCRIPTOR_SIZE bytes.
 *
 * @origin  where in the file it is, for messages
 *
 * Nothing in it is checked: that takes the file's size.  Errors: BAD_DATA (cut short).
 */
struct trail_error *trail_diskdump_read_page(const struct trail_diskdump *dump, const void *bytes,
					     size_t n, uint64_t origin,
					     struct trail_diskdump_page *ret) TRAIL_MUST_CHECK;

#endif
