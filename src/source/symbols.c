/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chain of symbol sources; see symbols.h. */
#include "source/symbols.h"

void trail_symbols_add(struct trail_symbols *symbols, const struct trail_symbol_source *source)
{
	if (symbols->n < TRAIL_SYMBOL_SOURCES)
		symbols->sources[symbols->n++] = *source;
	else
		source->free(source->self);
}

void trail_symbols_fini(struct trail_symbols *symbols)
{
	while (symbols->n) {
		struct trail_symbol_source *s = &symbols->sources[--symbols->n];
		s->free(s->self);
	}
}

bool trail_symbols_by_name(const struct trail_symbols *symbols, const char *module,
			   const char *name, struct trail_symbol *ret)
{
	for (size_t i = 0; i < symbols->n; i++) {
		const struct trail_symbol_source *s = &symbols->sources[i];
		if (s->by_name(s->self, module, name, ret))
			return true;
	}
	return false;
}

bool trail_symbols_by_address(const struct trail_symbols *symbols, uint64_t address,
			      struct trail_symbol *ret)
{
	for (size_t i = 0; i < symbols->n; i++) {
		const struct trail_symbol_source *s = &symbols->sources[i];
		if (s->by_address(s->self, address, ret))
			return true;
	}
	return false;
}

void trail_symbols_each(const struct trail_symbols *symbols, const char *stem, trail_symbol_fn *fn,
			void *data)
{
	for (size_t i = 0; i < symbols->n; i++)
		symbols->sources[i].each(symbols->sources[i].self, stem, fn, data);
}

const struct trail_error *trail_symbols_problem(const struct trail_symbols *symbols)
{
	for (size_t i = 0; i < symbols->n; i++) {
		const struct trail_symbol_source *s = &symbols->sources[i];
		const struct trail_error *problem = s->problem ? s->problem(s->self) : NULL;
		if (problem)
			return problem;
	}
	return NULL;
}
