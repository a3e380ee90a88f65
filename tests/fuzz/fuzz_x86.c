/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions one after the other; each has 1 to 15 bytes, all of them there. */
#include <assert.h>

#include "format/x86.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trail_x86_insn insn, again;

	for (size_t at = 0; at < size;) {
		if (!trail_x86_decode(data + at, size - at, 0xffffffff81000000 + at, &insn)) {
			at++;
			continue;
		}
		assert(insn.length && insn.length <= TRAIL_X86_MAX && insn.length <= size - at);
		assert(trail_x86_decode(data + at, insn.length, 0, &again) &&
		       again.length == insn.length);
		assert(!trail_x86_decode(data + at, insn.length - 1, 0, &again));
		at += insn.length;
	}
	return 0;
}
