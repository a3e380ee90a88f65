/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's log: as text, one record after the other with time, level and
 * caller; as JSON, "panictrail-log/1", the contract of
 * docs/panictrail-log-1.schema.json.  A record begins at the first column and
 * none of its later lines does, so no text can pass for another record.
 */
#include "base/error.h"
#include "base/json.h"
#include "base/table.h"
#include "base/text.h"
#include "report/report.h"
#include "report/text_page.h"

/*
 * Levels and facilities of a record.  A row is the word of its index; a
 * facility without one is printed as a number.  Test: unit/test_log.c.
 *
 * Source: Linux include/linux/kern_levels.h; RFC 5424 section 6.2.1, as in
 * util-linux dmesg -x.
 */
/* clang-format off */
static const char *const level_names[] = {
	"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug",
};
static const char *const facility_names[] = {
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
};
/* clang-format on */

enum { LEVEL = 6, CALLER = 5, ERR = 3, WARN = 4 };

/* What the renderers of a log show. */
struct span {
	const struct trail_log_facts *log;
	size_t from;	  /* index of the first record */
	bool after_panic; /* only from the panic line on */
	bool known;	  /* there is that line, or it was not asked for */
};

static struct span span_of(const struct trail_report *report)
{
	const struct trail_timeline *t = report->timeline;
	struct span s = { .log = t->log,
			  .after_panic = report->after_panic,
			  .known = !report->after_panic || t->has_panic_record };

	s.from = !report->after_panic ? 0 : t->has_panic_record ? t->panic_record : s.log->n;
	return s;
}

static bool follows_panic(const struct trail_report *report, size_t i)
{
	return report->timeline->has_panic_record && i > report->timeline->panic_record;
}

/* Records that stood between the one of that index and the one before it. */
static uint64_t lost_before(const struct trail_log_facts *log, size_t i)
{
	uint64_t expected = i ? log->records[i - 1].seq + 1 : log->first_seq;
	uint64_t seq = i < log->n ? log->records[i].seq : log->next_seq;

	return seq > expected ? seq - expected : 0;
}

/* ---- text ---------------------------------------------------------------- */

static void put_note(struct trail_page *p, const char *words)
{
	const char *s = trail_page_escaped(p, words);

	trail_page_put(p, TRAIL_PAGE_YELLOW, s, strlen(s));
	trail_text_puts(p->out, "\n");
}

static void put_lost(struct trail_page *p, uint64_t n, const char *what)
{
	if (n)
		put_note(p, trail_say(&p->view, "… %llu %srecord%s lost …", (unsigned long long)n,
				      what, n == 1 ? "" : "s"));
}

/* "T120", "C3", "T120/C3" or "-". */
static const char *caller_of(struct trail_page *p, const struct trail_record *r)
{
	if (r->pid >= 0 && r->cpu >= 0)
		return trail_say(&p->view, "T%d/C%d", r->pid, r->cpu);
	if (r->pid >= 0)
		return trail_say(&p->view, "T%d", r->pid);
	return r->cpu >= 0 ? trail_say(&p->view, "C%d", r->cpu) : "-";
}

/* "warn", with the facility where it is not the kernel's: anybody may write such a record. */
static const char *level_of(struct trail_page *p, const struct trail_record *r)
{
	const char *level = r->level == TRAIL_NO_LEVEL
				    ? "-"
				    : trail_name_of(level_names, TRAIL_ARRAY_SIZE(level_names),
						    r->level);

	if (!r->facility)
		return level;
	if (r->facility < TRAIL_ARRAY_SIZE(facility_names))
		return trail_say(&p->view, "%s.%s", facility_names[r->facility], level);
	return trail_say(&p->view, "%u.%s", r->facility, level);
}

/* A line of a record's text, escaped. */
static void put_text_line(struct trail_page *p, enum trail_page_color color, const char *s,
			  size_t n)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	trail_text_escaped(&text, s, n);
	p->view.failed |= text.failed;
	trail_page_put(p, color, trail_text_string(&text), text.length);
	trail_text_puts(p->out, "\n");
}

/* "[   12.345678]", with dots where a text has no time. */
static const char *time_of(struct trail_page *p, const struct trail_record *r)
{
	if (r->ts_nsec == TRAIL_NO_TIME)
		return "[    .      ]";
	return trail_say(&p->view, "[%5llu.%06llu]", (unsigned long long)(r->ts_nsec / 1000000000),
			 (unsigned long long)(r->ts_nsec / 1000 % 1000000));
}

static void put_record(struct trail_page *p, const struct trail_record *r)
{
	const char *head = trail_say(&p->view, "%s %-*s %-*s ", time_of(p, r), LEVEL,
				     level_of(p, r), CALLER, caller_of(p, r));
	enum trail_page_color color = r->level <= ERR	 ? TRAIL_PAGE_RED
				      : r->level == WARN ? TRAIL_PAGE_YELLOW
							 : TRAIL_PAGE_PLAIN;
	const char *s = r->text, *end = r->text + r->length;

	trail_text_puts(p->out, head);
	for (bool first = true; first || s < end; first = false) {
		const char *stop = s < end ? memchr(s, '\n', end - s) : NULL;

		if (!first)
			trail_text_pad(p->out, strlen(head));
		put_text_line(p, color, s, (stop ? stop : end) - s);
		s = stop ? stop + 1 : end;
	}
	if (r->partial)
		put_note(p, "… its writer never finished this record …");
}

struct trail_error *trail_render_log_text(const struct trail_report *report, struct trail_text *out)
{
	struct trail_page p = { .report = report, .out = out };
	struct span s = span_of(report);
	uint64_t counted = 0;

	trail_view_init(&p.view, report);
	if (!trail_view_has_log(report->timeline))
		put_note(&p, "… no log could be read …");
	else if (!s.known)
		put_note(&p, "… no panic line of the kernel in the log …");
	else if (!s.after_panic)
		put_lost(&p, s.log->first_seq, "earlier ");
	for (size_t i = s.from; i <= s.log->n && s.known; i++) {
		if (i > s.from || !s.after_panic) {
			put_lost(&p, lost_before(s.log, i), "");
			counted += lost_before(s.log, i);
		}
		if (i < s.log->n)
			put_record(&p, &s.log->records[i]);
	}
	if (!s.after_panic && s.log->lost > counted)
		put_note(&p, "… more records are lost, where is not known …");
	bool failed = p.view.failed || out->failed;
	trail_view_fini(&p.view);
	return failed ? &trail_error_nomem : NULL;
}

/* ---- JSON ---------------------------------------------------------------- */

static void set_number(struct trail_json *json, json_t *object, const char *key, int32_t value)
{
	trail_json_set(json, object, key,
		       value < 0 ? trail_json_null() : trail_json_int(json, value));
}

static void write_record(struct trail_json *json, json_t *records, const struct trail_record *r,
			 bool after_panic)
{
	json_t *row = trail_json_add_object(json, records);

	trail_json_set_uint(json, row, "seq", r->seq);
	trail_json_set(json, row, "time_ns",
		       r->ts_nsec == TRAIL_NO_TIME ? trail_json_null()
						   : trail_json_uint(json, r->ts_nsec));
	trail_json_set_string(json, row, "level",
			      trail_name_of(level_names, TRAIL_ARRAY_SIZE(level_names), r->level));
	trail_json_set_uint(json, row, "facility", r->facility);
	set_number(json, row, "cpu", r->cpu);
	set_number(json, row, "pid", r->pid);
	trail_json_set_string(json, row, "comm", r->comm);
	trail_json_set_bool(json, row, "partial", r->partial);
	trail_json_set_bool(json, row, "after_panic", after_panic);
	trail_json_set(json, row, "text", trail_json_bytes(json, r->text, r->length));
}

struct trail_error *trail_render_log_json(const struct trail_report *report, struct trail_text *out)
{
	struct trail_json json = { 0 };
	struct span s = span_of(report);
	bool read = trail_view_has_log(report->timeline);
	json_t *root = trail_json_object(&json);

	trail_json_set_string(&json, root, "schema", "panictrail-log/1");
	trail_json_set_bool(&json, root, "complete", report->complete);
	json_t *gaps = trail_json_set_array(&json, root, "gaps");
	for (size_t i = 0; i < report->facts->n_gaps; i++) {
		json_t *gap = trail_json_add_object(&json, gaps);
		trail_json_set_string(&json, gap, "what", report->facts->gaps[i].what);
		trail_json_set_string(&json, gap, "why", report->facts->gaps[i].why);
	}
	trail_json_set(&json, root, "first_seq",
		       read ? trail_json_uint(&json, s.log->first_seq) : trail_json_null());
	trail_json_set(&json, root, "lost",
		       read ? trail_json_uint(&json, s.log->lost) : trail_json_null());
	json_t *records = trail_json_set_array(&json, root, "records");
	for (size_t i = s.from; i < s.log->n; i++)
		write_record(&json, records, &s.log->records[i], follows_panic(report, i));
	return trail_json_write(&json, root, out) ? NULL : &trail_error_nomem;
}
