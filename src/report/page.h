/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page for a terminal: paragraphs wrapped and tables cut to its width, coloured or not. */
#ifndef TRAIL_REPORT_PAGE_H
#define TRAIL_REPORT_PAGE_H

#include "base/base.h"
#include "report/view.h"

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

/**
 * A paragraph: the label in the first @indent columns, then the text, wrapped
 * to the width with that indent; cut at the end of line @most.
 */
void trail_page_paragraph(struct trail_page *p, enum trail_page_color color, const char *label,
			  size_t indent, size_t most, const char *raw);

/** An empty line, then the title. */
void trail_page_title(struct trail_page *p, const char *title);

/** The colour of an outcome; plain for a word that is none. */
enum trail_page_color trail_page_color_of(const char *word);

/** Add a row of raw cells, NULL for an empty one; @color is that of the whole column. */
void trail_page_add_row(struct trail_page *p, struct trail_page_table *table,
			enum trail_page_color color, const char *const *cells);

/** Print the title and the table. */
void trail_page_table(struct trail_page *p, const char *title,
		      const struct trail_page_table *table);

#endif
