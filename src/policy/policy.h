/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the owner of a machine wants of panic(): a policy file as a struct.
 * Each value that a file sets keeps the place where it was set.
 */
#ifndef TRAIL_POLICY_POLICY_H
#define TRAIL_POLICY_POLICY_H

#include "base/base.h"
#include "base/pool.h"
#include "timeline/timeline.h"

struct trail_error;

/** A place in a policy file, for people. */
struct trail_place {
	const char *file; /* its path, "built-in/default.yaml" for a built-in one; NULL: none */
	unsigned line, column; /* from 1 */
};

/** What people want of a panic; names in trail_goal_names. */
enum trail_goal {
	TRAIL_GOAL_KDUMP,	 /* a vmcore */
	TRAIL_GOAL_KMSG_DUMP,	 /* the log in pstore or at another kmsg dumper */
	TRAIL_GOAL_CONSOLE_LOG,	 /* the whole log on a console */
	TRAIL_GOAL_LAST_MESSAGE, /* the panic line somewhere that outlives the machine */
	TRAIL_GOAL_REBOOT,	 /* the machine comes back */
	TRAIL_GOAL_HYPERVISOR,	 /* the hypervisor is told */
	TRAIL_N_GOALS,
};

enum trail_severity {
	TRAIL_SEVERITY_OFF, /* of a rule: it is not judged; of fail-on: never */
	TRAIL_SEVERITY_NOTE,
	TRAIL_SEVERITY_WARNING,
	TRAIL_SEVERITY_ERROR,
	TRAIL_N_SEVERITIES,
};

/** What a callback is for, the classes of the catalogue; names in trail_class_names. */
enum trail_class {
	TRAIL_CLASS_INFO,
	TRAIL_CLASS_HYPERVISOR,
	TRAIL_CLASS_REBOOT,
	TRAIL_N_CLASSES,
};

enum trail_risk { TRAIL_RISK_LOW, TRAIL_RISK_MEDIUM, TRAIL_RISK_HIGH, TRAIL_N_RISKS };

/** Where the dump is wanted; direct counts as early. */
enum trail_wanted_point {
	TRAIL_WANTED_ANY,
	TRAIL_WANTED_EARLY,
	TRAIL_WANTED_LATE,
	TRAIL_N_WANTED_POINTS,
};

/** Of a stage: wanted, not wanted, or no matter. */
enum trail_wish { TRAIL_WISH_ANY, TRAIL_WISH_YES, TRAIL_WISH_NO, TRAIL_N_WISHES };

/* The words of a policy file for each enumerator, indexed by it. */
extern const char *const trail_goal_names[TRAIL_N_GOALS];
extern const char *const trail_severity_names[TRAIL_N_SEVERITIES];
extern const char *const trail_fail_on_names[TRAIL_N_SEVERITIES]; /* of fail-on: "never" for OFF */
extern const char *const trail_class_names[TRAIL_N_CLASSES];
extern const char *const trail_risk_names[TRAIL_N_RISKS];
extern const char *const trail_wanted_point_names[TRAIL_N_WANTED_POINTS];
extern const char *const trail_wish_names[TRAIL_N_WISHES];

/**
 * A step that a policy orders: an enum trail_stage, or TRAIL_STEP_KDUMP for the crash kexec
 * wherever this machine had it ("kdump": direct-kexec, kdump-early or kdump-late).
 */
enum { TRAIL_STEP_KDUMP = TRAIL_N_STAGES, TRAIL_N_STEPS };

/** The step's word: of the stage, or "kdump". */
const char *trail_step_name(unsigned step);

/** Patterns for callbacks: "function" or "module:function", * and ? as in a shell. */
struct trail_globs {
	const char **all;
	size_t n;
};

/**
 * Does one of them fit?
 * @function  NULL never fits
 * @module    NULL: the kernel itself, which a pattern's "vmlinux:" names
 */
bool trail_globs_match(const struct trail_globs *globs, const char *function, const char *module);

/** Severity that a policy gives a rule. */
struct trail_rule_severity {
	const char *rule; /* its id, "PT204" */
	enum trail_severity severity;
	struct trail_place place;
};

/** What a policy says nothing of is at its neutral value: no limit, no matter. */
struct trail_policy {
	struct trail_pool pool; /* owns everything below */
	const char *name;	/* "kdump-first" */
	const char *description;
	const char *source; /* "built-in", or the path as given; drop-ins behind it */
	const char **files; /* that were read, in the order in which they were merged */
	size_t n_files;
	char sha256[65];	    /* of these files, one behind the other; lower-case hex */
	struct trail_place *places; /* of each value, by the row of trail_policy_keys; of no file
				       where none sets it */

	enum trail_goal goals[TRAIL_N_GOALS]; /* most important first */
	size_t n_goals;

	enum trail_wanted_point dump_point;
	unsigned *order; /* steps, each before the next of those that ran */
	size_t n_order;

	/* stop-cpus */
	uint32_t stop_before;	 /* bits of steps before which all other CPUs must be stopped */
	unsigned stop_may_fail;	 /* CPUs */
	bool registers_required; /* of each CPU that was stopped */

	/* notifiers.before-dump */
	uint32_t classes; /* bits of enum trail_class that may run before the dump */
	enum trail_risk highest_risk;
	struct trail_globs allow; /* may run whatever their class and risk */
	struct trail_globs deny;  /* may not */
	bool unknown_allowed;	  /* callbacks that are in no catalogue */
	uint64_t longest_ns;	  /* of one callback; 0: no limit */

	struct trail_globs require; /* each must be registered */
	struct trail_globs filter;  /* what-if's filter: the only ones that are registered; none: no
				       filter */

	enum trail_wish kmsg_dump, sys_info, console, reboot;
	uint64_t kmsg_dump_longest_ns;	/* 0: no limit */
	uint64_t console_unflushed_max; /* records; UINT64_MAX: no limit */
	uint64_t reboot_within_s;	/* panic_timeout at most; UINT64_MAX: no limit */

	struct trail_rule_severity *severities; /* of rules that the policy names */
	size_t n_severities;
	enum trail_severity fail_on;
};

/** A policy that says nothing yet.  Errors: NOMEM. */
struct trail_error *trail_policy_new(struct trail_policy **ret) TRAIL_MUST_CHECK;
void trail_policy_free(struct trail_policy *policy);
void trail_policy_freep(struct trail_policy **policy);

/** Severity of rule @id: the policy's, else @otherwise. */
enum trail_severity trail_policy_severity(const struct trail_policy *policy, const char *id,
					  enum trail_severity otherwise);

/** The built-in policy "default", without drop-ins.  Errors: NOMEM. */
struct trail_error *trail_policy_default(struct trail_policy **ret) TRAIL_MUST_CHECK;

#endif
