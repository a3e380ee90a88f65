/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ordered type sources: where a member of a struct lies. */
#ifndef TRAIL_SOURCE_TYPES_H
#define TRAIL_SOURCE_TYPES_H

#include "format/btf.h"

/** One source; @self is its own data. */
struct trail_type_source {
	const char *name;
	void *self;
	bool (*member)(void *self, const char *type, const char *path, struct trail_member *ret);
	bool (*size)(void *self, const char *type, uint64_t *ret);
	/** Why some of it could not be read so far, borrowed; NULL when there was nothing. */
	const struct trail_error *(*problem)(const void *self);
	void (*free)(void *self);
};

enum { TRAIL_TYPE_SOURCES = 4 };

struct trail_types {
	struct trail_type_source sources[TRAIL_TYPE_SOURCES];
	size_t n;
};

/** Add a source behind the others, which own it from now on; ignored (and freed) when there is no
 * room. */
void trail_types_add(struct trail_types *types, const struct trail_type_source *source);
void trail_types_fini(struct trail_types *types);

/** As trail_btf_member(): the first source that knows answers. */
bool trail_types_member(const struct trail_types *types, const char *type, const char *path,
			struct trail_member *ret);
/** The first problem of a source: with one, a member that is not found may still be there. */
const struct trail_error *trail_types_problem(const struct trail_types *types);
bool trail_types_size(const struct trail_types *types, const char *type, uint64_t *ret);

#endif
