/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms: the symbol table that a kernel carries in its own memory, names
 * compressed by a table of 256 tokens.  Sections as scripts/kallsyms.c writes
 * them → names and addresses, each read only when it is asked for.
 */
#ifndef TRAIL_FORMAT_KALLSYMS_H
#define TRAIL_FORMAT_KALLSYMS_H

#include "base/base.h"
#include "base/lazy.h"

struct trail_error;

enum {
	TRAIL_KALLSYMS_MAX = 4 * 1000 * 1000, /* symbols; distributions' kernels have 0.1 to 0.2
						 million */
	TRAIL_KALLSYMS_NAME = 1024,	      /* bytes of a name with its type and NUL */
	TRAIL_KALLSYMS_TOKENS = 256,
	TRAIL_KALLSYMS_GROUP = 256, /* symbols from one marker to the next */
};

/** How a slot of kallsyms_offsets becomes an address. */
enum trail_kallsyms_addressing {
	/* s32: >= 0 is the address itself (per-CPU), < 0 is base - 1 - slot;
	   CONFIG_KALLSYMS_ABSOLUTE_PERCPU */
	TRAIL_KALLSYMS_ABSOLUTE_PERCPU,
	TRAIL_KALLSYMS_RELATIVE,    /* u32: base + slot */
	TRAIL_KALLSYMS_PC_RELATIVE, /* s32: address of the slot + slot; since v7.0 or so */
	TRAIL_KALLSYMS_ABSOLUTE,    /* u64: the address; kallsyms_addresses */
};

/** Symbols by the hash of their name's stem, which ends at the first dot: those of one bucket stand
 * together, in table order. */
struct trail_kallsyms_index {
	uint32_t *hashes;  /* n, by symbol */
	uint32_t *symbols; /* by bucket */
	uint32_t *starts;  /* in symbols: of bucket b at b + 1; the next one's is its end */
	struct trail_error *problem; /* why some names could not be read; owned */
};

/** A table. */
struct trail_kallsyms {
	uint32_t n; /* kallsyms_num_syms */
	enum trail_kallsyms_addressing how;
	struct trail_lazy names; /* kallsyms_names and what follows it, the markers among it */
	struct trail_lazy slots; /* kallsyms_offsets or kallsyms_addresses */
	uint64_t base;		 /* kallsyms_relative_base */
	bool big_endian;
	bool long_names;   /* lengths of two bytes where bit 7 is set; since v6.1 */
	uint32_t *groups;  /* where each group of names begins, from the markers */
	uint32_t n_groups; /* as far as it is known */
	char *token_text;
	struct {
		uint16_t start, length;
	} tokens[TRAIL_KALLSYMS_TOKENS];
	struct trail_kallsyms_index index;
};

/** A symbol's own. */
struct trail_kallsyms_symbol {
	char name[TRAIL_KALLSYMS_NAME];
	char type; /* letter as nm(1) prints it; '?' where the table has none */
};

/**
 * Take the tokens, and find the markers.  @table has n, names, slots, base, big_endian and
 * long_names; what it holds is trail_kallsyms_fini()'s also after an error.
 *
 * @tokens  kallsyms_token_table; @index: kallsyms_token_index, 256 u16
 *
 * Errors: NOMEM, BAD_DATA (a token leaves its section), LIMIT.
 * Source: Linux scripts/kallsyms.c write_src(): the markers stand right before the tokens, but in
 * v6.2 to v6.5 and in the 6.1.y that took it, where kallsyms_seqs_of_names stands between.
 */
struct trail_error *trail_kallsyms_init(struct trail_kallsyms *table, const void *tokens,
					size_t tokens_size, const void *index,
					size_t index_size) TRAIL_MUST_CHECK;
void trail_kallsyms_fini(struct trail_kallsyms *table);

/**
 * Name and type of a symbol.
 *
 * Errors: BAD_DATA (no such symbol, or its name leaves the section), those of the readers.
 * Source: Linux kernel/kallsyms.c get_symbol_offset(), kallsyms_expand_symbol(); two-byte lengths
 * since v6.1 ("kallsyms: support \"big\" kernel symbols").
 */
struct trail_error *trail_kallsyms_name(struct trail_kallsyms *table, uint32_t i,
					struct trail_kallsyms_symbol *ret) TRAIL_MUST_CHECK;

/** Bytes of a slot. */
size_t trail_kallsyms_slot_width(enum trail_kallsyms_addressing how);

/**
 * The address that @slot, which stands at the address @at, says.
 *
 * @base  kallsyms_relative_base, of the first two
 *
 * Source: Linux kernel/kallsyms.c kallsyms_sym_address().
 */
uint64_t trail_kallsyms_slot_address(enum trail_kallsyms_addressing how, uint64_t base, uint64_t at,
				     uint64_t slot);

/**
 * Address of a symbol, by @table->how.
 *
 * Errors: BAD_DATA (no such symbol), those of the readers.
 * Source: Linux kernel/kallsyms.c kallsyms_sym_address().
 */
struct trail_error *trail_kallsyms_address(struct trail_kallsyms *table, uint32_t i,
					   uint64_t *ret) TRAIL_MUST_CHECK;

/** Told of each symbol; false ends the walk. */
typedef bool trail_kallsyms_fn(uint32_t i, const struct trail_kallsyms_symbol *symbol, void *data);

/**
 * Every symbol whose name is @stem, or @stem, a dot and more, in table order; the first such
 * question reads all names.  table->index.problem tells afterwards why some could not be read.
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_kallsyms_each(struct trail_kallsyms *table, const char *stem,
					trail_kallsyms_fn *fn, void *data) TRAIL_MUST_CHECK;

/**
 * The last of the symbols that lie at or below an address, and the first above it.
 *
 * @above_ret  table->n when there is none
 *
 * Errors: ABSENT (it lies below the first), those of the readers.
 */
struct trail_error *trail_kallsyms_at(struct trail_kallsyms *table, uint64_t address, uint32_t *ret,
				      uint32_t *above_ret) TRAIL_MUST_CHECK;

#endif
