/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of a policy file ⇄ members of struct trail_policy, by the type of the
 * key.  A value that is not as wanted is told with what was wanted, what was
 * found and the nearest word.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/nearest.h"
#include "base/text.h"
#include "policy/judge.h"
#include "policy/policy_keys.h"

enum {
	PATTERN_MAX = 128, /* bytes */
	MODULE_MAX = 63,   /* MODULE_NAME_LEN, include/linux/module.h: 64 less a pointer */
	STARS_MAX = 4,	   /* so that no pattern takes long to try */
	COUNT_MAX = 1000000000,
	SECONDS_MAX = 1000000,
};

/* The member of the policy that the key stands for. */
#define MEMBER(policy, offset, type) ((type *)((uintptr_t)(policy) + (offset)))

/* ---- what is wrong -------------------------------------------------------- */

static const char *kind_of(const struct trail_node *node)
{
	return node->kind == TRAIL_NODE_LIST  ? "a list"
	       : node->kind == TRAIL_NODE_MAP ? "keys of its own"
					      : "a single value";
}

static void wrong(struct trail_values *v, const struct trail_policy_key *key,
		  const struct trail_node *node, const char *wanted, const char *nearest)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text found = { 0 };

	if (node->kind == TRAIL_NODE_BAD)
		return;
	if (node->kind != TRAIL_NODE_SCALAR)
		trail_text_puts(&found, kind_of(node));
	else if (!*node->text)
		trail_text_puts(&found, "nothing");
	else
		trail_text_printf(&found, "\"%.64s\"", node->text);
	trail_problem_add(v->problems, node->place, "%s: wanted %s, found %s%s%s%s", key->path,
			  wanted, trail_text_string(&found), nearest ? " (did you mean " : "",
			  nearest ? nearest : "", nearest ? "?)" : "");
}

/* The words of a key as "any, early or late"; of steps there are too many. */
static void put_words(struct trail_text *text, const struct trail_policy_key *key)
{
	if (!key->words)
		trail_text_puts(text, "a stage of panic() or kdump");
	for (unsigned i = 0; i < key->n_words; i++)
		trail_text_printf(text, "%s%s",
				  !i			  ? ""
				  : i + 1 == key->n_words ? " or "
							  : ", ",
				  key->words[i]);
}

static const char *word_of(const struct trail_policy_key *key, unsigned i)
{
	return key->words ? key->words[i] : trail_step_name(i);
}

static unsigned n_words_of(const struct trail_policy_key *key)
{
	return key->words ? key->n_words : (unsigned)TRAIL_N_STEPS;
}

/* ---- one value ------------------------------------------------------------ */

static bool scalar(struct trail_values *v, const struct trail_policy_key *key,
		   const struct trail_node *node, const char *wanted)
{
	if (node->kind == TRAIL_NODE_SCALAR)
		return true;
	wrong(v, key, node, wanted, NULL);
	return false;
}

static bool word(struct trail_values *v, const struct trail_policy_key *key,
		 const struct trail_node *node, unsigned *ret)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text words = { 0 };
	bool is_scalar = node->kind == TRAIL_NODE_SCALAR;
	struct trail_nearest nearest = { .word = is_scalar ? node->text : "" };

	for (unsigned i = 0; is_scalar && i < n_words_of(key); i++)
		if (strcmp(word_of(key, i), node->text) == 0) {
			*ret = i;
			return true;
		}
	for (unsigned i = 0; i < n_words_of(key); i++)
		trail_nearest_consider(&nearest, word_of(key, i));
	put_words(&words, key);
	wrong(v, key, node, trail_text_string(&words), nearest.name);
	return false;
}

static bool boolean(struct trail_values *v, const struct trail_policy_key *key,
		    const struct trail_node *node, bool *ret)
{
	static const char wanted[] = "true or false";

	if (!scalar(v, key, node, wanted))
		return false;
	bool is_true = strcmp(node->text, "true") == 0;
	if (is_true || strcmp(node->text, "false") == 0) {
		*ret = is_true;
		return true;
	}
	wrong(v, key, node, wanted, NULL);
	return false;
}

/* Decimal digits at @s; gives what follows them, NULL when there are none or too many. */
static const char *digits(const char *s, uint64_t *ret)
{
	uint64_t value = 0;
	size_t n = strspn(s, "0123456789");

	if (!n || n > 10 || (n > 1 && *s == '0'))
		return NULL;
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (uint64_t)(s[i] - '0');
	*ret = value;
	return s + n;
}

static bool number(struct trail_values *v, const struct trail_policy_key *key,
		   const struct trail_node *node, bool none, uint64_t *ret)
{
	const char *wanted = none ? "a whole number from 0 to 1000000000, or none"
				  : "a whole number from 0 to 1000000000";
	uint64_t value = UINT64_MAX;

	if (!scalar(v, key, node, wanted))
		return false;
	const char *end = digits(node->text, &value);
	bool is_none = none && strcmp(node->text, "none") == 0;
	if (!is_none && (!end || *end || value > COUNT_MAX)) {
		wrong(v, key, node, wanted, NULL);
		return false;
	}
	*ret = is_none ? UINT64_MAX : value;
	return true;
}

/* Nanoseconds; @none for "none". */
static bool duration(struct trail_values *v, const struct trail_policy_key *key,
		     const struct trail_node *node, uint64_t least, uint64_t none, uint64_t *ret)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = { { "ms", 1000000 }, { "s", 1000000000 }, { "min", UINT64_C(60000000000) } };
	const char *wanted = least == 1000000
				     ? "a time from 1ms on such as 500ms, 1s or 2min, or none"
				     : "a time in whole seconds such as 10s or 2min, or none";
	uint64_t value, ns = 0;

	if (!scalar(v, key, node, wanted))
		return false;
	if (strcmp(node->text, "none") == 0) {
		*ret = none;
		return true;
	}
	const char *unit = digits(node->text, &value);
	for (size_t i = 0; unit && i < TRAIL_ARRAY_SIZE(units); i++)
		if (strcmp(units[i].name, unit) == 0 && !trail_mul(value, units[i].ns, &ns))
			ns = 0;
	if (!ns || ns % least || ns > SECONDS_MAX * UINT64_C(1000000000)) {
		wrong(v, key, node, wanted, NULL);
		return false;
	}
	*ret = ns;
	return true;
}

static void set_text(struct trail_values *v, const struct trail_policy_key *key,
		     const struct trail_node *node)
{
	struct trail_policy *p = v->policy;

	if (!scalar(v, key, node, "a text"))
		return;
	size_t n = strlen(node->text);
	while (n && node->text[n - 1] == '\n') /* of a block scalar */
		n--;
	const char *copy = trail_pool_strndup(&p->pool, node->text, n);
	v->problems->failed |= !copy;
	*MEMBER(p, key->offset, const char *) = copy ? copy : "";
}

/* ---- lists ---------------------------------------------------------------- */

static bool list(struct trail_values *v, const struct trail_policy_key *key,
		 const struct trail_node *node, const char *example)
{
	char wanted[128];

	if (node->kind == TRAIL_NODE_LIST)
		return true;
	snprintf(wanted, sizeof(wanted), "a list such as [%s]", example);
	wrong(v, key, node, wanted, NULL);
	return false;
}

static void twice(struct trail_values *v, const struct trail_policy_key *key,
		  const struct trail_node *node)
{
	trail_problem_add(v->problems, node->place, "%s: %.64s is there twice", key->path,
			  node->text);
}

/* Words of the key's, each at most once, into @ret, which has room for all; false where one is
 * wrong. */
static bool words(struct trail_values *v, const struct trail_policy_key *key,
		  const struct trail_node *node, unsigned *ret, size_t *n_ret)
{
	uint64_t seen = 0;
	size_t n = 0;
	bool good = true;

	if (!list(v, key, node, word_of(key, n_words_of(key) - 1)))
		return false;
	for (size_t i = 0; i < node->n_children; i++) {
		unsigned w;
		if (!word(v, key, node->children[i], &w)) {
			good = false;
		} else if (seen >> w & 1) {
			twice(v, key, node->children[i]);
			good = false;
		} else {
			ret[n++] = w;
			seen |= UINT64_C(1) << w;
		}
	}
	*n_ret = n;
	return good;
}

static void set_words(struct trail_values *v, const struct trail_policy_key *key,
		      const struct trail_node *node)
{
	struct trail_policy *p = v->policy;
	unsigned all[TRAIL_N_STEPS];
	uint32_t bits = 0;
	size_t n;

	if (!words(v, key, node, all, &n))
		return;
	for (size_t i = 0; i < n; i++)
		bits |= 1U << all[i];
	if (key->type == TRAIL_KEY_WORD_SET || key->type == TRAIL_KEY_STEP_SET) {
		*MEMBER(p, key->offset, uint32_t) = bits;
		return;
	}
	if (key->type == TRAIL_KEY_GOALS) {
		for (size_t i = 0; i < n; i++)
			MEMBER(p, key->offset, enum trail_goal)[i] = all[i];
	} else {
		unsigned *copy = trail_pool_alloc(&p->pool, n, sizeof(*copy));
		v->problems->failed |= n && !copy;
		if (copy)
			memcpy(copy, all, n * sizeof(*copy));
		*MEMBER(p, key->offset, unsigned *) = copy;
	}
	*MEMBER(p, key->n_offset, size_t) = n;
}

/* Why it is no pattern for callbacks, or NULL. */
static const char *pattern_problem(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-$*?:";
	const char *colon = strchr(s, ':');
	size_t stars = 0;

	for (const char *p = s; *p; p++)
		stars += *p == '*';
	if (!*s || s[strspn(s, letters)])
		return "a function's name, with * and ? in it, or module:function";
	if (strlen(s) > PATTERN_MAX || stars > STARS_MAX)
		return "a pattern of at most 128 characters and 4 *";
	if (colon && (colon == s || !colon[1] || strchr(colon + 1, ':') || colon - s > MODULE_MAX))
		return "module:function, both not empty";
	return NULL;
}

static void set_patterns(struct trail_values *v, const struct trail_policy_key *key,
			 const struct trail_node *node)
{
	struct trail_policy *p = v->policy;
	bool good = true;

	if (!list(v, key, node, "\"softdog*\""))
		return;
	struct trail_globs globs = { .n = node->n_children };
	globs.all = trail_pool_alloc(&p->pool, globs.n, sizeof(*globs.all));
	v->problems->failed |= globs.n && !globs.all;
	for (size_t i = 0; globs.all && i < globs.n; i++) {
		const struct trail_node *child = node->children[i];
		const char *problem = child->kind == TRAIL_NODE_SCALAR
					      ? pattern_problem(child->text)
					      : "a list of patterns";
		if (problem) {
			wrong(v, key, child, problem, NULL);
			good = false;
			continue;
		}
		globs.all[i] = trail_pool_strdup(&p->pool, child->text);
		v->problems->failed |= !globs.all[i];
		for (size_t k = 0; k < i && good && globs.all[i]; k++)
			if (trail_streq(globs.all[k], globs.all[i])) {
				twice(v, key, child);
				good = false;
			}
	}
	if (good && !v->problems->failed)
		*MEMBER(p, key->offset, struct trail_globs) = globs;
}

/* ---- rules ---------------------------------------------------------------- */

/* The id of a rule by its id or name; which rules a plugin has is only known when it is asked. */
static const char *rule_of(struct trail_values *v, const struct trail_node *node)
{
	const struct trail_rule *rule = trail_rule_find(node->key);
	struct trail_nearest nearest = { .word = node->key };

	if (rule)
		return rule->id;
	if (trail_plugin_is_rule_id(node->key)) {
		const char *id = trail_pool_strdup(&v->policy->pool, node->key);
		v->problems->failed |= !id;
		return id;
	}
	for (size_t i = 0; i < trail_n_rules; i++) {
		trail_nearest_consider(&nearest, trail_rules[i].id);
		trail_nearest_consider(&nearest, trail_rules[i].name);
	}
	trail_problem_add(v->problems, node->key_place, "there is no rule %.64s%s%s%s", node->key,
			  nearest.name ? " (did you mean " : "", nearest.name ? nearest.name : "",
			  nearest.name ? "?)" : "");
	return NULL;
}

/* The place of the rule's severity, made where it has none; they are ascending by id. */
static struct trail_rule_severity *severity_of(struct trail_values *v, const char *id)
{
	struct trail_policy *p = v->policy;
	size_t at = 0;

	while (at < p->n_severities && strcmp(p->severities[at].rule, id) < 0)
		at++;
	if (at < p->n_severities && strcmp(p->severities[at].rule, id) == 0)
		return &p->severities[at];
	struct trail_rule_severity *all = trail_pool_grow(&p->pool, p->severities, p->n_severities,
							  sizeof(*all));
	if (!all)
		return NULL;
	p->severities = all;
	memmove(&all[at + 1], &all[at], (p->n_severities++ - at) * sizeof(*all));
	all[at] = (struct trail_rule_severity){ .rule = id };
	return &all[at];
}

static void set_rules(struct trail_values *v, const struct trail_policy_key *key,
		      const struct trail_node *node)
{
	if (node->kind != TRAIL_NODE_MAP) {
		wrong(v, key, node, "rules, each with its severity", NULL);
		return;
	}
	for (size_t i = 0; i < node->n_children; i++) {
		const struct trail_node *child = node->children[i];
		const char *rule = child->key ? rule_of(v, child) : NULL;
		unsigned severity;

		if (!rule || !word(v, key, child, &severity))
			continue;
		struct trail_rule_severity *row = severity_of(v, rule);
		v->problems->failed |= !row;
		if (!row)
			return;
		if (row->place.file == child->place.file)
			trail_problem_add(v->problems, child->key_place,
					  "rule %s is there twice, first in line %u", rule,
					  row->place.line);
		row->severity = severity;
		row->place = child->place;
	}
}

/* ---- by the type ---------------------------------------------------------- */

static void set_word(struct trail_values *v, const struct trail_policy_key *key,
		     const struct trail_node *node)
{
	unsigned value;

	if (word(v, key, node, &value))
		*MEMBER(v->policy, key->offset, unsigned) = value; /* as any enum of ours */
}

static void set_time(struct trail_values *v, const struct trail_policy_key *key,
		     const struct trail_node *node)
{
	uint64_t *member = MEMBER(v->policy, key->offset, uint64_t), ns;

	if (key->type == TRAIL_KEY_NANOSECONDS)
		duration(v, key, node, 1000000, 0, member);
	else if (duration(v, key, node, 1000000000, UINT64_MAX, &ns))
		*member = ns == UINT64_MAX ? ns : ns / 1000000000;
}

static void set_count(struct trail_values *v, const struct trail_policy_key *key,
		      const struct trail_node *node)
{
	uint64_t value;

	if (!number(v, key, node, key->type == TRAIL_KEY_LIMIT, &value))
		return;
	if (key->type == TRAIL_KEY_LIMIT)
		*MEMBER(v->policy, key->offset, uint64_t) = value;
	else
		*MEMBER(v->policy, key->offset, unsigned) = (unsigned)value;
}

void trail_policy_set(struct trail_values *v, const struct trail_policy_key *key,
		      const struct trail_node *node)
{
	size_t before = v->problems->n + v->problems->n_more;

	switch (key->type) {
	case TRAIL_KEY_TEXT:
		set_text(v, key, node);
		break;
	case TRAIL_KEY_WORD:
		set_word(v, key, node);
		break;
	case TRAIL_KEY_GOALS:
	case TRAIL_KEY_STEPS:
	case TRAIL_KEY_STEP_SET:
	case TRAIL_KEY_WORD_SET:
		set_words(v, key, node);
		break;
	case TRAIL_KEY_BOOLEAN:
		boolean(v, key, node, MEMBER(v->policy, key->offset, bool));
		break;
	case TRAIL_KEY_COUNT:
	case TRAIL_KEY_LIMIT:
		set_count(v, key, node);
		break;
	case TRAIL_KEY_NANOSECONDS:
	case TRAIL_KEY_SECONDS:
		set_time(v, key, node);
		break;
	case TRAIL_KEY_PATTERNS:
		set_patterns(v, key, node);
		break;
	case TRAIL_KEY_RULES:
		set_rules(v, key, node);
		break;
	case TRAIL_KEY_MAP:
	case TRAIL_KEY_VERSION:
	case TRAIL_KEY_EXTENDS:
		return;
	}
	if (v->problems->n + v->problems->n_more == before)
		v->policy->places[key - trail_policy_keys] = node->place;
}

/* ---- the way back --------------------------------------------------------- */

static bool get_list(const struct trail_policy *p, const struct trail_policy_key *key,
		     struct trail_pool *pool, struct trail_value *ret)
{
	const struct trail_globs *globs = MEMBER(p, key->offset, const struct trail_globs);
	const unsigned *steps = NULL;
	uint64_t bits = 0;

	ret->kind = TRAIL_VALUE_LIST;
	if (key->type == TRAIL_KEY_PATTERNS) {
		ret->words = globs->all;
		ret->n = globs->n;
		return true;
	}
	ret->words = trail_pool_alloc(pool, TRAIL_N_STEPS, sizeof(*ret->words));
	if (!ret->words)
		return false;
	if (key->type == TRAIL_KEY_GOALS || key->type == TRAIL_KEY_STEPS) {
		ret->n = *MEMBER(p, key->n_offset, const size_t);
		steps = key->type == TRAIL_KEY_GOALS ? (const unsigned *)p->goals : p->order;
		for (size_t i = 0; i < ret->n; i++)
			ret->words[i] = word_of(key, steps[i]);
		return true;
	}
	bits = *MEMBER(p, key->offset, const uint32_t);
	for (unsigned i = 0; i < n_words_of(key); i++)
		if (bits >> i & 1)
			ret->words[ret->n++] = word_of(key, i);
	return true;
}

static const char *say_time(struct trail_pool *pool, uint64_t ns)
{
	uint64_t ms = ns / 1000000;

	return ms % 1000 ? trail_pool_printf(pool, "%" PRIu64 "ms", ms)
			 : trail_pool_printf(pool, "%" PRIu64 "s", ms / 1000);
}

static const char *say_limit(struct trail_pool *pool, uint64_t value, uint64_t none,
			     const char *unit)
{
	return value == none ? "none" : trail_pool_printf(pool, "%" PRIu64 "%s", value, unit);
}

static const char *get_word(const struct trail_policy *p, const struct trail_policy_key *key,
			    struct trail_pool *pool)
{
	const uint64_t *number_of = MEMBER(p, key->offset, const uint64_t);

	switch (key->type) {
	case TRAIL_KEY_VERSION:
		return "1";
	case TRAIL_KEY_TEXT:
		return *MEMBER(p, key->offset, const char *const);
	case TRAIL_KEY_WORD:
		return word_of(key, *MEMBER(p, key->offset, const unsigned));
	case TRAIL_KEY_BOOLEAN:
		return *MEMBER(p, key->offset, const bool) ? "true" : "false";
	case TRAIL_KEY_COUNT:
		return trail_pool_printf(pool, "%u", *MEMBER(p, key->offset, const unsigned));
	case TRAIL_KEY_LIMIT:
		return say_limit(pool, *number_of, UINT64_MAX, "");
	case TRAIL_KEY_SECONDS:
		return say_limit(pool, *number_of, UINT64_MAX, "s");
	case TRAIL_KEY_NANOSECONDS:
		return *number_of ? say_time(pool, *number_of) : "none";
	default:
		return NULL; /* a list, or the caller's */
	}
}

bool trail_policy_get(const struct trail_policy *policy, const struct trail_policy_key *key,
		      struct trail_pool *pool, struct trail_value *ret)
{
	struct trail_value value = { 0 };

	switch (key->type) {
	case TRAIL_KEY_GOALS:
	case TRAIL_KEY_STEPS:
	case TRAIL_KEY_STEP_SET:
	case TRAIL_KEY_WORD_SET:
	case TRAIL_KEY_PATTERNS:
		if (!get_list(policy, key, pool, &value))
			return false;
		break;
	default:
		value.word = get_word(policy, key, pool);
		if (!value.word)
			return false;
		value.kind = key->type == TRAIL_KEY_BOOLEAN ? TRAIL_VALUE_BOOLEAN
							    : TRAIL_VALUE_WORD;
		if (value.word[strspn(value.word, "0123456789")] == '\0' &&
		    (key->type == TRAIL_KEY_VERSION || key->type == TRAIL_KEY_COUNT ||
		     key->type == TRAIL_KEY_LIMIT))
			value.kind = TRAIL_VALUE_NUMBER;
	}
	*ret = value;
	return true;
}
