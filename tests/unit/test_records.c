/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of pstore → dumps: which parts go together, what is lost, and directories of them. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "collect/texts.h"
#include "format/pstore.h"
#include "record_text.h"

enum { ROOM = 1 << 16, ITEMS = 8, PLAIN = N_PACKINGS };

/* What a file or record holds: lines of add_part(), then more. */
struct item {
	const char *name;
	const char *head;
	unsigned start, lines;
	const char *more;
	const char *head2; /* then these */
	unsigned start2, lines2;
	int packing; /* 0: plain, else that packing and 1 */
	uint64_t time_s;
};

#define PACKED(how) (1 + (how))

/* One line for each text: what it is, its parts with ! - ? = for their states, its lines. */
static void summarize(const struct trail_facts *facts, struct trail_text *out)
{
	static const char *const signs[TRAIL_N_PART_STATES] = { "", "-", "!", "?", "=" };

	for (size_t i = 0; i < facts->n_texts; i++) {
		const struct trail_text_facts *t = &facts->texts[i];
		trail_text_printf(out, "%s", i ? "; " : "");
		if (t->kind == TRAIL_TEXT_DUMP)
			trail_text_printf(out, "%s#%u", t->reason ? t->reason : "", t->count);
		else
			trail_text_printf(out, "%s", trail_text_kind_names[t->kind]);
		trail_text_printf(out, " %s", t->form ? t->form : "?");
		for (size_t p = 0; p < t->n_parts; p++)
			trail_text_printf(out, " %s%u", signs[t->parts[p].state],
					  t->parts[p].number);
		trail_text_printf(out, ": %zu", t->log.n);
		if (t->log.lost)
			trail_text_printf(out, " lost %" PRIu64, t->log.lost);
		if (t->lost_end)
			trail_text_puts(out, " end");
		if (t->has_time)
			trail_text_printf(out, " at %" PRIu64, t->time_s);
		if (t->has_ecc)
			trail_text_printf(out, " ecc %u/%u", t->ecc_corrected, t->ecc_bad);
		for (size_t l = 0; l < t->log.n; l++)
			assert_int_equal(t->log.records[l].seq, l + 1);
	}
}

static size_t make(const struct item *item, uint8_t *out)
{
	struct trail_text text = { 0 };

	add_part(&text, item->head, item->start, item->lines);
	trail_text_puts(&text, item->more ? item->more : "");
	if (item->head2 || item->lines2)
		add_part(&text, item->head2, item->start2, item->lines2);
	size_t n = text.length;
	if (item->packing)
		n = pack(item->packing - 1, text.data, text.length, out, ROOM);
	else if (n)
		memcpy(out, text.data, n);
	trail_text_fini(&text);
	return n;
}

static void check_sorted(const struct trail_facts *facts)
{
	for (size_t i = 0; i < facts->n_texts; i++) {
		const struct trail_log_facts *log = &facts->texts[i].log;
		uint64_t before = 0;
		for (size_t l = 0; l < log->n; l++) {
			if (log->records[l].ts_nsec == TRAIL_NO_TIME)
				continue;
			assert_true(log->records[l].ts_nsec >= before);
			before = log->records[l].ts_nsec;
		}
	}
}

static void collect(const struct item *items, size_t n, struct trail_facts *facts)
{
	static uint8_t bytes[ITEMS][ROOM];
	struct trail_pstore_record records[ITEMS];
	struct trail_pool pool;

	trail_pool_init(&pool);
	for (size_t i = 0; i < n; i++) {
		records[i] = (struct trail_pstore_record){ .name = items[i].name,
							   .bytes = bytes[i],
							   .has_time = items[i].time_s,
							   .time_s = items[i].time_s };
		(void)trail_pstore_name(items[i].name, strlen(items[i].name), &pool, &records[i]);
		if (records[i].packed == TRAIL_PACKED_NO)
			records[i].packed = TRAIL_PACKED_MAYBE;
		records[i].n = make(&items[i], bytes[i]);
	}
	assert_null(trail_collect_records(records, n, "dir", facts));
	trail_pool_fini(&pool);
	memset(bytes, 'x', sizeof(bytes)); /* nothing may point there any more */
}

#define E1 "dmesg-efi-1700000000" /* seconds; part and count follow */

/* All as one set of records; also from the last to the first, with the same outcome. */
static void test_groups(void **state)
{
	static const struct {
		const char *what;
		struct item items[ITEMS];
		const char *expected;
		bool unsorted; /* by the times of its lines */
		bool one_way;  /* nothing but the order says which dump is the first */
	} rows[] = {
		{ "two parts",
		  { { E1 "01001", "Panic#1 Part1", 20, 5 },
		    { E1 "02001", "Panic#1 Part2", 10, 5 } },
		  "Panic#1 efi 2 1: 10 at 1700000000" },
		{ "over the end of a second",
		  { { E1 "01001", "Panic#1 Part1", 20, 5 },
		    { "dmesg-efi-170000000102001", "Panic#1 Part2", 10, 5 } },
		  "Panic#1 efi 2 1: 10 at 1700000000" },
		{ "an oops and its panic in the same second",
		  { { E1 "01001", "Oops#1 Part1", 20, 5 },
		    { E1 "02001", "Oops#1 Part2", 10, 5 },
		    { E1 "01002", "Panic#2 Part1", 21, 5 },
		    { E1 "02002", "Panic#2 Part2", 20, 5 } },
		  "Oops#1 efi 2 1: 10 at 1700000000; Panic#2 efi 2 1: 10 at 1700000000" },
		{ "two boots with the same counts",
		  { { E1 "01001", "Panic#1 Part1", 20, 5 },
		    { E1 "02001", "Panic#1 Part2", 10, 5 },
		    { "dmesg-efi-170000090001001", "Panic#1 Part1", 20, 6 },
		    { "dmesg-efi-170000090002001", "Panic#1 Part2", 10, 6 } },
		  "Panic#1 efi 2 1: 10 at 1700000000; Panic#1 efi 2 1: 12 at 1700000900" },
		{ "two boots within a minute",
		  { { E1 "01001", "Panic#1 Part1", 20, 5 },
		    { E1 "02001", "Panic#1 Part2", 10, 5 },
		    { "dmesg-efi-170000004001001", "Panic#1 Part1", 20, 6 },
		    { "dmesg-efi-170000004102001", "Panic#1 Part2", 10, 6 } },
		  "Panic#1 efi 2 1: 10 at 1700000000; Panic#1 efi 2 1: 12 at 1700000040" },
		{ "the newest are missing",
		  { { E1 "05001", "Panic#1 Part5", 20, 5 },
		    { E1 "03001", "Panic#1 Part3", 30, 5 } },
		  "Panic#1 efi 5 -4 3 -2 -1: 10 lost 1 end at 1700000000" },
		{ "two boots of erst",
		  { { "dmesg-erst-7301444404613414913", "Oops#1 Part1", 20, 5 },
		    { "dmesg-erst-7301444404613414914", "Panic#2 Part1", 21, 5 },
		    { "dmesg-erst-7301448269198983169", "Oops#1 Part1", 20, 6 },
		    { "dmesg-erst-7301448269198983170", "Panic#2 Part1", 21, 6 } },
		  "Oops#1 erst 1: 5 at 1700000000; Panic#2 erst 1: 5; "
		  "Oops#1 erst 1: 6 at 1700000900; Panic#2 erst 1: 6" },
		{ "zones of ramoops, by their times",
		  { { "dmesg-ramoops-0", "Panic#1 Part1", 20, 5, .time_s = 1700000900 },
		    { "dmesg-ramoops-1", "Panic#1 Part1", 10, 4, .time_s = 1700000000 } },
		  "Panic#1 ramoops 1: 4 at 1700000000; Panic#1 ramoops 1: 5 at 1700000900" },
		{ "an unknown backend, by its lines",
		  { { "dmesg-novel-1", "Panic#1 Part1", 20, 5 },
		    { "dmesg-novel-2", "Panic#1 Part1", 520, 5 },
		    { "dmesg-novel-3", "Panic#1 Part2", 510, 6 },
		    { "dmesg-novel-4", "Panic#1 Part2", 10, 6 } },
		  "Panic#1 novel 2 1: 11; Panic#1 novel 2 1: 11" },
		{ "the same file in two directories",
		  { { E1 "01001", "Panic#1 Part1", 20, 5 },
		    { E1 "01001", "Panic#1 Part1", 20, 5 } },
		  "Panic#1 efi 1 =1: 5 at 1700000000" },
		{ "one of them cut",
		  { { E1 "01001", "Panic#1 Part1", 20, 4, "<4>[   20.0" },
		    { E1 "01001", "Panic#1 Part1", 20, 5 } },
		  "Panic#1 efi 1 =1: 5 at 1700000000" },
		{ "dmesg.txt beside its pieces",
		  { { E1 "01001", "Panic#1 Part1", 20, 5 },
		    { E1 "02001", "Panic#1 Part2", 10, 5 },
		    { "dmesg.txt", "Panic#1 Part2", 10, 5, NULL, "Panic#1 Part1", 20, 5 } },
		  "Panic#1 efi 2 =2 1 =1: 10 at 1700000000" },
		{ "dmesg.txt beside one of its pieces",
		  { { E1 "01001", "Panic#1 Part1", 20, 5 },
		    { "dmesg.txt", "Panic#1 Part2", 10, 5, NULL, "Panic#1 Part1", 20, 5 } },
		  "Panic#1 efi 2 1 =1: 10 at 1700000000" },
		{ "pieces in one text, with names of files",
		  { { "dmesg.txt", "dmesg-efi-170000000002001:\nPanic#1 Part2", 10, 5,
		      "dmesg-efi-170000000001001:\nPanic#1 Part1\n<0>[   20.000000] x\n" } },
		  "Panic#1 efi 2 1: 6 at 1700000000" },
		{ "an oops and a panic in one text",
		  { { "dmesg.txt", "Oops#1 Part1", 10, 5,
		      "Panic#2 Part2\n<0>[   20.000000] x\nPanic#2 Part1\n<0>[   21.000000] y\n" } },
		  "Oops#1 ? 1: 5; Panic#2 ? 2 1: 2" },
		{ "a part that was pasted twice",
		  { { "mail", "Panic#2 Part1", 10, 5, "\nand again:\n\n", "Panic#2 Part1", 10,
		      5 } },
		  "Panic#2 ? 1 =1: 5" },
		{ "every packing",
		  { { E1 "01001.enc.z", "Panic#1 Part1", 50, 9, .packing = PACKED(DEFLATE15) },
		    { E1 "02001.enc.z", "Panic#1 Part2", 40, 9, .packing = PACKED(DEFLATE11) },
		    { E1 "03001.enc.z", "Panic#1 Part3", 30, 9, .packing = PACKED(ZLIB12) } },
		  "Panic#1 efi 3 2 1: 27 at 1700000000" },
		{ "packed, without the name that says so",
		  { { E1 "01001", "Panic#1 Part1", 50, 9, .packing = PACKED(DEFLATE15) } },
		  "Panic#1 efi 1: 9 at 1700000000" },
		{ "not packed, with the name that says so",
		  { { E1 "01001.enc.z", "Panic#1 Part1", 50, 9 } },
		  "Panic#1 efi 1: 9 at 1700000000" },
		{ "one part that nothing unpacks",
		  { { E1 "01001", "Panic#1 Part1", 50, 9 },
		    { E1 "02001.enc.z", .more = "\x8f\x90\x01\x02\x03\x04\x05\x06" } },
		  "Panic#1 efi ?2 1: 9 lost 1 at 1700000000" },
		{ "nothing unpacks them, and nothing says what they are",
		  { { "dmesg-novel-1.enc.z", .more = "\x8f\x90\x01\x02\x03\x04\x05\x06" },
		    { "dmesg-novel-2.enc.z", .more = "\x8f\x91\x01\x02\x03\x04\x05\x06" } },
		  "#0 novel ?0 ?0: 0 end" },
		{ "empty", { { "dmesg-novel-1" } }, "#0 novel ?0: 0 end" },
		{ "the end is cut",
		  { { "dmesg-ramoops-0", "Panic#1 Part1", 20, 5, "<0>[   21.0000" } },
		  "Panic#1 ramoops !1: 6 end" },
		{ "a log before and behind pasted records",
		  { { "mail", .more = "[    1.000000] before\n", .head2 = "Panic#1 Part1",
		      .start2 = 20, .lines2 = 5 },
		    { "mail2", "Panic#1 Part1", 30, 5, "\nand then\n\n[    1.000000] behind\n" } },
		  "log ?: 1; log ?: 1; Panic#1 ? 1: 5; Panic#1 ? 1: 5" },
		{ "parts of one text, and another that has the same numbers",
		  { { "mail", "Oops#1 Part2", 10, 5, NULL, "Oops#1 Part1", 11, 5 },
		    { "mail2", "Oops#1 Part3", 2, 5 },
		    { "mail3", "Oops#1 Part2", 9, 6, NULL, "Oops#1 Part1", 12, 6 } },
		  "Oops#1 ? 2 1: 10; Oops#1 ? 3 -2 -1: 5 end; Oops#1 ? 2 1: 12",
		  .one_way = true },
		{ "the head of one is lost, and the next goes on",
		  { { "mail", .lines = 3, .start = 10, .head2 = "Oops#1 Part4", .start2 = 11,
		      .lines2 = 5 } },
		  "Oops#1 ? !5 4 -3 -2 -1: 8 end" },
		{ "a clock that began again at the end of a part",
		  { { "dmesg.txt", "Panic#1 Part3", 1, 3,
		      "Panic#1 Part2\n<6>[    2.000000] a\n<6>[    0.000000] b\n", "Panic#1 Part1",
		      3, 5 } },
		  "Panic#1 ? 3 2 1: 10",
		  .unsorted = true },
		{ "damaged before it was unpacked",
		  { { "dmesg-ramoops-0", "Panic#1 Part1", 20, 5,
		      "x<3>[ 1.0\nfoo\n<2>[   20.000000] line\n04: bar\n" } },
		  "Panic#1 ramoops !1: 4 end" },
		{ "and its times go back before that",
		  { { "dmesg-ramoops-0", "Panic#1 Part1", 20, 5,
		      "<3>[   10.000000] line\nx<3>[ 1.0\nfoo\nline\n04: bar\n" } },
		  "Panic#1 ramoops !1: 4 end" },
		{ "a line that is wrong",
		  { { "dmesg-ramoops-0", "Panic#1 Part1", 20, 5, "\x01>[   21.000000] z\n", NULL,
		      21, 5 } },
		  "Panic#1 ramoops !1: 11" },
		{ "times are switched off",
		  { { "dmesg-ramoops-0", "Panic#1 Part1", 20, 5, "<3>a\n<3>b\n<3>c\n<3>d\n" } },
		  "Panic#1 ramoops 1: 9" },
		{ "zeros behind the text",
		  { { "dmesg-ramoops-0", "Panic#1 Part1", 20, 5, "\xff\xff\xff" } },
		  "Panic#1 ramoops 1: 5" },
		{ "what ECC says",
		  { { "dmesg-ramoops-0", "Panic#1 Part1", 20, 5,
		      "\nECC: 7 Corrected bytes, 2 unrecoverable blocks\n" } },
		  "Panic#1 ramoops !1: 5 ecc 7/2" },
		{ "bytes of Part1 behind those of Part2",
		  { { "dmesg-novel-1", "Panic#1 Part1", 20, 5 },
		    { "dmesg-novel-2", "Panic#1 Part2", 10, 3, NULL, NULL, 20, 4 } },
		  "Panic#1 novel 2 1: 8" },
		{ "of two boots with other backends",
		  { { "dmesg-efi-170000000001001", "Panic#1 Part1", 20, 5 },
		    { "dmesg-ramoops-0", "Panic#1 Part1", 20, 6, .time_s = 1700000001 } },
		  "Panic#1 efi 1: 5 at 1700000000; Panic#1 ramoops 1: 6 at 1700000001" },
		{ "without its first line, but the id has it",
		  { { E1 "02001", NULL, 20, 5 }, { E1 "01001", "Panic#1 Part1", 30, 5 } },
		  "Panic#1 efi !2 1: 10 at 1700000000" },
		{ "a console's ring",
		  { { "console-ramoops-0", .more = "1.5] cut\n[    2.000000] whole\n" } },
		  "console ramoops: 2" },
		{ "other types",
		  { { "pmsg-ramoops-0", .more = "l\x01" }, { "mce-erst-1", .more = "m" } },
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++)
		for (int way = 0; way < (rows[i].one_way ? 1 : 2); way++) {
			struct item items[ITEMS];
			struct trail_text out = { 0 };
			struct trail_facts *facts = trail_facts_new();
			size_t n = 0;
			while (n < ITEMS && rows[i].items[n].name)
				n++;
			for (size_t k = 0; k < n; k++)
				items[k] = rows[i].items[way ? n - 1 - k : k];
			collect(items, n, facts);
			summarize(facts, &out);
			if (!rows[i].unsorted)
				check_sorted(facts);
			if (strcmp(trail_text_string(&out), rows[i].expected) != 0)
				fail_msg("%s, way %d: %s", rows[i].what, way,
					 trail_text_string(&out));
			trail_text_fini(&out);
			trail_facts_free(facts);
		}
}

static void write_file(const char *dir, const char *name, const void *bytes, size_t n)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static void write_item(const char *dir, const struct item *item)
{
	static uint8_t bytes[ROOM];

	write_file(dir, item->name, bytes, make(item, bytes));
}

static bool has_gap(const struct trail_facts *facts, const char *what, const char *why)
{
	for (size_t i = 0; i < facts->n_gaps; i++)
		if (strcmp(facts->gaps[i].what, what) == 0 && strstr(facts->gaps[i].why, why))
			return true;
	return false;
}

static void make_dir(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

/* What systemd-pstore leaves: directories of pieces with dmesg.txt, and files beside them. */
static void test_directory(void **state)
{
	static const struct item items[] = {
		{ "1700000000/001/" E1 "01001", "Panic#1 Part1", 20, 5 },
		{ "1700000001/001/dmesg-efi-170000000102001", "Panic#1 Part2", 10, 5 },
		{ "1700000000/001/dmesg.txt", "Panic#1 Part1", 20, 5 },
		{ "1700000001/001/dmesg.txt", "Panic#1 Part2", 10, 5 },
		{ "dmesg-ramoops-0.enc.z", "Oops#1 Part1", 30, 7, .packing = PACKED(DEFLATE15) },
		{ "console-ramoops-0", .more = "[    1.000000] Linux version 6.1.0\n" },
		{ "pmsg-ramoops-0", .more = "l" },
		{ "notes.txt", .more = "what I saw\n" },
		{ "zeros", .more = "" },
		{ "renamed", "Oops#9 Part1", 90, 3, .packing = PACKED(ZLIB12) },
	};
	char dir[] = "records.XXXXXX", command[64], path[64];
	struct trail_text out = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	make_dir(dir, "1700000000");
	make_dir(dir, "1700000000/001");
	make_dir(dir, "1700000001");
	make_dir(dir, "1700000001/001");
	make_dir(dir, "empty");
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(items); i++)
		write_item(dir, &items[i]);
	snprintf(path, sizeof(path), "%s/gone", dir);
	assert_int_equal(symlink("nowhere", path), 0);

	struct trail_facts *facts = trail_facts_new();
	assert_null(trail_collect_pstore(dir, facts));
	summarize(facts, &out);
	assert_string_equal(trail_text_string(&out),
			    "console ramoops: 1; Panic#1 efi 2 =2 1 =1: 10 at 1700000000; "
			    "Oops#1 ramoops 1: 7; Oops#9 ? 1: 3");
	snprintf(path, sizeof(path), "%s/console-ramoops-0", dir);
	assert_string_equal(facts->texts[0].path, path);
	assert_false(facts->texts[0].lost_start);
	assert_true(facts->texts[1].lost_start);
	assert_string_equal(facts->texts[1].path, dir);
	assert_string_equal(facts->texts[2].parts[0].packing, "deflate");
	assert_string_equal(facts->texts[2].parts[0].record, "dmesg-ramoops-0.enc.z");
	assert_true(has_gap(facts, "gone", "vanished"));
	assert_true(has_gap(facts, "pmsg records", "pmsg-ramoops-0"));
	assert_int_equal(facts->n_gaps, 2);
	trail_facts_free(facts);

	/* one of its files alone */
	facts = trail_facts_new();
	snprintf(path, sizeof(path), "%s/renamed", dir);
	assert_null(trail_collect_pstore(path, facts));
	assert_int_equal(facts->n_texts, 1);
	assert_string_equal(facts->texts[0].path, path);
	trail_facts_free(facts);
	/* none of them */
	facts = trail_facts_new();
	snprintf(path, sizeof(path), "%s/empty", dir);
	struct trail_error *error = trail_collect_pstore(path, facts);
	assert_int_equal(error->code, TRAIL_ERROR_UNSUPPORTED);
	trail_error_free(error);
	snprintf(path, sizeof(path), "%s/nowhere", dir);
	error = trail_collect_pstore(path, facts);
	assert_int_equal(error->code, TRAIL_ERROR_OS);
	trail_error_free(error);
	trail_facts_free(facts);
	trail_text_fini(&out);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

/* Gaps that a dump's parts make, and a line that is too long. */
static void test_gaps(void **state)
{
	static const struct item items[] = {
		{ E1 "03001", "Panic#1 Part3", 10, 5 },
		{ "dmesg-novel-1", "Panic#7 Part4294967295", 10, 5 },
	};
	struct trail_facts *facts = trail_facts_new();

	(void)state;
	collect(items, TRAIL_ARRAY_SIZE(items), facts);
	assert_true(has_gap(facts, "Panic#1 Part1", "the newest lines are lost, and of 1 more"));
	assert_int_equal(facts->texts[1].n_parts, 129);
	assert_true(has_gap(facts, "Panic#7 Part4294967167", "nor of any down to Part1"));
	trail_facts_free(facts);

	facts = trail_facts_new();
	char *line = calloc(1, 10 << 20);
	assert_non_null(line);
	memset(line, 'x', (10 << 20) - 2);
	memcpy(line, "Panic#1 Part1\n<3>[    1.000000] ", 32);
	line[(10 << 20) - 2] = '\n';
	struct trail_pstore_record record = { .name = "long",
					      .bytes = (const uint8_t *)line,
					      .n = strlen(line) };
	assert_null(trail_collect_records(&record, 1, "long", facts));
	assert_int_equal(facts->texts[0].log.n, 1);
	assert_int_equal(facts->texts[0].log.records[0].length, 32 << 10);
	assert_int_equal(facts->texts[0].log.records[0].level, 3);
	assert_true(has_gap(facts, "long", "longer than 32 KiB"));
	free(line);
	trail_facts_free(facts);
}

/* A few bytes that are packed may be gigabytes of lines: there is an end to them. */
static void test_too_large(void **state)
{
	enum { LINES = 600 * 1000, TEXT = 14 + 2 * LINES };
	struct trail_facts *facts = trail_facts_new();
	char *text = malloc(TEXT);

	(void)state;
	assert_non_null(text);
	memcpy(text, "Panic#1 Part2\n", 14);
	for (size_t i = 14; i < TEXT; i += 2)
		memcpy(text + i, "a\n", 2);
	struct trail_pstore_record records[] = {
		{ .name = "dmesg-ramoops-1", .bytes = (const uint8_t *)text, .n = TEXT },
		{ .name = "dmesg-ramoops-0",
		  .bytes = (const uint8_t *)"Panic#1 Part1\nb\n",
		  .n = 16 },
	};
	assert_null(trail_collect_records(records, 2, "dir", facts));
	assert_int_equal(facts->n_texts, 2);
	size_t lines = 0, cut = 0, unread = 0;
	for (size_t i = 0; i < facts->n_texts; i++) {
		const struct trail_text_facts *t = &facts->texts[i];
		lines += t->log.n;
		for (size_t k = 0; k < t->n_parts; k++) {
			cut += t->parts[k].state == TRAIL_PART_DAMAGED &&
			       strstr(t->parts[k].why, "too large");
			unread += t->parts[k].state == TRAIL_PART_UNREAD &&
				  strstr(t->parts[k].why, "not read");
		}
	}
	assert_int_equal(lines, 1 << 19);
	assert_int_equal(cut, 1);
	assert_int_equal(unread, 1);
	trail_facts_free(facts);
	free(text);
}

/* What people do to a record that they paste. */
static void test_pasted(void **state)
{
	static const char text[] =
		"Hello,\r\n\r\n> Panic#1 Part2\r\n"
		"> <6>[   10.000000][   T12] a line that is as long as lines of mails may be, and\r\n"
		"> then goes on\r\n> <6>[   10.100000] b\r\n\r\nThat was all. Kernel panic!\r\n\r\n"
		"> <6>[   10.200000] c <6>[   10.300000] d\r\n> Panic#1 Part1\r\n"
		"> <0>[   11.000000] e\r\n> short\r\n";
	static const char *const lines[] = {
		"a line that is as long as lines of mails may be, and then goes on",
		"b",
		"c",
		"d",
		"e",
		"short",
	};
	struct trail_facts *facts = trail_facts_new();
	struct trail_pstore_record record = { .name = "mail",
					      .bytes = (const uint8_t *)text,
					      .n = sizeof(text) - 1 };

	(void)state;
	assert_null(trail_collect_records(&record, 1, "mail", facts));
	assert_int_equal(facts->n_texts, 1);
	const struct trail_log_facts *log = &facts->texts[0].log;
	assert_int_equal(log->n, TRAIL_ARRAY_SIZE(lines));
	for (size_t i = 0; i < log->n; i++) {
		assert_int_equal(log->records[i].length, strlen(lines[i]));
		assert_memory_equal(log->records[i].text, lines[i], strlen(lines[i]));
	}
	assert_int_equal(log->records[0].pid, 12);
	assert_int_equal(log->records[0].level, 6);
	assert_true(log->records[5].ts_nsec == TRAIL_NO_TIME);
	trail_facts_free(facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups), cmocka_unit_test(test_directory),
		cmocka_unit_test(test_gaps),   cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_pasted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
