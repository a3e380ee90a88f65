/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run of notes in both byte orders; each must lie inside the bytes, and the run must end. */
#include <assert.h>

#include "base/error.h"
#include "format/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct trail_cursor c = trail_cursor_over(data, size, 0, "notes", big_endian);
		struct trail_note_entry note;

		for (size_t before = 0; trail_note_next(&c, &note); before = c.pos) {
			assert(c.pos >= before + 12 && c.pos <= size);
			assert(strlen(note.name) < size && note.desc.size < size);
			trail_cursor_bytes(&note.desc, note.desc.size);
			assert(trail_cursor_ok(&note.desc));
		}
		trail_error_free(trail_cursor_check(&c));
	}
	return 0;
}
