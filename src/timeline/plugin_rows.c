/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of plugins beside the tables; see plugin_rows.h. */
#include "timeline/plugin_rows.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "timeline/verdicts.h"

/* ---- which are in force --------------------------------------------------- */

static bool is_twice(const struct trail_facts *facts, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(facts->plugins[k].name, facts->plugins[i].name) == 0)
			return true;
	return false;
}

static bool is_in_force(struct trail_builder *b, size_t i)
{
	const struct trail_plugin_facts *p = &b->facts->plugins[i];

	if ((p->outcome != TRAIL_PLUGIN_USED && p->outcome != TRAIL_PLUGIN_FAILED) ||
	    is_twice(b->facts, i))
		return false;
	struct trail_error *error = trail_plugin_check(p);
	b->failed |= error == &trail_error_nomem;
	trail_error_free(error);
	return !error;
}

void trail_plugins_start(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	size_t n = b->facts->n_plugins;
	struct trail_plugin_trail *all = n ? trail_pool_alloc(&t->pool, n, sizeof(*all)) : NULL;

	b->failed |= n && !all;
	for (size_t i = 0; all && i < n; i++) {
		const struct trail_plugin_facts *p = &b->facts->plugins[i];
		if (!is_in_force(b, i))
			continue;
		long *ids = trail_pool_alloc(&t->pool, p->n_evidence + 1, sizeof(*ids));
		b->failed |= !ids;
		for (size_t k = 0; ids && k < p->n_evidence; k++)
			ids[k] = TRAIL_NO_EVIDENCE;
		if (ids)
			all[t->n_plugins++] = (struct trail_plugin_trail){ p, ids };
	}
	t->plugins = all;
}

/* ---- conditions ----------------------------------------------------------- */

const struct trail_plugin_fact *trail_plugins_fact(const struct trail_facts *facts,
						   const char *name)
{
	const char *dot = strchr(name, '.');
	size_t n = dot ? (size_t)(dot - name) : 0;

	for (size_t i = 0; dot && i < facts->n_plugins; i++)
		if (strlen(facts->plugins[i].name) == n &&
		    memcmp(facts->plugins[i].name, name, n) == 0)
			return trail_plugin_fact(&facts->plugins[i], dot + 1);
	return NULL;
}

void trail_plugin_condition(struct trail_builder *b, const struct trail_plugin_facts *plugin,
			    const struct trail_plugin_condition *from, struct trail_condition *ret)
{
	static const enum trail_look looks[TRAIL_N_PLUGIN_LOOKS] = {
		[PANICTRAIL_LOOK_FACT] = TRAIL_LOOK_PLUGIN,
		[PANICTRAIL_LOOK_SCALAR] = TRAIL_LOOK_SCALAR,
		[PANICTRAIL_LOOK_CMDLINE] = TRAIL_LOOK_CMDLINE,
		[PANICTRAIL_LOOK_LOG_AFTER] = TRAIL_LOOK_LOG_AFTER,
		[PANICTRAIL_LOOK_STAGE] = TRAIL_LOOK_STAGE,
		[PANICTRAIL_LOOK_NOTIFIER] = TRAIL_LOOK_NOTIFIER,
	};
	static const enum trail_op ops[TRAIL_N_PLUGIN_OPS] = {
		[PANICTRAIL_IS] = TRAIL_OP_IS,
		[PANICTRAIL_IS_NOT] = TRAIL_OP_IS_NOT,
		[PANICTRAIL_AT_LEAST] = TRAIL_OP_AT_LEAST,
		[PANICTRAIL_BELOW] = TRAIL_OP_BELOW,
	};

	*ret = (struct trail_condition){ .look = looks[from->look],
					 .op = ops[from->op],
					 .name = from->name,
					 .value = (int64_t)from->value,
					 .stage = TRAIL_N_STAGES };
	if (ret->look == TRAIL_LOOK_PLUGIN)
		ret->name = trail_timeline_say(b, "%s.%s", plugin->name, from->name);
	for (size_t i = 0; ret->look == TRAIL_LOOK_STAGE && i < TRAIL_N_STAGES; i++)
		if (strcmp(trail_stage_names[i], from->name) == 0)
			ret->stage = i;
}

/* ---- callbacks ------------------------------------------------------------ */

/* As the catalogue: a callback of that name in another module is another one. */
static bool is_about(const char *function, const char *module, const struct trail_notifier_facts *n)
{
	return n->function && function && trail_same_function(n->function, function) &&
	       (!n->module || trail_streq(n->module, module));
}

/*
 * Does a piece about a function speak of callback @i?  What shows that the
 * function ran tells only of the first callback that has it: they are called
 * in order.
 */
static bool speaks_of(const struct trail_builder *b, size_t i, const char *function,
		      const char *module, enum panictrail_call outcome)
{
	if (!is_about(function, module, &b->facts->notifiers[i]))
		return false;
	/* the memory is of a moment before: it may have run since */
	if (b->dump_passed && outcome == PANICTRAIL_CALL_NOT_CALLED)
		return false;
	for (size_t k = 0; outcome == PANICTRAIL_CALL_CALLED && k < i; k++)
		if (is_about(function, module, &b->facts->notifiers[k]))
			return false;
	return true;
}

/* The row of a plugin as one of the catalogue; NULL when none has one. */
static const struct trail_known_notifier *by_plugins(struct trail_builder *b,
						     const struct trail_notifier_facts *n,
						     const char **plugin_ret)
{
	for (size_t i = 0; i < b->timeline->n_plugins; i++) {
		const struct trail_plugin_facts *p = b->timeline->plugins[i].facts;
		size_t k = 0;

		while (k < p->n_notifiers &&
		       !is_about(p->notifiers[k].function, p->notifiers[k].module, n))
			k++;
		if (k == p->n_notifiers)
			continue;
		const struct trail_plugin_notifier *from = &p->notifiers[k];
		struct trail_known_notifier *row = trail_pool_alloc(&b->timeline->pool, 1,
								    sizeof(*row));
		b->failed |= !row;
		if (!row)
			return NULL;
		*row = (struct trail_known_notifier){
			.hook = TRAIL_HOOK_PANIC,
			.function = from->function,
			.module = from->module,
			.source = from->source,
			.class = trail_plugin_class_names[from->class],
			.risk = trail_plugin_level_names[from->risk],
			.reason = from->reason,
			.does = from->does,
		};
		*plugin_ret = p->name;
		return row;
	}
	return NULL;
}

void trail_callback_know(struct trail_builder *b, size_t i)
{
	const struct trail_notifier_facts *n = &b->facts->notifiers[i];
	struct trail_notifier_verdict *v = &b->timeline->notifiers[i];

	v->known = trail_catalogue_find(n->function, n->module, b->facts->arch);
	if (!v->known)
		v->known = by_plugins(b, n, &v->plugin);
	v->catalogued = v->known;
	v->class = v->known ? v->known->class : NULL;
	v->risk = v->known ? v->known->risk : NULL;
}

/* A piece that speaks of a callback: a witness that matched, or what `collect` said. */
struct piece {
	enum trail_call outcome;
	enum trail_strength strength;
	long id;
};

static enum trail_strength strength_of(enum panictrail_strength strength)
{
	return strength == PANICTRAIL_CERTAIN  ? TRAIL_CERTAIN
	       : strength == PANICTRAIL_LIKELY ? TRAIL_LIKELY
					       : TRAIL_HINT;
}

/* How sure the evidence is that callback @i has so far. */
static enum trail_strength decided_by(const struct trail_builder *b, size_t i)
{
	const struct trail_refs *refs = &b->timeline->notifiers[i].evidence;

	return refs->n ? b->timeline->evidence[refs->ids[0]].strength : TRAIL_HINT;
}

static void weigh(struct trail_builder *b, size_t i, const char *plugin, const struct piece *piece)
{
	struct trail_notifier_verdict *v = &b->timeline->notifiers[i];
	const char *function = b->facts->notifiers[i].function;

	if (v->disputed)
		return;
	if (v->outcome == TRAIL_CALL_UNKNOWN && piece->strength != TRAIL_HINT)
		v->outcome = piece->outcome;
	if (v->outcome == TRAIL_CALL_UNKNOWN || v->outcome == piece->outcome) {
		trail_refs_add(b, &v->evidence, piece->id);
		return;
	}
	b->timeline->evidence[piece->id].against = true;
	if (piece->strength == TRAIL_HINT)
		return;
	trail_contradiction(b, trail_timeline_say(b,
						  "plugin %s says that %s (notifier %zu) was %s, "
						  "and other evidence denies it",
						  plugin, function, i + 1,
						  trail_call_names[piece->outcome]));
	if (decided_by(b, i) > piece->strength)
		return;
	v->outcome = TRAIL_CALL_UNKNOWN;
	v->disputed = true;
}

static void ask_rows(struct trail_builder *b, size_t i, const struct trail_plugin_facts *p,
		     enum trail_strength strength)
{
	for (size_t k = 0; k < p->n_witnesses; k++) {
		const struct trail_plugin_witness *from = &p->witnesses[k];
		struct trail_witness row = { .scope = TRAIL_SCOPE_NOTIFIER,
					     .strength = strength,
					     .from = TRAIL_SOURCE_PLUGIN };

		if (strength_of(from->strength) != strength ||
		    !speaks_of(b, i, from->function, from->module, from->outcome))
			continue;
		for (size_t c = 0; c < from->n_when && c < TRAIL_CONDITIONS; c++)
			trail_plugin_condition(b, p, &from->when[c], &row.when[c]);
		if (trail_conditions_hold(b, row.when, TRAIL_CONDITIONS, NULL) != TRAIL_YES)
			continue;
		row.statement = trail_timeline_say(b, "%s: %s", p->name, from->statement);
		struct piece piece = { (enum trail_call)from->outcome, strength, 0 };
		piece.id = trail_witness_speaks(
			b, &row, trail_timeline_say(b, "notifier %zu", i + 1), false, NULL);
		if (piece.id >= 0)
			weigh(b, i, p->name, &piece);
	}
}

static void ask_said(struct trail_builder *b, size_t i, struct trail_plugin_trail *plugin,
		     enum trail_strength strength)
{
	const struct trail_plugin_facts *p = plugin->facts;

	for (size_t k = 0; k < p->n_evidence; k++) {
		const struct trail_plugin_evidence *e = &p->evidence[k];

		if (strength_of(e->strength) != strength ||
		    !speaks_of(b, i, e->function, e->module, e->outcome))
			continue;
		struct piece piece = { (enum trail_call)e->outcome, strength, 0 };
		piece.id = trail_evidence_add(
			b, trail_timeline_say(b, "notifier %zu", i + 1), false, TRAIL_SOURCE_PLUGIN,
			strength, trail_timeline_say(b, "%s: %s", p->name, e->statement), e->where);
		plugin->evidence[k] = piece.id;
		if (piece.id >= 0)
			weigh(b, i, p->name, &piece);
	}
}

void trail_plugins_ask(struct trail_builder *b, size_t i)
{
	/* the surest first: it decides, and stands first among the evidence */
	for (int strength = TRAIL_CERTAIN; strength >= TRAIL_HINT; strength--)
		for (size_t k = 0; k < b->timeline->n_plugins; k++) {
			ask_rows(b, i, b->timeline->plugins[k].facts, strength);
			ask_said(b, i, &b->timeline->plugins[k], strength);
		}
}

void trail_plugins_finish(struct trail_builder *b)
{
	for (size_t i = 0; i < b->timeline->n_plugins; i++) {
		struct trail_plugin_trail *plugin = &b->timeline->plugins[i];

		for (size_t k = 0; k < plugin->facts->n_evidence; k++) {
			const struct trail_plugin_evidence *e = &plugin->facts->evidence[k];
			if (e->function)
				continue;
			plugin->evidence[k] = trail_evidence_add(
				b, trail_timeline_say(b, "%s: %s", plugin->facts->name, e->claim),
				false, TRAIL_SOURCE_PLUGIN, strength_of(e->strength), e->statement,
				e->where);
		}
	}
}
