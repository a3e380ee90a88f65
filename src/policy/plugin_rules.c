/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of plugins; see plugin_rules.h and struct panictrail_rule. */
#include "policy/plugin_rules.h"

#include <inttypes.h>

#include "timeline/plugin_rows.h"

size_t trail_plugin_rules_count(const struct trail_timeline *timeline)
{
	size_t n = 0;

	for (size_t i = 0; i < timeline->n_plugins; i++)
		n += timeline->plugins[i].facts->n_rules;
	return n;
}

/* ---- a row as one of the table -------------------------------------------- */

/* "the facts x, y of plugin p" */
static const char *reads_of(struct trail_judge *j, const struct trail_plugin_facts *p,
			    const struct trail_plugin_rule *from)
{
	const char *s = NULL;

	for (size_t i = 0; i < from->n_where; i++)
		s = trail_timeline_say(&j->builder, "%s%s%s", s ? s : "", s ? ", " : "",
				       from->where[i].name);
	for (size_t i = 0; i < from->n_fails; i++)
		s = trail_timeline_say(&j->builder, "%s%s%s", s ? s : "", s ? ", " : "",
				       from->fails[i].name);
	return s ? s : trail_timeline_say(&j->builder, "what plugin %s looks at", p->name);
}

static const struct trail_rule *as_rule(struct trail_judge *j, const struct trail_plugin_facts *p,
					const struct trail_plugin_rule *from)
{
	static const enum trail_severity severities[TRAIL_N_PLUGIN_SEVERITIES] = {
		[PANICTRAIL_NOTE] = TRAIL_SEVERITY_NOTE,
		[PANICTRAIL_WARNING] = TRAIL_SEVERITY_WARNING,
		[PANICTRAIL_ERROR] = TRAIL_SEVERITY_ERROR,
	};
	struct trail_rule *rule = trail_pool_alloc(&j->timeline->pool, 1, sizeof(*rule));

	j->builder.failed |= !rule;
	if (!rule)
		return NULL;
	*rule = (struct trail_rule){
		.id = from->id,
		.name = strchr(from->id, ':') + 1,
		.bare = true,
		.severity = severities[from->severity],
		.statement = from->statement,
		.reads = reads_of(j, p, from),
		.remedy = from->remedy ? from->remedy : "",
		.source = from->source,
	};
	return rule;
}

/* ---- conditions ----------------------------------------------------------- */

static enum trail_tristate hold(struct trail_judge *j, const struct trail_plugin_facts *p,
				const struct trail_plugin_condition *from, size_t n)
{
	struct trail_condition when[TRAIL_CONDITIONS] = { 0 };

	for (size_t i = 0; i < n && i < TRAIL_CONDITIONS; i++)
		trail_plugin_condition(&j->builder, p, &from[i], &when[i]);
	return trail_conditions_hold(&j->builder, when, TRAIL_CONDITIONS, NULL);
}

static void cite_fact(struct trail_judge *j, struct trail_refs *evidence,
		      const struct trail_plugin_facts *p, const char *name)
{
	const struct trail_plugin_fact *f = trail_plugin_fact(p, name);
	struct trail_builder *b = &j->builder;
	const char *where = NULL;

	if (!f || f->presence != TRAIL_PRESENT)
		return;
	const char *claim = trail_timeline_say(b, "%s.%s", p->name, name);
	if (f->address)
		where = trail_timeline_say(b, "%s%s%s at 0x%" PRIx64, f->symbol,
					   f->member ? ", " : "", f->member ? f->member : "",
					   f->address);
	const char *statement = f->is_signed ? trail_timeline_say(b, "%s is %" PRId64 ": %s", name,
								  (int64_t)f->value, f->what)
					     : trail_timeline_say(b, "%s is 0x%" PRIx64 ": %s",
								  name, f->value, f->what);
	trail_judge_cite_fact(j, evidence, claim,
			      f->address ? TRAIL_SOURCE_MEMORY : TRAIL_SOURCE_PLUGIN, statement,
			      where);
}

static void cite_stage(struct trail_judge *j, struct trail_refs *evidence, const char *name)
{
	for (size_t i = 0; i < j->timeline->n_stages; i++)
		if (strcmp(trail_stage_names[j->timeline->stages[i].stage], name) == 0)
			trail_judge_cite(j, evidence, &j->timeline->stages[i].evidence);
}

static void cite_notifier(struct trail_judge *j, struct trail_refs *evidence, const char *name)
{
	for (size_t i = 0; i < j->facts->n_notifiers; i++)
		if (trail_same_function(j->facts->notifiers[i].function, name)) {
			trail_judge_cite(j, evidence, &j->timeline->notifiers[i].evidence);
			return;
		}
}

/* What conditions that hold rest on. */
static void cite(struct trail_judge *j, struct trail_refs *evidence,
		 const struct trail_plugin_facts *p, const struct trail_plugin_condition *when,
		 size_t n)
{
	for (size_t i = 0; i < n; i++)
		switch (when[i].look) {
		case PANICTRAIL_LOOK_FACT:
			cite_fact(j, evidence, p, when[i].name);
			break;
		case PANICTRAIL_LOOK_SCALAR:
			trail_judge_cite_scalar(j, evidence, when[i].name);
			break;
		case PANICTRAIL_LOOK_STAGE:
			cite_stage(j, evidence, when[i].name);
			break;
		case PANICTRAIL_LOOK_NOTIFIER:
			cite_notifier(j, evidence, when[i].name);
			break;
		default:
			break;
		}
}

/* ---- the loop ------------------------------------------------------------- */

/* What `check` said of the rule; UNKNOWN when it said nothing. */
static enum trail_result by_check(struct trail_judge *j, const struct trail_plugin_trail *plugin)
{
	enum trail_result result = TRAIL_RESULT_UNKNOWN;

	for (size_t i = 0; i < plugin->facts->n_results; i++) {
		const struct trail_plugin_result *r = &plugin->facts->results[i];
		if (strcmp(r->rule, j->rule->id) != 0)
			continue;
		if (!r->message) {
			result = result == TRAIL_RESULT_FAIL ? result : TRAIL_RESULT_PASS;
			continue;
		}
		struct trail_refs *evidence = trail_judge_finding(j, j->rule->severity, "%s",
								  r->message);
		for (size_t k = 0; k < r->n_cites; k++)
			trail_refs_add(&j->builder, evidence,
				       plugin->evidence[r->cites[k].evidence]);
		result = TRAIL_RESULT_FAIL;
	}
	return result;
}

static enum trail_result judge_row(struct trail_judge *j, const struct trail_plugin_trail *plugin,
				   const struct trail_plugin_rule *row)
{
	const struct trail_plugin_facts *p = plugin->facts;
	enum trail_tristate where = hold(j, p, row->where, row->n_where);

	if (where != TRAIL_YES)
		return where == TRAIL_NO ? TRAIL_RESULT_NOT_APPLICABLE : TRAIL_RESULT_UNKNOWN;
	enum trail_result said = by_check(j, plugin);
	if (!row->n_fails)
		return said;
	enum trail_tristate fails = hold(j, p, row->fails, row->n_fails);
	if (fails == TRAIL_YES) {
		struct trail_refs *evidence = trail_judge_finding(j, j->rule->severity, "%s",
								  row->message);
		cite(j, evidence, p, row->where, row->n_where);
		cite(j, evidence, p, row->fails, row->n_fails);
		return TRAIL_RESULT_FAIL;
	}
	return said != TRAIL_RESULT_UNKNOWN ? said
	       : fails == TRAIL_NO	    ? TRAIL_RESULT_PASS
					    : TRAIL_RESULT_UNKNOWN;
}

void trail_plugin_rules_check(struct trail_judge *j)
{
	for (size_t i = 0; i < j->timeline->n_plugins; i++) {
		const struct trail_plugin_trail *plugin = &j->timeline->plugins[i];

		for (size_t k = 0; k < plugin->facts->n_rules; k++) {
			size_t at = j->out->n_rules;

			j->rule = as_rule(j, plugin->facts, &plugin->facts->rules[k]);
			if (!j->rule)
				return;
			j->out->rules[at] = j->rule;
			if (trail_policy_severity(j->policy, j->rule->id, TRAIL_SEVERITY_NOTE) !=
			    TRAIL_SEVERITY_OFF)
				j->out->results[at] = judge_row(j, plugin,
								&plugin->facts->rules[k]);
			j->out->n_rules++;
		}
	}
}
