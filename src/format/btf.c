/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF bytes → member offsets and sizes by name; see btf.h. */
#include "format/btf.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/error.h"
#include "base/lazy.h"

enum {
	MAGIC = 0xeb9f,
	HEADER_SIZE = 24,
	TYPE_SIZE = 12, /* of every type, before what its kind adds */
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
 * Bytes that follow the first ones of every type: fixed, and for each of its vlen
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

/* A part of the table; its offsets count from @start. */
struct section {
	uint64_t start, size;
	const char *what;
};

/* A struct or union by the offset of its name. */
struct named {
	uint32_t name, id;
};

struct trail_btf {
	struct trail_lazy *bytes;
	bool big_endian;
	struct section types, strings;
	uint32_t *offsets; /* of type id - 1, into types */
	size_t n, room;
	struct named *structs; /* in order of their ids */
	size_t n_structs, structs_room;
	uint64_t next; /* offset of the type behind the last */
	bool ended;    /* there is no next, or it cannot be read */
	struct trail_error *problem;
};

/* Keeps the first. */
static void keep_problem(struct trail_btf *btf, struct trail_error *error)
{
	if (btf->problem)
		trail_error_free(error);
	else
		btf->problem = error;
}

/* A cursor over @n bytes of a section that are there; false when they are not. */
static bool look(struct trail_btf *btf, const struct section *section, uint64_t offset, uint64_t n,
		 struct trail_cursor *ret)
{
	struct trail_error *error = NULL;

	if (offset > section->size || n > section->size - offset)
		error = trail_error_format(TRAIL_ERROR_BAD_DATA,
					   "%s: %" PRIu64 " bytes at 0x%" PRIx64 " of %" PRIu64,
					   section->what, n, offset, section->size);
	else
		error = trail_lazy_need(btf->bytes, section->start + offset, n);
	if (error) {
		keep_problem(btf, error);
		return false;
	}
	*ret = trail_cursor_over(btf->bytes->bytes + section->start + offset, n, offset,
				 section->what, btf->big_endian);
	return true;
}

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

/* Room for one more of @n elements; doubles. */
static bool grow(void **array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return true;
	size_t more = *room ? *room * 2 : 4096;
	void *bigger = reallocarray(*array, more, size);
	if (!bigger)
		return false;
	*array = bigger;
	*room = more;
	return true;
}

static bool end_types(struct trail_btf *btf, struct trail_error *error)
{
	btf->ended = true;
	if (error)
		keep_problem(btf, error);
	return false;
}

/* Take one type more; false when there is none. */
static bool next_type(struct trail_btf *btf)
{
	struct trail_cursor c;

	if (btf->ended || btf->next == btf->types.size)
		return end_types(btf, NULL);
	if (btf->n >= TYPES_MAX)
		return end_types(btf, trail_error_format(TRAIL_ERROR_LIMIT,
							 "BTF has more than %d types", TYPES_MAX));
	if (!look(btf, &btf->types, btf->next, TYPE_SIZE, &c))
		return end_types(btf, NULL);
	struct type t = read_type(c);
	if (!t.kind || t.kind >= N_KINDS)
		return end_types(btf, trail_error_format(TRAIL_ERROR_BAD_DATA,
							 "BTF type %zu: kind %u, wanted 1 to %d",
							 btf->n + 1, t.kind, N_KINDS - 1));
	uint64_t size = TYPE_SIZE + kinds[t.kind].fixed + (uint64_t)kinds[t.kind].each * t.vlen;
	if (!look(btf, &btf->types, btf->next, size, &c))
		return end_types(btf, NULL);
	if (!grow((void **)&btf->offsets, btf->n, &btf->room, sizeof(*btf->offsets)) ||
	    !grow((void **)&btf->structs, btf->n_structs, &btf->structs_room,
		  sizeof(*btf->structs)))
		return end_types(btf, &trail_error_nomem);
	btf->offsets[btf->n++] = btf->next;
	if (t.kind == KIND_STRUCT || t.kind == KIND_UNION)
		btf->structs[btf->n_structs++] = (struct named){ t.name, btf->n };
	btf->next += size;
	return true;
}

static struct trail_error *read_header(struct trail_btf *btf)
{
	struct trail_error *error = trail_lazy_need(btf->bytes, 0, HEADER_SIZE);

	if (error)
		return error;
	struct trail_cursor c = trail_cursor_over(btf->bytes->bytes, HEADER_SIZE, 0, "BTF header",
						  btf->big_endian);
	uint16_t magic = trail_cursor_u16(&c);
	trail_cursor_skip(&c, 2); /* version, flags */
	uint32_t header = trail_cursor_u32(&c);
	uint32_t type_offset = trail_cursor_u32(&c), type_size = trail_cursor_u32(&c);
	uint32_t string_offset = trail_cursor_u32(&c), string_size = trail_cursor_u32(&c);

	if (magic != MAGIC)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "BTF magic is 0x%x, wanted 0x%x",
					  magic, MAGIC);
	btf->types = (struct section){ (uint64_t)header + type_offset, type_size, "BTF types" };
	btf->strings = (struct section){ (uint64_t)header + string_offset, string_size,
					 "BTF strings" };
	const struct section *sections[] = { &btf->types, &btf->strings };
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(sections); i++)
		if (sections[i]->start + sections[i]->size > btf->bytes->size)
			return trail_error_format(TRAIL_ERROR_BAD_DATA,
						  "%s: %" PRIu64 " bytes at 0x%" PRIx64
						  " of a table of %zu",
						  sections[i]->what, sections[i]->size,
						  sections[i]->start, btf->bytes->size);
	return NULL;
}

struct trail_error *trail_btf_new(struct trail_lazy *bytes, bool big_endian, struct trail_btf **ret)
{
	struct trail_btf *btf = calloc(1, sizeof(*btf));

	if (!btf)
		return &trail_error_nomem;
	btf->bytes = bytes;
	btf->big_endian = big_endian;
	struct trail_error *error = read_header(btf);
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
	free(btf->structs);
	trail_error_free(btf->problem);
	free(btf);
}

const struct trail_error *trail_btf_problem(const struct trail_btf *btf)
{
	return btf->problem;
}

/* A type by its id; its cursor stays in what was read of it. */
static bool type_at(struct trail_btf *btf, uint32_t id, struct type *ret)
{
	struct trail_cursor c;

	while (id > btf->n)
		if (!next_type(btf))
			return false;
	if (!id)
		return false;
	uint64_t at = btf->offsets[id - 1], end = id < btf->n ? btf->offsets[id] : btf->next;
	if (!look(btf, &btf->types, at, end - at, &c))
		return false;
	*ret = read_type(c);
	return trail_cursor_ok(&c);
}

/* The type behind typedefs and qualifiers. */
static bool resolve(struct trail_btf *btf, uint32_t id, struct type *ret)
{
	for (int depth = 0; depth < DEPTH_MAX && type_at(btf, id, ret); depth++) {
		if (ret->kind < KIND_TYPEDEF ||
		    (ret->kind > KIND_RESTRICT && ret->kind != KIND_TYPE_TAG))
			return true;
		id = ret->size_or_type;
	}
	return false;
}

static bool size_of(struct trail_btf *btf, uint32_t id, uint64_t *size_ret, bool *signed_ret)
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

/* Is @name, of @length bytes and a NUL, the string at an offset? */
static bool is_string(struct trail_btf *btf, uint32_t offset, const char *name, size_t length)
{
	struct trail_cursor c;

	if (offset >= btf->strings.size || length >= btf->strings.size - offset)
		return false; /* a shorter one */
	if (!look(btf, &btf->strings, offset, length + 1, &c))
		return false;
	return memcmp(c.data, name, length) == 0 && !c.data[length];
}

/*
 * Offset of @name in the strings, of which there is one copy.  Goes on behind
 * what cannot be read.
 */
static bool find_string(struct trail_btf *btf, const char *name, uint32_t *ret)
{
	uint64_t size = btf->strings.size, n = strlen(name) + 1; /* with its NUL */
	struct trail_cursor c;

	/* each block begins with the NUL before a name that ends the one before it */
	for (uint64_t at = 0; n > 1 && at < size; at += TRAIL_LAZY_PART) {
		uint64_t left = size - at, block = TRAIL_MIN(left, TRAIL_LAZY_PART + n);
		if (!look(btf, &btf->strings, at, block, &c))
			continue;
		const uint8_t *p = c.data, *end = p + block;
		while ((p = memmem(p, end - p, name, n))) {
			if (p > c.data && !p[-1]) {
				*ret = at + (p - c.data);
				return true;
			}
			p++;
		}
	}
	return false;
}

static bool find_struct(struct trail_btf *btf, const char *name, struct type *ret)
{
	uint32_t string;

	if (!find_string(btf, name, &string))
		return false;
	for (size_t i = 0;; i++) {
		while (i >= btf->n_structs)
			if (!next_type(btf))
				return false;
		if (btf->structs[i].name == string)
			return type_at(btf, btf->structs[i].id, ret);
	}
}

bool trail_btf_size(struct trail_btf *btf, const char *type, uint64_t *ret)
{
	struct type t;

	if (!find_struct(btf, type, &t))
		return false;
	*ret = t.size_or_type;
	return true;
}

/*
 * A member of @t whose name is the @length bytes at @name, anonymous members opened; its type in
 * *id_ret.
 * @steps counts the members looked at: anonymous structs that contain themselves twice would
 * otherwise double them at each depth.
 */
static bool find_member(struct trail_btf *btf, struct type t, const char *name, size_t length,
			int depth, unsigned *steps, struct trail_member *ret, uint32_t *id_ret)
{
	for (unsigned i = 0; i < t.vlen && (*steps)++ < STEPS_MAX; i++) {
		uint32_t its_name = trail_cursor_u32(&t.rest), id = trail_cursor_u32(&t.rest);
		uint32_t bits = trail_cursor_u32(&t.rest);
		uint64_t offset = (t.kind_flag ? bits & 0xffffff : bits) / 8;
		bool bit_field = t.kind_flag && bits >> 24;
		struct type inner;

		if (length && is_string(btf, its_name, name, length)) {
			ret->offset += offset;
			*id_ret = id;
			if (bit_field)
				ret->size = 0;
			return bit_field || size_of(btf, id, &ret->size, &ret->is_signed);
		}
		if (!its_name && depth < DEPTH_MAX && resolve(btf, id, &inner) &&
		    (inner.kind == KIND_STRUCT || inner.kind == KIND_UNION)) {
			struct trail_member found = { .offset = ret->offset + offset };
			if (find_member(btf, inner, name, length, depth + 1, steps, &found,
					id_ret)) {
				*ret = found;
				return true;
			}
		}
	}
	return false;
}

bool trail_btf_member(struct trail_btf *btf, const char *type, const char *path,
		      struct trail_member *ret)
{
	struct trail_member member = { 0 };
	unsigned steps = 0;
	struct type t;

	if (!find_struct(btf, type, &t))
		return false;
	for (;;) {
		size_t length = strcspn(path, ".");
		uint32_t id;
		if (!find_member(btf, t, path, length, 0, &steps, &member, &id))
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
