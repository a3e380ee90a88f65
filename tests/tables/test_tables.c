/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks every table: names for each enumerator, a source for each row, references that lead
 * somewhere. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collect/needs.h"
#include "kernel/layouts.h"
#include "policy/judge.h"
#include "report/view.h"
#include "timeline/evidence.h"
#include "timeline/texts.h"

static bool is_kebab(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '-')
			return false;
	return *s && *s != '-';
}

/* Every enumerator has a word of its own. */
static void check_names(const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_non_null(names[i]);
		assert_true(is_kebab(names[i]));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(names[i], names[k]);
	}
}

static void test_names(void **state)
{
	(void)state;
	check_names(trail_stage_names, TRAIL_N_STAGES);
	check_names(trail_outcome_names, TRAIL_N_OUTCOMES);
	check_names(trail_call_names, TRAIL_N_CALLS);
	check_names(trail_cpu_outcome_names, TRAIL_N_CPU_OUTCOMES);
	check_names(trail_how_names, TRAIL_N_HOWS);
	check_names(trail_method_names, TRAIL_N_METHODS);
	check_names(trail_point_names, TRAIL_N_POINTS);
	check_names(trail_strength_names, TRAIL_N_STRENGTHS);
	check_names(trail_source_names, TRAIL_N_SOURCES);
	check_names(trail_presence_names, TRAIL_N_PRESENCES);
	check_names(trail_tristate_names, TRAIL_N_TRISTATES);
	check_names(trail_format_names, TRAIL_N_FORMATS);
	check_names(trail_writer_names, TRAIL_N_WRITERS);
	check_names(trail_frame_how_names, TRAIL_N_FRAME_HOWS);
	check_names(trail_registers_names, TRAIL_N_REGISTERS);
	check_names(trail_note_names, TRAIL_N_NOTES);
	check_names(trail_returns_names, TRAIL_N_RETURNS);
	check_names(trail_hook_names, TRAIL_N_HOOKS);
	check_names(trail_seen_names, TRAIL_N_SEEN);
	check_names(trail_goal_names, TRAIL_N_GOALS);
	check_names(trail_goal_verdict_names, TRAIL_N_GOAL_VERDICTS);
	check_names(trail_result_names, TRAIL_N_RESULTS);
	check_names(trail_severity_names, TRAIL_N_SEVERITIES);
	check_names(trail_class_names, TRAIL_N_CLASSES);
	check_names(trail_risk_names, TRAIL_N_RISKS);
	check_names(trail_wanted_point_names, TRAIL_N_WANTED_POINTS);
	check_names(trail_wish_names, TRAIL_N_WISHES);
}

/* A source names a file of the kernel. */
static void check_source(const char *source)
{
	assert_non_null(source);
	assert_true(strchr(source, '/') && (strstr(source, ".c") || strstr(source, ".h")));
}

static bool is_need(const char *name)
{
	/* made from others by the readers */
	static const char *const derived[] = { "count.kmsg-dumpers", "sys-info.mask", "replay.mask",
					       "backtraces.mask", "vmcoreinfo.CRASHTIME" };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(derived); i++)
		if (strcmp(name, derived[i]) == 0)
			return true;
	for (const struct trail_need *n = trail_needs; n->name; n++)
		if (strcmp(n->name, name) == 0)
			return true;
	return false;
}

static void check_conditions(const struct trail_condition *when, size_t n)
{
	for (size_t i = 0; i < n && when[i].look; i++)
		if (when[i].look == TRAIL_LOOK_SCALAR)
			assert_true(is_need(when[i].name));
}

static void test_needs(void **state)
{
	(void)state;
	for (const struct trail_need *n = trail_needs; n->name; n++) {
		check_source(n->source);
		bool reads = n->how == TRAIL_NEED_VARIABLE || n->how == TRAIL_NEED_COMPARED;
		assert_int_equal(reads,
				 n->width == 1 || n->width == 2 || n->width == 4 || n->width == 8);
		for (const struct trail_need *m = trail_needs; m < n; m++)
			assert_string_not_equal(n->name, m->name);
	}
	assert_true(trail_n_panic_calls <= 16);
}

static void test_stages(void **state)
{
	bool has[TRAIL_N_STAGES] = { false };

	(void)state;
	for (size_t i = 0; i < trail_n_stage_rows; i++) {
		const struct trail_stage_row *row = &trail_stage_rows[i];
		has[row->stage] = true;
		check_source(row->source);
		check_conditions(row->runs_if, TRAIL_CONDITIONS);
		assert_int_equal(!!row->runs_if[0].look, !!row->skipped);
		assert_true(!row->needs || is_need(row->needs));
		assert_true(!row->without || is_need(row->without));
	}
	for (size_t i = 0; i < TRAIL_N_STAGES; i++)
		assert_true(has[i]);
}

static bool is_panic_call(const char *name)
{
	for (size_t i = 0; i < trail_n_panic_calls; i++)
		if (strcmp(trail_panic_calls[i], name) == 0)
			return true;
	return false;
}

static void test_call_sites(void **state)
{
	(void)state;
	for (size_t i = 0; i < trail_n_call_sites; i++) {
		const struct trail_call_site *row = &trail_call_sites[i];
		check_source(row->source);
		check_conditions(row->when, TRAIL_ARRAY_SIZE(row->when));
		assert_true(row->callee || row->before || row->last);
		assert_true(!row->before || is_panic_call(row->before));
		assert_true(!row->not_before || is_panic_call(row->not_before));
		assert_true(row->stage < TRAIL_N_STAGES);
		/* a hint alone would leave the frontier unknown */
		assert_true(row->strength > TRAIL_HINT);
	}
}

static void test_witnesses(void **state)
{
	(void)state;
	for (size_t i = 0; i < trail_n_witnesses; i++) {
		const struct trail_witness *row = &trail_witnesses[i];
		check_source(row->source);
		check_conditions(row->when, TRAIL_CONDITIONS);
		assert_non_null(row->statement);
		assert_true(row->when[0].look);
		if (row->scope == TRAIL_SCOPE_NOTIFIER)
			assert_non_null(trail_known_notifier(row->function, row->module));
	}
}

/* What a row says has what it needs; a callback is one of the catalogue for its architecture. */
static void test_text_witnesses(void **state)
{
	(void)state;
	for (size_t i = 0; i < trail_n_text_witnesses; i++) {
		const struct trail_text_witness *row = &trail_text_witnesses[i];
		bool stage = row->says == TRAIL_SAYS_STAGE || row->says == TRAIL_SAYS_CALLED;
		assert_non_null(row->text);
		assert_true(strlen(row->text) > 2);
		assert_non_null(row->statement);
		assert_non_null(row->source);
		assert_true(row->strength >= TRAIL_LIKELY);
		assert_true(stage || !row->stage);
		assert_true(stage || row->place != TRAIL_PLACE_PANIC);
		assert_int_equal(row->says == TRAIL_SAYS_CALLED, row->function != NULL);
		if (row->function) {
			assert_non_null(row->archs);
			assert_non_null(trail_known_notifier(row->function, row->module));
		}
		assert_true(!row->own_cpu || row->text[0] != '*');
		for (size_t k = 0; k < i; k++)
			assert_false(strcmp(trail_text_witnesses[k].text, row->text) == 0 &&
				     trail_text_witnesses[k].says == row->says &&
				     trail_text_witnesses[k].stage == row->stage &&
				     trail_streq(trail_text_witnesses[k].archs, row->archs));
	}
	check_names(trail_no_vmcore_names, TRAIL_N_NO_VMCORES);
}

static void test_triggers(void **state)
{
	(void)state;
	for (size_t i = 0; i < trail_n_triggers; i++) {
		check_source(trail_triggers[i].source);
		assert_true(is_kebab(trail_triggers[i].class));
		assert_true(strlen(trail_triggers[i].text) > 2);
		/* a row that a row before it swallows would never be asked */
		for (size_t k = 0; k < i; k++)
			if (!trail_triggers[k].log && trail_triggers[k].text[0] != '*')
				assert_false(trail_starts_with(trail_triggers[i].text,
							       trail_triggers[k].text));
	}
}

static void test_notifiers(void **state)
{
	static const char *const every[] = { "rcu_panic",
					     "hung_task_panic",
					     "dump_kernel_offset",
					     "pvpanic_panic_notify",
					     "panic_event",
					     "trace_panic_handler",
					     "trace_die_panic_handler",
					     "xen_panic_event" };

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(every); i++) {
		const struct trail_known_notifier *known = trail_known_notifier(every[i], NULL);
		assert_non_null(known);
		check_source(known->source);
		assert_true(is_kebab(known->class) && is_kebab(known->risk));
	}
	assert_non_null(trail_known_notifier("rcu_panic.constprop.0", NULL));
	assert_null(trail_known_notifier("rcu_panic2", NULL));
	assert_null(trail_known_notifier(NULL, NULL));
	/* a callback of that name in another module is another one */
	assert_non_null(trail_known_notifier("panic_event", "ipmi_msghandler"));
	assert_null(trail_known_notifier("panic_event", "mine"));
}

static void test_taints(void **state)
{
	(void)state;
	for (size_t i = 0; trail_taints[i].letter; i++) {
		assert_int_equal(trail_taints[i].bit, i);
		assert_in_range(trail_taints[i].letter, 'A', 'Z');
		assert_non_null(trail_taints[i].name);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(trail_taints[k].letter, trail_taints[i].letter);
	}
	assert_null(trail_taint_of(63));
}

static bool is_one_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (trail_streq(word, words[i]))
			return true;
	return false;
}

#define IS_ONE_OF(word, ...)                             \
	is_one_of(word, (const char *[]){ __VA_ARGS__ }, \
		  sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *))

static void check_archs(const char *archs)
{
	while (*archs) {
		char word[16] = "";
		size_t n = strcspn(archs, ",");
		assert_true(n < sizeof(word));
		memcpy(word, archs, n);
		assert_true(IS_ONE_OF(word, "any", "alpha", "arm", "arm64", "ia64", "loongarch",
				      "mips", "parisc", "powerpc", "powerpc64", "riscv", "s390",
				      "sparc64", "um", "x86", "xtensa"));
		archs += n;
		if (*archs)
			assert_true(archs[1] == ' ' && archs[2]);
		archs += strspn(archs, ", ");
	}
}

/* By hook, function and source, each once. */
static int compare_rows(const struct trail_known_notifier *a, const struct trail_known_notifier *b)
{
	int by_name = strcmp(a->function, b->function);

	if (a->hook != b->hook)
		return a->hook < b->hook ? -1 : 1;
	return by_name ? by_name : strcmp(a->source, b->source);
}

static void test_catalogue(void **state)
{
	(void)state;
	for (size_t i = 0; i < trail_n_catalogue; i++) {
		const struct trail_known_notifier *row = &trail_catalogue[i];
		bool is_panic = row->hook == TRAIL_HOOK_PANIC;
		bool may_lack_class = row->hook == TRAIL_HOOK_DUMPER ||
				      row->hook == TRAIL_HOOK_CONSOLE;

		assert_true(!i || compare_rows(row - 1, row) < 0);
		check_source(row->source);
		assert_true(row->hook < TRAIL_N_HOOKS && row->seen < TRAIL_N_SEEN);
		assert_true(row->since <= row->until && row->until < TRAIL_N_TREES);
		assert_true(!row->changed ||
			    (row->changed > row->since && row->changed <= row->until));
		assert_true(row->changed ? row->before != row->priority : !row->before);
		check_archs(row->archs);
		assert_true(IS_ONE_OF(row->class, "info", "hypervisor", "reboot") ||
			    (may_lack_class && !row->class));
		assert_true(is_panic ? IS_ONE_OF(row->list, "hypervisor", "informational",
						 "pre-reboot", "post-reboot", "unassigned")
				     : !row->list);
		assert_true(IS_ONE_OF(row->risk, "low", "medium", "high"));
		assert_true(row->block && row->config && row->reason && row->cost && row->does);
		assert_true(row->proof || row->seen == TRAIL_SEEN_NOTHING);
	}
}

static bool has_witness(const struct trail_known_notifier *row)
{
	for (size_t i = 0; i < trail_n_witnesses; i++)
		if (trail_witnesses[i].scope == TRAIL_SCOPE_NOTIFIER &&
		    trail_streq(trail_witnesses[i].function, row->function) &&
		    trail_streq(trail_witnesses[i].module, row->module))
			return true;
	return false;
}

/* A panic notifier that leaves a mark to be found on x86 has a witness, or a reason why not. */
static void test_catalogue_witnesses(void **state)
{
	(void)state;
	for (size_t i = 0; i < trail_n_catalogue; i++) {
		const struct trail_known_notifier *row = &trail_catalogue[i];
		bool can_be_seen = row->hook == TRAIL_HOOK_PANIC &&
				   trail_arch_is_of(row->archs, "x86_64") &&
				   (row->seen == TRAIL_SEEN_MEMORY || row->seen == TRAIL_SEEN_LOG);

		if (can_be_seen)
			assert_true(has_witness(row) != !!row->no_witness);
		else
			assert_null(row->no_witness);
	}
}

static void test_catalogue_find(void **state)
{
	(void)state;
	/* which one of a name is told by the architecture */
	assert_string_equal(trail_catalogue_find("dump_kernel_offset", NULL, "x86_64")->archs,
			    "x86");
	assert_string_equal(trail_catalogue_find("dump_kernel_offset", NULL, "ppc64le")->archs,
			    "powerpc");
	assert_string_equal(trail_catalogue_find("panic_event", NULL, "x86_64")->module,
			    "ipmi_msghandler");
	assert_string_equal(trail_catalogue_find("panic_event", NULL, "mips")->archs, "mips");
	assert_string_equal(trail_catalogue_find("debug_notifier_call", NULL, "aarch64")->archs,
			    "arm, arm64");
	assert_null(trail_catalogue_find("on_panic_notify", NULL, "x86_64"));
	assert_non_null(trail_catalogue_find("on_panic_notify", NULL, NULL));
	/* hooked in elsewhere only */
	assert_null(trail_catalogue_find("pstore_dump", NULL, NULL));
}

static bool is_rule_id(const char *id)
{
	return strlen(id) == 5 && memcmp(id, "PT", 2) == 0 && strspn(id + 2, "0123456789") == 3 &&
	       strchr("123459", id[2]);
}

/* Words of ids, "PT-S02 PT-S17". */
static void check_proposals(const char *ids)
{
	for (const char *s = ids; s && *s; s += strspn(s, " ")) {
		assert_true(memcmp(s, "PT-", 3) == 0 && strchr("SCX", s[3]));
		assert_true(isdigit((unsigned char)s[4]) && isdigit((unsigned char)s[5]));
		assert_true(!s[6] || s[6] == ' ');
		s += 6;
	}
}

/* Every row of the proposals has a rule; PT-X13 is a pitfall of tools, not of kernels. */
static void test_proposals(void **state)
{
	static const struct {
		char kind;
		int n;
	} groups[] = { { 'S', 17 }, { 'C', 11 }, { 'X', 14 } };

	(void)state;
	for (size_t g = 0; g < TRAIL_ARRAY_SIZE(groups); g++)
		for (int i = 1; i <= groups[g].n; i++) {
			char id[16];
			bool named = false;
			snprintf(id, sizeof(id), "PT-%c%02d", groups[g].kind, i);
			for (size_t k = 0; k < trail_n_rules; k++)
				named |= trail_rules[k].proposal &&
					 strstr(trail_rules[k].proposal, id);
			if (named == (groups[g].kind == 'X' && i == 13))
				fail_msg("%s: %s", id, named ? "named" : "no rule names it");
		}
}

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < trail_n_rules; i++) {
		const struct trail_rule *row = &trail_rules[i];

		assert_true(is_rule_id(row->id));
		assert_true(!i || strcmp(row[-1].id, row->id) < 0);
		assert_true(is_kebab(row->name));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(trail_rules[k].name, row->name);
		assert_non_null(row->check);
		assert_in_range(row->severity, TRAIL_SEVERITY_NOTE, TRAIL_SEVERITY_ERROR);
		assert_true(!row->informs || row->severity == TRAIL_SEVERITY_NOTE);
		assert_true(row->statement && *row->statement && row->reads && *row->reads);
		assert_true(row->remedy && row->source && *row->source);
		/* one that demands something says how to have it */
		assert_true(row->informs || *row->remedy);
		check_proposals(row->proposal);
		assert_ptr_equal(trail_rule_find(row->id), row);
		assert_ptr_equal(trail_rule_find(row->name), row);
	}
	assert_null(trail_rule_find("PT000"));
}

/* Rows are sorted, and found. */
static void test_layouts(void **state)
{
	struct trail_member found;

	(void)state;
	for (const struct trail_layout *row = trail_layouts; row->type; row++) {
		check_source(row->source);
		assert_true(row->place.size >= 4 && row->place.size <= 0x2000);
		assert_true(trail_layout_find(row->type, row->member, &found));
		assert_memory_equal(&found, &row->place, sizeof(found));
		if (!row[1].type)
			continue;
		int order = strcmp(row->type, row[1].type);
		assert_true(order < 0 || (!order && strcmp(row->member, row[1].member) < 0));
	}
	assert_false(trail_layout_find("task_struct", "pid", &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taints),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_stages),
		cmocka_unit_test(test_call_sites),
		cmocka_unit_test(test_witnesses),
		cmocka_unit_test(test_text_witnesses),
		cmocka_unit_test(test_triggers),
		cmocka_unit_test(test_notifiers),
		cmocka_unit_test(test_catalogue),
		cmocka_unit_test(test_catalogue_witnesses),
		cmocka_unit_test(test_catalogue_find),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_proposals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
