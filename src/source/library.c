/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Libraries by dlopen(); see library.h. */
#include "source/library.h"

#include <dlfcn.h>

#include "base/error.h"

static struct trail_error *missing(void)
{
	const char *why = dlerror();

	return trail_error_format(TRAIL_ERROR_UNSUPPORTED, "%s",
				  why ? why : "dlopen() gives no reason");
}

struct trail_error *trail_library_open(const char *soname, const char *const *names, size_t n,
				       void **functions, void **ret)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return missing();
	for (size_t i = 0; i < n; i++) {
		functions[i] = dlsym(library, names[i]);
		if (!functions[i]) {
			struct trail_error *error = missing();
			trail_library_close(library);
			return error;
		}
	}
	*ret = library;
	return NULL;
}

void trail_library_close(void *library)
{
	if (library)
		dlclose(library);
}
