/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loaded modules: their names, ranges, taints, symbols and unwind rows, from memory. */
#ifndef TRAIL_KERNEL_MODULES_H
#define TRAIL_KERNEL_MODULES_H

#include "base/base.h"

struct trail_error;
struct trail_kernel;

enum { TRAIL_MODULES_MAX = 4096 };

/** One loaded module; strings live as long as the kernel. */
struct trail_module {
	const char *name;
	uint64_t base, size; /* of its text */
	uint64_t taints;     /* bits as in tainted_mask */
};

/**
 * Walk the list of modules and add them as sources of symbols ("modules") and
 * unwind rows ("module-orc").  Their tables are read when first asked for.
 *
 * Errors: ABSENT (no modules in this kernel, or no types), NODATA, BAD_DATA, LIMIT, NOMEM;
 * modules read before the error are kept.
 * Source: Linux kernel/module/main.c (modules), include/linux/module.h (struct module,
 * mod_kallsyms; core_layout until v6.3, mem[] since v6.4), arch/x86/include/asm/module.h
 * (orc_unwind).
 */
struct trail_error *trail_modules_add(struct trail_kernel *kernel) TRAIL_MUST_CHECK;

/** The i-th module in the order of the list; false past the last. */
bool trail_modules_get(const struct trail_kernel *kernel, size_t i, struct trail_module *ret);

#endif
