/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts → JSON, by the rows of fields.c; docs/facts.md describes the file. */
#include <assert.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "facts/facts.h"
#include "facts/fields.h"

static json_t *save_struct(struct trail_json *json, const struct trail_shape *shape,
			   const char *from);

/* A number of @size bytes without a sign. */
static uint64_t number_at(const char *from, size_t size)
{
	uint8_t u8;
	uint32_t u32;
	uint64_t u64;

	memcpy(&u8, from, sizeof(u8));
	if (size == sizeof(u8))
		return u8;
	memcpy(&u32, from, sizeof(u32));
	if (size == sizeof(u32))
		return u32;
	memcpy(&u64, from, sizeof(u64));
	return u64;
}

static const void *pointer_at(const char *from)
{
	const void *pointer;

	memcpy(&pointer, from, sizeof(pointer));
	return pointer;
}

static json_t *save_text(struct trail_json *json, const char *s)
{
	return s ? trail_json_exact(json, s, strlen(s)) : trail_json_null();
}

static json_t *save_list(struct trail_json *json, const struct trail_field *f, const char *from,
			 const char *entries, size_t n)
{
	json_t *array = trail_json_array(json);

	for (size_t i = 0; i < n; i++)
		if (f->kind == TRAIL_FIELD_ARRAY)
			trail_json_add(json, array,
				       save_struct(json, f->shape, entries + i * f->shape->size));
		else if (f->kind == TRAIL_FIELD_TEXTS)
			trail_json_add(json, array,
				       save_text(json, ((const char *const *)entries)[i]));
		else
			trail_json_add(json, array,
				       trail_json_hex(json, number_at(from + i * sizeof(uint64_t),
								      sizeof(uint64_t))));
	return array;
}

static json_t *save_field(struct trail_json *json, const struct trail_field *f, const char *base)
{
	const char *from = base + f->offset;

	switch (f->kind) {
	case TRAIL_FIELD_UNSAVED:
		break;
	case TRAIL_FIELD_BOOL:
		return trail_json_bool(number_at(from, sizeof(bool)));
	case TRAIL_FIELD_INT32:
		return trail_json_int(json, (int32_t)number_at(from, sizeof(int32_t)));
	case TRAIL_FIELD_UINT8:
	case TRAIL_FIELD_UINT32:
		return trail_json_uint(json, number_at(from, f->size));
	case TRAIL_FIELD_UINT64:
		return trail_json_hex(json, number_at(from, f->size));
	case TRAIL_FIELD_WORD:
		assert(number_at(from, f->size) < f->max);
		return trail_json_string(json, f->names[number_at(from, f->size)]);
	case TRAIL_FIELD_TEXT:
		return save_text(json, pointer_at(from));
	case TRAIL_FIELD_BYTES:
		return trail_json_exact(json, pointer_at(from),
					number_at(base + f->count, sizeof(uint32_t)));
	case TRAIL_FIELD_STRUCT:
		return save_struct(json, f->shape, from);
	case TRAIL_FIELD_HEXES:
		return save_list(json, f, from, NULL, f->max);
	case TRAIL_FIELD_ARRAY:
	case TRAIL_FIELD_TEXTS:
		return save_list(json, f, from, pointer_at(from),
				 number_at(base + f->count, sizeof(size_t)));
	}
	return trail_json_null();
}

static void save_fields(struct trail_json *json, json_t *object, const struct trail_shape *shape,
			const char *from)
{
	for (size_t i = 0; i < shape->n; i++)
		if (shape->fields[i].kind != TRAIL_FIELD_UNSAVED)
			trail_json_set(json, object, shape->fields[i].key,
				       save_field(json, &shape->fields[i], from));
}

static json_t *save_struct(struct trail_json *json, const struct trail_shape *shape,
			   const char *from)
{
	json_t *object = trail_json_object(json);

	save_fields(json, object, shape, from);
	return object;
}

struct trail_error *trail_facts_save(const struct trail_facts *facts, struct trail_text *out)
{
	struct trail_json json = { 0 };
	json_t *root = trail_json_object(&json);

	trail_json_set_string(&json, root, "schema", TRAIL_FACTS_SCHEMA);
	save_fields(&json, root, &trail_facts_shape, (const char *)facts);
	return trail_json_write(&json, root, out) ? NULL : &trail_error_nomem;
}

struct trail_error *trail_plugins_save(const struct trail_plugin_list *list, struct trail_text *out)
{
	struct trail_json json = { 0 };
	json_t *root = save_struct(&json, &trail_plugin_list_shape, (const char *)list);

	return trail_json_write(&json, root, out) ? NULL : &trail_error_nomem;
}
