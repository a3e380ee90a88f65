/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of what plugins say, and whether it can be worked with; see
 * plugins.h.  A check names the row: "rules[2].id: wanted ...".
 */
#include "facts/plugins.h"

#include <ctype.h>
#include <stdio.h>

#include "base/error.h"

/* clang-format off */
const char *const trail_plugin_outcome_names[] = {
	[TRAIL_PLUGIN_FOUND]          = "found",
	[TRAIL_PLUGIN_USED]           = "used",
	[TRAIL_PLUGIN_NOT_APPLICABLE] = "not-applicable",
	[TRAIL_PLUGIN_REFUSED]        = "refused",
	[TRAIL_PLUGIN_FAILED]         = "failed",
};

const char *const trail_plugin_class_names[] = {
	[0]                           = "none",
	[PANICTRAIL_CLASS_INFO]       = "info",
	[PANICTRAIL_CLASS_HYPERVISOR] = "hypervisor",
	[PANICTRAIL_CLASS_REBOOT]     = "reboot",
};

const char *const trail_plugin_level_names[] = {
	[0]                 = "none",
	[PANICTRAIL_LOW]    = "low",
	[PANICTRAIL_MEDIUM] = "medium",
	[PANICTRAIL_HIGH]   = "high",
};

const char *const trail_plugin_fact_kind_names[] = {
	[0]                         = "none",
	[PANICTRAIL_FACT_VARIABLE]  = "variable",
	[PANICTRAIL_FACT_MEMBER]    = "member",
	[PANICTRAIL_FACT_POINTED]   = "pointed",
	[PANICTRAIL_FACT_COLLECTED] = "collected",
};

const char *const trail_plugin_look_names[] = {
	[0]                         = "none",
	[PANICTRAIL_LOOK_FACT]      = "fact",
	[PANICTRAIL_LOOK_SCALAR]    = "scalar",
	[PANICTRAIL_LOOK_CMDLINE]   = "cmdline",
	[PANICTRAIL_LOOK_LOG_AFTER] = "log-after",
	[PANICTRAIL_LOOK_STAGE]     = "stage",
	[PANICTRAIL_LOOK_NOTIFIER]  = "notifier",
};

const char *const trail_plugin_op_names[] = {
	[0]                   = "none",
	[PANICTRAIL_IS]       = "is",
	[PANICTRAIL_IS_NOT]   = "is-not",
	[PANICTRAIL_AT_LEAST] = "at-least",
	[PANICTRAIL_BELOW]    = "below",
};

const char *const trail_plugin_call_names[] = {
	[0]                           = "none",
	[PANICTRAIL_CALL_CALLED]      = "called",
	[PANICTRAIL_CALL_IN_PROGRESS] = "in-progress",
	[PANICTRAIL_CALL_NOT_CALLED]  = "not-called",
	[PANICTRAIL_CALL_CUT_OFF]     = "cut-off",
};

const char *const trail_plugin_strength_names[] = {
	[0]                  = "none",
	[PANICTRAIL_HINT]    = "hint",
	[PANICTRAIL_LIKELY]  = "likely",
	[PANICTRAIL_CERTAIN] = "certain",
};

const char *const trail_plugin_severity_names[] = {
	[0]                  = "none",
	[PANICTRAIL_NOTE]    = "note",
	[PANICTRAIL_WARNING] = "warning",
	[PANICTRAIL_ERROR]   = "error",
};

const char *const trail_plugin_field_kind_names[] = {
	[TRAIL_PLUGIN_FIELD_TEXT]    = "text",
	[TRAIL_PLUGIN_FIELD_NUMBER]  = "number",
	[TRAIL_PLUGIN_FIELD_ADDRESS] = "address",
	[TRAIL_PLUGIN_FIELD_BOOL]    = "bool",
};
/* clang-format on */

enum {
	NAME_BYTES = 32, /* bytes of a plugin's name */
	SHOWN = 40,	 /* bytes of a hostile word in a message */
};

/* ---- names ---------------------------------------------------------------- */

static bool is_made_of(const char *s, const char *more)
{
	if (!islower((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && !strchr(more, *s))
			return false;
	return true;
}

bool trail_plugin_is_name(const char *name)
{
	return name && strnlen(name, NAME_BYTES + 1) <= NAME_BYTES && is_made_of(name, "-");
}

bool trail_plugin_is_rule_id(const char *id)
{
	const char *colon = strchr(id, ':');
	char name[NAME_BYTES + 1];

	if (!colon || colon - id > NAME_BYTES || strlen(colon) > TRAIL_PLUGIN_WORD_MAX)
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)(colon - id), id);
	return trail_plugin_is_name(name) && is_made_of(colon + 1, "-");
}

const struct trail_plugin_fact *trail_plugin_fact(const struct trail_plugin_facts *plugin,
						  const char *name)
{
	for (size_t i = 0; i < plugin->n_facts; i++)
		if (strcmp(plugin->facts[i].name, name) == 0)
			return &plugin->facts[i];
	return NULL;
}

/* ---- rows ----------------------------------------------------------------- */

/* The first that is wrong is kept. */
struct checker {
	const struct trail_plugin_facts *plugin;
	struct trail_error *error;
	const char *array; /* of the row that is checked */
	size_t row;
};

static void wrong(struct checker *c, const char *member, const char *wanted, const char *value)
{
	if (c->error)
		return;
	if (value)
		c->error = trail_error_format(
			TRAIL_ERROR_BAD_DATA, "%s[%zu].%s: wanted %s, not \"%.*s\"%s", c->array,
			c->row, member, wanted, SHOWN, value, strlen(value) > SHOWN ? "..." : "");
	else
		c->error = trail_error_format(TRAIL_ERROR_BAD_DATA,
					      "%s[%zu].%s: wanted %s, not nothing", c->array,
					      c->row, member, wanted);
}

/* A sentence or a clause: one line that a terminal can show. */
static void text(struct checker *c, const char *member, const char *value, bool needed)
{
	if (!value || !*value) {
		if (needed)
			wrong(c, member, "a text", value);
		return;
	}
	if (strlen(value) > TRAIL_PLUGIN_TEXT_MAX)
		wrong(c, member, "at most 500 bytes", value);
	for (const char *s = value; *s; s++)
		if (iscntrl((unsigned char)*s)) {
			wrong(c, member, "a line without control characters", value);
			return;
		}
}

/* The name of a function, a module, a type: printable, without blanks. */
static void word(struct checker *c, const char *member, const char *value, bool needed)
{
	if (!value) {
		if (needed)
			wrong(c, member, "a name", NULL);
		return;
	}
	bool good = *value && strlen(value) <= TRAIL_PLUGIN_WORD_MAX;
	for (const char *s = value; good && *s; s++)
		good = isgraph((unsigned char)*s);
	if (!good)
		wrong(c, member, "a name of at most 120 characters", value);
}

static void enumerator(struct checker *c, const char *member, unsigned value)
{
	if (!value)
		wrong(c, member, "an enumerator", "0");
}

/* A name of the plugin's own, unique among @n entries of @size bytes that begin with it. */
static void own_name(struct checker *c, const char *member, const char *value, const char *more,
		     const void *rows, size_t size)
{
	if (!value || !is_made_of(value, more) || strlen(value) > TRAIL_PLUGIN_WORD_MAX) {
		wrong(c, member, "lower case, digits and dashes", value);
		return;
	}
	for (size_t i = 0; i < c->row; i++) {
		const char *other;
		memcpy(&other, (const char *)rows + i * size, sizeof(other));
		if (trail_streq(other, value))
			wrong(c, member, "one that no row before it has", value);
	}
}

static void conditions(struct checker *c, const char *member,
		       const struct trail_plugin_condition *when, size_t n, bool is_rule)
{
	char place[64];

	for (size_t i = 0; i < n; i++) {
		snprintf(place, sizeof(place), "%s[%zu]", member, i);
		enumerator(c, place, when[i].look);
		enumerator(c, place, when[i].op);
		text(c, place, when[i].name, true);
		if (when[i].look == PANICTRAIL_LOOK_FACT &&
		    !trail_plugin_fact(c->plugin, when[i].name))
			wrong(c, place, "a fact of this plugin", when[i].name);
		if ((when[i].look == PANICTRAIL_LOOK_STAGE ||
		     when[i].look == PANICTRAIL_LOOK_NOTIFIER) &&
		    !is_rule)
			wrong(c, place, "something else than an outcome, which is for rules",
			      when[i].name);
	}
}

static void check_notifier(struct checker *c, const struct trail_plugin_notifier *row)
{
	word(c, "function", row->function, true);
	word(c, "module", row->module, false);
	enumerator(c, "class_", row->class);
	enumerator(c, "risk", row->risk);
	text(c, "reason", row->reason, true);
	text(c, "does", row->does, true);
	text(c, "source", row->source, true);
	for (size_t i = 0; i < c->row; i++)
		if (trail_streq(c->plugin->notifiers[i].function, row->function) &&
		    trail_streq(c->plugin->notifiers[i].module, row->module))
			wrong(c, "function", "one that no row before it has", row->function);
}

static void check_fact(struct checker *c, const struct trail_plugin_fact *row)
{
	bool member = row->kind == PANICTRAIL_FACT_MEMBER || row->kind == PANICTRAIL_FACT_POINTED;
	uint8_t width = row->width;

	own_name(c, "name", row->name, "-_", c->plugin->facts, sizeof(*row));
	enumerator(c, "kind", row->kind);
	word(c, "symbol", row->symbol, row->kind != PANICTRAIL_FACT_COLLECTED);
	word(c, "module", row->module, false);
	word(c, "type", row->type, member);
	word(c, "member", row->member, member);
	if (row->kind == PANICTRAIL_FACT_VARIABLE && width != 1 && width != 2 && width != 4 &&
	    width != 8)
		wrong(c, "width", "1, 2, 4 or 8", NULL);
	text(c, "what", row->what, true);
	text(c, "source", row->source, true);
	text(c, "why", row->why, false);
}

static void check_witness(struct checker *c, const struct trail_plugin_witness *row)
{
	word(c, "function", row->function, true);
	word(c, "module", row->module, false);
	if (row->outcome != PANICTRAIL_CALL_CALLED && row->outcome != PANICTRAIL_CALL_NOT_CALLED)
		wrong(c, "outcome", "called or not called", NULL);
	enumerator(c, "strength", row->strength);
	if (!row->n_when)
		wrong(c, "when", "a condition", NULL);
	conditions(c, "when", row->when, row->n_when, false);
	text(c, "statement", row->statement, true);
	text(c, "source", row->source, true);
}

static void check_rule(struct checker *c, const struct trail_plugin_rule *row)
{
	size_t n = strlen(c->plugin->name);

	if (!row->id || strncmp(row->id, c->plugin->name, n) != 0 || row->id[n] != ':' ||
	    !trail_plugin_is_rule_id(row->id))
		wrong(c, "id", "the plugin's name, a colon, and lower case, digits and dashes",
		      row->id);
	for (size_t i = 0; i < c->row; i++)
		if (trail_streq(c->plugin->rules[i].id, row->id))
			wrong(c, "id", "one that no row before it has", row->id);
	enumerator(c, "severity", row->severity);
	text(c, "statement", row->statement, true);
	text(c, "message", row->message, row->n_fails > 0);
	text(c, "remedy", row->remedy, false);
	text(c, "source", row->source, true);
	conditions(c, "where", row->where, row->n_where, true);
	conditions(c, "fails", row->fails, row->n_fails, true);
}

/* ---- what was said -------------------------------------------------------- */

static void check_evidence(struct checker *c, const struct trail_plugin_evidence *row)
{
	word(c, "function", row->function, false);
	word(c, "module", row->module, false);
	if (row->function && row->outcome != PANICTRAIL_CALL_CALLED &&
	    row->outcome != PANICTRAIL_CALL_NOT_CALLED)
		wrong(c, "outcome", "called or not called", NULL);
	text(c, "claim", row->claim, !row->function);
	enumerator(c, "strength", row->strength);
	text(c, "statement", row->statement, true);
	text(c, "where", row->where, false);
}

static void check_result(struct checker *c, const struct trail_plugin_result *row)
{
	const struct trail_plugin_facts *p = c->plugin;
	size_t i = 0;

	while (i < p->n_rules && !trail_streq(p->rules[i].id, row->rule))
		i++;
	if (i == p->n_rules)
		wrong(c, "rule", "a rule of this plugin", row->rule);
	text(c, "message", row->message, false);
	for (i = 0; i < row->n_cites; i++)
		if (row->cites[i].evidence >= p->n_evidence)
			wrong(c, "evidence", "a piece that was said", NULL);
}

static void check_field(struct checker *c, const struct trail_plugin_field *row)
{
	own_name(c, "key", row->key, "-_", c->plugin->fields, sizeof(*row));
	if (trail_streq(row->key, "facts"))
		wrong(c, "key", "another key", row->key);
	text(c, "text", row->text, false);
	if (row->kind == TRAIL_PLUGIN_FIELD_TEXT && !row->text)
		wrong(c, "text", "a text", NULL);
}

static void check_gap(struct checker *c, const struct trail_gap *row)
{
	text(c, "what", row->what, true);
	text(c, "why", row->why, false);
}

static void check_head(struct checker *c)
{
	const struct trail_plugin_facts *p = c->plugin;
	const struct {
		const char *member, *value;
	} texts[] = { { "version", p->version }, { "licence", p->licence }, { "about", p->about } };

	if (!trail_plugin_is_name(p->name))
		c->error = trail_error_format(
			TRAIL_ERROR_BAD_DATA,
			"name: wanted lower case, digits and dashes, at most %d, not \"%.*s\"",
			NAME_BYTES, SHOWN, p->name ? p->name : "");
	c->array = "plugin";
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(texts); i++)
		text(c, texts[i].member, texts[i].value, true);
}

#define CHECK_ALL(c, member, check)                                         \
	for ((c)->array = #member, (c)->row = 0;                            \
	     !(c)->error && (c)->row < (c)->plugin->n_##member; (c)->row++) \
	check(c, &(c)->plugin->member[(c)->row])

struct trail_error *trail_plugin_check(const struct trail_plugin_facts *plugin)
{
	struct checker c = { .plugin = plugin };

	check_head(&c);
	CHECK_ALL(&c, facts, check_fact);
	CHECK_ALL(&c, notifiers, check_notifier);
	CHECK_ALL(&c, witnesses, check_witness);
	CHECK_ALL(&c, rules, check_rule);
	CHECK_ALL(&c, evidence, check_evidence);
	CHECK_ALL(&c, results, check_result);
	CHECK_ALL(&c, fields, check_field);
	CHECK_ALL(&c, gaps, check_gap);
	return c.error;
}
