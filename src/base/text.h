/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing string, and the escapes that make hostile text harmless on
 * output.  When memory runs out the text is marked failed and stays so.
 */
#ifndef TRAIL_BASE_TEXT_H
#define TRAIL_BASE_TEXT_H

#include "base/base.h"

struct trail_text {
	char *data; /* NUL-terminated, NULL while empty */
	size_t length, room;
	bool failed;
};

void trail_text_fini(struct trail_text *text);
void trail_text_add(struct trail_text *text, const char *bytes, size_t n);
void trail_text_puts(struct trail_text *text, const char *s);
void trail_text_printf(struct trail_text *text, const char *format, ...) TRAIL_PRINTF(2, 3);
void trail_text_pad(struct trail_text *text, size_t n);

/** The string so far, never NULL; borrowed until the next change. */
const char *trail_text_string(const struct trail_text *text);

/**
 * Bytes for a terminal: valid UTF-8 of printable characters as it is;
 * newline, control characters, escapes, bytes that are no UTF-8 and characters
 * that change the direction of text as \n, \t or \xNN.
 */
void trail_text_escaped(struct trail_text *text, const char *bytes, size_t n);

/**
 * Bytes for XML and HTML, in text and in an attribute: as trail_text_escaped(),
 * with entities for &, <, >, " and ', and what XML 1.0 has no character for as \xNN.
 */
void trail_text_xml(struct trail_text *text, const char *bytes, size_t n);

/**
 * Bytes for a line of Markdown or a cell of its tables, not at the start of the
 * line: as trail_text_escaped(), with nothing that GitHub's flavour reads as
 * markup, HTML, a link, a mention or the end of a cell.
 */
void trail_text_markdown(struct trail_text *text, const char *bytes, size_t n);

/** The same as a code span; as trail_text_markdown() what a span cannot hold in a table. */
void trail_text_markdown_code(struct trail_text *text, const char *bytes, size_t n);

/**
 * Bytes for a word or between double quotes, in printable ASCII: \" \\ \n \t \r
 * and \xNN for what is none; can be read back.
 */
void trail_text_quoted(struct trail_text *text, const char *bytes, size_t n);

/** Bytes of a path for a URI: all but letters, digits and -._~/ as %NN. */
void trail_text_uri(struct trail_text *text, const char *bytes, size_t n);

/**
 * The length of the valid UTF-8 sequence at @s, at most @n bytes; 0 when there is none.
 * @code_ret is the character.
 */
size_t trail_utf8_length(const char *s, size_t n, uint32_t *code_ret);

#endif
