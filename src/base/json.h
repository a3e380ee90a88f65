/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thin helpers over jansson: what may fail is remembered once, hostile text is
 * made harmless, addresses are "0x…" strings, keys keep the order in which
 * they were set.  This header is the only way to jansson.
 */
#ifndef TRAIL_BASE_JSON_H
#define TRAIL_BASE_JSON_H

#include <jansson.h>

#include "base/base.h"

struct trail_error;
struct trail_text;

/**
 * The state of a document being built.  When memory runs out it is marked
 * failed and stays so; makers then give NULL, which every helper takes.
 */
struct trail_json {
	bool failed;
};

/** Makers; the reference is the caller's until trail_json_set() or _add() takes it. */
json_t *trail_json_object(struct trail_json *json);
json_t *trail_json_array(struct trail_json *json);
json_t *trail_json_null(void);
json_t *trail_json_bool(bool value);
json_t *trail_json_int(struct trail_json *json, int64_t value);

/** A count or a time; null when a damaged input makes it larger than a JSON reader can hold. */
json_t *trail_json_uint(struct trail_json *json, uint64_t value);

/** An address or a bit mask: "0xffffffff81000000". */
json_t *trail_json_hex(struct trail_json *json, uint64_t value);

/**
 * @n bytes of any content as a string: bytes that are no UTF-8 and control
 * characters other than newline and tab as \xNN text.
 */
json_t *trail_json_bytes(struct trail_json *json, const char *bytes, size_t n);

/**
 * As trail_json_bytes(), with each backslash doubled: trail_json_get_exact()
 * gives the same bytes back.
 */
json_t *trail_json_exact(struct trail_json *json, const char *bytes, size_t n);

/** As trail_json_bytes() of a string; null for NULL. */
json_t *trail_json_string(struct trail_json *json, const char *s);

/** Put @value, which is taken, under @key or at the end; NULL marks the document failed. */
void trail_json_set(struct trail_json *json, json_t *object, const char *key, json_t *value);
void trail_json_add(struct trail_json *json, json_t *array, json_t *value);

/** As trail_json_set() with what the maker of the same name gives. */
void trail_json_set_null(struct trail_json *json, json_t *object, const char *key);
void trail_json_set_bool(struct trail_json *json, json_t *object, const char *key, bool value);
void trail_json_set_int(struct trail_json *json, json_t *object, const char *key, int64_t value);
void trail_json_set_uint(struct trail_json *json, json_t *object, const char *key, uint64_t value);
void trail_json_set_hex(struct trail_json *json, json_t *object, const char *key, uint64_t value);
void trail_json_set_string(struct trail_json *json, json_t *object, const char *key, const char *s);

/** A new object or array, already under @key: borrowed from @object. */
json_t *trail_json_set_object(struct trail_json *json, json_t *object, const char *key);
json_t *trail_json_set_array(struct trail_json *json, json_t *object, const char *key);

/** A new object, already at the end of @array: borrowed from it. */
json_t *trail_json_add_object(struct trail_json *json, json_t *array);

/**
 * Append @root and a newline to @out: two spaces a level, in pure ASCII, so
 * that no character of the input can disturb a terminal.  Takes @root, NULL
 * too; false when the document or the text failed, now or before.
 */
bool trail_json_write(struct trail_json *json, json_t *root, struct trail_text *out);

/** What a document that is read may cost: levels of nesting, values in all. */
struct trail_json_limits {
	size_t depth, values;
};

/**
 * Read a document of hostile bytes; a key that is there twice is an error.
 *
 * @ret  the caller's reference
 *
 * Errors: BAD_DATA, with the line and what was wanted or which limit was hit; NOMEM.
 */
struct trail_error *trail_json_read(const void *bytes, size_t n,
				    const struct trail_json_limits *limits,
				    json_t **ret) TRAIL_MUST_CHECK;

/** TRAIL_CLEANUP() for a reference. */
void trail_json_freep(json_t **value);

/** What trail_json_hex() wrote; false when @value is no such string of at most 64 bits. */
bool trail_json_get_hex(const json_t *value, uint64_t *ret);

/**
 * Append the bytes of which trail_json_exact() made @value; false when it is
 * no string or a backslash in it starts neither \\ nor \xNN.
 */
bool trail_json_get_exact(const json_t *value, struct trail_text *out);

#endif
