/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records in a ppc64 machine's NVRAM and of mtdoops; see nvram.h for the source. */
#include "format/nvram.h"

#include <inttypes.h>

#include "base/cursor.h"
#include "base/error.h"
#include "base/pool.h"

enum {
	NVRAM_HEADER = 16,	 /* signature, checksum, length in blocks of as many bytes, name */
	ERR_KERNEL_PANIC = 4,	 /* ERR_TYPE_KERNEL_PANIC */
	ERR_KERNEL_PANIC_GZ = 8, /* ERR_TYPE_KERNEL_PANIC_GZ */
	OOPS_HEADER_VERSION = 5000, /* a smaller number is the length: an old kernel's */
	MTD_PAGE = 4096,	    /* records are multiples of it */
	MAX_PAGES = 1 << 14,
};

#define NVRAM_SIG_OS 0xa0
#define MTDOOPS_V1 0x5d005d00u
#define MTDOOPS_V2 0x5d005e00u

static struct trail_error *add(struct trail_pool *pool, struct trail_region *region,
			       const struct trail_pstore_record *record)
{
	struct trail_pstore_record *more = trail_pool_grow(pool, region->records, region->n,
							   sizeof(*more));

	if (!more || !record->name)
		return &trail_error_nomem;
	region->records = more;
	region->records[region->n++] = *record;
	return NULL;
}

/* The next partition of that name from *pos on; *pos is set behind its header. */
static bool find_partition(const uint8_t *bytes, size_t n, const char *name, size_t *pos,
			   size_t *length_ret)
{
	for (size_t at = *pos; at < n && n - at >= NVRAM_HEADER; at += NVRAM_HEADER) {
		if (bytes[at] != NVRAM_SIG_OS || memcmp(bytes + at + 4, name, 12) != 0)
			continue;
		struct trail_cursor c = trail_cursor_over(bytes + at, n - at, at, "NVRAM", true);
		trail_cursor_skip(&c, 2);
		size_t length = (size_t)trail_cursor_u16(&c) * NVRAM_HEADER;
		*pos = at + NVRAM_HEADER;
		*length_ret = length < NVRAM_HEADER ? 0 : length - NVRAM_HEADER;
		return true;
	}
	return false;
}

/* Without an oops partition of its own the kernel uses that for RTAS events. */
static const char *const partitions[] = { "lnx,oops-log", "ibm,rtas-log" };

bool trail_nvram_is(const uint8_t *bytes, size_t n, uint64_t size)
{
	size_t pos = 0, length;

	(void)size;
	return find_partition(bytes, n, partitions[0], &pos, &length) ||
	       find_partition(bytes, n, partitions[1], &pos, &length);
}

static void read_oops(struct trail_cursor *c, size_t room, struct trail_pstore_record *record)
{
	uint16_t version = trail_cursor_u16(c);
	size_t length = version;

	if (version >= OOPS_HEADER_VERSION) {
		length = trail_cursor_u16(c);
		record->time_s = trail_cursor_u64(c);
		record->has_time = record->time_s != 0;
	}
	size_t left = TRAIL_MIN(trail_cursor_left(c), room - TRAIL_MIN(room, c->pos));
	record->n = TRAIL_MIN(length, left);
	record->bytes = trail_cursor_bytes(c, record->n);
	if (record->n < length || !trail_cursor_ok(c))
		record->why = "the record says that it is longer than its partition";
}

static struct trail_error *read_partition(const uint8_t *bytes, size_t at, size_t n, size_t room,
					  const char *name, struct trail_pool *pool,
					  struct trail_region *region)
{
	struct trail_cursor c = trail_cursor_over(bytes + at, n - at, at, "NVRAM", true);
	uint32_t kind = trail_cursor_u32(&c), sequence = trail_cursor_u32(&c);
	struct trail_pstore_record record = {
		.type = TRAIL_PSTORE_DMESG,
		.backend = "nvram",
		.region = "nvram",
		.name = trail_pool_printf(pool, "partition %s at 0x%zx", name, at - NVRAM_HEADER),
		.has_id = true,
		.id = sequence,
		.packed = kind == ERR_KERNEL_PANIC_GZ ? TRAIL_PACKED_YES : TRAIL_PACKED_NO,
	};

	region->n_places++;
	if (kind != ERR_KERNEL_PANIC && kind != ERR_KERNEL_PANIC_GZ)
		return NULL;
	read_oops(&c, room, &record);
	return add(pool, region, &record);
}

struct trail_error *trail_nvram_read(const uint8_t *bytes, size_t n, struct trail_pool *pool,
				     struct trail_region *ret)
{
	struct trail_region region = { 0 };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(partitions); i++) {
		size_t pos = 0, length;
		while (find_partition(bytes, n, partitions[i], &pos, &length) &&
		       region.n_places < MAX_PAGES) {
			struct trail_error *error = read_partition(bytes, pos, n, length,
								   partitions[i], pool, &region);
			if (error)
				return error;
		}
	}
	*ret = region;
	return NULL;
}

/* The length of a page's header, and what it says; 0 when there is none. */
static size_t page_header(const uint8_t *bytes, size_t n, struct trail_pstore_record *ret)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct trail_cursor c = trail_cursor_over(bytes, n, 0, "mtdoops page", big_endian);
		uint32_t sequence = trail_cursor_u32(&c), magic = trail_cursor_u32(&c);
		if (!trail_cursor_ok(&c) || (magic != MTDOOPS_V1 && magic != MTDOOPS_V2))
			continue;
		ret->has_id = true;
		ret->id = sequence;
		if (magic == MTDOOPS_V1)
			return 8;
		ret->time_s = trail_cursor_u64(&c) / 1000000000;
		ret->has_time = ret->time_s != 0;
		return trail_cursor_ok(&c) ? 16 : 8;
	}
	return 0;
}

bool trail_mtdoops_is(const uint8_t *bytes, size_t n, uint64_t size)
{
	struct trail_pstore_record record = { 0 };

	(void)size;
	for (size_t at = 0; at < n; at += MTD_PAGE)
		if (page_header(bytes + at, n - at, &record) > 0)
			return true;
	return false;
}

struct trail_error *trail_mtdoops_read(const uint8_t *bytes, size_t n, struct trail_pool *pool,
				       struct trail_region *ret)
{
	struct trail_region region = { 0 };

	for (size_t at = 0; at < n && region.n_places < MAX_PAGES;) {
		struct trail_pstore_record record = { .type = TRAIL_PSTORE_DMESG,
						      .backend = "mtdoops",
						      .region = "mtdoops",
						      .packed = TRAIL_PACKED_NO };
		struct trail_pstore_record other;
		size_t skip = page_header(bytes + at, n - at, &record), end = at + MTD_PAGE;
		if (skip == 0) {
			at = end;
			continue;
		}
		/* its size is a parameter: it ends where the next begins, or in erased flash */
		while (end < n && page_header(bytes + end, n - end, &other) == 0)
			end += MTD_PAGE;
		record.bytes = bytes + at + skip;
		record.n = TRAIL_MIN(end, n) - at - skip;
		const uint8_t *erased = memchr(record.bytes, 0xff, record.n);
		record.n = erased ? (size_t)(erased - record.bytes) : record.n;
		while (record.n > 0 && record.bytes[record.n - 1] == 0)
			record.n--;
		record.name = trail_pool_printf(pool, "page at 0x%zx", at);
		region.n_places++;
		struct trail_error *error = add(pool, &region, &record);
		if (error)
			return error;
		at = end;
	}
	*ret = region;
	return NULL;
}
