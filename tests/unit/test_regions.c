/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records in an ERST store, a partition of pstore/zone, EFI variables, NVRAM and flash of mtdoops:
 * bytes as their writers lay them out, whole and damaged.  Ramoops has a test of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/pool.h"
#include "collect/texts.h"
#include "facts/facts.h"
#include "format/efivar.h"
#include "format/erst.h"
#include "format/nvram.h"
#include "format/pstore_zone.h"
#include "format/ramoops.h"

static const char panic[] = "Panic#2 Part1\n<0>[    2.000000] Kernel panic - not syncing: two\n";
static const char console[] = "[    0.000000] Linux version\n[    1.000000] one\n";

static uint8_t bytes[1 << 17];
static struct trail_pool pool;
static struct trail_region region;

static void put(uint8_t *p, uint64_t value, size_t width, bool big_endian)
{
	for (size_t i = 0; i < width; i++)
		p[i] = (uint8_t)(value >> 8 * (big_endian ? width - 1 - i : i));
}

typedef struct trail_error *read_fn(const uint8_t *, size_t, struct trail_pool *,
				    struct trail_region *);

/* From memory of just that size, so that a sanitizer sees one byte too many. */
static void read_with(read_fn *read, size_t n)
{
	trail_pool_fini(&pool);
	trail_pool_init(&pool);
	uint8_t *copy = trail_pool_alloc(&pool, n ? n : 1, 1);
	assert_non_null(copy);
	memcpy(copy, bytes, n);
	assert_null(read(copy, n, &pool, &region));
}

static void expect(size_t i, enum trail_pstore_type type, uint64_t id, const char *text)
{
	assert_true(i < region.n);
	assert_int_equal(region.records[i].type, type);
	assert_int_equal(region.records[i].id, id);
	assert_int_equal(region.records[i].n, strlen(text));
	assert_memory_equal(region.records[i].bytes, text, strlen(text));
}

/* A record as erst_writer() makes it; @last is the last byte of the GUID of its section. */
static void put_cper(uint8_t *p, uint64_t id, const char *text, const uint8_t section[16])
{
	static const uint8_t creator[16] = { 0xe3, 0x74, 0xa5, 0x75, 0x52, 0x50, 0x29, 0x4b,
					     0x8a, 0x8e, 0xbe, 0x2c, 0x64, 0x90, 0xb8, 0x9d };

	memcpy(p, "CPER\0\1\xff\xff\xff\xff\1\0\1\0\0\0\2\0\0", 20);
	put(p + 20, 200 + strlen(text), 4, false);
	put(p + 24, 1700000000, 8, false);
	memcpy(p + 64, creator, 16);
	put(p + 96, id, 8, false);
	put(p + 128, 200, 4, false);
	put(p + 132, strlen(text), 4, false);
	memcpy(p + 144, section, 16);
	memcpy(p + 200, text, strlen(text));
}

static const uint8_t plain[16] = { 0x4e, 0xe0, 0x97, 0xc1, 0x45, 0xd5, 0x70, 0x4a,
				   0x9c, 0x17, 0xa5, 0x54, 0x94, 0x19, 0xeb, 0x12 };
static const uint8_t packed[16] = { 0x07, 0x87, 0x11, 0x4f, 0xdd, 0x04, 0x55, 0x40,
				    0xb5, 0xdd, 0x95, 0x6d, 0x34, 0xdd, 0xfa, 0xc6 };
static const uint8_t other[16] = { 1 };

static void make_erst(void)
{
	memset(bytes, 0, 0x8000);
	memcpy(bytes, "ERSTSTOR", 8);
	put(bytes + 8, 4096, 4, false);
	put(bytes + 12, 4096, 4, false);
	put(bytes + 16, 0x100, 2, false);
	for (size_t slot = 1; slot < 5; slot++) {
		put_cper(bytes + slot * 4096, 100 + slot, panic,
			 slot == 2   ? packed
			 : slot == 3 ? other
				     : plain);
		/* the last one was cleared */
		put(bytes + 24 + slot * 8, slot == 4 ? 0 : 100 + slot, 8, false);
	}
}

static void test_erst(void **state)
{
	(void)state;
	make_erst();
	read_with(trail_erst_read, 0x8000);
	assert_true(trail_erst_is(bytes, 64, 0x8000));
	assert_int_equal(region.n_places, 7);
	assert_int_equal(region.n, 3);
	expect(0, TRAIL_PSTORE_DMESG, 101, panic);
	expect(1, TRAIL_PSTORE_DMESG, 102, panic);
	expect(2, TRAIL_PSTORE_OTHER, 103, panic);
	assert_int_equal(region.records[0].packed, TRAIL_PACKED_NO);
	assert_int_equal(region.records[1].packed, TRAIL_PACKED_YES);
	assert_int_equal(region.records[0].time_s, 1700000000);
	assert_non_null(strstr(region.why, "1 records were cleared"));

	/* longer than its slot; another id; no record */
	put(bytes + 4096 + 20, 5000, 4, false);
	put(bytes + 8192 + 96, 7, 8, false);
	memset(bytes + 3 * 4096, 0, 4096);
	read_with(trail_erst_read, 0x8000);
	assert_int_equal(region.records[0].n, 4096 - 200);
	for (size_t i = 0; i < 3; i++)
		assert_non_null(region.records[i].why);
	assert_int_equal(region.records[2].n, 0);
}

static void test_erst_without_store(void **state)
{
	(void)state;
	make_erst();
	bytes[0] = 'X';
	read_with(trail_erst_read, 0x8000);
	assert_int_equal(region.n, 4);
	expect(3, TRAIL_PSTORE_DMESG, 104, panic);
	for (size_t n = 0; n < 0x1400; n += 3) {
		read_with(trail_erst_read, n);
		assert_true(region.n == 0 || (region.n == 1 && region.records[0].n <= n));
	}
}

static size_t put_zone(size_t at, size_t extent, uint32_t type, const void *data, uint32_t length,
		       uint32_t start, bool big_endian)
{
	memset(bytes + at, 0xff, extent);
	put(bytes + at, 0x43474244 ^ type, 4, big_endian);
	put(bytes + at + 4, length, 4, big_endian);
	put(bytes + at + 8, start, 4, big_endian);
	memcpy(bytes + at + 12, data, length);
	return at + extent;
}

/* A dmesg zone, with the header of a 64-bit kernel or, with @i386, of 32-bit x86. */
static size_t put_kmsg(size_t at, const char *text, bool i386, bool big_endian)
{
	uint8_t data[400] = { 0 };
	size_t payload = i386 ? 28 : 40;

	put(data, 0x4dfc3ae5, 4, big_endian);
	put(data + (i386 ? 4 : 8), 1700000000, 8, big_endian);
	put(data + (i386 ? 12 : 16), 999999999, i386 ? 4 : 8, big_endian);
	data[i386 ? 16 : 24] = 0;
	put(data + (i386 ? 20 : 28), 3, 4, big_endian);
	put(data + (i386 ? 24 : 32), 1, 4, big_endian);
	memcpy(data + payload, text, strlen(text));
	return put_zone(at, 0x1000, 0, data, (uint32_t)(payload + strlen(text)), 0, big_endian);
}

static size_t make_partition(bool i386, bool big_endian)
{
	char ring[0x1000 - 12];

	memset(bytes, 0xff, sizeof(bytes));
	/* a full ring that is written over from byte 20 on */
	for (size_t i = 0; i < sizeof(ring); i++)
		ring[(i + 20) % sizeof(ring)] = "0123456789abcde\n"[i % 16];
	size_t at = put_zone(0, 0x1000, 7, "pmsg", 4, 4, big_endian);
	at = put_zone(at, 0x1000, 2, ring, sizeof(ring), 20, big_endian);
	at += 0x1000; /* ftrace, never written */
	at = put_kmsg(at, panic, i386, big_endian);
	at += 0x1000;
	return put_kmsg(at, "Oops#1 Part1\n", i386, big_endian);
}

static void test_pstore_zone(void **state)
{
	(void)state;
	for (int how = 0; how < 4; how++) {
		size_t n = make_partition(how & 1, how & 2);
		read_with(trail_pstore_zone_read, n);
		assert_true(trail_pstore_zone_is(bytes, 4096, n));
		assert_int_equal(region.n, 4);
		expect(0, TRAIL_PSTORE_PMSG, 0, "pmsg");
		assert_int_equal(region.records[1].type, TRAIL_PSTORE_CONSOLE);
		assert_int_equal(region.records[1].n, 0x1000 - 12);
		assert_memory_equal(region.records[1].bytes, "0123456789abcde\n", 16);
		expect(2, TRAIL_PSTORE_DMESG, 0, panic);
		expect(3, TRAIL_PSTORE_DMESG, 1, "Oops#1 Part1\n");
		assert_int_equal(region.records[2].time_s, 1700000000);
		assert_int_equal(region.records[2].packed, TRAIL_PACKED_NO);
		for (size_t i = 0; i < region.n; i++)
			assert_null(region.records[i].why);
	}
	/* a record that is longer than what is there, and one with a header that cannot be */
	make_partition(false, false);
	put(bytes + 0x3000 + 12 + 24, 9, 1, false);
	put(bytes + 0x5000 + 4, 0x7fffffff, 4, false);
	read_with(trail_pstore_zone_read, 0x6000);
	assert_non_null(strstr(region.records[2].why, "header"));
	assert_non_null(strstr(region.records[3].why, "the file ends"));
	for (size_t n = 0; n < 0x6000; n += 61)
		read_with(trail_pstore_zone_read, n);
}

static void test_variables(void **state)
{
	static const struct {
		const char *name;
		bool is;
		uint64_t id, time_s;
		int packed;
	} rows[] = {
		{ "dump-type0-7-1-1795370164-C-cfc8fc79-be2e-4ddc-97f0-9f98bfe298a0", true,
		  179537016407001, 1795370164, TRAIL_PACKED_YES },
		{ "dump-type0-12-3-1795370164-D", true, 179537016412003, 1795370164,
		  TRAIL_PACKED_NO },
		{ "dump-type0-7-1-1795370164-CFC8FC79-BE2E-4DDC-97F0-9F98BFE298A0", true,
		  179537016407001, 1795370164, TRAIL_PACKED_MAYBE },
		{ "dump-type0-7-1795370164-cfc8fc79-be2e-4ddc-97f0-9f98bfe298a0", true,
		  179537016407000, 1795370164, TRAIL_PACKED_MAYBE },
		{ "dump-type0-7-1-1795370164-C-8be4df61-93ca-11d2-aa0d-00e098032b8c", false },
		{ "dump-type0-7-1-1795370164-X", false },
		{ "dump-type0-7", false },
		{ "dump-type-1-1-1", false },
		{ "dump-type0-7-1-99999999999999999999999", false },
		{ "Boot0000-8be4df61-93ca-11d2-aa0d-00e098032b8c", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_pstore_record record = { 0 };
		if (trail_efivar_name(rows[i].name, &record) != rows[i].is)
			fail_msg("%s: is it one?", rows[i].name);
		if (!rows[i].is)
			continue;
		assert_int_equal(record.type, TRAIL_PSTORE_DMESG);
		assert_int_equal(record.id, rows[i].id);
		assert_int_equal(record.time_s, rows[i].time_s);
		assert_int_equal(record.packed, rows[i].packed);
		trail_efivar_value((const uint8_t *)"\7\0\0\0Panic#", 10, &record);
		assert_int_equal(record.n, 6);
		assert_memory_equal(record.bytes, "Panic#", 6);
		trail_efivar_value((const uint8_t *)"Panic#", 6, &record);
		assert_int_equal(record.n, 6);
	}
	assert_true(trail_efivar_is((const uint8_t *)"\7\0\0\0Panic#1 Part1\n", 18, 18));
	assert_false(trail_efivar_is((const uint8_t *)"\7\0\0\0what is this\n", 17, 17));
	assert_false(trail_efivar_is((const uint8_t *)"Panic#1 Part1\n", 14, 14));
}

static size_t make_nvram(uint32_t kind, bool old)
{
	memset(bytes, 0, 0x2000);
	bytes[0] = 0x70;
	put(bytes + 2, 4, 2, true);
	memcpy(bytes + 4, "common", 6);
	uint8_t *p = bytes + 64;
	p[0] = 0xa0;
	put(p + 2, 0x20, 2, true);
	memcpy(p + 4, "lnx,oops-log", 12);
	put(p + 16, kind, 4, true);
	put(p + 20, 9, 4, true);
	put(p + 24, old ? strlen(panic) : 5000, 2, true);
	if (!old) {
		put(p + 26, strlen(panic), 2, true);
		put(p + 28, 1700000000, 8, true);
	}
	memcpy(p + (old ? 26 : 36), panic, strlen(panic));
	return 0x2000;
}

static void test_nvram(void **state)
{
	(void)state;
	for (int old = 0; old < 2; old++) {
		size_t n = make_nvram(4, old);
		read_with(trail_nvram_read, n);
		assert_true(trail_nvram_is(bytes, 4096, n));
		assert_int_equal(region.n, 1);
		expect(0, TRAIL_PSTORE_DMESG, 9, panic);
		assert_int_equal(region.records[0].has_time, !old);
		assert_int_equal(region.records[0].packed, TRAIL_PACKED_NO);
		assert_null(region.records[0].why);
	}
	read_with(trail_nvram_read, make_nvram(8, false));
	assert_int_equal(region.records[0].packed, TRAIL_PACKED_YES);
	/* an RTAS event */
	read_with(trail_nvram_read, make_nvram(1, false));
	assert_int_equal(region.n, 0);
	assert_int_equal(region.n_places, 1);
	/* longer than its partition */
	make_nvram(4, false);
	put(bytes + 64 + 26, 0x1000, 2, true);
	read_with(trail_nvram_read, 0x2000);
	assert_int_equal(region.records[0].n, 0x1f0 - 20);
	assert_non_null(region.records[0].why);
	for (size_t n = 0; n < 300; n++)
		read_with(trail_nvram_read, n);
}

static void test_mtdoops(void **state)
{
	static const char text[] = "<0>[    2.000000] Kernel panic - not syncing: two\n";

	(void)state;
	for (int how = 0; how < 4; how++) {
		bool big_endian = how & 1, v1 = how & 2;
		memset(bytes, 0xff, 0x8000);
		for (size_t page = 0; page < 2; page++) {
			uint8_t *p = bytes + 0x1000 + page * 0x2000;
			put(p, 7 + page, 4, big_endian);
			put(p + 4, v1 ? 0x5d005d00 : 0x5d005e00, 4, big_endian);
			if (!v1)
				put(p + 8, UINT64_C(1700000000) * 1000000000, 8, big_endian);
			memcpy(p + (v1 ? 8 : 16), text, strlen(text));
		}
		read_with(trail_mtdoops_read, 0x8000);
		assert_true(trail_mtdoops_is(bytes, 0x2000, 0x8000));
		assert_int_equal(region.n, 2);
		expect(0, TRAIL_PSTORE_DMESG, 7, text);
		expect(1, TRAIL_PSTORE_DMESG, 8, text);
		assert_int_equal(region.records[0].time_s, v1 ? 0 : 1700000000);
		for (size_t n = 0; n < 0x4000; n += 111)
			read_with(trail_mtdoops_read, n);
	}
}

/* What the facts have of a file with these bytes. */
static struct trail_facts *collect(const char *name, size_t n)
{
	char dir[] = "regions-XXXXXX", path[300];
	struct trail_facts *facts = trail_facts_new();

	assert_non_null(facts);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
	struct trail_error *error = trail_collect_region(path, facts);
	unlink(path);
	rmdir(dir);
	if (!error)
		return facts;
	assert_int_equal(error->code, TRAIL_ERROR_UNSUPPORTED);
	trail_error_free(error);
	trail_facts_free(facts);
	return NULL;
}

static size_t make_ramoops(void)
{
	static const char line[] = "====1700000000.000000-D\n";
	char text[200];

	memset(bytes, 0, 0x3000);
	snprintf(text, sizeof(text), "%s%s", line, panic);
	put_zone(0, 0x1000, 0, text, (uint32_t)strlen(text), (uint32_t)strlen(text), false);
	put_zone(0x1000, 0x2000, 0, console, sizeof(console) - 1, sizeof(console) - 1, false);
	return 0x3000;
}

static size_t make_variable(void)
{
	memcpy(bytes, "\7\0\0\0", 4);
	memcpy(bytes + 4, panic, strlen(panic));
	return 4 + strlen(panic);
}

static size_t make_partition_64(void)
{
	return make_partition(false, false);
}

static size_t make_nvram_new(void)
{
	return make_nvram(4, false);
}

static size_t make_store(void)
{
	make_erst();
	return 0x8000;
}

static void test_collect(void **state)
{
	static const struct {
		const char *region;
		size_t (*make)(void);
		const char *form;
	} rows[] = {
		{ "ramoops", make_ramoops, "ramoops" },
		{ "zone", make_partition_64, "pstore_blk" },
		{ "erst", make_store, "erst" },
		{ "nvram", make_nvram_new, "nvram" },
		{ "efivars", make_variable, "efi_pstore" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		memset(bytes, 0, sizeof(bytes));
		size_t n = rows[i].make();
		if (!trail_collect_is_region(bytes, TRAIL_MIN(n, (size_t)4096), n))
			fail_msg("%s: not told by its start", rows[i].region);
		struct trail_facts *facts = collect("file", n);
		assert_non_null(facts);
		bool found = false;
		for (size_t j = 0; j < facts->n_texts; j++) {
			const struct trail_text_facts *text = &facts->texts[j];
			assert_string_equal(text->region, rows[i].region);
			assert_string_equal(text->form, rows[i].form);
			found |= trail_streq(text->reason, "Panic") && text->log.n == 1;
		}
		if (!found)
			fail_msg("%s: no panic among %zu texts", rows[i].region, facts->n_texts);
		trail_facts_free(facts);
	}
}

static void test_collect_nothing(void **state)
{
	(void)state;
	memset(bytes, 0, sizeof(bytes));
	assert_null(collect("file", 0));
	assert_null(collect("file", 4096));
	assert_false(trail_collect_is_region(bytes, 4096, 4096));
	strcpy((char *)bytes, console);
	assert_null(collect("file", strlen(console)));
	assert_false(trail_collect_is_region(bytes, strlen(console), strlen(console)));

	/* a region without a record is one; that none is there is said */
	memset(bytes, 0, sizeof(bytes));
	put_zone(0, 0x1000, 0, "", 0, 0, false);
	struct trail_facts *facts = collect("file", 0x1000);
	assert_non_null(facts);
	assert_int_equal(facts->n_texts, 0);
	assert_int_equal(facts->n_gaps, 1);
	trail_facts_free(facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_erst),	    cmocka_unit_test(test_erst_without_store),
		cmocka_unit_test(test_pstore_zone), cmocka_unit_test(test_variables),
		cmocka_unit_test(test_nvram),	    cmocka_unit_test(test_mtdoops),
		cmocka_unit_test(test_collect),	    cmocka_unit_test(test_collect_nothing),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	trail_pool_fini(&pool);
	return failed;
}
