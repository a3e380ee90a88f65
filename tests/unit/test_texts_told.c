/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What texts tell beside the frontier: whose panic, which oops, one sentence; facts made by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "facts/facts.h"
#include "text_facts.h"
#include "timeline/texts.h"
#include "timeline/timeline.h"

/* Whose panic it is, where other CPUs print their stacks behind its line. */
static void test_stopping(void **state)
{
	struct trail_facts *f = capture(
		OOPS PANIC_OF_OOPS
		"CPU1: stopping\nCPU: 1 PID: 9 Comm: other Not tainted 6.12.1 #1\n");

	(void)state;
	f->texts[0].arch = "armv7l";
	struct trail_timeline *t = reconstruct(f);
	assert_int_equal(t->cpu, 3);
	assert_int_equal(t->task.pid, 77);
	assert_string_equal(t->task.comm, "odd name:");
	assert_int_equal(t->n_text_cpus, 2);
	assert_int_equal(t->text_cpus[0].outcome, TRAIL_CPU_STOPPED);
	assert_int_equal(t->text_cpus[0].how, TRAIL_HOW_IPI);
	assert_string_equal(t->oops.message,
			    "BUG: kernel NULL pointer dereference, address: 0000000000000008");
	drop(f, t);

	f = capture(PANIC "CPU0: stopping\nCPU: 0 PID: 0 Comm: swapper/0 Not tainted 6.12.1 #1\n");
	t = reconstruct(f);
	assert_int_equal(t->cpu, -1);
	assert_false(t->task.known);
	drop(f, t);
}

/* The oops that is told, and the one that a later panic has nothing to do with. */
static void test_oops(void **state)
{
	static const struct {
		const char *lines, *message, *comm, *taint;
		int32_t cpu;
	} rows[] = {
		{ OOPS, "BUG: kernel NULL pointer dereference, address: 0000000000000008",
		  "odd name:", "", 3 },
		{ OOPS PANIC STACK, NULL, NULL, NULL, -1 },
		{ "invalid opcode: 0000 [#1] SMP\nPid: 12, comm: x Tainted: G        W 2.6.32 #1\n",
		  "invalid opcode: 0000 [#1] SMP", "x", "G        W ", -1 },
		{ "Oops: 0002 [#1] SMP \nCPU 2 \nPid: 12, comm: x Not tainted 2.6.32 #1\n",
		  "Oops: 0002 [#1] SMP", "x", "", 2 },
		{ "Internal error: Oops - BUG: 0 [#1] SMP\n"
		  "CPU: 7 PID: 1 Comm: swapper/0 FTT: 0 0 Tainted: G S                4.19.113 #1\n",
		  "Internal error: Oops - BUG: 0 [#1] SMP", "swapper/0", "G S                ", 7 },
		/* the first of those that came together */
		{ OOPS "general protection fault: 0000 [#2] SMP\n"
		       "CPU: 1 PID: 8 Comm: late Tainted: G      D 6.12.1 #1\n",
		  "BUG: kernel NULL pointer dereference, address: 0000000000000008",
		  "odd name:", "", 3 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = capture(rows[i].lines);
		struct trail_timeline *t = reconstruct(f);
		if (rows[i].message) {
			assert_string_equal(t->oops.message, rows[i].message);
			assert_true(t->oops.task.known);
			assert_string_equal(t->oops.task.comm, rows[i].comm);
			assert_string_equal(t->text_taint, rows[i].taint);
			assert_true(t->oops.evidence.n > 0);
		} else {
			assert_null(t->oops.message);
		}
		assert_int_equal(t->oops.cpu, rows[i].cpu);
		drop(f, t);
	}
}

/* What is said of a text in which panic() has left nothing. */
static void test_without_panic(void **state)
{
	static const struct {
		const char *lines, *word, *text;
		enum trail_tristate entered;
		bool kdump;
	} rows[] = {
		{ "a line\nreboot: Restarting system\n", "no-panic", "orderly", TRAIL_NO, false },
		{ "a line\nRestarting system with command ''.\n", "no-panic", "orderly", TRAIL_NO,
		  false },
		{ OOPS "reboot: Restarting system\n", "oops", "an oops", TRAIL_MAYBE, false },
		{ "Starting crashdump kernel...\nBye!\n", "unknown", "crash kernel was started",
		  TRAIL_MAYBE, true },
		{ PANIC "a line\nanother\n", "unknown", "serial.log, line 1", TRAIL_MAYBE, false },
		{ "a line\n", "unknown", "no panic line and no oops", TRAIL_MAYBE, false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = capture(rows[i].lines);
		struct trail_timeline *t = reconstruct(f);
		assert_string_equal(t->word, rows[i].word);
		assert_non_null(strstr(t->text, rows[i].text));
		assert_int_equal(t->entered, rows[i].entered);
		assert_int_equal(t->method,
				 rows[i].kdump ? TRAIL_METHOD_KDUMP : TRAIL_METHOD_UNKNOWN);
		check_all(t);
		drop(f, t);
	}
	struct trail_facts *f = without_dump();
	add_text(f, TRAIL_TEXT_LOG, TRAIL_ROLE_CRASH_KERNEL, NULL, "kdump: saving vmcore\n");
	struct trail_timeline *t = reconstruct(f);
	assert_non_null(strstr(t->text, "the crash kernel's own"));
	drop(f, t);
}

/* A terminal's blanks in a message, and those at its end. */
static void test_message(void **state)
{
	struct trail_facts *f = capture(
		"Kernel panic - not syncing: the reaso"
		"                                                  n is  told   \n" HEAD);
	struct trail_timeline *t = reconstruct(f);

	(void)state;
	assert_string_equal(t->message, "the reason is  told");
	drop(f, t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stopping),
		cmocka_unit_test(test_oops),
		cmocka_unit_test(test_without_panic),
		cmocka_unit_test(test_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
