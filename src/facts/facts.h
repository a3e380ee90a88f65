/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seam: all that was read of one input, and each gap with its reason.
 * Everything after this struct is a pure function of it.  Facts say what the
 * dump holds, never what it means; that is the timeline's part.
 */
#ifndef TRAIL_FACTS_FACTS_H
#define TRAIL_FACTS_FACTS_H

#include "base/base.h"
#include "base/pool.h"
#include "facts/plugins.h"

struct trail_error;
struct trail_text;

enum trail_tristate { TRAIL_MAYBE, TRAIL_NO, TRAIL_YES, TRAIL_N_TRISTATES };

/** What the input is, told by its content. */
enum trail_format {
	TRAIL_FORMAT_UNKNOWN,
	TRAIL_FORMAT_ELF,
	TRAIL_FORMAT_KDUMP,	 /* kdump-compressed, makedumpfile's own */
	TRAIL_FORMAT_FLAT_KDUMP, /* the same, flattened */
	TRAIL_FORMAT_FLAT_ELF,
	TRAIL_FORMAT_NONE, /* there is no dump: only texts were read */
	TRAIL_N_FORMATS,
};

/** What was wrapped around the dump: it was compressed as a whole. */
enum trail_wrapper {
	TRAIL_WRAPPER_NONE,
	TRAIL_WRAPPER_GZIP,
	TRAIL_WRAPPER_XZ,
	TRAIL_WRAPPER_ZSTD,
	TRAIL_WRAPPER_LZ4,
	TRAIL_N_WRAPPERS,
};

/** Who wrote the dump, as its headers and notes tell. */
enum trail_writer {
	TRAIL_WRITER_UNKNOWN,
	TRAIL_WRITER_KERNEL,	 /* /proc/vmcore or makedumpfile in a crash kernel */
	TRAIL_WRITER_HYPERVISOR, /* QEMU's dump-guest-memory: vCPU notes */
	TRAIL_N_WRITERS,
};

/* The words of a saved file for each enumerator, indexed by it. */
extern const char *const trail_presence_names[TRAIL_N_PRESENCES];
extern const char *const trail_tristate_names[TRAIL_N_TRISTATES];
extern const char *const trail_format_names[TRAIL_N_FORMATS];
extern const char *const trail_wrapper_names[TRAIL_N_WRAPPERS];
extern const char *const trail_writer_names[TRAIL_N_WRITERS];

/** One scalar of the kernel or of VMCOREINFO, by the name of its row in the needs table. */
struct trail_scalar {
	const char *name;
	enum trail_presence presence;
	bool is_signed;	    /* value is sign-extended */
	uint64_t value;	    /* 0 unless present */
	const char *text;   /* a string's bytes up to the NUL, NULL for a number */
	const char *symbol; /* the kernel's name of it: "panic_cpu", "VMCOREINFO CRASHTIME" */
	uint64_t address;   /* kernel virtual address; 0 when it is no memory */
	const char *why;    /* why it is not present */
};

struct trail_task {
	bool known;
	int32_t pid;
	const char *comm;
	uint64_t comm_at; /* where in the dump's memory it lies; 0 when it is not read from there */
};

/** How a frame was found; only REGISTERS, ORC and CALL_SITE lead on to reliable frames. */
enum trail_frame_how {
	TRAIL_FRAME_REGISTERS, /* the saved instruction pointer */
	TRAIL_FRAME_CALL_SITE, /* the first stack word behind a direct call that must be there */
	TRAIL_FRAME_ORC,       /* the kernel's own unwind tables */
	TRAIL_FRAME_TRAP,      /* the registers that an exception or interrupt pushed */
	TRAIL_FRAME_SCAN,      /* a stack word that looks like a return address: never reliable */
	TRAIL_N_FRAME_HOWS,
};

extern const char *const trail_frame_how_names[TRAIL_N_FRAME_HOWS];

struct trail_frame {
	uint64_t address;     /* instruction pointer, or return address */
	uint64_t slot;	      /* stack address it was read from; 0 for registers */
	const char *function; /* NULL when no symbol covers it */
	uint64_t offset;      /* bytes into the function */
	const char *module;   /* NULL for the kernel itself */
	enum trail_frame_how how;
	bool reliable;
	const char *callee; /* function the direct call before the address goes to, or NULL */
	/*
	 * In panic(), vpanic(): the functions of the panic path that the code
	 * calls next, first on every path from the address on.  With next_known
	 * and none, it calls none of them any more.
	 */
	bool next_known;
	const char **next;
	size_t n_next;
};

/** Where a CPU's registers come from. */
enum trail_registers {
	TRAIL_REGISTERS_NONE,
	TRAIL_REGISTERS_NOTE, /* the CPU's own crash_notes, by the kernel */
	TRAIL_REGISTERS_VCPU, /* a vCPU note, by the hypervisor */
	TRAIL_N_REGISTERS,
};

enum { TRAIL_KEPT = 6 };

/** State of a CPU's crash_notes buffer. */
enum trail_note {
	TRAIL_NOTE_UNREAD,
	TRAIL_NOTE_EMPTY,
	TRAIL_NOTE_SAVED,
	TRAIL_NOTE_CORRUPT,
	TRAIL_N_NOTES
};

extern const char *const trail_registers_names[TRAIL_N_REGISTERS];
extern const char *const trail_note_names[TRAIL_N_NOTES];

struct trail_cpu_facts {
	int32_t cpu; /* -1: registers that could be tied to no CPU */
	enum trail_tristate present, online, active;
	enum trail_note note;
	uint64_t note_address; /* kernel virtual address of its crash_notes */
	enum trail_registers registers;
	uint64_t ip, sp, bp, flags;
	uint64_t kept[TRAIL_KEPT]; /* the registers that a call leaves as they are */
	/* a word of its NMI stack lies in nmi_panic_self_stop(): it lost panic_cpu in an NMI */
	enum trail_tristate lost_in_nmi;
	struct trail_task task;	    /* what was current when it was frozen */
	struct trail_frame *frames; /* innermost first */
	size_t n_frames;
	bool stack_whole;      /* unwound to the first frame of the task */
	const char *stack_end; /* why unwinding ended, in words */
};

/** What a callback's code can return; read off its instructions. */
enum trail_returns {
	TRAIL_RETURNS_UNKNOWN,	/* the code could not be read or followed */
	TRAIL_RETURNS_NO_STOP,	/* no constant with NOTIFY_STOP_MASK in it */
	TRAIL_RETURNS_MAY_STOP, /* such a constant among others */
	TRAIL_RETURNS_STOP,	/* every return gives NOTIFY_STOP_MASK */
	TRAIL_N_RETURNS,
};

extern const char *const trail_returns_names[TRAIL_N_RETURNS];

struct trail_notifier_facts {
	uint64_t block;	   /* address of the struct notifier_block */
	uint64_t callback; /* its notifier_call */
	int32_t priority;
	const char *function; /* NULL when no symbol covers it */
	const char *module;   /* NULL for the kernel itself */
	enum trail_returns returns;
	/*
	 * The block's address is in a register that calls keep, or on the
	 * stack, of the panicking CPU below the call of the chain.  The chain
	 * keeps the block that is next while a callback runs: tells equal
	 * callbacks apart.
	 */
	bool block_seen;
};

struct trail_dumper_facts {
	uint64_t address, callback;
	const char *function, *module;
	const char *name; /* of the dumper where the kernel keeps one, else NULL */
	uint32_t max_reason;
	bool on_stack; /* its callback is on the panicking CPU's stack */
};

struct trail_console_facts {
	uint64_t address;
	const char *name; /* "ttyS0" */
	bool enabled;
	enum trail_presence seq_presence;
	uint64_t seq; /* next record it would print */
};

struct trail_module_facts {
	const char *name;
	uint64_t base, size;
	uint64_t taints; /* bits as in tainted_mask */
};

/* What a text may leave out of a record; a ring never does. */
#define TRAIL_NO_TIME UINT64_MAX
enum { TRAIL_NO_LEVEL = 255 };

/** One printk record, or one line of a text; text may hold any byte. */
struct trail_record {
	uint64_t seq;	  /* of a text: the line in its file, from 1 */
	uint64_t ts_nsec; /* kernel log clock, or TRAIL_NO_TIME */
	const char *text;
	uint32_t length;
	uint8_t level;	  /* 0 to 7, or TRAIL_NO_LEVEL */
	uint8_t facility; /* 0: the kernel, or not said */
	bool partial;	  /* its writer never finished */
	int32_t cpu;	  /* -1: the record does not say */
	int32_t pid;	  /* -1: the record does not say */
	const char *comm; /* NULL: the record does not say */
	/* where in the dump's memory they lie, as comm_at of a task */
	uint64_t text_at, comm_at;
};

struct trail_log_facts {
	enum trail_presence presence;
	struct trail_record *records; /* in order of seq */
	size_t n;
	uint64_t first_seq, next_seq; /* of the ring */
	uint64_t lost;		      /* records in that range that could not be read */
};

/** How a text was kept, which says what it can and cannot hold. */
enum trail_text_kind {
	TRAIL_TEXT_DUMP,    /* kmsg_dump() left it in pstore: the newest lines at that moment */
	TRAIL_TEXT_CONSOLE, /* pstore's console ring: what a console printed, to the machine's end
			     */
	TRAIL_TEXT_CAPTURE, /* console output that was kept outside: serial, netconsole */
	TRAIL_TEXT_LOG,	    /* a log read out by somebody: vmcore-dmesg.txt, dmesg, the journal */
	TRAIL_N_TEXT_KINDS,
};

/** Whose lines a text holds. */
enum trail_text_role {
	TRAIL_ROLE_DEAD,	 /* of the kernel that crashed, or that may have */
	TRAIL_ROLE_CRASH_KERNEL, /* of the crash kernel that was started by it */
	TRAIL_ROLE_NEXT,	 /* of the boot after the crash */
	TRAIL_N_TEXT_ROLES,
};

/** What became of one part of a dump in pstore. */
enum trail_part_state {
	TRAIL_PART_WHOLE,
	TRAIL_PART_MISSING,   /* no record has that number, though a higher or a lower one is there
			       */
	TRAIL_PART_DAMAGED,   /* what could be read of it is in the lines */
	TRAIL_PART_UNREAD,    /* nothing of it could be read */
	TRAIL_PART_DUPLICATE, /* another record of that number is in the lines */
	TRAIL_N_PART_STATES,
};

extern const char *const trail_text_kind_names[TRAIL_N_TEXT_KINDS];
extern const char *const trail_text_role_names[TRAIL_N_TEXT_ROLES];
extern const char *const trail_part_state_names[TRAIL_N_PART_STATES];

/** A record of pstore: one part of what kmsg_dump() wrote. */
struct trail_text_part {
	uint32_t number;     /* from 1; Part1 holds the newest lines; 0: not said */
	const char *record;  /* file name, or "zone 2 at 0x40000"; NULL when it is missing */
	const char *packing; /* "deflate", "zlib", "zstd", "lzo", "lz4"; NULL: plain */
	enum trail_part_state state;
	const char *why; /* it is not whole; NULL where it is */
};

/**
 * A text: the lines of one boot of one kernel, as one dump in pstore, one
 * console ring or one stretch of a log file holds them.
 */
struct trail_text_facts {
	enum trail_text_kind kind;
	enum trail_text_role role;
	const char *path;   /* of the file, or of the directory of its records, as given */
	const char *form;   /* pstore: the backend's name, "ramoops"; else "dmesg", "serial",
			       "netconsole", "journal", "dmesg-json", …; NULL: not known */
	const char *region; /* "ramoops", "zone", "erst", …: read from raw memory; else NULL */
	bool lost_start;    /* lines before the first one are known to be lost */
	bool lost_end;	    /* lines behind the last one are: in a dump the panic itself may be */
	const char *reason; /* DUMP: "Panic", "Oops", …; NULL: not said */
	uint32_t count;	    /* DUMP: of the dump since boot, from 1; 0: not said */
	struct trail_text_part *parts; /* DUMP: descending: in the order of their lines */
	size_t n_parts;
	bool has_time;
	uint64_t time_s; /* UTC, seconds since 1970, when it was written; of a log: of its last
			    line that has a date */
	bool has_ecc;
	uint32_t ecc_corrected; /* bytes */
	uint32_t ecc_bad;	/* blocks that could not be corrected */
	/* what the lines say of their kernel; NULL: they do not */
	const char *arch; /* as uname -m */
	const char *release, *version, *build_id, *cmdline, *nodename;
	struct trail_log_facts log; /* in order; .lost counts lines known to be lost between */
};

/** A file of a split dump. */
struct trail_dump_part {
	const char *path;
	uint64_t start_pfn, end_pfn; /* its page frames: the first, one past the last; 0 and 0 when
					it could not be read */
};

/*
 * To add a member here or above, add its row to src/facts/fields.c: what has
 * none is neither saved nor loaded.
 */
struct trail_facts {
	struct trail_pool pool; /* owns everything below */
	const char *loaded;	/* the saved file these were loaded from, NULL for none */
	const char *path;	/* of the dump, as given when it was read */
	enum trail_format format;
	enum trail_wrapper wrapper;
	struct trail_dump_part *parts; /* of a split dump, by their page frames; none else */
	size_t n_parts;
	enum trail_writer writer;
	bool complete;	      /* the file holds all that its headers promise */
	const char *arch;     /* "x86_64" */
	const char *release;  /* uname -r; NULL when unknown */
	const char *version;  /* uname -v */
	const char *build_id; /* lower-case hex */
	const char *cmdline;
	const char *nodename; /* uname -n: the host's name */
	const char *domainname;
	/* where in the dump's memory they lie, as comm_at of a task */
	uint64_t cmdline_at, nodename_at, domainname_at;
	const char *const
		*symbol_sources; /* in the order asked: "kallsyms", "modules", "btf", "orc" */
	size_t n_symbol_sources;
	struct trail_scalar *scalars;
	size_t n_scalars;
	struct trail_cpu_facts *cpus; /* present CPUs, ascending; untied register sets last */
	size_t n_cpus;
	enum trail_presence chain_presence;
	bool chain_complete; /* walked to its end */
	const char *chain_why;
	struct trail_notifier_facts *notifiers; /* in calling order */
	size_t n_notifiers;
	enum trail_presence dumpers_presence;
	struct trail_dumper_facts *dumpers;
	size_t n_dumpers;
	enum trail_presence consoles_presence;
	struct trail_console_facts *consoles;
	size_t n_consoles;
	enum trail_presence modules_presence;
	struct trail_module_facts *modules;
	size_t n_modules;
	struct trail_log_facts log;	/* of the dump; of texts, see below */
	struct trail_text_facts *texts; /* of the same crash, beside the dump or without one */
	size_t n_texts;
	struct trail_plugin_facts *plugins; /* in the order in which they were found */
	size_t n_plugins;
	struct trail_gap *gaps;
	size_t n_gaps;
};

struct trail_facts *trail_facts_new(void);
void trail_facts_free(struct trail_facts *facts);
void trail_facts_freep(struct trail_facts **facts);

/** The scalar of that name, or NULL when it was never asked for. */
const struct trail_scalar *trail_facts_scalar(const struct trail_facts *facts, const char *name);

/** Is it present?  Then its value, else @otherwise. */
bool trail_facts_has(const struct trail_facts *facts, const char *name);
uint64_t trail_facts_value(const struct trail_facts *facts, const char *name, uint64_t otherwise);

/** The CPU of that number, or NULL. */
const struct trail_cpu_facts *trail_facts_cpu(const struct trail_facts *facts, int32_t cpu);

/** Add a scalar, a gap; false when memory runs out.  Strings are copied. */
bool trail_facts_add_scalar(struct trail_facts *facts, const struct trail_scalar *scalar);
bool trail_facts_add_gap(struct trail_facts *facts, const char *what, const char *why);

/** A new text, zeroed; NULL when memory runs out. */
struct trail_text_facts *trail_facts_add_text(struct trail_facts *facts);

/** The same before the other gaps: all of them may come from it. */
bool trail_facts_add_first_gap(struct trail_facts *facts, const char *what, const char *why);

/** Append the facts as JSON, "panictrail-facts/1"; see docs/facts.md.  Errors: NOMEM. */
struct trail_error *trail_facts_save(const struct trail_facts *facts,
				     struct trail_text *out) TRAIL_MUST_CHECK;

/** Bytes of a file's start that tell whether it is saved facts. */
enum { TRAIL_FACTS_START = 256 };

/** Is a file that starts so saved facts, of whatever version? */
bool trail_facts_is(const void *bytes, size_t n);

/** The largest file of saved facts that is read. */
enum { TRAIL_FACTS_FILE_MAX = 256 << 20 };

/**
 * Load saved facts; whatever the bytes, what is loaded can be worked with like
 * what was collected.
 *
 * @path  of the file; kept as "loaded"
 * @ret   owned by the caller
 *
 * Errors: BAD_DATA (with the place, a line or a path of keys, and what was
 * wanted there), NOMEM.
 */
struct trail_error *trail_facts_load(const void *bytes, size_t n, const char *path,
				     struct trail_facts **ret) TRAIL_MUST_CHECK;

#endif
