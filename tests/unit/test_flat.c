/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flattened stream's header and block headers: good, bad and cut short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "format/flat.h"

#define NONE (-1)

static void put_be64(uint8_t *p, uint64_t value)
{
	for (int i = 7; i >= 0; i--, value >>= 8)
		p[i] = value & 0xff;
}

/* Is the outcome the one that the row expects?  Frees the error. */
static void check_code(const char *name, struct trail_error *err, int code)
{
	int got = err ? (int)err->code : NONE;

	trail_error_free(err);
	if (got != code)
		fail_msg("%s: outcome %d instead of %d", name, got, code);
}

static void test_header(void **state)
{
	static const struct {
		const char *name, *signature;
		size_t n;
		uint64_t type, version;
		bool is;
		int code;
	} rows[] = {
		{ "good", "makedumpfile", 4096, 1, 1, true, NONE },
		{ "more than the header", "makedumpfile", 5000, 1, 1, true, NONE },
		{ "cut in the padding", "makedumpfile", 4095, 1, 1, true, TRAIL_ERROR_BAD_DATA },
		{ "cut in the version", "makedumpfile", 30, 1, 1, true, TRAIL_ERROR_BAD_DATA },
		{ "cut in the signature", "makedumpfile", 15, 1, 1, false, TRAIL_ERROR_BAD_DATA },
		{ "nothing", "", 0, 0, 0, false, TRAIL_ERROR_BAD_DATA },
		{ "longer name", "makedumpfile2", 4096, 1, 1, false, TRAIL_ERROR_BAD_DATA },
		{ "other name", "KDUMP   ", 4096, 1, 1, false, TRAIL_ERROR_BAD_DATA },
		{ "type 2", "makedumpfile", 4096, 2, 1, true, TRAIL_ERROR_UNSUPPORTED },
		{ "version 2", "makedumpfile", 4096, 1, 2, true, TRAIL_ERROR_UNSUPPORTED },
		{ "little endian", "makedumpfile", 4096, UINT64_C(1) << 56, UINT64_C(1) << 56, true,
		  TRAIL_ERROR_UNSUPPORTED },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		uint8_t bytes[5000] = { 0 };
		memcpy(bytes, rows[i].signature, strlen(rows[i].signature));
		put_be64(bytes + 16, rows[i].type);
		put_be64(bytes + 24, rows[i].version);
		if (trail_flat_is(bytes, rows[i].n) != rows[i].is)
			fail_msg("%s: is it one?", rows[i].name);
		check_code(rows[i].name, trail_flat_check_header(bytes, rows[i].n), rows[i].code);
	}
}

static void test_block(void **state)
{
	static const struct {
		const char *name;
		uint64_t offset, size;
		size_t n;
		bool end;
		int code;
	} rows[] = {
		{ "at 0", 0, 464, 16, false, NONE },
		{ "far off", 0x123456789a, 1, 16, false, NONE },
		{ "up to the limit", TRAIL_FLAT_MAX_RESULT - 5, 5, 16, false, NONE },
		{ "past the limit", TRAIL_FLAT_MAX_RESULT - 5, 6, 16, false, TRAIL_ERROR_LIMIT },
		{ "both as large as can be", INT64_MAX, INT64_MAX, 16, false, TRAIL_ERROR_LIMIT },
		{ "end", UINT64_MAX, UINT64_MAX, 16, true, NONE },
		{ "half an end", UINT64_MAX, 1, 16, false, TRAIL_ERROR_BAD_DATA },
		{ "other half", 1, UINT64_MAX, 16, false, TRAIL_ERROR_BAD_DATA },
		{ "-2", UINT64_MAX - 1, UINT64_MAX - 1, 16, false, TRAIL_ERROR_BAD_DATA },
		{ "empty", 0, 0, 16, false, TRAIL_ERROR_BAD_DATA },
		{ "cut short", 0, 464, 15, false, TRAIL_ERROR_BAD_DATA },
		{ "nothing", 0, 0, 0, false, TRAIL_ERROR_BAD_DATA },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		uint8_t bytes[16];
		struct trail_flat_block block = { .offset = 77 };
		put_be64(bytes, rows[i].offset);
		put_be64(bytes + 8, rows[i].size);
		check_code(rows[i].name, trail_flat_read_block(bytes, rows[i].n, 4096, &block),
			   rows[i].code);
		if (rows[i].code != NONE) {
			assert_int_equal(block.offset, 77);
			continue;
		}
		assert_int_equal(block.end, rows[i].end);
		assert_int_equal(block.offset, rows[i].end ? 0 : rows[i].offset);
		assert_int_equal(block.size, rows[i].end ? 0 : rows[i].size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
