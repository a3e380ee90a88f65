/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump's own kallsyms, BTF and ORC → symbol, type and unwind sources; see incore.h. */
#include "source/incore.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/error.h"
#include "format/btf.h"
#include "format/kallsyms.h"
#include "format/orc.h"
#include "format/vmcoreinfo.h"
#include "source/cfi.h"
#include "source/image.h"
#include "source/kallsyms_scan.h"
#include "source/symbols.h"
#include "source/types.h"

enum {
	NAMES_MAX = 64 * 1024 * 1024,
	TOKENS_MAX = 64 * 1024,
	TOKEN_INDEX_SIZE = 512,
	BTF_MAX = 256 * 1024 * 1024,
	BTF_ANSWERS = 64,
	ORC_MAX = 64 * 1000 * 1000, /* entries; distribution kernels have one to two million */
	PROBES_MAX = 256,
	ORC_SAMPLE = 512, /* entries looked at together to tell the layout */
	ORC_SAMPLES = 4,
};

/* ---- VMCOREINFO ---------------------------------------------------------- */

/* An ELF note header with the name VMCOREINFO: namesz 11, then the padded name. */
enum { NOTE_HEADER = 12, NOTE_TEXT = 24 };

enum { PAGES_A_WORD = 64 }; /* how often a search says how far it is */

struct trail_error *trail_incore_vmcoreinfo_at(struct trail_image *image, uint64_t address,
					       size_t *skip_ret)
{
	static const char start[] = TRAIL_VMCOREINFO_START;
	char head[NOTE_TEXT + sizeof(start)];
	struct trail_error *error = trail_image_peek(image, address, head, sizeof(head));
	size_t skip = 0;

	if (error)
		return error;
	if (memcmp(head + NOTE_HEADER, "VMCOREINFO", sizeof("VMCOREINFO")) == 0)
		skip = NOTE_TEXT;
	if (memcmp(head + skip, start, sizeof(start) - 1) != 0)
		return &trail_error_absent;
	*skip_ret = skip;
	return NULL;
}

struct trail_error *trail_incore_find_vmcoreinfo(struct trail_image *image, uint64_t *from,
						 char *ret)
{
	uint64_t page = *from >> TRAIL_PAGE_SHIFT, end = trail_image_physical_end(image);

	for (unsigned seen = 0; trail_image_page_below(image, &page); seen++) {
		uint64_t address = page << TRAIL_PAGE_SHIFT;
		if (seen % PAGES_A_WORD == 0)
			trail_image_tell(image, "searching memory for VMCOREINFO", end - address,
					 end);
		size_t skip;
		struct trail_error *error = trail_incore_vmcoreinfo_at(image, address, &skip);
		if (error && error->code == TRAIL_ERROR_LIMIT)
			return error;
		if (error) {
			trail_error_free(error);
			continue;
		}
		*from = address;
		memset(ret, 0, TRAIL_PAGE_SIZE);
		return trail_image_read_physical(image, address + skip, ret,
						 TRAIL_PAGE_SIZE - skip);
	}
	return &trail_error_absent;
}

/* ---- kallsyms ------------------------------------------------------------ */

struct kallsyms_source {
	struct trail_kallsyms table;
	uint32_t *hash; /* index + 1 by name, open addressing, power of two */
	size_t mask;
	bool sorted; /* addresses ascend, so they can be searched */
};

static uint32_t hash_of(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h;
}

static const char *name_at(const struct kallsyms_source *k, size_t i)
{
	return k->table.text + k->table.names[i];
}

static struct trail_symbol symbol_at(const struct kallsyms_source *k, size_t i)
{
	struct trail_symbol s = { .name = name_at(k, i),
				  .address = k->table.addresses[i],
				  .type = k->table.types[i],
				  .source = "kallsyms" };
	size_t next = i + 1;

	while (k->sorted && next < k->table.n && k->table.addresses[next] == s.address)
		next++;
	if (k->sorted && next < k->table.n)
		s.size = k->table.addresses[next] - s.address;
	return s;
}

static bool kallsyms_by_name(void *self, const char *module, const char *name,
			     struct trail_symbol *ret)
{
	const struct kallsyms_source *k = self;

	for (size_t h = hash_of(name); !module && k->hash[h & k->mask]; h++) {
		size_t i = k->hash[h & k->mask] - 1;
		if (strcmp(name_at(k, i), name) == 0) {
			*ret = symbol_at(k, i);
			return true;
		}
	}
	return false;
}

/* Where several symbols share an address, the first global one names it best. */
static size_t best_name(const struct kallsyms_source *k, size_t i)
{
	size_t first = i;

	while (first && k->table.addresses[first - 1] == k->table.addresses[i])
		first--;
	for (size_t j = first; j <= i; j++)
		if (k->table.types[j] >= 'A' && k->table.types[j] <= 'Z')
			return j;
	return first;
}

static bool kallsyms_by_address(void *self, uint64_t address, struct trail_symbol *ret)
{
	const struct kallsyms_source *k = self;
	size_t low = 0, high = k->table.n;

	if (!k->sorted)
		return false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (k->table.addresses[middle] <= address)
			low = middle + 1;
		else
			high = middle;
	}
	/* behind the last symbol, or among the small per-CPU ones: none of ours */
	if (!low || low == k->table.n || !(k->table.addresses[low - 1] >> 63))
		return false;
	*ret = symbol_at(k, best_name(k, low - 1));
	return true;
}

static void kallsyms_each(void *self, const char *stem, trail_symbol_fn *fn, void *data)
{
	const struct kallsyms_source *k = self;
	size_t length = strlen(stem);

	for (size_t i = 0; i < k->table.n; i++) {
		const char *name = name_at(k, i);
		if (strncmp(name, stem, length) || (name[length] && name[length] != '.'))
			continue;
		struct trail_symbol s = symbol_at(k, i);
		if (!fn(&s, data))
			return;
	}
}

static void kallsyms_free(void *self)
{
	struct kallsyms_source *k = self;

	if (!k)
		return;
	trail_kallsyms_fini(&k->table);
	free(k->hash);
	free(k);
}

static bool index_names(struct kallsyms_source *k)
{
	size_t room = 1024;

	while (room < k->table.n * 2)
		room *= 2;
	k->hash = calloc(room, sizeof(*k->hash));
	if (!k->hash)
		return false;
	k->mask = room - 1;
	k->sorted = true;
	for (size_t i = 0; i < k->table.n; i++) {
		const char *name = name_at(k, i);
		size_t h = hash_of(name), steps = 0;
		/* of equal names the first counts; names made to collide are not all kept */
		while (k->hash[h & k->mask] && ++steps < PROBES_MAX &&
		       strcmp(name_at(k, k->hash[h & k->mask] - 1), name) != 0)
			h++;
		if (!k->hash[h & k->mask])
			k->hash[h & k->mask] = i + 1;
		if (i && k->table.addresses[i] < k->table.addresses[i - 1])
			k->sorted = false;
	}
	return true;
}

/* A block of kernel memory on the heap. */
static struct trail_error *read_block(struct trail_image *image, const char *what, uint64_t address,
				      uint64_t size, uint64_t limit, void **ret)
{
	if (size > limit)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "%s at 0x%" PRIx64 ": %" PRIu64
					  " bytes, the limit is %" PRIu64,
					  what, address, size, limit);
	void *block = malloc(size ? size : 1);
	if (!block)
		return &trail_error_nomem;
	struct trail_error *error = trail_image_read(image, address, block, size);
	if (error) {
		free(block);
		return trail_error_wrap(error, "%s", what);
	}
	*ret = block;
	return NULL;
}

/* Addresses of the sections, from VMCOREINFO. */
struct sections {
	uint64_t names, num_syms, tokens, index, slots, base, stext;
	bool has_base, absolute;
};

static bool find_sections(const struct trail_vmcoreinfo *info, struct sections *s)
{
	*s = (struct sections){ 0 };
	if (!trail_vmcoreinfo_number(info, "SYMBOL", "kallsyms_names", &s->names) ||
	    !trail_vmcoreinfo_number(info, "SYMBOL", "kallsyms_num_syms", &s->num_syms) ||
	    !trail_vmcoreinfo_number(info, "SYMBOL", "kallsyms_token_table", &s->tokens) ||
	    !trail_vmcoreinfo_number(info, "SYMBOL", "kallsyms_token_index", &s->index) ||
	    !trail_vmcoreinfo_number(info, "SYMBOL", "_stext", &s->stext))
		return false;
	s->has_base = trail_vmcoreinfo_number(info, "SYMBOL", "kallsyms_relative_base", &s->base);
	s->absolute = !trail_vmcoreinfo_number(info, "SYMBOL", "kallsyms_offsets", &s->slots);
	return !s->absolute ||
	       trail_vmcoreinfo_number(info, "SYMBOL", "kallsyms_addresses", &s->slots);
}

/* The same where VMCOREINFO does not name them. */
static struct trail_error *scan_for_sections(struct trail_image *image,
					     const struct trail_vmcoreinfo *info,
					     struct sections *s)
{
	struct trail_kallsyms_sections found;
	struct trail_error *error = trail_kallsyms_scan(image, info, &found);

	if (error)
		return error;
	*s = (struct sections){ found.names,
				found.num_syms,
				found.tokens,
				found.index,
				found.slots,
				.has_base = found.base_at,
				.base = found.base_at,
				.absolute = found.how == TRAIL_KALLSYMS_ABSOLUTE };
	trail_vmcoreinfo_number(info, "SYMBOL", "_stext", &s->stext);
	return NULL;
}

/* Try each way to make addresses until _stext comes out where VMCOREINFO says it is. */
static struct trail_error *place(const struct trail_kallsyms_raw *raw, const struct sections *s,
				 struct trail_kallsyms *table)
{
	static const enum trail_kallsyms_addressing with_base[] = { TRAIL_KALLSYMS_ABSOLUTE_PERCPU,
								    TRAIL_KALLSYMS_RELATIVE },
						    without_base[] = { TRAIL_KALLSYMS_PC_RELATIVE },
						    absolute[] = { TRAIL_KALLSYMS_ABSOLUTE };
	const enum trail_kallsyms_addressing *ways = s->absolute   ? absolute
						     : s->has_base ? with_base
								   : without_base;
	size_t n_ways = !s->absolute && s->has_base ? TRAIL_ARRAY_SIZE(with_base) : 1;

	for (size_t w = 0; w < n_ways; w++) {
		struct trail_error *error = trail_kallsyms_place(raw, ways[w], table);
		if (error)
			return error;
		for (size_t i = 0; i < table->n; i++)
			if (table->addresses[i] == s->stext &&
			    strcmp(table->text + table->names[i], "_stext") == 0)
				return NULL;
	}
	return trail_error_format(
		TRAIL_ERROR_BAD_DATA,
		"kallsyms does not give _stext the address of VMCOREINFO, 0x%" PRIx64, s->stext);
}

static struct trail_error *read_kallsyms(struct trail_image *image, const struct sections *s,
					 struct trail_kallsyms *ret)
{
	TRAIL_CLEANUP(trail_freep) void *names = NULL, *tokens = NULL, *index = NULL, *slots = NULL;
	TRAIL_CLEANUP(trail_kallsyms_fini) struct trail_kallsyms table = { 0 };
	struct trail_kallsyms_raw raw = { .slots_address = s->slots, .long_names = true };
	uint8_t number[4], base[8];

	/* names, markers and what else there is end at the token table in every layout */
	if (s->tokens <= s->names || s->index <= s->tokens)
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "kallsyms sections lie in no known order");
	raw.names_size = s->tokens - s->names;
	raw.tokens_size = s->index - s->tokens;
	raw.index_size = TOKEN_INDEX_SIZE;
	struct trail_error *error = trail_image_read(image, s->num_syms, number, sizeof(number));
	if (error)
		return trail_error_wrap(error, "kallsyms_num_syms");
	struct trail_cursor c = trail_cursor_over(number, sizeof(number), s->num_syms,
						  "kallsyms_num_syms", false);
	raw.n = trail_cursor_u32(&c);
	raw.slots_size = (uint64_t)raw.n * (s->absolute ? 8 : 4);
	if (s->has_base) {
		error = trail_image_read(image, s->base, base, sizeof(base));
		if (error)
			return trail_error_wrap(error, "kallsyms_relative_base");
		c = trail_cursor_over(base, sizeof(base), s->base, "kallsyms_relative_base", false);
		raw.base = trail_cursor_u64(&c);
	}
	error = read_block(image, "kallsyms_names", s->names, raw.names_size, NAMES_MAX, &names);
	if (!error)
		error = read_block(image, "kallsyms_token_table", s->tokens, raw.tokens_size,
				   TOKENS_MAX, &tokens);
	if (!error)
		error = read_block(image, "kallsyms_token_index", s->index, raw.index_size,
				   TOKEN_INDEX_SIZE, &index);
	if (!error)
		error = read_block(image, "kallsyms_offsets", s->slots, raw.slots_size,
				   (uint64_t)TRAIL_KALLSYMS_MAX * 8, &slots);
	if (error)
		return error;
	raw.names = names;
	raw.tokens = tokens;
	raw.index = index;
	raw.slots = slots;
	error = trail_kallsyms_decode(&raw, &table);
	if (!error)
		error = place(&raw, s, &table);
	if (error)
		return error;
	*ret = table;
	table = (struct trail_kallsyms){ 0 };
	return NULL;
}

struct trail_error *trail_incore_add_kallsyms(struct trail_image *image,
					      const struct trail_vmcoreinfo *info,
					      struct trail_symbols *symbols)
{
	struct sections sections;

	if (!find_sections(info, &sections)) {
		struct trail_error *error = scan_for_sections(image, info, &sections);
		if (error)
			return error;
	}
	struct kallsyms_source *k = calloc(1, sizeof(*k));
	if (!k)
		return &trail_error_nomem;
	struct trail_error *error = read_kallsyms(image, &sections, &k->table);
	if (!error && !index_names(k))
		error = &trail_error_nomem;
	if (error) {
		kallsyms_free(k);
		return error;
	}
	trail_symbols_add(symbols, &(struct trail_symbol_source){ "kallsyms", k, kallsyms_by_name,
								  kallsyms_by_address,
								  kallsyms_each, kallsyms_free });
	return NULL;
}

/* ---- BTF ----------------------------------------------------------------- */

/* An answer kept: the table is searched from its start each time, and the same few are asked for
 * often. */
struct answer {
	char *question; /* "type.path" */
	bool found;
	struct trail_member member;
};

struct btf_source {
	struct trail_btf *btf;
	void *bytes;
	struct answer answers[BTF_ANSWERS];
	size_t n_answers;
};

static bool btf_member(void *self, const char *type, const char *path, struct trail_member *ret)
{
	struct btf_source *b = self;
	char question[128];
	struct answer fresh = { 0 }, *a = b->answers;

	snprintf(question, sizeof(question), "%s.%s", type, path);
	while (a < b->answers + b->n_answers && strcmp(a->question, question) != 0)
		a++;
	if (a == b->answers + b->n_answers) {
		fresh.found = trail_btf_member(b->btf, type, path, &fresh.member);
		a = &fresh;
		if (b->n_answers < BTF_ANSWERS && (fresh.question = strdup(question)))
			b->answers[b->n_answers++] = fresh;
	}
	if (a->found)
		*ret = a->member;
	return a->found;
}

static bool btf_size(void *self, const char *type, uint64_t *ret)
{
	return trail_btf_size(((struct btf_source *)self)->btf, type, ret);
}

static void btf_free(void *self)
{
	struct btf_source *b = self;

	if (!b)
		return;
	for (size_t i = 0; i < b->n_answers; i++)
		free(b->answers[i].question);
	trail_btf_free(b->btf);
	free(b->bytes);
	free(b);
}

struct trail_error *trail_incore_add_btf(struct trail_image *image,
					 const struct trail_symbols *symbols,
					 struct trail_types *types)
{
	struct trail_symbol start, stop;

	if (!trail_symbols_by_name(symbols, NULL, "__start_BTF", &start) ||
	    !trail_symbols_by_name(symbols, NULL, "__stop_BTF", &stop) ||
	    stop.address <= start.address)
		return &trail_error_absent;
	struct btf_source *b = calloc(1, sizeof(*b));
	if (!b)
		return &trail_error_nomem;
	uint64_t size = stop.address - start.address;
	struct trail_error *error = read_block(image, "BTF", start.address, size, BTF_MAX,
					       &b->bytes);
	if (!error)
		error = trail_btf_new(b->bytes, size, false, &b->btf);
	if (error) {
		btf_free(b);
		return error;
	}
	trail_types_add(types,
			&(struct trail_type_source){ "btf", b, btf_member, btf_size, btf_free });
	return NULL;
}

/* ---- ORC ----------------------------------------------------------------- */

struct orc_source {
	struct trail_image *image;
	struct trail_orc_tables tables;
	const struct trail_orc_layout *layout;
	uint64_t text, text_end;
};

struct trail_error *trail_orc_tables_layout(struct trail_image *image,
					    const struct trail_orc_tables *tables,
					    const struct trail_orc_layout **ret)
{
	uint8_t sample[ORC_SAMPLE * TRAIL_ORC_SIZE];
	size_t n = TRAIL_MIN(tables->n, (uint64_t)ORC_SAMPLE);

	for (unsigned i = 1; i <= ORC_SAMPLES;
	     i++) { /* one in a hundred is too unlike plain code */
		uint64_t first = (tables->n - n) / (ORC_SAMPLES + 1) * i;
		struct trail_error *error = trail_image_read(
			image, tables->entries + first * TRAIL_ORC_SIZE, sample,
			n * TRAIL_ORC_SIZE);
		if (error)
			return trail_error_wrap(error, "ORC entries");
		*ret = trail_orc_tell(sample, n);
		if (*ret)
			return NULL;
	}
	return trail_error_format(TRAIL_ERROR_BAD_DATA,
				  "the ORC entries at 0x%" PRIx64 " are of no known layout",
				  tables->entries);
}

static struct trail_error *orc_ip(struct trail_image *image, const struct trail_orc_tables *tables,
				  uint64_t i, uint64_t *ret)
{
	uint8_t raw[4];
	uint64_t address = tables->ips + i * 4;
	struct trail_error *error = trail_image_read(image, address, raw, sizeof(raw));

	if (error)
		return trail_error_wrap(error, "ORC addresses");
	struct trail_cursor c = trail_cursor_over(raw, sizeof(raw), address, "ORC address", false);
	*ret = address + (int32_t)trail_cursor_u32(&c);
	return NULL;
}

/* Source: Linux arch/x86/kernel/unwind_orc.c __orc_find(): the last of the rows that begin at or
 * before ip. */
struct trail_error *trail_orc_tables_find(struct trail_image *image,
					  const struct trail_orc_tables *tables,
					  const struct trail_orc_layout *layout, uint64_t ip,
					  struct trail_orc_entry *ret)
{
	uint64_t low = 0, high = tables->n;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2, begin = 0;
		struct trail_error *error = orc_ip(image, tables, middle, &begin);
		if (error)
			return error;
		if (begin <= ip)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return &trail_error_absent;
	uint8_t raw[TRAIL_ORC_SIZE];
	uint64_t address = tables->entries + (low - 1) * TRAIL_ORC_SIZE;
	struct trail_error *error = trail_image_read(image, address, raw, sizeof(raw));
	if (error)
		return trail_error_wrap(error, "ORC entry");
	if (!trail_orc_decode(layout, raw, ret))
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "ORC entry at 0x%" PRIx64 " cannot be right", address);
	return NULL;
}

static struct trail_error *orc_row(void *self, uint64_t ip, struct trail_orc_entry *ret)
{
	const struct orc_source *o = self;

	if (ip < o->text || ip >= o->text_end)
		return &trail_error_absent;
	return trail_orc_tables_find(o->image, &o->tables, o->layout, ip, ret);
}

struct trail_error *trail_incore_add_orc(struct trail_image *image,
					 const struct trail_symbols *symbols, struct trail_cfi *cfi)
{
	struct trail_symbol ips, ips_end, entries, text, text_end;
	const struct trail_orc_layout *layout;

	if (!trail_symbols_by_name(symbols, NULL, "__start_orc_unwind_ip", &ips) ||
	    !trail_symbols_by_name(symbols, NULL, "__stop_orc_unwind_ip", &ips_end) ||
	    !trail_symbols_by_name(symbols, NULL, "__start_orc_unwind", &entries) ||
	    !trail_symbols_by_name(symbols, NULL, "_stext", &text) ||
	    !trail_symbols_by_name(symbols, NULL, "_einittext", &text_end) ||
	    ips_end.address <= ips.address || (ips_end.address - ips.address) / 4 > ORC_MAX)
		return &trail_error_absent;
	struct trail_orc_tables tables = { ips.address, entries.address,
					   (ips_end.address - ips.address) / 4 };
	struct trail_error *error = trail_orc_tables_layout(image, &tables, &layout);
	if (error)
		return error;
	struct orc_source *o = malloc(sizeof(*o));
	if (!o)
		return &trail_error_nomem;
	*o = (struct orc_source){ image, tables, layout, text.address, text_end.address };
	trail_cfi_add(cfi, &(struct trail_cfi_source){ "orc", o, orc_row, free });
	return NULL;
}
