/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report as SARIF 2.1.0, for viewers and for code scanning: the rules, a
 * result for each finding and for each rule that could not be decided ("open"),
 * with the stages that panic() went through as its code flow.  Rules that hold
 * or do not apply give no result: many consumers take every result for a
 * fault; what each rule gave is in the run's properties.
 *
 * Source: OASIS SARIF 2.1.0 (errata 01); the sections are named below.
 */
#include <stdio.h>

#include "base/error.h"
#include "base/json.h"
#include "base/table.h"
#include "base/text.h"
#include "report/report.h"
#include "report/view.h"
#include "timeline/signature.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

struct writer {
	struct trail_json json;
	const struct trail_report *report;
	const struct trail_facts *facts;
	const struct trail_timeline *timeline;
	const struct trail_judgement *judgement; /* NULL: nothing was judged */
	struct trail_view view;
};

/* ---- text ----------------------------------------------------------------- */

/*
 * A plain text message (3.11.3): braces are doubled, else they are
 * placeholders (3.11.5); a bracket that would make a link is escaped (3.11.6).
 */
static json_t *plain(struct writer *w, const char *s)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text raw = { 0 };
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	trail_text_escaped(&raw, s, strlen(s));
	for (const char *c = trail_text_string(&raw); *c; c++) {
		bool link = c[0] == ']' && c[1] == '(';

		trail_text_puts(&text, link ? "\\" : "");
		trail_text_add(&text, c, 1);
		trail_text_add(&text, c, *c == '{' || *c == '}');
	}
	w->json.failed |= raw.failed || text.failed;
	return trail_json_string(&w->json, trail_text_string(&text));
}

/* A message, or a multiformatMessageString (3.12). */
static void set_text(struct writer *w, json_t *object, const char *key, const char *s)
{
	trail_json_set(&w->json, trail_json_set_object(&w->json, object, key), "text", plain(w, s));
}

static const char *uri_of(struct writer *w, const char *path)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	trail_text_puts(&text, path[0] == '/' ? "file://" : "");
	trail_text_uri(&text, path, strlen(path));
	w->json.failed |= text.failed;
	return trail_say(&w->view, "%s", trail_text_string(&text));
}

/* "That is so.": a sentence that begins small and has no full stop. */
static const char *sentence_of(struct writer *w, const char *s)
{
	size_t n = strlen(s);
	char first = *s;

	if (first >= 'a' && first <= 'z')
		first -= 'a' - 'A';
	return n ? trail_say(&w->view, "%c%s%s", first, s + 1, s[n - 1] == '.' ? "" : ".") : "";
}

/* ---- the tool ------------------------------------------------------------- */

static const char *level_of(enum trail_severity severity)
{
	return severity ? NAME(trail_severity_names, severity) : "none";
}

static void write_rule(struct writer *w, json_t *rules, const struct trail_rule *rule)
{
	struct trail_json *json = &w->json;
	json_t *row = trail_json_add_object(json, rules);
	const char *remedy = *rule->remedy ? rule->remedy : "There is nothing to do.";

	trail_json_set_string(json, row, "id", rule->id);
	trail_json_set_string(json, row, "name", rule->name);
	set_text(w, row, "shortDescription", rule->statement);
	set_text(w, row, "fullDescription",
		 trail_say(&w->view, "%s It is decided by: %s.", rule->statement, rule->reads));
	set_text(w, row, "help",
		 trail_say(&w->view, "%s The demand comes from: %s.", remedy, rule->source));
	json_t *defaults = trail_json_set_object(json, row, "defaultConfiguration");
	trail_json_set_string(json, defaults, "level", level_of(rule->severity));
	json_t *properties = trail_json_set_object(json, row, "properties");
	json_t *tags = trail_json_set_array(json, properties, "tags");
	trail_json_add(json, tags, trail_json_string(json, trail_rule_category(rule)));
	trail_json_set_bool(json, properties, "informs", rule->informs);
}

static void write_tool(struct writer *w, json_t *run)
{
	struct trail_json *json = &w->json;
	json_t *driver = trail_json_set_object(json, trail_json_set_object(json, run, "tool"),
					       "driver");

	trail_json_set_string(json, driver, "name", "panictrail");
	trail_json_set_string(json, driver, "version", TRAIL_VERSION);
	trail_json_set_string(json, driver, "semanticVersion", TRAIL_VERSION);
	set_text(w, driver, "shortDescription",
		 "What a dead Linux kernel did between the bug and the dump.");
	json_t *rules = trail_json_set_array(json, driver, "rules");
	size_t n = w->judgement ? w->judgement->n_rules : trail_n_rules;
	for (size_t i = 0; i < n; i++)
		write_rule(w, rules, w->judgement ? w->judgement->rules[i] : &trail_rules[i]);
	json_t *notifications = trail_json_set_array(json, driver, "notifications");
	json_t *gap = trail_json_add_object(json, notifications);
	trail_json_set_string(json, gap, "id", "gap");
	set_text(w, gap, "shortDescription", "Something could not be read.");
	json_t *limit = trail_json_add_object(json, notifications);
	trail_json_set_string(json, limit, "id", "limit");
	set_text(w, limit, "shortDescription", "A limit of the run was hit.");
}

/* ---- the run -------------------------------------------------------------- */

static void write_notification(struct writer *w, json_t *list, const char *id, const char *level,
			       const char *s)
{
	json_t *row = trail_json_add_object(&w->json, list);

	trail_json_set_string(&w->json, trail_json_set_object(&w->json, row, "descriptor"), "id",
			      id);
	trail_json_set_string(&w->json, row, "level", level);
	set_text(w, row, "message", s);
}

/* What the policy says of single rules (3.20.5). */
static void write_overrides(struct writer *w, json_t *invocation)
{
	struct trail_json *json = &w->json;
	json_t *list = trail_json_set_array(json, invocation, "ruleConfigurationOverrides");

	for (size_t i = 0; w->judgement && i < w->judgement->n_rules; i++) {
		const struct trail_rule *rule = w->judgement->rules[i];
		enum trail_severity severity = trail_policy_severity(w->judgement->policy, rule->id,
								     TRAIL_N_SEVERITIES);

		if (severity == TRAIL_N_SEVERITIES)
			continue;
		json_t *row = trail_json_add_object(json, list);
		json_t *descriptor = trail_json_set_object(json, row, "descriptor");
		trail_json_set_string(json, descriptor, "id", rule->id);
		trail_json_set_uint(json, descriptor, "index", i);
		json_t *configuration = trail_json_set_object(json, row, "configuration");
		trail_json_set_bool(json, configuration, "enabled", severity != TRAIL_SEVERITY_OFF);
		if (severity)
			trail_json_set_string(json, configuration, "level", level_of(severity));
	}
}

static void write_invocation(struct writer *w, json_t *run)
{
	struct trail_json *json = &w->json;
	json_t *invocation = trail_json_add_object(json,
						   trail_json_set_array(json, run, "invocations"));

	trail_json_set_bool(json, invocation, "executionSuccessful", !w->report->limit);
	trail_json_set_int(json, invocation, "exitCode", w->report->status);
	json_t *list = trail_json_set_array(json, invocation, "toolExecutionNotifications");
	for (size_t i = 0; i < w->facts->n_gaps; i++)
		write_notification(
			w, list, "gap", "warning",
			trail_say(&w->view, "%s: %s", w->facts->gaps[i].what,
				  w->facts->gaps[i].why ? w->facts->gaps[i].why : "unknown"));
	if (!w->facts->complete)
		write_notification(w, list, "gap", "warning", "the file is cut short or damaged");
	if (w->report->limit)
		write_notification(w, list, "limit", "error",
				   "a limit of the run was hit before all was read");
	write_overrides(w, invocation);
}

static void write_artifact(struct writer *w, json_t *artifacts, const char *path)
{
	struct trail_json *json = &w->json;
	json_t *row = trail_json_add_object(json, artifacts);

	trail_json_set_string(json, trail_json_set_object(json, row, "location"), "uri",
			      uri_of(w, path));
	trail_json_add(json, trail_json_set_array(json, row, "roles"),
		       trail_json_string(json, "analysisTarget"));
	set_text(w, row, "description",
		 w->facts->loaded ? "the saved facts of a dump"
		 : trail_view_is_text(w->facts)
			 ? "a record or log"
			 : trail_say(&w->view, "a dump, %s", trail_format_name(w->facts->format)));
}

/* Several texts may be of one file. */
static bool is_new_path(const struct trail_facts *facts, size_t i, const char *path)
{
	const char *mine = facts->texts[i].path;

	for (size_t k = 0; k < i; k++)
		if (trail_streq(facts->texts[k].path, mine))
			return false;
	return mine && !trail_streq(mine, path);
}

static void write_text_artifact(struct writer *w, json_t *artifacts, const char *path)
{
	struct trail_json *json = &w->json;
	json_t *row = trail_json_add_object(json, artifacts);

	trail_json_set_string(json, trail_json_set_object(json, row, "location"), "uri",
			      uri_of(w, path));
	trail_json_add(json, trail_json_set_array(json, row, "roles"),
		       trail_json_string(json, "analysisTarget"));
	set_text(w, row, "description", "a record or log");
}

/* The input first: results are in it. */
static void write_artifacts(struct writer *w, json_t *run)
{
	const char *path = trail_view_path(w->facts);
	json_t *artifacts = trail_json_set_array(&w->json, run, "artifacts");

	if (path)
		write_artifact(w, artifacts, path);
	for (size_t i = 0; path && !w->facts->loaded && i < w->facts->n_parts; i++)
		if (!trail_streq(w->facts->parts[i].path, path))
			write_artifact(w, artifacts, w->facts->parts[i].path);
	for (size_t i = 0; path && i < w->facts->n_texts; i++)
		if (is_new_path(w->facts, i, path))
			write_text_artifact(w, artifacts, w->facts->texts[i].path);
}

/* Runs on the same kernel are of one category, told apart by the time of the crash (3.17.3). */
static void write_automation(struct writer *w, json_t *run)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text release = { 0 };
	bool known = w->facts->release && *w->facts->release;
	const char *name = known ? w->facts->release : "unknown";
	json_t *details = trail_json_set_object(&w->json, run, "automationDetails");
	int64_t seconds = 0;
	const char *when = trail_view_crash_time(w->facts, &seconds)
				   ? trail_say_time(&w->view, seconds)
				   : NULL;

	for (size_t n; *name; name += n) {
		n = strcspn(name, "/");
		trail_text_uri(&release, name, n);
		trail_text_puts(&release, name[n] ? "%2F" : "");
		n += name[n] == '/';
	}
	w->json.failed |= release.failed;
	trail_json_set_string(&w->json, details, "id",
			      trail_say(&w->view, "panictrail/%s/%s", trail_text_string(&release),
					when ? when : ""));
	set_text(w, details, "description", trail_say_verdict(&w->view));
}

/* What has no place of its own in SARIF. */
static void write_properties(struct writer *w, json_t *run)
{
	struct trail_json *json = &w->json;
	const struct trail_judgement *judgement = w->judgement;
	json_t *properties = trail_json_set_object(json, run, "properties");

	trail_json_set_bool(json, properties, "complete", w->report->complete);
	trail_json_set_string(json, properties, "verdict", w->timeline->word);
	trail_json_set_string(json, properties, "trigger", w->timeline->trigger);
	trail_json_set_string(json, properties, "dumpPoint",
			      NAME(trail_point_names, w->timeline->point));
	trail_json_set_string(json, properties, "release", w->facts->release);
	json_t *policy = trail_json_set_object(json, properties, "policy");
	trail_json_set_string(json, policy, "name", judgement ? judgement->policy->name : NULL);
	trail_json_set_string(json, policy, "source", judgement ? judgement->policy->source : NULL);
	json_t *goals = trail_json_set_object(json, properties, "goals");
	for (size_t i = 0; judgement && i < TRAIL_N_GOALS; i++)
		trail_json_set_string(json, goals, NAME(trail_goal_names, judgement->goals[i].goal),
				      NAME(trail_goal_verdict_names, judgement->goals[i].verdict));
	json_t *rules = trail_json_set_object(json, properties, "rules");
	for (size_t i = 0; judgement && i < judgement->n_rules; i++)
		trail_json_set_string(json, rules, judgement->rules[i]->id,
				      trail_view_off(judgement, judgement->rules[i])
					      ? "off"
					      : NAME(trail_result_names, judgement->results[i]));
}

/* ---- the code flow -------------------------------------------------------- */

/* A place that the panicking CPU came through, with what shows it. */
static void write_step(struct writer *w, json_t *steps, const char *name, size_t level,
		       const char *outcome, const struct trail_refs *refs)
{
	struct trail_json *json = &w->json;
	const struct trail_evidence *e = trail_view_strongest(w->timeline, refs);
	json_t *step = trail_json_add_object(json, steps);
	json_t *location = trail_json_set_object(json, step, "location");
	json_t *logical = trail_json_add_object(
		json, trail_json_set_array(json, location, "logicalLocations"));

	trail_json_set_string(json, logical, "name", name);
	set_text(w, location, "message",
		 trail_say(&w->view, "%s is %s%s%s", name, outcome, e ? ": " : "",
			   e ? e->statement : ""));
	trail_json_set_uint(json, step, "nestingLevel", level);
	trail_json_set_uint(json, step, "executionOrder", json_array_size(steps));
	trail_json_set_string(json, step, "importance",
			      strcmp(outcome, "in-progress") == 0 ? "essential"
			      : strcmp(outcome, "skipped") == 0	  ? "unimportant"
								  : "important");
	set_text(w, trail_json_set_object(json, step, "state"), "outcome", outcome);
}

static void write_callbacks(struct writer *w, json_t *steps, enum trail_stage stage)
{
	const struct trail_facts *facts = w->facts;

	for (size_t i = 0; stage == TRAIL_STAGE_NOTIFIERS && i < facts->n_notifiers; i++) {
		const struct trail_notifier_facts *n = &facts->notifiers[i];
		const struct trail_notifier_verdict *v = &w->timeline->notifiers[i];

		if (v->outcome == TRAIL_CALL_CALLED || v->outcome == TRAIL_CALL_IN_PROGRESS)
			write_step(
				w, steps,
				trail_say_function(&w->view, n->function, n->module, n->callback),
				1, NAME(trail_call_names, v->outcome), &v->evidence);
	}
	for (size_t i = 0; stage == TRAIL_STAGE_KMSG_DUMP && i < facts->n_dumpers; i++) {
		const struct trail_dumper_facts *d = &facts->dumpers[i];
		const struct trail_dumper_verdict *v = &w->timeline->dumpers[i];

		if (v->outcome == TRAIL_CALL_CALLED || v->outcome == TRAIL_CALL_IN_PROGRESS)
			write_step(
				w, steps,
				trail_say_function(&w->view, d->function, d->module, d->callback),
				1, NAME(trail_call_names, v->outcome), &v->evidence);
	}
}

/* Only what was surely come to: a stage of which that is not known has no order of execution. */
static void write_flow(struct writer *w, json_t *result)
{
	struct trail_json *json = &w->json;
	json_t *steps = trail_json_array(json);

	for (size_t i = 0; i < w->timeline->n_stages; i++) {
		const struct trail_stage_verdict *v = &w->timeline->stages[i];

		if (v->outcome == TRAIL_OUTCOME_UNKNOWN || v->outcome == TRAIL_OUTCOME_NOT_REACHED)
			continue;
		write_step(w, steps, NAME(trail_stage_names, v->stage), 0,
			   NAME(trail_outcome_names, v->outcome), &v->evidence);
		write_callbacks(w, steps, v->stage);
	}
	if (!json_array_size(steps)) {
		json_decref(steps);
		return;
	}
	json_t *flow = trail_json_add_object(json, trail_json_set_array(json, result, "codeFlows"));
	json_t *thread = trail_json_add_object(json,
					       trail_json_set_array(json, flow, "threadFlows"));
	trail_json_set_string(json, thread, "id",
			      w->timeline->cpu < 0
				      ? "the panicking CPU"
				      : trail_say(&w->view, "CPU %d", w->timeline->cpu));
	trail_json_set(json, thread, "locations", steps);
}

/* ---- the results ---------------------------------------------------------- */

/* The same on another boot, as the signatures are: @nth tells findings of one rule apart. */
static void write_fingerprints(struct writer *w, json_t *result, const char *rule, size_t nth)
{
	struct trail_json *json = &w->json;
	const char *cause = w->timeline->cause, *path = w->timeline->path;
	json_t *prints = trail_json_set_object(json, result, "partialFingerprints");
	const char *all = trail_say(&w->view, "%s %s %s", rule, path ? path : "",
				    cause ? cause : "");

	trail_json_set_string(json, prints, "panictrail/finding/v1",
			      trail_say(&w->view, "%s:%08x:%zu", rule,
					trail_fnv1a(TRAIL_FNV_START, all, strlen(all)), nth));
	if (path)
		trail_json_set_string(json, prints, "panictrail/path/v1", path);
	if (cause)
		trail_json_set_string(json, prints, "panictrail/cause/v1", cause);
}

static void write_locations(struct writer *w, json_t *result)
{
	struct trail_json *json = &w->json;
	const char *path = trail_view_path(w->facts);
	json_t *list = trail_json_set_array(json, result, "locations");

	if (!path)
		return;
	json_t *place = trail_json_set_object(json, trail_json_add_object(json, list),
					      "physicalLocation");
	json_t *artifact = trail_json_set_object(json, place, "artifactLocation");
	trail_json_set_string(json, artifact, "uri", uri_of(w, path));
	trail_json_set_uint(json, artifact, "index", 0);
}

static void write_evidence(struct writer *w, json_t *result, const struct trail_refs *refs)
{
	json_t *list = trail_json_set_array(&w->json, result, "relatedLocations");

	for (size_t i = 0; i < refs->n; i++) {
		json_t *row = trail_json_add_object(&w->json, list);

		trail_json_set_uint(&w->json, row, "id", refs->ids[i] + 1);
		set_text(w, row, "message", trail_say_evidence(&w->view, refs->ids[i]));
	}
}

static size_t index_of(const struct writer *w, const struct trail_rule *rule)
{
	size_t i = 0;

	while (i < w->judgement->n_rules && w->judgement->rules[i] != rule)
		i++;
	return i;
}

static json_t *new_result(struct writer *w, json_t *results, const struct trail_rule *rule,
			  const char *kind, const char *level, const char *message)
{
	json_t *result = trail_json_add_object(&w->json, results);

	trail_json_set_string(&w->json, result, "ruleId", rule->id);
	trail_json_set_uint(&w->json, result, "ruleIndex", index_of(w, rule));
	trail_json_set_string(&w->json, result, "kind", kind);
	trail_json_set_string(&w->json, result, "level", level);
	set_text(w, result, "message", message);
	write_locations(w, result);
	return result;
}

/* A rule that informs finds no fault, unless the policy makes it one (3.27.9, 3.27.10). */
static void write_finding(struct writer *w, json_t *results, size_t i)
{
	const struct trail_finding *all = w->judgement->findings, *f = &all[i];
	bool informs = f->rule->informs && f->severity == TRAIL_SEVERITY_NOTE;
	const char *message = sentence_of(w, f->message);
	size_t nth = 1;

	for (size_t k = 0; k < i; k++)
		nth += all[k].rule == f->rule;
	if (*f->rule->remedy)
		message = trail_say(&w->view, "%s %s", message, f->rule->remedy);
	json_t *result = new_result(w, results, f->rule, informs ? "informational" : "fail",
				    informs ? "none" : level_of(f->severity), message);
	write_evidence(w, result, &f->evidence);
	write_fingerprints(w, result, f->rule->id, nth);
	if (!informs)
		write_flow(w, result);
}

static void write_results(struct writer *w, json_t *run)
{
	json_t *results = trail_json_set_array(&w->json, run, "results");

	for (size_t i = 0; w->judgement && i < w->judgement->n_findings; i++)
		write_finding(w, results, i);
	for (size_t i = 0; w->judgement && i < w->judgement->n_rules; i++) {
		const struct trail_rule *rule = w->judgement->rules[i];

		if (w->judgement->results[i] != TRAIL_RESULT_UNKNOWN)
			continue;
		json_t *result = new_result(
			w, results, rule, "open", "none",
			trail_say(&w->view, "Not known from this input: %s It is decided by: %s.",
				  rule->statement, rule->reads));
		write_fingerprints(w, result, rule->id, 0);
	}
}

struct trail_error *trail_render_sarif(const struct trail_report *report, struct trail_text *out)
{
	static void (*const parts[])(struct writer * w, json_t * run) = {
		write_tool,	  write_automation, write_invocation,
		write_properties, write_artifacts,  write_results,
	};
	struct writer w = { .report = report };
	json_t *root = trail_json_object(&w.json);

	trail_json_set_string(
		&w.json, root, "$schema",
		"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
	trail_json_set_string(&w.json, root, "version", "2.1.0");
	json_t *runs = trail_json_set_array(&w.json, root, "runs");
	for (const struct trail_report *r = report; r; r = r->next) {
		json_t *run = trail_json_add_object(&w.json, runs);

		w.report = r;
		w.facts = r->facts;
		w.timeline = r->timeline;
		w.judgement = r->judgement;
		trail_view_init(&w.view, r);
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(parts); i++)
			parts[i](&w, run);
		w.json.failed |= w.view.failed;
		trail_view_fini(&w.view);
	}
	return trail_json_write(&w.json, root, out) ? NULL : &trail_error_nomem;
}
