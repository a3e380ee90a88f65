/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy → YAML; see policy_show.h. */
#include "policy/policy_show.h"

#include "base/error.h"
#include "base/text.h"
#include "policy/judge.h"
#include "policy/policy_keys.h"

enum { COLUMN = 44 }; /* of comments */

/* In double quotes, as YAML and JSON have them; what could disturb a terminal as \u. */
static void put_quoted(struct trail_text *out, const char *s)
{
	size_t n = strlen(s);

	trail_text_puts(out, "\"");
	for (size_t i = 0; i < n;) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text as = { 0 };
		uint32_t code = 0;
		size_t length = trail_utf8_length(s + i, n - i, &code);

		length = length ? length : 1; /* a policy's text is UTF-8 */
		trail_text_escaped(&as, s + i, length);
		if (code == '"' || code == '\\')
			trail_text_printf(out, "\\%c", (int)code);
		else if (as.length == length)
			trail_text_add(out, s + i, length);
		else if (code < 0x10000)
			trail_text_printf(out, "\\u%04x", code);
		else
			trail_text_printf(out, "\\U%08x", code);
		i += length;
	}
	trail_text_puts(out, "\"");
}

static void put_value(struct trail_text *out, const struct trail_policy_key *key,
		      const struct trail_value *value)
{
	bool quoted = key->type == TRAIL_KEY_TEXT || key->type == TRAIL_KEY_PATTERNS;

	if (value->kind != TRAIL_VALUE_LIST && quoted)
		put_quoted(out, value->word);
	else if (value->kind != TRAIL_VALUE_LIST)
		trail_text_puts(out, value->word);
	if (value->kind != TRAIL_VALUE_LIST)
		return;
	trail_text_puts(out, "[");
	for (size_t i = 0; i < value->n; i++) {
		trail_text_puts(out, i ? ", " : "");
		if (quoted)
			put_quoted(out, value->words[i]);
		else
			trail_text_puts(out, value->words[i]);
	}
	trail_text_puts(out, "]");
}

/* The end of the line that began at @start. */
static void put_origin(struct trail_text *out, size_t start, bool origin, struct trail_place place)
{
	size_t width = out->length - start;

	if (origin) {
		trail_text_pad(out, width < COLUMN ? COLUMN - width : 1);
		trail_text_puts(out, "# ");
		if (place.file) {
			trail_text_escaped(out, place.file, strlen(place.file));
			trail_text_printf(out, ":%u", place.line);
		} else {
			trail_text_puts(out, "not set");
		}
	}
	trail_text_puts(out, "\n");
}

static void put_rules(struct trail_text *out, const struct trail_policy *policy, bool origin)
{
	trail_text_puts(out, policy->n_severities ? "rules:\n" : "rules: {}\n");
	for (size_t i = 0; i < policy->n_severities; i++) {
		const struct trail_rule_severity *row = &policy->severities[i];
		size_t start = out->length;

		trail_text_printf(out, "  %s: %s", row->rule, trail_severity_names[row->severity]);
		put_origin(out, start, origin, row->place);
	}
}

static void put_head(struct trail_text *out, const struct trail_policy *policy)
{
	trail_text_puts(out, "# ");
	trail_text_escaped(out, policy->name, strlen(policy->name));
	trail_text_puts(out, ", from ");
	trail_text_escaped(out, policy->source, strlen(policy->source));
	trail_text_printf(out, "; sha256 %s\n", policy->sha256);
}

struct trail_error *trail_policy_show(const struct trail_policy *policy, bool origin,
				      struct trail_text *out)
{
	struct trail_pool pool;
	bool good = true;

	trail_pool_init(&pool);
	put_head(out, policy);
	for (size_t i = 0; i < trail_n_policy_keys && good; i++) {
		const struct trail_policy_key *key = &trail_policy_keys[i];
		struct trail_value value;
		size_t depth = 0, start = out->length;

		for (const char *p = key->path; *p; p++)
			depth += *p == '.';
		if (key->type == TRAIL_KEY_EXTENDS)
			continue;
		if (key->type == TRAIL_KEY_RULES) {
			put_rules(out, policy, origin);
			continue;
		}
		trail_text_pad(out, 2 * depth);
		trail_text_printf(out, "%s:", trail_policy_key_name(key));
		if (key->type == TRAIL_KEY_MAP) {
			trail_text_puts(out, "\n");
			continue;
		}
		good = trail_policy_get(policy, key, &pool, &value);
		if (!good)
			break;
		trail_text_puts(out, " ");
		put_value(out, key, &value);
		put_origin(out, start, origin && key->type != TRAIL_KEY_VERSION, policy->places[i]);
	}
	trail_pool_fini(&pool);
	return good && !out->failed ? NULL : &trail_error_nomem;
}
