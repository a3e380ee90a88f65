/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kallsyms of a kernel whose VMCOREINFO does not name it, searched for in the kernel's memory.
 */
#ifndef TRAIL_SOURCE_KALLSYMS_SCAN_H
#define TRAIL_SOURCE_KALLSYMS_SCAN_H

#include "format/kallsyms_find.h"

struct trail_error;
struct trail_image;
struct trail_vmcoreinfo;

/**
 * Find the sections between _stext and the lowest data that VMCOREINFO names.  Pages that are
 * only looked at are not kept, see trail_image_peek().
 *
 * @image  with the kernel's memory mapped
 *
 * Errors: ABSENT (VMCOREINFO does not say where the kernel lies, or there are none), LIMIT, NOMEM.
 */
struct trail_error *trail_kallsyms_scan(struct trail_image *image,
					const struct trail_vmcoreinfo *info,
					struct trail_kallsyms_sections *ret) TRAIL_MUST_CHECK;

#endif
