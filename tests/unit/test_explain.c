/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of other tools that show a piece of evidence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/explain.h"
#include "report/report.h"
#include "report/view.h"

/* Which commands each piece gives; a name that is none is not put into one. */
static void test_explain(void **state)
{
	static const struct {
		struct trail_evidence evidence;
		const char *crash, *drgn; /* all of them, with a | behind each */
	} rows[] = {
		/* clang-format off */
		{ { .source = TRAIL_SOURCE_MEMORY, .symbols = { "panic_cpu", "stopping_cpu" } },
		  "p -x panic_cpu|p -x stopping_cpu|", "prog[\"panic_cpu\"]|prog[\"stopping_cpu\"]|" },
		{ { .source = TRAIL_SOURCE_CONFIG, .symbols = { "panic_print" } }, "p -x panic_print|", "prog[\"panic_print\"]|" },
		{ { .source = TRAIL_SOURCE_MEMORY, .symbols = { "a; quit", "1a", "", "VMCOREINFO CRASHTIME" } }, "", "" },
		{ { .source = TRAIL_SOURCE_MEMORY, .symbols = { "cpus_stopped" } }, "", "" },
		{ { .source = TRAIL_SOURCE_MEMORY, .code = 0xffffffffc0381420 }, "dis -f 0xffffffffc0381420|", "" },
		{ { .source = TRAIL_SOURCE_STACK, .has_cpu = true, .cpu = 0 }, "bt -c 0|",
		  "prog.stack_trace(per_cpu(prog[\"runqueues\"], 0).curr)|" },
		{ { .source = TRAIL_SOURCE_STACK }, "", "" },
		{ { .source = TRAIL_SOURCE_NOTE, .has_cpu = true, .cpu = 3 }, "help -D|", "per_cpu_ptr(prog[\"crash_notes\"], 3)|" },
		{ { .source = TRAIL_SOURCE_NOTE }, "help -D|", "" },
		{ { .source = TRAIL_SOURCE_LOG, .has_cpu = true }, "log|", "print(get_dmesg(prog).decode(errors=\"replace\"))|" },
		{ { .source = TRAIL_SOURCE_INFERENCE, .has_cpu = true, .symbols = { "panic_cpu" } }, "", "" },
		/* clang-format on */
	};
	struct trail_report report = { 0 };
	struct trail_view view;

	(void)state;
	trail_view_init(&view, &report);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_checks checks;
		const char *crash = "", *drgn = "";

		trail_explain(&view, &rows[i].evidence, &checks);
		for (size_t k = 0; k < checks.n_crash; k++)
			crash = trail_say(&view, "%s%s|", crash, checks.crash[k]);
		for (size_t k = 0; k < checks.n_drgn; k++)
			drgn = trail_say(&view, "%s%s|", drgn, checks.drgn[k]);
		assert_string_equal(crash, rows[i].crash);
		assert_string_equal(drgn, rows[i].drgn);
	}
	trail_view_fini(&view);
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < trail_n_check_rows; i++) {
		const struct trail_check_row *row = &trail_check_rows[i];
		assert_true(row->source < TRAIL_N_SOURCES && row->source != TRAIL_SOURCE_INFERENCE);
		assert_true(row->crash || row->symbol);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explain),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
