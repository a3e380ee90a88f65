/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what other tools need of a kernel, so that its pages are kept in a dump made from it. */
#ifndef TRAIL_KERNEL_TOUCH_H
#define TRAIL_KERNEL_TOUCH_H

struct trail_kernel;

/**
 * Read the variables that VMCOREINFO names, and the memory sections: makedumpfile
 * looks at those before it does anything else.  What cannot be read is passed over.
 *
 * Source: makedumpfile.c initial(), get_mem_section(); Linux include/linux/mmzone.h
 * (CONFIG_SPARSEMEM_EXTREME: pointers to pages of struct mem_section).
 */
void trail_kernel_touch(struct trail_kernel *kernel);

#endif
