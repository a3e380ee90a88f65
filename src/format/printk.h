/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's log → records: the lockless ring buffer since v5.10, and the
 * ring of bytes of the kernels before it.
 */
#ifndef TRAIL_FORMAT_PRINTK_H
#define TRAIL_FORMAT_PRINTK_H

#include "base/base.h"

struct trail_error;

enum {
	TRAIL_PRINTK_MAX_BITS = 24,	 /* of the descriptor count */
	TRAIL_PRINTK_MAX_TEXT_BITS = 31, /* of the text; log_buf_len is at most 2 GiB */
	TRAIL_PRINTK_ID_SIZE = 8,	 /* before the text of each record */
};

/**
 * The raw ring; bytes are borrowed.  Sizes and offsets are in bytes, from
 * VMCOREINFO or BTF.
 */
struct trail_printk_raw {
	unsigned count_bits; /* 2^count_bits descriptors and infos */
	const uint8_t *descriptors, *infos;
	size_t descriptor_size, info_size; /* of one */
	const uint8_t *text;
	unsigned text_bits; /* 2^text_bits bytes of text */
	uint64_t head_id, tail_id;
	struct {
		size_t state, begin, next;			    /* in a descriptor */
		size_t seq, ts_nsec, text_len, caller_id, dev_info; /* in an info */
	} offset;
	bool big_endian;
};

/** One record; text is borrowed from the raw ring. */
struct trail_printk_record {
	uint64_t seq, ts_nsec;
	const char *text;
	uint32_t length;
	uint8_t facility, level;
	bool partial;	  /* reserved: its writer was stopped in the middle */
	int32_t cpu, pid; /* -1 where the record does not say */
	char comm[16];	  /* NUL-terminated; empty where the record does not say */
	size_t comm_at;	  /* its offset in the infos, where it is not empty */
};

/** What lies at one place of the ring. */
enum trail_printk_slot {
	TRAIL_PRINTK_RECORD,
	TRAIL_PRINTK_EMPTY, /* no record there: reusable, or not yet used */
	TRAIL_PRINTK_LOST,  /* a record whose text is gone or cannot be right */
};

/** Number of ids from the tail to the head, both counted; 0 when they cannot be right or the ring
 * is too large. */
uint64_t trail_printk_count(const struct trail_printk_raw *raw);

/**
 * Hold the ids of head and tail against the descriptors, and put right what
 * does not fit: a live descriptor outside of them, or a count that cannot be.
 * The newest ids are then those of the 2^count_bits consecutive ones with the
 * most live descriptors.
 *
 * @ids  room for 2^count_bits numbers
 *
 * True when head and tail were changed.
 * Source: Linux kernel/printk/printk_ringbuffer.c: a descriptor is made
 * reusable before the tail passes it, and lies in the slot of its id.
 */
bool trail_printk_repair(struct trail_printk_raw *raw, uint64_t *ids);

/**
 * Decode the record of the @i-th id from the tail, @i < trail_printk_count().
 *
 * A LOST record has its seq and time where they could be read.
 * Source: Linux kernel/printk/printk_ringbuffer.c desc_read(), get_data();
 * Documentation/admin-guide/kdump/gdbmacros.txt.  v7.x compares the wrap of a
 * block with its last byte, older ones with the byte behind it: data that ends
 * exactly at the end of the ring is taken where its id stands.
 */
enum trail_printk_slot trail_printk_read(const struct trail_printk_raw *raw, uint64_t i,
					 struct trail_printk_record *ret);

/* ---- before v5.10 -------------------------------------------------------- */

/** The raw ring of bytes; borrowed.  Sizes and offsets are in bytes, from VMCOREINFO. */
struct trail_printk_bytes {
	const uint8_t *bytes;
	uint32_t size;		      /* log_buf_len */
	uint32_t first, next;	      /* log_first_idx, log_next_idx */
	uint64_t first_seq, next_seq; /* log_first_seq, log_next_seq; both 0: not known */
	size_t header_size;	      /* of struct printk_log */
	struct {
		size_t ts_nsec, len, text_len, dict_len;
		size_t caller_id; /* 0: it has none (CONFIG_PRINTK_CALLER, since v5.1) */
	} offset;
	bool big_endian;
	/** Room for a quarter of the size: where, in words, the headers lead to the end of the
	 * ring; used when something in it cannot be right. */
	uint8_t *leads;
};

/** Where a walk of that ring is. */
struct trail_printk_place {
	uint32_t index;
	bool wrapped, searched; /* it goes on at the start; leads is filled in */
	uint64_t seq;
};

/** The oldest record's place; false when the ring cannot be right. */
bool trail_printk_first(const struct trail_printk_bytes *ring, struct trail_printk_place *ret);

/**
 * Decode the record at a place, and go on to the next.
 *
 * EMPTY: there are no more.  LOST: what lies there cannot be right; the place moves to where the
 * headers lead to the end again, and seq, where the kernel's count is known, to that record's.
 *
 * Source: Linux v4.19 and v5.4 kernel/printk/printk.c struct printk_log, log_store(): a record's
 * length leads to the next one; one of length 0 stands where the next one did not fit, which then
 * begins the buffer.
 */
enum trail_printk_slot trail_printk_next(const struct trail_printk_bytes *ring,
					 struct trail_printk_place *place,
					 struct trail_printk_record *ret);

#endif
