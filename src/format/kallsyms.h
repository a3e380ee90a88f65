/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms: the symbol table that a kernel carries in its own memory, names
 * compressed by a table of 256 tokens.  Sections as scripts/kallsyms.c writes
 * them → names and addresses.
 */
#ifndef TRAIL_FORMAT_KALLSYMS_H
#define TRAIL_FORMAT_KALLSYMS_H

#include "base/base.h"

struct trail_error;

enum {
	TRAIL_KALLSYMS_MAX = 4 * 1000 * 1000
}; /* symbols; distribution kernels have 0.1 to 0.2 million */

/** How a slot of kallsyms_offsets becomes an address. */
enum trail_kallsyms_addressing {
	/* s32: >= 0 is the address itself (per-CPU), < 0 is base - 1 - slot;
	   CONFIG_KALLSYMS_ABSOLUTE_PERCPU */
	TRAIL_KALLSYMS_ABSOLUTE_PERCPU,
	TRAIL_KALLSYMS_RELATIVE,    /* u32: base + slot */
	TRAIL_KALLSYMS_PC_RELATIVE, /* s32: address of the slot + slot; since v7.0 or so */
	TRAIL_KALLSYMS_ABSOLUTE,    /* u64: the address; kallsyms_addresses */
};

/** The raw sections; borrowed. */
struct trail_kallsyms_raw {
	uint32_t n;	   /* kallsyms_num_syms */
	const void *names; /* kallsyms_names and what follows it */
	size_t names_size;
	const void *tokens; /* kallsyms_token_table */
	size_t tokens_size;
	const void *index; /* kallsyms_token_index: 256 u16 */
	size_t index_size;
	const void *slots; /* kallsyms_offsets or kallsyms_addresses */
	size_t slots_size;
	uint64_t slots_address; /* for PC_RELATIVE */
	uint64_t base;		/* kallsyms_relative_base */
	bool big_endian;
	bool long_names; /* lengths of two bytes where bit 7 is set; since v6.1 */
};

/** A decoded table. */
struct trail_kallsyms {
	size_t n;
	uint64_t *addresses; /* n, in table order, which is ascending */
	uint32_t *names;     /* n, offsets into text */
	char *types;	     /* n, letters as nm(1) prints them */
	char *text;	     /* NUL-terminated names */
	size_t text_size;
};

/**
 * Decode names and types; the addresses stay zero until trail_kallsyms_place().
 *
 * Errors: NOMEM, BAD_DATA (a token or a name leaves its section), LIMIT.
 * Source: Linux kernel/kallsyms.c kallsyms_expand_symbol(), scripts/kallsyms.c write_src();
 * two-byte lengths since v6.1 ("kallsyms: support \"big\" kernel symbols").
 */
struct trail_error *trail_kallsyms_decode(const struct trail_kallsyms_raw *raw,
					  struct trail_kallsyms *ret) TRAIL_MUST_CHECK;
void trail_kallsyms_fini(struct trail_kallsyms *table);

/**
 * Fill in the addresses.
 *
 * Errors: BAD_DATA (the slots are too short for the names).
 * Source: Linux kernel/kallsyms.c kallsyms_sym_address().
 */
struct trail_error *trail_kallsyms_place(const struct trail_kallsyms_raw *raw,
					 enum trail_kallsyms_addressing how,
					 struct trail_kallsyms *table) TRAIL_MUST_CHECK;

#endif
