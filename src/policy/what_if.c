/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of a model laid out on a crash; see what_if.h. */
#include "policy/what_if.h"

#include "base/error.h"

const char *const trail_would_names[TRAIL_N_WOULDS] = {
	[TRAIL_WOULD_BE_OPEN] = "open",
	[TRAIL_WOULD_RUN] = "runs",
	[TRAIL_WOULD_END] = "starts-crash-kernel",
	[TRAIL_WOULD_BE_SKIPPED] = "skipped",
	[TRAIL_WOULD_NOT_BE_REACHED] = "not-reached",
};

/* ---- three values --------------------------------------------------------- */

enum trail_tristate trail_and(enum trail_tristate a, enum trail_tristate b)
{
	if (a == TRAIL_NO || b == TRAIL_NO)
		return TRAIL_NO;
	return a == TRAIL_YES && b == TRAIL_YES ? TRAIL_YES : TRAIL_MAYBE;
}

enum trail_tristate trail_not(enum trail_tristate a)
{
	return a == TRAIL_MAYBE ? TRAIL_MAYBE : a == TRAIL_YES ? TRAIL_NO : TRAIL_YES;
}

enum trail_tristate trail_or(enum trail_tristate a, enum trail_tristate b)
{
	return trail_not(trail_and(trail_not(a), trail_not(b)));
}

enum trail_tristate trail_what_over_lists(unsigned lists, const enum trail_tristate *keys)
{
	enum trail_tristate all = TRAIL_YES, any = TRAIL_NO;

	for (size_t i = 0; i < TRAIL_LISTS; i++)
		if (lists >> i & 1) {
			all = trail_and(all, keys[TRAIL_N_STEPS + i]);
			any = trail_or(any, keys[TRAIL_N_STEPS + i]);
		}
	return all == TRAIL_YES ? TRAIL_YES : any == TRAIL_NO ? TRAIL_NO : TRAIL_MAYBE;
}

/* ---- sentences ------------------------------------------------------------ */

static void say_once(struct trail_what *w, const char ***all, size_t *n, const char *text)
{
	for (size_t i = 0; i < *n; i++)
		if (trail_streq((*all)[i], text))
			return;
	const char **grown = trail_pool_grow(&w->timeline->pool, *all, *n, sizeof(*grown));
	if (!grown) {
		w->builder.failed = true;
		return;
	}
	*all = grown;
	grown[(*n)++] = text;
}

void trail_what_say_open(struct trail_what *w, const char *text)
{
	say_once(w, &w->out->open, &w->out->n_open, text);
}

void trail_what_note(struct trail_what *w, const char *text)
{
	say_once(w, &w->out->notes, &w->out->n_notes, text);
}

/* ---- steps ---------------------------------------------------------------- */

static bool is_kdump(unsigned step)
{
	return step == TRAIL_STEP_KDUMP || step == TRAIL_STAGE_KDUMP_EARLY ||
	       step == TRAIL_STAGE_KDUMP_LATE;
}

static unsigned key_of(const struct trail_order_step *s)
{
	if (is_kdump(s->step))
		return TRAIL_STEP_KDUMP;
	return s->step == TRAIL_STAGE_NOTIFIERS ? TRAIL_N_STEPS + s->list : s->step;
}

/* The stage's row of this kernel, NULL when it has no such stage; kdump's is that of the early
 * one. */
static const struct trail_stage_row *row_of(const struct trail_what *w, unsigned step)
{
	unsigned stage = step == TRAIL_STEP_KDUMP ? TRAIL_STAGE_KDUMP_EARLY : step;
	bool has = false;

	for (size_t i = 0; i < w->timeline->n_stages; i++)
		has |= w->timeline->stages[i].stage == stage;
	for (size_t i = 0; has && i < trail_n_stage_rows; i++)
		if (trail_stage_rows[i].stage == stage)
			return &trail_stage_rows[i];
	return NULL;
}

/*
 * What the order says of panic_print goes before the dump's masks: that it asks
 * for system information, or for nothing.  7.x can replay without it.
 */
static enum trail_tristate prints(const struct trail_what *w, const struct trail_stage_row *row)
{
	const struct trail_given *print = &w->out->inputs[TRAIL_INPUT_PRINT];
	bool said = print->by == TRAIL_GIVEN_BY_ORDER;

	if (said && !print->value)
		return row->stage == TRAIL_STAGE_CONSOLE_REPLAY
			       ? trail_what_is_set(w->facts, "panic_console_replay")
			       : TRAIL_NO;
	if (said && row->stage == TRAIL_STAGE_SYS_INFO)
		return TRAIL_YES;
	return trail_conditions_hold(&w->builder, row->runs_if, TRAIL_CONDITIONS, NULL);
}

static enum trail_tristate of_input(const struct trail_given *in)
{
	return !in->known ? TRAIL_MAYBE : in->value ? TRAIL_YES : TRAIL_NO;
}

/* Has the step something to do when panic() comes to it? */
static enum trail_tristate works(const struct trail_what *w, const struct trail_stage_row *row)
{
	enum trail_tristate has = !row->needs || trail_facts_has(w->facts, row->needs)
					  ? TRAIL_YES
					  : TRAIL_MAYBE;

	switch (row->stage) {
	case TRAIL_STAGE_DIRECT_KEXEC:
	case TRAIL_STAGE_KDUMP_EARLY:
	case TRAIL_STAGE_KDUMP_LATE:
		return w->out->armed;
	case TRAIL_STAGE_KMSG_DUMP:
		return of_input(&w->out->inputs[TRAIL_INPUT_DUMPER]);
	case TRAIL_STAGE_SYS_INFO:
	case TRAIL_STAGE_CPU_BACKTRACES:
	case TRAIL_STAGE_CONSOLE_REPLAY:
		return trail_and(has, prints(w, row));
	default:
		return trail_and(has, trail_conditions_hold(&w->builder, row->runs_if,
							    TRAIL_CONDITIONS, NULL));
	}
}

/* One row on its way through the evaluation. */
struct turn {
	const struct trail_order_step *row;
	const struct trail_stage_row *stage;
	enum trail_tristate asked;	  /* its conditions hold */
	enum trail_tristate here;	  /* and it was not done before */
	enum trail_tristate works;	  /* it has something to do */
	enum trail_tristate reached;	  /* no crash kernel was started before */
	enum trail_tristate before_kdump; /* the call of kdump was not passed */
};

/* The sentence about the first input of a row that is not known; only those of the dump can be. */
static const char *unknown_input(const struct trail_what *w, const struct trail_order_step *row)
{
	static const char *const sentences[TRAIL_N_INPUTS] = {
		[TRAIL_INPUT_FLAG] = "this dump does not tell crash_kexec_post_notifiers",
		[TRAIL_INPUT_PRINT] = "this dump does not tell panic_print",
		[TRAIL_INPUT_DUMPER] =
			"this dump does not tell whether a kmsg dumper is registered",
		[TRAIL_INPUT_CRASH_KERNEL] =
			"this dump does not tell whether a crash kernel is loaded",
		[TRAIL_INPUT_OOPS] =
			"this dump does not tell whether an oops asked for the crash kernel",
		[TRAIL_INPUT_SYS_FIRST] =
			"this dump does not tell whether sys-info is before kmsg-dump",
	};

	for (size_t i = 0; i < TRAIL_WHENS && row->when[i].input; i++)
		if (!w->out->inputs[row->when[i].input].known)
			return sentences[row->when[i].input];
	return NULL;
}

static const char *why_open(struct trail_what *w, const struct turn *t)
{
	const char *unknown = unknown_input(w, t->row);

	if (unknown || t->row->open)
		return unknown ? unknown : t->row->open;
	if (t->works == TRAIL_MAYBE)
		return trail_timeline_say(&w->builder,
					  "this dump does not tell whether %s has something to do",
					  trail_step_name(t->row->step));
	if (t->reached == TRAIL_MAYBE)
		return "whether the crash kernel is started before it is open";
	return "whether it was done before is open";
}

static enum trail_would outcome_of(const struct turn *t)
{
	if (t->reached == TRAIL_NO)
		return TRAIL_WOULD_NOT_BE_REACHED;
	if (t->works == TRAIL_NO || t->here == TRAIL_NO)
		return TRAIL_WOULD_BE_SKIPPED;
	if (t->reached == TRAIL_MAYBE || t->works == TRAIL_MAYBE || t->here == TRAIL_MAYBE)
		return TRAIL_WOULD_BE_OPEN;
	return is_kdump(t->row->step) || t->row->step == TRAIL_STAGE_DIRECT_KEXEC ? TRAIL_WOULD_END
										  : TRAIL_WOULD_RUN;
}

/* The callbacks that are surely in the list, by priority, equal ones as in the chain. */
static void fill_list(struct trail_what *w, struct trail_what_step *step, unsigned list)
{
	size_t *all = trail_pool_alloc(&w->timeline->pool, w->facts->n_notifiers + 1, sizeof(*all));

	if (!all) {
		w->builder.failed = true;
		return;
	}
	step->callbacks = all;
	for (size_t i = 0; i < w->facts->n_notifiers; i++) {
		if (w->out->callbacks[i].lists != 1u << list)
			continue;
		size_t k = step->n++;
		for (; k && w->out->callbacks[all[k - 1]].priority < w->out->callbacks[i].priority;
		     k--)
			all[k] = all[k - 1];
		all[k] = i;
	}
}

static void add_step(struct trail_what *w, const struct turn *t)
{
	struct trail_what_step *step = &w->out->steps[w->out->n_steps++];
	enum trail_would outcome = outcome_of(t);

	*step = (struct trail_what_step){
		.step = t->row->step,
		.outcome = outcome,
		.before_kdump = trail_and(t->before_kdump, trail_and(t->here, t->works)),
		.how = t->row->how,
	};
	if (outcome == TRAIL_WOULD_BE_OPEN)
		trail_what_say_open(w, step->why = why_open(w, t));
	else if (outcome == TRAIL_WOULD_BE_SKIPPED)
		step->why = t->stage->skipped ? t->stage->skipped
					      : "the crash kernel is not started from an oops";
	if (t->row->step == TRAIL_STAGE_NOTIFIERS) {
		step->list = w->order->model->lists[t->row->list];
		fill_list(w, step, t->row->list);
	}
}

/* Has the model another row for the same, so that this one says nothing new? */
static bool is_said_elsewhere(const struct trail_what *w, const struct trail_order_step *row)
{
	const struct trail_order_model *model = w->order->model;

	for (size_t i = 0; i < model->n_steps; i++) {
		const struct trail_order_step *other = &model->steps[i];
		if (other != row && other->step == row->step && other->list == row->list)
			return true;
	}
	return false;
}

/* A step that has nothing to do is shown once. */
static bool is_shown(const struct trail_what *w, const struct turn *t)
{
	if (t->here == TRAIL_NO)
		return !is_said_elsewhere(w, t->row);
	if (t->works != TRAIL_NO)
		return true;
	for (size_t i = 0; i < w->out->n_steps; i++)
		if (w->out->steps[i].step == t->row->step)
			return false;
	return true;
}

static void lay_out(struct trail_what *w)
{
	const struct trail_order_model *model = w->order->model;
	enum trail_tristate ended = TRAIL_NO, passed = TRAIL_NO, kmsg_passed = TRAIL_NO;

	for (size_t i = 0; i < model->n_steps; i++) {
		struct turn t = { .row = &model->steps[i] };
		unsigned key = key_of(t.row);
		bool direct = t.row->step == TRAIL_STAGE_DIRECT_KEXEC;

		t.stage = row_of(w, t.row->step);
		if (!t.stage)
			continue;
		t.asked = trail_and(trail_what_holds(w, t.row->when),
				    t.row->open ? TRAIL_MAYBE : TRAIL_YES);
		t.here = trail_and(t.asked, trail_not(w->done[key]));
		t.works = works(w, t.stage);
		t.reached = trail_not(ended);
		t.before_kdump = trail_not(passed);
		if (is_shown(w, &t))
			add_step(w, &t);

		w->done[key] = trail_or(w->done[key], t.asked);
		w->before_kdump[key] = trail_or(w->before_kdump[key],
						trail_and(t.asked, trail_not(passed)));
		w->before_kmsg[key] = trail_or(w->before_kmsg[key],
					       trail_and(t.asked, trail_not(kmsg_passed)));
		w->runs[key] = trail_or(w->runs[key], trail_and(t.here, t.reached));
		if (t.row->step == TRAIL_STAGE_STOP_CPUS && t.here != TRAIL_NO &&
		    t.before_kdump != TRAIL_NO)
			w->stop = t.row->how;
		if (t.row->step == TRAIL_STAGE_KMSG_DUMP)
			kmsg_passed = trail_or(kmsg_passed, t.asked);
		if (direct || is_kdump(t.row->step)) {
			/* where it was done before, the run has ended before */
			enum trail_tristate starts = trail_and(t.asked, w->out->armed);
			ended = trail_or(ended, starts);
			passed = trail_or(passed, direct ? starts : t.asked);
		}
	}
}

static void decide_callbacks(struct trail_what *w)
{
	for (size_t i = 0; i < w->facts->n_notifiers; i++) {
		struct trail_what_callback *c = &w->out->callbacks[i];
		c->before_kdump = trail_what_over_lists(c->lists, w->before_kdump);
		c->runs = trail_what_over_lists(c->lists, w->runs);
	}
}

/* ---- what the reader must know -------------------------------------------- */

static void note_crash(struct trail_what *w)
{
	const struct trail_timeline *t = w->timeline;

	if (t->point == TRAIL_POINT_DIRECT)
		trail_what_note(w,
				"here panic() was never entered: crash_kexec() was called before");
	else if (t->entered == TRAIL_NO)
		trail_what_note(w, "this machine did not panic: the steps are those of a panic at "
				   "the time of the dump");
	else if (t->entered == TRAIL_MAYBE)
		trail_what_note(w, "whether this machine panicked is not known");
	if (w->facts->chain_presence != TRAIL_PRESENT)
		trail_what_note(w, "the notifier chain could not be read: no callback is shown");
	else if (!w->facts->chain_complete)
		trail_what_note(w, "the notifier chain was not read to its end: callbacks are "
				   "missing on both sides");
	if (w->out->armed == TRAIL_NO)
		trail_what_note(w, "no crash kernel is loaded: no order has a kdump, and no step "
				   "is kept from running by it");
}

static void note_model(struct trail_what *w)
{
	const struct trail_order_note *notes = w->order->model->notes;

	for (; notes && notes->text; notes++)
		if (trail_what_holds(w, notes->when) != TRAIL_NO)
			trail_what_note(w, notes->text);
}

static void note_lists(struct trail_what *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->facts->n_notifiers; i++)
		n += (w->out->callbacks[i].lists & (w->out->callbacks[i].lists - 1)) != 0;
	if (n)
		trail_what_say_open(
			w,
			trail_timeline_say(&w->builder, "which list %zu of the %zu callbacks %s in",
					   n, w->facts->n_notifiers, n == 1 ? "is" : "are"));
}

struct trail_error *trail_what_if(struct trail_timeline *timeline, const struct trail_order *order,
				  const struct trail_what_if **ret)
{
	struct trail_what_if *out = trail_pool_alloc(&timeline->pool, 1, sizeof(*out));
	struct trail_what w = {
		.builder = { .timeline = timeline, .facts = timeline->facts },
		.facts = timeline->facts,
		.timeline = timeline,
		.order = order,
		.out = out,
	};

	if (!out)
		return &trail_error_nomem;
	out->order = order;
	out->steps = trail_pool_alloc(&timeline->pool, order->model->n_steps, sizeof(*out->steps));
	out->callbacks = trail_pool_alloc(&timeline->pool, w.facts->n_notifiers + 1,
					  sizeof(*out->callbacks));
	if (!out->steps || !out->callbacks)
		return &trail_error_nomem;
	for (size_t i = 0; i < TRAIL_WHAT_KEYS; i++)
		w.done[i] = w.before_kdump[i] = w.before_kmsg[i] = w.runs[i] = TRAIL_NO;
	trail_what_read_inputs(&w);
	out->armed = of_input(&out->inputs[TRAIL_INPUT_CRASH_KERNEL]);
	trail_what_place_callbacks(&w);
	lay_out(&w);
	decide_callbacks(&w);
	note_crash(&w);
	note_model(&w);
	note_lists(&w);
	trail_what_find_troubles(&w);
	if (w.builder.failed)
		return &trail_error_nomem;
	*ret = out;
	return NULL;
}
