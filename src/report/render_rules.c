/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of the rules: as text to compare, or all of each one; as JSON
 * "panictrail-rules/1", the contract of docs/panictrail-rules-1.schema.json.
 */
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "policy/judge.h"
#include "report/rules.h"
#include "report/text_page.h"

enum { INDENT = 11 }; /* of what is said of a rule */

const struct trail_renderer trail_rules_renderers[] = {
	{ .name = "text", .render = trail_render_rules_text },
	{ .name = "json", .render = trail_render_rules_json },
	{ NULL },
};

static bool is_chosen(const struct trail_report *report, size_t i)
{
	return !report->rules || report->rules[i];
}

/* ---- text ---------------------------------------------------------------- */

static void put_part(struct trail_page *p, const char *label, const char *text)
{
	if (text && *text)
		trail_page_paragraph(p, TRAIL_PAGE_PLAIN, label, INDENT, TRAIL_PAGE_NO_LIMIT, text);
}

static void put_rule(struct trail_page *p, const struct trail_rule *rule)
{
	const char *severity = trail_severity_names[rule->severity];

	trail_page_paragraph(p, TRAIL_PAGE_BOLD, "", 0, TRAIL_PAGE_NO_LIMIT,
			     trail_say(&p->view, "%s %s", rule->id, rule->name));
	put_part(p, "statement", rule->statement);
	put_part(p, "severity",
		 rule->informs ? trail_say(&p->view, "%s: it only informs", severity) : severity);
	put_part(p, "reads", rule->reads);
	put_part(p, "remedy", rule->remedy);
	put_part(p, "source", rule->source);
	put_part(p, "proposal", rule->proposal);
}

static void put_rules(struct trail_page *p)
{
	bool first = true;

	for (size_t i = 0; i < trail_n_rules; i++) {
		if (!is_chosen(p->report, i))
			continue;
		if (!first)
			trail_text_puts(p->out, "\n");
		first = false;
		put_rule(p, &trail_rules[i]);
	}
}

static void put_table(struct trail_page *p)
{
	struct trail_page_table table = { .heads = { "id", "name", "severity", "statement" },
					  .n_columns = 4 };

	for (size_t i = 0; i < trail_n_rules; i++) {
		const struct trail_rule *rule = &trail_rules[i];

		if (is_chosen(p->report, i))
			trail_page_add_row(
				p, &table, TRAIL_PAGE_PLAIN,
				(const char *[]){ rule->id, rule->name,
						  rule->informs
							  ? "informs"
							  : trail_severity_names[rule->severity],
						  rule->statement });
	}
	trail_page_paragraph(
		p, TRAIL_PAGE_PLAIN, "", 0, TRAIL_PAGE_NO_LIMIT,
		trail_say(&p->view, "%zu rules; \"panictrail rules --explain ID\" tells all of one",
			  trail_n_rules));
	trail_page_table(p, "Rules", &table);
}

struct trail_error *trail_render_rules_text(const struct trail_report *report,
					    struct trail_text *out)
{
	struct trail_page p = { .report = report, .out = out };

	trail_view_init(&p.view, report);
	if (report->explain)
		put_rules(&p);
	else
		put_table(&p);
	bool failed = p.view.failed || out->failed;
	trail_view_fini(&p.view);
	return failed ? &trail_error_nomem : NULL;
}

/* ---- JSON ---------------------------------------------------------------- */

static void write_proposals(struct trail_json *json, json_t *o, const char *proposals)
{
	json_t *array = trail_json_set_array(json, o, "proposals");

	for (const char *s = proposals; s && *s; s += strspn(s, " ")) {
		size_t n = strcspn(s, " ");
		trail_json_add(json, array, trail_json_bytes(json, s, n));
		s += n;
	}
}

static void write_rule(struct trail_json *json, json_t *o, const struct trail_rule *rule)
{
	trail_json_set_string(json, o, "id", rule->id);
	trail_json_set_string(json, o, "name", rule->name);
	trail_json_set_string(json, o, "category", trail_rule_category(rule));
	trail_json_set_bool(json, o, "informs", rule->informs);
	trail_json_set_string(json, o, "severity", trail_severity_names[rule->severity]);
	trail_json_set_string(json, o, "statement", rule->statement);
	trail_json_set_string(json, o, "reads", rule->reads);
	trail_json_set_string(json, o, "remedy", *rule->remedy ? rule->remedy : NULL);
	trail_json_set_string(json, o, "source", rule->source);
	write_proposals(json, o, rule->proposal);
	trail_json_set_bool(json, o, "cites", !rule->bare);
}

struct trail_error *trail_render_rules_json(const struct trail_report *report,
					    struct trail_text *out)
{
	struct trail_json json = { 0 };
	json_t *root = trail_json_object(&json);

	trail_json_set_string(&json, root, "schema", "panictrail-rules/1");
	json_t *tool = trail_json_set_object(&json, root, "tool");
	trail_json_set_string(&json, tool, "name", "panictrail");
	trail_json_set_string(&json, tool, "version", TRAIL_VERSION);
	json_t *rules = trail_json_set_array(&json, root, "rules");
	for (size_t i = 0; i < trail_n_rules; i++)
		if (is_chosen(report, i))
			write_rule(&json, trail_json_add_object(&json, rules), &trail_rules[i]);
	return trail_json_write(&json, root, out) ? NULL : &trail_error_nomem;
}
