/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF cores of both widths and byte orders, made by hand, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/pool.h"
#include "format/elfcore.h"

#define NONE (-1)

/* A file to be: numbers are added in the byte order and width that it says. */
struct maker {
	uint8_t bytes[1024];
	size_t n;
	bool big, wide;
};

static void put(struct maker *m, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		m->bytes[m->n + i] = value >> 8 * (m->big ? width - 1 - i : i) & 0xff;
	m->n += width;
}

static void put_word(struct maker *m, uint64_t value)
{
	put(m, m->wide ? 8 : 4, value);
}

/* Numbers of a file; the defaults of make() make a good one of two segments. */
struct numbers {
	uint16_t type, entry_size, count;
	uint32_t flags;
	uint64_t section_offset;
};

static struct numbers defaults(bool wide)
{
	return (struct numbers){ .type = 4, .entry_size = wide ? 56 : 32, .count = 2 };
}

static void put_segment(struct maker *m, uint32_t type, uint64_t offset, uint64_t vaddr,
			uint64_t paddr, uint64_t filesz, uint64_t memsz)
{
	put(m, 4, type);
	if (m->wide)
		put(m, 4, 7);
	put_word(m, offset);
	put_word(m, vaddr);
	put_word(m, paddr);
	put_word(m, filesz);
	put_word(m, memsz);
	if (!m->wide)
		put(m, 4, 7);
	put_word(m, 0);
}

static void make(struct maker *m, bool wide, bool big, const struct numbers *numbers)
{
	*m = (struct maker){ .wide = wide, .big = big };
	put(m, 1, 0x7f);
	put(m, 1, 'E');
	put(m, 1, 'L');
	put(m, 1, 'F');
	put(m, 1, wide ? 2 : 1);
	put(m, 1, big ? 2 : 1);
	m->n = 16;
	put(m, 2, numbers->type);
	put(m, 2, 62);
	put(m, 4, 1);
	put_word(m, 0);
	put_word(m, wide ? 64 : 52);
	put_word(m, numbers->section_offset);
	put(m, 4, numbers->flags);
	put(m, 2, 8); /* as QEMU has it */
	put(m, 2, numbers->entry_size);
	put(m, 2, numbers->count);
	m->n = wide ? 64 : 52;
	put_segment(m, TRAIL_ELFCORE_NOTE, 0x200, 0, 0, 0x100, 0);
	put_segment(m, TRAIL_ELFCORE_LOAD, 0x300, 0x80001000, 0x1000, 0x2000, 0x3000);
	if (numbers->section_offset) {
		m->n = numbers->section_offset;
		put(m, 8, 0);
		for (int i = 0; i < 4; i++)
			put_word(m, 0);
		put(m, 4, 0);
		put(m, 4, 2); /* sh_info */
	}
}

static void check_code(const char *name, struct trail_error *err, int code)
{
	int got = err ? (int)err->code : NONE;

	trail_error_free(err);
	if (got != code)
		fail_msg("%s: outcome %d instead of %d", name, got, code);
}

static struct trail_error *read_all(const struct maker *m, size_t n, uint64_t file_size,
				    struct trail_pool *pool, struct trail_elfcore *ret)
{
	struct trail_error *err = trail_elfcore_read_header(m->bytes, n, ret);

	if (!err && ret->count_offset)
		err = trail_elfcore_read_count(ret, m->bytes + TRAIL_MIN(ret->count_offset, n),
					       n - TRAIL_MIN(ret->count_offset, n));
	if (err)
		return err;
	size_t at = TRAIL_MIN(ret->table_offset, n);
	return trail_elfcore_read_segments(ret, m->bytes + at, n - at, file_size, pool);
}

static void check_core(const struct maker *m)
{
	struct trail_elfcore core;
	struct trail_pool pool;

	trail_pool_init(&pool);
	assert_null(read_all(m, sizeof(m->bytes), 0x2300, &pool, &core));
	assert_int_equal(core.wide, m->wide);
	assert_int_equal(core.big_endian, m->big);
	assert_int_equal(core.machine, 62);
	assert_int_equal(core.n, 2);
	assert_false(core.truncated);
	const struct trail_elfcore_segment *seg = core.segments;
	assert_int_equal(seg[0].type, TRAIL_ELFCORE_NOTE);
	assert_int_equal(seg[0].offset, 0x200);
	assert_int_equal(seg[0].present, 0x100);
	assert_int_equal(seg[1].type, TRAIL_ELFCORE_LOAD);
	assert_int_equal(seg[1].flags, 7);
	assert_int_equal(seg[1].offset, 0x300);
	assert_int_equal(seg[1].vaddr, 0x80001000);
	assert_int_equal(seg[1].paddr, 0x1000);
	assert_int_equal(seg[1].filesz, 0x2000);
	assert_int_equal(seg[1].memsz, 0x3000);
	assert_int_equal(seg[1].present, 0x2000);
	trail_pool_fini(&pool);
}

static void test_layouts(void **state)
{
	(void)state;
	for (int layout = 0; layout < 4; layout++) {
		bool wide = layout & 1, big = layout & 2;
		struct numbers numbers = defaults(wide);
		struct maker m;
		make(&m, wide, big, &numbers);
		check_core(&m);
		numbers.count = 0xffff;
		numbers.section_offset = 0x200;
		make(&m, wide, big, &numbers);
		check_core(&m);
	}
}

static void test_truncated(void **state)
{
	static const struct {
		const char *name;
		size_t n;
		uint64_t file_size;
		size_t segments;
		uint64_t present[2];
		int code;
	} rows[] = {
		{ "whole", 1024, 0x2300, 2, { 0x100, 0x2000 }, NONE },
		{ "last byte", 1024, 0x22ff, 2, { 0x100, 0x1fff }, NONE },
		{ "in the notes", 1024, 0x280, 2, { 0x80, 0 }, NONE },
		{ "in the table", 64 + 60, 64 + 60, 1, { 0 }, NONE },
		{ "before the table", 64, 64, 0, { 0 }, NONE },
		{ "in the header", 57, 57, 0, { 0 }, TRAIL_ERROR_BAD_DATA },
		{ "in the class", 4, 4, 0, { 0 }, TRAIL_ERROR_BAD_DATA },
		{ "empty", 0, 0, 0, { 0 }, TRAIL_ERROR_BAD_DATA },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct numbers numbers = defaults(true);
		struct trail_elfcore core;
		struct trail_pool pool;
		struct maker m;
		make(&m, true, false, &numbers);
		trail_pool_init(&pool);
		check_code(rows[i].name, read_all(&m, rows[i].n, rows[i].file_size, &pool, &core),
			   rows[i].code);
		if (rows[i].code == NONE) {
			assert_int_equal(core.n, rows[i].segments);
			assert_int_equal(core.truncated, i > 0);
			for (size_t s = 0; s < core.n; s++)
				assert_int_equal(core.segments[s].present, rows[i].present[s]);
		}
		trail_pool_fini(&pool);
	}
}

static void test_bad(void **state)
{
	static const struct {
		const char *name;
		size_t at; /* this byte of a good file */
		uint8_t value;
		int code;
	} rows[] = {
		{ "no ELF", 1, 'e', TRAIL_ERROR_BAD_DATA },
		{ "class 3", 4, 3, TRAIL_ERROR_BAD_DATA },
		{ "byte order 0", 5, 0, TRAIL_ERROR_BAD_DATA },
		{ "a program", 16, 2, TRAIL_ERROR_UNSUPPORTED },
		{ "entry size 0", 54, 0, TRAIL_ERROR_BAD_DATA },
		{ "no segments", 56, 0, NONE },
		{ "far table", 36, 0xff, NONE },
		{ "incomplete", 48, 1, NONE },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct numbers numbers = defaults(true);
		struct trail_elfcore core = { 0 };
		struct trail_pool pool;
		struct maker m;
		make(&m, true, false, &numbers);
		m.bytes[rows[i].at] = rows[i].value;
		trail_pool_init(&pool);
		check_code(rows[i].name, read_all(&m, 1024, 0x2300, &pool, &core), rows[i].code);
		assert_int_equal(core.incomplete, rows[i].at == 48);
		trail_pool_fini(&pool);
	}
}

static void test_limit(void **state)
{
	struct trail_elfcore core = { .wide = true,
				      .entry_size = 56,
				      .segment_count = TRAIL_ELFCORE_MAX_SEGMENTS + 1 };
	struct trail_pool pool;

	(void)state;
	trail_pool_init(&pool);
	check_code("one too many", trail_elfcore_read_segments(&core, "", 0, 0, &pool),
		   TRAIL_ERROR_LIMIT);
	assert_int_equal(trail_elfcore_table_size(&core),
			 56 * ((uint64_t)TRAIL_ELFCORE_MAX_SEGMENTS + 1));
	trail_pool_fini(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
