/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ordering models on real chains.  Every expectation is written down from
 * the proposals (docs/orders.md) and the catalogue, none from what came out.
 * Usage: test_what_if FIXTURES
 */
#include "what_if.h"

/* Positions in the chain of the callbacks of @list, in the order in which they are called. */
static void check_list(const struct crash *crash, const char *order, const char *list,
		       const char *wanted)
{
	const struct trail_what_if *w = ask(crash, order);
	struct trail_text text = { 0 };

	for (size_t i = 0; i < w->n_steps; i++)
		if (trail_streq(w->steps[i].list, list) &&
		    w->steps[i].outcome != TRAIL_WOULD_BE_SKIPPED)
			for (size_t k = 0; k < w->steps[i].n; k++)
				trail_text_printf(&text, "%s%zu", text.length ? " " : "",
						  w->steps[i].callbacks[k] + 1);
	check_words(order, &text, wanted);
}

/*
 * Real chains, and what the catalogue says of each position.  All are of
 * machines with a crash kernel; panic_print is 0.
 */
static const struct chain {
	const char *fixture;
	const char *hypervisor, *info, *reboot; /* classes */
	const char *piccoli_info;		/* hung_task and rcu are moved to its head */
} chains[] = {
	/* pvpanic, lab, trace, lab, lab, rcu, hung_task, offset, led, lab */
	{ "facts-6.1-hang-in-notifier", "1", "3 6 7 8", "9", "6 7 3 8" },
	/* pvpanic, trace, lab, lab, lab, rcu, hung_task, offset, led, lab */
	{ "facts-6.12-hang-in-notifier", "1", "2 6 7 8", "9", "6 7 2 8" },
	/* trace, lab, lab, lab, rcu, hung_task, offset, led, lab, lab */
	{ "facts-7.2-oom", "", "1 5 6 7", "8", "5 6 1 7" },
	/* lab, lab, trace, lab, rcu, hung_task, offset, led, lab, lab */
	{ "facts-6.1-hung-task", "", "3 5 6 7", "8", "5 6 3 7" },
};

/* ---- what runs before kdump ------------------------------------------------ */

/* The table of the three lists: all its rows. */
static void test_three_lists(void **state)
{
	static const struct {
		bool post_hypervisor, print, dumper;
		const char *before;
	} rows[] = {
		{ 0, 0, 0, "" },
		{ 0, 0, 1, "stop info kmsg" },
		{ 0, 1, 0, "stop sys" },
		{ 0, 1, 1, "stop info sys kmsg" },
		{ 1, 0, 0, "stop hypervisor" },
		{ 1, 0, 1, "stop hypervisor info kmsg" },
		{ 1, 1, 0, "stop hypervisor sys" },
		{ 1, 1, 1, "stop hypervisor info sys kmsg" },
	};
	char order[96];

	(void)state;
	for (size_t c = 0; c < TRAIL_ARRAY_SIZE(chains); c++) {
		struct crash crash = crash_of(chains[c].fixture);
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
			snprintf(order, sizeof(order),
				 "mladek=%spost-hypervisor,%spanic-print,%sdumper",
				 rows[i].post_hypervisor ? "" : "no-", rows[i].print ? "" : "no-",
				 rows[i].dumper ? "" : "no-");
			check_before(&crash, order, rows[i].before);
			check_list(&crash, order, "hypervisor", chains[c].hypervisor);
			check_list(&crash, order, "info", chains[c].info);
			check_list(&crash, order, "reboot", chains[c].reboot);
		}
		forget(&crash);
	}
}

/* The five levels, the old flag as an alias of the last, and the two together. */
static void test_levels(void **state)
{
	static const struct {
		const char *options, *before;
	} rows[] = {
		{ "0,dumper", "" },
		{ "1,dumper", "stop hypervisor" },
		{ "2,dumper", "stop hypervisor info kmsg" },
		{ "2,no-dumper", "stop hypervisor" },
		{ "3,dumper", "stop hypervisor info kmsg" },
		{ "3,no-dumper", "stop hypervisor info" },
		{ "3,dumper,panic-print", "stop hypervisor info sys kmsg" },
		{ "4,dumper", "stop hypervisor info kmsg pre-reboot" },
		{ "flag,dumper", "stop hypervisor info kmsg pre-reboot" },
		{ "1,flag,no-dumper", "stop hypervisor info pre-reboot" },
		/* only the level is asked before the first kdump */
		{ "0,flag,dumper", "" },
	};
	char order[96];

	(void)state;
	for (size_t c = 0; c < TRAIL_ARRAY_SIZE(chains); c++) {
		struct crash crash = crash_of(chains[c].fixture);
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
			snprintf(order, sizeof(order), "piccoli=%s", rows[i].options);
			check_before(&crash, order, rows[i].before);
			check_list(&crash, order, "hypervisor", chains[c].hypervisor);
			check_list(&crash, order, "info", chains[c].piccoli_info);
			check_list(&crash, order, "pre-reboot", chains[c].reboot);
		}
		forget(&crash);
	}
}

/* Each model to its end, with a dumper and without panic_print; what is behind kdump too. */
static void test_whole_orders(void **state)
{
	static const struct {
		const char *order, *steps;
	} rows[] = {
		{ "vanilla", "kdump bt stop all sys kmsg late " TAIL },
		{ "post-notifiers", "stop all kmsg late " TAIL },
		{ "post-notifiers=panic-print", "stop all sys kmsg late " TAIL },
		{ "mladek-four-lists", "watchdogs info kdump stop kmsg hypervisor rest " TAIL },
		{ "mladek-four-lists=post-kmsg",
		  "watchdogs info stop kmsg kdump hypervisor rest " TAIL },
		{ "mladek-two-lists", "stop? pre-dump kmsg? kdump stop kmsg post-dump " TAIL },
		{ "two-parameters", "stop? pre kdump stop post kmsg " TAIL },
		{ "two-parameters=no-pre", "kdump stop pre post kmsg " TAIL },
		{ "two-parameters=post", "stop? pre stop? post kmsg kdump " TAIL },
		{ "two-parameters=no-pre,post", "stop pre? post kmsg kdump pre " TAIL },
		{ "mladek", "stop info kmsg kdump hypervisor reboot " TAIL },
		{ "mladek=no-dumper", "kdump stop hypervisor info reboot " TAIL },
		{ "mladek=post-hypervisor", "stop hypervisor info kmsg kdump reboot " TAIL },
		{ "mladek=post-hypervisor,no-dumper", "stop hypervisor kdump info reboot " TAIL },
		{ "piccoli=0", "kdump stop hypervisor info bt sys kmsg pre-reboot "
			       "flush replay wait restart post-reboot halt" },
		{ "piccoli=1", "stop hypervisor kdump info bt sys kmsg pre-reboot "
			       "flush replay wait restart post-reboot halt" },
		{ "piccoli", "stop hypervisor info kmsg kdump pre-reboot "
			     "flush replay wait restart post-reboot halt" },
		{ "piccoli=4", "stop hypervisor info kmsg pre-reboot kdump "
			       "flush replay wait restart post-reboot halt" },
		/* nothing starts there: all runs, once */
		{ "piccoli=0,flag,no-crash-kernel",
		  "stop hypervisor info kmsg pre-reboot flush post-reboot halt" },
		{ "mladek-counter",
		  "stop hypervisor info kmsg kdump flush replay wait reboot restart loop halt" },
		{ "mladek-counter=no-dumper", "stop hypervisor kdump info sys kmsg "
					      "flush replay wait reboot restart loop halt" },
		{ "mladek-counter=prefer", "kdump bt stop hypervisor info sys kmsg "
					   "flush replay wait reboot restart loop halt" },
	};
	struct crash crash = crash_of("facts-6.1-hang-in-notifier");

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++)
		check_all(&crash, rows[i].order, rows[i].steps);
	/* blinking is for the last list, the watchdogs for the first */
	check_list(&crash, "mladek-counter", "loop", "9");
	check_list(&crash, "mladek-counter", "reboot", "");
	check_list(&crash, "mladek-four-lists", "watchdogs", "6 7");
	check_list(&crash, "mladek-four-lists", "info", "3 8");
	check_list(&crash, "mladek-four-lists", "hypervisor", "1");
	check_list(&crash, "mladek-four-lists", "rest", "9");
	forget(&crash);
}

/* Only rcu_panic is named for the pre list; what has a risk is surely not in it. */
static void test_two_parameters(void **state)
{
	struct crash crash = crash_of("facts-6.1-hang-in-notifier");

	(void)state;
	check_list(&crash, "two-parameters", "pre", "6");
	check_list(&crash, "two-parameters", "post", "3");
	const struct trail_what_if *w = ask(&crash, "two-parameters");
	assert_int_equal(w->callbacks[5].before_kdump, TRAIL_YES);
	assert_int_equal(w->callbacks[2].before_kdump, TRAIL_NO);
	assert_int_equal(w->callbacks[7].before_kdump, TRAIL_MAYBE);
	assert_int_equal(w->callbacks[3].before_kdump, TRAIL_MAYBE);
	assert_int_equal(w->cpus.told, TRAIL_MAYBE);
	/* whichever list: all of them before, or none */
	for (size_t i = 0; i < crash.facts->n_notifiers; i++) {
		assert_int_equal(ask(&crash, "two-parameters=post")->callbacks[i].before_kdump,
				 TRAIL_YES);
		assert_int_equal(ask(&crash, "two-parameters=no-pre")->callbacks[i].before_kdump,
				 TRAIL_NO);
	}
	assert_int_equal(ask(&crash, "two-parameters=post")->cpus.told, TRAIL_YES);
	forget(&crash);
}

static void test_filter(void **state)
{
	struct crash crash = crash_of("facts-6.1-hang-in-notifier");

	(void)state;
	check_all(&crash, "filter=rcu_panic", "stop filter kmsg late " TAIL);
	check_list(&crash, "filter=rcu_panic", "filter", "6");
	check_list(&crash, "filter=dump_kernel_offset,rcu_panic", "filter", "6 8");
	const struct trail_what_if *w = ask(&crash, "filter=rcu_panic");
	assert_int_equal(w->callbacks[0].registered, TRAIL_NO);
	assert_int_equal(w->callbacks[0].before_kdump, TRAIL_NO);
	assert_int_equal(w->callbacks[0].runs, TRAIL_NO);

	/* a callback of a module cannot be named: alone it leaves the chain as it is */
	w = ask(&crash, "filter=pvpanic_panic_notify");
	assert_true(has_note(w, "is of a module"));
	assert_int_equal(w->callbacks[4].registered, TRAIL_YES);
	check_list(&crash, "filter=pvpanic_panic_notify", "filter", "1 2 3 4 5 6 7 8 9 10");

	/* a name of no callback may be a name of the kernel, then all others are kept out */
	w = ask(&crash, "filter=some_function");
	assert_int_equal(w->callbacks[4].registered, TRAIL_MAYBE);
	assert_int_equal(w->callbacks[4].before_kdump, TRAIL_MAYBE);

	/* more than 16 names: no filter */
	const char *many = "filter=rcu_panic,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p";
	assert_true(has_note(ask(&crash, many), "more than 16"));
	check_list(&crash, many, "filter", "1 2 3 4 5 6 7 8 9 10");
	forget(&crash);
}

/* ---- the tables, and the text of an order ---- */

/* Every table is whole: lists have names, the last member takes all, options are known. */
static void test_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_N_INPUTS; i++)
		assert_non_null(trail_order_input_names[i]);
	for (size_t i = 0; i < trail_n_order_models; i++) {
		const struct trail_order_model *model = &trail_order_models[i];
		const struct trail_member *m = model->members;
		unsigned lists = 0;

		assert_true(*model->name && *model->about && *model->source);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(model->name, trail_order_models[k].name);
		for (size_t k = 0; k < TRAIL_LISTS && model->lists[k]; k++)
			lists |= 1u << k;
		for (;; m++) {
			bool open = m->lists & (m->lists - 1);
			assert_true(m->lists && !(m->lists & ~lists));
			assert_int_equal(open, m->why != NULL);
			assert_true(m->words || m->by >= TRAIL_FITS_CHOSEN);
			if (m->by == TRAIL_FITS_ALL)
				break;
		}
		for (size_t k = 0; k < model->n_steps; k++)
			assert_true(model->steps[k].step < TRAIL_N_STEPS &&
				    (lists >> model->steps[k].list & 1));
		assert_true(model->wants_names || model->variants[0]);
	}
}

static void test_parse(void **state)
{
	static const char *const bad[] = {
		"",
		"mladk",
		"mladek=",
		"mladek=post-hypervisor,",
		"mladek=flag",
		"vanilla=flag",
		"vanilla=level",
		"piccoli=5",
		"piccoli=-1",
		"piccoli=2,3",
		"piccoli=22",
		"filter",
		"filter=",
		"filter=,a",
		"filter=a,,b",
		"mladek=dumper,no-dumper",
		"all=x",
		"two-parameters=x",
		"mladek = x",
		"mladek=no-",
	};
	struct trail_order order;

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(bad); i++) {
		struct trail_error *error = trail_order_parse(bad[i], &order);
		if (!error)
			fail_msg("--order %s is taken", bad[i]);
		assert_int_equal(error->code, TRAIL_ERROR_USAGE);
		trail_error_free(error);
	}
	assert_null(trail_order_parse("piccoli=no-flag,3,no-dumper", &order));
	assert_true(order.said[TRAIL_INPUT_LEVEL] && order.value[TRAIL_INPUT_LEVEL] == 3);
	assert_true(order.said[TRAIL_INPUT_FLAG] && !order.value[TRAIL_INPUT_FLAG]);
	assert_true(order.said[TRAIL_INPUT_DUMPER] && !order.value[TRAIL_INPUT_DUMPER]);
	assert_false(order.said[TRAIL_INPUT_PRINT]);
	assert_null(trail_order_parse("filter=a,b", &order));
	assert_string_equal(order.names, "a,b");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_lists),  cmocka_unit_test(test_levels),
		cmocka_unit_test(test_whole_orders), cmocka_unit_test(test_two_parameters),
		cmocka_unit_test(test_filter),	     cmocka_unit_test(test_tables),
		cmocka_unit_test(test_parse),
	};

	if (argc != 2)
		return 2;
	fixtures = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
