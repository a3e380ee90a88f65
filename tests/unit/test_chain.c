/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which callbacks of the chain were called, on facts made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crash_facts.h"

static void test_chain_all_called(void **state)
{
	struct trail_facts *f = late();

	(void)state;
	scalar(f, "did_panic", 1);
	add_notifier(f, "first", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "last", TRAIL_RETURNS_NO_STOP);
	check_chain(f, "ccc");
}

static void test_chain_cut_off(void **state)
{
	struct trail_facts *f = late();

	(void)state;
	scalar(f, "did_panic", 0);
	add_notifier(f, "first", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "stopper", TRAIL_RETURNS_STOP);
	add_notifier(f, "behind", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "last", TRAIL_RETURNS_NO_STOP);
	check_chain(f, "ccxxx");
}

/* CPU 1 runs something else, and the log has a stack with panic() on it. */
static struct trail_facts *oopsed(const char *head, const char *const *lines)
{
	struct trail_facts *f = crash(NULL, NULL, 1);

	f->writer = TRAIL_WRITER_HYPERVISOR;
	f->cpus[1].stack_whole = true;
	add_frame(f, &f->cpus[1], "default_idle", NULL, NULL);
	add_line(f, head);
	while (*lines)
		add_line(f, *lines++);
	add_notifier(f, "first", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "bad", TRAIL_RETURNS_UNKNOWN);
	add_notifier(f, "last", TRAIL_RETURNS_NO_STOP);
	return f;
}

/* panic() ended in an oops: what the log says of it tells where, and nothing less does. */
static void test_oops_in_chain(void **state)
{
	static const char oops[] = "Oops: 0002 [#1] PREEMPT SMP NOPTI",
			  end[] = "---[ end trace 0000000000000000 ]---",
			  warning[] = "WARNING: CPU: 1 PID: 119 at kernel/bad.c:1 bad+0x2a/0x50";
#define STACK                                                                                  \
	"RIP: 0010:bad+0x2a/0x50", "Call Trace:", " <TASK>", " notifier_call_chain+0x5a/0x90", \
		" atomic_notifier_call_chain+0x4f/0x80"
	static const struct {
		const char *head, *lines[10];
		enum trail_stage frontier;
		bool exact;
		const char *chain;
	} rows[] = {
		{ oops,
		  { STACK, " panic+0x177/0x2f4", " </TASK>", end },
		  TRAIL_STAGE_NOTIFIERS,
		  true,
		  "cin" },
		{ oops,
		  { STACK, " vpanic+0x177/0x2f4", " panic+0x1/0x2", " </TASK>", end },
		  TRAIL_STAGE_NOTIFIERS,
		  true,
		  "cin" },
		/* it may have gone on */
		{ warning,
		  { STACK, " panic+0x177/0x2f4", " </TASK>", end },
		  TRAIL_STAGE_STOP_CPUS,
		  false,
		  "???" },
		{ oops,
		  { STACK, " panic+0x177/0x2f4", " </TASK>" },
		  TRAIL_STAGE_STOP_CPUS,
		  false,
		  "???" },
		{ oops,
		  { STACK, " panic+0x177/0x2f4", " </TASK>", end,
		    "Kernel panic - not syncing: Fatal exception" },
		  TRAIL_STAGE_STOP_CPUS,
		  false,
		  "???" },
		/* panic() itself is not sure, or is another's */
		{ oops,
		  { STACK, " ? panic+0x177/0x2f4", " </TASK>", end },
		  TRAIL_STAGE_STOP_CPUS,
		  false,
		  "???" },
		{ oops,
		  { STACK, " panic+0x177/0x2f4 [other]", " </TASK>", end },
		  TRAIL_STAGE_STOP_CPUS,
		  false,
		  "???" },
		/* what comes before panic() is called at several places */
		{ oops,
		  { "RIP: 0010:__crash_kexec+0x1/0x2", "Call Trace:", " panic+0x177/0x2f4",
		    " </TASK>", end },
		  TRAIL_STAGE_STOP_CPUS,
		  false,
		  "???" },
	};
#undef STACK

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = oopsed(rows[i].head, rows[i].lines);
		struct trail_timeline *t = reconstruct(f);
		assert_int_equal(t->frontier, rows[i].frontier);
		assert_int_equal(t->frontier_exact, rows[i].exact);
		trail_timeline_free(t);
		check_chain(f, rows[i].chain);
	}
}

/* Two callbacks could have ended it: which one is not claimed, but that it came to the first. */
static void test_chain_cut_off_by_one_of_two(void **state)
{
	struct trail_facts *f = late();

	(void)state;
	scalar(f, "did_panic", 0);
	add_notifier(f, "first", TRAIL_RETURNS_MAY_STOP);
	add_notifier(f, "second", TRAIL_RETURNS_STOP);
	add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
	check_chain(f, "c?x");
}

/* Only one can have ended it, or one of two: what is before and behind them is told. */
static void test_chain_cut_off_between(void **state)
{
	static const struct {
		enum trail_returns second, third;
		const char *chain;
	} rows[] = {
		{ TRAIL_RETURNS_MAY_STOP, TRAIL_RETURNS_NO_STOP, "ccxxxx" },
		{ TRAIL_RETURNS_NO_STOP, TRAIL_RETURNS_UNKNOWN, "cccxxx" },
		{ TRAIL_RETURNS_MAY_STOP, TRAIL_RETURNS_MAY_STOP, "cc?xxx" },
		{ TRAIL_RETURNS_STOP, TRAIL_RETURNS_MAY_STOP, "ccxxxx" },
		/* none can: then nothing is known to have ended it */
		{ TRAIL_RETURNS_NO_STOP, TRAIL_RETURNS_NO_STOP, "????xx" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_facts *f = late();
		scalar(f, "did_panic", 0);
		add_notifier(f, "first", TRAIL_RETURNS_NO_STOP);
		add_notifier(f, "second", rows[i].second);
		add_notifier(f, "third", rows[i].third);
		add_notifier(f, "fourth", TRAIL_RETURNS_NO_STOP);
		add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
		add_notifier(f, "last", TRAIL_RETURNS_NO_STOP);
		check_chain(f, rows[i].chain);
	}
}

/* Behind the last witness a callback that always ends the chain cuts off the rest. */
static void test_chain_stopper_behind_witness(void **state)
{
	struct trail_facts *f = late();

	(void)state;
	scalar(f, "did_panic", 1);
	add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "stopper", TRAIL_RETURNS_STOP);
	add_notifier(f, "last", TRAIL_RETURNS_NO_STOP);
	check_chain(f, "ccx");
}

/* One that may end it leaves what is behind it unknown. */
static void test_chain_may_stop(void **state)
{
	struct trail_facts *f = late();

	(void)state;
	scalar(f, "did_panic", 1);
	add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "maybe", TRAIL_RETURNS_MAY_STOP);
	add_notifier(f, "last", TRAIL_RETURNS_NO_STOP);
	check_chain(f, "cc?");
}

/* A callback that left no mark, and a later one that seems to have: both cannot be, and the surer
 * word holds. */
static void test_chain_contradiction(void **state)
{
	struct trail_facts *f = late();

	(void)state;
	scalar(f, "did_panic", 0);
	scalar(f, "rcu_cpu_stall_suppress", 1);
	add_notifier(f, "hung_task_panic", TRAIL_RETURNS_NO_STOP);
	add_notifier(f, "rcu_panic", TRAIL_RETURNS_NO_STOP);
	struct trail_timeline *t = reconstruct(f);
	assert_int_equal(t->notifiers[0].outcome, TRAIL_CALL_NOT_CALLED);
	assert_int_equal(t->notifiers[1].outcome, TRAIL_CALL_CALLED);
	assert_int_equal(t->n_contradictions, 1);
	drop(f, t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain_all_called),
		cmocka_unit_test(test_chain_cut_off),
		cmocka_unit_test(test_oops_in_chain),
		cmocka_unit_test(test_chain_cut_off_by_one_of_two),
		cmocka_unit_test(test_chain_cut_off_between),
		cmocka_unit_test(test_chain_stopper_behind_witness),
		cmocka_unit_test(test_chain_may_stop),
		cmocka_unit_test(test_chain_contradiction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
