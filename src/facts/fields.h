/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts described: one row a member, walked in one direction to save them
 * and in the other to load them, so that the two cannot drift.
 */
#ifndef TRAIL_FACTS_FIELDS_H
#define TRAIL_FACTS_FIELDS_H

#include "base/base.h"

/** What a member is, and how it is written. */
enum trail_field_kind {
	TRAIL_FIELD_UNSAVED, /* says something of this run, not of the dump */
	TRAIL_FIELD_BOOL,    /* true or false */
	TRAIL_FIELD_INT32,   /* an integer, as the next two */
	TRAIL_FIELD_UINT8,
	TRAIL_FIELD_UINT32,
	TRAIL_FIELD_UINT64, /* "0x…" */
	TRAIL_FIELD_WORD,   /* an enumerator: its name */
	TRAIL_FIELD_TEXT,   /* a string, or null */
	TRAIL_FIELD_BYTES,  /* pointer and uint32_t length: a string */
	TRAIL_FIELD_HEXES,  /* uint64_t[max]: an array of exactly so many "0x…" */
	TRAIL_FIELD_STRUCT, /* an object */
	TRAIL_FIELD_ARRAY,  /* pointer and size_t count of structs: an array of objects */
	TRAIL_FIELD_TEXTS,  /* pointer and size_t count of strings, none of them null */
};

struct trail_shape;

/** One member; rows stand in the order of the members. */
struct trail_field {
	const char *key; /* in the file: the member's name */
	enum trail_field_kind kind;
	bool needed;		  /* a text that is never null */
	size_t offset, size;	  /* bytes, in the struct */
	size_t count;		  /* offset of the member that counts; ARRAY, TEXTS and BYTES */
	size_t max;		  /* entries, or bytes of BYTES */
	const char *const *names; /* of a WORD, max of them */
	const struct trail_shape *shape; /* of a STRUCT, or of an ARRAY's entries */
};

/** One struct. */
struct trail_shape {
	size_t size;
	const struct trail_field *fields;
	size_t n;
};

/** Of struct trail_facts. */
extern const struct trail_shape trail_facts_shape;

/** Of struct trail_plugin_list. */
extern const struct trail_shape trail_plugin_list_shape;

#define TRAIL_FACTS_SCHEMA_NAME "panictrail-facts/"
#define TRAIL_FACTS_SCHEMA TRAIL_FACTS_SCHEMA_NAME "1"

#endif
