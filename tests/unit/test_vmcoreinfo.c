/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO lines: where a key begins, which line counts, what is a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/vmcoreinfo.h"

static const char text[] = "OSRELEASE=6.1.0-56-amd64\n"
			   "PAGESIZE=4096\n"
			   "SYMBOL(init_uts_ns)=ffffffff82a1a020\n"
			   "SYMBOL(x)=10\n"
			   "OFFSET(page.flags)=0\n"
			   "SIZE(page)=64\n"
			   "LENGTH(zone.free_area)=11\n"
			   "NUMBER(VMALLOC_START)=0xffffc90000000000\n"
			   "NUMBER(phys_base)=-16777216\n"
			   "NUMBER(sentence)=1 or 2\n"
			   "NUMBER(blank)=\n"
			   "NUMBER(huge)=18446744073709551616\n"
			   "NUMBER(long)=00000000000000000000000000000000000001\n"
			   "KERNELOFFSET=1f000000\n"
			   "CRASHTIME=1\n"
			   "no equals sign\n"
			   "=no key\n"
			   "BUILD-ID=eb4fbc=d\n"
			   "CRASHTIME=1700000000";

static const struct trail_vmcoreinfo info = { text, sizeof(text) - 1 };

static void test_text(void **state)
{
	static const struct {
		const char *key, *value; /* NULL: none */
	} rows[] = {
		{ "OSRELEASE", "6.1.0-56-amd64" },
		{ "BUILD-ID", "eb4fbc=d" },
		{ "CRASHTIME", "1700000000" },
		{ "NUMBER(blank)", "" },
		{ "SYMBOL(init_uts_ns)", "ffffffff82a1a020" },
		{ "OSRELEAS", NULL },
		{ "RELEASE", NULL },
		{ "OSRELEASE=6", NULL },
		{ "no equals sign", NULL },
		{ "4096", NULL },
		{ "", "no key" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		size_t length = 0;
		const char *got = trail_vmcoreinfo_text(&info, rows[i].key, &length);
		if (!got != !rows[i].value)
			fail_msg("%s: found or not", rows[i].key);
		if (got &&
		    (length != strlen(rows[i].value) || memcmp(got, rows[i].value, length) != 0))
			fail_msg("%s: '%.*s'", rows[i].key, (int)length, got);
	}
}

static void test_numbers(void **state)
{
	static const struct {
		const char *type, *name;
		bool good;
		uint64_t value;
	} rows[] = {
		{ "SYMBOL", "init_uts_ns", true, 0xffffffff82a1a020 },
		{ "SYMBOL", "x", true, 0x10 },
		{ "OFFSET", "page.flags", true, 0 },
		{ "SIZE", "page", true, 64 },
		{ "LENGTH", "zone.free_area", true, 11 },
		{ "NUMBER", "VMALLOC_START", true, 0xffffc90000000000 },
		{ "NUMBER", "phys_base", true, (uint64_t)-16777216 },
		{ "NUMBER", "sentence", false, 0 },
		{ "NUMBER", "blank", false, 0 },
		{ "NUMBER", "huge", false, 0 },
		{ "NUMBER", "long", false, 0 },
		{ "NUMBER", "none", false, 0 },
		{ "NUMBER",
		  "a_name_that_is_much_longer_than_any_key_that_a_kernel_has_ever_put_on_that_page_of_its_"
		  "own_memory_for_its_dumps_or_will_ever_put_there",
		  false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		uint64_t value = 0;
		bool good = trail_vmcoreinfo_number(&info, rows[i].type, rows[i].name, &value);
		if (good != rows[i].good || value != rows[i].value)
			fail_msg("%s(%s): %d, 0x%llx", rows[i].type, rows[i].name, good,
				 (unsigned long long)value);
	}
	uint64_t value;
	assert_true(trail_vmcoreinfo_plain(&info, "KERNELOFFSET", 16, &value));
	assert_int_equal(value, 0x1f000000);
	assert_true(trail_vmcoreinfo_plain(&info, "CRASHTIME", 10, &value));
	assert_int_equal(value, 1700000000);
	assert_false(trail_vmcoreinfo_plain(&info, "OSRELEASE", 10, &value));
}

/* Where the text may end. */
static void test_ends(void **state)
{
	static const struct {
		const char *name, *text;
		size_t size;
		bool found;
	} rows[] = {
		{ "nothing", NULL, 0, false },
		{ "cut in the key", "A=1\nKE", 6, false },
		{ "cut before the equals sign", "A=1\nKEY=", 7, false },
		{ "cut behind it", "A=1\nKEY=5", 8, true },
		{ "no newline", "A=1\nKEY=5", 9, true },
		{ "a NUL ends it", "A=1\n\0KEY=5\n", 11, false },
		{ "a NUL behind the value", "A=1\nKEY=5\0\nKEY", 14, true },
		{ "empty lines", "\n\n\nKEY=5\n\n", 10, true },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_vmcoreinfo cut = { rows[i].text, rows[i].size };
		size_t length;
		if (!!trail_vmcoreinfo_text(&cut, "KEY", &length) != rows[i].found)
			fail_msg("%s", rows[i].name);
		if (rows[i].found && length > 1)
			fail_msg("%s: %zu bytes", rows[i].name, length);
	}
}

/* What a kernel writes stays, all else is x. */
static void test_blank(void **state)
{
	static const char
		before[] = "OSRELEASE=6.1.0-x.example\nBUILD-ID=0123456789abcdef0123456789\n"
			   "SYMBOL(a.b)=ffffffff82a1a020\nNUMBER(c)=-16777216\n"
			   "NUMBER(d)=0xffffc90000000000\nCONFIG_E=y\nCRASHTIME=1700000000\n"
			   "host=alpha\nbad key=1\nno equals\nNUMBER(f)=1 2\nX=\n\0more",
		after[] = "OSRELEASE=6.1.0-x.example\nBUILD-ID=0123456789abcdef0123456789\n"
			  "SYMBOL(a.b)=ffffffff82a1a020\nNUMBER(c)=-16777216\n"
			  "NUMBER(d)=0xffffc90000000000\nCONFIG_E=y\nCRASHTIME=1700000000\n"
			  "host=xxxxx\nxxxxxxx=1\nxxxxxxxxx\nNUMBER(f)=xxx\nX=\n\0\0\0\0";
	char got[sizeof(before)];

	(void)state;
	memcpy(got, before, sizeof(before));
	trail_vmcoreinfo_blank(got, sizeof(got));
	assert_memory_equal(got, after, sizeof(after));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_blank),
	};

	return cmocka_run_group_tests_name("vmcoreinfo", tests, NULL, NULL);
}
