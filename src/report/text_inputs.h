/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the report as text; see render_text.c. */
#ifndef TRAIL_REPORT_TEXT_INPUTS_H
#define TRAIL_REPORT_TEXT_INPUTS_H

#include "base/base.h"

struct trail_page;
struct trail_report;
struct trail_text;

/** Each input with where its own trail ends, where texts are among them. */
void trail_page_inputs(struct trail_page *page);

/** Which of @n crashes it is, and before the first why they are several. */
void trail_page_heading(const struct trail_report *report, size_t i, size_t n,
			struct trail_text *out);

#endif
