/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What went wrong, what is not known, and what holds of every order, on real
 * crashes.  The answers are written down from the proposals (docs/orders.md).
 * Usage: test_what_if_crash FIXTURES
 */
#include "what_if.h"

static void check_troubles(const struct crash *crash, const char *order, const char *wanted)
{
	const struct trail_what_if *w = ask(crash, order);
	struct trail_text text = { 0 };

	for (size_t i = 0; i < w->n_troubles; i++)
		add_word(&text,
			 w->troubles[i].in_the_way == TRAIL_YES	 ? "yes"
			 : w->troubles[i].in_the_way == TRAIL_NO ? "no"
								 : "open",
			 "");
	check_words(order, &text, wanted);
}

/* ---- what went wrong ------------------------------------------------------- */

/* Callback 4 of an unknown module hangs, and no kdump comes. */
static void test_hang(void **state)
{
	static const struct {
		const char *order, *verdicts; /* of the hang, of the missing kdump */
	} rows[] = {
		{ "vanilla", "no no" },
		{ "post-notifiers", "yes yes" },
		{ "filter=rcu_panic", "no no" },
		{ "mladek", "open open" },
		{ "mladek=no-dumper", "no no" }, /* no list runs before kdump */
		{ "mladek=post-hypervisor", "open open" },
		{ "piccoli=0", "no no" },
		{ "piccoli=3", "open open" },
		{ "piccoli=4", "yes yes" }, /* every list does */
		{ "two-parameters=post", "yes yes" },
		{ "mladek-counter=prefer", "no no" },
		/* without a crash kernel the dumpers are what it may be in the way of */
		{ "vanilla=no-crash-kernel", "yes yes" },
		{ "vanilla=no-crash-kernel,no-dumper", "yes yes" },
		{ "filter=rcu_panic", "no no" },
	};
	static const char *const hung[] = { "facts-6.1-hang-in-notifier",
					    "facts-6.12-hang-in-notifier" };

	(void)state;
	for (size_t c = 0; c < TRAIL_ARRAY_SIZE(hung); c++) {
		struct crash crash = crash_of(hung[c]);
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++)
			check_troubles(&crash, rows[i].order, rows[i].verdicts);
		forget(&crash);
	}
}

/* The same, in a callback whose list is known: rcu_panic is info, watchdogs, pre. */
static void test_hang_in_known_callback(void **state)
{
	struct crash crash = crash_of("facts-6.1-hang-in-notifier");

	(void)state;
	for (size_t i = 0; i < crash.facts->n_notifiers; i++)
		crash.timeline->notifiers[i].outcome = i < 5	? TRAIL_CALL_CALLED
						       : i == 5 ? TRAIL_CALL_IN_PROGRESS
								: TRAIL_CALL_NOT_CALLED;
	check_troubles(&crash, "mladek", "yes yes");
	check_troubles(&crash, "mladek=no-dumper", "no no");
	check_troubles(&crash, "mladek=post-hypervisor,no-dumper", "no no");
	check_troubles(&crash, "piccoli=1", "no no");
	check_troubles(&crash, "piccoli=2", "yes yes");
	check_troubles(&crash, "piccoli=2,no-dumper", "no no");
	check_troubles(&crash, "mladek-four-lists", "yes yes");
	check_troubles(&crash, "two-parameters", "yes yes");
	check_troubles(&crash, "two-parameters=no-pre", "no no");
	check_troubles(&crash, "filter=hung_task_panic", "no no");
	check_troubles(&crash, "filter=rcu_panic", "yes yes");
	forget(&crash);
}

static void test_ended_chain(void **state)
{
	struct crash crash = crash_of("facts-6.1-hung-task");

	/* as if trace_panic_handler() (info) ended it: rcu, hung_task, offset are info, too */
	(void)state;
	for (size_t i = 0; i < crash.facts->n_notifiers; i++)
		crash.timeline->notifiers[i].outcome = i < 3 ? TRAIL_CALL_CALLED
							     : TRAIL_CALL_CUT_OFF;
	crash.facts->notifiers[2].returns = TRAIL_RETURNS_STOP;
	check_troubles(&crash, "post-notifiers", "yes");
	check_troubles(&crash, "vanilla", "no");
	check_troubles(&crash, "mladek", "yes");
	check_troubles(&crash, "mladek=no-dumper", "no");
	check_troubles(&crash, "filter=rcu_panic", "no");
	check_troubles(&crash, "filter=rcu_panic,trace_panic_handler", "yes");
	/* which one it was is not proven: it may be one that is in another list */
	crash.facts->notifiers[2].returns = TRAIL_RETURNS_UNKNOWN;
	check_troubles(&crash, "post-notifiers", "yes");
	check_troubles(&crash, "mladek", "open");

	/* the second, of an unknown module: whatever it cuts off may be in another list */
	crash.timeline->notifiers[2].outcome = TRAIL_CALL_CUT_OFF;
	crash.facts->notifiers[1].returns = TRAIL_RETURNS_STOP;
	check_troubles(&crash, "post-notifiers", "yes");
	check_troubles(&crash, "mladek", "open");
	check_troubles(&crash, "piccoli=4", "open");
	check_troubles(&crash, "piccoli=0", "no");
	forget(&crash);
}

static void test_cpus(void **state)
{
	struct crash crash = crash_of("facts-6.1-hung-task");

	(void)state;
	assert_int_equal(crash.timeline->cpu, 2);
	const struct trail_what_if *w = ask(&crash, "mladek");
	assert_int_equal(w->cpus.others, 3);
	assert_int_equal(w->cpus.told, TRAIL_YES);
	assert_string_equal(w->cpus.how, "crash_smp_send_stop()");
	assert_true(w->cpus.stopped_known && w->cpus.stopped_before_kdump == 3);
	w = ask(&crash, "vanilla");
	assert_int_equal(w->cpus.told, TRAIL_NO);
	assert_true(w->cpus.stopped_known && w->cpus.stopped_before_kdump == 0);
	/* in this draft the CPUs run while the first lists do */
	w = ask(&crash, "mladek-four-lists");
	assert_int_equal(w->cpus.told, TRAIL_NO);
	/* without a crash kernel there is nothing to prepare for: the plain variant */
	assert_string_equal(ask(&crash, "mladek-counter=no-crash-kernel")->cpus.how,
			    "smp_send_stop()");

	crash.timeline->cpus[0].outcome = TRAIL_CPU_NOT_STOPPED;
	crash.timeline->cpus[1].outcome = TRAIL_CPU_SELF_STOPPED;
	w = ask(&crash, "mladek");
	assert_true(w->cpus.stopped_known && w->cpus.stopped_before_kdump == 2);
	check_troubles(&crash, "mladek", "yes");
	check_troubles(&crash, "vanilla", "yes"); /* the same NMI, by the kexec itself */
	check_troubles(&crash, "two-parameters", "open");
	w = ask(&crash, "vanilla");
	assert_true(w->cpus.stopped_known && w->cpus.stopped_before_kdump == 1);
	crash.timeline->cpus[0].outcome = TRAIL_CPU_UNKNOWN;
	assert_false(ask(&crash, "mladek")->cpus.stopped_known);
	forget(&crash);
}

/* ---- oopses, and what is not known ----------------------------------------- */

static void test_oops_gate(void **state)
{
	struct crash crash = crash_of("facts-6.12-oops-direct");
	const struct trail_what_if *w;

	(void)state;
	check_all(&crash, "vanilla", "direct kdump bt stop all sys kmsg late " TAIL);
	check_before(&crash, "vanilla", "");
	check_all(&crash, "post-notifiers", "stop all kmsg late " TAIL);
	check_before(&crash, "piccoli=0", "");
	check_before(&crash, "piccoli=4", "stop hypervisor info kmsg pre-reboot");
	check_before(&crash, "two-parameters", "");
	/* nobody said what becomes of the gate in these */
	w = ask(&crash, "mladek");
	assert_int_equal(w->steps[0].outcome, TRAIL_WOULD_BE_OPEN);
	assert_non_null(strstr(w->steps[0].why, "oops"));
	assert_int_equal(w->callbacks[0].before_kdump, TRAIL_MAYBE);
	assert_true(has_note(w, "panic() was never entered"));
	forget(&crash);

	/* panic() of an oops: with kdump first it would not have been entered */
	crash = crash_of("facts-6.1-hung-task");
	check_before(&crash, "vanilla", "");
	assert_int_equal(ask(&crash, "vanilla")->steps[0].outcome, TRAIL_WOULD_BE_SKIPPED);
	crash.timeline->trigger = "oops";
	assert_int_equal(ask(&crash, "vanilla")->steps[0].outcome, TRAIL_WOULD_END);
	assert_int_equal(ask(&crash, "post-notifiers")->steps[0].outcome, TRAIL_WOULD_BE_SKIPPED);
	crash.timeline->trigger = "other"; /* no oops in the taint: none */
	assert_int_equal(ask(&crash, "vanilla")->steps[0].outcome, TRAIL_WOULD_BE_SKIPPED);
	forget(&crash);

	/* without the flag it could have gone that way, and did not */
	crash = crash_of("facts-7.2-oom");
	crash.timeline->trigger = "oops";
	assert_int_equal(ask(&crash, "vanilla")->steps[0].outcome, TRAIL_WOULD_BE_SKIPPED);
	forget(&crash);

	/* the oops of PID 1 has a taint: it may have been an earlier one */
	crash = crash_of("facts-6.1-init-oops");
	assert_int_equal(ask(&crash, "vanilla")->steps[0].outcome, TRAIL_WOULD_BE_OPEN);
	check_before(&crash, "vanilla", "");
	forget(&crash);
}

static void lose(struct crash *crash, const char *name)
{
	for (size_t i = 0; i < crash->facts->n_scalars; i++)
		if (trail_streq(crash->facts->scalars[i].name, name))
			crash->facts->scalars[i].presence = TRAIL_NODATA;
}

static void test_unknown(void **state)
{
	struct crash crash = crash_of("facts-6.1-hung-task");
	const struct trail_what_if *w;

	(void)state;
	lose(&crash, "crash_kexec_post_notifiers");
	check_all(&crash, "filter=rcu_panic", "kdump? stop? stop? filter? kmsg? late? " TAIL);
	forget(&crash);

	crash = crash_of("facts-6.1-hung-task");
	lose(&crash, "count.kmsg-dumpers");
	w = ask(&crash, "mladek");
	assert_int_equal(w->callbacks[4].before_kdump, TRAIL_MAYBE);
	assert_int_equal(w->cpus.told, TRAIL_MAYBE);
	w = ask(&crash, "mladek=post-hypervisor");
	assert_int_equal(w->cpus.told, TRAIL_YES);
	assert_int_equal(ask(&crash, "piccoli=2")->callbacks[4].before_kdump, TRAIL_MAYBE);
	assert_int_equal(ask(&crash, "piccoli=3")->callbacks[4].before_kdump, TRAIL_YES);
	forget(&crash);

	crash = crash_of("facts-6.1-hung-task");
	crash.facts->chain_complete = false;
	assert_true(has_note(ask(&crash, "mladek"), "not read to its end"));
	crash.facts->chain_presence = TRAIL_NODATA;
	assert_true(has_note(ask(&crash, "mladek"), "could not be read"));
	crash.timeline->entered = TRAIL_NO;
	w = ask(&crash, "mladek");
	assert_true(has_note(w, "did not panic"));
	assert_int_equal(w->n_troubles, 0);
	crash.timeline->entered = TRAIL_MAYBE;
	assert_true(has_note(ask(&crash, "mladek"), "not known"));
	forget(&crash);
}

/* ---- properties of every order --------------------------------------------- */

static void check_order(const struct crash *crash, const struct trail_what_if *w, const char *order)
{
	size_t n_ends = 0;
	bool open_end = false;

	for (size_t i = 0; i < w->n_steps; i++) {
		const struct trail_what_step *s = &w->steps[i];
		/* the crash kernel ends the run, and nothing else does */
		if (n_ends)
			assert_int_equal(s->outcome, TRAIL_WOULD_NOT_BE_REACHED);
		else if (!open_end)
			assert_int_not_equal(s->outcome, TRAIL_WOULD_NOT_BE_REACHED);
		n_ends += s->outcome == TRAIL_WOULD_END;
		open_end |= is_kdump(s) && s->outcome == TRAIL_WOULD_BE_OPEN;
		if (s->outcome == TRAIL_WOULD_BE_OPEN)
			assert_true(s->why && w->n_open);
	}
	if (open_end ? n_ends > 1 : n_ends != (w->armed == TRAIL_YES))
		fail_msg("%s: the run ends %zu times", order, n_ends);
	for (size_t k = 0; k < crash->facts->n_notifiers; k++) {
		const struct trail_what_callback *c = &w->callbacks[k];
		bool sure = !(c->lists & (c->lists - 1));
		size_t n = 0, n_open = 0;

		for (size_t i = 0; i < w->n_steps; i++)
			for (size_t j = 0; j < w->steps[i].n; j++)
				if (w->steps[i].callbacks[j] == k) {
					n++;
					n_open += w->steps[i].outcome == TRAIL_WOULD_BE_OPEN;
				}
		assert_true(c->lists && (sure || c->why));
		if (!sure || c->registered != TRAIL_YES)
			assert_int_equal(n, 0);
		else if (n_open ? n < 1 : n != 1)
			fail_msg("%s: callback %zu is called %zu times", order, k + 1, n);
		if (w->armed == TRAIL_YES && !open_end)
			assert_int_equal(c->runs, c->before_kdump);
	}
}

static void test_properties(void **state)
{
	static const char *const more[] = { "filter=rcu_panic",
					    "filter=rcu_panic,x",
					    "mladek=no-crash-kernel",
					    "vanilla=no-crash-kernel",
					    "piccoli=0,flag,no-crash-kernel",
					    "mladek-counter=no-crash-kernel,no-dumper" };
	static const char *const files[] = {
		"facts-6.1-hang-in-notifier",
		"facts-6.12-hang-in-notifier",
		"facts-7.2-oom",
		"facts-6.1-hung-task",
		"facts-6.1-init-oops",
		"facts-6.12-oops-direct",
		"facts-6.1-sysrq-early",
		"facts-6.1-rt-softlockup-lock",
	};
	const char *order;

	(void)state;
	for (size_t f = 0; f < TRAIL_ARRAY_SIZE(files); f++) {
		struct crash crash = crash_of(files[f]);
		for (size_t i = 0; (order = trail_order_of_all(i)); i++)
			check_order(&crash, ask(&crash, order), order);
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(more); i++)
			check_order(&crash, ask(&crash, more[i]), more[i]);
		forget(&crash);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hang),	    cmocka_unit_test(test_hang_in_known_callback),
		cmocka_unit_test(test_ended_chain), cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_oops_gate),   cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_properties),
	};

	if (argc != 2)
		return 2;
	fixtures = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
