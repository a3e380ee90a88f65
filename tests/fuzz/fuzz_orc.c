/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries, whose layout is told and held against what each decodes to. */
#include <assert.h>

#include "format/orc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = size / TRAIL_ORC_SIZE, calls = 0;
	const struct trail_orc_layout *layout = trail_orc_tell(data, n);

	for (size_t i = 0; layout && i < n; i++) {
		struct trail_orc_entry e;
		if (!trail_orc_decode(layout, data + i * TRAIL_ORC_SIZE, &e))
			continue;
		assert(e.sp_register <= TRAIL_ORC_SP_INDIRECT && e.type <= TRAIL_ORC_REGS_PARTIAL);
		calls += e.type == TRAIL_ORC_CALL;
	}
	assert(!layout || calls > n / 2);
	return 0;
}
