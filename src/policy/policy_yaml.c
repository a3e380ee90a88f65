/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of libyaml → a tree, by the strict subset of policy_yaml.h. */
#include "policy/policy_yaml.h"

#include <stdarg.h>
#include <stdio.h>

#include <yaml.h>

#include "base/error.h"
#include "base/text.h"

/* ---- what is wrong -------------------------------------------------------- */

void trail_problems_fini(struct trail_problems *problems)
{
	trail_pool_fini(&problems->pool);
	*problems = (struct trail_problems){ 0 };
}

static bool is_before(const struct trail_place *a, const struct trail_place *b)
{
	return a->line < b->line || (a->line == b->line && a->column < b->column);
}

/* Where a problem goes: with those of its file, by its place in it. */
static size_t slot_for(const struct trail_problems *problems, const struct trail_place *place)
{
	size_t slot = problems->n;

	for (size_t i = 0; i < problems->n; i++) {
		const struct trail_place *other = &problems->all[i].place;

		if (strcmp(other->file, place->file) != 0)
			continue;
		if (is_before(place, other))
			return i;
		slot = i + 1;
	}
	return slot;
}

void trail_problem_add(struct trail_problems *problems, struct trail_place place,
		       const char *format, ...)
{
	char message[512];
	va_list args;

	if (problems->n == TRAIL_POLICY_PROBLEMS_MAX) {
		problems->n_more++;
		return;
	}
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	place.file = trail_pool_strdup(&problems->pool, place.file);
	char *copy = trail_pool_strdup(&problems->pool, message);
	if (!place.file || !copy) {
		problems->failed = true;
		return;
	}
	size_t slot = slot_for(problems, &place);
	memmove(&problems->all[slot + 1], &problems->all[slot],
		(problems->n++ - slot) * sizeof(problems->all[0]));
	problems->all[slot] = (struct trail_problem){ place, copy };
}

struct trail_error *trail_problems_error(const struct trail_problems *problems)
{
	const struct trail_problem *p = &problems->all[0];
	size_t more = problems->n_more + problems->n - 1;
	char others[96] = "";

	if (problems->failed)
		return &trail_error_nomem;
	if (!problems->n)
		return NULL;
	if (more)
		snprintf(others, sizeof(others),
			 " (and %zu more; panictrail policy check names %s)", more,
			 more > 1 ? "them" : "it");
	return trail_error_format(TRAIL_ERROR_USAGE, "%s:%u:%u: %s%s", p->place.file, p->place.line,
				  p->place.column, p->message, others);
}

/* ---- bytes ---------------------------------------------------------------- */

struct reader {
	yaml_parser_t parser;
	const struct trail_policy_bytes *file;
	struct trail_pool *pool;
	struct trail_problems *problems;
};

/* libyaml counts from 0 */
static struct trail_place place_of(const struct reader *r, yaml_mark_t mark)
{
	return (struct trail_place){ r->file->path, (unsigned)mark.line + 1,
				     (unsigned)mark.column + 1 };
}

/* The place behind @n bytes of UTF-8, as libyaml counts lines and columns. */
static struct trail_place place_at(const struct trail_policy_bytes *file, size_t n)
{
	struct trail_place place = { file->path, 1, 1 };
	uint32_t code;

	for (size_t i = 0; i < n;) {
		size_t length = trail_utf8_length(file->bytes + i, n - i, &code);
		bool is_line = length &&
			       (code == '\n' || code == 0x85 || code == 0x2028 || code == 0x2029 ||
				(code == '\r' && (i + 1 == n || file->bytes[i + 1] != '\n')));
		place.line += is_line;
		place.column = is_line ? 1 : place.column + 1;
		i += length ? length : 1;
	}
	return place;
}

/* libyaml would take UTF-16, and tells of a wrong byte only its offset. */
static bool is_text(const struct trail_policy_bytes *file, struct trail_problems *problems)
{
	for (size_t i = 0; i < file->n;) {
		uint32_t code = 0;
		size_t length = trail_utf8_length(file->bytes + i, file->n - i, &code);
		unsigned byte = (unsigned char)file->bytes[i];

		if (!length && file->cut && file->n - i < 4)
			return true; /* a character that the cut went through */
		if (!length)
			trail_problem_add(problems, place_at(file, i),
					  "byte 0x%02x is no UTF-8, wanted text in UTF-8", byte);
		else if (code == 0)
			trail_problem_add(problems, place_at(file, i), "a NUL byte, wanted text");
		else if ((code < 0x20 && code != '\n' && code != '\r' && code != '\t') ||
			 code == 0x7f)
			trail_problem_add(problems, place_at(file, i),
					  "control character 0x%02x, wanted text", byte);
		else {
			i += length;
			continue;
		}
		return false;
	}
	return true;
}

/* ---- events --------------------------------------------------------------- */

static bool too_long(struct reader *r, struct trail_place place)
{
	trail_problem_add(r->problems, place,
			  "a value of more than %d bytes, wanted at most so many",
			  TRAIL_POLICY_SCALAR_MAX);
	return false;
}

static bool parser_failed(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	struct trail_place where = place_of(r, p->problem_mark);

	if (p->error == YAML_MEMORY_ERROR) {
		r->problems->failed = true;
		return false;
	}
	if (p->error == YAML_READER_ERROR) {
		trail_problem_add(r->problems, place_at(r->file, p->problem_offset), "%s",
				  p->problem);
		return false;
	}
	bool open = p->error == YAML_SCANNER_ERROR && p->context &&
		    p->problem_mark.index - p->context_mark.index > TRAIL_POLICY_SCALAR_MAX;
	if (open && strstr(p->context, "scalar"))
		return too_long(r, place_of(r, p->context_mark));
	if (r->file->cut && where.line >= place_at(r->file, r->file->n).line)
		return false; /* by the cut itself, which is said at the end */
	trail_problem_add(r->problems, where, "no YAML: %s%s%s", p->problem, p->context ? " " : "",
			  p->context ? p->context : "");
	return false;
}

static bool next(struct reader *r, yaml_event_t *event)
{
	return yaml_parser_parse(&r->parser, event) ? true : parser_failed(r);
}

/* Anchors and tags are refused; what bears them is read on all the same. */
static void refuse_marks(struct reader *r, const yaml_event_t *e)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (e->type == YAML_SCALAR_EVENT) {
		anchor = e->data.scalar.anchor;
		tag = e->data.scalar.tag;
	} else if (e->type == YAML_SEQUENCE_START_EVENT) {
		anchor = e->data.sequence_start.anchor;
		tag = e->data.sequence_start.tag;
	} else if (e->type == YAML_MAPPING_START_EVENT) {
		anchor = e->data.mapping_start.anchor;
		tag = e->data.mapping_start.tag;
	}
	if (anchor)
		trail_problem_add(r->problems, place_of(r, e->start_mark),
				  "an anchor (&%.64s), wanted each value written out",
				  (const char *)anchor);
	if (tag)
		trail_problem_add(r->problems, place_of(r, e->start_mark),
				  "a tag (%.64s), wanted none: the key says the type",
				  (const char *)tag);
}

static struct trail_node *new_node(struct reader *r, enum trail_node_kind kind,
				   const yaml_event_t *e)
{
	struct trail_node *node = trail_pool_alloc(r->pool, 1, sizeof(*node));

	if (!node) {
		r->problems->failed = true;
		return NULL;
	}
	node->kind = kind;
	node->key = "";
	node->place = place_of(r, e->start_mark);
	return node;
}

static struct trail_node *scalar(struct reader *r, const yaml_event_t *e)
{
	struct trail_node *node = new_node(r, TRAIL_NODE_SCALAR, e);
	const char *value = (const char *)e->data.scalar.value;
	size_t n = e->data.scalar.length;

	if (!node)
		return NULL;
	if (n > TRAIL_POLICY_SCALAR_MAX) {
		too_long(r, node->place);
		node->kind = TRAIL_NODE_BAD;
	} else if (memchr(value, 0, n)) {
		trail_problem_add(r->problems, node->place, "a value with a NUL byte, wanted text");
		node->kind = TRAIL_NODE_BAD;
	} else {
		node->text = trail_pool_strndup(r->pool, value, n);
		r->problems->failed |= !node->text;
	}
	return r->problems->failed ? NULL : node;
}

static struct trail_node *alias(struct reader *r, const yaml_event_t *e)
{
	const char *name = (const char *)e->data.alias.anchor;

	trail_problem_add(r->problems, place_of(r, e->start_mark),
			  "an alias (*%.64s), wanted each value written out; a pattern that begins "
			  "with * is quoted: \"*%.64s\"",
			  name, name);
	return new_node(r, TRAIL_NODE_BAD, e);
}

static struct trail_node *node_of(struct reader *r, const yaml_event_t *e, unsigned depth);

static bool add_child(struct reader *r, struct trail_node *node, struct trail_node *child)
{
	if (node->n_children == TRAIL_POLICY_CHILDREN_MAX) {
		trail_problem_add(
			r->problems, child->key_place.line ? child->key_place : child->place,
			"more than %d values in a list or map", TRAIL_POLICY_CHILDREN_MAX);
		return false;
	}
	struct trail_node **all = trail_pool_grow(r->pool, node->children, node->n_children,
						  sizeof(*all));
	if (!all) {
		r->problems->failed = true;
		return false;
	}
	node->children = all;
	all[node->n_children++] = child;
	return true;
}

static bool read_list(struct reader *r, struct trail_node *list, unsigned depth)
{
	for (;;) {
		yaml_event_t e;
		if (!next(r, &e))
			return false;
		bool end = e.type == YAML_SEQUENCE_END_EVENT;
		struct trail_node *child = end ? NULL : node_of(r, &e, depth);
		yaml_event_delete(&e);
		if (end)
			return true;
		if (!child || !add_child(r, list, child))
			return false;
	}
}

struct trail_node *trail_node_child(const struct trail_node *map, const char *key)
{
	for (size_t i = 0; i < map->n_children; i++)
		if (trail_streq(map->children[i]->key, key))
			return map->children[i];
	return NULL;
}

/* The key of a pair; NULL in @ret where it is not one to go on with. */
static bool read_key(struct reader *r, const struct trail_node *map, const yaml_event_t *e,
		     unsigned depth, const char **ret)
{
	struct trail_node *key = node_of(r, e, depth);

	*ret = NULL;
	if (!key)
		return false;
	if (key->kind == TRAIL_NODE_LIST || key->kind == TRAIL_NODE_MAP)
		trail_problem_add(r->problems, key->place, "a list or map as a key, wanted a word");
	if (key->kind != TRAIL_NODE_SCALAR)
		return true;
	const struct trail_node *first = trail_node_child(map, key->text);
	if (first)
		trail_problem_add(r->problems, key->place, "%.64s is there twice, first in line %u",
				  key->text, first->key_place.line);
	else
		*ret = key->text;
	return true;
}

static bool read_map(struct reader *r, struct trail_node *map, unsigned depth)
{
	for (;;) {
		yaml_event_t e;
		if (!next(r, &e))
			return false;
		bool end = e.type == YAML_MAPPING_END_EVENT;
		struct trail_place place = place_of(r, e.start_mark);
		const char *key = NULL;
		bool good = end || read_key(r, map, &e, depth, &key);
		yaml_event_delete(&e);
		if (end || !good || !next(r, &e))
			return end;
		struct trail_node *child = node_of(r, &e, depth);
		yaml_event_delete(&e);
		if (!child)
			return false;
		child->key = key;
		child->key_place = place;
		if (!add_child(r, map, child))
			return false;
	}
}

/* What the event starts, read to its end; NULL when nothing can follow. */
static struct trail_node *node_of(struct reader *r, const yaml_event_t *e, unsigned depth)
{
	refuse_marks(r, e);
	if (e->type == YAML_SCALAR_EVENT)
		return scalar(r, e);
	if (e->type == YAML_ALIAS_EVENT)
		return alias(r, e);
	bool is_list = e->type == YAML_SEQUENCE_START_EVENT;
	struct trail_node *node = new_node(r, is_list ? TRAIL_NODE_LIST : TRAIL_NODE_MAP, e);
	if (!node)
		return NULL;
	if (depth == TRAIL_POLICY_DEPTH_MAX) {
		trail_problem_add(r->problems, node->place,
				  "more than %d lists and maps in each other",
				  TRAIL_POLICY_DEPTH_MAX);
		return NULL;
	}
	return (is_list ? read_list : read_map)(r, node, depth + 1) ? node : NULL;
}

/* ---- the document --------------------------------------------------------- */

/* NULL, and said, where there is none. */
static struct trail_node *read_document(struct reader *r)
{
	yaml_event_t e;

	if (!next(r, &e)) /* the stream's start */
		return NULL;
	yaml_event_delete(&e);
	if (!next(r, &e))
		return NULL;
	bool empty = e.type == YAML_STREAM_END_EVENT;
	if (empty)
		trail_problem_add(r->problems, place_of(r, e.start_mark),
				  "the file is empty, wanted version: 1");
	else if (e.data.document_start.version_directive ||
		 e.data.document_start.tag_directives.start !=
			 e.data.document_start.tag_directives.end)
		trail_problem_add(r->problems, place_of(r, e.start_mark),
				  "a directive, wanted the policy alone");
	yaml_event_delete(&e);
	if (empty || !next(r, &e))
		return NULL;
	struct trail_node *node = node_of(r, &e, 0);
	yaml_event_delete(&e);
	return node;
}

/* Behind the document: its end, then that of the file. */
static void read_end(struct reader *r)
{
	yaml_event_t e;

	if (!next(r, &e))
		return;
	yaml_event_delete(&e);
	if (!next(r, &e))
		return;
	if (e.type != YAML_STREAM_END_EVENT)
		trail_problem_add(r->problems, place_of(r, e.start_mark),
				  "a second document, wanted one");
	yaml_event_delete(&e);
}

/* Without the byte order mark that some editors put first, and that libyaml takes for text where
 * it is told the encoding. */
static struct trail_policy_bytes without_mark(const struct trail_policy_bytes *file)
{
	struct trail_policy_bytes text = *file;

	if (text.n >= 3 && memcmp(text.bytes, "\xef\xbb\xbf", 3) == 0) {
		text.bytes += 3;
		text.n -= 3;
	}
	return text;
}

struct trail_node *trail_policy_tree(const struct trail_policy_bytes *bytes,
				     struct trail_pool *pool, struct trail_problems *problems)
{
	struct trail_policy_bytes text = without_mark(bytes), *file = &text;
	struct reader r = { .file = file, .pool = pool, .problems = problems };
	size_t before = problems->n + problems->n_more;

	if (!is_text(file, problems))
		return NULL;
	if (!yaml_parser_initialize(&r.parser)) {
		problems->failed = true;
		return NULL;
	}
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)file->bytes, file->n);
	struct trail_node *node = read_document(&r);
	if (node)
		read_end(&r);
	yaml_parser_delete(&r.parser);
	if (file->cut && problems->n + problems->n_more == before)
		trail_problem_add(problems, place_at(file, file->n),
				  "a file of more than %d bytes, wanted at most so many",
				  TRAIL_POLICY_FILE_MAX);
	return problems->failed ? NULL : node;
}
