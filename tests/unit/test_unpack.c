/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Streams of each kind: whole, in bits, cut, one behind the other, damaged, and one that swells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "packed.h"
#include "source/library.h"

#define NONE (-1)
#define TEXT_SIZE (sizeof(packed_text) - 1)

/* Built without the library?  Then the error says what to do. */
static bool is_missing(enum trail_unpack_wrapper wrapper)
{
	struct trail_unpack *unpack = NULL;
	struct trail_error *error = trail_unpack_new(wrapper, &unpack);

	trail_unpack_free(unpack);
	if (!error)
		return false;
	assert_int_equal(error->code, TRAIL_ERROR_UNSUPPORTED);
	assert_non_null(strstr(error->message, "built without lib"));
	assert_non_null(strstr(error->message, trail_unpack_command(wrapper)));
	trail_error_free(error);
	return true;
}

/*
 * Unpack @n bytes, given @in_step at a time into @out_step at a time.
 * Gives the code of the error, or NONE; *n_ret is what came out.
 */
static int unpack(enum trail_unpack_wrapper wrapper, const uint8_t *bytes, size_t n, size_t in_step,
		  size_t out_step, uint8_t *out, size_t room, size_t *n_ret)
{
	struct trail_unpack *unpack;
	struct trail_error *error = NULL;
	size_t taken = 0, done = 0, given = 0;
	bool end = false;

	assert_null(trail_unpack_new(wrapper, &unpack));
	while (!error && !end) {
		assert_true(done < room);
		given = TRAIL_MIN(TRAIL_MAX(given, taken + in_step), n);
		struct trail_unpack_io io = {
			.in = bytes + taken,
			.n_in = given - taken,
			.out = out + done,
			.n_out = TRAIL_MIN(out_step, room - done),
			.last = given == n,
		};
		error = trail_unpack(unpack, &io, &end);
		taken = io.in - bytes;
		done = io.out - out;
		assert_int_equal(taken + io.n_in, given);
	}
	trail_unpack_free(unpack);
	*n_ret = done;
	int code = error ? (int)error->code : NONE;
	trail_error_free(error);
	return code;
}

static void test_tell(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(packed); i++) {
		bool told = false;
		for (size_t n = 0; n < packed[i].n; n++) {
			enum trail_unpack_wrapper wrapper = trail_unpack_tell(packed[i].bytes, n);
			assert_true(wrapper == packed[i].wrapper ||
				    (wrapper == TRAIL_UNPACK_NONE && !told));
			told = wrapper;
			assert_true(told || n < TRAIL_UNPACK_HEAD);
		}
	}
	assert_int_equal(trail_unpack_tell("KDUMP   ", 8), TRAIL_UNPACK_NONE);
}

static void test_whole(void **state)
{
	static const size_t steps[] = { 1, 3, 4096 };

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(packed); i++)
		for (size_t s = 0; s < 9 && !is_missing(packed[i].wrapper); s++) {
			uint8_t out[4096];
			size_t n;
			assert_int_equal(unpack(packed[i].wrapper, packed[i].bytes, packed[i].n,
						steps[s / 3], steps[s % 3], out, sizeof(out), &n),
					 NONE);
			assert_int_equal(n, TEXT_SIZE);
			assert_memory_equal(out, packed_text, n);
		}
}

/* In memory of its own size, so that the sanitizer sees a read behind it. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(packed); i++)
		for (size_t cut = 0; cut < packed[i].n && !is_missing(packed[i].wrapper); cut++) {
			uint8_t out[4096], *copy = malloc(cut + !cut);
			size_t n;
			assert_non_null(copy);
			memcpy(copy, packed[i].bytes, cut);
			assert_int_equal(unpack(packed[i].wrapper, copy, cut, 4096, 4096, out,
						sizeof(out), &n),
					 TRAIL_ERROR_BAD_DATA);
			assert_true(n <= TEXT_SIZE);
			assert_memory_equal(out, packed_text, n);
			free(copy);
		}
}

/* Two streams with zeros between and behind, then with bytes of another kind. */
static void test_several(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(packed); i++)
		for (size_t step = 1; step < 4096 && !is_missing(packed[i].wrapper); step *= 7) {
			uint8_t both[2048] = { 0 }, out[4096];
			size_t n, half = packed[i].n + 12, size = 2 * half;

			memcpy(both, packed[i].bytes, packed[i].n);
			memcpy(both + half, packed[i].bytes, packed[i].n);
			assert_int_equal(unpack(packed[i].wrapper, both, size, step, 4096, out,
						sizeof(out), &n),
					 NONE);
			assert_int_equal(n, 2 * TEXT_SIZE);
			assert_memory_equal(out, packed_text, TEXT_SIZE);
			assert_memory_equal(out + TEXT_SIZE, packed_text, TEXT_SIZE);
			memset(both + size, 'x', 64);
			assert_int_equal(unpack(packed[i].wrapper, both, size + 64, step, 4096, out,
						sizeof(out), &n),
					 TRAIL_ERROR_BAD_DATA);
			assert_int_equal(n, 2 * TEXT_SIZE);
		}
}

/* Each byte changed in turn: never more than the text, and told in the end. */
static void test_damaged(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(packed); i++)
		for (size_t at = 0; at < packed[i].n && !is_missing(packed[i].wrapper); at++) {
			uint8_t copy[512], out[65536];
			size_t n;
			memcpy(copy, packed[i].bytes, packed[i].n);
			copy[at] ^= 0x10;
			int code = unpack(packed[i].wrapper, copy, packed[i].n, 4096, 4096, out,
					  sizeof(out), &n);
			/* bytes that say nothing of the data: gzip's time and system */
			if (code == NONE)
				assert_memory_equal(out, packed_text, TEXT_SIZE);
		}
}

/* A zstd frame of blocks that are one byte 131072 times, in four bytes each: RFC 8878 3.1.1.2. */
static void test_swelling(void **state)
{
	enum { BLOCKS = 9000, BLOCK = 128 * 1024 };
	static const uint8_t head[] = { 0x28, 0xb5, 0x2f, 0xfd, 0, 0x38 };
	struct trail_unpack *unpack;
	struct trail_error *error = NULL;
	uint64_t done = 0;
	bool end = false;

	(void)state;
	if (is_missing(TRAIL_UNPACK_ZSTD))
		skip();
	uint8_t *bytes = calloc(BLOCKS + 2, 4), *out = malloc(BLOCK);
	assert_non_null(bytes);
	assert_non_null(out);
	memcpy(bytes, head, sizeof(head));
	for (size_t i = 0; i < BLOCKS; i++) {
		uint32_t block = 1 << 1 | BLOCK << 3; /* not the last, of type RLE */
		for (size_t b = 0; b < 3; b++)
			bytes[sizeof(head) + 4 * i + b] = block >> 8 * b & 0xff;
	}
	struct trail_unpack_io io = { .in = bytes, .n_in = sizeof(head) + 4 * BLOCKS };
	assert_null(trail_unpack_new(TRAIL_UNPACK_ZSTD, &unpack));
	while (!error && !end) {
		io.out = out;
		io.n_out = BLOCK;
		error = trail_unpack(unpack, &io, &end);
		done += BLOCK - io.n_out;
	}
	trail_unpack_free(unpack);
	assert_false(end);
	assert_int_equal(error->code, TRAIL_ERROR_LIMIT);
	assert_non_null(strstr(error->message, "zstd -dc FILE > vmcore"));
	assert_in_range(done, UINT64_C(1) << 30, (UINT64_C(1) << 30) + 2 * BLOCK);
	trail_error_free(error);
	free(bytes);
	free(out);
}

/* A window of 2 GiB in its header: refused before memory is taken. */
static void test_memory(void **state)
{
	static const uint8_t head[] = { 0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 3, 0, 0, 0 };
	uint8_t out[64];
	size_t n;

	(void)state;
	if (is_missing(TRAIL_UNPACK_ZSTD))
		skip();
	assert_int_equal(
		unpack(TRAIL_UNPACK_ZSTD, head, sizeof(head), 4096, 64, out, sizeof(out), &n),
		TRAIL_ERROR_LIMIT);
}

/* A library that is not there, and one without the function, are said by name. */
static void test_library(void **state)
{
	const struct {
		const char *soname, *name, *said;
	} cases[] = {
		{ "libnot-there.so.9", "any", "libnot-there.so.9" },
		{ "libc.so.6", "no_such_function", "no_such_function" },
	};
	static const char *const strlen_name[] = { "strlen" };
	void *function = NULL, *library = NULL;

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(cases); i++) {
		struct trail_error *error = trail_library_open(cases[i].soname, &cases[i].name, 1,
							       &function, &library);
		assert_non_null(error);
		assert_int_equal(error->code, TRAIL_ERROR_UNSUPPORTED);
		assert_non_null(strstr(error->message, cases[i].said));
		assert_null(library);
		trail_error_free(error);
	}
	assert_null(trail_library_open("libc.so.6", strlen_name, 1, &function, &library));
	assert_non_null(function);
	trail_library_close(library);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tell),	cmocka_unit_test(test_whole),
		cmocka_unit_test(test_cut),	cmocka_unit_test(test_several),
		cmocka_unit_test(test_damaged), cmocka_unit_test(test_swelling),
		cmocka_unit_test(test_memory),	cmocka_unit_test(test_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
