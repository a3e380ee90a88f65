/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run of ELF notes: of a dump's PT_NOTE, or of a CPU's crash_notes in memory. */
#ifndef TRAIL_FORMAT_NOTE_H
#define TRAIL_FORMAT_NOTE_H

#include "base/cursor.h"

enum { TRAIL_NOTE_HEADER = 12 }; /* bytes: three words */

/** One note; everything is borrowed from the bytes. */
struct trail_note_entry {
	const char *name; /* NUL-terminated inside the bytes */
	uint32_t type;
	struct trail_cursor desc;
};

/**
 * The next note of a run.
 *
 * @c    at a note's header; moved behind it
 * @ret  the note
 *
 * False at the end: no bytes left, a header of zeros, or a note that does not
 * fit (then trail_cursor_check() says where).
 * Source: elf(5); Linux kernel/crash_core.c append_elf_note() pads name and
 * descriptor to 4 bytes and ends a run with an empty header.
 */
bool trail_note_next(struct trail_cursor *c, struct trail_note_entry *ret);

#endif
