/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What-if as JSON "panictrail-what-if/1", the contract of docs/panictrail-what-if-1.schema.json. */
#include "base/error.h"
#include "base/json.h"
#include "base/table.h"
#include "report/view.h"
#include "report/what_if.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

struct writer {
	struct trail_json json;
	const struct trail_facts *facts;
	const struct trail_timeline *timeline;
};

static void set_word(struct writer *w, json_t *o, const char *key, enum trail_tristate value)
{
	trail_json_set_string(&w->json, o, key, trail_what_if_word(value));
}

static void write_positions(struct writer *w, json_t *o, const char *key, const size_t *all,
			    size_t n)
{
	json_t *list = trail_json_set_array(&w->json, o, key);

	for (size_t i = 0; i < n; i++)
		trail_json_add(&w->json, list, trail_json_int(&w->json, (int64_t)all[i] + 1));
}

static void write_sentences(struct writer *w, json_t *o, const char *key, const char *const *all,
			    size_t n)
{
	json_t *list = trail_json_set_array(&w->json, o, key);

	for (size_t i = 0; i < n; i++)
		trail_json_add(&w->json, list, trail_json_string(&w->json, all[i]));
}

static void write_evidence(struct writer *w, json_t *o, const struct trail_refs *refs)
{
	json_t *list = trail_json_set_array(&w->json, o, "evidence");

	for (size_t i = 0; i < refs->n; i++) {
		const struct trail_evidence *e = &w->timeline->evidence[refs->ids[i]];
		json_t *piece = trail_json_add_object(&w->json, list);

		trail_json_set_bool(&w->json, piece, "against", e->against);
		trail_json_set_string(&w->json, piece, "source",
				      NAME(trail_source_names, e->source));
		trail_json_set_string(&w->json, piece, "strength",
				      NAME(trail_strength_names, e->strength));
		trail_json_set_string(&w->json, piece, "statement", e->statement);
		trail_json_set_string(&w->json, piece, "where", e->where);
	}
}

/* ---- the real world ------------------------------------------------------- */

static void write_input(struct writer *w, json_t *root)
{
	json_t *input = trail_json_set_object(&w->json, root, "input");

	trail_json_set_string(&w->json, input, "path", w->facts->path);
	trail_json_set_string(&w->json, input, "release", w->facts->release);
	trail_json_set_string(&w->json, input, "arch", w->facts->arch);
	json_t *chain = trail_json_set_object(&w->json, root, "notifier_chain");
	trail_json_set_bool(&w->json, chain, "complete",
			    w->facts->chain_presence == TRAIL_PRESENT && w->facts->chain_complete);
	trail_json_set_string(&w->json, chain, "why", w->facts->chain_why);
}

static void write_real(struct writer *w, json_t *root)
{
	struct trail_json *json = &w->json;
	const struct trail_timeline *t = w->timeline;
	json_t *real = trail_json_set_object(json, root, "real");

	trail_json_set_string(json, real, "entered",
			      t->entered == TRAIL_MAYBE ? "unknown"
							: trail_what_if_word(t->entered));
	trail_json_set_string(json, real, "trigger", t->trigger);
	trail_json_set_string(json, real, "method", NAME(trail_method_names, t->method));
	trail_json_set_string(json, real, "point", NAME(trail_point_names, t->point));
	json_t *steps = trail_json_set_array(json, real, "steps");
	for (size_t i = 0; i < t->n_stages; i++) {
		json_t *step = trail_json_add_object(json, steps);

		trail_json_set_string(json, step, "step",
				      NAME(trail_stage_names, t->stages[i].stage));
		trail_json_set_string(json, step, "outcome",
				      NAME(trail_outcome_names, t->stages[i].outcome));
	}
	json_t *callbacks = trail_json_set_array(json, real, "callbacks");
	for (size_t i = 0; i < w->facts->n_notifiers; i++) {
		const struct trail_notifier_facts *n = &w->facts->notifiers[i];
		json_t *o = trail_json_add_object(json, callbacks);

		trail_json_set_uint(json, o, "position", i + 1);
		trail_json_set_string(json, o, "function", n->function);
		trail_json_set_string(json, o, "module", n->module);
		trail_json_set_string(json, o, "outcome",
				      NAME(trail_call_names, t->notifiers[i].outcome));
		trail_json_set_bool(json, o, "ended_chain", trail_what_if_ender(t) == (long)i);
	}
}

/* ---- another one ---------------------------------------------------------- */

static void write_inputs(struct writer *w, json_t *order, const struct trail_what_if *what_if)
{
	static const char *const by[] = { [TRAIL_GIVEN_BY_DUMP] = "dump",
					  [TRAIL_GIVEN_BY_MODEL] = "model",
					  [TRAIL_GIVEN_BY_ORDER] = "order" };
	json_t *inputs = trail_json_set_array(&w->json, order, "inputs");

	for (size_t i = 1; i < TRAIL_N_INPUTS; i++) {
		const struct trail_given *in = &what_if->inputs[i];

		if (i > TRAIL_INPUT_SYS_FIRST && !in->known)
			continue; /* of another model */
		json_t *o = trail_json_add_object(&w->json, inputs);
		trail_json_set_string(&w->json, o, "name", trail_order_input_names[i]);
		if (in->known)
			trail_json_set_int(&w->json, o, "value", in->value);
		else
			trail_json_set_null(&w->json, o, "value");
		trail_json_set_string(&w->json, o, "given_by", by[in->by]);
	}
}

static void write_steps(struct writer *w, json_t *order, const struct trail_what_if *what_if)
{
	json_t *steps = trail_json_set_array(&w->json, order, "steps");

	for (size_t i = 0; i < what_if->n_steps; i++) {
		const struct trail_what_step *step = &what_if->steps[i];
		json_t *o = trail_json_add_object(&w->json, steps);

		trail_json_set_string(&w->json, o, "step", trail_step_name(step->step));
		trail_json_set_string(&w->json, o, "list", step->list);
		trail_json_set_string(&w->json, o, "outcome",
				      NAME(trail_would_names, step->outcome));
		set_word(w, o, "before_kdump",
			 step->step == TRAIL_STAGE_KDUMP_EARLY ||
					 step->step == TRAIL_STAGE_KDUMP_LATE ||
					 step->step == TRAIL_STEP_KDUMP
				 ? TRAIL_NO
				 : step->before_kdump);
		trail_json_set_string(&w->json, o, "how", step->how);
		trail_json_set_string(&w->json, o, "why", step->why);
		write_positions(w, o, "callbacks", step->callbacks, step->n);
	}
}

static void write_callbacks(struct writer *w, json_t *order, const struct trail_what_if *what_if)
{
	json_t *callbacks = trail_json_set_array(&w->json, order, "callbacks");

	for (size_t i = 0; i < w->facts->n_notifiers; i++) {
		const struct trail_what_callback *c = &what_if->callbacks[i];
		json_t *o = trail_json_add_object(&w->json, callbacks);

		trail_json_set_uint(&w->json, o, "position", i + 1);
		json_t *lists = trail_json_set_array(&w->json, o, "lists");
		for (size_t k = 0; k < TRAIL_LISTS; k++)
			if (c->lists >> k & 1)
				trail_json_add(&w->json, lists,
					       trail_json_string(&w->json,
								 what_if->order->model->lists[k]));
		trail_json_set_string(&w->json, o, "why", c->why);
		set_word(w, o, "registered", c->registered);
		set_word(w, o, "before_kdump", c->before_kdump);
		set_word(w, o, "runs", c->runs);
	}
}

static void write_cpus(struct writer *w, json_t *order, const struct trail_what_cpus *cpus)
{
	struct trail_json *json = &w->json;
	json_t *o = trail_json_set_object(json, order, "cpus");

	if (cpus->known)
		trail_json_set_uint(json, o, "others", cpus->others);
	else
		trail_json_set_null(json, o, "others");
	set_word(w, o, "told_before_kdump", cpus->told);
	trail_json_set_string(json, o, "how", cpus->how);
	if (cpus->stopped_known)
		trail_json_set_uint(json, o, "stopped_before_kdump", cpus->stopped_before_kdump);
	else
		trail_json_set_null(json, o, "stopped_before_kdump");
	trail_json_set_uint(json, o, "not_stopped_here", cpus->refused);
}

static void write_troubles(struct writer *w, json_t *order, const struct trail_what_if *what_if)
{
	json_t *troubles = trail_json_set_array(&w->json, order, "troubles");

	for (size_t i = 0; i < what_if->n_troubles; i++) {
		const struct trail_trouble *t = &what_if->troubles[i];
		json_t *o = trail_json_add_object(&w->json, troubles);

		trail_json_set_string(&w->json, o, "kind", NAME(trail_trouble_names, t->kind));
		trail_json_set_string(&w->json, o, "what", t->what);
		set_word(w, o, "in_the_way", t->in_the_way);
		trail_json_set_string(&w->json, o, "why", t->why);
		write_evidence(w, o, &t->evidence);
	}
}

static void write_order(struct writer *w, json_t *orders, const struct trail_what_if *what_if)
{
	const struct trail_order *order = what_if->order;
	json_t *o = trail_json_add_object(&w->json, orders);

	trail_json_set_string(&w->json, o, "order", order->text);
	trail_json_set_string(&w->json, o, "model", order->model->name);
	trail_json_set_string(&w->json, o, "about", order->model->about);
	trail_json_set_string(&w->json, o, "source", order->model->source);
	write_inputs(w, o, what_if);
	write_steps(w, o, what_if);
	write_callbacks(w, o, what_if);
	write_cpus(w, o, &what_if->cpus);
	write_troubles(w, o, what_if);
	write_sentences(w, o, "open", what_if->open, what_if->n_open);
	write_sentences(w, o, "notes", what_if->notes, what_if->n_notes);
}

struct trail_error *trail_render_what_if_json(const struct trail_report *report,
					      struct trail_text *out)
{
	struct writer w = { .facts = report->facts, .timeline = report->timeline };
	json_t *root = trail_json_object(&w.json);

	trail_json_set_string(&w.json, root, "schema", "panictrail-what-if/1");
	json_t *tool = trail_json_set_object(&w.json, root, "tool");
	trail_json_set_string(&w.json, tool, "name", "panictrail");
	trail_json_set_string(&w.json, tool, "version", TRAIL_VERSION);
	trail_json_set_bool(&w.json, root, "complete", report->complete);
	write_input(&w, root);
	write_real(&w, root);
	json_t *orders = trail_json_set_array(&w.json, root, "orders");
	for (size_t i = 0; i < report->n_what_ifs; i++)
		write_order(&w, orders, report->what_ifs[i]);
	return trail_json_write(&w.json, root, out) ? NULL : &trail_error_nomem;
}
