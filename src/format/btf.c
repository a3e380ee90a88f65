/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF bytes → member offsets and sizes by name; see btf.h. */
#include "format/btf.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "base/error.h"

enum {
	MAGIC = 0xeb9f,
	TYPES_MAX = 4 * 1000 * 1000,
	DEPTH_MAX = 32,	       /* typedefs, qualifiers and anonymous members on the way to a type */
	STEPS_MAX = 10 * 1000, /* members looked at for one name; task_struct has some hundred */
};

enum kind {
	KIND_INT = 1,
	KIND_PTR,
	KIND_ARRAY,
	KIND_STRUCT,
	KIND_UNION,
	KIND_ENUM,
	KIND_FWD,
	KIND_TYPEDEF,
	KIND_VOLATILE,
	KIND_CONST,
	KIND_RESTRICT,
	KIND_FUNC,
	KIND_FUNC_PROTO,
	KIND_VAR,
	KIND_DATASEC,
	KIND_FLOAT,
	KIND_DECL_TAG,
	KIND_TYPE_TAG,
	KIND_ENUM64,
	N_KINDS,
};

/*
 * Bytes that follow the 12 of every type: fixed, and for each of its vlen
 * elements.  A new kind is a row.  Source: include/uapi/linux/btf.h.
 * Covered by tests/unit/test_btf.c.
 */
/* clang-format off */
static const struct { uint8_t fixed, each; } kinds[N_KINDS] = {
	[KIND_INT]        = { 4, 0 },
	[KIND_ARRAY]      = { 12, 0 },
	[KIND_STRUCT]     = { 0, 12 },
	[KIND_UNION]      = { 0, 12 },
	[KIND_ENUM]       = { 0, 8 },
	[KIND_FUNC_PROTO] = { 0, 8 },
	[KIND_VAR]        = { 4, 0 },
	[KIND_DATASEC]    = { 0, 12 },
	[KIND_DECL_TAG]   = { 4, 0 },
	[KIND_ENUM64]     = { 0, 12 },
};
/* clang-format on */

struct trail_btf {
	struct trail_cursor types, strings;
	uint32_t *offsets; /* of type id - 1, into types */
	size_t n;
};

/* A decoded type header; the cursor stands behind it. */
struct type {
	uint32_t name, size_or_type;
	unsigned kind, vlen;
	bool kind_flag;
	struct trail_cursor rest;
};

static struct type read_type(struct trail_cursor c)
{
	struct type t = { .name = trail_cursor_u32(&c) };
	uint32_t info = trail_cursor_u32(&c);

	t.size_or_type = trail_cursor_u32(&c);
	t.kind = info >> 24 & 0x1f;
	t.vlen = info & 0xffff;
	t.kind_flag = info >> 31;
	t.rest = c;
	return t;
}

static struct trail_error *find_types(struct trail_btf *btf)
{
	struct trail_cursor c = btf->types;
	size_t room = 0;

	while (trail_cursor_left(&c)) {
		size_t at = c.pos;
		struct type t = read_type(c);
		if (btf->n >= TYPES_MAX)
			return trail_error_format(TRAIL_ERROR_LIMIT, "BTF has more than %d types",
						  TYPES_MAX);
		struct trail_error *error = trail_cursor_check(&t.rest);
		if (error)
			return error;
		if (!t.kind || t.kind >= N_KINDS)
			return trail_error_format(TRAIL_ERROR_BAD_DATA,
						  "BTF type %zu: kind %u, wanted 1 to %d",
						  btf->n + 1, t.kind, N_KINDS - 1);
		if (btf->n == room) {
			room = room ? room * 2 : 65536;
			uint32_t *bigger = reallocarray(btf->offsets, room, sizeof(*bigger));
			if (!bigger)
				return &trail_error_nomem;
			btf->offsets = bigger;
		}
		btf->offsets[btf->n++] = at;
		trail_cursor_skip(&c,
				  12 + kinds[t.kind].fixed + (uint64_t)kinds[t.kind].each * t.vlen);
		error = trail_cursor_check(&c);
		if (error)
			return error;
	}
	return NULL;
}

static struct trail_error *read_header(struct trail_cursor c, struct trail_btf *btf)
{
	uint16_t magic = trail_cursor_u16(&c);
	trail_cursor_skip(&c, 2); /* version, flags */
	uint32_t header = trail_cursor_u32(&c);
	uint32_t type_offset = trail_cursor_u32(&c), type_size = trail_cursor_u32(&c);
	uint32_t string_offset = trail_cursor_u32(&c), string_size = trail_cursor_u32(&c);
	struct trail_error *error = trail_cursor_check(&c);

	if (error)
		return error;
	if (magic != MAGIC)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "BTF magic is 0x%x, wanted 0x%x",
					  magic, MAGIC);
	trail_cursor_seek(&c, (uint64_t)header + type_offset);
	btf->types = trail_cursor_sub(&c, type_size, "BTF types");
	error = trail_cursor_check(&c);
	if (error)
		return error;
	trail_cursor_seek(&c, (uint64_t)header + string_offset);
	btf->strings = trail_cursor_sub(&c, string_size, "BTF strings");
	return trail_cursor_check(&c);
}

struct trail_error *trail_btf_new(const void *bytes, size_t size, bool big_endian,
				  struct trail_btf **ret)
{
	struct trail_btf *btf = calloc(1, sizeof(*btf));

	if (!btf)
		return &trail_error_nomem;
	struct trail_error *error = read_header(
		trail_cursor_over(bytes, size, 0, "BTF", big_endian), btf);
	if (!error)
		error = find_types(btf);
	if (error) {
		trail_btf_free(btf);
		return error;
	}
	*ret = btf;
	return NULL;
}

void trail_btf_free(struct trail_btf *btf)
{
	if (!btf)
		return;
	free(btf->offsets);
	free(btf);
}

static bool type_at(const struct trail_btf *btf, uint32_t id, struct type *ret)
{
	if (!id || id > btf->n)
		return false;
	struct trail_cursor c = btf->types;
	trail_cursor_seek(&c, btf->offsets[id - 1]);
	*ret = read_type(c);
	return trail_cursor_ok(&c);
}

/* The type behind typedefs and qualifiers. */
static bool resolve(const struct trail_btf *btf, uint32_t id, struct type *ret)
{
	for (int depth = 0; depth < DEPTH_MAX && type_at(btf, id, ret); depth++) {
		if (ret->kind < KIND_TYPEDEF ||
		    (ret->kind > KIND_RESTRICT && ret->kind != KIND_TYPE_TAG))
			return true;
		id = ret->size_or_type;
	}
	return false;
}

static bool size_of(const struct trail_btf *btf, uint32_t id, uint64_t *size_ret, bool *signed_ret)
{
	uint64_t count = 1;
	struct type t;

	for (int depth = 0; depth < DEPTH_MAX && resolve(btf, id, &t); depth++) {
		*signed_ret = t.kind == KIND_INT && trail_cursor_u32(&t.rest) >> 24 & 1;
		if (t.kind != KIND_ARRAY) {
			if (t.kind == KIND_ENUM || t.kind == KIND_ENUM64)
				*signed_ret = t.kind_flag;
			if (t.kind == KIND_FWD || t.kind == KIND_FUNC ||
			    t.kind == KIND_FUNC_PROTO || t.kind == KIND_VAR ||
			    t.kind == KIND_DECL_TAG)
				return false; /* has no size: what follows is a type */
			return trail_mul(count, t.kind == KIND_PTR ? 8 : t.size_or_type, size_ret);
		}
		id = trail_cursor_u32(&t.rest);
		trail_cursor_skip(&t.rest, 4); /* index type */
		if (!trail_mul(count, trail_cursor_u32(&t.rest), &count))
			return false;
	}
	return false;
}

/* Offset of @name in the strings; types of one name share it. */
static bool find_string(const struct trail_btf *btf, const char *name, size_t length, uint32_t *ret)
{
	const char *all = (const char *)btf->strings.data, *p = all;
	size_t size = btf->strings.size;

	while (length && (p = memmem(p, size - (p - all), name, length))) {
		if (p > all && !p[-1] && (size_t)(p - all) + length < size && !p[length]) {
			*ret = p - all;
			return true;
		}
		p++;
	}
	return false;
}

static bool find_struct(const struct trail_btf *btf, const char *name, struct type *ret)
{
	uint32_t string;

	if (!find_string(btf, name, strlen(name), &string))
		return false;
	for (uint32_t id = 1; id <= btf->n; id++) {
		struct trail_cursor c = btf->types;
		trail_cursor_seek(&c, btf->offsets[id - 1]);
		if (trail_cursor_u32(&c) == string && type_at(btf, id, ret) &&
		    (ret->kind == KIND_STRUCT || ret->kind == KIND_UNION))
			return true;
	}
	return false;
}

bool trail_btf_size(const struct trail_btf *btf, const char *type, uint64_t *ret)
{
	struct type t;

	if (!find_struct(btf, type, &t))
		return false;
	*ret = t.size_or_type;
	return true;
}

/*
 * A member of @t whose name is the string at @name, anonymous members opened; its type in *id_ret.
 * @steps counts the members looked at: anonymous structs that contain themselves twice would
 * otherwise double them at each depth.
 */
static bool find_member(const struct trail_btf *btf, struct type t, uint32_t name, int depth,
			unsigned *steps, struct trail_member *ret, uint32_t *id_ret)
{
	for (unsigned i = 0; i < t.vlen && (*steps)++ < STEPS_MAX; i++) {
		uint32_t its_name = trail_cursor_u32(&t.rest), id = trail_cursor_u32(&t.rest);
		uint32_t bits = trail_cursor_u32(&t.rest);
		uint64_t offset = (t.kind_flag ? bits & 0xffffff : bits) / 8;
		bool bit_field = t.kind_flag && bits >> 24;
		struct type inner;

		if (its_name == name) {
			ret->offset += offset;
			*id_ret = id;
			if (bit_field)
				ret->size = 0;
			return bit_field || size_of(btf, id, &ret->size, &ret->is_signed);
		}
		if (!its_name && depth < DEPTH_MAX && resolve(btf, id, &inner) &&
		    (inner.kind == KIND_STRUCT || inner.kind == KIND_UNION)) {
			struct trail_member found = { .offset = ret->offset + offset };
			if (find_member(btf, inner, name, depth + 1, steps, &found, id_ret)) {
				*ret = found;
				return true;
			}
		}
	}
	return false;
}

bool trail_btf_member(const struct trail_btf *btf, const char *type, const char *path,
		      struct trail_member *ret)
{
	struct trail_member member = { 0 };
	unsigned steps = 0;
	struct type t;

	if (!find_struct(btf, type, &t))
		return false;
	for (;;) {
		size_t length = strcspn(path, ".");
		uint32_t name, id;
		if (!find_string(btf, path, length, &name) ||
		    !find_member(btf, t, name, 0, &steps, &member, &id))
			return false;
		path += length;
		if (!*path++)
			break;
		/* a member of an array's element: element 0 */
		if (!resolve(btf, id, &t))
			return false;
		if (t.kind == KIND_ARRAY && !resolve(btf, trail_cursor_u32(&t.rest), &t))
			return false;
		if (t.kind != KIND_STRUCT && t.kind != KIND_UNION)
			return false;
	}
	*ret = member;
	return true;
}
