/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dead kernel that can be asked by name: image, symbols, types and unwind
 * rows together.  Everything it gives comes from the dump and is hostile.
 */
#ifndef TRAIL_KERNEL_KERNEL_H
#define TRAIL_KERNEL_KERNEL_H

#include "base/base.h"
#include "base/pool.h"
#include "format/vmcoreinfo.h"
#include "source/cfi.h"
#include "source/symbols.h"
#include "source/types.h"

struct trail_arch;
struct trail_error;
struct trail_image;
struct trail_profile;
struct trail_profile_store;

enum { TRAIL_KERNEL_PROBLEMS = 8 };

/** A part of the kernel that could not be had, and why. */
struct trail_problem {
	const char *what;
	struct trail_error *error;
};

/** Where VMCOREINFO came from. */
enum trail_info_from { TRAIL_INFO_NONE, TRAIL_INFO_NOTE, TRAIL_INFO_MEMORY };

struct trail_kernel {
	struct trail_image *image; /* borrowed */
	const struct trail_arch *arch;
	char *info_text;
	struct trail_vmcoreinfo info;
	enum trail_info_from info_from;
	struct trail_profile_store *store; /* borrowed */
	struct trail_profile *profile;	   /* what the sources below answered, and before */
	struct trail_symbols symbols;
	struct trail_types types;
	struct trail_cfi cfi;
	struct trail_pool pool; /* strings given out */
	struct trail_problem problems[TRAIL_KERNEL_PROBLEMS];
	size_t n_problems;
};

/**
 * Find out what can be asked of the kernel in @image.
 *
 * @image  borrowed, must outlive the kernel
 * @store  where profiles of kernels are kept; borrowed, must outlive the kernel
 * @ret    owned by the caller; what could not be had is in its problems
 *
 * Errors: NOMEM, UNSUPPORTED (an architecture that is not read).
 */
struct trail_error *trail_kernel_new(struct trail_image *image, struct trail_profile_store *store,
				     struct trail_kernel **ret) TRAIL_MUST_CHECK;
void trail_kernel_free(struct trail_kernel *kernel);
void trail_kernel_freep(struct trail_kernel **kernel);

/**
 * Keep in the store what was learnt of this build of the kernel.  Only of a dump in which nothing
 * is missing or damaged: what it got wrong would be believed of the next one.
 */
void trail_kernel_keep(struct trail_kernel *kernel);

/** Address of a symbol of the kernel itself.  Errors: ABSENT; NODATA when there are no symbols, or
 * some of them cannot be read. */
struct trail_error *trail_kernel_symbol(const struct trail_kernel *kernel, const char *name,
					uint64_t *ret) TRAIL_MUST_CHECK;

/** Name and offset of the symbol that covers an address; false when there is none. */
bool trail_kernel_name(const struct trail_kernel *kernel, uint64_t address,
		       struct trail_symbol *symbol_ret, uint64_t *offset_ret);

/**
 * Read a number of 1, 2, 4 or 8 bytes at a kernel virtual address, sign-extended if @is_signed.
 * Errors: NODATA, BAD_DATA.
 */
struct trail_error *trail_kernel_read(struct trail_kernel *kernel, uint64_t address, size_t width,
				      bool is_signed, uint64_t *ret) TRAIL_MUST_CHECK;

/** @n bytes at a kernel virtual address.  Errors: NODATA, BAD_DATA, LIMIT. */
struct trail_error *trail_kernel_bytes(struct trail_kernel *kernel, uint64_t address, void *ret,
				       size_t n) TRAIL_MUST_CHECK;

/** A pointer: trail_kernel_read() of the kernel's own word size. */
struct trail_error *trail_kernel_pointer(struct trail_kernel *kernel, uint64_t address,
					 uint64_t *ret) TRAIL_MUST_CHECK;

/** Where a member lies.  Errors: ABSENT (no such type or member); NODATA when there are no types,
 * or some of them cannot be read. */
struct trail_error *trail_kernel_find_member(const struct trail_kernel *kernel, const char *type,
					     const char *member,
					     struct trail_member *ret) TRAIL_MUST_CHECK;

/** A scalar member of the struct at @address.  Errors: those of trail_kernel_find_member(), NODATA,
 * BAD_DATA. */
struct trail_error *trail_kernel_member(struct trail_kernel *kernel, uint64_t address,
					const char *type, const char *member,
					uint64_t *ret) TRAIL_MUST_CHECK;

/**
 * Words of a stack, or of a table of pointers.  Where a dump is made that keeps only bytes, those
 * that are no addresses of the kernel are not kept: they may be anything, pieces of text too.
 * Errors: NODATA.
 */
struct trail_error *trail_kernel_words(struct trail_kernel *kernel, uint64_t address, uint64_t *ret,
				       size_t n) TRAIL_MUST_CHECK;

/**
 * Where the machine's names lie: struct new_utsname of init_uts_ns.
 * Errors: those of trail_kernel_symbol() and trail_kernel_find_member().
 * Source: Linux init/version.c; VMCOREINFO says the offset since v5.11.
 */
struct trail_error *trail_kernel_names(const struct trail_kernel *kernel,
				       uint64_t *ret) TRAIL_MUST_CHECK;

/**
 * A name that is the same on every machine: a string of at most @max bytes, up
 * to its NUL, into @pool.  When it crosses into a page that is not there, what
 * came before is given.
 * Errors: NODATA (not even the first byte), NOMEM.
 */
struct trail_error *trail_kernel_string(struct trail_kernel *kernel, uint64_t address, size_t max,
					struct trail_pool *pool, const char **ret) TRAIL_MUST_CHECK;

/**
 * The same of a text that may tell whose machine it is.  Where a dump is made that keeps only
 * bytes, it is not kept: whoever redacts the facts puts there what may stay, so the facts must
 * say where it lies.
 */
struct trail_error *trail_kernel_text(struct trail_kernel *kernel, uint64_t address, size_t max,
				      struct trail_pool *pool, const char **ret) TRAIL_MUST_CHECK;

/**
 * Address of a per-CPU object on one CPU: its base address plus __per_cpu_offset[cpu].
 * Errors: ABSENT, NODATA.
 * Source: Linux include/asm-generic/percpu.h per_cpu_offset().
 */
struct trail_error *trail_kernel_per_cpu(struct trail_kernel *kernel, uint64_t base, unsigned cpu,
					 uint64_t *ret) TRAIL_MUST_CHECK;

/**
 * Walk a list of struct list_head: @each is told the address of every node
 * but the head and ends the walk with an error.
 *
 * @max  nodes; more is LIMIT
 * Errors: NODATA, BAD_DATA (it loops without coming back to the head), LIMIT, those of @each.
 * Source: Linux include/linux/list.h.
 */
struct trail_error *trail_kernel_list(struct trail_kernel *kernel, uint64_t head, size_t max,
				      struct trail_error *(*each)(uint64_t node, void *data),
				      void *data) TRAIL_MUST_CHECK;

#endif
