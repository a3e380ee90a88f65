/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records behind the panic line: whose they are, which callback they are the
 * mark of, and which is the first that was certainly written after the stop
 * of the other CPUs.
 */
#include "policy/checks.h"

static const struct trail_record *panic_record(const struct trail_judge *j)
{
	return &j->facts->log.records[j->timeline->panic_record];
}

size_t trail_judge_log_from(const struct trail_judge *j)
{
	return j->timeline->has_panic_record ? j->timeline->panic_record : j->facts->log.n;
}

/*
 * A record names the task that wrote it, or the CPU where that was no task;
 * since 7.x both.  While panic() runs no other task gets its CPU; where it is
 * not known to go on (the task died in a callback) that is not so.  Every
 * CPU's idle task is 0.
 * Source: kernel/printk/printk.c printk_caller_id(); kernel/panic.c panic().
 */
enum trail_whose trail_judge_whose(const struct trail_judge *j, size_t index)
{
	const struct trail_record *r = &j->facts->log.records[index], *line = panic_record(j);
	bool both_idle = r->pid == 0 && line->pid == 0;

	if (r->cpu >= 0)
		return j->timeline->cpu < 0	    ? TRAIL_WHOSE_UNKNOWN
		       : r->cpu == j->timeline->cpu ? TRAIL_WHOSE_PANIC
						    : TRAIL_WHOSE_OTHER;
	if (r->pid < 0 || both_idle || (line->pid < 0 && line->cpu < 0))
		return TRAIL_WHOSE_UNKNOWN;
	if (r->pid == line->pid)
		return TRAIL_WHOSE_PANIC;
	return j->timeline->frontier_exact ? TRAIL_WHOSE_OTHER : TRAIL_WHOSE_UNKNOWN;
}

/* The text that a witness wants at the start of a record behind the panic line, or NULL. */
static const char *wanted_line(const struct trail_witness *row)
{
	for (size_t i = 0; i < TRAIL_CONDITIONS && row->when[i].look; i++)
		if (row->when[i].look == TRAIL_LOOK_LOG_AFTER && row->when[i].value == 1)
			return row->when[i].name;
	return NULL;
}

static bool is_mark(const struct trail_judge *j, const struct trail_witness *row, size_t index)
{
	const struct trail_record *r = &j->facts->log.records[index];
	const char *line = wanted_line(row);

	return line && r->length >= strlen(line) && memcmp(r->text, line, strlen(line)) == 0 &&
	       trail_conditions_hold(&j->builder, row->when, TRAIL_CONDITIONS, NULL) == TRAIL_YES;
}

bool trail_judge_mark(const struct trail_judge *j, size_t index, size_t *ret)
{
	if (trail_judge_whose(j, index) != TRAIL_WHOSE_PANIC)
		return false;
	for (size_t w = 0; w < trail_n_witnesses; w++) {
		const struct trail_witness *row = &trail_witnesses[w];

		if (row->scope != TRAIL_SCOPE_NOTIFIER || row->outcome != TRAIL_CALL_CALLED ||
		    !is_mark(j, row, index))
			continue;
		for (size_t i = 0; i < j->facts->n_notifiers; i++)
			if (trail_witness_is_about(row, &j->facts->notifiers[i])) {
				*ret = i;
				return true;
			}
	}
	return false;
}

/*
 * What the system information begins with; before v5.18 it comes later still.
 * Source: kernel/panic.c panic_print_sys_info(), lib/sys_info.c __sys_info().
 */
static bool is_sys_info(const struct trail_judge *j, size_t index)
{
	static const char *const starts[] = { "Mem-Info:", "Timer List Version:" };
	const struct trail_record *r = &j->facts->log.records[index];

	if (trail_judge_began(j, TRAIL_STAGE_SYS_INFO) != TRAIL_YES)
		return false;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(starts); i++)
		if (r->length >= strlen(starts[i]) &&
		    memcmp(r->text, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

bool trail_judge_behind_chain(const struct trail_judge *j, size_t index)
{
	if (trail_judge_whose(j, index) != TRAIL_WHOSE_PANIC)
		return false;
	if (is_sys_info(j, index))
		return true;
	for (size_t w = 0; w < trail_n_witnesses; w++)
		if (trail_witnesses[w].scope == TRAIL_SCOPE_STAGE &&
		    trail_witnesses[w].stage > TRAIL_STAGE_NOTIFIERS &&
		    is_mark(j, &trail_witnesses[w], index))
			return true;
	return false;
}

size_t trail_judge_first_after_stop(const struct trail_judge *j)
{
	size_t n = j->facts->log.n, callback;

	for (size_t i = trail_judge_log_from(j) + 1; i < n; i++)
		if (trail_judge_mark(j, i, &callback) || trail_judge_behind_chain(j, i))
			return i;
	return n;
}
