/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing string and its escapes; see text.h. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

void trail_text_fini(struct trail_text *text)
{
	free(text->data);
	*text = (struct trail_text){ 0 };
}

static bool room_for(struct trail_text *text, size_t n)
{
	if (text->failed || n >= SIZE_MAX / 4 - text->length) {
		text->failed = true;
		return false;
	}
	if (text->room - text->length > n)
		return true;
	size_t room = TRAIL_MAX(text->room, (size_t)128);
	while (room - text->length <= n)
		room *= 2;
	char *data = realloc(text->data, room);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->room = room;
	return true;
}

void trail_text_add(struct trail_text *text, const char *bytes, size_t n)
{
	if (!n || !room_for(text, n))
		return;
	memcpy(text->data + text->length, bytes, n);
	text->length += n;
	text->data[text->length] = 0;
}

void trail_text_puts(struct trail_text *text, const char *s)
{
	trail_text_add(text, s, strlen(s));
}

void trail_text_printf(struct trail_text *text, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		text->failed = true;
	else if (room_for(text, n)) {
		vsnprintf(text->data + text->length, (size_t)n + 1, format, again);
		text->length += n;
	}
	va_end(again);
}

void trail_text_pad(struct trail_text *text, size_t n)
{
	if (!n || !room_for(text, n))
		return;
	memset(text->data + text->length, ' ', n);
	text->length += n;
	text->data[text->length] = 0;
}

const char *trail_text_string(const struct trail_text *text)
{
	return text->data ? text->data : "";
}

size_t trail_utf8_length(const char *s, size_t n, uint32_t *code_ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)s;

	if (!n)
		return 0;
	size_t length = u[0] < 0x80    ? 1
			: u[0] >= 0xf0 ? 4
			: u[0] >= 0xe0 ? 3
			: u[0] >= 0xc0 ? 2
				       : 0;
	if (!length || length > n || u[0] > 0xf4)
		return 0;
	uint32_t code = length == 1 ? u[0] : u[0] & (0x7f >> length);
	for (size_t i = 1; i < length; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (u[i] & 0x3f);
	}
	if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	*code_ret = code;
	return length;
}

/* Controls of C1, and what turns the direction of text or hides in it. */
static bool harmful(uint32_t code)
{
	return (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
	       code == 0x61c || code == 0xfeff;
}

/* Bytes at the start that are what they look like: nearly all of any text. */
static size_t plain(const char *bytes, size_t n)
{
	size_t i = 0;

	while (i < n && bytes[i] >= ' ' && bytes[i] <= '~')
		i++;
	return i;
}

void trail_text_escaped(struct trail_text *text, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n;) {
		uint32_t code = 0;
		size_t run = plain(bytes + i, n - i);

		trail_text_add(text, bytes + i, run);
		i += run;
		if (i == n)
			return;
		size_t length = trail_utf8_length(bytes + i, n - i, &code);

		if (code == '\n' || code == '\t' || code == '\r')
			trail_text_puts(text, code == '\n' ? "\\n" : code == '\t' ? "\\t" : "\\r");
		else if (length && code >= 0x20 && !harmful(code))
			trail_text_add(text, bytes + i, length);
		else
			for (size_t k = 0; k < TRAIL_MAX(length, (size_t)1); k++)
				trail_text_printf(text, "\\x%02x", (unsigned char)bytes[i + k]);
		i += TRAIL_MAX(length, (size_t)1);
	}
}

/* What trail_text_escaped() makes of them, for an escape that goes on from there. */
static struct trail_text harmless(const char *bytes, size_t n)
{
	struct trail_text text = { 0 };

	trail_text_escaped(&text, bytes, n);
	return text;
}

/* The two of the Basic Multilingual Plane that are UTF-8, and no characters of XML 1.0. */
static bool is_xml(const char *s, size_t n)
{
	return n < 3 || (memcmp(s, "\xef\xbf\xbe", 3) != 0 && memcmp(s, "\xef\xbf\xbf", 3) != 0);
}

void trail_text_xml(struct trail_text *text, const char *bytes, size_t n)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text plain = harmless(bytes, n);
	const char *s = trail_text_string(&plain), *end = s + plain.length;

	for (; s < end; s++) {
		const char *entity = *s == '&'	  ? "&amp;"
				     : *s == '<'  ? "&lt;"
				     : *s == '>'  ? "&gt;"
				     : *s == '"'  ? "&quot;"
				     : *s == '\'' ? "&#39;"
						  : NULL;
		if (entity) {
			trail_text_puts(text, entity);
		} else if (is_xml(s, end - s)) {
			trail_text_add(text, s, 1);
		} else {
			trail_text_printf(text, "\\xef\\xbf\\x%02x", (unsigned char)s[2]);
			s += 2;
		}
	}
	text->failed |= plain.failed;
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (unsigned char)c >= 0x80;
}

/* Does the byte at @s begin or end markup?  GFM 0.29, sections 6.1 to 6.11 and 4.10. */
static bool is_markup(const char *start, const char *s)
{
	switch (*s) {
	case '_': /* inside a word it is none */
		return s == start || !is_word(s[-1]) || !is_word(s[1]);
	case ':': /* an autolink */
		return s[1] == '/';
	case '.':
		return s - start >= 3 && strncasecmp(s - 3, "www", 3) == 0;
	default:
		return *s && strchr("\\`*[]<>&~|$", *s);
	}
}

void trail_text_markdown(struct trail_text *text, const char *bytes, size_t n)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text plain = harmless(bytes, n);
	const char *start = trail_text_string(&plain);

	for (const char *s = start; *s; s++) {
		/* who is mentioned is looked for in what was rendered: only code is left alone */
		bool mentions = (*s == '@' || *s == '#') && is_word(s[1]);

		trail_text_puts(text, mentions ? "`" : is_markup(start, s) ? "\\" : "");
		trail_text_add(text, s, 1);
		trail_text_puts(text, mentions ? "`" : "");
	}
	text->failed |= plain.failed;
}

void trail_text_markdown_code(struct trail_text *text, const char *bytes, size_t n)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text plain = harmless(bytes, n);
	const char *s = trail_text_string(&plain);

	text->failed |= plain.failed;
	if (strpbrk(s, "`|\\") || !s[strspn(s, " ")]) {
		trail_text_markdown(text, bytes, n);
		return;
	}
	trail_text_puts(text, "`");
	trail_text_puts(text, s);
	trail_text_puts(text, "`");
}

void trail_text_quoted(struct trail_text *text, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = bytes[i];
		char letter = c == '\n' ? 'n' : c == '\t' ? 't' : c == '\r' ? 'r' : c;

		if (letter != c || c == '"' || c == '\\')
			trail_text_printf(text, "\\%c", letter);
		else if (c >= ' ' && c < 0x7f)
			trail_text_add(text, &c, 1);
		else
			trail_text_printf(text, "\\x%02x", (unsigned char)c);
	}
}

void trail_text_uri(struct trail_text *text, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = bytes[i];

		if ((unsigned char)c < 0x80 && (is_word(c) || (c && strchr("-._~/", c))))
			trail_text_add(text, &c, 1);
		else
			trail_text_printf(text, "%%%02X", (unsigned char)c);
	}
}
