/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cores written from pages made up here, and read back by what reads all dumps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "source/core_check.h"
#include "source/image.h"
#include "source/page_set.h"
#include "source/write_core.h"

#define MAX_PFN UINT64_C(300000)

/* Zeros, text, noise that zlib makes no smaller; the first and the last page that there may be. */
static const uint64_t pages[] = { 0, 7, 8, 131072, 299999 };
static const uint64_t zeros = 7, noise = 131072;

static const uint8_t notes[] =
	/* name, descriptor, type; "VMCOREINFO", one line */
	"\x0b\0\0\0\x11\0\0\0\0\0\0\0VMCOREINFO\0\0OSRELEASE=6.1.0\n\0\0\0\0";
enum { TEXT_AT = 24, TEXT_SIZE = 16 };

static struct trail_error *make_page(void *data, uint64_t page, void *ret)
{
	uint8_t *to = ret;
	uint32_t random = 1;

	(void)data;
	memset(to, 0, TRAIL_PAGE_SIZE);
	if (page == zeros)
		return NULL;
	for (size_t i = 0; i < TRAIL_PAGE_SIZE; i++) {
		random = random * 1664525 + 1013904223;
		to[i] = page == noise ? random >> 24 : (page + i / 16) & 0xff;
	}
	return NULL;
}

static struct trail_error *fail_page(void *data, uint64_t page, void *ret)
{
	(void)data, (void)page, (void)ret;
	return trail_error_format(TRAIL_ERROR_BAD_DATA, "no page");
}

static int make_fd(void)
{
	int fd = memfd_create("core", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* The set in the order that a reader of lists would make it in: not ascending, and with repeats. */
static struct trail_page_set make_set(void)
{
	struct trail_page_set set = { 0 };

	for (size_t i = TRAIL_ARRAY_SIZE(pages); i--;) {
		assert_true(trail_page_set_add(&set, pages[i]));
		assert_true(trail_page_set_add(&set, pages[TRAIL_ARRAY_SIZE(pages) - 1]));
	}
	assert_int_equal(set.n, TRAIL_ARRAY_SIZE(pages));
	assert_memory_equal(set.pages, pages, sizeof(pages));
	return set;
}

static struct trail_write_core make_core(const struct trail_page_set *set)
{
	return (struct trail_write_core){
		.header = { .machine = "x86_64",
			    .release = "6.1.0",
			    .nr_cpus = 4,
			    .time_sec = 1234567890,
			    .max_pfn = MAX_PFN,
			    .phys_base = 0x1000000,
			    .dump_level = 31 },
		.notes = notes,
		.notes_size = sizeof(notes) - 1,
		.vmcoreinfo = notes + TEXT_AT,
		.vmcoreinfo_size = TEXT_SIZE,
		.pages = set,
		.read = make_page,
	};
}

static void check_headers(struct trail_core_check *check)
{
	const struct trail_diskdump *d = trail_core_check_diskdump(check);
	const struct trail_core_range *ranges;
	const char *why;

	assert_non_null(d);
	assert_int_equal(d->version, 6);
	assert_string_equal(d->machine, "x86_64");
	assert_string_equal(d->release, "6.1.0");
	assert_int_equal(d->nr_cpus, 4);
	assert_int_equal(d->time_sec, 1234567890);
	assert_int_equal(d->max_pfn, MAX_PFN);
	assert_int_equal(d->phys_base, 0x1000000);
	assert_int_equal(d->dump_level, 31);
	assert_true(d->bitmap2_offset > d->bitmap1_offset);
	assert_int_equal(trail_core_check_notes(check, &ranges), 1);
	assert_int_equal(ranges[0].size, sizeof(notes) - 1);
	assert_int_equal(trail_core_check_vmcoreinfo(check).offset, ranges[0].offset + TEXT_AT);
	assert_int_equal(trail_core_check_vmcoreinfo(check).size, TEXT_SIZE);
	assert_false(trail_core_check_incomplete(check));
	assert_false(trail_core_check_truncated(check, NULL));
	if (!trail_core_check_map_trusted(check, &why))
		fail_msg("the page map is not trusted: %s", why);
}

static void check_pages(struct trail_image *image)
{
	uint8_t got[TRAIL_PAGE_SIZE], wanted[TRAIL_PAGE_SIZE];
	uint64_t page = MAX_PFN;

	for (size_t i = TRAIL_ARRAY_SIZE(pages); i-- > 1;) { /* page 0 is never looked at */
		assert_true(trail_image_page_below(image, &page));
		assert_int_equal(page, pages[i]);
	}
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(pages); i++) {
		assert_null(make_page(NULL, pages[i], wanted));
		assert_null(trail_image_read_physical(image, pages[i] << TRAIL_PAGE_SHIFT, got,
						      sizeof(got)));
		assert_memory_equal(got, wanted, sizeof(got));
	}
	struct trail_error *error = trail_image_read_physical(image, 9 << TRAIL_PAGE_SHIFT, got, 1);
	assert_true(trail_error_catch(&error, TRAIL_ERROR_NODATA));
}

/*
 * What was read is kept, what was searched through is not; of a page only the bytes that were read
 * or put there, not those that were looked at.
 */
static void check_kept(struct trail_image *image)
{
	const uint64_t start = 8 << TRAIL_PAGE_SHIFT;
	uint8_t bytes[16], page[TRAIL_PAGE_SIZE], wanted[TRAIL_PAGE_SIZE] = { 0 };

	assert_null(trail_image_keep_pages(image, true));
	assert_null(trail_image_peek(image, 131072 << TRAIL_PAGE_SHIFT, bytes, sizeof(bytes)));
	assert_null(trail_image_read_physical(image, start - 8, bytes, sizeof(bytes)));
	memcpy(wanted, bytes + 8, 8);
	assert_null(trail_image_look_physical(image, start + 64, bytes, sizeof(bytes)));
	trail_image_keep_physical(image, start + 68, "four", 4);
	trail_image_keep_physical(image, start + TRAIL_PAGE_SIZE, "none", 4);
	memcpy(wanted + 68, "four", 4);
	const struct trail_page_set *kept = trail_image_kept_pages(image);
	assert_int_equal(kept->n, 2);
	assert_int_equal(kept->pages[0], 7);
	assert_int_equal(kept->pages[1], 8);
	assert_true(trail_kept_has(kept->kept[1], 0, 8));
	assert_true(trail_kept_has(kept->kept[1], 68, 4));
	assert_false(trail_kept_has(kept->kept[1], 0, 9));
	assert_false(trail_kept_has(kept->kept[1], 67, 2));
	assert_null(trail_image_kept_page(image, 8, page));
	assert_memory_equal(page, wanted, sizeof(page));
}

static void test_round_trip(void **state)
{
	struct trail_page_set set = make_set();
	struct trail_write_core core = make_core(&set);
	struct trail_core_check *check;
	struct trail_image *image;
	struct trail_image_options options = { .tmpdir = "/tmp" };
	char path[64];
	int fd = make_fd();

	(void)state;
	assert_null(trail_write_core(fd, &core));
	assert_null(trail_core_check_open(fd, "core", &check));
	check_headers(check);
	trail_core_check_close(check);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_null(trail_image_open((const char *const[]){ path }, 1, &options, &image));
	assert_null(trail_image_incomplete(image, 0));
	assert_false(trail_image_is_redacted(image));
	check_pages(image);
	check_kept(image);
	trail_image_close(image);
	close(fd);
	trail_page_set_fini(&set);
}

/* ERASEINFO of a redacted dump lists pages that are not whole; that of others is not ours. */
static void test_erased(void **state)
{
	static const struct {
		const char *text;
		bool redacted, damaged;
	} rows[] = {
		{ "panictrail distill --redact\n8 10-1f ff8-fff\n", true, false },
		{ "panictrail distill --redact\n8 10-1f ff8-1000\n", true, true },
		{ "erase jiffies\n", false, false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		TRAIL_CLEANUP(trail_page_set_fini) struct trail_page_set set = { 0 };
		struct trail_error *error = trail_page_set_read_erased(&set, rows[i].text,
								       strlen(rows[i].text));
		assert_int_equal(trail_error_catch(&error, TRAIL_ERROR_BAD_DATA), rows[i].damaged);
		assert_null(error);
		assert_int_equal(set.has_bytes, rows[i].redacted);
		assert_null(trail_page_set_kept(&set, 7));
		const struct trail_kept *there = trail_page_set_kept(&set, 8);
		assert_int_equal(there != NULL, rows[i].redacted && !rows[i].damaged);
		if (!there)
			continue;
		assert_true(trail_kept_has(there, 0x10, 16));
		assert_true(trail_kept_has(there, 0xff8, 8));
		assert_false(trail_kept_has(there, 0x10, 17));
		assert_false(trail_kept_has(there, 0xf, 1));
	}
}

/* Nothing kept, no notes, VMCOREINFO and ERASEINFO of their own, a status: each must find its
 * place. */
static void test_odd(void **state)
{
	static const uint8_t text[] = "OSRELEASE=x\n";
	struct trail_page_set set = { 0 };
	struct trail_write_core core = { .header = { .status = TRAIL_DISKDUMP_INCOMPLETE },
					 .vmcoreinfo = text,
					 .vmcoreinfo_size = sizeof(text) - 1,
					 .erased = "erased",
					 .pages = &set,
					 .read = fail_page };
	struct trail_core_check *check;
	uint8_t got[sizeof(text)] = { 0 };
	int fd = make_fd();

	(void)state;
	assert_null(trail_write_core(fd, &core));
	assert_null(trail_core_check_open(fd, "core", &check));
	assert_true(trail_core_check_incomplete(check));
	struct trail_core_range range = trail_core_check_vmcoreinfo(check);
	assert_int_equal(range.size, sizeof(text) - 1);
	assert_int_equal(pread(fd, got, range.size, (off_t)range.offset), range.size);
	assert_string_equal((char *)got, (char *)text);
	const struct trail_diskdump *d = trail_core_check_diskdump(check);
	assert_int_equal(d->eraseinfo.size, strlen("erased"));
	assert_int_equal(pread(fd, got, d->eraseinfo.size, (off_t)d->eraseinfo.offset),
			 d->eraseinfo.size);
	assert_memory_equal(got, "erased", strlen("erased"));
	trail_core_check_close(check);
	close(fd);
}

static void test_errors(void **state)
{
	struct trail_page_set set = make_set();
	struct trail_write_core core = make_core(&set);
	int fd = make_fd();

	(void)state;
	core.read = fail_page;
	struct trail_error *error = trail_write_core(fd, &core);
	assert_true(trail_error_catch(&error, TRAIL_ERROR_BAD_DATA));
	core.read = make_page;
	error = trail_write_core(-1, &core);
	assert_true(trail_error_catch(&error, TRAIL_ERROR_OS));
	core.header.max_pfn = TRAIL_DISKDUMP_MAX_PFN + 1;
	error = trail_write_core(fd, &core);
	assert_true(trail_error_catch(&error, TRAIL_ERROR_LIMIT));
	close(fd);
	trail_page_set_fini(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_erased),
		cmocka_unit_test(test_odd),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
