/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zones of ramoops memory as records of pstore: a ring's bytes in the order they were written,
 * corrected where there is parity.  What kind a zone is, is told by what it holds and where it
 * stands.
 *
 * Source: Linux fs/pstore/ram.c ramoops_pstore_read(), ramoops_read_kmsg_hdr(); ram_core.c
 * persistent_ram_save_old(), persistent_ram_ecc_old().
 */
#include "format/ramoops.h"

#include <inttypes.h>

#include "base/error.h"
#include "base/pool.h"
#include "base/text.h"
#include "format/ramoops_layout.h"

struct reader {
	const uint8_t *bytes;
	size_t n;
	struct trail_pool *pool;
	struct trail_ramoops_layout layout;
	struct trail_pstore_record *records; /* of the zone of that index; without bytes where it
						has none */
};

/* Without the bytes that no one wrote: zeros, or what erased memory reads as. */
static size_t trimmed(const uint8_t *data, size_t n)
{
	while (n > 0 && (data[n - 1] == 0 || data[n - 1] == 0xff))
		n--;
	return n;
}

/* Correct all blocks that hold data; false when memory runs out. */
static bool correct(struct reader *r, const struct trail_ramoops_zone *zone, size_t capacity,
		    size_t used, struct trail_pstore_record *record, const uint8_t **data)
{
	const struct trail_ramoops_layout *layout = &r->layout;
	const uint8_t *parity = *data + capacity;

	record->has_ecc = true;
	record->ecc_corrected = zone->ecc_corrected;
	record->ecc_bad = zone->ecc_bad;
	uint8_t *copy = trail_pool_alloc(r->pool, TRAIL_MAX(capacity, (size_t)1), 1);
	if (!copy)
		return false;
	memcpy(copy, *data, capacity);
	for (size_t at = 0; at < used; at += TRAIL_RAMOOPS_BLOCK, parity += layout->n_parity) {
		size_t n = TRAIL_MIN((size_t)TRAIL_RAMOOPS_BLOCK, capacity - at);
		int wrong = trail_rs_correct(&layout->rs, copy + at, n, parity, layout->n_parity);
		if (wrong < 0)
			record->ecc_bad++;
		else
			record->ecc_corrected += (uint32_t)wrong;
	}
	*data = copy;
	return true;
}

static const char *why_not_whole(struct reader *r, const struct trail_ramoops_zone *zone,
				 size_t capacity, const struct trail_pstore_record *record)
{
	size_t left = r->n - zone->at - TRAIL_RAMOOPS_HEADER;

	if (zone->start == zone->size && zone->size > left && zone->at + zone->extent == r->n)
		return trail_pool_printf(r->pool, "the file ends %zu bytes before the zone's data",
					 zone->size - left);
	if (zone->start > zone->size || zone->size > capacity)
		return trail_pool_printf(r->pool,
					 "the zone's header says start 0x%" PRIx32
					 ", size 0x%" PRIx32
					 " with room for 0x%zx: read as it lies",
					 zone->start, zone->size, capacity);
	if (!zone->signature)
		return "the zone has lost its signature";
	if (record->ecc_bad > 0)
		return trail_pool_printf(r->pool, "%" PRIu32 " blocks could not be corrected",
					 record->ecc_bad);
	return NULL;
}

/* The data of a zone in the order it was written; false when memory runs out. */
static bool read_zone(struct reader *r, const struct trail_ramoops_zone *zone,
		      struct trail_pstore_record *record)
{
	const uint8_t *data = r->bytes + zone->at + TRAIL_RAMOOPS_HEADER;
	size_t capacity = trail_ramoops_capacity(&r->layout, zone);
	bool sound = zone->start <= zone->size && zone->size <= capacity;

	if (sound && zone->size == 0)
		return true;
	size_t used = sound ? zone->size : trimmed(data, capacity);
	if (r->layout.n_parity > 0 && !correct(r, zone, capacity, used, record, &data))
		return false;
	record->why = why_not_whole(r, zone, capacity, record);
	record->bytes = data;
	record->n = sound ? used : trimmed(data, used);
	if (!sound || zone->start == zone->size || zone->start == 0)
		return true;

	uint8_t *turned = trail_pool_alloc(r->pool, zone->size, 1);
	if (!turned)
		return false;
	memcpy(turned, data + zone->start, zone->size - zone->start);
	memcpy(turned + zone->size - zone->start, data, zone->start);
	record->bytes = turned;
	return true;
}

/* The record behind a dmesg zone's first line. */
static bool take_line(struct reader *r, struct trail_pstore_record *record)
{
	struct trail_ramoops_line line;

	if (!trail_ramoops_line(record->bytes, record->n, &line)) {
		const char *why = "the zone does not start with the line of a record";
		record->why = record->why ? trail_pool_printf(r->pool, "%s; %s", record->why, why)
					  : why;
		return record->why != NULL;
	}
	record->has_time = line.time_s > 0;
	record->time_s = line.time_s;
	record->packed = line.packed == 'C'   ? TRAIL_PACKED_YES
			 : line.packed == 'D' ? TRAIL_PACKED_NO
					      : TRAIL_PACKED_MAYBE;
	record->bytes += line.length;
	record->n -= line.length;
	return true;
}

/* Bytes that no log has: what Android writes to pmsg is full of them. */
static bool is_binary(const uint8_t *data, size_t n)
{
	size_t odd = 0;

	for (size_t i = 0; i < n; i++)
		odd += data[i] < ' ' && data[i] != '\n' && data[i] != '\t' && data[i] != '\r' &&
		       data[i] != 0x1b;
	return odd > n / 50;
}

/* "[   12.345678]" at the start of a line. */
static bool has_stamp(const uint8_t *p, size_t n)
{
	size_t at = 1, digits;

	if (n == 0 || p[0] != '[')
		return false;
	while (at < n && p[at] == ' ')
		at++;
	for (digits = at; at < n && p[at] >= '0' && p[at] <= '9';)
		at++;
	if (at == digits || at == n || p[at] != '.')
		return false;
	for (digits = ++at; at < n && p[at] >= '0' && p[at] <= '9';)
		at++;
	return at - digits == 6 && at < n && p[at] == ']';
}

/* Do most lines have the kernel's time? */
static bool is_kernel_log(const uint8_t *data, size_t n)
{
	size_t n_lines = 0, n_stamps = 0;
	const uint8_t *p = data, *end = data + n;

	while (p < end) {
		n_lines++;
		n_stamps += has_stamp(p, (size_t)(end - p));
		const uint8_t *next = memchr(p, '\n', (size_t)(end - p));
		p = next ? next + 1 : end;
	}
	return n_stamps > 0 && n_stamps * 2 >= n_lines - 1;
}

static bool starts_with_line(const struct trail_pstore_record *record)
{
	struct trail_ramoops_line line;

	return record->n > 0 && trail_ramoops_line(record->bytes, record->n, &line);
}

/* "Panic#1 Part1" near the start: a record whose first line is damaged. */
static bool has_reason(const struct trail_pstore_record *record)
{
	return memmem(record->bytes, TRAIL_MIN(record->n, (size_t)64), " Part", 5) != NULL;
}

/* Only dmesg zones have a size that is no power of two. */
static bool is_in_step(const struct reader *r, size_t i)
{
	const struct trail_ramoops_layout *layout = &r->layout;

	return layout->step > 0 && layout->zones[i].version == 0 &&
	       layout->zones[i].extent == layout->step &&
	       (r->records[i].n == 0 || (layout->step & (layout->step - 1)) != 0 ||
		has_reason(&r->records[i]));
}

/* One past the last zone that must be of dmesg: it has a record, or stands in step with the first.
 */
static size_t end_of_dmesg(const struct reader *r)
{
	size_t end = 0;

	for (size_t i = 0; i < r->layout.n; i++)
		if (starts_with_line(&r->records[i]))
			end = i + 1;
	while (end < r->layout.n && is_in_step(r, end))
		end++;
	return end;
}

/* Is no zone but of ftrace behind it? */
static bool is_last(const struct reader *r, size_t i)
{
	for (size_t j = i + 1; j < r->layout.n; j++)
		if (r->layout.zones[j].version == 0)
			return false;
	return true;
}

/*
 * Console comes first, or is all there is; pmsg is what stands behind it, or behind ftrace.  Where
 * all zones have one size, empty ones before it do not tell which it is: then the lines do.
 */
static enum trail_pstore_type type_of_other(const struct reader *r, size_t i, size_t end_of_dmesg)
{
	const struct trail_pstore_record *record = &r->records[i];
	size_t n_before = i - end_of_dmesg;

	for (size_t j = end_of_dmesg; j < i; j++)
		if (r->layout.zones[j].version != 0)
			return TRAIL_PSTORE_PMSG;
	if (record->n > 0 && is_binary(record->bytes, record->n))
		return TRAIL_PSTORE_PMSG;
	if (record->n > 0 && is_kernel_log(record->bytes, record->n))
		return TRAIL_PSTORE_CONSOLE;
	if (n_before == 0)
		return r->layout.step > 0 && i > 0 && r->records[i - 1].n == 0 && is_last(r, i)
			       ? TRAIL_PSTORE_PMSG
			       : TRAIL_PSTORE_CONSOLE;
	/* two zones: the first may be of dmesg */
	if (r->layout.step == 0 && end_of_dmesg == 0 && n_before == 1 && is_last(r, i))
		return TRAIL_PSTORE_CONSOLE;
	return TRAIL_PSTORE_PMSG;
}

static void set_types(struct reader *r)
{
	uint32_t n_of_type[TRAIL_N_PSTORE_TYPES] = { 0 };
	size_t end = end_of_dmesg(r);

	for (size_t i = 0; i < r->layout.n; i++) {
		struct trail_ramoops_zone *zone = &r->layout.zones[i];
		zone->type = zone->version != 0 ? TRAIL_PSTORE_FTRACE
			     : i < end		? TRAIL_PSTORE_DMESG
						: type_of_other(r, i, end);
		zone->number = n_of_type[zone->type]++;
		size_t into = zone->at - r->layout.zones[0].at;
		if (zone->type == TRAIL_PSTORE_DMESG && r->layout.step > 0 &&
		    into % r->layout.step == 0)
			zone->number = (uint32_t)(into / r->layout.step);
	}
}

static const char *name_of(struct reader *r, const struct trail_ramoops_zone *zone)
{
	static const char *const names[TRAIL_N_PSTORE_TYPES] = {
		[TRAIL_PSTORE_DMESG] = "dmesg",
		[TRAIL_PSTORE_CONSOLE] = "console",
		[TRAIL_PSTORE_FTRACE] = "ftrace",
		[TRAIL_PSTORE_PMSG] = "pmsg",
	};

	if (zone->version == 0)
		return trail_pool_printf(r->pool, "%s zone %" PRIu32 " at 0x%zx", names[zone->type],
					 zone->number, zone->at);
	return trail_pool_printf(r->pool, "ftrace zone %" PRIu32 " at 0x%zx, of a kernel %u.%u.%u",
				 zone->number, zone->at, zone->version >> 16,
				 zone->version >> 8 & 0xff, zone->version & 0xff);
}

static bool finish(struct reader *r, const struct trail_ramoops_zone *zone,
		   struct trail_pstore_record *record)
{
	record->type = zone->type;
	record->backend = record->region = "ramoops";
	record->name = name_of(r, zone);
	record->has_id = true;
	record->id = zone->number;
	record->packed = TRAIL_PACKED_NO;
	if (zone->type != TRAIL_PSTORE_DMESG)
		return record->name != NULL;
	record->packed = TRAIL_PACKED_MAYBE;
	return record->name && take_line(r, record);
}

/* Erasing a record leaves it there, without its length; that is worth a word. */
static const char *say_left_out(struct reader *r)
{
	struct trail_text text = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < r->layout.n; i++) {
		const struct trail_ramoops_zone *zone = &r->layout.zones[i];
		size_t data = zone->at + TRAIL_RAMOOPS_HEADER;
		struct trail_ramoops_line line;
		if (zone->size != 0 || zone->start != 0 ||
		    !trail_ramoops_line(r->bytes + data, r->n - data, &line) || n++ > 7)
			continue;
		trail_text_printf(&text,
				  "%szone at 0x%zx: erased, a record of %" PRIu64
				  " s since 1970 was in it",
				  text.length ? "; " : "", zone->at, line.time_s);
	}
	if (r->layout.more)
		trail_text_printf(&text, "%smore signatures of zones than can be looked at",
				  text.length ? "; " : "");
	const char *why = text.length ? trail_pool_strdup(r->pool, trail_text_string(&text)) : NULL;
	trail_text_fini(&text);
	return why;
}

struct trail_error *trail_ramoops_read(const uint8_t *bytes, size_t n, struct trail_pool *pool,
				       struct trail_region *ret)
{
	struct reader r = { .bytes = bytes, .n = n, .pool = pool };

	struct trail_error *error = trail_ramoops_find(bytes, n, pool, &r.layout);
	if (error)
		return error;
	size_t n_zones = r.layout.n, n_records = 0;
	r.records = trail_pool_alloc(pool, TRAIL_MAX(n_zones, (size_t)1), sizeof(*r.records));
	if (!r.records)
		return &trail_error_nomem;
	for (size_t i = 0; i < n_zones; i++)
		if (!read_zone(&r, &r.layout.zones[i], &r.records[i]))
			return &trail_error_nomem;
	set_types(&r);
	for (size_t i = 0; i < n_zones; i++) {
		if (r.records[i].n == 0)
			continue;
		if (!finish(&r, &r.layout.zones[i], &r.records[i]))
			return &trail_error_nomem;
		r.records[n_records++] = r.records[i];
	}
	*ret = (struct trail_region){
		.records = r.records, .n = n_records, .n_places = n_zones, .why = say_left_out(&r)
	};
	return NULL;
}
