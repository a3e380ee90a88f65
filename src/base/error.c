/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one error type: a code of a closed list and one line of text. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct trail_error trail_error_nomem = { TRAIL_ERROR_NOMEM, "out of memory" };
struct trail_error trail_error_absent = { TRAIL_ERROR_ABSENT, "this kernel has no such name" };

static bool is_static(const struct trail_error *error)
{
	return error == &trail_error_nomem || error == &trail_error_absent;
}

/* Takes @message; frees it when the error itself cannot be made. */
static struct trail_error *make(enum trail_error_code code, char *message)
{
	struct trail_error *error = message ? malloc(sizeof(*error)) : NULL;

	if (!error) {
		free(message);
		return &trail_error_nomem;
	}
	error->code = code;
	error->message = message;
	return error;
}

static char *vformat(const char *format, va_list args)
{
	char *message;

	return vasprintf(&message, format, args) < 0 ? NULL : message;
}

struct trail_error *trail_error_format(enum trail_error_code code, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *message = vformat(format, args);
	va_end(args);
	return make(code, message);
}

struct trail_error *trail_error_os(int errnum, const char *format, ...)
{
	char buffer[128], *whole;
	va_list args;
	va_start(args, format);
	TRAIL_CLEANUP(trail_freep) char *message = vformat(format, args);
	va_end(args);
	if (!message ||
	    asprintf(&whole, "%s: %s", message, strerror_r(errnum, buffer, sizeof(buffer))) < 0)
		return &trail_error_nomem;
	return make(TRAIL_ERROR_OS, whole);
}

struct trail_error *trail_error_wrap(struct trail_error *error, const char *format, ...)
{
	char *whole;

	if (!error || error == &trail_error_nomem)
		return error;
	va_list args;
	va_start(args, format);
	TRAIL_CLEANUP(trail_freep) char *clause = vformat(format, args);
	va_end(args);
	int n = clause ? asprintf(&whole, "%s: %s", clause, error->message) : -1;
	enum trail_error_code code = error->code;
	trail_error_free(error);
	return n < 0 ? &trail_error_nomem : make(code, whole);
}

void trail_error_free(struct trail_error *error)
{
	if (!error || is_static(error))
		return;
	free(error->message);
	free(error);
}

void trail_error_freep(struct trail_error **error)
{
	trail_error_free(*error);
}

bool trail_error_catch(struct trail_error **error, enum trail_error_code code)
{
	if (!*error || (*error)->code != code)
		return false;
	trail_error_free(*error);
	*error = NULL;
	return true;
}
