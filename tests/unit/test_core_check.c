/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small cores made by hand in memory files, whole, cut and damaged. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "format/diskdump.h"
#include "format/elfcore.h"
#include "source/core_check.h"

#define NONE (-1)
#define BLOCK UINT64_C(4096)

/* The kdump-compressed file: three windows of bitmap, ten pages, the second one of zeros. */
#define MAX_PFN 300000
#define BITMAP2 ((2 + 10) * BLOCK)
#define DESCRIPTORS ((2 + 20) * BLOCK)
#define N_PAGES TRAIL_ARRAY_SIZE(pfns)
#define ZEROS (DESCRIPTORS + 24 * N_PAGES)
#define DATA (ZEROS + BLOCK)
#define DATA_SIZE 100
#define KDUMP_SIZE (DATA + DATA_SIZE * (N_PAGES - 1))

static const uint32_t pfns[] = { 0, 1, 7, 8, 131071, 131072, 131080, 262143, 262144, 299999 };

struct file {
	uint8_t bytes[128 * 1024];
	size_t n;
};

static void put(struct file *file, uint64_t at, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		file->bytes[at + i] = value >> 8 * i & 0xff;
	file->n = TRAIL_MAX(file->n, at + width);
}

static void flip(struct file *file, uint32_t pfn)
{
	file->bytes[BITMAP2 + pfn / 8] ^= 1 << pfn % 8;
}

static void put_descriptor(struct file *file, size_t i, uint64_t offset, uint32_t size,
			   uint32_t flags)
{
	put(file, DESCRIPTORS + 24 * i, 8, offset);
	put(file, DESCRIPTORS + 24 * i + 8, 4, size);
	put(file, DESCRIPTORS + 24 * i + 12, 4, flags);
}

static struct file *make_kdump(void)
{
	struct file *file = calloc(1, sizeof(*file));

	assert_non_null(file);
	memcpy(file->bytes, "KDUMP   ", 8);
	put(file, 8, 4, 6);
	memcpy(file->bytes + 12 + 4 * 65, "x86_64", 6);
	put(file, 424, 4, TRAIL_DISKDUMP_ZLIB);
	put(file, 428, 4, BLOCK);
	put(file, 432, 4, 1);
	put(file, 436, 4, 20);
	put(file, 440, 4, MAX_PFN);
	put(file, BLOCK + 32, 8, BLOCK + 200); /* VMCOREINFO */
	put(file, BLOCK + 40, 8, 50);
	put(file, BLOCK + 48, 8, BLOCK + 104); /* notes */
	put(file, BLOCK + 56, 8, 300);
	put(file, BLOCK + 96, 8, MAX_PFN);
	for (size_t i = 0; i < N_PAGES; i++) {
		flip(file, pfns[i]);
		if (i == 1)
			put_descriptor(file, i, ZEROS, BLOCK, 0);
		else
			put_descriptor(file, i, DATA + DATA_SIZE * (i - (i > 1)), DATA_SIZE,
				       TRAIL_DISKDUMP_ZLIB);
	}
	file->n = KDUMP_SIZE;
	return file;
}

static int make_fd(const void *bytes, size_t n)
{
	int fd = memfd_create("core", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	return fd;
}

static struct trail_core_check *open_check(const struct file *file)
{
	struct trail_core_check *check = NULL;
	int fd = make_fd(file->bytes, file->n);

	assert_null(trail_core_check_open(fd, "core", &check));
	/* The check keeps the file open by itself. */
	close(fd);
	return check;
}

/* A letter for each state, so that a row can spell what its pages are. */
static char letter(struct trail_core_check *check, uint64_t pfn)
{
	return "TEXB"[trail_core_check_page(check, pfn * BLOCK + 5)];
}

static void check_pages(const char *name, struct trail_core_check *check, const char *expected)
{
	char got[N_PAGES + 1] = "";

	for (size_t i = 0; i < N_PAGES; i++)
		got[i] = letter(check, pfns[i]);
	if (strcmp(got, expected) != 0)
		fail_msg("%s: pages are %s instead of %s", name, got, expected);
}

static void test_kdump(void **state)
{
	struct file *file = make_kdump();
	struct trail_core_check *check = open_check(file);
	const struct trail_core_range *notes;
	const char *why;

	(void)state;
	assert_int_equal(trail_core_check_format(check), TRAIL_CORE_KDUMP);
	assert_int_equal(trail_core_check_file_size(check), KDUMP_SIZE);
	assert_string_equal(trail_core_check_arch(check), "x86_64");
	assert_int_equal(trail_core_check_notes(check, &notes), 1);
	assert_int_equal(notes[0].offset, BLOCK + 104);
	assert_int_equal(notes[0].size, 300);
	assert_int_equal(trail_core_check_vmcoreinfo(check).offset, BLOCK + 200);
	assert_int_equal(trail_core_check_vmcoreinfo(check).size, 50);
	assert_int_equal(trail_core_check_max_paddr(check), MAX_PFN * BLOCK);
	assert_non_null(trail_core_check_diskdump(check));
	assert_null(trail_core_check_elfcore(check));
	assert_false(trail_core_check_incomplete(check));
	check_pages("good", check, "TTTTTTTTTT");
	/* Windows again, out of order. */
	check_pages("good", check, "TTTTTTTTTT");
	const uint64_t excluded[] = { 2, 6, 9, 131073, 262142, 299998, 300000, UINT64_MAX / BLOCK };
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(excluded); i++)
		assert_int_equal(letter(check, excluded[i]), 'E');
	assert_false(trail_core_check_truncated(check, &why));
	assert_string_equal(why, "");
	assert_true(trail_core_check_map_trusted(check, &why));
	assert_string_equal(why, "");
	trail_core_check_close(check);
	free(file);
}

static void test_kdump_cut(void **state)
{
	static const struct {
		const char *name;
		size_t n;
		const char *pages, *why;
		bool trusted;
	} rows[] = {
		{ "last byte", KDUMP_SIZE - 1, "TTTTTTTTTX",
		  "page descriptor 9 wants bytes up to 95348, the file has 95347", true },
		{ "half of the data", DATA + 350, "TTTTXXXXXX",
		  "page descriptor 9 wants bytes up to 95348, the file has 94798", true },
		{ "all data", ZEROS, "XXXXXXXXXX",
		  "page descriptor 9 wants bytes up to 95348, the file has 90352", true },
		{ "descriptors", DESCRIPTORS + 50, "XXXXXXXXXX",
		  "10 page descriptors want bytes up to 90352, the file has 90162", true },
		{ "all descriptors", DESCRIPTORS, "XXXXXXXXXX",
		  "10 page descriptors want bytes up to 90352, the file has 90112", false },
		{ "bitmap", BITMAP2 + 20000, "XXXXXXXXXX",
		  "the page bitmap wants bytes up to 86652, the file has 69152", false },
		{ "both bitmaps", 2 * BLOCK, "XXXXXXXXXX",
		  "the page bitmap wants bytes up to 86652, the file has 8192", false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct file *file = make_kdump();
		const char *why;
		file->n = rows[i].n;
		struct trail_core_check *check = open_check(file);
		check_pages(rows[i].name, check, rows[i].pages);
		assert_true(trail_core_check_truncated(check, &why));
		assert_string_equal(why, rows[i].why);
		if (trail_core_check_map_trusted(check, &why) != rows[i].trusted)
			fail_msg("%s: map: %s", rows[i].name, why);
		trail_core_check_close(check);
		free(file);
	}
}

static void test_descriptors(void **state)
{
	static const struct {
		const char *name;
		size_t i; /* this descriptor becomes the rest of the row */
		uint64_t offset;
		uint32_t size, flags;
		const char *pages;
		bool truncated;
	} rows[] = {
		{ "too large", 2, DATA, BLOCK + 1, 1, "TTBTTTTTTT", false },
		{ "empty", 2, DATA, 0, 1, "TTBTTTTTTT", false },
		{ "short but not compressed", 2, DATA, 100, 0, "TTBTTTTTTT", false },
		{ "unknown flag", 2, DATA, 100, 0x41, "TTBTTTTTTT", false },
		{ "two methods", 2, DATA, 100, 3, "TTBTTTTTTT", false },
		{ "zstd", 2, DATA, 100, TRAIL_DISKDUMP_ZSTD, "TTTTTTTTTT", false },
		{ "in the header", 2, 0, 100, 1, "TTBTTTTTTT", false },
		{ "in the bitmap", 2, BITMAP2, 100, 1, "TTBTTTTTTT", false },
		{ "negative", 2, UINT64_MAX - 5, 100, 1, "TTBTTTTTTT", false },
		{ "never written", 2, 0, 0, 0, "TTXTTTTTTT", false },
		{ "last never written", 9, 0, 0, 0, "TTTTTTTTTX", true },
		{ "past the end", 2, KDUMP_SIZE, 100, 1, "TTBTTTTTTT", false },
		{ "last past the end", 9, KDUMP_SIZE, 100, 1, "TTTTTTTTTB", false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct file *file = make_kdump();
		put_descriptor(file, rows[i].i, rows[i].offset, rows[i].size, rows[i].flags);
		struct trail_core_check *check = open_check(file);
		check_pages(rows[i].name, check, rows[i].pages);
		if (trail_core_check_truncated(check, NULL) != rows[i].truncated)
			fail_msg("%s: truncated?", rows[i].name);
		assert_true(trail_core_check_map_trusted(check, NULL));
		trail_core_check_close(check);
		free(file);
	}
}

static void test_flipped_bits(void **state)
{
	static const struct {
		uint32_t pfn;
		const char *why;
	} rows[] = {
		{ 7, "the bitmap has 9 pages, whose descriptors would end at 90328, but page data "
		     "begins at 90352" },
		{ 200000, "the bitmap has 11 pages, whose descriptors would end at 90376, but page "
			  "data begins at 90352" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct file *file = make_kdump();
		const char *why;
		flip(file, rows[i].pfn);
		struct trail_core_check *check = open_check(file);
		assert_false(trail_core_check_map_trusted(check, &why));
		assert_false(trail_core_check_truncated(check, NULL));
		assert_string_equal(why, rows[i].why);
		trail_core_check_close(check);
		free(file);
	}
}

/* A dump without the block of zeros, and one where only a late descriptor names it. */
static void test_zero_block(void **state)
{
	(void)state;
	for (int late = 0; late < 2; late++) {
		struct file *file = make_kdump();
		put_descriptor(file, 1, late ? DATA : ZEROS, DATA_SIZE, 1);
		struct trail_core_check *check = open_check(file);
		assert_true(trail_core_check_map_trusted(check, NULL));
		trail_core_check_close(check);
		free(file);
	}
}

/*
 * A file of a split dump has the whole bitmap and room for all descriptors, and uses those of its
 * part: pages 8, 131071, 131072, 131080, 262143 have descriptors 0 to 4 here.
 */
static struct file *make_part(uint64_t data)
{
	struct file *file = make_kdump();

	put(file, BLOCK + 12, 4, 1);
	put(file, BLOCK + 80, 8, 8);
	put(file, BLOCK + 88, 8, 262144);
	memset(file->bytes + DESCRIPTORS, 0, 24 * N_PAGES);
	for (size_t i = 0; i < 5; i++)
		put_descriptor(file, i, data + i * DATA_SIZE, DATA_SIZE, 1);
	file->n = data + 5 * DATA_SIZE;
	return file;
}

static void test_split(void **state)
{
	static const struct {
		const char *name;
		uint64_t data;
		uint32_t flip;	   /* this page's bit, if it is not 0 */
		size_t cut;	   /* bytes off the end */
		bool last_missing; /* its descriptor was never written */
		const char *pages;
		bool truncated, trusted;
	} rows[] = {
		{ "good", ZEROS, 0, 0, false, "EEETTTTTEE", false, true },
		{ "a block of zeros", DATA, 0, 0, false, "EEETTTTTEE", false, true },
		{ "cut", ZEROS, 0, 150, false, "EEETTTXXEE", true, true },
		{ "last never written", ZEROS, 0, 0, true, "EEETTTTXEE", true, true },
		{ "a bit of it", ZEROS, 131072, 0, false, "EEETTETTEE", false, false },
		{ "a bit of another", ZEROS, 7, 0, false, "EEETTTTTEE", false, false },
		{ "room for its own only", DESCRIPTORS + 5 * 24, 0, 0, false, "EEETTTTTEE", false,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct file *file = make_part(rows[i].data);
		if (rows[i].flip)
			flip(file, rows[i].flip);
		if (rows[i].last_missing)
			put_descriptor(file, 4, 0, 0, 0);
		file->n -= rows[i].cut;
		struct trail_core_check *check = open_check(file);
		check_pages(rows[i].name, check, rows[i].pages);
		if (trail_core_check_truncated(check, NULL) != rows[i].truncated)
			fail_msg("%s: truncated?", rows[i].name);
		if (trail_core_check_map_trusted(check, NULL) != rows[i].trusted)
			fail_msg("%s: trusted?", rows[i].name);
		check_pages(rows[i].name, check, rows[i].pages);
		trail_core_check_close(check);
		free(file);
	}
}

static void put_segment(struct file *file, int i, uint32_t type, uint64_t offset, uint64_t paddr,
			uint64_t filesz, uint64_t memsz)
{
	const uint64_t at = 64 + 56 * i;

	put(file, at, 4, type);
	put(file, at + 8, 8, offset);
	put(file, at + 24, 8, paddr);
	put(file, at + 32, 8, filesz);
	put(file, at + 40, 8, memsz);
}

/* Segments out of order; one inside another, as that of the kernel's text is. */
static struct file *make_elf(void)
{
	struct file *file = calloc(1, sizeof(*file));

	assert_non_null(file);
	memcpy(file->bytes, "\177ELF\2\1\1", 7);
	put(file, 16, 2, 4);
	put(file, 18, 2, 183);
	put(file, 32, 8, 64);
	put(file, 54, 2, 56);
	put(file, 56, 2, 6);
	put_segment(file, 0, TRAIL_ELFCORE_NOTE, 0x400, 0, 0x100, 0);
	put_segment(file, 1, TRAIL_ELFCORE_LOAD, 0x6000, 0x103000, 0x1000, 0x1000);
	put_segment(file, 2, TRAIL_ELFCORE_LOAD, 0x7000, 0x100000, 0x6000, 0x8000);
	put_segment(file, 3, TRAIL_ELFCORE_LOAD, 0x1000, 0x1000, 0x1800, 0x1800);
	put_segment(file, 4, TRAIL_ELFCORE_LOAD, 0, UINT64_MAX, 0x1000, 0x1000);
	put_segment(file, 5, TRAIL_ELFCORE_NOTE, 0x500, 0, 0x80, 0);
	file->n = 0xd000;
	return file;
}

static void test_elf(void **state)
{
	static const struct {
		size_t n;
		uint64_t paddr;
		char state;
	} rows[] = {
		{ 0xd000, 0, 'E' },
		{ 0xd000, 0x1000, 'T' },
		{ 0xd000, 0x27ff, 'T' },
		{ 0xd000, 0x2800, 'E' },
		{ 0xd000, 0x100000, 'T' },
		{ 0xd000, 0x103800, 'T' },
		{ 0xd000, 0x105fff, 'T' },
		{ 0xd000, 0x106000, 'E' },
		{ 0xd000, 0x108000, 'E' },
		{ 0xd000, UINT64_MAX, 'E' },
		{ 0xcfff, 0x104fff, 'T' },
		{ 0xcfff, 0x105000, 'X' },
		{ 0x5000, 0x100000, 'X' },
		{ 0x27ff, 0x1000, 'T' },
		{ 0x27ff, 0x2000, 'X' },
		/* The headers of the last segments are gone: nobody knows what they had. */
		{ 64 + 3 * 56, 0x1000, 'X' },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct file *file = make_elf();
		file->n = rows[i].n;
		struct trail_core_check *check = open_check(file);
		char got = "TEXB"[trail_core_check_page(check, rows[i].paddr)];
		if (got != rows[i].state)
			fail_msg("row %zu: %c instead of %c", i, got, rows[i].state);
		assert_int_equal(trail_core_check_truncated(check, NULL), rows[i].n != 0xd000);
		assert_true(trail_core_check_map_trusted(check, NULL));
		trail_core_check_close(check);
		free(file);
	}
}

static void test_elf_headers(void **state)
{
	struct file *file = make_elf();
	struct trail_core_check *check = open_check(file);
	const struct trail_core_range *notes;

	(void)state;
	assert_int_equal(trail_core_check_format(check), TRAIL_CORE_ELF);
	assert_string_equal(trail_core_check_arch(check), "aarch64");
	assert_int_equal(trail_core_check_notes(check, &notes), 2);
	assert_int_equal(notes[1].offset, 0x500);
	assert_int_equal(notes[1].size, 0x80);
	assert_int_equal(trail_core_check_vmcoreinfo(check).size, 0);
	assert_int_equal(trail_core_check_max_paddr(check), 0x108000);
	assert_non_null(trail_core_check_elfcore(check));
	assert_null(trail_core_check_diskdump(check));
	trail_core_check_close(check);
	free(file);
}

#define BITMAP1 (2 * BLOCK)

static void test_left_out(void **state)
{
	static const struct {
		const char *name;
		uint8_t fill;	 /* of the first bitmap */
		uint32_t memory; /* the bit of this page is set there, if it is not 0 */
		uint32_t flip;	 /* this page's bit of the second, if it is not 0 */
		bool knows, left_out;
	} rows[] = {
		{ "no memory", 0, 0, 0, true, false },
		{ "left out", 0, 20, 0, true, true },
		{ "another", 0, 21, 0, true, false },
		{ "in the dump", 0, 20, 20, false, false },
		{ "all is memory", 0xff, 0, 0, false, true },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct file *file = make_kdump();
		memset(file->bytes + BITMAP1, rows[i].fill, BITMAP2 - BITMAP1);
		if (rows[i].memory)
			file->bytes[BITMAP1 + rows[i].memory / 8] |= 1 << rows[i].memory % 8;
		if (rows[i].flip)
			flip(file, rows[i].flip);
		struct trail_core_check *check = open_check(file);
		if (trail_core_check_knows_memory(check) != rows[i].knows)
			fail_msg("%s: is it known?", rows[i].name);
		if (trail_core_check_left_out(check, 20 * BLOCK + 5) != rows[i].left_out)
			fail_msg("%s: was it left out?", rows[i].name);
		assert_false(trail_core_check_left_out(check, 7 * BLOCK));
		assert_false(trail_core_check_left_out(check, MAX_PFN * BLOCK));
		trail_core_check_close(check);
		free(file);
	}
}

static void test_elf_left_out(void **state)
{
	static const struct {
		uint64_t paddr;
		bool left_out;
	} rows[] = {
		{ 0, false },	    { 0x103800, false }, { 0x105fff, false },	{ 0x106000, true },
		{ 0x107fff, true }, { 0x108000, false }, { UINT64_MAX, false },
	};
	struct file *file = make_elf();
	struct trail_core_check *check = open_check(file);

	(void)state;
	assert_true(trail_core_check_knows_memory(check));
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++)
		if (trail_core_check_left_out(check, rows[i].paddr) != rows[i].left_out)
			fail_msg("0x%" PRIx64 ": was it left out?", rows[i].paddr);
	trail_core_check_close(check);
	put_segment(file, 2, TRAIL_ELFCORE_LOAD, 0x7000, 0x100000, 0x6000, 0x6000);
	check = open_check(file);
	assert_false(trail_core_check_knows_memory(check));
	trail_core_check_close(check);
	free(file);
}

static void test_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		enum trail_error_code code;
		const char *message;
	} rows[] = {
		{ "", 0, TRAIL_ERROR_UNSUPPORTED, "core: the file is empty" },
		{ "hello world", 11, TRAIL_ERROR_UNSUPPORTED,
		  "core: neither an ELF core nor a kdump-compressed dump, it starts with "
		  "68 65 6c 6c 6f 20 77 6f" },
		{ "makedumpfile\0\0\0\0", 16, TRAIL_ERROR_UNSUPPORTED,
		  "core: a flattened stream, to be rearranged first" },
		{ "KDUMP   ", 8, TRAIL_ERROR_BAD_DATA, NULL },
		{ "\177ELF", 4, TRAIL_ERROR_BAD_DATA, NULL },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_core_check *check = NULL;
		int fd = make_fd(rows[i].bytes, rows[i].n);
		struct trail_error *err = trail_core_check_open(fd, "core", &check);
		assert_non_null(err);
		assert_null(check);
		assert_int_equal(err->code, rows[i].code);
		if (rows[i].message)
			assert_string_equal(err->message, rows[i].message);
		trail_error_free(err);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kdump),	    cmocka_unit_test(test_kdump_cut),
		cmocka_unit_test(test_descriptors), cmocka_unit_test(test_flipped_bits),
		cmocka_unit_test(test_zero_block),  cmocka_unit_test(test_split),
		cmocka_unit_test(test_elf),	    cmocka_unit_test(test_elf_headers),
		cmocka_unit_test(test_left_out),    cmocka_unit_test(test_elf_left_out),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
