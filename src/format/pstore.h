/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record of pstore, whatever kept it: a file of /sys/fs/pstore, a zone of
 * ramoops memory, a variable of EFI, an ERST store.  Its name, its first line.
 *
 * Source: Linux fs/pstore/platform.c pstore_dump(), inode.c pstore_mkfile().
 */
#ifndef TRAIL_FORMAT_PSTORE_H
#define TRAIL_FORMAT_PSTORE_H

#include "base/base.h"

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
	uint64_t time_s; /* UTC, seconds since 1970 */
	enum { TRAIL_PACKED_MAYBE, TRAIL_PACKED_NO, TRAIL_PACKED_YES } packed;
	const uint8_t *bytes;
	size_t n;
	bool has_ecc;
	uint32_t ecc_corrected; /* bytes */
	uint32_t ecc_bad;	/* blocks that could not be corrected */
	const char *why;	/* it is not whole; NULL where nothing is known against it */
};

#endif
