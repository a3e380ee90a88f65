/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms sections → names, types and addresses; see kallsyms.h. */
#include "format/kallsyms.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "base/error.h"

enum { N_TOKENS = 256, NAME_MAX_BYTES = 1024 };

struct token {
	const char *text;
	size_t length;
};

static struct trail_error *read_tokens(const struct trail_kallsyms_raw *raw, struct token *tokens)
{
	struct trail_cursor index = trail_cursor_over(raw->index, raw->index_size, 0,
						      "kallsyms_token_index", raw->big_endian);
	for (size_t i = 0; i < N_TOKENS; i++) {
		struct trail_cursor table = trail_cursor_over(
			raw->tokens, raw->tokens_size, 0, "kallsyms_token_table", raw->big_endian);
		trail_cursor_seek(&table, trail_cursor_u16(&index));
		tokens[i].text = trail_cursor_string(&table);
		struct trail_error *error = trail_cursor_check(&index);
		if (!error)
			error = trail_cursor_check(&table);
		if (error)
			return error;
		tokens[i].length = strlen(tokens[i].text);
	}
	return NULL;
}

/* Appends the text of a name's tokens; the first character is the type. */
static struct trail_error *expand(const struct token *tokens, const uint8_t *name, size_t length,
				  struct trail_kallsyms *table, size_t *room)
{
	size_t start = table->text_size;

	if (*room - start <= NAME_MAX_BYTES) { /* the longest name and its NUL must fit */
		char *bigger = realloc(table->text, *room * 2);
		if (!bigger)
			return &trail_error_nomem;
		table->text = bigger;
		*room *= 2;
	}
	for (size_t i = 0; i < length; i++) {
		const struct token *t = &tokens[name[i]];
		if (table->text_size - start + t->length > NAME_MAX_BYTES)
			return trail_error_format(
				TRAIL_ERROR_BAD_DATA,
				"kallsyms_names: symbol %zu is longer than %d bytes", table->n,
				NAME_MAX_BYTES);
		memcpy(table->text + table->text_size, t->text, t->length);
		table->text_size += t->length;
	}
	table->text[table->text_size++] = 0;
	bool empty = table->text_size - start < 2;
	table->types[table->n] = empty ? '?' : table->text[start];
	table->names[table->n++] = start + !empty;
	return NULL;
}

static struct trail_error *decode_names(const struct trail_kallsyms_raw *raw,
					const struct token *tokens, struct trail_kallsyms *table)
{
	struct trail_cursor names = trail_cursor_over(raw->names, raw->names_size, 0,
						      "kallsyms_names", raw->big_endian);
	size_t room = (size_t)raw->n * 24 + NAME_MAX_BYTES + 1;

	table->text = malloc(room);
	table->addresses = calloc(raw->n, sizeof(*table->addresses));
	table->names = calloc(raw->n, sizeof(*table->names));
	table->types = calloc(raw->n, 1);
	if (!table->text || !table->addresses || !table->names || !table->types)
		return &trail_error_nomem;
	while (table->n < raw->n) {
		size_t length = trail_cursor_u8(&names);
		if (raw->long_names && length & 0x80)
			length = (length & 0x7f) | (size_t)trail_cursor_u8(&names) << 7;
		const uint8_t *name = trail_cursor_bytes(&names, length);
		struct trail_error *error = name ? expand(tokens, name, length, table, &room)
						 : trail_cursor_check(&names);
		if (error)
			return error;
	}
	return NULL;
}

struct trail_error *trail_kallsyms_decode(const struct trail_kallsyms_raw *raw,
					  struct trail_kallsyms *ret)
{
	TRAIL_CLEANUP(trail_kallsyms_fini) struct trail_kallsyms table = { 0 };
	struct token tokens[N_TOKENS];

	if (!raw->n || raw->n > TRAIL_KALLSYMS_MAX)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "kallsyms_num_syms: %u symbols, wanted 1 to %d", raw->n,
					  TRAIL_KALLSYMS_MAX);
	if (raw->n > raw->names_size) /* each has a byte of length at least */
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "kallsyms_names: %zu bytes for %u symbols",
					  raw->names_size, raw->n);
	struct trail_error *error = read_tokens(raw, tokens);
	if (!error)
		error = decode_names(raw, tokens, &table);
	if (error)
		return error;
	*ret = table;
	table = (struct trail_kallsyms){ 0 };
	return NULL;
}

void trail_kallsyms_fini(struct trail_kallsyms *table)
{
	free(table->addresses);
	free(table->names);
	free(table->types);
	free(table->text);
	*table = (struct trail_kallsyms){ 0 };
}

struct trail_error *trail_kallsyms_place(const struct trail_kallsyms_raw *raw,
					 enum trail_kallsyms_addressing how,
					 struct trail_kallsyms *table)
{
	struct trail_cursor c = trail_cursor_over(raw->slots, raw->slots_size, raw->slots_address,
						  "kallsyms_offsets", raw->big_endian);

	for (size_t i = 0; i < table->n; i++) {
		uint64_t slot = raw->slots_address + c.pos, address = 0;
		int32_t offset = how == TRAIL_KALLSYMS_ABSOLUTE ? 0 : (int32_t)trail_cursor_u32(&c);

		switch (how) {
		case TRAIL_KALLSYMS_ABSOLUTE_PERCPU:
			address = offset >= 0 ? (uint64_t)offset : raw->base - 1 - (int64_t)offset;
			break;
		case TRAIL_KALLSYMS_RELATIVE:
			address = raw->base + (uint32_t)offset;
			break;
		case TRAIL_KALLSYMS_PC_RELATIVE:
			address = slot + (int64_t)offset;
			break;
		case TRAIL_KALLSYMS_ABSOLUTE:
			address = trail_cursor_u64(&c);
			break;
		}
		table->addresses[i] = address;
	}
	return trail_cursor_check(&c);
}
