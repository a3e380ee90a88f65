/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 after FIPS 180-4, whose sections and letters are named; see sha256.h. */
#include "base/sha256.h"

#include <stdio.h>

/* clang-format off */
/* 4.2.2: of the cube roots of the first 64 primes, the first 32 bits behind the point. */
static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* 5.3.3: the same of the square roots of the first eight. */
static const uint32_t start[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};
/* clang-format on */

static uint32_t turn(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

/* 6.2.2, step 1: the message schedule. */
static void schedule(const uint8_t *block, uint32_t w[64])
{
	for (int t = 0; t < 16; t++)
		w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
		       (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (int t = 16; t < 64; t++) {
		uint32_t x = w[t - 15], y = w[t - 2];

		w[t] = (turn(y, 17) ^ turn(y, 19) ^ y >> 10) + w[t - 7] +
		       (turn(x, 7) ^ turn(x, 18) ^ x >> 3) + w[t - 16];
	}
}

static void add_block(struct trail_sha256 *sha, const uint8_t *block)
{
	uint32_t w[64], v[8]; /* v: a to h */

	schedule(block, w);
	memcpy(v, sha->state, sizeof(v));
	for (int t = 0; t < 64; t++) {
		uint32_t a = v[0], e = v[4];
		uint32_t t1 = v[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) +
			      ((e & v[5]) ^ (~e & v[6])) + constants[t] + w[t];
		uint32_t t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) +
			      ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		memmove(&v[1], &v[0], 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		sha->state[i] += v[i];
}

void trail_sha256_init(struct trail_sha256 *sha)
{
	memcpy(sha->state, start, sizeof(start));
	sha->n = 0;
}

void trail_sha256_add(struct trail_sha256 *sha, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n) {
		size_t used = sha->n % 64, part = TRAIL_MIN(64 - used, n);

		memcpy(sha->block + used, p, part);
		sha->n += part;
		p += part;
		n -= part;
		if (used + part == 64)
			add_block(sha, sha->block);
	}
}

void trail_sha256_hex(struct trail_sha256 *sha, char ret[TRAIL_SHA256_HEX])
{
	static const uint8_t padding[64] = { 0x80 }; /* 5.1.1 */
	uint64_t bits = sha->n * 8;
	size_t used = sha->n % 64;
	uint8_t length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	trail_sha256_add(sha, padding, used < 56 ? 56 - used : 120 - used);
	trail_sha256_add(sha, length, sizeof(length));
	for (int i = 0; i < 8; i++)
		snprintf(ret + 8 * i, 9, "%08x", sha->state[i]);
}
