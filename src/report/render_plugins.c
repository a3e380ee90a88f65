/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plugins as text and JSON: their part of a report, and the list of those that
 * there are, "panictrail-plugins/1", docs/panictrail-plugins-1.schema.json.
 */
#include <inttypes.h>

#include "base/error.h"
#include "base/table.h"
#include "base/text.h"
#include "report/plugins.h"
#include "report/report.h"
#include "report/text_page.h"
#include "timeline/plugin_rows.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

enum { INDENT = 4 };

static enum trail_page_color color_of(enum trail_plugin_outcome outcome)
{
	return outcome == TRAIL_PLUGIN_REFUSED || outcome == TRAIL_PLUGIN_FAILED ? TRAIL_PAGE_RED
										 : TRAIL_PAGE_PLAIN;
}

/* ---- the section of the report -------------------------------------------- */

static const char *say_value(struct trail_page *p, const struct trail_plugin_fact *f)
{
	if (f->presence != TRAIL_PRESENT)
		return trail_say(&p->view, "unknown, %s",
				 f->why ? f->why : NAME(trail_presence_names, f->presence));
	if (f->is_signed || f->value <= UINT16_MAX) /* a count more likely than an address */
		return trail_say(&p->view, "%" PRId64, (int64_t)f->value);
	return trail_say(&p->view, "0x%" PRIx64, f->value);
}

static const char *say_field(struct trail_page *p, const struct trail_plugin_field *f)
{
	switch (f->kind) {
	case TRAIL_PLUGIN_FIELD_TEXT:
		return f->text;
	case TRAIL_PLUGIN_FIELD_NUMBER:
		return trail_say(&p->view, "%" PRId64, (int64_t)f->value);
	case TRAIL_PLUGIN_FIELD_ADDRESS:
		return trail_say(&p->view, "0x%" PRIx64, f->value);
	default:
		return f->value ? "yes" : "no";
	}
}

static void put_details(struct trail_page *p, const struct trail_plugin_facts *plugin)
{
	struct trail_page_table table = { .n_columns = 3 };

	for (size_t i = 0; i < plugin->n_facts; i++)
		trail_page_add_row(p, &table, TRAIL_PAGE_PLAIN,
				   (const char *[]){ plugin->facts[i].name,
						     say_value(p, &plugin->facts[i]),
						     plugin->facts[i].what });
	for (size_t i = 0; i < plugin->n_fields; i++)
		trail_page_add_row(p, &table, TRAIL_PAGE_PLAIN,
				   (const char *[]){ plugin->fields[i].key,
						     say_field(p, &plugin->fields[i]), NULL });
	for (size_t i = 0; i < plugin->n_gaps; i++)
		trail_page_add_row(
			p, &table, TRAIL_PAGE_YELLOW,
			(const char *[]){ plugin->gaps[i].what, "not read", plugin->gaps[i].why });
	if (table.n)
		trail_page_table(p, trail_say(&p->view, "Plugin %s", plugin->name), &table);
}

void trail_plugins_put(struct trail_page *p)
{
	const struct trail_facts *facts = p->view.facts;
	struct trail_page_table table = { .heads = { "plugin", "version", "outcome", "reason" },
					  .n_columns = 4,
					  .whole = 2 };

	for (size_t i = 0; i < facts->n_plugins; i++) {
		const struct trail_plugin_facts *plugin = &facts->plugins[i];
		trail_page_add_row(
			p, &table, color_of(plugin->outcome),
			(const char *[]){ plugin->name, plugin->version,
					  NAME(trail_plugin_outcome_names, plugin->outcome),
					  plugin->reason ? plugin->reason : plugin->about });
	}
	if (table.n)
		trail_page_table(p, "Plugins", &table);
	for (size_t i = 0; i < p->view.timeline->n_plugins; i++)
		put_details(p, p->view.timeline->plugins[i].facts);
}

/* ---- the keys of the report ----------------------------------------------- */

static json_t *fact_value(struct trail_json *json, const struct trail_plugin_fact *f)
{
	if (f->presence != TRAIL_PRESENT)
		return trail_json_null();
	if (f->is_signed || f->value <= INT64_MAX)
		return trail_json_int(json, (int64_t)f->value);
	return trail_json_hex(json, f->value);
}

static json_t *field_value(struct trail_json *json, const struct trail_plugin_field *f)
{
	switch (f->kind) {
	case TRAIL_PLUGIN_FIELD_TEXT:
		return trail_json_string(json, f->text);
	case TRAIL_PLUGIN_FIELD_NUMBER:
		return trail_json_int(json, (int64_t)f->value);
	case TRAIL_PLUGIN_FIELD_ADDRESS:
		return trail_json_hex(json, f->value);
	default:
		return trail_json_bool(f->value);
	}
}

static void write_gaps(struct trail_json *json, json_t *row,
		       const struct trail_plugin_facts *plugin)
{
	json_t *gaps = trail_json_set_array(json, row, "gaps");

	for (size_t i = 0; i < plugin->n_gaps; i++) {
		json_t *gap = trail_json_add_object(json, gaps);
		trail_json_set_string(json, gap, "what", plugin->gaps[i].what);
		trail_json_set_string(json, gap, "why", plugin->gaps[i].why);
	}
}

void trail_plugins_write(struct trail_json *json, json_t *root,
			 const struct trail_timeline *timeline)
{
	const struct trail_facts *facts = timeline->facts;
	json_t *plugins = trail_json_set_array(json, root, "plugins");

	for (size_t i = 0; i < facts->n_plugins; i++) {
		const struct trail_plugin_facts *plugin = &facts->plugins[i];
		json_t *row = trail_json_add_object(json, plugins);
		trail_json_set_string(json, row, "name", plugin->name);
		trail_json_set_string(json, row, "version", plugin->version);
		trail_json_set_string(json, row, "outcome",
				      NAME(trail_plugin_outcome_names, plugin->outcome));
		trail_json_set_string(json, row, "reason", plugin->reason);
		write_gaps(json, row, plugin);
	}
	json_t *extensions = trail_json_set_object(json, root, "extensions");
	for (size_t i = 0; i < timeline->n_plugins; i++) {
		const struct trail_plugin_facts *plugin = timeline->plugins[i].facts;
		json_t *own = trail_json_set_object(json, extensions, plugin->name);
		json_t *values = trail_json_set_object(json, own, "facts");
		for (size_t k = 0; k < plugin->n_facts; k++)
			trail_json_set(json, values, plugin->facts[k].name,
				       fact_value(json, &plugin->facts[k]));
		for (size_t k = 0; k < plugin->n_fields; k++)
			trail_json_set(json, own, plugin->fields[k].key,
				       field_value(json, &plugin->fields[k]));
	}
}

/* ---- the verb ------------------------------------------------------------- */

static const char *say_abi(struct trail_page *p, const struct trail_plugin_facts *plugin)
{
	return plugin->abi_major || plugin->abi_minor
		       ? trail_say(&p->view, "%u.%u", plugin->abi_major, plugin->abi_minor)
		       : NULL;
}

static const char *say_rows(struct trail_page *p, const struct trail_plugin_facts *plugin)
{
	const struct {
		size_t n;
		const char *what;
	} rows[] = { { plugin->n_notifiers, "callback" },
		     { plugin->n_facts, "fact" },
		     { plugin->n_witnesses, "witness" },
		     { plugin->n_rules, "rule" } };
	const char *s = NULL;

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++)
		if (rows[i].n)
			s = trail_say(&p->view, "%s%s%zu %s%s", s ? s : "", s ? ", " : "",
				      rows[i].n, rows[i].what,
				      rows[i].n == 1 ? ""
				      : i == 2	     ? "es"
						     : "s");
	return s ? s : "none";
}

static void put_line(struct trail_page *p, const char *label, const char *s)
{
	if (s)
		trail_page_paragraph(p, TRAIL_PAGE_PLAIN, label, INDENT + 8, TRAIL_PAGE_NO_LIMIT,
				     s);
}

static void put_one(struct trail_page *p, const struct trail_plugin_facts *plugin)
{
	const char *outcome = NAME(trail_plugin_outcome_names, plugin->outcome);

	trail_page_paragraph(
		p, color_of(plugin->outcome), "", 2, TRAIL_PAGE_NO_LIMIT,
		trail_say(&p->view, "%s%s%s: %s%s%s", plugin->name, plugin->version ? " " : "",
			  plugin->version ? plugin->version : "", outcome,
			  plugin->reason ? ", " : "", plugin->reason ? plugin->reason : ""));
	put_line(p, "    about", plugin->about);
	put_line(p, "    from", plugin->path);
	put_line(p, "    sha256", plugin->sha256 && *plugin->sha256 ? plugin->sha256 : NULL);
	put_line(p, "    ABI", say_abi(p, plugin));
	put_line(p, "    licence", plugin->licence);
	if (plugin->outcome == TRAIL_PLUGIN_FOUND)
		put_line(p, "    rows", say_rows(p, plugin));
}

static struct trail_error *render_text(const struct trail_report *report, struct trail_text *out)
{
	struct trail_page p = { .report = report, .out = out };

	trail_view_init(&p.view, report);
	trail_page_title(&p, "Plugins");
	for (size_t i = 0; i < report->facts->n_plugins; i++)
		put_one(&p, &report->facts->plugins[i]);
	if (!report->facts->n_plugins)
		trail_page_paragraph(&p, TRAIL_PAGE_PLAIN, "", 2, 1, "none");
	bool failed = p.view.failed || out->failed;
	trail_view_fini(&p.view);
	return failed ? &trail_error_nomem : NULL;
}

static struct trail_error *render_json(const struct trail_report *report, struct trail_text *out)
{
	struct trail_json json = { 0 };
	json_t *root = trail_json_object(&json);

	trail_json_set_string(&json, root, "schema", "panictrail-plugins/1");
	json_t *tool = trail_json_set_object(&json, root, "tool");
	trail_json_set_string(&json, tool, "name", "panictrail");
	trail_json_set_string(&json, tool, "version", TRAIL_VERSION);
	json_t *abi = trail_json_set_object(&json, root, "abi");
	trail_json_set_uint(&json, abi, "major", PANICTRAIL_ABI_MAJOR);
	trail_json_set_uint(&json, abi, "minor", PANICTRAIL_ABI_MINOR);
	json_t *plugins = trail_json_set_array(&json, root, "plugins");
	for (size_t i = 0; i < report->facts->n_plugins; i++) {
		const struct trail_plugin_facts *p = &report->facts->plugins[i];
		json_t *row = trail_json_add_object(&json, plugins);
		bool known = p->abi_major || p->abi_minor;

		trail_json_set_string(&json, row, "name", p->name);
		trail_json_set_string(&json, row, "version", p->version);
		trail_json_set_string(&json, row, "licence", p->licence);
		trail_json_set_string(&json, row, "about", p->about);
		trail_json_set_string(&json, row, "path", p->path);
		trail_json_set_string(&json, row, "sha256",
				      p->sha256 && *p->sha256 ? p->sha256 : NULL);
		trail_json_set(&json, row, "abi",
			       known ? trail_json_object(&json) : trail_json_null());
		if (known) {
			json_t *its = json_object_get(row, "abi");
			trail_json_set_uint(&json, its, "major", p->abi_major);
			trail_json_set_uint(&json, its, "minor", p->abi_minor);
		}
		trail_json_set_string(&json, row, "outcome",
				      NAME(trail_plugin_outcome_names, p->outcome));
		trail_json_set_string(&json, row, "reason", p->reason);
		json_t *rows = trail_json_set_object(&json, row, "rows");
		trail_json_set_uint(&json, rows, "notifiers", p->n_notifiers);
		trail_json_set_uint(&json, rows, "facts", p->n_facts);
		trail_json_set_uint(&json, rows, "witnesses", p->n_witnesses);
		trail_json_set_uint(&json, rows, "rules", p->n_rules);
	}
	return trail_json_write(&json, root, out) ? NULL : &trail_error_nomem;
}

const struct trail_renderer trail_plugins_renderers[] = {
	{ "text", render_text },
	{ "json", render_json },
	{ NULL },
};
