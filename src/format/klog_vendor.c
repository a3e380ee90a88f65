/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Android vendors' kernels put behind the time; see klog_scan.h. */
#include "format/klog.h"
#include "format/klog_scan.h"

bool trail_klog_level(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	struct trail_klog_scan at = *s;
	uint64_t number;

	if (!trail_klog_char(&at, '<') || !trail_klog_number(&at, 1, 4, &number) ||
	    number >> 3 > UINT8_MAX || !trail_klog_char(&at, '>'))
		return false;
	line->level = number & 7;
	line->facility = number >> 3;
	*s = at;
	return true;
}

/* The comm that ends before @end, without the spaces that fill it up; false when it is none. */
static bool comm_of(const char *p, const char *end, struct trail_klog_line *line)
{
	bool letter = false;

	while (p < end && *p == ' ')
		p++;
	while (end > p && end[-1] == ' ')
		end--;
	for (const char *c = p; c < end; c++)
		letter |= !trail_is_digit(*c) && *c != ' ';
	if (!letter || end - p > 31)
		return false;
	line->comm = p;
	line->comm_length = end - p;
	return true;
}

/* (0)[1:init], behind <0>. or - or not */
static bool mediatek(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	struct trail_klog_scan at = *s;
	uint64_t cpu, pid;

	trail_klog_spaces(&at);
	(void)trail_klog_level(&at, line);
	/* how the interrupts were */
	if (!trail_klog_char(&at, '.'))
		(void)trail_klog_char(&at, '-');
	if (!trail_klog_char(&at, '(') || !trail_klog_number(&at, 1, 4, &cpu) ||
	    !trail_klog_char(&at, ')') || !trail_klog_char(&at, '[') ||
	    !trail_klog_number(&at, 1, 7, &pid) || !trail_klog_char(&at, ':'))
		return false;
	const char *end = memchr(at.p, ']', at.end - at.p);
	if (!end || !comm_of(at.p, end, line))
		return false;
	line->cpu = (int32_t)cpu;
	line->pid = (int32_t)pid;
	*s = (struct trail_klog_scan){ end + 1, s->end };
	return true;
}

/* [3:  init:    1] and I[3:  init:    1] of Samsung, [7:1:init]; a comm may hold colons */
static bool samsung(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	struct trail_klog_scan at = *s;
	uint64_t cpu, pid;

	trail_klog_spaces(&at);
	if (at.p < at.end && *at.p >= 'A' && *at.p <= 'Z')
		at.p++;
	if (!trail_klog_char(&at, '['))
		return false;
	trail_klog_spaces(&at);
	const char *end = memchr(at.p, ']', at.end - at.p);
	if (!end || !trail_klog_number(&at, 1, 4, &cpu) || !trail_klog_char(&at, ':'))
		return false;
	struct trail_klog_scan in = { at.p, end };
	if (trail_klog_number(&in, 1, 7, &pid) && trail_klog_char(&in, ':')) {
		if (!comm_of(in.p, end, line))
			return false;
	} else {
		const char *colon = memrchr(at.p, ':', end - at.p);
		if (!colon)
			return false;
		in = (struct trail_klog_scan){ colon + 1, end };
		trail_klog_spaces(&in);
		if (!trail_klog_number(&in, 1, 7, &pid) || in.p != end ||
		    !comm_of(at.p, colon, line))
			return false;
	}
	line->cpu = (int32_t)cpu;
	line->pid = (int32_t)pid;
	*s = (struct trail_klog_scan){ end + 1, s->end };
	return true;
}

/* [pid:1,cpu0,init] of Huawei, behind a date in brackets or not */
static bool huawei(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	struct trail_klog_scan at = *s;
	uint64_t pid, cpu;

	if (at.end - at.p > 22 && at.p[0] == '[' && trail_is_digit(at.p[1]) && at.p[5] == ':' &&
	    at.p[8] == ':' && at.p[11] == ' ' && at.p[20] == ']')
		at.p += 21;
	if (!trail_klog_word(&at, "[pid:") || !trail_klog_number(&at, 1, 7, &pid) ||
	    !trail_klog_word(&at, ",cpu") || !trail_klog_number(&at, 1, 4, &cpu) ||
	    !trail_klog_char(&at, ','))
		return false;
	const char *end = memchr(at.p, ']', at.end - at.p);
	if (!end || !comm_of(at.p, end, line))
		return false;
	line->pid = (int32_t)pid;
	line->cpu = (int32_t)cpu;
	*s = (struct trail_klog_scan){ end + 1, s->end };
	return true;
}

void trail_klog_vendor(struct trail_klog_scan *s, struct trail_klog_line *line)
{
	static bool (*const forms[])(struct trail_klog_scan *, struct trail_klog_line *) = {
		huawei,
		mediatek,
		samsung,
	};

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(forms); i++) {
		struct trail_klog_line with = *line;
		if (forms[i](s, &with)) {
			*line = with;
			line->marks |= TRAIL_KLOG_VENDOR;
			(void)trail_klog_char(s, ' ');
			return;
		}
	}
}
