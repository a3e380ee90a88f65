/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where profiles are kept: a file that was named, and a cache directory with
 * one file a kernel, BUILD-ID.profile.
 */
#ifndef TRAIL_SOURCE_PROFILE_STORE_H
#define TRAIL_SOURCE_PROFILE_STORE_H

#include "base/base.h"

struct trail_error;
struct trail_profile;
struct trail_vmcoreinfo;

/** Zeros: nothing is looked up, nothing is kept.  All but the first two are the store's own. */
struct trail_profile_store {
	const char *file; /* asked first; NULL for none */
	const char *dir;  /* the cache; made when there is something to keep.  NULL for none */
	bool hold;	  /* pass the profile of one kernel on to the next that is opened */
	struct trail_profile *held;
	char *path;		    /* of the profile that was used or kept; NULL while none was */
	struct trail_error *note;   /* why one that was found is not used: the first reason */
	struct trail_error *unkept; /* why it was not kept */
};

/**
 * The profile of a kernel: the one that was kept, or an empty one.
 *
 * What is damaged, of another kernel, or in the cache but not ours to trust (not owned by us or
 * root, or writable by others) is passed over, with a note.
 *
 * @ret  owned by the caller
 *
 * Errors: NOMEM.
 */
struct trail_error *trail_profile_store_get(struct trail_profile_store *store,
					    const struct trail_vmcoreinfo *info,
					    struct trail_profile **ret) TRAIL_MUST_CHECK;

void trail_profile_store_fini(struct trail_profile_store *store);

/** Keep a profile in the cache; a failure is in @store.  Nothing is done where there is no cache,
 * or the kernel has no build ID. */
void trail_profile_store_put(struct trail_profile_store *store, const struct trail_vmcoreinfo *info,
			     const struct trail_profile *profile);

#endif
