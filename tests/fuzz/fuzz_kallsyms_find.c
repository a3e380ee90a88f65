/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel memory in front of its end: whatever is in it, what is found lies inside. */
#include <assert.h>

#include "base/error.h"
#include "format/kallsyms_find.h"

#define START UINT64_C(0xffffffff81000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	const uint8_t *data;
	size_t size;
};

static struct trail_error *read_memory(void *data, uint64_t address, void *to, size_t n, bool look)
{
	const struct memory *m = data;

	(void)look;
	if (address - START > m->size || n > m->size - (address - START))
		return &trail_error_absent;
	memcpy(to, m->data + (address - START), n);
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory m = { data, size };
	const struct trail_kallsyms_known known = { "a", START + 0x1000 };
	const struct trail_kallsyms_memory memory = { START, START + size, read_memory, &m, &known,
						      1,     false };
	struct trail_kallsyms_sections t;
	struct trail_error *error = trail_kallsyms_find(&memory, &t);

	if (!error) {
		assert(t.n && t.names < t.markers && t.markers < t.tokens && t.tokens < t.index);
		assert(t.index + 512 - START <= size && t.slots - START < size);
	}
	trail_error_free(error);
	return 0;
}
