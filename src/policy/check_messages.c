/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of PT4xx: what became of the messages. */
#include <inttypes.h>

#include "policy/checks.h"

/* ---- consoles ------------------------------------------------------------- */

static void cite_console(struct trail_judge *j, struct trail_refs *evidence,
			 const struct trail_console_facts *c)
{
	const char *name = c->name ? c->name : "?";

	trail_judge_cite_fact(j, evidence, trail_timeline_say(&j->builder, "console %s", name),
			      TRAIL_SOURCE_MEMORY,
			      trail_timeline_say(&j->builder,
						 "console %s prints record %" PRIu64
						 " next, the log ends before record %" PRIu64,
						 name, c->seq, j->timeline->log->next_seq),
			      trail_timeline_say(&j->builder, "struct console of %s at 0x%" PRIx64,
						 name, c->address));
}

/* Did no console print the panic line?  A console that cannot be asked may have. */
static enum trail_tristate nobody_saw(const struct trail_judge *j)
{
	size_t line = trail_judge_log_from(j);
	uint64_t unprinted;

	for (size_t i = 0; i < j->facts->n_consoles; i++) {
		const struct trail_console_facts *c = &j->facts->consoles[i];

		if (!c->enabled)
			continue;
		if (line == j->timeline->log->n || !trail_judge_unprinted(j, i, &unprinted))
			return TRAIL_MAYBE;
		if (c->seq > j->timeline->log->records[line].seq)
			return TRAIL_NO;
	}
	return line == j->timeline->log->n ? TRAIL_MAYBE : TRAIL_YES;
}

static enum trail_result report_unseen(struct trail_judge *j)
{
	struct trail_refs *evidence = trail_judge_finding(j,
							  j->policy->console == TRAIL_WISH_YES
								  ? TRAIL_SEVERITY_ERROR
								  : TRAIL_SEVERITY_WARNING,
							  "no console printed the panic line");

	for (size_t i = 0; i < j->facts->n_consoles; i++)
		if (j->facts->consoles[i].enabled)
			cite_console(j, evidence, &j->facts->consoles[i]);
	trail_judge_cite_record(j, evidence, trail_judge_log_from(j), "the panic line");
	return TRAIL_RESULT_FAIL;
}

static enum trail_result report_unflushed(struct trail_judge *j)
{
	enum trail_result result = TRAIL_RESULT_PASS;

	for (size_t i = 0; i < j->facts->n_consoles; i++) {
		const struct trail_console_facts *c = &j->facts->consoles[i];
		uint64_t left;

		if (!c->enabled)
			continue;
		if (!trail_judge_unprinted(j, i, &left)) {
			result = result == TRAIL_RESULT_FAIL ? result : TRAIL_RESULT_UNKNOWN;
			continue;
		}
		if (!left)
			continue;
		result = TRAIL_RESULT_FAIL;
		struct trail_refs *evidence = trail_judge_finding(
			j,
			left > j->policy->console_unflushed_max ? TRAIL_SEVERITY_WARNING
								: j->rule->severity,
			"console %s had not printed the last %s", c->name ? c->name : "?",
			left == 1 ? "record"
				  : trail_timeline_say(&j->builder, "%" PRIu64 " records", left));
		cite_console(j, evidence, c);
	}
	return result;
}

enum trail_result trail_check_console_unflushed(struct trail_judge *j)
{
	bool any = trail_judge_has_console(j);

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (!any && j->facts->consoles_presence == TRAIL_PRESENT)
		return TRAIL_RESULT_NOT_APPLICABLE;
	if (!any || j->facts->consoles_presence != TRAIL_PRESENT || !j->timeline->log->n)
		return TRAIL_RESULT_UNKNOWN;
	return nobody_saw(j) == TRAIL_YES ? report_unseen(j) : report_unflushed(j);
}

/* ---- the log -------------------------------------------------------------- */

static enum trail_result report_ring(struct trail_judge *j)
{
	const struct trail_log_facts *log = j->timeline->log;
	bool gone = log->first_seq && !j->timeline->has_panic_record &&
		    j->timeline->entered == TRAIL_YES;
	enum trail_result result = TRAIL_RESULT_PASS;

	if (log->presence != TRAIL_PRESENT || !log->n)
		return TRAIL_RESULT_UNKNOWN;
	const char *range = trail_timeline_say(&j->builder, "log records %" PRIu64 " to %" PRIu64,
					       log->first_seq, log->next_seq);
	if (gone) {
		struct trail_refs *evidence = trail_judge_finding(
			j, TRAIL_SEVERITY_WARNING,
			"later records have pushed the panic line out of the log");
		trail_judge_cite_fact(j, evidence, "panic", TRAIL_SOURCE_LOG,
				      "the log has lost its first records", range);
		result = TRAIL_RESULT_FAIL;
	}
	if (log->lost) {
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity, "%" PRIu64 " record%s of the log cannot be read",
			log->lost, log->lost == 1 ? "" : "s");
		trail_judge_cite_fact(j, evidence, "log", TRAIL_SOURCE_LOG,
				      "not all records of the ring could be read", range);
		result = TRAIL_RESULT_FAIL;
	}
	for (size_t i = 0; i < log->n; i++) {
		if (!log->records[i].partial)
			continue;
		struct trail_refs *evidence = trail_judge_finding(
			j, j->rule->severity, "record %" PRIu64 " of the log was never finished",
			log->records[i].seq);
		trail_judge_cite_record(j, evidence, i, "its writer was stopped in the middle");
		result = TRAIL_RESULT_FAIL;
	}
	return result;
}

/* What is wrong with a text, one word after the other; NULL: nothing. */
static const char *damage_of(struct trail_judge *j, size_t index, enum trail_severity *severity_ret)
{
	const struct trail_text_facts *t = &j->facts->texts[index];
	size_t bad = 0;

	*severity_ret = TRAIL_SEVERITY_WARNING;
	for (size_t i = 0; i < t->n_parts; i++)
		bad += t->parts[i].state == TRAIL_PART_UNREAD ||
		       t->parts[i].state == TRAIL_PART_DAMAGED;
	if (t->lost_end)
		return t->kind == TRAIL_TEXT_DUMP
			       ? "has lost its end: the newest lines, and the panic may be among them"
			       : "has lost its end";
	if (t->ecc_bad)
		return trail_timeline_say(&j->builder,
					  "holds %u block%s that ECC could not correct", t->ecc_bad,
					  t->ecc_bad == 1 ? "" : "s");
	if (index == trail_judge_panic_text(j) && !j->timeline->texts[index].has_panic_record)
		return "does not hold the panic line";
	*severity_ret = j->rule->severity;
	if (bad)
		return trail_timeline_say(&j->builder, "has %zu damaged part%s", bad,
					  bad == 1 ? "" : "s");
	if (t->log.lost)
		return trail_timeline_say(&j->builder, "has lost %" PRIu64 " line%s between",
					  t->log.lost, t->log.lost == 1 ? "" : "s");
	return NULL;
}

/* Source: fs/pstore/platform.c pstore_dump(); before v5.9 the second. */
static bool is_skipped(const struct trail_record *r)
{
	static const char *const lines[] = { "pstore: dump skipped in ",
					     "may corrupt error record in " };

	return !r->facility && (trail_text_has(r->text, r->length, lines[0]) ||
				trail_text_has(r->text, r->length, lines[1]));
}

static enum trail_result report_skipped(struct trail_judge *j)
{
	enum trail_result result = TRAIL_RESULT_PASS;

	for (size_t i = 0; i < j->timeline->log->n; i++) {
		if (!is_skipped(&j->timeline->log->records[i]))
			continue;
		struct trail_refs *evidence = trail_judge_finding(
			j, TRAIL_SEVERITY_WARNING,
			"pstore had a dump of another CPU in progress: a record is missing or mixed");
		trail_judge_cite_record(j, evidence, i, "pstore says so");
		result = TRAIL_RESULT_FAIL;
	}
	return result;
}

/* The dead kernel's texts; that older lines are lost is how such a record is. */
static enum trail_result report_texts(struct trail_judge *j)
{
	enum trail_result result = TRAIL_RESULT_PASS;

	for (size_t i = 0; i < j->facts->n_texts; i++) {
		const struct trail_text_facts *t = &j->facts->texts[i];
		enum trail_severity severity;
		const char *damage = t->role == TRAIL_ROLE_DEAD ? damage_of(j, i, &severity) : NULL;

		if (!damage)
			continue;
		const char *name = trail_judge_say_text(j, i);
		struct trail_refs *evidence = trail_judge_finding(j, severity, "%s %s", name,
								  damage);
		trail_judge_cite_fact(
			j, evidence, trail_timeline_say(&j->builder, "text %zu", i + 1),
			t->kind == TRAIL_TEXT_DUMP || t->kind == TRAIL_TEXT_CONSOLE
				? TRAIL_SOURCE_PSTORE
				: TRAIL_SOURCE_LOG,
			trail_timeline_say(&j->builder, "%s %s", name, damage), t->path);
		result = TRAIL_RESULT_FAIL;
	}
	return result;
}

/* All of the ring, and of what was kept of it elsewhere. */
enum trail_result trail_check_record_incomplete(struct trail_judge *j)
{
	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	enum trail_result texts = report_texts(j), skipped = report_skipped(j);
	enum trail_result ring = trail_judge_is_text(j) ? TRAIL_RESULT_PASS : report_ring(j);

	if (texts == TRAIL_RESULT_FAIL || skipped == TRAIL_RESULT_FAIL)
		return TRAIL_RESULT_FAIL;
	return ring;
}

/* ---- the same twice, and not the same ------------------------------------- */

/*
 * The first dump of the buffer consumes it, so the second is empty or short;
 * both are waited for.
 * Source: kernel/trace/trace.c ftrace_dump(), trace_panic_handler(); lib/sys_info.c.
 */
enum trail_result trail_check_printed_twice(struct trail_judge *j)
{
	static const char option[] = "ftrace_dump_on_oops";
	const char *at = j->facts->cmdline ? strstr(j->facts->cmdline, option) : NULL;

	if (!trail_judge_crashed(j))
		return trail_judge_no_crash(j);
	if (!trail_facts_has(j->facts, "sys-info.mask") || !j->facts->cmdline)
		return TRAIL_RESULT_UNKNOWN;
	if (!(trail_facts_value(j->facts, "sys-info.mask", 0) & 0x10) || !at ||
	    trail_starts_with(at + strlen(option), "=0"))
		return TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity,
		"the ftrace buffer is asked for twice: by ftrace_dump_on_oops and by the system "
		"information of panic()");
	trail_judge_cite_scalar(j, evidence, "sys-info.mask");
	trail_judge_cite_fact(j, evidence, "config ftrace_dump_on_oops", TRAIL_SOURCE_CONFIG,
			      "the command line sets ftrace_dump_on_oops", "command line");
	return TRAIL_RESULT_FAIL;
}

enum { SHORTENED = 900 }; /* a record of at least so many bytes may have been cut */

static const char panic_line[] = "Kernel panic - not syncing: ";

/* Is the record a panic line with that text?  A long one is cut, and a last newline is no text of
 * it. */
static bool says_the_same(const struct trail_record *r, const char *text)
{
	size_t skip = strlen(panic_line), n = strlen(text);

	if (r->length < skip || memcmp(r->text, panic_line, skip) != 0 || r->facility || r->level)
		return false;
	while (n && text[n - 1] == '\n')
		n--;
	size_t has = r->length - skip;
	if (has > n || (has < n && r->length < SHORTENED))
		return false;
	return memcmp(r->text + skip, text, has) == 0;
}

/* panic() may be entered again on the same CPU: any of its lines will do. */
enum trail_result trail_check_message_differs(struct trail_judge *j)
{
	const struct trail_scalar *buffer = trail_facts_scalar(j->facts, "panic_message");

	if (j->timeline->entered != TRAIL_YES)
		return trail_judge_no_crash(j);
	if (!j->timeline->has_panic_record || !buffer || buffer->presence != TRAIL_PRESENT ||
	    !buffer->text || !*buffer->text)
		return TRAIL_RESULT_UNKNOWN;
	for (size_t i = trail_judge_log_from(j); i < j->timeline->log->n; i++)
		if (says_the_same(&j->timeline->log->records[i], buffer->text))
			return TRAIL_RESULT_PASS;
	struct trail_refs *evidence = trail_judge_finding(
		j, j->rule->severity, "no panic line of the log has the text of panic()'s buffer");
	trail_judge_cite_record(j, evidence, trail_judge_log_from(j), "the panic line");
	trail_judge_cite_fact(
		j, evidence, "panic", TRAIL_SOURCE_MEMORY,
		trail_timeline_say(&j->builder, "the buffer says \"%s\"", buffer->text),
		trail_timeline_say(&j->builder, "buf of panic() at 0x%" PRIx64, buffer->address));
	return TRAIL_RESULT_FAIL;
}
