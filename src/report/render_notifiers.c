/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The catalogue, or the chain of a dump joined with it: as text, a table to
 * compare and below it what is known of each callback; as JSON
 * "panictrail-notifiers/1", the contract of docs/panictrail-notifiers-1.schema.json.
 */
#include <limits.h>
#include <stdio.h>

#include "base/error.h"
#include "base/json.h"
#include "base/table.h"
#include "base/text.h"
#include "report/notifiers.h"
#include "report/text_page.h"
#include "report/view.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

enum {
	TAINT_OUT_OF_TREE = 12, /* the bit of 'O' in a module's taints; include/linux/panic.h */
	NEAR = 100,		/* priorities so close to an end of int are shown from there */
	NUMBER = 6,		/* columns of the position in the chain */
	INDENT = 4,		/* of what is said of a row of the catalogue */
};

const struct trail_renderer trail_notifiers_renderers[] = {
	{ .name = "text", .render = trail_render_notifiers_text },
	{ .name = "json", .render = trail_render_notifiers_json },
	{ NULL },
};

/* ---- the join ------------------------------------------------------------ */

static enum trail_tristate out_of_tree(const struct trail_facts *facts, const char *module)
{
	if (!module)
		return TRAIL_NO;
	for (size_t i = 0; i < facts->n_modules; i++)
		if (trail_streq(facts->modules[i].name, module))
			return facts->modules[i].taints >> TAINT_OUT_OF_TREE & 1 ? TRAIL_YES
										 : TRAIL_NO;
	return TRAIL_MAYBE;
}

struct trail_joined trail_notifiers_join(const struct trail_facts *facts, size_t i)
{
	const struct trail_notifier_facts *n = &facts->notifiers[i];
	struct trail_joined joined = {
		.known = trail_catalogue_find(n->function, n->module, facts->arch),
		.out_of_tree = out_of_tree(facts, n->module),
	};
	const struct trail_known_notifier *known = joined.known;

	/* distributions backport: any priority that one of the trees has is as it should be */
	joined.priority_differs = known && n->priority != known->priority &&
				  (!known->changed || n->priority != known->before);
	return joined;
}

/* ---- text ---------------------------------------------------------------- */

static void put_text(struct trail_page *p, const char *label, size_t indent, const char *raw)
{
	trail_page_paragraph(p, TRAIL_PAGE_PLAIN, label, indent, TRAIL_PAGE_NO_LIMIT, raw);
}

/* "INT_MIN+1" where the number says nothing. */
static const char *priority_of(struct trail_page *p, int priority)
{
	if (priority == INT_MAX || priority == INT_MIN)
		return priority == INT_MAX ? "INT_MAX" : "INT_MIN";
	if (priority > INT_MAX - NEAR)
		return trail_say(&p->view, "INT_MAX-%d", INT_MAX - priority);
	if (priority < INT_MIN + NEAR)
		return trail_say(&p->view, "INT_MIN+%d", priority - INT_MIN);
	return trail_say(&p->view, "%d", priority);
}

/* Is it a list that is ordered by priority? */
static bool is_chain(enum trail_hook hook)
{
	return hook == TRAIL_HOOK_PANIC || hook == TRAIL_HOOK_DIE;
}

/* Of every tree: "0, since 6.1 INT_MIN+10". */
static const char *priorities_of(struct trail_page *p, const struct trail_known_notifier *row)
{
	const char *now = priority_of(p, row->priority);

	return row->changed ? trail_say(&p->view, "%s, since %s %s", priority_of(p, row->before),
					trail_tree_names[row->changed], now)
			    : now;
}

static const char *kernels_of(struct trail_page *p, const struct trail_known_notifier *row)
{
	const char *since = trail_tree_names[row->since];

	return row->since == row->until
		       ? since
		       : trail_say(&p->view, "%s-%s", since, trail_tree_names[row->until]);
}

/* "reboot, of the four lists pre-reboot, risk high: …", and what it takes. */
static void put_judgement(struct trail_page *p, size_t indent,
			  const struct trail_known_notifier *row)
{
	const char *s = row->class ? trail_say(&p->view, "%s, ", row->class) : "";

	if (row->list)
		s = trail_say(&p->view, "%sof the four lists %s, ", s, row->list);
	put_text(p, "", indent, trail_say(&p->view, "%srisk %s: %s", s, row->risk, row->reason));
	put_text(p, "", indent, trail_say(&p->view, "takes: %s", row->cost));
}

static void put_catalogued(struct trail_page *p, const struct trail_known_notifier *row)
{
	trail_page_paragraph(p, TRAIL_PAGE_BOLD, "  ", 2, TRAIL_PAGE_NO_LIMIT,
			     trail_say_function(&p->view, row->function, row->module, 0));
	put_text(p, "", INDENT, row->does);
	put_judgement(p, INDENT, row);
	if (row->proof)
		put_text(p, "", INDENT,
			 trail_say(&p->view, "shown by: %s (%s)", row->proof,
				   trail_seen_names[row->seen]));
	if (row->changed)
		put_text(p, "", INDENT, trail_say(&p->view, "priority: %s", priorities_of(p, row)));
	put_text(p, "", INDENT,
		 trail_say(&p->view, "from: %s, %s; %s; architectures: %s; kernels: %s",
			   row->source, row->block, row->config, row->archs, kernels_of(p, row)));
}

static void put_hook(struct trail_page *p, enum trail_hook hook, const char *title)
{
	struct trail_page_table table = { .heads = { "function", "class", "risk", "kernels",
						     "priority" },
					  .n_columns = is_chain(hook) ? 5 : 4 };

	for (size_t i = 0; i < trail_n_catalogue; i++) {
		const struct trail_known_notifier *row = &trail_catalogue[i];

		if (row->hook == hook)
			trail_page_add_row(p, &table, TRAIL_PAGE_PLAIN,
					   (const char *[]){ row->function, row->class, row->risk,
							     kernels_of(p, row),
							     priority_of(p, row->priority) });
	}
	trail_page_table(p, title, &table);
}

static void put_catalogue(struct trail_page *p)
{
	static const char *const titles[TRAIL_N_HOOKS] = {
		[TRAIL_HOOK_PANIC] = "Panic notifiers",
		[TRAIL_HOOK_DIE] = "Die notifiers that matter to a panic",
		[TRAIL_HOOK_DUMPER] = "Kmsg dumpers",
		[TRAIL_HOOK_CONSOLE] = "Hooks of the console",
	};

	put_text(p, "", 0,
		 trail_say(&p->view,
			   "%zu callbacks that the kernel hooks into the panic path, as of 5.10, "
			   "6.1, 6.12 and 7.2",
			   trail_n_catalogue));
	for (size_t hook = 0; hook < TRAIL_N_HOOKS; hook++)
		put_hook(p, hook, titles[hook]);
	for (size_t hook = 0; hook < TRAIL_N_HOOKS; hook++) {
		trail_page_title(p, trail_say(&p->view, "%s, one by one", titles[hook]));
		for (size_t i = 0; i < trail_n_catalogue; i++)
			if (trail_catalogue[i].hook == hook)
				put_catalogued(p, &trail_catalogue[i]);
	}
}

/* Class, or why there is none. */
static const char *class_of(const struct trail_joined *joined)
{
	if (joined->known)
		return joined->known->class;
	return joined->out_of_tree == TRAIL_YES ? "out-of-tree" : "unknown";
}

static const char *not_catalogued(struct trail_page *p, const struct trail_notifier_facts *n,
				  const struct trail_joined *joined)
{
	const char *where = !n->function ? "no symbol covers it"
			    : !n->module ? "it is in the kernel itself"
			    : joined->out_of_tree == TRAIL_YES
				    ? "its module was not built with the kernel"
			    : joined->out_of_tree == TRAIL_NO
				    ? "its module was built with the kernel"
				    : "what its module is was not read";

	return trail_say(&p->view, "not catalogued: %s", where);
}

static void put_callback(struct trail_page *p, size_t i)
{
	const struct trail_notifier_facts *n = &p->view.facts->notifiers[i];
	const struct trail_notifier_verdict *verdict = &p->view.timeline->notifiers[i];
	const struct trail_evidence *e = trail_view_strongest(p->view.timeline, &verdict->evidence);
	struct trail_joined joined = trail_notifiers_join(p->view.facts, i);
	const char *name = trail_say_function(&p->view, n->function, n->module, n->callback);
	char label[24];

	snprintf(label, sizeof(label), "  %zu", i + 1);
	put_text(p, label, NUMBER,
		 trail_say(&p->view, "%s: %s", name,
			   joined.known ? joined.known->does : not_catalogued(p, n, &joined)));
	if (joined.known)
		put_judgement(p, NUMBER, joined.known);
	if (joined.known && joined.out_of_tree == TRAIL_YES)
		put_text(
			p, "", NUMBER,
			"its module was not built with the kernel: what is said of it may not hold");
	if (joined.priority_differs)
		put_text(p, "", NUMBER,
			 trail_say(&p->view, "priority %s, in the catalogue %s",
				   priority_of(p, n->priority), priorities_of(p, joined.known)));
	if (n->returns == TRAIL_RETURNS_STOP || n->returns == TRAIL_RETURNS_MAY_STOP)
		put_text(p, "", NUMBER,
			 n->returns == TRAIL_RETURNS_STOP ? "its code always ends the chain"
							  : "its code can end the chain");
	if (e)
		put_text(p, "", NUMBER,
			 trail_say(&p->view, "%s: %s", NAME(trail_call_names, verdict->outcome),
				   e->statement));
}

static void put_chain(struct trail_page *p)
{
	const struct trail_facts *facts = p->view.facts;
	struct trail_page_table table = { .heads = { "#", "priority", "outcome", "function",
						     "class", "risk" },
					  .n_columns = 6,
					  .whole = 2 };

	put_text(p, "kernel", 11, trail_say_kernel(&p->view));
	put_text(p, "notifiers", 11, trail_say_notifiers(&p->view));
	if (facts->n_notifiers && !facts->chain_complete)
		put_text(p, "", 11,
			 trail_say(&p->view, "the chain was not read to its end: %s",
				   facts->chain_why ? facts->chain_why : "unknown why"));
	for (size_t i = 0; i < facts->n_notifiers; i++) {
		const struct trail_notifier_facts *n = &facts->notifiers[i];
		const char *outcome = NAME(trail_call_names,
					   p->view.timeline->notifiers[i].outcome);
		struct trail_joined joined = trail_notifiers_join(facts, i);

		trail_page_add_row(p, &table, trail_page_color(outcome),
				   (const char *[]){ trail_say(&p->view, "%zu", i + 1),
						     priority_of(p, n->priority), outcome,
						     trail_say_function(&p->view, n->function,
									n->module, n->callback),
						     class_of(&joined),
						     joined.known ? joined.known->risk : NULL });
	}
	if (!table.n)
		return;
	trail_page_table(p, "Panic notifiers, in calling order", &table);
	trail_page_title(p, "One by one");
	for (size_t i = 0; i < facts->n_notifiers; i++)
		put_callback(p, i);
}

struct trail_error *trail_render_notifiers_text(const struct trail_report *report,
						struct trail_text *out)
{
	struct trail_page p = { .report = report, .out = out };

	trail_view_init(&p.view, report);
	if (report->facts)
		put_chain(&p);
	else
		put_catalogue(&p);
	bool failed = p.view.failed || out->failed;
	trail_view_fini(&p.view);
	return failed ? &trail_error_nomem : NULL;
}

/* ---- JSON ---------------------------------------------------------------- */

static void write_archs(struct trail_json *json, json_t *row, const char *archs)
{
	json_t *array = trail_json_set_array(json, row, "architectures");

	for (const char *s = archs; *s; s += strspn(s, ", ")) {
		size_t n = strcspn(s, ", ");
		trail_json_add(json, array, trail_json_bytes(json, s, n));
		s += n;
	}
}

static void write_priority(struct trail_json *json, json_t *array, enum trail_tree since,
			   int priority)
{
	json_t *entry = trail_json_add_object(json, array);

	trail_json_set_string(json, entry, "since", trail_tree_names[since]);
	trail_json_set_int(json, entry, "priority", priority);
}

static void write_row(struct trail_json *json, json_t *o, const struct trail_known_notifier *row)
{
	trail_json_set_string(json, o, "hook", trail_hook_names[row->hook]);
	trail_json_set_string(json, o, "function", row->function);
	trail_json_set_string(json, o, "block", row->block);
	trail_json_set_string(json, o, "source", row->source);
	trail_json_set_string(json, o, "module", row->module);
	trail_json_set_string(json, o, "config", row->config);
	write_archs(json, o, row->archs);
	trail_json_set_string(json, o, "since", trail_tree_names[row->since]);
	trail_json_set_string(json, o, "until", trail_tree_names[row->until]);
	json_t *priorities = trail_json_set_array(json, o, "priorities");
	if (is_chain(row->hook) && row->changed)
		write_priority(json, priorities, row->since, row->before);
	if (is_chain(row->hook))
		write_priority(json, priorities, row->changed ? row->changed : row->since,
			       row->priority);
	trail_json_set_string(json, o, "class", row->class);
	trail_json_set_string(json, o, "list", row->list);
	trail_json_set_string(json, o, "risk", row->risk);
	trail_json_set_string(json, o, "reason", row->reason);
	trail_json_set_string(json, o, "cost", row->cost);
	trail_json_set_string(json, o, "seen", trail_seen_names[row->seen]);
	trail_json_set_string(json, o, "proof", row->proof);
	trail_json_set_string(json, o, "does", row->does);
}

static void write_callback(struct trail_json *json, json_t *notifiers,
			   const struct trail_report *report, size_t i)
{
	const struct trail_notifier_facts *n = &report->facts->notifiers[i];
	const struct trail_notifier_verdict *verdict = &report->timeline->notifiers[i];
	struct trail_joined joined = trail_notifiers_join(report->facts, i);
	json_t *o = trail_json_add_object(json, notifiers);

	trail_json_set_uint(json, o, "position", i + 1);
	trail_json_set_string(json, o, "function", n->function);
	trail_json_set_string(json, o, "module", n->module);
	trail_json_set_int(json, o, "priority", n->priority);
	trail_json_set_hex(json, o, "address", n->callback);
	trail_json_set_string(json, o, "outcome", NAME(trail_call_names, verdict->outcome));
	trail_json_set(json, o, "out_of_tree",
		       joined.out_of_tree == TRAIL_MAYBE
			       ? trail_json_null()
			       : trail_json_bool(joined.out_of_tree == TRAIL_YES));
	trail_json_set(json, o, "priority_differs",
		       joined.known ? trail_json_bool(joined.priority_differs) : trail_json_null());
	if (joined.known)
		write_row(json, trail_json_set_object(json, o, "catalogue"), joined.known);
	else
		trail_json_set_null(json, o, "catalogue");
	json_t *evidence = trail_json_set_array(json, o, "evidence");
	for (size_t k = 0; k < verdict->evidence.n; k++) {
		const struct trail_evidence *e =
			&report->timeline->evidence[verdict->evidence.ids[k]];
		json_t *piece = trail_json_add_object(json, evidence);

		trail_json_set_bool(json, piece, "against", e->against);
		trail_json_set_string(json, piece, "source", NAME(trail_source_names, e->source));
		trail_json_set_string(json, piece, "strength",
				      NAME(trail_strength_names, e->strength));
		trail_json_set_string(json, piece, "statement", e->statement);
		trail_json_set_string(json, piece, "where", e->where);
	}
}

static void write_input(struct trail_json *json, json_t *root, const struct trail_report *report)
{
	const struct trail_facts *facts = report->facts;

	json_t *input = trail_json_set_object(json, root, "input");
	trail_json_set_string(json, input, "path", facts->path);
	trail_json_set_string(json, input, "release", facts->release);
	trail_json_set_string(json, input, "arch", facts->arch);
	json_t *chain = trail_json_set_object(json, root, "notifier_chain");
	trail_json_set_bool(json, chain, "complete", facts->chain_complete);
	if (facts->chain_complete)
		trail_json_set_uint(json, chain, "length", facts->n_notifiers);
	else
		trail_json_set_null(json, chain, "length");
	trail_json_set_string(json, chain, "why", facts->chain_why);
	json_t *notifiers = trail_json_set_array(json, root, "notifiers");
	for (size_t i = 0; i < facts->n_notifiers; i++)
		write_callback(json, notifiers, report, i);
	trail_json_set_array(json, root, "catalogue");
}

static void write_catalogue(struct trail_json *json, json_t *root)
{
	trail_json_set_null(json, root, "input");
	trail_json_set_null(json, root, "notifier_chain");
	trail_json_set_array(json, root, "notifiers");
	json_t *catalogue = trail_json_set_array(json, root, "catalogue");
	for (size_t i = 0; i < trail_n_catalogue; i++)
		write_row(json, trail_json_add_object(json, catalogue), &trail_catalogue[i]);
}

struct trail_error *trail_render_notifiers_json(const struct trail_report *report,
						struct trail_text *out)
{
	struct trail_json json = { 0 };
	json_t *root = trail_json_object(&json);

	trail_json_set_string(&json, root, "schema", "panictrail-notifiers/1");
	json_t *tool = trail_json_set_object(&json, root, "tool");
	trail_json_set_string(&json, tool, "name", "panictrail");
	trail_json_set_string(&json, tool, "version", TRAIL_VERSION);
	trail_json_set_bool(&json, root, "complete", report->complete);
	if (report->facts)
		write_input(&json, root, report);
	else
		write_catalogue(&json, root);
	return trail_json_write(&json, root, out) ? NULL : &trail_error_nomem;
}
