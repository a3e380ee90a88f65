/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The renderers: facts and timelines made by hand, what is printed of them.
 * With an argument, the name of a format, then "empty", "full", "judged" or "hostile", then a
 * width, prints that report instead: for the schema check and for the eye.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/json.h"
#include "crash.h"

static json_t *json_of(const struct crash *c)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	render(c, "json", &text);
	return need(json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES, NULL));
}

/* The keys of design.md, section 5; nested ones after their parent. */
static const char keys[] =
	"schema tool tool.name tool.version complete gaps verdict verdict.word verdict.text "
	"crash_time_s uptime_ns inputs kernel kernel.release kernel.version kernel.arch "
	"kernel.build_id kernel.cmdline kernel.taint symbols symbols.sources panic panic.entered "
	"panic.message panic.trigger panic.cpu panic.task panic.time_ns dump dump.method "
	"dump.point dump.stage config config.crash_kexec_post_notifiers config.panic_print "
	"config.panic_timeout config.panic_on_oops config.panic_on_warn "
	"config.crash_kernel_loaded config.forced_by stages notifier_chain "
	"notifier_chain.complete notifier_chain.length notifier_chain.why notifiers kmsg_dumpers "
	"cpus log log.records log.after_panic log.dropped log.first_seq log.noise log.unflushed "
	"goals no_vmcore no_vmcore.reason no_vmcore.evidence policy policy.name policy.source "
	"policy.sha256 rules findings signatures signatures.cause signatures.path plugins "
	"extensions evidence";

static json_t *at(json_t *root, const char *path)
{
	char *copy = need(strdup(path)), *save;

	for (char *key = strtok_r(copy, ".", &save); key; key = strtok_r(NULL, ".", &save))
		root = *key >= '0' && *key <= '9' ? json_array_get(root, atoi(key))
						  : json_object_get(root, key);
	free(copy);
	return root;
}

static void test_json_keys(void **state)
{
	(void)state;
	for (int full = 0; full < 2; full++) {
		struct crash c = full ? full_crash() : empty_crash();
		json_t *root = json_of(&c);

		char *copy = need(strdup(keys)), *save;

		for (char *key = strtok_r(copy, " ", &save); key; key = strtok_r(NULL, " ", &save))
			if (!at(root, key))
				fail_msg("no key %s", key);
		free(copy);
		json_decref(root);
		crash_fini(&c);
	}
}

/* Paths and the JSON text there. */
static void test_json_values(void **state)
{
	static const char *const values[][2] = {
		/* clang-format off */
		{ "schema", "\"panictrail-report/1\"" }, { "inputs.0.format", "\"kdump\"" },
		{ "inputs.0.frontier.stage", "\"notifiers\"" },
		{ "inputs.0.frontier.step", "\"lab_hang\"" },
		{ "inputs.0.frontier.bound", "\"exact\"" },
		{ "inputs.0.frontier.evidence", "[\"E2\"]" },
		{ "kernel.taint.0", "{\"letter\": \"W\", \"name\": \"warn\"}" },
		{ "kernel.taint.2", "{\"letter\": null, \"name\": \"bit-30\"}" },
		{ "panic.entered", "\"yes\"" }, { "panic.cpu", "2" },
		{ "panic.task", "{\"pid\": 814, \"comm\": \"bash\"}" },
		{ "dump.stage", "\"notifiers\"" }, { "config.panic_print", "\"0x1f\"" },
		{ "config.panic_timeout", "-1" }, { "config.panic_on_oops", "null" },
		{ "config.crash_kernel_loaded", "true" },
		{ "stages.2.outcome", "\"in-progress\"" }, { "notifier_chain.length", "3" },
		{ "notifiers.0.position", "1" }, { "notifiers.1.module", "\"labmod\"" },
		{ "notifiers.1.address", "\"0xffffffffc0000040\"" },
		{ "notifiers.2.function", "null" }, { "notifiers.2.priority", "-2147483648" },
		{ "cpus.0.how", "\"nmi\"" }, { "cpus.0.frames.2.how", "\"scan\"" },
		{ "cpus.0.frames.2.offset", "null" }, { "cpus.2.role", "\"panicking\"" },
		{ "cpus.2.registers", "\"stack-only\"" }, { "cpus.3.registers", "\"none\"" },
		{ "cpus.3.how", "null" }, { "cpus.3.task", "null" }, { "cpus.4.cpu", "null" },
		{ "crash_time_s", "1709528767" }, { "uptime_ns", "83456789000" },
		{ "log.after_panic", "2" }, { "log.noise.0.cpu", "1" }, { "log.noise.1", "" },
		{ "log.unflushed", "[{\"console\": \"ttyS0\", \"records\": 2}]" },
		{ "evidence.0.where", "null" }, { "evidence.2.source", "\"inference\"" },
		{ "evidence.2.from", "[\"E1\", \"E2\"]" },
		{ "evidence.1.check.crash", "[\"bt -c 2\"]" }, { "evidence.2.check", "null" },
		{ "signatures.path", "\"v1:outside/notifiers/lab_hang@labmod:0123abcd\"" },
		/* clang-format on */
	};
	struct crash c = full_crash();
	json_t *root = json_of(&c);

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(values); i++) {
		char *text = json_dumps(at(root, values[i][0]), JSON_ENCODE_ANY);

		assert_string_equal(text ? text : "", values[i][1]);
		free(text);
	}
	json_decref(root);
	crash_fini(&c);
}

/* A number that no JSON reader could hold is unknown, not wrong. */
static void test_json_huge(void **state)
{
	struct crash c = full_crash();

	(void)state;
	c.facts->log.first_seq = UINT64_MAX;
	c.timeline->time_ns = UINT64_MAX;
	c.facts->scalars[0].value = UINT64_MAX;
	json_t *root = json_of(&c);
	assert_true(json_is_null(at(root, "log.first_seq")));
	assert_true(json_is_null(at(root, "panic.time_ns")));
	assert_true(json_is_null(at(root, "crash_time_s")));
	json_decref(root);
	crash_fini(&c);
}

static void test_hostile(void **state)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 }, json = { 0 };
	struct crash c = full_crash();

	(void)state;
	make_hostile(&c);
	render(&c, "text", &text);
	for (size_t i = 0; i < text.length; i++)
		assert_true(text.data[i] == '\n' || (unsigned char)text.data[i] >= 0x20);
	assert_non_null(
		strstr(text.data, "a\\x1b[31mb\\xff\\x9bc\\nd\\te\\xe2\\x80\\xaef\xc3\xa9"));
	assert_non_null(strstr(text.data, "panictrail --format json FILE\n"));
	render(&c, "json", &json);
	for (size_t i = 0; i < json.length; i++)
		assert_true(json.data[i] == '\n' || (json.data[i] >= 0x20 && json.data[i] < 0x7f));
	json_t *root = json_of(&c);
	assert_string_equal(json_string_value(at(root, "panic.message")),
			    "a\\x1b[31mb\\xff\\x9bc\nd\te\xe2\x80\xae"
			    "f\xc3\xa9");
	assert_string_equal(json_string_value(at(root, "log.noise.0.text")),
			    json_string_value(at(root, "panic.message")));
	json_decref(root);
	crash_fini(&c);
}

static void test_same_bytes(void **state)
{
	(void)state;
	for (const struct trail_renderer *r = trail_renderers; r->name; r++) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text once = { 0 }, again = { 0 };
		struct crash c = full_crash(), d = full_crash();

		render(&c, r->name, &once);
		render(&d, r->name, &again);
		assert_string_equal(trail_text_string(&once), trail_text_string(&again));
		assert_true(once.length > 100 && once.data[once.length - 1] == '\n');
		crash_fini(&c);
		crash_fini(&d);
	}
}

/* Characters of the longest line, lines before the first empty one. */
static void measure(const char *s, size_t *widest, size_t *first_screen)
{
	size_t columns = 0;
	const char *end = strstr(s, "\n\n");

	*widest = 0;
	*first_screen = 1;
	for (; *s; s++) {
		columns = *s == '\n' ? 0 : columns + ((*s & 0xc0) != 0x80);
		*widest = TRAIL_MAX(*widest, columns);
		*first_screen += *s == '\n' && s < end;
	}
}

static void test_text_fits(void **state)
{
	static const size_t widths[] = { 60, 80, 132 };
	struct trail_policy policy;

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(widths) * 4; i++) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
		struct crash c = full_crash();
		size_t widest, first_screen;

		c.report.width = widths[i / 4];
		for (size_t k = 0; k < 5 && i & 1; k++)
			assert_true(trail_facts_add_gap(c.facts, "CPU 1 stack", "not in the dump"));
		if (i & 1) {
			make_hostile(&c);
			c.facts->path = "/a/very/long/path/that/goes/on/and/on/and/on/and/on/and/"
					"on/and/on/and/on/and/on/and/on/and/on/and/on/vmcore";
			c.timeline->message = c.facts->path;
		}
		if (i & 2)
			judge(&c, &policy, i & 1 ? c.facts->path : "a fault", i & 1);
		render(&c, "text", &text);
		measure(trail_text_string(&text), &widest, &first_screen);
		assert_in_range(widest, 40, c.report.width);
		assert_in_range(first_screen, 10, 20);
		crash_fini(&c);
	}
}

/* The worst findings by name, and what to run for the first. */
static void test_text_judged(void **state)
{
	static const char *const parts[] = {
		"findings   2 errors, 1 warning, 1 note by policy a fault, the first:\n             ",
		" a fault\n             ",
		" the second\n             ",
		" a warning\ninput ",
		"next       panictrail rules --explain ",
		"(E2, E3)\n                  remedy: ",
		"\n  kdump         unknown         a fault\n",
		" 3 fail, 1 unknown, ",
		"goals      console-log achieved, kdump unknown\n",
	};
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	struct trail_policy policy;
	struct crash c = full_crash();

	(void)state;
	judge(&c, &policy, "a fault", false);
	policy.n_goals = 2;
	struct trail_judgement judgement = *c.report.judgement;
	judgement.goals[0] = c.report.judgement->goals[TRAIL_GOAL_CONSOLE_LOG];
	judgement.goals[1] = c.report.judgement->goals[TRAIL_GOAL_KDUMP];
	c.report.judgement = &judgement;
	render(&c, "text", &text);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(parts); i++)
		if (!strstr(text.data, parts[i]))
			fail_msg("\"%s\" is not in:\n%s", parts[i], text.data);
	assert_null(strstr(text.data, "conflict "));
	crash_fini(&c);
}

static void says(struct crash c, const char *const *parts, size_t n)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	render(&c, "text", &text);
	for (size_t i = 0; i < n; i++)
		if (!strstr(text.data, parts[i]))
			fail_msg("\"%s\" is not in:\n%s", parts[i], text.data);
	crash_fini(&c);
}

static void test_text_says(void **state)
{
	static const char *const full[] = {
		/* clang-format off */
		"hung-in-notifier: panic() hung", "sysrq: sysrq triggered crash\n",
		"6.1.0-18-amd64 x86_64, tainted W O bit-30\n", "CPU 2, bash (pid 814)\n",
		"2024-03-04 05:06:07 UTC, up 83.456789 s\n",
		"ended in notifiers, inside lab_hang, at native_halt\n",
		"method hypervisor, point outside, stage notifiers\n",
		("2 of 3 others stopped; not-stopped 3; stopped by nmi 0-1; "
		"1 register set of unknown CPUs, at 0x0\n"),
		"1 of 3 called; in-progress: lab_hang [labmod], position 2; 1 not-called\n",
		"kdump, file whole; 1 gap:\n", "panictrail --format json /var/crash/vmcore\n",
		"ids        cause v1:sysrq/sysrq_handle_crash/__handle_sysrq:209ffa9e, path v1:outside",
		"E2 notifier_call_chain+0x52", "lab_hang+0x40 [labmod]", "0xffffffffc0000080",
		"against dump: no kexec frame (from E1, E2)\n", "console ttyS0: 2 not printed\n",
		/* clang-format on */
	};
	static const char *const empty[] = {
		/* clang-format off */
		"verdict    unknown\n", "release unknown, taint unknown\n", "end unknown\n",
		"date unknown, uptime unknown\n", "unknown, none could be read\n",
		"unknown, chain not read\n", "panictrail --format json FILE\n",
		"unknown, not read\n",
		/* clang-format on */
	};

	(void)state;
	says(full_crash(), full, TRAIL_ARRAY_SIZE(full));
	says(empty_crash(), empty, TRAIL_ARRAY_SIZE(empty));
	struct crash c = full_crash();
	c.report.explain = true;
	says(c, (const char *[]){ "  crash> bt -c 2\n", "  drgn>>> prog.stack_trace(" }, 2);
}

/* Colours are there when asked for, and change nothing else. */
static void test_color(void **state)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text plain = { 0 }, color = { 0 };
	TRAIL_CLEANUP(trail_text_fini) struct trail_text stripped = { 0 };
	struct crash c = full_crash();

	(void)state;
	render(&c, "text", &plain);
	assert_null(strstr(plain.data, "\33"));
	c.report.color = true;
	render(&c, "text", &color);
	assert_non_null(strstr(color.data, "\33[31mnot-stopped\33[0m"));
	for (const char *s = color.data; *s; s += *s == '\33' ? strcspn(s, "m") + 1 : 1)
		trail_text_add(&stripped, s, *s != '\33');
	assert_string_equal(stripped.data, plain.data);
	crash_fini(&c);
}

static size_t allocations_left;

static void *scarce(size_t size)
{
	return allocations_left && allocations_left-- ? malloc(size) : NULL;
}

/* However few allocations of jansson succeed: NOMEM or the whole document. */
static void test_no_memory(void **state)
{
	struct trail_error *error = &trail_error_nomem;
	struct crash c = full_crash();

	(void)state;
	json_set_alloc_funcs(scarce, free);
	for (size_t n = 0; error; n += 7) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

		allocations_left = n;
		error = trail_render_json(&c.report, &text);
		assert_true(!error || error == &trail_error_nomem);
		assert_true(error || text.length > 500);
	}
	json_set_alloc_funcs(malloc, free);
	crash_fini(&c);
}

static int print(char **argv)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	struct crash c = strcmp(argv[2], "empty") == 0 ? empty_crash() : full_crash();
	struct trail_policy policy;

	c.report.width = strtoul(argv[3], NULL, 10);
	c.report.color = getenv("COLOR");
	if (strcmp(argv[2], "hostile") == 0)
		make_hostile(&c);
	if (strcmp(argv[2], "judged") == 0)
		judge(&c, &policy, "a fault", false);
	render(&c, argv[1], &text);
	fputs(trail_text_string(&text), stdout);
	crash_fini(&c);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_keys),  cmocka_unit_test(test_json_values),
		cmocka_unit_test(test_json_huge),  cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_text_fits),
		cmocka_unit_test(test_text_says),  cmocka_unit_test(test_color),
		cmocka_unit_test(test_no_memory),  cmocka_unit_test(test_text_judged),
	};

	return argc == 4 ? print(argv) : cmocka_run_group_tests(tests, NULL, NULL);
}
