/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO: the page of KEY=VALUE lines that a kernel keeps for its dumps. */
#ifndef TRAIL_FORMAT_VMCOREINFO_H
#define TRAIL_FORMAT_VMCOREINFO_H

#include "base/base.h"

enum { TRAIL_VMCOREINFO_MAX = 64 * 1024 }; /* bytes; Linux keeps one page of at most 64 KiB */

/** The text; borrowed, need not end with a NUL. */
struct trail_vmcoreinfo {
	const char *text;
	size_t size;
};

/** A VMCOREINFO begins so, in a note and in the kernel's own page. */
#define TRAIL_VMCOREINFO_START "OSRELEASE="

/**
 * Is it what a kernel writes: lines of KEY=VALUE, no key the beginning of
 * another one up to a dot?  libkdumpfile takes the dots for a tree of names
 * and crashes where one is both a branch and a leaf.
 */
bool trail_vmcoreinfo_is_sane(const struct trail_vmcoreinfo *info);

/**
 * Put x over every value that is no number, but those of OSRELEASE and
 * BUILD-ID, and over keys that no kernel writes: what a kernel tells of itself
 * stays, what somebody else wrote there does not.
 */
void trail_vmcoreinfo_blank(char *text, size_t size);

/**
 * The value of a key, borrowed, without the newline; NULL when there is none.
 * The last line of that key counts: a kernel appends CRASHTIME= when it dies.
 * Source: Linux kernel/crash_core.c (kernel/vmcore_info.c since v6.9) vmcoreinfo_append_str().
 */
const char *trail_vmcoreinfo_text(const struct trail_vmcoreinfo *info, const char *key,
				  size_t *length_ret);

/**
 * The number of TYPE(name): "SYMBOL" in hex, "OFFSET", "SIZE", "LENGTH" and
 * "NUMBER" in any base, also negative (two's complement in *ret).
 * False when the line is not there or is no number.
 */
bool trail_vmcoreinfo_number(const struct trail_vmcoreinfo *info, const char *type,
			     const char *name, uint64_t *ret);

/** The same for a plain key such as CRASHTIME (decimal) or KERNELOFFSET (@base 16). */
bool trail_vmcoreinfo_plain(const struct trail_vmcoreinfo *info, const char *key, int base,
			    uint64_t *ret);

#endif
