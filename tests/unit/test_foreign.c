/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file is that is no dump, from as few bytes as it has; the words are tests/cli's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "source/foreign.h"

static const struct {
	const char *bytes;
	size_t n;     /* of them */
	size_t least; /* that tell it; 0 when nothing is to be told */
	bool packed;
} rows[] = {
	{ "BZh9", 4, 3, true },
	{ "PK\x03\x04\x14", 5, 4, true },
	{ "\x1f\x8b\x08", 3, 0, false },
	{ "[    0.000000] Linux", 20, 16, false },
	{ "KDUMP   ", 8, 0, false },
	{ "KDUMP   \6\0\0\0\0\0\0\0\0\0\0", 20, 0, false },
	{ "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\76", 19, 18, false },
	{ "\177ELF\2\2\1\0\0\0\0\0\0\0\0\0\0\2\0", 19, 18, false },
	{ "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\4\0\76", 19, 0, false },
};

/* Each prefix in a block of its own size: the sanitizer sees a read behind it. */
static void test_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++)
		for (size_t n = 0; n <= rows[i].n; n++) {
			uint8_t *copy = malloc(n + !n);
			bool packed = true;

			assert_non_null(copy);
			memcpy(copy, rows[i].bytes, n);
			bool told = trail_foreign_tell(copy, n, &packed);
			assert_int_equal(told, rows[i].least && n >= rows[i].least);
			assert_int_equal(packed, told && rows[i].packed);
			free(copy);
		}
}

static void test_is_dump(void **state)
{
	static const struct {
		const char *bytes;
		size_t n, least; /* 0: never */
	} dumps[] = {
		{ "KDUMP   \6", 9, 8 },
		{ "makedumpfile\0\0\0\0", 16, 16 },
		{ "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\4\0\76", 19, 18 },
		{ "\177ELF\2\2\1\0\0\0\0\0\0\0\0\0\0\4\0", 19, 18 },
		{ "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\76", 19, 0 },
		{ "\x1f\x8b\x08", 3, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(dumps); i++)
		for (size_t n = 0; n <= dumps[i].n; n++) {
			uint8_t *copy = malloc(n + !n);

			assert_non_null(copy);
			memcpy(copy, dumps[i].bytes, n);
			assert_int_equal(trail_foreign_is_dump(copy, n),
					 dumps[i].least && n >= dumps[i].least);
			free(copy);
		}
}

static void test_refuse(void **state)
{
	static const struct {
		const char *bytes, *says;
	} refused[] = {
		{ "", "the file is empty" },
		{ "BZh9", "bzip2 -dc FILE" },
		{ "\1\2\3", "it starts with 01 02 03" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(refused); i++) {
		struct trail_error *error = trail_foreign_refuse(TRAIL_UNPACK_NONE,
								 (const uint8_t *)refused[i].bytes,
								 strlen(refused[i].bytes));
		assert_int_equal(error->code, TRAIL_ERROR_UNSUPPORTED);
		assert_non_null(strstr(error->message, refused[i].says));
		trail_error_free(error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_is_dump),
		cmocka_unit_test(test_refuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
