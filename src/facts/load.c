/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON → facts, by the rows of fields.c; docs/facts.md describes the file.
 * The bytes are hostile: each value is held against its row before it is kept,
 * and what is refused is named by its path of keys.
 */
#include <stdio.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "facts/facts.h"
#include "facts/fields.h"

/*
 * Facts nest 7 deep: root, cpus, a CPU, frames, a frame, next.  A record of the
 * log has 9 values: room for 400,000 of them, and at most 1 GiB of memory.
 */
static const struct trail_json_limits limits = { .depth = 8, .values = 4 << 20 };

enum { SHOWN = 40 /* bytes of a hostile word in a message */ };

/* Where a value stands: a list from it up to the root, which has no key. */
struct place {
	const struct place *up;
	const char *key; /* NULL for an entry of an array */
	size_t index;
};

struct reader {
	struct trail_pool *pool;
	struct trail_text text; /* reused */
};

static void write_place(struct trail_text *out, const struct place *at)
{
	if (!at)
		return;
	write_place(out, at->up);
	if (!at->key)
		trail_text_printf(out, "[%zu]", at->index);
	else
		trail_text_printf(out, "%s%s", out->length ? "." : "", at->key);
}

static const char *type_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "this number";
	case JSON_REAL:
		return "a real number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "a truth value";
	default:
		return "null";
	}
}

static struct trail_error *refuse(const struct place *at, const char *wanted, const json_t *value)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text path = { 0 };
	const char *s = json_string_value(value);

	write_place(&path, at);
	const char *where = path.length ? trail_text_string(&path) : "the document";
	if (s)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "%s: wanted %s, not \"%.*s\"%s",
					  where, wanted, SHOWN, s, strlen(s) > SHOWN ? "..." : "");
	return trail_error_format(TRAIL_ERROR_BAD_DATA, "%s: wanted %s, not %s", where, wanted,
				  value ? type_name(value) : "nothing");
}

static struct trail_error *load_number(const struct place *at, const json_t *value,
				       const struct trail_field *f, void *to)
{
	int64_t least = f->kind == TRAIL_FIELD_INT32 ? INT32_MIN : 0;
	int64_t most = f->kind == TRAIL_FIELD_INT32   ? INT32_MAX
		       : f->kind == TRAIL_FIELD_UINT8 ? UINT8_MAX
						      : UINT32_MAX;
	int64_t number = json_integer_value(value);
	char wanted[64];

	if (!json_is_integer(value) || number < least || number > most) {
		snprintf(wanted, sizeof(wanted), "an integer from %lld to %lld", (long long)least,
			 (long long)most);
		return refuse(at, wanted, value);
	}
	uint8_t u8 = (uint8_t)number;
	uint32_t u32 = (uint32_t)number;
	memcpy(to, f->size == sizeof(u8) ? (void *)&u8 : (void *)&u32, f->size);
	return NULL;
}

static struct trail_error *load_hex(const struct place *at, const json_t *value, void *to)
{
	uint64_t number;

	if (!trail_json_get_hex(value, &number))
		return refuse(at, "\"0x\" and up to 16 lower-case hexadecimal digits", value);
	memcpy(to, &number, sizeof(number));
	return NULL;
}

static struct trail_error *load_bool(const struct place *at, const json_t *value, void *to)
{
	bool yes = json_is_true(value);

	if (!json_is_boolean(value))
		return refuse(at, "true or false", value);
	memcpy(to, &yes, sizeof(yes));
	return NULL;
}

static struct trail_error *load_word(const struct place *at, const json_t *value,
				     const struct trail_field *f, void *to)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text wanted = { 0 };

	for (unsigned i = 0; i < f->max; i++) {
		if (trail_streq(json_string_value(value), f->names[i])) {
			memcpy(to, &i, f->size);
			return NULL;
		}
		trail_text_printf(&wanted, "%s\"%s\"",
				  !i		   ? ""
				  : i + 1 < f->max ? ", "
						   : " or ",
				  f->names[i]);
	}
	return refuse(at, trail_text_string(&wanted), value);
}

/* Any bytes, NUL among them: into r->text. */
static struct trail_error *load_bytes(struct reader *r, const struct place *at, const json_t *value,
				      size_t max)
{
	r->text.length = 0;
	if (!trail_json_get_exact(value, &r->text))
		return refuse(at,
			      json_is_string(value)
				      ? "\\\\ or \\xNN, in lower case, behind every backslash"
				      : "a string",
			      value);
	if (r->text.failed)
		return &trail_error_nomem;
	return r->text.length > max ? refuse(at, "a shorter text", value) : NULL;
}

static struct trail_error *load_text(struct reader *r, const struct place *at, const json_t *value,
				     bool needed, void *to)
{
	const char *copy = NULL;

	if (!needed && !json_is_string(value) && !json_is_null(value))
		return refuse(at, "a string or null", value);
	if (needed || json_is_string(value)) {
		struct trail_error *error = load_bytes(r, at, value, SIZE_MAX);
		if (error)
			return error;
		if (r->text.length && memchr(r->text.data, 0, r->text.length))
			return refuse(at, "a text without \\x00", value);
		copy = trail_pool_strndup(r->pool, trail_text_string(&r->text), r->text.length);
		if (!copy)
			return &trail_error_nomem;
	}
	memcpy(to, &copy, sizeof(copy));
	return NULL;
}

static struct trail_error *load_struct(struct reader *r, const struct place *at,
				       const json_t *value, const struct trail_shape *shape,
				       void *to);

static size_t entry_size(const struct trail_field *f)
{
	return f->kind == TRAIL_FIELD_ARRAY   ? f->shape->size
	       : f->kind == TRAIL_FIELD_TEXTS ? sizeof(char *)
					      : sizeof(uint64_t);
}

/* The entries into @to, which has room for them. */
static struct trail_error *load_entries(struct reader *r, const struct place *at,
					const json_t *value, const struct trail_field *f, char *to)
{
	struct trail_error *error = NULL;

	for (size_t i = 0; !error && i < json_array_size(value); i++) {
		struct place here = { .up = at, .index = i };
		const json_t *entry = json_array_get(value, i);
		char *slot = to + i * entry_size(f);

		if (f->kind == TRAIL_FIELD_ARRAY)
			error = load_struct(r, &here, entry, f->shape, slot);
		else if (f->kind == TRAIL_FIELD_TEXTS)
			error = load_text(r, &here, entry, true, slot);
		else
			error = load_hex(&here, entry, slot);
	}
	return error;
}

static struct trail_error *load_list(struct reader *r, const struct place *at, const json_t *value,
				     const struct trail_field *f, char *base)
{
	bool fixed = f->kind == TRAIL_FIELD_HEXES;
	size_t n = json_array_size(value);
	char wanted[64];

	if (!json_is_array(value) || n > f->max || (fixed && n != f->max)) {
		snprintf(wanted, sizeof(wanted), "an array of %s %zu entries",
			 fixed ? "exactly" : "at most", f->max);
		return refuse(at, wanted, value);
	}
	if (fixed)
		return load_entries(r, at, value, f, base + f->offset);
	void *entries = n ? trail_pool_alloc(r->pool, n, entry_size(f)) : NULL;
	if (n && !entries)
		return &trail_error_nomem;
	struct trail_error *error = load_entries(r, at, value, f, entries);
	if (error)
		return error;
	memcpy(base + f->offset, &entries, sizeof(entries));
	memcpy(base + f->count, &n, sizeof(n));
	return NULL;
}

static struct trail_error *load_field(struct reader *r, const struct place *at, const json_t *value,
				      const struct trail_field *f, char *base)
{
	char *to = base + f->offset;

	switch (f->kind) {
	case TRAIL_FIELD_UNSAVED:
		break;
	case TRAIL_FIELD_BOOL:
		return load_bool(at, value, to);
	case TRAIL_FIELD_INT32:
	case TRAIL_FIELD_UINT8:
	case TRAIL_FIELD_UINT32:
		return load_number(at, value, f, to);
	case TRAIL_FIELD_UINT64:
		return load_hex(at, value, to);
	case TRAIL_FIELD_WORD:
		return load_word(at, value, f, to);
	case TRAIL_FIELD_TEXT:
		return load_text(r, at, value, f->needed, to);
	case TRAIL_FIELD_BYTES: {
		struct trail_error *error = load_bytes(r, at, value, f->max);
		const char *copy = error ? NULL
					 : trail_pool_strndup(r->pool, trail_text_string(&r->text),
							      r->text.length);
		if (!copy)
			return error ? error : &trail_error_nomem;
		uint32_t length = (uint32_t)r->text.length;
		memcpy(to, &copy, sizeof(copy));
		memcpy(base + f->count, &length, sizeof(length));
		break;
	}
	case TRAIL_FIELD_STRUCT:
		return load_struct(r, at, value, f->shape, to);
	case TRAIL_FIELD_HEXES:
	case TRAIL_FIELD_ARRAY:
	case TRAIL_FIELD_TEXTS:
		return load_list(r, at, value, f, base);
	}
	return NULL;
}

static bool is_key(const struct trail_shape *shape, const char *key)
{
	for (size_t i = 0; i < shape->n; i++)
		if (shape->fields[i].kind != TRAIL_FIELD_UNSAVED &&
		    strcmp(shape->fields[i].key, key) == 0)
			return true;
	return false;
}

static struct trail_error *load_struct(struct reader *r, const struct place *at,
				       const json_t *value, const struct trail_shape *shape,
				       void *to)
{
	struct trail_error *error = NULL;
	size_t known = 0;

	if (!json_is_object(value))
		return refuse(at, "an object", value);
	for (size_t i = 0; !error && i < shape->n; i++) {
		const struct trail_field *f = &shape->fields[i];
		struct place here = { .up = at, .key = f->key };

		if (f->kind == TRAIL_FIELD_UNSAVED)
			continue;
		known++;
		const json_t *member = json_object_get(value, f->key);
		error = member ? load_field(r, &here, member, f, to)
			       : refuse(&here, "a value: every key must be there", NULL);
	}
	if (error || json_object_size(value) == known)
		return error;
	void *iter = json_object_iter((json_t *)value);
	while (iter && is_key(shape, json_object_iter_key(iter)))
		iter = json_object_iter_next((json_t *)value, iter);
	char key[SHOWN + 1];
	snprintf(key, sizeof(key), "%s", iter ? json_object_iter_key(iter) : "");
	struct place here = { .up = at, .key = key };
	return refuse(&here, "no key of that name", iter ? json_object_iter_value(iter) : NULL);
}

bool trail_facts_is(const void *bytes, size_t n)
{
	const char *s = bytes;
	size_t i = 0, room = TRAIL_MIN(n, (size_t)TRAIL_FACTS_START);

	while (i < room && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r'))
		i++;
	return i < room && s[i] == '{' &&
	       memmem(s, room, TRAIL_FACTS_SCHEMA_NAME, strlen(TRAIL_FACTS_SCHEMA_NAME));
}

static struct trail_error *load(json_t *root, const char *path, struct trail_facts *facts)
{
	struct reader r = { .pool = &facts->pool };
	const struct place schema = { .key = "schema" };

	if (json_is_object(root) &&
	    !trail_streq(json_string_value(json_object_get(root, "schema")), TRAIL_FACTS_SCHEMA))
		return refuse(&schema, "\"" TRAIL_FACTS_SCHEMA "\"",
			      json_object_get(root, "schema"));
	json_object_del(root, "schema");
	struct trail_error *error = load_struct(&r, NULL, root, &trail_facts_shape, facts);
	trail_text_fini(&r.text);
	if (error)
		return error;
	facts->loaded = trail_pool_strdup(&facts->pool, path);
	return facts->loaded ? NULL : &trail_error_nomem;
}

struct trail_error *trail_plugins_load(const void *bytes, size_t n, struct trail_pool *pool,
				       struct trail_plugin_list *ret)
{
	TRAIL_CLEANUP(trail_json_freep) json_t *root = NULL;
	struct reader r = { .pool = pool };
	struct trail_plugin_list list = { 0 };
	struct trail_error *error = trail_json_read(bytes, n, &limits, &root);

	if (!error)
		error = load_struct(&r, NULL, root, &trail_plugin_list_shape, &list);
	trail_text_fini(&r.text);
	if (!error)
		*ret = list;
	return error;
}

struct trail_error *trail_facts_load(const void *bytes, size_t n, const char *path,
				     struct trail_facts **ret)
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = trail_facts_new();
	TRAIL_CLEANUP(trail_json_freep) json_t *root = NULL;
	struct trail_error *error = facts ? trail_json_read(bytes, n, &limits, &root)
					  : &trail_error_nomem;

	if (!error)
		error = load(root, path, facts);
	if (error)
		return trail_error_wrap(error, "%s", path);
	*ret = TRAIL_STEAL(facts);
	return NULL;
}
