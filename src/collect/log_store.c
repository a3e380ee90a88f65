/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines kept up to a limit; see log_store.h. */
#include "collect/log_store.h"

#include <stdlib.h>

#include "facts/facts.h"
#include "format/klog.h"

enum { CHUNK_SIZE = 60 << 10 };

_Static_assert((int)TRAIL_KLOG_NO_LEVEL == (int)TRAIL_NO_LEVEL, "a line's level goes to a record");

/* Before each line's comm, with its NUL, and text. */
struct head {
	uint64_t number, ts_nsec;
	uint32_t length;
	int32_t cpu, pid;
	uint8_t level, facility, comm_size, unused;
};

static size_t chunk_cost(const struct trail_log_chunk *chunk)
{
	return sizeof(*chunk) + chunk->size + chunk->lines * sizeof(struct trail_record);
}

static void chunk_free(struct trail_log_chunk *chunk)
{
	if (chunk)
		trail_pool_fini(&chunk->pool);
	free(chunk);
}

/* Append a chunk with room for @size bytes. */
static struct trail_log_chunk *chunk_new(struct trail_log_lines *lines, size_t size)
{
	struct trail_log_chunk *chunk = calloc(1, sizeof(*chunk));

	if (!chunk)
		return NULL;
	chunk->size = TRAIL_MAX(size, (size_t)CHUNK_SIZE);
	chunk->bytes = trail_pool_alloc(&chunk->pool, 1, chunk->size);
	if (!chunk->bytes) {
		chunk_free(chunk);
		return NULL;
	}
	/* the first says which kernel it is */
	chunk->pinned = !lines->first || lines->pin_ahead;
	if (lines->last)
		lines->last->next = chunk;
	else
		lines->first = chunk;
	lines->last = chunk;
	lines->cost += chunk_cost(chunk);
	lines->pinned += chunk->pinned ? chunk_cost(chunk) : 0;
	return chunk;
}

bool trail_log_add(struct trail_log_lines *lines, const struct trail_klog_line *line,
		   uint64_t number, size_t *cost)
{
	struct head head = {
		.number = number,
		.ts_nsec = line->has_time ? line->ts_nsec : TRAIL_NO_TIME,
		.length = (uint32_t)line->length,
		.cpu = line->cpu,
		.pid = line->pid,
		.level = line->level,
		.facility = line->facility,
		.comm_size = line->comm ? (uint8_t)(line->comm_length + 1) : 0,
	};
	size_t size = sizeof(head) + head.comm_size + head.length, before = lines->cost;
	struct trail_log_chunk *chunk = lines->last;

	if (!chunk || chunk->size - chunk->used < size)
		chunk = chunk_new(lines, size);
	if (!chunk)
		return false;
	uint8_t *to = chunk->bytes + chunk->used;
	memcpy(to, &head, sizeof(head));
	if (line->comm)
		memcpy(to + sizeof(head), line->comm, line->comm_length);
	if (line->length)
		memcpy(to + sizeof(head) + head.comm_size, line->text, line->length);
	chunk->used += size;
	chunk->lines++;
	lines->cost += sizeof(struct trail_record);
	lines->pinned += chunk->pinned ? sizeof(struct trail_record) : 0;
	size_t spent = size + sizeof(struct trail_record);
	lines->pin_ahead -= TRAIL_MIN(lines->pin_ahead, spent);
	*cost += lines->cost - before;
	return true;
}

struct trail_log_place trail_log_end(const struct trail_log_lines *lines)
{
	return (struct trail_log_place){
		.chunk = lines->last,
		.used = lines->last ? lines->last->used : 0,
		.lines = lines->last ? lines->last->lines : 0,
	};
}

bool trail_log_is_far(const struct trail_log_lines *lines, struct trail_log_place place)
{
	const struct trail_log_chunk *c = place.chunk ? place.chunk : lines->first;

	return c && c != lines->last && c->next != lines->last;
}

/* All costs anew: chunks have moved. */
static void sum_up(struct trail_log_lines *lines)
{
	lines->cost = lines->pinned = 0;
	lines->last = NULL;
	for (struct trail_log_chunk *c = lines->first; c; c = c->next) {
		lines->cost += chunk_cost(c);
		lines->pinned += c->pinned ? chunk_cost(c) : 0;
		lines->last = c;
	}
}

bool trail_log_move(struct trail_log_lines *lines, struct trail_log_place place,
		    struct trail_log_lines *to, size_t *cost)
{
	struct trail_log_chunk *at = place.chunk, *rest = at ? at->next : lines->first;
	size_t before = lines->cost;

	if (at && at->used > place.used) {
		size_t n = at->used - place.used;
		struct trail_log_chunk *chunk = chunk_new(to, n);
		if (!chunk)
			return false;
		memcpy(chunk->bytes, at->bytes + place.used, n);
		chunk->used = n;
		chunk->lines = at->lines - place.lines;
		at->used = place.used;
		at->lines = place.lines;
	}
	if (at)
		at->next = NULL;
	else
		lines->first = NULL;
	if (to->last)
		to->last->next = rest;
	else
		to->first = rest;
	sum_up(lines);
	sum_up(to);
	*cost += lines->cost + to->cost - before;
	return true;
}

void trail_log_pin(struct trail_log_lines *lines, size_t before, size_t behind)
{
	size_t left = lines->cost;

	for (struct trail_log_chunk *c = lines->first; c; c = c->next) {
		size_t cost = chunk_cost(c);
		if (left <= before + cost && !c->pinned) {
			c->pinned = true;
			lines->pinned += cost;
		}
		left -= cost;
	}
	lines->pin_ahead = TRAIL_MAX(lines->pin_ahead, behind);
}

bool trail_log_drop(struct trail_log_lines *lines, size_t *cost)
{
	struct trail_log_chunk **at = &lines->first;

	while (*at && ((*at)->pinned || *at == lines->last || (*at)->next == lines->last))
		at = &(*at)->next;
	struct trail_log_chunk *chunk = *at;
	if (!chunk)
		return false;
	*at = chunk->next;
	lines->lost += chunk->lines;
	lines->cost -= chunk_cost(chunk);
	*cost -= chunk_cost(chunk);
	chunk_free(chunk);
	return true;
}

static void drop_behind(struct trail_log_lines *lines, struct trail_log_chunk **at, size_t *cost)
{
	while (*at) {
		struct trail_log_chunk *chunk = *at;
		*at = chunk->next;
		lines->cost -= chunk_cost(chunk);
		*cost -= chunk_cost(chunk);
		chunk_free(chunk);
	}
	sum_up(lines);
}

void trail_log_keep_first(struct trail_log_lines *lines, size_t *cost)
{
	if (lines->first)
		drop_behind(lines, &lines->first->next, cost);
}

void trail_log_drop_all(struct trail_log_lines *lines, size_t *cost)
{
	drop_behind(lines, &lines->first, cost);
}

/* The line at *@used of a chunk; steps over it. */
static struct trail_record next_record(const struct trail_log_chunk *chunk, size_t *used)
{
	const uint8_t *at = chunk->bytes + *used;
	struct head head;

	memcpy(&head, at, sizeof(head));
	*used += sizeof(head) + head.comm_size + head.length;
	return (struct trail_record){
		.seq = head.number,
		.ts_nsec = head.ts_nsec,
		.text = (const char *)at + sizeof(head) + head.comm_size,
		.length = head.length,
		.level = head.level,
		.facility = head.facility,
		.cpu = head.cpu,
		.pid = head.pid,
		.comm = head.comm_size ? (const char *)at + sizeof(head) : NULL,
	};
}

/* Go over all lines; with @records, put the wanted ones there.  Gives how many those are. */
static size_t walk(const struct trail_log_lines *lines, bool (*wanted)(const char *text, size_t n),
		   struct trail_record *records)
{
	size_t n = 0;

	for (const struct trail_log_chunk *c = lines->first; c; c = c->next)
		for (size_t used = 0; used < c->used;) {
			struct trail_record record = next_record(c, &used);
			if (wanted && !wanted(record.text, record.length))
				continue;
			if (records)
				records[n] = record;
			n++;
		}
	return n;
}

bool trail_log_records(struct trail_log_lines *lines, bool (*wanted)(const char *text, size_t n),
		       struct trail_pool *pool, struct trail_log_facts *ret)
{
	size_t n = walk(lines, wanted, NULL);
	struct trail_record *records = trail_pool_alloc(pool, n + !n, sizeof(*records));

	if (!records)
		return false;
	(void)walk(lines, wanted, records);
	*ret = (struct trail_log_facts){
		.presence = TRAIL_PRESENT,
		.records = records,
		.n = n,
		.first_seq = n ? records[0].seq : 0,
		.next_seq = n ? records[n - 1].seq + 1 : 0,
		.lost = lines->lost,
	};
	for (struct trail_log_chunk *c = lines->first, *next; c; c = next) {
		next = c->next;
		trail_pool_adopt(pool, &c->pool);
		chunk_free(c);
	}
	*lines = (struct trail_log_lines){};
	return true;
}
