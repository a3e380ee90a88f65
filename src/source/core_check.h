/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sanity check beside libkdumpfile: holds what a vmcore's headers, bitmap
 * and page descriptors say against the size of the file.  The library reads
 * past the end of a truncated file as zeros (and dies of SIGBUS there when it
 * maps the file, its default) and takes the page map on trust; who asks here
 * first can tell a page of zeros from a page that never arrived.  Reads with
 * pread() in small windows, so that a dump of terabytes costs no memory to
 * speak of.
 */
#ifndef TRAIL_SOURCE_CORE_CHECK_H
#define TRAIL_SOURCE_CORE_CHECK_H

#include "base/base.h"

struct trail_core_check;
struct trail_diskdump;
struct trail_elfcore;
struct trail_error;

enum trail_core_format {
	TRAIL_CORE_ELF,
	TRAIL_CORE_KDUMP,
};

enum trail_page_state {
	TRAIL_PAGE_THERE,    /* every byte of it is in the file */
	TRAIL_PAGE_EXCLUDED, /* filtered out, no memory there, or in another file of a split dump */
	TRAIL_PAGE_BEYOND,   /* its data, descriptor or bit lies past the file's end, or was never
				written, or cannot be read */
	TRAIL_PAGE_BAD,	     /* its descriptor cannot be right */
};

/** Bytes of the file, inside its size. */
struct trail_core_range {
	uint64_t offset, size;
};

/**
 * Tell a core file by its content and read its headers.
 *
 * @fd    readable and seekable; duplicated, its file offset is neither used nor moved
 * @path  for messages
 * @ret   to be closed with trail_core_check_close()
 *
 * Errors: NOMEM, OS, UNSUPPORTED (neither an ELF core nor kdump-compressed; a flattened stream is
 * named as such, see source/flatten.h), BAD_DATA (its headers are cut short or impossible), LIMIT.
 */
struct trail_error *trail_core_check_open(int fd, const char *path,
					  struct trail_core_check **ret) TRAIL_MUST_CHECK;
void trail_core_check_close(struct trail_core_check *check);
void trail_core_check_closep(struct trail_core_check **check);

enum trail_core_format trail_core_check_format(const struct trail_core_check *check);
uint64_t trail_core_check_file_size(const struct trail_core_check *check);

/**
 * "x86_64", "aarch64", "s390x", "ppc64", "riscv64" by e_machine or the
 * header's utsname; NULL when it is another or the name is empty.
 */
const char *trail_core_check_arch(const struct trail_core_check *check);

/** Where ELF notes lie in the file, in file order; gives how many. *ret is borrowed. */
size_t trail_core_check_notes(const struct trail_core_check *check,
			      const struct trail_core_range **ret);

/** VMCOREINFO's text, when a sub header names its place; size 0 else (ELF: it is in a note). */
struct trail_core_range trail_core_check_vmcoreinfo(const struct trail_core_check *check);

/** One past the highest physical address that the headers name. */
uint64_t trail_core_check_max_paddr(const struct trail_core_check *check);

/** makedumpfile ran out of room and said so in the header (kdump status, ELF e_flags). */
bool trail_core_check_incomplete(const struct trail_core_check *check);

/**
 * Does the file end before what its headers promise?  The first call counts
 * the bits of the page bitmap and looks at the last page descriptors.
 *
 * @why_ret  one line that says what wants more bytes, "" when nothing; borrowed.  May be NULL.
 */
bool trail_core_check_truncated(struct trail_core_check *check, const char **why_ret);

/**
 * Can the map from page to descriptor be trusted?  The n-th set bit of the
 * bitmap belongs to the n-th descriptor, so one flipped bit gives every later
 * page the contents of its neighbour.  True when the descriptors, as many as
 * there are set bits, end where the first page data begins.  The first call
 * counts the bits of the bitmap.  Always true for ELF.
 *
 * @why_ret  one line that says what does not fit, "" when all does; borrowed.  May be NULL.
 *
 * Source: makedumpfile.c write_kdump_pages_and_bitmap_cyclic(), QEMU dump.c write_dump_pages():
 * data follows the descriptors at once, the shared page of zeros first.
 */
bool trail_core_check_map_trusted(struct trail_core_check *check, const char **why_ret);

/**
 * What the file has of the page that holds physical address @paddr: a block
 * of a kdump-compressed dump, 4 KiB of an ELF core (or less, where a segment
 * begins or ends inside).  With a page map that is not trusted the answer is
 * about the descriptor that the map leads to.
 */
enum trail_page_state trail_core_check_page(struct trail_core_check *check, uint64_t paddr);

/**
 * Do the headers tell memory from none, so that a page that was left out can be told from one that
 * never was?  By the first bitmap of a kdump-compressed file, by the sizes in memory of an ELF
 * core's segments.  Not in a file of distill, where the first bitmap has all pages; in QEMU's
 * both bitmaps are the same, and nothing was left out.
 *
 * Source: makedumpfile.c create_1st_bitmap_cyclic(), write_elf_pages_cyclic(): p_filesz ends where
 * pages are left out, p_memsz does not.
 */
bool trail_core_check_knows_memory(struct trail_core_check *check);

/** Where that is known: was the page that holds @paddr left out, though it is memory? */
bool trail_core_check_left_out(struct trail_core_check *check, uint64_t paddr);

/**
 * Of an ELF core: go down to the next page that a segment has, whole or not.
 *
 * @page  a page number; the highest below it on return
 * False when there is none.
 */
bool trail_core_check_segment_below(const struct trail_core_check *check, uint64_t *page);

/** Do the sections that an ELF core's headers name lie in the file?  True for another format. */
bool trail_core_check_sections_fit(const struct trail_core_check *check);

/** The decoded headers, borrowed; NULL when the file is of the other format. */
const struct trail_diskdump *trail_core_check_diskdump(const struct trail_core_check *check);
const struct trail_elfcore *trail_core_check_elfcore(const struct trail_core_check *check);

#endif
