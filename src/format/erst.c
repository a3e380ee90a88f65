/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of Linux in a store of ACPI ERST; see erst.h for the source. */
#include "format/erst.h"

#include <inttypes.h>

#include "base/cursor.h"
#include "base/error.h"
#include "base/pool.h"

enum {
	MAP_AT = 24,	       /* of the store: ids of its slots, 8 bytes each */
	PAYLOAD_AT = 200,      /* behind the one section descriptor */
	SECTION_TYPE_AT = 144, /* of the record */
	MAX_RECORDS = 1 << 14,
};

/* GUIDs as they lie in memory: the first three numbers little-endian. */
#define GUID(a, b, c, ...)                                                                    \
	{                                                                                     \
		(a) & 0xff, (a) >> 8 & 0xff, (a) >> 16 & 0xff, (a) >> 24, (b)&0xff, (b) >> 8, \
			(c)&0xff, (c) >> 8, __VA_ARGS__                                       \
	}

static const uint8_t creator[16] = GUID(0x75a574e3u, 0x5052, 0x4b29, 0x8a, 0x8e, 0xbe, 0x2c, 0x64,
					0x90, 0xb8, 0x9d);

/*
 * Kinds of payload, by the GUID of the section.  A new one is a row here; unit/test_erst.c covers
 * it. Source: Linux drivers/acpi/apei/erst.c CPER_SECTION_TYPE_DMESG, _DMESG_Z (since v3.12), _MCE.
 */
static const struct {
	uint8_t guid[16];
	enum trail_pstore_type type;
	bool packed;
} kinds[] = {
	{ GUID(0xc197e04eu, 0xd545, 0x4a70, 0x9c, 0x17, 0xa5, 0x54, 0x94, 0x19, 0xeb, 0x12),
	  TRAIL_PSTORE_DMESG, false },
	{ GUID(0x4f118707u, 0x04dd, 0x4055, 0xb5, 0xdd, 0x95, 0x6d, 0x34, 0xdd, 0xfa, 0xc6),
	  TRAIL_PSTORE_DMESG, true },
	{ GUID(0xfe08ffbeu, 0x95e4, 0x4be7, 0xbc, 0x73, 0x40, 0x96, 0x04, 0x4a, 0x38, 0xfc),
	  TRAIL_PSTORE_MCE, false },
};

/* The store of QEMU around the records; slot_size 0 where there is none. */
struct store {
	uint32_t slot_size, first_slot;
	size_t n_slots; /* of the file, the header's too */
};

static struct store read_store(const uint8_t *bytes, size_t n)
{
	struct trail_cursor c = trail_cursor_over(bytes, n, 0, "ERST store", false);
	const char *magic = trail_cursor_bytes(&c, 8);
	uint32_t slot_size = trail_cursor_u32(&c), first = trail_cursor_u32(&c);

	if (!trail_cursor_ok(&c) || memcmp(magic, "ERSTSTOR", 8) != 0 || slot_size < 4096 ||
	    (slot_size & (slot_size - 1)) != 0 || first < slot_size || first % slot_size != 0)
		return (struct store){ 0 };
	return (struct store){ slot_size, first / slot_size, n / slot_size };
}

/* The id that the map has for a slot; 0: it was cleared, or never written. */
static uint64_t id_in_map(const uint8_t *bytes, const struct store *store, size_t slot)
{
	struct trail_cursor c = trail_cursor_over(
		bytes, (size_t)store->first_slot * store->slot_size, 0, "ERST map", false);

	trail_cursor_seek(&c, MAP_AT + (uint64_t)slot * 8);
	return trail_cursor_u64(&c);
}

/* Does a record of Linux start here? */
static bool is_record(const uint8_t *bytes, size_t n)
{
	struct trail_cursor c = trail_cursor_over(bytes, n, 0, "CPER", false);
	const char *signature = trail_cursor_bytes(&c, 4);

	trail_cursor_skip(&c, 2);
	uint32_t end = trail_cursor_u32(&c);
	trail_cursor_seek(&c, 64);
	const void *by = trail_cursor_bytes(&c, sizeof(creator));
	return trail_cursor_ok(&c) && memcmp(signature, "CPER", 4) == 0 && end == UINT32_MAX &&
	       memcmp(by, creator, sizeof(creator)) == 0;
}

bool trail_erst_is(const uint8_t *bytes, size_t n, uint64_t size)
{
	(void)size;
	return (n >= 8 && memcmp(bytes, "ERSTSTOR", 8) == 0) || is_record(bytes, n);
}

/* The record that starts at @bytes, of which @room bytes can be its own. */
static struct trail_error *read_record(const uint8_t *bytes, size_t room, struct trail_pool *pool,
				       struct trail_pstore_record *ret)
{
	struct trail_cursor c = trail_cursor_over(bytes, room, 0, "CPER", false);

	trail_cursor_seek(&c, 16);
	uint32_t valid = trail_cursor_u32(&c), length = trail_cursor_u32(&c);
	uint64_t time_s = trail_cursor_u64(&c);
	trail_cursor_seek(&c, 96);
	uint64_t id = trail_cursor_u64(&c);
	trail_cursor_seek(&c, SECTION_TYPE_AT);
	const void *section = trail_cursor_bytes(&c, 16);
	trail_cursor_seek(&c, PAYLOAD_AT);
	ret->has_id = true;
	ret->id = id;
	ret->has_time = (valid & 2) != 0 && time_s != 0;
	ret->time_s = ret->has_time ? time_s : 0;
	ret->type = TRAIL_PSTORE_OTHER;
	for (size_t i = 0; section && i < TRAIL_ARRAY_SIZE(kinds); i++) {
		if (memcmp(section, kinds[i].guid, sizeof(kinds[i].guid)) != 0)
			continue;
		ret->type = kinds[i].type;
		ret->packed = kinds[i].packed ? TRAIL_PACKED_YES : TRAIL_PACKED_NO;
	}
	if (!trail_cursor_ok(&c)) {
		ret->why = "the record is cut in its header";
		return NULL;
	}
	size_t wanted = length < PAYLOAD_AT ? 0 : length - PAYLOAD_AT;
	ret->n = TRAIL_MIN(wanted, room - PAYLOAD_AT);
	ret->bytes = trail_cursor_bytes(&c, ret->n);
	if (wanted == ret->n && length >= PAYLOAD_AT)
		return NULL;
	ret->why = trail_pool_printf(
		pool, "the record says that it has %" PRIu32 " bytes; %zu can be its own", length,
		room);
	return ret->why ? NULL : &trail_error_nomem;
}

struct list {
	struct trail_pool *pool;
	struct trail_region *region;
	size_t n_cleared;
};

static struct trail_error *add(struct list *list, const struct trail_pstore_record *record)
{
	struct trail_region *region = list->region;
	struct trail_pstore_record *more = trail_pool_grow(list->pool, region->records, region->n,
							   sizeof(*more));

	if (!more || !record->name)
		return &trail_error_nomem;
	region->records = more;
	region->records[region->n++] = *record;
	return NULL;
}

static struct trail_error *read_slot(const uint8_t *bytes, size_t n, const struct store *store,
				     size_t slot, struct list *list)
{
	size_t at = slot * store->slot_size, room = TRAIL_MIN((size_t)store->slot_size, n - at);
	uint64_t id = id_in_map(bytes, store, slot);
	struct trail_pstore_record record = {
		.backend = "erst",
		.region = "erst",
		.name = trail_pool_printf(list->pool, "slot %zu at 0x%zx", slot, at),
	};

	list->region->n_places++;
	if (id == 0 || id == UINT64_MAX) {
		list->n_cleared += is_record(bytes + at, room);
		return NULL;
	}
	if (!is_record(bytes + at, room)) {
		record.type = TRAIL_PSTORE_OTHER;
		record.has_id = true;
		record.id = id;
		record.why = "no record of Linux is in the slot that the map has one in";
		return add(list, &record);
	}
	struct trail_error *error = read_record(bytes + at, room, list->pool, &record);
	if (!error && !record.why && record.id != id)
		record.why = "the store's map has another id for its slot";
	return error ? error : add(list, &record);
}

/* Without a map: every record that can be found. */
static struct trail_error *read_loose(const uint8_t *bytes, size_t n, struct list *list)
{
	const uint8_t *p = bytes, *end = bytes + n;

	while (p < end && (p = memmem(p, (size_t)(end - p), "CPER", 4))) {
		size_t at = (size_t)(p++ - bytes);
		if (!is_record(bytes + at, n - at) || list->region->n_places == MAX_RECORDS)
			continue;
		struct trail_pstore_record record = {
			.backend = "erst",
			.region = "erst",
			.name = trail_pool_printf(list->pool, "record at 0x%zx", at),
		};
		list->region->n_places++;
		struct trail_error *error = read_record(bytes + at, n - at, list->pool, &record);
		if (!error)
			error = add(list, &record);
		if (error)
			return error;
	}
	return NULL;
}

struct trail_error *trail_erst_read(const uint8_t *bytes, size_t n, struct trail_pool *pool,
				    struct trail_region *ret)
{
	struct store store = read_store(bytes, n);
	struct trail_region region = { 0 };
	struct list list = { .pool = pool, .region = &region };
	struct trail_error *error = NULL;

	if (store.slot_size == 0 || store.first_slot >= store.n_slots) {
		error = read_loose(bytes, n, &list);
	} else {
		size_t n_slots = TRAIL_MIN(store.n_slots, (size_t)MAX_RECORDS);
		for (size_t slot = store.first_slot; slot < n_slots && !error; slot++)
			error = read_slot(bytes, n, &store, slot, &list);
	}
	if (error)
		return error;
	if (list.n_cleared > 0) {
		region.why = trail_pool_printf(pool, "%zu records were cleared and are left out",
					       list.n_cleared);
		if (!region.why)
			return &trail_error_nomem;
	}
	*ret = region;
	return NULL;
}
