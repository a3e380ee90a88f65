/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libkdumpfile and what 0.5.1 of it wants to be treated like; see kdump.h. */
#include "source/kdump.h"

#include <libkdumpfile/kdumpfile.h>
#include <stdlib.h>

#include "base/error.h"
#include "source/xlat.h"

enum { CACHE_PAGES = 16 }; /* image_kdump.c keeps the pages */

struct trail_kdump {
	kdump_ctx_t *ctx;
	unsigned cache_pages;
};

bool trail_kdump_is_here(void)
{
	return true;
}

static struct trail_error *from_kdump(const struct trail_kdump *kdump, kdump_status status)
{
	static const enum trail_error_code codes[] = {
		[KDUMP_ERR_SYSTEM] = TRAIL_ERROR_OS,
		[KDUMP_ERR_NOTIMPL] = TRAIL_ERROR_UNSUPPORTED,
		[KDUMP_ERR_NODATA] = TRAIL_ERROR_NODATA,
		[KDUMP_ERR_CORRUPT] = TRAIL_ERROR_BAD_DATA,
		[KDUMP_ERR_INVALID] = TRAIL_ERROR_BAD_DATA,
		[KDUMP_ERR_NOKEY] = TRAIL_ERROR_NODATA,
		[KDUMP_ERR_EOF] = TRAIL_ERROR_BAD_DATA,
		[KDUMP_ERR_BUSY] = TRAIL_ERROR_LIMIT,
		[KDUMP_ERR_ADDRXLAT] = TRAIL_ERROR_BAD_DATA,
	};
	const char *text = kdump_get_err(kdump->ctx);

	return trail_error_format(status < TRAIL_ARRAY_SIZE(codes) ? codes[status]
								   : TRAIL_ERROR_BAD_DATA,
				  "%s", text ? text : "libkdumpfile gives no reason");
}

static bool set_number(struct trail_kdump *kdump, const char *key, kdump_num_t value)
{
	return kdump_set_number_attr(kdump->ctx, key, value) == KDUMP_OK;
}

static struct trail_error *open_files(struct trail_kdump *kdump, const int *fds, unsigned n)
{
	kdump->ctx = kdump_new();
	if (!kdump->ctx)
		return &trail_error_nomem;
	kdump->cache_pages = CACHE_PAGES;
	/* a file that is shorter than its headers say must not be SIGBUS */
	if (!set_number(kdump, "file.mmap_policy", KDUMP_MMAP_NEVER) ||
	    !set_number(kdump, "cache.size", kdump->cache_pages))
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "libkdumpfile takes no settings");
	kdump_status status = kdump_open_fdset(kdump->ctx, n, fds);
	return status == KDUMP_OK ? NULL : from_kdump(kdump, status);
}

struct trail_error *trail_kdump_open(const int *fds, unsigned n, struct trail_kdump **ret)
{
	struct trail_kdump *kdump = calloc(1, sizeof(*kdump));

	if (!kdump)
		return &trail_error_nomem;
	struct trail_error *error = open_files(kdump, fds, n);
	if (error) {
		trail_kdump_close(kdump);
		return error;
	}
	*ret = kdump;
	return NULL;
}

/*
 * Before 0.5.2 kdump_free() of a kdump-compressed file uses memory that it has
 * freed ("Run attribute cleanup hooks before deallocating attributes"); such a
 * context stays until the process ends, reachable, so that it is no leak.
 */
static void free_context(kdump_ctx_t *ctx)
{
#if KDUMPFILE_VERSION < KDUMPFILE_MKVER(0, 5, 2)
	static kdump_ctx_t *left;
	const char *format;

	if (kdump_get_string_attr(ctx, "file.format", &format) != KDUMP_OK ||
	    strcmp(format, "elf") != 0) {
		left = ctx;
		__asm__ volatile("" : : "r"(&left) : "memory"); /* keep the store */
		return;
	}
#endif
	kdump_free(ctx);
}

void trail_kdump_close(struct trail_kdump *kdump)
{
	if (!kdump)
		return;
	if (kdump->ctx)
		free_context(kdump->ctx);
	free(kdump);
}

const char *trail_kdump_arch(const struct trail_kdump *kdump)
{
	const char *arch;

	return kdump_get_string_attr(kdump->ctx, "arch.name", &arch) == KDUMP_OK ? arch : NULL;
}

bool trail_kdump_set_arch(struct trail_kdump *kdump, const char *arch)
{
	return kdump_set_string_attr(kdump->ctx, "arch.name", arch) == KDUMP_OK;
}

/*
 * libkdumpfile 0.5.1 loses the buffer of a page that could not be read, and
 * writes to NULL when its cache is full and it wants that buffer again
 * (src/kdumpfile/cache.c reinit_entry() after cache_discard()).  Another size
 * makes a new cache.
 */
static void renew_cache(struct trail_kdump *kdump)
{
	kdump->cache_pages ^= 1;
	(void)!set_number(kdump, "cache.size", kdump->cache_pages);
}

struct trail_error *trail_kdump_read(struct trail_kdump *kdump, uint64_t address, void *ret)
{
	size_t n = TRAIL_PAGE_SIZE;
	kdump_status status = kdump_read(kdump->ctx, KDUMP_MACHPHYSADDR, address, ret, &n);

	if (status == KDUMP_OK)
		return NULL;
	struct trail_error *error = from_kdump(kdump, status);
	renew_cache(kdump);
	return error;
}
