/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page of lines; what is found must lie inside it. */
#include <assert.h>

#include "format/vmcoreinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const keys[] = { "OSRELEASE", "CRASHTIME", "",
					    "A",	 "SYMBOL(x)", "NUMBER(x)" };
	const struct trail_vmcoreinfo info = { (const char *)data, size };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(keys); i++) {
		size_t length = 0;
		uint64_t value;
		const char *text = trail_vmcoreinfo_text(&info, keys[i], &length);
		assert(!text || (text > info.text && length <= (size_t)(info.text + size - text)));
		assert(!trail_vmcoreinfo_plain(&info, keys[i], 0, &value) || length);
	}
	uint64_t value;
	(void)!trail_vmcoreinfo_number(&info, "SYMBOL", "x", &value);
	(void)!trail_vmcoreinfo_number(&info, "NUMBER", "x", &value);
	return 0;
}
