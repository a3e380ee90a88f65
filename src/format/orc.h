/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ORC: the unwind rows that an x86_64 kernel carries in its own memory. */
#ifndef TRAIL_FORMAT_ORC_H
#define TRAIL_FORMAT_ORC_H

#include "base/base.h"

enum { TRAIL_ORC_SIZE = 6 }; /* bytes of an entry, in every version */

/** Register that an address is counted from. */
enum trail_orc_register {
	TRAIL_ORC_UNDEFINED,
	TRAIL_ORC_PREV_SP,
	TRAIL_ORC_AX,
	TRAIL_ORC_DX,
	TRAIL_ORC_DI,
	TRAIL_ORC_BP,
	TRAIL_ORC_SP,
	TRAIL_ORC_R10,
	TRAIL_ORC_R13,
	TRAIL_ORC_BP_INDIRECT,
	TRAIL_ORC_SP_INDIRECT,
};

enum trail_orc_type {
	TRAIL_ORC_NONE, /* no row: not code that can be unwound */
	TRAIL_ORC_END,
	TRAIL_ORC_CALL,
	TRAIL_ORC_REGS,		/* a whole struct pt_regs lies at the computed address */
	TRAIL_ORC_REGS_PARTIAL, /* only ip, cs, flags, sp, ss of one */
};

struct trail_orc_entry {
	int16_t sp_offset, bp_offset;
	enum trail_orc_register sp_register, bp_register;
	enum trail_orc_type type;
};

/** How the bits of an entry are laid out and the registers numbered. */
struct trail_orc_layout {
	const char *name;
	uint8_t type_bits; /* 2, then the "end" bit (v6.3: a "signal" bit between); or 3, with
			      "undefined" and "end" as types */
	const uint8_t *registers; /* enum trail_orc_register by number */
	size_t n_registers;
};

/**
 * Tell the layout by the entries themselves: a sample of the table, more than
 * half of which is plain code, counted from the stack pointer, of type call.
 *
 * @entries  at least 64 entries of TRAIL_ORC_SIZE bytes, little endian; some hundred are
 *           needed to outweigh entry code
 * NULL when no layout fits.
 */
const struct trail_orc_layout *trail_orc_tell(const uint8_t *entries, size_t n);

/** Decode one entry; false when its type or a register is none of the layout's. */
bool trail_orc_decode(const struct trail_orc_layout *layout, const uint8_t *entry,
		      struct trail_orc_entry *ret);

#endif
