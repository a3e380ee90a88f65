/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for xlat.c where libaddrxlat is missing: then no page is read either. */
#include <stdlib.h>

#include "base/error.h"
#include "source/xlat.h"

struct trail_xlat {
	char nothing;
};

struct trail_error *trail_xlat_new(trail_xlat_read_fn *read, void *data, struct trail_xlat **ret)
{
	struct trail_xlat *xlat = calloc(1, sizeof(*xlat));

	(void)read;
	(void)data;
	if (!xlat)
		return &trail_error_nomem;
	*ret = xlat;
	return NULL;
}

void trail_xlat_free(struct trail_xlat *xlat)
{
	free(xlat);
}

void trail_xlat_map_linear(struct trail_xlat *xlat, uint64_t first, uint64_t last,
			   uint64_t physical)
{
	(void)xlat;
	(void)first;
	(void)last;
	(void)physical;
}

void trail_xlat_map_tables(struct trail_xlat *xlat, enum trail_paging paging, uint64_t root)
{
	(void)xlat;
	(void)paging;
	(void)root;
}

bool trail_xlat_walk_linear(struct trail_xlat *xlat)
{
	(void)xlat;
	return true;
}

void trail_xlat_unmap(struct trail_xlat *xlat)
{
	(void)xlat;
}

struct trail_error *trail_xlat_translate(struct trail_xlat *xlat, uint64_t address, uint64_t *ret)
{
	(void)xlat;
	(void)address;
	(void)ret;
	return trail_error_format(TRAIL_ERROR_NODATA, "this was built without libkdumpfile");
}
