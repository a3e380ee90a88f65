/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log renderers: records made by hand, what is printed of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "facts/facts.h"
#include "report/report.h"
#include "timeline/timeline.h"

static struct trail_record record(uint64_t seq, const char *text)
{
	return (struct trail_record){ .seq = seq,
				      .ts_nsec = 7377855000 + seq,
				      .text = text,
				      .length = strlen(text),
				      .level = 6,
				      .cpu = -1,
				      .pid = -1 };
}

/* Five records of eleven, the third the panic line. */
static struct trail_facts *facts_of(void)
{
	struct trail_facts *f = trail_facts_new();

	assert_non_null(f);
	f->log.presence = TRAIL_PRESENT;
	f->log.n = 5;
	f->log.records = trail_pool_alloc(&f->pool, 5, sizeof(*f->log.records));
	assert_non_null(f->log.records);
	struct trail_record *r = f->log.records;
	r[0] = record(10, "first\nsecond\n[    9.000000] emerg  T1    forged");
	r[0].pid = 120;
	r[1] = record(14, "\33[31mred\xff");
	r[1].facility = 3;
	r[1].cpu = 2;
	r[2] = record(15, "Kernel panic - not syncing: mine");
	r[2].level = 0;
	r[2].pid = 120;
	r[2].cpu = 3;
	r[2].comm = "bash";
	r[3] = record(16, "");
	r[3].level = 4;
	r[3].partial = true;
	r[4] = record(18, "last");
	r[4].facility = 77;
	f->log.first_seq = 10;
	f->log.next_seq = 20;
	f->log.lost = 5;
	return f;
}

static void render(struct trail_facts *f, const char *name, bool after_panic, bool color,
		   struct trail_text *out)
{
	const struct trail_renderer *r = trail_log_renderers;
	struct trail_timeline *t = NULL;

	assert_null(trail_timeline_new(f, &t));
	while (strcmp(r->name, name) != 0)
		r++;
	struct trail_report report = {
		.facts = f, .timeline = t, .after_panic = after_panic, .color = color
	};
	assert_null(r->render(&report, out));
	trail_timeline_free(t);
}

static void test_text(void **state)
{
	static const char after[] =
		"[    7.377855] emerg  T120/C3 Kernel panic - not syncing: mine\n"
		"[    7.377855] warn   -     \n"
		"… its writer never finished this record …\n"
		"… 1 record lost …\n"
		"[    7.377855] 77.info -     last\n"
		"… 1 record lost …\n";
	static const char before[] =
		"… 10 earlier records lost …\n"
		"[    7.377855] info   T120  first\n"
		"                            second\n"
		"                            [    9.000000] emerg  T1    forged\n"
		"… 3 records lost …\n"
		"[    7.377855] daemon.info C2    \\x1b[31mred\\xff\n";
	TRAIL_CLEANUP(trail_text_fini) struct trail_text all = { 0 }, part = { 0 };
	struct trail_facts *f = facts_of();

	(void)state;
	render(f, "text", false, false, &all);
	render(f, "text", true, false, &part);
	assert_string_equal(trail_text_string(&part), after);
	assert_true(trail_starts_with(trail_text_string(&all), before));
	assert_string_equal(trail_text_string(&all) + strlen(before), after);
	trail_facts_free(f);
}

static void test_color(void **state)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	struct trail_facts *f = facts_of();

	(void)state;
	render(f, "text", false, true, &text);
	assert_non_null(strstr(text.data, "\33[31mKernel panic - not syncing: mine\33[0m\n"));
	trail_facts_free(f);
}

static void test_nothing(void **state)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text none = { 0 }, no_panic = { 0 };
	struct trail_facts *empty = trail_facts_new(), *f = facts_of();

	(void)state;
	assert_non_null(empty);
	render(empty, "text", false, false, &none);
	assert_string_equal(none.data, "… no log could be read …\n");
	f->log.records[2].facility = 1; /* anybody can write such a line */
	render(f, "text", true, false, &no_panic);
	assert_string_equal(no_panic.data, "… no panic line of the kernel in the log …\n");
	trail_facts_free(empty);
	trail_facts_free(f);
}

/* More are lost than the steps of seq show: at an end. */
static void test_lost_somewhere(void **state)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	struct trail_facts *f = facts_of();

	(void)state;
	f->log.lost = 6;
	render(f, "text", false, false, &text);
	assert_non_null(strstr(text.data, "… more records are lost, where is not known …\n"));
	trail_facts_free(f);
}

static json_t *json_of(struct trail_facts *f, bool after_panic)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	render(f, "json", after_panic, false, &text);
	json_t *root = json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	return root;
}

static void test_json(void **state)
{
	static const char last[] =
		"{\"seq\": 15, \"time_ns\": 7377855015, \"level\": \"emerg\", \"facility\": 0, \"cpu\": 3, "
		"\"pid\": 120, \"comm\": \"bash\", \"partial\": false, \"after_panic\": false, "
		"\"text\": \"Kernel panic - not syncing: mine\"}";
	struct trail_facts *f = facts_of();
	json_t *root = json_of(f, false), *part = json_of(f, true);
	json_t *records = json_object_get(root, "records");

	(void)state;
	assert_int_equal(json_array_size(records), 5);
	assert_int_equal(json_array_size(json_object_get(part, "records")), 3);
	char *text = json_dumps(json_array_get(records, 2), 0);
	assert_string_equal(text, last);
	free(text);
	assert_true(json_is_true(json_object_get(json_array_get(records, 3), "after_panic")));
	assert_true(json_is_true(json_object_get(json_array_get(records, 3), "partial")));
	assert_string_equal(json_string_value(json_object_get(json_array_get(records, 1), "text")),
			    "\\x1b[31mred\\xff");
	assert_int_equal(json_integer_value(json_object_get(root, "first_seq")), 10);
	assert_int_equal(json_integer_value(json_object_get(root, "lost")), 5);
	json_decref(root);
	json_decref(part);
	trail_facts_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),	cmocka_unit_test(test_color),
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_lost_somewhere),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
