/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which verb takes an option, and how near a word is to another; the rest is tests/cli. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/nearest.h"
#include "cli/options.h"

const struct trail_verb trail_verbs[] = { { "report", "INPUT", "", NULL, "", "" }, { NULL } };

static void test_distance(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		unsigned distance;
	} rows[] = {
		{ "", "", 0 },
		{ "facts", "facts", 0 },
		{ "fact", "facts", 1 },
		{ "report", "reprot", 1 },
		{ "report", "", 6 },
		{ "strict", "stirct", 1 },
		{ "distill", "district", 3 },
		{ "log", "facts", 5 },
	};

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		assert_int_equal(trail_edit_distance(rows[i].a, rows[i].b), rows[i].distance);
		assert_int_equal(trail_edit_distance(rows[i].b, rows[i].a), rows[i].distance);
	}
	assert_int_equal(trail_edit_distance("a", "a word that is longer than any name of ours"),
			 255);
}

static void test_verbs(void **state)
{
	(void)state;
	static const struct {
		const char *verbs, *verb, *message; /* NULL: it takes the option */
	} rows[] = {
		{ NULL, "report", NULL },
		{ "report", "report", NULL },
		{ "facts log report", "log", NULL },
		{ "facts", "report", "report takes no --redact; facts does" },
		{ "reports", "report", "report takes no --redact; reports does" },
		{ "facts log", "lo", "lo takes no --redact; facts and log do" },
		{ "a b c", "report", "report takes no --redact; a, b and c do" },
	};

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_option option = { .name = "redact", .verbs = rows[i].verbs };
		struct trail_error *error = trail_option_check(&option, rows[i].verb);

		assert_int_equal(trail_option_has_verb(&option, rows[i].verb), !rows[i].message);
		assert_int_equal(!error, !rows[i].message);
		if (error)
			assert_string_equal(error->message, rows[i].message);
		trail_error_free(error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_verbs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
