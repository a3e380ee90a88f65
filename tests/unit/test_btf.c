/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small type table built here: members by name, bad tables, types that go in circles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/lazy_bytes.h"
#include "base/error.h"
#include "format/btf.h"

#define NONE (-1)

enum {
	INT = 1,
	PTR,
	ARRAY,
	STRUCT,
	UNION,
	ENUM,
	FWD,
	TYPEDEF,
	VOLATILE,
	CONST,
	FUNC = 12,
	PROTO,
	VAR,
	DATASEC,
	FLOAT,
	DECL_TAG,
	TYPE_TAG,
	ENUM64
};

/* Names, each at the offset of its enumerator; "y" is also the end of "entry" and "try". */
static const char strings[] = "\0entry\0try\0y\0s\0a\0b\0c\0bits\0list\0loop\0name\0end";
enum {
	ANON = 0,
	N_ENTRY = 1,
	N_TRY = 7,
	N_Y = 11,
	N_S = 13,
	N_A = 15,
	N_B = 17,
	N_C = 19,
	N_BITS = 21,
	N_LIST = 26,
	N_LOOP = 31,
	N_NAME = 36
};

#define INFO(kind, vlen) ((uint32_t)(kind) << 24 | (vlen))
#define FLAG (UINT32_C(1) << 31)

/* clang-format off */
static const uint32_t good[] = {
	/* 1 */  N_A, INFO(INT, 0), 4, 1 << 24 | 32,		/* signed */
	/* 2 */  N_B, INFO(INT, 0), 8, 64,
	/* 3 */  ANON, INFO(UNION, 2), 8, N_A, 1, 0, N_B, 2, 0,
	/* 4 */  ANON, INFO(ARRAY, 0), 0, 1, 2, 6,		/* int[6] */
	/* 5 */  ANON, INFO(PTR, 0), 10,
	/* 6 */  N_C, INFO(TYPEDEF, 0), 7,
	/* 7 */  ANON, INFO(CONST, 0), 8,
	/* 8 */  ANON, INFO(VOLATILE, 0), 2,
	/* 9 */  N_LIST, INFO(STRUCT, 2), 16, N_ENTRY, 5, 0, N_TRY, 5, 64,
	/* 10 */ N_S, INFO(FWD, 0), 0,				/* before the struct itself */
	/* 11 */ N_S, INFO(STRUCT, 10) | FLAG, 400,
		ANON, 3, 64, N_LIST, 9, 128, N_NAME, 4, 256, N_C, 6, 448, N_Y, 12, 512,
		N_BITS, 1, 3 << 24 | 581, N_TRY, 13, 640, N_ENTRY, 15, 704, N_LOOP, 16, 1600, N_S, 19, 1664,
	/* 12 */ N_C, INFO(ENUM, 1), 4, N_A, 0,
	/* 13 */ ANON, INFO(ENUM64, 1) | FLAG, 8, N_A, 0, 0,	/* signed */
	/* 14 */ ANON, INFO(ARRAY, 0), 0, 9, 2, 3,		/* struct list[3] */
	/* 15 */ ANON, INFO(ARRAY, 0), 0, 14, 2, 2,		/* struct list[2][3] */
	/* 16 */ ANON, INFO(TYPE_TAG, 0), 5,
	/* 17 */ N_A, INFO(DECL_TAG, 0), 11, UINT32_MAX,
	/* 18 */ N_A, INFO(FUNC, 0), 20,
	/* 19 */ N_A, INFO(FLOAT, 0), 8,
	/* 20 */ ANON, INFO(PROTO, 1), 1, N_A, 1,
	/* 21 */ N_A, INFO(VAR, 0), 1, 0,
	/* 22 */ N_A, INFO(DATASEC, 1), 4, 21, 0, 4,
	/* 23 */ N_ENTRY, INFO(UNION, 2), 8, N_A, 1, 0, N_S, 18, 0,
};

static const uint32_t circles[] = {
	/* 1 */ N_A, INFO(TYPEDEF, 0), 2,
	/* 2 */ ANON, INFO(CONST, 0), 1,
	/* 3 */ ANON, INFO(ARRAY, 0), 0, 3, 3, 2,
	/* 4 */ ANON, INFO(STRUCT, 3), 8, ANON, 4, 0, ANON, 4, 8, ANON, 4, 16,
	/* 5 */ N_S, INFO(STRUCT, 6), 8, ANON, 4, 0, N_A, 1, 0, N_B, 3, 0, N_C, 77, 0, N_S, 5, 0, N_Y, 0, 0,
	/* 6 */ ANON, INFO(ARRAY, 0), 0, 8, 8, UINT32_MAX,
	/* 7 */ ANON, INFO(ARRAY, 0), 0, 6, 8, UINT32_MAX,
	/* 8 */ N_A, INFO(INT, 0), 16, 128,
	/* 9 */ N_LIST, INFO(STRUCT, 2), 8, N_A, 7, 0, N_B, 8, 8,
};
/* clang-format on */

struct table {
	uint8_t bytes[24 + 2048];
	size_t size;
	struct lazy_bytes source;
	struct trail_lazy lazy;
};

static struct trail_error *open_table(struct table *t, size_t size, bool big_endian,
				      struct trail_btf **ret)
{
	t->source = (struct lazy_bytes){ .data = t->bytes, .size = size };
	assert_null(lazy_bytes_open(&t->source, &t->lazy));
	return trail_btf_new(&t->lazy, big_endian, ret);
}

static void put(struct table *t, uint32_t value, size_t width, bool big_endian)
{
	for (size_t i = 0; i < width; i++)
		t->bytes[t->size++] = value >> 8 * (big_endian ? width - 1 - i : i);
}

static void make(struct table *t, const uint32_t *types, size_t n, bool big_endian)
{
	const uint32_t header[] = { 24, 0, n * 4, n * 4, sizeof(strings) };

	t->size = 0;
	put(t, 0xeb9f, 2, big_endian);
	put(t, 1, 1, big_endian);
	put(t, 0, 1, big_endian);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(header); i++)
		put(t, header[i], 4, big_endian);
	for (size_t i = 0; i < n; i++)
		put(t, types[i], 4, big_endian);
	memcpy(t->bytes + t->size, strings, sizeof(strings));
	t->size += sizeof(strings);
}

static void test_members(void **state)
{
	static const struct {
		const char *type, *path;
		bool found;
		uint64_t offset, size;
		bool is_signed;
	} rows[] = {
		{ "s", "a", true, 8, 4, true }, /* of the anonymous union */
		{ "s", "b", true, 8, 8, false },
		{ "s", "list", true, 16, 16, false },
		{ "s", "list.entry", true, 16, 8, false },
		{ "s", "list.try", true, 24, 8, false },
		{ "s", "name", true, 32, 24, true },
		{ "s", "c", true, 56, 8, false }, /* typedef const volatile */
		{ "s", "y", true, 64, 4, false }, /* enum */
		{ "s", "bits", true, 72, 0, false },
		{ "s", "try", true, 80, 8, true }, /* enum64 */
		{ "s", "entry", true, 88, 96, false },
		{ "s", "loop", true, 200, 8, false }, /* tagged pointer */
		{ "s", "s", true, 208, 8, false },
		{ "list", "try", true, 8, 8, false },
		{ "entry", "a", true, 0, 4, true },   /* a union */
		{ "entry", "s", false, 0, 0, false }, /* a function has no size */
		{ "s", "none", false, 0, 0, false },
		{ "s", "end", false, 0, 0, false }, /* the last string */
		{ "s", "", false, 0, 0, false },
		{ "s", "list.", false, 0, 0, false },
		{ "s", ".list", false, 0, 0, false },
		{ "s", "list..try", false, 0, 0, false },
		{ "s", "list.a", false, 0, 0, false },
		{ "s", "a.a", false, 0, 0, false },
		{ "s", "bits.a", false, 0, 0, false },
		{ "s", "loop.entry", false, 0, 0, false }, /* not through a pointer */
		{ "c", "a", false, 0, 0, false },	   /* a typedef, an enum */
		{ "", "a", false, 0, 0, false },
		{ "none", "a", false, 0, 0, false },
	};

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct table t;
		struct trail_btf *btf;
		make(&t, good, TRAIL_ARRAY_SIZE(good), big_endian);
		assert_null(open_table(&t, t.size, big_endian, &btf));
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
			struct trail_member m = { 0 };
			bool found = trail_btf_member(btf, rows[i].type, rows[i].path, &m);
			if (found != rows[i].found || m.offset != rows[i].offset ||
			    m.size != rows[i].size || m.is_signed != rows[i].is_signed)
				fail_msg("%s.%s: %d, offset %llu, size %llu, signed %d",
					 rows[i].type, rows[i].path, found,
					 (unsigned long long)m.offset, (unsigned long long)m.size,
					 m.is_signed);
		}
		uint64_t size = 0;
		assert_true(trail_btf_size(btf, "s", &size));
		assert_int_equal(size, 400);
		assert_false(trail_btf_size(btf, "c", &size));
		assert_false(trail_btf_size(btf, "none", &size));
		assert_null(trail_btf_problem(btf));
		trail_btf_free(btf);
		trail_lazy_fini(&t.lazy);
	}
	trail_btf_free(NULL);
}

static void test_circles(void **state)
{
	static const struct {
		const char *type, *path;
		bool found;
	} rows[] = {
		{ "s", "a", false }, /* typedef and const of each other */
		{ "s", "b", false }, /* array of itself */
		{ "s", "c", false }, /* no such type; and anonymous structs that hold themselves */
		{ "s", "y", false }, /* void */
		{ "s", "s.s.s", false }, /* behind the anonymous structs */
		{ "list", "a", false },	 /* 2^68 bytes */
		{ "list", "b", true },
	};
	struct table t;
	struct trail_btf *btf;

	(void)state;
	make(&t, circles, TRAIL_ARRAY_SIZE(circles), false);
	assert_null(open_table(&t, t.size, false, &btf));
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_member m;
		if (trail_btf_member(btf, rows[i].type, rows[i].path, &m) != rows[i].found)
			fail_msg("%s.%s", rows[i].type, rows[i].path);
	}
	trail_btf_free(btf);
	trail_lazy_fini(&t.lazy);
}

static void test_bad(void **state)
{
	static const struct {
		const char *name;
		size_t at; /* a 32-bit field of the table, set to value */
		uint32_t value;
		size_t cut; /* bytes off the end */
		int code;
	} rows[] = {
		{ "good", 4, 24, 0, NONE },
		{ "magic", 0, 0x9feb, 0, TRAIL_ERROR_BAD_DATA },
		{ "header past the end", 4, 0xfffffff0, 0, TRAIL_ERROR_BAD_DATA },
		{ "types past the end", 8, 0xfffffff0, 0, TRAIL_ERROR_BAD_DATA },
		{ "too many types", 12, 0xfffffff0, 0, TRAIL_ERROR_BAD_DATA },
		{ "type cut", 12, sizeof(good) - 1, 0, TRAIL_ERROR_BAD_DATA },
		{ "type header cut", 12, 18, 0, TRAIL_ERROR_BAD_DATA },
		{ "strings past the end", 16, 0x7fffffff, 0, TRAIL_ERROR_BAD_DATA },
		{ "too many strings", 20, sizeof(strings) + 1, 0, TRAIL_ERROR_BAD_DATA },
		{ "no types", 12, 0, 0, NONE },
		{ "no strings", 20, 0, 0, NONE },
		{ "kind 0", 28, 0, 0, TRAIL_ERROR_BAD_DATA },
		{ "type header cut behind its kind", 12, 8, 0, TRAIL_ERROR_BAD_DATA },
		{ "kind 20", 28, INFO(20, 0), 0, TRAIL_ERROR_BAD_DATA },
		{ "more members than bytes", 28, INFO(STRUCT, 0xffff), 0, TRAIL_ERROR_BAD_DATA },
		{ "strings cut", 4, 24, 1, TRAIL_ERROR_BAD_DATA },
		{ "header cut", 4, 24, sizeof(good) + sizeof(strings) + 1, TRAIL_ERROR_BAD_DATA },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct table t;
		struct trail_btf *btf = NULL;
		struct trail_member m;
		make(&t, good, TRAIL_ARRAY_SIZE(good), false);
		for (size_t k = 0; k < 4; k++)
			t.bytes[rows[i].at + k] = rows[i].value >> 8 * k;
		struct trail_error *err = open_table(&t, t.size - rows[i].cut, false, &btf);
		const struct trail_error *problem = err;
		if (!err) { /* what is wrong with a type is found when it is looked for */
			bool found = trail_btf_member(btf, "entry", "a", &m);
			problem = trail_btf_problem(btf);
			if (found != (i == 0))
				fail_msg("%s: found %d", rows[i].name, found);
		}
		int code = problem ? (int)problem->code : NONE;
		if (code != rows[i].code)
			fail_msg("%s: outcome %d", rows[i].name, code);
		trail_error_free(err);
		trail_btf_free(btf);
		trail_lazy_fini(&t.lazy);
	}
}

/* Types before a part that cannot be read are found; those behind it may still be there. */
static void test_hole(void **state)
{
	enum { TYPES = 2000 };
	static uint32_t types[TYPES * 3 + 6];
	static uint8_t bytes[24 + sizeof(types) + sizeof(strings)];
	const uint32_t header[] = {
		0x0001eb9f, 24, 0, sizeof(types), sizeof(types), sizeof(strings)
	};
	const uint32_t list[] = { N_LIST, INFO(STRUCT, 0), 16 }, s[] = { N_S, INFO(STRUCT, 0), 8 };
	struct lazy_bytes source = { .data = bytes,
				     .size = sizeof(bytes),
				     .hole = 2 * TRAIL_LAZY_PART,
				     .hole_end = 2 * TRAIL_LAZY_PART + 1 };
	struct trail_lazy lazy;
	struct trail_btf *btf;
	uint64_t size;

	(void)state;
	for (size_t i = 0; i < TYPES; i++)
		types[3 * i + 4] = INFO(PTR, 0);
	memcpy(types, list, sizeof(list));
	memcpy(types + TYPES * 3 + 3, s, sizeof(s));
	memcpy(bytes, header, sizeof(header));
	memcpy(bytes + 24, types, sizeof(types));
	memcpy(bytes + 24 + sizeof(types), strings, sizeof(strings));
	assert_null(lazy_bytes_open(&source, &lazy));
	assert_null(trail_btf_new(&lazy, false, &btf));
	assert_true(trail_btf_size(btf, "list", &size));
	assert_int_equal(size, 16);
	assert_null(trail_btf_problem(btf));
	assert_false(trail_btf_size(btf, "s", &size));
	assert_non_null(trail_btf_problem(btf));
	assert_int_equal(trail_btf_problem(btf)->code, TRAIL_ERROR_NODATA);
	assert_true(trail_btf_size(btf, "list", &size));
	trail_btf_free(btf);
	trail_lazy_fini(&lazy);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_circles),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_hole),
	};

	return cmocka_run_group_tests_name("btf", tests, NULL, NULL);
}
