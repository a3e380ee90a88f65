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

#define SIGNATURE 0x43474244 /* DBGC; PERSISTENT_RAM_SIG */
#define MIN_EXTENT 64	     /* of a zone between two others: nothing smaller holds a line */

/* The files that hold a region also hold other things: more signatures than this are not zones. */
enum { MAX_SEEN = 1 << 16, MAX_TRIED = 64 };

/* A signature, and what stands behind it. */
struct seen {
	size_t at;
	uint32_t version, start, size;
	bool big_endian;
	bool sound; /* start and size can be */
};

struct search {
	const uint8_t *bytes;
	size_t n;
	uint64_t n_file; /* where @bytes are only the start of a file, its size */
	struct trail_pool *pool;
	struct seen *seen;
	size_t n_seen;
};

static void read_header(const struct search *s, size_t at, bool big_endian, struct seen *ret)
{
	struct trail_cursor c = trail_cursor_over(s->bytes + at, s->n - at, at, "zone", big_endian);
	uint32_t signature = trail_cursor_u32(&c);

	*ret = (struct seen){ .at = at, .big_endian = big_endian };
	ret->start = trail_cursor_u32(&c);
	ret->size = trail_cursor_u32(&c);
	ret->version = signature ^ SIGNATURE;
	ret->sound = trail_cursor_ok(&c) && ret->start <= ret->size &&
		     ret->size <= s->n_file - at - TRAIL_RAMOOPS_HEADER;
}

/* Kernels of releases 2 to 31; an entry of ftrace is a multiple of 4 bytes. */
static bool is_ftrace(const struct seen *header)
{
	uint32_t major = header->version >> 16;

	return major >= 2 && major < 32 && header->sound && header->size % 4 == 0;
}

static bool note(struct search *s, size_t at, bool big_endian)
{
	struct seen header;

	if (s->n - at < TRAIL_RAMOOPS_HEADER || s->n_seen == MAX_SEEN)
		return true;
	read_header(s, at, big_endian, &header);
	if (header.version != 0 && !is_ftrace(&header))
		return true;
	struct seen *more = trail_pool_grow(s->pool, s->seen, s->n_seen, sizeof(*more));
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
static bool look_for_signatures(struct search *s)
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
	const struct seen *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* Of the two byte orders the one with more that can be; the other's are dropped. */
static bool choose_order(struct search *s)
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
static bool stands_at(const struct search *s, size_t at)
{
	struct seen key = { .at = at };
	const struct seen *found = s->n_seen > 0 ? bsearch(&key, s->seen, s->n_seen,
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

static bool line_at(const struct search *s, size_t at)
{
	struct trail_ramoops_line line;

	return at <= s->n && trail_ramoops_line(s->bytes + at, s->n - at, &line);
}

static bool is_power_of_two(size_t n)
{
	return n > 0 && (n & (n - 1)) == 0;
}

/* Bytes of a zone's data; none where its numbers cannot be. */
static size_t live_bytes(const struct search *s, const struct trail_ramoops_zone *zone)
{
	bool sound = zone->start <= zone->size &&
		     zone->size <= s->n_file - zone->at - TRAIL_RAMOOPS_HEADER;

	return sound ? zone->size : 0;
}

/*
 * Data of one zone may hold what looks like another.  Three signatures at one distance are
 * zones nevertheless, and the size that spans them is wrong.
 */
static bool is_inside(const struct search *s, const struct trail_ramoops_zone *last,
		      const struct seen *header)
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
static bool is_zone_with_wrong_numbers(const struct search *s, const struct seen *header,
				       size_t step)
{
	if (header->at == 0 || line_at(s, header->at + TRAIL_RAMOOPS_HEADER))
		return true;
	return step > 0 && (stands_at(s, header->at + step) ||
			    (header->at >= step && stands_at(s, header->at - step)));
}

static bool add_zone(struct search *s, struct trail_ramoops_layout *layout,
		     const struct seen *header, bool signature)
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

/* The commonest distance of signatures that stand next to each other; 0 when none comes twice. */
static size_t find_step(const struct search *s)
{
	size_t best = 0, n_best = 1;
	size_t tried[MAX_TRIED];
	size_t n_tried = 0;

	for (size_t i = 1; i < s->n_seen && n_tried < MAX_TRIED; i++) {
		size_t step = s->seen[i].at - s->seen[i - 1].at, n = 0;
		bool known = s->seen[i].version || s->seen[i - 1].version || step < MIN_EXTENT;
		for (size_t j = 0; j < n_tried && !known; j++)
			known = tried[j] == step;
		if (known)
			continue;
		tried[n_tried++] = step;
		for (size_t j = 1; j < s->n_seen; j++)
			n += !s->seen[j].version && !s->seen[j - 1].version &&
			     s->seen[j].at - s->seen[j - 1].at == step;
		if (n > n_best) {
			best = step;
			n_best = n;
		}
	}
	return best;
}

/*
 * A signature of ftrace may be chance: it counts behind another zone, at a distance that zones
 * have, or at the start, and all are of one kernel.
 */
static bool ftrace_stands_right(const struct trail_ramoops_layout *layout, uint32_t version,
				const struct seen *header)
{
	if (version != 0 && header->version != version)
		return false;
	if (layout->n == 0)
		return header->at == 0;
	const struct trail_ramoops_zone *last = &layout->zones[layout->n - 1];
	size_t distance = header->at - last->at;
	return last->version != 0 ? distance % 2 == 0 && distance >= MIN_EXTENT
				  : distance == layout->step || is_power_of_two(distance);
}

static bool keep_zones(struct search *s, struct trail_ramoops_layout *layout)
{
	uint32_t version = 0;

	for (size_t i = 0; i < s->n_seen; i++) {
		const struct seen *header = &s->seen[i];
		const struct trail_ramoops_zone *last = layout->n ? &layout->zones[layout->n - 1]
								  : NULL;
		if (last && is_inside(s, last, header))
			continue;
		if (header->version != 0 && !ftrace_stands_right(layout, version, header))
			continue;
		if (!header->sound && !is_zone_with_wrong_numbers(s, header, layout->step))
			continue;
		if (header->version != 0)
			version = header->version;
		if (!add_zone(s, layout, header, true))
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
static void set_extents(const struct search *s, struct trail_ramoops_layout *layout)
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
static bool is_unsigned(const struct search *s, const struct trail_ramoops_layout *layout, size_t n,
			size_t at)
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

static bool add_unsigned(struct search *s, struct trail_ramoops_layout *layout)
{
	const uint8_t *p = s->bytes, *end = s->bytes + s->n;
	size_t n = layout->n;

	while (p < end && (p = memmem(p, (size_t)(end - p), "====", 4))) {
		size_t at = (size_t)(p++ - s->bytes);
		if (at < TRAIL_RAMOOPS_HEADER || !line_at(s, at) ||
		    !is_unsigned(s, layout, n, at - TRAIL_RAMOOPS_HEADER))
			continue;
		struct seen header;
		read_header(s, at - TRAIL_RAMOOPS_HEADER, layout->big_endian, &header);
		header.version = 0;
		if (!add_zone(s, layout, &header, false))
			return false;
	}
	return true;
}

static size_t capacity_of(size_t extent, size_t n_parity)
{
	size_t room = extent < TRAIL_RAMOOPS_HEADER ? 0 : extent - TRAIL_RAMOOPS_HEADER;

	if (n_parity == 0 || room <= n_parity)
		return n_parity == 0 ? room : 0;
	size_t unit = TRAIL_RAMOOPS_BLOCK + n_parity;
	size_t blocks = (room - n_parity + unit - 1) / unit;
	size_t total = (blocks + 1) * n_parity;
	return total < room ? room - total : 0;
}

size_t trail_ramoops_capacity(const struct trail_ramoops_layout *layout,
			      const struct trail_ramoops_zone *zone)
{
	return capacity_of(zone->extent, layout->n_parity);
}

/*
 * Does a zone of that extent end in the parity of its header?  Gives how many bytes had to be
 * corrected, at most @max, or -1.
 */
static int check_header(const struct search *s, const struct trail_ramoops_layout *layout,
			size_t at, size_t extent, size_t n_parity, int max, uint8_t *header)
{
	if (extent > s->n - at || capacity_of(extent, n_parity) == 0)
		return -1;
	const uint8_t *parity = s->bytes + at + extent - n_parity;
	memcpy(header, s->bytes + at, TRAIL_RAMOOPS_HEADER);
	if (max == 0)
		return trail_rs_fits(&layout->rs, header, TRAIL_RAMOOPS_HEADER, parity, n_parity)
			       ? 0
			       : -1;
	int wrong = trail_rs_correct(&layout->rs, header, TRAIL_RAMOOPS_HEADER, parity, n_parity);
	return wrong <= max ? wrong : -1;
}

/* The extents that a zone may have: up to the next one, a step, a power of two. */
static size_t extents_of(const struct trail_ramoops_layout *layout,
			 const struct trail_ramoops_zone *zone, size_t ret[64])
{
	size_t n = 0;

	ret[n++] = zone->extent;
	if (layout->step > 0 && layout->step < zone->extent)
		ret[n++] = layout->step;
	for (size_t size = (size_t)1 << 31; size >= 512; size >>= 1)
		if (size < zone->extent)
			ret[n++] = size;
	return n;
}

/* The extent with which @n_parity bytes correct at most @max of the header; 0 when there is none.
 */
static size_t fitting_extent(const struct search *s, const struct trail_ramoops_layout *layout,
			     const struct trail_ramoops_zone *zone, size_t n_parity, int max)
{
	size_t extents[64], n = extents_of(layout, zone, extents);
	uint8_t header[TRAIL_RAMOOPS_HEADER];

	for (size_t i = 0; i < n; i++)
		if (check_header(s, layout, zone->at, extents[i], n_parity, max, header) >= 0)
			return extents[i];
	return 0;
}

/*
 * Parity fits by chance where it is short: then more zones must agree.  An empty zone may have it
 * from an earlier boot, so that a zone with data decides where there is one; two bytes of that
 * one's header may be wrong.
 */
static bool parity_is(const struct search *s, const struct trail_ramoops_layout *layout,
		      size_t n_parity)
{
	size_t n_tried = TRAIL_MIN(layout->n, (size_t)MAX_TRIED), n_fit = 0;
	bool has_full = false, full_fits = false;

	for (size_t i = 0; i < n_tried; i++) {
		const struct trail_ramoops_zone *zone = &layout->zones[i];
		bool fits = fitting_extent(s, layout, zone, n_parity, 0) > 0;
		n_fit += fits;
		has_full |= zone->size > 0;
		full_fits |= zone->size > 0 && fits;
	}
	bool may_correct = n_parity == 16 || (n_parity >= 8 && n_fit > 0);
	for (size_t i = 0; i < n_tried && may_correct && !full_fits; i++) {
		const struct trail_ramoops_zone *zone = &layout->zones[i];
		full_fits = zone->size > 0 && fitting_extent(s, layout, zone, n_parity, 2) > 0;
		n_fit += full_fits;
	}
	if (has_full && !full_fits)
		return false;
	return n_parity >= 4 ? n_fit > 0 : n_fit >= 3 && n_fit * 2 > n_tried;
}

static size_t find_parity(const struct search *s, const struct trail_ramoops_layout *layout)
{
	if (layout->n == 0)
		return 0;
	/* what the module takes for "on" */
	if (parity_is(s, layout, 16))
		return 16;
	for (size_t n_parity = TRAIL_RAMOOPS_MAX_PARITY; n_parity > 0; n_parity--)
		if (parity_is(s, layout, n_parity))
			return n_parity;
	return 0;
}

/* Take the header as its parity says it was. */
static void correct_header(const struct search *s, const struct trail_ramoops_layout *layout,
			   struct trail_ramoops_zone *zone)
{
	uint8_t header[TRAIL_RAMOOPS_HEADER];
	struct search one = { .bytes = header, .n = sizeof(header), .n_file = UINT32_MAX };
	struct seen numbers;

	size_t extent = fitting_extent(s, layout, zone, layout->n_parity,
				       (int)layout->n_parity / 2);
	zone->ecc_bad = extent == 0;
	if (extent == 0)
		return;
	int wrong = check_header(s, layout, zone->at, extent, layout->n_parity, TRAIL_RS_MAX_BLOCK,
				 header);
	read_header(&one, 0, layout->big_endian, &numbers);
	if (wrong < 0 || numbers.version != zone->version)
		return;
	zone->extent = extent;
	zone->ecc_corrected = (uint32_t)wrong;
	zone->start = numbers.start;
	zone->size = numbers.size;
	zone->signature = true;
}

/* Zones whose signature is lost, at a step from the one before: their parity may give it back. */
static bool add_corrected(struct search *s, struct trail_ramoops_layout *layout)
{
	size_t n = layout->n;

	for (size_t i = 0; i < n; i++) {
		struct trail_ramoops_zone *zone = &layout->zones[i];
		size_t extent = zone->extent, step = layout->step;
		for (size_t into = step; extent > step && into <= extent - step; into += step) {
			uint8_t header[TRAIL_RAMOOPS_HEADER];
			struct search one = {
				header, sizeof(header), UINT32_MAX, s->pool, NULL, 0
			};
			struct seen numbers;
			if (zone->version != 0 || layout->n == TRAIL_RAMOOPS_MAX_ZONES)
				break;
			if (check_header(s, layout, zone->at + into, step, layout->n_parity,
					 TRAIL_RS_MAX_BLOCK, header) < 0)
				continue;
			read_header(&one, 0, layout->big_endian, &numbers);
			numbers.at = zone->at + into;
			if (numbers.version != 0)
				continue;
			if (!add_zone(s, layout, &numbers, false))
				return false;
			zone = &layout->zones[i];
		}
	}
	return true;
}

/* What stands out as zones, before parity is asked. */
static bool find_signed(struct search *s, struct trail_ramoops_layout *layout)
{
	trail_rs_init(&layout->rs);
	if (!look_for_signatures(s))
		return false;
	layout->more = s->n_seen == MAX_SEEN;
	layout->big_endian = choose_order(s);
	layout->step = find_step(s);
	return keep_zones(s, layout);
}

struct trail_error *trail_ramoops_find(const uint8_t *bytes, size_t n, struct trail_pool *pool,
				       struct trail_ramoops_layout *ret)
{
	struct search s = { .bytes = bytes, .n = n, .n_file = n, .pool = pool };
	struct trail_ramoops_layout layout = { 0 };

	if (!find_signed(&s, &layout) || !add_unsigned(&s, &layout))
		return &trail_error_nomem;
	set_extents(&s, &layout);
	layout.n_parity = find_parity(&s, &layout);
	if (layout.n_parity > 0) {
		if (!add_corrected(&s, &layout))
			return &trail_error_nomem;
		set_extents(&s, &layout);
		for (size_t i = 0; i < layout.n; i++)
			correct_header(&s, &layout, &layout.zones[i]);
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
	struct search s = { .bytes = bytes, .n = n, .n_file = TRAIL_MAX(size, n), .pool = &pool };
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
