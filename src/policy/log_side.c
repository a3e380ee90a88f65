/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records behind the panic line: whose they are, which callback they are the
 * mark of, and which is the first that was certainly written after the stop
 * of the other CPUs.
 */
#include "policy/checks.h"

static const struct trail_record *panic_record(const struct trail_judge *j)
{
	return &j->timeline->log->records[j->timeline->panic_record];
}

size_t trail_judge_log_from(const struct trail_judge *j)
{
	return j->timeline->has_panic_record ? j->timeline->panic_record : j->timeline->log->n;
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
	const struct trail_record *r = &j->timeline->log->records[index], *line = panic_record(j);
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

/*
 * What the system information begins with; before v5.18 it comes later still.
 * Source: kernel/panic.c panic_print_sys_info(), lib/sys_info.c __sys_info().
 */
static const char *const sys_info_starts[] = { "Mem-Info:", "Timer List Version:" };

/* A line that tells how far panic() was: only a callback prints it, or a stage behind the chain. */
struct line {
	const char *text;
	const struct trail_witness *row; /* NULL: the system information */
	long notifier;			 /* whose it is; TRAIL_BEHIND_CHAIN */
	enum trail_tristate holds;	 /* the row's conditions; MAYBE: not asked yet */
};

struct lines {
	struct line *all;
	size_t n;
	bool begins[256]; /* one of them begins with this byte */
};

static void add_line(struct lines *lines, const char *text, const struct trail_witness *row,
		     long notifier)
{
	if (!text)
		return;
	lines->all[lines->n++] = (struct line){ text, row, notifier,
						row ? TRAIL_MAYBE : TRAIL_YES };
	lines->begins[(unsigned char)text[0]] = true;
}

/* The first callback of the chain that the witness speaks of; -1 for none. */
static long notifier_of(const struct trail_judge *j, const struct trail_witness *row)
{
	for (size_t i = 0; i < j->facts->n_notifiers; i++)
		if (trail_witness_is_about(row, &j->facts->notifiers[i]))
			return (long)i;
	return -1;
}

static void list_lines(const struct trail_judge *j, struct lines *lines)
{
	for (size_t w = 0; w < trail_n_witnesses; w++) {
		const struct trail_witness *row = &trail_witnesses[w];
		bool calls = row->scope == TRAIL_SCOPE_NOTIFIER &&
			     row->outcome == TRAIL_CALL_CALLED;
		long notifier = calls ? notifier_of(j, row) : -1;

		if (notifier >= 0)
			add_line(lines, wanted_line(row), row, notifier);
		else if (row->scope == TRAIL_SCOPE_STAGE && row->stage > TRAIL_STAGE_NOTIFIERS)
			add_line(lines, wanted_line(row), row, TRAIL_BEHIND_CHAIN);
	}
	if (trail_judge_began(j, TRAIL_STAGE_SYS_INFO) == TRAIL_YES)
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(sys_info_starts); i++)
			add_line(lines, sys_info_starts[i], NULL, TRAIL_BEHIND_CHAIN);
}

/* Which line the record begins with, of those whose conditions hold; NULL for none. */
static const struct line *line_of(const struct trail_judge *j, const struct lines *lines,
				  const struct trail_record *r)
{
	for (size_t i = 0; i < lines->n; i++) {
		struct line *line = &lines->all[i];
		size_t n = strlen(line->text);

		if (r->length < n || memcmp(r->text, line->text, n) != 0)
			continue;
		if (line->holds == TRAIL_MAYBE)
			line->holds = trail_conditions_hold(&j->builder, line->row->when,
							    TRAIL_CONDITIONS, NULL) == TRAIL_YES
					      ? TRAIL_YES
					      : TRAIL_NO;
		if (line->holds == TRAIL_YES)
			return line;
	}
	return NULL;
}

static void add_mark(struct trail_judge *j, size_t record, long notifier)
{
	struct trail_log_mark *marks = trail_pool_grow(&j->timeline->pool, j->marks, j->n_marks,
						       sizeof(*marks));

	if (!marks) {
		j->builder.failed = true;
		return;
	}
	j->marks = marks;
	marks[j->n_marks++] = (struct trail_log_mark){ record, notifier };
}

void trail_judge_find_marks(struct trail_judge *j)
{
	struct lines lines = { .all = trail_pool_alloc(&j->timeline->pool,
						       trail_n_witnesses +
							       TRAIL_ARRAY_SIZE(sys_info_starts),
						       sizeof(*lines.all)) };

	if (!lines.all) {
		j->builder.failed = true;
		return;
	}
	list_lines(j, &lines);
	for (size_t i = trail_judge_log_from(j) + 1; i < j->timeline->log->n; i++) {
		const struct trail_record *r = &j->timeline->log->records[i];

		if (!r->length || !lines.begins[(unsigned char)r->text[0]])
			continue;
		const struct line *line = line_of(j, &lines, r);
		if (line && trail_judge_whose(j, i) == TRAIL_WHOSE_PANIC)
			add_mark(j, i, line->notifier);
	}
}

size_t trail_judge_first_after_stop(const struct trail_judge *j)
{
	return j->n_marks ? j->marks[0].record : j->timeline->log->n;
}
