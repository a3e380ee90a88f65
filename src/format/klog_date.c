/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dates that stand before a line of a log; see klog_scan.h. */
#include <time.h>

#include "format/klog_scan.h"

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

/* One of @n words; its index. */
static bool one_of(struct trail_klog_scan *s, const char *const *words, size_t n, int *ret)
{
	for (size_t i = 0; i < n; i++)
		if (trail_klog_word(s, words[i])) {
			*ret = i;
			return true;
		}
	return false;
}

/* 12:00:00, also with a fraction: the seconds of the day go to @tm. */
static bool hours(struct trail_klog_scan *s, struct tm *tm, bool *comma_ret)
{
	struct trail_klog_scan at = *s;
	uint64_t hour, minute, second, fraction;

	if (!trail_klog_number(&at, 2, 2, &hour) || !trail_klog_char(&at, ':') ||
	    !trail_klog_number(&at, 2, 2, &minute) || !trail_klog_char(&at, ':') ||
	    !trail_klog_number(&at, 2, 2, &second) || hour > 23 || minute > 59 || second > 60)
		return false;
	*comma_ret = at.p < at.end && *at.p == ',';
	struct trail_klog_scan dot = at;
	if ((trail_klog_char(&dot, '.') || trail_klog_char(&dot, ',')) &&
	    trail_klog_number(&dot, 1, 9, &fraction))
		at = dot;
	tm->tm_hour = hour;
	tm->tm_min = minute;
	tm->tm_sec = second;
	*s = at;
	return true;
}

/* Z, UTC, +01:00, +0100, also after a space; gives seconds east. */
static int64_t zone(struct trail_klog_scan *s)
{
	struct trail_klog_scan at = *s;
	uint64_t hours, minutes;

	if (trail_klog_char(&at, 'Z') || trail_klog_word(&at, " UTC") ||
	    trail_klog_word(&at, " GMT")) {
		*s = at;
		return 0;
	}
	bool west = at.p < at.end && *at.p == '-';
	if (!west && (at.p == at.end || *at.p != '+'))
		return 0;
	at.p++;
	if (at.end - at.p >= 5 && at.p[2] == ':') {
		if (!trail_klog_number(&at, 2, 2, &hours) || !trail_klog_char(&at, ':') ||
		    !trail_klog_number(&at, 2, 2, &minutes))
			return 0;
	} else {
		if (!trail_klog_number(&at, 4, 4, &minutes))
			return 0;
		hours = minutes / 100;
		minutes %= 100;
	}
	*s = at;
	int64_t east = (hours * 60 + minutes) * 60;
	return west ? -east : east;
}

/* Finish: the space behind the date, or the line's end. */
static bool end_date(struct trail_klog_scan *s, const struct trail_klog_scan *at, struct tm *tm,
		     int64_t east, struct trail_klog_date *ret)
{
	struct trail_klog_scan behind = *at;

	if (behind.p < behind.end && !trail_klog_char(&behind, ' '))
		return false;
	ret->has_date = tm->tm_year >= 70 && tm->tm_year < 300;
	if (ret->has_date) {
		int64_t seconds = timegm(tm) - east;
		ret->has_date = seconds >= 0;
		ret->date_s = seconds;
	}
	*s = behind;
	return true;
}

/* 2026-11-23T12:00:00.123+01:00, with a space for the T, with a day before it. */
static bool iso_date(struct trail_klog_scan *s, struct trail_klog_date *ret)
{
	struct trail_klog_scan at = *s;
	struct tm tm = {};
	uint64_t year, month, day;
	bool comma;
	int unused;

	if (one_of(&at, days, TRAIL_ARRAY_SIZE(days), &unused) && !trail_klog_char(&at, ' '))
		return false;
	if (!trail_klog_number(&at, 4, 4, &year) || !trail_klog_char(&at, '-') ||
	    !trail_klog_number(&at, 2, 2, &month) || !trail_klog_char(&at, '-') ||
	    !trail_klog_number(&at, 2, 2, &day) ||
	    !(trail_klog_char(&at, 'T') || trail_klog_char(&at, ' ')) || !hours(&at, &tm, &comma) ||
	    month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	tm.tm_year = (int)year - 1900;
	tm.tm_mon = (int)month - 1;
	tm.tm_mday = (int)day;
	int64_t east = zone(&at);
	*ret = (struct trail_klog_date){ .look = comma ? TRAIL_DATE_DMESG_ISO : TRAIL_DATE_ISO };
	return end_date(s, &at, &tm, east, ret);
}

/* Nov 23 12:00:00, Mon Nov 23 12:00:00 2026, Nov 23 12:00:00 2026 */
static bool month_date(struct trail_klog_scan *s, bool bracket, struct trail_klog_date *ret)
{
	struct trail_klog_scan at = *s;
	struct tm tm = {};
	uint64_t day, year;
	bool comma;
	int unused;
	bool named = one_of(&at, days, TRAIL_ARRAY_SIZE(days), &unused);

	if (named && !trail_klog_char(&at, ' '))
		return false;
	if (!one_of(&at, months, TRAIL_ARRAY_SIZE(months), &tm.tm_mon) ||
	    !trail_klog_char(&at, ' '))
		return false;
	trail_klog_spaces(&at);
	if (!trail_klog_number(&at, 1, 2, &day) || day < 1 || day > 31 ||
	    !trail_klog_char(&at, ' ') || !hours(&at, &tm, &comma))
		return false;
	tm.tm_mday = (int)day;
	struct trail_klog_scan behind = at;
	/* crash names the zone; it is not looked up */
	if (named && at.end - at.p > 5 && at.p[0] == ' ' && at.p[1] >= 'A' && at.p[1] <= 'Z') {
		behind.p++;
		while (behind.p < behind.end && *behind.p >= 'A' && *behind.p <= 'Z')
			behind.p++;
	}
	bool long_look = trail_klog_char(&behind, ' ') && trail_klog_number(&behind, 4, 4, &year) &&
			 year >= 1970 && (named || (behind.p < behind.end && *behind.p == ' '));
	*ret = (struct trail_klog_date){ .look = long_look ? TRAIL_DATE_LONG : TRAIL_DATE_SYSLOG };
	if (long_look) {
		at = behind;
		tm.tm_year = (int)year - 1900;
	}
	if (!bracket)
		return end_date(s, &at, &tm, 0, ret);
	if (!long_look || at.p == at.end)
		return false;
	struct trail_klog_scan only = { at.p, at.p };
	if (!end_date(&only, &only, &tm, 0, ret))
		return false;
	*s = at;
	return true;
}

bool trail_klog_date(struct trail_klog_scan *s, struct trail_klog_date *ret)
{
	return iso_date(s, ret) || month_date(s, false, ret);
}

/* dmesg -d: <    0.000012> */
static void delta(struct trail_klog_scan *s)
{
	struct trail_klog_scan at = *s;
	uint64_t unused;

	trail_klog_spaces(&at);
	if (!trail_klog_char(&at, '<'))
		return;
	trail_klog_spaces(&at);
	if (trail_klog_number(&at, 1, 12, &unused) && trail_klog_char(&at, '.') &&
	    trail_klog_number(&at, 6, 6, &unused) && trail_klog_char(&at, '>'))
		*s = at;
}

bool trail_klog_bracket_date(struct trail_klog_scan *s, struct trail_klog_date *ret)
{
	struct trail_klog_scan at = *s;
	uint64_t a, b;
	int unused;

	if (!trail_klog_char(&at, '['))
		return false;
	*ret = (struct trail_klog_date){ .look = TRAIL_DATE_LONG };
	struct trail_klog_scan in = at;
	trail_klog_spaces(&in);
	if (month_date(&at, true, ret)) {
		delta(&at);
	} else if (trail_klog_char(&in, '+')) {
		if (!trail_klog_number(&in, 1, 12, &a) || !trail_klog_char(&in, '.') ||
		    !trail_klog_number(&in, 6, 6, &a))
			return false;
		at = in;
	} else if (one_of(&at, months, TRAIL_ARRAY_SIZE(months), &unused)) {
		trail_klog_spaces(&at);
		if (!trail_klog_number(&at, 1, 2, &a) || !trail_klog_char(&at, ' ') ||
		    !trail_klog_number(&at, 2, 2, &a) || !trail_klog_char(&at, ':') ||
		    !trail_klog_number(&at, 2, 2, &b))
			return false;
	} else {
		return false;
	}
	if (!trail_klog_char(&at, ']'))
		return false;
	*s = at;
	return true;
}
