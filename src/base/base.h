/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every file may use: array size, cleanup and steal macros, checked
 * arithmetic.  Knows nothing of kernels.
 */
#ifndef TRAIL_BASE_BASE_H
#define TRAIL_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TRAIL_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define TRAIL_MUST_CHECK __attribute__((__warn_unused_result__))
#define TRAIL_PRINTF(fmt, args) __attribute__((__format__(__printf__, fmt, args)))

/** Run @func on the address of the variable when it goes out of scope. */
#define TRAIL_CLEANUP(func) __attribute__((__cleanup__(func)))

/** Take the value of a pointer variable out of it and leave NULL behind. */
#define TRAIL_STEAL(var)                         \
	({                                       \
		__typeof__(var) trail_v = (var); \
		(var) = NULL;                    \
		trail_v;                         \
	})

#define TRAIL_MIN(a, b) ((a) < (b) ? (a) : (b))
#define TRAIL_MAX(a, b) ((a) > (b) ? (a) : (b))

/** @a + @b and @a * @b into @ret; false, and nothing written, on overflow. */
static inline bool trail_add(uint64_t a, uint64_t b, uint64_t *ret)
{
	uint64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return false;
	*ret = sum;
	return true;
}

static inline bool trail_mul(uint64_t a, uint64_t b, uint64_t *ret)
{
	uint64_t product;

	if (__builtin_mul_overflow(a, b, &product))
		return false;
	*ret = product;
	return true;
}

static inline bool trail_streq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static inline bool trail_starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/** The same of @n bytes that may be any; do they hold @part anywhere? */
bool trail_text_starts(const char *text, size_t n, const char *with);
bool trail_text_has(const char *text, size_t n, const char *part);

/** Of ASCII, whatever the locale. */
static inline bool trail_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/** TRAIL_CLEANUP() for memory of malloc(). */
void trail_freep(void *pointer);

/** TRAIL_CLEANUP() for a file descriptor; -1 is none. */
void trail_fd_closep(int *fd);

/**
 * Read up to @n bytes, fewer only where the file ends.
 *
 * @n_ret  how many were read, also on failure
 *
 * False: errno says why it broke off.
 */
bool trail_fd_read(int fd, void *to, size_t n, size_t *n_ret) TRAIL_MUST_CHECK;

/** What stands behind the last slash of a path; borrowed from it. */
const char *trail_file_name(const char *path);

#endif
