/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small helpers of all layers; see base.h. */
#include "base/base.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

bool trail_text_starts(const char *text, size_t n, const char *with)
{
	size_t length = strlen(with);

	return n >= length && memcmp(text, with, length) == 0;
}

bool trail_text_has(const char *text, size_t n, const char *part)
{
	return memmem(text, n, part, strlen(part)) != NULL;
}

void trail_freep(void *pointer)
{
	free(*(void **)pointer);
}

void trail_fd_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

bool trail_fd_read(int fd, void *to, size_t n, size_t *n_ret)
{
	*n_ret = 0;
	while (*n_ret < n) {
		ssize_t got = read(fd, (uint8_t *)to + *n_ret, n - *n_ret);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0;
		*n_ret += (size_t)got;
	}
	return true;
}

const char *trail_file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
