/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ramoops memory: written here as the kernel writes it, read back; then with what befalls memory
 * that is not powered or not ours alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../lib/rs_encode.h"
#include "base/error.h"
#include "base/pool.h"
#include "format/ramoops.h"

#define DBGC 0x43474244
#define V(major, minor, patch) ((major) << 16 | (minor) << 8 | (patch))

/* A region in the making: bytes, and what stays the same in all of its zones. */
struct image {
	uint8_t bytes[1 << 20];
	size_t n; /* where the next zone begins */
	bool big_endian;
	size_t n_parity;
};

static struct image image;

static void put32(const struct image *i, uint8_t *p, uint32_t value)
{
	for (int b = 0; b < 4; b++)
		p[b] = (uint8_t)(value >> (i->big_endian ? 24 - 8 * b : 8 * b));
}

/* persistent_ram_init_ecc(): room for data between header and parity. */
static size_t room_of(size_t extent, size_t n_parity)
{
	size_t room = extent - 12;

	if (n_parity == 0)
		return room;
	size_t blocks = (room - n_parity + 128 + n_parity - 1) / (128 + n_parity);
	return room - (blocks + 1) * n_parity;
}

/* A zone to which @text was written, all at once or over and over up to @n bytes. */
static size_t zone(struct image *i, size_t extent, uint32_t version, const void *text, size_t n)
{
	size_t at = i->n, room = room_of(extent, i->n_parity), written = 0, start = 0, size = 0;
	uint8_t *header = i->bytes + at, *data = header + 12;

	assert_true(at + extent <= sizeof(i->bytes));
	for (; written < n; written++) {
		data[start++] = ((const uint8_t *)text)[written];
		start = start == room ? 0 : start;
		size = size == room ? room : size + 1;
	}
	put32(i, header, DBGC ^ version);
	put32(i, header + 4, (uint32_t)start);
	put32(i, header + 8, (uint32_t)size);
	uint8_t *parity = data + room;
	for (size_t block = 0; i->n_parity > 0 && block < room; block += 128) {
		rs_encode(data + block, TRAIL_MIN((size_t)128, room - block), parity, i->n_parity);
		parity += i->n_parity;
	}
	if (i->n_parity > 0)
		rs_encode(header, 12, header + extent - i->n_parity, i->n_parity);
	i->n += extent;
	return at;
}

static size_t text_zone(struct image *i, size_t extent, const char *text)
{
	return zone(i, extent, 0, text, strlen(text));
}

static void begin(size_t junk, size_t n_parity, bool big_endian)
{
	memset(&image, 0, sizeof(image));
	for (size_t i = 0; i < junk; i++)
		image.bytes[i] = (uint8_t)(i * 37);
	image.n = junk;
	image.n_parity = n_parity;
	image.big_endian = big_endian;
}

struct result {
	struct trail_pool pool;
	struct trail_region region;
	uint8_t *bytes; /* a copy of just that size, so that a sanitizer sees one too many */
};

static struct result read_image(size_t n)
{
	struct result r;

	trail_pool_init(&r.pool);
	r.bytes = malloc(n ? n : 1);
	assert_non_null(r.bytes);
	memcpy(r.bytes, image.bytes, n);
	assert_null(trail_ramoops_read(r.bytes, n, &r.pool, &r.region));
	return r;
}

static void drop(struct result *r)
{
	trail_pool_fini(&r->pool);
	free(r->bytes);
}

static void expect(const struct trail_pstore_record *record, enum trail_pstore_type type,
		   uint64_t id, const char *text)
{
	assert_int_equal(record->type, type);
	assert_int_equal(record->id, id);
	assert_int_equal(record->n, strlen(text));
	assert_memory_equal(record->bytes, text, record->n);
}

static const char oops[] = "====1700000001.000123-D\nOops#1 Part1\n<4>[    1.000000] one\n";
static const char panic[] = "====1700000002.900000-D\nPanic#2 Part1\n<0>[    2.000000] two\n";
static const char console[] = "[    0.000000] Linux version\n[    1.000000] one\n";
static const char pmsg[] = "what someone wrote\n";
static const uint32_t entries[12] = { 1, 2, 3 };

/* A whole region, in the order of 6.1 or of 6.12. */
static void make_region(size_t junk, size_t n_parity, bool big_endian, bool new_order)
{
	begin(junk, n_parity, big_endian);
	text_zone(&image, 0x224e, oops);
	text_zone(&image, 0x224e, panic);
	text_zone(&image, 0x224e, "");
	text_zone(&image, 0x8000, console);
	if (new_order)
		text_zone(&image, 0x1000, pmsg);
	for (int cpu = 0; cpu < 3; cpu++)
		zone(&image, 682, V(6, 12, 7), entries, cpu == 1 ? sizeof(entries) : 0);
	if (!new_order)
		text_zone(&image, 0x1000, pmsg);
	/* what the sizes leave over, and what lies behind the region */
	image.n += 6 + junk;
}

static void check_region(const struct trail_region *region, bool new_order)
{
	size_t n_pmsg = new_order ? 3 : 4;

	assert_int_equal(region->n_places, 8);
	assert_int_equal(region->n, 5);
	assert_null(region->why);
	expect(&region->records[0], TRAIL_PSTORE_DMESG, 0, strchr(oops, '\n') + 1);
	assert_int_equal(region->records[0].time_s, 1700000001);
	assert_int_equal(region->records[0].packed, TRAIL_PACKED_NO);
	expect(&region->records[1], TRAIL_PSTORE_DMESG, 1, strchr(panic, '\n') + 1);
	expect(&region->records[2], TRAIL_PSTORE_CONSOLE, 0, console);
	expect(&region->records[n_pmsg], TRAIL_PSTORE_PMSG, 0, pmsg);
	const struct trail_pstore_record *ftrace = &region->records[7 - n_pmsg];
	assert_int_equal(ftrace->type, TRAIL_PSTORE_FTRACE);
	assert_int_equal(ftrace->id, 1);
	assert_int_equal(ftrace->n, sizeof(entries));
	assert_non_null(strstr(ftrace->name, "6.12.7"));
	for (size_t i = 0; i < region->n; i++)
		assert_null(region->records[i].why);
}

static void test_regions(void **state)
{
	static const size_t parities[] = { 0, 16, 4, 8, 20, 32, 63, 64 };

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(parities); i++) {
		for (int how = 0; how < 8; how++) {
			make_region(how & 1 ? 1001 : 0, parities[i], how & 2, how & 4);
			struct result r = read_image(image.n);
			check_region(&r.region, how & 4);
			assert_int_equal(r.region.records[0].has_ecc, parities[i] > 0);
			assert_int_equal(r.region.records[0].ecc_corrected, 0);
			assert_int_equal(r.region.records[0].ecc_bad, 0);
			assert_true(trail_ramoops_is(r.bytes, 4096, image.n));
			drop(&r);
		}
	}
}

static void test_rings(void **state)
{
	static char lines[0x9000];
	size_t n = 0;

	(void)state;
	for (int i = 0; n + 40 < sizeof(lines); i++)
		n += (size_t)sprintf(lines + n, "[%5d.000000] line %d\n", i, i);
	for (size_t n_parity = 0; n_parity <= 16; n_parity += 16) {
		size_t room = room_of(0x4000, n_parity);
		size_t writes[] = { 1, room - 1, room, room + 1, room * 2 - 1, room * 2, n };
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(writes); i++) {
			begin(0, n_parity, false);
			text_zone(&image, 0x2000, panic);
			zone(&image, 0x4000, 0, lines, writes[i]);
			struct result r = read_image(image.n);
			size_t kept = TRAIL_MIN(writes[i], room);
			assert_int_equal(r.region.n, 2);
			assert_int_equal(r.region.records[1].type, TRAIL_PSTORE_CONSOLE);
			assert_int_equal(r.region.records[1].n, kept);
			assert_memory_equal(r.region.records[1].bytes, lines + writes[i] - kept,
					    kept);
			drop(&r);
		}
	}
}

static void test_corrected(void **state)
{
	(void)state;
	make_region(0, 16, false, true);
	image.bytes[0x224e] ^= 0xff;	     /* signature of the second zone */
	image.bytes[0x224e + 9] ^= 1;	     /* and its size */
	image.bytes[0x224e + 40] ^= 0x55;    /* in its first block */
	image.bytes[0x224e * 3 + 2] ^= 0x10; /* signature of the console */
	struct result r = read_image(image.n);
	check_region(&r.region, true);
	assert_int_equal(r.region.records[0].ecc_corrected, 0);
	assert_int_equal(r.region.records[1].ecc_corrected, 3);
	assert_int_equal(r.region.records[2].ecc_corrected, 1);
	assert_int_equal(r.region.records[1].ecc_bad, 0);
	drop(&r);

	make_region(0, 16, false, true);
	memset(image.bytes + 12 + 20, '?', 20); /* more than half of the parity */
	r = read_image(image.n);
	assert_int_equal(r.region.records[0].ecc_bad, 1);
	assert_non_null(r.region.records[0].why);
	assert_int_equal(r.region.records[1].ecc_bad, 0);
	drop(&r);
}

/* Each row damages a region without parity; what is said then. */
static void test_damaged(void **state)
{
	static const struct {
		const char *name;
		size_t at;
		uint32_t value;
		size_t n_records;
		const char *why; /* of the second record */
	} rows[] = {
		{ "signature", 0x224e, 0, 5, "signature" },
		{ "start", 0x224e + 4, 0x7fffffff, 5, "read as it lies" },
		{ "size", 0x224e + 8, 0x7fffffff, 5, "read as it lies" },
		{ "a size over the next zones", 0x224e + 8, 0x5000, 5, "read as it lies" },
		{ "line", 0x224e + 12, 0x41414141, 5, "line of a record" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		make_region(0, 0, false, true);
		/* three zones in step behind it */
		put32(&image, image.bytes + rows[i].at, rows[i].value);
		struct result r = read_image(image.n);
		if (r.region.n != rows[i].n_records)
			fail_msg("%s: %zu records", rows[i].name, r.region.n);
		const struct trail_pstore_record *second = &r.region.records[1];
		if (!second->why || !strstr(second->why, rows[i].why))
			fail_msg("%s: %s", rows[i].name, second->why ? second->why : "not said");
		if (!memmem(second->bytes, second->n, "Panic#2 Part1", 13))
			fail_msg("%s: the text is lost", rows[i].name);
		expect(&r.region.records[0], TRAIL_PSTORE_DMESG, 0, strchr(oops, '\n') + 1);
		expect(&r.region.records[2], TRAIL_PSTORE_CONSOLE, 0, console);
		drop(&r);
	}
}

/* Cut anywhere: what is there is read, nothing else is. */
static void test_cut(void **state)
{
	(void)state;
	make_region(0, 0, false, true);
	for (size_t n = 0; n < 0x3000; n += 7) {
		struct result r = read_image(n);
		if (n >= 0x224e)
			expect(&r.region.records[0], TRAIL_PSTORE_DMESG, 0, strchr(oops, '\n') + 1);
		for (size_t i = 0; i < r.region.n; i++)
			assert_true(r.region.records[i].n <= n);
		if (n > 40 && n < strlen(oops) + 12)
			assert_non_null(strstr(r.region.records[0].why, "the file ends"));
		drop(&r);
	}
}

static void test_single_zones(void **state)
{
	static const struct {
		const char *text;
		enum trail_pstore_type type;
	} rows[] = {
		{ panic, TRAIL_PSTORE_DMESG },
		{ console, TRAIL_PSTORE_CONSOLE },
		{ "l\1\2\3\4\5\6\7 of Android", TRAIL_PSTORE_PMSG },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		begin(0, 0, false);
		text_zone(&image, 0x4000, rows[i].text);
		struct result r = read_image(image.n);
		assert_int_equal(r.region.n, 1);
		assert_int_equal(r.region.records[0].type, rows[i].type);
		drop(&r);
	}
}

/* One dmesg zone takes what is left over, which is no power of two; no console. */
static void test_ftrace_behind_dmesg(void **state)
{
	(void)state;
	for (size_t n_parity = 0; n_parity <= 32; n_parity += 16) {
		for (uint32_t cpus = 1; cpus <= 4; cpus++) {
			begin(0, n_parity, false);
			text_zone(&image, 0xe000, panic);
			for (uint32_t cpu = 0; cpu < cpus; cpu++)
				zone(&image, 0x1000 / cpus & ~1u, V(6, 1, 192), entries,
				     cpu == 0 ? sizeof(entries) : 0);
			image.n = 0xf000;
			text_zone(&image, 0x1000, pmsg);
			struct result r = read_image(image.n);
			assert_int_equal(r.region.n_places, cpus + 2);
			assert_int_equal(r.region.n, 3);
			expect(&r.region.records[0], TRAIL_PSTORE_DMESG, 0,
			       strchr(panic, '\n') + 1);
			assert_int_equal(r.region.records[0].has_ecc, n_parity > 0);
			assert_int_equal(r.region.records[1].type, TRAIL_PSTORE_FTRACE);
			expect(&r.region.records[2], TRAIL_PSTORE_PMSG, 0, pmsg);
			drop(&r);
		}
	}
}

/* All zones of one size: what is filled, and what it must be. */
static void test_equal_zones(void **state)
{
	static const struct {
		const char *texts[6]; /* three of dmesg, console, pmsg; ftrace is behind or before
					 pmsg */
		enum trail_pstore_type types[6];
	} rows[] = {
		{ { "", "", "", console, "" }, { TRAIL_PSTORE_CONSOLE } },
		{ { "", "", "", "", pmsg }, { TRAIL_PSTORE_PMSG } },
		{ { "", "", "", console, pmsg }, { TRAIL_PSTORE_CONSOLE, TRAIL_PSTORE_PMSG } },
		{ { "", "", "", "no time\n", pmsg }, { TRAIL_PSTORE_CONSOLE, TRAIL_PSTORE_PMSG } },
		{ { oops, "", "", console, pmsg },
		  { TRAIL_PSTORE_DMESG, TRAIL_PSTORE_CONSOLE, TRAIL_PSTORE_PMSG } },
		{ { oops, panic, oops, "", pmsg },
		  { TRAIL_PSTORE_DMESG, TRAIL_PSTORE_DMESG, TRAIL_PSTORE_DMESG,
		    TRAIL_PSTORE_PMSG } },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows) * 2; i++) {
		bool new_order = i & 1;
		begin(0, 0, false);
		for (size_t j = 0; j < 5; j++) {
			if (j == 4 && !new_order)
				zone(&image, 0x1000, V(5, 10, 7), "", 0);
			text_zone(&image, 0x1000, rows[i / 2].texts[j]);
		}
		if (new_order)
			zone(&image, 0x1000, V(6, 12, 7), "", 0);
		struct result r = read_image(image.n);
		for (size_t j = 0; j < r.region.n; j++)
			if (r.region.records[j].type != rows[i / 2].types[j])
				fail_msg("row %zu: record %zu is \"%s\"", i / 2, j,
					 r.region.records[j].name);
		drop(&r);
	}
}

static void test_erased(void **state)
{
	(void)state;
	begin(0, 0, false);
	size_t at = text_zone(&image, 0x4000, panic);
	put32(&image, image.bytes + at + 4, 0);
	put32(&image, image.bytes + at + 8, 0);
	struct result r = read_image(image.n);
	assert_int_equal(r.region.n, 0);
	assert_int_equal(r.region.n_places, 1);
	assert_non_null(strstr(r.region.why, "erased"));
	assert_non_null(strstr(r.region.why, "1700000002"));
	drop(&r);
}

/* Data of a zone that looks like zones and records is data. */
static void test_zone_in_data(void **state)
{
	uint8_t data[200];

	(void)state;
	memset(data, 'x', sizeof(data));
	memcpy(data, "[    1.000000] a\n", 17);
	memcpy(data + 40, "DBGC\0\0\0\0\0\0\0\0", 12);
	memcpy(data + 60, panic, sizeof(panic) - 1);
	begin(0, 0, false);
	text_zone(&image, 0x1000, oops);
	zone(&image, 0x1000, 0, data, sizeof(data));
	struct result r = read_image(image.n);
	assert_int_equal(r.region.n, 2);
	assert_int_equal(r.region.records[1].n, sizeof(data));
	drop(&r);
}

static void test_none(void **state)
{
	static const char *const rows[] = {
		"",
		"DBG",
		"====1700000002.900000-D\nPanic#2 Part1\n",
		"[    1.000000] DBGC text\n",
		"CGBD is what",
		"a log with SYNC\0\0\0\0\0\0\0\0\0 in it",
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		memset(image.bytes, 0, 128);
		strcpy((char *)image.bytes, rows[i]);
		struct result r = read_image(128);
		assert_int_equal(r.region.n, 0);
		assert_false(trail_ramoops_is(r.bytes, 128, 128));
		drop(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_regions),
		cmocka_unit_test(test_rings),
		cmocka_unit_test(test_corrected),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_single_zones),
		cmocka_unit_test(test_erased),
		cmocka_unit_test(test_equal_zones),
		cmocka_unit_test(test_ftrace_behind_dmesg),
		cmocka_unit_test(test_zone_in_data),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
