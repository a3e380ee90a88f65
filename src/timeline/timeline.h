/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trail: stages, notifiers and CPUs with verdicts and evidence, in
 * program order; a pure function of the facts.
 */
#ifndef TRAIL_TIMELINE_TIMELINE_H
#define TRAIL_TIMELINE_TIMELINE_H

#include "base/base.h"
#include "base/pool.h"
#include "facts/facts.h"

struct trail_error;
struct trail_known_notifier;
struct trail_plugin_trail;

/** The stages of panic(), in program order; names in trail_stage_names. */
enum trail_stage {
	TRAIL_STAGE_DIRECT_KEXEC, /* crash_kexec() from the oops path; panic() never entered */
	TRAIL_STAGE_ENTRY,
	TRAIL_STAGE_REDIRECT,
	TRAIL_STAGE_MESSAGE,
	TRAIL_STAGE_KGDB,
	TRAIL_STAGE_KDUMP_EARLY,
	TRAIL_STAGE_CPU_BACKTRACES,
	TRAIL_STAGE_STOP_CPUS,
	TRAIL_STAGE_NOTIFIERS,
	TRAIL_STAGE_SYS_INFO, /* before kmsg-dump since v5.18, after the console flush before */
	TRAIL_STAGE_KMSG_DUMP,
	TRAIL_STAGE_KDUMP_LATE,
	TRAIL_STAGE_CONSOLE_FLUSH,
	TRAIL_STAGE_CONSOLE_REPLAY,
	TRAIL_STAGE_REBOOT_WAIT,
	TRAIL_STAGE_REBOOT,
	TRAIL_STAGE_HALT,
	TRAIL_N_STAGES,
};

enum trail_outcome {
	TRAIL_OUTCOME_UNKNOWN,
	TRAIL_OUTCOME_DONE,
	TRAIL_OUTCOME_IN_PROGRESS,
	TRAIL_OUTCOME_NOT_REACHED,
	TRAIL_OUTCOME_SKIPPED,
	TRAIL_N_OUTCOMES,
};

enum trail_call {
	TRAIL_CALL_UNKNOWN,
	TRAIL_CALL_CALLED,
	TRAIL_CALL_IN_PROGRESS,
	TRAIL_CALL_NOT_CALLED,
	TRAIL_CALL_CUT_OFF,
	TRAIL_N_CALLS,
};

enum trail_cpu_outcome {
	TRAIL_CPU_UNKNOWN,
	TRAIL_CPU_PANICKING,
	TRAIL_CPU_STOPPED,
	TRAIL_CPU_SELF_STOPPED,
	TRAIL_CPU_NOT_STOPPED,
	TRAIL_CPU_RUNNING,
	TRAIL_CPU_OFFLINE,
	TRAIL_N_CPU_OUTCOMES,
};

/** How a stopped CPU was stopped. */
enum trail_how { TRAIL_HOW_UNKNOWN, TRAIL_HOW_NMI, TRAIL_HOW_IPI, TRAIL_N_HOWS };

enum trail_method {
	TRAIL_METHOD_UNKNOWN,
	TRAIL_METHOD_KDUMP,
	TRAIL_METHOD_FADUMP,
	TRAIL_METHOD_HYPERVISOR,
	TRAIL_METHOD_LIVE,
	TRAIL_METHOD_NONE,
	TRAIL_N_METHODS,
};

enum trail_point {
	TRAIL_POINT_UNKNOWN,
	TRAIL_POINT_DIRECT,
	TRAIL_POINT_EARLY,
	TRAIL_POINT_LATE,
	TRAIL_POINT_OUTSIDE,
	TRAIL_POINT_NONE,
	TRAIL_N_POINTS,
};

enum trail_strength { TRAIL_HINT, TRAIL_LIKELY, TRAIL_CERTAIN, TRAIL_N_STRENGTHS };

enum trail_source {
	TRAIL_SOURCE_STACK,
	TRAIL_SOURCE_MEMORY,
	TRAIL_SOURCE_REGISTER,
	TRAIL_SOURCE_NOTE,
	TRAIL_SOURCE_LOG,
	TRAIL_SOURCE_PSTORE,
	TRAIL_SOURCE_VMCOREINFO,
	TRAIL_SOURCE_CONFIG,
	TRAIL_SOURCE_SYMBOL,
	TRAIL_SOURCE_DWARF,
	TRAIL_SOURCE_PLUGIN,
	TRAIL_SOURCE_INFERENCE,
	TRAIL_N_SOURCES,
};

/* The words of the report for each enumerator, indexed by it. */
extern const char *const trail_stage_names[TRAIL_N_STAGES];
extern const char *const trail_outcome_names[TRAIL_N_OUTCOMES];
extern const char *const trail_call_names[TRAIL_N_CALLS];
extern const char *const trail_cpu_outcome_names[TRAIL_N_CPU_OUTCOMES];
extern const char *const trail_how_names[TRAIL_N_HOWS];
extern const char *const trail_method_names[TRAIL_N_METHODS];
extern const char *const trail_point_names[TRAIL_N_POINTS];
extern const char *const trail_strength_names[TRAIL_N_STRENGTHS];
extern const char *const trail_source_names[TRAIL_N_SOURCES];

/** Indexes into trail_timeline.evidence, ascending. */
struct trail_refs {
	size_t *ids;
	size_t n;
};

enum { TRAIL_EVIDENCE_SYMBOLS = 5 };

/** One piece of evidence: a statement that speaks for or against a claim. */
struct trail_evidence {
	const char *claim; /* "stage kdump-early", "notifier 3", "cpu 2", "panic", "dump" */
	bool against;
	enum trail_source source;
	enum trail_strength strength;
	const char *statement;	/* one sentence a reader can check */
	const char *where;	/* symbol, address, record or note; NULL when there is none */
	struct trail_refs from; /* what an inference rests on */
	/* what a debugger is asked to see the same */
	bool has_cpu;
	int32_t cpu;
	uint64_t code;				     /* address of a function's code; 0: none */
	const char *symbols[TRAIL_EVIDENCE_SYMBOLS]; /* variables; NULL where there are fewer */
};

struct trail_stage_verdict {
	enum trail_stage stage;
	enum trail_outcome outcome;
	struct trail_refs evidence;
};

struct trail_notifier_verdict {
	enum trail_call outcome; /* of the notifier of the same index in the facts */
	const char *class;	 /* info, hypervisor, reboot; NULL when not catalogued */
	const char *risk;	 /* low, medium, high; NULL when not catalogued */
	bool catalogued;
	const struct trail_known_notifier *known; /* its row, NULL when not catalogued */
	const char *plugin;			  /* whose row that is; NULL: the catalogue's own */
	bool disputed; /* a plugin's evidence denies other evidence: unknown stands */
	struct trail_refs evidence;
};

struct trail_dumper_verdict {
	enum trail_call outcome; /* of the dumper of the same index in the facts */
	struct trail_refs evidence;
};

struct trail_cpu_verdict {
	enum trail_cpu_outcome outcome; /* of the CPU of the same index in the facts */
	enum trail_how how;
	struct trail_refs evidence;
};

/** What a text says by itself; of the text of the same index in the facts. */
struct trail_text_verdict {
	enum trail_stage frontier; /* TRAIL_N_STAGES when unknown */
	bool exact;		   /* in progress when it was frozen; else a lower bound */
	struct trail_refs evidence;
	bool has_panic_record;
	size_t panic_record; /* index into its log.records */
};

/**
 * A callback that left its mark in a text, where no dump tells the chain: its
 * place in it is not known.
 */
struct trail_text_call {
	const char *function;
	const char *module; /* NULL for the kernel itself, or not known */
	bool dumper;	    /* a kmsg dumper, else a panic notifier */
	const char *name;   /* of the dumper's backend, NULL: not known */
	enum trail_call outcome;
	const char *class, *risk; /* as of a notifier of the chain; NULL when not catalogued */
	struct trail_refs evidence;
};

/** A CPU that a text names, where no dump tells the CPUs; ascending. */
struct trail_text_cpu {
	int32_t cpu;
	enum trail_cpu_outcome outcome;
	enum trail_how how;
	struct trail_task task; /* that the text names with it */
	struct trail_refs evidence;
};

/** What texts say of parameters; a dump knows better. */
struct trail_text_config {
	enum trail_tristate crash_kernel_loaded, post_notifiers;
	bool has_timeout, has_print;
	int64_t timeout; /* panic_timeout */
	uint64_t print;	 /* panic_print */
	struct trail_refs evidence;
};

/** An oops that a text tells, where no dump does. */
struct trail_oops {
	const char *message; /* its first line; NULL: there is none */
	int32_t cpu;	     /* -1: not said */
	struct trail_task task;
	bool has_time;
	uint64_t time_ns;
	struct trail_refs evidence;
};

struct trail_timeline {
	struct trail_pool pool; /* owns everything below; the facts must outlive it */
	const struct trail_facts *facts;

	struct trail_evidence *evidence;
	size_t n_evidence;

	/* panic */
	enum trail_tristate entered;
	const char *message; /* the panic text, NULL when unknown */
	const char *trigger; /* class of section 3 of the design; "none", "unknown" */
	int32_t cpu;	     /* holder of panic_cpu or of the direct kexec; -1 unknown */
	bool has_time;
	uint64_t time_ns; /* kernel log clock of the panic line */
	struct trail_refs panic_evidence;

	/* dump */
	enum trail_method method;
	enum trail_point point;
	struct trail_refs dump_evidence;

	/* frontier: the stage in progress when the input was frozen; TRAIL_N_STAGES when unknown */
	enum trail_stage frontier;
	bool frontier_exact;	       /* else a lower bound */
	const char *frontier_function; /* innermost function of the panicking CPU, or NULL */
	struct trail_refs frontier_evidence;

	struct trail_stage_verdict stages[TRAIL_N_STAGES]; /* this kernel's own, in its order */
	size_t n_stages;
	struct trail_notifier_verdict *notifiers;
	struct trail_dumper_verdict *dumpers;
	struct trail_cpu_verdict *cpus;

	struct trail_plugin_trail *plugins; /* those in force, see plugin_rows.h */
	size_t n_plugins;

	const char **contradictions; /* one sentence each */
	size_t n_contradictions;

	/* the dump's log; without a dump, that of the text that tells most of the panic */
	const struct trail_log_facts *log; /* never NULL */
	bool has_panic_record;
	size_t panic_record; /* index into log->records */

	struct trail_text_verdict *texts; /* facts->n_texts of them */
	/*
	 * The dump's own frontier: a machine that a hypervisor dumped went on,
	 * and a text may show how far.  TRAIL_N_STAGES when unknown.
	 */
	enum trail_stage dump_frontier;
	bool dump_exact;
	struct trail_refs dump_frontier_evidence;
	/* without a dump: what the texts name */
	struct trail_task task; /* that panicked */
	struct trail_oops oops;
	const char *text_taint; /* letters, "": not tainted; NULL: not said */
	struct trail_text_call *text_calls;
	size_t n_text_calls;
	struct trail_text_cpu *text_cpus;
	size_t n_text_cpus;
	struct trail_text_config text_config;
	/* the kernel itself says that CPUs did not stop; which ones is not said reliably */
	enum trail_tristate text_stop_failed;
	struct trail_refs text_stop_evidence;
	const char *no_vmcore; /* why there is no dump, see texts.h; NULL: there is one */
	struct trail_refs no_vmcore_evidence;

	/* verdict */
	const char *word; /* closed list, kebab-case: "kdump-early", "hung-in-notifier", … */
	const char *text; /* one sentence */

	/* signatures, see signature.h; NULL when too little is known */
	const char *cause; /* the same bug */
	const char *path;  /* the same way of dying */
};

/**
 * Reconstruct the trail.
 *
 * @facts  borrowed, must outlive the timeline
 * @ret    owned by the caller
 *
 * Errors: NOMEM.  What the facts do not tell is unknown in the result, not an error.
 */
struct trail_error *trail_timeline_new(const struct trail_facts *facts,
				       struct trail_timeline **ret) TRAIL_MUST_CHECK;
void trail_timeline_free(struct trail_timeline *timeline);
void trail_timeline_freep(struct trail_timeline **timeline);

#endif
