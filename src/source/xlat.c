/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual → physical addresses, libaddrxlat behind it; see xlat.h. */
#include "source/xlat.h"

#include <inttypes.h>
#include <libkdumpfile/addrxlat.h>
#include <stdlib.h>

#include "base/error.h"

enum { LINEAR_MAX = 8, CACHED = 256 };

struct linear {
	uint64_t first, last, physical;
};

struct trail_xlat {
	trail_xlat_read_fn *read;
	void *data;
	struct linear linear[LINEAR_MAX];
	size_t n_linear;
	bool walks_linear;
	uint64_t walked; /* the last page of those + 1 */
	addrxlat_ctx_t *ctx;
	addrxlat_meth_t tables;		/* kind NOMETH until the page tables are known */
	struct trail_error *walk_error; /* why a table could not be read, while walking */
	uint64_t translated[CACHED], translation[CACHED]; /* virtual page + 1 → physical address */
};

/* libaddrxlat keeps the pages it was given for later walks, so it gets its own copies. */
static void put_table(const addrxlat_buffer_t *buffer)
{
	free((void *)buffer->ptr);
}

/* libaddrxlat asks for the page of a table. */
static addrxlat_status get_table(const addrxlat_cb_t *cb, addrxlat_buffer_t *buffer)
{
	struct trail_xlat *xlat = cb->priv;
	uint8_t *copy = malloc(TRAIL_PAGE_SIZE);

	if (!copy)
		return ADDRXLAT_ERR_NOMEM;
	uint64_t address = buffer->addr.addr & ~(addrxlat_addr_t)(TRAIL_PAGE_SIZE - 1);
	struct trail_error *error = xlat->read(xlat->data, address, copy);
	if (error) {
		free(copy);
		trail_error_free(xlat->walk_error);
		xlat->walk_error = error;
		return ADDRXLAT_ERR_NODATA;
	}
	buffer->addr.addr = address;
	buffer->ptr = copy;
	buffer->size = TRAIL_PAGE_SIZE;
	buffer->byte_order = ADDRXLAT_LITTLE_ENDIAN;
	buffer->put_page = put_table;
	return ADDRXLAT_OK;
}

static unsigned long table_spaces(const addrxlat_cb_t *cb)
{
	(void)cb;
	return ADDRXLAT_CAPS(ADDRXLAT_KPHYSADDR);
}

void trail_xlat_map_linear(struct trail_xlat *xlat, uint64_t first, uint64_t last,
			   uint64_t physical)
{
	if (xlat->n_linear < LINEAR_MAX && first <= last)
		xlat->linear[xlat->n_linear++] = (struct linear){ first, last, physical };
	memset(xlat->translated, 0, sizeof(xlat->translated));
}

void trail_xlat_map_tables(struct trail_xlat *xlat, enum trail_paging paging, uint64_t root)
{
	static const addrxlat_paging_form_t forms[] = {
		[TRAIL_PAGING_X86_64_4] = { ADDRXLAT_PTE_X86_64, 5, { 12, 9, 9, 9, 9 } },
		[TRAIL_PAGING_X86_64_5] = { ADDRXLAT_PTE_X86_64, 6, { 12, 9, 9, 9, 9, 9 } },
	};

	xlat->tables = (addrxlat_meth_t){
		.kind = ADDRXLAT_PGT,
		.target_as = ADDRXLAT_KPHYSADDR,
		.param.pgt = { .root = { .addr = root, .as = ADDRXLAT_KPHYSADDR },
			       .pf = forms[paging] },
	};
	memset(xlat->translated, 0, sizeof(xlat->translated));
}

void trail_xlat_unmap(struct trail_xlat *xlat)
{
	xlat->n_linear = 0;
	xlat->tables.kind = ADDRXLAT_NOMETH;
	memset(xlat->translated, 0, sizeof(xlat->translated));
	/* tables that libaddrxlat remembers are of the same memory, so they stay right */
}

static struct trail_error *walk_tables(struct trail_xlat *xlat, uint64_t address, uint64_t *ret)
{
	addrxlat_step_t step = { .ctx = xlat->ctx, .meth = &xlat->tables };

	if (xlat->tables.kind == ADDRXLAT_NOMETH)
		return trail_error_format(TRAIL_ERROR_NODATA,
					  "0x%" PRIx64
					  " needs page tables, and where they lie is not known",
					  address);
	step.base.addr = address;
	step.base.as = ADDRXLAT_KVADDR;
	addrxlat_ctx_clear_err(xlat->ctx);
	addrxlat_status status = addrxlat_walk(&step);
	if (status == ADDRXLAT_OK) {
		*ret = step.base.addr;
		return NULL;
	}
	if (xlat->walk_error)
		return trail_error_wrap(TRAIL_STEAL(xlat->walk_error), "page table of 0x%" PRIx64,
					address);
	const char *text = addrxlat_ctx_get_err(xlat->ctx);
	return trail_error_format(TRAIL_ERROR_NODATA, "0x%" PRIx64 " is not mapped: %s", address,
				  text ? text : addrxlat_strerror(status));
}

/* libaddrxlat asks for every page of a table anew. */
static bool forget_tables(struct trail_xlat *xlat)
{
	addrxlat_ctx_t *ctx = addrxlat_ctx_new();
	addrxlat_cb_t *cb = ctx ? addrxlat_ctx_add_cb(ctx) : NULL;

	if (!cb && ctx)
		addrxlat_ctx_decref(ctx);
	if (!cb)
		return false;
	cb->priv = xlat;
	cb->get_page = get_table;
	cb->read_caps = table_spaces;
	if (xlat->ctx)
		addrxlat_ctx_decref(xlat->ctx);
	xlat->ctx = ctx;
	xlat->walked = 0;
	memset(xlat->translated, 0, sizeof(xlat->translated));
	return true;
}

bool trail_xlat_walk_linear(struct trail_xlat *xlat)
{
	xlat->walks_linear = true;
	return forget_tables(xlat);
}

/* Read the tables of an address that did not need them. */
static void walk_beside(struct trail_xlat *xlat, uint64_t address)
{
	uint64_t page = address >> TRAIL_PAGE_SHIFT, unused;

	if (!xlat->walks_linear || xlat->walked == page + 1)
		return;
	xlat->walked = page + 1;
	trail_error_free(walk_tables(xlat, page << TRAIL_PAGE_SHIFT, &unused));
}

struct trail_error *trail_xlat_translate(struct trail_xlat *xlat, uint64_t address, uint64_t *ret)
{
	for (size_t i = 0; i < xlat->n_linear; i++)
		if (address >= xlat->linear[i].first && address <= xlat->linear[i].last) {
			*ret = address - xlat->linear[i].first + xlat->linear[i].physical;
			walk_beside(xlat, address);
			return NULL;
		}
	uint64_t page = address >> TRAIL_PAGE_SHIFT, offset = address & (TRAIL_PAGE_SIZE - 1);
	size_t slot = page % CACHED;
	if (xlat->translated[slot] != page + 1) {
		uint64_t physical = 0;
		struct trail_error *error = walk_tables(xlat, page << TRAIL_PAGE_SHIFT, &physical);
		if (error)
			return error;
		xlat->translation[slot] = physical;
		xlat->translated[slot] = page + 1;
	}
	*ret = xlat->translation[slot] + offset;
	return NULL;
}

struct trail_error *trail_xlat_new(trail_xlat_read_fn *read, void *data, struct trail_xlat **ret)
{
	struct trail_xlat *xlat = calloc(1, sizeof(*xlat));

	if (!xlat)
		return &trail_error_nomem;
	xlat->read = read;
	xlat->data = data;
	xlat->tables.kind = ADDRXLAT_NOMETH;
	if (!forget_tables(xlat)) {
		trail_xlat_free(xlat);
		return &trail_error_nomem;
	}
	*ret = xlat;
	return NULL;
}

void trail_xlat_free(struct trail_xlat *xlat)
{
	if (!xlat)
		return;
	if (xlat->ctx)
		addrxlat_ctx_decref(xlat->ctx);
	trail_error_free(xlat->walk_error);
	free(xlat);
}
