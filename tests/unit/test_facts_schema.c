/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The schema of saved facts against the rows of src/facts/fields.c: the same
 * members, in the same order, each of its type and within its limits.
 * Usage: test_facts_schema SCHEMA
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "facts/fields.h"

static json_t *root; /* the schema */

/* A node itself, or what its $ref names. */
static json_t *at(json_t *node)
{
	static const char defs[] = "#/$defs/";
	const char *ref = json_string_value(json_object_get(node, "$ref"));

	if (!ref)
		return node;
	assert_memory_equal(ref, defs, strlen(defs));
	node = json_object_get(json_object_get(root, "$defs"), ref + strlen(defs));
	if (!node)
		fail_msg("there is no %s", ref);
	return node;
}

/* The node says @wanted of its value, no more and no less; what its parts are is seen elsewhere. */
static void same(json_t *node, json_t *wanted, const char *key)
{
	static const char *const others[] = { "description", "items", "properties", "required",
					      "$schema",     "$id",   "title",	    "$defs" };
	json_t *said = json_copy(node);

	assert_non_null(said);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(others); i++)
		json_object_del(said, others[i]);
	if (!json_equal(said, wanted))
		fail_msg("%s: another type or limit than the table's", key);
	json_decref(said);
	json_decref(wanted);
}

static void check_number(json_t *node, const struct trail_field *f)
{
	int64_t least = f->kind == TRAIL_FIELD_INT32 ? INT32_MIN : 0;
	int64_t most = f->kind == TRAIL_FIELD_INT32   ? INT32_MAX
		       : f->kind == TRAIL_FIELD_UINT8 ? UINT8_MAX
						      : UINT32_MAX;

	same(at(node),
	     json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)least,
		       "maximum", (json_int_t)most),
	     f->key);
}

static void check_hex(json_t *node, const char *key)
{
	same(at(node), json_pack("{s:s, s:s}", "type", "string", "pattern", "^0x[0-9a-f]{1,16}$"),
	     key);
}

/* A string in which nothing but another one or xNN follows a backslash. */
static void check_text(json_t *node, const char *key, bool needed, bool nul)
{
	json_t *type = needed ? json_string("string") : json_pack("[s, s]", "string", "null");
	const char *pattern = nul ? "^([^\\\\]|\\\\\\\\|\\\\x[0-9a-f]{2})*$"
				  : "^([^\\\\]|\\\\\\\\|\\\\x(0[1-9a-f]|[1-9a-f][0-9a-f]))*$";

	same(at(node), json_pack("{s:o, s:s}", "type", type, "pattern", pattern), key);
}

static void check_word(json_t *node, const struct trail_field *f)
{
	json_t *names = json_array();

	for (size_t i = 0; i < f->max; i++)
		json_array_append_new(names, json_string(f->names[i]));
	same(at(node), json_pack("{s:o}", "enum", names), f->key);
}

static void check_shape(json_t *node, const struct trail_shape *shape, const char *key);

static void check_list(json_t *node, const struct trail_field *f)
{
	json_t *items = json_object_get(at(node), "items");
	json_t *wanted = json_pack("{s:s, s:I}", "type", "array", "maxItems", (json_int_t)f->max);

	if (f->kind == TRAIL_FIELD_HEXES)
		json_object_set_new(wanted, "minItems", json_integer((json_int_t)f->max));
	same(at(node), wanted, f->key);
	if (f->kind == TRAIL_FIELD_HEXES)
		check_hex(items, f->key);
	else if (f->kind == TRAIL_FIELD_TEXTS)
		check_text(items, f->key, true, false);
	else
		check_shape(at(items), f->shape, f->key);
}

static void check_field(json_t *node, const struct trail_field *f)
{
	switch (f->kind) {
	case TRAIL_FIELD_UNSAVED:
		break;
	case TRAIL_FIELD_BOOL:
		same(at(node), json_pack("{s:s}", "type", "boolean"), f->key);
		break;
	case TRAIL_FIELD_INT32:
	case TRAIL_FIELD_UINT8:
	case TRAIL_FIELD_UINT32:
		check_number(node, f);
		break;
	case TRAIL_FIELD_UINT64:
		check_hex(node, f->key);
		break;
	case TRAIL_FIELD_WORD:
		check_word(node, f);
		break;
	case TRAIL_FIELD_TEXT:
		check_text(node, f->key, f->needed, false);
		break;
	case TRAIL_FIELD_BYTES:
		check_text(node, f->key, true, true);
		break;
	case TRAIL_FIELD_STRUCT:
		check_shape(at(node), f->shape, f->key);
		break;
	case TRAIL_FIELD_HEXES:
	case TRAIL_FIELD_ARRAY:
	case TRAIL_FIELD_TEXTS:
		check_list(node, f);
		break;
	}
}

/* An object of exactly these members; in the root "schema" stands before them. */
static void check_shape(json_t *node, const struct trail_shape *shape, const char *key)
{
	json_t *members = json_object_get(node, "properties");
	json_t *required = json_object_get(node, "required");
	size_t n = node == root;

	same(node, json_pack("{s:s, s:b}", "type", "object", "additionalProperties", 0), key);
	for (size_t i = 0; i < shape->n; i++) {
		const struct trail_field *f = &shape->fields[i];
		if (f->kind == TRAIL_FIELD_UNSAVED)
			continue;
		json_t *member = json_object_get(members, f->key);
		if (!member)
			fail_msg("%s: %s is not in the schema", key, f->key);
		const char *name = json_string_value(json_array_get(required, n++));
		if (!trail_streq(name, f->key))
			fail_msg("%s: required %s, where the table has %s", key, name, f->key);
		check_field(member, f);
	}
	if (json_object_size(members) != n || json_array_size(required) != n)
		fail_msg("%s: the schema has more members than the table", key);
}

static void test_schema(void **state)
{
	(void)state;
	check_shape(root, &trail_facts_shape, "the root");
	assert_string_equal(
		json_string_value(json_object_get(
			json_object_get(json_object_get(root, "properties"), "schema"), "const")),
		TRAIL_FACTS_SCHEMA);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_schema) };
	json_error_t error;

	root = argc == 2 ? json_load_file(argv[1], JSON_REJECT_DUPLICATES, &error) : NULL;
	if (!root) {
		print_error("usage: test_facts_schema SCHEMA, a file of JSON\n");
		return 2;
	}
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	json_decref(root);
	return failed;
}
