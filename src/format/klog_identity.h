/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages of a boot → which kernel it is: release, version, architecture, command line. */
#ifndef TRAIL_FORMAT_KLOG_IDENTITY_H
#define TRAIL_FORMAT_KLOG_IDENTITY_H

#include "base/base.h"

/** What was said so far; zeroed: nothing.  Empty strings: not said. */
struct trail_klog_identity {
	bool banner;	   /* release and version are the banner's */
	bool registers;	   /* the architecture is of registers */
	bool line_goes_on; /* the command line is wrapped: the next line of it is appended */
	char arch[16];	   /* as uname -m */
	char release[128], version[256];
	char build_id[41]; /* lower-case hex */
	char cmdline[4096];
};

/**
 * Learn from a message; the first that says a thing counts.
 *
 * Source: Linux init/version.c linux_banner, init/main.c; lib/dump_stack.c
 * dump_stack_print_info() (release and build ID); show_regs() of the architectures.
 */
void trail_klog_identity_see(struct trail_klog_identity *identity, const char *text, size_t n);

#endif
