/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ELF core file: header and program headers, of both widths and byte
 * orders, turned into one array of segments held against the file's size.
 * Finds nothing in the file by itself: three steps, and the caller brings
 * the bytes that each names.
 *
 *   trail_elfcore_read_header()    the first TRAIL_ELFCORE_HEADER_SIZE bytes
 *   trail_elfcore_read_count()     section header 0, only when .count_offset says so
 *   trail_elfcore_read_segments()  .segment_count entries at .table_offset
 *
 * Spec: the System V ABI, elf(5); for dumps of Linux kernel/crash_core.c
 * (crash_prepare_elf64_headers), fs/proc/vmcore.c, makedumpfile.c
 * (write_elf_header), QEMU dump/dump.c (write_elf64_header).
 */
#ifndef TRAIL_FORMAT_ELFCORE_H
#define TRAIL_FORMAT_ELFCORE_H

#include "base/base.h"

struct trail_error;
struct trail_pool;

/** Enough for the header of either width. */
#define TRAIL_ELFCORE_HEADER_SIZE 64
/** Enough for a section header of either width. */
#define TRAIL_ELFCORE_SECTION_SIZE 64
/** makedumpfile starts a segment after 256 excluded pages: a million cover 1 TiB at the worst. */
#define TRAIL_ELFCORE_MAX_SEGMENTS (UINT32_C(1) << 20)

#define TRAIL_ELFCORE_LOAD 1
#define TRAIL_ELFCORE_NOTE 4

/** A program header; the fields are those of Elf64_Phdr, in bytes. */
struct trail_elfcore_segment {
	uint32_t type;
	uint32_t flags;
	uint64_t offset, filesz, memsz;
	uint64_t paddr, vaddr;
	uint64_t present; /* of filesz, the bytes that lie inside the file */
};

struct trail_elfcore {
	bool big_endian, wide; /* wide: ELF64 */
	uint16_t machine;      /* EM_… */
	bool incomplete;       /* makedumpfile ran out of room: e_flags has DUMP_ELF_INCOMPLETE */
	struct {
		uint64_t offset;
		uint16_t entry_size, count, names; /* names: index of the one with the names */
	} sections; /* QEMU writes a table of them; of no use to us */
	uint64_t table_offset;
	uint32_t entry_size;
	uint32_t segment_count; /* what the header says; ask read_count() when count_offset != 0 */
	uint64_t count_offset;	/* of section header 0, when the count is there (PN_XNUM) */

	struct trail_elfcore_segment *segments; /* in file order */
	size_t n;				/* may be less than segment_count, see truncated */
	bool truncated; /* a program header, or the bytes of a segment, lie past the file's end */
};

/** Do the first @n bytes of a file open an ELF file, of whatever kind? */
bool trail_elfcore_is(const void *bytes, size_t n);

/**
 * Read the ELF header.
 *
 * @bytes  the first @n bytes of the file
 * @ret    all but the segments
 *
 * Errors: BAD_DATA (cut short, impossible), UNSUPPORTED (an ELF file that is no core).
 * e_ehsize is not looked at: QEMU 7.2 writes 8 there.
 */
struct trail_error *trail_elfcore_read_header(const void *bytes, size_t n,
					      struct trail_elfcore *ret) TRAIL_MUST_CHECK;

/**
 * Take the number of program headers from sh_info of section header 0.
 *
 * @bytes  @n bytes from core->count_offset
 *
 * Errors: BAD_DATA (cut short).  Source: elf(5), PN_XNUM.
 */
struct trail_error *trail_elfcore_read_count(struct trail_elfcore *core, const void *bytes,
					     size_t n) TRAIL_MUST_CHECK;

/**
 * Do the section headers, and the names of the sections, lie inside the file?
 * @bytes  those at sections.offset, as many as the headers want, less where the file ends
 */
bool trail_elfcore_sections_fit(const struct trail_elfcore *core, const void *bytes, size_t n,
				uint64_t file_size);

/** Bytes of the program header table; not yet held against the limit or the file. */
uint64_t trail_elfcore_table_size(const struct trail_elfcore *core);

/**
 * Read the program headers.
 *
 * @core       of read_header(); gets segments, n and truncated
 * @bytes      @n bytes from core->table_offset; fewer than the table has when the file ends in it
 * @file_size  in bytes; what a segment wants beyond it is left out of its .present
 * @pool       owns the array
 *
 * Errors: NOMEM, LIMIT (more than TRAIL_ELFCORE_MAX_SEGMENTS).
 */
struct trail_error *trail_elfcore_read_segments(struct trail_elfcore *core, const void *bytes,
						size_t n, uint64_t file_size,
						struct trail_pool *pool) TRAIL_MUST_CHECK;

#endif
