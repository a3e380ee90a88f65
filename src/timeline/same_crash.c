/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tells that two inputs are of one crash: the panic line with its time,
 * or lines that both hold with the same times.  What tells that they are not:
 * another kernel, another panic line, other dates.
 */
#include "timeline/same_crash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "timeline/evidence.h"

#define PANIC_LINE "Kernel panic - not syncing: "

enum {
	LINE_LEAST = 8,	  /* bytes: a shorter line stands everywhere */
	SHARED_LEAST = 3, /* lines with their microseconds are of one boot, not of two */
	APART_LEAST = 20, /* so many lines of the same seconds, and none is shared: two boots */
	EARLY_US = 100 * 1000, /* before, the clock stands, and lines of all boots are alike */
	CRASH_S = 600,	       /* between a record and the dump behind it lie the notifiers */
	CLOCK_S = 26 * 3600,   /* a log may be dated by a clock of any zone */
	BOOT_S = 3,
	MESSAGE_LEAST = 8,
	STACK_NEAR = 80, /* lines from the panic line to the head of its stack */
	HEX = 16,
};
#define YEAR_2001 UINT64_C(978307200) /* an earlier clock was never set */

/* ---- what one tells -------------------------------------------------------- */

/* The first line of a record, without what may follow it. */
static size_t line_length(const struct trail_record *r)
{
	const char *end = memchr(r->text, '\n', r->length);
	size_t n = end ? (size_t)(end - r->text) : r->length;

	while (n && (r->text[n - 1] == ' ' || r->text[n - 1] == '\r'))
		n--;
	return n;
}

/* Source: FNV-1a. */
static uint64_t stamp_of(const struct trail_record *r, size_t n)
{
	uint64_t hash = UINT64_C(14695981039346656037), us = r->ts_nsec / 1000;

	for (size_t i = 0; i < sizeof(us); i++)
		hash = (hash ^ (us >> (8 * i) & 0xff)) * UINT64_C(1099511628211);
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)r->text[i]) * UINT64_C(1099511628211);
	return hash;
}

static int compare_stamps(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool is_stamped(const struct trail_record *r)
{
	return r->ts_nsec != TRAIL_NO_TIME && r->ts_nsec / 1000 >= EARLY_US && !r->facility;
}

static bool find_stamps(struct trail_trace *t)
{
	t->stamps = calloc(t->log->n + 1, sizeof(*t->stamps));
	if (!t->stamps)
		return false;
	for (size_t i = 0; i < t->log->n; i++) {
		const struct trail_record *r = &t->log->records[i];
		uint64_t us = r->ts_nsec / 1000;

		if (!is_stamped(r))
			continue;
		if (!t->last_us || us < t->first_us)
			t->first_us = us;
		t->last_us = TRAIL_MAX(t->last_us, us);
		size_t n = line_length(r);
		if (n >= LINE_LEAST)
			t->stamps[t->n_stamps++] = stamp_of(r, n);
	}
	qsort(t->stamps, t->n_stamps, sizeof(*t->stamps), compare_stamps);
	return true;
}

/* The number behind a word of a line; -1 where it is not there. */
static int32_t number_behind(const struct trail_record *r, const char *word)
{
	const char *at = memmem(r->text, r->length, word, strlen(word));
	const char *end = r->text + r->length;
	int64_t value = 0;
	size_t digits = 0;

	for (at = at ? at + strlen(word) : end; at < end && *at == ' '; at++)
		;
	for (; at < end && *at >= '0' && *at <= '9' && digits < 9; at++, digits++)
		value = value * 10 + (*at - '0');
	return digits ? (int32_t)value : -1;
}

/* Source: lib/dump_stack.c dump_stack_print_info(): "CPU: %d PID: %d Comm: %s". */
static void find_stack(struct trail_trace *t, size_t panic)
{
	for (size_t i = panic; i < t->log->n && i - panic < STACK_NEAR; i++) {
		const struct trail_record *r = &t->log->records[i];
		int32_t cpu = number_behind(r, "CPU: "), pid = number_behind(r, " PID: ");

		if (cpu < 0 || pid < 0)
			continue;
		t->cpu = cpu;
		t->pid = pid;
		return;
	}
}

static void find_panic(struct trail_trace *t)
{
	const struct trail_scalar *buffer = t->dump ? trail_facts_scalar(t->dump, "panic_message")
						    : NULL;
	size_t skip = strlen(PANIC_LINE);

	for (size_t i = 0; i < t->log->n && !t->message; i++) {
		const struct trail_record *r = &t->log->records[i];
		size_t n = line_length(r);

		if (r->facility || n < skip || memcmp(r->text, PANIC_LINE, skip) != 0)
			continue;
		t->message = r->text + skip;
		t->n_message = n - skip;
		t->panic_ns = r->ts_nsec;
		find_stack(t, i);
	}
	if (t->message || !buffer || buffer->presence != TRAIL_PRESENT || !buffer->text)
		return;
	t->n_message = strcspn(buffer->text, "\n");
	t->message = t->n_message ? buffer->text : NULL;
}

static void look_at_dump(struct trail_trace *t)
{
	static const char crashtime[] = "vmcoreinfo.CRASHTIME";

	t->log = &t->dump->log;
	t->path = t->dump->path ? t->dump->path : t->dump->loaded;
	t->release = t->dump->release;
	t->version = t->dump->version;
	t->build_id = t->dump->build_id;
	t->cmdline = t->dump->cmdline;
	t->has_date = t->date_sure = trail_facts_has(t->dump, crashtime);
	t->date_s = trail_facts_value(t->dump, crashtime, 0);
}

bool trail_trace_init(struct trail_trace *trace, const struct trail_facts *facts,
		      const struct trail_text_facts *text)
{
	struct trail_trace *t = trace;

	*t = (struct trail_trace){
		.dump = text ? NULL : facts, .text = text, .cpu = -1, .pid = -1
	};
	t->panic_ns = TRAIL_NO_TIME;
	if (!text) {
		look_at_dump(t);
	} else {
		t->log = &text->log;
		t->path = text->path;
		t->release = text->release;
		t->version = text->version;
		t->build_id = text->build_id;
		t->cmdline = text->cmdline;
		t->has_date = text->has_time;
		t->date_s = text->time_s;
		t->date_sure = text->has_time && text->kind == TRAIL_TEXT_DUMP;
	}
	if (!t->path)
		t->path = "an input";
	if (t->date_s < YEAR_2001)
		t->has_date = t->date_sure = false;
	find_panic(t);
	return find_stamps(t);
}

void trail_trace_fini(struct trail_trace *trace)
{
	free(trace->stamps);
	trace->stamps = NULL;
}

/* ---- what two tell of each other -------------------------------------------- */

static size_t shared_lines(const struct trail_trace *a, const struct trail_trace *b)
{
	size_t i = 0, k = 0, n = 0;

	while (i < a->n_stamps && k < b->n_stamps) {
		uint64_t x = a->stamps[i], y = b->stamps[k];

		n += x == y;
		i += x <= y;
		k += y <= x;
	}
	return n;
}

/* Lines with a time of that stretch. */
static size_t lines_in(const struct trail_trace *t, uint64_t from_us, uint64_t to_us)
{
	size_t n = 0;

	for (size_t i = 0; i < t->log->n; i++) {
		const struct trail_record *r = &t->log->records[i];
		uint64_t us = r->ts_nsec / 1000;

		n += is_stamped(r) && us >= from_us && us <= to_us && line_length(r) >= LINE_LEAST;
	}
	return n;
}

static bool starts_alike(const char *a, size_t n_a, const char *b, size_t n_b)
{
	return memcmp(a, b, TRAIL_MIN(n_a, n_b)) == 0;
}

/* A text may have lost the end of either, so a longer one that begins so is the same. */
static bool is_other(const char *a, const char *b)
{
	return a && b && !starts_alike(a, strlen(a), b, strlen(b));
}

/* Letter by letter but for case; one may be cut. */
static bool is_other_id(const char *a, const char *b)
{
	return a && b && strlen(a) >= HEX && strlen(b) >= HEX &&
	       strncasecmp(a, b, TRAIL_MIN(strlen(a), strlen(b))) != 0;
}

/*
 * Another version: of the head of a stack only "#1" is known, with a part of
 * the rest on some distributions; the whole is known of a banner.
 * Source: lib/dump_stack.c dump_stack_print_info().
 */
static bool is_other_version(const char *a, const char *b)
{
	if (!a || !b || *a != '#' || *b != '#')
		return false;
	size_t n_a = strcspn(a, " "), n_b = strcspn(b, " ");
	if (n_a != n_b || memcmp(a, b, n_a) != 0)
		return true;
	return strlen(a) == strlen(b) && strcmp(a, b) != 0;
}

static bool is_other_kernel(const struct trail_trace *a, const struct trail_trace *b, char *why)
{
	const char *what = NULL, *x = NULL, *y = NULL;

	if (is_other_id(a->build_id, b->build_id)) {
		what = "build ID";
		x = a->build_id, y = b->build_id;
	} else if (a->release && b->release && strcmp(a->release, b->release) != 0) {
		what = "release";
		x = a->release, y = b->release;
	} else if (is_other_version(a->version, b->version)) {
		what = "version";
		x = a->version, y = b->version;
	} else if (is_other(a->cmdline, b->cmdline)) {
		snprintf(why, TRAIL_WHY_SIZE, "it has another kernel command line");
		return true;
	}
	if (what)
		snprintf(why, TRAIL_WHY_SIZE, "its %s is %.100s, not %.100s", what, y, x);
	return what;
}

static bool is_same_message(const struct trail_trace *a, const struct trail_trace *b)
{
	size_t least = TRAIL_MIN(a->n_message, b->n_message);

	return a->message && b->message && starts_alike(a->message, least, b->message, least) &&
	       (a->n_message == b->n_message || least >= MESSAGE_LEAST);
}

static bool both_timed(const struct trail_trace *a, const struct trail_trace *b)
{
	return a->panic_ns != TRAIL_NO_TIME && b->panic_ns != TRAIL_NO_TIME;
}

static bool is_same_time(const struct trail_trace *a, const struct trail_trace *b)
{
	return a->panic_ns / 1000 == b->panic_ns / 1000;
}

static bool is_other_panic(const struct trail_trace *a, const struct trail_trace *b, char *why)
{
	if (!a->message || !b->message)
		return false;
	if (!is_same_message(a, b)) {
		snprintf(why, TRAIL_WHY_SIZE, "its panic line says \"%.*s\", not \"%.*s\"",
			 (int)TRAIL_MIN(b->n_message, (size_t)80), b->message,
			 (int)TRAIL_MIN(a->n_message, (size_t)80), a->message);
		return true;
	}
	if (both_timed(a, b) && !is_same_time(a, b)) {
		snprintf(why, TRAIL_WHY_SIZE,
			 "its panic line is at %" PRIu64 ".%06" PRIu64 " s, not at %" PRIu64
			 ".%06" PRIu64 " s",
			 b->panic_ns / 1000000000, b->panic_ns / 1000 % 1000000,
			 a->panic_ns / 1000000000, a->panic_ns / 1000 % 1000000);
		return true;
	}
	if (a->pid >= 0 && b->pid >= 0 && (a->pid != b->pid || a->cpu != b->cpu)) {
		snprintf(why, TRAIL_WHY_SIZE, "CPU %d and PID %d panicked, not CPU %d and PID %d",
			 b->cpu, b->pid, a->cpu, a->pid);
		return true;
	}
	return false;
}

static bool is_other_date(const struct trail_trace *a, const struct trail_trace *b, char *why)
{
	uint64_t apart = a->date_s > b->date_s ? a->date_s - b->date_s : b->date_s - a->date_s;
	bool sure = a->date_sure && b->date_sure;

	if (!a->has_date || !b->has_date || apart <= (uint64_t)(sure ? CRASH_S : CLOCK_S))
		return false;
	snprintf(why, TRAIL_WHY_SIZE, "they are %" PRIu64 " s apart", apart);
	return true;
}

/* Both tell of the same seconds since boot, and not one line is the same. */
static bool is_other_boot(const struct trail_trace *a, const struct trail_trace *b, char *why)
{
	uint64_t from = TRAIL_MAX(a->first_us, b->first_us);
	uint64_t to = TRAIL_MIN(a->last_us, b->last_us);

	if (!a->n_stamps || !b->n_stamps || from > to || shared_lines(a, b) ||
	    lines_in(a, from, to) < APART_LEAST || lines_in(b, from, to) < APART_LEAST)
		return false;
	snprintf(why, TRAIL_WHY_SIZE,
		 "no line is the same, though both tell of the seconds %" PRIu64 " to %" PRIu64
		 " since boot",
		 from / 1000000, to / 1000000);
	return true;
}

/* Were both machines booted at the same moment, by the date and the log clock of the crash? */
static bool is_same_boot(const struct trail_trace *a, const struct trail_trace *b)
{
	if (!a->date_sure || !b->date_sure || !a->last_us || !b->last_us)
		return false;
	int64_t x = (int64_t)(a->date_s - a->last_us / 1000000);
	int64_t y = (int64_t)(b->date_s - b->last_us / 1000000);
	return llabs(x - y) <= BOOT_S;
}

enum trail_kinship trail_trace_compare(const struct trail_trace *a, const struct trail_trace *b,
				       char *why)
{
	*why = '\0';
	if (a->dump && b->dump) {
		snprintf(why, TRAIL_WHY_SIZE, "both are dumps");
		return TRAIL_KIN_OTHER;
	}
	/* a damaged record may say another kernel: what cannot be by chance goes first */
	if (is_same_message(a, b) && both_timed(a, b) && is_same_time(a, b) &&
	    a->panic_ns / 1000 >= EARLY_US)
		return TRAIL_KIN_SAME;
	if (shared_lines(a, b) >= SHARED_LEAST)
		return TRAIL_KIN_SAME;
	if (is_other_kernel(a, b, why))
		return TRAIL_KIN_OTHER;
	if (is_other_panic(a, b, why) || is_other_date(a, b, why) || is_other_boot(a, b, why))
		return TRAIL_KIN_OTHER;
	if (is_same_message(a, b) && a->pid >= 0 && b->pid >= 0)
		return TRAIL_KIN_SAME; /* the same CPU and task, or it were another panic */
	return is_same_boot(a, b) ? TRAIL_KIN_SAME : TRAIL_KIN_UNKNOWN;
}
