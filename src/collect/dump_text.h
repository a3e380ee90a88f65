/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One dump of pstore whose parts are known → a text in the facts. */
#ifndef TRAIL_COLLECT_DUMP_TEXT_H
#define TRAIL_COLLECT_DUMP_TEXT_H

#include "collect/dumps.h"

/** The parts of one dump. */
struct trail_dump {
	struct trail_record_part **parts; /* ascending by number, one of each; at least one */
	size_t n;
	struct trail_record_part **repeated; /* each holds what one of the others does */
	size_t n_repeated;
	const char *reason;
	uint32_t count;
	size_t order; /* of its first part among all that were given */
};

/**
 * Add a dump's text, and a gap where something of it is lost.
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_dump_text(const struct trail_dump *dump, const char *path,
				    struct trail_facts *facts) TRAIL_MUST_CHECK;

#endif
