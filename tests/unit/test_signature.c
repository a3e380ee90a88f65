/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures of stacks made by hand: what is in them, and what must not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "facts/facts.h"
#include "timeline/signature.h"
#include "timeline/timeline.h"

static void scalar(struct trail_facts *f, const char *name, int64_t value)
{
	struct trail_scalar s = { .name = name,
				  .symbol = name,
				  .presence = TRAIL_PRESENT,
				  .value = value,
				  .is_signed = true };
	assert_true(trail_facts_add_scalar(f, &s));
}

static void add_frame(struct trail_facts *f, struct trail_cpu_facts *cpu, const char *word)
{
	static uint64_t address = 0xffffffff81000000;
	struct trail_frame *all = trail_pool_grow(&f->pool, cpu->frames, cpu->n_frames,
						  sizeof(*all));
	assert_non_null(all);
	cpu->frames = all;
	/* "?function@module!": ? not reliable, ! interrupted by a trap */
	char *name = trail_pool_strdup(&f->pool, word + (*word == '?'));
	assert_non_null(name);
	address += 0x123;
	char *bang = strchr(name, '!'), *at = strchr(name, '@');
	if (bang)
		*bang = 0;
	if (at)
		*at = 0;
	all[cpu->n_frames++] = (struct trail_frame){
		.function = name,
		.module = at ? at + 1 : NULL,
		.address = address,
		.offset = address & 0xff,
		.how = bang ? TRAIL_FRAME_TRAP : TRAIL_FRAME_ORC,
		.reliable = *word != '?',
		.callee = strcmp(name, "panic") == 0 || strcmp(name, "crash_kexec") == 0
				  ? "__crash_kexec"
				  : NULL,
	};
}

/* A crash of that stack, words with blanks between; the panic line is @line, NULL for none. */
static struct trail_facts *crash(const char *stack, const char *line, int cpu, bool whole)
{
	struct trail_facts *f = trail_facts_new();

	assert_non_null(f);
	f->n_cpus = 4;
	f->cpus = trail_pool_alloc(&f->pool, 4, sizeof(*f->cpus));
	assert_non_null(f->cpus);
	for (int i = 0; i < 4; i++)
		f->cpus[i] = (struct trail_cpu_facts){ .cpu = i, .online = TRAIL_YES };
	f->writer = TRAIL_WRITER_KERNEL;
	scalar(f, "panic_cpu", cpu);
	scalar(f, "crash_kexec_post_notifiers", 0);
	f->cpus[cpu].stack_whole = whole;
	char *copy = strdup(stack), *save;
	assert_non_null(copy);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		add_frame(f, &f->cpus[cpu], word);
	free(copy);
	f->log.presence = TRAIL_PRESENT;
	f->log.n = 2;
	f->log.records = trail_pool_alloc(&f->pool, 2, sizeof(*f->log.records));
	assert_non_null(f->log.records);
	const char *texts[] = { "rcu: INFO: rcu_sched self-detected stall on CPU",
				line ? line : "an oops" };
	for (size_t i = 0; i < 2; i++)
		f->log.records[i] = (struct trail_record){
			.seq = i, .text = texts[i], .length = strlen(texts[i]), .cpu = -1, .pid = -1
		};
	f->log.next_seq = 2;
	return f;
}

#define LINE(text) "Kernel panic - not syncing: " text

/* The cause without its hash, in @ret; "" where there is none. */
static void cause_of(const char *stack, const char *line, int cpu, bool whole, char *ret)
{
	struct trail_facts *f = crash(stack, line, cpu, whole);
	struct trail_timeline *t = NULL;

	assert_null(trail_timeline_new(f, &t));
	strcpy(ret, t->cause ? t->cause : "");
	trail_timeline_free(t);
	trail_facts_free(f);
}

#define OOPS "oops_end.cold page_fault_oops exc_page_fault asm_exc_page_fault "
#define TICK "hrtimer_interrupt __sysvec_apic_timer_interrupt asm_sysvec_apic_timer_interrupt "

static void test_cause(void **state)
{
	static const struct {
		const char *stack, *line, *cause;
		bool whole;
	} rows[] = {
		/* clang-format off */
		{ "panic sysrq_handle_crash __handle_sysrq.cold write_sysrq_trigger vfs_write", LINE("sysrq triggered crash"),
		  "sysrq/sysrq_handle_crash/__handle_sysrq", false },
		{ "panic sysrq_handle_crash __handle_sysrq serial8250_rx_chars", LINE("sysrq triggered crash"),
		  "sysrq/sysrq_handle_crash/__handle_sysrq", false },
		/* the same oops, on three ways to panic() */
		{ "panic " OOPS "bad@mod! worse@mod kthread", LINE("Fatal exception"), "oops/bad@mod/worse@mod", false },
		{ "panic " OOPS "bad.isra.0@mod! worse.part.3@mod kthread", LINE("Fatal exception in interrupt"),
		  "oops/bad@mod/worse@mod", false },
		{ "crash_kexec " OOPS "bad@mod! worse.constprop.0.isra.0@mod ret_from_fork_asm", NULL,
		  "oops/bad@mod/worse@mod", false },
		{ "panic " OOPS "other@mod! worse@mod kthread", LINE("Fatal exception"), "oops/other@mod/worse@mod", false },
		/* three functions at most; one that calls itself counts once */
		{ "panic " OOPS "a! b c d kthread", LINE("Fatal exception"), "oops/a/b/c", false },
		{ "panic " OOPS "a! a a.cold a b kthread", LINE("Fatal exception"), "oops/a/b", false },
		/* panic() again, from inside: the first one counts */
		{ "panic oops_end asm_exc_page_fault callback! atomic_notifier_call_chain panic first@mod second kthread",
		  LINE("mine"), "other/first@mod/second", false },
		/* what an interrupt hit is to blame for a lockup, not for a panic() in its handler */
		{ "panic watchdog_timer_fn " TICK "busy@mod! kthread", LINE("softlockup: hung tasks"), "softlockup/busy@mod", false },
		{ "panic nmi_panic.cold watchdog_overflow_callback exc_nmi end_repeat_nmi busy! kthread", LINE("Hard LOCKUP"),
		  "hardlockup/busy", false },
		{ "panic watchdog_hardlockup_check " TICK "innocent! kthread", LINE("Hard LOCKUP"),
		  "hardlockup/watchdog_hardlockup_check/hrtimer_interrupt/__sysvec_apic_timer_interrupt", false },
		{ "panic panic_on_rcu_stall " TICK "busy! kthread", LINE("RCU Stall"), "rcu-stall/busy", false },
		{ "panic nmi_panic.cold unknown_nmi_error.cold exc_nmi end_repeat_nmi innocent! do_idle", LINE("NMI: Not continuing"),
		  "nmi-unknown/unknown_nmi_error", false },
		{ "panic check_panic_on_warn.cold __warn report_bug handle_bug exc_invalid_op asm_exc_invalid_op warns@mod! kthread",
		  LINE("kernel: panic_on_warn set ..."), "panic-on-warn/warns@mod", false },
		/* whole or not: a stack that ends early tells too little */
		{ "panic a b", LINE("mine"), "other/a/b", true },
		{ "panic a b", LINE("mine"), "", false },
		{ "panic a ?b ?c", LINE("mine"), "", false },
		{ "panic", LINE("mine"), "", true },
		{ "?panic a b c", LINE("mine"), "", false },
		/* a module may call a function as it likes */
		{ "panic panic_helper@mod kthread@mod kthread", LINE("mine"), "other/panic_helper@mod/kthread@mod", false },
		{ "panic a\33[31m/:b kthread", LINE("mine"), "other/a__31m__b", false },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		char got[1100], again[1100];
		cause_of(rows[i].stack, rows[i].line, 1, rows[i].whole, got);
		cause_of(rows[i].stack, rows[i].line, 3, rows[i].whole, again);
		assert_string_equal(got, again); /* addresses and CPU differ */
		char *hash = strrchr(got, ':');
		if (!*rows[i].cause) {
			assert_string_equal(got, "");
			continue;
		}
		assert_non_null(hash);
		assert_int_equal(strlen(hash), 9);
		*hash = 0;
		assert_string_equal(got + strlen("v1:"), rows[i].cause);
		/* the hash is over the words in front of it */
		assert_int_equal(strtoul(hash + 1, NULL, 16),
				 trail_fnv1a(TRAIL_FNV_START, got, strlen(got)));
	}
}

/* Long names are cut where they are shown, not in the hash. */
static void test_long_names(void **state)
{
	char stack[200] = "panic ", one[1100], two[1100];

	(void)state;
	memset(stack + 6, 'x', 100);
	strcpy(stack + 106, "1 kthread");
	cause_of(stack, LINE("mine"), 1, false, one);
	stack[106] = '2';
	cause_of(stack, LINE("mine"), 1, false, two);
	assert_true(strlen(one) < 80 && strlen(one) == strlen(two));
	assert_int_equal(strrchr(one, ':') - one, strrchr(two, ':') - two);
	assert_memory_equal(one, two, strrchr(one, ':') - one);
	assert_string_not_equal(one, two);
}

static void test_path(void **state)
{
	struct trail_facts *f = crash("panic a b c", LINE("mine"), 1, false);
	struct trail_timeline *t = NULL;

	(void)state;
	assert_null(trail_timeline_new(f, &t));
	assert_true(trail_starts_with(t->path, "v1:early/kdump-early/cpus-unknown:"));
	trail_timeline_free(t);
	for (int i = 0; i < 4; i++)
		if (i != 1) {
			f->cpus[i].online = TRAIL_NO;
			f->cpus[i].active = TRAIL_NO;
		}
	assert_null(trail_timeline_new(f, &t));
	assert_true(trail_starts_with(t->path, "v1:early/kdump-early:"));
	trail_timeline_free(t);
	trail_facts_free(f);
}

static void test_nothing_known(void **state)
{
	struct trail_facts *f = trail_facts_new();
	struct trail_timeline *t = NULL;

	(void)state;
	assert_non_null(f);
	assert_null(trail_timeline_new(f, &t));
	assert_null(t->cause);
	assert_null(t->path);
	trail_timeline_free(t);
	trail_facts_free(f);
}

static void test_fnv1a(void **state)
{
	(void)state;
	/* test vectors of draft-eastlake-fnv */
	assert_int_equal(trail_fnv1a(TRAIL_FNV_START, "", 0), 0x811c9dc5);
	assert_int_equal(trail_fnv1a(TRAIL_FNV_START, "a", 1), 0xe40c292c);
	assert_int_equal(trail_fnv1a(TRAIL_FNV_START, "foobar", 6), 0xbf9cf968);
}

static void test_tables(void **state)
{
	(void)state;
	for (const struct trail_part_row *row = trail_part_rows; row->function; row++) {
		assert_non_null(strchr(row->source, '/'));
		for (const struct trail_part_row *k = trail_part_rows; k != row; k++)
			assert_string_not_equal(k->function, row->function);
	}
	for (const struct trail_trapped_row *row = trail_trapped_rows; row->class; row++) {
		assert_non_null(row->word);
		assert_non_null(strchr(row->source, '/'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cause), cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_path),  cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_fnv1a), cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
