/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file is that is no dump, from as few bytes as it has; the words are tests/cli's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "source/foreign.h"

static const struct {
	const char *bytes;
	size_t n;     /* of them */
	size_t least; /* that tell it; 0 when nothing is to be told */
	bool packed;
} rows[] = {
	{ "\x1f\x8b\x08", 3, 2, true },
	{ "\xfd"
	  "7zXZ\0\0",
	  7, 6, true },
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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_prefixes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
