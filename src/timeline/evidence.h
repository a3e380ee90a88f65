/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The matcher: witness rows against facts.  A witness says: if these facts
 * look so, that claim holds (or does not), this strongly.  Stages, notifiers
 * and CPUs are all decided by it.
 */
#ifndef TRAIL_TIMELINE_EVIDENCE_H
#define TRAIL_TIMELINE_EVIDENCE_H

#include "timeline/timeline.h"

/** What a condition looks at; `name` says which. */
enum trail_look {
	TRAIL_LOOK_NOTHING,    /* ends the conditions of a row */
	TRAIL_LOOK_SCALAR,     /* the scalar fact `name` */
	TRAIL_LOOK_CMDLINE,    /* value 1 when the command line holds `name` */
	TRAIL_LOOK_LOG_AFTER,  /* 1 when a record after the panic line begins with `name` */
	TRAIL_LOOK_LOG_WHOLE,  /* 1 when the panic line is in the log and nothing after it was lost
				*/
	TRAIL_LOOK_CPU_NOTE,   /* enum trail_note of the CPU */
	TRAIL_LOOK_CPU_ONLINE, /* enum trail_tristate of the CPU */
	TRAIL_LOOK_CPU_ACTIVE, /* the same */
	TRAIL_LOOK_CPU_PANIC,  /* 1 when it is the panicking CPU */
	TRAIL_LOOK_CPU_NUMBER, /* 1 when the scalar `name` is its number */
	TRAIL_LOOK_CPU_LOST,   /* enum trail_tristate: it lost panic_cpu in an NMI */
	TRAIL_LOOK_CPU_FRAME,  /* 1 when function `name` is on its stack; 0 only when it was unwound
				  to its end */
	TRAIL_LOOK_CPU_INNERMOST, /* 1 when it was in function `name` itself */
	TRAIL_LOOK_STAGE,	  /* enum trail_outcome of the stage `stage`, once it is decided */
	TRAIL_LOOK_PLUGIN,	  /* the fact of a plugin: `name` is "plugin.fact" */
	TRAIL_LOOK_NOTIFIER,	  /* enum trail_call of the callback `name`, once it is decided */
};

enum trail_op { TRAIL_OP_IS, TRAIL_OP_IS_NOT, TRAIL_OP_AT_LEAST, TRAIL_OP_BELOW };

/** A condition: what is looked at, and how it must compare with `value` (signed).
 */
struct trail_condition {
	enum trail_look look;
	const char *name;
	enum trail_op op;
	int64_t value;
	enum trail_stage stage; /* of LOOK_STAGE */
};

enum { TRAIL_CONDITIONS = 5 };

/** What kind of thing a witness speaks of. */
enum trail_scope { TRAIL_SCOPE_STAGE, TRAIL_SCOPE_NOTIFIER, TRAIL_SCOPE_CPU };

struct trail_witness {
	enum trail_scope scope;
	const char *function;	/* NOTIFIER: of the callback */
	const char *module;	/* NOTIFIER: where it may be besides the kernel itself */
	enum trail_stage stage; /* STAGE: that panic() got to */
	int outcome;		/* NOTIFIER: enum trail_call; CPU: enum trail_cpu_outcome */
	enum trail_how how;	/* CPU, when stopped */
	enum trail_strength strength;
	enum trail_source from;
	struct trail_condition when[TRAIL_CONDITIONS]; /* all must hold */
	const char *statement;
	const char *source; /* kernel file and symbol, since when */
};

/** The table, in order: for a CPU the first that matches decides. */
extern const struct trail_witness trail_witnesses[];
extern const size_t trail_n_witnesses;

/** A stage of this kernel's list. */
struct trail_stage_row {
	enum trail_stage stage;
	const char *needs;   /* feature that a kernel with this row has; NULL: all have it */
	const char *without; /* feature that a kernel with this row has not; NULL: no such */
	struct trail_condition
		runs_if[TRAIL_CONDITIONS]; /* any false: skipped; all true or none: done */
	const char *skipped;		   /* statement when skipped */
	const char *source;
};
extern const struct trail_stage_row trail_stage_rows[];
extern const size_t trail_n_stage_rows;

/**
 * A call in panic() or vpanic(): an address behind it, or the frame below it,
 * tells the stage.
 */
struct trail_call_site {
	const char
		*callee; /* function called, or the innermost function below panic(); NULL: any */
	const char *before;	/* one of the functions that the code calls next, NULL: any */
	const char *not_before; /* one that it does not call next, NULL: none */
	bool last;		/* it calls none of them any more */
	bool at_least;		/* the stage is only a lower bound */
	enum trail_stage stage;
	enum trail_strength strength;
	struct trail_condition when[1]; /* must hold, if there is one */
	const char *source;
};
extern const struct trail_call_site trail_call_sites[];
extern const size_t trail_n_call_sites;

/** A class of panic by its text. */
struct trail_trigger {
	const char *text;  /* what the text begins with; with * in front, what it holds anywhere */
	const char *class; /* kebab-case */
	const char *log;   /* a line that must begin so before it, NULL: none; with a newline in it,
			      and none behind that line that begins with the rest */
	const char *source;
};
extern const struct trail_trigger trail_triggers[];
extern const size_t trail_n_triggers;

/** What a known callback is hooked into. */
enum trail_hook {
	TRAIL_HOOK_PANIC,   /* panic_notifier_list */
	TRAIL_HOOK_DIE,	    /* die_chain: oopses, before panic() */
	TRAIL_HOOK_DUMPER,  /* kmsg_dump_register() */
	TRAIL_HOOK_CONSOLE, /* panic_blink, and the unblanking of a console */
	TRAIL_N_HOOKS,
};

/** The kernels that the catalogue was read in, by age. */
enum trail_tree { TRAIL_5_10, TRAIL_6_1, TRAIL_6_12, TRAIL_7_2, TRAIL_N_TREES };

/** Where a callback leaves a mark. */
enum trail_seen {
	TRAIL_SEEN_NOTHING,
	TRAIL_SEEN_MEMORY,  /* a variable with a symbol */
	TRAIL_SEEN_LOG,	    /* a line */
	TRAIL_SEEN_OBJECT,  /* memory that no symbol names: an object of a driver */
	TRAIL_SEEN_OUTSIDE, /* not in the dump */
	TRAIL_N_SEEN,
};

/* The words for each enumerator, indexed by it. */
extern const char *const trail_hook_names[TRAIL_N_HOOKS];
extern const char *const trail_tree_names[TRAIL_N_TREES];
extern const char *const trail_seen_names[TRAIL_N_SEEN];

/** A known callback of the panic path. */
struct trail_known_notifier {
	enum trail_hook hook;
	const char *function;
	const char *block;     /* the struct that is registered, as its file writes it */
	const char *source;    /* file of the newest tree that has it */
	const char *module;    /* where it may be besides the kernel itself, NULL: nowhere */
	const char *config;    /* what brings it in */
	const char *archs;     /* as the folders of arch/, with ", " between, or "any" */
	enum trail_tree since; /* the first and the last of the four trees that has it; */
	enum trail_tree until; /* the first may be older, the last newer */
	int priority;	       /* PANIC, DIE: since `changed` where that is not 0 */
	enum trail_tree changed;
	int before;	    /* priority in the trees before `changed` */
	const char *class;  /* info, hypervisor, reboot; DUMPER, CONSOLE: may be NULL */
	const char *list;   /* PANIC: of the series with four lists, NULL elsewhere */
	const char *risk;   /* low, medium, high: of running it before a kdump */
	const char *reason; /* of that risk */
	const char *cost;   /* what it takes */
	enum trail_seen seen;
	const char *proof;	/* what shows that it ran, NULL: nothing */
	const char *no_witness; /* why a mark on x86 has no row in witnesses.c */
	const char *does;
};

/** The catalogue, by hook, then function, then source. */
extern const struct trail_known_notifier trail_catalogue[];
extern const size_t trail_n_catalogue;

/** The panic notifier of a function in @module (NULL: the kernel itself), NULL when it is not
 * known;
 * @function may carry a compiler's suffix. */
const struct trail_known_notifier *trail_known_notifier(const char *function, const char *module);

/** The same among those of @machine, as uname calls it; NULL: of any. */
const struct trail_known_notifier *trail_catalogue_find(const char *function, const char *module,
							const char *machine);

/** Is the architecture @machine, as uname calls it, one of @archs, folders of arch/ with ", "
 * between, or "any"?  NULL is one of each. */
bool trail_arch_is_of(const char *archs, const char *machine);

/** Is @symbol the function @name, but for what a compiler appends (".isra.0", ".constprop.0")? */
bool trail_same_function(const char *symbol, const char *name);

/* ---- making evidence; `failed` is set when memory runs out ---------------- */

struct trail_builder {
	struct trail_timeline *timeline;
	const struct trail_facts *facts;
	bool failed;
	/* the function of the log's stack that panic()'s call of the chain ended in; NULL: none */
	const struct trail_step *ended_in;
	bool went_on;	  /* the machine ran on behind the exact frontier: what a record tells */
	bool dump_passed; /* texts show the machine behind the dump's frontier */
	long kexec;	  /* evidence of texts that the crash kernel was started, negative: none */
	struct trail_text_read *reads; /* of the texts, see texts.h; NULL when there are none */
};

enum { TRAIL_NO_EVIDENCE = -1 };

/** A new piece; gives its index, or TRAIL_NO_EVIDENCE when memory runs out.  Strings are kept, not
 * copied. */
long trail_evidence_add(struct trail_builder *b, const char *claim, bool against,
			enum trail_source source, enum trail_strength strength,
			const char *statement, const char *where);

/** Say what piece @id was read from, for a debugger; a negative id is passed over. */
void trail_evidence_on_cpu(struct trail_builder *b, long id, int32_t cpu);
void trail_evidence_of_code(struct trail_builder *b, long id, uint64_t address);
void trail_evidence_of_symbol(struct trail_builder *b, long id, const char *symbol);

/** Let piece @id rest on @from; negative ids are passed over, and each is kept once, ascending. */
void trail_evidence_rests_on(struct trail_builder *b, long id, long from);
void trail_refs_add(struct trail_builder *b, struct trail_refs *refs, long id);

/** A formatted string in the timeline's pool; "" when memory runs out. */
const char *trail_timeline_say(struct trail_builder *b, const char *format, ...) TRAIL_PRINTF(2, 3);

/** Outcome of a condition; TRAIL_MAYBE when what it looks at is not known. */
enum trail_tristate trail_condition_holds(const struct trail_builder *b,
					  const struct trail_condition *c,
					  const struct trail_cpu_facts *cpu);

/** All of @n conditions, or those up to LOOK_NOTHING: NO when any fails, YES when all hold. */
enum trail_tristate trail_conditions_hold(const struct trail_builder *b,
					  const struct trail_condition *when, size_t n,
					  const struct trail_cpu_facts *cpu);

/**
 * Evidence of a witness that matched, its statement with the values it rests on.
 * @against  when the claim is denied
 */
long trail_witness_speaks(struct trail_builder *b, const struct trail_witness *w, const char *claim,
			  bool against, const struct trail_cpu_facts *cpu);

/** Does a NOTIFIER witness speak of this callback? */
bool trail_witness_is_about(const struct trail_witness *w, const struct trail_notifier_facts *n);

/** Evidence that the first condition of @when that is a scalar has its value: the configuration. */
long trail_condition_speaks(struct trail_builder *b, const struct trail_condition *when,
			    enum trail_tristate holds, const char *claim, const char *statement);

#endif
