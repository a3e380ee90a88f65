/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A timeline judged by a policy: each rule's result, findings with evidence,
 * and the scorecard of the goals.  Pure.
 */
#ifndef TRAIL_POLICY_JUDGE_H
#define TRAIL_POLICY_JUDGE_H

#include "policy/policy.h"
#include "timeline/evidence.h"

enum trail_result {
	TRAIL_RESULT_NOT_APPLICABLE, /* nothing here that the rule is about, or it is off */
	TRAIL_RESULT_UNKNOWN,	     /* what it reads is not known */
	TRAIL_RESULT_PASS,
	TRAIL_RESULT_FAIL,
	TRAIL_N_RESULTS,
};

enum trail_goal_verdict {
	TRAIL_GOAL_UNKNOWN,
	TRAIL_GOAL_NOT_CONFIGURED,
	TRAIL_GOAL_ACHIEVED,
	TRAIL_GOAL_AT_RISK,
	TRAIL_GOAL_FAILED,
	TRAIL_N_GOAL_VERDICTS,
};

/* The words of the report for each enumerator, indexed by it. */
extern const char *const trail_result_names[TRAIL_N_RESULTS];
extern const char *const trail_goal_verdict_names[TRAIL_N_GOAL_VERDICTS];

struct trail_judge;

/** A judgement as a row. */
struct trail_rule {
	const char *id;	  /* "PT204": 1xx dump and order, 2xx notifiers, 3xx CPUs, 4xx messages,
			     5xx configuration, 9xx evidence */
	const char *name; /* kebab-case */
	bool informs;	  /* it only tells: its finding is no fault of the machine */
	bool bare;	  /* its findings may cite no evidence */
	enum trail_severity severity; /* of its findings where neither the check nor the policy
					 says another */
	const char *statement;	      /* what should hold, or what it tells */
	const char *reads;	      /* what it is decided by */
	const char *remedy;	      /* what to do about a finding; "" for nothing */
	const char *source; /* where the demand or the fact comes from: kernel file and symbol,
			       since when, or the proposal */
	const char
		*proposal; /* the rows of the proposals it stands for, "PT-S02 PT-S17", or NULL */

	/** Decides the rule; adds findings through trail_judge_finding(), at least one when it
	 * gives FAIL and none otherwise. */
	enum trail_result (*check)(struct trail_judge *judge);
};

/** The rules, ascending by id. */
extern const struct trail_rule trail_rules[];
extern const size_t trail_n_rules;

/** The rule of that id or name, or NULL. */
const struct trail_rule *trail_rule_find(const char *id_or_name);

/** The group of a rule by the hundred of its id: "dump", "notifiers", … */
const char *trail_rule_category(const struct trail_rule *rule);

struct trail_finding {
	const struct trail_rule *rule;
	enum trail_severity severity; /* never OFF */
	const char *message;	      /* one sentence */
	struct trail_refs evidence;   /* of the timeline */
};

struct trail_goal_score {
	enum trail_goal goal;
	enum trail_goal_verdict verdict;
	const char *reason; /* one sentence */
	struct trail_refs evidence;
};

struct trail_judgement {
	const struct trail_policy *policy;     /* borrowed, must outlive the judgement */
	const struct trail_timeline *timeline; /* owns every string and list of ids */
	const struct trail_rule **rules;       /* those of the table, then those of plugins */
	size_t n_rules;
	enum trail_result *results;	/* of the rule of the same index */
	struct trail_finding *findings; /* worst first, then by id */
	size_t n_findings;
	struct trail_goal_score
		goals[TRAIL_N_GOALS]; /* the policy's, in its order, then the others */
	const char
		*forced_by; /* the platform that set crash_kexec_post_notifiers; NULL: none known */
};

/**
 * Judge a crash.
 *
 * @timeline  gets the pieces of evidence that only rules ask for, and owns what
 *            the judgement points to
 * @policy    borrowed
 * @ret       a judgement that lives as long as the timeline
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_judge(struct trail_timeline *timeline, const struct trail_policy *policy,
				const struct trail_judgement **ret) TRAIL_MUST_CHECK;

/** Findings of that severity. */
size_t trail_judgement_count(const struct trail_judgement *judgement, enum trail_severity severity);

/** Is there a finding at or above the policy's fail-on? */
bool trail_judgement_fails(const struct trail_judgement *judgement);

/* ---- for the checks of rules ---------------------------------------------- */

/** A record behind the panic line that tells how far panic() was. */
struct trail_log_mark {
	size_t record;
	long notifier; /* that alone prints it, or TRAIL_BEHIND_CHAIN: panic() does, later */
};

enum { TRAIL_BEHIND_CHAIN = -1 };

/** What a check is given. */
struct trail_judge {
	struct trail_builder builder; /* makes evidence */
	const struct trail_facts *facts;
	struct trail_timeline *timeline;
	const struct trail_policy *policy;
	struct trail_log_mark *marks; /* of the panicking CPU, in the order of the log */
	size_t n_marks;
	const struct trail_rule *rule; /* the one that is checked */
	struct trail_judgement *out;
};

/**
 * A new finding of the rule that is checked.  The policy's severity for the
 * rule goes before @severity.
 *
 * Gives its list of evidence, to be filled before the next finding is made;
 * never NULL.
 */
struct trail_refs *trail_judge_finding(struct trail_judge *judge, enum trail_severity severity,
				       const char *format, ...) TRAIL_PRINTF(3, 4);

/** Cite pieces that the timeline holds: those of @refs that do not speak against their claim. */
void trail_judge_cite(struct trail_judge *judge, struct trail_refs *evidence,
		      const struct trail_refs *refs);

/** Cite a scalar fact as evidence, "crash_kexec_post_notifiers is 1". */
void trail_judge_cite_scalar(struct trail_judge *judge, struct trail_refs *evidence,
			     const char *name);

/** Cite what is so for certain; the piece is made once for a claim and a place. */
void trail_judge_cite_fact(struct trail_judge *judge, struct trail_refs *evidence,
			   const char *claim, enum trail_source source, const char *statement,
			   const char *where);

/** Cite a record of the log. */
void trail_judge_cite_record(struct trail_judge *judge, struct trail_refs *evidence, size_t index,
			     const char *statement);

#endif
