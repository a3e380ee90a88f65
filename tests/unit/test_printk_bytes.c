/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log ring of kernels before v5.10, filled here as such a kernel does it, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "format/printk.h"

enum { SIZE = 1024, TEXT_MAX = 40, RECORDS_MAX = SIZE / 16 };

struct ring {
	uint8_t bytes[SIZE], leads[SIZE / 4];
	struct trail_printk_bytes raw;
	uint32_t at[4096]; /* where each record was put, by its number */
};

static void put(struct ring *r, uint32_t at, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		r->bytes[at + (r->raw.big_endian ? width - 1 - i : i)] = value >> 8 * i;
}

static void start(struct ring *r, bool has_caller, bool big_endian)
{
	memset(r, 0, sizeof(*r));
	r->raw = (struct trail_printk_bytes){
		.bytes = r->bytes,
		.size = SIZE,
		.header_size = has_caller ? 20 : 16,
		.offset = { .ts_nsec = 0,
			    .len = 8,
			    .text_len = 10,
			    .dict_len = 12,
			    .caller_id = has_caller ? 16 : 0 },
		.big_endian = big_endian,
		.leads = r->leads,
	};
}

static uint32_t length_of(const struct ring *r, uint32_t at)
{
	unsigned low = r->raw.big_endian ? 1 : 0;

	return r->bytes[at + 8 + low] | (uint32_t)r->bytes[at + 8 + !low] << 8;
}

/* Source: Linux v5.4 kernel/printk/printk.c logbuf_has_space(). */
static bool has_space(const struct ring *r, uint32_t size)
{
	const struct trail_printk_bytes *raw = &r->raw;
	bool empty = raw->first_seq == raw->next_seq;
	uint32_t free = raw->next > raw->first || empty
				? TRAIL_MAX(raw->size - raw->next, raw->first)
				: raw->first - raw->next;

	return free >= size + raw->header_size;
}

/* What number @n says: some digits, as many more letters as it likes. */
static size_t text_of(uint64_t n, char *text)
{
	size_t length = snprintf(text, TEXT_MAX, "record %u", (unsigned)n);

	for (size_t more = n * 7 % 20; more; more--)
		text[length++] = 'x';
	return length;
}

/* Source: the same, log_store() and log_make_free_space(). */
static void store(struct ring *r)
{
	struct trail_printk_bytes *raw = &r->raw;
	char text[TEXT_MAX];
	size_t text_length = text_of(raw->next_seq, text), dict = raw->next_seq % 5 ? 0 : 13;
	uint32_t size = (raw->header_size + text_length + dict + 3) / 4 * 4;

	while (raw->first_seq < raw->next_seq && !has_space(r, size)) {
		if (!length_of(r, raw->first))
			raw->first = length_of(r, 0);
		else
			raw->first += length_of(r, raw->first);
		raw->first_seq++;
	}
	if (raw->next + size + raw->header_size > raw->size) {
		memset(r->bytes + raw->next, 0, raw->header_size);
		raw->next = 0;
	}
	uint32_t at = raw->next;
	r->at[raw->next_seq] = at;
	memset(r->bytes + at, 0, size);
	put(r, at, raw->next_seq * 1000, 8);
	put(r, at + 8, size, 2);
	put(r, at + 10, text_length, 2);
	put(r, at + 12, dict, 2);
	put(r, at + 14, raw->next_seq % 3, 1);
	put(r, at + 15, raw->big_endian ? 0x10 | 4 : 4 << 5 | 2, 1);
	if (raw->offset.caller_id)
		put(r, at + 16, raw->next_seq % 2 ? 0x80000000 | raw->next_seq : raw->next_seq, 4);
	memcpy(r->bytes + at + raw->header_size, text, text_length);
	memset(r->bytes + at + raw->header_size + text_length, 'D', dict);
	raw->next += size;
	raw->next_seq++;
}

static void check_record(const struct ring *r, const struct trail_printk_record *record,
			 uint64_t seq)
{
	char text[TEXT_MAX];
	bool has_caller = r->raw.offset.caller_id;

	assert_int_equal(record->length, text_of(seq, text));
	assert_memory_equal(record->text, text, record->length);
	assert_int_equal(record->ts_nsec, seq * 1000);
	assert_int_equal(record->facility, seq % 3);
	assert_int_equal(record->level, 4);
	assert_int_equal(record->cpu, has_caller && seq % 2 ? (int)seq : -1);
	assert_int_equal(record->pid, has_caller && seq % 2 == 0 ? (int)seq : -1);
}

/* Every record in order; gives how many were lost. */
static unsigned walk(const struct ring *r, uint64_t *n_ret)
{
	struct trail_printk_place place;
	struct trail_printk_record record;
	unsigned lost = 0;

	*n_ret = 0;
	assert_true(trail_printk_first(&r->raw, &place));
	for (unsigned steps = 0;; steps++) {
		assert_true(steps < 2 * RECORDS_MAX);
		enum trail_printk_slot slot = trail_printk_next(&r->raw, &place, &record);
		if (slot == TRAIL_PRINTK_EMPTY)
			break;
		lost += slot == TRAIL_PRINTK_LOST;
		if (slot == TRAIL_PRINTK_LOST)
			continue;
		check_record(r, &record, record.seq);
		++*n_ret;
	}
	assert_int_equal(place.seq, r->raw.next_seq);
	return lost;
}

/* After each of many records, over several rounds, all that are left are read. */
static void test_rounds(void **state)
{
	(void)state;
	for (int variant = 0; variant < 4; variant++) {
		struct ring r;
		start(&r, variant & 1, variant & 2);
		for (int i = 0; i < 1000; i++) {
			uint64_t n;
			store(&r);
			assert_int_equal(walk(&r, &n), 0);
			assert_int_equal(n, r.raw.next_seq - r.raw.first_seq);
		}
	}
}

/* Without the kernel's own count they are numbered from zero. */
static void test_no_count(void **state)
{
	struct ring r;
	struct trail_printk_place place;
	struct trail_printk_record record;

	(void)state;
	start(&r, false, false);
	for (int i = 0; i < 200; i++)
		store(&r);
	uint64_t first = r.raw.first_seq, n = r.raw.next_seq - first;
	r.raw.first_seq = r.raw.next_seq = 0;
	assert_true(trail_printk_first(&r.raw, &place));
	for (uint64_t i = 0; i < n; i++) {
		assert_int_equal(trail_printk_next(&r.raw, &place, &record), TRAIL_PRINTK_RECORD);
		assert_int_equal(record.seq, i);
		check_record(&r, &record, first + i);
	}
	assert_int_equal(trail_printk_next(&r.raw, &place, &record), TRAIL_PRINTK_EMPTY);
}

/* A damaged record costs itself, wherever it is and in whatever of its lengths. */
static void test_damage(void **state)
{
	static const struct {
		const char *what;
		uint32_t at;
		uint16_t value;
	} rows[] = {
		{ "no length, as where the ring wraps", 8, 0 },
		{ "a length shorter than its text", 8, 20 },
		{ "a length past the ring", 8, 0xfffc },
		{ "a crooked length", 8, 0x1b },
		{ "too much text", 10, 0xffff },
		{ "too large a dictionary", 12, 0x7fff },
	};

	(void)state;
	for (int stored = 5; stored < 200; stored += 13)
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
			struct ring r;
			start(&r, false, false);
			for (int k = 0; k < stored; k++)
				store(&r);
			uint64_t all = r.raw.next_seq - r.raw.first_seq;
			for (uint64_t victim = 0; victim < all; victim++) {
				struct ring damaged = r;
				uint64_t n;
				damaged.raw.bytes = damaged.bytes;
				damaged.raw.leads = damaged.leads;
				put(&damaged, r.at[r.raw.first_seq + victim] + rows[i].at,
				    rows[i].value, 2);
				unsigned lost = walk(&damaged, &n);
				if (lost != 1 || n != all - 1)
					fail_msg("%s of record %u of %u: %u lost, %u left",
						 rows[i].what, (unsigned)victim, (unsigned)all,
						 lost, (unsigned)n);
			}
		}
}

/* A hole of zeros, as of a page that is not in the dump: the records outside of it are read. */
static void test_hole(void **state)
{
	(void)state;
	for (int stored = 5; stored < 200; stored += 13)
		for (uint32_t hole = 0; hole < SIZE; hole += 128) {
			struct ring r;
			uint64_t n, inside = 0;
			start(&r, true, false);
			for (int k = 0; k < stored; k++)
				store(&r);
			for (uint64_t i = r.raw.first_seq; i < r.raw.next_seq; i++)
				inside += r.at[i] < hole + 128 &&
					  r.at[i] + length_of(&r, r.at[i]) > hole;
			struct ring damaged = r;
			damaged.raw.bytes = damaged.bytes;
			damaged.raw.leads = damaged.leads;
			memset(damaged.bytes + hole, 0, 128);
			struct trail_printk_place place;
			struct trail_printk_record record;
			assert_true(trail_printk_first(&damaged.raw, &place));
			for (n = 0;;) {
				enum trail_printk_slot slot = trail_printk_next(&damaged.raw,
										&place, &record);
				if (slot == TRAIL_PRINTK_EMPTY)
					break;
				n += slot == TRAIL_PRINTK_RECORD;
			}
			/* one whose text alone is in the hole still counts as read */
			uint64_t all = r.raw.next_seq - r.raw.first_seq;
			if (n < all - inside || n > all)
				fail_msg("after %d, hole at %u: %u of %u", stored, hole,
					 (unsigned)n, (unsigned)all);
		}
}

static void test_wrong(void **state)
{
	static const struct {
		const char *what;
		uint32_t size, first, next;
		uint64_t first_seq, next_seq;
		size_t header_size;
	} rows[] = {
		{ "begins behind the end", SIZE, SIZE + 4, 0, 0, 1, 16 },
		{ "ends behind the end", SIZE, 0, SIZE + 4, 0, 1, 16 },
		{ "crooked begin", SIZE, 2, 100, 0, 1, 16 },
		{ "crooked end", SIZE, 0, 101, 0, 1, 16 },
		{ "crooked size", SIZE - 1, 0, 100, 0, 1, 16 },
		{ "fewer than none", SIZE, 0, 100, 5, 4, 16 },
		{ "no header", SIZE, 0, 100, 0, 1, 0 },
	};
	struct ring r;
	struct trail_printk_place place;

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		start(&r, false, false);
		r.raw.size = rows[i].size;
		r.raw.first = rows[i].first;
		r.raw.next = rows[i].next;
		r.raw.first_seq = rows[i].first_seq;
		r.raw.next_seq = rows[i].next_seq;
		r.raw.header_size = rows[i].header_size;
		if (trail_printk_first(&r.raw, &place))
			fail_msg("%s", rows[i].what);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds), cmocka_unit_test(test_no_count),
		cmocka_unit_test(test_damage), cmocka_unit_test(test_hole),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests_name("printk_bytes", tests, NULL, NULL);
}
