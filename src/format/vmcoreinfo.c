/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO text → values by key; see vmcoreinfo.h. */
#include "format/vmcoreinfo.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	LINES_MAX = 2048, /* a page holds some 400 */
	KEY_MAX = 128,
	NUMBER_MAX = 20, /* digits of 64 bits, or 16 of them and 0x */
};

/* Keys whose value is a text. */
static const char *const texts[] = { "OSRELEASE", "BUILD-ID" };

struct line {
	const char *key;
	size_t length;
};

/* Is @a all of @b up to a dot of it? */
static bool is_branch_of(const struct line *a, const struct line *b)
{
	return b->length > a->length && b->key[a->length] == '.' &&
	       memcmp(a->key, b->key, a->length) == 0;
}

bool trail_vmcoreinfo_is_sane(const struct trail_vmcoreinfo *info)
{
	const char *p = info->text, *end = p + info->size;
	struct line lines[LINES_MAX];
	size_t n = 0;

	while (p && p < end && *p) {
		const char *line_end = memchr(p, '\n', end - p);
		if (!line_end)
			line_end = end;
		const char *equals = memchr(p, '=', line_end - p);
		if (!equals || equals == p || n == LINES_MAX)
			return false;
		lines[n++] = (struct line){ p, equals - p };
		p = line_end + 1;
	}
	for (size_t i = 0; i < n; i++) {
		if (lines[i].key[0] == '.' || lines[i].key[lines[i].length - 1] == '.' ||
		    memmem(lines[i].key, lines[i].length, "..", 2))
			return false;
		for (size_t k = 0; k < n; k++)
			if (is_branch_of(&lines[i], &lines[k]))
				return false;
	}
	return true;
}

static size_t span(const char *s, size_t n, const char *extra)
{
	size_t i = 0;

	while (i < n && (isalnum((unsigned char)s[i]) || (s[i] && strchr(extra, s[i]))))
		i++;
	return i;
}

/* In any base, or a single letter: CONFIG_…=y. */
static bool is_number(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (isxdigit((unsigned char)s[i]) || strchr("-+x", s[i])))
		i++;
	return n <= 1 || (i == n && n <= NUMBER_MAX);
}

static void blank_line(char *line, size_t n)
{
	const char *equals = memchr(line, '=', n);
	size_t key = equals ? (size_t)(equals - line) : n, value = equals ? key + 1 : n;

	if (key > KEY_MAX || span(line, key, "_.-()") < key)
		memset(line, 'x', key);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(texts); i++)
		if (key == strlen(texts[i]) && memcmp(line, texts[i], key) == 0)
			return;
	if (!is_number(line + value, n - value))
		memset(line + value, 'x', n - value);
}

void trail_vmcoreinfo_blank(char *text, size_t size)
{
	size_t end = strnlen(text, size);

	memset(text + end, 0, size - end);
	for (size_t at = 0, n; at < end; at += n + 1) {
		const char *newline = memchr(text + at, '\n', end - at);

		n = newline ? (size_t)(newline - text) - at : end - at;
		blank_line(text + at, n);
	}
}

const char *trail_vmcoreinfo_text(const struct trail_vmcoreinfo *info, const char *key,
				  size_t *length_ret)
{
	const char *p = info->text, *end, *found = NULL;
	size_t key_length = strlen(key);

	if (!info->size)
		return NULL;
	end = p + info->size;
	while (p < end) {
		const char *line_end = memchr(p, '\n', end - p);
		if (!line_end)
			line_end = end;
		const char *nul = memchr(p, 0, line_end - p);
		if (nul)
			line_end = end = nul; /* the rest of the page is empty */
		if ((size_t)(line_end - p) > key_length && p[key_length] == '=' &&
		    memcmp(p, key, key_length) == 0) {
			found = p + key_length + 1;
			*length_ret = line_end - found;
		}
		p = line_end < end ? line_end + 1 : end;
	}
	return found;
}

bool trail_vmcoreinfo_plain(const struct trail_vmcoreinfo *info, const char *key, int base,
			    uint64_t *ret)
{
	char buffer[32], *end;
	size_t length;
	const char *text = trail_vmcoreinfo_text(info, key, &length);

	if (!text || !length || length >= sizeof(buffer))
		return false;
	memcpy(buffer, text, length);
	buffer[length] = 0;
	errno = 0;
	uint64_t value = strtoull(buffer, &end, base);
	if (*end || errno)
		return false;
	*ret = value;
	return true;
}

bool trail_vmcoreinfo_number(const struct trail_vmcoreinfo *info, const char *type,
			     const char *name, uint64_t *ret)
{
	char key[128];

	if ((size_t)snprintf(key, sizeof(key), "%s(%s)", type, name) >= sizeof(key))
		return false;
	return trail_vmcoreinfo_plain(info, key, strcmp(type, "SYMBOL") == 0 ? 16 : 0, ret);
}
