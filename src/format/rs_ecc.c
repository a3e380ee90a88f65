/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reed-Solomon over bytes; see rs_ecc.h for the code.  Syndromes, Berlekamp and Massey's shift
 * register for where the errors are, Forney's formula for what they are; what came out is a
 * correction only when it makes a code word.
 */
#include "format/rs_ecc.h"

#define FIELD 0x11d
#define ORDER 255 /* of the field's multiplicative group */

void trail_rs_init(struct trail_rs *rs)
{
	unsigned int value = 1;

	*rs = (struct trail_rs){ 0 };
	for (unsigned int i = 0; i < ORDER; i++) {
		rs->power[i] = rs->power[i + ORDER] = (uint8_t)value;
		rs->log[value] = (uint8_t)i;
		value <<= 1;
		if (value & 0x100)
			value ^= FIELD;
	}
}

static uint8_t mul(const struct trail_rs *rs, uint8_t a, uint8_t b)
{
	return a && b ? rs->power[rs->log[a] + rs->log[b]] : 0;
}

static uint8_t divide(const struct trail_rs *rs, uint8_t a, uint8_t b)
{
	return a ? rs->power[rs->log[a] + ORDER - rs->log[b]] : 0;
}

/* A polynomial, lowest coefficient first, at 2 to the power of @at. */
static uint8_t value_at(const struct trail_rs *rs, const uint8_t *poly, size_t n, unsigned int at)
{
	uint8_t sum = 0;

	for (size_t i = n; i-- > 0;)
		sum = mul(rs, sum, rs->power[at]) ^ poly[i];
	return sum;
}

static bool possible(size_t n, size_t n_parity)
{
	return n > 0 && n_parity > 0 && n_parity < TRAIL_RS_MAX_BLOCK &&
	       n <= TRAIL_RS_MAX_BLOCK - n_parity;
}

/* The word, highest coefficient first, at one of the code's roots. */
static uint8_t syndrome_at(const struct trail_rs *rs, const uint8_t *word, size_t n, size_t root)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = mul(rs, sum, rs->power[root]) ^ word[i];
	return sum;
}

/* All zero where the word is one of the code. */
static bool syndromes(const struct trail_rs *rs, const uint8_t *word, size_t n, size_t n_parity,
		      uint8_t *syndrome)
{
	uint8_t any = 0;

	for (size_t i = 0; i < n_parity; i++) {
		syndrome[i] = syndrome_at(rs, word, n, i);
		any |= syndrome[i];
	}
	return any == 0;
}

bool trail_rs_fits(const struct trail_rs *rs, const uint8_t *data, size_t n, const uint8_t *parity,
		   size_t n_parity)
{
	uint8_t word[TRAIL_RS_MAX_BLOCK];

	if (!possible(n, n_parity))
		return false;
	memcpy(word, data, n);
	memcpy(word + n, parity, n_parity);
	for (size_t i = 0; i < n_parity; i++)
		if (syndrome_at(rs, word, n + n_parity, i) != 0)
			return false;
	return true;
}

/* The shortest shift register that makes the syndromes; gives its length. */
static size_t locate(const struct trail_rs *rs, const uint8_t *syndrome, size_t n, uint8_t *locator)
{
	uint8_t before[TRAIL_RS_MAX_BLOCK + 1] = { 1 }, kept[TRAIL_RS_MAX_BLOCK + 1];
	size_t length = 0, since = 1;
	uint8_t last = 1;

	memset(locator, 0, n + 1);
	locator[0] = 1;
	for (size_t i = 0; i < n; i++, since++) {
		uint8_t off = syndrome[i];
		for (size_t j = 1; j <= length; j++)
			off ^= mul(rs, locator[j], syndrome[i - j]);
		if (!off)
			continue;
		memcpy(kept, locator, n + 1);
		uint8_t factor = divide(rs, off, last);
		for (size_t j = since; j <= n; j++)
			locator[j] ^= mul(rs, factor, before[j - since]);
		if (2 * length > i)
			continue;
		length = i + 1 - length;
		memcpy(before, kept, n + 1);
		last = off;
		since = 0;
	}
	return length;
}

/* Change the bytes that the locator names; gives how many that are. */
static size_t repair(const struct trail_rs *rs, const uint8_t *syndrome, size_t n_parity,
		     const uint8_t *locator, size_t n_errors, uint8_t *word, size_t n)
{
	uint8_t amount[TRAIL_RS_MAX_BLOCK] = { 0 }, slope[TRAIL_RS_MAX_BLOCK] = { 0 };
	size_t n_found = 0;

	/* syndromes times locator, modulo x to the power of n_parity */
	for (size_t i = 0; i < n_parity; i++)
		for (size_t j = 0; j <= i && j <= n_errors; j++)
			amount[i] ^= mul(rs, locator[j], syndrome[i - j]);
	/* the formal derivative: in characteristic 2 the odd terms stay */
	for (size_t i = 1; i <= n_errors; i += 2)
		slope[i - 1] = locator[i];

	for (size_t i = 0; i < n; i++) {
		unsigned int inverse = (unsigned int)(ORDER - i) % ORDER;
		if (value_at(rs, locator, n_errors + 1, inverse) != 0)
			continue;
		uint8_t below = value_at(rs, slope, n_errors + 1, inverse);
		if (!below)
			return 0;
		uint8_t above = mul(rs, rs->power[i], value_at(rs, amount, n_parity, inverse));
		word[n - 1 - i] ^= divide(rs, above, below);
		n_found++;
	}
	return n_found;
}

int trail_rs_correct(const struct trail_rs *rs, uint8_t *data, size_t n, const uint8_t *parity,
		     size_t n_parity)
{
	uint8_t word[TRAIL_RS_MAX_BLOCK], syndrome[TRAIL_RS_MAX_BLOCK];
	uint8_t locator[TRAIL_RS_MAX_BLOCK + 1];

	if (!possible(n, n_parity))
		return -1;
	memcpy(word, data, n);
	memcpy(word + n, parity, n_parity);
	if (syndromes(rs, word, n + n_parity, n_parity, syndrome))
		return 0;

	size_t n_errors = locate(rs, syndrome, n_parity, locator);
	if (n_errors == 0 || n_errors > n_parity / 2)
		return -1;
	if (repair(rs, syndrome, n_parity, locator, n_errors, word, n + n_parity) != n_errors)
		return -1;
	if (!syndromes(rs, word, n + n_parity, n_parity, syndrome))
		return -1;
	memcpy(data, word, n);
	return (int)n_errors;
}
