/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which words of a page table are entries of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "source/xlat.h"

static void test_entries(void **state)
{
	static const struct {
		const char *bytes;
		bool is_entry;
	} rows[] = {
		{ "\x63\x01\x00\x00\x01\x00\x00\x80", true }, /* no-execute */
		{ "\xe3\x80\xff\xff\xff\x1f\x00\x00", true }, /* the last below 32 TiB */
		{ "\xe3\x80\xff\xff\xff\x20\x00\x00", false },
		{ "\x62\x01\x00\x00\x01\x00\x00\x80", false }, /* not present */
		{ "\0\0\0\0\0\0\0\0", false },
		{ "a text: ", false },
		{ "        ", false },
		{ "host=al\0", false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++)
		if (trail_xlat_is_entry((const uint8_t *)rows[i].bytes) != rows[i].is_entry)
			fail_msg("row %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
