/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reed-Solomon: a word of a public standard with the same code, and blocks whose parity is made
 * here by division, with as many errors as can be corrected and with more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/rs_encode.h"
#include "format/rs_ecc.h"

/* The QR code of "HELLO WORLD", version 1-M: its data, then its error correction words. */
static const uint8_t hello[26] = { 32, 91,  11, 120, 209, 114, 220, 77,	 67,  64,  236, 17, 236,
				   17, 236, 17, 196, 35,  39,  119, 235, 215, 231, 226, 93, 23 };

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void test_standard_word(void **state)
{
	struct trail_rs rs;
	uint8_t parity[10], data[16];

	(void)state;
	trail_rs_init(&rs);
	assert_true(trail_rs_fits(&rs, hello, 16, hello + 16, 10));
	rs_encode(hello, 16, parity, 10);
	assert_memory_equal(parity, hello + 16, 10);

	memcpy(data, hello, 16);
	data[0] ^= 1;
	data[3] = 0;
	data[15] = 0xff;
	parity[0] ^= 0x80;
	parity[9] ^= 0x0f;
	assert_false(trail_rs_fits(&rs, data, 16, parity, 10));
	assert_int_equal(trail_rs_correct(&rs, data, 16, parity, 10), 5);
	assert_memory_equal(data, hello, 16);
}

/* Change @n_errors bytes of a block, each once. */
static void damage(uint8_t *block, size_t n, size_t n_errors, uint32_t *random)
{
	bool hit[TRAIL_RS_MAX_BLOCK] = { false };

	while (n_errors > 0) {
		size_t at = next_random(random) % n;
		if (hit[at])
			continue;
		hit[at] = true;
		block[at] ^= (uint8_t)(1 + next_random(random) % 255);
		n_errors--;
	}
}

static void test_errors(void **state)
{
	static const struct {
		size_t n, n_parity;
	} rows[] = { { 128, 16 }, { 12, 16 }, { 128, 1 },   { 1, 2 },	{ 5, 3 },
		     { 128, 64 }, { 50, 7 },  { 128, 127 }, { 1, 254 }, { 254, 1 } };
	struct trail_rs rs;
	uint32_t random = 1;

	(void)state;
	trail_rs_init(&rs);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		size_t n = rows[i].n, n_parity = rows[i].n_parity;
		for (size_t errors = 0; errors <= n_parity / 2; errors++) {
			uint8_t good[TRAIL_RS_MAX_BLOCK], bad[TRAIL_RS_MAX_BLOCK];
			for (size_t j = 0; j < n; j++)
				good[j] = (uint8_t)next_random(&random);
			rs_encode(good, n, good + n, n_parity);
			memcpy(bad, good, n + n_parity);
			damage(bad, n + n_parity, errors, &random);
			assert_int_equal(trail_rs_correct(&rs, bad, n, bad + n, n_parity), errors);
			assert_memory_equal(bad, good, n);
		}
	}
}

static void test_too_many(void **state)
{
	struct trail_rs rs;
	uint32_t random = 7;
	size_t refused = 0;

	(void)state;
	trail_rs_init(&rs);
	for (size_t i = 0; i < 1000; i++) {
		uint8_t good[144] = { 0 }, bad[144], kept[144];
		rs_encode(good, 128, good + 128, 16);
		memcpy(bad, good, sizeof(bad));
		damage(bad, sizeof(bad), 9 + i % 40, &random);
		memcpy(kept, bad, sizeof(bad));
		int outcome = trail_rs_correct(&rs, bad, 128, bad + 128, 16);
		if (outcome < 0)
			assert_memory_equal(bad, kept, sizeof(bad));
		refused += outcome < 0;
	}
	/* some words with many errors lie close to another word of the code: 1 in 8! of them */
	assert_true(refused >= 998);
}

static void test_impossible(void **state)
{
	struct trail_rs rs;
	uint8_t bytes[TRAIL_RS_MAX_BLOCK + 1] = { 0 };

	(void)state;
	trail_rs_init(&rs);
	assert_int_equal(trail_rs_correct(&rs, bytes, 0, bytes, 16), -1);
	assert_int_equal(trail_rs_correct(&rs, bytes, 16, bytes, 0), -1);
	assert_int_equal(trail_rs_correct(&rs, bytes, 128, bytes, 128), -1);
	assert_int_equal(trail_rs_correct(&rs, bytes, 1, bytes, 255), -1);
	assert_false(trail_rs_fits(&rs, bytes, 128, bytes, 128));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_standard_word),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
