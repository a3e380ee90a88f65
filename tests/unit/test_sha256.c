/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The examples of NIST for SHA-256, whole and in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/sha256.h"

/* NIST, "Cryptographic Standards and Guidelines: Examples with Intermediate Values", SHA256.pdf
 * and SHA2_Additional.pdf; the last one is of FIPS 180-2, B.3. */
static const struct {
	const char *text;
	size_t times;
	const char *hex;
} rows[] = {
	{ "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "\xbd", 1, "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
	  "lmnopqrsmnopqrstnopqrstu",
	  1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	{ "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

static void check(const char *text, size_t times, size_t step, const char *wanted)
{
	size_t n = strlen(text);
	struct trail_sha256 sha;
	char hex[TRAIL_SHA256_HEX];

	trail_sha256_init(&sha);
	for (size_t i = 0; i < times; i++)
		for (size_t at = 0; at < n; at += step)
			trail_sha256_add(&sha, text + at, TRAIL_MIN(step, n - at));
	trail_sha256_hex(&sha, hex);
	assert_string_equal(hex, wanted);
}

static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++)
		for (size_t step = 1; step < 130; step += 3)
			if (step == 1 || rows[i].times == 1)
				check(rows[i].text, rows[i].times, step, rows[i].hex);
}

/* Lengths around the end of a block, of zeros (SHA2_Additional.pdf has 55 to 64 of them). */
static void test_ends(void **state)
{
	(void)state;
	static const struct {
		size_t n;
		const char *hex;
	} ends[] = {
		{ 55, "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7" },
		{ 56, "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb" },
		{ 57, "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785" },
		{ 64, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b" },
	};
	static const uint8_t zeros[64];

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(ends); i++) {
		struct trail_sha256 sha;
		char hex[TRAIL_SHA256_HEX];

		trail_sha256_init(&sha);
		trail_sha256_add(&sha, zeros, ends[i].n);
		trail_sha256_hex(&sha, hex);
		assert_string_equal(hex, ends[i].hex);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
