/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands before the message of a line; see klog.h. */
#include "format/klog.h"

#include "format/klog_scan.h"

enum {
	SECONDS_DIGITS = 12, /* more than a log clock of 64 bits needs */
	STAMP_MIN = 14,	     /* [%5lu.%06lu] */
	PREFIXES_MAX = 8,    /* of one line */
	HOST_MAX = 255,
	TAG_MAX = 64,
	MONTH_MAX = 12,	   /* bytes of its short name */
	LEVEL_MAX = 6,	   /* <2047> */
	RECORDED_MAX = 48, /* bytes */
};

/* Indexed by their number. */
static const char *const facilities[] = { "kern", "user", "mail", "daemon", "auth",	"syslog",
					  "lpr",  "news", "uucp", "cron",   "authpriv", "ftp" };
static const char *const levels[] = { "emerg", "alert",	 "crit", "err",
				      "warn",  "notice", "info", "debug" };
/* other words of them, by the same number */
static const char *const long_levels[] = { "emerg",   "alert",	"crit", "error",
					   "warning", "notice", "info", "debug" };

enum { FACILITY_DAEMON = 3 };

static bool name_in(const char *const *names, size_t n, const char *word, size_t length,
		    uint8_t *ret)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) == length && memcmp(names[i], word, length) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

static bool level_in(const char *word, size_t length, uint8_t *ret)
{
	return name_in(levels, TRAIL_ARRAY_SIZE(levels), word, length, ret) ||
	       name_in(long_levels, TRAIL_ARRAY_SIZE(long_levels), word, length, ret);
}

/* " / 09-28 10:17:30.910" of LG */
static void date_in_stamp(struct trail_klog_scan *s)
{
	struct trail_klog_scan at = *s;
	size_t n;

	if (!trail_klog_word(&at, " / "))
		return;
	for (n = 0; at.p < at.end && (trail_is_digit(*at.p) || memchr("-: .", *at.p, 4)); n++)
		at.p++;
	if (n == sizeof("09-28 10:17:30.910") - 1)
		*s = at;
}

/* [    1.234567], with Huawei's s, Amlogic's @CPU, with the delta of dmesg -d. */
static bool time_stamp(struct trail_klog_scan *s, uint64_t *ret)
{
	struct trail_klog_scan at = *s;
	uint64_t seconds, micros, unused;

	if (!trail_klog_char(&at, '['))
		return false;
	trail_klog_spaces(&at);
	if (!trail_klog_number(&at, 1, SECONDS_DIGITS, &seconds) || !trail_klog_char(&at, '.') ||
	    !trail_klog_number(&at, 6, 6, &micros))
		return false;
	(void)trail_klog_char(&at, 's');
	date_in_stamp(&at);
	if (trail_klog_char(&at, '@') && !trail_klog_number(&at, 1, 4, &unused))
		return false;
	struct trail_klog_scan delta = at;
	if (trail_klog_word(&delta, " <")) {
		trail_klog_spaces(&delta);
		if (trail_klog_number(&delta, 1, SECONDS_DIGITS, &unused) &&
		    trail_klog_char(&delta, '.') && trail_klog_number(&delta, 6, 6, &unused) &&
		    trail_klog_char(&delta, '>'))
			at = delta;
	}
	if (!trail_klog_char(&at, ']') || !trail_mul(seconds, 1000000, &seconds) ||
	    !trail_add(seconds, micros, &seconds) || !trail_mul(seconds, 1000, ret))
		return false;
	*s = at;
	return true;
}

/* [  T123], [    C4]; in front of it dmesg of util-linux puts a space */
static bool caller(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	struct trail_klog_scan at = *s;
	uint64_t number;

	(void)trail_klog_char(&at, ' ');
	if (!trail_klog_char(&at, '['))
		return false;
	trail_klog_spaces(&at);
	bool task = trail_klog_char(&at, 'T');
	if ((!task && !trail_klog_char(&at, 'C')) || !trail_klog_number(&at, 1, 10, &number) ||
	    number > INT32_MAX || !trail_klog_char(&at, ']') || (at.p < at.end && *at.p != ' '))
		return false;
	*(task ? &line->pid : &line->cpu) = (int32_t)number;
	*s = at;
	return true;
}

/* One word and the spaces that fill it up, to a colon. */
static bool column(struct trail_klog_scan *s, struct trail_klog_scan *ret)
{
	struct trail_klog_scan at = *s;

	while (at.p < at.end && *at.p >= 'a' && *at.p <= 'z')
		at.p++;
	*ret = (struct trail_klog_scan){ s->p, at.p };
	trail_klog_spaces(&at);
	if (!trail_klog_char(&at, ':'))
		return false;
	*s = at;
	return true;
}

/* kern  :emerg : */
static bool words(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	struct trail_klog_scan at = *s, facility, level;
	uint8_t numbers[2];

	if (!column(&at, &facility) ||
	    !name_in(facilities, TRAIL_ARRAY_SIZE(facilities), facility.p,
		     facility.end - facility.p, &numbers[0]) ||
	    !column(&at, &level) || !level_in(level.p, level.end - level.p, &numbers[1]) ||
	    (at.p < at.end && !trail_klog_char(&at, ' ')))
		return false;
	line->facility = numbers[0];
	line->level = numbers[1];
	*s = at;
	return true;
}

/* ALERT, as ChromeOS writes it where others have the host */
static bool loud_level(const char *word, size_t n, struct trail_klog_line *line)
{
	char lower[8];

	if (n < 3 || n > sizeof(lower))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (word[i] < 'A' || word[i] > 'Z')
			return false;
		lower[i] = (char)(word[i] + ('a' - 'A'));
	}
	return level_in(lower, n, &line->level);
}

/* kern.warn, as busybox writes it before the program */
static bool pair(const char *word, size_t n, struct trail_klog_line *line)
{
	const char *dot = memchr(word, '.', n);
	uint8_t facility, level;

	if (!dot ||
	    !name_in(facilities, TRAIL_ARRAY_SIZE(facilities), word, dot - word, &facility) ||
	    !level_in(dot + 1, word + n - dot - 1, &level))
		return false;
	line->facility = facility;
	line->level = level;
	return true;
}

/* The next word, without the space behind it. */
static size_t word_length(const struct trail_klog_scan *s, size_t most)
{
	size_t n = TRAIL_MIN((size_t)(s->end - s->p), most);
	const char *space = memchr(s->p, ' ', n);

	return space ? (size_t)(space - s->p) : (size_t)(s->end - s->p) <= most ? n : 0;
}

/*
 * host program[pid]: and the message.  A program's line keeps its program, and is marked as none of
 * the kernel by its facility.
 */
static bool tag(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	struct trail_klog_scan at = *s;
	size_t n = word_length(&at, HOST_MAX);
	bool paired = n && pair(at.p, n, line);

	if (!n)
		return false;
	if (!paired && at.p[n - 1] != ':') {
		if (!loud_level(at.p, n, line)) {
			line->host = at.p;
			line->host_length = n;
		}
		at.p += n;
		if (!trail_klog_char(&at, ' '))
			return false;
		n = word_length(&at, TAG_MAX);
		paired = n && pair(at.p, n, line);
	}
	if (paired) {
		at.p += n;
		if (!trail_klog_char(&at, ' '))
			return false;
		n = word_length(&at, TAG_MAX);
	}
	if (!n || at.p[n - 1] != ':')
		return false;
	if (n == strlen("kernel:") && memcmp(at.p, "kernel:", n) == 0) {
		at.p += n;
		(void)trail_klog_char(&at, ' ');
	} else if (!line->facility) {
		line->facility = FACILITY_DAEMON;
	}
	*s = at;
	return true;
}

/* Is the next thing a stamp of the log clock? */
static bool at_stamp(const struct trail_klog_scan *s)
{
	struct trail_klog_scan at = *s;
	uint64_t unused;

	return time_stamp(&at, &unused);
}

/* A date: of syslog and the journal with what follows it, of dmesg, of what recorded a console. */
static bool dated(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	struct trail_klog_scan at = *s;
	struct trail_klog_line tagged = *line;
	struct trail_klog_date date;

	if (!trail_klog_date(&at, &date))
		return false;
	line->marks |= TRAIL_KLOG_DATE;
	if (date.has_date) {
		line->has_date = true;
		line->date_s = date.date_s;
	}
	*s = at;
	if (date.look == TRAIL_DATE_DMESG_ISO)
		line->marks |= TRAIL_KLOG_WALL;
	if (date.look == TRAIL_DATE_DMESG_ISO || at_stamp(&at))
		return true;
	tagged.marks = line->marks | TRAIL_KLOG_TAG;
	tagged.has_date = line->has_date;
	tagged.date_s = line->date_s;
	if (tag(&at, &tagged)) {
		*line = tagged;
		*s = at;
	}
	return true;
}

/* fev 08 12:00:00 host program: with the month in another language; only before host and program.
 */
static bool foreign_dated(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	struct trail_klog_scan at = *s;
	struct trail_klog_line tagged = *line;
	uint64_t unused;

	while (at.p < at.end && at.p - s->p <= MONTH_MAX &&
	       ((*at.p >= 'a' && *at.p <= 'z') || (*at.p >= 'A' && *at.p <= 'Z') ||
		(unsigned char)*at.p >= 0x80 || *at.p == '.'))
		at.p++;
	if (at.p - s->p < 3 || !trail_klog_char(&at, ' '))
		return false;
	trail_klog_spaces(&at);
	if (!trail_klog_number(&at, 1, 2, &unused) || !trail_klog_char(&at, ' ') ||
	    !trail_klog_number(&at, 2, 2, &unused) || !trail_klog_char(&at, ':') ||
	    !trail_klog_number(&at, 2, 2, &unused) || !trail_klog_char(&at, ':') ||
	    !trail_klog_number(&at, 2, 2, &unused) || !trail_klog_char(&at, ' ') ||
	    !tag(&at, &tagged) || !tagged.host)
		return false;
	*line = tagged;
	line->marks |= TRAIL_KLOG_DATE | TRAIL_KLOG_TAG;
	*s = at;
	return true;
}

static bool bracket_dated(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	struct trail_klog_date date;

	if (!trail_klog_bracket_date(s, &date))
		return false;
	if (date.look == TRAIL_DATE_LONG)
		line->marks |= TRAIL_KLOG_WALL;
	if (date.has_date) {
		line->has_date = true;
		line->date_s = date.date_s;
	}
	return true;
}

/* What stands behind flags: caller=T123, ncfrag=0/33; unknown ones are stepped over. */
static bool field(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	uint64_t at, of;

	if (trail_klog_word(s, "ncfrag=")) {
		if (!trail_klog_number(s, 1, 9, &at) || !trail_klog_char(s, '/') ||
		    !trail_klog_number(s, 1, 9, &of))
			return false;
		line->piece = (uint32_t)at;
		line->pieces = (uint32_t)of;
		return true;
	}
	if (trail_klog_word(s, "caller=")) {
		bool task = trail_klog_char(s, 'T');
		if ((!task && !trail_klog_char(s, 'C')) || !trail_klog_number(s, 1, 10, &at) ||
		    at > INT32_MAX)
			return false;
		*(task ? &line->pid : &line->cpu) = (int32_t)at;
		return true;
	}
	while (s->p < s->end && *s->p != ',' && *s->p != ';' && *s->p != ' ')
		s->p++;
	return true;
}

/* 6,1234,5678901,-;text, with a release before it or not */
static bool extended(struct trail_klog_scan *s, struct trail_klog_line *ret)
{
	struct trail_klog_scan at = *s;
	struct trail_klog_line line = *ret;
	uint64_t priority, micros;
	size_t n = word_length(&at, HOST_MAX);
	const char *comma = n ? memchr(at.p, ',', n) : NULL;

	if (!comma || !trail_klog_digit(&at))
		return false;
	if (memchr(at.p, '.', comma - at.p))
		at.p = comma + 1;
	if (!trail_klog_number(&at, 1, 4, &priority) || priority >> 3 > UINT8_MAX ||
	    !trail_klog_char(&at, ',') || !trail_klog_number(&at, 1, 19, &line.seq) ||
	    !trail_klog_char(&at, ',') || !trail_klog_number(&at, 1, 19, &micros) ||
	    !trail_klog_char(&at, ',') || !trail_mul(micros, 1000, &line.ts_nsec))
		return false;
	while (at.p < at.end && *at.p != ';') {
		if (!field(&at, &line))
			return false;
		if (at.p < at.end && *at.p != ';' && !trail_klog_char(&at, ','))
			return false;
	}
	if (!trail_klog_char(&at, ';'))
		return false;
	line.marks |= TRAIL_KLOG_EXTENDED;
	line.level = priority & 7;
	line.facility = priority >> 3;
	line.has_time = true;
	line.escaped = memchr(at.p, '\\', at.end - at.p) != NULL;
	*ret = line;
	*s = at;
	return true;
}

/*  KEY=value, behind a record of the extended form */
static bool is_key(struct trail_klog_scan s)
{
	const char *start;

	if (!trail_klog_char(&s, ' '))
		return false;
	for (start = s.p; s.p < s.end && ((*s.p >= 'A' && *s.p <= 'Z') || *s.p == '_'); s.p++)
		;
	return s.p > start && s.p < s.end && *s.p == '=';
}

/* Digits and marks, as stand around a stamp, and no word? */
static bool is_stamp(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!trail_is_digit(bytes[i]) && !memchr(" .,:;/+-[]()<>TZ", bytes[i], 16))
			return false;
	return true;
}

/*
 * > of a mail, and what indents the line.  Where not all lines are so, only before a stamp: a
 * message may begin with both.
 */
static void quotes(struct trail_klog_scan *s, const struct trail_klog_style *style,
		   struct trail_klog_line *line)
{
	struct trail_klog_scan at = *s;
	bool quoted = false;

	while (at.p < at.end && (*at.p == '>' || *at.p == ' ' || *at.p == '\t'))
		quoted |= *at.p++ == '>';
	struct trail_klog_scan level = at;
	struct trail_klog_line unused;
	bool stamp = at_stamp(&at) ||
		     (trail_klog_level(&level, &unused) && level.p < level.end &&
		      /* behind a line that was not ended, old kernels begin another one so */
		      (*level.p == '[' || trail_klog_word(&level, "Kernel panic - ")));
	if (stamp) {
		line->marks |= quoted ? TRAIL_KLOG_QUOTED : 0;
		*s = at;
		return;
	}
	if (!style)
		return;
	if (style->quoted && quoted) {
		line->marks |= TRAIL_KLOG_QUOTED;
		while (s->p < s->end && *s->p == '>') {
			s->p++;
			(void)trail_klog_char(s, ' ');
		}
	}
	for (unsigned i = 0; i < style->indent && trail_klog_char(s, ' '); i++)
		;
}

/* journalctl -o short-monotonic */
static void host(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	struct trail_klog_scan at = *s;
	struct trail_klog_line tagged = *line;

	if (tag(&at, &tagged)) {
		*line = tagged;
		line->marks |= TRAIL_KLOG_TAG;
		*s = at;
	}
}

/* kernel:[    1.234567], as syslogd tells it to everybody */
static void broadcast(struct trail_klog_scan *s)
{
	struct trail_klog_scan at = *s;

	(void)trail_klog_char(&at, ' ');
	if (trail_klog_word(&at, "kernel:")) {
		(void)trail_klog_char(&at, ' ');
		*s = at;
	}
}

/* Over 12:00:00.123, [12:00:00] and the like of a program that recorded a console, to a stamp. */
static bool recorded(struct trail_klog_scan *s)
{
	struct trail_klog_scan at = *s;
	const char *end = s->p + TRAIL_MIN(s->end - s->p, RECORDED_MAX);

	for (; at.p < end && is_stamp(at.p, 1); at.p++)
		if (*at.p == '[' && at.p > s->p && at_stamp(&at)) {
			*s = at;
			return true;
		}
	return false;
}

/* One more prefix, any of them; false when there is none. */
static bool prefix(struct trail_klog_scan *s, const struct trail_klog_style *style,
		   struct trail_klog_line *line)
{
	char c = s->p < s->end ? *s->p : 0;

	if (c == '[' && time_stamp(s, &line->ts_nsec)) {
		line->marks |= TRAIL_KLOG_TIME;
		line->has_time = true;
		if (caller(s, line))
			line->marks |= TRAIL_KLOG_CALLER;
		else
			trail_klog_vendor(s, line);
		if (!(line->marks & TRAIL_KLOG_VENDOR))
			(void)trail_klog_char(s, ' ');
		if (style && style->hosts)
			host(s, line);
		return true;
	}
	if (c == '[' && bracket_dated(s, line)) {
		line->marks |= TRAIL_KLOG_DATE;
		if (caller(s, line))
			line->marks |= TRAIL_KLOG_CALLER;
		(void)trail_klog_char(s, ' ');
		return true;
	}
	if (c == '[' && !(line->marks & TRAIL_KLOG_TIME) && caller(s, line)) {
		line->marks |= TRAIL_KLOG_CALLER;
		(void)trail_klog_char(s, ' ');
		return true;
	}
	if (c == '<' && trail_klog_level(s, line)) {
		line->marks |= TRAIL_KLOG_LEVEL;
		struct trail_klog_scan at = *s;
		struct trail_klog_date unused;
		/* the version of RFC 5424 */
		if (trail_klog_word(&at, "1 ") && trail_klog_date(&at, &unused))
			s->p += 2;
		return true;
	}
	if (trail_is_digit(c) && extended(s, line))
		return true;
	if (c >= 'a' && c <= 'z' && words(s, line)) {
		line->marks |= TRAIL_KLOG_WORDS;
		return true;
	}
	if ((trail_is_digit(c) || (c >= 'A' && c <= 'Z')) && dated(s, line))
		return true;
	return !line->marks && foreign_dated(s, line);
}

void trail_klog_line(const char *bytes, size_t n, const struct trail_klog_style *style,
		     struct trail_klog_line *ret)
{
	struct trail_klog_scan s = { bytes, bytes + n };

	*ret = (struct trail_klog_line){ .level = TRAIL_KLOG_NO_LEVEL, .cpu = -1, .pid = -1 };
	while (s.end > s.p && (s.end[-1] == '\r' || s.end[-1] == '\n'))
		s.end--;
	if (is_key(s))
		ret->marks |= TRAIL_KLOG_KEY;
	if (s.p < s.end && (*s.p == '>' || *s.p == ' ' || *s.p == '\t'))
		quotes(&s, style, ret);
	if (s.p < s.end && (*s.p == 'k' || *s.p == ' '))
		broadcast(&s);
	/* a message may look like a second stamp or level; a date stands only before them */
	for (unsigned i = 0; i < PREFIXES_MAX; i++) {
		unsigned before = ret->marks;
		if ((before & (TRAIL_KLOG_TIME | TRAIL_KLOG_EXTENDED | TRAIL_KLOG_VENDOR |
			       TRAIL_KLOG_CALLER)) ||
		    (!prefix(&s, style, ret) && (before || !recorded(&s))))
			break;
	}
	ret->text = s.p;
	ret->length = s.end - s.p;
}

size_t trail_klog_split(const char *bytes, size_t n)
{
	const char *end = bytes + n, *p = bytes;

	while (p < end && (p = memchr(p, '[', end - p))) {
		struct trail_klog_scan s = { p, end };
		uint64_t unused;
		if (p > bytes && end - p >= STAMP_MIN && (p[1] == ' ' || trail_is_digit(p[1])) &&
		    time_stamp(&s, &unused) && s.p - p >= STAMP_MIN &&
		    (s.p == end || *s.p == ' ' || *s.p == '[' || *s.p == '\r') &&
		    (p - bytes > RECORDED_MAX || !is_stamp(bytes, p - bytes)))
			break;
		p++;
	}
	if (!p || p >= end)
		return n;
	/* the level before the stamp is the next line's */
	for (const char *mark = p - 1; mark > bytes && p - mark <= LEVEL_MAX; mark--) {
		struct trail_klog_scan level = { mark, p };
		struct trail_klog_line unused;
		if (trail_klog_level(&level, &unused) && level.p == p)
			return mark - bytes;
	}
	return p - bytes;
}
