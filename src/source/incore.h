/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a dump tells about its own kernel: VMCOREINFO, BTF and ORC, read from
 * the kernel's memory.
 */
#ifndef TRAIL_SOURCE_INCORE_H
#define TRAIL_SOURCE_INCORE_H

#include "base/base.h"

struct trail_cfi;
struct trail_error;
struct trail_image;
struct trail_profile;
struct trail_symbols;
struct trail_types;
struct trail_vmcoreinfo;

/**
 * Does the page at a physical address begin with VMCOREINFO, or with its note?  Looks without
 * need, see trail_image_peek().
 *
 * @skip_ret  bytes before the text
 *
 * Errors: ABSENT (no), those of trail_image_peek().
 */
struct trail_error *trail_incore_vmcoreinfo_at(struct trail_image *image, uint64_t address,
					       size_t *skip_ret) TRAIL_MUST_CHECK;

/**
 * The VMCOREINFO page in physical memory, for dumps whose file has none.
 *
 * @from   physical address to go down from; moved below the page found
 * @ret    TRAIL_PAGE_SIZE bytes
 *
 * Errors: ABSENT (none found), NOMEM.
 * Source: Linux kernel/crash_core.c crash_save_vmcoreinfo_init(): a page of its own that begins
 * with OSRELEASE=; vmcoreinfo_note holds it behind an ELF note header.
 */
struct trail_error *trail_incore_find_vmcoreinfo(struct trail_image *image, uint64_t *from,
						 char *ret) TRAIL_MUST_CHECK;

/**
 * The same without the search: the kernel's image has a pointer to it.
 *
 * @root        physical address of the kernel's page tables
 * @start, end  between them the image is mapped, by pieces of 2 MiB
 * @ret         TRAIL_PAGE_SIZE bytes
 *
 * Errors: ABSENT (none found), LIMIT (the deadline), NOMEM.
 * Source: Linux kernel/crash_core.c vmcoreinfo_data, vmcoreinfo_note, in .bss; kernel/vmcore_info.c
 * since v6.9.
 */
struct trail_error *trail_incore_follow_vmcoreinfo(struct trail_image *image, uint64_t root,
						   uint64_t start, uint64_t end,
						   char *ret) TRAIL_MUST_CHECK;

/**
 * Add the kernel's BTF to @types.
 *
 * @profile  asked first and told what was found; outlives @types
 *
 * Errors: ABSENT (CONFIG_DEBUG_INFO_BTF is off), NODATA, BAD_DATA, NOMEM, LIMIT.
 */
struct trail_error *trail_incore_add_btf(struct trail_image *image, struct trail_profile *profile,
					 const struct trail_symbols *symbols,
					 struct trail_types *types) TRAIL_MUST_CHECK;

/** Add the kernel's ORC tables to @cfi.  As above; ABSENT: CONFIG_UNWINDER_ORC is off. */
struct trail_error *trail_incore_add_orc(struct trail_image *image, struct trail_profile *profile,
					 const struct trail_symbols *symbols,
					 struct trail_cfi *cfi) TRAIL_MUST_CHECK;

/** A pair of ORC tables in kernel memory: of the kernel, or of a module. */
struct trail_orc_tables {
	uint64_t ips;	  /* address of n s32, each relative to its own address */
	uint64_t entries; /* address of n entries */
	uint64_t n;
};

/** The layout of a table, told by a sample of its entries.  Errors: NODATA, BAD_DATA (no layout
 * fits). */
struct trail_orc_layout;
struct trail_error *trail_orc_tables_layout(struct trail_image *image,
					    const struct trail_orc_tables *tables,
					    const struct trail_orc_layout **ret) TRAIL_MUST_CHECK;

/**
 * The row in force at @ip.
 *
 * @start_ret, @end_ret  the addresses it is for; the end is that of the last row's start where
 * there is no next one
 *
 * Errors: ABSENT (before the first), NODATA, BAD_DATA.
 */
struct trail_orc_entry;
struct trail_error *trail_orc_tables_find(struct trail_image *image,
					  const struct trail_orc_tables *tables,
					  const struct trail_orc_layout *layout, uint64_t ip,
					  struct trail_orc_entry *ret, uint64_t *start_ret,
					  uint64_t *end_ret) TRAIL_MUST_CHECK;

#endif
