/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run of ELF notes, bytes → name, type and descriptor; see note.h. */
#include "format/note.h"

bool trail_note_next(struct trail_cursor *c, struct trail_note_entry *ret)
{
	if (trail_cursor_left(c) < TRAIL_NOTE_HEADER)
		return false;
	uint32_t namesz = trail_cursor_u32(c);
	uint32_t descsz = trail_cursor_u32(c);
	uint32_t type = trail_cursor_u32(c);
	if (!namesz && !descsz && !type)
		return false;

	struct trail_cursor name = trail_cursor_sub(c, namesz, "note name");
	trail_cursor_align(c, 4);
	struct trail_cursor desc = trail_cursor_sub(c, descsz, "note descriptor");
	if (trail_cursor_left(c) >= (-c->pos & 3)) /* the last one may lack its padding */
		trail_cursor_align(c, 4);
	if (!trail_cursor_ok(c))
		return false;
	const char *text = namesz ? trail_cursor_string(&name) : "";
	if (!text)
		text = ""; /* no NUL: no name that we know */
	*ret = (struct trail_note_entry){ .name = text, .type = type, .desc = desc };
	return true;
}
