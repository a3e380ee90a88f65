/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ORC entries of both layouts and both register numberings, and telling them apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/orc.h"

enum { N = 256 };

/* Bits of an entry behind its offsets. */
#define BITS(sp, bp, type) ((sp) | (bp) << 4 | (type) << 8)

/* What most entries of a table of that layout look like. */
struct flavour {
	const char *name;
	uint16_t call;	/* counted from the stack pointer, bp unchanged */
	uint16_t saved; /* the same with bp saved */
	uint16_t from_bp, partial, gap;
};

static const struct flavour flavours[] = {
	{ "type2", BITS(5, 0, 0), BITS(5, 1, 0), BITS(4, 1, 0), BITS(5, 0, 2), BITS(0, 0, 0) },
	{ "type3", BITS(5, 0, 2), BITS(5, 1, 2), BITS(4, 1, 2), BITS(5, 0, 4), BITS(0, 0, 0) },
	{ "type3-7.x", BITS(3, 0, 2), BITS(3, 8, 2), BITS(4, 8, 2), BITS(3, 0, 4), BITS(0, 0, 0) },
};

static void put(uint8_t *p, int16_t sp_offset, int16_t bp_offset, uint16_t bits)
{
	const uint16_t values[] = { (uint16_t)sp_offset, (uint16_t)bp_offset, bits };

	for (int i = 0; i < 3; i++) {
		*p++ = values[i] & 0xff;
		*p++ = values[i] >> 8;
	}
}

/* Of 16 entries: @gaps gaps, @partial of interrupt frames, one from bp, the rest calls. */
static void fill(uint8_t *entries, const struct flavour *f, size_t gaps, size_t partial)
{
	for (size_t i = 0; i < N; i++, entries += 6) {
		size_t k = i % 16;
		if (k < gaps)
			put(entries, 0, 0, f->gap);
		else if (k < gaps + partial)
			put(entries, 168, 0, f->partial);
		else if (k == 15)
			put(entries, 16, -16, f->from_bp);
		else
			put(entries, 8 + 8 * (k % 5), k % 2 ? -16 : 0, k % 2 ? f->saved : f->call);
	}
}

static void test_tell(void **state)
{
	static const struct {
		size_t gaps, partial, n;
		bool told;
	} rows[] = {
		{ 0, 0, N, true },  { 2, 0, N, true },	 { 7, 0, N, true },   { 3, 2, N, true },
		{ 0, 0, 64, true }, { 14, 0, N, false }, { 2, 0, 63, false }, { 0, 0, 0, false },
	};

	(void)state;
	for (size_t l = 0; l < TRAIL_ARRAY_SIZE(flavours); l++) {
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
			uint8_t entries[N * TRAIL_ORC_SIZE];
			fill(entries, &flavours[l], rows[i].gaps, rows[i].partial);
			const struct trail_orc_layout *layout = trail_orc_tell(entries, rows[i].n);
			const char *got = layout ? layout->name : "none";
			if (strcmp(got, rows[i].told ? flavours[l].name : "none") != 0)
				fail_msg("%s, row %zu: told as %s", flavours[l].name, i, got);
		}
	}
	uint8_t other[N * TRAIL_ORC_SIZE] = { 0 };
	assert_null(trail_orc_tell(other, N));
	memset(other, 0xff, sizeof(other));
	assert_null(trail_orc_tell(other, N));
	memset(other, 0x55, sizeof(other));
	assert_null(trail_orc_tell(other, N));
}

static void test_decode(void **state)
{
	static const struct {
		const char *name;
		size_t layout; /* of the flavours */
		uint16_t bits;
		bool good;
		enum trail_orc_register sp, bp;
		enum trail_orc_type type;
	} rows[] = {
		{ "call", 0, BITS(5, 0, 0), true, TRAIL_ORC_SP, TRAIL_ORC_UNDEFINED,
		  TRAIL_ORC_CALL },
		{ "from bp", 0, BITS(4, 1, 0), true, TRAIL_ORC_BP, TRAIL_ORC_PREV_SP,
		  TRAIL_ORC_CALL },
		{ "dx", 0, BITS(2, 0, 0), true, TRAIL_ORC_DX, TRAIL_ORC_UNDEFINED, TRAIL_ORC_CALL },
		{ "di", 0, BITS(3, 0, 0), true, TRAIL_ORC_DI, TRAIL_ORC_UNDEFINED, TRAIL_ORC_CALL },
		{ "r10", 0, BITS(6, 8, 0), true, TRAIL_ORC_R10, TRAIL_ORC_BP_INDIRECT,
		  TRAIL_ORC_CALL },
		{ "r13", 0, BITS(7, 9, 0), true, TRAIL_ORC_R13, TRAIL_ORC_SP_INDIRECT,
		  TRAIL_ORC_CALL },
		{ "registers", 0, BITS(5, 0, 1), true, TRAIL_ORC_SP, TRAIL_ORC_UNDEFINED,
		  TRAIL_ORC_REGS },
		{ "interrupt", 0, BITS(5, 0, 2), true, TRAIL_ORC_SP, TRAIL_ORC_UNDEFINED,
		  TRAIL_ORC_REGS_PARTIAL },
		{ "type 3 of two bits", 0, BITS(5, 0, 3), false, 0, 0, 0 },
		{ "end", 0, BITS(0, 0, 4), true, TRAIL_ORC_UNDEFINED, TRAIL_ORC_UNDEFINED,
		  TRAIL_ORC_END },
		{ "end of v6.3", 0, BITS(0, 0, 8), true, TRAIL_ORC_UNDEFINED, TRAIL_ORC_UNDEFINED,
		  TRAIL_ORC_END },
		{ "signal of v6.3", 0, BITS(5, 0, 5), true, TRAIL_ORC_SP, TRAIL_ORC_UNDEFINED,
		  TRAIL_ORC_REGS },
		{ "gap", 0, BITS(0, 0, 0), true, TRAIL_ORC_UNDEFINED, TRAIL_ORC_UNDEFINED,
		  TRAIL_ORC_NONE },
		{ "no such register", 0, BITS(10, 0, 0), false, 0, 0, 0 },
		{ "no such bp register", 0, BITS(5, 10, 0), false, 0, 0, 0 },
		{ "call", 1, BITS(5, 1, 2), true, TRAIL_ORC_SP, TRAIL_ORC_PREV_SP, TRAIL_ORC_CALL },
		{ "registers, signal", 1, BITS(5, 0, 11), true, TRAIL_ORC_SP, TRAIL_ORC_UNDEFINED,
		  TRAIL_ORC_REGS },
		{ "interrupt", 1, BITS(9, 0, 4), true, TRAIL_ORC_SP_INDIRECT, TRAIL_ORC_UNDEFINED,
		  TRAIL_ORC_REGS_PARTIAL },
		{ "gap", 1, BITS(0, 0, 0), true, TRAIL_ORC_UNDEFINED, TRAIL_ORC_UNDEFINED,
		  TRAIL_ORC_NONE },
		{ "end", 1, BITS(0, 0, 1), true, TRAIL_ORC_UNDEFINED, TRAIL_ORC_UNDEFINED,
		  TRAIL_ORC_END },
		{ "type 5 of three bits", 1, BITS(5, 0, 5), false, 0, 0, 0 },
		{ "no such register", 1, BITS(10, 0, 2), false, 0, 0, 0 },
		{ "call", 2, BITS(3, 8, 2), true, TRAIL_ORC_SP, TRAIL_ORC_PREV_SP, TRAIL_ORC_CALL },
		{ "ax", 2, BITS(1, 0, 2), true, TRAIL_ORC_AX, TRAIL_ORC_UNDEFINED, TRAIL_ORC_CALL },
		{ "dx", 2, BITS(2, 0, 2), true, TRAIL_ORC_DX, TRAIL_ORC_UNDEFINED, TRAIL_ORC_CALL },
		{ "from bp", 2, BITS(4, 10, 2), true, TRAIL_ORC_BP, TRAIL_ORC_BP_INDIRECT,
		  TRAIL_ORC_CALL },
		{ "di", 2, BITS(5, 0, 3), true, TRAIL_ORC_DI, TRAIL_ORC_UNDEFINED, TRAIL_ORC_REGS },
		{ "r10", 2, BITS(6, 0, 2), true, TRAIL_ORC_R10, TRAIL_ORC_UNDEFINED,
		  TRAIL_ORC_CALL },
		{ "r13", 2, BITS(7, 9, 2), true, TRAIL_ORC_R13, TRAIL_ORC_SP_INDIRECT,
		  TRAIL_ORC_CALL },
		{ "no such register", 2, BITS(11, 0, 2), false, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		uint8_t entries[N * TRAIL_ORC_SIZE], bytes[TRAIL_ORC_SIZE];
		struct trail_orc_entry e = { 0 };
		const char *layout = flavours[rows[i].layout].name;

		fill(entries, &flavours[rows[i].layout], 1, 0);
		put(bytes, 0x7ff8, -0x7ff8, rows[i].bits);
		if (trail_orc_decode(trail_orc_tell(entries, N), bytes, &e) != rows[i].good)
			fail_msg("%s, %s: decoded or not", layout, rows[i].name);
		if (!rows[i].good)
			continue;
		if (e.sp_register != rows[i].sp || e.bp_register != rows[i].bp ||
		    e.type != rows[i].type)
			fail_msg("%s, %s: sp register %d, bp register %d, type %d", layout,
				 rows[i].name, e.sp_register, e.bp_register, e.type);
		assert_int_equal(e.sp_offset, 0x7ff8);
		assert_int_equal(e.bp_offset, -0x7ff8);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tell),
		cmocka_unit_test(test_decode),
	};

	return cmocka_run_group_tests_name("orc", tests, NULL, NULL);
}
