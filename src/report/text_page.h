/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page of text: paragraphs and tables fitted to the width.  What is given is
 * raw and escaped once, here; nothing else of the input may be printed.  What
 * is compared in a table is cut to the width, what proves is wrapped.
 */
#ifndef TRAIL_REPORT_TEXT_PAGE_H
#define TRAIL_REPORT_TEXT_PAGE_H

#include "report/view.h"

struct trail_report;
struct trail_text;

#define TRAIL_PAGE_COLUMNS 7 /* of a table, at most */
#define TRAIL_PAGE_NO_LIMIT SIZE_MAX

enum trail_page_color {
	TRAIL_PAGE_PLAIN,
	TRAIL_PAGE_BOLD,
	TRAIL_PAGE_RED,
	TRAIL_PAGE_YELLOW,
	TRAIL_PAGE_GREEN,
};

struct trail_page {
	struct trail_view view; /* cells and sentences */
	const struct trail_report *report;
	struct trail_text *out;
};

struct trail_page_row {
	const char *cells[TRAIL_PAGE_COLUMNS]; /* escaped */
	enum trail_page_color color;
};

/** The rows of one table; heads are NULL for a table without. */
struct trail_page_table {
	const char *heads[TRAIL_PAGE_COLUMNS];
	size_t n_columns;
	size_t whole; /* index of the column that is coloured and never cut */
	struct trail_page_row *rows;
	size_t n;
};

/** Harmless on a terminal; in the pool. */
const char *trail_page_escaped(struct trail_page *page, const char *raw);

/** The colour of a word of the report. */
enum trail_page_color trail_page_color(const char *word);

/** @n bytes that are escaped already. */
void trail_page_put(struct trail_page *page, enum trail_page_color color, const char *s, size_t n);

/**
 * A paragraph: the label in the first @indent columns, then the text, wrapped
 * to the width with that indent; cut at the end of line @most.
 */
void trail_page_paragraph(struct trail_page *page, enum trail_page_color color, const char *label,
			  size_t indent, size_t most, const char *raw);

/** An empty line, then the title. */
void trail_page_title(struct trail_page *page, const char *title);

/** A row of raw cells, NULL for an empty one; kept until the table is printed. */
void trail_page_add_row(struct trail_page *page, struct trail_page_table *table,
			enum trail_page_color color, const char *const *cells);
void trail_page_table(struct trail_page *page, const char *title,
		      const struct trail_page_table *table);

#endif
