/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile ⇄ a line with a checksum and JSON; see profile.h. */
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "format/vmcoreinfo.h"
#include "source/profile_trees.h"

#define SCHEMA "panictrail-profile/1"

enum { DEPTH_MAX = 8, VALUES_MAX = 200 * 1000 };

static void freep(struct trail_profile **p)
{
	trail_profile_free(*p);
}

/* Does it lie in the kernel's image, which moves as one?  Else it is a per-CPU offset. */
static bool moves(uint64_t address)
{
	return address >> 63;
}

struct writer {
	struct trail_json *json;
	json_t *object;
	uint64_t stext;
};

static void save_stem(const void *node, VISIT visit, void *data)
{
	const struct trail_answer *a = *(struct trail_answer *const *)node;
	struct writer *w = data;

	if (visit != postorder && visit != leaf)
		return;
	json_t *list = trail_json_set_array(w->json, w->object, a->question);
	for (size_t i = 0; i < a->stem.n; i++) {
		const struct trail_symbol *s = &a->stem.symbols[i];
		char type[] = { s->type, 0 };
		json_t *o = trail_json_add_object(w->json, list);
		trail_json_set_string(w->json, o, "name", s->name);
		trail_json_set_string(w->json, o, "type", type);
		if (moves(s->address))
			trail_json_set_hex(w->json, o, "from_stext", s->address - w->stext);
		else
			trail_json_set_hex(w->json, o, "address", s->address);
		trail_json_set_uint(w->json, o, "size", s->size);
	}
}

static void save_member(const void *node, VISIT visit, void *data)
{
	const struct trail_answer *a = *(struct trail_answer *const *)node;
	struct writer *w = data;

	if (visit != postorder && visit != leaf)
		return;
	if (!a->is_there) {
		trail_json_set_null(w->json, w->object, a->question);
		return;
	}
	json_t *o = trail_json_set_object(w->json, w->object, a->question);
	trail_json_set_uint(w->json, o, "offset", a->member.offset);
	trail_json_set_uint(w->json, o, "size", a->member.size);
	trail_json_set_bool(w->json, o, "signed", a->member.is_signed);
}

static void save_symbol_at(const void *node, VISIT visit, void *data)
{
	const struct trail_range *r = *(struct trail_range *const *)node;
	struct writer *w = data;
	char type[] = { r->symbol.type, 0 };

	if (visit != postorder && visit != leaf)
		return;
	json_t *o = trail_json_add_object(w->json, w->object);
	trail_json_set_string(w->json, o, "name", r->symbol.name);
	trail_json_set_string(w->json, o, "type", type);
	trail_json_set_hex(w->json, o, "from_stext", r->start);
	trail_json_set_uint(w->json, o, "size", r->size);
}

static void save_orc(const void *node, VISIT visit, void *data)
{
	const struct trail_range *r = *(struct trail_range *const *)node;
	struct writer *w = data;

	if (visit != postorder && visit != leaf)
		return;
	json_t *o = trail_json_add_object(w->json, w->object);
	trail_json_set_hex(w->json, o, "from_stext", r->start);
	trail_json_set_uint(w->json, o, "size", r->size);
	trail_json_set_int(w->json, o, "type", r->row.type);
	trail_json_set_int(w->json, o, "sp", r->row.sp_register);
	trail_json_set_int(w->json, o, "sp_offset", r->row.sp_offset);
	trail_json_set_int(w->json, o, "bp", r->row.bp_register);
	trail_json_set_int(w->json, o, "bp_offset", r->row.bp_offset);
}

struct trail_error *trail_profile_save(const struct trail_profile *p, const char *build_id,
				       struct trail_text *out)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text body = { 0 };
	struct trail_json json = { 0 };
	json_t *root = trail_json_object(&json);

	trail_json_set_string(&json, root, "schema", SCHEMA);
	trail_json_set_string(&json, root, "build_id", build_id);
	struct writer w = { &json, trail_json_set_object(&json, root, "symbols"), p->stext };
	twalk_r(p->stems, save_stem, &w);
	w.object = trail_json_set_object(&json, root, "members");
	twalk_r(p->members, save_member, &w);
	w.object = trail_json_set_array(&json, root, "symbols_at");
	twalk_r(p->symbols_at.tree, save_symbol_at, &w);
	w.object = trail_json_set_array(&json, root, "orc");
	twalk_r(p->orc.tree, save_orc, &w);
	if (!trail_json_write(&json, root, &body))
		return &trail_error_nomem;
	trail_text_printf(out, SCHEMA " crc32 %08lx\n",
			  crc32(0, (const Bytef *)body.data, body.length));
	trail_text_add(out, body.data, body.length);
	return out->failed ? &trail_error_nomem : NULL;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool number_of(const json_t *o, const char *key, long long low, long long high,
		      long long *ret)
{
	const json_t *value = json_object_get(o, key);

	*ret = json_integer_value(value);
	return json_is_integer(value) && *ret >= low && *ret <= high;
}

/* The name is borrowed from the document. */
static bool load_symbol(const struct trail_profile *p, const json_t *o, struct trail_symbol *ret)
{
	const char *name = text_of(o, "name"), *type = text_of(o, "type");
	uint64_t address;
	long long size;

	if (!name || !type || !*type || !number_of(o, "size", 0, INT64_MAX, &size))
		return false;
	if (trail_json_get_hex(json_object_get(o, "from_stext"), &address)) {
		address += p->stext;
		if (!moves(address))
			return false;
	} else if (!trail_json_get_hex(json_object_get(o, "address"), &address)) {
		return false;
	}
	*ret = (struct trail_symbol){
		.name = name, .address = address, .size = (uint64_t)size, .type = *type
	};
	return true;
}

static bool load_stem(struct trail_profile *p, const char *stem, const json_t *list)
{
	size_t n = json_array_size(list);
	TRAIL_CLEANUP(trail_freep) struct trail_symbol *symbols = calloc(n + 1, sizeof(*symbols));

	if (!json_is_array(list) || n > TRAIL_STEM_MAX || !symbols)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!load_symbol(p, json_array_get(list, i), &symbols[i]))
			return false;
	trail_profile_add_symbols(p, stem, symbols, n);
	return true;
}

/* "type.path", or "type" for its size. */
static bool split(const char *question, char type[TRAIL_QUESTION_MAX], const char **path_ret)
{
	size_t n = strcspn(question, ".");

	if (n >= TRAIL_QUESTION_MAX)
		return false;
	memcpy(type, question, n);
	type[n] = 0;
	*path_ret = question[n] ? question + n + 1 : NULL;
	return true;
}

static bool load_member(struct trail_profile *p, const char *question, const json_t *value)
{
	const json_t *is_signed = json_object_get(value, "signed");
	char type[TRAIL_QUESTION_MAX];
	long long offset, size;
	const char *path;

	if (!split(question, type, &path))
		return false;
	if (json_is_null(value)) {
		trail_profile_add_member(p, type, path, NULL);
		return true;
	}
	if (!number_of(value, "offset", 0, INT64_MAX, &offset) ||
	    !number_of(value, "size", 0, INT64_MAX, &size) || !json_is_boolean(is_signed))
		return false;
	const struct trail_member member = { (uint64_t)offset, (uint64_t)size,
					     json_is_true(is_signed) };
	trail_profile_add_member(p, type, path, &member);
	return true;
}

static bool load_symbol_at(struct trail_profile *p, const json_t *o)
{
	struct trail_symbol symbol;

	if (!load_symbol(p, o, &symbol))
		return false;
	trail_profile_add_symbol_at(p, &symbol);
	return true;
}

static bool load_orc(struct trail_profile *p, const json_t *o)
{
	long long size, type, sp, sp_offset, bp, bp_offset;
	uint64_t start;

	if (!trail_json_get_hex(json_object_get(o, "from_stext"), &start) ||
	    !number_of(o, "size", 1, INT64_MAX, &size) ||
	    !number_of(o, "type", 0, TRAIL_ORC_REGS_PARTIAL, &type) ||
	    !number_of(o, "sp", 0, TRAIL_ORC_SP_INDIRECT, &sp) ||
	    !number_of(o, "sp_offset", INT16_MIN, INT16_MAX, &sp_offset) ||
	    !number_of(o, "bp", 0, TRAIL_ORC_SP_INDIRECT, &bp) ||
	    !number_of(o, "bp_offset", INT16_MIN, INT16_MAX, &bp_offset))
		return false;
	const struct trail_orc_entry row = { sp_offset, bp_offset, sp, bp, type };
	trail_profile_add_orc(p, p->stext + start, p->stext + start + (uint64_t)size, &row);
	return true;
}

/* The first answer of a file that is none. */
static const char *load_answers(struct trail_profile *p, json_t *root)
{
	json_t *symbols = json_object_get(root, "symbols"), *value;
	json_t *members = json_object_get(root, "members");
	json_t *symbols_at = json_object_get(root, "symbols_at");
	json_t *orc = json_object_get(root, "orc");
	const char *key;
	size_t i;

	if (!json_is_object(symbols) || !json_is_object(members) || !json_is_array(symbols_at) ||
	    !json_is_array(orc))
		return "its parts";
	json_object_foreach (symbols, key, value)
		if (!load_stem(p, key, value))
			return key;
	json_object_foreach (members, key, value)
		if (!load_member(p, key, value))
			return key;
	json_array_foreach (symbols_at, i, value)
		if (!load_symbol_at(p, value))
			return "symbols_at";
	json_array_foreach (orc, i, value)
		if (!load_orc(p, value))
			return "orc";
	return NULL;
}

/* The next line KIND(name)= of VMCOREINFO behind *p; its name is put into @name. */
static bool next_line(const struct trail_vmcoreinfo *info, const char *kind, size_t *at,
		      char name[TRAIL_QUESTION_MAX])
{
	size_t n = strlen(kind);

	while (*at < info->size) {
		const char *line = info->text + *at;
		const char *end = memchr(line, '\n', info->size - *at);
		size_t length = end ? (size_t)(end - line) : info->size - *at;
		const char *close = memchr(line, ')', length);
		*at += length + 1;
		if (length <= n || memcmp(line, kind, n) != 0 || line[n] != '(' || !close)
			continue;
		size_t letters = close - line - n - 1;
		if (letters >= TRAIL_QUESTION_MAX)
			continue;
		memcpy(name, line + n + 1, letters);
		name[letters] = 0;
		return true;
	}
	return false;
}

/* What both name must agree; NULL when it does, else what does not. */
static const char *disagrees(const struct trail_profile *p, const struct trail_vmcoreinfo *info,
			     char name[TRAIL_QUESTION_MAX])
{
	const char *const kinds[] = { "SYMBOL", "OFFSET" };
	uint64_t value;

	for (size_t at = 0; next_line(info, kinds[0], &at, name);) {
		const struct trail_profile_stem *stem = trail_profile_symbols(p, name);
		bool named = false, same = false;
		if (!stem || !trail_vmcoreinfo_number(info, kinds[0], name, &value))
			continue;
		for (size_t i = 0; i < stem->n; i++)
			if (strcmp(stem->symbols[i].name, name) == 0) {
				named = true;
				same |= stem->symbols[i].address == value;
			}
		if (named && !same)
			return kinds[0];
	}
	for (size_t at = 0; next_line(info, kinds[1], &at, name);) {
		const struct trail_member *member = NULL;
		char type[TRAIL_QUESTION_MAX];
		const char *path;
		bool is_there = false;
		if (split(name, type, &path))
			member = trail_profile_member(p, type, path, &is_there);
		if (member && is_there && trail_vmcoreinfo_number(info, kinds[1], name, &value) &&
		    member->offset != value)
			return kinds[1];
	}
	return NULL;
}

/* The JSON behind the first line, when its checksum is right. */
static bool body_of(const char *bytes, size_t n, const char **ret)
{
	char line[64];
	const char *end = memchr(bytes, '\n', n);
	unsigned long sum;

	if (!end || end - bytes >= (ptrdiff_t)sizeof(line))
		return false;
	memcpy(line, bytes, end - bytes);
	line[end - bytes] = 0;
	*ret = end + 1;
	return sscanf(line, SCHEMA " crc32 %lx", &sum) == 1 &&
	       crc32(0, (const Bytef *)*ret, bytes + n - *ret) == sum;
}

static bool is_of(const json_t *root, const struct trail_vmcoreinfo *info)
{
	const char *own = text_of(root, "build_id");
	size_t n;
	const char *wanted = trail_vmcoreinfo_text(info, "BUILD-ID", &n);

	return own && wanted && strlen(own) == n && memcmp(own, wanted, n) == 0;
}

struct trail_error *trail_profile_load(const void *bytes, size_t n, const char *name,
				       const struct trail_vmcoreinfo *info,
				       struct trail_profile **ret)
{
	static const struct trail_json_limits limits = { DEPTH_MAX, VALUES_MAX };
	TRAIL_CLEANUP(trail_json_freep) json_t *root = NULL;
	TRAIL_CLEANUP(freep) struct trail_profile *p = NULL;
	char question[TRAIL_QUESTION_MAX];
	const char *body;
	uint64_t stext;

	if (!body_of(bytes, n, &body))
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "%s: no profile, or one that is damaged", name);
	struct trail_error *error = trail_json_read(body, (const char *)bytes + n - body, &limits,
						    &root);
	if (error)
		return trail_error_wrap(error, "%s", name);
	if (!is_of(root, info) || !trail_vmcoreinfo_number(info, "SYMBOL", "_stext", &stext))
		return trail_error_format(
			TRAIL_ERROR_UNSUPPORTED, "%s: of the kernel with build ID %s", name,
			text_of(root, "build_id") ? text_of(root, "build_id") : "none");
	error = trail_profile_new(stext, &p);
	if (error)
		return error;
	const char *bad = load_answers(p, root);
	if (bad)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "%s: %s: no answer", name, bad);
	const char *kind = disagrees(p, info, question);
	if (kind)
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "%s: not of this kernel: its %s(%s) is another", name,
					  kind, question);
	p->news = false;
	*ret = TRAIL_STEAL(p);
	return NULL;
}
