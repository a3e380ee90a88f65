/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small log ring built here: blocks of every place and kind, every state, wrong lengths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/printk.h"

enum { COUNT_BITS = 3, COUNT = 8, TEXT_BITS = 7, TEXT = 128, DESC = 24, INFO = 88 };
enum { RESERVED, COMMITTED, FINALIZED, REUSABLE };

/* Ids of a kernel start so that they soon wrap; so do the positions of text. */
#define ID(i) (((UINT64_C(0) - COUNT - 1) + (i)) & UINT64_MAX >> 2)
#define POS(at) ((UINT64_C(0) - TEXT) + (at))

struct ring {
	uint8_t descriptors[COUNT * DESC], infos[COUNT * INFO], text[TEXT];
	struct trail_printk_raw raw;
};

static void put(const struct ring *ring, uint8_t *p, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		p[ring->raw.big_endian ? width - 1 - i : i] = value >> 8 * i;
}

static void start(struct ring *ring, bool big_endian)
{
	*ring = (struct ring){ .raw = {
				       .count_bits = COUNT_BITS,
				       .descriptor_size = DESC,
				       .info_size = INFO,
				       .text_bits = TEXT_BITS,
				       .head_id = ID(COUNT),
				       .tail_id = ID(1),
				       .offset = { .state = 0,
						   .begin = 8,
						   .next = 16,
						   .seq = 0,
						   .ts_nsec = 8,
						   .text_len = 16,
						   .caller_id = 20,
						   .dev_info = 24 },
				       .big_endian = big_endian,
			       } };
	ring->raw.descriptors = ring->descriptors;
	ring->raw.infos = ring->infos;
	ring->raw.text = ring->text;
}

/* What prb_reserve() and prb_commit() leave of one record; the text goes to @at, with its id. */
static void record(struct ring *ring, uint64_t id, unsigned state, uint64_t begin, uint64_t next,
		   uint16_t length, uint32_t caller, size_t at, const char *text)
{
	uint8_t *d = ring->descriptors + id % COUNT * DESC, *info = ring->infos + id % COUNT * INFO;

	put(ring, d, (uint64_t)state << 62 | id, 8);
	put(ring, d + 8, begin, 8);
	put(ring, d + 16, next, 8);
	put(ring, info, 1000 + id % COUNT, 8);
	put(ring, info + 8, UINT64_C(0x123456789ab), 8);
	put(ring, info + 16, length, 2);
	put(ring, info + 18, 3, 1);
	put(ring, info + 19, ring->raw.big_endian ? 0x10 | 6 : 6 << 5 | 2, 1);
	put(ring, info + 20, caller, 4);
	if (!text)
		return;
	put(ring, ring->text + at, id, 8);
	memcpy(ring->text + at + 8, text, strlen(text));
}

static void test_blocks(void **state)
{
	static const struct {
		const char *name;
		unsigned state;
		uint64_t begin, next;
		uint16_t length;
		size_t at;	  /* where the text lies */
		const char *text; /* in the ring */
		enum trail_printk_slot slot;
		const char *wanted;
	} rows[] = {
		{ "plain", FINALIZED, POS(0), POS(24), 5, 0, "hello", TRAIL_PRINTK_RECORD,
		  "hello" },
		{ "committed", COMMITTED, POS(24), POS(48), 5, 24, "hello", TRAIL_PRINTK_RECORD,
		  "hello" },
		{ "second round", FINALIZED, 32, 56, 5, 32, "hello", TRAIL_PRINTK_RECORD, "hello" },
		{ "longer than it says", FINALIZED, 0, 24, 3, 0, "hello", TRAIL_PRINTK_RECORD,
		  "hel" },
		{ "no length", FINALIZED, 0, 24, 0, 0, "hello", TRAIL_PRINTK_RECORD, "" },
		{ "length past the block", FINALIZED, 0, 24, 60000, 0, "0123456789abcdef",
		  TRAIL_PRINTK_RECORD, "0123456789abcdef" },
		{ "wrapped", FINALIZED, 104, TEXT + 24, 12, 0, "wrapped here", TRAIL_PRINTK_RECORD,
		  "wrapped here" },
		{ "wrapped over zero", FINALIZED, POS(104), 24, 5, 0, "hello", TRAIL_PRINTK_RECORD,
		  "hello" },
		{ "wrapped with a length past it", FINALIZED, 104, TEXT + 16, 99, 0, "01234567",
		  TRAIL_PRINTK_RECORD, "01234567" },
		{ "to the end, next behind it", FINALIZED, 104, TEXT, 16, 104, "up to the end it",
		  TRAIL_PRINTK_RECORD, "up to the end it" },
		{ "to the end of the first round", FINALIZED, POS(104), 0, 5, 104, "hello",
		  TRAIL_PRINTK_RECORD, "hello" },
		{ "to the end, wrapped by older ones", FINALIZED, 104, TEXT + 24, 16, 0,
		  "not at the end..", TRAIL_PRINTK_RECORD, "not at the end.." },
		{ "to the end, but no id there", FINALIZED, 104, TEXT, 5, 0, "hello",
		  TRAIL_PRINTK_LOST, "" },
		{ "failed to get room", FINALIZED, 1, 1, 5, 0, NULL, TRAIL_PRINTK_LOST, "" },
		{ "empty line", FINALIZED, 3, 3, 0, 0, NULL, TRAIL_PRINTK_RECORD, "" },
		{ "no data of no kind", FINALIZED, 5, 5, 5, 0, NULL, TRAIL_PRINTK_LOST, "" },
		{ "no data at one end", FINALIZED, 1, 3, 5, 0, NULL, TRAIL_PRINTK_LOST, "" },
		{ "crooked begin", FINALIZED, 4, 24, 5, 4, "hello", TRAIL_PRINTK_LOST, "" },
		{ "crooked end", FINALIZED, 0, 23, 5, 0, "hello", TRAIL_PRINTK_LOST, "" },
		{ "only an id", FINALIZED, 0, 8, 5, 0, "hello", TRAIL_PRINTK_LOST, "" },
		{ "nothing", FINALIZED, 8, 8, 5, 8, "hello", TRAIL_PRINTK_LOST, "" },
		{ "backwards", FINALIZED, 48, 24, 5, 48, "hello", TRAIL_PRINTK_LOST, "" },
		{ "wrapped onto nothing", FINALIZED, 104, TEXT + 8, 5, 0, "hello",
		  TRAIL_PRINTK_LOST, "" },
		{ "two rounds", FINALIZED, 104, 2 * TEXT + 24, 5, 0, "hello", TRAIL_PRINTK_LOST,
		  "" },
		{ "overwritten", FINALIZED, 48, 72, 5, 0, "hello", TRAIL_PRINTK_LOST, "" },
	};

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
			struct ring ring;
			struct trail_printk_record r;
			start(&ring, big_endian);
			record(&ring, ID(4), rows[i].state, rows[i].begin, rows[i].next,
			       rows[i].length, 42, rows[i].at, rows[i].text);
			enum trail_printk_slot slot = trail_printk_read(&ring.raw, 3, &r);
			if (slot != rows[i].slot || r.length != strlen(rows[i].wanted) ||
			    memcmp(r.text, rows[i].wanted, r.length) != 0)
				fail_msg("%s: %d, '%.*s'", rows[i].name, slot, (int)r.length,
					 r.text);
			assert_false(r.partial);
			assert_int_equal(r.seq, 1000 + ID(4) % COUNT); /* lost ones have it too */
			assert_true(r.ts_nsec == UINT64_C(0x123456789ab));
			assert_int_equal(r.facility, 3);
			assert_int_equal(r.level, 6);
		}
	}
}

static void test_states(void **state)
{
	static const struct {
		const char *name;
		unsigned state;
		uint64_t id; /* in the descriptor of the fourth */
		enum trail_printk_slot slot;
		bool partial;
	} rows[] = {
		{ "final", FINALIZED, ID(4), TRAIL_PRINTK_RECORD, false },
		{ "committed", COMMITTED, ID(4), TRAIL_PRINTK_RECORD, false },
		{ "reserved", RESERVED, ID(4), TRAIL_PRINTK_RECORD, true },
		{ "reusable", REUSABLE, ID(4), TRAIL_PRINTK_EMPTY, false },
		{ "of the round before", FINALIZED, ID(4 - COUNT), TRAIL_PRINTK_EMPTY, false },
		{ "of the round after", RESERVED, ID(4 + COUNT), TRAIL_PRINTK_EMPTY, false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct ring ring;
		struct trail_printk_record r;
		start(&ring, false);
		record(&ring, rows[i].id, rows[i].state, 0, 24, 5, 42, 0, "hello");
		if (trail_printk_read(&ring.raw, 3, &r) != rows[i].slot ||
		    r.partial != rows[i].partial)
			fail_msg("%s", rows[i].name);
		assert_int_equal(r.length, rows[i].slot == TRAIL_PRINTK_RECORD ? 5 : 0);
	}
}

static void test_callers(void **state)
{
	static const struct {
		const char *name;
		uint32_t caller, other; /* caller_id, caller_id2 */
		bool context;		/* CONFIG_PRINTK_EXECUTION_CTX */
		int32_t cpu, pid;
		const char *comm;
	} rows[] = {
		{ "task", 4711, 0, false, -1, 4711, "" },
		{ "CPU", 0x80000003, 0, false, 3, -1, "" },
		{ "task 0", 0, 0, false, -1, 0, "" },
		{ "task on a CPU", 4711, 0x80000002, true, 2, 4711, "kworker/u16:12-" },
		{ "CPU under a task", 0x80000003, 4711, true, 3, 4711, "kworker/u16:12-" },
	};

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
			struct ring ring;
			struct trail_printk_record r;
			start(&ring, big_endian);
			record(&ring, ID(1), FINALIZED, 0, 24, 5, rows[i].caller, 0, "hello");
			uint8_t *info = ring.infos + ID(1) % COUNT * INFO;
			put(&ring, info + 24, rows[i].other, 4);
			memcpy(info + 28, "kworker/u16:12-events", 16); /* no NUL */
			if (rows[i].context)
				ring.raw.offset.dev_info = 44;
			assert_int_equal(trail_printk_read(&ring.raw, 0, &r), TRAIL_PRINTK_RECORD);
			if (r.cpu != rows[i].cpu || r.pid != rows[i].pid ||
			    strcmp(r.comm, rows[i].comm) != 0)
				fail_msg("%s: CPU %d, task %d, '%s'", rows[i].name, r.cpu, r.pid,
					 r.comm);
		}
	}
}

static void test_count(void **state)
{
	static const struct {
		const char *name;
		unsigned count_bits, text_bits;
		uint64_t tail_id, head_id, n;
	} rows[] = {
		{ "full", 3, 7, ID(1), ID(8), 8 },
		{ "one", 3, 7, ID(1), ID(1), 1 },
		{ "over zero", 3, 7, ID(COUNT), ID(COUNT + 3), 4 },
		{ "state bits set", 3, 7, UINT64_C(2) << 62 | 5, UINT64_C(1) << 62 | 6, 2 },
		{ "more than there are", 3, 7, ID(1), ID(9), 0 },
		{ "backwards", 3, 7, ID(3), ID(1), 0 },
		{ "as large as is read", TRAIL_PRINTK_MAX_BITS, TRAIL_PRINTK_MAX_TEXT_BITS, 0, 7,
		  8 },
		{ "too many", TRAIL_PRINTK_MAX_BITS + 1, 7, 0, 7, 0 },
		{ "no number of bits", 64, 7, 0, 7, 0 },
		{ "too much text", 3, TRAIL_PRINTK_MAX_TEXT_BITS + 1, 0, 7, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		const struct trail_printk_raw raw = { .count_bits = rows[i].count_bits,
						      .text_bits = rows[i].text_bits,
						      .tail_id = rows[i].tail_id,
						      .head_id = rows[i].head_id };
		if (trail_printk_count(&raw) != rows[i].n)
			fail_msg("%s: %llu", rows[i].name,
				 (unsigned long long)trail_printk_count(&raw));
	}
}

/* Head and tail of a full ring, damaged in every bit: the records tell them. */
static void test_repair(void **state)
{
	(void)state;
	for (int bit = -1; bit < 2 * 62; bit++) {
		struct ring ring;
		uint64_t ids[COUNT];
		start(&ring, false);
		for (int i = 1; i <= COUNT; i++)
			record(&ring, ID(i), FINALIZED, 0, 24, 5, 42, 0, "hello");
		if (bit >= 0)
			*(bit < 62 ? &ring.raw.head_id : &ring.raw.tail_id) ^= UINT64_C(1)
									       << bit % 62;
		/* a tail that is too high still gives a count that can be */
		assert_int_equal(trail_printk_repair(&ring.raw, ids), bit >= 0);
		assert_true(ring.raw.tail_id == ID(1) && ring.raw.head_id == ID(COUNT));
	}
}

/* A stray descriptor moves nothing; nor does an empty ring, or one that begins later. */
static void test_no_repair(void **state)
{
	struct ring ring;
	uint64_t ids[COUNT];

	(void)state;
	start(&ring, false);
	assert_false(trail_printk_repair(&ring.raw, ids));
	for (int i = 1; i <= 3; i++)
		record(&ring, ID(i), FINALIZED, 0, 24, 5, 42, 0, "hello");
	record(&ring, ID(4) + (UINT64_C(1) << 40), FINALIZED, 0, 24, 5, 42, 0, "hello");
	assert_false(trail_printk_repair(&ring.raw, ids));
	assert_true(ring.raw.tail_id == ID(1) && ring.raw.head_id == ID(COUNT));
}

/* Offsets that leave a descriptor or an info read as zero, not as what lies behind. */
static void test_offsets(void **state)
{
	struct ring ring;
	struct trail_printk_record r;

	(void)state;
	start(&ring, false);
	record(&ring, ID(1), FINALIZED, 0, 24, 5, 42, 0, "hello");
	ring.raw.offset.seq = INFO - 4;
	ring.raw.offset.ts_nsec = SIZE_MAX;
	ring.raw.offset.text_len = INFO - 2;
	assert_int_equal(trail_printk_read(&ring.raw, 0, &r), TRAIL_PRINTK_RECORD);
	assert_int_equal(r.seq, 0);
	assert_int_equal(r.ts_nsec, 0);
	assert_int_equal(r.level, 0);
	ring.raw.offset.next = DESC;
	assert_int_equal(trail_printk_read(&ring.raw, 0, &r), TRAIL_PRINTK_LOST);
	ring.raw.offset.state = SIZE_MAX - 3;
	assert_int_equal(trail_printk_read(&ring.raw, 0, &r), TRAIL_PRINTK_EMPTY);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),	  cmocka_unit_test(test_states),
		cmocka_unit_test(test_callers),	  cmocka_unit_test(test_count),
		cmocka_unit_test(test_offsets),	  cmocka_unit_test(test_repair),
		cmocka_unit_test(test_no_repair),
	};

	return cmocka_run_group_tests_name("printk", tests, NULL, NULL);
}
