/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which inputs are of one crash, and why others are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "timeline/incidents.h"

#define PANIC "Kernel panic - not syncing: "

enum { MS = 1000 * 1000 };

static struct trail_facts *new_input(enum trail_format format)
{
	struct trail_facts *facts = trail_facts_new();

	assert_non_null(facts);
	facts->format = format;
	return facts;
}

static void add_line(struct trail_facts *facts, struct trail_log_facts *log, uint64_t ns,
		     const char *text)
{
	log->records = trail_pool_grow(&facts->pool, log->records, log->n, sizeof(*log->records));
	assert_non_null(log->records);
	log->records[log->n] = (struct trail_record){
		.seq = log->n + 1, .ts_nsec = ns, .text = text, .cpu = -1, .pid = -1
	};
	log->records[log->n++].length = (uint32_t)strlen(text);
	log->presence = TRAIL_PRESENT;
}

static struct trail_text_facts *add_text(struct trail_facts *facts, enum trail_text_kind kind,
					 const char *path)
{
	struct trail_text_facts *text = trail_facts_add_text(facts);

	assert_non_null(text);
	text->kind = kind;
	text->path = path;
	return text;
}

/* A text with a panic line alone. */
static struct trail_text_facts *add_panic(struct trail_facts *facts, enum trail_text_kind kind,
					  const char *path, uint64_t ns, const char *line)
{
	struct trail_text_facts *text = add_text(facts, kind, path);

	add_line(facts, &text->log, ns, line);
	return text;
}

static struct trail_facts *panic_of(enum trail_text_kind kind, const char *path, uint64_t ns,
				    const char *line)
{
	struct trail_facts *facts = new_input(TRAIL_FORMAT_NONE);

	add_panic(facts, kind, path, ns, line);
	return facts;
}

static struct trail_facts *dump_of(uint64_t ns, const char *line)
{
	struct trail_facts *facts = new_input(TRAIL_FORMAT_KDUMP);

	facts->path = "vmcore";
	facts->release = "6.1.0-13-amd64";
	add_line(facts, &facts->log, ns, line);
	return facts;
}

/* Sort two inputs: as many crashes, and the reason has these words. */
static void expect_crashes(struct trail_facts *a, struct trail_facts *b, size_t n, const char *why)
{
	struct trail_facts *inputs[] = { a, b };
	struct trail_incidents all;

	assert_null(trail_incidents_sort(inputs, 2, &all));
	assert_null(inputs[0]);
	assert_null(inputs[1]);
	if (n == 1 && all.why)
		print_message("%s\n", all.why);
	assert_int_equal(all.n, n);
	assert_int_equal(!!all.why, n > 1);
	if (why && !strstr(all.why, why))
		fail_msg("\"%s\" lacks \"%s\"", all.why, why);
	trail_incidents_fini(&all);
}

static void test_panic_line(void **state)
{
	(void)state;
	expect_crashes(dump_of(500 * MS, PANIC "sysrq"),
		       panic_of(TRAIL_TEXT_DUMP, "a", 500 * MS + 999, PANIC "sysrq"), 1, NULL);
	expect_crashes(dump_of(500 * MS, PANIC "sysrq"),
		       panic_of(TRAIL_TEXT_DUMP, "a", 600 * MS, PANIC "sysrq"), 2,
		       "a is of another crash than vmcore: its panic line is at 0.600000 s, not "
		       "at 0.500000 s");
	expect_crashes(dump_of(500 * MS, PANIC "sysrq"),
		       panic_of(TRAIL_TEXT_LOG, "a", TRAIL_NO_TIME, PANIC "hung_task"), 2,
		       "its panic line says \"hung_task\", not \"sysrq\"");
	/* a log without times, and nothing that speaks against it */
	expect_crashes(dump_of(500 * MS, PANIC "sysrq"),
		       panic_of(TRAIL_TEXT_LOG, "a", TRAIL_NO_TIME, PANIC "sysrq"), 1, NULL);
}

static void test_stack_head(void **state)
{
	static const char *const heads[] = { "CPU: 1 PID: 812 Comm: bash Not tainted",
					     "CPU: 1 UID: 0 PID: 813 Comm: bash Not tainted" };

	(void)state;
	for (int same = 0; same < 2; same++) {
		struct trail_facts *inputs[2];

		for (size_t i = 0; i < 2; i++) {
			inputs[i] = panic_of(TRAIL_TEXT_LOG, i ? "b" : "a", TRAIL_NO_TIME,
					     PANIC "Fatal exception");
			add_line(inputs[i], &inputs[i]->texts[0].log, TRAIL_NO_TIME,
				 heads[same ? 0 : i]);
		}
		expect_crashes(inputs[0], inputs[1], same ? 1 : 2,
			       same ? NULL : "CPU 1 and PID 813 panicked, not CPU 1 and PID 812");
	}
}

static void test_kernel(void **state)
{
	struct trail_facts *b = panic_of(TRAIL_TEXT_LOG, "b", TRAIL_NO_TIME, PANIC "x");

	(void)state;
	b->texts[0].release = "6.1.0-14-amd64";
	expect_crashes(dump_of(500 * MS, PANIC "x"), b, 2,
		       "its release is 6.1.0-14-amd64, not 6.1.0-13-amd64");
	/* of the head of a stack only the start of the version is known */
	struct trail_facts *a = dump_of(500 * MS, PANIC "x");
	a->version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.55-1 (2023-09-29)";
	b = panic_of(TRAIL_TEXT_LOG, "b", TRAIL_NO_TIME, PANIC "x");
	b->texts[0].version = "#1 Debian 6.1.55-1";
	expect_crashes(a, b, 1, NULL);
}

/* Lines with their times are of one boot, whatever else there is: an oops and the panic behind it.
 */
static void test_shared_lines(void **state)
{
	struct trail_facts *a = new_input(TRAIL_FORMAT_NONE), *b = new_input(TRAIL_FORMAT_NONE);
	struct trail_text_facts *oops = add_text(a, TRAIL_TEXT_DUMP, "a");
	struct trail_text_facts *panic = add_text(b, TRAIL_TEXT_DUMP, "b");

	(void)state;
	oops->has_time = panic->has_time = true;
	oops->time_s = 1700000000;
	panic->time_s = 1700009000;
	for (uint64_t i = 0; i < 3; i++) {
		static const char *const lines[] = { "one line of all", "another line",
						     "and more" };

		add_line(a, &oops->log, (200 + i) * MS, lines[i]);
		add_line(b, &panic->log, (200 + i) * MS, lines[i]);
	}
	add_line(b, &panic->log, UINT64_C(9000000) * MS, PANIC "x");
	expect_crashes(a, b, 1, NULL);
}

static void test_dates(void **state)
{
	(void)state;
	for (int far = 0; far < 2; far++) {
		struct trail_facts *a = panic_of(TRAIL_TEXT_DUMP, "a", TRAIL_NO_TIME, "Oops: 0");
		struct trail_facts *b = panic_of(TRAIL_TEXT_DUMP, "b", TRAIL_NO_TIME, PANIC "x");

		a->texts[0].has_time = b->texts[0].has_time = true;
		a->texts[0].time_s = 1700000000;
		b->texts[0].time_s = 1700000000 + (far ? 601 : 600);
		expect_crashes(a, b, far ? 2 : 1, far ? "they are 601 s apart" : NULL);
	}
}

static void test_two_boots(void **state)
{
	struct trail_facts *inputs[2];

	(void)state;
	for (uint64_t k = 0; k < 2; k++) {
		inputs[k] = new_input(TRAIL_FORMAT_NONE);
		struct trail_text_facts *text = add_text(inputs[k], TRAIL_TEXT_LOG, k ? "b" : "a");
		for (uint64_t i = 0; i < 30; i++)
			add_line(inputs[k], &text->log, (1000 + 10 * i + k) * MS, "the same line");
	}
	expect_crashes(inputs[0], inputs[1], 2, "no line is the same");
}

static void test_two_dumps(void **state)
{
	(void)state;
	expect_crashes(dump_of(500 * MS, PANIC "x"), dump_of(500 * MS, PANIC "x"), 2,
		       "both are dumps");
}

/* The crash kernel's lines go with the crash that stands before them in their file. */
static void test_followers(void **state)
{
	struct trail_facts *inputs[] = { panic_of(TRAIL_TEXT_CAPTURE, "serial", 500 * MS,
						  PANIC "x") };
	struct trail_incidents all;

	(void)state;
	add_text(inputs[0], TRAIL_TEXT_CAPTURE, "serial")->role = TRAIL_ROLE_CRASH_KERNEL;
	add_panic(inputs[0], TRAIL_TEXT_CAPTURE, "serial", 700 * MS, PANIC "y");
	add_text(inputs[0], TRAIL_TEXT_CAPTURE, "serial")->role = TRAIL_ROLE_NEXT;
	assert_null(trail_incidents_sort(inputs, 1, &all));
	assert_int_equal(all.n, 2);
	assert_int_equal(all.facts[0]->n_texts, 2);
	assert_int_equal(all.facts[0]->texts[1].role, TRAIL_ROLE_CRASH_KERNEL);
	assert_int_equal(all.facts[1]->texts[1].role, TRAIL_ROLE_NEXT);
	trail_incidents_fini(&all);
}

/* Two crashes of one file are named by the lines they begin at. */
static void test_one_file(void **state)
{
	struct trail_facts *inputs[] = { panic_of(TRAIL_TEXT_LOG, "a", 500 * MS, PANIC "x"),
					 panic_of(TRAIL_TEXT_LOG, "a", 700 * MS, PANIC "y") };
	struct trail_incidents all;

	(void)state;
	inputs[0]->texts[0].log.records[0].seq = 1;
	inputs[1]->texts[0].log.records[0].seq = 14;
	assert_null(trail_incidents_sort(inputs, 2, &all));
	assert_int_equal(all.n, 2);
	assert_string_equal(all.why, "a (from line 14) is of another crash than a (from line 1): "
				     "its panic line says \"y\", not \"x\"");
	trail_incidents_fini(&all);
}

/* What can be of two crashes is of neither. */
static void test_ambiguous(void **state)
{
	struct trail_facts *inputs[] = { panic_of(TRAIL_TEXT_LOG, "a", 500 * MS, PANIC "x"),
					 panic_of(TRAIL_TEXT_LOG, "b", 700 * MS, PANIC "y"),
					 panic_of(TRAIL_TEXT_LOG, "c", TRAIL_NO_TIME, "nothing") };
	struct trail_incidents all;

	(void)state;
	assert_null(trail_incidents_sort(inputs, 3, &all));
	assert_int_equal(all.n, 3);
	assert_non_null(strstr(all.why, "c is of another crash than a: nothing in them tells"));
	trail_incidents_fini(&all);
}

/* So many crashes that not each is said why it is another one. */
static void test_many(void **state)
{
	enum { N = 300, KEPT = 256, SAID = 16 };
	static char lines[N][64];
	struct trail_facts *input = new_input(TRAIL_FORMAT_NONE);
	struct trail_incidents all;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		snprintf(lines[i], sizeof(lines[i]), PANIC "%03zu", i);
		add_panic(input, TRAIL_TEXT_LOG, "a", (10 + i) * 1000 * MS, lines[i]);
	}
	assert_null(trail_incidents_sort(&input, 1, &all));
	assert_int_equal(all.n, KEPT);
	assert_non_null(strstr(all.why, "; and so are 239 more"));
	size_t said = 0;
	for (const char *p = all.why; (p = strstr(p, "is of another crash")); p++)
		said++;
	assert_int_equal(said, SAID);
	assert_int_equal(all.facts[0]->n_gaps, SAID + 1);
	assert_string_equal(all.facts[0]->gaps[SAID].why, "28 more are left out");
	trail_incidents_fini(&all);
}

static void test_clean_end(void **state)
{
	struct trail_facts *inputs[] = { panic_of(TRAIL_TEXT_DUMP, "b", 900 * MS,
						  "reboot: Restarting"),
					 panic_of(TRAIL_TEXT_DUMP, "a", 500 * MS, PANIC "x") };
	struct trail_incidents all;

	(void)state;
	inputs[0]->texts[0].reason = "Shutdown";
	assert_null(trail_incidents_sort(inputs, 2, &all));
	assert_int_equal(all.n, 1);
	assert_int_equal(all.facts[0]->n_texts, 1);
	assert_int_equal(all.facts[0]->n_gaps, 1);
	assert_string_equal(all.facts[0]->gaps[0].why,
			    "a record of reason Shutdown is of no crash: it is left out");
	trail_incidents_fini(&all);
}

/* What the texts say of the kernel is the crash's; the memory of all inputs stays. */
static void test_merged(void **state)
{
	struct trail_facts *inputs[] = { panic_of(TRAIL_TEXT_DUMP, "a", 500 * MS, PANIC "x"),
					 panic_of(TRAIL_TEXT_LOG, "b", 500 * MS, PANIC "x"),
					 new_input(TRAIL_FORMAT_NONE) };
	struct trail_incidents all;

	(void)state;
	inputs[1]->texts[0].release = trail_pool_strdup(&inputs[1]->pool, "6.1.0");
	assert_true(trail_facts_add_gap(inputs[2], "c", "it cannot be read"));
	assert_null(trail_incidents_sort(inputs, 3, &all));
	assert_int_equal(all.n, 1);
	assert_int_equal(all.facts[0]->format, TRAIL_FORMAT_NONE);
	assert_int_equal(all.facts[0]->n_texts, 2);
	assert_string_equal(all.facts[0]->release, "6.1.0");
	assert_string_equal(all.facts[0]->path, "a");
	assert_int_equal(all.facts[0]->n_gaps, 1);
	assert_true(all.facts[0]->complete);
	trail_incidents_fini(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_panic_line), cmocka_unit_test(test_stack_head),
		cmocka_unit_test(test_kernel),	   cmocka_unit_test(test_shared_lines),
		cmocka_unit_test(test_dates),	   cmocka_unit_test(test_two_boots),
		cmocka_unit_test(test_two_dumps),  cmocka_unit_test(test_followers),
		cmocka_unit_test(test_one_file),   cmocka_unit_test(test_ambiguous),
		cmocka_unit_test(test_many),	   cmocka_unit_test(test_clean_end),
		cmocka_unit_test(test_merged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
