/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Reed-Solomon code that ramoops guards its zones with: bytes over GF(256), polynomial 0x11d,
 * first root 0, primitive element 1.  A block's parity stands apart from its data.
 *
 * Source: Linux fs/pstore/ram_core.c persistent_ram_init_ecc(), lib/reed_solomon.
 */
#ifndef TRAIL_FORMAT_RS_ECC_H
#define TRAIL_FORMAT_RS_ECC_H

#include "base/base.h"

/** Data and parity of one block together, bytes. */
enum { TRAIL_RS_MAX_BLOCK = 255 };

struct trail_rs {
	uint8_t power[510]; /* of 2, twice around */
	uint8_t log[256];   /* of what is not 0 */
};

void trail_rs_init(struct trail_rs *rs);

/** Do data and parity belong together, with no byte changed? */
bool trail_rs_fits(const struct trail_rs *rs, const uint8_t *data, size_t n, const uint8_t *parity,
		   size_t n_parity);

/**
 * Correct a block's data in place; @parity is left as it is.
 *
 * Gives how many bytes of data and parity were wrong, at most half of @n_parity; -1, and nothing
 * changed, when there are more, or no such block can be.
 */
int trail_rs_correct(const struct trail_rs *rs, uint8_t *data, size_t n, const uint8_t *parity,
		     size_t n_parity);

#endif
