/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chain of sources of unwind rows; see cfi.h. */
#include "source/cfi.h"

#include "base/error.h"

void trail_cfi_add(struct trail_cfi *cfi, const struct trail_cfi_source *source)
{
	if (cfi->n < TRAIL_CFI_SOURCES)
		cfi->sources[cfi->n++] = *source;
	else
		source->free(source->self);
}

void trail_cfi_fini(struct trail_cfi *cfi)
{
	while (cfi->n) {
		struct trail_cfi_source *s = &cfi->sources[--cfi->n];
		s->free(s->self);
	}
}

struct trail_error *trail_cfi_row(const struct trail_cfi *cfi, uint64_t ip,
				  struct trail_orc_entry *ret)
{
	for (size_t i = 0; i < cfi->n; i++) {
		struct trail_error *error = cfi->sources[i].row(cfi->sources[i].self, ip, ret);
		if (!trail_error_catch(&error, TRAIL_ERROR_ABSENT))
			return error;
	}
	return &trail_error_absent;
}
