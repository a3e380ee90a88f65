/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the zones of ramoops memory lie, and what kind each is; ramoops.h reads them. */
#ifndef TRAIL_FORMAT_RAMOOPS_LAYOUT_H
#define TRAIL_FORMAT_RAMOOPS_LAYOUT_H

#include "format/pstore.h"
#include "format/rs_ecc.h"

struct trail_error;
struct trail_pool;

enum {
	TRAIL_RAMOOPS_HEADER = 12,	   /* bytes: signature, start, size */
	TRAIL_RAMOOPS_BLOCK = 128,	   /* of data, that has parity of its own */
	TRAIL_RAMOOPS_MAX_PARITY = 64,	   /* bytes a block that are tried */
	TRAIL_RAMOOPS_MAX_ZONES = 1 << 14, /* ftrace has one for each CPU */
};

struct trail_ramoops_zone {
	size_t at;     /* of its header */
	size_t extent; /* up to the next zone, or the end */
	enum trail_pstore_type type;
	uint32_t number;  /* among those of its type */
	uint32_t version; /* of the kernel, as LINUX_VERSION_CODE: in the signature of ftrace; else
			     0 */
	uint32_t start, size;
	bool signature;		/* stands there, or came out of the correction */
	uint32_t ecc_corrected; /* bytes of the header and its parity */
	bool ecc_bad;		/* the header could not be corrected */
};

struct trail_ramoops_layout {
	bool big_endian;
	size_t n_parity; /* bytes a block; 0: there is none */
	size_t step;	 /* from one dmesg zone to the next; 0: not known */
	struct trail_ramoops_zone *zones;
	size_t n;
	bool more; /* than are kept */
	struct trail_rs rs;
};

/** All zones, by their place.  Errors: NOMEM. */
struct trail_error *trail_ramoops_find(const uint8_t *bytes, size_t n, struct trail_pool *pool,
				       struct trail_ramoops_layout *ret) TRAIL_MUST_CHECK;

/** Bytes of data that a zone has room for. */
size_t trail_ramoops_capacity(const struct trail_ramoops_layout *layout,
			      const struct trail_ramoops_zone *zone);

/** The line that a dmesg zone's data starts with. */
struct trail_ramoops_line {
	size_t length;
	uint64_t time_s;
	char packed; /* 'C', 'D', or NUL: an old kernel does not say */
};

/** Read it; false when there is none. */
bool trail_ramoops_line(const uint8_t *data, size_t n, struct trail_ramoops_line *ret);

#endif
