/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zones of pstore/zone; see pstore_zone.h for the source.  Their sizes are parameters and not
 * stored, so zones are found by their signatures.
 */
#include "format/pstore_zone.h"

#include <inttypes.h>

#include "base/cursor.h"
#include "base/error.h"
#include "base/pool.h"

#define SIGNATURE 0x43474244   /* DBGC; PSZ_SIG */
#define KMSG_MAGIC 0x4dfc3ae5u /* PSTORE_KMSG_HEADER_MAGIC */

enum { HEADER = 12, MAX_ZONES = 1 << 14 };

/* What type of pstore a signature is changed by, and what it is here. */
static const struct {
	uint32_t number;
	enum trail_pstore_type type;
	const char *name;
} types[] = {
	{ 0, TRAIL_PSTORE_DMESG, "dmesg" },
	{ 2, TRAIL_PSTORE_CONSOLE, "console" },
	{ 3, TRAIL_PSTORE_FTRACE, "ftrace" },
	{ 7, TRAIL_PSTORE_PMSG, "pmsg" },
};

/*
 * Where the members of a dmesg zone's header lie: it is a C struct, and 32-bit x86 aligns 64-bit
 * members to 4 bytes.
 */
struct kmsg_layout {
	uint8_t time, nsec, nsec_width, packed, counter, reason, payload;
};

static const struct kmsg_layout kmsg_layouts[] = {
	{ .time = 8,
	  .nsec = 16,
	  .nsec_width = 8,
	  .packed = 24,
	  .counter = 28,
	  .reason = 32,
	  .payload = 40 },
	/* 32 bits, 64-bit members aligned to 8 */
	{ .time = 8,
	  .nsec = 16,
	  .nsec_width = 4,
	  .packed = 24,
	  .counter = 28,
	  .reason = 32,
	  .payload = 40 },
	{ .time = 4,
	  .nsec = 12,
	  .nsec_width = 4,
	  .packed = 16,
	  .counter = 20,
	  .reason = 24,
	  .payload = 28 },
};

struct zone {
	size_t at, kind; /* of types[] */
	bool big_endian;
	uint32_t length, start;
};

struct reader {
	const uint8_t *bytes;
	size_t n;
	uint64_t n_file;
	struct trail_pool *pool;
	struct trail_region region;
	uint32_t n_of_kind[TRAIL_ARRAY_SIZE(types)];
};

static uint32_t u32_at(const struct reader *r, size_t at, bool big_endian)
{
	struct trail_cursor c = trail_cursor_over(r->bytes, r->n, 0, "zone", big_endian);

	trail_cursor_seek(&c, at);
	return trail_cursor_u32(&c);
}

/* Is a zone's header there, with numbers that can be? */
static bool read_header(const struct reader *r, size_t at, bool big_endian, struct zone *ret)
{
	uint32_t number = u32_at(r, at, big_endian) ^ SIGNATURE;
	size_t kind = 0;

	while (kind < TRAIL_ARRAY_SIZE(types) && types[kind].number != number)
		kind++;
	if (kind == TRAIL_ARRAY_SIZE(types) || r->n - at < HEADER)
		return false;
	*ret = (struct zone){ .at = at,
			      .kind = kind,
			      .big_endian = big_endian,
			      .length = u32_at(r, at + 4, big_endian),
			      .start = u32_at(r, at + 8, big_endian) };
	/* a dmesg zone looks like one of ramoops but for this */
	if (number == 0)
		return u32_at(r, at + HEADER, big_endian) == KMSG_MAGIC;
	return ret->start <= ret->length && ret->length <= r->n_file - at - HEADER;
}

/* Can what a dmesg zone starts with be a header of that layout? */
static bool layout_fits(const struct reader *r, const struct zone *zone,
			const struct kmsg_layout *layout, struct trail_pstore_record *ret)
{
	struct trail_cursor c = trail_cursor_over(r->bytes, r->n, 0, "zone", zone->big_endian);
	size_t at = zone->at + HEADER;

	trail_cursor_seek(&c, at + 4);
	uint32_t padding = layout->time == 8 ? trail_cursor_u32(&c) : 0;
	uint64_t time_s = trail_cursor_u64(&c);
	uint64_t nsec = trail_cursor_uint(&c, layout->nsec_width);
	trail_cursor_seek(&c, at + layout->packed);
	uint8_t packed = trail_cursor_u8(&c);
	trail_cursor_seek(&c, at + layout->reason);
	uint32_t reason = trail_cursor_u32(&c);
	trail_cursor_seek(&c, at + layout->payload);
	if (!trail_cursor_ok(&c) || padding != 0 || time_s > UINT64_C(1) << 36 ||
	    nsec >= 1000000000 || packed > 1 || reason > 8)
		return false;
	ret->has_time = time_s != 0;
	ret->time_s = time_s;
	ret->packed = packed ? TRAIL_PACKED_YES : TRAIL_PACKED_NO;
	return true;
}

/* A dmesg zone: its own header, then the record. */
static struct trail_error *read_kmsg(struct reader *r, const struct zone *zone,
				     struct trail_pstore_record *record)
{
	size_t room = r->n - zone->at - HEADER, payload = 0;

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(kmsg_layouts) && payload == 0; i++)
		if (layout_fits(r, zone, &kmsg_layouts[i], record))
			payload = kmsg_layouts[i].payload;
	if (payload == 0) {
		payload = TRAIL_MIN(room, (size_t)40);
		record->packed = TRAIL_PACKED_MAYBE;
		record->why = "the record's header cannot be right";
	}
	if (zone->length < payload) {
		record->why = "the zone says that it is shorter than its header";
		return NULL;
	}
	record->bytes = r->bytes + zone->at + HEADER + payload;
	record->n = TRAIL_MIN((size_t)zone->length, room) - payload;
	if (zone->length > room)
		record->why = trail_pool_printf(r->pool,
						"the file ends %zu bytes before the zone's data",
						zone->length - room);
	return zone->length > room && !record->why ? &trail_error_nomem : NULL;
}

/* A ring: its oldest byte stands where the next would have been written. */
static struct trail_error *read_ring(struct reader *r, const struct zone *zone,
				     struct trail_pstore_record *record)
{
	const uint8_t *data = r->bytes + zone->at + HEADER;

	record->packed = TRAIL_PACKED_NO;
	record->bytes = data;
	record->n = TRAIL_MIN((size_t)zone->length, r->n - zone->at - HEADER);
	if (record->n < zone->length || zone->start == 0 || zone->start == zone->length)
		return NULL;
	uint8_t *turned = trail_pool_alloc(r->pool, zone->length, 1);
	if (!turned)
		return &trail_error_nomem;
	memcpy(turned, data + zone->start, zone->length - zone->start);
	memcpy(turned + zone->length - zone->start, data, zone->start);
	record->bytes = turned;
	return NULL;
}

static struct trail_error *read_zone(struct reader *r, const struct zone *zone)
{
	uint32_t number = r->n_of_kind[zone->kind]++;
	struct trail_pstore_record record = {
		.type = types[zone->kind].type,
		.backend = "pstore_blk",
		.region = "zone",
		.name = trail_pool_printf(r->pool, "%s zone %" PRIu32 " at 0x%zx",
					  types[zone->kind].name, number, zone->at),
		.has_id = true,
		.id = number,
	};

	r->region.n_places++;
	if (zone->length == 0)
		return NULL;
	struct trail_error *error = record.type == TRAIL_PSTORE_DMESG ? read_kmsg(r, zone, &record)
								      : read_ring(r, zone, &record);
	if (error)
		return error;
	struct trail_pstore_record *more = trail_pool_grow(r->pool, r->region.records, r->region.n,
							   sizeof(*more));
	if (!more || !record.name)
		return &trail_error_nomem;
	r->region.records = more;
	r->region.records[r->region.n++] = record;
	return NULL;
}

bool trail_pstore_zone_is(const uint8_t *bytes, size_t n, uint64_t size)
{
	struct reader r = { .bytes = bytes, .n = n, .n_file = TRAIL_MAX(size, n) };
	struct zone zone;

	for (size_t at = 0; at < n; at += 512)
		if (read_header(&r, at, false, &zone) || read_header(&r, at, true, &zone))
			return zone.length > 0;
	return false;
}

struct trail_error *trail_pstore_zone_read(const uint8_t *bytes, size_t n, struct trail_pool *pool,
					   struct trail_region *ret)
{
	struct reader r = { .bytes = bytes, .n = n, .n_file = n, .pool = pool };
	const uint8_t *p = bytes, *end = bytes + n;

	/* a type of pstore changes the first byte of a signature: "GC" stays, or "CG" */
	while (p < end && (p = memchr(p, 'C', (size_t)(end - p)))) {
		size_t at = (size_t)(p++ - bytes);
		struct zone zone;
		bool little = at >= 3 && bytes[at - 1] == 'G' &&
			      read_header(&r, at - 3, false, &zone);
		if (!little &&
		    !(n - at > 1 && bytes[at + 1] == 'G' && read_header(&r, at, true, &zone)))
			continue;
		if (r.region.n_places == MAX_ZONES) {
			r.region.why = "more zones than can be looked at";
			break;
		}
		struct trail_error *error = read_zone(&r, &zone);
		if (error)
			return error;
		/* what looks like a zone in its data is data */
		size_t length = TRAIL_MIN((size_t)zone.length, n - zone.at - HEADER);
		p = TRAIL_MAX(p, bytes + zone.at + HEADER + length);
	}
	*ret = r.region;
	return NULL;
}
