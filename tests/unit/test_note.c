/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of ELF notes: padding, ends of every kind, and notes that do not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "format/note.h"

#define NOTE(namesz, descsz, type) namesz "\0\0\0" descsz "\0\0\0" type "\0\0\0"
#define EMPTY      \
	"\0\0\0\0" \
	"\0\0\0\0" \
	"\0\0\0\0"

static void test_runs(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t n; /* bytes of the run */
		size_t notes;
		const char *last; /* name of the last note */
		size_t last_size; /* of its descriptor */
		bool good;
	} rows[] = {
		{ "nothing", "", 0, 0, "", 0, true },
		{ "one", NOTE("\5", "\4", "\1") "CORE\0\0\0\0abcd", 24, 1, "CORE", 4, true },
		{ "two, the first padded",
		  NOTE("\5", "\1", "\1") "CORE\0\0\0\0a\0\0\0" NOTE("\4", "\2", "\2") "GNU\0bc\0\0",
		  44, 2, "GNU", 2, true },
		{ "the last without its padding", NOTE("\5", "\1", "\1") "CORE\0\0\0\0a", 21, 1,
		  "CORE", 1, true },
		{ "no name", NOTE("\0", "\4", "\1") "abcd", 16, 1, "", 4, true },
		{ "no descriptor", NOTE("\4", "\0", "\1") "GNU", 16, 1, "GNU", 0, true },
		{ "name without NUL", NOTE("\4", "\0", "\1") "CORE", 16, 1, "", 0, true },
		{ "empty header ends it",
		  NOTE("\4", "\0", "\1") "GNU\0" EMPTY NOTE("\4", "\0", "\1") "GNU", 44, 1, "GNU",
		  0, true },
		{ "less than a header", "\4\0\0\0\0\0\0\0\1\0\0", 11, 0, "", 0, true },
		{ "name cut", NOTE("\5", "\0", "\1") "COR", 15, 0, "", 0, false },
		{ "descriptor cut", NOTE("\4", "\5", "\1") "GNU\0abcd", 20, 0, "", 0, false },
		{ "second one cut", NOTE("\4", "\0", "\1") "GNU\0" NOTE("\4", "\1", "\1") "GNU", 32,
		  1, "GNU", 0, false },
		{ "sizes near 4 GiB", "\xff\xff\xff\xff\xff\xff\xff\xff\1\0\0\0abcd", 16, 0, "", 0,
		  false },
		{ "name that ends near 4 GiB", "\xf4\xff\xff\xff\x10\0\0\0\1\0\0\0abcd", 16, 0, "",
		  0, false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_cursor c = trail_cursor_over(rows[i].bytes, rows[i].n, 0, "notes",
							  false);
		struct trail_note_entry note = { .name = "" };
		size_t notes = 0;

		while (trail_note_next(&c, &note))
			notes++;
		struct trail_error *err = trail_cursor_check(&c);
		bool good = !err;
		trail_error_free(err);
		if (notes != rows[i].notes || strcmp(note.name, rows[i].last) != 0 ||
		    note.desc.size != rows[i].last_size || good != rows[i].good)
			fail_msg("%s: %zu notes, the last '%s' with %zu bytes, %s", rows[i].name,
				 notes, note.name, note.desc.size, good ? "good" : "bad");
	}
}

static void test_fields(void **state)
{
	static const uint8_t bytes[] = { 0,   0,   0,	5,   0, 0, 0, 4, 0, 0, 1, 2,
					 'C', 'O', 'R', 'E', 0, 0, 0, 0, 0, 0, 0, 7 };

	(void)state;
	struct trail_cursor c = trail_cursor_over(bytes, sizeof(bytes), 0x400, "notes", true);
	struct trail_note_entry note;

	assert_true(trail_note_next(&c, &note));
	assert_int_equal(note.type, 0x102);
	assert_int_equal(note.desc.origin, 0x414);
	assert_int_equal(trail_cursor_u32(&note.desc), 7);
	assert_false(trail_note_next(&c, &note));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
