/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record of pstore, whatever kept it: a file of /sys/fs/pstore, a zone of
 * ramoops memory, a variable of EFI, an ERST store.  Its name, its first line,
 * and what is put behind it.
 *
 * Source: Linux fs/pstore/platform.c pstore_dump(), inode.c pstore_mkfile().
 */
#ifndef TRAIL_FORMAT_PSTORE_H
#define TRAIL_FORMAT_PSTORE_H

#include "base/base.h"

struct trail_error;
struct trail_pool;

/** The frontend that wrote a record. */
enum trail_pstore_type {
	TRAIL_PSTORE_DMESG,
	TRAIL_PSTORE_MCE,
	TRAIL_PSTORE_CONSOLE,
	TRAIL_PSTORE_FTRACE,
	TRAIL_PSTORE_PMSG,
	TRAIL_PSTORE_OTHER, /* firmware's own: rtas, powerpc-ofw, … */
	TRAIL_N_PSTORE_TYPES,
};

/** A record as its backend keeps it.  Pointers are borrowed from who made it. */
struct trail_pstore_record {
	enum trail_pstore_type type;
	const char *backend; /* "ramoops", "efi_pstore"; NULL: not known */
	const char *region;  /* read from raw memory: "ramoops", "zone", "efivars", "erst"; else
				NULL */
	const char *name;    /* its file's, or where in the region: "zone 2 at 0x40000" */
	bool has_id;
	uint64_t id;
	bool has_time;
	bool time_may_lie; /* it is a file's, on no pstore file system: a copy may have changed it
			    */
	uint64_t time_s;   /* UTC, seconds since 1970 */
	enum { TRAIL_PACKED_MAYBE, TRAIL_PACKED_NO, TRAIL_PACKED_YES } packed;
	bool pasted; /* it was cut out of a text, which people and mailers may have changed */
	const uint8_t *bytes;
	size_t n;
	bool has_ecc;
	uint32_t ecc_corrected; /* bytes */
	uint32_t ecc_bad;	/* blocks that could not be corrected */
	const char *why;	/* it is not whole; NULL where nothing is known against it */
};

/** "dmesg", "mce", … */
extern const char *const trail_pstore_type_names[TRAIL_N_PSTORE_TYPES];

/**
 * A file's name: TYPE-BACKEND-ID, of old kernels without the ID, with ".enc.z" behind it where the
 * record is packed.
 *
 * @pool    owns the backend's name
 * @record  type, backend, id and packed are set, to unknown where the name does not say; the rest
 *          is left
 *
 * False, and nothing is set, when it is no such name.  When memory runs out the backend is unknown.
 */
bool trail_pstore_name(const char *name, size_t n, struct trail_pool *pool,
		       struct trail_pstore_record *record);

/** A record's first line, "Panic#2 Part1". */
struct trail_pstore_head {
	const char *reason; /* the word, without a NUL; borrowed from the text */
	size_t reason_length;
	uint32_t count; /* of dumps since boot */
	uint32_t part;
	size_t length; /* bytes up to the log's first line */
};

/** Does a text begin with that line, or with the one that pstore_blk puts before it? */
bool trail_pstore_head(const void *text, size_t n, struct trail_pstore_head *ret);

/** What an id tells of time. */
enum trail_pstore_id_time {
	TRAIL_ID_NO_TIME,
	TRAIL_ID_RECORD_TIME, /* when this record was written */
	TRAIL_ID_BOOT_TIME,   /* when the first record of the same boot was: the same in all */
};

/**
 * The time in a record's id.
 *
 * @head   NULL where it has none: then an id of efi is taken apart without it
 * @s_ret  seconds since 1970
 */
enum trail_pstore_id_time trail_pstore_id_time(const struct trail_pstore_record *record,
					       const struct trail_pstore_head *head,
					       uint64_t *s_ret);

/** Part and count of an id of efi; false when it is of another backend or cannot be one. */
bool trail_pstore_id_part(const struct trail_pstore_record *record, uint32_t *part_ret,
			  uint32_t *count_ret);

/** Take ramoops' result of ECC off the record's end, and keep what it says. */
void trail_pstore_take_ecc(struct trail_pstore_record *record);

/**
 * Take the line off that ramoops puts before a record, "====1700000000.123456-C": its time, and
 * whether it is packed, where it says so.
 *
 * False, and nothing is changed, when there is no such line.
 */
bool trail_pstore_take_stamp(struct trail_pstore_record *record);

/** The most records that a text is cut into. */
enum { TRAIL_PSTORE_SPLIT_MAX = 4096 };

/**
 * Cut a text into the records that it holds: dmesg.txt of systemd-pstore, with and without names of
 * files between them, or a mail.  A record of its own is one piece.
 *
 * @whole  plain text
 * @ret    pieces of @whole's bytes; the array and what they point to are of @pool; none when no
 *         line of the text is a record's first
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_pstore_split(const struct trail_pstore_record *whole,
				       struct trail_pool *pool, struct trail_pstore_record **ret,
				       size_t *n_ret) TRAIL_MUST_CHECK;

#endif
