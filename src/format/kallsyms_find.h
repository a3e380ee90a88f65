/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in a kernel's memory its kallsyms lies, told by what the tables look
 * like: for kernels whose VMCOREINFO does not say, which is before v6.0.
 *
 * The slots (kallsyms_offsets or kallsyms_addresses) are the landmark: they
 * ascend over a hundred pages, which nothing else does, so a few pages tell.
 * All else is at known places before or behind them.  A find counts only when
 * the tokens agree with their index, the markers with the names and the count,
 * and a symbol that is known from elsewhere comes out at its address.
 */
#ifndef TRAIL_FORMAT_KALLSYMS_FIND_H
#define TRAIL_FORMAT_KALLSYMS_FIND_H

#include "base/base.h"
#include "format/kallsyms.h"

struct trail_error;

/** A symbol whose address is known. */
struct trail_kallsyms_known {
	const char *name;
	uint64_t address;
};

/** The memory that is searched. */
struct trail_kallsyms_memory {
	uint64_t first, end; /* address of the kernel's first symbol; end of the search */
	/**
	 * Read @n bytes of kernel memory.  @look: only to see what is there; what a find rests on
	 * is read again without it.  An error other than NOMEM and LIMIT: it is not there.
	 */
	struct trail_error *(*read)(void *data, uint64_t address, void *to, size_t n, bool look);
	void *data;
	const struct trail_kallsyms_known *known; /* one of them must come out */
	size_t n_known;
	bool big_endian;
};

/** Addresses of the sections. */
struct trail_kallsyms_sections {
	uint32_t n; /* kallsyms_num_syms */
	enum trail_kallsyms_addressing how;
	uint64_t num_syms, names, markers, tokens, index, slots;
	uint64_t base, base_at; /* kallsyms_relative_base and where it stands; 0: there is none */
	uint8_t marker_size;	/* 4; before v4.20 of an unsigned long */
};

/**
 * Find the tables.
 *
 * Errors: ABSENT (none in that memory), LIMIT, NOMEM.
 * Source: Linux scripts/kallsyms.c write_src().  In this order:
 * - offsets (addresses before v4.6), base (none before v4.6), count, names, markers, tokens, index;
 *   from v6.2 to v6.3, and in 6.1 stable, three bytes a symbol before the tokens
 *   ("kallsyms: Improve the performance of kallsyms_lookup_name()");
 * - since v6.4 count, names, markers, tokens, index, offsets, base; 7.x has no base, and its names
 *   follow the count without a gap.
 */
struct trail_error *trail_kallsyms_find(const struct trail_kallsyms_memory *memory,
					struct trail_kallsyms_sections *ret) TRAIL_MUST_CHECK;

#endif
