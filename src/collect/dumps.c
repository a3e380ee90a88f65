/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of dumps → dumps.  Number by number, from Part1 on: what repeats a part is told, then each
 * is put to the dump whose time and lines it continues best, or begins one.
 *
 * Source: Linux fs/pstore/platform.c pstore_dump(): parts are written one after the other, the
 * newest lines first.
 */
#include "collect/dumps.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "collect/collect.h"
#include "collect/dump_text.h"
#include "format/pstore.h"

enum {
	WRITING_MAX_S = 60,   /* between a part and the next: EFI's variables are slow */
	STEPS_MAX = 20000000, /* of comparing; what hostile input may take */
};

/* Lines this near each other are taken for neighbours. */
#define NEXT_MAX_NS UINT64_C(1000000000)

/* How well a part continues a dump: the least is best. */
struct cost {
	uint64_t time_s;
	bool foreign; /* of another text that was pasted */
	uint64_t gap_ns, distance;
};

struct group {
	struct trail_record_part **parts; /* by number, then as they were read */
	size_t n;
	struct trail_dump *dumps;
	size_t n_dumps;
	struct trail_pool pool; /* of the dumps */
	uint64_t steps;
};

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* FNV-1a */
static uint64_t mark_of(const struct trail_record *line)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ line->ts_nsec;

	for (uint32_t i = 0; i < line->length; i++)
		h = (h ^ (uint8_t)line->text[i]) * UINT64_C(0x100000001b3);
	return h;
}

bool trail_record_part_mark(struct trail_pool *pool, struct trail_record_part *part)
{
	part->marks = trail_pool_alloc(pool, part->n_lines, sizeof(*part->marks));
	if (!part->marks && part->n_lines)
		return false;
	for (size_t i = 0; i < part->n_lines; i++)
		part->marks[i] = mark_of(&part->lines[i]);
	part->first_ns = part->last_ns = part->min_ns = TRAIL_NO_TIME;
	part->max_ns = 0;
	for (size_t i = 0; i < part->n_lines; i++) {
		if (part->lines[i].ts_nsec == TRAIL_NO_TIME)
			continue;
		if (part->first_ns == TRAIL_NO_TIME)
			part->first_ns = part->lines[i].ts_nsec;
		part->last_ns = part->lines[i].ts_nsec;
		part->min_ns = TRAIL_MIN(part->min_ns, part->last_ns);
		part->max_ns = TRAIL_MAX(part->max_ns, part->last_ns);
	}
	if (part->n_lines)
		qsort(part->marks, part->n_lines, sizeof(*part->marks), by_value);
	return true;
}

bool trail_record_part_has(const struct trail_record_part *part, const struct trail_record *line)
{
	uint64_t mark = mark_of(line);

	return part->n_lines && bsearch(&mark, part->marks, part->n_lines, sizeof(mark), by_value);
}

/* Lines that both have. */
static size_t common(struct group *g, const struct trail_record_part *a,
		     const struct trail_record_part *b)
{
	size_t i = 0, j = 0, n = 0;

	g->steps += a->n_lines + b->n_lines;
	while (i < a->n_lines && j < b->n_lines) {
		n += a->marks[i] == b->marks[j];
		if (a->marks[i] < b->marks[j])
			i++;
		else if (a->marks[i] > b->marks[j])
			j++;
		else
			i++, j++;
	}
	return n;
}

bool trail_record_part_precedes(const struct trail_record_part *part,
				const struct trail_record_part *next)
{
	uint64_t end = part->last_ns, begin = next->first_ns;

	return end != TRAIL_NO_TIME && begin != TRAIL_NO_TIME && end <= begin &&
	       begin - end < NEXT_MAX_NS;
}

static bool differ(const char *a, const char *b)
{
	return a && b && strcmp(a, b) != 0;
}

/* Can they be of one dump, by all that is said of which it is? */
static bool same_dump(const struct trail_record_part *a, const struct trail_record_part *b)
{
	if (differ(a->record->backend, b->record->backend) || differ(a->reason, b->reason) ||
	    !trail_streq(a->record->region, b->record->region) || a->count != b->count)
		return false;
	return !a->boot_s || !b->boot_s || a->boot_s == b->boot_s;
}

/*
 * Can @later be written after @first, by the time there is?  Files' own times of a
 * copy that was made later are the same, or do not follow the parts.
 */
static bool times_fit(const struct trail_record_part *first, const struct trail_record_part *later,
		      uint64_t *apart_ret)
{
	bool is_after = later->time_s >= first->time_s;
	uint64_t apart = is_after ? later->time_s - first->time_s : first->time_s - later->time_s;

	*apart_ret = 0;
	if (first->time != later->time || first->time == TRAIL_TIME_UNKNOWN)
		return true;
	*apart_ret = apart;
	return apart <= WRITING_MAX_S && (is_after || first->time == TRAIL_TIME_OF_FILE);
}

/* Do both hold the same part of the same dump?  Two of the same record were written at one time. */
static bool is_repeated(struct group *g, const struct trail_record_part *a,
			const struct trail_record_part *b)
{
	size_t least = TRAIL_MIN(a->n_lines, b->n_lines);

	g->steps++;
	if (a->number != b->number || !least || !same_dump(a, b) || g->steps > STEPS_MAX)
		return false;
	if (a->time == TRAIL_TIME_OF_RECORD && b->time == a->time && a->time_s != b->time_s)
		return false;
	return common(g, a, b) * 2 > least;
}

/* Is @a the better one of two that hold the same? */
static bool is_better(const struct trail_record_part *a, const struct trail_record_part *b)
{
	if ((a->state == TRAIL_PART_WHOLE) != (b->state == TRAIL_PART_WHOLE))
		return a->state == TRAIL_PART_WHOLE;
	if (a->record->pasted != b->record->pasted)
		return !a->record->pasted;
	return a->n_lines > b->n_lines;
}

static void mark_repeated(struct group *g, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		for (size_t j = start; j < i; j++) {
			struct trail_record_part *a = g->parts[j], *b = g->parts[i];
			if (a->state == TRAIL_PART_DUPLICATE || b->state == TRAIL_PART_DUPLICATE ||
			    !is_repeated(g, a, b))
				continue;
			struct trail_record_part *worse = is_better(b, a) ? a : b;
			struct trail_record_part *kept = worse == a ? b : a;
			kept->repeated_in = worse->source;
			worse->state = TRAIL_PART_DUPLICATE;
			worse->dump = kept->order; /* until that one has a dump */
		}
}

/* Are they near each other by nothing but the times of their lines? */
static bool is_foreign(const struct trail_record_part *low, const struct trail_record_part *part)
{
	bool is_dated = low->time == TRAIL_TIME_OF_RECORD && part->time == low->time;

	return low->source != part->source && low->repeated_in != part->source &&
	       (low->record->pasted || part->record->pasted) && !is_dated &&
	       (!low->boot_s || low->boot_s != part->boot_s);
}

/* Does a part go on, backwards in time, where a dump's highest part so far begins? */
static bool fits(const struct trail_dump *dump, const struct trail_record_part *part,
		 struct cost *ret)
{
	const struct trail_record_part *low = dump->parts[dump->n - 1];
	uint64_t apart, begin = low->first_ns, end = part->last_ns;
	bool is_dated = low->time == TRAIL_TIME_OF_RECORD && part->time == low->time;

	if (part->number <= low->number) /* what says no number is told by nothing but the boot */
		return !part->number && !low->number && !part->n_lines && !low->n_lines &&
		       same_dump(low, part);
	if (!same_dump(low, part) || (dump->reason && differ(dump->reason, part->reason)) ||
	    !times_fit(low, part, &apart))
		return false;
	bool has_times = begin != TRAIL_NO_TIME && end != TRAIL_NO_TIME;
	if (has_times && !is_dated && part->min_ns > low->max_ns)
		return false; /* all of it is newer */
	bool foreign = is_foreign(low, part);
	if (foreign && !trail_record_part_precedes(part, low))
		return false;
	*ret = (struct cost){
		.time_s = apart,
		.foreign = foreign,
		.gap_ns = !has_times	? 0
			  : end > begin ? end - begin
					: begin - end,
		.distance = part->order > low->order ? part->order - low->order
						     : low->order - part->order,
	};
	return true;
}

static bool is_less(const struct cost *a, const struct cost *b)
{
	if (a->time_s != b->time_s)
		return a->time_s < b->time_s;
	if (a->foreign != b->foreign)
		return b->foreign;
	return a->gap_ns != b->gap_ns ? a->gap_ns < b->gap_ns : a->distance < b->distance;
}

static bool put(struct group *g, struct trail_dump *dump, struct trail_record_part *part)
{
	struct trail_record_part **all = trail_pool_grow(&g->pool, dump->parts, dump->n,
							 sizeof(struct trail_record_part *));

	if (!all)
		return false;
	dump->parts = all;
	all[dump->n++] = part;
	part->dump = dump - g->dumps;
	if (!dump->reason) {
		dump->reason = part->reason;
		dump->count = part->count;
	}
	return true;
}

static bool begin_dump(struct group *g, struct trail_record_part *part)
{
	struct trail_dump *all = trail_pool_grow(&g->pool, g->dumps, g->n_dumps, sizeof(*all));

	if (!all)
		return false;
	g->dumps = all;
	all[g->n_dumps] = (struct trail_dump){ .order = part->order };
	return put(g, &all[g->n_dumps++], part);
}

static bool is_open(const struct trail_record_part *part)
{
	return part->state != TRAIL_PART_DUPLICATE && part->dump == SIZE_MAX;
}

/* The parts of one number, each to the dump it fits best; the best fit of all goes first. */
static bool put_number(struct group *g, size_t start, size_t end)
{
	size_t n_before = g->n_dumps;

	for (;;) {
		struct cost best = { UINT64_MAX, true, UINT64_MAX, UINT64_MAX };
		struct trail_record_part *best_part = NULL;
		size_t best_dump = 0;
		for (size_t i = start; i < end; i++) {
			if (!is_open(g->parts[i]))
				continue;
			for (size_t d = 0; d < n_before && g->steps < STEPS_MAX; d++, g->steps++) {
				struct cost cost = { 0 };
				if (!fits(&g->dumps[d], g->parts[i], &cost) ||
				    !is_less(&cost, &best))
					continue;
				best = cost;
				best_part = g->parts[i];
				best_dump = d;
			}
		}
		if (!best_part)
			break;
		if (!put(g, &g->dumps[best_dump], best_part))
			return false;
	}
	for (size_t i = start; i < end; i++) {
		if (!is_open(g->parts[i]))
			continue;
		bool joins = false;
		struct cost cost;
		for (size_t d = n_before; d < g->n_dumps && !g->parts[i]->number && !joins; d++) {
			joins = fits(&g->dumps[d], g->parts[i], &cost);
			if (joins && !put(g, &g->dumps[d], g->parts[i]))
				return false;
		}
		if (!joins && !begin_dump(g, g->parts[i]))
			return false;
	}
	return true;
}

/* A part that repeats another goes to the other's dump. */
static bool put_repeated(struct group *g, struct trail_record_part *parts)
{
	for (size_t i = 0; i < g->n; i++) {
		struct trail_record_part *part = &parts[i];
		size_t kept = i;
		if (part->state != TRAIL_PART_DUPLICATE)
			continue;
		while (parts[kept].state == TRAIL_PART_DUPLICATE)
			kept = parts[kept].dump;
		struct trail_dump *dump = &g->dumps[parts[kept].dump];
		struct trail_record_part **all = trail_pool_grow(
			&g->pool, dump->repeated, dump->n_repeated,
			sizeof(struct trail_record_part *));
		if (!all)
			return false;
		dump->repeated = all;
		all[dump->n_repeated++] = part;
	}
	return true;
}

static int by_number(const void *a, const void *b)
{
	const struct trail_record_part *x = *(struct trail_record_part *const *)a,
				       *y = *(struct trail_record_part *const *)b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* When a dump was written, for the order of dumps: those of unknown time come last. */
static uint64_t time_of(const struct trail_dump *dump)
{
	const struct trail_record_part *part = dump->parts[0];

	if (part->time == TRAIL_TIME_OF_RECORD)
		return part->time_s;
	return part->boot_s ? part->boot_s : UINT64_MAX;
}

static int by_time(const void *a, const void *b)
{
	const struct trail_dump *x = a, *y = b;
	uint64_t s = time_of(x), t = time_of(y);

	if (s != t)
		return s < t ? -1 : 1;
	if (x->count != y->count)
		return x->count < y->count ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static bool make_dumps(struct group *g, struct trail_record_part *parts)
{
	for (size_t i = 0; i < g->n; i++) {
		parts[i].order = i;
		parts[i].dump = parts[i].repeated_in = SIZE_MAX;
		g->parts[i] = &parts[i];
	}
	qsort(g->parts, g->n, sizeof(struct trail_record_part *), by_number);
	for (size_t start = 0, end; start < g->n; start = end) {
		for (end = start; end < g->n && g->parts[end]->number == g->parts[start]->number;)
			end++;
		mark_repeated(g, start, end);
		if (!put_number(g, start, end))
			return false;
	}
	return put_repeated(g, parts);
}

struct trail_error *trail_dumps_add(struct trail_record_part *parts, size_t n, const char *path,
				    struct trail_facts *facts)
{
	struct group g = { .n = n };
	struct trail_error *error = NULL;

	if (!n)
		return NULL;
	trail_pool_init(&g.pool);
	g.parts = trail_pool_alloc(&g.pool, n, sizeof(struct trail_record_part *));
	if (!g.parts || !make_dumps(&g, parts))
		error = &trail_error_nomem;
	if (!error && g.n_dumps)
		qsort(g.dumps, g.n_dumps, sizeof(*g.dumps), by_time);
	for (size_t i = 0; i < g.n_dumps && !error; i++)
		error = trail_dump_text(&g.dumps[i], path, facts);
	if (!error && g.steps > STEPS_MAX &&
	    !trail_facts_add_gap(facts, "records of pstore",
				 "they are too many to be held against each other: some may be "
				 "given twice"))
		error = &trail_error_nomem;
	trail_pool_fini(&g.pool);
	return error;
}
