/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many bytes of parity, then data and parity: what was corrected must be of the code. */
#include <stdlib.h>

#include "format/rs_ecc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trail_rs rs;
	uint8_t word[512];

	if (size < 2 || size - 1 > sizeof(word) || data[0] > size - 1)
		return 0;
	size_t n_parity = data[0], n = size - 1 - n_parity;
	trail_rs_init(&rs);
	memcpy(word, data + 1, size - 1);
	int wrong = trail_rs_correct(&rs, word, n, word + n, n_parity);
	if (wrong == 0 && !trail_rs_fits(&rs, word, n, word + n, n_parity))
		abort();
	if (wrong < 0 && memcmp(word, data + 1, size - 1) != 0)
		abort();
	return 0;
}
