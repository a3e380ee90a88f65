/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What more than one renderer shows and no single field says: derived from
 * facts and timeline, without formatting.  Everything given is borrowed.
 */
#ifndef TRAIL_REPORT_VIEW_H
#define TRAIL_REPORT_VIEW_H

#include "base/base.h"
#include "base/pool.h"
#include "facts/facts.h"
#include "policy/judge.h"
#include "timeline/timeline.h"

struct trail_report;

#ifndef TRAIL_VERSION
#define TRAIL_VERSION "0.1.0" /* the build may say another */
#endif

/** One reason why a kernel is tainted; ends with a row whose letter is 0. */
struct trail_taint {
	unsigned bit; /* of tainted_mask */
	char letter;  /* as in "Tainted: P  W  O" */
	const char *name;
};

extern const struct trail_taint trail_taints[];

/** The row of that bit, or NULL. */
const struct trail_taint *trail_taint_of(unsigned bit);

/** The path of the input: of the dump, or of the saved facts it was loaded from. */
const char *trail_view_path(const struct trail_facts *facts);

/** The word of an input's format. */
const char *trail_format_name(enum trail_format format);
const char *trail_wrapper_name(enum trail_wrapper wrapper); /* NULL for none */

/** The word of how a frame was found. */
const char *trail_frame_how_name(enum trail_frame_how how);

/** saved, stack-only or none. */
const char *trail_registers_word(const struct trail_cpu_facts *cpu);

/** Is this the CPU that panicked, or that took the direct kexec? */
bool trail_view_panicking(const struct trail_timeline *timeline, const struct trail_cpu_facts *cpu);

/** What ran on the panicking CPU, or NULL. */
const struct trail_task *trail_view_task(const struct trail_timeline *timeline);

/** Seconds since 1970, UTC, of the crash, by the dump or by a record; false when unknown. */
bool trail_view_taint(const struct trail_timeline *timeline, uint64_t *ret);
bool trail_view_crash_time(const struct trail_facts *facts, int64_t *ret);

/** Kernel log clock of the panic line, else of the last record; false when there is none. */
bool trail_view_uptime(const struct trail_timeline *timeline, uint64_t *ret);

/** The stage the dump was taken in, TRAIL_N_STAGES when unknown or when there is none. */
enum trail_stage trail_view_dump_stage(const struct trail_timeline *timeline);

/** Name of the notifier, else of the dumper, that had not returned; NULL when none is known. */
const char *trail_view_callback(const struct trail_timeline *timeline);

/** Was there a log to read?  The timeline's: of the dump, or of a text. */
bool trail_view_has_log(const struct trail_timeline *timeline);

/** Is there no dump, only texts? */
bool trail_view_is_text(const struct trail_facts *facts);

/** Is the text all that was written, as far as that can be told? */
bool trail_view_text_complete(const struct trail_text_facts *text);

/** The word of what kept the text: pstore, log, ramoops. */
const char *trail_view_text_kind(const struct trail_text_facts *text);

/** Records after the panic line; false when that line is unknown. */
bool trail_view_after_panic(const struct trail_timeline *timeline, size_t *ret);

/** Is the record of that index after the panic line and by another CPU, as far as it says? */
bool trail_view_noise(const struct trail_timeline *timeline, size_t index);

/** Records that the console had yet to print; 0 also when that is unknown. */
uint64_t trail_view_unflushed(const struct trail_facts *facts,
			      const struct trail_console_facts *console);

/** Strongest piece that speaks for it, the first of equals; NULL when there is none. */
const struct trail_evidence *trail_view_strongest(const struct trail_timeline *timeline,
						  const struct trail_refs *refs);

/**
 * A report on its way to words: the pool owns every sentence below.  They hold
 * the input's own text raw; a renderer escapes them as a whole.  None is NULL;
 * when memory runs out they are empty and @failed is set.
 */
struct trail_view {
	const struct trail_facts *facts;
	const struct trail_timeline *timeline;
	struct trail_pool pool;
	bool failed;
};

void trail_view_init(struct trail_view *view, const struct trail_report *report);
void trail_view_fini(struct trail_view *view);

const char *trail_say(struct trail_view *view, const char *format, ...) TRAIL_PRINTF(2, 3);

/** "function [module]", or the address when no symbol covers it. */
const char *trail_say_function(struct trail_view *view, const char *function, const char *module,
			       uint64_t address);

/** "bash (pid 812)". */
const char *trail_say_task(struct trail_view *view, const struct trail_task *task);

/** Has the policy switched the rule off? */
bool trail_view_off(const struct trail_judgement *judgement, const struct trail_rule *rule);

/** Seconds since 1970 as "2026-11-22T17:44:18"; NULL when it is no such time. */
const char *trail_say_time(struct trail_view *view, int64_t seconds);

/** What is known of the notifier at @i beyond this dump, and what its code can do. */
const char *trail_say_note(struct trail_view *view, size_t i);

/** "function+0x1a [module]", with ? for what is not known. */
const char *trail_say_symbol(struct trail_view *view, const struct trail_frame *frame);

/** "stopped by nmi", of the CPU at @i. */
const char *trail_say_cpu_outcome(struct trail_view *view, size_t i);

/** "E4 certain stack: statement (where)". */
const char *trail_say_evidence(struct trail_view *view, size_t id);

/* Goals and findings in one line each; NULL when nothing was judged, goals also when the policy has
 * none. */
const char *trail_say_goals(struct trail_view *view, const struct trail_judgement *judgement);
const char *trail_say_findings(struct trail_view *view, const struct trail_judgement *judgement);

/* One line of the first screen each. */
const char *trail_say_verdict(struct trail_view *view);
const char *trail_say_panic(struct trail_view *view);
/** The oops of a text in a clause. */
const char *trail_say_oops(struct trail_view *view);
/** Is the file cut short, or are there no symbols? */
bool trail_view_lacks(const struct trail_facts *facts);

/** "2 texts; …": what there was to read, and what is lost of it. */
const char *trail_say_texts(struct trail_view *view);

/** "Panic#2 of ramoops", "serial log", of the text at @i; what is wrong with it; its frontier. */
const char *trail_say_text(struct trail_view *view, size_t i);
const char *trail_say_text_state(struct trail_view *view, size_t i);
const char *trail_say_text_frontier(struct trail_view *view, size_t i);

/** Its path, with the line it begins at where the file holds several. */
const char *trail_say_text_place(struct trail_view *view, size_t i);

/** Why there is no dump, with the strongest evidence; NULL where there is one. */
const char *trail_say_no_vmcore(struct trail_view *view);

const char *trail_say_kernel(struct trail_view *view);
const char *trail_say_times(struct trail_view *view);
const char *trail_say_trail(struct trail_view *view);
const char *trail_say_dump(struct trail_view *view);
const char *trail_say_cpus(struct trail_view *view);
const char *trail_say_text_cpus(struct trail_view *view);  /* where texts alone name CPUs */
const char *trail_say_text_calls(struct trail_view *view); /* … or callbacks */
const char *trail_say_notifiers(struct trail_view *view);

#endif
