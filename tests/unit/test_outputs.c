/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The formats for other programs and for tickets, of crashes made by hand:
 * what each says, what it makes of hostile text, its bounds.  What a schema
 * says of them is in cli/test_outputs.py.
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
#include "report/reasons.h"
#include "timeline/evidence.h"

#define NASTY \
	HOSTILE "<script>alert(1)</script> [x](http://evil) {0} | `code` @root #1 & \"q\" \\ '"

/* What @format says of a crash, which is ended. */
static void says(struct crash c, const char *format, const char *const *parts, size_t n)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	render(&c, format, &text);
	for (size_t i = 0; i < n; i++)
		if (!strstr(text.data, parts[i]))
			fail_msg("\"%s\" is not in:\n%s", parts[i], text.data);
	crash_fini(&c);
}

static struct crash judged_crash(struct trail_policy *policy, const char *message)
{
	struct crash c = full_crash();

	judge(&c, policy, message, false);
	c.report.status = 1;
	return c;
}

static struct crash nasty_crash(struct trail_policy *policy, bool all)
{
	static const char *contradictions[] = { NASTY };
	struct crash c = full_crash();

	make_hostile(&c);
	judge(&c, policy, NASTY, all);
	c.facts->path = c.facts->release = c.facts->gaps[0].why = NASTY;
	c.timeline->message = c.timeline->word = c.timeline->text = NASTY;
	c.timeline->cause = c.timeline->path = c.timeline->trigger = NASTY;
	c.timeline->contradictions = contradictions;
	return c;
}

/* ---- line ----------------------------------------------------------------- */

static void test_line(void **state)
{
	struct trail_policy policy;

	(void)state;
	says(judged_crash(&policy, "a-fault"), "line",
	     (const char *[]){ "panictrail reason=operator trigger=sysrq verdict=hung-in-notifier "
			       "point=outside complete=no errors=",
			       " notes=",
			       " policy=a-fault release=6.1.0-18-amd64 "
			       "path=v1:outside/notifiers/lab_hang@labmod:0123abcd "
			       "cause=v1:sysrq/sysrq_handle_crash/__handle_sysrq:209ffa9e "
			       "message=\"sysrq triggered crash\"\n",
			       trail_rules[JUDGE_NOTE].id, trail_rules[JUDGE_WARNING].id },
	     5);
	says(empty_crash(), "line",
	     (const char *[]){
		     "panictrail reason=unknown trigger=unknown verdict=unknown point=unknown "
		     "complete=no errors=unknown warnings=unknown notes=unknown policy=unknown "
		     "release=unknown path=unknown cause=unknown message=\"\"\n" },
	     1);
}

/* Whatever the input: one line, bounded, ASCII, pairs that can be taken apart. */
static void test_line_hostile(void **state)
{
	static char long_text[2000];
	struct trail_policy policy;

	(void)state;
	memset(long_text, '\\', sizeof(long_text) - 1);
	for (int i = 0; i < 2; i++) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
		struct crash c = nasty_crash(&policy, true);
		size_t quotes = 0;

		if (i) {
			c.facts->release = policy.name = c.timeline->word = long_text;
			c.timeline->cause = c.timeline->path = c.timeline->message = long_text;
			c.timeline->trigger = long_text;
		}
		render(&c, "line", &text);
		assert_in_range(text.length, 300, 1024);
		for (size_t k = 0; k + 1 < text.length; k++) {
			assert_in_range(text.data[k], ' ', '~');
			k += text.data[k] == '\\';
			quotes += text.data[k] == '"' && text.data[k - 1] != '\\';
		}
		assert_int_equal(text.data[text.length - 1], '\n');
		assert_int_equal(quotes % 2, 0);
		crash_fini(&c);
	}
}

/* A signature that is cut keeps the hash that groups. */
static void test_line_cut(void **state)
{
	char id[400];

	(void)state;
	memset(id, 'a', sizeof(id));
	memcpy(id, "v1:sysrq/", 9);
	strcpy(id + sizeof(id) - 10, ":209ffa9e");
	struct crash c = full_crash();
	c.timeline->cause = id;
	says(c, "line", (const char *[]){ " cause=v1:sysrq/aaa", "aaa...:209ffa9e message=" }, 2);
}

/* Each class of the table of triggers has a reason of its own. */
static void test_reasons(void **state)
{
	(void)state;
	for (size_t i = 0; i < trail_n_triggers; i++) {
		const char *class = trail_triggers[i].class;
		bool found = false;

		for (const struct trail_reason *row = trail_reasons; row->class; row++) {
			size_t n = strcspn(row->class, "*");
			found |= strncmp(row->class, class, n) == 0 && (row->class[n] || !class[n]);
		}
		if (!found)
			fail_msg("class %s has no reason", class);
	}
	assert_string_equal(trail_reason_of("oops-crash-kexec"), "kernel-bug");
	assert_string_equal(trail_reason_of("oops"), "kernel-bug");
	assert_string_equal(trail_reason_of("none"), "none");
	assert_string_equal(trail_reason_of("fs2"), "panic");
	assert_string_equal(trail_reason_of(NULL), "unknown");
}

/* ---- SARIF ---------------------------------------------------------------- */

static json_t *run_of(const struct crash *c, json_t **root)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	render(c, "sarif", &text);
	*root = need(json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES, NULL));
	return need(json_array_get(json_object_get(*root, "runs"), 0));
}

static const char *text_at(json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : json_string_value(json_object_get(json_object_get(object, key), "text"));
}

static void test_sarif(void **state)
{
	static const struct {
		size_t rule;
		const char *kind, *level, *message;
	} rows[] = {
		{ JUDGE_ERROR, "fail", "error", "A fault. " },
		{ JUDGE_ERROR, "fail", "error", "The second. " },
		{ JUDGE_WARNING, "fail", "warning", "A warning. " },
		{ JUDGE_NOTE, NULL, NULL, "A note. " },
		{ JUDGE_UNKNOWN, "open", "none", "Not known from this input: " },
	};
	struct trail_policy policy;
	struct crash c = judged_crash(&policy, "a fault");
	json_t *root, *run = run_of(&c, &root), *results = json_object_get(run, "results");

	(void)state;
	assert_int_equal(json_array_size(results), TRAIL_ARRAY_SIZE(rows));
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		json_t *result = json_array_get(results, i);
		const struct trail_rule *rule = &trail_rules[rows[i].rule];

		assert_string_equal(text_at(result, "ruleId"), rule->id);
		assert_int_equal(json_integer_value(json_object_get(result, "ruleIndex")),
				 rows[i].rule);
		assert_memory_equal(text_at(result, "message"), rows[i].message,
				    strlen(rows[i].message));
		if (rows[i].kind)
			assert_string_equal(text_at(result, "kind"), rows[i].kind);
		if (rows[i].level)
			assert_string_equal(text_at(result, "level"), rows[i].level);
	}
	json_t *invocation = json_array_get(json_object_get(run, "invocations"), 0);
	assert_int_equal(json_integer_value(json_object_get(invocation, "exitCode")), 1);
	assert_int_equal(json_array_size(json_object_get(invocation, "toolExecutionNotifications")),
			 1);
	assert_int_equal(json_array_size(json_object_get(invocation, "ruleConfigurationOverrides")),
			 2);
	assert_string_equal(text_at(json_object_get(json_object_get(run, "properties"), "rules"),
				    trail_rules[JUDGE_OFF].id),
			    "off");
	json_decref(root);
	crash_fini(&c);
}

/* What was surely come to, in order; the rest is left out. */
static void test_sarif_flow(void **state)
{
	static const struct {
		const char *name, *importance;
		int level;
	} rows[] = {
		{ "kdump-early", "unimportant", 0 },
		{ "stop-cpus", "important", 0 },
		{ "notifiers", "essential", 0 },
		{ "hv_panic_vmbus_unload", "important", 1 },
		{ "lab_hang [labmod]", "essential", 1 },
	};
	struct trail_policy policy;
	struct crash c = judged_crash(&policy, "a fault");
	json_t *root, *run = run_of(&c, &root);
	json_t *result = json_array_get(json_object_get(run, "results"), 0);
	json_t *flow = json_array_get(json_object_get(result, "codeFlows"), 0);
	json_t *thread = json_array_get(json_object_get(flow, "threadFlows"), 0);
	json_t *steps = json_object_get(thread, "locations");

	(void)state;
	assert_int_equal(json_array_size(steps), TRAIL_ARRAY_SIZE(rows));
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		json_t *step = json_array_get(steps, i);
		json_t *logical = json_object_get(json_object_get(step, "location"),
						  "logicalLocations");

		assert_string_equal(text_at(json_array_get(logical, 0), "name"), rows[i].name);
		assert_string_equal(text_at(step, "importance"), rows[i].importance);
		assert_int_equal(json_integer_value(json_object_get(step, "nestingLevel")),
				 rows[i].level);
		assert_int_equal(json_integer_value(json_object_get(step, "executionOrder")),
				 i + 1);
	}
	json_decref(root);
	crash_fini(&c);
}

/* The fingerprint of the result at @i, to be freed. */
static char *print_of(const struct crash *c, size_t i)
{
	json_t *root, *run = run_of(c, &root);
	json_t *result = json_array_get(json_object_get(run, "results"), i);
	char *print = need(strdup(
		text_at(json_object_get(result, "partialFingerprints"), "panictrail/finding/v1")));

	json_decref(root);
	return print;
}

/* The same on another boot: nothing that changes with it is in them. */
static void test_sarif_fingerprints(void **state)
{
	struct trail_policy policy, other;
	struct crash a = judged_crash(&policy, "CPU 3 did not stop");
	struct crash b = judged_crash(&other, "CPU 1 did not stop");

	(void)state;
	b.facts->path = "elsewhere";
	b.timeline->time_ns++;
	char *prints[] = { print_of(&a, 0), print_of(&b, 0), print_of(&a, 1), NULL };
	assert_string_equal(prints[0], prints[1]);
	assert_string_not_equal(prints[0], prints[2]); /* two findings of one rule */
	b.timeline->path = "v1:early/kdump-early:ef72781b";
	prints[3] = print_of(&b, 0);
	assert_string_not_equal(prints[0], prints[3]);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(prints); i++)
		free(prints[i]);
	crash_fini(&a);
	crash_fini(&b);
}

/* No placeholder, no link, no control character in a message. */
static void test_sarif_hostile(void **state)
{
	struct trail_policy policy;
	struct crash c = nasty_crash(&policy, true);
	json_t *root, *run = run_of(&c, &root);
	const char *message = text_at(json_array_get(json_object_get(run, "results"), 0),
				      "message");

	(void)state;
	assert_non_null(strstr(message, "[x\\](http://evil) {{0}}"));
	assert_non_null(strstr(message, "A\\x1b[31mb\\xff\\x9bc\\nd\\te"));
	json_t *artifact = json_array_get(json_object_get(run, "artifacts"), 0);
	assert_memory_equal(text_at(json_object_get(artifact, "location"), "uri"),
			    "a%1B%5B31mb%FF%9Bc%0Ad", 22);
	const char *id = text_at(json_object_get(run, "automationDetails"), "id");
	assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789%/._~-:"),
			 strlen(id));
	json_decref(root);
	crash_fini(&c);
}

/* ---- JUnit ---------------------------------------------------------------- */

static void test_junit(void **state)
{
	static const char *const parts[] = {
		"<testsuite name=\"policy a fault\" tests=\"",
		"\" failures=\"2\" errors=\"0\" skipped=\"2\" time=\"0\" "
		"timestamp=\"2024-03-04T05:06:07\">",
		"<failure type=\"error\" message=\"a fault\">error: a fault\n"
		"  E2 certain stack: notifier_call_chain+0x52 is on the stack of the panicking "
		"CPU, below lab_hang (0xffffc90000013d38)\n",
		"error: the second\n",
		"<failure type=\"warning\" message=\"a warning\">",
		"<system-out>note: a note\n",
		"<skipped message=\"unknown; read for it: ",
		"<skipped message=\"switched off by the policy\"/>",
		"<system-err>gap: CPU 3 registers: crash_notes are empty\n",
		"<property name=\"goal.console-log\" value=\"achieved\"/>",
	};
	struct trail_policy policy;

	(void)state;
	says(judged_crash(&policy, "a fault"), "junit", parts, TRAIL_ARRAY_SIZE(parts));
	says(empty_crash(), "junit",
	     (const char *[]){ "<testsuite name=\"policy none\" tests=\"0\" failures=\"0\" " }, 1);
}

/* ---- Markdown ------------------------------------------------------------- */

static void test_markdown(void **state)
{
	static const char *const parts[] = {
		"# panictrail: hung-in-notifier\n\n| What | Answer |\n| --- | --- |\n",
		"| On | CPU 2, bash (pid 814) |\n",
		"| Path | `v1:outside/notifiers/lab_hang@labmod:0123abcd` |\n",
		"\n## Findings\n\n- **error ",
		": a fault\n  - Remedy: ",
		"  - E2 certain stack: notifier_call_chain+0x52 is on",
		"| console-log | achieved | a fault |  |\n",
		"| in-progress | notifiers | E2 notifier",
		"| 2 | 9 | in-progress | `lab_hang [labmod]` | not catalogued |\n",
		"| 3 | not-stopped | none |  |  |\n",
		"<summary>Stack of CPU 2: panicking, bash (pid 814), registers stack-only</summary>",
		"\n```text\n#0     0xffffffff8105f3c1  native_halt+0x11 (registers)\n",
		"- **Gap** CPU 3 registers: crash_notes are empty\n",
	};
	struct trail_policy policy;

	(void)state;
	says(judged_crash(&policy, "a fault"), "markdown", parts, TRAIL_ARRAY_SIZE(parts));
}

/* The cells of a row, by the bars that no backslash stands before. */
static size_t cells_of(const char *line)
{
	size_t n = 0;

	for (; *line && *line != '\n'; line++) {
		if (*line == '\\' && line[1])
			line++;
		else
			n += *line == '|';
	}
	return n;
}

/* Rows of a table keep its cells; no tag but ours; nothing of the input begins a line. */
static void test_markdown_hostile(void **state)
{
	static const char *const starts[] = { "| ",
					      "#",
					      "- ",
					      "  - ",
					      "<details>\n",
					      "</details>\n",
					      "<summary>Stack of ",
					      "<summary>All ",
					      "```text\n",
					      "```\n",
					      "Made by ",
					      "Those of ",
					      "ends: ",
					      "\n" };
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	struct trail_policy policy;
	struct crash c = nasty_crash(&policy, true);
	size_t cells = 0;

	(void)state;
	render(&c, "markdown", &text);
	for (const char *line = text.data; *line; line = strchr(line, '\n') + 1) {
		bool known = false;

		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(starts); i++)
			known |= strncmp(line, starts[i], strlen(starts[i])) == 0;
		if (!known)
			fail_msg("a line begins with: %.60s", line);
		if (*line != '|')
			cells = 0;
		else if (!cells)
			cells = cells_of(line);
		else
			assert_int_equal(cells_of(line), cells);
	}
	assert_non_null(strstr(text.data, "\\<script\\>alert(1)\\</script\\> "
					  "\\[x\\](http\\://evil) {0} \\| \\`code\\` `@`root "
					  "`#`1 \\& \"q\" \\\\ '"));
	assert_null(strstr(text.data, "<script>alert(1)</script> [x](http://evil) {0} |"));
	crash_fini(&c);
}

/* ---- all ------------------------------------------------------------------ */

/* Harmless in every format, whatever the input: printable, valid UTF-8, nothing raw. */
static void test_all_hostile(void **state)
{
	struct trail_policy policy;

	(void)state;
	for (const struct trail_renderer *r = trail_renderers; r->name; r++) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
		struct crash c = nasty_crash(&policy, true);

		render(&c, r->name, &text);
		for (size_t i = 0; i < text.length;) {
			uint32_t code = 0;
			size_t n = trail_utf8_length(text.data + i, text.length - i, &code);

			assert_true(n && (code >= ' ' || code == '\n') && code != 0x7f &&
				    code != 0x202e);
			i += n;
		}
		crash_fini(&c);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_line_hostile),
		cmocka_unit_test(test_line_cut),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_sarif),
		cmocka_unit_test(test_sarif_flow),
		cmocka_unit_test(test_sarif_fingerprints),
		cmocka_unit_test(test_sarif_hostile),
		cmocka_unit_test(test_junit),
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_markdown_hostile),
		cmocka_unit_test(test_all_hostile),
	};

	return cmocka_run_group_tests_name("outputs", tests, NULL, NULL);
}
