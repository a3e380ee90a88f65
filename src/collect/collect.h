/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fill the facts from a kernel: readers in table order; what fails becomes a gap. */
#ifndef TRAIL_COLLECT_COLLECT_H
#define TRAIL_COLLECT_COLLECT_H

#include "base/base.h"
#include "facts/facts.h"

struct trail_error;
struct trail_image;
struct trail_kernel;
struct trail_profile_store;

/**
 * Read all facts of a dump.
 *
 * @image  borrowed; after its deadline every reader ends with a gap
 * @store  where profiles of kernels are kept; borrowed
 * @facts  new and empty; filled as far as can be
 *
 * Errors: NOMEM, UNSUPPORTED (an architecture that is not read).
 */
struct trail_error *trail_collect(struct trail_image *image, struct trail_profile_store *store,
				  struct trail_facts *facts) TRAIL_MUST_CHECK;

/** Reads more of a kernel when all else is read, into the same facts.  Errors: NOMEM. */
typedef struct trail_error *trail_collect_more_fn(void *data, struct trail_kernel *kernel,
						  struct trail_facts *facts);

/** The same, and then what @more reads; NULL: nothing. */
struct trail_error *trail_collect_more(struct trail_image *image, struct trail_profile_store *store,
				       struct trail_facts *facts, trail_collect_more_fn *more,
				       void *data) TRAIL_MUST_CHECK;

/*
 * The readers; each fills its part of the facts.  What could not be read of
 * that part is a gap that the reader adds itself; an error it gives becomes
 * the gap of the whole part.
 */
struct trail_error *trail_read_identity(struct trail_kernel *kernel, struct trail_facts *facts);
struct trail_error *trail_read_scalars(struct trail_kernel *kernel, struct trail_facts *facts);
struct trail_error *trail_read_log(struct trail_kernel *kernel, struct trail_facts *facts);
struct trail_error *trail_read_waiting(struct trail_kernel *kernel, struct trail_facts *facts);
struct trail_error *trail_read_modules(struct trail_kernel *kernel, struct trail_facts *facts);
struct trail_error *trail_read_cpus(struct trail_kernel *kernel, struct trail_facts *facts);
struct trail_error *trail_read_notifiers(struct trail_kernel *kernel, struct trail_facts *facts);
struct trail_error *trail_read_dumpers(struct trail_kernel *kernel, struct trail_facts *facts);
struct trail_error *trail_read_consoles(struct trail_kernel *kernel, struct trail_facts *facts);
struct trail_error *trail_read_filter(struct trail_kernel *kernel, struct trail_facts *facts);

/** The task that a CPU was running.  Errors: ABSENT, NODATA, BAD_DATA. */
struct trail_error *trail_find_current(struct trail_kernel *kernel, unsigned cpu,
				       uint64_t *ret) TRAIL_MUST_CHECK;

/** The state that an error of reading stands for. */
enum trail_presence trail_presence_of(const struct trail_error *error);

/** Add a gap from an error, which is freed; NOMEM is given back. */
struct trail_error *trail_gap_from(struct trail_facts *facts, struct trail_error *error,
				   const char *format, ...) TRAIL_PRINTF(3, 4);

/** A copy in the facts' pool; NULL for NULL or when memory runs out. */
const char *trail_facts_copy(struct trail_facts *facts, const char *s);

#endif
