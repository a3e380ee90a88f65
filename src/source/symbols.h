/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ordered symbol sources: name ⇄ address; the first that knows answers, and says who it is. */
#ifndef TRAIL_SOURCE_SYMBOLS_H
#define TRAIL_SOURCE_SYMBOLS_H

#include "base/base.h"

struct trail_error;

/** A symbol; strings are borrowed from its source. */
struct trail_symbol {
	const char *name;
	uint64_t address;
	uint64_t size;	    /* bytes up to the next symbol or of the symbol itself; 0 unknown */
	char type;	    /* letter of nm(1) */
	const char *module; /* NULL for the kernel itself */
	const char *source; /* "kallsyms", "modules" */
};

/** Told of each symbol; false ends the walk. */
typedef bool trail_symbol_fn(const struct trail_symbol *symbol, void *data);

/** One source; @self is its own data. */
struct trail_symbol_source {
	const char *name;
	void *self;
	/** First symbol of that name in @module (NULL: the kernel itself). */
	bool (*by_name)(void *self, const char *module, const char *name, struct trail_symbol *ret);
	/** The symbol that covers @address. */
	bool (*by_address)(void *self, uint64_t address, struct trail_symbol *ret);
	/** Every symbol whose name is @stem, or @stem, a dot and more: what a compiler makes of
	 * statics. */
	void (*each)(void *self, const char *stem, trail_symbol_fn *fn, void *data);
	/** Why some of it could not be read so far, borrowed; NULL when there was nothing.  NULL
	 * itself for a source that does not tell. */
	const struct trail_error *(*problem)(const void *self);
	void (*free)(void *self);
};

enum { TRAIL_SYMBOL_SOURCES = 8 };

struct trail_symbols {
	struct trail_symbol_source sources[TRAIL_SYMBOL_SOURCES];
	size_t n;
};

/** Add a source behind the others, which own it from now on; ignored (and freed) when there is no
 * room. */
void trail_symbols_add(struct trail_symbols *symbols, const struct trail_symbol_source *source);
void trail_symbols_fini(struct trail_symbols *symbols);

bool trail_symbols_by_name(const struct trail_symbols *symbols, const char *module,
			   const char *name, struct trail_symbol *ret);
bool trail_symbols_by_address(const struct trail_symbols *symbols, uint64_t address,
			      struct trail_symbol *ret);
/** The first problem of a source: with one, a symbol that is not found may still be there. */
const struct trail_error *trail_symbols_problem(const struct trail_symbols *symbols);
void trail_symbols_each(const struct trail_symbols *symbols, const char *stem, trail_symbol_fn *fn,
			void *data);

#endif
