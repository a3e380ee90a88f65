/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text without what tells whose machine it is of: found by how it looks. */
#ifndef TRAIL_FACTS_SCRUB_H
#define TRAIL_FACTS_SCRUB_H

#include "base/base.h"
#include "facts/redact.h"

struct trail_text;

/** What stands where something was taken out; it holds nothing to take out again. */
#define TRAIL_REDACTED "<redacted>"

/** Append the text without network addresses, UUIDs, host names, hardware's names and numbers. */
void trail_scrub(const char *bytes, size_t n, struct trail_text *out,
		 struct trail_redactions *redactions);

/**
 * Append a kernel command line without the values of its parameters, but those
 * of a table that tells which are harmless and needed.
 *
 * @each  called with each "key=value" that was taken out; may be NULL
 */
void trail_scrub_parameters(const char *bytes, size_t n, struct trail_text *out,
			    struct trail_redactions *redactions,
			    void (*each)(void *data, const char *bytes, size_t n), void *data);

#endif
