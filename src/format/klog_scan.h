/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps over the prefixes of a line; each leaves the place alone when it does not fit. */
#ifndef TRAIL_FORMAT_KLOG_SCAN_H
#define TRAIL_FORMAT_KLOG_SCAN_H

#include "base/base.h"

/** A place in a line. */
struct trail_klog_scan {
	const char *p, *end;
};

static inline bool trail_klog_char(struct trail_klog_scan *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static inline void trail_klog_spaces(struct trail_klog_scan *s)
{
	while (s->p < s->end && *s->p == ' ')
		s->p++;
}

static inline bool trail_klog_digit(const struct trail_klog_scan *s)
{
	return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

static inline bool trail_klog_word(struct trail_klog_scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

/** @least to @most decimal digits; most is at most 19. */
static inline bool trail_klog_number(struct trail_klog_scan *s, unsigned least, unsigned most,
				     uint64_t *ret)
{
	struct trail_klog_scan at = *s;
	uint64_t value = 0;
	unsigned n = 0;

	for (; n < most && trail_klog_digit(&at); n++)
		value = value * 10 + (*at.p++ - '0');
	if (n < least || trail_klog_digit(&at))
		return false;
	*s = at;
	*ret = value;
	return true;
}

struct trail_klog_line;

/** <N>: level, and facility above it. */
bool trail_klog_level(struct trail_klog_scan *s, struct trail_klog_line *line);

/** CPU and task as vendors write them behind the time, and the space behind them. */
void trail_klog_vendor(struct trail_klog_scan *s, struct trail_klog_line *line);

/** A date in front of a line. */
struct trail_klog_date {
	enum {
		TRAIL_DATE_SYSLOG, /* Nov 23 12:00:00: no year */
		TRAIL_DATE_ISO,
		TRAIL_DATE_DMESG_ISO, /* with a comma before the fraction */
		TRAIL_DATE_LONG,      /* Mon Nov 23 12:00:00 2026 */
	} look;
	bool has_date;
	uint64_t date_s; /* as in a line */
};

/** A date of a look that is none of dmesg's brackets, and the space behind it. */
bool trail_klog_date(struct trail_klog_scan *s, struct trail_klog_date *ret);

/** [Mon Nov 23 12:00:00 2026], [Nov23 12:00], [  +0.000012]. */
bool trail_klog_bracket_date(struct trail_klog_scan *s, struct trail_klog_date *ret);

#endif
