/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of a plugin → struct trail_plugin_facts, in the child.  A row is
 * only copied here; the other side checks what it says.  But an enumerator
 * that there is not, or an array without an end, has no words there.
 */
#include <stdio.h>

#include "plugin/ask.h"

/* What is copied, and whether it went well. */
struct copier {
	struct trail_pool *pool;
	struct trail_plugin_facts *to;
	bool ok; /* there was memory */
};

const char *trail_ask_copy(struct trail_pool *pool, const char *s, size_t max, bool *ok)
{
	const char *mine = s ? trail_pool_strndup(pool, s, strnlen(s, max + 1)) : NULL;

	*ok &= !s || mine;
	return mine;
}

static const char *word(struct copier *c, const char *s)
{
	return trail_ask_copy(c->pool, s, TRAIL_PLUGIN_WORD_MAX, &c->ok);
}

/* One that is never NULL: an empty one is found wanting by the other side. */
static const char *needed(struct copier *c, const char *s)
{
	return trail_ask_copy(c->pool, s ? s : "", TRAIL_PLUGIN_TEXT_MAX, &c->ok);
}

static const char *text(struct copier *c, const char *s)
{
	return trail_ask_copy(c->pool, s, TRAIL_PLUGIN_TEXT_MAX, &c->ok);
}

static void refuse(struct copier *c, const char *reason)
{
	if (c->to->outcome == TRAIL_PLUGIN_REFUSED)
		return;
	c->to->outcome = TRAIL_PLUGIN_REFUSED;
	c->to->reason = reason;
	c->ok &= reason != NULL;
}

static unsigned enumerator(struct copier *c, const char *array, size_t row, const char *member,
			   uint32_t value, unsigned n)
{
	if (value < n)
		return value;
	refuse(c, trail_pool_printf(c->pool, "%s[%zu].%s: %u is no such enumerator", array, row,
				    member, value));
	return 0;
}

static bool is_zero(const void *bytes, size_t n)
{
	const char *s = bytes;

	while (n && !*s) {
		s++;
		n--;
	}
	return !n;
}

/* Rows of an array up to the one that is all zero. */
static size_t count(struct copier *c, const char *array, const void *rows, size_t size)
{
	size_t n = 0;

	while (rows && n <= TRAIL_PLUGIN_ROWS_MAX && !is_zero((const char *)rows + n * size, size))
		n++;
	if (n <= TRAIL_PLUGIN_ROWS_MAX)
		return n;
	refuse(c, trail_pool_printf(
			  c->pool, "%s: more than %d rows; an array ends with one that is all zero",
			  array, TRAIL_PLUGIN_ROWS_MAX));
	return 0;
}

static void *room(struct copier *c, size_t n, size_t size)
{
	void *rows = trail_pool_alloc(c->pool, n + 1, size);

	c->ok &= rows != NULL;
	return rows;
}

static struct trail_plugin_condition *conditions(struct copier *c, const char *array, size_t row,
						 const struct panictrail_condition *from,
						 size_t *n_ret)
{
	struct trail_plugin_condition *all = room(c, PANICTRAIL_CONDITIONS, sizeof(*all));

	*n_ret = 0;
	for (size_t i = 0; all && i < PANICTRAIL_CONDITIONS && from[i].look; i++) {
		all[i].look = enumerator(c, array, row, "look", from[i].look, TRAIL_N_PLUGIN_LOOKS);
		all[i].op = enumerator(c, array, row, "op", from[i].op, TRAIL_N_PLUGIN_OPS);
		all[i].name = needed(c, from[i].name);
		all[i].value = (uint64_t)from[i].value;
		*n_ret = i + 1;
	}
	return all;
}

static void copy_notifiers(struct copier *c, const struct panictrail_notifier *from)
{
	struct trail_plugin_facts *to = c->to;
	size_t n = count(c, "notifiers", from, sizeof(*from));
	struct trail_plugin_notifier *all = room(c, n, sizeof(*all));

	for (size_t i = 0; all && i < n; i++)
		all[i] = (struct trail_plugin_notifier){
			.function = needed(c, from[i].function),
			.module = word(c, from[i].module),
			.class = enumerator(c, "notifiers", i, "class_", from[i].class_,
					    TRAIL_N_PLUGIN_CLASSES),
			.risk = enumerator(c, "notifiers", i, "risk", from[i].risk,
					   TRAIL_N_PLUGIN_LEVELS),
			.reason = needed(c, from[i].reason),
			.does = needed(c, from[i].does),
			.source = needed(c, from[i].source),
		};
	to->notifiers = all;
	to->n_notifiers = all ? n : 0;
}

static void copy_facts(struct copier *c, const struct panictrail_fact *from)
{
	size_t n = count(c, "facts", from, sizeof(*from));
	struct trail_plugin_fact *all = room(c, n, sizeof(*all));

	for (size_t i = 0; all && i < n; i++)
		all[i] = (struct trail_plugin_fact){
			.name = needed(c, from[i].name),
			.kind = enumerator(c, "facts", i, "kind", from[i].kind,
					   TRAIL_N_PLUGIN_FACT_KINDS),
			.symbol = word(c, from[i].symbol),
			.module = word(c, from[i].module),
			.type = word(c, from[i].type),
			.member = word(c, from[i].member),
			.width = from[i].width,
			.is_signed = from[i].is_signed != 0,
			.what = needed(c, from[i].what),
			.source = needed(c, from[i].source),
		};
	c->to->facts = all;
	c->to->n_facts = all ? n : 0;
}

static void copy_witnesses(struct copier *c, const struct panictrail_witness *from)
{
	size_t n = count(c, "witnesses", from, sizeof(*from));
	struct trail_plugin_witness *all = room(c, n, sizeof(*all));

	for (size_t i = 0; all && i < n; i++) {
		all[i] = (struct trail_plugin_witness){
			.function = needed(c, from[i].function),
			.module = word(c, from[i].module),
			.outcome = enumerator(c, "witnesses", i, "outcome", from[i].outcome,
					      TRAIL_N_PLUGIN_CALLS),
			.strength = enumerator(c, "witnesses", i, "strength", from[i].strength,
					       TRAIL_N_PLUGIN_STRENGTHS),
			.statement = needed(c, from[i].statement),
			.source = needed(c, from[i].source),
		};
		all[i].when = conditions(c, "witnesses", i, from[i].when, &all[i].n_when);
	}
	c->to->witnesses = all;
	c->to->n_witnesses = all ? n : 0;
}

static void copy_rules(struct copier *c, const struct panictrail_rule *from)
{
	size_t n = count(c, "rules", from, sizeof(*from));
	struct trail_plugin_rule *all = room(c, n, sizeof(*all));

	for (size_t i = 0; all && i < n; i++) {
		all[i] = (struct trail_plugin_rule){
			.id = needed(c, from[i].id),
			.severity = enumerator(c, "rules", i, "severity", from[i].severity,
					       TRAIL_N_PLUGIN_SEVERITIES),
			.statement = needed(c, from[i].statement),
			.message = text(c, from[i].message),
			.remedy = text(c, from[i].remedy),
			.source = needed(c, from[i].source),
		};
		all[i].where = conditions(c, "rules", i, from[i].where, &all[i].n_where);
		all[i].fails = conditions(c, "rules", i, from[i].fails, &all[i].n_fails);
	}
	c->to->rules = all;
	c->to->n_rules = all ? n : 0;
}

bool trail_ask_rows(struct trail_pool *pool, const struct panictrail_plugin *from,
		    struct trail_plugin_facts *ret)
{
	struct copier c = { .pool = pool, .to = ret, .ok = true };

	copy_notifiers(&c, from->notifiers);
	copy_facts(&c, from->facts);
	copy_witnesses(&c, from->witnesses);
	copy_rules(&c, from->rules);
	ret->has_check = from->check != NULL;
	return c.ok;
}
