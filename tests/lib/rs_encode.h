/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parity as ramoops writes it, by long division: nothing here is shared with the decoder that is
 * tested with it.
 */
#ifndef TESTS_LIB_RS_ENCODE_H
#define TESTS_LIB_RS_ENCODE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A product in GF(256) with polynomial 0x11d. */
static inline uint8_t rs_product(uint8_t a, uint8_t b)
{
	unsigned int sum = 0, shifted = a;

	for (; b; b >>= 1, shifted <<= 1) {
		if (shifted & 0x100)
			shifted ^= 0x11d;
		if (b & 1)
			sum ^= shifted;
	}
	return (uint8_t)sum;
}

/** The remainder of @data times x^@n_parity by (x - 1)(x - 2)(x - 4)…, highest term first. */
static inline void rs_encode(const uint8_t *data, size_t n, uint8_t *parity, size_t n_parity)
{
	uint8_t divisor[256] = { 1 }, root = 1;

	for (size_t i = 0; i < n_parity; i++, root = rs_product(root, 2))
		for (size_t j = i + 1; j > 0; j--)
			divisor[j] ^= rs_product(divisor[j - 1], root);

	memset(parity, 0, n_parity);
	for (size_t i = 0; i < n; i++) {
		uint8_t first = data[i] ^ parity[0];
		memmove(parity, parity + 1, n_parity - 1);
		parity[n_parity - 1] = 0;
		for (size_t j = 0; j < n_parity; j++)
			parity[j] ^= rs_product(first, divisor[j + 1]);
	}
}

#endif
