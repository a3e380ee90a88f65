/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small compressed symbol table, in every addressing, whole and cut short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "format/kallsyms.h"

#define NONE (-1)
#define TOKEN_LONG 0x80	 /* 100 letters x */
#define TOKEN_PANIC 0x81 /* "panic" */
#define TOKEN_EMPTY 0x82 /* "" */
#define BASE UINT64_C(0xffffffff81000000)

/* Sections as scripts/kallsyms.c writes them: a token stands for itself unless it has a text above.
 */
struct sections {
	uint8_t tokens[1024], index[512];
	struct trail_kallsyms_raw raw;
};

static void make(struct sections *s, const void *names, size_t size, uint32_t n, bool big_endian)
{
	uint8_t *p = s->tokens;

	*s = (struct sections){ 0 };
	for (unsigned i = 0; i < 256; i++) {
		size_t at = p - s->tokens;
		s->index[2 * i + big_endian] = at & 0xff;
		s->index[2 * i + !big_endian] = at >> 8;
		if (i == TOKEN_LONG) {
			memset(p, 'x', 100);
			p += 100;
		} else if (i == TOKEN_PANIC) {
			memcpy(p, "panic", 5);
			p += 5;
		} else if (i != TOKEN_EMPTY) {
			*p++ = i;
		}
		*p++ = 0;
	}
	s->raw = (struct trail_kallsyms_raw){
		.n = n,
		.names = names,
		.names_size = size,
		.tokens = s->tokens,
		.tokens_size = p - s->tokens,
		.index = s->index,
		.index_size = sizeof(s->index),
		.base = BASE,
		.big_endian = big_endian,
		.long_names = true,
	};
}

static const char names[] = "\2Aa"
			    "\2T\x81"
			    "\4t\x81_2"
			    "\1D"
			    "\0"
			    "\5T\x80\x82"
			    "ab";

static void test_names(void **state)
{
	static const struct {
		const char *name;
		char type;
	} rows[] = { { "a", 'A' }, { "panic", 'T' }, { "panic_2", 't' }, { "", 'D' }, { "", '?' } };

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct sections s;
		struct trail_kallsyms table;
		make(&s, names, sizeof(names) - 1, 6, big_endian);
		assert_null(trail_kallsyms_decode(&s.raw, &table));
		assert_int_equal(table.n, 6);
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
			assert_int_equal(table.types[i], rows[i].type);
			assert_string_equal(table.text + table.names[i], rows[i].name);
		}
		assert_int_equal(strlen(table.text + table.names[5]), 102);
		trail_kallsyms_fini(&table);
		trail_kallsyms_fini(&table);
	}
}

static void test_addressing(void **state)
{
	static const uint8_t offsets[] = { 0x10, 0, 0, 0,    0xff, 0xff, 0xff, 0xff,
					   0,	 0, 0, 0x80, 0xff, 0xff, 0xff, 0x7f };
	static const uint8_t offsets_be[] = { 0,    0, 0, 0x10, 0xff, 0xff, 0xff, 0xff,
					      0x80, 0, 0, 0,	0x7f, 0xff, 0xff, 0xff };
	static const uint8_t wide[] = { 1,    0,    0,	  0,	0,    0, 0, 0, 0, 0,   0,
					0x81, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0,   0,
					0,    0,    2,	  0,	0,    0, 0, 0, 0, 0x80 };
	static const struct {
		const char *name;
		enum trail_kallsyms_addressing how;
		bool big_endian;
		const uint8_t *slots;
		size_t size;
		int code;
		uint64_t addresses[4];
	} rows[] = {
		{ "per-CPU absolute",
		  TRAIL_KALLSYMS_ABSOLUTE_PERCPU,
		  false,
		  offsets,
		  16,
		  NONE,
		  { 0x10, BASE, BASE + 0x7fffffff, 0x7fffffff } },
		{ "relative",
		  TRAIL_KALLSYMS_RELATIVE,
		  false,
		  offsets,
		  16,
		  NONE,
		  { BASE + 0x10, BASE + 0xffffffff, BASE + 0x80000000, BASE + 0x7fffffff } },
		{ "relative, big endian",
		  TRAIL_KALLSYMS_RELATIVE,
		  true,
		  offsets_be,
		  16,
		  NONE,
		  { BASE + 0x10, BASE + 0xffffffff, BASE + 0x80000000, BASE + 0x7fffffff } },
		{ "relative to the slot",
		  TRAIL_KALLSYMS_PC_RELATIVE,
		  false,
		  offsets,
		  16,
		  NONE,
		  { BASE + 0x1010, BASE + 0x1003, BASE + 0x1008 - 0x80000000,
		    BASE + 0x100c + 0x7fffffff } },
		{ "absolute",
		  TRAIL_KALLSYMS_ABSOLUTE,
		  false,
		  wide,
		  32,
		  NONE,
		  { 1, 0xffffffff81000000, 0, 0x8000000000000002 } },
		{ "slots cut",
		  TRAIL_KALLSYMS_RELATIVE,
		  false,
		  offsets,
		  15,
		  TRAIL_ERROR_BAD_DATA,
		  { 0 } },
		{ "wide slots cut",
		  TRAIL_KALLSYMS_ABSOLUTE,
		  false,
		  wide,
		  31,
		  TRAIL_ERROR_BAD_DATA,
		  { 0 } },
		{ "no slots",
		  TRAIL_KALLSYMS_PC_RELATIVE,
		  false,
		  NULL,
		  0,
		  TRAIL_ERROR_BAD_DATA,
		  { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct sections s;
		struct trail_kallsyms table;
		make(&s, names, sizeof(names) - 1, 4, rows[i].big_endian);
		s.raw.slots = rows[i].slots;
		s.raw.slots_size = rows[i].size;
		s.raw.slots_address = BASE + 0x1000;
		assert_null(trail_kallsyms_decode(&s.raw, &table));
		struct trail_error *err = trail_kallsyms_place(&s.raw, rows[i].how, &table);
		int code = err ? (int)err->code : NONE;
		trail_error_free(err);
		if (code != rows[i].code)
			fail_msg("%s: outcome %d", rows[i].name, code);
		for (size_t k = 0; code == NONE && k < 4; k++)
			if (table.addresses[k] != rows[i].addresses[k])
				fail_msg("%s: %zu is 0x%llx", rows[i].name, k,
					 (unsigned long long)table.addresses[k]);
		trail_kallsyms_fini(&table);
	}
}

/* A length with bit 7 set has a second byte since v6.1; before, it was a length of 128 to 255. */
static void test_long_names(void **state)
{
	uint8_t bytes[2 + 0x85 + 2 + 200];

	(void)state;
	memset(bytes, 'y', sizeof(bytes));
	bytes[0] = 0x85;
	bytes[1] = 0x01;
	bytes[2] = 'T';
	bytes[2 + 0x85] = 1;
	struct sections s;
	struct trail_kallsyms table;
	make(&s, bytes, sizeof(bytes), 2, false);
	assert_null(trail_kallsyms_decode(&s.raw, &table));
	assert_int_equal(table.types[0], 'T');
	assert_int_equal(strlen(table.text + table.names[0]), 0x84);
	assert_int_equal(table.types[1], 'y');
	trail_kallsyms_fini(&table);

	make(&s, bytes, sizeof(bytes), 1, false);
	s.raw.long_names = false;
	assert_null(trail_kallsyms_decode(&s.raw, &table));
	assert_int_equal(table.types[0], 1); /* what was the second byte */
	assert_int_equal(strlen(table.text + table.names[0]), 0x84);
	trail_kallsyms_fini(&table);
}

static void test_bad(void **state)
{
	static const struct {
		const char *name, *names;
		size_t names_size;
		uint32_t n;
		size_t tokens_cut, index_cut;
		int code;
	} rows[] = {
		{ "good", "\2Ta\2Tb", 6, 2, 0, 0, NONE },
		{ "no symbols", "\2Ta\2Tb", 6, 0, 0, 0, TRAIL_ERROR_LIMIT },
		{ "more than there can be", "\2Ta\2Tb", 6, TRAIL_KALLSYMS_MAX + 1, 0, 0,
		  TRAIL_ERROR_LIMIT },
		{ "more than bytes of names", "\2Ta\2Tb", 6, TRAIL_KALLSYMS_MAX, 0, 0,
		  TRAIL_ERROR_BAD_DATA },
		{ "a third symbol", "\2Ta\2Tb", 6, 3, 0, 0, TRAIL_ERROR_BAD_DATA },
		{ "name cut", "\2Ta\2Tb", 5, 2, 0, 0, TRAIL_ERROR_BAD_DATA },
		{ "second length byte cut", "\1a\x81", 3, 2, 0, 0, TRAIL_ERROR_BAD_DATA },
		{ "longer than a symbol can be", "\14T\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80",
		  13, 1, 0, 0, TRAIL_ERROR_BAD_DATA },
		{ "last token has no NUL", "\2Ta\2Tb", 6, 2, 1, 0, TRAIL_ERROR_BAD_DATA },
		{ "no tokens", "\2Ta\2Tb", 6, 2, 1000, 0, TRAIL_ERROR_BAD_DATA },
		{ "index cut", "\2Ta\2Tb", 6, 2, 0, 1, TRAIL_ERROR_BAD_DATA },
		{ "no index", "\2Ta\2Tb", 6, 2, 0, 512, TRAIL_ERROR_BAD_DATA },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct sections s;
		struct trail_kallsyms table = { 0 };
		make(&s, rows[i].names, rows[i].names_size, rows[i].n, false);
		s.raw.tokens_size -= TRAIL_MIN(rows[i].tokens_cut, s.raw.tokens_size);
		s.raw.index_size -= rows[i].index_cut;
		struct trail_error *err = trail_kallsyms_decode(&s.raw, &table);
		int code = err ? (int)err->code : NONE;
		trail_error_free(err);
		if (code != rows[i].code)
			fail_msg("%s: outcome %d", rows[i].name, code);
		if (err)
			assert_null(table.text);
		trail_kallsyms_fini(&table);
	}
}

/* Long names use up what was set aside, then come names of no bytes at all, each with its NUL. */
static void test_room(void **state)
{
	enum { LONG = 20, EMPTY = 3000 };
	static uint8_t bytes[LONG * 12 + EMPTY];

	(void)state;
	for (size_t empty = 0; empty < EMPTY; empty += 7) {
		uint8_t *p = bytes;
		for (size_t i = 0; i < LONG; i++) {
			memcpy(p, "\13T\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", 12);
			*p = 11;
			p += 12;
		}
		memset(p, 0, empty);
		struct sections s;
		struct trail_kallsyms table;
		make(&s, bytes, p - bytes + empty, LONG + empty, false);
		assert_null(trail_kallsyms_decode(&s.raw, &table));
		assert_int_equal(table.text_size, LONG * 1002 + empty);
		trail_kallsyms_fini(&table);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	   cmocka_unit_test(test_addressing),
		cmocka_unit_test(test_long_names), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests_name("kallsyms", tests, NULL, NULL);
}
