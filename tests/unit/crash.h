/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crash made by hand, for the tests of the renderers: nothing, all of it, or
 * hostile text wherever text can be; judged when judge() was called.  Wants
 * cmocka.h and what it needs before it.
 */
#ifndef TRAIL_TEST_CRASH_H
#define TRAIL_TEST_CRASH_H

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "facts/facts.h"
#include "policy/judge.h"
#include "report/report.h"
#include "timeline/timeline.h"

#define HOSTILE               \
	"a\33[31mb\xff\x9b"   \
	"c\nd\te\xe2\x80\xae" \
	"f\xc3\xa9"

/* One crash: facts, the timeline of them and what is asked of the renderer. */
struct crash {
	struct trail_facts *facts;
	struct trail_timeline *timeline;
	struct trail_report report;
};

static void *need(void *pointer)
{
	assert_non_null(pointer);
	return pointer;
}

#define ALLOC(pool, n, array) ((array) = need(trail_pool_alloc(pool, n, sizeof(*(array)))))

static void scalar(struct trail_facts *facts, const char *name, uint64_t value)
{
	struct trail_scalar s = { name, TRAIL_PRESENT, .value = value };

	assert_true(trail_facts_add_scalar(facts, &s));
}

static void record(struct trail_facts *facts, int32_t cpu, const char *text)
{
	struct trail_log_facts *log = &facts->log;

	log->records = need(
		trail_pool_grow(&facts->pool, log->records, log->n, sizeof(*log->records)));
	struct trail_record *r = &log->records[log->n];
	r->seq = 100 + log->n;
	r->ts_nsec = 83456789000 + log->n * 1000;
	r->text = text;
	r->length = strlen(text);
	r->cpu = cpu;
	r->pid = 812 + cpu;
	r->comm = "bash";
	log->n++;
}

static void notifier(struct crash *c, size_t i, const char *function, int32_t priority,
		     enum trail_call outcome)
{
	struct trail_notifier_facts *facts = &c->facts->notifiers[i];
	struct trail_notifier_verdict *verdict = &c->timeline->notifiers[i];

	facts->callback = 0xffffffffc0000000 + i * 64;
	facts->priority = priority;
	facts->function = function;
	facts->module = i == 1 ? "labmod" : NULL;
	facts->returns = i == 0 ? TRAIL_RETURNS_MAY_STOP : TRAIL_RETURNS_NO_STOP;
	verdict->outcome = outcome;
	verdict->catalogued = i == 0;
	verdict->class = i == 0 ? "hypervisor" : NULL;
	verdict->risk = i == 0 ? "high" : NULL;
}

static void cpu(struct crash *c, size_t i, enum trail_cpu_outcome outcome, enum trail_how how)
{
	static const struct trail_frame frames[] = {
		{ 0xffffffff8105f3c1, 0, "native_halt", 0x11, NULL, TRAIL_FRAME_REGISTERS, true },
		{ 0xffffffffc0000040, 0x10, "lab_hang", 0x40, "labmod", TRAIL_FRAME_ORC, true },
		{ 0xffffffff81abcdef, 0x20, NULL, 0, NULL, TRAIL_FRAME_SCAN, false },
	};
	struct trail_cpu_facts *facts = &c->facts->cpus[i];

	facts->cpu = i;
	facts->present = facts->online = TRAIL_YES;
	facts->registers = how ? TRAIL_REGISTERS_NOTE : TRAIL_REGISTERS_NONE;
	if (i != 3) {
		facts->n_frames = TRAIL_ARRAY_SIZE(frames);
		ALLOC(&c->facts->pool, facts->n_frames, facts->frames);
		memcpy(facts->frames, frames, sizeof(frames));
		facts->task = (struct trail_task){ true, 812 + (int32_t)i, "bash" };
		facts->stack_end = "end of stack";
	}
	c->timeline->cpus[i].outcome = outcome;
	c->timeline->cpus[i].how = how;
}

static struct trail_refs refs(struct crash *c, size_t first, size_t n)
{
	struct trail_refs r = { .n = n };

	ALLOC(&c->timeline->pool, n, r.ids);
	for (size_t i = 0; i < n; i++)
		r.ids[i] = first + i;
	return r;
}

/* Nothing at all could be read. */
static struct crash empty_crash(void)
{
	struct crash c = { .facts = need(trail_facts_new()),
			   .timeline = need(calloc(1, sizeof(struct trail_timeline))) };

	trail_pool_init(&c.timeline->pool);
	c.timeline->facts = c.facts;
	c.timeline->log = &c.facts->log;
	c.timeline->cpu = -1;
	c.timeline->frontier = TRAIL_N_STAGES;
	c.report = (struct trail_report){ .facts = c.facts, .timeline = c.timeline };
	return c;
}

static void fill_facts(struct crash *c)
{
	static const char *const sources[] = { "kallsyms", "modules" };
	struct trail_facts *f = c->facts;

	f->path = "/var/crash/vmcore";
	f->format = TRAIL_FORMAT_KDUMP;
	f->complete = true;
	f->arch = "x86_64";
	f->release = "6.1.0-18-amd64";
	f->symbol_sources = sources;
	f->n_symbol_sources = 2;
	scalar(f, "vmcoreinfo.CRASHTIME", 1709528767);
	scalar(f, "tainted_mask", 1 << 12 | 1 << 9 | 1 << 30);
	scalar(f, "crash_kexec_post_notifiers", 1);
	scalar(f, "panic_print", 0x1f);
	scalar(f, "panic_timeout", (uint64_t)-1);
	scalar(f, "kexec_crash_image", 0xffff888012345000);
	assert_true(trail_facts_add_gap(f, "CPU 3 registers", "crash_notes are empty"));
	f->log.presence = TRAIL_PRESENT;
	f->log.first_seq = 100;
	f->log.next_seq = 103;
	record(f, 2, "Kernel panic - not syncing: sysrq triggered crash");
	record(f, 2, "Kernel Offset: 0x1000000");
	record(f, 1, HOSTILE);
	f->consoles_presence = TRAIL_PRESENT;
	f->n_consoles = 3;
	ALLOC(&f->pool, 3, f->consoles);
	/* clang-format off */
	f->consoles[0] = (struct trail_console_facts){ 0, "ttyS0", true, TRAIL_PRESENT, 101 };
	f->consoles[1] = (struct trail_console_facts){ 0, "tty0", true, TRAIL_PRESENT, 1000 };
	/* clang-format on */
	f->consoles[2] = (struct trail_console_facts){ .name = "netcon0" };
}

static void fill_rows(struct crash *c)
{
	struct trail_facts *f = c->facts;
	struct trail_timeline *t = c->timeline;

	f->chain_presence = f->dumpers_presence = TRAIL_PRESENT;
	f->chain_complete = true;
	f->n_notifiers = 3;
	ALLOC(&f->pool, 3, f->notifiers);
	ALLOC(&t->pool, 3, t->notifiers);
	notifier(c, 0, "hv_panic_vmbus_unload", INT32_MAX, TRAIL_CALL_CALLED);
	notifier(c, 1, "lab_hang", 9, TRAIL_CALL_IN_PROGRESS);
	notifier(c, 2, NULL, INT32_MIN, TRAIL_CALL_NOT_CALLED);
	f->n_dumpers = 1;
	ALLOC(&f->pool, 1, f->dumpers);
	ALLOC(&t->pool, 1, t->dumpers);
	f->dumpers[0].function = "pstore_dump";
	t->dumpers[0].outcome = TRAIL_CALL_NOT_CALLED;
	f->n_cpus = 5;
	ALLOC(&f->pool, 5, f->cpus);
	ALLOC(&t->pool, 5, t->cpus);
	cpu(c, 0, TRAIL_CPU_STOPPED, TRAIL_HOW_NMI);
	cpu(c, 1, TRAIL_CPU_STOPPED, TRAIL_HOW_NMI);
	cpu(c, 2, TRAIL_CPU_PANICKING, TRAIL_HOW_UNKNOWN);
	cpu(c, 3, TRAIL_CPU_NOT_STOPPED, TRAIL_HOW_UNKNOWN);
	f->cpus[4].cpu = -1;
}

static void fill_timeline(struct crash *c)
{
	static const struct trail_stage_verdict stages[] = {
		{ .stage = TRAIL_STAGE_KDUMP_EARLY, .outcome = TRAIL_OUTCOME_SKIPPED },
		{ .stage = TRAIL_STAGE_STOP_CPUS, .outcome = TRAIL_OUTCOME_DONE },
		{ .stage = TRAIL_STAGE_NOTIFIERS, .outcome = TRAIL_OUTCOME_IN_PROGRESS },
	};
	static const char *contradictions[] = { "the log says so, the stack does not" };
	struct trail_timeline *t = c->timeline;

	t->cause = "v1:sysrq/sysrq_handle_crash/__handle_sysrq:209ffa9e";
	t->path = "v1:outside/notifiers/lab_hang@labmod:0123abcd";
	t->n_evidence = 3;
	ALLOC(&t->pool, 3, t->evidence);
	/* clang-format off */
	t->evidence[0] = (struct trail_evidence){ "stage notifiers", false, TRAIL_SOURCE_LOG,
		TRAIL_HINT, "the log names a notifier" };
	t->evidence[1] = (struct trail_evidence){ "stage notifiers", false, TRAIL_SOURCE_STACK,
		TRAIL_CERTAIN, "notifier_call_chain+0x52 is on the stack of the panicking CPU, "
		"below lab_hang", "0xffffc90000013d38" };
	t->evidence[2] = (struct trail_evidence){ "dump", true, TRAIL_SOURCE_INFERENCE,
		TRAIL_LIKELY, "no kexec frame", NULL, refs(c, 0, 2) };
	/* clang-format on */
	t->evidence[1].has_cpu = true;
	t->evidence[1].cpu = 2;
	t->n_stages = 3;
	for (size_t i = 0; i < 3; i++)
		t->stages[i] = stages[i];
	t->stages[2].evidence = t->panic_evidence = refs(c, 0, 2);
	t->entered = TRAIL_YES;
	t->message = "sysrq triggered crash";
	t->trigger = "sysrq";
	t->cpu = 2;
	t->has_time = t->has_panic_record = true;
	t->time_ns = c->facts->log.records[0].ts_nsec;
	t->method = TRAIL_METHOD_HYPERVISOR;
	t->point = TRAIL_POINT_OUTSIDE;
	t->frontier = TRAIL_STAGE_NOTIFIERS;
	t->frontier_exact = true;
	t->frontier_function = "native_halt";
	t->frontier_evidence = refs(c, 1, 1);
	t->contradictions = contradictions;
	t->n_contradictions = 1;
	t->word = "hung-in-notifier";
	t->text = "panic() hung in the panic notifier lab_hang; the dump was taken from outside";
}

static struct crash full_crash(void)
{
	struct crash c = empty_crash();

	fill_facts(&c);
	fill_rows(&c);
	fill_timeline(&c);
	return c;
}

/* The rules of that index: the first is unknown, the third off, those after the fifth pass unless
 * all fail. */
enum { JUDGE_UNKNOWN, JUDGE_NOTE, JUDGE_OFF, JUDGE_ERROR, JUDGE_WARNING };

static void finding(struct crash *c, struct trail_judgement *judgement, size_t rule,
		    enum trail_severity severity, const char *message)
{
	struct trail_finding *f = &judgement->findings[judgement->n_findings++];

	judgement->results[rule] = TRAIL_RESULT_FAIL;
	*f = (struct trail_finding){ &trail_rules[rule], severity, message, refs(c, 1, 2) };
}

/* Judge it: two errors of one rule, a warning, a note; with @all of every rule that is left an
 * error, too. */
static void judge(struct crash *c, struct trail_policy *policy, const char *message, bool all)
{
	struct trail_judgement *judgement;

	assert_true(trail_n_rules > JUDGE_WARNING);
	*policy = (struct trail_policy){ .name = message, .source = message };
	ALLOC(&c->timeline->pool, 2, policy->severities);
	policy->n_severities = 2;
	policy->severities[0] = (struct trail_rule_severity){ trail_rules[JUDGE_OFF].id };
	policy->severities[1] = (struct trail_rule_severity){ trail_rules[JUDGE_ERROR].id,
							      TRAIL_SEVERITY_ERROR };
	ALLOC(&c->timeline->pool, 1, judgement);
	ALLOC(&c->timeline->pool, trail_n_rules, judgement->results);
	ALLOC(&c->timeline->pool, trail_n_rules, judgement->rules);
	for (size_t i = 0; i < trail_n_rules; i++)
		judgement->rules[judgement->n_rules++] = &trail_rules[i];
	ALLOC(&c->timeline->pool, trail_n_rules + 4, judgement->findings);
	judgement->policy = policy;
	judgement->timeline = c->timeline;
	judgement->results[JUDGE_UNKNOWN] = TRAIL_RESULT_UNKNOWN;
	finding(c, judgement, JUDGE_ERROR, TRAIL_SEVERITY_ERROR, message);
	finding(c, judgement, JUDGE_ERROR, TRAIL_SEVERITY_ERROR, "the second");
	for (size_t i = JUDGE_WARNING + 1; i < trail_n_rules; i++)
		if (all)
			finding(c, judgement, i, TRAIL_SEVERITY_ERROR, message);
		else
			judgement->results[i] = TRAIL_RESULT_PASS;
	finding(c, judgement, JUDGE_WARNING, TRAIL_SEVERITY_WARNING, "a warning");
	finding(c, judgement, JUDGE_NOTE, TRAIL_SEVERITY_NOTE, "a note");
	for (enum trail_goal goal = 0; goal < TRAIL_N_GOALS; goal++)
		judgement->goals[goal] = (struct trail_goal_score){
			.goal = goal, .verdict = goal % TRAIL_N_GOAL_VERDICTS, .reason = message
		};
	c->report.judgement = judgement;
}

static void crash_fini(struct crash *c)
{
	trail_pool_fini(&c->timeline->pool);
	free(c->timeline);
	trail_facts_free(c->facts);
}

static void render(const struct crash *c, const char *name, struct trail_text *out)
{
	const struct trail_renderer *renderer = trail_renderers;

	while (renderer->name && strcmp(renderer->name, name) != 0)
		renderer++;
	assert_null(renderer->render(&c->report, out));
}

static void make_hostile(struct crash *c)
{
	c->facts->path = c->facts->release = c->facts->cmdline = HOSTILE;
	c->facts->notifiers[1].function = c->facts->notifiers[1].module = HOSTILE;
	c->facts->cpus[0].frames[0].function = c->facts->cpus[2].task.comm = HOSTILE;
	c->facts->dumpers[0].name = c->facts->consoles[0].name = HOSTILE;
	c->facts->gaps[0].what = c->timeline->message = c->timeline->text = HOSTILE;
	c->timeline->evidence[1].statement = c->timeline->evidence[1].where = HOSTILE;
}

#endif
