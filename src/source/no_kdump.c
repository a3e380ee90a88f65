/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for kdump.c where libkdumpfile is missing: no page of a dump can be read. */
#include "base/error.h"
#include "source/kdump.h"

bool trail_kdump_is_here(void)
{
	return false;
}

static struct trail_error *missing(void)
{
	return trail_error_format(
		TRAIL_ERROR_UNSUPPORTED,
		"this was built without libkdumpfile: no memory of a dump is read, "
		"only its headers and notes");
}

struct trail_error *trail_kdump_open(const int *fds, unsigned n, struct trail_kdump **ret)
{
	(void)fds;
	(void)n;
	(void)ret;
	return missing();
}

void trail_kdump_close(struct trail_kdump *kdump)
{
	(void)kdump;
}

const char *trail_kdump_arch(const struct trail_kdump *kdump)
{
	(void)kdump;
	return NULL;
}

bool trail_kdump_set_arch(struct trail_kdump *kdump, const char *arch)
{
	(void)kdump;
	(void)arch;
	return false;
}

struct trail_error *trail_kdump_read(struct trail_kdump *kdump, uint64_t address, void *ret)
{
	(void)kdump;
	(void)address;
	(void)ret;
	return missing();
}
