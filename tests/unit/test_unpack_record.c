/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packed records of pstore: each way whole, cut and damaged, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record_text.h"
#include "source/unpack_block.h"
#include "source/unpack_codec.h"
#include "source/unpack_record.h"

enum { ROOM = 1 << 20, NONE = -1 };

/* Built without its library: then it is refused. */
static bool is_missing(enum packing how)
{
	return (how == ZSTD && !trail_codec_zstd.open) ||
	       (how == LZO && !trail_unpack_block_lzo.soname) ||
	       (how >= LZ4 && !trail_unpack_block_lz4.soname);
}

/* In memory of its own size, so that the sanitizer sees a read behind it. */
static int unpack(const uint8_t *bytes, size_t n, struct trail_unpacked_record *ret)
{
	struct trail_unpack_records u;
	uint8_t *copy = malloc(n + !n);

	assert_non_null(copy);
	memcpy(copy, bytes, n);
	*ret = (struct trail_unpacked_record){ 0 };
	trail_unpack_records_init(&u);
	struct trail_error *error = trail_unpack_record(&u, copy, n, ret);
	trail_unpack_records_fini(&u);
	int code = error ? (int)error->code : NONE;
	trail_error_free(error);
	free(copy);
	return code;
}

static void test_whole(void **state)
{
	static const unsigned lines[] = { 1, 30, 400, 9000 };
	uint8_t *packed = malloc(ROOM);

	(void)state;
	assert_non_null(packed);
	for (size_t how = 0; how < N_PACKINGS; how++)
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(lines); i++) {
			struct trail_text text = { 0 };
			struct trail_unpacked_record r;
			add_part(&text, "Panic#1 Part1", 100, lines[i]);
			size_t n = pack(how, text.data, text.length, packed, ROOM);
			assert_true(n);
			int code = unpack(packed, n, &r);
			if (is_missing(how)) {
				assert_int_equal(code, TRAIL_ERROR_UNSUPPORTED);
			} else {
				assert_int_equal(code, NONE);
				assert_string_equal(r.packing, packing_names[how]);
				assert_null(r.why);
				assert_int_equal(r.n, text.length);
				assert_memory_equal(r.bytes, text.data, r.n);
			}
			free(r.bytes);
			trail_text_fini(&text);
		}
	free(packed);
}

/* What comes out of a cut or damaged one is the text's start, or nothing. */
static void test_cut(void **state)
{
	uint8_t packed[8192];
	struct trail_text text = { 0 };

	(void)state;
	add_part(&text, "Oops#1 Part3", 100, 60);
	for (size_t how = 0; how < N_PACKINGS; how++) {
		size_t n = pack(how, text.data, text.length, packed, sizeof(packed)), most = 0;
		for (size_t cut = 0; cut < n && !is_missing(how); cut++) {
			struct trail_unpacked_record r;
			if (unpack(packed, cut, &r) != NONE)
				continue;
			/* a block of lz4 that is cut behind literals is one */
			assert_true(r.why || how >= LZ4);
			assert_string_equal(r.packing, packing_names[how]);
			assert_true(r.n <= text.length);
			assert_memory_equal(r.bytes, text.data, r.n);
			most = TRAIL_MAX(most, r.n);
			free(r.bytes);
		}
		/* zstd gives a block or nothing */
		if (!is_missing(how) && how != ZSTD)
			assert_true(most > text.length / 2);
	}
	trail_text_fini(&text);
}

static void test_damaged(void **state)
{
	uint8_t packed[8192];
	struct trail_text text = { 0 };

	(void)state;
	add_part(&text, "Oops#1 Part3", 100, 60);
	for (size_t how = 0; how < N_PACKINGS; how++) {
		size_t n = pack(how, text.data, text.length, packed, sizeof(packed));
		size_t kept = 0;
		for (size_t at = 40; at < n && !is_missing(how); at += 7) {
			struct trail_unpacked_record r;
			packed[at] ^= 0x55;
			if (unpack(packed, n, &r) == NONE)
				kept += memcmp(r.bytes, text.data, 13) == 0;
			free(r.bytes);
			packed[at] ^= 0x55;
		}
		if (!is_missing(how) && how != ZSTD)
			assert_true(kept > n / 7 / 2);
	}
	trail_text_fini(&text);
}

/* The fallback dumper of ppc64 writes no first line: arch/powerpc/kernel/nvram_64.c. */
static void test_headless(void **state)
{
	uint8_t packed[8192];
	struct trail_text text = { 0 };
	struct trail_unpacked_record r;

	(void)state;
	add_part(&text, NULL, 100, 60);
	size_t n = pack(ZLIB12, text.data, text.length, packed, sizeof(packed));
	assert_int_equal(unpack(packed, n, &r), NONE);
	assert_string_equal(r.packing, "zlib");
	assert_int_equal(r.n, text.length);
	free(r.bytes);
	assert_int_equal(unpack(packed, n - 8, &r), TRAIL_ERROR_UNSUPPORTED);
	n = pack(DEFLATE15, text.data, text.length, packed, sizeof(packed));
	assert_int_equal(unpack(packed, n, &r), TRAIL_ERROR_UNSUPPORTED);
	trail_text_fini(&text);
}

/* More behind it: the room of ramoops, a notice, zeros. */
static void test_behind(void **state)
{
	uint8_t packed[8192];
	struct trail_text text = { 0 };
	struct trail_unpacked_record r;

	(void)state;
	add_part(&text, "Panic#2 Part1", 100, 60);
	size_t n = pack(DEFLATE15, text.data, text.length, packed, sizeof(packed) - 64);
	memset(packed + n, 0, 64);
	assert_int_equal(unpack(packed, n + 64, &r), NONE);
	assert_null(r.why);
	assert_int_equal(r.n, text.length);
	free(r.bytes);
	trail_text_fini(&text);
}

/* A text that would have more bytes than any: it ends at the limit, and that is said. */
static void test_swelling(void **state)
{
	enum { SIZE = TRAIL_UNPACK_RECORD_MAX + 4096 };
	char *text = malloc(SIZE);
	uint8_t *packed = malloc(ROOM);

	(void)state;
	assert_non_null(text);
	assert_non_null(packed);
	memset(text, 'x', SIZE);
	memcpy(text, "Panic#2 Part1\n", 14);
	for (size_t how = 0; how < N_PACKINGS; how++) {
		struct trail_unpacked_record r;
		size_t n = pack(how, text, SIZE, packed, ROOM);
		assert_true(n);
		if (unpack(packed, n, &r) != NONE)
			continue;
		assert_non_null(r.why);
		assert_true(r.n <= TRAIL_UNPACK_RECORD_MAX);
		free(r.bytes);
	}
	free(packed);
	free(text);
}

static void test_garbage(void **state)
{
	uint8_t bytes[512];
	uint32_t x = 1;
	struct trail_unpacked_record r;

	(void)state;
	for (size_t round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			x = x * 1664525 + 1013904223;
			bytes[i] = x >> 24;
		}
		assert_int_equal(unpack(bytes, round * 2, &r), TRAIL_ERROR_UNSUPPORTED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	cmocka_unit_test(test_cut),
		cmocka_unit_test(test_damaged), cmocka_unit_test(test_headless),
		cmocka_unit_test(test_behind),	cmocka_unit_test(test_swelling),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
