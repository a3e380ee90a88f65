/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thin helpers over jansson, see json.h.  jansson keeps keys in the order in
 * which they were set and fails on a NULL it is handed, so one flag is enough
 * to know in the end whether the document is whole.
 */
#include "base/json.h"

#include <stdio.h>

#include "base/error.h"
#include "base/text.h"

static json_t *made(struct trail_json *json, json_t *value)
{
	json->failed |= !value;
	return value;
}

json_t *trail_json_object(struct trail_json *json)
{
	return made(json, json_object());
}

json_t *trail_json_array(struct trail_json *json)
{
	return made(json, json_array());
}

json_t *trail_json_null(void)
{
	return json_null();
}

json_t *trail_json_bool(bool value)
{
	return json_boolean(value);
}

json_t *trail_json_int(struct trail_json *json, int64_t value)
{
	return made(json, json_integer(value));
}

json_t *trail_json_uint(struct trail_json *json, uint64_t value)
{
	return value > INT64_MAX ? json_null() : trail_json_int(json, (int64_t)value);
}

json_t *trail_json_hex(struct trail_json *json, uint64_t value)
{
	char buffer[sizeof("0x") + 16];

	snprintf(buffer, sizeof(buffer), "0x%llx", (unsigned long long)value);
	return made(json, json_string(buffer));
}

/* C0 but newline and tab, DEL, C1. */
static bool is_control(uint32_t code)
{
	return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0);
}

/* @backslash is how one is written: "\\" for the eye, twice where it must be read back. */
static json_t *escaped(struct trail_json *json, const char *bytes, size_t n, const char *backslash)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	for (size_t i = 0; i < n;) {
		uint32_t code = 0;
		size_t length = trail_utf8_length(bytes + i, n - i, &code);
		size_t step = TRAIL_MAX(length, (size_t)1);

		if (length && code == '\\')
			trail_text_puts(&text, backslash);
		else if (length && !is_control(code))
			trail_text_add(&text, bytes + i, length);
		else
			for (size_t k = 0; k < step; k++)
				trail_text_printf(&text, "\\x%02x", (unsigned char)bytes[i + k]);
		i += step;
	}
	if (text.failed)
		return made(json, NULL);
	return made(json, json_stringn_nocheck(trail_text_string(&text), text.length));
}

json_t *trail_json_bytes(struct trail_json *json, const char *bytes, size_t n)
{
	return escaped(json, bytes, n, "\\");
}

json_t *trail_json_exact(struct trail_json *json, const char *bytes, size_t n)
{
	return escaped(json, bytes, n, "\\\\");
}

json_t *trail_json_string(struct trail_json *json, const char *s)
{
	return s ? trail_json_bytes(json, s, strlen(s)) : json_null();
}

void trail_json_set(struct trail_json *json, json_t *object, const char *key, json_t *value)
{
	json->failed |= json_object_set_new_nocheck(object, key, value) != 0;
}

void trail_json_add(struct trail_json *json, json_t *array, json_t *value)
{
	json->failed |= json_array_append_new(array, value) != 0;
}

void trail_json_set_null(struct trail_json *json, json_t *object, const char *key)
{
	trail_json_set(json, object, key, json_null());
}

void trail_json_set_bool(struct trail_json *json, json_t *object, const char *key, bool value)
{
	trail_json_set(json, object, key, trail_json_bool(value));
}

void trail_json_set_int(struct trail_json *json, json_t *object, const char *key, int64_t value)
{
	trail_json_set(json, object, key, trail_json_int(json, value));
}

void trail_json_set_uint(struct trail_json *json, json_t *object, const char *key, uint64_t value)
{
	trail_json_set(json, object, key, trail_json_uint(json, value));
}

void trail_json_set_hex(struct trail_json *json, json_t *object, const char *key, uint64_t value)
{
	trail_json_set(json, object, key, trail_json_hex(json, value));
}

void trail_json_set_string(struct trail_json *json, json_t *object, const char *key, const char *s)
{
	trail_json_set(json, object, key, trail_json_string(json, s));
}

/* What was set is kept alive by @parent; when setting failed it is gone, so look it up. */
json_t *trail_json_set_object(struct trail_json *json, json_t *object, const char *key)
{
	trail_json_set(json, object, key, trail_json_object(json));
	return json_object_get(object, key);
}

json_t *trail_json_set_array(struct trail_json *json, json_t *object, const char *key)
{
	trail_json_set(json, object, key, trail_json_array(json));
	return json_object_get(object, key);
}

json_t *trail_json_add_object(struct trail_json *json, json_t *array)
{
	size_t before = json_array_size(array);

	trail_json_add(json, array, trail_json_object(json));
	return json_array_get(array, before);
}

static int append(const char *buffer, size_t size, void *data)
{
	struct trail_text *out = data;

	trail_text_add(out, buffer, size);
	return out->failed ? -1 : 0;
}

bool trail_json_write(struct trail_json *json, json_t *root, struct trail_text *out)
{
	json->failed |= !root;
	if (!json->failed &&
	    json_dump_callback(root, append, out, JSON_INDENT(2) | JSON_ENSURE_ASCII))
		json->failed = true;
	json_decref(root);
	trail_text_add(out, "\n", json->failed ? 0 : 1);
	json->failed |= out->failed;
	return !json->failed;
}

/*
 * A library builds all of a document before anybody can count: brackets and
 * commas outside of strings bound what it will build, and how deep it will call
 * itself.  What is wrong with the rest is for the library to say.
 */
static struct trail_error *measure(const char *bytes, size_t n,
				   const struct trail_json_limits *limits)
{
	size_t depth = 0, values = 1, line = 1;
	bool in_string = false;

	for (size_t i = 0; i < n; i++) {
		char c = bytes[i];

		line += c == '\n';
		if (in_string) {
			i += c == '\\';
			in_string = c != '"';
			continue;
		}
		in_string = c == '"';
		depth += c == '[' || c == '{';
		depth -= (c == ']' || c == '}') && depth;
		values += c == ',' || c == '[' || c == '{';
		if (depth > limits->depth)
			return trail_error_format(TRAIL_ERROR_BAD_DATA,
						  "line %zu: nested deeper than %zu levels", line,
						  limits->depth);
		if (values > limits->values)
			return trail_error_format(TRAIL_ERROR_BAD_DATA,
						  "line %zu: more than %zu values", line,
						  limits->values);
	}
	return NULL;
}

struct trail_error *trail_json_read(const void *bytes, size_t n,
				    const struct trail_json_limits *limits, json_t **ret)
{
	json_error_t why;
	struct trail_error *error = measure(bytes, n, limits);

	if (error)
		return error;
	json_t *root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &why);
	if (!root && json_error_code(&why) == json_error_out_of_memory)
		return &trail_error_nomem;
	if (!root)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "line %d, column %d: %s", why.line,
					  why.column, why.text);
	*ret = root;
	return NULL;
}

void trail_json_freep(json_t **value)
{
	json_decref(*value);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool trail_json_get_hex(const json_t *value, uint64_t *ret)
{
	const char *s = json_string_value(value);
	uint64_t number = 0;

	if (!s || s[0] != '0' || s[1] != 'x' || !s[2] || strlen(s) > strlen("0x") + 16)
		return false;
	for (s += 2; *s; s++) {
		if (hex_digit(*s) < 0)
			return false;
		number = number << 4 | (unsigned)hex_digit(*s);
	}
	*ret = number;
	return true;
}

bool trail_json_get_exact(const json_t *value, struct trail_text *out)
{
	const char *s = json_string_value(value);
	size_t n = json_string_length(value);

	for (size_t i = 0; s && i < n;) {
		size_t plain = strcspn(s + i, "\\");

		trail_text_add(out, s + i, plain);
		i += plain;
		if (i == n)
			break;
		int high = s[i + 1] == 'x' ? hex_digit(s[i + 2]) : -1;
		int low = high < 0 ? -1 : hex_digit(s[i + 3]);
		char byte = low < 0 ? '\\' : (char)(high << 4 | low);
		if (low < 0 && s[i + 1] != '\\')
			return false;
		trail_text_add(out, &byte, 1);
		i += low < 0 ? 2 : 4;
	}
	return s;
}
