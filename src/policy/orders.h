/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ordering models of panic(): in which order a kernel would do what
 * panic() does, as rows; and the text that names one, "mladek=post-hypervisor".
 */
#ifndef TRAIL_POLICY_ORDERS_H
#define TRAIL_POLICY_ORDERS_H

#include "base/base.h"
#include "policy/policy.h"
#include "timeline/evidence.h"

/** What the steps of a model depend on. */
enum trail_order_input {
	TRAIL_INPUT_NOTHING, /* ends the conditions of a row */
	/* of the dump, unless the order says another */
	TRAIL_INPUT_FLAG,	  /* crash_kexec_post_notifiers */
	TRAIL_INPUT_PRINT,	  /* panic_print (7.x: sys_info) asks for something */
	TRAIL_INPUT_DUMPER,	  /* a kmsg dumper is registered */
	TRAIL_INPUT_CRASH_KERNEL, /* a crash kernel is loaded */
	/* of the dump alone */
	TRAIL_INPUT_OOPS,      /* an oops asked whether to start the crash kernel at once */
	TRAIL_INPUT_SYS_FIRST, /* this kernel's sys-info stands before kmsg-dump */
	/* of a model alone */
	TRAIL_INPUT_POST_HYPERVISOR, /* crash_kexec_post_hypervisor */
	TRAIL_INPUT_LEVEL,	     /* panic_notifiers_level, 0 to 4 */
	TRAIL_INPUT_PREFER,	     /* panic_prefer_crash_dump */
	TRAIL_INPUT_PRE,	     /* the pre list is not disabled */
	TRAIL_INPUT_POST,	     /* the post list is enabled before kdump */
	TRAIL_INPUT_POST_KMSG,	     /* _crash_kexec_post_kmsg_dump */
	TRAIL_N_INPUTS,
};

/** The words of the JSON; indexed by it. */
extern const char *const trail_order_input_names[TRAIL_N_INPUTS];

/** How an input must compare. */
struct trail_when {
	enum trail_order_input input;
	enum trail_op op;
	int value;
};

enum { TRAIL_WHENS = 3, TRAIL_LISTS = 4, TRAIL_MODEL_INPUTS = 3, TRAIL_VARIANTS = 6 };

/**
 * A step where a model has it.  One that was done before is left out when its
 * turn comes again: "the CPUs are stopped if any of three holds, else after
 * kdump" is four rows.
 */
struct trail_order_step {
	unsigned step;			     /* enum trail_stage, or TRAIL_STEP_KDUMP */
	unsigned list;			     /* NOTIFIERS: which of the model's lists */
	struct trail_when when[TRAIL_WHENS]; /* all must hold */
	const char *how;		     /* what stops the CPUs; NULL elsewhere or when open */
	const char *open; /* why it is not settled that the step stands here; NULL: it is */
};

/** What a row of trail_member looks at; `words` has several with a space between. */
enum trail_fits {
	TRAIL_FITS_CLASS,      /* class of the catalogue */
	TRAIL_FITS_LIST,       /* list of the catalogue */
	TRAIL_FITS_RISK,       /* risk of the catalogue */
	TRAIL_FITS_FUNCTION,   /* name of a callback of the kernel itself or catalogued */
	TRAIL_FITS_SOURCE,     /* file of the catalogue */
	TRAIL_FITS_CHOSEN,     /* named by the order: filter=LIST */
	TRAIL_FITS_CATALOGUED, /* any that the catalogue has */
	TRAIL_FITS_ALL,
};

/** Which callbacks are in which list; the first row that fits decides.  The last one fits all. */
struct trail_member {
	enum trail_fits by;
	const char *words;
	unsigned lists;	 /* bits; several: one of these, which one is open */
	const char *why; /* of several: why it is open */
	bool moved;	 /* the model gives it another priority: */
	int priority;
};

/** An input that a model sets itself. */
struct trail_model_input {
	enum trail_order_input input;
	int value;
	bool fixed; /* the order may not say another */
};

/** A sentence about a model that holds when all conditions may. */
struct trail_order_note {
	struct trail_when when[TRAIL_WHENS];
	const char *text;
};

struct trail_order_model {
	const char *name;
	const char *about;		/* a line */
	const char *source;		/* where it comes from */
	const char *lists[TRAIL_LISTS]; /* "": the one list of the kernel; NULL: no more */
	const struct trail_member *members;
	const struct trail_order_step *steps;
	size_t n_steps;
	struct trail_model_input inputs[TRAIL_MODEL_INPUTS];
	bool wants_names;		      /* a list of callbacks after the = */
	const char *variants[TRAIL_VARIANTS]; /* what "all" shows; ends with NULL */
	const struct trail_order_note *notes; /* ends with one without a text; NULL: none */
};

/** The models, as proposed in time. */
extern const struct trail_order_model trail_order_models[];
extern const size_t trail_n_order_models;

/** One order as asked for; strings are borrowed from the text that was parsed. */
struct trail_order {
	const char *text; /* all of it */
	const struct trail_order_model *model;
	bool said[TRAIL_N_INPUTS]; /* the text says the input: */
	int value[TRAIL_N_INPUTS];
	const char *names; /* of filter=, with a comma between */
};

enum { TRAIL_FILTER_NAMES = 16 }; /* that a filter takes at most */

/**
 * Parse MODEL or MODEL=OPTION,OPTION…
 *
 * Errors: USAGE, with what there is.
 */
struct trail_error *trail_order_parse(const char *text, struct trail_order *ret) TRAIL_MUST_CHECK;

/** The @i-th of the orders that "all" stands for; NULL behind the last. */
const char *trail_order_of_all(size_t i);

/** Bytes of the word that @s begins with, up to @separator. */
size_t trail_word_length(const char *s, char separator);

#endif
