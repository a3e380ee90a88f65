/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What came of the plugins: their rows, what was read for them, what they
 * said.  It all comes from foreign code; trail_plugin_check() says whether it
 * can be worked with.  The enumerators are those of panictrail/plugin.h, of
 * which 0 is none.
 */
#ifndef TRAIL_FACTS_PLUGINS_H
#define TRAIL_FACTS_PLUGINS_H

#include "base/base.h"
#include "panictrail/plugin.h"

struct trail_error;
struct trail_pool;
struct trail_text;

/** Whether a thing could be read; kept all the way to the report. */
enum trail_presence {
	TRAIL_UNREAD,  /* nobody asked: zeroed memory says this */
	TRAIL_PRESENT, /* read */
	TRAIL_ABSENT,  /* this kernel has no such name */
	TRAIL_NODATA,  /* the kernel has it; it is not in the dump */
	TRAIL_CORRUPT, /* it is in the dump and cannot be right */
	TRAIL_N_PRESENCES,
};

struct trail_gap {
	const char *what; /* "notifier chain", "CPU 3 stack" */
	const char *why;
};

enum trail_plugin_outcome {
	TRAIL_PLUGIN_FOUND,	     /* it could be loaded; nobody asked it */
	TRAIL_PLUGIN_USED,	     /* what it knows is part of the report */
	TRAIL_PLUGIN_NOT_APPLICABLE, /* what it needs is not here, see reason */
	TRAIL_PLUGIN_REFUSED,	     /* it, or what it says, cannot be right */
	TRAIL_PLUGIN_FAILED,	     /* it crashed, hung, took too much, or said so itself */
	TRAIL_N_PLUGIN_OUTCOMES,
};

/* What one plugin may have of each. */
enum {
	TRAIL_PLUGINS_MAX = 64,
	TRAIL_PLUGIN_ROWS_MAX = 256,
	TRAIL_PLUGIN_TEXT_MAX = 500, /* bytes of a sentence */
	TRAIL_PLUGIN_WORD_MAX = 120, /* bytes of a name */
};

enum {
	TRAIL_N_PLUGIN_CLASSES = PANICTRAIL_CLASS_REBOOT + 1,
	TRAIL_N_PLUGIN_LEVELS = PANICTRAIL_HIGH + 1,
	TRAIL_N_PLUGIN_FACT_KINDS = PANICTRAIL_FACT_COLLECTED + 1,
	TRAIL_N_PLUGIN_LOOKS = PANICTRAIL_LOOK_NOTIFIER + 1,
	TRAIL_N_PLUGIN_OPS = PANICTRAIL_BELOW + 1,
	TRAIL_N_PLUGIN_CALLS = PANICTRAIL_CALL_CUT_OFF + 1,
	TRAIL_N_PLUGIN_STRENGTHS = PANICTRAIL_CERTAIN + 1,
	TRAIL_N_PLUGIN_SEVERITIES = PANICTRAIL_ERROR + 1,
};

extern const char *const trail_plugin_outcome_names[TRAIL_N_PLUGIN_OUTCOMES];
extern const char *const trail_plugin_class_names[TRAIL_N_PLUGIN_CLASSES];
extern const char *const trail_plugin_level_names[TRAIL_N_PLUGIN_LEVELS];
extern const char *const trail_plugin_fact_kind_names[TRAIL_N_PLUGIN_FACT_KINDS];
extern const char *const trail_plugin_look_names[TRAIL_N_PLUGIN_LOOKS];
extern const char *const trail_plugin_op_names[TRAIL_N_PLUGIN_OPS];
extern const char *const trail_plugin_call_names[TRAIL_N_PLUGIN_CALLS];
extern const char *const trail_plugin_strength_names[TRAIL_N_PLUGIN_STRENGTHS];
extern const char *const trail_plugin_severity_names[TRAIL_N_PLUGIN_SEVERITIES];

struct trail_plugin_condition {
	enum panictrail_look look;
	enum panictrail_op op;
	const char *name;
	uint64_t value; /* of an int64_t */
};

struct trail_plugin_notifier {
	const char *function, *module;
	enum panictrail_class class;
	enum panictrail_level risk;
	const char *reason, *does, *source;
};

/** A fact with its value. */
struct trail_plugin_fact {
	const char *name;
	enum panictrail_fact_kind kind;
	const char *symbol, *module, *type, *member;
	uint8_t width;
	bool is_signed;
	const char *what, *source;
	enum trail_presence presence;
	uint64_t value;	  /* sign-extended if is_signed; 0 unless present */
	uint64_t address; /* where it was read; 0: nowhere */
	const char *why;  /* it is not present */
};

struct trail_plugin_witness {
	const char *function, *module;
	enum panictrail_call outcome;
	enum panictrail_strength strength;
	struct trail_plugin_condition *when;
	size_t n_when;
	const char *statement, *source;
};

struct trail_plugin_rule {
	const char *id;
	enum panictrail_severity severity;
	const char *statement, *message, *remedy, *source;
	struct trail_plugin_condition *where;
	size_t n_where;
	struct trail_plugin_condition *fails;
	size_t n_fails;
};

/** What `collect` or `check` said of a callback, or, with no function, of anything else. */
struct trail_plugin_evidence {
	const char *function, *module; /* of a callback; NULL: the claim says what it is of */
	enum panictrail_call outcome;  /* of the callback; 0 without one */
	const char *claim;
	enum panictrail_strength strength;
	const char *statement, *where;
};

/** A piece that a finding rests on. */
struct trail_plugin_cite {
	uint32_t evidence; /* index into the plugin's evidence */
};

/** What `check` said of a rule. */
struct trail_plugin_result {
	const char *rule;
	const char *message; /* of its finding; NULL: it passes */
	struct trail_plugin_cite *cites;
	size_t n_cites;
};

enum trail_plugin_field_kind {
	TRAIL_PLUGIN_FIELD_TEXT,
	TRAIL_PLUGIN_FIELD_NUMBER,
	TRAIL_PLUGIN_FIELD_ADDRESS,
	TRAIL_PLUGIN_FIELD_BOOL,
	TRAIL_N_PLUGIN_FIELD_KINDS,
};

extern const char *const trail_plugin_field_kind_names[TRAIL_N_PLUGIN_FIELD_KINDS];

/** A field of its own in the report. */
struct trail_plugin_field {
	const char *key;
	enum trail_plugin_field_kind kind;
	const char *text; /* of a TEXT, else NULL */
	uint64_t value;	  /* of the others; a NUMBER's is an int64_t */
};

/** One plugin; what is refused or has failed has no rows. */
struct trail_plugin_facts {
	const char *name; /* of the file, without .so, where it did not come to say one */
	const char *version, *licence, *about;
	uint32_t abi_major, abi_minor; /* 0 and 0: not known */
	const char *path;
	const char *sha256; /* of the file; lower-case hex */
	enum trail_plugin_outcome outcome;
	const char *reason;	 /* NULL: used, or found */
	bool has_check, checked; /* it has `check`; that was asked */
	struct trail_plugin_notifier *notifiers;
	size_t n_notifiers;
	struct trail_plugin_fact *facts;
	size_t n_facts;
	struct trail_plugin_witness *witnesses;
	size_t n_witnesses;
	struct trail_plugin_rule *rules;
	size_t n_rules;
	struct trail_plugin_evidence *evidence;
	size_t n_evidence;
	struct trail_plugin_result *results;
	size_t n_results;
	struct trail_plugin_field *fields;
	size_t n_fields;
	struct trail_gap *gaps; /* what it could not read, in its own words */
	size_t n_gaps;
};

struct trail_plugin_list {
	struct trail_plugin_facts *plugins;
	size_t n_plugins;
};

/**
 * Can what came of a plugin be worked with: names, name space, duplicates,
 * references, counts, lengths.  All of its own; what panictrail knows of a
 * kernel is not looked at.
 *
 * Errors: BAD_DATA (which row, and what was wanted), NOMEM.
 */
struct trail_error *trail_plugin_check(const struct trail_plugin_facts *plugin) TRAIL_MUST_CHECK;

/** Is it the name of a plugin: lower case, digits, "-", at most 32 bytes? */
bool trail_plugin_is_name(const char *name);

/** Is it the id of a plugin's rule, "name:short-name"? */
bool trail_plugin_is_rule_id(const char *id);

/** The plugin's fact of that name, or NULL. */
const struct trail_plugin_fact *trail_plugin_fact(const struct trail_plugin_facts *plugin,
						  const char *name);

/** Append plugins as JSON, as they stand in saved facts.  Errors: NOMEM. */
struct trail_error *trail_plugins_save(const struct trail_plugin_list *list,
				       struct trail_text *out) TRAIL_MUST_CHECK;

/** Read that back, as strictly as saved facts; @pool owns what is given.  Errors: BAD_DATA, NOMEM.
 */
struct trail_error *trail_plugins_load(const void *bytes, size_t n, struct trail_pool *pool,
				       struct trail_plugin_list *ret) TRAIL_MUST_CHECK;

#endif
