/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing string and its escapes; see text.h. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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
	while (n--)
		trail_text_add(text, " ", 1);
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

void trail_text_escaped(struct trail_text *text, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n;) {
		uint32_t code = 0;
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
