/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved facts: the rows cover every member, what is saved comes back to the
 * bit, and hostile files are refused by the place.
 * With the argument "seed" prints facts in which no member has its default.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "facts/facts.h"
#include "facts/fields.h"

#define HOSTILE                                                     \
	"\\x41 \\\\ \"q\" {\n\t\r\33[31m \xff\xfe\xc3 \xed\xa0\x80" \
	"\xc2\x9b \xc3\xa9 \xf0\x9f\x98\x80 \x01\x7f/ \\"

static void *need(void *pointer)
{
	assert_non_null(pointer);
	return pointer;
}

/* A struct's rows, given by the type of its entries: how far one must be aligned. */
static size_t alignment(const struct trail_field *f)
{
	size_t most = 1;

	if (f->kind == TRAIL_FIELD_STRUCT)
		for (size_t i = 0; i < f->shape->n; i++)
			most = TRAIL_MAX(most, alignment(&f->shape->fields[i]));
	else if (f->kind == TRAIL_FIELD_HEXES || f->kind == TRAIL_FIELD_UNSAVED)
		most = sizeof(uint64_t);
	else
		most = f->size;
	return most;
}

static size_t aligned(size_t offset, size_t to)
{
	return (offset + to - 1) / to * to;
}

/* Row behind row without a gap but what alignment asks for: no member is forgotten. */
static void check_shape(const struct trail_shape *shape)
{
	size_t end = 0, most = 1;

	for (size_t i = 0; i < shape->n; i++) {
		const struct trail_field *f = &shape->fields[i];

		if (aligned(end, alignment(f)) != f->offset)
			fail_msg("a member before %s has no row", f->key);
		end = f->offset + f->size;
		most = TRAIL_MAX(most, alignment(f));
		if (f->kind == TRAIL_FIELD_ARRAY || f->kind == TRAIL_FIELD_TEXTS) {
			assert_int_equal(f->count, end);
			end += sizeof(size_t);
		} else if (f->kind == TRAIL_FIELD_BYTES) {
			assert_int_equal(f->count, end);
			end += sizeof(uint32_t);
		}
		if (f->kind == TRAIL_FIELD_STRUCT || f->kind == TRAIL_FIELD_ARRAY)
			check_shape(f->shape);
		for (size_t k = 0; f->kind == TRAIL_FIELD_WORD && k < f->max; k++)
			assert_non_null(f->names[k]);
	}
	if (aligned(end, most) != shape->size)
		fail_msg("a member behind %s has no row", shape->fields[shape->n - 1].key);
}

static void test_rows(void **state)
{
	(void)state;
	check_shape(&trail_facts_shape);
}

/* Every member another value, none its default; @seed tells entries apart. */
static void fill(struct trail_pool *pool, const struct trail_shape *shape, char *to, unsigned seed)
{
	for (size_t i = 0; i < shape->n; i++) {
		const struct trail_field *f = &shape->fields[i];
		uint64_t big = UINT64_MAX - seed * 64 - i;
		char *at = to + f->offset;
		size_t n = f->kind == TRAIL_FIELD_HEXES ? f->max : 2;
		uint32_t word = f->max ? 1 + (seed + i) % (f->max - 1) : 0, length;
		int32_t number = INT32_MIN + (int32_t)(seed * 64 + i);
		const char *text = need(trail_pool_printf(pool, "%s %u " HOSTILE, f->key, seed));
		void *entries = need(trail_pool_alloc(
			pool, 2, f->kind == TRAIL_FIELD_ARRAY ? f->shape->size : sizeof(text)));

		switch (f->kind) {
		case TRAIL_FIELD_UNSAVED:
			break;
		case TRAIL_FIELD_BOOL:
			*at = 1;
			break;
		case TRAIL_FIELD_INT32:
			memcpy(at, &number, sizeof(number));
			break;
		case TRAIL_FIELD_UINT8:
		case TRAIL_FIELD_UINT32:
		case TRAIL_FIELD_UINT64:
			memcpy(at, &big, f->size);
			break;
		case TRAIL_FIELD_WORD:
			memcpy(at, &word, sizeof(word));
			break;
		case TRAIL_FIELD_TEXT:
			memcpy(at, &text, sizeof(text));
			break;
		case TRAIL_FIELD_BYTES:
			length = strlen(text) + 1; /* with a NUL */
			memcpy(at, &text, sizeof(text));
			memcpy(to + f->count, &length, sizeof(length));
			break;
		case TRAIL_FIELD_STRUCT:
			fill(pool, f->shape, at, seed + 1);
			break;
		case TRAIL_FIELD_HEXES:
			for (size_t k = 0; k < n; k++)
				memcpy(at + k * sizeof(big), &(uint64_t){ big - k }, sizeof(big));
			break;
		case TRAIL_FIELD_ARRAY:
		case TRAIL_FIELD_TEXTS:
			for (unsigned k = 0; k < n; k++)
				if (f->kind == TRAIL_FIELD_ARRAY)
					fill(pool, f->shape, (char *)entries + k * f->shape->size,
					     seed * 2 + k);
				else
					((const char **)entries)[k] = text;
			memcpy(at, &entries, sizeof(entries));
			memcpy(to + f->count, &n, sizeof(n));
			break;
		}
	}
}

static const char *text_at(const char *from)
{
	const char *s;

	memcpy(&s, from, sizeof(s));
	return s;
}

static void same(const struct trail_shape *shape, const char *a, const char *b)
{
	for (size_t i = 0; i < shape->n; i++) {
		const struct trail_field *f = &shape->fields[i];
		const char *x = a + f->offset, *y = b + f->offset;
		size_t n = 0;
		uint32_t length;

		if (f->kind == TRAIL_FIELD_ARRAY || f->kind == TRAIL_FIELD_TEXTS) {
			memcpy(&n, a + f->count, sizeof(n));
			assert_memory_equal(a + f->count, b + f->count, sizeof(n));
		}
		if (f->kind == TRAIL_FIELD_STRUCT)
			same(f->shape, x, y);
		else if (f->kind == TRAIL_FIELD_TEXT && (!text_at(x) || !text_at(y)))
			assert_ptr_equal(text_at(x), text_at(y));
		else if (f->kind == TRAIL_FIELD_TEXT)
			assert_string_equal(text_at(x), text_at(y));
		else if (f->kind == TRAIL_FIELD_BYTES) {
			memcpy(&length, a + f->count, sizeof(length));
			assert_memory_equal(a + f->count, b + f->count, sizeof(length));
			assert_memory_equal(text_at(x), text_at(y), length);
		} else if (f->kind == TRAIL_FIELD_ARRAY)
			for (size_t k = 0; k < n; k++)
				same(f->shape, text_at(x) + k * f->shape->size,
				     text_at(y) + k * f->shape->size);
		else if (f->kind == TRAIL_FIELD_TEXTS)
			for (size_t k = 0; k < n; k++)
				assert_string_equal(text_at(text_at(x) + k * sizeof(char *)),
						    text_at(text_at(y) + k * sizeof(char *)));
		else if (f->kind != TRAIL_FIELD_UNSAVED)
			assert_memory_equal(x, y, f->size);
	}
}

static struct trail_facts *full(void)
{
	struct trail_facts *facts = need(trail_facts_new());

	fill(&facts->pool, &trail_facts_shape, (char *)facts, 1);
	return facts;
}

static struct trail_facts *load(const struct trail_text *text)
{
	struct trail_facts *facts = NULL;
	struct trail_error *error = trail_facts_load(text->data, text->length, "saved", &facts);

	if (error)
		fail_msg("%s", error->message);
	return facts;
}

static void check_round_trip(const struct trail_facts *facts)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text once = { 0 }, again = { 0 };

	assert_null(trail_facts_save(facts, &once));
	assert_true(trail_facts_is(once.data, once.length));
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *loaded = load(&once);
	same(&trail_facts_shape, (const char *)facts, (const char *)loaded);
	assert_string_equal(loaded->loaded, "saved");
	assert_null(trail_facts_save(loaded, &again));
	assert_string_equal(once.data, again.data);
	for (size_t i = 0; i < once.length; i++) /* plain ASCII */
		assert_true(once.data[i] == '\n' || (once.data[i] >= 0x20 && once.data[i] < 0x7f));
}

static void test_round_trip(void **state)
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = full();

	(void)state;
	assert_int_equal(facts->cpus[1].n_frames, 2);
	assert_true(facts->log.next_seq > UINT64_MAX / 2);
	check_round_trip(facts);
}

/* Nothing read, and NULL kept apart from the empty text. */
static void test_empty(void **state)
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = need(trail_facts_new());

	(void)state;
	check_round_trip(facts);
	facts->cmdline = "";
	assert_true(trail_facts_add_scalar(facts, &(struct trail_scalar){ "", .text = "" }));
	check_round_trip(facts);
}

/* Every byte, alone and behind another, in a record. */
static void test_bytes(void **state)
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = need(trail_facts_new());
	static const char firsts[] = { 'a', '\\', '\xc3', '\0', '\xf0' };
	char bytes[TRAIL_ARRAY_SIZE(firsts) * 512];
	struct trail_record record = { .text = bytes, .length = sizeof(bytes) };

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i % 2 ? (char)(i / 2) : firsts[i / 512];
	facts->log.records = &record;
	facts->log.n = 1;
	check_round_trip(facts);
}

/* What is put in place of what in saved facts, and what the error must name. */
static const struct {
	const char *old, *new, *says;
} hostile[] = {
	/* clang-format off */
	{ "facts/1\"", "facts/2\"", "schema: wanted \"panictrail-facts/1\", not \"panictrail-facts/2\"" },
	{ "\"format\": \"elf\"", "\"format\": \"floppy\"", "format: wanted \"unknown\", \"elf\"" },
	{ "\"format\": \"elf\"", "\"format\": 7", "not this number" },
	{ "\"complete\": true", "\"complete\": \"yes\"", "complete: wanted true or false" },
	{ "\"complete\": true", "\"complete\": true, \"complete\": true", "line 8, column" },
	{ "\"complete\": true", "\"complete\": true, \"colour\": 1", "colour: wanted no key of that name" },
	{ "\"complete\": true,", "", "complete: wanted a value" },
	{ "\"arch\": \"x\"", "\"arch\": 5", "arch: wanted a string or null" },
	{ "\"arch\": \"x\"", "\"arch\": \"x\\\\q\"", "arch: wanted \\\\ or \\xNN" },
	{ "\"arch\": \"x\"", "\"arch\": \"x\\\\x4\"", "arch: wanted \\\\ or \\xNN" },
	{ "\"arch\": \"x\"", "\"arch\": \"x\\\\\"", "arch: wanted \\\\ or \\xNN" },
	{ "\"arch\": \"x\"", "\"arch\": \"x\\\\x00\"", "arch: wanted a text without \\x00" },
	{ "\"arch\": \"x\"", "\"arch\": \"x\\u0000\"", "line 9, column" },
	{ "\"arch\": \"x\"", "\"arch\": \"\xff\"", "line 9, column" },
	{ "\"arch\": \"x\"", "\"arch\": \"\\ud800\"", "line 9, column" },
	{ "\"arch\": \"x\"", "\"arch\": 99999999999999999999", "line 9, column" },
	{ "\"arch\": \"x\"", "\"arch\": 1e999", "line 9, column" },
	{ "\"arch\": \"x\"", "\"arch\": [[[[[[[[[[[[", "line 9: nested deeper than" },
	{ "\"block\": \"0x1\"", "\"block\": \"0x10000000000000000\"", "notifiers[0].block: wanted \"0x\"" },
	{ "\"block\": \"0x1\"", "\"block\": \"0x\"", "notifiers[0].block: wanted \"0x\"" },
	{ "\"block\": \"0x1\"", "\"block\": \"-0x1\"", "notifiers[0].block: wanted \"0x\"" },
	{ "\"block\": \"0x1\"", "\"block\": 1", "notifiers[0].block: wanted \"0x\"" },
	{ "\"priority\": -7", "\"priority\": -2147483649", "notifiers[0].priority: wanted an integer" },
	{ "\"priority\": -7", "\"priority\": 1.5", "not a real number" },
	{ "\"notifiers\": [", "\"notifiers\": [7,", "notifiers[0]: wanted an object, not this number" },
	{ "\"records\": []", "\"records\": {}", "log.records: wanted an array of at most" },
	{ "\"gaps\": []", "\"gaps\": [{\"what\": null, \"why\": null}]", "gaps[0].what: wanted a string, not null" },
	{ "\"gaps\": []", "\"gaps\": [", "line " },
	{ "\"symbol_sources\": []", "\"symbol_sources\": [null]", "symbol_sources[0]: wanted a string" },
	/* clang-format on */
};

static void refused(const char *bytes, size_t n, const char *says)
{
	struct trail_facts *facts = NULL;
	struct trail_error *error = trail_facts_load(bytes, n, "a/file", &facts);

	assert_null(facts);
	if (!error || error->code != TRAIL_ERROR_BAD_DATA || !strstr(error->message, says) ||
	    !trail_starts_with(error->message, "a/file: "))
		fail_msg("wanted \"%s\", got \"%s\"", says, error ? error->message : "facts");
	trail_error_free(error);
}

static void test_hostile(void **state)
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = need(trail_facts_new());
	TRAIL_CLEANUP(trail_text_fini) struct trail_text good = { 0 };
	struct trail_notifier_facts notifier = { .block = 1, .priority = -7 };

	(void)state;
	facts->format = TRAIL_FORMAT_ELF;
	facts->complete = true;
	facts->arch = "x";
	facts->notifiers = &notifier;
	facts->n_notifiers = 1;
	check_round_trip(facts);
	assert_null(trail_facts_save(facts, &good));
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(hostile); i++) {
		TRAIL_CLEANUP(trail_text_fini) struct trail_text bad = { 0 };
		const char *at = strstr(good.data, hostile[i].old);

		assert_non_null(at);
		trail_text_add(&bad, good.data, at - good.data);
		trail_text_puts(&bad, hostile[i].new);
		trail_text_puts(&bad, at + strlen(hostile[i].old));
		refused(bad.data, bad.length, hostile[i].says);
	}
	refused("", 0, "line 1");
	refused("[]", 2, "the document: wanted an object");
	refused("{}", 2, "schema: wanted \"panictrail-facts/1\", not nothing");
	for (size_t n = 0; n + 1 < good.length; n++) /* every prefix but that without the newline */
		if (n != good.length - 1)
			refused(good.data, n, "line ");
}

/* More than a list, or a document, may have. */
static void test_limits(void **state)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text many = { 0 }, flood = { 0 };
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = need(trail_facts_new());
	struct trail_dumper_facts dumpers[65] = { 0 };

	(void)state;
	facts->dumpers = dumpers;
	facts->n_dumpers = TRAIL_ARRAY_SIZE(dumpers);
	assert_null(trail_facts_save(facts, &many));
	refused(many.data, many.length, "dumpers: wanted an array of at most 64 entries");
	trail_text_puts(&flood, "[0");
	for (size_t i = 0; i < 5000000; i++)
		trail_text_add(&flood, ",0", 2);
	refused(flood.data, flood.length, "line 1: more than");
}

static void test_told_by_content(void **state)
{
	static const struct {
		const char *start;
		bool is;
	} rows[] = {
		{ "{\"schema\": \"panictrail-facts/1\"", true },
		{ " \r\n\t{ \"schema\":\"panictrail-facts/9\"", true },
		{ "{\"schema\": \"panictrail-report/1\"", false },
		{ "\"panictrail-facts/1\"", false },
		{ "KDUMP   panictrail-facts/1", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++)
		assert_int_equal(trail_facts_is(rows[i].start, strlen(rows[i].start)), rows[i].is);
}

static int print_seed(void)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = full();

	assert_null(trail_facts_save(facts, &text));
	fputs(trail_text_string(&text), stdout);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_told_by_content),
	};

	return argc == 2 && strcmp(argv[1], "seed") == 0
		       ? print_seed()
		       : cmocka_run_group_tests(tests, NULL, NULL);
}
