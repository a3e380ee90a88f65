/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ORC entries of every layout → one struct; see orc.h. */
#include "format/orc.h"

#include "base/cursor.h"

/* clang-format off */
/* Source: Linux arch/x86/include/asm/orc_types.h up to v6.19. */
static const uint8_t registers_old[] = {
	TRAIL_ORC_UNDEFINED, TRAIL_ORC_PREV_SP, TRAIL_ORC_DX, TRAIL_ORC_DI, TRAIL_ORC_BP, TRAIL_ORC_SP,
	TRAIL_ORC_R10, TRAIL_ORC_R13, TRAIL_ORC_BP_INDIRECT, TRAIL_ORC_SP_INDIRECT,
};

/* Source: the same file in 7.2, where the registers were renumbered without a version field. */
static const uint8_t registers_new[] = {
	TRAIL_ORC_UNDEFINED, TRAIL_ORC_AX, TRAIL_ORC_DX, TRAIL_ORC_SP, TRAIL_ORC_BP, TRAIL_ORC_DI,
	TRAIL_ORC_R10, TRAIL_ORC_R13, TRAIL_ORC_PREV_SP, TRAIL_ORC_SP_INDIRECT, TRAIL_ORC_BP_INDIRECT,
};

/*
 * A row is a layout of the 16 bits behind the two offsets: sp_reg:4, bp_reg:4,
 * then the type.  To add one, add a row; trail_orc_tell() must be able to tell
 * it from the others.  Covered by tests/unit/test_orc.c.
 */
static const struct trail_orc_layout layouts[] = {
	/*
	 * type:2 (0 call, 1 regs, 2 regs partial), end:1; v4.14 to v6.2.  v6.3 has signal:1 before
	 * end:1 ("x86/unwind/orc: Add 'signal' field to ORC metadata").
	 */
	{ "type2",     2, registers_old, TRAIL_ARRAY_SIZE(registers_old) },
	/* type:3 (0 undefined, 1 end, 2 call, 3 regs, 4 regs partial), signal:1; since v6.4 */
	{ "type3",     3, registers_old, TRAIL_ARRAY_SIZE(registers_old) },
	{ "type3-7.x", 3, registers_new, TRAIL_ARRAY_SIZE(registers_new) },
};

static const uint8_t types_of_2[] = { TRAIL_ORC_CALL, TRAIL_ORC_REGS, TRAIL_ORC_REGS_PARTIAL };
static const uint8_t types_of_3[] = {
	TRAIL_ORC_NONE, TRAIL_ORC_END, TRAIL_ORC_CALL, TRAIL_ORC_REGS, TRAIL_ORC_REGS_PARTIAL,
};
/* clang-format on */

bool trail_orc_decode(const struct trail_orc_layout *layout, const uint8_t *entry,
		      struct trail_orc_entry *ret)
{
	struct trail_cursor c = trail_cursor_over(entry, TRAIL_ORC_SIZE, 0, "ORC entry", false);
	struct trail_orc_entry e = { .sp_offset = (int16_t)trail_cursor_u16(&c),
				     .bp_offset = (int16_t)trail_cursor_u16(&c) };
	unsigned bits = trail_cursor_u16(&c), sp = bits & 15, bp = bits >> 4 & 15;

	if (sp >= layout->n_registers || bp >= layout->n_registers)
		return false;
	e.sp_register = layout->registers[sp];
	e.bp_register = layout->registers[bp];
	if (layout->type_bits == 2) {
		unsigned type = bits >> 8 & 3;
		if (type >= TRAIL_ARRAY_SIZE(types_of_2))
			return false;
		e.type = types_of_2[type];
		if (e.sp_register == TRAIL_ORC_UNDEFINED) /* with neither, none has a signal bit */
			e.type = bits >> 10 & 3 ? TRAIL_ORC_END : TRAIL_ORC_NONE;
	} else {
		unsigned type = bits >> 8 & 7;
		if (type >= TRAIL_ARRAY_SIZE(types_of_3))
			return false;
		e.type = types_of_3[type];
	}
	*ret = e;
	return true;
}

/*
 * A call of one layout is none of the others: the type "call" of each is another type in the
 * next, and 7.x counts from di what others count from the stack pointer.  So the most calls win.
 * Half of the rows must be: fewer can be calls in thunks, where every other row is a gap, but
 * also entry code ("regs partial" of type2) of another layout.
 */
const struct trail_orc_layout *trail_orc_tell(const uint8_t *entries, size_t n)
{
	const struct trail_orc_layout *best = NULL;
	size_t most = n / 2;

	if (n < 64)
		return NULL;
	for (size_t l = 0; l < TRAIL_ARRAY_SIZE(layouts); l++) {
		size_t good = 0;

		for (size_t i = 0; i < n; i++) {
			struct trail_orc_entry e;
			good += trail_orc_decode(&layouts[l], entries + i * TRAIL_ORC_SIZE, &e) &&
				e.type == TRAIL_ORC_CALL &&
				(e.sp_register == TRAIL_ORC_SP || e.sp_register == TRAIL_ORC_BP) &&
				e.sp_offset > 0 && e.sp_offset % 8 == 0;
		}
		if (good > most) {
			most = good;
			best = &layouts[l];
		}
	}
	return best;
}
