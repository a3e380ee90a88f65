/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256, FIPS 180-4: to name what was read, not to keep a secret. */
#ifndef TRAIL_BASE_SHA256_H
#define TRAIL_BASE_SHA256_H

#include "base/base.h"

enum { TRAIL_SHA256_HEX = 64 + 1 }; /* its digits and a NUL */

struct trail_sha256 {
	uint32_t state[8];
	uint8_t block[64]; /* that is not full yet */
	uint64_t n;	   /* bytes so far */
};

void trail_sha256_init(struct trail_sha256 *sha);
void trail_sha256_add(struct trail_sha256 *sha, const void *bytes, size_t n);

/** The digest in lower-case hex; @sha is used up. */
void trail_sha256_hex(struct trail_sha256 *sha, char ret[TRAIL_SHA256_HEX]);

#endif
