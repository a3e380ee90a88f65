/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles: what is asked again, as a file and back, of another boot, of another kernel, damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "format/vmcoreinfo.h"
#include "source/profile.h"
#include "source/profile_store.h"

#define ID "0123456789abcdef0123456789abcdef01234567"
#define STEXT UINT64_C(0xffffffff81000000)
#define MOVED UINT64_C(0xffffffffa2000000)

static struct trail_vmcoreinfo info_of(const char *text)
{
	return (struct trail_vmcoreinfo){ text, strlen(text) };
}

static struct trail_profile *make(void)
{
	const struct trail_symbol symbols[] = {
		{ .name = "panic", .address = STEXT + 0x1000, .size = 0x300, .type = 'T' },
		{ .name = "panic.cold", .address = STEXT + 0x90000, .size = 0x30, .type = 't' },
	};
	const struct trail_symbol percpu = { .name = "cpu_number", .address = 0x5020, .type = 'D' };
	const struct trail_symbol halt = {
		.name = "halt", .address = STEXT + 0x2000, .size = 0x20, .type = 't'
	};
	const struct trail_orc_entry row = { .sp_offset = -8,
					     .sp_register = TRAIL_ORC_BP,
					     .type = TRAIL_ORC_CALL };
	const struct trail_member member = { 16, 8, true };
	struct trail_profile *p;

	assert_null(trail_profile_new(STEXT, &p));
	assert_false(trail_profile_has_news(p));
	trail_profile_add_symbols(p, "panic", symbols, 2);
	trail_profile_add_symbols(p, "cpu_number", &percpu, 1);
	trail_profile_add_symbols(p, "none", NULL, 0);
	trail_profile_add_member(p, "module", "list.next", &member);
	trail_profile_add_member(p, "module", NULL, &(struct trail_member){ .size = 900 });
	trail_profile_add_member(p, "module", "mem", NULL);
	trail_profile_add_symbol_at(p, &halt);
	trail_profile_add_symbol_at(p, &halt); /* said twice, kept once */
	trail_profile_add_orc(p, STEXT + 0x2004, STEXT + 0x2008, &row);
	trail_profile_add_orc(p, STEXT + 0x3000, STEXT + 0x3000, &row); /* the last of a table */
	assert_true(trail_profile_has_news(p));
	return p;
}

static void check(struct trail_profile *p, uint64_t stext)
{
	assert_null(trail_profile_symbol_at(p, stext + 0x1fff));
	assert_string_equal(trail_profile_symbol_at(p, stext + 0x2000)->name, "halt");
	assert_int_equal(trail_profile_symbol_at(p, stext + 0x201f)->address, stext + 0x2000);
	assert_int_equal(trail_profile_symbol_at(p, stext + 0x201f)->size, 0x20);
	assert_null(trail_profile_symbol_at(p, stext + 0x2020));
	assert_null(trail_profile_orc_at(p, stext + 0x2003));
	assert_int_equal(trail_profile_orc_at(p, stext + 0x2004)->sp_register, TRAIL_ORC_BP);
	assert_int_equal(trail_profile_orc_at(p, stext + 0x2007)->sp_offset, -8);
	assert_null(trail_profile_orc_at(p, stext + 0x2008));
	assert_null(trail_profile_orc_at(p, stext + 0x3000));

	const struct trail_profile_stem *stem = trail_profile_symbols(p, "panic");
	const struct trail_member *member;
	bool is_there;

	assert_non_null(stem);
	assert_int_equal(stem->n, 2);
	assert_string_equal(stem->symbols[1].name, "panic.cold");
	assert_int_equal(stem->symbols[1].address, stext + 0x90000);
	assert_int_equal(stem->symbols[1].size, 0x30);
	assert_int_equal(stem->symbols[1].type, 't');
	stem = trail_profile_symbols(p, "cpu_number");
	assert_int_equal(stem->symbols[0].address, 0x5020); /* does not move with the image */
	assert_int_equal(trail_profile_symbols(p, "none")->n, 0);
	assert_null(trail_profile_symbols(p, "other"));
	member = trail_profile_member(p, "module", "list.next", &is_there);
	assert_true(member && is_there && member->is_signed);
	assert_int_equal(member->offset, 16);
	assert_int_equal(trail_profile_member(p, "module", NULL, &is_there)->size, 900);
	assert_non_null(trail_profile_member(p, "module", "mem", &is_there));
	assert_false(is_there);
	assert_null(trail_profile_member(p, "module", "other", &is_there));
}

static void save(struct trail_text *text)
{
	struct trail_profile *p = make();

	check(p, STEXT);
	assert_null(trail_profile_save(p, ID, text));
	trail_profile_free(p);
}

#define LINES "OSRELEASE=1\nBUILD-ID=" ID "\nSYMBOL(_stext)=ffffffffa2000000\n"

static void test_other_boot(void **state)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	const struct trail_vmcoreinfo info = info_of(
		LINES "SYMBOL(panic)=ffffffffa2001000\nOFFSET(module.list.next)=16\n");
	struct trail_profile *p;

	(void)state;
	save(&text);
	assert_null(trail_profile_load(text.data, text.length, "f", &info, &p));
	assert_false(trail_profile_has_news(p));
	check(p, MOVED);
	trail_profile_free(p);
}

static void test_refused(void **state)
{
	static const struct {
		const char *name, *info;
		size_t cut;
		int flip; /* a byte to change; -1 for none */
		enum trail_error_code code;
	} rows[] = {
		{ "another build", "BUILD-ID=ff" ID "\nSYMBOL(_stext)=ffffffffa2000000\n", 0, -1,
		  TRAIL_ERROR_UNSUPPORTED },
		{ "no build ID", "SYMBOL(_stext)=ffffffffa2000000\n", 0, -1,
		  TRAIL_ERROR_UNSUPPORTED },
		{ "a symbol elsewhere", LINES "SYMBOL(panic)=ffffffffa2001010\n", 0, -1,
		  TRAIL_ERROR_UNSUPPORTED },
		{ "another offset", LINES "OFFSET(module.list.next)=24\n", 0, -1,
		  TRAIL_ERROR_UNSUPPORTED },
		{ "cut", LINES, 10, -1, TRAIL_ERROR_BAD_DATA },
		{ "all cut", LINES, 100000, -1, TRAIL_ERROR_BAD_DATA },
		{ "a digit changed", LINES, 0, 300, TRAIL_ERROR_BAD_DATA },
		{ "the sum changed", LINES, 0, 30, TRAIL_ERROR_BAD_DATA },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
		const struct trail_vmcoreinfo info = info_of(rows[i].info);
		struct trail_profile *p;
		save(&text);
		if (rows[i].flip >= 0)
			text.data[rows[i].flip] ^= 1;
		size_t cut = TRAIL_MIN(rows[i].cut, text.length);
		struct trail_error *error = trail_profile_load(text.data, text.length - cut, "f",
							       &info, &p);
		if (!error || error->code != rows[i].code)
			fail_msg("%s: %s", rows[i].name, error ? error->message : "taken");
		trail_error_free(error);
	}
}

static void put(const char *dir, const struct trail_vmcoreinfo *info)
{
	struct trail_profile_store store = { .dir = dir };
	struct trail_profile *p = make();

	trail_profile_store_put(&store, info, p);
	assert_null(store.unkept);
	assert_non_null(store.path);
	trail_profile_store_fini(&store);
	trail_profile_free(p);
}

/* What the store gives: news that it has no answers, or the answers; and whether it says why. */
static void expect_from(const char *dir, const struct trail_vmcoreinfo *info, bool answers,
			bool note)
{
	struct trail_profile_store store = { .dir = dir };
	struct trail_profile *p;

	assert_null(trail_profile_store_get(&store, info, &p));
	assert_int_equal(trail_profile_symbols(p, "panic") != NULL, answers);
	assert_int_equal(store.note != NULL, note);
	trail_profile_free(p);
	trail_profile_store_fini(&store);
}

static void test_store(void **state)
{
	const struct trail_vmcoreinfo info = info_of("BUILD-ID=" ID
						     "\nSYMBOL(_stext)=ffffffff81000000\n");
	const struct trail_vmcoreinfo wild = info_of(
		"BUILD-ID=../../x0123\nSYMBOL(_stext)=ffffffff81000000\n");
	char base[] = "test_profile.XXXXXX", dir[64], file[192];

	(void)state;
	assert_non_null(mkdtemp(base));
	snprintf(dir, sizeof(dir), "%s/a/b", base);
	snprintf(file, sizeof(file), "%s/" ID ".profile", dir);
	expect_from(dir, &info, false, false);
	put(dir, &info);
	expect_from(dir, &info, true, false);
	expect_from(dir, &wild, false, false); /* no file's name is made of that */
	assert_int_equal(chmod(file, 0622), 0);
	expect_from(dir, &info, false, true); /* another could have written it */
	put(dir, &info);
	expect_from(dir, &info, true, false);
	assert_int_equal(truncate(file, 100), 0);
	expect_from(dir, &info, false, true);

	unlink(file);
	rmdir(dir);
	*strrchr(dir, '/') = 0;
	rmdir(dir);
	assert_int_equal(rmdir(base), 0); /* nothing else was left there */
}

/* A place that cannot be written. */
static void test_unkept(void **state)
{
	const struct trail_vmcoreinfo info = info_of("BUILD-ID=" ID
						     "\nSYMBOL(_stext)=ffffffff81000000\n");
	struct trail_profile_store store = { .dir = "/dev/null/x" };
	struct trail_profile *p = make();

	(void)state;
	trail_profile_store_put(&store, &info, p);
	assert_non_null(store.unkept);
	assert_null(store.path);
	trail_profile_store_fini(&store);
	trail_profile_free(p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_boot),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_unkept),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
