/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the zones of ramoops memory lie.  The kernel cuts its memory by sizes that are parameters
 * of the module: dmesg zones of one size, which is even and no more; then the console; then ftrace,
 * one zone or one for each CPU, and pmsg (6.1), or pmsg and ftrace (6.12), each of a power of two.
 * None of that is stored, so a zone is what has the signature and numbers that can be, or stands
 * where the step from zone to zone says that one is.
 *
 * Source: Linux fs/pstore/ram.c ramoops_probe(), ramoops_init_przs(); ram_core.c
 * persistent_ram_init_ecc(), persistent_ram_save_old(), persistent_ram_zap().
 */
#include "format/ramoops_layout.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "base/error.h"
#include "base/pool.h"
#include "format/ramoops.h"
#include "format/ramoops_search.h"

#define SIGNATURE 0x43474244 /* DBGC; PERSISTENT_RAM_SIG */
#define MIN_EXTENT 64	     /* of a zone between two others: nothing smaller holds a line */

void trail_ramoops_header(const struct trail_ramoops_search *s, size_t at, bool big_endian,
			  struct trail_ramoops_seen *ret)
{
	struct trail_cursor c = trail_cursor_over(s->bytes + at, s->n - at, at, "zone", big_endian);
	uint32_t signature = trail_cursor_u32(&c);

	*ret = (struct trail_ramoops_seen){ .at = at, .big_endian = big_endian };
	ret->start = trail_cursor_u32(&c);
	ret->size = trail_cursor_u32(&c);
	ret->version = signature ^ SIGNATURE;
	ret->sound = trail_cursor_ok(&c) && ret->start <= ret->size &&
		     ret->size <= s->n_file - at - TRAIL_RAMOOPS_HEADER;
}

/*
 * Kernels of releases 2 to 31; an entry of ftrace is a multiple of 4 bytes.  What differs by one
 * bit is no release but a signature that lost one: 4.0.0, 8.0.0 and 16.0.0 are passed over.
 */
static bool is_ftrace(const struct trail_ramoops_seen *header)
{
	uint32_t major = header->version >> 16;

	return major >= 2 && major < 32 && (header->version & (header->version - 1)) != 0 &&
	       header->sound && header->size % 4 == 0;
}

static bool note(struct trail_ramoops_search *s, size_t at, bool big_endian)
{
	struct trail_ramoops_seen header;

	if (s->n - at < TRAIL_RAMOOPS_HEADER || s->n_seen == TRAIL_RAMOOPS_MAX_SEEN)
		return true;
	trail_ramoops_header(s, at, big_endian, &header);
	if (header.version != 0 && !is_ftrace(&header))
		return true;
	struct trail_ramoops_seen *more = trail_pool_grow(s->pool, s->seen, s->n_seen,
							  sizeof(*more));
	if (!more)
		return false;
	s->seen = more;
	s->seen[s->n_seen++] = header;
	return true;
}

/* Could the byte next to the signature's first one be of it?  A version changes five bits. */
static bool second_fits(uint8_t byte)
{
	return (byte ^ 'G') < 32;
}

/* Every signature of either byte order, by place. */
static bool look_for_signatures(struct trail_ramoops_search *s)
{
	const uint8_t *end = s->bytes + s->n;

	for (const uint8_t *p = s->bytes; p < end && (p = memchr(p, 'C', (size_t)(end - p))); p++) {
		size_t at = (size_t)(p - s->bytes);
		if (at >= 3 && second_fits(p[-1]) && !note(s, at - 3, false))
			return false;
		if (end - p > 1 && second_fits(p[1]) && !note(s, at, true))
			return false;
	}
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct trail_ramoops_seen *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* Of the two byte orders the one with more that can be; the other's are dropped. */
static bool choose_order(struct trail_ramoops_search *s)
{
	size_t n_sound[2] = { 0, 0 }, n_kept = 0;

	for (size_t i = 0; i < s->n_seen; i++)
		if (s->seen[i].version == 0)
			n_sound[s->seen[i].big_endian] += s->seen[i].sound ? 1000 : 1;
	bool big_endian = n_sound[1] > n_sound[0];
	for (size_t i = 0; i < s->n_seen; i++)
		if (s->seen[i].big_endian == big_endian)
			s->seen[n_kept++] = s->seen[i];
	s->n_seen = n_kept;
	if (n_kept > 0)
		qsort(s->seen, n_kept, sizeof(*s->seen), by_place);
	return big_endian;
}

/* Is there a signature that is none of ftrace's at that place? */
static bool stands_at(const struct trail_ramoops_search *s, size_t at)
{
	struct trail_ramoops_seen key = { .at = at };
	const struct trail_ramoops_seen *found = s->n_seen > 0 ? bsearch(&key, s->seen, s->n_seen,
									 sizeof(*s->seen), by_place)
							       : NULL;

	return found && found->version == 0;
}

bool trail_ramoops_line(const uint8_t *data, size_t n, struct trail_ramoops_line *ret)
{
	size_t at = 4;
	uint64_t time_s = 0;

	if (n < at || memcmp(data, "====", 4) != 0)
		return false;
	size_t digits = at;
	for (; at < n && at - digits < 19 && data[at] >= '0' && data[at] <= '9'; at++)
		time_s = time_s * 10 + (data[at] - '0');
	if (at == digits || at == n || data[at] != '.')
		return false;
	digits = ++at;
	while (at < n && at - digits < 9 && data[at] >= '0' && data[at] <= '9')
		at++;
	if (at == digits)
		return false;
	*ret = (struct trail_ramoops_line){ .time_s = time_s };
	if (n - at >= 2 && data[at] == '-' && (data[at + 1] == 'C' || data[at + 1] == 'D')) {
		ret->packed = (char)data[at + 1];
		at += 2;
	}
	if (at == n || data[at] != '\n')
		return false;
	ret->length = at + 1;
	return true;
}

static bool line_at(const struct trail_ramoops_search *s, size_t at)
{
	struct trail_ramoops_line line;

	return at <= s->n && trail_ramoops_line(s->bytes + at, s->n - at, &line);
}

static bool is_power_of_two(size_t n)
{
	return n > 0 && (n & (n - 1)) == 0;
}

/* Bytes of a zone's data; none where its numbers cannot be. */
static size_t live_bytes(const struct trail_ramoops_search *s,
			 const struct trail_ramoops_zone *zone)
{
	bool sound = zone->start <= zone->size &&
		     zone->size <= s->n_file - zone->at - TRAIL_RAMOOPS_HEADER;

	return sound ? zone->size : 0;
}

/*
 * Data of one zone may hold what looks like another.  Three signatures at one distance are
 * zones nevertheless, and the size that spans them is wrong.
 */
static bool is_inside(const struct trail_ramoops_search *s, const struct trail_ramoops_zone *last,
		      const struct trail_ramoops_seen *header)
{
	size_t distance = header->at - last->at;

	if (distance < TRAIL_RAMOOPS_HEADER)
		return true;
	if (distance - TRAIL_RAMOOPS_HEADER >= live_bytes(s, last))
		return false;
	return header->version != 0 || !stands_at(s, header->at + distance);
}

/* What stands at the start, holds a record, or is one of three in step, is a zone with wrong
 * numbers; a signature elsewhere may be anything. */
static bool is_zone_with_wrong_numbers(const struct trail_ramoops_search *s,
				       const struct trail_ramoops_seen *header, size_t step)
{
	if (header->at == 0 || line_at(s, header->at + TRAIL_RAMOOPS_HEADER))
		return true;
	return step > 0 && (stands_at(s, header->at + step) ||
			    (header->at >= step && stands_at(s, header->at - step)));
}

bool trail_ramoops_add(struct trail_ramoops_search *s, struct trail_ramoops_layout *layout,
		       const struct trail_ramoops_seen *header, bool signature)
{
	if (layout->n == TRAIL_RAMOOPS_MAX_ZONES) {
		layout->more = true;
		return true;
	}
	struct trail_ramoops_zone *more = trail_pool_grow(s->pool, layout->zones, layout->n,
							  sizeof(*more));
	if (!more)
		return false;
	layout->zones = more;
	layout->zones[layout->n++] = (struct trail_ramoops_zone){
		.at = header->at,
		.version = header->version,
		.start = header->start,
		.size = header->size,
		.signature = signature,
	};
	return true;
}

/* The commonest distance of places that stand next to each other; 0 when none comes twice. */
static size_t commonest_distance(const size_t *at, size_t n_at)
{
	size_t tried[TRAIL_RAMOOPS_MAX_TRIED], n_tried = 0, best = 0, n_best = 1;

	for (size_t i = 1; i < n_at && n_tried < TRAIL_RAMOOPS_MAX_TRIED; i++) {
		size_t step = at[i] - at[i - 1], n = 0;
		bool known = step < MIN_EXTENT;
		for (size_t j = 0; j < n_tried && !known; j++)
			known = tried[j] == step;
		if (known)
			continue;
		tried[n_tried++] = step;
		for (size_t j = 1; j < n_at; j++)
			n += at[j] - at[j - 1] == step;
		if (n > n_best) {
			best = step;
			n_best = n;
		}
	}
	return best;
}

/* From signature to signature, or zone to zone where those are known; false when memory runs out.
 */
static bool find_step(const struct trail_ramoops_search *s, struct trail_ramoops_layout *layout)
{
	size_t *at = trail_pool_alloc(s->pool, s->n_seen + layout->n + 1, sizeof(*at)), n = 0;

	if (!at)
		return false;
	for (size_t i = 0; i < s->n_seen && layout->n == 0; i++)
		if (s->seen[i].version == 0)
			at[n++] = s->seen[i].at;
	for (size_t i = 0; i < layout->n; i++)
		if (layout->zones[i].version == 0)
			at[n++] = layout->zones[i].at;
	size_t step = commonest_distance(at, n);
	if (step > 0)
		layout->step = step;
	return true;
}

/* Does what comes next stand as zones do behind one of ftrace: its like, pmsg or the end? */
static bool next_stands_right(const struct trail_ramoops_search *s, size_t i)
{
	const struct trail_ramoops_seen *header = &s->seen[i];

	for (size_t j = i + 1; j < s->n_seen; j++) {
		size_t distance = s->seen[j].at - header->at;
		if (s->seen[j].version == 0)
			return is_power_of_two(distance);
		if (s->seen[j].version != header->version || distance % 2 != 0)
			continue;
		bool again = j + 1 < s->n_seen && s->seen[j + 1].at - s->seen[j].at == distance;
		return again || is_power_of_two(distance);
	}
	return is_power_of_two(s->n_file - header->at);
}

/*
 * A signature of ftrace may be chance: it counts at a distance from the zone before, or to the
 * next, that zones have, and all are of one kernel.
 */
static bool ftrace_stands_right(const struct trail_ramoops_search *s,
				const struct trail_ramoops_layout *layout, uint32_t version,
				size_t i)
{
	const struct trail_ramoops_seen *header = &s->seen[i];

	if (version != 0 && header->version != version)
		return false;
	if (layout->n == 0)
		return header->at == 0 || next_stands_right(s, i);
	const struct trail_ramoops_zone *last = &layout->zones[layout->n - 1];
	size_t distance = header->at - last->at;
	if (distance % 2 != 0 || distance < MIN_EXTENT)
		return false;
	return last->version != 0 || distance == layout->step || is_power_of_two(distance) ||
	       next_stands_right(s, i);
}

static bool keep_zones(struct trail_ramoops_search *s, struct trail_ramoops_layout *layout)
{
	uint32_t version = 0;

	for (size_t i = 0; i < s->n_seen; i++) {
		const struct trail_ramoops_seen *header = &s->seen[i];
		const struct trail_ramoops_zone *last = layout->n ? &layout->zones[layout->n - 1]
								  : NULL;
		if (last && is_inside(s, last, header))
			continue;
		if (header->version != 0 && !ftrace_stands_right(s, layout, version, i))
			continue;
		if (!header->sound && !is_zone_with_wrong_numbers(s, header, layout->step))
			continue;
		if (header->version != 0)
			version = header->version;
		if (!trail_ramoops_add(s, layout, header, true))
			return false;
	}
	return true;
}

static int zone_by_place(const void *a, const void *b)
{
	const struct trail_ramoops_zone *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* Zones end where the next begins. */
void trail_ramoops_set_extents(const struct trail_ramoops_search *s,
			       struct trail_ramoops_layout *layout)
{
	if (layout->n > 0)
		qsort(layout->zones, layout->n, sizeof(*layout->zones), zone_by_place);
	for (size_t i = 0; i < layout->n; i++) {
		size_t end = i + 1 < layout->n ? layout->zones[i + 1].at : s->n;
		layout->zones[i].extent = end - layout->zones[i].at;
	}
}

/* The last zone that begins at or before a place. */
static const struct trail_ramoops_zone *zone_before(const struct trail_ramoops_layout *layout,
						    size_t n, size_t at)
{
	const struct trail_ramoops_zone *found = NULL;
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (layout->zones[middle].at <= at) {
			found = &layout->zones[middle];
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return found;
}

/*
 * Is what lies at @at a zone of which only the record's first line is left?  An erased zone keeps
 * its line, and data of a zone may hold one.
 */
static bool is_unsigned(const struct trail_ramoops_search *s,
			const struct trail_ramoops_layout *layout, size_t n, size_t at)
{
	const struct trail_ramoops_zone *zone = zone_before(layout, n, at);

	if (!zone)
		return at == 0 || (n > 0 && layout->step > 0 &&
				   (layout->zones[0].at - at) % layout->step == 0);
	size_t into = at - zone->at;
	if (into < MIN_EXTENT || into - TRAIL_RAMOOPS_HEADER < live_bytes(s, zone))
		return false;
	return into % (layout->step > 0 ? layout->step : 2) == 0;
}

static bool add_unsigned(struct trail_ramoops_search *s, struct trail_ramoops_layout *layout)
{
	const uint8_t *p = s->bytes, *end = s->bytes + s->n;
	size_t n = layout->n;

	while (p < end && (p = memmem(p, (size_t)(end - p), "====", 4))) {
		size_t at = (size_t)(p++ - s->bytes);
		if (at < TRAIL_RAMOOPS_HEADER || !line_at(s, at) ||
		    !is_unsigned(s, layout, n, at - TRAIL_RAMOOPS_HEADER))
			continue;
		struct trail_ramoops_seen header;
		trail_ramoops_header(s, at - TRAIL_RAMOOPS_HEADER, layout->big_endian, &header);
		header.version = 0;
		if (!trail_ramoops_add(s, layout, &header, false))
			return false;
	}
	return true;
}

/* Zones of ftrace alone are chance, but for a region that starts with them. */
static bool has_zone_of_text(const struct trail_ramoops_layout *layout)
{
	for (size_t i = 0; i < layout->n; i++)
		if (layout->zones[i].version == 0 || layout->zones[i].at == 0)
			return true;
	return false;
}

/* What stands out as zones, before parity is asked. */
static bool find_signed(struct trail_ramoops_search *s, struct trail_ramoops_layout *layout)
{
	trail_rs_init(&layout->rs);
	if (!look_for_signatures(s))
		return false;
	layout->more = s->n_seen == TRAIL_RAMOOPS_MAX_SEEN;
	layout->big_endian = choose_order(s);
	if (!find_step(s, layout) || !keep_zones(s, layout))
		return false;
	if (!has_zone_of_text(layout))
		layout->n = 0;
	return true;
}

struct trail_error *trail_ramoops_find(const uint8_t *bytes, size_t n, struct trail_pool *pool,
				       struct trail_ramoops_layout *ret)
{
	struct trail_ramoops_search s = { .bytes = bytes, .n = n, .n_file = n, .pool = pool };
	struct trail_ramoops_layout layout = { 0 };

	if (!find_signed(&s, &layout) || !add_unsigned(&s, &layout))
		return &trail_error_nomem;
	trail_ramoops_set_extents(&s, &layout);
	if (layout.n > 0 && !find_step(&s, &layout))
		return &trail_error_nomem;
	layout.n_parity = trail_ramoops_parity(&s, &layout);
	if (layout.n_parity > 0) {
		if (!trail_ramoops_add_corrected(&s, &layout))
			return &trail_error_nomem;
		trail_ramoops_set_extents(&s, &layout);
		for (size_t i = 0; i < layout.n; i++)
			trail_ramoops_correct_header(&s, &layout, &layout.zones[i]);
	}
	*ret = layout;
	return NULL;
}

bool trail_ramoops_is(const uint8_t *bytes, size_t n, uint64_t size)
{
	struct trail_ramoops_layout layout = { 0 };
	struct trail_pool pool;
	bool is = false;

	trail_pool_init(&pool);
	struct trail_ramoops_search s = {
		.bytes = bytes, .n = n, .n_file = TRAIL_MAX(size, n), .pool = &pool
	};
	if (find_signed(&s, &layout)) {
		is = layout.n >= 2;
		for (size_t i = 0; i < layout.n && !is; i++) {
			size_t at = layout.zones[i].at;
			is = line_at(&s, at + TRAIL_RAMOOPS_HEADER) ||
			     (at == 0 && (s.seen[0].sound || layout.zones[i].size == 0));
		}
	}
	trail_pool_fini(&pool);
	return is;
}
