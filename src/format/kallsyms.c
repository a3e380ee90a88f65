/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms sections → names, types and addresses; see kallsyms.h. */
#include "format/kallsyms.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "base/error.h"

enum {
	MARKER_SIZE = 4, /* unsigned int; since v4.20 */
	SECTION_ALIGN = 8,
	SEQUENCE_SIZE = 3, /* of kallsyms_seqs_of_names, a symbol */
	BUCKETS = 1 << 16,
	LENGTH_MAX = 2, /* bytes that say how long a name is */
};

/* ---- tokens and markers -------------------------------------------------- */

static struct trail_error *read_tokens(struct trail_kallsyms *t, const void *tokens,
				       size_t tokens_size, const void *index, size_t index_size)
{
	struct trail_cursor c = trail_cursor_over(index, index_size, 0, "kallsyms_token_index",
						  t->big_endian);

	t->token_text = malloc(tokens_size ? tokens_size : 1);
	if (!t->token_text)
		return &trail_error_nomem;
	if (tokens_size)
		memcpy(t->token_text, tokens, tokens_size);
	for (size_t i = 0; i < TRAIL_KALLSYMS_TOKENS; i++) {
		struct trail_cursor table = trail_cursor_over(
			t->token_text, tokens_size, 0, "kallsyms_token_table", t->big_endian);
		t->tokens[i].start = trail_cursor_u16(&c);
		trail_cursor_seek(&table, t->tokens[i].start);
		const char *text = trail_cursor_string(&table);
		struct trail_error *error = trail_cursor_check(&c);
		if (!error)
			error = trail_cursor_check(&table);
		if (error)
			return error;
		t->tokens[i].length = TRAIL_MIN(strlen(text), (size_t)TRAIL_KALLSYMS_NAME);
	}
	return NULL;
}

static bool need(struct trail_lazy *lazy, uint64_t offset, uint64_t n)
{
	struct trail_error *error = trail_lazy_need(lazy, offset, n);
	bool there = !error;

	trail_error_free(error);
	return there;
}

static uint32_t number_at(const struct trail_kallsyms *t, const struct trail_lazy *lazy, size_t at)
{
	struct trail_cursor c = trail_cursor_over(lazy->bytes + at, 4, lazy->address + at,
						  "kallsyms", t->big_endian);

	return trail_cursor_u32(&c);
}

static size_t aligned(size_t size)
{
	return (size + SECTION_ALIGN - 1) / SECTION_ALIGN * SECTION_ALIGN;
}

/*
 * The markers, when @behind bytes stand between them and the tokens.  They are
 * believed only when they ascend from zero and stay below themselves.
 */
static bool take_markers(struct trail_kallsyms *t, uint32_t groups, size_t behind)
{
	size_t size = aligned((size_t)groups * MARKER_SIZE) + behind;

	if (t->names.size <= size ||
	    !need(&t->names, t->names.size - size, (size_t)groups * MARKER_SIZE))
		return false;
	size_t at = t->names.size - size;
	for (uint32_t g = 0; g < groups; g++) {
		uint32_t marker = number_at(t, &t->names, at + (size_t)g * MARKER_SIZE);
		if (g ? marker <= t->groups[g - 1] : marker)
			return false;
		t->groups[g] = marker;
	}
	if (t->groups[groups - 1] >= at)
		return false;
	t->n_groups = groups;
	return true;
}

static void index_fini(struct trail_kallsyms_index *index)
{
	free(index->hashes);
	free(index->symbols);
	free(index->starts);
	trail_error_free(index->problem);
	*index = (struct trail_kallsyms_index){ 0 };
}

void trail_kallsyms_fini(struct trail_kallsyms *t)
{
	index_fini(&t->index);
	trail_lazy_fini(&t->names);
	trail_lazy_fini(&t->slots);
	free(t->token_text);
	free(t->groups);
	t->token_text = NULL;
	t->groups = NULL;
}

/* ---- names --------------------------------------------------------------- */

/* The length at @at and how many bytes it takes, then see that the name is there. */
static struct trail_error *read_length(struct trail_kallsyms *t, size_t at, size_t *skip_ret,
				       size_t *length_ret)
{
	size_t left = at < t->names.size ? t->names.size - at : 0;
	struct trail_error *error = trail_lazy_need(&t->names, at,
						    left < LENGTH_MAX ? 1 : LENGTH_MAX);

	if (error)
		return error;
	size_t length = t->names.bytes[at], skip = 1;
	if (t->long_names && length & 0x80) {
		if (left < LENGTH_MAX)
			return trail_lazy_need(&t->names, at, LENGTH_MAX);
		length = (length & 0x7f) | (size_t)t->names.bytes[at + 1] << 7;
		skip = LENGTH_MAX;
	}
	*skip_ret = skip;
	*length_ret = length;
	return trail_lazy_need(&t->names, at + skip, length);
}

/* The names of a group end where those of the next begin; a wrong length gives all behind it to
 * others.  @at is behind the last name of it. */
static struct trail_error *check_end(const struct trail_kallsyms *t, uint32_t group, size_t at)
{
	if (group + 1 >= t->n_groups || at == t->groups[group + 1])
		return NULL;
	return trail_error_format(TRAIL_ERROR_BAD_DATA,
				  "the names from symbol %u on end at %zu, the next begin at %u",
				  group * TRAIL_KALLSYMS_GROUP, at, t->groups[group + 1]);
}

/* Where a symbol's name begins. */
static struct trail_error *find_name(struct trail_kallsyms *t, uint32_t i, size_t *ret)
{
	uint32_t group = i / TRAIL_KALLSYMS_GROUP;

	if (i >= t->n)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "kallsyms symbol %u of %u", i,
					  t->n);
	if (group >= t->n_groups)
		return trail_error_format(TRAIL_ERROR_NODATA,
					  "where symbol %u begins cannot be read", i);
	uint32_t first = group * TRAIL_KALLSYMS_GROUP;
	uint32_t end = TRAIL_MIN(first + TRAIL_KALLSYMS_GROUP, t->n);
	struct trail_error *error = NULL;
	size_t at = t->groups[group], skip, length;
	for (uint32_t k = first; k < end; k++, at += skip + length) {
		if (k == i)
			*ret = at;
		error = read_length(t, at, &skip, &length);
		if (error && k >= i) { /* what cannot be read behind it tells nothing */
			trail_error_free(error);
			return NULL;
		}
		if (error)
			return error;
	}
	return check_end(t, group, at);
}

/* Where there are no markers to read: count from the start, as far as it goes. */
static void count_groups(struct trail_kallsyms *t)
{
	struct trail_error *error = NULL;
	size_t at = 0, skip, length;

	for (uint32_t i = 0; !error && i < t->n; i++) {
		if (i % TRAIL_KALLSYMS_GROUP == 0)
			t->groups[t->n_groups++] = at;
		error = read_length(t, at, &skip, &length);
		at += error ? 0 : skip + length;
	}
	trail_error_free(error);
}

struct trail_error *trail_kallsyms_init(struct trail_kallsyms *t, const void *tokens,
					size_t tokens_size, const void *index, size_t index_size)
{
	uint32_t groups = t->n / TRAIL_KALLSYMS_GROUP + 1;

	if (!t->n || t->n > TRAIL_KALLSYMS_MAX)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "kallsyms_num_syms: %u symbols, wanted 1 to %d", t->n,
					  TRAIL_KALLSYMS_MAX);
	if (t->n > t->names.size) /* each has a byte of length at least */
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "kallsyms_names: %zu bytes for %u symbols", t->names.size,
					  t->n);
	t->groups = calloc(groups, sizeof(*t->groups));
	if (!t->groups)
		return &trail_error_nomem;
	struct trail_error *error = read_tokens(t, tokens, tokens_size, index, index_size);
	if (error)
		return error;
	groups = (t->n - 1) / TRAIL_KALLSYMS_GROUP + 1;
	if (!take_markers(t, groups, 0) &&
	    !take_markers(t, groups, aligned((size_t)t->n * SEQUENCE_SIZE)))
		count_groups(t);
	return NULL;
}

struct trail_error *trail_kallsyms_name(struct trail_kallsyms *t, uint32_t i,
					struct trail_kallsyms_symbol *ret)
{
	size_t at = 0, skip, length, n = 0;
	char text[TRAIL_KALLSYMS_NAME];
	struct trail_error *error = find_name(t, i, &at);

	if (!error)
		error = read_length(t, at, &skip, &length);
	if (error)
		return trail_error_wrap(error, "kallsyms_names");
	for (size_t k = 0; k < length; k++) {
		unsigned token = t->names.bytes[at + skip + k];
		if (n + t->tokens[token].length >= sizeof(text))
			return trail_error_format(
				TRAIL_ERROR_BAD_DATA,
				"kallsyms_names: symbol %u is longer than %zu bytes", i,
				sizeof(text) - 1);
		memcpy(text + n, t->token_text + t->tokens[token].start, t->tokens[token].length);
		n += t->tokens[token].length;
	}
	ret->type = n ? text[0] : '?';
	size_t letters = n ? n - 1 : 0;
	if (letters)
		memcpy(ret->name, text + 1, letters);
	ret->name[letters] = 0;
	return NULL;
}

/* ---- addresses ----------------------------------------------------------- */

size_t trail_kallsyms_slot_width(enum trail_kallsyms_addressing how)
{
	return how == TRAIL_KALLSYMS_ABSOLUTE ? 8 : 4;
}

uint64_t trail_kallsyms_slot_address(enum trail_kallsyms_addressing how, uint64_t base, uint64_t at,
				     uint64_t slot)
{
	switch (how) {
	case TRAIL_KALLSYMS_ABSOLUTE_PERCPU:
		return slot >> 31 ? base - 1 - (int64_t)(int32_t)slot : slot;
	case TRAIL_KALLSYMS_RELATIVE:
		return base + slot;
	case TRAIL_KALLSYMS_PC_RELATIVE:
		return at + (int64_t)(int32_t)slot;
	case TRAIL_KALLSYMS_ABSOLUTE:
		break;
	}
	return slot;
}

struct trail_error *trail_kallsyms_address(struct trail_kallsyms *t, uint32_t i, uint64_t *ret)
{
	size_t width = trail_kallsyms_slot_width(t->how);
	uint64_t at = (uint64_t)i * width;

	if (i >= t->n)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "kallsyms symbol %u of %u", i,
					  t->n);
	struct trail_error *error = trail_lazy_need(&t->slots, at, width);
	if (error)
		return trail_error_wrap(error, "kallsyms_offsets");
	struct trail_cursor c = trail_cursor_over(t->slots.bytes + at, width, t->slots.address + at,
						  "kallsyms_offsets", t->big_endian);
	uint64_t slot = trail_cursor_uint(&c, width);
	*ret = trail_kallsyms_slot_address(t->how, t->base, t->slots.address + at, slot);
	return NULL;
}

struct trail_error *trail_kallsyms_at(struct trail_kallsyms *t, uint64_t address, uint32_t *ret,
				      uint32_t *above_ret)
{
	uint32_t low = 0, high = t->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint64_t its;
		struct trail_error *error = trail_kallsyms_address(t, middle, &its);
		if (error)
			return error;
		if (its <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return &trail_error_absent;
	*ret = low - 1;
	*above_ret = low;
	return NULL;
}

/* ---- symbols by name ----------------------------------------------------- */

/*
 * A name's hash is made of its tokens' own: each is a number to multiply what
 * came before by, and one to add.  Letters behind a dot do not count.
 */
struct token_hash {
	uint32_t times, plus;		  /* of the whole token */
	uint32_t first_times, first_plus; /* without its first letter, which is a name's type */
	bool dot, first_dot;
};

enum { HASH_BASE = 0x01000193 };

static bool hash_text(const char *s, size_t n, uint32_t *times, uint32_t *plus)
{
	*times = 1;
	*plus = 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '.')
			return true;
		*times *= (uint32_t)HASH_BASE;
		*plus = *plus * (uint32_t)HASH_BASE + (uint8_t)s[i] + 1;
	}
	return false;
}

static void hash_tokens(const struct trail_kallsyms *t, struct token_hash *hashes)
{
	for (size_t i = 0; i < TRAIL_KALLSYMS_TOKENS; i++) {
		const char *s = t->token_text + t->tokens[i].start;
		size_t n = t->tokens[i].length;
		struct token_hash *h = &hashes[i];

		h->dot = hash_text(s, n, &h->times, &h->plus);
		h->first_dot = n && hash_text(s + 1, n - 1, &h->first_times, &h->first_plus);
	}
}

/* The hash of a name's stem; names that cannot be had are never asked for. */
static uint32_t hash_name(const struct trail_kallsyms *t, const struct token_hash *hashes,
			  const uint8_t *name, size_t length)
{
	uint32_t value = 0;
	size_t k = 0;

	while (k < length && !t->tokens[name[k]].length) /* the type may stand behind empty ones */
		k++;
	if (k == length)
		return 0;
	const struct token_hash *first = &hashes[name[k]];
	value = first->first_plus;
	bool dot = first->first_dot;
	for (k++; !dot && k < length; k++) {
		const struct token_hash *h = &hashes[name[k]];
		value = value * h->times + h->plus;
		dot = h->dot;
	}
	return value;
}

static bool make_room(struct trail_kallsyms *t)
{
	struct trail_kallsyms_index *index = &t->index;

	index->hashes = calloc(t->n, sizeof(*index->hashes));
	index->symbols = calloc(t->n, sizeof(*index->symbols));
	index->starts = calloc(BUCKETS + 2, sizeof(*index->starts));
	if (index->hashes && index->symbols && index->starts)
		return true;
	index_fini(index);
	return false;
}

static uint32_t bucket_of(uint32_t hash)
{
	return (hash * UINT32_C(0x9e3779b1)) >> 16;
}

static void keep_problem(struct trail_kallsyms_index *index, struct trail_error *error)
{
	if (index->problem)
		trail_error_free(error);
	else
		index->problem = trail_error_wrap(error, "kallsyms_names");
}

/*
 * Hash the names.  @is_there gets a bit a symbol; behind one that cannot be
 * read it goes on with the next group.
 */
static void hash_names(struct trail_kallsyms *t, uint8_t *is_there)
{
	struct token_hash hashes[TRAIL_KALLSYMS_TOKENS] = { 0 };

	hash_tokens(t, hashes);
	for (uint32_t g = 0; g < t->n_groups; g++) {
		uint32_t first = g * TRAIL_KALLSYMS_GROUP;
		uint32_t end = TRAIL_MIN(first + TRAIL_KALLSYMS_GROUP, t->n);
		size_t at = t->groups[g];
		struct trail_error *error = NULL;
		for (uint32_t i = first; i < end; i++) {
			size_t skip, length;
			error = read_length(t, at, &skip, &length);
			if (error)
				break;
			t->index.hashes[i] = hash_name(t, hashes, t->names.bytes + at + skip,
						       length);
			is_there[i / 8] |= 1 << i % 8;
			at += skip + length;
		}
		if (!error) {
			error = check_end(t, g, at);
			if (error) /* 256 symbols begin at a byte */
				memset(is_there + first / 8, 0, (end - first + 7) / 8);
		}
		if (error)
			keep_problem(&t->index, error);
	}
}

static struct trail_error *make_index(struct trail_kallsyms *t)
{
	TRAIL_CLEANUP(trail_freep) uint8_t *is_there = calloc(1, t->n / 8 + 1);
	uint32_t *starts;

	if (!is_there || !make_room(t))
		return &trail_error_nomem;
	hash_names(t, is_there);
	if (t->n_groups <= (t->n - 1) / TRAIL_KALLSYMS_GROUP)
		keep_problem(&t->index, trail_error_format(TRAIL_ERROR_NODATA,
							   "symbols from %u on cannot be read",
							   t->n_groups * TRAIL_KALLSYMS_GROUP));
	starts = t->index.starts;
	for (uint32_t i = 0; i < t->n; i++)
		if (is_there[i / 8] >> i % 8 & 1)
			starts[bucket_of(t->index.hashes[i]) + 1]++;
	for (uint32_t b = 0; b < BUCKETS; b++)
		starts[b + 1] += starts[b];
	starts[BUCKETS + 1] = starts[BUCKETS];
	for (uint32_t i = t->n; i-- > 0;) /* from the end: each start moves down to its place */
		if (is_there[i / 8] >> i % 8 & 1)
			t->index.symbols[--starts[bucket_of(t->index.hashes[i]) + 1]] = i;
	return NULL;
}

struct trail_error *trail_kallsyms_each(struct trail_kallsyms *t, const char *stem,
					trail_kallsyms_fn *fn, void *data)
{
	size_t length = strcspn(stem, ".");
	uint32_t times, hash;

	if (!t->index.starts) {
		struct trail_error *error = make_index(t);
		if (error)
			return error;
	}
	hash_text(stem, length, &times, &hash);
	uint32_t b = bucket_of(hash);
	for (uint32_t k = t->index.starts[b + 1]; k < t->index.starts[b + 2]; k++) {
		uint32_t i = t->index.symbols[k];
		struct trail_kallsyms_symbol symbol;
		if (t->index.hashes[i] != hash)
			continue;
		struct trail_error *error = trail_kallsyms_name(t, i, &symbol);
		bool match = !error && strncmp(symbol.name, stem, length) == 0 &&
			     (!symbol.name[length] || symbol.name[length] == '.');
		trail_error_free(error);
		if (match && !fn(i, &symbol, data))
			break;
	}
	return NULL;
}
