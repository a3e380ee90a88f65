/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libkdumpfile, for pages by their physical address only.  What it does not
 * bear must be kept from it; see core_file.h.
 */
#ifndef TRAIL_SOURCE_KDUMP_H
#define TRAIL_SOURCE_KDUMP_H

#include "base/base.h"

struct trail_error;
struct trail_kdump;

/** Was this built with libkdumpfile? */
bool trail_kdump_is_here(void);

/**
 * Open the files of one dump.
 *
 * @fds  must stay open as long
 * @ret  owned by the caller
 *
 * Errors: OS, UNSUPPORTED, BAD_DATA, NODATA, NOMEM.
 */
struct trail_error *trail_kdump_open(const int *fds, unsigned n,
				     struct trail_kdump **ret) TRAIL_MUST_CHECK;
void trail_kdump_close(struct trail_kdump *kdump);

/** The architecture by its name, borrowed; NULL when the file does not say. */
const char *trail_kdump_arch(const struct trail_kdump *kdump);

/** Tell it the architecture; false when it knows none of that name. */
bool trail_kdump_set_arch(struct trail_kdump *kdump, const char *arch);

/** Read the page at @address, of TRAIL_PAGE_SIZE bytes.  Errors: NODATA, BAD_DATA, OS, UNSUPPORTED.
 */
struct trail_error *trail_kdump_read(struct trail_kdump *kdump, uint64_t address,
				     void *ret) TRAIL_MUST_CHECK;

#endif
