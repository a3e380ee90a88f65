/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a kdump-compressed file: header version 6, 64-bit, little endian,
 * pages of TRAIL_PAGE_SIZE packed by zlib.  The parts come in the order of
 * makedumpfile's files (format/diskdump.h draws it), so that whatever reads
 * those reads this: notes, VMCOREINFO and ERASEINFO behind the sub header, the data
 * directly behind the descriptors, a block of zeros first, which all pages of
 * zeros share.
 *
 * Spec: makedumpfile diskdump_mod.h, makedumpfile.c write_kdump_header(),
 * write_kdump_pages_and_bitmap_cyclic().
 */
#ifndef TRAIL_SOURCE_WRITE_CORE_H
#define TRAIL_SOURCE_WRITE_CORE_H

#include "base/base.h"
#include "format/diskdump.h"

struct trail_error;
struct trail_page_set;

/** What is to be in the file; all is borrowed. */
struct trail_write_core {
	/* Of it count the names, time, nr_cpus, max_pfn, phys_base, dump_level, and
	 * TRAIL_DISKDUMP_INCOMPLETE of the status; all else follows from the parts. */
	struct trail_diskdump header;
	const uint8_t *notes;
	size_t notes_size;
	const uint8_t *vmcoreinfo; /* inside the notes, or of its own; NULL for none */
	size_t vmcoreinfo_size;
	const char *erased;		    /* ERASEINFO, a text; NULL for none */
	const struct trail_page_set *pages; /* each below header.max_pfn */

	/** Read one page of them. */
	struct trail_error *(*read)(void *data, uint64_t page, void *ret);
	void *data;
};

/**
 * Write the file.
 *
 * @fd  a new, empty file that can be sought; blocks of zeros are left out as holes
 *
 * Every page below max_pfn is marked as memory in the first bitmap: which of
 * them are holes between the banks is not told apart from what was left out.
 *
 * Errors: NOMEM, OS (writing), LIMIT (more pages than TRAIL_DISKDUMP_MAX_PFN), those of read().
 */
struct trail_error *trail_write_core(int fd, const struct trail_write_core *core) TRAIL_MUST_CHECK;

#endif
