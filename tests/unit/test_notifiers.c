/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chain joined with the catalogue. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "report/notifiers.h"

#define OUT_OF_TREE (UINT64_C(1) << 12)

static struct trail_module_facts modules[] = {
	{ .name = "ipmi_msghandler" },
	{ .name = "mine", .taints = OUT_OF_TREE },
	{ .name = "pvpanic", .taints = OUT_OF_TREE },
};

static void test_join(void **state)
{
	static const struct {
		struct trail_notifier_facts notifier;
		const char *source; /* NULL: not catalogued */
		enum trail_tristate out_of_tree;
		bool differs;
	} rows[] = {
		{ { .function = "rcu_panic" }, "kernel/rcu/tree_stall.h", TRAIL_NO, false },
		{ { .function = "rcu_panic", .priority = 7 },
		  "kernel/rcu/tree_stall.h",
		  TRAIL_NO,
		  true },
		/* both priorities that it ever had are right, whatever the kernel */
		{ { .function = "hvfb_on_panic", .priority = INT_MIN + 10 },
		  "drivers/video/fbdev/hyperv_fb.c",
		  TRAIL_NO,
		  false },
		{ { .function = "hvfb_on_panic" },
		  "drivers/video/fbdev/hyperv_fb.c",
		  TRAIL_NO,
		  false },
		{ { .function = "panic_event", .priority = 200 },
		  "drivers/char/ipmi/ipmi_msghandler.c",
		  TRAIL_NO,
		  false },
		{ { .function = "panic_event", .module = "ipmi_msghandler", .priority = 200 },
		  "drivers/char/ipmi/ipmi_msghandler.c",
		  TRAIL_NO,
		  false },
		{ { .function = "panic_event", .module = "mine" }, NULL, TRAIL_YES, false },
		{ { .function = "pvpanic_panic_notify", .module = "pvpanic", .priority = INT_MAX },
		  "drivers/misc/pvpanic/pvpanic.c",
		  TRAIL_YES,
		  false },
		{ { .function = "other", .module = "gone" }, NULL, TRAIL_MAYBE, false },
		{ { .function = NULL }, NULL, TRAIL_NO, false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_notifier_facts notifier = rows[i].notifier;
		struct trail_facts facts = { .arch = "x86_64",
					     .modules = modules,
					     .n_modules = TRAIL_ARRAY_SIZE(modules),
					     .notifiers = &notifier,
					     .n_notifiers = 1 };
		struct trail_joined joined = trail_notifiers_join(&facts, 0);

		assert_int_equal(!!joined.known, !!rows[i].source);
		if (joined.known)
			assert_string_equal(joined.known->source, rows[i].source);
		assert_int_equal(joined.out_of_tree, rows[i].out_of_tree);
		assert_int_equal(joined.priority_differs, rows[i].differs);
	}
}

/* No line is wider than what was asked for, down to where a table cannot shrink further. */
static void test_width(void **state)
{
	(void)state;
	for (size_t width = 60; width < 200; width += 20) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
		struct trail_report report = { .complete = true, .width = width };

		assert_null(trail_render_notifiers_text(&report, &text));
		for (const char *s = trail_text_string(&text); *s;) {
			size_t columns = 0;
			for (; *s && *s != '\n'; s++)
				columns += (*s & 0xc0) != 0x80;
			assert_true(columns <= width);
			s += *s == '\n';
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
