/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ERASEINFO of redacted dumps: pages written and read again, and lines that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "format/erased.h"

#define START "panictrail distill --redact\n"

static void set(uint8_t *map, size_t first, size_t last)
{
	for (size_t i = first; i <= last; i++)
		map[i / 8] |= 1 << i % 8;
}

static void test_round_trip(void **state)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	uint8_t none[TRAIL_ERASED_PAGE / 8] = { 0 }, some[TRAIL_ERASED_PAGE / 8] = { 0 };
	struct trail_erased_page page;
	struct trail_erased e;

	(void)state;
	set(some, 0, 0);
	set(some, 7, 8);
	set(some, 0x10, 0xff0);
	set(some, 0xfff, 0xfff);
	trail_erased_start(&text);
	trail_erased_put(&text, 0x1f, none);
	trail_erased_put(&text, UINT64_MAX >> 12, some);
	assert_string_equal(text.data, START "1f\nfffffffffffff 0-0 7-8 10-ff0 fff-fff\n");
	assert_true(trail_erased_open(text.data, text.length, &e));
	assert_true(trail_erased_next(&e, &page));
	assert_int_equal(page.page, 0x1f);
	assert_memory_equal(page.map, none, sizeof(none));
	assert_true(trail_erased_next(&e, &page));
	assert_int_equal(page.page, UINT64_MAX >> 12);
	assert_memory_equal(page.map, some, sizeof(some));
	assert_false(trail_erased_next(&e, &page));
	assert_false(e.bad);
}

static void test_bad(void **state)
{
	static const char *const rows[] = {
		"1",
		"1 ",
		"1 0-\n",
		"1 0\n",
		"1 0-1",
		"1 1-0\n",
		"g\n",
		"1  0-1\n",
		"1 0-1000\n",
		"1 0-1 1-2\n",
		"1 4-5 0-1\n",
		"\n",
		"1f 0-1 \n",
		"10000000000000\n",
		"00000000000000001\n",
	};
	struct trail_erased_page page;
	struct trail_erased e;

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
		trail_text_printf(&text, START "2 0-1\n%s", rows[i]);
		assert_true(trail_erased_open(text.data, text.length, &e));
		assert_true(trail_erased_next(&e, &page));
		bool bad = !trail_erased_next(&e, &page) && e.bad && !trail_erased_next(&e, &page);
		bool is_long = i + 1 == TRAIL_ARRAY_SIZE(rows);
		if (bad == is_long)
			fail_msg("taken for good: %s", rows[i]);
	}
	assert_false(trail_erased_open("erase jiffies\n", 14, &e));
	assert_false(trail_erased_open(START, strlen(START) - 1, &e));
	assert_false(trail_erased_open(NULL, 0, &e));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
