/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors, infos and text of the lockless log ring, or a ring of bytes → records; see printk.h.
 */
#include "format/printk.h"

#include <stdlib.h>

#include "base/cursor.h"

/* The two top bits of a descriptor's state word, the rest is its id. */
enum { STATE_RESERVED, STATE_COMMITTED, STATE_FINALIZED, STATE_REUSABLE };
#define ID_MASK (UINT64_MAX >> 2)

enum {
	DEV_INFO_WITH_CONTEXT = 44
}; /* OFFSET(printk_info.dev_info) with CONFIG_PRINTK_EXECUTION_CTX */

uint64_t trail_printk_count(const struct trail_printk_raw *raw)
{
	uint64_t n = ((raw->head_id - raw->tail_id) & ID_MASK) + 1;

	if (raw->count_bits > TRAIL_PRINTK_MAX_BITS || raw->text_bits > TRAIL_PRINTK_MAX_TEXT_BITS)
		return 0;
	return n > (UINT64_C(1) << raw->count_bits) ? 0 : n;
}

static uint64_t field(const struct trail_printk_raw *raw, const uint8_t *p, size_t size,
		      size_t offset, size_t width)
{
	struct trail_cursor c = trail_cursor_over(p, size, 0, "log ring", raw->big_endian);

	trail_cursor_seek(&c, offset);
	return trail_cursor_uint(&c, width);
}

/* ---- head and tail ------------------------------------------------------- */

/* The id of the descriptor in a slot; false when no record is there.  One that was never used, or
 * is not in the dump, is zero. */
static bool live_id(const struct trail_printk_raw *raw, uint64_t slot, uint64_t *ret)
{
	const uint8_t *d = raw->descriptors + slot * raw->descriptor_size;
	uint64_t state = field(raw, d, raw->descriptor_size, raw->offset.state, 8);

	*ret = state & ID_MASK;
	return state && state >> 62 != STATE_REUSABLE &&
	       (*ret & ((UINT64_C(1) << raw->count_bits) - 1)) == slot;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

bool trail_printk_repair(struct trail_printk_raw *raw, uint64_t *ids)
{
	uint64_t count = UINT64_C(1) << raw->count_bits, n = trail_printk_count(raw);
	uint64_t best = 0, inside = 0;
	size_t live = 0, first = 0, last = 0;

	for (uint64_t slot = 0; slot < count; slot++) {
		uint64_t id;
		if (!live_id(raw, slot, &id))
			continue;
		inside += ((id - raw->tail_id) & ID_MASK) < n;
		/* ids start below zero, by the count and one: counted from there they do not wrap
		 */
		ids[live++] = (id + count + 1) & ID_MASK;
	}
	if (!live || (n && inside == live))
		return false;
	qsort(ids, live, sizeof(*ids), by_value);
	for (size_t i = 0, k = 0; k < live; k++) {
		while (ids[k] - ids[i] >= count)
			i++;
		if (k - i + 1 > best) {
			best = k - i + 1;
			first = i;
			last = k;
		}
	}
	if (best <= inside)
		return false;
	raw->tail_id = (ids[first] - count - 1) & ID_MASK;
	raw->head_id = (ids[last] - count - 1) & ID_MASK;
	return true;
}

/* ---- records ------------------------------------------------------------- */

/* Where the text of a block lies and how much there can be; false when the block cannot be right.
 */
static bool find_text(const struct trail_printk_raw *raw, uint64_t id, uint64_t begin,
		      uint64_t next, const char **text_ret, size_t *room_ret)
{
	uint64_t size = UINT64_C(1) << raw->text_bits, mask = size - 1;
	uint64_t at = begin & mask, bytes = next - begin;
	uint64_t last_wrap = (next - 1) >> raw->text_bits;

	if (begin % 8 || next % 8)
		return false;
	if (begin >> raw->text_bits != last_wrap) {
		if ((begin + size) >> raw->text_bits != last_wrap)
			return false;
		at = 0; /* wrapped: the whole block is at the start, its id too */
		bytes = next & mask;
	}
	if (bytes <= 8 || bytes > size - at || field(raw, raw->text, size, at, 8) != id)
		return false;
	*text_ret = (const char *)raw->text + at + 8;
	*room_ret = bytes - 8;
	return true;
}

static void read_info(const struct trail_printk_raw *raw, const uint8_t *info,
		      struct trail_printk_record *r)
{
	size_t size = raw->info_size;
	uint32_t caller = field(raw, info, size, raw->offset.caller_id, 4);
	uint8_t bits = field(raw, info, size, raw->offset.text_len + 3, 1);
	bool in_task = !(caller >> 31);

	r->seq = field(raw, info, size, raw->offset.seq, 8);
	r->ts_nsec = field(raw, info, size, raw->offset.ts_nsec, 8);
	r->length = field(raw, info, size, raw->offset.text_len, 2);
	r->facility = field(raw, info, size, raw->offset.text_len + 2, 1);
	r->level = raw->big_endian ? bits & 7 : bits >> 5;
	r->pid = in_task ? (int32_t)caller : -1;
	r->cpu = in_task ? -1 : (int32_t)(caller & 0x7fffffff);
	if (raw->offset.dev_info != DEV_INFO_WITH_CONTEXT)
		return;
	uint32_t other = field(raw, info, size, raw->offset.caller_id + 4, 4) & 0x7fffffff;
	*(in_task ? &r->cpu : &r->pid) = (int32_t)other;
	for (size_t i = 0; i < sizeof(r->comm) - 1; i++)
		r->comm[i] = (char)field(raw, info, size, raw->offset.caller_id + 8 + i, 1);
	r->comm_at = info - raw->infos + raw->offset.caller_id + 8;
}

enum trail_printk_slot trail_printk_read(const struct trail_printk_raw *raw, uint64_t i,
					 struct trail_printk_record *ret)
{
	uint64_t id = (raw->tail_id + i) & ID_MASK;
	size_t slot = id & ((UINT64_C(1) << raw->count_bits) - 1);
	const uint8_t *d = raw->descriptors + slot * raw->descriptor_size;
	uint64_t state = field(raw, d, raw->descriptor_size, raw->offset.state, 8);
	uint64_t begin = field(raw, d, raw->descriptor_size, raw->offset.begin, 8);
	uint64_t next = field(raw, d, raw->descriptor_size, raw->offset.next, 8);

	*ret = (struct trail_printk_record){ .cpu = -1, .pid = -1, .text = "" };
	if ((state & ID_MASK) != id || state >> 62 == STATE_REUSABLE)
		return TRAIL_PRINTK_EMPTY;
	read_info(raw, raw->infos + slot * raw->info_size, ret);
	ret->partial = state >> 62 == STATE_RESERVED;
	if ((begin & 1) && begin == next) { /* no data: 1 failed to get room, 3 an empty line */
		ret->length = 0;
		return begin == 3 ? TRAIL_PRINTK_RECORD : TRAIL_PRINTK_LOST;
	}
	size_t room = 0;
	if (!find_text(raw, id, begin, next, &ret->text, &room)) {
		ret->length = 0;
		return TRAIL_PRINTK_LOST;
	}
	ret->length = TRAIL_MIN(ret->length, room);
	return TRAIL_PRINTK_RECORD;
}

/* ---- the ring of bytes --------------------------------------------------- */

enum { WORD = 4, PAD_MAX = 8 }; /* alignment of struct printk_log */

/* A part of the ring: all of it where records do not go on at the start, else one of both. */
struct part {
	uint32_t start, end;
	bool is_first; /* of two */
};

static struct part part_of(const struct trail_printk_bytes *ring, bool wrapped)
{
	if (wrapped)
		return (struct part){ 0, ring->next, false };
	if (ring->first < ring->next)
		return (struct part){ ring->first, ring->next, false };
	return (struct part){ ring->first, ring->size, true };
}

static uint64_t byte_field(const struct trail_printk_bytes *ring, uint32_t index, size_t offset,
			   size_t width)
{
	struct trail_cursor c = trail_cursor_over(ring->bytes, ring->size, 0, "log",
						  ring->big_endian);

	trail_cursor_seek(&c, (uint64_t)index + offset);
	return trail_cursor_uint(&c, width);
}

static bool has_header(const struct trail_printk_bytes *ring, const struct part *part,
		       uint32_t index)
{
	return index <= part->end && part->end - index >= ring->header_size;
}

/* The length of a record; 0 when it cannot be right. */
static uint32_t length_at(const struct trail_printk_bytes *ring, const struct part *part,
			  uint32_t index)
{
	if (!has_header(ring, part, index))
		return 0;
	uint32_t length = byte_field(ring, index, ring->offset.len, 2);
	uint32_t used = ring->header_size + byte_field(ring, index, ring->offset.text_len, 2) +
			byte_field(ring, index, ring->offset.dict_len, 2);
	bool good = length >= used && length - used < PAD_MAX && length % WORD == 0 &&
		    length <= part->end - index;

	return good ? length : 0;
}

/* Is what begins the ring damaged, where records go on there? */
static bool is_start_lost(const struct trail_printk_bytes *ring)
{
	struct part second = part_of(ring, true);

	return part_of(ring, false).is_first && !length_at(ring, &second, 0);
}

static bool has_no_length(const struct trail_printk_bytes *ring, const struct part *part,
			  uint32_t index)
{
	return part->is_first && has_header(ring, part, index) &&
	       !byte_field(ring, index, ring->offset.len, 2);
}

/* A record of length 0 where the one that now begins the ring did not fit; where that is lost, the
 * last one that records lead to. */
static bool is_wrap(const struct trail_printk_bytes *ring, const struct part *part, uint32_t index)
{
	if (!has_no_length(ring, part, index))
		return false;
	if (is_start_lost(ring))
		return ring->leads[index / WORD];
	return index + byte_field(ring, 0, ring->offset.len, 2) + ring->header_size >= ring->size;
}

/* From the end to the start, so that each place is looked at once. */
static void find_leads(const struct trail_printk_bytes *ring, const struct part *part)
{
	bool open = is_start_lost(ring); /* no record was met yet that leads to a wrap */

	for (uint32_t index = part->end / WORD * WORD; index >= part->start + WORD;) {
		index -= WORD;
		uint32_t length = length_at(ring, part, index), to = index + length;
		bool ends = length && to == part->end && !part->is_first;
		bool leads = ends || (length && to < part->end && ring->leads[to / WORD]);
		open &= !leads;
		ring->leads[index / WORD] = leads || is_wrap(ring, part, index) ||
					    (open && has_no_length(ring, part, index));
	}
}

static void search(const struct trail_printk_bytes *ring, struct trail_printk_place *place)
{
	struct part first = part_of(ring, false), second = part_of(ring, true);

	if (place->searched)
		return;
	place->searched = true;
	memset(ring->leads, 0, ring->size / WORD);
	find_leads(ring, &first);
	if (first.is_first)
		find_leads(ring, &second);
}

/* How many records a place leads to; false when it does not lead to the end. */
static bool count_rest(const struct trail_printk_bytes *ring, struct trail_printk_place place,
		       uint64_t *ret)
{
	uint64_t n = 0;

	for (;;) {
		struct part part = part_of(ring, place.wrapped);
		uint32_t length;
		for (; (length = length_at(ring, &part, place.index)); n++)
			place.index += length;
		*ret = n;
		if (!is_wrap(ring, &part, place.index))
			return !part.is_first && place.index == part.end;
		place = (struct trail_printk_place){ .wrapped = true };
	}
}

/* What is left are the newest records, so they tell their numbers; true when some were skipped. */
static bool catch_up(const struct trail_printk_bytes *ring, struct trail_printk_place *place)
{
	uint64_t rest;

	if (!ring->next_seq || !count_rest(ring, *place, &rest) || rest > ring->next_seq ||
	    ring->next_seq - rest <= place->seq)
		return false;
	place->seq = ring->next_seq - rest;
	return true;
}

/* Go on behind what cannot be right: at the next place that leads to the end, at worst there. */
static void skip_damage(const struct trail_printk_bytes *ring, struct trail_printk_place *place)
{
	struct part part = part_of(ring, place->wrapped);

	search(ring, place);
	do
		place->index += WORD;
	while (place->index < part.end && !ring->leads[place->index / WORD]);
	if (place->index >= part.end) {
		place->index = part.is_first ? 0 : part.end;
		place->wrapped |= part.is_first;
	}
	place->seq++;
	catch_up(ring, place);
}

bool trail_printk_first(const struct trail_printk_bytes *ring, struct trail_printk_place *ret)
{
	*ret = (struct trail_printk_place){ .index = ring->first, .seq = ring->first_seq };
	if (!ring->header_size || ring->first > ring->size || ring->next > ring->size ||
	    ring->size % WORD || ring->first % WORD || ring->next % WORD ||
	    ring->next_seq < ring->first_seq)
		return false;
	if (is_start_lost(ring))
		search(ring, ret);
	return true;
}

/* Was the last record met?  Where both indexes are the same the ring is empty or full. */
static bool at_end(const struct trail_printk_bytes *ring, const struct trail_printk_place *place)
{
	if (ring->next_seq && ring->next_seq == ring->first_seq)
		return true;
	return place->index == ring->next && (place->wrapped || ring->first < ring->next);
}

enum trail_printk_slot trail_printk_next(const struct trail_printk_bytes *ring,
					 struct trail_printk_place *place,
					 struct trail_printk_record *ret)
{
	struct part part = part_of(ring, place->wrapped);

	*ret = (struct trail_printk_record){ .cpu = -1, .pid = -1, .text = "" };
	ret->seq = place->seq;
	if (!at_end(ring, place) && is_wrap(ring, &part, place->index)) {
		place->index = 0;
		place->wrapped = true;
		part = part_of(ring, true);
		if (catch_up(ring, place)) /* the wrap stood for a record that is damaged */
			return TRAIL_PRINTK_LOST;
	}
	if (at_end(ring, place))
		return TRAIL_PRINTK_EMPTY;
	uint32_t index = place->index, length = length_at(ring, &part, index);
	if (!length) {
		skip_damage(ring, place);
		return TRAIL_PRINTK_LOST;
	}
	uint8_t bits = byte_field(ring, index, ring->offset.dict_len + 3, 1);
	uint32_t caller = byte_field(ring, index, ring->offset.caller_id, 4);
	bool has_caller = ring->offset.caller_id;
	ret->ts_nsec = byte_field(ring, index, ring->offset.ts_nsec, 8);
	ret->length = byte_field(ring, index, ring->offset.text_len, 2);
	ret->facility = byte_field(ring, index, ring->offset.dict_len + 2, 1);
	ret->level = ring->big_endian ? bits & 7 : bits >> 5;
	ret->pid = has_caller && !(caller >> 31) ? (int32_t)caller : -1;
	ret->cpu = has_caller && caller >> 31 ? (int32_t)(caller & 0x7fffffff) : -1;
	ret->text = (const char *)ring->bytes + index + ring->header_size;
	place->index += length;
	place->seq++;
	return TRAIL_PRINTK_RECORD;
}
