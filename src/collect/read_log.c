/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log in memory → records in the facts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "collect/collect.h"
#include "format/printk.h"
#include "kernel/kernel.h"
#include "source/image.h"

/* log_buf_len=64M, which is more than anybody needs: 1 << 21 records of 5 bits less */
enum { TEXT_BITS_MAX = 26, RECORD_BITS_MAX = 20, RING_MAX = 1 << 27 };

/* Of an info, at most what lies between the start of caller_id and the name of the task. */
enum { CALLER_SIZE = 8 };

/* The ring's parts on the heap. */
struct ring {
	struct trail_printk_raw raw;
	void *descriptors, *infos, *text;
	uint64_t descriptors_at, infos_at, text_at; /* their addresses */
	uint64_t holes; /* pages of them that are not in the dump, and read as zeros */
};

static void ring_fini(struct ring *ring)
{
	free(ring->descriptors);
	free(ring->infos);
	free(ring->text);
}

/* An offset from VMCOREINFO, else from the types. */
static struct trail_error *offset_of(const struct trail_kernel *kernel, const char *type,
				     const char *member, uint64_t *ret)
{
	char name[128];
	struct trail_member m;

	snprintf(name, sizeof(name), "%s.%s", type, member);
	if (trail_vmcoreinfo_number(&kernel->info, "OFFSET", name, ret))
		return NULL;
	if (!trail_types_member(&kernel->types, type, member, &m))
		return trail_error_format(TRAIL_ERROR_ABSENT, "the offset of %s is not known",
					  name);
	*ret = m.offset;
	return NULL;
}

static struct trail_error *size_of(const struct trail_kernel *kernel, const char *type, size_t *ret)
{
	uint64_t size;

	if (!trail_vmcoreinfo_number(&kernel->info, "SIZE", type, &size) &&
	    !trail_types_size(&kernel->types, type, &size))
		return trail_error_format(TRAIL_ERROR_ABSENT, "the size of %s is not known", type);
	if (!size || size > TRAIL_PAGE_SIZE)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "the size of %s is %" PRIu64, type,
					  size);
	*ret = size;
	return NULL;
}

/* Read a member whose struct lies at @base. */
static struct trail_error *read_at(struct trail_kernel *kernel, uint64_t base, const char *type,
				   const char *member, size_t width, uint64_t *ret)
{
	uint64_t offset;
	struct trail_error *error = offset_of(kernel, type, member, &offset);

	if (!error)
		error = trail_kernel_read(kernel, base + offset, width, false, ret);
	return trail_error_wrap(error, "%s.%s", type, member);
}

static struct trail_error *read_offsets(const struct trail_kernel *kernel,
					struct trail_printk_raw *raw)
{
	uint64_t blocks, begin, next;
	struct {
		const char *type, *member;
		size_t *to;
	} wanted[] = {
		{ "prb_desc", "state_var", &raw->offset.state },
		{ "printk_info", "seq", &raw->offset.seq },
		{ "printk_info", "ts_nsec", &raw->offset.ts_nsec },
		{ "printk_info", "text_len", &raw->offset.text_len },
		{ "printk_info", "caller_id", &raw->offset.caller_id },
		{ "printk_info", "dev_info", &raw->offset.dev_info },
	};

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(wanted); i++) {
		uint64_t offset;
		struct trail_error *error = offset_of(kernel, wanted[i].type, wanted[i].member,
						      &offset);
		if (error)
			return error;
		*wanted[i].to = offset;
	}
	struct trail_error *error = offset_of(kernel, "prb_desc", "text_blk_lpos", &blocks);
	if (!error)
		error = offset_of(kernel, "prb_data_blk_lpos", "begin", &begin);
	if (!error)
		error = offset_of(kernel, "prb_data_blk_lpos", "next", &next);
	if (error)
		return error;
	raw->offset.begin = blocks + begin;
	raw->offset.next = blocks + next;
	error = size_of(kernel, "printk_info", &raw->info_size);
	/* the descriptor's size is in no VMCOREINFO: state, then the block positions */
	size_t positions = 0;
	if (!error)
		error = size_of(kernel, "prb_data_blk_lpos", &positions);
	if (!error)
		raw->descriptor_size = blocks + positions;
	return error;
}

static struct trail_error *read_part(struct trail_kernel *kernel, const char *what,
				     uint64_t address, uint64_t n, uint64_t size, void **ret,
				     uint64_t *holes_ret)
{
	uint64_t bytes;

	if (!trail_mul(n, size, &bytes) || bytes > RING_MAX)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "log %s: %" PRIu64 " times %" PRIu64 " bytes", what, n,
					  size);
	void *part = calloc(1, bytes);
	if (!part)
		return &trail_error_nomem;
	*ret = part; /* page by page: a hole costs its records, not the log */
	uint64_t holes = 0;
	for (uint64_t at = 0; at < bytes;) {
		uint64_t step = TRAIL_MIN(
			bytes - at, TRAIL_PAGE_SIZE - ((address + at) & (TRAIL_PAGE_SIZE - 1)));
		struct trail_error *error = trail_image_look(kernel->image, address + at,
							     (char *)part + at, step);
		trail_error_free(error);
		holes += !!error;
		at += step;
	}
	*holes_ret += holes;
	if (holes * TRAIL_PAGE_SIZE >= bytes)
		return trail_error_format(TRAIL_ERROR_NODATA,
					  "the log's %s at 0x%" PRIx64 " are not in the dump", what,
					  address);
	return NULL;
}

static struct trail_error *read_ring(struct trail_kernel *kernel, struct ring *ring)
{
	uint64_t pointer, prb, desc, data, bits;
	struct trail_printk_raw *raw = &ring->raw;
	struct trail_error *error = trail_vmcoreinfo_number(&kernel->info, "SYMBOL", "prb",
							    &pointer)
					    ? NULL
					    : trail_kernel_symbol(kernel, "prb", &pointer);

	if (!error)
		error = trail_kernel_pointer(kernel, pointer, &prb);
	if (!error)
		error = offset_of(kernel, "printk_ringbuffer", "desc_ring", &desc);
	if (!error)
		error = offset_of(kernel, "printk_ringbuffer", "text_data_ring", &data);
	if (!error)
		error = read_offsets(kernel, raw);
	if (error)
		return error;
	desc += prb;
	data += prb;
	error = read_at(kernel, desc, "prb_desc_ring", "count_bits", 4, &bits);
	raw->count_bits = bits;
	if (!error)
		error = read_at(kernel, desc, "prb_desc_ring", "descs", 8, &ring->descriptors_at);
	if (!error)
		error = read_at(kernel, desc, "prb_desc_ring", "infos", 8, &ring->infos_at);
	if (!error)
		error = read_at(kernel, desc, "prb_desc_ring", "head_id", 8, &raw->head_id);
	if (!error)
		error = read_at(kernel, desc, "prb_desc_ring", "tail_id", 8, &raw->tail_id);
	if (!error)
		error = read_at(kernel, data, "prb_data_ring", "data", 8, &ring->text_at);
	if (!error)
		error = read_at(kernel, data, "prb_data_ring", "size_bits", 4, &bits);
	raw->text_bits = bits;
	if (!error && (raw->count_bits > RECORD_BITS_MAX || raw->text_bits > TEXT_BITS_MAX ||
		       raw->text_bits < 4))
		error = trail_error_format(TRAIL_ERROR_BAD_DATA,
					   "a log of 2^%u records and 2^%u bytes", raw->count_bits,
					   raw->text_bits);
	if (!error)
		error = read_part(kernel, "descriptors", ring->descriptors_at,
				  UINT64_C(1) << raw->count_bits, raw->descriptor_size,
				  &ring->descriptors, &ring->holes);
	if (!error)
		error = read_part(kernel, "infos", ring->infos_at, UINT64_C(1) << raw->count_bits,
				  raw->info_size, &ring->infos, &ring->holes);
	if (!error)
		error = read_part(kernel, "text", ring->text_at, UINT64_C(1) << raw->text_bits, 1,
				  &ring->text, &ring->holes);
	raw->descriptors = ring->descriptors;
	raw->infos = ring->infos;
	raw->text = ring->text;
	return error;
}

/*
 * Of the ring without its texts: the descriptors, and of each info what comes before the names of
 * task and device; all else as zeros.
 */
static bool keep_ring(struct trail_kernel *kernel, const struct ring *ring)
{
	const struct trail_printk_raw *raw = &ring->raw;
	uint64_t n = UINT64_C(1) << raw->count_bits, text = UINT64_C(1) << raw->text_bits;
	size_t size = TRAIL_MIN(raw->offset.dev_info, raw->offset.caller_id + CALLER_SIZE);
	TRAIL_CLEANUP(trail_freep) char *zeros = calloc(1, TRAIL_MAX(text, n * raw->info_size));

	if (!zeros)
		return false;
	trail_image_keep(kernel->image, ring->descriptors_at, ring->descriptors,
			 n * raw->descriptor_size);
	trail_image_keep(kernel->image, ring->infos_at, zeros, n * raw->info_size);
	trail_image_keep(kernel->image, ring->text_at, zeros, text);
	for (uint64_t at = 0; at < n * raw->info_size; at += raw->info_size)
		trail_image_keep(kernel->image, ring->infos_at + at, raw->infos + at,
				 TRAIL_MIN(size, raw->info_size));
	return true;
}

/*
 * Where a record's text lies; 0 when it has none.  The id before it is kept: without that the
 * record would count as lost.
 */
static uint64_t keep_id(struct trail_kernel *kernel, const struct ring *ring,
			const struct trail_printk_record *r)
{
	uint64_t at = (uintptr_t)r->text - (uintptr_t)ring->text;

	if (at >= UINT64_C(1) << ring->raw.text_bits)
		return 0;
	trail_image_keep(kernel->image, ring->text_at + at - TRAIL_PRINTK_ID_SIZE,
			 r->text - TRAIL_PRINTK_ID_SIZE, TRAIL_PRINTK_ID_SIZE);
	return ring->text_at + at;
}

static bool keep_record(struct trail_facts *facts, const struct trail_printk_record *r,
			uint64_t text_at, uint64_t comm_at)
{
	struct trail_log_facts *log = &facts->log;
	struct trail_record *all = trail_pool_grow(&facts->pool, log->records, log->n,
						   sizeof(*all));
	const char *text = all ? trail_pool_strndup(&facts->pool, r->text, r->length) : NULL;
	const char *comm = r->comm[0] ? trail_facts_copy(facts, r->comm) : NULL;

	if (!text || (r->comm[0] && !comm))
		return false;
	log->records = all;
	all[log->n++] = (struct trail_record){ .seq = r->seq,
					       .ts_nsec = r->ts_nsec,
					       .text = text,
					       .length = r->length,
					       .level = r->level,
					       .facility = r->facility,
					       .partial = r->partial,
					       .cpu = r->cpu,
					       .pid = r->pid,
					       .comm = comm,
					       .text_at = text_at,
					       .comm_at = comm ? comm_at : 0 };
	return true;
}

/*
 * The number that every record's seq is ahead of its place in the ring: both
 * count on together, so a seq that does not fit is damaged, not the place.
 */
static uint64_t start_of(const struct trail_printk_raw *raw, uint64_t n)
{
	uint64_t start = 0, votes = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct trail_printk_record r;
		if (trail_printk_read(raw, i, &r) != TRAIL_PRINTK_RECORD)
			continue;
		if (!votes)
			start = r.seq - i;
		votes += r.seq - i == start ? 1 : -1;
	}
	return start;
}

/*
 * Is the info of a record that of another one?  A slot that was taken anew
 * still has that of the round before, or none; one with a wrong seq alone is
 * believed.
 */
static bool is_stale(const struct trail_printk_raw *raw, const struct trail_printk_record *r,
		     uint64_t seq)
{
	uint64_t round = (UINT64_C(1) << raw->count_bits) - 1;

	return r->seq != seq && (!((seq - r->seq) & round) || !r->length);
}

/* Every record that can be read; those that cannot leave a step in seq. */
static struct trail_error *read_records(struct trail_kernel *kernel, const struct ring *ring,
					uint64_t n, struct trail_facts *facts)
{
	const struct trail_printk_raw *raw = &ring->raw;
	struct trail_log_facts *log = &facts->log;
	uint64_t start = start_of(raw, n), text = 0;
	bool any = false;

	for (uint64_t i = 0; i < n; i++) {
		struct trail_printk_record r;
		enum trail_printk_slot slot = trail_printk_read(raw, i, &r);

		if (slot == TRAIL_PRINTK_EMPTY)
			continue;
		uint64_t at = keep_id(kernel, ring, &r);
		if (!any)
			log->first_seq = start + i;
		any = true;
		log->next_seq = start + i + 1;
		if (slot == TRAIL_PRINTK_LOST || is_stale(raw, &r, start + i) ||
		    text + r.length > UINT64_C(1) << raw->text_bits) /* blocks that overlap */
			continue;
		text += r.length;
		r.seq = start + i;
		if (!keep_record(facts, &r, at, ring->infos_at + r.comm_at))
			return &trail_error_nomem;
	}
	log->lost = log->next_seq - log->first_seq - log->n;
	return NULL;
}

/* What is wrong with the log that was read; NULL when nothing is. */
static struct trail_error *complaint(struct trail_log_facts *log, uint64_t holes, bool repaired)
{
	if (holes && !log->lost)
		log->lost = 1; /* at either end they cannot be counted */
	if (holes)
		return trail_error_format(
			TRAIL_ERROR_NODATA,
			"%" PRIu64 " pages of the ring are not in the dump, at least %" PRIu64
			" records are lost",
			holes, log->lost);
	if (repaired)
		return trail_error_format(
			TRAIL_ERROR_BAD_DATA,
			"head and tail of the ring are damaged, its records were found without them; %" PRIu64
			" are lost",
			log->lost);
	if (log->lost)
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "%" PRIu64 " records of the ring are lost or damaged",
					  log->lost);
	return NULL;
}

static struct trail_error *read_lockless_log(struct trail_kernel *kernel, struct trail_facts *facts)
{
	TRAIL_CLEANUP(ring_fini) struct ring ring = { 0 };
	struct trail_log_facts *log = &facts->log;
	struct trail_error *error = read_ring(kernel, &ring);

	log->presence = trail_presence_of(error);
	if (error)
		return error;
	TRAIL_CLEANUP(trail_freep)
	char *ids = calloc(UINT64_C(1) << ring.raw.count_bits, sizeof(uint64_t));
	if (!ids)
		return &trail_error_nomem;
	bool repaired = trail_printk_repair(&ring.raw, (uint64_t *)(void *)ids);
	uint64_t n = trail_printk_count(&ring.raw);
	if (!n) {
		log->presence = TRAIL_CORRUPT;
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "the ids of the log's head and tail, 0x%" PRIx64
					  " and 0x%" PRIx64 ", cannot be right",
					  ring.raw.head_id, ring.raw.tail_id);
	}
	if (!keep_ring(kernel, &ring))
		return &trail_error_nomem;
	error = read_records(kernel, &ring, n, facts);
	return error ? error : complaint(log, ring.holes, repaired);
}

/* ---- before v5.10 -------------------------------------------------------- */

/* A variable of the log: VMCOREINFO names those it takes to read it, the symbols the others. */
static struct trail_error *log_variable(struct trail_kernel *kernel, const char *name, size_t width,
					uint64_t *ret)
{
	uint64_t address;
	bool named = trail_vmcoreinfo_number(&kernel->info, "SYMBOL", name, &address);
	struct trail_error *error = named ? NULL : trail_kernel_symbol(kernel, name, &address);

	if (!error)
		error = trail_kernel_read(kernel, address, width, false, ret);
	return trail_error_wrap(error, "%s", name);
}

/* Source: Linux v5.9 kernel/printk/printk.c log_buf_vmcoreinfo_setup(). */
static struct trail_error *read_bytes_layout(const struct trail_kernel *kernel,
					     struct trail_printk_bytes *ring)
{
	static const char type[] = "printk_log";
	struct {
		const char *member;
		size_t *to;
		bool needed;
	} wanted[] = {
		{ "ts_nsec", &ring->offset.ts_nsec, true },
		{ "len", &ring->offset.len, true },
		{ "text_len", &ring->offset.text_len, true },
		{ "dict_len", &ring->offset.dict_len, true },
		{ "caller_id", &ring->offset.caller_id, false },
	};

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(wanted); i++) {
		uint64_t offset = 0;
		struct trail_error *error = offset_of(kernel, type, wanted[i].member, &offset);
		if (error && (wanted[i].needed || error->code != TRAIL_ERROR_ABSENT))
			return error;
		trail_error_free(error);
		*wanted[i].to = offset;
	}
	return size_of(kernel, type, &ring->header_size);
}

static struct trail_error *read_byte_ring(struct trail_kernel *kernel,
					  struct trail_printk_bytes *ring, void **bytes_ret,
					  uint64_t *at_ret, uint64_t *holes_ret)
{
	uint64_t buffer, size, first, next;
	struct trail_error *error = log_variable(kernel, "log_buf", 8, &buffer);

	if (!error)
		error = log_variable(kernel, "log_buf_len", 4, &size);
	if (!error)
		error = log_variable(kernel, "log_first_idx", 4, &first);
	if (!error)
		error = log_variable(kernel, "log_next_idx", 4, &next);
	if (!error)
		error = read_bytes_layout(kernel, ring);
	if (!error)
		error = read_part(kernel, "buffer", buffer, size, 1, bytes_ret, holes_ret);
	if (error)
		return error;
	*at_ret = buffer;
	ring->bytes = *bytes_ret;
	ring->size = size;
	ring->first = first;
	ring->next = next;
	/* without them the records are counted from the first that is left */
	error = log_variable(kernel, "log_first_seq", 8, &ring->first_seq);
	if (!error)
		error = log_variable(kernel, "log_next_seq", 8, &ring->next_seq);
	if (error)
		ring->first_seq = ring->next_seq = 0;
	trail_error_free(error);
	return NULL;
}

/* Of the ring without its texts nothing but the records' headers, see keep_header(). */
static bool keep_bytes(struct trail_kernel *kernel, const struct trail_printk_bytes *ring,
		       uint64_t at)
{
	TRAIL_CLEANUP(trail_freep) char *zeros = calloc(1, ring->size);

	if (!zeros)
		return false;
	trail_image_keep(kernel->image, at, zeros, ring->size);
	return true;
}

/* Where a record's text lies; its header, which stands before it, is kept. */
static uint64_t keep_header(struct trail_kernel *kernel, const struct trail_printk_bytes *ring,
			    uint64_t at, const struct trail_printk_record *r)
{
	uint64_t text = (const uint8_t *)r->text - ring->bytes;

	trail_image_keep(kernel->image, at + text - ring->header_size, r->text - ring->header_size,
			 ring->header_size);
	return at + text;
}

static struct trail_error *read_byte_log(struct trail_kernel *kernel, struct trail_facts *facts)
{
	TRAIL_CLEANUP(trail_freep) void *bytes = NULL, *leads = NULL;
	struct trail_printk_bytes ring = { 0 };
	struct trail_log_facts *log = &facts->log;
	struct trail_printk_place place;
	uint64_t holes = 0, damaged = 0, at = 0;
	struct trail_error *error = read_byte_ring(kernel, &ring, &bytes, &at, &holes);

	log->presence = trail_presence_of(error);
	if (error)
		return error;
	leads = calloc(1, ring.size / 4 + 1);
	if (!leads || !keep_bytes(kernel, &ring, at))
		return &trail_error_nomem;
	ring.leads = leads;
	if (!trail_printk_first(&ring, &place)) {
		log->presence = TRAIL_CORRUPT;
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "a log of %u bytes from %u to %u, records %" PRIu64
					  " to %" PRIu64 ", cannot be right",
					  ring.size, ring.first, ring.next, ring.first_seq,
					  ring.next_seq);
	}
	if (!ring.next_seq && ring.first) /* some are gone, it is not known how many */
		place.seq = 1;
	log->first_seq = place.seq;
	for (;;) {
		struct trail_printk_record r;
		enum trail_printk_slot slot = trail_printk_next(&ring, &place, &r);
		if (slot == TRAIL_PRINTK_EMPTY)
			break;
		damaged += slot == TRAIL_PRINTK_LOST;
		if (slot == TRAIL_PRINTK_RECORD &&
		    !keep_record(facts, &r, keep_header(kernel, &ring, at, &r), 0))
			return &trail_error_nomem;
	}
	log->next_seq = TRAIL_MAX(place.seq, ring.next_seq);
	log->lost = TRAIL_MAX(log->next_seq - log->first_seq - log->n, damaged);
	return complaint(log, holes, false);
}

static bool has_byte_ring(const struct trail_kernel *kernel)
{
	uint64_t unused;

	return !trail_vmcoreinfo_number(&kernel->info, "SYMBOL", "prb", &unused) &&
	       trail_vmcoreinfo_number(&kernel->info, "SYMBOL", "log_buf", &unused);
}

struct trail_error *trail_read_log(struct trail_kernel *kernel, struct trail_facts *facts)
{
	struct trail_error *error = has_byte_ring(kernel) ? read_byte_log(kernel, facts)
							  : read_lockless_log(kernel, facts);
	struct trail_error *waiting = trail_gap_from(facts, trail_read_waiting(kernel, facts),
						     "kernel log");

	if (!waiting)
		return error;
	trail_error_free(error);
	return waiting;
}
