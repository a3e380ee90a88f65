/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A log of objects → lines; see klog_objects.h.
 *
 * Source: util-linux sys-utils/dmesg.c print_record(); systemd, "Journal Export Formats" and
 * "Journal JSON Format".
 */
#include "collect/klog_objects.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "collect/boots.h"
#include "format/klog.h"

enum {
	OBJECT_MAX = 1 << 20, /* bytes of an object */
	VALUES_MAX = 1 << 18, /* a message of bytes is an array of numbers */
	DEPTH_MAX = 4,
	TEXT_MAX = 32 << 10,
	FACILITY_DAEMON = 3,
};

/* What counts of an object's fields. */
struct entry {
	struct trail_klog_line line;
	bool kernel, has_message;
	uint64_t source_us, journal_us; /* monotonic */
	bool has_source, has_journal;
	struct trail_text message;
	char host[256], program[64], boot[64];
};

struct trail_objects {
	enum trail_objects_form form;
	struct trail_boots *boots;
	struct trail_text object; /* so far: one in JSON, one field of the export form */
	bool in_object, in_string, escaped, too_large;
	uint64_t number, lost; /* entries */
	struct entry entry;    /* export: so far */
	uint64_t size_left;    /* export: bytes of a value that are still to come */
	unsigned size_bytes;   /* export: bytes of the size itself */
	bool in_value;
	char boot[64]; /* the last one's id */
};

/* What stands first, behind spaces. */
static const char *first_of(const char *start, size_t n)
{
	const char *end = start + n;

	while (start < end && (*start == ' ' || *start == '\t' || *start == '\n' ||
			       *start == '\r' || *start == 0x1e))
		start++;
	return start;
}

enum trail_objects_form trail_objects_form(const char *start, size_t n)
{
	const char *first = first_of(start, n);
	size_t left = start + n - first;

	if (!left)
		return TRAIL_OBJECTS_NONE;
	if (*first == '{' || *first == '[') {
		if (trail_text_has(first, left, "\"dmesg\"") &&
		    trail_text_has(first, left, "\"msg\""))
			return TRAIL_OBJECTS_DMESG;
		if (trail_text_has(first, left, "\"MESSAGE\"") ||
		    trail_text_has(first, left, "\"__CURSOR\""))
			return TRAIL_OBJECTS_JOURNAL;
		return TRAIL_OBJECTS_NONE;
	}
	return left > 9 && memcmp(first, "__CURSOR=", 9) == 0 ? TRAIL_OBJECTS_EXPORT
							      : TRAIL_OBJECTS_NONE;
}

static void entry_reset(struct entry *entry)
{
	struct trail_text message = entry->message;

	message.length = 0;
	*entry = (struct entry){
		.line = { .level = TRAIL_KLOG_NO_LEVEL, .cpu = -1, .pid = -1 },
		.message = message,
	};
}

struct trail_objects *trail_objects_new(enum trail_objects_form form, struct trail_boots *boots)
{
	struct trail_objects *objects = calloc(1, sizeof(*objects));

	if (!objects)
		return NULL;
	objects->form = form;
	objects->boots = boots;
	entry_reset(&objects->entry);
	return objects;
}

void trail_objects_free(struct trail_objects *objects)
{
	if (!objects)
		return;
	trail_text_fini(&objects->object);
	trail_text_fini(&objects->entry.message);
	free(objects);
}

void trail_objects_freep(struct trail_objects **objects)
{
	trail_objects_free(*objects);
}

uint64_t trail_objects_lost(const struct trail_objects *objects)
{
	return objects->lost;
}

/* A number in decimal; false when it is none of 64 bits. */
static bool number_of(const char *s, size_t n, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9' || !trail_mul(value, 10, &value) ||
		    !trail_add(value, s[i] - '0', &value))
			return false;
	*ret = value;
	return n > 0;
}

static void put(char *to, size_t room, const char *s, size_t n)
{
	n = TRAIL_MIN(n, room - 1);
	memcpy(to, s, n);
	to[n] = 0;
}

/* A field of the journal. */
static void journal_field(struct entry *e, const char *key, const char *value, size_t n)
{
	uint64_t number;

	if (trail_streq(key, "MESSAGE")) {
		trail_text_add(&e->message, value, TRAIL_MIN(n, (size_t)TEXT_MAX));
		e->has_message = true;
	} else if (trail_streq(key, "_TRANSPORT")) {
		e->kernel = n == 6 && memcmp(value, "kernel", 6) == 0;
	} else if (trail_streq(key, "_HOSTNAME")) {
		put(e->host, sizeof(e->host), value, n);
	} else if (trail_streq(key, "SYSLOG_IDENTIFIER")) {
		put(e->program, sizeof(e->program), value, n);
	} else if (trail_streq(key, "_BOOT_ID")) {
		put(e->boot, sizeof(e->boot), value, n);
	} else if (!number_of(value, n, &number)) {
		return;
	} else if (trail_streq(key, "PRIORITY") && number < 8) {
		e->line.level = (uint8_t)number;
	} else if (trail_streq(key, "SYSLOG_FACILITY") && number < 255) {
		e->line.facility = (uint8_t)number;
	} else if (trail_streq(key, "_SOURCE_MONOTONIC_TIMESTAMP")) {
		e->source_us = number;
		e->has_source = true;
	} else if (trail_streq(key, "__MONOTONIC_TIMESTAMP")) {
		e->journal_us = number;
		e->has_journal = true;
	} else if (trail_streq(key, "__REALTIME_TIMESTAMP")) {
		e->line.has_date = true;
		e->line.date_s = number / 1000000;
	}
}

/* Each line of a message is one. */
static struct trail_error *take_lines(struct trail_objects *objects, struct trail_klog_line line,
				      const char *text, size_t n)
{
	for (size_t at = 0; text && at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t length = end ? (size_t)(end - text) - at : n - at;
		line.text = text + at;
		line.length = length;
		struct trail_error *error = trail_boots_line(objects->boots, &line,
							     objects->number);
		if (error)
			return error;
		at += length + 1;
	}
	return NULL;
}

/* An entry of the journal is whole. */
static struct trail_error *take_entry(struct trail_objects *objects)
{
	struct entry *e = &objects->entry;
	struct trail_klog_line *line = &e->line;

	objects->number++;
	if (e->message.failed)
		return &trail_error_nomem;
	if (!e->has_message)
		return NULL;
	if (e->boot[0] && objects->boot[0] && !trail_streq(e->boot, objects->boot))
		trail_boots_next(objects->boots);
	if (e->boot[0])
		memcpy(objects->boot, e->boot, sizeof(objects->boot));
	line->marks = TRAIL_KLOG_TAG;
	line->host = e->host[0] ? e->host : NULL;
	line->host_length = strlen(e->host);
	e->kernel |= trail_streq(e->program, "kernel");
	uint64_t us = e->has_source ? e->source_us : e->journal_us;
	if (e->kernel) {
		line->has_time = (e->has_source || e->has_journal) &&
				 trail_mul(us, 1000, &line->ts_nsec);
		return take_lines(objects, *line, e->message.data, e->message.length);
	}
	if (!line->facility)
		line->facility = FACILITY_DAEMON;
	struct trail_text named TRAIL_CLEANUP(trail_text_fini) = {};
	if (e->program[0])
		trail_text_printf(&named, "%s: ", e->program);
	trail_text_add(&named, e->message.data, e->message.length);
	return named.failed ? &trail_error_nomem
			    : take_lines(objects, *line, named.data, named.length);
}

/* A message that is no UTF-8: an array of its bytes. */
static void bytes_of(const json_t *array, struct trail_text *to)
{
	size_t i;
	json_t *value;

	json_array_foreach (array, i, value) {
		char byte = (char)json_integer_value(value);
		trail_text_add(to, &byte, 1);
	}
}

static struct trail_error *take_journal(struct trail_objects *objects, json_t *object)
{
	struct entry *e = &objects->entry;
	const char *key;
	json_t *value;

	entry_reset(e);
	json_object_foreach (object, key, value) {
		if (json_is_string(value)) {
			journal_field(e, key, json_string_value(value), json_string_length(value));
		} else if (json_is_array(value) && trail_streq(key, "MESSAGE")) {
			bytes_of(value, &e->message);
			e->has_message = true;
		}
	}
	return take_entry(objects);
}

/* dmesg: pri, fac, time, caller, msg. */
static struct trail_error *take_dmesg(struct trail_objects *objects, json_t *object)
{
	const json_t *message = json_object_get(object, "msg"),
		     *level = json_object_get(object, "pri"),
		     *time = json_object_get(object, "time");
	const char *caller = json_string_value(json_object_get(object, "caller")),
		   *facility = json_string_value(json_object_get(object, "fac"));
	struct trail_klog_line line = { .level = TRAIL_KLOG_NO_LEVEL, .cpu = -1, .pid = -1 };
	uint64_t number;

	objects->number++;
	if (!json_is_string(message))
		return NULL;
	if (json_is_integer(level) && json_integer_value(level) >= 0) {
		line.level = json_integer_value(level) & 7;
		line.facility = (uint8_t)(json_integer_value(level) >> 3);
	}
	if (facility && !trail_streq(facility, "kern"))
		line.facility = FACILITY_DAEMON;
	double seconds = json_number_value(time);
	if (json_is_number(time) && seconds >= 0 && seconds < 1e9) {
		line.has_time = true;
		line.ts_nsec = (uint64_t)(seconds * 1e6 + 0.5) * 1000;
		line.marks |= TRAIL_KLOG_TIME;
	}
	if (caller && (caller[0] == 'T' || caller[0] == 'C') &&
	    number_of(caller + 1, strlen(caller + 1), &number) && number <= INT32_MAX)
		*(caller[0] == 'T' ? &line.pid : &line.cpu) = (int32_t)number;
	return take_lines(objects, line, json_string_value(message), json_string_length(message));
}

static struct trail_error *take_object(struct trail_objects *objects)
{
	static const struct trail_json_limits limits = { DEPTH_MAX, VALUES_MAX };
	TRAIL_CLEANUP(trail_json_freep) json_t *object = NULL;
	struct trail_error *error = NULL;

	if (objects->object.failed)
		return &trail_error_nomem;
	if (!objects->too_large)
		error = trail_json_read(objects->object.data, objects->object.length, &limits,
					&object);
	if (trail_error_catch(&error, TRAIL_ERROR_BAD_DATA) || objects->too_large) {
		objects->lost++;
		return NULL;
	}
	if (error)
		return error;
	return objects->form == TRAIL_OBJECTS_DMESG ? take_dmesg(objects, object)
						    : take_journal(objects, object);
}

/* One byte of JSON: objects have no others in them, but for the one around all of dmesg's. */
static struct trail_error *json_byte(struct trail_objects *o, char c)
{
	struct trail_error *error = NULL;

	if (c == '{' && !o->in_string) {
		o->in_object = true;
		o->too_large = false;
		o->object.length = 0;
	}
	if (!o->in_object)
		return NULL;
	if (o->object.length < OBJECT_MAX)
		trail_text_add(&o->object, &c, 1);
	else
		o->too_large = true;
	if (o->in_string) {
		o->in_string = o->escaped || c != '"';
		o->escaped = !o->escaped && c == '\\';
	} else if (c == '"') {
		o->in_string = true;
	} else if (c == '}') {
		o->in_object = false;
		error = take_object(o);
	}
	return error;
}

/* A line of the export form: KEY=value, KEY alone before a value of bytes, none between entries. */
static struct trail_error *export_line(struct trail_objects *o)
{
	char *line = o->object.data;
	size_t n = o->object.length;
	struct trail_error *error = NULL;

	if (o->object.failed)
		return &trail_error_nomem;
	if (!n) {
		error = take_entry(o);
		entry_reset(&o->entry);
		return error;
	}
	char *equals = memchr(line, '=', n);
	if (equals) {
		*equals = 0;
		journal_field(&o->entry, line, equals + 1, line + n - equals - 1);
	} else {
		o->in_value = true;
		o->size_bytes = 0;
		o->size_left = 0;
		trail_text_add(&o->object, "", 1); /* the key stays, with a NUL behind it */
		return o->object.failed ? &trail_error_nomem : NULL;
	}
	o->object.length = 0;
	return NULL;
}

/* A byte behind a key alone: the size, little-endian, the value, a newline. */
static void export_value(struct trail_objects *o, char c)
{
	if (o->size_bytes < 8) {
		o->size_left |= (uint64_t)(uint8_t)c << (8 * o->size_bytes++);
		return;
	}
	if (o->size_left) {
		o->size_left--;
		if (o->object.length < OBJECT_MAX)
			trail_text_add(&o->object, &c, 1);
		return;
	}
	if (o->object.data) {
		size_t key = strlen(o->object.data) + 1;
		journal_field(&o->entry, o->object.data, o->object.data + key,
			      o->object.length - key);
	}
	o->object.length = 0;
	o->in_value = false;
}

static struct trail_error *export_byte(struct trail_objects *o, char c)
{
	if (o->in_value) {
		export_value(o, c);
		return NULL;
	}
	if (c == '\n')
		return export_line(o);
	if (o->object.length < OBJECT_MAX)
		trail_text_add(&o->object, &c, 1);
	return NULL;
}

struct trail_error *trail_objects_bytes(struct trail_objects *objects, const char *bytes, size_t n)
{
	struct trail_error *error = NULL;
	bool is_export = objects->form == TRAIL_OBJECTS_EXPORT;

	for (size_t i = 0; i < n && !error; i++)
		error = is_export ? export_byte(objects, bytes[i]) : json_byte(objects, bytes[i]);
	if (error || n)
		return error;
	/* the end: the last entry may have none behind it */
	if (is_export)
		return take_entry(objects);
	objects->lost += objects->in_object;
	return NULL;
}
