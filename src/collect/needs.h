/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which scalars are asked of a kernel, and where each is found. */
#ifndef TRAIL_COLLECT_NEEDS_H
#define TRAIL_COLLECT_NEEDS_H

#include "base/base.h"

/** How the address of a need is found. */
enum trail_need_how {
	TRAIL_NEED_VARIABLE, /* the symbol itself */
	TRAIL_NEED_COMPARED, /* a static that shares its name: what the first compare in function
				`symbol` looks at */
	TRAIL_NEED_EXISTS,   /* 1 when any of the symbols exists, else 0 */
	TRAIL_NEED_CALLS,    /* 1 when panic() or vpanic() calls any of the symbols, else 0 */
};

/** One scalar fact. */
struct trail_need {
	const char *name;   /* of the fact */
	const char *symbol; /* NULL: the same as the name; for EXISTS and CALLS, names with spaces
			       between */
	enum trail_need_how how;
	const char
		*module; /* where it is when built as a module; NULL: only in the kernel itself */
	uint8_t width;	 /* bytes of the variable */
	bool is_signed;
	uint64_t max; /* a greater one is damage; 0: any may be right; of one byte: 1, it is a bool
		       */
	const char *source; /* kernel file, since when */
};

/** The table; ends with a row without a name. */
extern const struct trail_need trail_needs[];

/** Functions of the panic path that the code behind a return address is searched for. */
extern const char *const trail_panic_calls[];
extern const size_t trail_n_panic_calls;

#endif
