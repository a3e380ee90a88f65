/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies as text, a table of what there is; as JSON "panictrail-policy/1",
 * the contract of docs/panictrail-policy-1.schema.json, each with its values,
 * where they were set, and what is wrong with it.
 */
#include <stdlib.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "policy/policy_keys.h"
#include "report/policies.h"
#include "report/report.h"
#include "report/text_page.h"

/* ---- text ----------------------------------------------------------------- */

struct trail_error *trail_render_policies_text(const struct trail_report *report,
					       const struct trail_policy_rows *rows,
					       struct trail_text *out)
{
	struct trail_page p = { .report = report, .out = out };
	struct trail_page_table table = { .heads = { "name", "from", "what for" }, .n_columns = 3 };

	trail_view_init(&p.view, report);
	for (size_t i = 0; i < rows->n; i++) {
		const struct trail_policy_row *row = &rows->all[i];
		const struct trail_policy *policy = row->policy;

		trail_page_add_row(
			&p, &table, policy ? TRAIL_PAGE_PLAIN : TRAIL_PAGE_RED,
			(const char *[]){ row->name, policy ? policy->source : "",
					  policy ? policy->description : row->error->message });
	}
	trail_page_table(&p, "Policies", &table);
	bool failed = p.view.failed || out->failed;
	trail_view_fini(&p.view);
	return failed ? &trail_error_nomem : NULL;
}

/* ---- JSON ----------------------------------------------------------------- */

struct writer {
	struct trail_json json;
	struct trail_pool pool;
};

static void set_value(struct writer *w, json_t *object, const struct trail_policy_key *key,
		      const struct trail_value *value)
{
	const char *name = trail_policy_key_name(key);

	if (value->kind == TRAIL_VALUE_BOOLEAN) {
		trail_json_set_bool(&w->json, object, name, strcmp(value->word, "true") == 0);
	} else if (value->kind == TRAIL_VALUE_NUMBER) {
		trail_json_set_uint(&w->json, object, name, strtoull(value->word, NULL, 10));
	} else if (value->kind == TRAIL_VALUE_WORD) {
		trail_json_set_string(&w->json, object, name, value->word);
	} else {
		json_t *array = trail_json_set_array(&w->json, object, name);
		for (size_t i = 0; i < value->n; i++)
			trail_json_add(&w->json, array,
				       trail_json_string(&w->json, value->words[i]));
	}
}

static void set_rules(struct writer *w, json_t *object, const struct trail_policy *policy)
{
	json_t *rules = trail_json_set_object(&w->json, object, "rules");

	for (size_t i = 0; i < policy->n_severities; i++)
		trail_json_set_string(&w->json, rules, policy->severities[i].rule,
				      trail_severity_names[policy->severities[i].severity]);
}

/* The keys of a map, or of the top level, into @object. */
static void set_keys(struct writer *w, json_t *object, const struct trail_policy *policy,
		     const struct trail_policy_key *map)
{
	for (size_t i = 0; i < trail_n_policy_keys; i++) {
		const struct trail_policy_key *key = &trail_policy_keys[i];
		struct trail_value value;

		if (!trail_policy_key_in(key, map) || key->type == TRAIL_KEY_EXTENDS)
			continue;
		if (key->type == TRAIL_KEY_MAP)
			set_keys(
				w, /* its depth is that of the table */
				trail_json_set_object(&w->json, object, trail_policy_key_name(key)),
				policy, key);
		else if (key->type == TRAIL_KEY_RULES)
			set_rules(w, object, policy);
		else if (trail_policy_get(policy, key, &w->pool, &value))
			set_value(w, object, key, &value);
		else
			w->json.failed = true;
	}
}

static void set_place(struct writer *w, json_t *object, const struct trail_place *place)
{
	bool known = place->file && *place->file;

	trail_json_set_string(&w->json, object, "file", known ? place->file : NULL);
	trail_json_set(&w->json, object, "line",
		       known ? trail_json_uint(&w->json, place->line) : trail_json_null());
	trail_json_set(&w->json, object, "column",
		       known ? trail_json_uint(&w->json, place->column) : trail_json_null());
}

static void add_origin(struct writer *w, json_t *origins, const char *key,
		       const struct trail_place *place)
{
	if (!place->file)
		return;
	json_t *origin = trail_json_add_object(&w->json, origins);
	trail_json_set_string(&w->json, origin, "key", key);
	set_place(w, origin, place);
}

static void set_origins(struct writer *w, json_t *object, const struct trail_policy *policy)
{
	json_t *origins = trail_json_set_array(&w->json, object, "origins");

	for (size_t i = 0; policy && i < trail_n_policy_keys; i++)
		if (trail_policy_keys[i].type != TRAIL_KEY_RULES)
			add_origin(w, origins, trail_policy_keys[i].path, &policy->places[i]);
	for (size_t i = 0; policy && i < policy->n_severities; i++) {
		const char *key = trail_pool_printf(&w->pool, "rules.%s",
						    policy->severities[i].rule);
		w->json.failed |= !key;
		add_origin(w, origins, key, &policy->severities[i].place);
	}
}

static void add_problem(struct writer *w, json_t *problems, const struct trail_place *place,
			const char *message)
{
	json_t *problem = trail_json_add_object(&w->json, problems);

	set_place(w, problem, place);
	trail_json_set_string(&w->json, problem, "message", message);
}

static void set_problems(struct writer *w, json_t *object, const struct trail_policy_row *row)
{
	json_t *problems = trail_json_set_array(&w->json, object, "problems");

	for (size_t i = 0; i < row->problems.n; i++)
		add_problem(w, problems, &row->problems.all[i].place, row->problems.all[i].message);
	if (row->error && !row->problems.n) /* it could not be read at all */
		add_problem(w, problems, &(struct trail_place){ 0 }, row->error->message);
}

static void add_policy(struct writer *w, json_t *policies, const struct trail_policy_row *row)
{
	json_t *object = trail_json_add_object(&w->json, policies);
	const struct trail_policy *policy = row->policy;

	trail_json_set_string(&w->json, object, "name", policy ? policy->name : row->name);
	trail_json_set_string(&w->json, object, "source", policy ? policy->source : NULL);
	trail_json_set_string(&w->json, object, "sha256", policy ? policy->sha256 : NULL);
	json_t *files = trail_json_set_array(&w->json, object, "files");
	for (size_t i = 0; policy && i < policy->n_files; i++)
		trail_json_add(&w->json, files, trail_json_string(&w->json, policy->files[i]));
	if (policy)
		set_keys(w, trail_json_set_object(&w->json, object, "policy"), policy, NULL);
	else
		trail_json_set_null(&w->json, object, "policy");
	set_origins(w, object, policy);
	set_problems(w, object, row);
}

struct trail_error *trail_render_policies_json(const struct trail_policy_rows *rows,
					       struct trail_text *out)
{
	struct writer w = { 0 };
	json_t *root = trail_json_object(&w.json);

	trail_pool_init(&w.pool);
	trail_json_set_string(&w.json, root, "schema", "panictrail-policy/1");
	json_t *tool = trail_json_set_object(&w.json, root, "tool");
	trail_json_set_string(&w.json, tool, "name", "panictrail");
	trail_json_set_string(&w.json, tool, "version", TRAIL_VERSION);
	json_t *policies = trail_json_set_array(&w.json, root, "policies");
	for (size_t i = 0; i < rows->n; i++)
		add_policy(&w, policies, &rows->all[i]);
	bool good = trail_json_write(&w.json, root, out);
	trail_pool_fini(&w.pool);
	return good ? NULL : &trail_error_nomem;
}
