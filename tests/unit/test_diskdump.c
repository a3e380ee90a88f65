/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers of kdump-compressed dumps in every layout and version, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "format/diskdump.h"

#define NONE (-1)
#define BLOCK 4096
#define FILE_SIZE 0x100000

/* Layouts: bytes of long, byte order, alignment of 64-bit numbers. */
static const struct layout {
	const char *name;
	unsigned word;
	bool big;
	size_t align;
} layouts[] = {
	{ "x86_64", 8, false, 8 }, { "s390x", 8, true, 8 }, { "i386", 4, false, 4 },
	{ "arm", 4, false, 8 },	   { "ppc", 4, true, 8 },
};

/* What goes into a header. */
struct numbers {
	uint32_t version, block_size, sub_blocks, bitmap_blocks, max_mapnr, split;
	uint64_t note_offset, note_size, start_pfn, end_pfn, max_pfn;
};

static const struct numbers good = {
	.version = 6,
	.block_size = BLOCK,
	.sub_blocks = 2,
	.bitmap_blocks = 10,
	.max_mapnr = 0x27fe0,
	.split = 1,
	.note_offset = 0x1068,
	.note_size = 0x128c,
	.start_pfn = 0x100,
	.end_pfn = 0x20000,
	.max_pfn = 0x27fe0,
};

struct maker {
	uint8_t bytes[3 * BLOCK];
	size_t n;
	const struct layout *layout;
};

static void put(struct maker *m, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		m->bytes[m->n + i] = value >> 8 * (m->layout->big ? width - 1 - i : i) & 0xff;
	m->n += width;
}

static void put_word(struct maker *m, uint64_t value)
{
	put(m, m->layout->word, value);
}

static void put_aligned(struct maker *m, uint64_t value)
{
	m->n = (m->n + m->layout->align - 1) & ~(m->layout->align - 1);
	put(m, 8, value);
}

static void make(struct maker *m, const struct layout *layout, const struct numbers *numbers)
{
	static const char *const names[] = { "Linux", "(none)", "6.1.0", "#1 SMP", "", "(none)" };

	*m = (struct maker){ .layout = layout };
	memcpy(m->bytes, "KDUMP   ", 8);
	m->n = 8;
	put(m, 4, numbers->version);
	for (int i = 0; i < 6; i++, m->n += 65)
		memcpy(m->bytes + m->n, names[i], strlen(names[i]));
	memset(m->bytes + 12 + 4 * 65, 'm', 65); /* machine: no NUL */
	m->n = (m->n + layout->word - 1) / layout->word * layout->word;
	put_word(m, 0x6b032aa4);
	put_word(m, BLOCK); /* tv_usec, which a 32-bit reading takes for the block size */
	put(m, 4, TRAIL_DISKDUMP_ZLIB);
	put(m, 4, numbers->block_size);
	put(m, 4, numbers->sub_blocks);
	put(m, 4, numbers->bitmap_blocks);
	put(m, 4, numbers->max_mapnr);
	m->n += 16;
	put(m, 4, 3);

	m->n = BLOCK;
	put_word(m, 0x1000000);
	put(m, 4, 31);
	put(m, 4, numbers->split);
	put_word(m, numbers->start_pfn);
	put_word(m, numbers->end_pfn);
	put_aligned(m, 0x1610);
	put_word(m, 0xce4);
	put_aligned(m, numbers->note_offset);
	put_word(m, numbers->note_size);
	put_aligned(m, FILE_SIZE - 16);
	put_word(m, 16);
	put_aligned(m, numbers->start_pfn);
	put(m, 8, numbers->end_pfn);
	put(m, 8, numbers->max_pfn);
}

static void check_code(const char *name, struct trail_error *err, int code)
{
	int got = err ? (int)err->code : NONE;

	if (got != code)
		fail_msg("%s: outcome %d instead of %d: %s", name, got, code,
			 err ? err->message : "");
	trail_error_free(err);
}

static void check_range(struct trail_diskdump_range range, bool there, uint64_t offset,
			uint64_t size)
{
	assert_int_equal(range.offset, there ? offset : 0);
	assert_int_equal(range.size, there ? size : 0);
}

static void check_dump(const struct trail_diskdump *dump, const struct layout *layout,
		       uint32_t version)
{
	assert_int_equal(dump->word, layout->word);
	assert_int_equal(dump->big_endian, layout->big);
	assert_int_equal(dump->version, version);
	assert_string_equal(dump->sysname, "Linux");
	assert_string_equal(dump->release, "6.1.0");
	assert_int_equal(strlen(dump->machine), 65);
	assert_string_equal(dump->domainname, "(none)");
	assert_int_equal(dump->time_sec, 0x6b032aa4);
	assert_int_equal(dump->status, TRAIL_DISKDUMP_ZLIB);
	assert_int_equal(dump->nr_cpus, 3);
	assert_int_equal(dump->phys_base, 0x1000000);
	assert_int_equal(dump->dump_level, version >= 1 ? 31 : 0);
	assert_int_equal(dump->split, version >= 2);
	assert_int_equal(dump->start_pfn, version >= 2 ? 0x100 : 0);
	assert_int_equal(dump->end_pfn, version >= 2 ? 0x20000 : 0x27fe0);
	assert_int_equal(dump->max_pfn, 0x27fe0);
	check_range(dump->vmcoreinfo, version >= 3, 0x1610, 0xce4);
	check_range(dump->notes, version >= 4, 0x1068, 0x128c);
	check_range(dump->eraseinfo, version >= 5, FILE_SIZE - 16, 16);
	assert_false(dump->ranges_cut);
	assert_int_equal(dump->bitmap1_offset, 3 * BLOCK);
	assert_int_equal(dump->bitmap2_offset, 8 * BLOCK);
	assert_int_equal(dump->bitmap_size, 5 * BLOCK);
	assert_int_equal(dump->descriptors_offset, 13 * BLOCK);
}

static void test_layouts(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(layouts); i++) {
		for (uint32_t version = 0; version <= 6; version++) {
			struct numbers numbers = good;
			struct trail_diskdump dump;
			struct maker m;
			numbers.version = version;
			make(&m, &layouts[i], &numbers);
			check_code(layouts[i].name,
				   trail_diskdump_read(m.bytes, sizeof(m.bytes), FILE_SIZE, &dump),
				   NONE);
			check_dump(&dump, &layouts[i], version);
		}
	}
}

static void test_damaged(void **state)
{
	/* A change to the good header, by a row with the field's offset in struct numbers. */
	static const struct {
		const char *name;
		size_t field, width;
		uint64_t value;
		int code;
	} rows[] = {
#define FIELD(name) offsetof(struct numbers, name), sizeof(good.name)
		{ "block size 0", FIELD(block_size), 0, TRAIL_ERROR_BAD_DATA },
		{ "block size 2048", FIELD(block_size), 2048, TRAIL_ERROR_BAD_DATA },
		{ "block size 4097", FIELD(block_size), 4097, TRAIL_ERROR_BAD_DATA },
		{ "block size 512 KiB", FIELD(block_size), 512 << 10, TRAIL_ERROR_BAD_DATA },
		{ "version -1", FIELD(version), UINT32_MAX, TRAIL_ERROR_BAD_DATA },
		{ "version 7", FIELD(version), 7, NONE },
		{ "no sub header", FIELD(sub_blocks), 0, TRAIL_ERROR_BAD_DATA },
		{ "huge sub header", FIELD(sub_blocks), UINT32_MAX, TRAIL_ERROR_BAD_DATA },
		{ "no bitmap", FIELD(bitmap_blocks), 0, TRAIL_ERROR_BAD_DATA },
		{ "odd bitmap", FIELD(bitmap_blocks), 11, TRAIL_ERROR_BAD_DATA },
		{ "huge bitmap", FIELD(bitmap_blocks), UINT32_MAX - 1, TRAIL_ERROR_BAD_DATA },
		{ "one bitmap", FIELD(bitmap_blocks), 5, NONE },
		{ "bitmap too small", FIELD(bitmap_blocks), 4, TRAIL_ERROR_BAD_DATA },
		{ "as many pages as fit", FIELD(max_pfn), 10 * BLOCK * 8, NONE },
		{ "more pages than fit", FIELD(max_pfn), 10 * BLOCK * 8 + 1, TRAIL_ERROR_BAD_DATA },
		{ "too many pages", FIELD(max_pfn), TRAIL_DISKDUMP_MAX_PFN + 1, TRAIL_ERROR_LIMIT },
		{ "no pages", FIELD(max_pfn), 0, NONE },
		{ "split backwards", FIELD(start_pfn), 0x20001, TRAIL_ERROR_BAD_DATA },
		{ "split past the end", FIELD(end_pfn), UINT64_MAX, NONE },
		{ "notes far off", FIELD(note_offset), UINT64_MAX - 3, NONE },
		{ "notes without end", FIELD(note_size), UINT64_MAX, NONE },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct numbers numbers = good;
		struct trail_diskdump dump;
		struct maker m;
		uint32_t narrow = rows[i].value;
		memcpy((char *)&numbers + rows[i].field,
		       rows[i].width == 4 ? (const void *)&narrow : &rows[i].value, rows[i].width);
		make(&m, &layouts[0], &numbers);
		check_code(rows[i].name,
			   trail_diskdump_read(m.bytes, sizeof(m.bytes), FILE_SIZE, &dump),
			   rows[i].code);
		if (rows[i].code != NONE)
			continue;
		assert_true(dump.end_pfn <= dump.max_pfn && dump.start_pfn <= dump.end_pfn);
		assert_true(dump.max_pfn <= dump.bitmap_size * 8);
		assert_true(dump.notes.offset + dump.notes.size <= FILE_SIZE);
		assert_int_equal(dump.ranges_cut, strstr(rows[i].name, "notes") != NULL);
	}
}

static void test_cut(void **state)
{
	static const struct {
		size_t n;
		int code;
	} rows[] = {
		{ 0, TRAIL_ERROR_BAD_DATA },	       { 8, TRAIL_ERROR_BAD_DATA },
		{ 463, TRAIL_ERROR_BAD_DATA },	       { BLOCK, TRAIL_ERROR_BAD_DATA },
		{ BLOCK + 103, TRAIL_ERROR_BAD_DATA }, { BLOCK + 104, NONE },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_diskdump dump;
		struct maker m;
		make(&m, &layouts[0], &good);
		check_code("cut", trail_diskdump_read(m.bytes, rows[i].n, rows[i].n, &dump),
			   rows[i].code);
		if (rows[i].code == NONE)
			assert_true(dump.ranges_cut);
	}
}

static void test_descriptor(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct trail_diskdump dump = { .big_endian = layouts[i].big };
		struct trail_diskdump_page page;
		struct maker m = { .layout = &layouts[i] };
		put(&m, 8, 0x123456789a);
		put(&m, 4, 205);
		put(&m, 4, TRAIL_DISKDUMP_ZSTD);
		put(&m, 8, 7);
		check_code("whole", trail_diskdump_read_page(&dump, m.bytes, 24, 0, &page), NONE);
		assert_int_equal(page.offset, 0x123456789a);
		assert_int_equal(page.size, 205);
		assert_int_equal(page.flags, TRAIL_DISKDUMP_ZSTD);
		assert_int_equal(page.page_flags, 7);
		check_code("cut", trail_diskdump_read_page(&dump, m.bytes, 23, 0, &page),
			   TRAIL_ERROR_BAD_DATA);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
