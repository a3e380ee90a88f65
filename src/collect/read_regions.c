/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw regions → records of pstore → texts: what a bootloader, a hypervisor or a person copied out
 * of memory or flash.  Which kind it is, is told by content.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/pool.h"
#include "collect/texts.h"
#include "format/efivar.h"
#include "format/erst.h"
#include "format/nvram.h"
#include "format/pstore_zone.h"
#include "format/ramoops.h"

/* More than any such region has; of a larger file, the start. */
enum { REGION_MAX = 64 << 20 };

/*
 * The kinds of region, in the order they are tried: a dmesg zone of pstore/zone has the signature
 * of ramoops, so that one goes first.  A new kind is a row here; unit/test_regions.c reads one of
 * each.
 */
static const struct {
	const char *name; /* in gaps */
	bool (*is)(const uint8_t *bytes, size_t n, uint64_t size);
	struct trail_error *(*read)(const uint8_t *bytes, size_t n, struct trail_pool *pool,
				    struct trail_region *ret);
} kinds[] = {
	/* clang-format off */
	{ "ERST store", trail_erst_is, trail_erst_read },
	{ "pstore/zone partition", trail_pstore_zone_is, trail_pstore_zone_read },
	{ "ramoops memory", trail_ramoops_is, trail_ramoops_read },
	{ "NVRAM", trail_nvram_is, trail_nvram_read },
	{ "mtdoops flash", trail_mtdoops_is, trail_mtdoops_read },
	/* clang-format on */
};

bool trail_collect_is_region(const uint8_t *start, size_t n, uint64_t size)
{
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(kinds); i++)
		if (kinds[i].is(start, n, size))
			return true;
	return trail_efivar_is(start, n, size);
}

/* Up to REGION_MAX bytes of a file; @size_ret is that of the whole. */
static struct trail_error *load(const char *path, uint8_t **ret, size_t *n_ret, uint64_t *size_ret)
{
	TRAIL_CLEANUP(trail_fd_closep)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return trail_error_os(errno, "%s", path);
	/* a device says by its end how large it is */
	off_t end = S_ISREG(st.st_mode) ? st.st_size : lseek(fd, 0, SEEK_END);
	if (end < 0 || S_ISDIR(st.st_mode))
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "%s: neither a file nor a device with a size", path);
	size_t wanted = (size_t)TRAIL_MIN((uint64_t)end, (uint64_t)REGION_MAX), n = 0;
	TRAIL_CLEANUP(trail_freep) uint8_t *bytes = malloc(wanted ? wanted : 1);
	if (!bytes)
		return &trail_error_nomem;
	if (lseek(fd, 0, SEEK_SET) < 0 || !trail_fd_read(fd, bytes, wanted, &n))
		return trail_error_os(errno, "%s: at 0x%zx", path, n);
	*ret = TRAIL_STEAL(bytes);
	*n_ret = n;
	*size_ret = (uint64_t)end;
	return NULL;
}

/* What was found, and what is to be said of it. */
static struct trail_error *take_region(size_t kind, const struct trail_region *region,
				       const char *path, struct trail_pool *pool,
				       struct trail_facts *facts)
{
	const char *name = kinds[kind].name;

	if (region->n > 0) {
		struct trail_error *error = trail_collect_records(region->records, region->n, path,
								  facts);
		if (error)
			return error;
	} else {
		const char *why = trail_pool_printf(pool,
						    "%s: it has %zu places for records and none "
						    "in them",
						    path, region->n_places);
		if (!why || !trail_facts_add_gap(facts, name, why))
			return &trail_error_nomem;
	}
	if (!region->why)
		return NULL;
	const char *why = trail_pool_printf(pool, "%s: %s", path, region->why);
	return why && trail_facts_add_gap(facts, name, why) ? NULL : &trail_error_nomem;
}

/* One EFI variable.  Its name says what its bytes do not; without it they have to. */
static struct trail_error *take_variable(const uint8_t *bytes, size_t n, const char *path,
					 struct trail_facts *facts)
{
	const char *name = trail_file_name(path);
	struct trail_pstore_record record;

	if (!trail_efivar_name(name, &record))
		record = (struct trail_pstore_record){ .backend = "efi_pstore",
						       .region = "efivars",
						       .name = name };
	trail_efivar_value(bytes, n, &record);
	return trail_collect_records(&record, 1, path, facts);
}

/* The first kind that finds places for records in it. */
static struct trail_error *take(const uint8_t *bytes, size_t n, uint64_t size, const char *path,
				struct trail_pool *pool, struct trail_facts *facts)
{
	struct trail_pstore_record record;

	if (trail_efivar_name(trail_file_name(path), &record) || trail_efivar_is(bytes, n, size))
		return take_variable(bytes, n, path, facts);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(kinds); i++) {
		struct trail_region region = { 0 };
		struct trail_error *error = kinds[i].read(bytes, n, pool, &region);
		if (error)
			return error;
		if (region.n_places > 0)
			return take_region(i, &region, path, pool, facts);
	}
	return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
				  "%s: holds no region with records of pstore", path);
}

struct trail_error *trail_collect_region(const char *path, struct trail_facts *facts)
{
	TRAIL_CLEANUP(trail_freep) uint8_t *bytes = NULL;
	TRAIL_CLEANUP(trail_pool_fini) struct trail_pool pool = { 0 };
	uint64_t size;
	size_t n;

	struct trail_error *error = load(path, &bytes, &n, &size);
	if (!error)
		error = take(bytes, n, size, path, &pool, facts);
	if (error || size <= n)
		return error;
	const char *why = trail_pool_printf(&pool,
					    "%s: only the first %zu of %" PRIu64 " bytes were "
					    "looked at",
					    path, n, size);
	return why && trail_facts_add_gap(facts, "region", why) ? NULL : &trail_error_nomem;
}
