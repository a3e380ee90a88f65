/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of PT3xx: which CPUs were stopped, and what the others did meanwhile. */
#include "policy/checks.h"

#include "base/table.h"

/* Registers that could be tied to no CPU stand behind the CPUs. */
static size_t n_cpus(const struct trail_judge *j)
{
	size_t n = j->facts->n_cpus;

	while (n && j->facts->cpus[n - 1].cpu < 0)
		n--;
	return n;
}

static size_t count(const struct trail_judge *j, enum trail_cpu_outcome outcome)
{
	size_t found = 0;

	for (size_t i = 0; i < n_cpus(j); i++)
		found += j->timeline->cpus[i].outcome == outcome;
	return found;
}

static bool is_redirected(const struct trail_judge *j, size_t i)
{
	return trail_facts_has(j->facts, "panic_redirect_cpu") &&
	       (int64_t)trail_facts_value(j->facts, "panic_redirect_cpu", 0) ==
		       j->facts->cpus[i].cpu;
}

enum trail_result trail_check_cpu_not_stopped(struct trail_judge *j)
{
	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (count(j, TRAIL_CPU_NOT_STOPPED) <= j->policy->stop_may_fail)
		return !n_cpus(j) || count(j, TRAIL_CPU_UNKNOWN) ? TRAIL_RESULT_UNKNOWN
								 : TRAIL_RESULT_PASS;
	for (size_t i = 0; i < n_cpus(j); i++) {
		const struct trail_cpu_verdict *verdict = &j->timeline->cpus[i];

		if (verdict->outcome != TRAIL_CPU_NOT_STOPPED)
			continue;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity, "CPU %d was told to stop and did not",
			j->facts->cpus[i].cpu);
		trail_judge_cite(j, evidence, &verdict->evidence);
	}
	return TRAIL_RESULT_FAIL;
}

/* Only of a kdump: a hypervisor saves the registers of every vCPU itself. */
enum trail_result trail_check_cpu_without_registers(struct trail_judge *j)
{
	enum trail_result result = n_cpus(j) ? TRAIL_RESULT_PASS : TRAIL_RESULT_UNKNOWN;

	if (j->timeline->method != TRAIL_METHOD_KDUMP)
		return trail_judge_no_kdump(j);
	for (size_t i = 0; i < n_cpus(j); i++) {
		const struct trail_cpu_verdict *verdict = &j->timeline->cpus[i];
		const struct trail_cpu_facts *cpu = &j->facts->cpus[i];

		if (cpu->registers != TRAIL_REGISTERS_NONE || is_redirected(j, i))
			continue;
		if (verdict->outcome == TRAIL_CPU_UNKNOWN && result == TRAIL_RESULT_PASS)
			result = TRAIL_RESULT_UNKNOWN;
		if (verdict->outcome != TRAIL_CPU_STOPPED &&
		    verdict->outcome != TRAIL_CPU_SELF_STOPPED)
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->policy->registers_required ? TRAIL_SEVERITY_ERROR : j->rule->severity,
			"CPU %d was stopped, and its registers were not saved", cpu->cpu);
		trail_judge_cite(j, evidence, &verdict->evidence);
	}
	return result;
}

/* ---- what the other CPUs printed ------------------------------------------ */

struct noise {
	size_t n;     /* records of others */
	size_t first; /* of them */
	bool unsure;  /* some may be */
};

/* Records of others in [from, end); the backtraces that panic() asks all CPUs for are none. */
static struct noise find_noise(const struct trail_judge *j, size_t from, size_t end)
{
	static const char asks[] = "Sending NMI from CPU ";
	struct noise noise = { 0 };

	for (size_t i = from; i < end; i++) {
		const struct trail_record *r = &j->timeline->log->records[i];
		enum trail_whose whose = trail_judge_whose(j, i);

		if (whose == TRAIL_WHOSE_PANIC && r->length >= strlen(asks) &&
		    memcmp(r->text, asks, strlen(asks)) == 0 &&
		    trail_judge_began(j, TRAIL_STAGE_CPU_BACKTRACES) != TRAIL_NO)
			break;
		noise.unsure |= whose == TRAIL_WHOSE_UNKNOWN;
		if (whose != TRAIL_WHOSE_OTHER)
			continue;
		if (!noise.n++)
			noise.first = i;
	}
	return noise;
}

static enum trail_result report_noise(struct trail_judge *j, struct noise noise, const char *when)
{
	if (!noise.n)
		return noise.unsure || j->timeline->log->lost ? TRAIL_RESULT_UNKNOWN
							      : TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity, "%zu record%s of other CPUs in the log %s", noise.n,
		noise.n == 1 ? "" : "s", when);
	trail_judge_cite_record(j, evidence, noise.first,
				"the first record behind the panic line that is of another CPU");
	return TRAIL_RESULT_FAIL;
}

enum trail_result trail_check_noise_before_stop(struct trail_judge *j)
{
	if (j->timeline->entered != TRAIL_YES)
		return trail_judge_no_crash(j);
	if (!j->timeline->has_panic_record)
		return TRAIL_RESULT_UNKNOWN;
	return report_noise(
		j, find_noise(j, j->timeline->panic_record + 1, trail_judge_first_after_stop(j)),
		"behind the panic line, while nothing shows that they were stopped");
}

enum trail_result trail_check_noise_after_stop(struct trail_judge *j)
{
	enum trail_outcome stop = trail_judge_outcome(j, TRAIL_STAGE_STOP_CPUS);

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (stop == TRAIL_OUTCOME_NOT_REACHED || stop == TRAIL_OUTCOME_IN_PROGRESS)
		return TRAIL_RESULT_NOT_APPLICABLE;
	size_t from = trail_judge_first_after_stop(j);
	if (!j->timeline->has_panic_record || from == j->timeline->log->n)
		return TRAIL_RESULT_UNKNOWN;
	struct noise noise = find_noise(j, from, j->timeline->log->n);
	enum trail_result result = report_noise(j, noise, "after they were told to stop");
	if (result == TRAIL_RESULT_FAIL) {
		struct trail_refs *evidence = &j->out->findings[j->out->n_findings - 1].evidence;
		trail_judge_cite_record(
			j, evidence, from,
			"the first record that was certainly written after the stop");
	}
	return result;
}

/* ---- a second panic, a panic that was handed on --------------------------- */

static bool is_panic(const char *function)
{
	return function &&
	       (trail_same_function(function, "panic") || trail_same_function(function, "vpanic") ||
		trail_same_function(function, "nmi_panic") ||
		trail_same_function(function, "panic_smp_self_stop") ||
		trail_same_function(function, "nmi_panic_self_stop"));
}

/* Who called panic() on that CPU, or NULL. */
static const struct trail_frame *caller_of_panic(const struct trail_cpu_facts *cpu)
{
	for (size_t i = cpu->n_frames; i-- > 1;)
		if (is_panic(cpu->frames[i - 1].function) && cpu->frames[i - 1].reliable)
			return cpu->frames[i].reliable && cpu->frames[i].function ? &cpu->frames[i]
										  : NULL;
	return NULL;
}

enum trail_result trail_check_second_panic(struct trail_judge *j)
{
	enum trail_result result = !n_cpus(j) || count(j, TRAIL_CPU_UNKNOWN) ? TRAIL_RESULT_UNKNOWN
									     : TRAIL_RESULT_PASS;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	for (size_t i = 0; i < n_cpus(j); i++) {
		const struct trail_cpu_verdict *verdict = &j->timeline->cpus[i];
		const struct trail_frame *caller = caller_of_panic(&j->facts->cpus[i]);

		if (verdict->outcome != TRAIL_CPU_SELF_STOPPED || is_redirected(j, i))
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"CPU %d panicked, too, and its panic line is in no log: %s%s%s%s%s",
			j->facts->cpus[i].cpu,
			caller ? "panic() was called by " : "its stack does not tell who called",
			caller ? caller->function : "",
			caller && caller->module ? "() ["
			: caller		 ? "()"
						 : "",
			caller && caller->module ? caller->module : "",
			caller && caller->module ? "]" : "");
		trail_judge_cite(j, evidence, &verdict->evidence);
	}
	return result;
}

enum trail_result trail_check_redirect_lost_registers(struct trail_judge *j)
{
	const struct trail_scalar *from = trail_facts_scalar(j->facts, "panic_redirect_cpu");
	enum trail_result result = TRAIL_RESULT_PASS;

	if (!from || from->presence == TRAIL_ABSENT ||
	    (from->presence == TRAIL_PRESENT && (int64_t)from->value < 0))
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (j->timeline->method != TRAIL_METHOD_KDUMP)
		return trail_judge_no_kdump(j);
	if (from->presence != TRAIL_PRESENT)
		return TRAIL_RESULT_UNKNOWN;
	for (size_t i = 0; i < n_cpus(j); i++) {
		if (!is_redirected(j, i) || j->facts->cpus[i].registers != TRAIL_REGISTERS_NONE)
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"CPU %d hit the bug and handed the panic on: its registers were not saved",
			j->facts->cpus[i].cpu);
		trail_judge_cite_scalar(j, evidence, "panic_redirect_cpu");
		trail_judge_cite(j, evidence, &j->timeline->cpus[i].evidence);
	}
	return result;
}

/* ---- work beside running CPUs, and a wait for stopped ones ---------------- */

enum trail_result trail_check_work_with_running_cpus(struct trail_judge *j)
{
	static const enum trail_stage work[] = { TRAIL_STAGE_NOTIFIERS, TRAIL_STAGE_SYS_INFO,
						 TRAIL_STAGE_KMSG_DUMP };
	size_t awake = count(j, TRAIL_CPU_NOT_STOPPED);
	const char *stages = "";
	bool unsure = false;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(work); i++) {
		enum trail_tristate began = trail_judge_began(j, work[i]);

		unsure |= began == TRAIL_MAYBE;
		if (began == TRAIL_YES)
			stages = trail_timeline_say(&j->builder, "%s%s%s", stages,
						    *stages ? ", " : "",
						    trail_stage_names[work[i]]);
	}
	if (!*stages)
		return unsure ? TRAIL_RESULT_UNKNOWN : TRAIL_RESULT_NOT_APPLICABLE;
	if (!awake)
		return !n_cpus(j) || count(j, TRAIL_CPU_UNKNOWN) ? TRAIL_RESULT_UNKNOWN
								 : TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity, "%zu CPU%s had not stopped while panic() did this: %s", awake,
		awake == 1 ? "" : "s", stages);
	for (size_t i = 0; i < n_cpus(j); i++)
		if (j->timeline->cpus[i].outcome == TRAIL_CPU_NOT_STOPPED)
			trail_judge_cite(j, evidence, &j->timeline->cpus[i].evidence);
	return TRAIL_RESULT_FAIL;
}

/*
 * 7.x sends the backtraces a second time, from sys_info(): CPUs that the crash
 * NMI has stopped are still online, and cannot answer.
 * Source: lib/sys_info.c __sys_info(), lib/nmi_backtrace.c NMI_BT_TIMEOUT_SEC.
 */
enum { ALL_BACKTRACES = 0x40 }; /* include/linux/sys_info.h SYS_INFO_ALL_BT */

enum trail_result trail_check_backtrace_wait(struct trail_judge *j)
{
	static const char line[] = "After 10 seconds, these CPUS still haven't responded";
	const struct trail_scalar *fallback = trail_facts_scalar(j->facts, "kernel_si_mask");
	enum trail_tristate began = trail_judge_began(j, TRAIL_STAGE_SYS_INFO);
	const struct trail_log_facts *log = j->timeline->log;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (!fallback || fallback->presence == TRAIL_ABSENT || began == TRAIL_NO)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (began == TRAIL_MAYBE || !j->timeline->has_panic_record ||
	    !trail_facts_has(j->facts, "sys-info.mask") ||
	    !trail_facts_has(j->facts, "crash_kexec_post_notifiers"))
		return TRAIL_RESULT_UNKNOWN;
	if (!(trail_facts_value(j->facts, "sys-info.mask", 0) & ALL_BACKTRACES) ||
	    !trail_facts_value(j->facts, "crash_kexec_post_notifiers", 0))
		return TRAIL_RESULT_NOT_APPLICABLE;
	for (size_t i = trail_judge_first_after_stop(j); i < log->n; i++) {
		const struct trail_record *r = &log->records[i];

		if (r->length < strlen(line) || memcmp(r->text, line, strlen(line)) != 0)
			continue;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity,
			"panic() waited 10 s for backtraces of CPUs that it had stopped");
		trail_judge_cite_record(j, evidence, i, "the wait for backtraces ended so");
		trail_judge_cite_scalar(j, evidence, "panic_print");
		return TRAIL_RESULT_FAIL;
	}
	return log->lost || trail_judge_first_after_stop(j) == log->n ? TRAIL_RESULT_UNKNOWN
								      : TRAIL_RESULT_PASS;
}
