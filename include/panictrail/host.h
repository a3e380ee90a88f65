/* SPDX-License-Identifier: MIT */
/*
 * What a plugin may ask of panictrail: a table of functions, handed to its
 * `collect` and `check`.  Every function takes the table itself first.
 *
 * Each gives PANICTRAIL_HOST_OK or the reason why not; results are written only
 * then.  All that is read of the dead kernel is hostile: a pointer may lead
 * anywhere, a length may be anything.  Reading is bounded by the host; when the
 * plugin's share of time or reads is used up, every call gives LIMIT.
 *
 * Addresses are kernel virtual addresses.  What `*_ret` pointers to strings
 * are set to lives until the callback returns.
 */
#ifndef PANICTRAIL_HOST_H
#define PANICTRAIL_HOST_H

#include "panictrail/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

enum panictrail_host_status {
	PANICTRAIL_HOST_OK = 0,
	PANICTRAIL_HOST_ABSENT = 1,   /* this kernel has no such symbol, type, member, CPU, index */
	PANICTRAIL_HOST_NODATA = 2,   /* it has, and it is not in the dump; or it was not read */
	PANICTRAIL_HOST_BAD_DATA = 3, /* it is there and cannot be right: a list that loops */
	PANICTRAIL_HOST_LIMIT = 4,    /* a limit was hit: count, length, time, reads */
	PANICTRAIL_HOST_USAGE = 5,    /* an argument is wrong: an unknown id, a NULL, a bad width */
	PANICTRAIL_HOST_NOT_NOW = 6, /* `collect` and `check` may not ask for the same, see below */
};

/** Where a member lies. */
struct panictrail_member {
	uint64_t offset; /* bytes */
	uint64_t size;	 /* bytes; of an array the whole */
};

/** A record of the kernel log. */
struct panictrail_record {
	uint64_t seq;
	uint64_t time_ns; /* kernel log clock */
	const char *text; /* of length bytes; may hold any byte, NUL behind the last */
	uint32_t length;
	int32_t level, cpu, pid; /* -1: not known */
	int32_t after_panic;	 /* 1 behind the panic line, 0 not, -1 not known */
};

/** A callback of the panic notifier chain. */
struct panictrail_callback {
	uint32_t position;	       /* from 1, in calling order */
	const char *function, *module; /* NULL: no symbol covers it; the kernel itself */
	uint64_t block, address;       /* struct notifier_block, its notifier_call */
	int32_t priority;
	uint32_t outcome; /* enum panictrail_call, 0 unknown; always 0 in `collect` */
};

struct panictrail_cpu {
	int32_t number;
	uint32_t panicking; /* 1: it holds panic_cpu, or took the direct kexec */
	uint32_t n_frames;
	int32_t pid;	  /* of the task it ran; -1 not known */
	const char *comm; /* of it, NULL not known */
};

struct panictrail_frame {
	uint64_t address;
	const char *function, *module;
	uint64_t offset;
	uint32_t reliable; /* 0: it may be left over from an earlier call */
};

/**
 * The table.  `size` bytes of it are there: a host of an older minor lacks the
 * last members; ask panictrail_host_has() before one that is newer than 1.0.
 */
struct panictrail_host {
	uint32_t abi;  /* PANICTRAIL_ABI of the host */
	uint32_t size; /* of this struct, in the host */

	/* ---- symbols, types, memory; `collect` only, NOT_NOW in `check` ---- */

	/** Address of a symbol; @module NULL: of the kernel itself. */
	int (*symbol)(const struct panictrail_host *host, const char *name, const char *module,
		      uint64_t *address_ret);
	/** The symbol that covers an address. */
	int (*name_of)(const struct panictrail_host *host, uint64_t address, const char **name_ret,
		       uint64_t *offset_ret);
	/** Where a member lies: type "net_device", member "dev.kobj". */
	int (*member)(const struct panictrail_host *host, const char *type, const char *member,
		      struct panictrail_member *ret);
	/** Size of a struct, in bytes. */
	int (*type_size)(const struct panictrail_host *host, const char *type, uint64_t *ret);
	/** @n bytes at an address, at most 64 KiB a call. */
	int (*read)(const struct panictrail_host *host, uint64_t address, void *to, size_t n);
	/** A number of 1, 2, 4 or 8 bytes in the dead kernel's byte order, sign-extended if asked.
	 */
	int (*read_number)(const struct panictrail_host *host, uint64_t address, uint32_t width,
			   int is_signed, uint64_t *ret);
	/** A member of the struct at an address, of at most 8 bytes. */
	int (*read_member)(const struct panictrail_host *host, uint64_t address, const char *type,
			   const char *member, uint64_t *ret);
	/** A string of at most @max bytes. */
	int (*read_string)(const struct panictrail_host *host, uint64_t address, size_t max,
			   const char **ret);
	/** Address of a per-CPU object on one CPU. */
	int (*per_cpu)(const struct panictrail_host *host, uint64_t address, uint32_t cpu,
		       uint64_t *ret);
	/**
	 * The next entry of a struct list_head list: @node is the head, then what this gave; gives
	 * ABSENT behind the last one, BAD_DATA where the list's back pointer is wrong, LIMIT
	 * after 65536 entries of one list.
	 */
	int (*list_next)(const struct panictrail_host *host, uint64_t head, uint64_t node,
			 uint64_t *ret);

	/* ---- what panictrail read ---- */

	/** Value of a fact of this plugin, or of a scalar that panictrail read. */
	int (*fact)(const struct panictrail_host *host, const char *name, uint64_t *ret);
	int (*record)(const struct panictrail_host *host, size_t index,
		      struct panictrail_record *ret);
	int (*callback)(const struct panictrail_host *host, size_t index,
			struct panictrail_callback *ret);
	int (*cpu)(const struct panictrail_host *host, size_t index, struct panictrail_cpu *ret);
	int (*frame)(const struct panictrail_host *host, size_t cpu_index, size_t frame_index,
		     struct panictrail_frame *ret);
	/** enum panictrail_outcome of a stage by its word, 0 unknown; `check` only. */
	int (*stage)(const struct panictrail_host *host, const char *stage, uint32_t *ret);

	/* ---- what the plugin says ---- */

	/** The value of a COLLECTED fact of this plugin; `collect` only. */
	int (*set_fact)(const struct panictrail_host *host, const char *name, uint64_t value);
	/**
	 * A callback of the chain ran, or did not: @outcome is PANICTRAIL_CALL_CALLED or
	 * PANICTRAIL_CALL_NOT_CALLED; `collect` only.  @module is as in struct
	 * panictrail_notifier, @where may be NULL: "lab_var at 0xffffffffc0a01234".
	 */
	int (*say_call)(const struct panictrail_host *host, const char *function,
			const char *module, uint32_t outcome, uint32_t strength,
			const char *statement, const char *where);
	/**
	 * A piece of evidence of anything else, for findings.  @claim is what it is about, in the
	 * plugin's own words; @where may be NULL.  @id_ret, if not NULL, names it for
	 * say_finding().
	 */
	int (*say_evidence)(const struct panictrail_host *host, const char *claim,
			    uint32_t strength, const char *statement, const char *where,
			    uint32_t *id_ret);
	/** A rule of this plugin fails: a finding with its evidence; `check` only. */
	int (*say_finding)(const struct panictrail_host *host, const char *rule,
			   const char *message, const uint32_t *evidence, size_t n);
	/** A rule of this plugin passes; `check` only.  A rule of which nothing is said is unknown.
	 */
	int (*say_pass)(const struct panictrail_host *host, const char *rule);
	/** A field of extensions.PLUGIN in JSON, by its key; the last value said stands. */
	int (*say_text)(const struct panictrail_host *host, const char *key, const char *value);
	int (*say_number)(const struct panictrail_host *host, const char *key, int64_t value);
	int (*say_address)(const struct panictrail_host *host, const char *key, uint64_t value);
	int (*say_bool)(const struct panictrail_host *host, const char *key, int value);
	/** Something could not be read: a gap of the report, under the plugin's name. */
	int (*say_problem)(const struct panictrail_host *host, const char *what, const char *why);
};

/** Has this host the member?  Only for those newer than 1.0. */
#define panictrail_host_has(host, member_) \
	((host)->size >= offsetof(struct panictrail_host, member_) + sizeof((host)->member_))

#ifdef __cplusplus
}
#endif

#endif
