/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How to see a piece of evidence with crash or drgn. */
#ifndef TRAIL_REPORT_EXPLAIN_H
#define TRAIL_REPORT_EXPLAIN_H

#include "timeline/timeline.h"

struct trail_view;

/** What a row needs of a piece of evidence; its words hold {} for that. */
enum trail_check_by { TRAIL_CHECK_ALWAYS, TRAIL_CHECK_CODE, TRAIL_CHECK_CPU, TRAIL_CHECK_SYMBOL };

/** The commands that show evidence of one source. */
struct trail_check_row {
	enum trail_source source;
	enum trail_check_by by;
	const char *symbol;	  /* only of this symbol; NULL: of any */
	const char *crash, *drgn; /* NULL: it has none */
};
extern const struct trail_check_row trail_check_rows[];
extern const size_t trail_n_check_rows;

enum { TRAIL_CHECKS = 8 }; /* symbols of one piece that are shown; there are at most 5 conditions */

/** Commands, borrowed from the view; n of each, where n_crash or n_drgn may be 0. */
struct trail_checks {
	const char *crash[TRAIL_CHECKS], *drgn[TRAIL_CHECKS];
	size_t n_crash, n_drgn;
};

/** Gather the commands that show @evidence; none for an inference. */
void trail_explain(struct trail_view *view, const struct trail_evidence *evidence,
		   struct trail_checks *ret);

#endif
