/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an order depends on: inputs of the dump, and which callback is in which list. */
#include "policy/what_if.h"

#include <stdio.h>

/* ---- inputs --------------------------------------------------------------- */

static struct trail_given given(enum trail_tristate value)
{
	return (struct trail_given){ .known = value != TRAIL_MAYBE, .value = value == TRAIL_YES };
}

enum trail_tristate trail_what_is_set(const struct trail_facts *facts, const char *name)
{
	const struct trail_scalar *s = trail_facts_scalar(facts, name);

	if (s && s->presence == TRAIL_PRESENT)
		return s->value ? TRAIL_YES : TRAIL_NO;
	/* a kernel that names none of its variables lacks them all: any kernel has panic_print */
	return s && s->presence == TRAIL_ABSENT && trail_facts_has(facts, "panic_print")
		       ? TRAIL_NO
		       : TRAIL_MAYBE;
}

/* panic_print, or where that is 0 what 7.x takes instead. */
static enum trail_tristate print_of(const struct trail_facts *facts)
{
	enum trail_tristate print = trail_what_is_set(facts, "panic_print");

	return print == TRAIL_NO ? trail_what_is_set(facts, "kernel_si_mask") : print;
}

/* Who was dumped by a crash kernel had one, whatever could be read. */
static enum trail_tristate crash_kernel_of(const struct trail_what *w)
{
	if (w->timeline->method == TRAIL_METHOD_KDUMP || w->timeline->method == TRAIL_METHOD_FADUMP)
		return TRAIL_YES;
	if (trail_facts_has(w->facts, "feature.kexec") &&
	    !trail_facts_value(w->facts, "feature.kexec", 0))
		return TRAIL_NO;
	return trail_what_is_set(w->facts, "kexec_crash_image");
}

/*
 * Classes of panics that an oops ends in.  A sure one has passed the gate of
 * the oops path, kexec_should_crash(), with a condition of it true; of the
 * others the oops may have been an earlier one.
 * Source: arch/x86/kernel/dumpstack.c oops_end(), kernel/kexec_core.c kexec_should_crash().
 */
static const struct {
	const char *class;
	bool sure;
} oops_classes[] = {
	{ "oops", true },	  { "oops-irq", true },	       { "init-killed", false },
	{ "idle-killed", false }, { "oops-limit", false },     { "double-fault", false },
	{ "redirect", false },	  { "stack-overflow", false }, { "other", false },
	{ "unknown", false },
};

enum { TAINT_DIE = 7 }; /* bit of tainted_mask; include/linux/panic.h */

static enum trail_tristate class_is_oops(const struct trail_what *w)
{
	bool died = trail_facts_value(w->facts, "tainted_mask", UINT64_MAX) >> TAINT_DIE & 1;

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(oops_classes); i++)
		if (trail_streq(w->timeline->trigger, oops_classes[i].class))
			return oops_classes[i].sure ? TRAIL_YES : died ? TRAIL_MAYBE : TRAIL_NO;
	return TRAIL_NO;
}

/*
 * Did an oops ask whether to start the crash kernel at once?  Where it could
 * have and panic() was entered all the same, it did not ask.
 */
static enum trail_tristate oops_of(const struct trail_what *w)
{
	const struct trail_timeline *t = w->timeline;

	if (t->point == TRAIL_POINT_DIRECT)
		return trail_streq(t->trigger, "oops-crash-kexec") ? TRAIL_YES : TRAIL_MAYBE;
	if (t->entered != TRAIL_YES)
		return t->entered;
	if (trail_what_is_set(w->facts, "crash_kexec_post_notifiers") == TRAIL_NO &&
	    crash_kernel_of(w) == TRAIL_YES)
		return TRAIL_NO;
	return class_is_oops(w);
}

void trail_what_read_inputs(struct trail_what *w)
{
	struct trail_given *in = w->out->inputs;
	const struct trail_order_model *model = w->order->model;

	in[TRAIL_INPUT_FLAG] = given(trail_what_is_set(w->facts, "crash_kexec_post_notifiers"));
	in[TRAIL_INPUT_PRINT] = given(print_of(w->facts));
	in[TRAIL_INPUT_DUMPER] = given(trail_what_is_set(w->facts, "count.kmsg-dumpers"));
	in[TRAIL_INPUT_CRASH_KERNEL] = given(crash_kernel_of(w));
	in[TRAIL_INPUT_OOPS] = given(oops_of(w));
	in[TRAIL_INPUT_SYS_FIRST] = given(trail_what_is_set(w->facts, "feature.cpu-backtraces"));
	struct trail_given flag = in[TRAIL_INPUT_FLAG];
	for (size_t i = 0; i < TRAIL_MODEL_INPUTS; i++)
		if (model->inputs[i].input)
			in[model->inputs[i].input] = (struct trail_given){
				.known = true,
				.value = model->inputs[i].value,
				.by = TRAIL_GIVEN_BY_MODEL,
			};
	for (size_t i = 0; i < TRAIL_N_INPUTS; i++)
		if (w->order->said[i])
			in[i] = (struct trail_given){ .known = true,
						      .value = w->order->value[i],
						      .by = TRAIL_GIVEN_BY_ORDER };
	if (trail_streq(model->name, "piccoli") && flag.known && flag.value &&
	    !w->order->said[TRAIL_INPUT_FLAG])
		trail_what_note(w, "crash_kexec_post_notifiers is set on this machine, which the "
				   "series takes for level 4; the order asks for the level "
				   "instead: add the option flag to keep both");
}

static enum trail_tristate one_holds(const struct trail_given *in, const struct trail_when *when)
{
	bool holds = false;

	if (!in->known)
		return TRAIL_MAYBE;
	switch (when->op) {
	case TRAIL_OP_IS:
		holds = in->value == when->value;
		break;
	case TRAIL_OP_IS_NOT:
		holds = in->value != when->value;
		break;
	case TRAIL_OP_AT_LEAST:
		holds = in->value >= when->value;
		break;
	case TRAIL_OP_BELOW:
		holds = in->value < when->value;
		break;
	}
	return holds ? TRAIL_YES : TRAIL_NO;
}

enum trail_tristate trail_what_holds(const struct trail_what *w, const struct trail_when *when)
{
	enum trail_tristate all = TRAIL_YES;

	for (size_t i = 0; i < TRAIL_WHENS && when[i].input; i++)
		all = trail_and(all, one_holds(&w->out->inputs[when[i].input], &when[i]));
	return all;
}

/* ---- lists ---------------------------------------------------------------- */

static bool has_word(const char *words, const char *word)
{
	for (const char *p = words; p && *p && word; p += strspn(p, " ")) {
		size_t n = trail_word_length(p, ' ');
		if (n == strlen(word) && memcmp(p, word, n) == 0)
			return true;
		p += n;
	}
	return false;
}

static bool has_function(const char *words, const char *function)
{
	char word[64];

	for (const char *p = words; *p && function; p += strspn(p, " ")) {
		size_t n = trail_word_length(p, ' ');
		snprintf(word, sizeof(word), "%.*s", (int)n, p);
		if (trail_same_function(function, word))
			return true;
		p += n;
	}
	return false;
}

/* Is it one of the names of filter=?  A callback of a module cannot be named: the names are looked
 * up when the kernel starts. */
static bool is_chosen(const struct trail_what *w, const struct trail_notifier_facts *n)
{
	char name[128];

	for (const char *p = w->order->names; p && n->function && !n->module;) {
		size_t length = trail_word_length(p, ',');
		snprintf(name, sizeof(name), "%.*s", (int)length, p);
		if (trail_same_function(n->function, name))
			return true;
		p = p[length] ? p + length + 1 : NULL;
	}
	return false;
}

static bool fits(const struct trail_what *w, const struct trail_member *m, size_t i)
{
	const struct trail_notifier_facts *n = &w->facts->notifiers[i];
	const struct trail_known_notifier *known = w->timeline->notifiers[i].known;

	switch (m->by) {
	case TRAIL_FITS_CLASS:
		return known && has_word(m->words, known->class);
	case TRAIL_FITS_LIST:
		return known && has_word(m->words, known->list);
	case TRAIL_FITS_RISK:
		return known && has_word(m->words, known->risk);
	case TRAIL_FITS_FUNCTION:
		return known && has_function(m->words, n->function);
	case TRAIL_FITS_SOURCE:
		return known && has_word(m->words, known->source);
	case TRAIL_FITS_CHOSEN:
		return is_chosen(w, n);
	case TRAIL_FITS_CATALOGUED:
		return known;
	case TRAIL_FITS_ALL:
		break;
	}
	return true;
}

/* What is said of one name of a filter. */
static enum trail_tristate judge_name(struct trail_what *w, const char *name, size_t length)
{
	enum trail_tristate valid = TRAIL_MAYBE;
	char text[128];

	snprintf(text, sizeof(text), "%.*s", (int)length, name);
	for (size_t i = 0; i < w->facts->n_notifiers; i++) {
		const struct trail_notifier_facts *n = &w->facts->notifiers[i];
		if (!trail_same_function(n->function, text))
			continue;
		if (!n->module)
			return TRAIL_YES;
		valid = TRAIL_NO;
	}
	trail_what_note(w, trail_timeline_say(&w->builder,
					      valid == TRAIL_NO
						      ? "%s is of a module: a filter cannot name "
							"it, the kernel would pass it over"
						      : "no callback here is called %s; whether "
							"the kernel has that name is not known",
					      text));
	return valid;
}

/* Is the filter in force?  Without a valid name, and with too many, it is not. */
static enum trail_tristate filter_is_on(struct trail_what *w)
{
	enum trail_tristate on = TRAIL_NO;
	size_t n = 0;

	for (const char *p = w->order->names; p; n++) {
		size_t length = trail_word_length(p, ',');
		on = trail_or(on, judge_name(w, p, length));
		p = p[length] ? p + length + 1 : NULL;
	}
	if (n > TRAIL_FILTER_NAMES) {
		trail_what_note(w, "a filter of more than 16 names is not used");
		return TRAIL_NO;
	}
	if (on == TRAIL_NO)
		trail_what_note(w, "no name of the filter is valid: it is not used");
	else if (on == TRAIL_MAYBE)
		trail_what_say_open(w, "whether the filter is in force: only with a name that the "
				       "kernel has");
	return on;
}

void trail_what_place_callbacks(struct trail_what *w)
{
	const struct trail_order_model *model = w->order->model;
	enum trail_tristate on = model->wants_names ? filter_is_on(w) : TRAIL_NO;

	for (size_t i = 0; i < w->facts->n_notifiers; i++) {
		struct trail_what_callback *c = &w->out->callbacks[i];
		const struct trail_member *m = model->members;

		while (m->by != TRAIL_FITS_ALL && !fits(w, m, i))
			m++;
		c->lists = m->lists;
		c->why = m->why;
		c->priority = m->moved ? m->priority : w->facts->notifiers[i].priority;
		c->registered = TRAIL_YES;
		if (!model->wants_names || m->by == TRAIL_FITS_CHOSEN)
			continue;
		/* not named: kept out as far as the filter is in force */
		c->registered = trail_not(on);
		c->lists = on == TRAIL_YES ? m->lists : on == TRAIL_NO ? 1 : m->lists | 1;
		c->why = on == TRAIL_MAYBE ? "whether the filter is in force is open" : NULL;
	}
}
