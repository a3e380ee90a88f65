/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fill the facts from text: records of pstore, raw regions that hold such, log
 * files.  Each adds one text for every dump, console ring and boot it finds,
 * of whatever crash: timeline/incidents.h sorts them.
 */
#ifndef TRAIL_COLLECT_TEXTS_H
#define TRAIL_COLLECT_TEXTS_H

#include "base/base.h"
#include "facts/facts.h"

struct trail_error;
struct trail_pool;
struct trail_pstore_record;

/**
 * Put records of pstore together: parts of one dump become one text.
 *
 * @records  in any order, of any dumps; borrowed for the call
 * @path     what the user named; borrowed for the call
 *
 * Errors: NOMEM.  A record that cannot be read is a part without lines, or a gap.
 */
struct trail_error *trail_collect_records(const struct trail_pstore_record *records, size_t n,
					  const char *path,
					  struct trail_facts *facts) TRAIL_MUST_CHECK;

/**
 * Files of pstore: a file, or those of a directory (/sys/fs/pstore, what systemd-pstore left),
 * with its directories of pieces.
 *
 * Errors: OS, NOMEM, UNSUPPORTED (none of them is a record).
 */
struct trail_error *trail_collect_pstore(const char *path,
					 struct trail_facts *facts) TRAIL_MUST_CHECK;

/** Is a file of @size bytes that starts so a raw region with records of pstore? */
bool trail_collect_is_region(const uint8_t *start, size_t n, uint64_t size);

/**
 * A raw region: ramoops memory, a partition of pstore/zone, an ERST store, NVRAM, flash of
 * mtdoops, a file of efivarfs.
 *
 * @path  of a file or device; of a large one the first 64 MiB are looked at, and a gap says so
 *
 * Errors: OS, NOMEM, UNSUPPORTED (it holds no place for records).
 */
struct trail_error *trail_collect_region(const char *path,
					 struct trail_facts *facts) TRAIL_MUST_CHECK;

/** Is a file that starts so text in which a kernel log may be? */
bool trail_collect_is_log(const uint8_t *start, size_t n);

/**
 * A log file, or a pipe: each boot in it that crashed, and the crash kernel's.
 *
 * @fd    open for reading; borrowed; need not be seekable
 * @path  as given
 *
 * Errors: OS, NOMEM.
 */
struct trail_error *trail_collect_log(int fd, const char *path,
				      struct trail_facts *facts) TRAIL_MUST_CHECK;

/**
 * What a text's lines say of their kernel → arch, release, version, build_id and cmdline, where
 * those are NULL; false when memory runs out.
 */
bool trail_text_identify(struct trail_text_facts *text, struct trail_pool *pool);

#endif
