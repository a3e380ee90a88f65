/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report as JUnit XML, for CI systems that show tests: a policy is a test
 * suite, a rule a test.  A finding of severity error or warning is a failure,
 * whatever fail-on says; notes are in the test's output; what is not known,
 * does not apply or is off is skipped, never passed.
 *
 * Source: there is no standard; what Jenkins, GitLab and GitHub actions read
 * in common.
 */
#include "base/error.h"
#include "base/table.h"
#include "base/text.h"
#include "report/report.h"
#include "report/view.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

struct writer {
	const struct trail_report *report;
	const struct trail_judgement *judgement; /* NULL: nothing was judged */
	struct trail_text *out;
	struct trail_view view;
};

static void put_raw(struct writer *w, const char *s)
{
	trail_text_xml(w->out, s, strlen(s));
}

/* ' name="value"' */
static void put_attribute(struct writer *w, const char *name, const char *value)
{
	trail_text_printf(w->out, " %s=\"", name);
	put_raw(w, value);
	trail_text_puts(w->out, "\"");
}

/* A line of the text of an element. */
static void put_line(struct writer *w, const char *label, const char *s)
{
	trail_text_puts(w->out, label);
	put_raw(w, s);
	trail_text_puts(w->out, "\n");
}

/* The worst severity of a rule's findings; OFF when it has none. */
static enum trail_severity worst_of(const struct writer *w, const struct trail_rule *rule)
{
	for (size_t i = 0; i < w->judgement->n_findings; i++)
		if (w->judgement->findings[i].rule == rule)
			return w->judgement->findings[i].severity; /* they are worst first */
	return TRAIL_SEVERITY_OFF;
}

/* Why the rule at @i is no test that passed or failed; NULL when it is one. */
static const char *why_skipped(struct writer *w, size_t i)
{
	const struct trail_rule *rule = w->judgement->rules[i];

	switch (w->judgement->results[i]) {
	case TRAIL_RESULT_UNKNOWN:
		return worst_of(w, rule)
			       ? NULL
			       : trail_say(&w->view, "unknown; read for it: %s", rule->reads);
	case TRAIL_RESULT_NOT_APPLICABLE:
		return trail_view_off(w->judgement, rule) ? "switched off by the policy"
							  : "not applicable";
	default:
		return NULL;
	}
}

static void put_finding(struct writer *w, const struct trail_finding *f)
{
	put_line(
		w, "",
		trail_say(&w->view, "%s: %s", NAME(trail_severity_names, f->severity), f->message));
	for (size_t i = 0; i < f->evidence.n; i++)
		put_line(w, "  ", trail_say_evidence(&w->view, f->evidence.ids[i]));
}

/* The findings of a rule as the text of <failure> or <system-out>. */
static void put_findings(struct writer *w, const struct trail_rule *rule, enum trail_severity worst)
{
	const char *element = worst >= TRAIL_SEVERITY_WARNING ? "failure" : "system-out";
	bool opened = false;

	trail_text_printf(w->out, "      <%s", element);
	for (size_t i = 0; i < w->judgement->n_findings; i++) {
		const struct trail_finding *f = &w->judgement->findings[i];

		if (f->rule != rule)
			continue;
		if (!opened && worst >= TRAIL_SEVERITY_WARNING) {
			put_attribute(w, "type", NAME(trail_severity_names, worst));
			put_attribute(w, "message", f->message);
		}
		trail_text_puts(w->out, opened ? "" : ">");
		opened = true;
		put_finding(w, f);
	}
	if (*rule->remedy)
		put_line(w, "remedy: ", rule->remedy);
	trail_text_printf(w->out, "</%s>\n", element);
}

static void put_test(struct writer *w, size_t i)
{
	const struct trail_rule *rule = w->judgement->rules[i];
	enum trail_severity worst = worst_of(w, rule);
	const char *skipped = why_skipped(w, i);

	trail_text_puts(w->out, "    <testcase");
	put_attribute(w, "classname",
		      trail_say(&w->view, "panictrail.%s", trail_rule_category(rule)));
	put_attribute(w, "name", trail_say(&w->view, "%s %s", rule->id, rule->name));
	put_attribute(w, "time", "0");
	if (!skipped && !worst) {
		trail_text_puts(w->out, "/>\n");
		return;
	}
	trail_text_puts(w->out, ">\n");
	if (skipped) {
		trail_text_puts(w->out, "      <skipped");
		put_attribute(w, "message", skipped);
		trail_text_puts(w->out, "/>\n");
	} else {
		put_findings(w, rule, worst);
	}
	trail_text_puts(w->out, "    </testcase>\n");
}

struct counts {
	size_t n, failures, skipped;
};

static void count(struct writer *w, struct counts *c)
{
	for (size_t i = 0; w->judgement && i < w->judgement->n_rules; i++) {
		c->n++;
		c->failures += worst_of(w, w->judgement->rules[i]) >= TRAIL_SEVERITY_WARNING;
		c->skipped += why_skipped(w, i) != NULL;
	}
}

static void put_counts(struct writer *w, const struct counts *c)
{
	trail_text_printf(w->out,
			  " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"0\"",
			  c->n, c->failures, c->skipped);
}

static void put_property(struct writer *w, const char *name, const char *value)
{
	trail_text_puts(w->out, "      <property");
	put_attribute(w, "name", name);
	put_attribute(w, "value", value ? value : "unknown");
	trail_text_puts(w->out, "/>\n");
}

static void put_properties(struct writer *w)
{
	const struct trail_timeline *timeline = w->report->timeline;
	const struct trail_judgement *judgement = w->judgement;

	trail_text_puts(w->out, "    <properties>\n");
	put_property(w, "input", trail_view_path(w->report->facts));
	put_property(w, "complete", w->report->complete ? "yes" : "no");
	put_property(w, "verdict", timeline->word);
	put_property(w, "trigger", timeline->trigger);
	put_property(w, "release", w->report->facts->release);
	put_property(w, "cause", timeline->cause);
	put_property(w, "path", timeline->path);
	for (size_t i = 0; judgement && i < TRAIL_N_GOALS; i++)
		put_property(w,
			     trail_say(&w->view, "goal.%s",
				       NAME(trail_goal_names, judgement->goals[i].goal)),
			     NAME(trail_goal_verdict_names, judgement->goals[i].verdict));
	trail_text_puts(w->out, "    </properties>\n");
}

/* What was found, in short, and what could not be read. */
static void put_output(struct writer *w)
{
	const struct trail_facts *facts = w->report->facts;

	trail_text_puts(w->out, "    <system-out>");
	put_line(w, "verdict: ", trail_say_verdict(&w->view));
	put_line(w, "panic: ", trail_say_panic(&w->view));
	put_line(w, "trail: ", trail_say_trail(&w->view));
	put_line(w, "dump: ", trail_say_dump(&w->view));
	put_line(w, "CPUs: ", trail_say_cpus(&w->view));
	put_line(w, "notifiers: ", trail_say_notifiers(&w->view));
	trail_text_puts(w->out, "</system-out>\n    <system-err>");
	for (size_t i = 0; i < facts->n_gaps; i++)
		put_line(w, "gap: ",
			 trail_say(&w->view, "%s: %s", facts->gaps[i].what,
				   facts->gaps[i].why ? facts->gaps[i].why : "unknown"));
	if (w->report->limit)
		put_line(w, "", "a limit of the run was hit");
	trail_text_puts(w->out, "</system-err>\n");
}

static void put_suite(struct writer *w)
{
	const char *policy = w->judgement ? w->judgement->policy->name : "none";
	int64_t seconds = 0;
	const char *when = trail_view_crash_time(w->report->facts, &seconds)
				   ? trail_say_time(&w->view, seconds)
				   : NULL;

	trail_text_puts(w->out, "  <testsuite");
	put_attribute(w, "name", trail_say(&w->view, "policy %s", policy));
	struct counts counts = { 0 };
	count(w, &counts);
	put_counts(w, &counts);
	if (when)
		put_attribute(w, "timestamp", when);
	trail_text_puts(w->out, ">\n");
	put_properties(w);
	for (size_t i = 0; w->judgement && i < w->judgement->n_rules; i++)
		put_test(w, i);
	put_output(w);
	trail_text_puts(w->out, "  </testsuite>\n");
}

/* From now on the writer's report is looked at. */
static void look_at(struct writer *w)
{
	w->judgement = w->report->judgement;
	w->view.facts = w->report->facts;
	w->view.timeline = w->report->timeline;
}

struct trail_error *trail_render_junit(const struct trail_report *report, struct trail_text *out)
{
	struct writer w = { .out = out };
	struct counts all = { 0 };

	trail_view_init(&w.view, report);
	trail_text_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			     "<testsuites name=\"panictrail\"");
	for (w.report = report; w.report; w.report = w.report->next) {
		look_at(&w);
		count(&w, &all);
	}
	put_counts(&w, &all);
	trail_text_puts(out, ">\n");
	for (w.report = report; w.report; w.report = w.report->next) {
		look_at(&w);
		put_suite(&w);
	}
	trail_text_puts(out, "</testsuites>\n");
	bool failed = w.view.failed || out->failed;
	trail_view_fini(&w.view);
	return failed ? &trail_error_nomem : NULL;
}
