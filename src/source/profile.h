/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one build of a kernel answered: symbols by name and by address, members
 * and sizes of types, ORC rows.  The sources that read a dump's tables ask here first and add what
 * they find, so that a second dump of the same kernel is not searched.
 *
 * Answers are true of every boot: addresses of the kernel's image are kept
 * from _stext on.
 */
#ifndef TRAIL_SOURCE_PROFILE_H
#define TRAIL_SOURCE_PROFILE_H

#include "base/base.h"
#include "format/btf.h"
#include "format/orc.h"
#include "source/symbols.h"

struct trail_error;
struct trail_profile;
struct trail_text;
struct trail_vmcoreinfo;

enum { TRAIL_PROFILE_MAX = 4 * 1024 * 1024 }; /* bytes of a file */

/** The symbols of one stem, in table order; their .module and .source are NULL. */
struct trail_profile_stem {
	size_t n;
	struct trail_symbol *symbols;
};

/**
 * An empty profile.
 *
 * @stext  where _stext lies in this dump
 * @ret    owned by the caller
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_profile_new(uint64_t stext, struct trail_profile **ret) TRAIL_MUST_CHECK;
void trail_profile_free(struct trail_profile *profile);

/** Where _stext lies in the dump it is for. */
uint64_t trail_profile_stext(const struct trail_profile *profile);

/** Has an answer been added since it was new or loaded? */
bool trail_profile_has_news(const struct trail_profile *profile);

/**
 * What is known of the symbols whose name is @stem, or @stem, a dot and more; NULL when nothing is,
 * n is 0 when there are none.  Borrowed; addresses are those of this dump.
 */
const struct trail_profile_stem *trail_profile_symbols(const struct trail_profile *profile,
						       const char *stem);

/** What is known of a member, or of the size of a type (@path NULL, in ->size); NULL when nothing
 * is.  *is_there_ret: the type has it. */
const struct trail_member *trail_profile_member(const struct trail_profile *profile,
						const char *type, const char *path,
						bool *is_there_ret);

/** The symbol that covers an address of the kernel's image, its .module and .source NULL; NULL when
 * it is not known.  Borrowed until the next question. */
const struct trail_symbol *trail_profile_symbol_at(struct trail_profile *profile, uint64_t address);

/** The ORC row in force at an address; NULL when it is not known. */
const struct trail_orc_entry *trail_profile_orc_at(const struct trail_profile *profile,
						   uint64_t address);

/** Add answers; what cannot be kept is left out.  @member NULL: the type has no such member. */
void trail_profile_add_symbols(struct trail_profile *profile, const char *stem,
			       const struct trail_symbol *symbols, size_t n);
void trail_profile_add_member(struct trail_profile *profile, const char *type, const char *path,
			      const struct trail_member *member);

/** The symbol that is the answer for all its addresses. */
void trail_profile_add_symbol_at(struct trail_profile *profile, const struct trail_symbol *symbol);

/** The row that is in force from @start to before @end. */
void trail_profile_add_orc(struct trail_profile *profile, uint64_t start, uint64_t end,
			   const struct trail_orc_entry *row);

/**
 * A profile as a file has it: a line with its kind and a checksum, then JSON.
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_profile_save(const struct trail_profile *profile, const char *build_id,
				       struct trail_text *out) TRAIL_MUST_CHECK;

/**
 * Read a profile, and hold it against the VMCOREINFO of the dump it is for: its build ID, and every
 * symbol and offset that both name.
 *
 * @name   of the file, for messages
 * @ret    owned by the caller
 *
 * Errors: BAD_DATA (damaged), UNSUPPORTED (of another kernel), NOMEM.
 */
struct trail_error *trail_profile_load(const void *bytes, size_t n, const char *name,
				       const struct trail_vmcoreinfo *info,
				       struct trail_profile **ret) TRAIL_MUST_CHECK;

#endif
