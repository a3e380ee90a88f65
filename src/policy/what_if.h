/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same crash under another ordering model: which steps would have come in
 * which order, what of them before kdump, and whether what went wrong would
 * still have been in the way.  Pure.  What neither the dump nor the proposal
 * tells is MAYBE, shown as open.
 *
 * Each step is taken to end as it does on a sound machine: a callback that
 * hung is not played again, it is said whether it would have been in the way.
 */
#ifndef TRAIL_POLICY_WHAT_IF_H
#define TRAIL_POLICY_WHAT_IF_H

#include "policy/orders.h"

enum trail_would {
	TRAIL_WOULD_BE_OPEN,
	TRAIL_WOULD_RUN,
	TRAIL_WOULD_END, /* the crash kernel starts here */
	TRAIL_WOULD_BE_SKIPPED,
	TRAIL_WOULD_NOT_BE_REACHED,
	TRAIL_N_WOULDS,
};

/** The words of the JSON; indexed by it. */
extern const char *const trail_would_names[TRAIL_N_WOULDS];

/** A value of an input, and who gave it. */
struct trail_given {
	bool known;
	int value;
	enum { TRAIL_GIVEN_BY_DUMP, TRAIL_GIVEN_BY_MODEL, TRAIL_GIVEN_BY_ORDER } by;
};

struct trail_what_step {
	unsigned step;	  /* enum trail_stage, or TRAIL_STEP_KDUMP */
	const char *list; /* of notifiers; "" for the one list; NULL for other steps */
	enum trail_would outcome;
	enum trail_tristate before_kdump;
	const char *how;   /* what stops the CPUs, or NULL */
	const char *why;   /* why it is skipped or open, or NULL */
	size_t *callbacks; /* notifiers of the facts that are surely in the list, in its order */
	size_t n;
};

/** A panic notifier of the same index in the facts. */
struct trail_what_callback {
	unsigned lists;			  /* bits: those it may be in */
	const char *why;		  /* why there are several, or NULL */
	int priority;			  /* in the list */
	enum trail_tristate registered;	  /* NO: the filter keeps it out */
	enum trail_tristate before_kdump; /* called before the call of kdump */
	enum trail_tristate runs;	  /* called at all */
};

/** What went wrong. */
enum trail_trouble_kind {
	TRAIL_TROUBLE_NOTIFIER, /* a callback was running when the dump was made */
	TRAIL_TROUBLE_DUMPER,	/* a kmsg dumper was */
	TRAIL_TROUBLE_STAGE,	/* panic() was in another stage than its last or kdump */
	TRAIL_TROUBLE_CHAIN,	/* a callback ended the chain */
	TRAIL_TROUBLE_CPU,	/* a CPU did not stop */
	TRAIL_TROUBLE_KDUMP,	/* no kdump came */
	TRAIL_N_TROUBLES,
};

extern const char *const trail_trouble_names[TRAIL_N_TROUBLES];

struct trail_trouble {
	enum trail_trouble_kind kind;
	const char *what;		/* "notifier 4, lab_nb_hang(), was running when …" */
	enum trail_tristate in_the_way; /* of what comes first of kdump, kmsg dump and reboot */
	const char *why;
	struct trail_refs evidence; /* of the timeline */
};

/** The other CPUs: those that were neither offline nor the panicking one. */
struct trail_what_cpus {
	bool known; /* which CPU panicked */
	size_t others;
	size_t refused;		     /* did not stop here */
	size_t undecided;	     /* it is not known whether they would stop */
	size_t by_themselves;	     /* stopped themselves here, before any stop */
	enum trail_tristate told;    /* panic() tells them to stop before it calls kdump */
	const char *how;	     /* with what, or NULL */
	bool stopped_known;	     /* then: */
	size_t stopped_before_kdump; /* by panic() or by themselves */
};

struct trail_what_if {
	const struct trail_order *order; /* borrowed */
	struct trail_given inputs[TRAIL_N_INPUTS];
	struct trail_what_step *steps; /* in the model's order */
	size_t n_steps;
	struct trail_what_callback *callbacks; /* as many as the facts have notifiers */
	enum trail_tristate armed;	       /* a crash kernel is loaded */
	struct trail_what_cpus cpus;
	struct trail_trouble *troubles;
	size_t n_troubles;
	const char **open; /* what is not settled, one sentence each */
	size_t n_open;
	const char **notes; /* what the reader must know besides */
	size_t n_notes;
};

/**
 * Evaluate an order on a crash.
 *
 * @timeline  owns what the result points to; nothing else of it changes
 * @order     borrowed, must outlive the result
 * @ret       lives as long as the timeline
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_what_if(struct trail_timeline *timeline, const struct trail_order *order,
				  const struct trail_what_if **ret) TRAIL_MUST_CHECK;

/* ---- between the files of what-if ----------------------------------------- */

/* What a step is counted under: its stage (kdump as one), a list of notifiers after those. */
enum { TRAIL_WHAT_KEYS = TRAIL_N_STEPS + TRAIL_LISTS };

/** The evaluation under way. */
struct trail_what {
	struct trail_builder builder;
	const struct trail_facts *facts;
	struct trail_timeline *timeline;
	const struct trail_order *order;
	struct trail_what_if *out;
	enum trail_tristate done[TRAIL_WHAT_KEYS];
	enum trail_tristate before_kdump[TRAIL_WHAT_KEYS];
	enum trail_tristate before_kmsg[TRAIL_WHAT_KEYS];
	enum trail_tristate runs[TRAIL_WHAT_KEYS];
	const char *stop; /* the function that stops the CPUs before kdump, or NULL */
};

enum trail_tristate trail_and(enum trail_tristate a, enum trail_tristate b);
enum trail_tristate trail_or(enum trail_tristate a, enum trail_tristate b);
enum trail_tristate trail_not(enum trail_tristate a);

/** Over the lists a callback may be in: YES when all say so, NO when none does. */
enum trail_tristate trail_what_over_lists(unsigned lists, const enum trail_tristate *keys);

/** Say why something is open, or what else must be known; each sentence once. */
void trail_what_say_open(struct trail_what *w, const char *text);
void trail_what_note(struct trail_what *w, const char *text);

/** Is the scalar other than 0?  One that this kernel does not have is 0, where it names any. */
enum trail_tristate trail_what_is_set(const struct trail_facts *facts, const char *name);

/** The inputs: of the dump, then of the model, then of the order.  what_inputs.c */
void trail_what_read_inputs(struct trail_what *w);
enum trail_tristate trail_what_holds(const struct trail_what *w, const struct trail_when *when);

/** Which callbacks are in which list.  what_inputs.c */
void trail_what_place_callbacks(struct trail_what *w);

/** CPUs and troubles, once the steps are laid out.  what_trouble.c */
void trail_what_find_troubles(struct trail_what *w);

#endif
