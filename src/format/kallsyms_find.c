/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel memory → where its kallsyms sections lie; see kallsyms_find.h. */
#include "format/kallsyms_find.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "base/error.h"

enum {
	PAGE = 4096,
	PAGES_MAX = 256 * 1024, /* read at most; all of an image of 512 MiB twice */
	TRIES_MAX = 64,		/* runs of slots that are looked at closely */
	WINDOW_COST = 128,	/* pages that a search of a window counts for */
	BEFORE = 64 << 20,	/* how far below the first known symbol the lowest one can lie */
	IMAGE_MAX = 1 << 30,	/* from the lowest symbol to the highest */
	SYMBOLS_MIN = 1024,
	STEP_MIN = 6,	      /* bytes from symbol to symbol, on average */
	STEP_SLOTS = 8,	      /* symbols that share an address, on average of a page, at most */
	GROUP = 256,	      /* symbols from one marker to the next */
	NAME_MAX_BYTES = 512, /* KSYM_NAME_LEN; 128 before v6.1 */
	GROUP_BYTES_MAX = GROUP * 160,
	NAME_BYTES = 13, /* of a compressed name, on average; 12.8 to 14.8 were measured */
	NAME_BYTES_MAX = 40,
	TOKENS = 256,
	TOKENS_MIN = 200, /* that have a text */
	TABLE_MAX = 4096, /* bytes of the token table; about 1000 */
	TOKEN_MAX = 127,
	INDEX_SIZE = TOKENS * 2,
	WINDOW = 8 * PAGE,
	OVERLAP = 2 * PAGE, /* of windows, so that a token table with its index lies in one */
	ALIASES_MAX = 64,
	ALIGN_MIN = 4, /* of sections, in 7.x */
	ALIGN_MAX = 8, /* in the others */
};

struct search {
	const struct trail_kallsyms_memory *m;
	struct trail_error *error; /* ends the search */
	unsigned pages;
	uint8_t page[PAGE]; /* of number() */
	uint64_t page_at;   /* its address, 0 for none */
	char tokens[TABLE_MAX];
	uint16_t starts[TOKENS];
};

/* ---- memory -------------------------------------------------------------- */

/* False when it is not there, or the search is over. */
static bool get(struct search *s, uint64_t address, void *to, size_t n, bool look)
{
	if (s->error)
		return false;
	if (++s->pages > PAGES_MAX) {
		s->error = trail_error_format(TRAIL_ERROR_LIMIT,
					      "kallsyms was not found in %d pages", PAGES_MAX);
		return false;
	}
	struct trail_error *error = s->m->read(s->m->data, address, to, n, look);
	if (!error)
		return true;
	if (error->code == TRAIL_ERROR_NOMEM || error->code == TRAIL_ERROR_LIMIT)
		s->error = error;
	else
		trail_error_free(error);
	return false;
}

/* Whole pages, of which those that are not there are zero; false when none is there. */
static bool get_window(struct search *s, uint64_t address, uint8_t *to)
{
	unsigned there = 0;

	memset(to, 0, WINDOW);
	for (size_t at = 0; at < WINDOW; at += PAGE)
		there += get(s, address + at, to + at, PAGE, true);
	s->pages += there ? WINDOW_COST : 0;
	return there;
}

static struct trail_cursor over(const struct search *s, const void *bytes, size_t n)
{
	return trail_cursor_over(bytes, n, 0, "kallsyms", s->m->big_endian);
}

/* A number that a find rests on; false when it is not there. */
static bool number(struct search *s, uint64_t address, size_t width, uint64_t *ret)
{
	uint64_t page = address & ~(uint64_t)(PAGE - 1);
	uint8_t bytes[8];
	bool inside = address + width <= page + PAGE;

	if (inside && s->page_at != page) {
		s->page_at = 0;
		if (!get(s, page, s->page, PAGE, false))
			return false;
		s->page_at = page;
	}
	if (!inside && !get(s, address, bytes, width, false))
		return false;
	struct trail_cursor c = over(s, inside ? s->page + (address - page) : bytes, width);
	*ret = trail_cursor_uint(&c, width);
	return true;
}

static uint64_t align(uint64_t address, uint64_t to)
{
	return (address + to - 1) / to * to;
}

/* ---- slots --------------------------------------------------------------- */

/* A number that ascends with the slots; false for what cannot be one of kernel text or data. */
static bool slot_key(const struct trail_kallsyms_memory *m, enum trail_kallsyms_addressing how,
		     uint64_t address, uint64_t slot, uint64_t *ret)
{
	*ret = UINT64_MAX;
	switch (how) {
	case TRAIL_KALLSYMS_ABSOLUTE_PERCPU: /* those of symbols that are not per-CPU */
		*ret = ~slot & UINT32_MAX;
		break;
	case TRAIL_KALLSYMS_RELATIVE:
		*ret = slot;
		break;
	case TRAIL_KALLSYMS_PC_RELATIVE:
		*ret = address + (int64_t)(int32_t)slot - (m->first - BEFORE);
		break;
	case TRAIL_KALLSYMS_ABSOLUTE:
		*ret = slot - (m->first - BEFORE);
		break;
	}
	return *ret < IMAGE_MAX;
}

/* Is a page full of slots?  @strict: and of nothing that is only alike, as zeros are. */
static bool is_slots(struct search *s, enum trail_kallsyms_addressing how, uint64_t address,
		     const uint8_t *page, bool strict)
{
	struct trail_cursor c = over(s, page, PAGE);
	uint64_t key = 0, first = 0, before = 0;
	size_t width = trail_kallsyms_slot_width(how), n = PAGE / width, steps = 0;

	for (size_t i = 0; i < n; i++) {
		if (!slot_key(s->m, how, address + i * width, trail_cursor_uint(&c, width), &key))
			return false;
		if (!i)
			first = key;
		else if (key < before)
			return false;
		steps += key > before;
		before = key;
	}
	return !strict || (steps >= n / STEP_SLOTS && before - first >= n * STEP_MIN);
}

/* The last page of slots in a direction, from one of them on. */
static uint64_t edge(struct search *s, enum trail_kallsyms_addressing how, uint64_t page,
		     int direction)
{
	uint8_t bytes[PAGE];

	for (uint64_t step = 1; step;) {
		uint64_t next = page + direction * (int64_t)(step * PAGE);
		bool inside = next >= s->m->first - BEFORE && next < s->m->end;
		if (inside && get(s, next, bytes, PAGE, false) &&
		    is_slots(s, how, next, bytes, false)) {
			page = next;
			step *= 2;
		} else {
			step /= 2;
		}
	}
	return page;
}

static bool address_of(struct search *s, const struct trail_kallsyms_sections *t, uint32_t i,
		       uint64_t *ret)
{
	size_t width = trail_kallsyms_slot_width(t->how);
	uint64_t at = t->slots + (uint64_t)i * width, slot;

	if (!number(s, at, width, &slot))
		return false;
	*ret = trail_kallsyms_slot_address(t->how, t->base, at, slot);
	return true;
}

/* The base is the lowest address. */
static bool is_base(const struct search *s, uint64_t base)
{
	return s->m->first - base <= BEFORE;
}

/* ---- tokens -------------------------------------------------------------- */

/* The table whose 256 strings end at @size of @bytes, as the index says where they begin. */
static bool are_tokens(const uint16_t *starts, const uint8_t *bytes, size_t size)
{
	size_t texts = 0;

	for (size_t i = 0; i < TOKENS; i++) {
		size_t end = i + 1 < TOKENS ? starts[i + 1] : size, n = end - starts[i] - 1;
		const uint8_t *text = bytes + starts[i];
		if (n > TOKEN_MAX || text[n])
			return false;
		for (size_t k = 0; k < n; k++)
			if (text[k] <= ' ' || text[k] > '~')
				return false;
		texts += n > 0;
	}
	return texts >= TOKENS_MIN;
}

/* Does an index stand at @at of @bytes, with its table before it? */
static bool tokens_at(struct search *s, const uint8_t *bytes, size_t at, size_t *table_ret)
{
	struct trail_cursor c = over(s, bytes + at, INDEX_SIZE);
	uint16_t starts[TOKENS];

	for (size_t i = 0; i < TOKENS; i++) {
		starts[i] = trail_cursor_u16(&c);
		if (i ? starts[i] <= starts[i - 1] : starts[i])
			return false;
	}
	/* behind the last string there are up to seven bytes of alignment */
	size_t last = starts[TOKENS - 1], most = TRAIL_MIN(last + 1 + TOKEN_MAX + ALIGN_MAX, at);
	for (size_t room = align(last + 1, ALIGN_MIN); room <= most; room += ALIGN_MIN) {
		const uint8_t *table = bytes + at - room;
		size_t size = last + strnlen((const char *)table + last, room - last) + 1;
		if (size > room || room - size >= ALIGN_MAX || size > TABLE_MAX ||
		    !are_tokens(starts, table, size))
			continue;
		memcpy(s->tokens, table, size);
		memcpy(s->starts, starts, sizeof(starts));
		*table_ret = at - room;
		return true;
	}
	return false;
}

/* ---- names --------------------------------------------------------------- */

/* Step over @n names; false when they are not there. */
static bool skip_names(struct search *s, uint64_t *at, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint64_t length, high;
		size_t header = 1;
		if (!number(s, *at, 1, &length))
			return false;
		if (length & 0x80) { /* since v6.1; the names of older kernels are not that long */
			if (!number(s, *at + 1, 1, &high))
				return false;
			length = (length & 0x7f) | high << 7;
			header = 2;
		}
		if (!length || length > NAME_MAX_BYTES)
			return false;
		*at += header + length;
	}
	return true;
}

static bool marker(struct search *s, const struct trail_kallsyms_sections *t, uint32_t group,
		   uint64_t *ret)
{
	return number(s, t->markers + (uint64_t)group * t->marker_size, t->marker_size, ret);
}

/* Is the symbol's name this one?  The first character of a name is its type. */
static bool spells(struct search *s, const struct trail_kallsyms_sections *t, uint32_t i,
		   const char *name)
{
	uint64_t at, length, token;
	size_t wanted = strlen(name), n = 0;

	if (!marker(s, t, i / GROUP, &at))
		return false;
	at += t->names;
	if (!skip_names(s, &at, i % GROUP) || !number(s, at, 1, &length) || length & 0x80)
		return false;
	for (uint64_t k = 0; k < length; k++) {
		if (!number(s, at + 1 + k, 1, &token))
			return false;
		for (const char *p = s->tokens + s->starts[token]; *p; p++, n++)
			if (n > wanted || (n && *p != name[n - 1]))
				return false;
	}
	return n == wanted + 1;
}

/* Is there a symbol of that name at that address? */
static bool comes_out(struct search *s, const struct trail_kallsyms_sections *t,
		      const struct trail_kallsyms_known *known)
{
	uint32_t low = 0, high = t->n;
	uint64_t address;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (!address_of(s, t, middle, &address))
			return false;
		if (address < known->address)
			low = middle + 1;
		else
			high = middle;
	}
	for (uint32_t i = low; i < t->n && i - low < ALIASES_MAX; i++) {
		if (!address_of(s, t, i, &address) || address != known->address)
			return false;
		if (spells(s, t, i, known->name))
			return true;
	}
	return false;
}

/* ---- proof --------------------------------------------------------------- */

/* The markers are where @t says, ascend, and lead to every 256th name: the first, the last and one
 * between. */
static bool markers_agree(struct search *s, const struct trail_kallsyms_sections *t)
{
	uint32_t groups = (t->n + GROUP - 1) / GROUP, last = groups - 1;
	uint64_t room = t->markers - t->names, before = 0, at, next;

	for (uint32_t g = 0; g < groups; g++) {
		if (!marker(s, t, g, &at) || (g ? at <= before : at) || at >= room)
			return false;
		before = at;
	}
	const uint32_t looked_at[] = { 0, last / 2 };
	for (size_t i = 0; last && i < TRAIL_ARRAY_SIZE(looked_at); i++) {
		if (!marker(s, t, looked_at[i], &at) || !marker(s, t, looked_at[i] + 1, &next))
			return false;
		at += t->names;
		if (!skip_names(s, &at, GROUP) || at != t->names + next)
			return false;
	}
	at = t->names + before;
	return skip_names(s, &at, t->n - last * GROUP) && at <= t->markers &&
	       t->markers - at < ALIGN_MAX;
}

static bool is_proven(struct search *s, const struct trail_kallsyms_sections *t)
{
	uint8_t table[TABLE_MAX + INDEX_SIZE];
	size_t size = t->index + INDEX_SIZE - t->tokens;

	if (!markers_agree(s, t))
		return false;
	for (size_t i = 0; i < s->m->n_known; i++)
		if (comes_out(s, t, &s->m->known[i]))
			/* the tokens were only looked at */
			return size <= sizeof(table) && get(s, t->tokens, table, size, false);
	return false;
}

/* The markers stand before the tokens, with the sequence numbers of 6.1 to 6.3 between. */
static bool prove(struct search *s, struct trail_kallsyms_sections *t)
{
	uint64_t groups = (t->n + GROUP - 1) / GROUP;
	const struct {
		uint8_t size;
		uint64_t between;
	} ways[] = { { 4, 0 }, { 8, 0 }, { 4, align((uint64_t)t->n * 3, ALIGN_MAX) } };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(ways); i++) {
		uint64_t room = align(groups * ways[i].size, ALIGN_MAX) + ways[i].between;
		if (t->tokens - t->names <= room)
			continue;
		t->markers = t->tokens - room;
		t->marker_size = ways[i].size;
		if (is_proven(s, t))
			return true;
	}
	return false;
}

/* ---- slots before the names ---------------------------------------------- */

/* Is a token table with its index in the window, which makes the rest right? */
static bool try_window(struct search *s, struct trail_kallsyms_sections *t, uint64_t window,
		       const uint8_t *bytes)
{
	for (size_t at = ALIGN_MIN; at + INDEX_SIZE <= WINDOW; at += ALIGN_MIN) {
		size_t table;
		if (!tokens_at(s, bytes, at, &table))
			continue;
		t->tokens = window + table;
		t->index = window + at;
		if (t->tokens > t->names && prove(s, t))
			return true;
	}
	return false;
}

/* Where the names end is not known: look where it is likely, then farther off in both directions.
 */
static bool find_tokens(struct search *s, struct trail_kallsyms_sections *t)
{
	uint64_t step = WINDOW - OVERLAP;
	uint64_t high = t->names + (uint64_t)t->n * NAME_BYTES_MAX;
	uint64_t middle = (t->names + (uint64_t)t->n * NAME_BYTES) / PAGE * PAGE;
	TRAIL_CLEANUP(trail_freep) uint8_t *bytes = malloc(WINDOW);

	if (!bytes) {
		s->error = &trail_error_nomem;
		return false;
	}
	for (uint64_t away = 0; !s->error; away += step) {
		const uint64_t windows[] = { middle + away, middle - away };
		const bool inside[] = { windows[0] < high && windows[0] < s->m->end,
					away && away < middle - t->names };
		for (size_t i = 0; i < TRAIL_ARRAY_SIZE(windows); i++) {
			if (!inside[i])
				continue;
			if (get_window(s, windows[i], bytes) && try_window(s, t, windows[i], bytes))
				return true;
		}
		if (!inside[0] && !inside[1] && away)
			return false;
	}
	return false;
}

/* Do the slots end at @at, with base and count behind them? */
static bool try_end(struct search *s, struct trail_kallsyms_sections *t, uint64_t at,
		    const uint8_t *bytes)
{
	struct trail_cursor c = over(s, bytes, 16);
	bool absolute = t->how == TRAIL_KALLSYMS_ABSOLUTE;

	t->base = absolute ? 0 : trail_cursor_u64(&c);
	t->base_at = absolute ? 0 : at;
	t->n = trail_cursor_u32(&c);
	if ((!absolute && !is_base(s, t->base)) || t->n < SYMBOLS_MIN || t->n > TRAIL_KALLSYMS_MAX)
		return false;
	t->num_syms = at + (absolute ? 0 : 8);
	t->names = t->num_syms + 8;
	t->slots = at - align((uint64_t)t->n * trail_kallsyms_slot_width(t->how), ALIGN_MAX);
	uint64_t first = t->names;
	return skip_names(s, &first, GROUP) && find_tokens(s, t);
}

static bool try_forward(struct search *s, struct trail_kallsyms_sections *t, uint64_t page)
{
	uint64_t end = edge(s, t->how, page, 1) + PAGE;
	uint8_t bytes[2 * PAGE] = { 0 };

	if (!get(s, end, bytes, PAGE, false))
		return false;
	if (!get(s, end + PAGE, bytes + PAGE, PAGE, false))
		memset(bytes + PAGE, 0, PAGE);
	for (size_t at = 0; at <= PAGE && !s->error; at += 8)
		if (try_end(s, t, end + at, bytes + at))
			return true;
	return false;
}

/* ---- slots behind the tokens --------------------------------------------- */

/* The markers from the last, before the tokens, to the first, which is 0; their number. */
static uint32_t markers_back(struct search *s, struct trail_kallsyms_sections *t,
			     uint64_t *last_ret)
{
	uint64_t at = t->tokens - 4, value, before;
	uint32_t groups = 1;

	if (!number(s, at, 4, &value))
		return 0;
	if (!value && !number(s, at -= 4, 4, &value)) /* alignment */
		return 0;
	for (*last_ret = value; value; groups++) {
		before = value;
		if (!number(s, at -= 4, 4, &value) || value >= before ||
		    groups > TRAIL_KALLSYMS_MAX / GROUP)
			return 0;
	}
	t->markers = at;
	return groups;
}

static bool read_base(struct search *s, struct trail_kallsyms_sections *t)
{
	if (t->how != TRAIL_KALLSYMS_ABSOLUTE_PERCPU && t->how != TRAIL_KALLSYMS_RELATIVE)
		return true;
	t->base_at = align(t->slots + (uint64_t)t->n * 4, ALIGN_MAX);
	return number(s, t->base_at, 8, &t->base) && is_base(s, t->base);
}

/* The count, somewhere before the names, whose end is known but for what the last group takes. */
static bool find_count(struct search *s, struct trail_kallsyms_sections *t)
{
	uint64_t last, n;
	uint32_t groups = markers_back(s, t, &last);

	if (groups < SYMBOLS_MIN / GROUP)
		return false;
	t->marker_size = 4;
	uint64_t high = (t->markers - last) & ~UINT64_C(3);
	for (uint64_t at = high; at > high - GROUP_BYTES_MAX && !s->error; at -= 4) {
		if (!number(s, at, 4, &n))
			return false;
		if (n > groups * (uint64_t)GROUP || n <= (groups - 1) * (uint64_t)GROUP)
			continue;
		t->n = n;
		t->num_syms = at;
		for (t->names = at + 4; t->names <= at + 8; t->names += 4)
			if (read_base(s, t) && is_proven(s, t))
				return true;
	}
	return false;
}

/* The index ends where the slots begin, which is before the first page of them: per-CPU symbols
 * come first and may be no slots to is_slots(). */
static bool try_backward(struct search *s, struct trail_kallsyms_sections *t, uint64_t page)
{
	uint64_t start = edge(s, t->how, page, -1), window = start - WINDOW;
	uint8_t bytes[WINDOW];

	if (!get_window(s, window, bytes))
		return false;
	for (size_t at = ALIGN_MIN; at + INDEX_SIZE <= sizeof(bytes); at += ALIGN_MIN) {
		size_t table;
		if (!tokens_at(s, bytes, at, &table))
			continue;
		t->tokens = window + table;
		t->index = window + at;
		t->slots = t->index + INDEX_SIZE;
		if (find_count(s, t))
			return true;
	}
	return false;
}

/* ---- the search ---------------------------------------------------------- */

/* Are slots of one kind on the page, and the other sections where they belong? */
static bool try_page(struct search *s, uint64_t page, const uint8_t *bytes, unsigned *tries,
		     struct trail_kallsyms_sections *ret)
{
	for (enum trail_kallsyms_addressing how = 0; how <= TRAIL_KALLSYMS_ABSOLUTE; how++) {
		struct trail_kallsyms_sections t = { .how = how };
		if (!is_slots(s, how, page, bytes, true))
			continue;
		++*tries;
		if ((how != TRAIL_KALLSYMS_PC_RELATIVE && try_forward(s, &t, page)) ||
		    (how != TRAIL_KALLSYMS_ABSOLUTE && try_backward(s, &t, page))) {
			*ret = t;
			return true;
		}
	}
	return false;
}

struct trail_error *trail_kallsyms_find(const struct trail_kallsyms_memory *memory,
					struct trail_kallsyms_sections *ret)
{
	static const unsigned strides[] = { 32, 8, 1 };
	struct search s = { .m = memory };
	uint64_t first = memory->first / PAGE, end = memory->end / PAGE;
	uint8_t bytes[PAGE];
	unsigned tries = 0;

	if (memory->first < BEFORE)
		return &trail_error_absent;
	/* from the end: data lies behind the tables, and there is less of it than of text before */
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(strides); i++) {
		for (uint64_t n = strides[i]; first + n <= end; n += strides[i]) {
			uint64_t page = (end - n) * PAGE;
			if (i && n % strides[i - 1] == 0)
				continue; /* seen */
			if (s.error || tries >= TRIES_MAX)
				return s.error ? s.error : &trail_error_absent;
			if (get(&s, page, bytes, PAGE, true) &&
			    try_page(&s, page, bytes, &tries, ret))
				return NULL;
		}
	}
	return s.error ? s.error : &trail_error_absent;
}
