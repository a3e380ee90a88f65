/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles in files; see profile_store.h. */
#include "source/profile_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "format/vmcoreinfo.h"
#include "source/input.h"
#include "source/profile.h"

enum { BUILD_ID_MIN = 8, BUILD_ID_MAX = 128 }; /* hex digits; 40 of SHA-1 */

static void take_note(struct trail_error **note, struct trail_error *error)
{
	if (*note)
		trail_error_free(error);
	else
		*note = error;
}

void trail_profile_store_fini(struct trail_profile_store *store)
{
	trail_profile_free(store->held);
	free(store->path);
	trail_error_free(store->note);
	trail_error_free(store->unkept);
}

static void take_path(struct trail_profile_store *store, char *path)
{
	free(store->path);
	store->path = path;
}

/* The build ID, which becomes a file's name: hex digits and nothing else. */
static bool build_id_of(const struct trail_vmcoreinfo *info, char ret[BUILD_ID_MAX + 1])
{
	size_t n;
	const char *id = trail_vmcoreinfo_text(info, "BUILD-ID", &n);

	if (!id || n < BUILD_ID_MIN || n > BUILD_ID_MAX)
		return false;
	memcpy(ret, id, n);
	ret[n] = 0;
	return strspn(ret, "0123456789abcdef") == n;
}

static bool path_in(const struct trail_profile_store *store, const struct trail_vmcoreinfo *info,
		    char **ret)
{
	char id[BUILD_ID_MAX + 1];

	return store->dir && build_id_of(info, id) &&
	       asprintf(ret, "%s/%s.profile", store->dir, id) >= 0;
}

/* A file of the cache that another user could have written would speak for him. */
static struct trail_error *check_owner(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return trail_error_os(errno, "%s", path);
	if ((st.st_uid != geteuid() && st.st_uid != 0) || st.st_mode & (S_IWGRP | S_IWOTH))
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "%s: others can write it, so it is not used", path);
	return NULL;
}

static struct trail_error *load(const char *path, const struct trail_vmcoreinfo *info,
				struct trail_profile **ret)
{
	TRAIL_CLEANUP(trail_freep) void *bytes = NULL;
	size_t n;
	struct trail_error *error = trail_input_load(path, TRAIL_PROFILE_MAX, &bytes, &n);

	return error ? error : trail_profile_load(bytes, n, path, info, ret);
}

struct trail_error *trail_profile_store_get(struct trail_profile_store *store,
					    const struct trail_vmcoreinfo *info,
					    struct trail_profile **ret)
{
	TRAIL_CLEANUP(trail_freep) char *path = NULL;
	struct trail_profile *profile = NULL;
	uint64_t stext = 0;

	(void)trail_vmcoreinfo_number(info, "SYMBOL", "_stext", &stext);
	if (store->held && trail_profile_stext(store->held) == stext) {
		*ret = TRAIL_STEAL(store->held);
		return NULL;
	}
	if (store->file) {
		struct trail_error *error = load(store->file, info, &profile);
		if (error)
			take_note(&store->note, error);
		else
			take_path(store, strdup(store->file));
	}
	if (!profile && path_in(store, info, &path) && access(path, F_OK) == 0) {
		struct trail_error *error = check_owner(path);
		if (!error)
			error = load(path, info, &profile);
		if (error)
			take_note(&store->note, error);
		else
			take_path(store, TRAIL_STEAL(path));
	}
	if (profile) {
		*ret = profile;
		return NULL;
	}
	return trail_profile_new(stext, ret);
}

/* All directories on the way; what is there already is fine. */
static void make_directories(const char *dir)
{
	TRAIL_CLEANUP(trail_freep) char *path = strdup(dir);

	for (char *p = path ? path + 1 : NULL; p && *p; p++)
		if (*p == '/') {
			*p = 0;
			(void)!mkdir(path, 0755);
			*p = '/';
		}
	(void)!mkdir(dir, 0700);
}

static struct trail_error *write_file(const char *path, const struct trail_text *text)
{
	TRAIL_CLEANUP(trail_freep) char *temporary = NULL;
	struct trail_error *error = NULL;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return &trail_error_nomem;
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return trail_error_os(errno, "%s", path);
	ssize_t n = write(fd, text->data, text->length);
	if (n < 0 || (size_t)n != text->length)
		error = trail_error_os(n < 0 ? errno : ENOSPC, "%s", path);
	if (close(fd) < 0 && !error)
		error = trail_error_os(errno, "%s", path);
	if (!error && rename(temporary, path) < 0)
		error = trail_error_os(errno, "%s", path);
	if (error)
		unlink(temporary);
	return error;
}

void trail_profile_store_put(struct trail_profile_store *store, const struct trail_vmcoreinfo *info,
			     const struct trail_profile *profile)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	TRAIL_CLEANUP(trail_freep) char *path = NULL;
	char id[BUILD_ID_MAX + 1];
	uint64_t stext;

	if (!build_id_of(info, id) || !path_in(store, info, &path) ||
	    !trail_vmcoreinfo_number(info, "SYMBOL", "_stext", &stext))
		return;
	struct trail_error *error = trail_profile_save(profile, id, &text);
	if (!error) {
		make_directories(store->dir);
		error = write_file(path, &text);
	}
	if (error)
		take_note(&store->unkept, error);
	else
		take_path(store, TRAIL_STEAL(path));
}
