/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms in a dump's memory → a symbol source; see kallsyms.h. */
#include "source/kallsyms.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/error.h"
#include "base/pool.h"
#include "format/kallsyms.h"
#include "format/vmcoreinfo.h"
#include "source/image.h"
#include "source/kallsyms_scan.h"
#include "source/profile.h"
#include "source/symbols.h"

enum {
	NAMES_MAX = 64 * 1024 * 1024,
	TOKENS_MAX = 64 * 1024,
	TOKEN_INDEX_SIZE = 2 * TRAIL_KALLSYMS_TOKENS,
	SAME_ADDRESS_MAX = 256, /* symbols looked at for one address */
};

struct source {
	struct trail_image *image;
	struct trail_kallsyms table;
	const char **names; /* by symbol: its type, then its name; NULL until asked for */
	struct trail_pool pool;
	struct trail_profile *profile;
	struct trail_error *problem; /* of an address that could not be looked up */
};

/* ---- symbols ------------------------------------------------------------- */

/* NULL when it cannot be read; the first reason is kept. */
static const char *name_of(struct source *s, uint32_t i)
{
	struct trail_kallsyms_symbol symbol;

	if (s->names[i])
		return s->names[i];
	struct trail_error *error = trail_kallsyms_name(&s->table, i, &symbol);
	if (!error)
		s->names[i] = trail_pool_printf(&s->pool, "%c%s", symbol.type, symbol.name);
	else if (!s->problem)
		s->problem = error;
	else
		trail_error_free(error);
	return s->names[i];
}

static bool address_of(struct source *s, uint32_t i, uint64_t *ret)
{
	struct trail_error *error = trail_kallsyms_address(&s->table, i, ret);
	bool good = !error;

	if (error && !s->problem)
		s->problem = error;
	else
		trail_error_free(error);
	return good;
}

/* The table is sorted: an address that is above the next or below the one before is wrong. */
static bool in_order(struct source *s, uint32_t i, uint64_t address)
{
	bool good = true;

	for (int step = -1; good && step <= 1; step += 2) {
		uint64_t its;
		if (step < 0 ? !i : i + 1 >= s->table.n)
			continue;
		struct trail_error *error = trail_kallsyms_address(&s->table, i + step, &its);
		good = error || (step < 0 ? its <= address : its >= address);
		trail_error_free(error);
	}
	if (!good && !s->problem)
		s->problem = trail_error_format(TRAIL_ERROR_BAD_DATA,
						"kallsyms_offsets: symbol %u, at 0x%" PRIx64
						", is not in order",
						i, address);
	return good;
}

static bool symbol_at(struct source *s, uint32_t i, struct trail_symbol *ret)
{
	const char *name = name_of(s, i);
	uint64_t address, next = 0;

	if (!name || !address_of(s, i, &address) || !in_order(s, i, address))
		return false;
	uint32_t end = i + SAME_ADDRESS_MAX < s->table.n ? i + SAME_ADDRESS_MAX : s->table.n;
	for (uint32_t k = i + 1; k < end && next <= address; k++)
		if (!address_of(s, k, &next))
			break;
	*ret = (struct trail_symbol){ .name = name + 1,
				      .address = address,
				      .size = next > address ? next - address : 0,
				      .type = name[0],
				      .source = "kallsyms" };
	return true;
}

struct found {
	struct source *source;
	struct trail_symbol *symbols; /* of the source's pool */
	size_t n;
	bool failed;
};

static bool add_found(uint32_t i, const struct trail_kallsyms_symbol *symbol, void *data)
{
	struct found *f = data;
	struct trail_symbol *all = trail_pool_grow(&f->source->pool, f->symbols, f->n,
						   sizeof(*all));

	(void)symbol; /* symbol_at() reads it again, once */
	f->failed |= !all;
	if (!all)
		return false;
	f->symbols = all;
	f->n += symbol_at(f->source, i, &all[f->n]);
	return true;
}

/* The symbols of a stem: those of the profile, else those of the table, which the profile is told
 * of. */
static struct trail_profile_stem stem_of(struct source *s, const char *stem)
{
	const struct trail_profile_stem *known = trail_profile_symbols(s->profile, stem);
	struct found f = { .source = s };

	if (known)
		return *known;
	struct trail_error *error = trail_kallsyms_each(&s->table, stem, add_found, &f);
	if (!error && !f.failed)
		trail_profile_add_symbols(s->profile, stem, f.symbols, f.n);
	trail_error_free(error);
	return (struct trail_profile_stem){ f.n, f.symbols };
}

static bool by_name(void *self, const char *module, const char *name, struct trail_symbol *ret)
{
	char stem[TRAIL_KALLSYMS_NAME];
	size_t length = strcspn(name, ".");

	if (module || length >= sizeof(stem))
		return false;
	memcpy(stem, name, length);
	stem[length] = 0;
	struct trail_profile_stem all = stem_of(self, stem);
	for (size_t i = 0; i < all.n; i++)
		if (strcmp(all.symbols[i].name, name) == 0) {
			*ret = all.symbols[i];
			ret->source = "kallsyms";
			return true;
		}
	return false;
}

/* Where several symbols share an address, the first global one names it best. */
static bool best_name(struct source *s, uint32_t last, struct trail_symbol *ret)
{
	uint64_t address, its;
	uint32_t first = last;

	if (!address_of(s, last, &address))
		return false;
	while (first && last - first < SAME_ADDRESS_MAX && address_of(s, first - 1, &its) &&
	       its == address)
		first--;
	for (uint32_t i = first; i <= last; i++) {
		const char *name = name_of(s, i);
		if (name && name[0] >= 'A' && name[0] <= 'Z')
			return symbol_at(s, i, ret);
	}
	return symbol_at(s, first, ret);
}

/* By the table; an answer without a size is for nobody else. */
static bool look_up(struct source *s, uint64_t address, struct trail_symbol *ret)
{
	uint32_t at, above;
	struct trail_error *error = trail_kallsyms_at(&s->table, address, &at, &above);
	uint64_t its;

	if (error && error->code != TRAIL_ERROR_ABSENT && !s->problem)
		s->problem = TRAIL_STEAL(error);
	else if (!error && above < s->table.n && address_of(s, at, &its) && its >> 63)
		return best_name(s, at, ret); /* not behind the last, nor among the per-CPU ones */
	trail_error_free(error);
	return false;
}

static bool by_address(void *self, uint64_t address, struct trail_symbol *ret)
{
	struct source *s = self;
	const struct trail_symbol *known = trail_profile_symbol_at(s->profile, address);

	if (known) {
		*ret = *known;
		ret->source = "kallsyms";
		return true;
	}
	if (!look_up(s, address, ret))
		return false;
	trail_profile_add_symbol_at(s->profile, ret);
	return true;
}

static void each(void *self, const char *stem, trail_symbol_fn *fn, void *data)
{
	struct trail_profile_stem all = stem_of(self, stem);

	for (size_t i = 0; i < all.n; i++) {
		struct trail_symbol symbol = all.symbols[i];
		symbol.source = "kallsyms";
		if (!fn(&symbol, data))
			return;
	}
}

static const struct trail_error *problem_of(const void *self)
{
	const struct source *s = self;

	return s->table.index.problem ? s->table.index.problem : s->problem;
}

static void source_free(void *self)
{
	struct source *s = self;

	if (!s)
		return;
	trail_kallsyms_fini(&s->table);
	free(s->names);
	trail_pool_fini(&s->pool);
	trail_error_free(s->problem);
	free(s);
}

/* ---- where it lies ------------------------------------------------------- */

/* Addresses of the sections. */
struct sections {
	uint64_t names, num_syms, tokens, index, slots, base;
	bool has_base, absolute;
};

static bool find_sections(const struct trail_vmcoreinfo *info, struct sections *s)
{
	*s = (struct sections){ 0 };
	if (!trail_vmcoreinfo_number(info, "SYMBOL", "kallsyms_names", &s->names) ||
	    !trail_vmcoreinfo_number(info, "SYMBOL", "kallsyms_num_syms", &s->num_syms) ||
	    !trail_vmcoreinfo_number(info, "SYMBOL", "kallsyms_token_table", &s->tokens) ||
	    !trail_vmcoreinfo_number(info, "SYMBOL", "kallsyms_token_index", &s->index))
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
	*s = (struct sections){ .names = found.names,
				.num_syms = found.num_syms,
				.tokens = found.tokens,
				.index = found.index,
				.slots = found.slots,
				.base = found.base_at,
				.has_base = found.base_at,
				.absolute = found.how == TRAIL_KALLSYMS_ABSOLUTE };
	return NULL;
}

/* Does the table, with its present addressing, name what lies at an address so? */
static struct trail_error *says(struct trail_kallsyms *table, uint64_t address, const char *name,
				bool *ret)
{
	struct trail_kallsyms_symbol symbol;
	uint32_t at, above;
	uint64_t its;
	struct trail_error *error = trail_kallsyms_at(table, address, &at, &above);

	*ret = false;
	if (trail_error_catch(&error, TRAIL_ERROR_ABSENT) || error)
		return error;
	for (uint32_t k = 0; k <= at && k < SAME_ADDRESS_MAX && !*ret; k++) {
		error = trail_kallsyms_address(table, at - k, &its);
		if (error || its != address)
			return error;
		error = trail_kallsyms_name(table, at - k, &symbol);
		if (error)
			return error;
		*ret = strcmp(symbol.name, name) == 0;
	}
	return NULL;
}

/* Try each way to make addresses until a symbol comes out where VMCOREINFO says it is. */
static struct trail_error *place(struct trail_kallsyms *table, const struct sections *s,
				 const struct trail_vmcoreinfo *info)
{
	static const enum trail_kallsyms_addressing with_base[] = { TRAIL_KALLSYMS_ABSOLUTE_PERCPU,
								    TRAIL_KALLSYMS_RELATIVE },
						    without_base[] = { TRAIL_KALLSYMS_PC_RELATIVE },
						    absolute[] = { TRAIL_KALLSYMS_ABSOLUTE };
	/* _stext is in every table; the others are for where its part cannot be read */
	static const char *const anchors[] = { "_stext", "init_uts_ns", "swapper_pg_dir",
					       "mem_section" };
	const enum trail_kallsyms_addressing *ways = s->absolute   ? absolute
						     : s->has_base ? with_base
								   : without_base;
	size_t n_ways = !s->absolute && s->has_base ? TRAIL_ARRAY_SIZE(with_base) : 1;
	TRAIL_CLEANUP(trail_error_freep) struct trail_error *unread = NULL;

	for (size_t a = 0; a < TRAIL_ARRAY_SIZE(anchors); a++) {
		uint64_t address;
		if (!trail_vmcoreinfo_number(info, "SYMBOL", anchors[a], &address))
			continue;
		for (size_t w = 0; w < n_ways; w++) {
			bool right = false;
			table->how = ways[w];
			struct trail_error *error = says(table, address, anchors[a], &right);
			if (right)
				return NULL;
			if (error && !unread)
				unread = error;
			else
				trail_error_free(error);
		}
	}
	if (unread)
		return TRAIL_STEAL(unread);
	return trail_error_format(TRAIL_ERROR_BAD_DATA,
				  "kallsyms does not give _stext the address of VMCOREINFO");
}

static struct trail_error *read_memory(void *data, uint64_t address, void *to, size_t n)
{
	return trail_image_read(data, address, to, n);
}

static struct trail_error *read_number(struct trail_image *image, const char *what,
				       uint64_t address, size_t width, uint64_t *ret)
{
	uint8_t raw[8];
	struct trail_error *error = trail_image_read(image, address, raw, width);

	if (error)
		return trail_error_wrap(error, "%s", what);
	struct trail_cursor c = trail_cursor_over(raw, width, address, what, false);
	*ret = trail_cursor_uint(&c, width);
	return NULL;
}

static struct trail_error *too_large(const char *what, uint64_t address, uint64_t size,
				     uint64_t limit)
{
	if (size <= limit)
		return NULL;
	return trail_error_format(TRAIL_ERROR_LIMIT,
				  "%s at 0x%" PRIx64 ": %" PRIu64 " bytes, the limit is %" PRIu64,
				  what, address, size, limit);
}

/* Tokens and their index, which stand together. */
static struct trail_error *read_tokens(struct trail_image *image, const struct sections *s,
				       struct trail_kallsyms *table)
{
	TRAIL_CLEANUP(trail_freep) uint8_t *tokens = NULL;
	uint8_t index[TOKEN_INDEX_SIZE];
	uint64_t size = s->index - s->tokens;
	struct trail_error *error = too_large("kallsyms_token_table", s->tokens, size, TOKENS_MAX);

	if (error)
		return error;
	tokens = malloc(size);
	if (!tokens)
		return &trail_error_nomem;
	error = trail_error_wrap(trail_image_read(image, s->tokens, tokens, size),
				 "kallsyms_token_table");
	if (!error)
		error = trail_error_wrap(trail_image_read(image, s->index, index, sizeof(index)),
					 "kallsyms_token_index");
	if (!error)
		error = trail_kallsyms_init(table, tokens, size, index, sizeof(index));
	return error;
}

static struct trail_error *open_table(struct source *source, const struct sections *s,
				      const struct trail_vmcoreinfo *info)
{
	struct trail_kallsyms *table = &source->table;
	uint64_t n;

	/* names, markers and what else there is end at the token table in every layout */
	if (s->tokens <= s->names || s->index <= s->tokens)
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "kallsyms sections lie in no known order");
	struct trail_error *error = too_large("kallsyms_names", s->names, s->tokens - s->names,
					      NAMES_MAX);
	if (!error)
		error = read_number(source->image, "kallsyms_num_syms", s->num_syms, 4, &n);
	if (!error && s->has_base)
		error = read_number(source->image, "kallsyms_relative_base", s->base, 8,
				    &table->base);
	if (error)
		return error;
	table->n = n;
	table->long_names = true;
	error = trail_lazy_init(&table->names, s->names, s->tokens - s->names, read_memory,
				source->image);
	if (!error)
		error = trail_lazy_init(&table->slots, s->slots,
					n <= TRAIL_KALLSYMS_MAX ? n * (s->absolute ? 8 : 4) : 0,
					read_memory, source->image);
	if (!error)
		error = read_tokens(source->image, s, table);
	if (!error)
		error = place(table, s, info);
	if (error)
		return error;
	source->names = calloc(n,
			       sizeof(*source->names)); /* pages that are not asked cost nothing */
	return source->names ? NULL : &trail_error_nomem;
}

struct trail_error *trail_kallsyms_add(struct trail_image *image,
				       const struct trail_vmcoreinfo *info,
				       struct trail_profile *profile, struct trail_symbols *symbols)
{
	struct sections sections;

	if (!find_sections(info, &sections)) {
		struct trail_error *unfound = scan_for_sections(image, info, &sections);
		if (unfound)
			return unfound;
	}
	struct source *s = calloc(1, sizeof(*s));
	if (!s)
		return &trail_error_nomem;
	s->image = image;
	s->profile = profile;
	trail_pool_init(&s->pool);
	struct trail_error *error = open_table(s, &sections, info);
	if (error) {
		source_free(s);
		return error;
	}
	trail_symbols_add(symbols, &(struct trail_symbol_source){ .name = "kallsyms",
								  .self = s,
								  .by_name = by_name,
								  .by_address = by_address,
								  .each = each,
								  .problem = problem_of,
								  .free = source_free });
	return NULL;
}
