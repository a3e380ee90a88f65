/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop over the rules, and what their checks share; see judge.h and checks.h. */
#include "policy/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "policy/checks.h"
#include "policy/goals.h"
#include "policy/plugin_rules.h"

/* clang-format off */
const char *const trail_goal_verdict_names[TRAIL_N_GOAL_VERDICTS] = {
	[TRAIL_GOAL_UNKNOWN]        = "unknown",
	[TRAIL_GOAL_NOT_CONFIGURED] = "not-configured",
	[TRAIL_GOAL_ACHIEVED]       = "achieved",
	[TRAIL_GOAL_AT_RISK]        = "at-risk",
	[TRAIL_GOAL_FAILED]         = "failed",
};

const char *const trail_result_names[TRAIL_N_RESULTS] = {
	[TRAIL_RESULT_NOT_APPLICABLE] = "not-applicable",
	[TRAIL_RESULT_UNKNOWN]        = "unknown",
	[TRAIL_RESULT_PASS]           = "pass",
	[TRAIL_RESULT_FAIL]           = "fail",
};
/* clang-format on */

/* ---- findings and what they cite ------------------------------------------ */

struct trail_refs *trail_judge_finding(struct trail_judge *j, enum trail_severity severity,
				       const char *format, ...)
{
	static struct trail_refs nowhere; /* never read: the run ends for want of memory */
	struct trail_judgement *out = j->out;
	struct trail_finding *all = trail_pool_grow(&j->timeline->pool, out->findings,
						    out->n_findings, sizeof(*all));
	char message[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (!all) {
		j->builder.failed = true;
		nowhere = (struct trail_refs){ 0 };
		return &nowhere;
	}
	out->findings = all;
	all[out->n_findings] = (struct trail_finding){
		.rule = j->rule,
		.severity = trail_policy_severity(j->policy, j->rule->id, severity),
		.message = trail_timeline_say(&j->builder, "%s", message),
	};
	return &all[out->n_findings++].evidence;
}

void trail_judge_cite(struct trail_judge *j, struct trail_refs *evidence,
		      const struct trail_refs *refs)
{
	for (size_t i = 0; i < refs->n; i++)
		if (!j->timeline->evidence[refs->ids[i]].against)
			trail_refs_add(&j->builder, evidence, (long)refs->ids[i]);
}

/* The piece that was made before for the same, so that each is said once. */
static long known_piece(const struct trail_judge *j, const char *claim, const char *where)
{
	for (size_t i = 0; i < j->timeline->n_evidence; i++)
		if (trail_streq(j->timeline->evidence[i].claim, claim) &&
		    trail_streq(j->timeline->evidence[i].where, where))
			return (long)i;
	return TRAIL_NO_EVIDENCE;
}

static const char *say_scalar(struct trail_judge *j, const struct trail_scalar *scalar)
{
	if (scalar->text)
		return trail_timeline_say(&j->builder, "%s is \"%s\"", scalar->name, scalar->text);
	if (scalar->is_signed)
		return trail_timeline_say(&j->builder, "%s is %" PRId64, scalar->name,
					  (int64_t)scalar->value);
	return trail_timeline_say(&j->builder, "%s is 0x%" PRIx64, scalar->name, scalar->value);
}

void trail_judge_cite_scalar(struct trail_judge *j, struct trail_refs *evidence, const char *name)
{
	const struct trail_scalar *scalar = trail_facts_scalar(j->facts, name);
	struct trail_builder *b = &j->builder;

	if (!scalar || (scalar->presence != TRAIL_PRESENT && scalar->presence != TRAIL_ABSENT))
		return;
	const char *claim = trail_timeline_say(b, "config %s", name);
	const char *where = scalar->symbol ? scalar->symbol : name;
	if (scalar->address)
		where = trail_timeline_say(b, "%s at 0x%" PRIx64, where, scalar->address);
	long id = known_piece(j, claim, where);
	if (id < 0) {
		const char *statement = scalar->presence == TRAIL_ABSENT
						? trail_timeline_say(b, "this kernel has no %s",
								     name)
						: say_scalar(j, scalar);
		id = trail_evidence_add(b, claim, false, TRAIL_SOURCE_CONFIG, TRAIL_CERTAIN,
					statement, where);
		if (scalar->address)
			trail_evidence_of_symbol(b, id, scalar->symbol);
	}
	trail_refs_add(b, evidence, id);
}

void trail_judge_cite_fact(struct trail_judge *j, struct trail_refs *evidence, const char *claim,
			   enum trail_source source, const char *statement, const char *where)
{
	long id = known_piece(j, claim, where);

	if (id < 0)
		id = trail_evidence_add(&j->builder, claim, false, source, TRAIL_CERTAIN, statement,
					where);
	trail_refs_add(&j->builder, evidence, id);
}

void trail_judge_cite_record(struct trail_judge *j, struct trail_refs *evidence, size_t index,
			     const char *statement)
{
	trail_judge_cite_fact(j, evidence, trail_timeline_say(&j->builder, "rule %s", j->rule->id),
			      TRAIL_SOURCE_LOG, statement,
			      trail_timeline_say(&j->builder, "log record %" PRIu64,
						 j->timeline->log->records[index].seq));
}

/* ---- the loop ------------------------------------------------------------- */

/* Worst first, then by the rule's id, then as they were found. */
static int compare_findings(const struct trail_finding *x, const struct trail_finding *y)
{
	if (x->severity != y->severity)
		return x->severity < y->severity ? 1 : -1;
	return strcmp(x->rule->id, y->rule->id);
}

/* By insertion, which is stable; they are few. */
static void sort_findings(struct trail_judgement *out)
{
	for (size_t i = 1; i < out->n_findings; i++) {
		struct trail_finding finding = out->findings[i];
		size_t k = i;

		for (; k && compare_findings(&out->findings[k - 1], &finding) > 0; k--)
			out->findings[k] = out->findings[k - 1];
		out->findings[k] = finding;
	}
}

static void check_all(struct trail_judge *j)
{
	for (size_t i = 0; i < trail_n_rules; i++) {
		j->rule = &trail_rules[i];
		if (trail_policy_severity(j->policy, j->rule->id, TRAIL_SEVERITY_NOTE) !=
		    TRAIL_SEVERITY_OFF)
			j->out->results[i] = j->rule->check(j);
		j->out->rules[i] = j->rule;
	}
	j->out->n_rules = trail_n_rules;
	trail_plugin_rules_check(j);
}

struct trail_error *trail_judge(struct trail_timeline *timeline, const struct trail_policy *policy,
				const struct trail_judgement **ret)
{
	struct trail_judgement *out = trail_pool_alloc(&timeline->pool, 1, sizeof(*out));

	if (!out)
		return &trail_error_nomem;
	struct trail_judge j = {
		.builder = { .timeline = timeline, .facts = timeline->facts },
		.facts = timeline->facts,
		.timeline = timeline,
		.policy = policy,
		.out = out,
	};
	out->policy = policy;
	out->timeline = timeline;
	size_t most = trail_n_rules + trail_plugin_rules_count(timeline);
	out->results = trail_pool_alloc(&timeline->pool, most, sizeof(*out->results));
	out->rules = trail_pool_alloc(&timeline->pool, most, sizeof(*out->rules));
	if (!out->results || !out->rules)
		return &trail_error_nomem;
	trail_judge_find_marks(&j);
	check_all(&j);
	trail_goals_score(&j);
	if (j.builder.failed)
		return &trail_error_nomem;
	sort_findings(out);
	*ret = out;
	return NULL;
}

size_t trail_judgement_count(const struct trail_judgement *judgement, enum trail_severity severity)
{
	size_t n = 0;

	for (size_t i = 0; i < judgement->n_findings; i++)
		n += judgement->findings[i].severity == severity;
	return n;
}

bool trail_judgement_fails(const struct trail_judgement *judgement)
{
	enum trail_severity least = judgement->policy->fail_on;

	for (size_t i = 0; i < judgement->n_findings; i++)
		if (least != TRAIL_SEVERITY_OFF && judgement->findings[i].severity >= least)
			return true;
	return false;
}
