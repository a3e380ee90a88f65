/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what other tools need of a kernel, so that its pages are kept in a dump made from it. */
#ifndef TRAIL_KERNEL_TOUCH_H
#define TRAIL_KERNEL_TOUCH_H

struct trail_kernel;

/**
 * Read the variables that VMCOREINFO names, the memory sections, and the bases of
 * the address space: makedumpfile and "crash --minimal" look at those before they
 * do anything else.  What cannot be read is passed over.
 *
 * Source: makedumpfile.c initial(), get_mem_section(); crash x86_64.c x86_64_init();
 * Linux include/linux/mmzone.h (CONFIG_SPARSEMEM_EXTREME: pointers to pages of
 * struct mem_section), arch/x86/kernel/head64.c (CONFIG_DYNAMIC_MEMORY_LAYOUT).
 */
void trail_kernel_touch(struct trail_kernel *kernel);

#endif
