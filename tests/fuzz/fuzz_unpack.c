/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unpacks what a wrapper's first bytes announce, in steps of sizes that do not fit. */
#include "base/error.h"
#include "source/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum trail_unpack_wrapper wrapper = trail_unpack_tell(data, size);
	struct trail_unpack *unpack = NULL;
	struct trail_error *error = wrapper ? trail_unpack_new(wrapper, &unpack) : NULL;
	struct trail_unpack_io io = { .in = data };
	static uint8_t out[61000];
	size_t given = 0;
	bool end = false;

	for (int steps = 0; unpack && !error && !end && steps < 1000; steps++) {
		given = TRAIL_MIN(given + 777, size);
		io.n_in = given - (size_t)(io.in - data);
		io.last = given == size;
		io.out = out;
		io.n_out = 1 + (size_t)steps * 61 % sizeof(out);
		error = trail_unpack(unpack, &io, &end);
	}
	trail_error_free(error);
	trail_unpack_free(unpack);
	return 0;
}
