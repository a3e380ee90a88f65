/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, first lines, ids and ends of records of pstore, and texts that hold several. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/pool.h"
#include "format/pstore.h"

static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool good;
		enum trail_pstore_type type;
		const char *backend;
		bool has_id;
		uint64_t id;
		int packed;
	} rows[] = {
		{ "dmesg-ramoops-0", true, TRAIL_PSTORE_DMESG, "ramoops", true, 0,
		  TRAIL_PACKED_NO },
		{ "dmesg-efi-165467561802001", true, TRAIL_PSTORE_DMESG, "efi", true,
		  165467561802001, TRAIL_PACKED_NO },
		{ "dmesg-efi_pstore-170000000001001.enc.z", true, TRAIL_PSTORE_DMESG, "efi_pstore",
		  true, 170000000001001, TRAIL_PACKED_YES },
		{ "dmesg-erst-6953966727021461507", true, TRAIL_PSTORE_DMESG, "erst", true,
		  6953966727021461507, TRAIL_PACKED_NO },
		{ "dmesg-pstore_blk-1", true, TRAIL_PSTORE_DMESG, "pstore_blk", true, 1,
		  TRAIL_PACKED_NO },
		{ "dmesg-pstore-blk-1", true, TRAIL_PSTORE_DMESG, "pstore-blk", true, 1,
		  TRAIL_PACKED_NO },
		{ "dmesg-mtd-3", true, TRAIL_PSTORE_DMESG, "mtd", true, 3, TRAIL_PACKED_NO },
		{ "console-ramoops", true, TRAIL_PSTORE_CONSOLE, "ramoops", false, 0,
		  TRAIL_PACKED_NO },
		{ "console-ramoops-0", true, TRAIL_PSTORE_CONSOLE, "ramoops", true, 0,
		  TRAIL_PACKED_NO },
		{ "pmsg-ramoops", true, TRAIL_PSTORE_PMSG, "ramoops", false, 0, TRAIL_PACKED_NO },
		{ "ftrace-ramoops-3", true, TRAIL_PSTORE_FTRACE, "ramoops", true, 3,
		  TRAIL_PACKED_NO },
		{ "mce-erst-77", true, TRAIL_PSTORE_MCE, "erst", true, 77, TRAIL_PACKED_NO },
		{ "powerpc-ofw-nvram-5", true, TRAIL_PSTORE_OTHER, "nvram", true, 5,
		  TRAIL_PACKED_NO },
		{ "dmesg-next-year-2000-9", true, TRAIL_PSTORE_DMESG, "next-year-2000", true, 9,
		  TRAIL_PACKED_NO },
		{ "dmesg-efi-99999999999999999999", true, TRAIL_PSTORE_DMESG, "efi", false, 0,
		  TRAIL_PACKED_NO },
		{ "dmesg-pstore.202311142213-2", true, TRAIL_PSTORE_DMESG, NULL, true, 2,
		  TRAIL_PACKED_NO },
		{ "dmesg-", false },
		{ "dmesg", false },
		{ "dmesg.txt", false },
		{ "vmcore-dmesg.txt", false },
		{ "dmesg-a b-1", false },
		{ "", false },
	};
	struct trail_pool pool;

	(void)state;
	trail_pool_init(&pool);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_pstore_record r = { 0 };
		bool good = trail_pstore_name(rows[i].name, strlen(rows[i].name), &pool, &r);
		if (good != rows[i].good)
			fail_msg("%s: %d", rows[i].name, good);
		if (!good)
			continue;
		assert_int_equal(r.type, rows[i].type);
		if (!trail_streq(r.backend, rows[i].backend))
			fail_msg("%s: backend %s", rows[i].name, r.backend);
		assert_int_equal(r.has_id, rows[i].has_id);
		assert_int_equal(r.id, rows[i].id);
		assert_int_equal(r.packed, rows[i].packed);
	}
	trail_pool_fini(&pool);
}

static void test_heads(void **state)
{
	static const struct {
		const char *text, *reason; /* NULL: it is none */
		uint32_t count, part;
		size_t length;
	} rows[] = {
		{ "Panic#2 Part1\n<6>[", "Panic", 2, 1, 14 },
		{ "Oops#1 Part12\n", "Oops", 1, 12, 14 },
		{ "Emergency#3 Part1\n", "Emergency", 3, 1, 18 },
		{ "Shutdown#1 Part1\n", "Shutdown", 1, 1, 17 },
		{ "Restart#1 Part1\n", "Restart", 1, 1, 16 },
		{ "Halt#1 Part1\n", "Halt", 1, 1, 13 },
		{ "Poweroff#1 Part1\n", "Poweroff", 1, 1, 17 },
		{ "Unknown#1 Part1\n", "Unknown", 1, 1, 16 },
		{ "Novel#1 Part1\n", "Novel", 1, 1, 14 },
		{ "Panic#2 Part1", "Panic", 2, 1, 13 },
		{ "Panic#2 Part1 \r\nx", "Panic", 2, 1, 16 },
		{ "Panic: Total 3 times\nPanic#1 Part1\nx", "Panic", 1, 1, 35 },
		{ "Oops#1000 Part100\n", "Oops", 1000, 100, 18 },
		{ "Panic: Total 3 times\n" },
		{ "Panic#2 Part0\n" },
		{ "Panic#2 Part\n" },
		{ "Panic# Part1\n" },
		{ "#2 Part1\n" },
		{ "Panic#2 Part1 of 3\n" },
		{ "Panic#2 Part4294967296\n" },
		{ "Panic#99999999999999999999999 Part1\n" },
		{ "\nPanic#2 Part1\n" },
		{ "<6>[ 1.0] Panic#2 Part1\n" },
		{ "AReasonOfMoreThanThirtyTwoLettersInARow#1 Part1\n" },
		{ "" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_pstore_head h;
		bool good = trail_pstore_head(rows[i].text, strlen(rows[i].text), &h);
		if (good != !!rows[i].reason)
			fail_msg("%s: %d", rows[i].text, good);
		if (!good)
			continue;
		assert_int_equal(h.reason_length, strlen(rows[i].reason));
		assert_memory_equal(h.reason, rows[i].reason, h.reason_length);
		assert_int_equal(h.count, rows[i].count);
		assert_int_equal(h.part, rows[i].part);
		assert_int_equal(h.length, rows[i].length);
	}
}

static void test_ids(void **state)
{
	static const struct trail_pstore_head none = { 0 }, first = { .count = 1, .part = 2 },
					      large = { .count = 1234, .part = 107 };
	static const struct {
		const char *backend;
		uint64_t id;
		const struct trail_pstore_head *head;
		enum trail_pstore_id_time what;
		uint64_t s;
	} rows[] = {
		{ "efi", 165467561802001, NULL, TRAIL_ID_RECORD_TIME, 1654675618 },
		{ "efi_pstore", 165467561802001, &first, TRAIL_ID_RECORD_TIME, 1654675618 },
		/* (1654675618 * 100 + 107) * 1000 + 1234 */
		{ "efi", 165467561908234, &large, TRAIL_ID_RECORD_TIME, 1654675618 },
		{ "efi", 165467561802001, &large, TRAIL_ID_NO_TIME, 0 },
		{ "efi", 1, &large, TRAIL_ID_NO_TIME, 0 },
		{ "erst", 6953966727021461507, &first, TRAIL_ID_BOOT_TIME, 1619096549 },
		{ "erst", UINT64_C(0x8000000000000000) | UINT64_C(2200000000) << 24 | 5, &first,
		  TRAIL_ID_BOOT_TIME, 2200000000 },
		{ "erst", 5, &first, TRAIL_ID_NO_TIME, 0 },
		{ "ramoops", 165467561802001, &first, TRAIL_ID_NO_TIME, 0 },
		{ NULL, 165467561802001, &none, TRAIL_ID_NO_TIME, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_pstore_record r = { .backend = rows[i].backend,
						 .has_id = true,
						 .id = rows[i].id };
		uint64_t s = 0;
		if (trail_pstore_id_time(&r, rows[i].head, &s) != rows[i].what || s != rows[i].s)
			fail_msg("row %zu: %" PRIu64, i, s);
	}
}

static struct trail_pstore_record record_of(const char *text)
{
	return (struct trail_pstore_record){ .bytes = (const uint8_t *)text,
					     .n = strlen(text),
					     .backend = "ramoops",
					     .name = "dmesg-ramoops-0" };
}

static void test_ends(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		bool has_ecc;
		uint32_t corrected, bad;
	} rows[] = {
		{ "ab\n\nECC: No errors detected\n", 3, true, 0, 0 },
		{ "ab\n\nNo errors detected\n", 3, true, 0, 0 },
		{ "ab\nECC: 7 Corrected bytes, 2 unrecoverable blocks\n", 2, true, 7, 2 },
		{ "ab\n\n12 Corrected bytes, 0 unrecoverable blocks\n", 3, true, 12, 0 },
		{ "\nECC: No errors detected\n", 0, true, 0, 0 },
		{ "ECC: No errors detected\n", 24, false, 0, 0 },
		{ "ab\nECC: No errors detected", 26, false, 0, 0 },
		{ "ab\n<6>ECC: No errors detected\n", 30, false, 0, 0 },
		{ "ab\nECC: 7 Corrected bytes\n", 26, false, 0, 0 },
		{ "", 0, false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_pstore_record r = record_of(rows[i].text);
		trail_pstore_take_ecc(&r);
		if (r.n != rows[i].n || r.has_ecc != rows[i].has_ecc)
			fail_msg("%s: %zu", rows[i].text, r.n);
		assert_int_equal(r.ecc_corrected, rows[i].corrected);
		assert_int_equal(r.ecc_bad, rows[i].bad);
	}
}

static void test_stamps(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t s;
		int packed;
		size_t left;
	} rows[] = {
		{ "====1700000000.123456-C\nab", true, 1700000000, TRAIL_PACKED_YES, 2 },
		{ "====1700000000.123456-D\nab", true, 1700000000, TRAIL_PACKED_NO, 2 },
		{ "====1700000000.123456\nab", true, 1700000000, TRAIL_PACKED_MAYBE, 2 },
		{ "====0.000000-D\n", true, 0, TRAIL_PACKED_NO, 0 },
		{ "====1700000000.123456-E\nab", false },
		{ "====1700000000\nab", false },
		{ "====-1.000000-D\n", false },
		{ "====1700000000.123456-C", false },
		{ "===1700000000.123456-C\n", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_pstore_record r = record_of(rows[i].text);
		bool good = trail_pstore_take_stamp(&r);
		if (good != rows[i].good)
			fail_msg("%s: %d", rows[i].text, good);
		if (!good)
			continue;
		assert_int_equal(r.time_s, rows[i].s);
		assert_int_equal(r.packed, rows[i].packed);
		assert_int_equal(r.n, rows[i].left);
	}
}

/* Each piece as "NAME|first bytes up to its end|". */
static void test_split(void **state)
{
	static const struct {
		const char *text;
		bool is_record; /* the text's file is named as a record is */
		size_t n;
		struct {
			const char *name, *text, *backend;
		} pieces[3];
	} rows[] = {
		{ "Panic#1 Part1\n<6>a\n",
		  true,
		  1,
		  { { "dmesg-ramoops-0", "Panic#1 Part1\n<6>a\n", "ramoops" } } },
		{ "Panic: Total 2 times\nPanic#1 Part1\n<6>a\n",
		  true,
		  1,
		  { { "dmesg-ramoops-0", "Panic: Total 2 times\nPanic#1 Part1\n<6>a\n",
		      "ramoops" } } },
		/* systemd-pstore since 253 */
		{ "Panic#1 Part2\n<6>a\nPanic#1 Part1\n<6>b\n",
		  false,
		  2,
		  { { "dmesg.txt", "Panic#1 Part2\n<6>a\n", NULL },
		    { "dmesg.txt", "Panic#1 Part1\n<6>b\n", NULL } } },
		/* and before */
		{ "dmesg-efi-170000000002001:\nPanic#1 Part2\n<6>a\n"
		  "dmesg-efi-170000000001001:\nPanic#1 Part1\n<6>b\n",
		  false,
		  2,
		  { { "dmesg-efi-170000000002001", "Panic#1 Part2\n<6>a\n", "efi" },
		    { "dmesg-efi-170000000001001", "Panic#1 Part1\n<6>b\n", "efi" } } },
		/* a mail */
		{ "It died:\r\n> Oops#1 Part1\r\n> <6>a\r\n> Panic#2 Part1\r\n> <6>b\r\n",
		  false,
		  2,
		  { { "dmesg.txt", "Oops#1 Part1\r\n> <6>a\r\n", NULL },
		    { "dmesg.txt", "Panic#2 Part1\r\n> <6>b\r\n", NULL } } },
		/* the first piece's head is lost */
		{ "<6>[ 1.0] x\n\nPanic#1 Part1\n<6>a",
		  false,
		  2,
		  { { "dmesg.txt", "<6>[ 1.0] x\n\n", NULL },
		    { "dmesg.txt", "Panic#1 Part1\n<6>a", NULL } } },
		/* and the next one is named */
		{ "<6>[ 1.0] x\ndmesg-erst-5:\nPanic#1 Part1\n<6>a",
		  false,
		  2,
		  { { "dmesg.txt", "<6>[ 1.0] x\n", NULL },
		    { "dmesg-erst-5", "Panic#1 Part1\n<6>a", "erst" } } },
		{ "some text\n", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_pool pool;
		struct trail_pstore_record whole = record_of(rows[i].text), *pieces;
		size_t n;

		if (!rows[i].is_record) {
			whole.backend = NULL;
			whole.name = "dmesg.txt";
		}
		trail_pool_init(&pool);
		assert_null(trail_pstore_split(&whole, &pool, &pieces, &n));
		if (n != rows[i].n)
			fail_msg("%s: %zu pieces", rows[i].text, n);
		for (size_t p = 0; p < n; p++) {
			assert_string_equal(pieces[p].name, rows[i].pieces[p].name);
			assert_true(trail_streq(pieces[p].backend, rows[i].pieces[p].backend));
			if (pieces[p].n != strlen(rows[i].pieces[p].text) ||
			    memcmp(pieces[p].bytes, rows[i].pieces[p].text, pieces[p].n) != 0)
				fail_msg("%.*s", (int)pieces[p].n, (const char *)pieces[p].bytes);
			assert_int_equal(pieces[p].pasted, !rows[i].is_record);
		}
		trail_pool_fini(&pool);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),  cmocka_unit_test(test_heads),
		cmocka_unit_test(test_ids),    cmocka_unit_test(test_ends),
		cmocka_unit_test(test_stamps), cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
