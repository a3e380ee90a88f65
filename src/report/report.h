/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view model and the renderers; pure: facts and timeline in, bytes out. */
#ifndef TRAIL_REPORT_REPORT_H
#define TRAIL_REPORT_REPORT_H

#include "base/base.h"

struct trail_error;
struct trail_facts;
struct trail_judgement;
struct trail_text;
struct trail_timeline;
struct trail_what_if;

/** What a renderer is given. */
struct trail_report {
	const struct trail_facts *facts;
	const struct trail_timeline *timeline;
	const struct trail_judgement *judgement;     /* NULL: nothing was judged */
	const struct trail_what_if *const *what_ifs; /* what-if: one for each order */
	size_t n_what_ifs;
	bool complete;	   /* no gap, and no limit of the run was hit */
	bool limit;	   /* a limit of the run was hit */
	int status;	   /* SARIF: the exit status, once it is written */
	bool color;	   /* text: use terminal colours */
	bool explain;	   /* text: with each piece of evidence the commands that show the same */
	size_t width;	   /* text: columns; 0 for no limit */
	bool after_panic;  /* log: only the panic line and what follows it */
	const bool *rules; /* rules: which, by their index in the table; NULL: all */
	/* a report of several crashes: of the next one, NULL for none; not every verb has such */
	const struct trail_report *next;
	const char *why_several; /* of the first: why they are not one, NULL: not known */
};

/** One output format; the table ends with a row without a name. */
struct trail_renderer {
	const char *name; /* of --format */
	/** Append the report to @out; errors: NOMEM. */
	struct trail_error *(*render)(const struct trail_report *report, struct trail_text *out);
};

extern const struct trail_renderer trail_renderers[];

/** Of the log alone, by the same names. */
extern const struct trail_renderer trail_log_renderers[];

struct trail_error *trail_render_text(const struct trail_report *report,
				      struct trail_text *out) TRAIL_MUST_CHECK;
struct trail_error *trail_render_json(const struct trail_report *report,
				      struct trail_text *out) TRAIL_MUST_CHECK;
struct trail_error *trail_render_line(const struct trail_report *report,
				      struct trail_text *out) TRAIL_MUST_CHECK;
struct trail_error *trail_render_sarif(const struct trail_report *report,
				       struct trail_text *out) TRAIL_MUST_CHECK;
struct trail_error *trail_render_junit(const struct trail_report *report,
				       struct trail_text *out) TRAIL_MUST_CHECK;
struct trail_error *trail_render_markdown(const struct trail_report *report,
					  struct trail_text *out) TRAIL_MUST_CHECK;
struct trail_error *trail_render_log_text(const struct trail_report *report,
					  struct trail_text *out) TRAIL_MUST_CHECK;
struct trail_error *trail_render_log_json(const struct trail_report *report,
					  struct trail_text *out) TRAIL_MUST_CHECK;

#endif
