/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts → how far each of them shows panic(), and all of them together.  A
 * line proves what only later steps print; a line that is not there proves
 * nothing, since lines are lost: the few exceptions are named where they are
 * used.
 *
 * A record of kmsg_dump(KMSG_DUMP_PANIC) was written in the stage kmsg-dump,
 * and the machine went on.  Everything else is a lower bound.
 */
#ifndef TRAIL_TIMELINE_TEXTS_H
#define TRAIL_TIMELINE_TEXTS_H

#include "base/base.h"
#include "facts/facts.h"
#include "timeline/timeline.h"

struct trail_builder;

/* ---- what lines prove ---------------------------------------------------- */

enum trail_text_place {
	TRAIL_PLACE_PANIC,   /* of the dead kernel, behind its panic line */
	TRAIL_PLACE_TROUBLE, /* the same, or behind an oops */
	TRAIL_PLACE_ANY,     /* of the dead kernel, anywhere */
};

enum trail_text_says {
	TRAIL_SAYS_STAGE,  /* panic() got to the stage at least */
	TRAIL_SAYS_CALLED, /* the same, and the callback ran */
	TRAIL_SAYS_KDUMP,  /* the crash kernel was being started, from whichever place */
	TRAIL_SAYS_SAVED,  /* the same, and it has written a dump */
	TRAIL_SAYS_AWAKE,  /* CPUs were sent a stop and did not take it */
	TRAIL_SAYS_END,	   /* the kernel was shut down in good order */
};

/** A line of a text and what it proves. */
struct trail_text_witness {
	const char *text;  /* what the line begins with; with * in front, what it holds */
	const char *holds; /* what else it holds, NULL: nothing */
	enum trail_text_place place;
	enum trail_text_says says;
	enum trail_stage stage; /* STAGE, CALLED */
	const char *function;	/* CALLED */
	const char *module;	/* CALLED; NULL: the kernel itself */
	const char *archs;	/* as in the catalogue; CALLED: the text's must be known */
	bool unloaded;		/* only where no crash kernel was loaded */
	bool own_cpu;		/* a number follows `text`: that of the panicking CPU */
	enum trail_strength strength;
	const char *statement;
	const char *source; /* kernel file and symbol */
};
extern const struct trail_text_witness trail_text_witnesses[];
extern const size_t trail_n_text_witnesses;

/** Why there is no vmcore: the words of no_vmcore. */
enum trail_no_vmcore {
	TRAIL_NO_VMCORE_UNKNOWN,
	TRAIL_NO_VMCORE_NO_CRASH_KERNEL, /* none was loaded */
	TRAIL_NO_VMCORE_ENDED_BEFORE,	 /* it was to be started late, and the trail ended before */
	TRAIL_NO_VMCORE_CRASH_KERNEL_DIED,
	TRAIL_NO_VMCORE_TAKEN, /* there is one, elsewhere */
	TRAIL_NO_VMCORE_RESET, /* the machine was reset, and did not panic */
	TRAIL_N_NO_VMCORES,
};
extern const char *const trail_no_vmcore_names[TRAIL_N_NO_VMCORES];

/* ---- what was read of each text ------------------------------------------ */

/** Lines of one text that others hang on; indexes into its log.records. */
struct trail_text_read {
	bool has_panic, has_oops, has_cpu_line, has_entry, has_oops_head;
	bool oops_is_cause; /* of the panic, or there is no panic line */
	size_t panic;	    /* its panic line */
	size_t entry; /* without one: the first line that only panic() prints, or with it on a stack
		       */
	size_t end;   /* where its lines end to be of that panic: another panic line, or all */
	/* the last oops up to the panic line; without one, the first of those that came together
	 * last */
	size_t oops;
	size_t oops_head; /* "CPU: n PID: p Comm: c" of it */
	size_t cpu_line;  /* "CPU: n PID: p Comm: c" of the panic, or of the fatal oops */
	bool notifiers;	  /* lines of the notifiers, or of what is behind them */
	long orderly;	  /* evidence that it was shut down in good order */
	long kdump;	  /* evidence that the crash kernel was being started, negative: none */
	long saved;	  /* evidence that it wrote a dump */
};

/** "CPU: 1 UID: 0 PID: 119 Comm: bash Kdump: loaded Not tainted 6.12.0 …" */
struct trail_cpu_line {
	int32_t cpu, pid;
	const char *comm;
	size_t comm_n;
	bool whole;	   /* up to the taint at least: what stands before it is there */
	bool loaded;	   /* a crash kernel was loaded */
	const char *taint; /* the letters, with blanks between; empty: not tainted; NULL: cut off */
	size_t taint_n;
	uint32_t major; /* of the release, 0: cut off */
};

enum {
	TRAIL_END_NEAR = 64,	 /* lines up to the end of a log behind the one of a reboot */
	TRAIL_CPU_LINE_NEAR = 8, /* lines behind the panic line: its stack's head is among them */
	TRAIL_SAME_TROUBLE_S = 120, /* from an oops to its panic: a record may be written between */
};

/**
 * Read such a line, or "Pid: 119, comm: bash Not tainted 2.6.32 #1", which tells no CPU; false
 * where it is none.
 * Source: Linux lib/dump_stack.c; until v3.9 dump_stack() and show_regs() of the architectures.
 */
bool trail_read_cpu_line(const struct trail_record *record, struct trail_cpu_line *ret);

/** What follows @start in a line of the kernel that begins so, NULL: it does not. */
const char *trail_line_behind(const struct trail_record *record, const char *start);

/** Is it a line of the kernel with @start, or with @holds in it? */
bool trail_line_starts(const struct trail_record *record, const char *start);
bool trail_line_holds(const struct trail_record *record, const char *holds);

/**
 * "CPU2: stopping", "CPU 2 will stop doing anything useful since another CPU has crashed": a CPU
 * says so of itself, and the former prints its stack behind it.
 * Source: Linux arch/arm/kernel/smp.c ipi_cpu_stop(), the same of old arm64;
 * arch/arm/kernel/machine_kexec.c machine_crash_nonpanic_core().
 */
bool trail_read_stopping(const struct trail_record *record, int32_t *cpu_ret);

/** The first such line in [from, to), unless another report, or another CPU's stack, begins
 * before it. */
bool trail_find_cpu_line(const struct trail_log_facts *log, size_t from, size_t to, size_t *ret);

/** Does a warning, a bug or an oops begin with the line, with a head of its own? */
bool trail_begins_report(const struct trail_record *record);

/** Does an oops begin with the line? */
bool trail_is_oops_line(const struct trail_record *record);

/** A number in decimal at @s, before @end; false where there is none. */
bool trail_read_number(const char *s, const char *end, int32_t *ret);

/** Is it a line of the row, wherever it stands? */
bool trail_line_fits(const struct trail_text_witness *row, const struct trail_record *record);

/** The first line from @i on that looks like a panic line, log->n where none does. */
size_t trail_next_panic_line(const struct trail_log_facts *log, bool text, size_t i);

/** Is panic() a step of a stack that the line shows? */
bool trail_shows_panic(const struct trail_record *record);

/**
 * Does the line show that panic() was entered, wherever its own line is?
 * @x86  where only a panic notifier prints the kernel's offset: MediaTek's kernels do so in an oops
 */
bool trail_shows_entry(const struct trail_record *record, bool x86);

/** Do two lines belong to the same trouble by their times, where they have some? */
bool trail_same_trouble(const struct trail_record *before, const struct trail_record *after);

/** The index of the panic line; false where there is none.  @text: a text need not tell levels. */
bool trail_find_panic_line(const struct trail_log_facts *log, bool text, size_t *ret);

/** What panic() says in that line; in the timeline's pool. */
const char *trail_panic_message(struct trail_builder *b, const struct trail_record *line);

/** "serial.log, line 12": where a line of a text is. */
const char *trail_text_where(struct trail_builder *b, size_t text, size_t record);

/* ---- for the timeline ---------------------------------------------------- */

/** Read every text: its verdict, its panic line; choose the log where there is no dump. */
void trail_read_texts(struct trail_builder *b);

/** Without a dump: entered, the CPU, the task and the frontier by the texts. */
void trail_frontier_of_texts(struct trail_builder *b);

/** With a dump: what texts add to its frontier, and what they say against it. */
void trail_texts_beside_dump(struct trail_builder *b);

/** Once the stages are decided: what texts tell of single ones. */
void trail_texts_settle_stages(struct trail_builder *b);

/** Callbacks and CPUs that the texts name; the dump's dumpers where it has some. */
void trail_texts_name_callbacks(struct trail_builder *b);
void trail_texts_name_cpus(struct trail_builder *b);

/** The oops that came to no panic line, or that the panic came out of. */
void trail_texts_name_oops(struct trail_builder *b);

/** What texts say of parameters. */
void trail_texts_read_config(struct trail_builder *b);

/** The crash kernel was started: from where, as far as the lines before it tell. */
void trail_texts_find_kexec(struct trail_builder *b);

/** Evidence @id is of a callback that ran. */
void trail_text_called(struct trail_builder *b, const struct trail_text_witness *row, long id);

/** Without a dump: was the crash kernel started, and why is there no dump? */
void trail_texts_decide_dump(struct trail_builder *b);

/** One word and one sentence where only texts are there. */
void trail_texts_say_sentence(struct trail_builder *b);

#endif
