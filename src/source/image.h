/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Core image: an open vmcore, readable at physical and virtual addresses.
 * libkdumpfile reads the format, libaddrxlat walks the page tables; what they
 * do not check (pages past the end of the file) is checked here.
 */
#ifndef TRAIL_SOURCE_IMAGE_H
#define TRAIL_SOURCE_IMAGE_H

#include "base/base.h"
#include "source/unpack.h"
#include "source/xlat.h"

struct trail_diskdump;
struct trail_error;
struct trail_image;
struct trail_progress;
struct trail_page_set;

/** What the file is, by its content. */
enum trail_image_format {
	TRAIL_IMAGE_ELF,
	TRAIL_IMAGE_KDUMP,
	TRAIL_IMAGE_FLAT_ELF,
	TRAIL_IMAGE_FLAT_KDUMP,
};

/** A file of a split dump, which has the page frames from .start_pfn to .end_pfn - 1; none when it
 * could not be read. */
struct trail_image_part {
	const char *path;
	uint64_t start_pfn, end_pfn;
};

/** How to read; zeros but for .tmpdir will do. */
struct trail_image_options {
	const char *tmpdir; /* where a compressed dump is unpacked and a flattened one is
			       rearranged, into an unlinked file */
	double deadline; /* seconds of the monotonic clock, 0 for none: from then on no page is read
			  */
	const struct trail_progress *progress; /* told of what takes long; NULL for nobody */
};

/**
 * Open a dump.
 *
 * @paths    a file or pipe, or files of one split dump in any order; what they are is told by
 *           their content
 * @options  read while opening, but .progress must outlive the image
 * @ret      owned by the caller; the paths must outlive it
 *
 * Errors: OS, UNSUPPORTED (no dump, one that is not read, files that are not of one dump),
 * BAD_DATA, LIMIT, NOMEM.
 */
struct trail_error *trail_image_open(const char *const *paths, size_t n,
				     const struct trail_image_options *options,
				     struct trail_image **ret) TRAIL_MUST_CHECK;
void trail_image_close(struct trail_image *image);
void trail_image_closep(struct trail_image **image);

/** Of a split dump the file with the lowest page frames. */
const char *trail_image_path(const struct trail_image *image);
enum trail_image_format trail_image_format(const struct trail_image *image);
enum trail_unpack_wrapper trail_image_wrapper(const struct trail_image *image);

/** The i-th file of a split dump, by its page frames, then those that could not be read; false past
 * the last, and for other dumps. */
bool trail_image_part(const struct trail_image *image, size_t i, struct trail_image_part *ret);

/** "x86_64", "aarch64", …; NULL when the file does not say. */
const char *trail_image_arch(const struct trail_image *image);

/**
 * NULL when the files hold all that their headers promise, else why they do not; borrowed.
 * @i  0 for the first reason; NULL past the last
 */
const char *trail_image_incomplete(const struct trail_image *image, size_t i);

/** Was the dump redacted?  Then its texts are filled where something was taken out; see
 * facts/redact.h. */
bool trail_image_is_redacted(const struct trail_image *image);

/** Of a dump that was redacted the pages that are not whole, with what of them is there; borrowed.
 */
const struct trail_page_set *trail_image_erased(const struct trail_image *image);

/** VMCOREINFO where the file's header names its place, borrowed; false when it does not. */
bool trail_image_vmcoreinfo(const struct trail_image *image, const void **bytes_ret,
			    size_t *size_ret);

/**
 * Go down to the next page that is in the dump.
 *
 * @page  a page number; the highest below it on return
 * False when there is none, or the deadline has passed.
 */
bool trail_image_page_below(struct trail_image *image, uint64_t *page);

/** Has the deadline ended the reading?  Then what was read before is all there is. */
bool trail_image_is_late(const struct trail_image *image);

/** How far a long read of the image has come; see struct trail_progress. */
void trail_image_tell(const struct trail_image *image, const char *what, uint64_t done,
		      uint64_t total);

/** First physical address behind the last page that the headers know. */
uint64_t trail_image_physical_end(const struct trail_image *image);

/** The i-th run of ELF notes of the file, borrowed; false past the last. */
bool trail_image_notes(const struct trail_image *image, size_t i, const void **bytes_ret,
		       size_t *size_ret);

/**
 * Read @n bytes at a physical address.
 *
 * Errors: NODATA (not in the dump; the text says whether excluded, past the
 * end of the file, of no memory, or redacted), BAD_DATA (the file is damaged there), LIMIT (the
 * deadline).
 */
struct trail_error *trail_image_read_physical(struct trail_image *image, uint64_t address,
					      void *ret, size_t n) TRAIL_MUST_CHECK;

/** Within one page; see trail_image_check(). */
struct trail_error *trail_image_check_physical(const struct trail_image *image, uint64_t address,
					       size_t n) TRAIL_MUST_CHECK;

/** Are the files whole, and do they tell which pages were left out when the dump was filtered? */
bool trail_image_knows_memory(const struct trail_image *image);

/** Where that is known: was the page of this physical address left out? */
bool trail_image_left_out(const struct trail_image *image, uint64_t address);

/** Read without need: the same, but the page is not kept; for a search that looks at many. */
struct trail_error *trail_image_peek(struct trail_image *image, uint64_t address, void *ret,
				     size_t n) TRAIL_MUST_CHECK;

/** Read as trail_image_read_physical(), also what was redacted, as zeros; of the bytes none is
 * kept, see trail_image_keep_pages(). */
struct trail_error *trail_image_look_physical(struct trail_image *image, uint64_t address,
					      void *ret, size_t n) TRAIL_MUST_CHECK;

/**
 * From now on, and forgetting those before, remember which pages are given out.  The page tables
 * are among them, those of linear ranges too: other tools walk them.
 *
 * @bytes_only  and of those pages only the bytes that a read gave out or that trail_image_keep()
 *              was given; all else of them is zeros.  Of page tables, the entries.
 *
 * Who reads more than is needed, or what tells whose machine it is, looks instead and keeps what
 * may be kept.  Errors: NOMEM.
 */
struct trail_error *trail_image_keep_pages(struct trail_image *image,
					   bool bytes_only) TRAIL_MUST_CHECK;

/** Keep these bytes at that place, of pages that were given out; elsewhere, and where whole pages
 * are kept, nothing is done. */
void trail_image_keep_physical(struct trail_image *image, uint64_t address, const void *bytes,
			       size_t n);

/** The page of a page table, for the translation: what is no entry of one is not kept. */
struct trail_error *trail_image_read_table(void *image, uint64_t address,
					   void *ret) TRAIL_MUST_CHECK;

/** One of the kept pages, or what is kept of it; errors of trail_image_read_physical(). */
struct trail_error *trail_image_kept_page(struct trail_image *image, uint64_t page,
					  void *ret) TRAIL_MUST_CHECK;

/** Those pages; borrowed, and changed by the next reading. */
const struct trail_page_set *trail_image_kept_pages(const struct trail_image *image);

/** The header of a kdump-compressed file, borrowed; NULL for ELF. */
const struct trail_diskdump *trail_image_header(const struct trail_image *image);

/** Its translation of virtual addresses, which the functions that follow use; borrowed. */
struct trail_xlat *trail_image_xlat(const struct trail_image *image);

/**
 * Map a range of virtual addresses to physical ones by a constant; asked
 * before the page tables.  @last is the last byte.  At most 8 ranges; further ones are ignored.
 */
void trail_image_map_linear(struct trail_image *image, uint64_t first, uint64_t last,
			    uint64_t physical);

/** Translate what no linear range covers by page tables, @root is the physical address of the top.
 */
void trail_image_map_tables(struct trail_image *image, enum trail_paging paging, uint64_t root);

/** Forget all mappings: what follows is another kernel in the same memory. */
void trail_image_unmap(struct trail_image *image);

/** Translate one virtual address.  Errors: NODATA (unmapped, or a table's page is not in the dump).
 */
struct trail_error *trail_image_translate(struct trail_image *image, uint64_t address,
					  uint64_t *ret) TRAIL_MUST_CHECK;

/** Read @n bytes at a virtual address; errors of trail_image_translate() and
 * trail_image_read_physical(). */
struct trail_error *trail_image_read(struct trail_image *image, uint64_t address, void *ret,
				     size_t n) TRAIL_MUST_CHECK;

/** As trail_image_look_physical() and trail_image_keep_physical(), at a virtual address. */
struct trail_error *trail_image_look(struct trail_image *image, uint64_t address, void *ret,
				     size_t n) TRAIL_MUST_CHECK;
void trail_image_keep(struct trail_image *image, uint64_t address, const void *bytes, size_t n);

/** What looked at bytes needs them: were they redacted?  Errors: NODATA. */
struct trail_error *trail_image_check(struct trail_image *image, uint64_t address,
				      size_t n) TRAIL_MUST_CHECK;

#endif
