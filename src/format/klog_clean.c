/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a terminal, a mail program or /dev/kmsg made of a line, undone; see klog.h. */
#include "format/klog.h"

enum { ESCAPE = 0x1b, BELL = 7, BACKSPACE = 8 };

/* The bytes of the escape sequence at @s, 1 at least. Source: ECMA-48, 5.4, 5.6. */
static size_t escape_length(const char *s, size_t n)
{
	size_t i = 2;

	if (n < 2)
		return 1;
	if (s[1] == '[') {
		while (i < n && s[i] >= 0x20 && s[i] <= 0x3f)
			i++;
		return i < n && s[i] >= 0x40 && s[i] <= 0x7e ? i + 1 : i;
	}
	if (s[1] == ']') {
		while (i < n && s[i] != BELL && s[i] != ESCAPE)
			i++;
		return i < n && s[i] == BELL ? i + 1 : i + 1 < n && s[i + 1] == '\\' ? i + 2 : i;
	}
	if (s[1] >= 0x20 && s[1] <= 0x2f)
		return TRAIL_MIN(n, 3);
	return s[1] >= 0x30 && s[1] <= 0x7e ? 2 : 1;
}

size_t trail_klog_clean(char *bytes, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n;) {
		char c = bytes[i];
		if (c == ESCAPE) {
			i += escape_length(bytes + i, n - i);
			continue;
		}
		i++;
		/* U+00A0: a space of a mail program */
		if (c == '\xc2' && i < n && bytes[i] == '\xa0') {
			bytes[to++] = ' ';
			i++;
		} else if (c == BACKSPACE) {
			to -= to > 0;
		} else if (c && c != BELL) {
			bytes[to++] = c;
		}
	}
	return to;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* @mark of @length bytes and two digits → a byte */
static size_t decode(char *bytes, size_t n, const char *mark, size_t length)
{
	size_t to = 0;

	for (size_t i = 0; i < n;) {
		if (n - i >= length + 2 && memcmp(bytes + i, mark, length) == 0 &&
		    hex(bytes[i + length]) >= 0 && hex(bytes[i + length + 1]) >= 0) {
			bytes[to++] = (char)(hex(bytes[i + length]) << 4 |
					     hex(bytes[i + length + 1]));
			i += length + 2;
		} else {
			bytes[to++] = bytes[i++];
		}
	}
	return to;
}

size_t trail_klog_unescape(char *bytes, size_t n)
{
	return decode(bytes, n, "\\x", 2);
}

size_t trail_klog_unprintable(char *bytes, size_t n)
{
	return decode(bytes, n, "=", 1);
}

/* A byte of text that a file of it holds. */
static bool is_blank(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] != ' ' && s[i] != '\r' && s[i] != '\t')
			return false;
	return true;
}

enum { STYLE_LINES = 400, INDENT_MAX = 8, WRAPPED_MAX = 80, WRAPPED_LINES = 30, SAMPLE = 256 };

struct counts {
	unsigned lines, quoted, timed, hosts, soft, coded, longer;
	unsigned indents[INDENT_MAX + 1]; /* lines with at least so many spaces */
};

static void count_line(const char *line, size_t length, struct counts *c)
{
	struct trail_klog_line decoded;
	size_t spaces = 0;

	while (length && line[length - 1] == '\r')
		length--;
	c->lines++;
	c->quoted += *line == '>';
	c->longer += length > WRAPPED_MAX;
	while (spaces < INDENT_MAX && spaces < length && line[spaces] == ' ')
		spaces++;
	for (size_t k = 0; k <= spaces; k++)
		c->indents[k]++;
	c->soft += line[length - 1] == '=' && length >= 60 && length <= 76;
	const char *code = memmem(line, length, "=3D", 3);
	c->coded += code || memmem(line, length, "=20", 3);
	trail_klog_line(line, length, NULL, &decoded);
	if (!(decoded.marks & TRAIL_KLOG_TIME))
		return;
	c->timed++;
	const char *kernel = memmem(decoded.text, decoded.length, " kernel: ", 9);
	c->hosts += kernel && !memchr(decoded.text, ' ', kernel - decoded.text);
}

struct trail_klog_style trail_klog_style_of(const char *bytes, size_t n)
{
	struct counts c = {};

	for (size_t at = 0; at < n && c.lines < STYLE_LINES;) {
		const char *end = memchr(bytes + at, '\n', n - at);
		size_t length = end ? (size_t)(end - bytes) - at : n - at;
		char line[SAMPLE];
		size_t shown = TRAIL_MIN(length, sizeof(line));
		memcpy(line, bytes + at, shown);
		shown = trail_klog_clean(line, shown);
		if (!is_blank(line, shown))
			count_line(line, shown, &c);
		at += length + 1;
	}
	struct trail_klog_style style = {
		.quoted = c.quoted > c.lines / 2,
		.printable = c.soft && c.coded && c.soft + c.coded > c.lines / 20,
		.hosts = c.hosts > c.timed / 2,
		/* of a kernel's own lines, more are longer: registers, modules */
		.wrapped = c.lines >= WRAPPED_LINES && c.timed > c.lines / 2 && c.timed < c.lines &&
			   c.longer <= c.lines / 10,
		.samples = c.lines,
		.timed = c.timed,
	};
	for (unsigned k = 1; k <= INDENT_MAX && c.lines > 2; k++)
		if (c.indents[k] > c.lines / 5 * 4)
			style.indent = k;
	return style;
}
