/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a record of pstore → lines. */
#ifndef TRAIL_COLLECT_RECORD_LINES_H
#define TRAIL_COLLECT_RECORD_LINES_H

#include "collect/dumps.h"

/** How much more may be read of all records together: what is packed may be far larger. */
struct trail_record_room {
	size_t bytes, lines;
};

/**
 * Make lines of a text, in the facts' pool.
 *
 * @bytes     without the record's first line; not changed
 * @part      .record says how far to trust the text; its lines are set, and state, why and
 *            lost_end where its end is cut or its bytes are wrong
 * @room      what is left of it; a text that has none is damaged, and what is behind it is lost
 * @used_ret  of a pasted one: bytes up to where another record begins that has lost its first
 *            line; else @n
 *
 * False when memory runs out.
 */
bool trail_record_lines(struct trail_facts *facts, const uint8_t *bytes, size_t n,
			struct trail_record_part *part, struct trail_record_room *room,
			size_t *used_ret);

#endif
