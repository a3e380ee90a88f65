/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of the report as text: what there was to read, and which of several crashes it is. */
#include "report/text_inputs.h"

#include "base/table.h"
#include "base/text.h"
#include "report/report.h"
#include "report/text_page.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

/* Each input with where its own trail ends, where texts are among them. */
void trail_page_inputs(struct trail_page *p)
{
	const struct trail_facts *facts = p->view.facts;
	struct trail_page_table table = { .heads = { "what", "state", "trail", "input" },
					  .n_columns = 4,
					  .whole = 2 };

	if (!facts->n_texts)
		return;
	if (!trail_view_is_text(facts)) {
		const struct trail_timeline *t = p->view.timeline;
		const char *trail = "end unknown";

		if (t->dump_frontier < TRAIL_N_STAGES)
			trail = trail_say(&p->view, "%s %s",
					  t->dump_exact ? "ended in" : "got at least to",
					  NAME(trail_stage_names, t->dump_frontier));
		trail_page_add_row(p, &table, TRAIL_PAGE_PLAIN,
				   (const char *[]){ "vmcore",
						     facts->complete ? "whole" : "not whole", trail,
						     trail_view_path(facts) });
	}
	for (size_t i = 0; i < facts->n_texts; i++)
		trail_page_add_row(p, &table, TRAIL_PAGE_PLAIN,
				   (const char *[]){ trail_say_text(&p->view, i),
						     trail_say_text_state(&p->view, i),
						     trail_say_text_frontier(&p->view, i),
						     trail_say_text_place(&p->view, i) });
	trail_page_table(p, "Inputs", &table);
}

void trail_page_heading(const struct trail_report *report, size_t i, size_t n,
			struct trail_text *out)
{
	struct trail_page p = { .report = report, .out = out };

	trail_view_init(&p.view, report);
	trail_text_puts(out, i > 1 ? "\n" : "");
	trail_page_paragraph(
		&p, TRAIL_PAGE_BOLD, "", 0, TRAIL_PAGE_NO_LIMIT,
		trail_say(&p.view, "Crash %zu of %zu: %s", i, n, trail_view_path(report->facts)));
	if (i == 1 && report->why_several)
		trail_page_paragraph(&p, TRAIL_PAGE_PLAIN, "", 0, TRAIL_PAGE_NO_LIMIT,
				     report->why_several);
	trail_text_puts(out, "\n");
	out->failed |= p.view.failed;
	trail_view_fini(&p.view);
}
