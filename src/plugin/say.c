/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host table: what a plugin says; in the child, see ask.h.  It is copied as
 * it is: the other side checks it and names what is wrong.
 */
#include <ctype.h>
#include <stdio.h>

#include "facts/facts.h"
#include "plugin/ask.h"

#define COPY(ask, s, max) trail_ask_copy((ask)->pool, s, max, &ok)

/* Room for one more row of an array of the plugin; NULL: too many, or no memory. */
static void *more(struct trail_ask *ask, void *rows, size_t n, size_t size)
{
	return n < TRAIL_PLUGIN_ROWS_MAX ? trail_pool_grow(ask->pool, rows, n, size) : NULL;
}

static int host_say_problem(const struct panictrail_host *host, const char *what, const char *why);

/* A name that the plugin has no row for: its author should see that. */
static int no_such(struct trail_ask *ask, const char *call, const char *what, const char *name)
{
	char why[TRAIL_PLUGIN_TEXT_MAX];

	snprintf(why, sizeof(why), "this plugin has no %s \"%.*s\"", what, TRAIL_PLUGIN_WORD_MAX,
		 name ? name : "");
	for (char *s = why; *s; s++)
		if (iscntrl((unsigned char)*s))
			*s = '?';
	host_say_problem(&ask->table, call, why);
	return PANICTRAIL_HOST_USAGE;
}

static int host_set_fact(const struct panictrail_host *host, const char *name, uint64_t value)
{
	struct trail_ask *ask = trail_ask_of(host);

	if (ask->timeline)
		return PANICTRAIL_HOST_NOT_NOW;
	for (size_t i = 0; name && i < ask->plugin->n_facts; i++) {
		struct trail_plugin_fact *f = &ask->plugin->facts[i];
		if (f->kind != PANICTRAIL_FACT_COLLECTED || strcmp(f->name, name) != 0)
			continue;
		f->presence = TRAIL_PRESENT;
		f->value = value;
		return PANICTRAIL_HOST_OK;
	}
	return no_such(ask, "set_fact()", "collected fact", name);
}

static int add_evidence(struct trail_ask *ask, const struct trail_plugin_evidence *row,
			uint32_t *id_ret)
{
	struct trail_plugin_facts *p = ask->plugin;
	size_t before = ask->known ? ask->known->n_evidence : 0;
	bool ok = true;

	if (row->strength < PANICTRAIL_HINT || row->strength > PANICTRAIL_CERTAIN ||
	    !row->statement)
		return PANICTRAIL_HOST_USAGE;
	struct trail_plugin_evidence *all = more(ask, p->evidence, p->n_evidence, sizeof(*all));
	if (!all || before + p->n_evidence >= TRAIL_PLUGIN_ROWS_MAX)
		return PANICTRAIL_HOST_LIMIT;
	p->evidence = all;
	struct trail_plugin_evidence *e = &all[p->n_evidence];
	*e = *row;
	e->function = COPY(ask, row->function, TRAIL_PLUGIN_WORD_MAX);
	e->module = COPY(ask, row->module, TRAIL_PLUGIN_WORD_MAX);
	e->claim = COPY(ask, row->claim, TRAIL_PLUGIN_TEXT_MAX);
	e->statement = COPY(ask, row->statement, TRAIL_PLUGIN_TEXT_MAX);
	e->where = COPY(ask, row->where, TRAIL_PLUGIN_TEXT_MAX);
	if (!ok)
		return PANICTRAIL_HOST_LIMIT;
	if (id_ret)
		*id_ret = (uint32_t)(before + p->n_evidence);
	p->n_evidence++;
	return PANICTRAIL_HOST_OK;
}

static int host_say_call(const struct panictrail_host *host, const char *function,
			 const char *module, uint32_t outcome, uint32_t strength,
			 const char *statement, const char *where)
{
	struct trail_ask *ask = trail_ask_of(host);
	struct trail_plugin_evidence row = { .function = function,
					     .module = module,
					     .outcome = outcome,
					     .strength = strength,
					     .statement = statement,
					     .where = where };

	if (ask->timeline)
		return PANICTRAIL_HOST_NOT_NOW;
	if (!function ||
	    (outcome != PANICTRAIL_CALL_CALLED && outcome != PANICTRAIL_CALL_NOT_CALLED))
		return PANICTRAIL_HOST_USAGE;
	return add_evidence(ask, &row, NULL);
}

static int host_say_evidence(const struct panictrail_host *host, const char *claim,
			     uint32_t strength, const char *statement, const char *where,
			     uint32_t *id_ret)
{
	struct trail_plugin_evidence row = {
		.claim = claim, .strength = strength, .statement = statement, .where = where
	};

	return claim ? add_evidence(trail_ask_of(host), &row, id_ret) : PANICTRAIL_HOST_USAGE;
}

/* ---- rules ---------------------------------------------------------------- */

static bool has_rule(const struct trail_plugin_facts *plugin, const char *id)
{
	for (size_t i = 0; i < plugin->n_rules; i++)
		if (strcmp(plugin->rules[i].id, id) == 0)
			return true;
	return false;
}

static int add_result(struct trail_ask *ask, const char *rule, const char *message,
		      const uint32_t *evidence, size_t n)
{
	struct trail_plugin_facts *p = ask->plugin;
	size_t most = ask->timeline ? ask->known->n_evidence + p->n_evidence : 0;
	bool ok = true;

	if (!ask->timeline)
		return PANICTRAIL_HOST_NOT_NOW;
	if (!rule || !has_rule(ask->known, rule))
		return no_such(ask, message ? "say_finding()" : "say_pass()", "rule", rule);
	if (n > TRAIL_PLUGIN_ROWS_MAX || (n && !evidence))
		return PANICTRAIL_HOST_USAGE;
	struct trail_plugin_result *all = more(ask, p->results, p->n_results, sizeof(*all));
	if (!all)
		return PANICTRAIL_HOST_LIMIT;
	p->results = all;
	struct trail_plugin_result *r = &all[p->n_results];
	r->rule = COPY(ask, rule, TRAIL_PLUGIN_WORD_MAX);
	r->message = COPY(ask, message, TRAIL_PLUGIN_TEXT_MAX);
	r->cites = trail_pool_alloc(ask->pool, n + 1, sizeof(*r->cites));
	if (!ok || !r->cites)
		return PANICTRAIL_HOST_LIMIT;
	for (r->n_cites = 0; r->n_cites < n; r->n_cites++) {
		if (evidence[r->n_cites] >= most)
			return PANICTRAIL_HOST_USAGE;
		r->cites[r->n_cites].evidence = evidence[r->n_cites];
	}
	p->n_results++;
	return PANICTRAIL_HOST_OK;
}

static int host_say_finding(const struct panictrail_host *host, const char *rule,
			    const char *message, const uint32_t *evidence, size_t n)
{
	return message ? add_result(trail_ask_of(host), rule, message, evidence, n)
		       : PANICTRAIL_HOST_USAGE;
}

static int host_say_pass(const struct panictrail_host *host, const char *rule)
{
	return add_result(trail_ask_of(host), rule, NULL, NULL, 0);
}

/* ---- fields and gaps ------------------------------------------------------ */

static int add_field(struct trail_ask *ask, const char *key, enum trail_plugin_field_kind kind,
		     const char *text, uint64_t value)
{
	struct trail_plugin_facts *p = ask->plugin;
	size_t i = 0;
	bool ok = true;

	if (!key || (kind == TRAIL_PLUGIN_FIELD_TEXT && !text))
		return PANICTRAIL_HOST_USAGE;
	while (i < p->n_fields && strcmp(p->fields[i].key, key) != 0)
		i++;
	if (i == p->n_fields) {
		struct trail_plugin_field *all = more(ask, p->fields, i, sizeof(*all));
		if (!all)
			return PANICTRAIL_HOST_LIMIT;
		p->fields = all;
	}
	struct trail_plugin_field field = {
		.key = COPY(ask, key, TRAIL_PLUGIN_WORD_MAX),
		.kind = kind,
		.text = COPY(ask, text, TRAIL_PLUGIN_TEXT_MAX),
		.value = value,
	};
	if (!ok)
		return PANICTRAIL_HOST_LIMIT;
	p->fields[i] = field;
	p->n_fields = TRAIL_MAX(p->n_fields, i + 1);
	return PANICTRAIL_HOST_OK;
}

static int host_say_text(const struct panictrail_host *host, const char *key, const char *value)
{
	return add_field(trail_ask_of(host), key, TRAIL_PLUGIN_FIELD_TEXT, value, 0);
}

static int host_say_number(const struct panictrail_host *host, const char *key, int64_t value)
{
	return add_field(trail_ask_of(host), key, TRAIL_PLUGIN_FIELD_NUMBER, NULL, (uint64_t)value);
}

static int host_say_address(const struct panictrail_host *host, const char *key, uint64_t value)
{
	return add_field(trail_ask_of(host), key, TRAIL_PLUGIN_FIELD_ADDRESS, NULL, value);
}

static int host_say_bool(const struct panictrail_host *host, const char *key, int value)
{
	return add_field(trail_ask_of(host), key, TRAIL_PLUGIN_FIELD_BOOL, NULL, value != 0);
}

static int host_say_problem(const struct panictrail_host *host, const char *what, const char *why)
{
	struct trail_ask *ask = trail_ask_of(host);
	struct trail_plugin_facts *p = ask->plugin;
	bool ok = true;

	if (!what)
		return PANICTRAIL_HOST_USAGE;
	struct trail_gap *all = more(ask, p->gaps, p->n_gaps, sizeof(*all));
	if (!all)
		return PANICTRAIL_HOST_LIMIT;
	p->gaps = all;
	all[p->n_gaps] = (struct trail_gap){ COPY(ask, what, TRAIL_PLUGIN_TEXT_MAX),
					     COPY(ask, why, TRAIL_PLUGIN_TEXT_MAX) };
	p->n_gaps += ok;
	return ok ? PANICTRAIL_HOST_OK : PANICTRAIL_HOST_LIMIT;
}

void trail_ask_set_sayers(struct panictrail_host *table)
{
	table->set_fact = host_set_fact;
	table->say_call = host_say_call;
	table->say_evidence = host_say_evidence;
	table->say_finding = host_say_finding;
	table->say_pass = host_say_pass;
	table->say_text = host_say_text;
	table->say_number = host_say_number;
	table->say_address = host_say_address;
	table->say_bool = host_say_bool;
	table->say_problem = host_say_problem;
}
