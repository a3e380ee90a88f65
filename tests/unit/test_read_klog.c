/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log files → texts: boots, crashes and roles in the files of tests/texts, which is the first
 * argument; and how much is kept of large ones.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "collect/texts.h"

static const char *folder;

static struct trail_facts *facts_of(int fd)
{
	struct trail_facts *facts = trail_facts_new();

	assert_non_null(facts);
	assert_null(trail_collect_log(fd, "file", facts));
	return facts;
}

static const char *or_none(const char *s)
{
	return s ? s : "-";
}

static bool has(const struct trail_record *r, const char *part)
{
	return memmem(r->text, r->length, part, strlen(part)) != NULL;
}

static void show_line(struct trail_text *out, const struct trail_record *r)
{
	trail_text_printf(out, "  %" PRIu64 " ", r->seq);
	if (r->ts_nsec != TRAIL_NO_TIME)
		trail_text_printf(out, "t=%" PRIu64 " ", r->ts_nsec / 1000);
	if (r->level != TRAIL_NO_LEVEL)
		trail_text_printf(out, "level=%u ", r->level);
	if (r->facility)
		trail_text_printf(out, "facility=%u ", r->facility);
	if (r->cpu >= 0)
		trail_text_printf(out, "cpu=%d ", r->cpu);
	if (r->pid >= 0)
		trail_text_printf(out, "pid=%d ", r->pid);
	if (r->comm)
		trail_text_printf(out, "comm=%s ", r->comm);
	trail_text_add(out, r->text, r->length);
	trail_text_puts(out, "\n");
}

/* What is to be held of a text: all but the lines between the first and the last. */
static void show(struct trail_text *out, const struct trail_text_facts *t)
{
	trail_text_printf(out, "%s %s %s, %zu lines, %" PRIu64 " lost, %s %s %s %s\n",
			  trail_text_kind_names[t->kind], trail_text_role_names[t->role], t->form,
			  t->log.n, t->log.lost, or_none(t->arch), or_none(t->release),
			  or_none(t->build_id), or_none(t->nodename));
	if (t->has_time)
		trail_text_printf(out, " date %" PRIu64 "\n", t->time_s);
	if (t->version)
		trail_text_printf(out, " %s\n", t->version);
	if (t->cmdline)
		trail_text_printf(out, " %s\n", t->cmdline);
	for (size_t i = 0; i < t->log.n; i++)
		if (i == 0 || i + 1 == t->log.n || has(&t->log.records[i], "Kernel panic - not"))
			show_line(out, &t->log.records[i]);
}

/* The file NAME.texts beside NAME.txt says what is wanted; the second argument writes them. */
static void hold(const char *name, bool write_it)
{
	char path[512], wanted[16384] = "";
	struct trail_text got = {};

	snprintf(path, sizeof(path), "%s/%s.txt", folder, name);
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		fail_msg("%s: cannot be opened", path);
	struct trail_facts *facts = facts_of(fd);
	close(fd);
	for (size_t i = 0; i < facts->n_texts; i++)
		show(&got, &facts->texts[i]);
	for (size_t i = 0; i < facts->n_gaps; i++)
		trail_text_printf(&got, "gap: %s: %s\n", facts->gaps[i].what, facts->gaps[i].why);
	trail_facts_free(facts);
	snprintf(path, sizeof(path), "%s/%s.texts", folder, name);
	FILE *file = fopen(path, write_it ? "w" : "r");
	if (!file)
		fail_msg("%s: cannot be opened", path);
	if (write_it)
		fputs(trail_text_string(&got), file);
	else
		(void)!fread(wanted, 1, sizeof(wanted) - 1, file);
	fclose(file);
	if (!write_it && strcmp(trail_text_string(&got), wanted) != 0)
		fail_msg("%s:\n%s--- wanted:\n%s", name, trail_text_string(&got), wanted);
	trail_text_fini(&got);
}

static const char *const names[] = {
	"android-mediatek",
	"android-samsung",
	"dmesg-T",
	"dmesg-json",
	"dmesg-raw-caller",
	"dmesg-x",
	"glued",
	"journal-export",
	"journal-json",
	"journal-short",
	"kdump-quiet",
	"kdump-quiet-late",
	"kexec-dmesg",
	"lost-newlines",
	"mail-quoted",
	"mail-quoted-printable",
	"mail-wrapped",
	"netconsole",
	"no-log",
	"no-times",
	"oops-only",
	"openwrt-logread",
	"quiet",
	"quiet-reset",
	"same-crash-twice",
	"serial-arm-stopping",
	"serial-arm64-kdump-dies",
	"serial-kdump",
	"serial-reset",
	"two-crashes-pasted",
};
static bool write_them;

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(names); i++)
		hold(names[i], write_them);
}

/* A file of what printf() gives for its lines; closed by the caller. */
static FILE *file_new(int *fd_ret)
{
	*fd_ret = memfd_create("log", 0);
	assert_true(*fd_ret >= 0);
	FILE *file = fdopen(dup(*fd_ret), "w");
	assert_non_null(file);
	return file;
}

static struct trail_facts *facts_of_file(FILE *file, int fd)
{
	assert_int_equal(fclose(file), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	struct trail_facts *facts = facts_of(fd);
	close(fd);
	return facts;
}

static size_t chatter(FILE *file, unsigned from, unsigned n)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < n; i++)
		bytes += fprintf(file, "[%5u.%06u] usb 1-1: new high-speed USB device number %u\n",
				 (from + i) / 1000, (from + i) % 1000 * 1000, i);
	return bytes;
}

/* A boot larger than what is kept: the banner and what is around the panic stay. */
static void test_large(void **state)
{
	int fd;
	FILE *file = file_new(&fd);

	(void)state;
	fputs("[    0.000000] Linux version 6.1.0 (x@y) (gcc) #1 SMP\n", file);
	chatter(file, 1, 600000);
	fputs("[  700.000000] Kernel panic - not syncing: x\n", file);
	chatter(file, 700001, 600000);
	struct trail_facts *facts = facts_of_file(file, fd);
	assert_int_equal(facts->n_texts, 1);
	const struct trail_log_facts *log = &facts->texts[0].log;
	assert_string_equal(facts->texts[0].release, "6.1.0");
	assert_int_equal(log->n + log->lost, 1200002);
	assert_int_equal(log->records[0].seq, 1);
	size_t i = 1, before, panic = 0;
	for (; i < log->n; i++)
		if (log->records[i].seq == 600002)
			panic = i;
	assert_true(panic);
	/* no hole for some time before it, nor behind it; the newest lines are there, too */
	for (before = panic;
	     before && log->records[before].seq == log->records[before - 1].seq + 1;)
		before--;
	for (i = panic; i + 1 < log->n && log->records[i].seq + 1 == log->records[i + 1].seq;)
		i++;
	assert_true(panic - before > 40000 && i - panic > 120000);
	assert_int_equal(log->records[log->n - 1].seq, 1200002);
	assert_true(log->n < 400000);
	trail_facts_free(facts);
}

/* Boots without end: the last ones that crashed are kept, and that others were not is said. */
static void test_many(void **state)
{
	int fd;
	FILE *file = file_new(&fd);

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		fputs("[    0.000000] Linux version 6.1.0 (x@y) (gcc) #1 SMP\n", file);
		fprintf(file, "[%5u.000000] Kernel panic - not syncing: x\n", 10 + i);
	}
	struct trail_facts *facts = facts_of_file(file, fd);
	assert_true(facts->n_texts > 100 && facts->n_texts <= 256);
	assert_int_equal(facts->texts[facts->n_texts - 1].log.records[1].ts_nsec / 1000000000,
			 1009);
	assert_int_equal(facts->n_gaps, 1);
	assert_string_equal(facts->gaps[0].what, "boots of the log");
	trail_facts_free(facts);
}

/* Lines longer than any: split at stamps, else cut, and the lines behind them are whole. */
static void test_long(void **state)
{
	static const struct {
		const char *fill; /* 10 MB of it */
		size_t lines;	  /* 0: very many */
		bool cut;
	} rows[] = {
		{ "x", 4, true },
		{ "[    5.000000] text", 0, false },
		{ "[    5.000000]", 0, false },
		{ "\xff\xfe", 4, true },
		{ "\r", 3, true },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		int fd;
		FILE *file = file_new(&fd);
		fputs("[    1.000000] first\n", file);
		for (size_t n = 0; n < 10000000; n += strlen(rows[i].fill))
			fputs(rows[i].fill, file);
		fputs("\n[    6.000000] Kernel panic - not syncing: x\n[    7.000000] last", file);
		struct trail_facts *facts = facts_of_file(file, fd);
		assert_int_equal(facts->n_texts, 1);
		const struct trail_log_facts *log = &facts->texts[0].log;
		const struct trail_record *last = &log->records[log->n - 1];
		assert_int_equal(last->seq, 4);
		assert_memory_equal(last->text, "last", 4);
		assert_true(has(last - 1, "Kernel panic"));
		if (rows[i].lines)
			assert_int_equal(log->n, rows[i].lines);
		else
			assert_true(log->n > 100000);
		assert_int_equal(facts->n_gaps, rows[i].cut);
		trail_facts_free(facts);
	}
}

/* Carriage returns for newlines. */
static void test_returns(void **state)
{
	int fd;
	FILE *file = file_new(&fd);

	(void)state;
	for (unsigned i = 0; i < 20000; i++)
		fprintf(file, "[%5u.000000] Kernel panic - not syncing: x\r", 1 + i);
	struct trail_facts *facts = facts_of_file(file, fd);
	assert_int_equal(facts->n_texts, 1);
	assert_int_equal(facts->texts[0].log.n, 20000);
	assert_int_equal(facts->texts[0].log.records[19999].seq, 20000);
	assert_int_equal(facts->n_gaps, 0);
	trail_facts_free(facts);
}

/* Nothing at all, holes, noise: never a failure. */
static void test_bad(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} rows[] = {
		{ "", 0 },
		{ "\n\n\r\n", 4 },
		{ "\0\0\0\0", 4 },
		{ "{\"dmesg\":[{\"msg\":", 18 },
		{ "__CURSOR=\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff", 26 },
		{ "6,1,1,-,ncfrag=0/999999999;x", 28 },
		{ "\x1b[", 2 },
		{ "=\n=\n=", 5 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		int fd;
		FILE *file = file_new(&fd);
		fwrite(rows[i].bytes, 1, rows[i].n, file);
		struct trail_facts *facts = facts_of_file(file, fd);
		assert_true(!facts->n_texts && facts->n_gaps);
		trail_facts_free(facts);
	}
}

static void test_is_log(void **state)
{
	uint8_t bytes[64] = {};

	(void)state;
	assert_false(trail_collect_is_log(bytes, 0));
	assert_false(trail_collect_is_log(bytes, sizeof(bytes)));
	memcpy(bytes,
	       "\x7f"
	       "ELF",
	       4);
	assert_false(trail_collect_is_log(bytes, sizeof(bytes)));
	memset(bytes, 'x', 40);
	assert_true(trail_collect_is_log(bytes, sizeof(bytes)));
	memset(bytes, 0xfe, 20);
	assert_false(trail_collect_is_log(bytes, sizeof(bytes)));

	/* a hole, or what a crash has left behind the log */
	uint8_t head[64 << 10] = {};
	memset(head, 'x', 1000);
	assert_false(trail_collect_is_log(head, sizeof(head)));
	memset(head, 'x', 2000);
	assert_true(trail_collect_is_log(head, sizeof(head)));
	memset(head + 2000, 0xfe, sizeof(head) - 2000);
	assert_true(trail_collect_is_log(head, sizeof(head)));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),	cmocka_unit_test(test_large),
		cmocka_unit_test(test_many),	cmocka_unit_test(test_long),
		cmocka_unit_test(test_returns), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_is_log),
	};

	if (argc < 2)
		return 2;
	folder = argv[1];
	write_them = argc > 2 && strcmp(argv[2], "--write") == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
