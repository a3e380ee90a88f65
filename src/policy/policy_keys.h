/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of a policy file: one table for reading, showing, the hints for
 * mistyped keys, the schema and the manual.
 */
#ifndef TRAIL_POLICY_POLICY_KEYS_H
#define TRAIL_POLICY_POLICY_KEYS_H

#include "policy/policy_yaml.h"

struct trail_text;

/** What the value of a key is; the scalar itself never says. */
enum trail_key_type {
	TRAIL_KEY_MAP,	       /* keys of its own */
	TRAIL_KEY_VERSION,     /* 1 */
	TRAIL_KEY_EXTENDS,     /* name or path of a policy */
	TRAIL_KEY_TEXT,	       /* const char * */
	TRAIL_KEY_WORD,	       /* an enum */
	TRAIL_KEY_GOALS,       /* array of enum trail_goal, and n; a word at most once */
	TRAIL_KEY_STEPS,       /* unsigned *, and n; the same */
	TRAIL_KEY_STEP_SET,    /* uint32_t of bits of steps */
	TRAIL_KEY_WORD_SET,    /* uint32_t of bits of an enum */
	TRAIL_KEY_BOOLEAN,     /* bool */
	TRAIL_KEY_COUNT,       /* unsigned */
	TRAIL_KEY_LIMIT,       /* uint64_t, UINT64_MAX for none */
	TRAIL_KEY_NANOSECONDS, /* uint64_t, 0 for none */
	TRAIL_KEY_SECONDS,     /* uint64_t, UINT64_MAX for none */
	TRAIL_KEY_PATTERNS,    /* struct trail_globs */
	TRAIL_KEY_RULES,       /* trail_rule_severity *, and n: id or name of a rule → severity */
};

struct trail_policy_key {
	const char *path; /* "notifiers.before-dump.longest" */
	enum trail_key_type type;
	size_t offset, n_offset;  /* of the value in struct trail_policy, and of its count */
	const char *const *words; /* that the value may be, or each of a list */
	unsigned n_words;
	const char *help; /* one sentence, for the schema and the manual */
};

/** The keys in the order in which they are shown; a map stands before its own. */
extern const struct trail_policy_key trail_policy_keys[];
extern const size_t trail_n_policy_keys;

/** The key of that path, or NULL. */
const struct trail_policy_key *trail_policy_key(const char *path);

/** Is @key in the map @map, or on the top level where that is NULL? */
bool trail_policy_key_in(const struct trail_policy_key *key, const struct trail_policy_key *map);

/** Its last word: "longest". */
const char *trail_policy_key_name(const struct trail_policy_key *key);

/** The step of that name, or TRAIL_N_STEPS. */
unsigned trail_step_of(const char *name);

/** What reading a file's values needs. */
struct trail_values {
	struct trail_policy *policy; /* gets them */
	struct trail_problems *problems;
};

/**
 * Set a key of the policy to what @node says, or add what is wrong with it to
 * the problems and leave the policy as it was.  Version, extends and maps are
 * the caller's.
 */
void trail_policy_set(struct trail_values *values, const struct trail_policy_key *key,
		      const struct trail_node *node);

/** A value of a policy, for showing. */
struct trail_value {
	enum { TRAIL_VALUE_WORD, TRAIL_VALUE_NUMBER, TRAIL_VALUE_BOOLEAN, TRAIL_VALUE_LIST } kind;
	const char *word;   /* also of a number and a boolean, as a file has it */
	const char **words; /* of a list */
	size_t n;
};

/**
 * The value of a key that is neither a map nor of rules.
 * @pool  owns what is given
 * False when memory ran out.
 */
bool trail_policy_get(const struct trail_policy *policy, const struct trail_policy_key *key,
		      struct trail_pool *pool, struct trail_value *ret);

#endif
