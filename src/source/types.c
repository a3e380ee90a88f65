/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chain of type sources; see types.h. */
#include "source/types.h"

void trail_types_add(struct trail_types *types, const struct trail_type_source *source)
{
	if (types->n < TRAIL_TYPE_SOURCES)
		types->sources[types->n++] = *source;
	else
		source->free(source->self);
}

void trail_types_fini(struct trail_types *types)
{
	while (types->n) {
		struct trail_type_source *s = &types->sources[--types->n];
		s->free(s->self);
	}
}

bool trail_types_member(const struct trail_types *types, const char *type, const char *path,
			struct trail_member *ret)
{
	for (size_t i = 0; i < types->n; i++)
		if (types->sources[i].member(types->sources[i].self, type, path, ret))
			return true;
	return false;
}

bool trail_types_size(const struct trail_types *types, const char *type, uint64_t *ret)
{
	for (size_t i = 0; i < types->n; i++)
		if (types->sources[i].size(types->sources[i].self, type, ret))
			return true;
	return false;
}

const struct trail_error *trail_types_problem(const struct trail_types *types)
{
	for (size_t i = 0; i < types->n; i++) {
		const struct trail_error *problem = types->sources[i].problem(
			types->sources[i].self);
		if (problem)
			return problem;
	}
	return NULL;
}
