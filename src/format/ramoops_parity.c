/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parity of ramoops memory: how many bytes of it a block has is a parameter of the module and not
 * stored.  The last bytes of a zone are the parity of its header, so what fits there tells it, and
 * tells where the zone ends.
 *
 * Source: Linux fs/pstore/ram_core.c persistent_ram_init_ecc(), persistent_ram_decode_rs8().
 */
#include "format/ramoops_search.h"

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
 * corrected, at most @max, or -1.  Where no parity is, zeros would make a header of zeros of it:
 * what comes out must have the signature.
 */
static int check_header(const struct trail_ramoops_search *s,
			const struct trail_ramoops_layout *layout,
			const struct trail_ramoops_zone *zone, size_t extent, size_t n_parity,
			int max, struct trail_ramoops_seen *ret)
{
	uint8_t header[TRAIL_RAMOOPS_HEADER];
	struct trail_ramoops_search one = { .bytes = header,
					    .n = sizeof(header),
					    .n_file = UINT32_MAX };

	if (extent > s->n - zone->at || capacity_of(extent, n_parity) == 0)
		return -1;
	const uint8_t *parity = s->bytes + zone->at + extent - n_parity;
	memcpy(header, s->bytes + zone->at, sizeof(header));
	int wrong = 0;
	if (!trail_rs_fits(&layout->rs, header, sizeof(header), parity, n_parity))
		wrong = max == 0 ? -1
				 : trail_rs_correct(&layout->rs, header, sizeof(header), parity,
						    n_parity);
	if (wrong < 0 || wrong > max)
		return -1;
	trail_ramoops_header(&one, 0, layout->big_endian, ret);
	ret->at = zone->at;
	return ret->version == zone->version ? wrong : -1;
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

/*
 * The extent with which @n_parity bytes correct at most @max of the header; 0 when there is none.
 * One that needs no correction goes first.
 */
static size_t fitting_extent(const struct trail_ramoops_search *s,
			     const struct trail_ramoops_layout *layout,
			     const struct trail_ramoops_zone *zone, size_t n_parity, int max)
{
	size_t extents[64], n = extents_of(layout, zone, extents);
	struct trail_ramoops_seen header;

	for (size_t i = 0; i < n; i++)
		if (check_header(s, layout, zone, extents[i], n_parity, 0, &header) >= 0)
			return extents[i];
	for (size_t i = 0; i < n && max > 0; i++)
		if (check_header(s, layout, zone, extents[i], n_parity, max, &header) >= 0)
			return extents[i];
	return 0;
}

/*
 * Parity fits by chance where it is short: then more zones must agree.  An empty zone may have it
 * from an earlier boot, so that a zone with data decides where there is one; two bytes of that
 * one's header may be wrong.
 */
static bool parity_is(const struct trail_ramoops_search *s,
		      const struct trail_ramoops_layout *layout, size_t n_parity)
{
	size_t n_tried = TRAIL_MIN(layout->n, (size_t)TRAIL_RAMOOPS_MAX_TRIED), n_fit = 0;
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

size_t trail_ramoops_parity(const struct trail_ramoops_search *s,
			    const struct trail_ramoops_layout *layout)
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
void trail_ramoops_correct_header(const struct trail_ramoops_search *s,
				  const struct trail_ramoops_layout *layout,
				  struct trail_ramoops_zone *zone)
{
	int max = (int)layout->n_parity / 2;
	struct trail_ramoops_seen header;

	size_t extent = fitting_extent(s, layout, zone, layout->n_parity, max);
	int wrong = extent > 0
			    ? check_header(s, layout, zone, extent, layout->n_parity, max, &header)
			    : -1;
	zone->ecc_bad = wrong < 0;
	if (wrong < 0)
		return;
	zone->extent = extent;
	zone->ecc_corrected = (uint32_t)wrong;
	zone->start = header.start;
	zone->size = header.size;
	zone->signature = true;
}

/* Are at least two bytes of a signature right?  Parity alone could make one of zeros. */
static bool half_signed(const struct trail_ramoops_search *s,
			const struct trail_ramoops_layout *layout, size_t at)
{
	static const char little[] = "DBGC", big[] = "CGBD";
	int n = 0;

	for (size_t i = 0; i < 4 && i < s->n - at; i++)
		n += s->bytes[at + i] == (layout->big_endian ? big : little)[i];
	return n >= 2;
}

/* Zones whose signature is lost, at a step from the one before: their parity may give it back. */
bool trail_ramoops_add_corrected(struct trail_ramoops_search *s,
				 struct trail_ramoops_layout *layout)
{
	size_t n = layout->n, step = layout->step;

	for (size_t i = 0; i < n && step > 0; i++) {
		/* adding moves the zones */
		struct trail_ramoops_zone zone = layout->zones[i];
		for (size_t into = step; into < zone.extent && zone.version == 0; into += step) {
			struct trail_ramoops_zone lost = { .at = zone.at + into,
							   .extent = zone.extent - into };
			if (!half_signed(s, layout, lost.at))
				continue;
			size_t extent = fitting_extent(s, layout, &lost, layout->n_parity,
						       (int)layout->n_parity / 2);
			struct trail_ramoops_seen header;
			if (extent == 0 || check_header(s, layout, &lost, extent, layout->n_parity,
							TRAIL_RS_MAX_BLOCK, &header) < 0)
				continue;
			if (!trail_ramoops_add(s, layout, &header, false))
				return false;
		}
	}
	return true;
}
