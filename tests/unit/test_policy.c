/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policy files: what is wrong with one, by its place; what is merged how; the
 * schema against the table of keys.  Usage: test_policy SCHEMA
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/error.h"
#include "base/text.h"
#include "policy/policy_keys.h"
#include "policy/policy_load.h"
#include "policy/policy_show.h"

/* ---- files that are not there --------------------------------------------- */

static struct trail_policy_file file_of(const char *name, const char *text)
{
	return (struct trail_policy_file){ { name, text, strlen(text), false }, name, false };
}

/* Files by their names. */
struct folder {
	struct trail_policy_file files[16];
	size_t n;
};

static struct trail_error *find(void *context, const char *word,
				const struct trail_policy_file *from,
				const struct trail_policy_file **ret)
{
	struct folder *folder = context;

	(void)from;
	for (size_t i = 0; i < folder->n; i++)
		if (strcmp(folder->files[i].name, word) == 0) {
			*ret = &folder->files[i];
			return NULL;
		}
	*ret = trail_policy_find_built_in(word);
	return *ret ? NULL : trail_error_format(TRAIL_ERROR_USAGE, "there is no policy %s", word);
}

/* The first file of the folder, and as many drop-ins from its end. */
static struct trail_policy *load(struct folder *folder, size_t n_drop_ins,
				 struct trail_problems *problems)
{
	const struct trail_policy_file *drop_ins[16];
	struct trail_policy_finder finder = { folder, find };
	struct trail_policy_parts parts = { &folder->files[0], drop_ins, n_drop_ins, &finder };
	struct trail_policy *policy = NULL;

	for (size_t i = 0; i < n_drop_ins; i++)
		drop_ins[i] = &folder->files[folder->n - n_drop_ins + i];
	struct trail_error *error = trail_policy_load(&parts, problems, &policy);
	assert_int_equal(!error, !problems->n);
	assert_int_equal(!error, !!policy);
	if (error)
		assert_int_equal(error->code, TRAIL_ERROR_USAGE);
	trail_error_free(error);
	return policy;
}

static struct trail_policy *good(const char *text)
{
	struct folder folder = { { file_of("a", text) }, 1 };
	struct trail_problems problems = { 0 };
	struct trail_policy *policy = load(&folder, 0, &problems);

	if (!policy)
		fail_msg("%u:%u: %s", problems.all[0].place.line, problems.all[0].place.column,
			 problems.all[0].message);
	trail_problems_fini(&problems);
	return policy;
}

/* ---- what is wrong -------------------------------------------------------- */

static const char longest_word[] =
	"there is no key aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static const struct {
	const char *text;
	unsigned line, column;
	const char *message; /* its start */
	size_t n;	     /* problems */
} wrong[] = {
	{ "", 1, 1, "the file is empty, wanted version: 1", 1 },
	{ "# nothing\n", 2, 1, "the file is empty", 1 },
	{ "1\n", 1, 1, "a policy: wanted keys and their values", 1 },
	{ "[version, 1]\n", 1, 1, "a policy: wanted keys and their values", 1 },
	{ "goals: []\n", 1, 1, "version is missing, wanted version: 1", 1 },
	{ "version: 2\n", 1, 10, "version: wanted 1", 1 },
	{ "version: 01\n", 1, 10, "version: wanted 1", 1 },
	{ "version: [1]\n", 1, 10, "version: wanted 1", 1 },
	/* keys */
	{ "version: 1\ngoal: []\n", 2, 1, "there is no key goal (did you mean goals?)", 1 },
	{ "version: 1\nstop-cpus:\n  befor: []\n", 3, 3,
	  "there is no key stop-cpus.befor (did you mean before?)", 1 },
	{ "version: 1\npoint: early\n", 2, 1, "there is no key point (did you mean dump.point?)",
	  1 },
	{ "version: 1\nweather: fine\n", 2, 1, "there is no key weather", 1 },
	{ "version: 1\n<<: {}\n", 2, 1, "there is no key <<", 1 },
	{ "version: 1\n\"\": 1\n", 2, 1, "there is no key ", 1 },
	{ "version: 1\ngoals: []\norder: []\ngoals: [kdump]\n", 4, 1,
	  "goals is there twice, first in line 2", 1 },
	{ "version: 1\ndump: {point: any, 'point': any}\n", 2, 20,
	  "point is there twice, first in line 2", 1 },
	{ "version: 1\n? [a]\n: 1\n", 2, 3, "a list or map as a key, wanted a word", 1 },
	{ "version: 1\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: "
	  "1\n",
	  2, 1, longest_word, 1 },
	/* types: by the key, not by the scalar */
	{ "version: 1\ndump: early\n", 2, 7, "dump: wanted keys and their values", 1 },
	{ "version: 1\ndump: {point: [early]}\n", 2, 15,
	  "dump.point: wanted any, early or late, found a list", 1 },
	{ "version: 1\ndump: {point: Early}\n", 2, 15,
	  "dump.point: wanted any, early or late, found \"Early\" (did you mean early?)", 1 },
	{ "version: 1\ndump: {point: }\n", 2, 15,
	  "dump.point: wanted any, early or late, found nothing", 1 },
	{ "version: 1\ngoals: kdump\n", 2, 8, "goals: wanted a list such as [hypervisor], found",
	  1 },
	{ "version: 1\ngoals: [kdump, kdum, kdump]\n", 2, 16, "goals: wanted kdump, kmsg-dump,",
	  2 },
	{ "version: 1\ngoals: [kdump, reboot, kdump]\n", 2, 24, "goals: kdump is there twice", 1 },
	{ "version: 1\norder: [kdump, kmsg_dump]\n", 2, 16,
	  "order: wanted a stage of panic() or kdump, found \"kmsg_dump\" (did you mean kmsg-dump?)",
	  1 },
	{ "version: 1\nstop-cpus: {registers-required: yes}\n", 2, 33,
	  "stop-cpus.registers-required: wanted true or false, found \"yes\"", 1 },
	{ "version: 1\nstop-cpus: {registers-required: True}\n", 2, 33,
	  "stop-cpus.registers-required: wanted true or false, found \"True\"", 1 },
	{ "version: 1\nstop-cpus: {may-fail: 0x1}\n", 2, 23,
	  "stop-cpus.may-fail: wanted a whole number", 1 },
	{ "version: 1\nstop-cpus: {may-fail: none}\n", 2, 23,
	  "stop-cpus.may-fail: wanted a whole number", 1 },
	{ "version: 1\nstop-cpus: {may-fail: 99999999999999999999}\n", 2, 23,
	  "stop-cpus.may-fail: wanted a whole number", 1 },
	{ "version: 1\nkmsg-dump: {longest: 1}\n", 2, 22, "kmsg-dump.longest: wanted a time", 1 },
	{ "version: 1\nkmsg-dump: {longest: 0s}\n", 2, 22, "kmsg-dump.longest: wanted a time", 1 },
	{ "version: 1\nkmsg-dump: {longest: 9999999999min}\n", 2, 22,
	  "kmsg-dump.longest: wanted a time", 1 },
	{ "version: 1\nreboot: {within: 500ms}\n", 2, 18,
	  "reboot.within: wanted a time in whole seconds", 1 },
	{ "version: 1\nnotifiers: {require: [a b]}\n", 2, 23,
	  "notifiers.require: wanted a function's name", 1 },
	{ "version: 1\nnotifiers: {require: ['*a*b*c*d*']}\n", 2, 23,
	  "notifiers.require: wanted a pattern of at most", 1 },
	{ "version: 1\nnotifiers: {require: [':a']}\n", 2, 23,
	  "notifiers.require: wanted module:function", 1 },
	{ "version: 1\nnotifiers: {require: [a, b, a]}\n", 2, 29,
	  "notifiers.require: a is there twice", 1 },
	/* rules */
	{ "version: 1\nrules: [PT101]\n", 2, 8, "rules: wanted rules, each with its severity", 1 },
	{ "version: 1\nrules: {PT000: off}\n", 2, 9, "there is no rule PT000", 1 },
	{ "version: 1\nrules: {dump-pont: off}\n", 2, 9,
	  "there is no rule dump-pont (did you mean dump-point?)", 1 },
	{ "version: 1\nrules: {PT101: never}\n", 2, 16, "rules: wanted off, note, warning or error",
	  1 },
	{ "version: 1\nrules:\n  PT101: off\n  dump-point: note\n", 4, 3,
	  "rule PT101 is there twice, first in line 3", 1 },
	{ "version: 1\nfail-on: off\n", 2, 10, "fail-on: wanted never, note, warning or error", 1 },
	/* the subset of YAML */
	{ "version: 1\ngoals: &a [kdump]\n", 2, 8, "an anchor (&a)", 1 },
	{ "version: 1\norder: &a [kdump]\nstop-cpus: {before: *a}\n", 2, 8, "an anchor (&a)", 2 },
	{ "version: 1\nnotifiers: {require: [*softdog]}\n", 2, 23,
	  "an alias (*softdog), wanted each value written out; a pattern that begins with * is "
	  "quoted: \"*softdog\"",
	  1 },
	{ "version: !!int 1\n", 1, 10, "a tag (tag:yaml.org,2002:int)", 1 },
	{ "version: ! 1\n", 1, 10, "a tag (!)", 1 },
	{ "%YAML 1.1\n---\nversion: 1\n", 1, 1, "a directive", 1 },
	{ "version: 1\n---\nversion: 1\n", 2, 1, "a second document", 1 },
	{ "version: 1\n...\nmore\n", 3, 1, "no YAML: did not find expected <document start>", 1 },
	{ "version: 1\ngoals: [kdump\n", 3, 1, "no YAML: did not find expected ',' or ']'", 1 },
	{ "version: 1\n\tgoals: []\n", 2, 1, "no YAML: found a tab character", 1 },
	{ "version: 1\ndescription: \"a\\0b\"\n", 2, 14, "a value with a NUL byte", 1 },
	{ "version: 1\ndescription: a\x01\n", 2, 15, "control character 0x01", 1 },
	{ "version: 1\n# \xc3\xa4 \xff\n", 2, 5, "byte 0xff is no UTF-8", 1 },
	{ "version: 1\r\n# \xed\xa0\x80\n", 2, 3, "byte 0xed is no UTF-8", 1 },
	{ "\xff\xfev\0e\0r\0", 1, 1, "byte 0xff is no UTF-8", 1 },
	{ "\xef\xbb\xbfversion: 1\ngoal: []\n", 2, 1, "there is no key goal", 1 },
	{ "\xef\xbb\xbfversion: 2\n", 1, 10, "version: wanted 1", 1 },
	{ "version: 1\nrules: {pt101: off}\n", 2, 9, "there is no rule pt101 (did you mean PT101?)",
	  1 },
	{ "version: 1\ngoals: [[[[[[[[[[[[]]]]]]]]]]]]\n", 2, 15,
	  "more than 8 lists and maps in each other", 1 },
	{ "version: 1\nextends: []\n", 2, 10, "extends: wanted the name or the path", 1 },
	{ "version: 1\nextends: nobody\n", 2, 10, "extends: there is no policy nobody", 1 },
	{ "version: 1\nextends: a\n", 2, 10, "extends: a cycle, a extends a", 1 },
};

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(wrong); i++) {
		struct folder folder = { { file_of("a", wrong[i].text) }, 1 };
		struct trail_problems problems = { 0 };

		assert_null(load(&folder, 0, &problems));
		const struct trail_problem *p = &problems.all[0];
		if (problems.n != wrong[i].n || p->place.line != wrong[i].line ||
		    p->place.column != wrong[i].column ||
		    strncmp(p->message, wrong[i].message, strlen(wrong[i].message)) != 0)
			fail_msg("%s\n%u:%u: %s (and %zu more)", wrong[i].text, p->place.line,
				 p->place.column, p->message, problems.n - 1);
		assert_string_equal(p->place.file, "a");
		trail_problems_fini(&problems);
	}
}

static void test_nul(void **state)
{
	(void)state;
	struct folder folder = { { file_of("a", "version: 1\n\0") }, 1 };
	struct trail_problems problems = { 0 };

	folder.files[0].bytes.n = 12;
	assert_null(load(&folder, 0, &problems));
	assert_string_equal(problems.all[0].message, "a NUL byte, wanted text");
	assert_int_equal(problems.all[0].place.line, 2);
	assert_int_equal(problems.all[0].place.column, 1);
	trail_problems_fini(&problems);
}

/* Values and files that are too long, with the rest of the file or without. */
static void test_long(void **state)
{
	(void)state;
	static const struct {
		const char *start;
		unsigned column;
		const char *message;
	} rows[] = {
		{ "version: 1\ndescription: ", 14, "a value of more than 1024 bytes" },
		{ "version: 1\ndescription: \"", 14, "a value of more than 1024 bytes" },
		{ "version: 1\n#", 65526, "a file of more than 65536 bytes" },
		{ "version: 1\n", 65526, "a file of more than 65536 bytes" },
	};
	size_t n = TRAIL_POLICY_FILE_MAX;
	TRAIL_CLEANUP(trail_freep) char *bytes = malloc(n + 1);

	assert_non_null(bytes);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_problems problems = { 0 };

		memset(bytes, 'a', n);
		bytes[n] = '\0';
		memcpy(bytes, rows[i].start, strlen(rows[i].start));
		struct folder folder = { { file_of("a", bytes) }, 1 };
		folder.files[0].bytes.cut = true;
		assert_null(load(&folder, 0, &problems));
		const struct trail_problem *p = &problems.all[0];
		if (p->place.line != 2 || p->place.column != rows[i].column ||
		    strncmp(p->message, rows[i].message, strlen(rows[i].message)) != 0)
			fail_msg("%zu: %u:%u: %s", i, p->place.line, p->place.column, p->message);
		trail_problems_fini(&problems);
	}
}

/* More problems than are kept; more entries than a list may have. */
static void test_many(void **state)
{
	(void)state;
	TRAIL_CLEANUP(trail_text_fini) struct trail_text keys = { 0 }, list = { 0 };
	struct trail_problems problems = { 0 };

	trail_text_puts(&keys, "version: 1\n");
	trail_text_puts(&list, "version: 1\nnotifiers: {require: [");
	for (unsigned i = 0; i < 600; i++) {
		trail_text_printf(&keys, "key%u: 1\n", i);
		trail_text_printf(&list, "f%u, ", i);
	}
	struct folder folder = { { file_of("a", trail_text_string(&list)) }, 1 };
	assert_null(load(&folder, 0, &problems));
	assert_string_equal(problems.all[0].message, "more than 512 values in a list or map");
	trail_problems_fini(&problems);

	strstr(keys.data, "key500")[0] = '\0';
	folder.files[0] = file_of("a", trail_text_string(&keys));
	assert_null(load(&folder, 0, &problems));
	assert_int_equal(problems.n, TRAIL_POLICY_PROBLEMS_MAX);
	assert_int_equal(problems.n_more, 500 - TRAIL_POLICY_PROBLEMS_MAX);
	struct trail_error *error = trail_problems_error(&problems);
	assert_string_equal(error->message, "a:2:1: there is no key key0 (and 499 more; panictrail "
					    "policy check names them)");
	trail_error_free(error);
	trail_problems_fini(&problems);
}

/* ---- what is merged ------------------------------------------------------- */

static void test_neutral(void **state)
{
	(void)state;
	struct trail_policy *p = good("version: 1\n");

	assert_int_equal(p->n_goals, 0);
	assert_int_equal(p->classes, 7);
	assert_int_equal(p->highest_risk, TRAIL_RISK_HIGH);
	assert_true(p->unknown_allowed);
	assert_int_equal(p->longest_ns, 0);
	assert_true(p->reboot_within_s == UINT64_MAX && p->console_unflushed_max == UINT64_MAX);
	assert_int_equal(p->fail_on, TRAIL_SEVERITY_ERROR);
	assert_null(p->places[0].file);
	trail_policy_free(p);
}

/* Words that YAML 1.1 takes for booleans, numbers in quotes, flow and block style. */
static void test_types(void **state)
{
	(void)state;
	struct trail_policy *p = good(
		"version: '1'\n"
		"description: no\n"
		"goals:\n- reboot\n- \"kdump\"\n"
		"stop-cpus: {may-fail: \"2\", registers-required: \"true\"}\n"
		"notifiers: {before-dump: {longest: 2min, allow: [no, 'y*']}}\n"
		"console: {unflushed-max: 0}\n"
		"reboot: {within: 5000ms}\n"
		"rules: {PT101: off, cpu-not-stopped: note}\n"
		"fail-on: never\n");

	assert_string_equal(p->description, "no");
	assert_int_equal(p->n_goals, 2);
	assert_int_equal(p->goals[0], TRAIL_GOAL_REBOOT);
	assert_int_equal(p->goals[1], TRAIL_GOAL_KDUMP);
	assert_int_equal(p->stop_may_fail, 2);
	assert_true(p->registers_required);
	assert_int_equal(p->longest_ns, UINT64_C(120000000000));
	assert_true(trail_globs_match(&p->allow, "no", NULL));
	assert_true(trail_globs_match(&p->allow, "yes", "m"));
	assert_int_equal(p->console_unflushed_max, 0);
	assert_int_equal(p->reboot_within_s, 5);
	assert_int_equal(p->n_severities, 2);
	assert_int_equal(trail_policy_severity(p, "PT101", TRAIL_SEVERITY_ERROR),
			 TRAIL_SEVERITY_OFF);
	assert_int_equal(trail_policy_severity(p, "PT301", TRAIL_SEVERITY_ERROR),
			 TRAIL_SEVERITY_NOTE);
	assert_int_equal(p->fail_on, TRAIL_SEVERITY_OFF);
	trail_policy_free(p);
}

static const struct trail_place *place_of(const struct trail_policy *p, const char *key)
{
	return &p->places[trail_policy_key(key) - trail_policy_keys];
}

static void test_merge(void **state)
{
	(void)state;
	struct folder folder = {
		{ file_of("top", "version: 1\nextends: middle\ngoals: [reboot]\n"
				 "rules: {PT301: off}\n"),
		  file_of("middle", "version: 1\nextends: base\ndescription: of the middle\n"
				    "dump: {point: late}\n"),
		  file_of("base", "version: 1\ngoals: [kdump, reboot]\ndump: {point: early}\n"
				  "order: [kdump]\nrules: {PT101: note, PT301: note}\n"),
		  file_of("10-d", "version: 1\norder: []\n"),
		  file_of("20-d", "version: 1\nrules: {PT901: off}\n") },
		5,
	};
	struct trail_problems problems = { 0 };
	struct trail_policy *p = load(&folder, 2, &problems);

	assert_non_null(p);
	assert_string_equal(p->name, "top");
	assert_string_equal(p->source, "top, 10-d, 20-d");
	assert_int_equal(p->n_files, 5);
	assert_string_equal(p->files[0], "base");
	assert_string_equal(p->files[4], "20-d");
	assert_string_equal(p->description, ""); /* not inherited */
	assert_int_equal(p->n_goals, 1);
	assert_int_equal(p->goals[0], TRAIL_GOAL_REBOOT);
	assert_int_equal(p->dump_point, TRAIL_WANTED_LATE);
	assert_int_equal(p->n_order, 0);
	assert_int_equal(p->n_severities, 3);
	assert_string_equal(p->severities[1].rule, "PT301");
	assert_int_equal(p->severities[1].severity, TRAIL_SEVERITY_OFF);
	assert_string_equal(p->severities[0].place.file, "base");
	assert_string_equal(p->severities[2].place.file, "20-d");
	assert_string_equal(place_of(p, "dump.point")->file, "middle");
	assert_int_equal(place_of(p, "dump.point")->line, 4);
	assert_int_equal(place_of(p, "dump.point")->column, 15);
	assert_null(place_of(p, "fail-on")->file);
	trail_policy_free(p);

	folder.files[4] = file_of("20-d", "version: 1\nextends: base\n");
	assert_null(load(&folder, 2, &problems));
	assert_string_equal(problems.all[0].place.file, "20-d");
	assert_string_equal(problems.all[0].message,
			    "extends: a drop-in changes the policy default and extends none");
	trail_problems_fini(&problems);
}

static void test_chain(void **state)
{
	(void)state;
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i" };
	struct trail_problems problems = { 0 };
	struct folder folder = { .n = TRAIL_ARRAY_SIZE(names) };
	char texts[TRAIL_ARRAY_SIZE(names)][64];

	for (size_t i = 0; i < folder.n; i++) {
		snprintf(texts[i], sizeof(texts[i]), "version: 1\nextends: %s\n",
			 i + 1 < folder.n ? names[i + 1] : "default");
		folder.files[i] = file_of(names[i], texts[i]);
	}
	assert_null(load(&folder, 0, &problems));
	assert_string_equal(problems.all[0].place.file, "h");
	assert_string_equal(problems.all[0].message,
			    "extends: more than 8 policies that extend each other");
	trail_problems_fini(&problems);

	snprintf(texts[7], sizeof(texts[7]), "version: 1\n");
	folder.files[7] = file_of("h", texts[7]);
	trail_policy_free(load(&folder, 0, &problems));
	assert_int_equal(problems.n, 0);

	folder.files[2] = file_of("c", "version: 1\nextends: b\n");
	assert_null(load(&folder, 0, &problems));
	assert_string_equal(problems.all[0].message, "extends: a cycle, b extends c extends b");
	trail_problems_fini(&problems);
}

/* ---- shown and read again ------------------------------------------------- */

static void test_built_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < trail_n_policy_built_in; i++) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text first = { 0 }, second = { 0 };
		struct trail_policy_parts parts = { .file = &trail_policy_built_in[i] };
		struct trail_problems problems = { 0 };
		struct trail_policy *p = NULL;

		assert_null(trail_policy_load(&parts, &problems, &p));
		assert_true(*p->description && p->n_goals);
		assert_null(trail_policy_show(p, true, &first));
		trail_policy_free(p);
		p = good(first.data);
		first.length = 0;
		assert_null(trail_policy_show(p, true, &first));
		trail_policy_free(p);
		p = good(first.data);
		assert_null(trail_policy_show(p, true, &second));
		trail_policy_free(p);
		/* but for the first line, which has the digest */
		assert_string_equal(strchr(first.data, '\n'), strchr(second.data, '\n'));
	}
	assert_null(trail_policy_find_built_in("nobody"));
}

/* ---- the schema ----------------------------------------------------------- */

static json_t *schema;

static json_t *node_of(const char *path)
{
	json_t *node = json_object_get(json_object_get(schema, "$defs"), "file");
	char *copy = strdup(path), *rest = copy;

	for (char *word; node && (word = strsep(&rest, "."));)
		node = json_object_get(json_object_get(node, "properties"), word);
	free(copy);
	return node;
}

/* The enum of a node is the words of the key, in their order. */
static void check_words(const struct trail_policy_key *key, json_t *node)
{
	const char *ref = json_string_value(json_object_get(node, "$ref"));

	if (ref) {
		assert_string_equal(ref, "#/$defs/step");
		node = json_object_get(json_object_get(schema, "$defs"), "step");
	}
	json_t *words = json_object_get(node, "enum");
	assert_int_equal(json_array_size(words),
			 key->words ? key->n_words : (unsigned)TRAIL_N_STEPS);
	for (unsigned i = 0; i < json_array_size(words); i++)
		assert_string_equal(json_string_value(json_array_get(words, i)),
				    key->words ? key->words[i] : trail_step_name(i));
}

static void check_node(const struct trail_policy_key *key, json_t *node)
{
	static const char *const types[] = {
		[TRAIL_KEY_MAP] = "object",	[TRAIL_KEY_EXTENDS] = "string",
		[TRAIL_KEY_TEXT] = "string",	[TRAIL_KEY_GOALS] = "array",
		[TRAIL_KEY_STEPS] = "array",	[TRAIL_KEY_STEP_SET] = "array",
		[TRAIL_KEY_WORD_SET] = "array", [TRAIL_KEY_BOOLEAN] = "boolean",
		[TRAIL_KEY_COUNT] = "integer",	[TRAIL_KEY_RULES] = "object",
		[TRAIL_KEY_NANOSECONDS] = NULL,
	};
	static const char *const refs[] = {
		[TRAIL_KEY_NANOSECONDS] = "#/$defs/time",
		[TRAIL_KEY_SECONDS] = "#/$defs/seconds",
		[TRAIL_KEY_PATTERNS] = "#/$defs/patterns",
	};
	const char *type = key->type < TRAIL_ARRAY_SIZE(types) ? types[key->type] : NULL;
	const char *ref = key->type < TRAIL_ARRAY_SIZE(refs) ? refs[key->type] : NULL;
	json_t *said = json_object_get(node, "type"), *its_ref = json_object_get(node, "$ref");

	if (key->type == TRAIL_KEY_RULES)
		type = "object";
	assert_int_equal(!type, !said);
	assert_int_equal(!ref, !its_ref);
	if (type)
		assert_string_equal(type, json_string_value(said));
	if (ref)
		assert_string_equal(ref, json_string_value(its_ref));
	if (key->type == TRAIL_KEY_WORD)
		check_words(key, node);
	else if (key->type == TRAIL_KEY_RULES)
		check_words(key, json_object_get(node, "additionalProperties"));
	else if (key->words || key->type == TRAIL_KEY_STEPS || key->type == TRAIL_KEY_STEP_SET)
		check_words(key, json_object_get(node, "items"));
	if (key->type == TRAIL_KEY_MAP)
		assert_true(json_is_false(json_object_get(node, "additionalProperties")));
}

static size_t count(json_t *node)
{
	const char *key;
	json_t *child;
	size_t n = 0;

	json_object_foreach (json_object_get(node, "properties"), key, child)
		n += 1 + count(child);
	return n;
}

static void test_schema(void **state)
{
	(void)state;
	json_t *file = json_object_get(json_object_get(schema, "$defs"), "file");

	for (size_t i = 0; i < trail_n_policy_keys; i++) {
		const struct trail_policy_key *key = &trail_policy_keys[i];
		json_t *node = node_of(key->path);

		if (!node)
			fail_msg("the schema has no %s", key->path);
		assert_string_equal(json_string_value(json_object_get(node, "description")),
				    key->help);
		check_node(key, node);
	}
	assert_int_equal(count(file), trail_n_policy_keys);
	assert_true(json_is_false(json_object_get(file, "additionalProperties")));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong),	 cmocka_unit_test(test_nul),
		cmocka_unit_test(test_long),	 cmocka_unit_test(test_many),
		cmocka_unit_test(test_neutral),	 cmocka_unit_test(test_types),
		cmocka_unit_test(test_merge),	 cmocka_unit_test(test_chain),
		cmocka_unit_test(test_built_in), cmocka_unit_test(test_schema),
	};

	schema = argc == 2 ? json_load_file(argv[1], 0, NULL) : NULL;
	if (!schema) {
		fprintf(stderr, "usage: %s SCHEMA\n", argv[0]);
		return 1;
	}
	int status = cmocka_run_group_tests(tests, NULL, NULL);
	json_decref(schema);
	return status;
}
