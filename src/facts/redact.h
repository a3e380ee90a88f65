/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts, and a dump's texts, that can be given away: without what tells whose machine it was. */
#ifndef TRAIL_FACTS_REDACT_H
#define TRAIL_FACTS_REDACT_H

#include "base/base.h"

struct trail_error;
struct trail_facts;

/** What is taken out; how it is called in the plural is in trail_secret_names. */
enum trail_secret {
	TRAIL_SECRET_PARAMETER, /* value of a kernel parameter */
	TRAIL_SECRET_RECORD,	/* log record that user space wrote: all of its text */
	TRAIL_SECRET_IP,
	TRAIL_SECRET_MAC,
	TRAIL_SECRET_UUID,
	TRAIL_SECRET_HOST,     /* host and domain name, user@host */
	TRAIL_SECRET_HARDWARE, /* DMI line, serial number, asset tag */
	TRAIL_SECRET_PATH,     /* of the input, as the user gave it */
	TRAIL_N_SECRETS,
};

extern const char *const trail_secret_names[TRAIL_N_SECRETS];

/** How often each was taken out. */
struct trail_redactions {
	size_t counts[TRAIL_N_SECRETS];
};

/** Told of a text of the dump: @n bytes, as many as before, that may stand at @address. */
typedef void trail_redact_fn(void *data, uint64_t address, const char *bytes, size_t n);

/**
 * Take the secrets out of the facts, in place; twice is the same as once.
 * Kept are the names of tasks, modules and functions, addresses of the
 * kernel's memory, and kernel parameters by name: the answer needs them.
 *
 * @put  told of every text of which the facts know where in the dump's memory it lies, also of
 *       one in which nothing was found; NULL for nobody
 * @ret  counts are added to what is there
 *
 * Errors: NOMEM; the facts may then be half done and must not be given away.
 */
struct trail_error *trail_facts_redact(struct trail_facts *facts, trail_redact_fn *put, void *data,
				       struct trail_redactions *ret) TRAIL_MUST_CHECK;

/**
 * Make of facts that were read of a redacted dump what redacting those of the
 * dump itself gives: what fills a place, so that it keeps its length, becomes
 * the word for it.  Errors: NOMEM.
 */
struct trail_error *trail_facts_unfill(struct trail_facts *facts) TRAIL_MUST_CHECK;

#endif
