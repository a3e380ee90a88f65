/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words → lines of a terminal or a file; see text_page.h. */
#include "report/text_page.h"

#include "base/table.h"
#include "base/text.h"
#include "report/report.h"

#define LEAST 4 /* columns to which a table's column may shrink */

static const char *const sequences[] = {
	[TRAIL_PAGE_PLAIN] = "",	[TRAIL_PAGE_BOLD] = "\33[1m",
	[TRAIL_PAGE_RED] = "\33[31m",	[TRAIL_PAGE_YELLOW] = "\33[33m",
	[TRAIL_PAGE_GREEN] = "\33[32m",
};

/* Colours of outcomes; a word without a row is plain. */
static const struct {
	const char *word;
	enum trail_page_color color;
} colored[] = {
	{ "called", TRAIL_PAGE_GREEN },	   { "cut-off", TRAIL_PAGE_RED },
	{ "done", TRAIL_PAGE_GREEN },	   { "in-progress", TRAIL_PAGE_RED },
	{ "not-stopped", TRAIL_PAGE_RED }, { "running", TRAIL_PAGE_RED },
	{ "stopped", TRAIL_PAGE_GREEN },   { "self-stopped", TRAIL_PAGE_GREEN },
	{ "unknown", TRAIL_PAGE_YELLOW },
};

const char *trail_page_escaped(struct trail_page *p, const char *raw)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	trail_text_escaped(&text, raw, strlen(raw));
	const char *s = text.failed ? NULL
				    : trail_pool_strdup(&p->view.pool, trail_text_string(&text));
	p->view.failed |= !s;
	return s ? s : "";
}

/* Columns a character takes; the wide and the combining ones that occur, without a locale. */
static size_t columns_of(uint32_t c)
{
	if ((c >= 0x300 && c < 0x370) || (c >= 0xfe00 && c < 0xfe10))
		return 0;
	return (c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0) ||
			       (c >= 0xac00 && c < 0xd7a4) || (c >= 0xf900 && c < 0xfb00) ||
			       (c >= 0xfe30 && c < 0xfe70) || (c >= 0xff00 && c < 0xff61) ||
			       (c >= 0x1f300 && c < 0x1fb00) || (c >= 0x20000 && c < 0x3fffe)
		       ? 2
		       : 1;
}

/* Bytes of the longest start of @s within @limit columns; those columns in @columns_ret. */
static size_t fitting(const char *s, size_t limit, size_t *columns_ret)
{
	size_t n = strlen(s), i = 0;

	*columns_ret = 0;
	while (i < n) {
		uint32_t code = 0;
		bool plain = s[i] >= ' ' && s[i] <= '~';
		size_t length = plain ? 1 : trail_utf8_length(s + i, n - i, &code);
		size_t columns = plain ? 1 : columns_of(code);

		if (columns > limit - *columns_ret)
			break;
		*columns_ret += columns;
		i += TRAIL_MAX(length, (size_t)1);
	}
	return i;
}

void trail_page_put(struct trail_page *p, enum trail_page_color color, const char *s, size_t n)
{
	bool on = color != TRAIL_PAGE_PLAIN && p->report->color && n;

	trail_text_puts(p->out, on ? sequences[color] : "");
	trail_text_add(p->out, s, n);
	trail_text_puts(p->out, on ? "\33[0m" : "");
}

/* Print it in at most @limit columns, cut with an ellipsis; gives the columns used. */
static size_t put_cut(struct trail_page *p, enum trail_page_color color, const char *s,
		      size_t limit)
{
	size_t columns, n = fitting(s, limit, &columns);

	if (s[n] && limit) {
		n = fitting(s, limit - 1, &columns);
		trail_page_put(p, color, trail_say(&p->view, "%.*s…", (int)n, s), n + strlen("…"));
		return columns + 1;
	}
	trail_page_put(p, color, s, n);
	return columns;
}

void trail_page_paragraph(struct trail_page *p, enum trail_page_color color, const char *label,
			  size_t indent, size_t most, const char *raw)
{
	const char *s = trail_page_escaped(p, raw);
	size_t width = p->report->width;
	size_t room = !width		    ? TRAIL_PAGE_NO_LIMIT
		      : width > indent + 20 ? width - indent
					    : 20,
	       used;

	trail_text_puts(p->out, label);
	trail_text_pad(p->out, indent - TRAIL_MIN(indent, strlen(label)));
	for (size_t line = 1; s[fitting(s, room, &used)] && line < most; line++) {
		size_t end = fitting(s, room, &used), at = end;

		while (at && s[at] != ' ')
			at--;
		trail_page_put(p, color, s, at ? at : end);
		s += at ? at : end;
		s += strspn(s, " ");
		trail_text_puts(p->out, "\n");
		trail_text_pad(p->out, indent);
	}
	put_cut(p, color, s, room);
	trail_text_puts(p->out, "\n");
}

enum trail_page_color trail_page_color(const char *word)
{
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(colored); i++)
		if (strcmp(colored[i].word, word) == 0)
			return colored[i].color;
	return TRAIL_PAGE_PLAIN;
}

void trail_page_add_row(struct trail_page *p, struct trail_page_table *table,
			enum trail_page_color color, const char *const *cells)
{
	struct trail_page_row *rows = trail_pool_grow(&p->view.pool, table->rows, table->n,
						      sizeof(*rows));

	if (!rows) {
		p->view.failed = true;
		return;
	}
	table->rows = rows;
	for (size_t i = 0; i < table->n_columns; i++)
		rows[table->n].cells[i] = trail_page_escaped(p, cells[i] ? cells[i] : "");
	rows[table->n++].color = color;
}

static size_t widen(size_t width, const char *cell)
{
	size_t columns = 0;

	if (cell)
		fitting(cell, TRAIL_PAGE_NO_LIMIT, &columns);
	return TRAIL_MAX(width, columns);
}

/* What each column takes; the widest that may be cut gives way until all fit. */
static void measure(const struct trail_page *p, const struct trail_page_table *table,
		    size_t *widths)
{
	size_t total = 0;

	for (size_t k = 0; k < table->n_columns; k++) {
		widths[k] = widen(0, table->heads[k]);
		for (size_t i = 0; i < table->n; i++)
			widths[k] = widen(widths[k], table->rows[i].cells[k]);
		total += 2 + widths[k];
	}
	while (p->report->width && total > p->report->width) {
		size_t widest = table->n_columns - 1;

		for (size_t k = 0; k < table->n_columns; k++)
			if (k != table->whole && widths[k] > widths[widest])
				widest = k;
		if (widths[widest] <= LEAST)
			return;
		widths[widest]--;
		total--;
	}
}

static void put_row(struct trail_page *p, const struct trail_page_table *table,
		    const size_t *widths, const char *const *cells, enum trail_page_color color)
{
	size_t gap = 2;

	for (size_t k = 0; k < table->n_columns; k++) {
		const char *cell = cells[k] ? cells[k] : "";

		if (!*cell) {
			gap += widths[k] + 2;
			continue;
		}
		trail_text_pad(p->out, gap);
		gap = 2 + widths[k] -
		      put_cut(p, k == table->whole ? color : TRAIL_PAGE_PLAIN, cell, widths[k]);
	}
	trail_text_puts(p->out, "\n");
}

void trail_page_title(struct trail_page *p, const char *title)
{
	trail_text_puts(p->out, "\n");
	trail_page_paragraph(p, TRAIL_PAGE_BOLD, "", 0, TRAIL_PAGE_NO_LIMIT, title);
}

void trail_page_table(struct trail_page *p, const char *title, const struct trail_page_table *table)
{
	size_t widths[TRAIL_PAGE_COLUMNS];

	trail_page_title(p, title);
	measure(p, table, widths);
	if (table->heads[0])
		put_row(p, table, widths, table->heads, TRAIL_PAGE_PLAIN);
	for (size_t i = 0; i < table->n; i++)
		put_row(p, table, widths, table->rows[i].cells, table->rows[i].color);
}
