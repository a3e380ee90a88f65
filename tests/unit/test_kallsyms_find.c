/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's memory with a symbol table of each layout in it, whole and with one thing wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "format/kallsyms_find.h"

#define KNOWN "symbol_0000006789"
#define START UINT64_C(0xffffffffa1000000)

enum {
	PAGE = 4096,
	TABLES = 1 << 16, /* where the sections begin, in the memory */
	SIZE = 1 << 19,
	SYMBOLS = 9001, /* no multiple of anything */
	LARGE = 100001,
	PER_CPU = 300,
	APART = 96, /* bytes between two symbols */
	TOKENS = 256,
	TOKEN_WORD = 0x80, /* "symbol_" */
};

/* In which order the sections lie; 0 ends it. */
enum section { SLOTS = 1, BASE, COUNT, NAMES, MARKERS, SEQUENCE, TABLE, INDEX };

struct layout {
	const char *name;
	enum section order[9];
	enum trail_kallsyms_addressing how;
	unsigned marker_size, align;
};

/* Source: Linux scripts/kallsyms.c write_src() of v4.4, v4.19, v5.10, v6.1, v6.12 and 7.2. */
static const struct layout layouts[] = {
	{ "4.4", { SLOTS, COUNT, NAMES, MARKERS, TABLE, INDEX }, TRAIL_KALLSYMS_ABSOLUTE, 8, 8 },
	{ "4.19",
	  { SLOTS, BASE, COUNT, NAMES, MARKERS, TABLE, INDEX },
	  TRAIL_KALLSYMS_ABSOLUTE_PERCPU,
	  8,
	  8 },
	{ "5.10",
	  { SLOTS, BASE, COUNT, NAMES, MARKERS, TABLE, INDEX },
	  TRAIL_KALLSYMS_ABSOLUTE_PERCPU,
	  4,
	  8 },
	{ "5.10 without SMP",
	  { SLOTS, BASE, COUNT, NAMES, MARKERS, TABLE, INDEX },
	  TRAIL_KALLSYMS_RELATIVE,
	  4,
	  8 },
	{ "6.1",
	  { SLOTS, BASE, COUNT, NAMES, MARKERS, SEQUENCE, TABLE, INDEX },
	  TRAIL_KALLSYMS_ABSOLUTE_PERCPU,
	  4,
	  8 },
	{ "6.12",
	  { COUNT, NAMES, MARKERS, TABLE, INDEX, SLOTS, BASE, SEQUENCE },
	  TRAIL_KALLSYMS_ABSOLUTE_PERCPU,
	  4,
	  8 },
	{ "6.12 without SMP",
	  { COUNT, NAMES, MARKERS, TABLE, INDEX, SLOTS, BASE, SEQUENCE },
	  TRAIL_KALLSYMS_RELATIVE,
	  4,
	  8 },
	{ "7.2",
	  { COUNT, NAMES, MARKERS, TABLE, INDEX, SLOTS, SEQUENCE },
	  TRAIL_KALLSYMS_PC_RELATIVE,
	  4,
	  4 },
};

/* The memory of a kernel, and where each section of it lies. */
struct kernel {
	uint8_t *bytes;
	uint32_t n; /* symbols */
	size_t size, end, at[INDEX + 1];
	size_t missing; /* page that is not there, 0 for none */
	unsigned looks, reads;
	enum trail_error_code fails; /* what every read gives */
	bool is_failing;
};

static void put(struct kernel *k, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		k->bytes[k->end++] = value >> (8 * i);
}

static uint64_t address_of(const struct layout *l, uint32_t i)
{
	bool per_cpu = l->how == TRAIL_KALLSYMS_ABSOLUTE_PERCPU && i < PER_CPU;

	return per_cpu ? (uint64_t)i * 16 : START + (uint64_t)i * APART;
}

static void put_slots(struct kernel *k, const struct layout *l)
{
	for (uint32_t i = 0; i < k->n; i++) {
		uint64_t address = address_of(l, i), slot = START + k->end;
		switch (l->how) {
		case TRAIL_KALLSYMS_ABSOLUTE_PERCPU:
			put(k, address >> 63 ? START - 1 - address : address, 4);
			break;
		case TRAIL_KALLSYMS_RELATIVE:
			put(k, address - START, 4);
			break;
		case TRAIL_KALLSYMS_PC_RELATIVE:
			put(k, address - slot, 4);
			break;
		case TRAIL_KALLSYMS_ABSOLUTE:
			put(k, address, 8);
			break;
		}
	}
}

/* "Tsymbol_" and ten digits; each character is a token, "symbol_" one of its own. */
static void put_names(struct kernel *k, uint32_t *markers)
{
	size_t start = k->end;

	for (uint32_t i = 0; i < k->n; i++) {
		char number[16];
		size_t n = snprintf(number, sizeof(number), "%010u", i);
		if (i % 256 == 0)
			markers[i / 256] = k->end - start;
		put(k, n + 2, 1);
		put(k, 'T', 1);
		put(k, TOKEN_WORD, 1);
		memcpy(k->bytes + k->end, number, n);
		k->end += n;
	}
}

static void put_table(struct kernel *k, uint16_t *starts)
{
	size_t start = k->end;

	for (unsigned i = 0; i < TOKENS; i++) {
		char text[16] = { (char)i };
		if (i == TOKEN_WORD)
			strcpy(text, "symbol_");
		else if (i <= ' ' || i > '~')
			snprintf(text, sizeof(text), "t%x", i);
		starts[i] = k->end - start;
		memcpy(k->bytes + k->end, text, strlen(text) + 1);
		k->end += strlen(text) + 1;
	}
}

static void put_section(struct kernel *k, const struct layout *l, enum section section,
			uint32_t *markers, uint16_t *starts)
{
	k->end = (k->end + l->align - 1) / l->align * l->align;
	k->at[section] = k->end;
	switch (section) {
	case SLOTS:
		put_slots(k, l);
		break;
	case BASE:
		put(k, START, 8);
		break;
	case COUNT:
		put(k, k->n, 4);
		break;
	case NAMES:
		put_names(k, markers);
		break;
	case MARKERS:
		for (size_t i = 0; i < (k->n + 255) / 256; i++)
			put(k, markers[i], l->marker_size);
		break;
	case SEQUENCE:
		for (uint32_t i = 0; i < k->n; i++)
			put(k, i, 3);
		break;
	case TABLE:
		put_table(k, starts);
		break;
	case INDEX:
		for (size_t i = 0; i < TOKENS; i++)
			put(k, starts[i], 2);
		break;
	}
}

static struct kernel make_large(const struct layout *l, size_t tables, size_t size, uint32_t n)
{
	struct kernel k = { .bytes = calloc(1, size), .n = n, .size = size, .end = tables };
	uint32_t markers[LARGE / 256 + 1];
	uint16_t starts[TOKENS];

	assert_non_null(k.bytes);
	for (size_t i = 0; l->order[i]; i++)
		put_section(&k, l, l->order[i], markers, starts);
	return k;
}

static struct kernel make(const struct layout *l, size_t tables)
{
	return make_large(l, tables, SIZE, SYMBOLS);
}

/* Many pages of a table that ascends as slots do: of something else. */
static void add_decoy(struct kernel *k)
{
	for (uint32_t i = 0; i < 20 * PAGE / 4; i++) {
		uint32_t value = ~(i * 20);
		memcpy(k->bytes + SIZE - 40 * PAGE + i * 4, &value, 4);
	}
}

static struct trail_error *read_kernel(void *data, uint64_t address, void *to, size_t n, bool look)
{
	struct kernel *k = data;

	*(look ? &k->looks : &k->reads) += 1;
	if (k->is_failing)
		return trail_error_format(k->fails, "asked to");
	if (address < START || address + n > START + k->size ||
	    (k->missing && (address - START) / PAGE == k->missing))
		return trail_error_format(TRAIL_ERROR_NODATA, "not there");
	memcpy(to, k->bytes + (address - START), n);
	return NULL;
}

/* Any symbol of the table will do; this one is of no group that is looked at anyway. */
static struct trail_error *find(struct kernel *k, const char *name, uint64_t address,
				struct trail_kallsyms_sections *ret)
{
	const struct trail_kallsyms_known known[] = { { "_stext", START + 1 }, { name, address } };
	const struct trail_kallsyms_memory memory = {
		START, START + k->size, read_kernel, k, known, TRAIL_ARRAY_SIZE(known), false
	};

	return trail_kallsyms_find(&memory, ret);
}

static void expect(const struct layout *l, struct kernel *k, bool is_found)
{
	struct trail_kallsyms_sections t;
	struct trail_error *error = find(k, KNOWN, address_of(l, 6789), &t);

	if (!is_found) {
		assert_non_null(error);
		assert_int_equal(error->code, TRAIL_ERROR_ABSENT);
		trail_error_free(error);
		return;
	}
	if (error)
		fail_msg("%s: %s", l->name, error->message);
	assert_int_equal(t.n, k->n);
	assert_int_equal(t.how, l->how);
	assert_int_equal(t.slots, START + k->at[SLOTS]);
	assert_int_equal(t.num_syms, START + k->at[COUNT]);
	assert_int_equal(t.names, START + k->at[NAMES]);
	assert_int_equal(t.markers, START + k->at[MARKERS]);
	assert_int_equal(t.marker_size, l->marker_size);
	assert_int_equal(t.tokens, START + k->at[TABLE]);
	assert_int_equal(t.index, START + k->at[INDEX]);
	assert_int_equal(t.base_at, k->at[BASE] ? START + k->at[BASE] : 0);
	assert_int_equal(t.base, k->at[BASE] ? START : 0);
}

/* Wherever they lie in a page. */
static void test_layouts(void **state)
{
	static const size_t offsets[] = { 0, 3 * PAGE - 8, 1234 * 8 };

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(layouts); i++)
		for (size_t o = 0; o < TRAIL_ARRAY_SIZE(offsets); o++) {
			struct kernel k = make(&layouts[i], TABLES + offsets[o]);
			expect(&layouts[i], &k, true);
			free(k.bytes);
		}
}

static void test_decoy(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(layouts); i++) {
		struct kernel k = make(&layouts[i], TABLES);
		add_decoy(&k);
		expect(&layouts[i], &k, true);
		free(k.bytes);
	}
}

/* It must not be found where one of the parts that have to agree does not. */
static void test_disagreement(void **state)
{
	static const struct {
		const char *what;
		enum section section;
		size_t at;
		uint8_t change;
	} rows[] = {
		{ "token", TABLE, 700, 0xff },
		{ "token that has no end", TABLE, 2, 'x' },
		{ "index", INDEX, 100, 1 },
		{ "first marker", MARKERS, 0, 1 },
		{ "a marker between", MARKERS, 18, 0x80 },
		{ "length of the first name", NAMES, 0, 1 },
		{ "length in the last group", NAMES, 0, 0 },
		{ "count", COUNT, 0, 3 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(layouts); i++)
		for (size_t r = 0; r < TRAIL_ARRAY_SIZE(rows); r++) {
			const struct layout *l = &layouts[i];
			struct kernel k = make(l, TABLES);
			size_t width = rows[r].section == MARKERS ? l->marker_size : 1;
			size_t at = k.at[rows[r].section] + rows[r].at * width;
			if (rows[r].section == NAMES && !rows[r].change) {
				/* the last name's: a letter more, which is not there */
				at = k.at[NAMES];
				for (uint32_t s = 0; s + 1 < SYMBOLS; s++)
					at += k.bytes[at] + 1;
				k.bytes[at] += 40;
			} else {
				k.bytes[at] ^= rows[r].change;
			}
			expect(l, &k, false);
			free(k.bytes);
		}
}

/* All agrees, but no symbol comes out: another kernel's table, or one of no kernel. */
static void test_no_known_symbol(void **state)
{
	static const struct {
		const char *name;
		uint32_t at;
	} rows[] = {
		{ KNOWN, 6790 },
		{ "symbol_000000678", 6789 },
		{ KNOWN "6", 6789 },
		{ "symbol_000000678x", 6789 },
		{ "", 6789 },
		{ "T" KNOWN, 6789 },
		{ "symbol_0000009001", 9001 },
		{ KNOWN, 100000 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(layouts); i++) {
		struct kernel k = make(&layouts[i], TABLES);
		for (size_t r = 0; r < TRAIL_ARRAY_SIZE(rows); r++) {
			struct trail_kallsyms_sections t;
			struct trail_error *error = find(&k, rows[r].name,
							 address_of(&layouts[i], rows[r].at), &t);
			assert_ptr_equal(error, &trail_error_absent);
		}
		free(k.bytes);
	}
}

/* With a page missing it is found or not, and never wrong. */
static void test_missing_pages(void **state)
{
	(void)state;
	for (size_t i = 2; i < TRAIL_ARRAY_SIZE(layouts); i += 3) { /* 5.10 and 6.12 */
		struct kernel k = make(&layouts[i], TABLES + 1232);
		unsigned found = 0, pages = 0;
		for (size_t page = TABLES / PAGE; page <= k.end / PAGE; page += 3, pages++) {
			struct trail_kallsyms_sections t;
			k.missing = page;
			struct trail_error *error = find(&k, KNOWN, address_of(&layouts[i], 6789),
							 &t);
			found += !error;
			if (!error)
				assert_int_equal(t.names, START + k.at[NAMES]);
			trail_error_free(error);
		}
		assert_true(found > pages / 2);
		assert_true(found < pages);
		free(k.bytes);
	}
}

/* Of 8192 pages. */
static void test_cost(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(layouts); i++) {
		struct kernel k = make_large(&layouts[i], 16 << 20, 32 << 20, LARGE);
		expect(&layouts[i], &k, true);
		assert_in_range(k.looks, 1, 350);
		assert_in_range(k.reads, 1, 80);
		free(k.bytes);
	}
}

static void test_nothing(void **state)
{
	struct kernel k = { .bytes = calloc(1, SIZE), .size = SIZE };
	struct trail_kallsyms_sections t;

	(void)state;
	assert_non_null(k.bytes);
	assert_ptr_equal(find(&k, KNOWN, START, &t), &trail_error_absent);
	const struct trail_kallsyms_memory none = { 0, 0, read_kernel, &k, NULL, 0, false };
	assert_ptr_equal(trail_kallsyms_find(&none, &t), &trail_error_absent);
	free(k.bytes);
}

/* The deadline ends the search at once; a page that is not there does not. */
static void test_errors(void **state)
{
	struct kernel k = make(&layouts[2], TABLES);
	struct trail_kallsyms_sections t;

	(void)state;
	k.is_failing = true;
	k.fails = TRAIL_ERROR_LIMIT;
	struct trail_error *error = find(&k, KNOWN, START, &t);
	assert_non_null(error);
	assert_int_equal(error->code, TRAIL_ERROR_LIMIT);
	assert_int_equal(k.looks + k.reads, 1);
	trail_error_free(error);
	k.fails = TRAIL_ERROR_NODATA;
	assert_ptr_equal(find(&k, KNOWN, START, &t), &trail_error_absent);
	free(k.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),	      cmocka_unit_test(test_decoy),
		cmocka_unit_test(test_disagreement),  cmocka_unit_test(test_no_known_symbol),
		cmocka_unit_test(test_missing_pages), cmocka_unit_test(test_cost),
		cmocka_unit_test(test_nothing),	      cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
