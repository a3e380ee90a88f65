/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors, the checked reader, the arena and the growing text with its escapes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cursor.h"
#include "base/error.h"
#include "base/pool.h"
#include "base/table.h"
#include "base/text.h"

static void test_error(void **state)
{
	(void)state;
	struct trail_error *err = trail_error_format(TRAIL_ERROR_BAD_DATA, "page %d", 7);

	err = trail_error_wrap(err, "reading %s", "a core");
	assert_int_equal(err->code, TRAIL_ERROR_BAD_DATA);
	assert_string_equal(err->message, "reading a core: page 7");
	assert_false(trail_error_catch(&err, TRAIL_ERROR_NODATA));
	assert_non_null(err);
	assert_true(trail_error_catch(&err, TRAIL_ERROR_BAD_DATA));
	assert_null(err);
	assert_false(trail_error_catch(&err, TRAIL_ERROR_BAD_DATA));
	assert_null(trail_error_wrap(NULL, "nothing"));

	err = trail_error_os(ENOENT, "open %s", "x");
	assert_int_equal(err->code, TRAIL_ERROR_OS);
	assert_string_equal(err->message, "open x: No such file or directory");
	trail_error_freep(&err);
}

static void test_static_errors(void **state)
{
	(void)state;
	struct trail_error *err = &trail_error_nomem;

	assert_ptr_equal(trail_error_wrap(err, "a clause"), &trail_error_nomem);
	trail_error_free(err);
	assert_true(trail_error_catch(&err, TRAIL_ERROR_NOMEM));
	assert_null(err);

	err = trail_error_wrap(&trail_error_absent, "symbol %s", "x");
	assert_ptr_not_equal(err, &trail_error_absent);
	assert_int_equal(err->code, TRAIL_ERROR_ABSENT);
	assert_string_equal(err->message, "symbol x: this kernel has no such name");
	assert_string_equal(trail_error_absent.message, "this kernel has no such name");
	trail_error_free(err);
	trail_error_free(&trail_error_absent);
	trail_error_free(NULL);
}

static void test_arithmetic(void **state)
{
	(void)state;
	uint64_t n = 42;

	assert_false(trail_add(UINT64_MAX, 1, &n));
	assert_false(trail_mul(UINT64_C(1) << 32, UINT64_C(1) << 32, &n));
	assert_int_equal(n, 42);
	assert_true(trail_add(UINT64_MAX - 1, 1, &n));
	assert_true(n == UINT64_MAX);
	assert_true(trail_mul(UINT64_C(1) << 32, UINT64_C(1) << 31, &n));
	assert_true(n == UINT64_C(1) << 63);
}

static const uint8_t ramp[] = { 1, 2, 3, 4, 5, 6, 7, 8, 'a', 'b', 0, 'c' };

static void test_cursor_numbers(void **state)
{
	static const struct {
		size_t width;
		bool big_endian;
		uint64_t value;
		bool good;
	} rows[] = {
		{ 1, false, 0x01, true },
		{ 1, true, 0x01, true },
		{ 2, false, 0x0201, true },
		{ 2, true, 0x0102, true },
		{ 4, false, 0x04030201, true },
		{ 4, true, 0x01020304, true },
		{ 8, false, 0x0807060504030201, true },
		{ 8, true, 0x0102030405060708, true },
		{ 0, false, 0, false },
		{ 3, false, 0, false },
		{ 16, false, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_cursor c = trail_cursor_over(ramp, sizeof(ramp), 0, "ramp",
							  rows[i].big_endian);
		assert_true(trail_cursor_uint(&c, rows[i].width) == rows[i].value);
		assert_int_equal(trail_cursor_ok(&c), rows[i].good);
		assert_int_equal(c.pos, rows[i].good ? rows[i].width : 0);
	}
	struct trail_cursor c = trail_cursor_over(ramp, sizeof(ramp), 0, "ramp", false);
	assert_int_equal(trail_cursor_u8(&c), 1);
	assert_int_equal(trail_cursor_u16(&c), 0x0302);
	assert_int_equal(trail_cursor_u32(&c), 0x07060504);
	assert_int_equal(trail_cursor_left(&c), 5);
	assert_int_equal(trail_cursor_u64(&c), 0); /* five bytes are left */
	assert_int_equal(trail_cursor_left(&c), 0);
	assert_int_equal(trail_cursor_u8(&c), 0); /* and stays failed */
}

static void test_cursor_failure(void **state)
{
	(void)state;
	struct trail_cursor c = trail_cursor_over(ramp, sizeof(ramp), 0x1000, "ramp", false);

	assert_null(trail_cursor_check(&c));
	trail_cursor_skip(&c, 10);
	assert_int_equal(trail_cursor_u32(&c), 0);
	trail_cursor_seek(&c, 0); /* the first failure is what is told */
	assert_null(trail_cursor_bytes(&c, 1));
	assert_null(trail_cursor_string(&c));
	struct trail_error *err = trail_cursor_check(&c);
	assert_int_equal(err->code, TRAIL_ERROR_BAD_DATA);
	assert_string_equal(err->message,
			    "ramp ends too early: wanted 4 bytes at 0x100a, it has 12 "
			    "bytes from 0x1000");
	trail_error_free(err);
}

static void test_cursor_places(void **state)
{
	(void)state;
	struct trail_cursor c = trail_cursor_over(ramp, sizeof(ramp), 0, "ramp", true);

	trail_cursor_align(&c, 4);
	assert_int_equal(c.pos, 0);
	trail_cursor_u8(&c);
	trail_cursor_align(&c, 4);
	assert_int_equal(c.pos, 4);
	struct trail_cursor sub = trail_cursor_sub(&c, 4, "part");
	assert_int_equal(c.pos, 8);
	assert_int_equal(sub.size, 4);
	assert_int_equal(sub.origin, 4);
	assert_int_equal(trail_cursor_u32(&sub), 0x05060708);
	assert_int_equal(trail_cursor_u8(&sub), 0);
	assert_false(trail_cursor_ok(&sub));
	assert_true(trail_cursor_ok(&c)); /* the whole does not fail with its part */
	assert_string_equal(trail_cursor_string(&c), "ab");
	assert_int_equal(c.pos, 11);
	assert_null(trail_cursor_string(&c)); /* "c" has no NUL */

	c = trail_cursor_over(ramp, sizeof(ramp), 0, "ramp", true);
	trail_cursor_seek(&c, sizeof(ramp));
	assert_true(trail_cursor_ok(&c));
	assert_non_null(trail_cursor_bytes(&c, 0));
	assert_null(trail_cursor_string(&c));
	c = trail_cursor_over(ramp, sizeof(ramp), 0, "ramp", true);
	trail_cursor_seek(&c, UINT64_MAX);
	assert_false(trail_cursor_ok(&c));
	c = trail_cursor_over(ramp, sizeof(ramp), 0, "ramp", true);
	trail_cursor_skip(&c, UINT64_MAX);
	assert_false(trail_cursor_ok(&c));

	c = trail_cursor_over(ramp, sizeof(ramp), 0, "ramp", true);
	sub = trail_cursor_sub(&c, 13, "part");
	assert_false(trail_cursor_ok(&c));
	assert_false(trail_cursor_ok(&sub));
	assert_int_equal(sub.size, 0);

	c = trail_cursor_over(NULL, 0, 0, "nothing", false);
	sub = trail_cursor_sub(&c, 0, "nothing of nothing");
	assert_true(trail_cursor_ok(&c));
	assert_true(trail_cursor_ok(&sub));
	assert_int_equal(trail_cursor_u8(&sub), 0);
	assert_false(trail_cursor_ok(&sub));
}

static void test_pool(void **state)
{
	(void)state;
	struct trail_pool pool;
	uint32_t *array = NULL;

	trail_pool_init(&pool);
	assert_null(trail_pool_alloc(&pool, SIZE_MAX, 2));
	assert_null(trail_pool_alloc(&pool, SIZE_MAX / 2 + 1, 1));
	assert_non_null(trail_pool_alloc(&pool, 0, 8));
	for (uint32_t i = 0; i < 5000; i++) {
		array = trail_pool_grow(&pool, array, i, sizeof(*array));
		assert_non_null(array);
		assert_int_equal(array[i], 0);
		array[i] = i;
		unsigned char *other = trail_pool_alloc(&pool, 1, i % 61);
		assert_true((uintptr_t)other % 16 == 0);
		memset(other, 0xff, i % 61); /* its own bytes, nobody else's */
	}
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(array[i], i);
	/* larger than a block; the small one behind it too */
	unsigned char *large = trail_pool_alloc(&pool, 1000, 1000);
	assert_non_null(large);
	assert_int_equal(large[0] | large[999999], 0);
	memset(large, 0xff, 1000000);
	assert_string_equal(trail_pool_strdup(&pool, "abc"), "abc");
	assert_string_equal(trail_pool_strndup(&pool, "abc", 2), "ab");
	assert_string_equal(trail_pool_printf(&pool, "%s-%05d", "x", 42), "x-00042");
	trail_pool_fini(&pool);
	trail_pool_fini(&pool);
}

static void test_text(void **state)
{
	(void)state;
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	assert_string_equal(trail_text_string(&text), "");
	trail_text_add(&text, NULL, 0);
	trail_text_printf(&text, "%s", "");
	assert_string_equal(trail_text_string(&text), "");
	for (int i = 0; i < 1000; i++)
		trail_text_printf(&text, "%d,", i % 10);
	assert_int_equal(text.length, 2000);
	assert_memory_equal(text.data + 1980, "0,1,2,3,4,5,6,7,8,9,", 21);
	trail_text_fini(&text);
	trail_text_puts(&text, "a");
	trail_text_pad(&text, 3);
	trail_text_puts(&text, "b");
	assert_string_equal(trail_text_string(&text), "a   b");
	trail_text_add(&text, "c", SIZE_MAX / 2);
	assert_true(text.failed);
	trail_text_puts(&text, "c");
	assert_string_equal(trail_text_string(&text), "a   b");
}

static void test_escapes(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t n;
		const char *text;
	} rows[] = {
		{ "nothing", "", 0, "" },
		{ "plain", "panic: 100%", 11, "panic: 100%" },
		{ "NUL", "a\0b", 3, "a\\x00b" },
		{ "line ends", "a\n\t\r", 4, "a\\n\\t\\r" },
		{ "colour", "\033[31m", 5, "\\x1b[31m" },
		{ "DEL", "\x7f", 1, "\\x7f" },
		{ "C1 of UTF-8", "\xc2\x9b", 2, "\\xc2\\x9b" },
		{ "C1 alone", "\x9b", 1, "\\x9b" },
		{ "umlaut", "\xc3\xa4", 2, "\xc3\xa4" },
		{ "euro", "\xe2\x82\xac", 3, "\xe2\x82\xac" },
		{ "four bytes", "\xf0\x9f\x90\xa7", 4, "\xf0\x9f\x90\xa7" },
		{ "last character", "\xf4\x8f\xbf\xbf", 4, "\xf4\x8f\xbf\xbf" },
		{ "past the last", "\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80" },
		{ "no lead byte", "\xf5\x80\x80\x80", 4, "\\xf5\\x80\\x80\\x80" },
		{ "too long for a slash", "\xc0\xaf", 2, "\\xc0\\xaf" },
		{ "too long, three bytes", "\xe0\x80\xaf", 3, "\\xe0\\x80\\xaf" },
		{ "surrogate", "\xed\xa0\x80", 3, "\\xed\\xa0\\x80" },
		{ "cut short", "\xe2\x82", 2, "\\xe2\\x82" },
		{ "cut by a letter",
		  "\xe2\x82"
		  "a",
		  3, "\\xe2\\x82a" },
		{ "right to left override", "\xe2\x80\xae", 3, "\\xe2\\x80\\xae" },
		{ "isolate", "\xe2\x81\xa6", 3, "\\xe2\\x81\\xa6" },
		{ "zero width", "\xe2\x80\x8b", 3, "\\xe2\\x80\\x8b" },
		{ "Arabic letter mark", "\xd8\x9c", 2, "\\xd8\\x9c" },
		{ "byte order mark", "\xef\xbb\xbf", 3, "\\xef\\xbb\\xbf" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_text text = { 0 };
		trail_text_escaped(&text, rows[i].bytes, rows[i].n);
		if (strcmp(trail_text_string(&text), rows[i].text) != 0)
			fail_msg("%s: '%s'", rows[i].name, trail_text_string(&text));
		trail_text_fini(&text);
	}
}

/* What each escape of a format makes of the same bytes. */
static void test_formats(void **state)
{
	enum { XML, MARKDOWN, CODE, QUOTED, URI, N };
	static void (*const escapes[N])(struct trail_text *, const char *, size_t) = {
		[XML] = trail_text_xml,
		[MARKDOWN] = trail_text_markdown,
		[CODE] = trail_text_markdown_code,
		[QUOTED] = trail_text_quoted,
		[URI] = trail_text_uri,
	};
	static const struct {
		const char *bytes, *text[N]; /* in the order of the enum; NULL: as it is */
	} rows[] = {
		/* clang-format off */
		{ "", { "", "", "", "", "" } },
		{ "a-b.c~1/d", { NULL, "a-b.c\\~1/d", "`a-b.c~1/d`", NULL, NULL } },
		{ "<b a='1' c=\"2\">&amp;",
		  { "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;",
		    "\\<b a='1' c=\"2\"\\>\\&amp;", "`<b a='1' c=\"2\">&amp;`",
		    "<b a='1' c=\\\"2\\\">&amp;", "%3Cb%20a%3D%271%27%20c%3D%222%22%3E%26amp%3B" } },
		{ "a\n\33[1m\xff\xe2\x80\xae",
		  { "a\\n\\x1b[1m\\xff\\xe2\\x80\\xae",
		    "a\\\\n\\\\x1b\\[1m\\\\xff\\\\xe2\\\\x80\\\\xae",
		    "a\\\\n\\\\x1b\\[1m\\\\xff\\\\xe2\\\\x80\\\\xae",
		    "a\\n\\x1b[1m\\xff\\xe2\\x80\\xae", "a%0A%1B%5B1m%FF%E2%80%AE" } },
		{ "\xef\xbf\xbe\xef\xbf\xbd\xef\xbf",
		  { "\\xef\\xbf\\xbe\xef\xbf\xbd\\xef\\xbf",
		    "\xef\xbf\xbe\xef\xbf\xbd\\\\xef\\\\xbf", "\xef\xbf\xbe\xef\xbf\xbd\\\\xef\\\\xbf",
		    "\\xef\\xbf\\xbe\\xef\\xbf\\xbd\\xef\\xbf", "%EF%BF%BE%EF%BF%BD%EF%BF" } },
		{ "lab_nb_hang __crash_kexec_ *x*",
		  { NULL, "lab_nb_hang \\_\\_crash_kexec\\_ \\*x\\*", "`lab_nb_hang __crash_kexec_ *x*`",
		    NULL, "lab_nb_hang%20__crash_kexec_%20%2Ax%2A" } },
		{ "a|b\\|`c`",
		  { NULL, "a\\|b\\\\\\|\\`c\\`", "a\\|b\\\\\\|\\`c\\`", "a|b\\\\|`c`",
		    "a%7Cb%5C%7C%60c%60" } },
		{ "![x](http://y) WWW.z @root a@b #1 # 2",
		  { NULL, "!\\[x\\](http\\://y) WWW\\.z `@`root a`@`b `#`1 # 2",
		    "`![x](http://y) WWW.z @root a@b #1 # 2`", NULL,
		    "%21%5Bx%5D%28http%3A//y%29%20WWW.z%20%40root%20a%40b%20%231%20%23%202" } },
		{ "  ", { NULL, NULL, NULL, NULL, "%20%20" } },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows) * N; i++) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
		const char *bytes = rows[i / N].bytes, *wanted = rows[i / N].text[i % N];

		escapes[i % N](&text, bytes, strlen(bytes));
		assert_string_equal(trail_text_string(&text), wanted ? wanted : bytes);
	}
	struct trail_text text = { 0 };
	trail_text_uri(&text, "a\0b", 3);
	trail_text_quoted(&text, "\0", 1);
	assert_string_equal(trail_text_string(&text), "a%00b\\x00");
	trail_text_fini(&text);
}

static void test_names(void **state)
{
	static const char *const names[] = { "zero", NULL, "two" };

	(void)state;
	assert_string_equal(trail_name_of(names, 3, 2), "two");
	assert_string_equal(trail_name_of(names, 3, 1), "unknown");
	assert_string_equal(trail_name_of(names, 3, 3), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error),	       cmocka_unit_test(test_static_errors),
		cmocka_unit_test(test_arithmetic),     cmocka_unit_test(test_cursor_numbers),
		cmocka_unit_test(test_cursor_failure), cmocka_unit_test(test_cursor_places),
		cmocka_unit_test(test_pool),	       cmocka_unit_test(test_text),
		cmocka_unit_test(test_escapes),	       cmocka_unit_test(test_formats),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
