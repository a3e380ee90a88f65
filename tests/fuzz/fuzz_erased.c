/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ERASEINFO: what was read is written as what reads the same. */
#include <stdlib.h>

#include "base/text.h"
#include "format/erased.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trail_erased_page page, again;
	struct trail_erased e, other;

	if (!trail_erased_open(data, size, &e))
		return 0;
	while (trail_erased_next(&e, &page)) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
		trail_erased_start(&text);
		trail_erased_put(&text, page.page, page.map);
		if (!trail_erased_open(text.data, text.length, &other) ||
		    !trail_erased_next(&other, &again) || memcmp(&page, &again, sizeof(page)) != 0)
			abort();
	}
	return 0;
}
