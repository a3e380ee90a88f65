/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own kallsyms, read from its memory → a symbol source. */
#ifndef TRAIL_SOURCE_KALLSYMS_H
#define TRAIL_SOURCE_KALLSYMS_H

#include "base/base.h"

struct trail_error;
struct trail_image;
struct trail_profile;
struct trail_symbols;
struct trail_vmcoreinfo;

/**
 * Add the kernel's kallsyms to @symbols; where VMCOREINFO does not name it (before v6.0), it is
 * searched for.
 *
 * @profile  asked first and told what was found; outlives @symbols.
 *
 * Errors: ABSENT (it was not found), NODATA, BAD_DATA, NOMEM, LIMIT.
 */
struct trail_error *trail_kallsyms_add(struct trail_image *image,
				       const struct trail_vmcoreinfo *info,
				       struct trail_profile *profile,
				       struct trail_symbols *symbols) TRAIL_MUST_CHECK;

#endif
