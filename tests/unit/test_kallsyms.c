/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small compressed symbol tables, in every addressing, whole, cut short and with holes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../lib/lazy_bytes.h"
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
	size_t tokens_size, index_size;
	struct lazy_bytes names, slots;
	struct trail_kallsyms table;
};

static void make(struct sections *s, const void *names, size_t size, uint32_t n, bool big_endian)
{
	uint8_t *p = s->tokens;

	*s = (struct sections){
		.names = { .data = names, .size = size },
		.table = { .n = n, .base = BASE, .big_endian = big_endian, .long_names = true }
	};
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
	s->tokens_size = p - s->tokens;
	s->index_size = sizeof(s->index);
}

static struct trail_error *open_table(struct sections *s)
{
	assert_null(lazy_bytes_open(&s->names, &s->table.names));
	assert_null(lazy_bytes_open(&s->slots, &s->table.slots));
	return trail_kallsyms_init(&s->table, s->tokens, s->tokens_size, s->index, s->index_size);
}

static int outcome(struct trail_error *error)
{
	int code = error ? (int)error->code : NONE;

	trail_error_free(error);
	return code;
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
		struct trail_kallsyms_symbol symbol;
		struct sections s;
		make(&s, names, sizeof(names) - 1, 6, big_endian);
		assert_null(open_table(&s));
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
			assert_null(trail_kallsyms_name(&s.table, i, &symbol));
			assert_int_equal(symbol.type, rows[i].type);
			assert_string_equal(symbol.name, rows[i].name);
		}
		assert_null(trail_kallsyms_name(&s.table, 5, &symbol));
		assert_int_equal(strlen(symbol.name), 102);
		assert_int_equal(outcome(trail_kallsyms_name(&s.table, 6, &symbol)),
				 TRAIL_ERROR_BAD_DATA);
		trail_kallsyms_fini(&s.table);
		trail_kallsyms_fini(&s.table);
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
		int code = NONE;
		make(&s, names, sizeof(names) - 1, 4, rows[i].big_endian);
		s.table.how = rows[i].how;
		s.slots = (struct lazy_bytes){ .data = rows[i].slots,
					       .size = rows[i].size,
					       .address = BASE + 0x1000 };
		assert_null(open_table(&s));
		for (size_t k = 0; code == NONE && k < 4; k++) {
			uint64_t address = 0;
			code = outcome(trail_kallsyms_address(&s.table, k, &address));
			if (rows[i].code == NONE && address != rows[i].addresses[k])
				fail_msg("%s: symbol %zu at %llx", rows[i].name, k,
					 (unsigned long long)address);
		}
		if (code != rows[i].code)
			fail_msg("%s: outcome %d", rows[i].name, code);
		trail_kallsyms_fini(&s.table);
	}
}

/* Names of two bytes of length, which older kernels would take for one of 0x85. */
static void test_long_names(void **state)
{
	uint8_t bytes[2 + 0x85 + 2 + 200];
	struct trail_kallsyms_symbol symbol;
	struct sections s;

	(void)state;
	memset(bytes, 'y', sizeof(bytes));
	bytes[0] = 0x85;
	bytes[1] = 0x01;
	bytes[2] = 'T';
	bytes[2 + 0x85] = 1;
	make(&s, bytes, sizeof(bytes), 2, false);
	assert_null(open_table(&s));
	assert_null(trail_kallsyms_name(&s.table, 0, &symbol));
	assert_int_equal(symbol.type, 'T');
	assert_int_equal(strlen(symbol.name), 0x84);
	assert_null(trail_kallsyms_name(&s.table, 1, &symbol));
	assert_int_equal(symbol.type, 'y');
	trail_kallsyms_fini(&s.table);

	make(&s, bytes, sizeof(bytes), 1, false);
	s.table.long_names = false;
	assert_null(open_table(&s));
	assert_null(trail_kallsyms_name(&s.table, 0, &symbol));
	assert_int_equal(symbol.type, 1); /* what was the second byte */
	assert_int_equal(strlen(symbol.name), 0x84);
	trail_kallsyms_fini(&s.table);
}

static void test_bad(void **state)
{
	static const struct {
		const char *name, *names;
		size_t names_size;
		uint32_t n;
		size_t tokens_cut, index_cut;
		int opened, named; /* of the table, and of its last name */
	} rows[] = {
		{ "good", "\2Ta\2Tb", 6, 2, 0, 0, NONE, NONE },
		{ "no symbols", "\2Ta\2Tb", 6, 0, 0, 0, TRAIL_ERROR_LIMIT, 0 },
		{ "more than there can be", "\2Ta\2Tb", 6, TRAIL_KALLSYMS_MAX + 1, 0, 0,
		  TRAIL_ERROR_LIMIT, 0 },
		{ "more than bytes of names", "\2Ta\2Tb", 6, TRAIL_KALLSYMS_MAX, 0, 0,
		  TRAIL_ERROR_BAD_DATA, 0 },
		{ "a third symbol", "\2Ta\2Tb", 6, 3, 0, 0, NONE, TRAIL_ERROR_BAD_DATA },
		{ "name cut", "\2Ta\2Tb", 5, 2, 0, 0, NONE, TRAIL_ERROR_BAD_DATA },
		{ "second length byte cut", "\1a\x81", 3, 2, 0, 0, NONE, TRAIL_ERROR_BAD_DATA },
		{ "longer than a symbol can be", "\14T\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80",
		  13, 1, 0, 0, NONE, TRAIL_ERROR_BAD_DATA },
		{ "last token has no NUL", "\2Ta\2Tb", 6, 2, 1, 0, TRAIL_ERROR_BAD_DATA, 0 },
		{ "no tokens", "\2Ta\2Tb", 6, 2, 1000, 0, TRAIL_ERROR_BAD_DATA, 0 },
		{ "index cut", "\2Ta\2Tb", 6, 2, 0, 1, TRAIL_ERROR_BAD_DATA, 0 },
		{ "no index", "\2Ta\2Tb", 6, 2, 0, 512, TRAIL_ERROR_BAD_DATA, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_kallsyms_symbol symbol;
		struct sections s;
		make(&s, rows[i].names, rows[i].names_size, rows[i].n, false);
		s.tokens_size -= TRAIL_MIN(rows[i].tokens_cut, s.tokens_size);
		s.index_size -= rows[i].index_cut;
		int opened = outcome(open_table(&s)), named = 0;
		if (opened == NONE)
			named = outcome(trail_kallsyms_name(&s.table, rows[i].n - 1, &symbol));
		if (opened != rows[i].opened || named != rows[i].named)
			fail_msg("%s: outcome %d, %d", rows[i].name, opened, named);
		trail_kallsyms_fini(&s.table);
	}
}

/* Names "sN", N in three digits, every tenth with a suffix; then markers, and what may stand behind
 * them. */
enum { MANY = 2000, GROUPS = (MANY + 255) / 256 };

struct many {
	uint8_t bytes[MANY * 12 + GROUPS * 4 + 16 + MANY * 3 + 16];
	size_t names_size, size;
	uint32_t groups[GROUPS];
	uint32_t slots[MANY];
};

static void make_many(struct many *m, bool markers, bool sequence)
{
	uint8_t *p = m->bytes;

	memset(m, 0, sizeof(*m));
	for (unsigned i = 0; i < MANY; i++) {
		if (i % 256 == 0)
			m->groups[i / 256] = p - m->bytes;
		int n = sprintf((char *)p + 1, i % 10 ? "Ts%03u" : "Ts%03u.c", i % 1000);
		*p = n;
		p += 1 + n;
		m->slots[i] = i * 16;
	}
	m->names_size = p - m->bytes;
	p = m->bytes + (m->names_size + 7) / 8 * 8;
	for (unsigned i = 0; markers && i < GROUPS; i++)
		memcpy(p + 4 * i, &m->groups[i], 4);
	p += markers ? (GROUPS * 4 + 7) / 8 * 8 : 0;
	p += sequence ? (MANY * 3 + 7) / 8 * 8 : 0;
	m->size = p - m->bytes;
}

struct seen {
	uint32_t first, n;
	char name[TRAIL_KALLSYMS_NAME];
};

static bool see(uint32_t i, const struct trail_kallsyms_symbol *symbol, void *data)
{
	struct seen *seen = data;

	if (!seen->n++) {
		seen->first = i;
		snprintf(seen->name, sizeof(seen->name), "%s", symbol->name);
	}
	return true;
}

static struct seen find(struct sections *s, const char *stem)
{
	struct seen seen = { 0 };

	assert_null(trail_kallsyms_each(&s->table, stem, see, &seen));
	return seen;
}

static void open_many(struct sections *s, struct many *m, uint64_t hole, uint64_t hole_end)
{
	make(s, m->bytes, m->size, MANY, false);
	s->names.hole = hole;
	s->names.hole_end = hole_end;
	s->slots = (struct lazy_bytes){ .data = m->slots, .size = sizeof(m->slots) };
	s->table.how = TRAIL_KALLSYMS_RELATIVE;
	assert_null(open_table(s));
}

/* By name and by address, with markers and without. */
static void test_many(void **state)
{
	static struct many m;

	(void)state;
	for (int form = 0; form < 3; form++) {
		struct sections s;
		uint32_t at, above;
		make_many(&m, form, form == 2);
		open_many(&s, &m, 0, 0);
		struct seen seen = find(&s, "s777");
		assert_int_equal(seen.n, 2);
		assert_int_equal(seen.first, 777);
		assert_string_equal(seen.name, "s777");
		seen = find(&s, "s100"); /* all that the compiler made of it */
		assert_int_equal(seen.n, 2);
		assert_string_equal(seen.name, "s100.c");
		assert_int_equal(find(&s, "s77").n, 0);
		assert_int_equal(find(&s, "").n, 0);
		assert_null(s.table.index.problem);
		assert_null(trail_kallsyms_at(&s.table, BASE + 16 * 1999 + 5, &at, &above));
		assert_int_equal(at, 1999);
		assert_int_equal(above, MANY);
		assert_null(trail_kallsyms_at(&s.table, BASE + 16 * 300 + 15, &at, &above));
		assert_int_equal(at, 300);
		assert_int_equal(above, 301);
		assert_int_equal(outcome(trail_kallsyms_at(&s.table, BASE - 1, &at, &above)),
				 TRAIL_ERROR_ABSENT);
		trail_kallsyms_fini(&s.table);
	}
}

/* A part that cannot be read costs its own names only, where there are markers. */
static void test_holes(void **state)
{
	static struct many m;
	struct trail_kallsyms_symbol symbol;
	struct sections s;

	(void)state;
	make_many(&m, true, false);
	assert_true(m.size > 3 * TRAIL_LAZY_PART);
	open_many(&s, &m, TRAIL_LAZY_PART + 5, TRAIL_LAZY_PART + 6);
	assert_int_equal(find(&s, "s601").n, 2);
	assert_non_null(s.table.index.problem);
	assert_int_equal(s.table.index.problem->code, TRAIL_ERROR_NODATA);
	assert_null(trail_kallsyms_name(&s.table, MANY - 1, &symbol));
	assert_string_equal(symbol.name, "s999");
	assert_int_equal(outcome(trail_kallsyms_name(&s.table, 700, &symbol)), TRAIL_ERROR_NODATA);
	trail_kallsyms_fini(&s.table);

	make_many(&m, false, false);
	open_many(&s, &m, TRAIL_LAZY_PART + 5, TRAIL_LAZY_PART + 6);
	assert_int_equal(find(&s, "s601").n, 1);
	assert_non_null(s.table.index.problem);
	assert_int_equal(outcome(trail_kallsyms_name(&s.table, MANY - 1, &symbol)),
			 TRAIL_ERROR_NODATA);
	trail_kallsyms_fini(&s.table);
}

/* A wrong length gives the names behind it to other symbols, up to the next marker. */
static void test_wrong_length(void **state)
{
	static struct many m;
	struct trail_kallsyms_symbol symbol;
	struct sections s;

	(void)state;
	make_many(&m, true, false);
	m.bytes[m.groups[2]]++;
	open_many(&s, &m, 0, 0);
	assert_int_equal(find(&s, "s601").n, 1); /* the other is 1601 */
	assert_int_equal(find(&s, "s301").n, 2);
	assert_non_null(s.table.index.problem);
	assert_int_equal(s.table.index.problem->code, TRAIL_ERROR_BAD_DATA);
	assert_int_equal(outcome(trail_kallsyms_name(&s.table, 601, &symbol)),
			 TRAIL_ERROR_BAD_DATA);
	assert_null(trail_kallsyms_name(&s.table, 511, &symbol));
	assert_string_equal(symbol.name, "s511");
	trail_kallsyms_fini(&s.table);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	     cmocka_unit_test(test_addressing),
		cmocka_unit_test(test_long_names),   cmocka_unit_test(test_bad),
		cmocka_unit_test(test_many),	     cmocka_unit_test(test_holes),
		cmocka_unit_test(test_wrong_length),
	};

	return cmocka_run_group_tests_name("kallsyms", tests, NULL, NULL);
}
