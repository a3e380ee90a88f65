/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of a kernel's build, in memory and as a file; see profile.h. */
#include "source/profile.h"

#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/error.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/text.h"
#include "format/vmcoreinfo.h"

#define SCHEMA "panictrail-profile/1"

enum {
	QUESTION_MAX = 192, /* bytes of "type.path" with its NUL */
	STEM_MAX = 4096,    /* symbols of one stem */
	DEPTH_MAX = 8,
	VALUES_MAX = 200 * 1000,
};

/* A question and what was answered; a question without a stem's or a member's answer is "none". */
struct answer {
	const char *question; /* a stem; "type.path", or "type" for its size */
	struct trail_profile_stem stem;
	struct trail_member member;
	bool is_there;
};

struct trail_profile {
	uint64_t stext;
	void *stems, *members; /* trees of tsearch(3) */
	struct trail_pool pool;
	bool news;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct answer *)a)->question, ((const struct answer *)b)->question);
}

static void keep(void *unused)
{
	(void)unused; /* answers die with the pool */
}

struct trail_error *trail_profile_new(uint64_t stext, struct trail_profile **ret)
{
	struct trail_profile *p = calloc(1, sizeof(*p));

	if (!p)
		return &trail_error_nomem;
	p->stext = stext;
	trail_pool_init(&p->pool);
	*ret = p;
	return NULL;
}

void trail_profile_free(struct trail_profile *p)
{
	if (!p)
		return;
	tdestroy(p->stems, keep);
	tdestroy(p->members, keep);
	trail_pool_fini(&p->pool);
	free(p);
}

static void freep(struct trail_profile **p)
{
	trail_profile_free(*p);
}

uint64_t trail_profile_stext(const struct trail_profile *p)
{
	return p->stext;
}

bool trail_profile_has_news(const struct trail_profile *p)
{
	return p->news;
}

static const struct answer *find(void *const *tree, const char *question)
{
	struct answer key = { .question = question };
	struct answer *const *node = tfind(&key, tree, compare);

	return node ? *node : NULL;
}

/* The answer to put into a tree; NULL when there is no memory, or it is there already. */
static struct answer *add(struct trail_profile *p, void **tree, const char *question)
{
	struct answer *a = trail_pool_alloc(&p->pool, 1, sizeof(*a));

	if (!a || !(a->question = trail_pool_strdup(&p->pool, question)))
		return NULL;
	struct answer *const *node = tsearch(a, tree, compare);
	return node && *node == a ? a : NULL;
}

const struct trail_profile_stem *trail_profile_symbols(const struct trail_profile *p,
						       const char *stem)
{
	const struct answer *a = find(&p->stems, stem);

	return a ? &a->stem : NULL;
}

static bool member_question(const char *type, const char *path, char question[QUESTION_MAX])
{
	return snprintf(question, QUESTION_MAX, "%s%s%s", type, path ? "." : "", path ? path : "") <
	       QUESTION_MAX;
}

const struct trail_member *trail_profile_member(const struct trail_profile *p, const char *type,
						const char *path, bool *is_there_ret)
{
	char question[QUESTION_MAX];
	const struct answer *a = NULL;

	if (member_question(type, path, question))
		a = find(&p->members, question);
	if (!a)
		return NULL;
	*is_there_ret = a->is_there;
	return &a->member;
}

void trail_profile_add_symbols(struct trail_profile *p, const char *stem,
			       const struct trail_symbol *symbols, size_t n)
{
	struct trail_symbol *own = trail_pool_alloc(&p->pool, n + 1, sizeof(*own));

	if (!own || n > STEM_MAX)
		return;
	for (size_t i = 0; i < n; i++) {
		own[i] = symbols[i];
		own[i].module = own[i].source = NULL;
		own[i].name = trail_pool_strdup(&p->pool, symbols[i].name);
		if (!own[i].name)
			return;
	}
	struct answer *a = add(p, &p->stems, stem);
	if (!a)
		return;
	a->stem = (struct trail_profile_stem){ n, own };
	p->news = true;
}

void trail_profile_add_member(struct trail_profile *p, const char *type, const char *path,
			      const struct trail_member *member)
{
	char question[QUESTION_MAX];
	struct answer *a = member_question(type, path, question) ? add(p, &p->members, question)
								 : NULL;

	if (!a)
		return;
	a->is_there = member;
	if (member)
		a->member = *member;
	p->news = true;
}

/* ---- as a file ----------------------------------------------------------- */

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
	const struct answer *a = *(struct answer *const *)node;
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
	const struct answer *a = *(struct answer *const *)node;
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

static bool load_symbol(struct trail_profile *p, const json_t *o, struct trail_symbol *ret)
{
	const char *name = text_of(o, "name"), *type = text_of(o, "type");
	const json_t *size = json_object_get(o, "size");
	uint64_t address;

	if (!name || !type || !*type || !json_is_integer(size) || json_integer_value(size) < 0)
		return false;
	if (trail_json_get_hex(json_object_get(o, "from_stext"), &address)) {
		address += p->stext;
		if (!moves(address))
			return false;
	} else if (!trail_json_get_hex(json_object_get(o, "address"), &address)) {
		return false;
	}
	*ret = (struct trail_symbol){ .name = trail_pool_strdup(&p->pool, name),
				      .address = address,
				      .size = (uint64_t)json_integer_value(size),
				      .type = *type };
	return ret->name;
}

static bool load_stem(struct trail_profile *p, const char *stem, json_t *list)
{
	size_t n = json_array_size(list);
	struct trail_symbol *symbols = trail_pool_alloc(&p->pool, n + 1, sizeof(*symbols));

	if (!json_is_array(list) || n > STEM_MAX || !symbols)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!load_symbol(p, json_array_get(list, i), &symbols[i]))
			return false;
	struct answer *a = add(p, &p->stems, stem);
	if (a)
		a->stem = (struct trail_profile_stem){ n, symbols };
	return a;
}

static bool load_member(struct trail_profile *p, const char *question, const json_t *value)
{
	const json_t *offset = json_object_get(value, "offset");
	const json_t *size = json_object_get(value, "size");
	const json_t *is_signed = json_object_get(value, "signed");
	bool good = json_is_integer(offset) && json_integer_value(offset) >= 0 &&
		    json_is_integer(size) && json_integer_value(size) >= 0 &&
		    json_is_boolean(is_signed);

	if (!good && !json_is_null(value))
		return false;
	struct answer *a = add(p, &p->members, question);
	if (a && good) {
		a->is_there = true;
		a->member.offset = (uint64_t)json_integer_value(offset);
		a->member.size = (uint64_t)json_integer_value(size);
		a->member.is_signed = json_is_true(is_signed);
	}
	return a;
}

/* The first answer of a file that is none. */
static const char *load_answers(struct trail_profile *p, json_t *root)
{
	json_t *symbols = json_object_get(root, "symbols"), *value;
	json_t *members = json_object_get(root, "members");
	const char *key;

	if (!json_is_object(symbols) || !json_is_object(members))
		return "symbols and members";
	json_object_foreach(symbols, key, value) if (!load_stem(p, key, value)) return key;
	json_object_foreach(members, key, value) if (!load_member(p, key, value)) return key;
	return NULL;
}

/* The next line KIND(name)= of VMCOREINFO behind *p; its name is put into @name. */
static bool next_line(const struct trail_vmcoreinfo *info, const char *kind, size_t *at,
		      char name[QUESTION_MAX])
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
		if (letters >= QUESTION_MAX)
			continue;
		memcpy(name, line + n + 1, letters);
		name[letters] = 0;
		return true;
	}
	return false;
}

/* What both name must agree; NULL when it does, else what does not. */
static const char *disagrees(const struct trail_profile *p, const struct trail_vmcoreinfo *info,
			     char name[QUESTION_MAX])
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
		const struct answer *a = find(&p->members, name);
		if (a && a->is_there && trail_vmcoreinfo_number(info, kinds[1], name, &value) &&
		    a->member.offset != value)
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
	char question[QUESTION_MAX];
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
	*ret = TRAIL_STEAL(p);
	return NULL;
}
