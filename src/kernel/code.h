/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel's own instructions say: which function a call before a
 * return address goes to, what is called next, what a callback can return.
 */
#ifndef TRAIL_KERNEL_CODE_H
#define TRAIL_KERNEL_CODE_H

#include "base/base.h"

struct trail_error;
struct trail_kernel;

/** How a function can end; see trail_code_returns(). */
enum trail_code_returns {
	TRAIL_CODE_RETURNS_UNKNOWN,
	TRAIL_CODE_RETURNS_OTHER, /* no constant that has a bit of the mask */
	TRAIL_CODE_RETURNS_MAYBE, /* such a constant is among them */
	TRAIL_CODE_RETURNS_MASK,  /* every return gives such a constant */
};

/**
 * The target of the direct call that ends at @address.
 * False when there is none: an indirect call, or bytes that are not in the dump.
 */
bool trail_code_call_before(struct trail_kernel *kernel, uint64_t address, uint64_t *target_ret);

/** Does any call, direct or indirect, end at @address? */
bool trail_code_is_return_address(struct trail_kernel *kernel, uint64_t address);

enum { TRAIL_CODE_NEXT_MAX = 8 };

/**
 * Which of @wanted the code calls first, on every path from @address to the
 * end of its function.
 *
 * @wanted    addresses of functions
 * @next_ret  those that are first on some path, in the order of @wanted, at most
 * TRAIL_CODE_NEXT_MAX
 *
 * @n_ret     their number
 *
 * False when the code cannot be followed: it is not in the dump, or goes through tables.
 */
bool trail_code_calls_next(struct trail_kernel *kernel, uint64_t address, const uint64_t *wanted,
			   size_t n_wanted, uint64_t *next_ret, size_t *n_ret);

/** Does the function that covers @function call one of @wanted directly?  False when it cannot be
 * read. */
bool trail_code_calls(struct trail_kernel *kernel, uint64_t function, const uint64_t *wanted,
		      size_t n_wanted, bool *ret);

/** What the function at @address returns, as far as constants tell. @mask as NOTIFY_STOP_MASK. */
enum trail_code_returns trail_code_returns(struct trail_kernel *kernel, uint64_t address,
					   uint32_t mask);

/**
 * The memory that the first compare in a function looks at, relative to the
 * instruction pointer: how a static variable is told from its namesakes.
 * False when there is none.
 */
bool trail_code_first_compare(struct trail_kernel *kernel, uint64_t address, uint64_t *memory_ret);

#endif
