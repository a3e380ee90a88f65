/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What-if as text: both worlds' steps side by side, then the answers; of
 * several orders a line each.
 */
#include <stdio.h>

#include "base/error.h"
#include "base/table.h"
#include "base/text.h"
#include "report/text_page.h"
#include "report/what_if.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

#define LABEL 14 /* columns of the labels */

const struct trail_renderer trail_what_if_renderers[] = {
	{ .name = "text", .render = trail_render_what_if_text },
	{ .name = "json", .render = trail_render_what_if_json },
	{ NULL },
};

/* ---- what both renderers show --------------------------------------------- */

long trail_what_if_ender(const struct trail_timeline *timeline)
{
	const struct trail_facts *facts = timeline->facts;

	for (size_t i = 1; i < facts->n_notifiers; i++)
		if (timeline->notifiers[i].outcome == TRAIL_CALL_CUT_OFF)
			return facts->notifiers[i - 1].returns == TRAIL_RETURNS_STOP ? (long)i - 1
										     : -1;
	return -1;
}

bool trail_what_if_is_open(const struct trail_what_callback *callback)
{
	return callback->lists & (callback->lists - 1);
}

bool trail_what_if_is_head(unsigned step)
{
	return step <= TRAIL_STAGE_KDUMP_EARLY || step == TRAIL_STAGE_KDUMP_LATE ||
	       step == TRAIL_STEP_KDUMP;
}

const char *trail_what_if_word(enum trail_tristate value)
{
	return value == TRAIL_YES ? "yes" : value == TRAIL_NO ? "no" : "open";
}

/* ---- the two columns ------------------------------------------------------ */

/* A line of one of the worlds. */
struct line {
	const char *outcome, *what;
};

struct column {
	struct line *lines;
	size_t n;
};

static void add_line(struct trail_page *p, struct column *column, const char *outcome,
		     const char *what)
{
	struct line *lines = trail_pool_grow(&p->view.pool, column->lines, column->n,
					     sizeof(*lines));

	if (!lines) {
		p->view.failed = true;
		return;
	}
	column->lines = lines;
	lines[column->n++] = (struct line){ outcome, what };
}

static const char *callback_name(struct trail_page *p, size_t i)
{
	const struct trail_notifier_facts *n = &p->view.facts->notifiers[i];

	return trail_say(&p->view, "  %zu %s", i + 1,
			 trail_say_function(&p->view, n->function, n->module, n->callback));
}

/* What became of a callback here, where that matters. */
static const char *mark_of(struct trail_page *p, size_t i)
{
	if (p->view.timeline->notifiers[i].outcome == TRAIL_CALL_IN_PROGRESS)
		return ", in progress here";
	return trail_what_if_ender(p->view.timeline) == (long)i ? ", ended the chain here" : "";
}

static void list_real(struct trail_page *p, struct column *column)
{
	const struct trail_timeline *timeline = p->view.timeline;

	for (size_t i = 0; i < timeline->n_stages; i++) {
		const struct trail_stage_verdict *stage = &timeline->stages[i];

		add_line(p, column, NAME(trail_outcome_names, stage->outcome),
			 NAME(trail_stage_names, stage->stage));
		if (stage->stage != TRAIL_STAGE_NOTIFIERS)
			continue;
		for (size_t k = 0; k < p->view.facts->n_notifiers; k++) {
			const char *ended = trail_what_if_ender(timeline) == (long)k
						    ? ", ended the chain"
						    : "";
			add_line(p, column, NAME(trail_call_names, timeline->notifiers[k].outcome),
				 trail_say(&p->view, "%s%s", callback_name(p, k), ended));
		}
	}
}

static const char *step_name(struct trail_page *p, const struct trail_what_step *step)
{
	const char *s = trail_step_name(step->step);

	if (step->list && *step->list)
		return trail_say(&p->view, "%s: %s", s, step->list);
	return step->how ? trail_say(&p->view, "%s, %s", s, step->how) : s;
}

/* Of a callback whose list is open: it may be that all of them run. */
static const char *runs_word(enum trail_tristate runs)
{
	return NAME(trail_would_names, runs == TRAIL_YES  ? TRAIL_WOULD_RUN
				       : runs == TRAIL_NO ? TRAIL_WOULD_NOT_BE_REACHED
							  : TRAIL_WOULD_BE_OPEN);
}

static void list_other(struct trail_page *p, const struct trail_what_if *what_if,
		       struct column *column)
{
	bool open = false;

	for (size_t i = 0; i < what_if->n_steps; i++) {
		const struct trail_what_step *step = &what_if->steps[i];
		const char *word = NAME(trail_would_names, step->outcome);

		add_line(p, column, word, step_name(p, step));
		for (size_t k = 0; k < step->n; k++)
			add_line(p, column, word,
				 trail_say(&p->view, "%s%s", callback_name(p, step->callbacks[k]),
					   mark_of(p, step->callbacks[k])));
	}
	for (size_t i = 0; i < p->view.facts->n_notifiers; i++) {
		const struct trail_what_callback *c = &what_if->callbacks[i];
		bool kept_out = c->registered == TRAIL_NO;

		if (!kept_out && !trail_what_if_is_open(c))
			continue;
		if (!open)
			add_line(p, column, "",
				 kept_out ? "notifiers: not registered" : "notifiers: list open");
		open = true;
		add_line(p, column, kept_out ? "not-registered" : runs_word(c->runs),
			 trail_say(&p->view, "%s%s", callback_name(p, i), mark_of(p, i)));
	}
}

static void put_steps(struct trail_page *p, const struct trail_what_if *what_if)
{
	struct column real = { 0 }, other = { 0 };
	struct trail_page_table table = { .heads = { "", "as it was", "", what_if->order->text },
					  .n_columns = 4 };

	list_real(p, &real);
	list_other(p, what_if, &other);
	for (size_t i = 0; i < real.n || i < other.n; i++) {
		struct line l = i < real.n ? real.lines[i] : (struct line){ "", "" };
		struct line r = i < other.n ? other.lines[i] : (struct line){ "", "" };

		trail_page_add_row(p, &table, trail_page_color(l.outcome),
				   (const char *[]){ l.outcome, l.what, r.outcome, r.what });
	}
	trail_page_table(p, "Steps", &table);
}

/* ---- the answers ---------------------------------------------------------- */

static void put_line(struct trail_page *p, const char *label, const char *raw)
{
	trail_page_paragraph(p, TRAIL_PAGE_PLAIN, label, LABEL, TRAIL_PAGE_NO_LIMIT, raw);
}

static const char *join(struct trail_page *p, const char *s, const char *word)
{
	return *s ? trail_say(&p->view, "%s, %s", s, word) : word;
}

static size_t count(const struct trail_page *p, const struct trail_what_if *what_if,
		    enum trail_tristate before)
{
	size_t n = 0;

	for (size_t i = 0; i < p->view.facts->n_notifiers; i++)
		n += what_if->callbacks[i].before_kdump == before;
	return n;
}

/* Steps that are @before kdump, but for the notifiers: those are counted. */
static const char *steps_before(struct trail_page *p, const struct trail_what_if *what_if,
				enum trail_tristate before)
{
	/* a model may have several rows that stop the CPUs: one of them does it */
	const char *s = what_if->cpus.told == before ? trail_step_name(TRAIL_STAGE_STOP_CPUS) : "";

	for (size_t i = 0; i < what_if->n_steps; i++) {
		const struct trail_what_step *step = &what_if->steps[i];

		if (step->before_kdump == before && !trail_what_if_is_head(step->step) &&
		    step->step != TRAIL_STAGE_NOTIFIERS && step->step != TRAIL_STAGE_STOP_CPUS)
			s = join(p, s, trail_step_name(step->step));
	}
	return s;
}

static const char *callbacks_before(struct trail_page *p, const struct trail_what_if *what_if,
				    enum trail_tristate before)
{
	size_t n = count(p, what_if, before);

	return trail_say(&p->view, "%zu callback%s", n, n == 1 ? "" : "s");
}

static void put_before(struct trail_page *p, const struct trail_what_if *what_if)
{
	const char *sure = steps_before(p, what_if, TRAIL_YES);
	const char *maybe = steps_before(p, what_if, TRAIL_MAYBE);

	if (count(p, what_if, TRAIL_YES))
		sure = join(p, sure, callbacks_before(p, what_if, TRAIL_YES));
	if (count(p, what_if, TRAIL_MAYBE))
		maybe = join(p, maybe, callbacks_before(p, what_if, TRAIL_MAYBE));
	put_line(p, "before kdump",
		 trail_say(&p->view, "%s%s%s", *sure ? sure : "nothing of panic()'s own work",
			   *maybe ? "; open: " : "", maybe));
}

static const char *cpus_stopped(struct trail_page *p, const struct trail_what_cpus *cpus)
{
	if (!cpus->known) /* one of them would be the panicking one */
		return "open";
	if (!cpus->stopped_known)
		return trail_say(&p->view, "open, of %zu", cpus->others);
	return trail_say(&p->view, "%zu of %zu", cpus->stopped_before_kdump, cpus->others);
}

static const char *say_cpus(struct trail_page *p, const struct trail_what_if *what_if)
{
	const struct trail_what_cpus *cpus = &what_if->cpus;

	if (!cpus->known)
		return "which CPU panicked is not known";
	if (cpus->told == TRAIL_MAYBE)
		return trail_say(&p->view,
				 "whether panic() stops the %zu others before kdump is open",
				 cpus->others);
	if (cpus->told == TRAIL_NO)
		return trail_say(&p->view, "%s other CPUs by then%s%s", cpus_stopped(p, cpus),
				 cpus->by_themselves ? ", by themselves" : "",
				 what_if->armed == TRAIL_YES
					 ? "; kdump stops them itself, as its first act"
					 : "");
	const char *s = trail_say(&p->view, "%s other CPUs by then, with %s", cpus_stopped(p, cpus),
				  cpus->how ? cpus->how : "a function that is open");
	return cpus->refused ? trail_say(&p->view, "%s; %zu did not stop here", s, cpus->refused)
			     : s;
}

static void put_troubles(struct trail_page *p, const struct trail_what_if *what_if)
{
	trail_page_title(p, "Would what went wrong here still have been in the way?");
	for (size_t i = 0; i < what_if->n_troubles; i++) {
		const struct trail_trouble *t = &what_if->troubles[i];
		char label[16];

		snprintf(label, sizeof(label), "  %-4s  ", trail_what_if_word(t->in_the_way));
		trail_page_paragraph(p,
				     t->in_the_way == TRAIL_YES	 ? TRAIL_PAGE_RED
				     : t->in_the_way == TRAIL_NO ? TRAIL_PAGE_GREEN
								 : TRAIL_PAGE_YELLOW,
				     label, strlen(label), TRAIL_PAGE_NO_LIMIT,
				     trail_say(&p->view, "%s: %s", t->what, t->why));
	}
	if (!what_if->n_troubles)
		put_line(p, "  ", "nothing went wrong here, as far as the dump tells");
}

static void put_sentences(struct trail_page *p, const char *title, const char *const *all, size_t n)
{
	if (!n)
		return;
	trail_page_title(p, title);
	for (size_t i = 0; i < n; i++)
		trail_page_paragraph(p, TRAIL_PAGE_PLAIN, "  - ", 4, TRAIL_PAGE_NO_LIMIT, all[i]);
}

/* "crash_kexec_post_hypervisor 1 (order), panic_print 0 (dump)". */
static const char *say_inputs(struct trail_page *p, const struct trail_what_if *what_if)
{
	static const char *const by[] = { [TRAIL_GIVEN_BY_DUMP] = "dump",
					  [TRAIL_GIVEN_BY_MODEL] = "model",
					  [TRAIL_GIVEN_BY_ORDER] = "order" };
	const char *s = "";

	for (size_t i = 1; i < TRAIL_N_INPUTS; i++) {
		const struct trail_given *in = &what_if->inputs[i];

		if (!in->known && in->by == TRAIL_GIVEN_BY_DUMP && i > TRAIL_INPUT_SYS_FIRST)
			continue; /* of another model */
		s = join(p, s,
			 in->known ? trail_say(&p->view, "%s %d (%s)", trail_order_input_names[i],
					       in->value, by[in->by])
				   : trail_say(&p->view, "%s unknown", trail_order_input_names[i]));
	}
	return s;
}

static void put_head(struct trail_page *p)
{
	put_line(p, "kernel", trail_say_kernel(&p->view));
	put_line(p, "here", trail_say_verdict(&p->view));
	put_line(p, "notifiers", trail_say_notifiers(&p->view));
}

static void put_one(struct trail_page *p, const struct trail_what_if *what_if)
{
	const struct trail_order *order = what_if->order;

	trail_page_paragraph(p, TRAIL_PAGE_BOLD, "order", LABEL, TRAIL_PAGE_NO_LIMIT,
			     trail_say(&p->view, "%s: %s (%s)", order->text, order->model->about,
				       order->model->source));
	put_head(p);
	put_line(p, "with", say_inputs(p, what_if));
	put_before(p, what_if);
	put_line(p, "CPUs stopped", say_cpus(p, what_if));
	put_troubles(p, what_if);
	put_sentences(p, "Open", what_if->open, what_if->n_open);
	put_sentences(p, "To know", what_if->notes, what_if->n_notes);
	put_steps(p, what_if);
}

/* ---- several orders ------------------------------------------------------- */

/* "3", or "3 to 9" where the lists of some are open. */
static const char *range_of(struct trail_page *p, const struct trail_what_if *what_if)
{
	size_t sure = count(p, what_if, TRAIL_YES), maybe = count(p, what_if, TRAIL_MAYBE);

	return maybe ? trail_say(&p->view, "%zu to %zu", sure, sure + maybe)
		     : trail_say(&p->view, "%zu", sure);
}

/* The verdicts in the order of the troubles. */
static const char *verdicts_of(struct trail_page *p, const struct trail_what_if *what_if)
{
	const char *s = "";

	for (size_t i = 0; i < what_if->n_troubles; i++)
		s = join(p, s, trail_what_if_word(what_if->troubles[i].in_the_way));
	return s;
}

static void put_several(struct trail_page *p)
{
	const struct trail_report *report = p->report;
	const struct trail_what_if *first = report->what_ifs[0];
	struct trail_page_table table = {
		.heads = { "order", "callbacks", "other steps before kdump", "CPUs", "in the way" },
		.n_columns = 5
	};

	put_head(p);
	for (size_t i = 0; i < first->n_troubles; i++)
		put_line(p, i ? "" : "went wrong", first->troubles[i].what);
	for (size_t i = 0; i < report->n_what_ifs; i++) {
		const struct trail_what_if *w = report->what_ifs[i];
		const char *sure = steps_before(p, w, TRAIL_YES);
		const char *maybe = steps_before(p, w, TRAIL_MAYBE);

		trail_page_add_row(
			p, &table, TRAIL_PAGE_PLAIN,
			(const char *[]){ w->order->text, range_of(p, w),
					  *maybe ? trail_say(&p->view, "%s%sopen: %s", sure,
							     *sure ? "; " : "", maybe)
						 : sure,
					  cpus_stopped(p, &w->cpus), verdicts_of(p, w) });
	}
	trail_page_table(p, "What would have run before kdump", &table);
}

struct trail_error *trail_render_what_if_text(const struct trail_report *report,
					      struct trail_text *out)
{
	struct trail_page p = { .report = report, .out = out };

	trail_view_init(&p.view, report);
	if (report->n_what_ifs == 1)
		put_one(&p, report->what_ifs[0]);
	else
		put_several(&p);
	bool failed = p.view.failed || out->failed;
	trail_view_fini(&p.view);
	return failed ? &trail_error_nomem : NULL;
}
