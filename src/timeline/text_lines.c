/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a text: the panic line, the beginning of an oops, the head of a stack; see texts.h. */
#include "timeline/evidence.h"
#include "timeline/texts.h"

enum {
	OOPS_LINES = 500,  /* an oops with its stacks, and what other CPUs print in between */
	COLUMNS_LEFT = 40, /* so many blanks are of no message */
	COMM_MAX = 15,	   /* TASK_COMM_LEN - 1 */
	PANIC_LINES = 64,  /* what looks like a panic line and is none; more are not looked at */
};

#define PANIC_START "Kernel panic - not syncing:"

/* ---- lines --------------------------------------------------------------- */

const char *trail_line_behind(const struct trail_record *record, const char *start)
{
	size_t n = strlen(start), blank = 0;

	/* what was pasted may be indented */
	while (blank < record->length && record->text[blank] == ' ')
		blank++;
	if (record->facility || record->length - blank < n ||
	    memcmp(record->text + blank, start, n) != 0)
		return NULL;
	return record->text + blank + n;
}

bool trail_line_starts(const struct trail_record *record, const char *start)
{
	return trail_line_behind(record, start);
}

bool trail_line_holds(const struct trail_record *record, const char *holds)
{
	return !record->facility && trail_text_has(record->text, record->length, holds);
}

/*
 * Anybody may write such a line to /dev/kmsg; the kernel's own has facility 0
 * and level 0.  What a console printed tells neither.
 */
static bool is_panic_line(const struct trail_record *r, bool text)
{
	return (!r->level || (text && r->level == TRAIL_NO_LEVEL)) &&
	       trail_line_starts(r, PANIC_START);
}

size_t trail_next_panic_line(const struct trail_log_facts *log, bool text, size_t i)
{
	while (i < log->n && !is_panic_line(&log->records[i], text))
		i++;
	return i;
}

/* A terminal that broke the line left the rest of its columns in it. */
static void unwrap(char *message)
{
	char *to = message;

	for (const char *s = message; *s;) {
		size_t blanks = strspn(s, " ");
		if (blanks >= COLUMNS_LEFT) {
			s += blanks;
			continue;
		}
		size_t n = blanks ? blanks : strcspn(s, " ");
		memmove(to, s, n);
		to += n;
		s += n;
	}
	*to = 0;
}

const char *trail_panic_message(struct trail_builder *b, const struct trail_record *line)
{
	const char *end = line->text + line->length, *said = trail_line_behind(line, PANIC_START);

	while (said && said < end && *said == ' ')
		said++;
	while (said && end > said && end[-1] == ' ')
		end--;
	char *message = trail_pool_strndup(&b->timeline->pool, said ? said : end,
					   (size_t)(end - (said ? said : end)));
	b->failed |= !message;
	if (message)
		unwrap(message);
	return message;
}

/*
 * The line with which an oops begins has its number in brackets; a warning has
 * none.  Source: arch/x86/kernel/dumpstack.c __die_header(), and die() of the
 * other architectures: "[#1]".
 */
bool trail_is_oops_line(const struct trail_record *r)
{
	const char *s = r->facility ? NULL : memmem(r->text, r->length, "[#", 2);
	size_t left = s ? r->length - (size_t)(s - r->text) : 0;

	return left >= 4 && s[2] >= '1' && s[2] <= '9' &&
	       memchr(s + 3, ']', TRAIL_MIN(left - 3, 6));
}

/* ---- the line at the head of a stack ------------------------------------- */

/* What follows @word in the line, NULL when it does not hold it. */
static const char *behind(const char *s, const char *end, const char *word)
{
	const char *found = s ? memmem(s, (size_t)(end - s), word, strlen(word)) : NULL;

	return found ? found + strlen(word) : NULL;
}

bool trail_read_number(const char *s, const char *end, int32_t *ret)
{
	int64_t value = 0;
	const char *p = s;

	for (; p && p < end && *p >= '0' && *p <= '9' && value <= INT32_MAX; p++)
		value = value * 10 + (*p - '0');
	if (!p || p == s || value > INT32_MAX)
		return false;
	*ret = (int32_t)value;
	return true;
}

/* The release behind the taint: the first word that begins with a digit. */
static uint32_t read_major(const char *s, const char *end)
{
	int32_t major;

	while (s < end && !(s[-1] == ' ' && *s >= '0' && *s <= '9'))
		s++;
	return s < end && trail_read_number(s, end, &major) ? (uint32_t)major : 0;
}

/* A name has at most 15 bytes: where more stands there, " FTT: 0 0" of a vendor is behind it. */
static size_t comm_length(const char *comm, size_t n)
{
	const char *vendor = n > COMM_MAX ? memmem(comm, n, " FTT: ", 6) : NULL;

	return vendor ? (size_t)(vendor - comm) : n;
}

/* The letters behind "Tainted: ", to the release. */
static void read_taint(struct trail_cpu_line *ret, const char *s, const char *end)
{
	const char *p = s;

	/* RHEL puts dashes where it has no letter; a release begins with a digit */
	while (p < end && (*p == ' ' || *p == '-' || (*p >= 'A' && *p <= 'Z')))
		p++;
	if (p == end || p == s || p[-1] != ' ' || *p < '0' || *p > '9')
		return;
	ret->taint = s;
	ret->taint_n = (size_t)(p - s);
}

bool trail_read_cpu_line(const struct trail_record *record, struct trail_cpu_line *ret)
{
	static const char loaded[] = " Kdump: loaded";
	const char *s = record->text, *end = s + record->length, *comm;

	*ret = (struct trail_cpu_line){ .cpu = -1, .pid = -1 };
	if (trail_read_number(trail_line_behind(record, "Pid: "), end, &ret->pid)) {
		comm = behind(s, end, ", comm: ");
		if (!comm)
			return false;
	} else {
		if (!trail_read_number(trail_line_behind(record, "CPU: "), end, &ret->cpu) ||
		    !trail_read_number(behind(s, end, " PID: "), end, &ret->pid))
			return false;
		comm = behind(s, end, " Comm: ");
	}
	if (!comm)
		return true;
	/* a name may hold anything: what follows it is looked for */
	const char *clean = behind(comm, end, " Not tainted"),
		   *taint = behind(comm, end, " Tainted: ");
	const char *rest = clean ? clean : taint;
	const char *stop = clean   ? clean - strlen(" Not tainted")
			   : taint ? taint - strlen(" Tainted: ")
				   : end;
	const char *kdump = behind(comm, stop, loaded);
	ret->loaded = kdump;
	ret->whole = rest;
	ret->comm = comm;
	ret->comm_n = comm_length(comm, (size_t)((kdump ? kdump - strlen(loaded) : stop) - comm));
	while (ret->comm_n && comm[ret->comm_n - 1] == ' ')
		ret->comm_n--;
	if (clean)
		ret->taint = clean;
	else if (taint)
		read_taint(ret, taint, end);
	ret->major = rest ? read_major(rest, end) : 0;
	return true;
}

bool trail_begins_report(const struct trail_record *r)
{
	return trail_line_starts(r, "WARNING: ") || trail_line_starts(r, "BUG: ") ||
	       trail_line_starts(r, "------------[ cut here") || trail_is_oops_line(r);
}

bool trail_read_stopping(const struct trail_record *r, int32_t *ret)
{
	const char *end = r->text + r->length;

	if (trail_line_behind(r, "CPU "))
		return trail_read_number(trail_line_behind(r, "CPU "), end, ret) &&
		       trail_line_holds(r,
					" will stop doing anything useful since another CPU has");
	return trail_line_holds(r, ": stopping") &&
	       trail_read_number(trail_line_behind(r, "CPU"), end, ret);
}

bool trail_find_cpu_line(const struct trail_log_facts *log, size_t from, size_t to, size_t *ret)
{
	struct trail_cpu_line line;
	int32_t other;

	for (size_t i = from; i < TRAIL_MIN(to, log->n) && !trail_begins_report(&log->records[i]) &&
			      !trail_read_stopping(&log->records[i], &other);
	     i++)
		if (trail_read_cpu_line(&log->records[i], &line)) {
			*ret = i;
			return true;
		}
	return false;
}

/* ---- whose panic line it is ---------------------------------------------- */

bool trail_shows_panic(const struct trail_record *r)
{
	static const char step[] = "panic+0x";
	const char *end = r->text + r->length, *p = r->facility ? end : r->text;

	for (; p < end && (p = memmem(p, (size_t)(end - p), step, sizeof(step) - 1)); p++) {
		const char *name = p > r->text && p[-1] == 'v' ? p - 1 : p;
		if (name > r->text && !memchr(" (])", name[-1], 4))
			continue; /* of another function */
		if (name - r->text < 2 || name[-2] != '?')
			return true;
	}
	return false;
}

bool trail_shows_entry(const struct trail_record *r, bool x86)
{
	return trail_shows_panic(r) || (x86 && trail_line_starts(r, "Kernel Offset: ")) ||
	       (trail_line_starts(r, "Rebooting in ") && trail_line_holds(r, " seconds..")) ||
	       trail_line_starts(r, "---[ end Kernel panic");
}

bool trail_same_trouble(const struct trail_record *before, const struct trail_record *after)
{
	return before->ts_nsec == TRAIL_NO_TIME || after->ts_nsec == TRAIL_NO_TIME ||
	       after->ts_nsec <= before->ts_nsec ||
	       after->ts_nsec - before->ts_nsec <= UINT64_C(1000000000) * TRAIL_SAME_TROUBLE_S;
}

bool trail_line_fits(const struct trail_text_witness *row, const struct trail_record *record)
{
	struct trail_record r = *record;

	if (row->says == TRAIL_SAYS_SAVED) /* a program says so, through the log or not */
		r.facility = 0;
	return (row->text[0] == '*' ? trail_line_holds(&r, row->text + 1)
				    : trail_line_starts(&r, row->text)) &&
	       (!row->holds || trail_line_holds(&r, row->holds));
}

/* Does a line of [from, to) prove that panic() or kdump ran?  What follows an oops may be of that.
 */
static bool any_witness(const struct trail_log_facts *log, size_t from, size_t to)
{
	for (size_t i = from; i < to && !trail_is_oops_line(&log->records[i]); i++)
		for (size_t w = 0; w < trail_n_text_witnesses; w++) {
			const struct trail_text_witness *row = &trail_text_witnesses[w];
			if ((row->place == TRAIL_PLACE_PANIC || row->says == TRAIL_SAYS_KDUMP) &&
			    trail_line_fits(row, &log->records[i]))
				return true;
		}
	return false;
}

/* An oops shortly before line @i. */
static bool oops_before(const struct trail_log_facts *log, size_t i)
{
	for (size_t k = i; k-- > 0 && i - k <= OOPS_LINES;) {
		if (!trail_same_trouble(&log->records[k], &log->records[i]))
			return false;
		if (trail_is_oops_line(&log->records[k]))
			return true;
	}
	return false;
}

/*
 * Where a line has no level, who wrote it is told by what is around it: panic()
 * prints a stack, unless an oops did; or goes on to what only it prints.  The
 * last line of all may have lost that.
 */
static bool is_borne_out(const struct trail_log_facts *log, size_t i)
{
	size_t next = trail_next_panic_line(log, true, i + 1), at;
	size_t near = TRAIL_MIN(i + 1 + TRAIL_CPU_LINE_NEAR, next);

	if (log->records[i].level != TRAIL_NO_LEVEL || i + 1 == log->n)
		return true;
	for (size_t k = i + 1; k < near && !trail_begins_report(&log->records[k]); k++)
		if (trail_line_starts(&log->records[k], "Call Trace:") ||
		    trail_line_starts(&log->records[k], "Call trace:") ||
		    trail_line_starts(&log->records[k], "Backtrace:") ||
		    trail_shows_panic(&log->records[k]))
			return true;
	return trail_find_cpu_line(log, i + 1, near, &at) || oops_before(log, i) ||
	       any_witness(log, i + 1, next);
}

bool trail_find_panic_line(const struct trail_log_facts *log, bool text, size_t *ret)
{
	size_t i = trail_next_panic_line(log, text, 0), tried = 0;

	while (i < log->n && text && !is_borne_out(log, i) && ++tried < PANIC_LINES)
		i = trail_next_panic_line(log, text, i + 1);
	if (i == log->n || tried == PANIC_LINES)
		return false;
	*ret = i;
	return true;
}
