/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BTF: the type table that a kernel carries in its own memory.  Answers where
 * a member of a struct lies and how large it is.
 */
#ifndef TRAIL_FORMAT_BTF_H
#define TRAIL_FORMAT_BTF_H

#include "base/base.h"

struct trail_error;
struct trail_btf;
struct trail_lazy;

/** A member, or a whole struct. */
struct trail_member {
	uint64_t offset; /* bytes from the start of the struct */
	uint64_t size;	 /* bytes; 0 for a bit field */
	bool is_signed;	 /* an integer with sign */
};

/**
 * Read the header.  The types are read when they are asked for, and only as far as the one that is
 * wanted.
 *
 * @bytes  the whole table, borrowed, must outlive *ret
 * @ret    owned by the caller
 *
 * Errors: NOMEM, BAD_DATA (magic, or a section leaves the bytes), those of the reader of @bytes.
 * Source: Linux Documentation/bpf/btf.rst, include/uapi/linux/btf.h.
 */
struct trail_error *trail_btf_new(struct trail_lazy *bytes, bool big_endian,
				  struct trail_btf **ret) TRAIL_MUST_CHECK;
void trail_btf_free(struct trail_btf *btf);

/** Why some of the table could not be read so far: then what is not found may still be there.  NULL
 * when there was nothing; borrowed. */
const struct trail_error *trail_btf_problem(const struct trail_btf *btf);

/**
 * Where a member lies.
 *
 * @type  name of a struct or union
 * @path  member, or members with dots between ("core_layout.base"); those of
 *        anonymous structs and unions are found as C finds them
 *
 * False when there is no such struct or member.
 */
bool trail_btf_member(struct trail_btf *btf, const char *type, const char *path,
		      struct trail_member *ret);

/** Bytes of a struct or union; false when there is none of that name. */
bool trail_btf_size(struct trail_btf *btf, const char *type, uint64_t *ret);

#endif
