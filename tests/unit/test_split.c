/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of split dumps, headers only: sorted, strangers among them, some missing. */
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
#include "source/core_file.h"
#include "source/image.h"
#include "source/split.h"

#define BLOCK 4096
#define MAX_PFN 1000
#define FILES_MAX 4

/* A part by its pages; a value of @width bytes at @at of the file differs from the others'. */
struct part {
	uint32_t start, end;
	uint32_t at, width, value;
	uint32_t cut; /* the file ends so */
};

static void put(uint8_t *to, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		to[i] = value >> 8 * i & 0xff;
}

/* Offsets in struct disk_dump_header and kdump_sub_header of makedumpfile's diskdump_mod.h. */
static void make_file(char *path, const struct part *part)
{
	static uint8_t bytes[4 * BLOCK];

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, "KDUMP   ", 8);
	put(bytes + 8, 4, 6);
	memcpy(bytes + 12, "Linux", 5);
	memcpy(bytes + 12 + 4 * 65, "x86_64", 6);
	put(bytes + 408, 8, 1700000000);
	put(bytes + 424, 4, 1);
	put(bytes + 428, 4, BLOCK);
	put(bytes + 432, 4, 1); /* of the sub header */
	put(bytes + 436, 4, 2); /* of both bitmaps */
	put(bytes + 440, 4, MAX_PFN);
	put(bytes + BLOCK + 8, 4, 31);
	put(bytes + BLOCK + 12, 4, part->end > 0);
	put(bytes + BLOCK + 48, 8, BLOCK + 104); /* notes */
	put(bytes + BLOCK + 56, 8, 100);
	put(bytes + BLOCK + 80, 8, part->start);
	put(bytes + BLOCK + 88, 8, part->end);
	put(bytes + BLOCK + 96, 8, MAX_PFN);
	put(bytes + part->at, part->width, part->value);
	size_t n = part->cut ? part->cut : sizeof(bytes);
	int fd = memfd_create("core", 0); /* open until the program ends */
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	sprintf(path, "/proc/self/fd/%d", fd);
}

static size_t open_parts(const struct part *parts, struct trail_core_file *files, char paths[][32])
{
	static const struct trail_image_options options = { .tmpdir = "/tmp" };
	size_t n = 0;

	for (; n < FILES_MAX && (!n || parts[n].end); n++) {
		make_file(paths[n], &parts[n]);
		assert_null(trail_core_file_open(paths[n], &options, &files[n]));
	}
	return n;
}

static void close_parts(struct trail_core_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++)
		trail_core_file_close(&files[i]);
}

static void test_sets(void **state)
{
	static const struct {
		const char *name;
		struct part parts[FILES_MAX];
		const char *missing; /* ranges, the end not in it */
	} rows[] = {
		{ "whole", { { 0, 400 }, { 400, 1000 } }, "" },
		{ "in another order", { { 700, 1000 }, { 0, 400 }, { 400, 700 } }, "" },
		{ "no first", { { 400, 700 }, { 700, 1000 } }, " 0-400" },
		{ "no last", { { 0, 400 }, { 400, 999 } }, " 999-1000" },
		{ "holes", { { 100, 200 }, { 300, 400 } }, " 0-100 200-300 400-1000" },
		{ "one of several", { { 300, 400 } }, " 0-300 400-1000" },
		{ "one that is all", { { 0, 1000 } }, "" },
		{ "not split", { { 0, 0 } }, "" },
		{ "empty ones", { { 0, 1000 }, { 1000, 1000 }, { 1000, 1000 } }, "" },
		{ "one that had no room", { { 0, 500 }, { 500, 1000, 424, 4, 9 } }, "" },
		{ "cut in the notes", { { 0, 500 }, { 500, 1000, .cut = BLOCK + 150 } }, "" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_core_file files[FILES_MAX];
		char paths[FILES_MAX][32], missing[128] = "";
		size_t n = open_parts(rows[i].parts, files, paths);
		uint64_t start, end = 0;

		struct trail_error *error = trail_split_sort(files, n);
		if (error)
			fail_msg("%s: %s", rows[i].name, error->message);
		while (trail_split_missing(files, n, end, &start, &end))
			sprintf(missing + strlen(missing), " %d-%d", (int)start, (int)end);
		if (strcmp(missing, rows[i].missing) != 0)
			fail_msg("%s: missing%s", rows[i].name, missing);
		close_parts(files, n);
	}
}

static void test_strangers(void **state)
{
	static const struct {
		struct part stranger;
		const char *says;
	} rows[] = {
		{ { 400, 1000, 408, 8, 1700000001 }, "the time stamps differ" },
		{ { 400, 1000, 12 + 2 * 65, 1, '7' }, "the kernels differ" },
		{ { 400, 1000, 12 + 65, 1, 'h' }, "the host names differ" },
		{ { 400, 1000, BLOCK + 96, 8, 1001 }, "the machines differ" },
		{ { 400, 1000, 424, 4, 2 }, "the dump levels or compressions differ" },
		{ { 400, 1000, BLOCK + 8, 4, 30 }, "the dump levels or compressions differ" },
		{ { 400, 1000, BLOCK + 104, 1, 5 }, "the notes differ" },
		{ { 400, 1000, BLOCK + 12, 4, 0 }, "no file of a split dump" },
		{ { 300, 1000 }, "has page frames from 0x12c on that /proc/self/fd/" },
		{ { 0, 400 }, "has page frames from 0x0 on that /proc/self/fd/" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		const struct part parts[FILES_MAX] = { { 0, 400 }, rows[i].stranger };
		struct trail_core_file files[FILES_MAX];
		char paths[FILES_MAX][32];
		size_t n = open_parts(parts, files, paths);

		struct trail_error *error = trail_split_sort(files, n);
		if (!error || !strstr(error->message, rows[i].says) ||
		    !strstr(error->message, paths[1]))
			fail_msg("wanted %s, got %s", rows[i].says,
				 error ? error->message : "none");
		assert_true(trail_error_catch(&error, TRAIL_ERROR_UNSUPPORTED));
		close_parts(files, n);
	}
}

static void test_find(void **state)
{
	static const struct part parts[FILES_MAX] = { { 700, 900 }, { 100, 400 }, { 400, 500 } };
	static const struct {
		uint64_t pfn;
		int start; /* of the file that has it; -1: none */
	} rows[] = {
		{ 0, -1 },   { 99, -1 },  { 100, 100 }, { 399, 100 }, { 400, 400 }, { 499, 400 },
		{ 500, -1 }, { 699, -1 }, { 700, 700 }, { 899, 700 }, { 900, -1 },  { 5000, -1 },
	};
	struct trail_core_file files[FILES_MAX];
	char paths[FILES_MAX][32];
	size_t n = open_parts(parts, files, paths);

	(void)state;
	assert_null(trail_split_sort(files, n));
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		const struct trail_core_file *file = trail_split_find(files, n, rows[i].pfn);
		const char *wanted = rows[i].start == 100   ? paths[1]
				     : rows[i].start == 400 ? paths[2]
							    : paths[0];
		assert_int_equal(!file, rows[i].start < 0);
		assert_true(!file || strcmp(file->path, wanted) == 0);
	}
	close_parts(files, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
