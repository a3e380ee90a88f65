/* SPDX-License-Identifier: MIT */
/*
 * A plugin of panictrail: what only the maintainer of a subsystem knows of its
 * part of the panic path.  A plugin is a shared object that exports one
 * constant, `panictrail_plugin`, and links to nothing of panictrail's.
 *
 * Most of it is rows, which are only read: callbacks it knows, facts it wants
 * read, what proves that a callback ran, what should hold.  Where rows do not
 * do, `collect` reads the dead kernel's memory and `check` looks at the
 * result, both through the host table of panictrail/host.h.
 *
 * Everything a plugin does is done in a process of its own with limits; what
 * comes back is checked before it is used.  A plugin that fails costs its own
 * part of the report, which names it, and nothing else.
 *
 * Every array ends with a row that is all zero.  All pointers must stay valid
 * until the process ends; strings are UTF-8.  See docs/plugin.md.
 */
#ifndef PANICTRAIL_PLUGIN_H
#define PANICTRAIL_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A plugin of another major is refused: the layout of a row, or the meaning of
 * a member, has changed.  A minor only adds: members at the end of struct
 * panictrail_plugin and of the host table, enumerators at the end of theirs.
 */
#define PANICTRAIL_ABI_MAJOR 1u
#define PANICTRAIL_ABI_MINOR 0u
#define PANICTRAIL_ABI (PANICTRAIL_ABI_MAJOR << 16 | PANICTRAIL_ABI_MINOR)

#if defined(__GNUC__)
#define PANICTRAIL_EXPORT __attribute__((visibility("default")))
#else
#define PANICTRAIL_EXPORT
#endif

struct panictrail_host;

/* ---- when it is asked at all ---------------------------------------------- */

/** What a need names. */
enum panictrail_need_kind {
	PANICTRAIL_NEED_SYMBOL = 1, /* the kernel, or a module that is loaded, has this symbol */
	PANICTRAIL_NEED_MODULE,	    /* a module of this name is loaded */
	PANICTRAIL_NEED_TYPE,	    /* the kernel's types have this struct */
	PANICTRAIL_NEED_NOTIFIER,   /* this function is on the panic notifier chain */
	PANICTRAIL_NEED_DUMPER,	    /* a kmsg dumper calls this function */
	PANICTRAIL_NEED_ARCH,	    /* the machine is one of these, as uname -m, by spaces */
};

/**
 * What must be there; the plugin is only asked where every need is met.  For
 * one of several things, name them in one row with spaces between.
 */
struct panictrail_need {
	uint32_t kind; /* enum panictrail_need_kind */
	const char *name;
};

/* ---- rows ------------------------------------------------------------------ */

enum panictrail_class {
	PANICTRAIL_CLASS_INFO = 1,   /* tells or notes something */
	PANICTRAIL_CLASS_HYPERVISOR, /* tells the hypervisor, firmware or a controller */
	PANICTRAIL_CLASS_REBOOT,     /* prepares the reset, or does it */
};

enum panictrail_level { PANICTRAIL_LOW = 1, PANICTRAIL_MEDIUM, PANICTRAIL_HIGH };

/**
 * A callback of the panic notifier chain that panictrail does not know, or
 * knows less of.  A row for one it knows is refused: mend the catalogue.
 */
struct panictrail_notifier {
	const char *function; /* its name in kallsyms, without a compiler's suffix */
	const char *module;   /* where it is when built as a module, as lsmod shows it; NULL: in
				 the kernel itself */
	uint32_t class_;      /* enum panictrail_class */
	uint32_t risk;	      /* enum panictrail_level: of running it before a kdump */
	const char *reason;   /* of that risk, in a clause */
	const char *does;     /* what it does, in a clause */
	const char *source;   /* file that defines it */
};

/** How the value of a fact is found. */
enum panictrail_fact_kind {
	PANICTRAIL_FACT_VARIABLE = 1, /* the variable `symbol` */
	PANICTRAIL_FACT_MEMBER,	      /* member `member` of the struct `type` that `symbol` is */
	PANICTRAIL_FACT_POINTED,      /* the same of the struct that `symbol` points to */
	PANICTRAIL_FACT_COLLECTED,    /* `collect` sets it */
};

/**
 * A fact to be read: a number.  In the report it is
 * extensions.PLUGIN.facts.NAME, and conditions ask for it by its name.
 */
struct panictrail_fact {
	const char *name;	     /* lower case, digits, "-", "_"; unique in the plugin */
	uint32_t kind;		     /* enum panictrail_fact_kind */
	const char *symbol, *module; /* module: NULL for the kernel itself */
	const char *type, *member;   /* "ipmi_smi", "run_to_completion"; may be nested: "a.b" */
	uint8_t width;		     /* bytes of a VARIABLE: 1, 2, 4 or 8 */
	uint8_t is_signed;
	const char *what;   /* what it says, in a clause */
	const char *source; /* file and symbol, since when */
};

/** What a condition looks at. */
enum panictrail_look {
	PANICTRAIL_LOOK_FACT = 1,  /* the value of a fact of this plugin */
	PANICTRAIL_LOOK_SCALAR,	   /* a scalar that panictrail itself reads, docs/evidence.md */
	PANICTRAIL_LOOK_CMDLINE,   /* 1 when the command line holds `name`, else 0 */
	PANICTRAIL_LOOK_LOG_AFTER, /* 1 when a record behind the panic line begins with `name` */
	PANICTRAIL_LOOK_STAGE,	   /* enum panictrail_outcome of the stage `name`; rules only */
	PANICTRAIL_LOOK_NOTIFIER,  /* enum panictrail_call of the callback `name`; rules only */
};

enum panictrail_op {
	PANICTRAIL_IS = 1,
	PANICTRAIL_IS_NOT,
	PANICTRAIL_AT_LEAST,
	PANICTRAIL_BELOW,
};

enum panictrail_outcome {
	PANICTRAIL_OUTCOME_DONE = 1,
	PANICTRAIL_OUTCOME_IN_PROGRESS,
	PANICTRAIL_OUTCOME_NOT_REACHED,
	PANICTRAIL_OUTCOME_SKIPPED,
};

enum panictrail_call {
	PANICTRAIL_CALL_CALLED = 1,
	PANICTRAIL_CALL_IN_PROGRESS,
	PANICTRAIL_CALL_NOT_CALLED,
	PANICTRAIL_CALL_CUT_OFF,
};

enum panictrail_strength {
	PANICTRAIL_HINT = 1, /* alone it leaves the outcome unknown */
	PANICTRAIL_LIKELY,
	PANICTRAIL_CERTAIN, /* nothing else can leave it so */
};

enum panictrail_severity { PANICTRAIL_NOTE = 1, PANICTRAIL_WARNING, PANICTRAIL_ERROR };

/** What is looked at compares so with `value`; where that is not known, the condition is neither.
 */
struct panictrail_condition {
	uint32_t look; /* enum panictrail_look; 0 ends the conditions of a row */
	uint32_t op;   /* enum panictrail_op */
	const char *name;
	int64_t value;
};

enum { PANICTRAIL_CONDITIONS = 4 };

/**
 * If all conditions hold, that callback ran, or did not, this surely.  Where several callbacks of
 * the chain have the function, that it ran is said of the first: they are called in order.
 */
struct panictrail_witness {
	const char *function, *module; /* of the callback, as in struct panictrail_notifier */
	uint32_t outcome;	       /* PANICTRAIL_CALL_CALLED or PANICTRAIL_CALL_NOT_CALLED */
	uint32_t strength;	       /* enum panictrail_strength */
	struct panictrail_condition when[PANICTRAIL_CONDITIONS];
	const char *statement; /* one clause a reader can check */
	const char *source;    /* file and symbol: why nothing else leaves it so */
};

/**
 * A judgement.  It is asked where all of `where` hold (none: always), fails where
 * all of `fails` do, passes where one of them does not, and is unknown where
 * that cannot be told.  With no condition in `fails` only `check` decides it.
 */
struct panictrail_rule {
	const char *id;	       /* "PLUGIN:short-name": its name, a colon, kebab-case */
	uint32_t severity;     /* enum panictrail_severity */
	const char *statement; /* what should hold */
	const char *message; /* of its finding, in a sentence; NULL where only `check` decides it */
	const char *remedy;
	const char *source;
	struct panictrail_condition where[PANICTRAIL_CONDITIONS];
	struct panictrail_condition fails[PANICTRAIL_CONDITIONS];
};

/* ---- the plugin ------------------------------------------------------------ */

/** What `collect` and `check` give back. */
enum panictrail_status {
	PANICTRAIL_OK = 0,
	PANICTRAIL_FAILED = 1, /* what it said through host->say_problem() is why */
};

struct panictrail_plugin {
	uint32_t abi;	     /* PANICTRAIL_ABI */
	uint32_t size;	     /* sizeof(struct panictrail_plugin) */
	const char *name;    /* lower case, digits, "-": the name space of its ids and fields */
	const char *version; /* of the plugin */
	const char *licence; /* SPDX */
	const char *about;   /* one line */
	const struct panictrail_need *needs;
	const struct panictrail_notifier *notifiers; /* these arrays may be NULL */
	const struct panictrail_fact *facts;
	const struct panictrail_witness *witnesses;
	const struct panictrail_rule *rules;

	/** Read more of the kernel; facts, evidence and fields can be added.  May be NULL. */
	int (*collect)(const struct panictrail_host *host);

	/** Look at the finished trail; findings and fields can be added.  May be NULL. */
	int (*check)(const struct panictrail_host *host);
};

/** What the shared object exports: extern const, default visibility. */
extern PANICTRAIL_EXPORT const struct panictrail_plugin panictrail_plugin;

#ifdef __cplusplus
}
#endif

#endif
