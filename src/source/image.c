/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a core image what needs no format: its VMCOREINFO, what is kept of pages, virtual addresses.
 */
#include "source/image.h"

#include <inttypes.h>

#include "base/error.h"
#include "format/note.h"
#include "format/vmcoreinfo.h"
#include "source/page_set.h"

void trail_image_closep(struct trail_image **image)
{
	trail_image_close(*image);
}

bool trail_image_is_redacted(const struct trail_image *image)
{
	return trail_image_erased(image)->has_bytes;
}

/* ---- what is kept --------------------------------------------------------- */

void trail_image_keep_physical(struct trail_image *image, uint64_t address, const void *bytes,
			       size_t n)
{
	const struct trail_page_set *kept = trail_image_kept_pages(image);
	const uint8_t *from = bytes;

	while (n && kept->has_bytes) {
		size_t offset = address & (TRAIL_PAGE_SIZE - 1);
		size_t part = TRAIL_MIN(n, TRAIL_PAGE_SIZE - offset);
		struct trail_kept *to = trail_page_set_kept(kept, address >> TRAIL_PAGE_SHIFT);

		if (to)
			memcpy(to->bytes + offset, from, part);
		for (size_t i = offset; to && i < offset + part; i++)
			to->map[i / 8] |= 1 << i % 8;
		from += part;
		address += part;
		n -= part;
	}
}

struct trail_error *trail_image_kept_page(struct trail_image *image, uint64_t page, void *ret)
{
	const struct trail_kept *kept = trail_page_set_kept(trail_image_kept_pages(image), page);

	if (!kept)
		return trail_image_peek(image, page << TRAIL_PAGE_SHIFT, ret, TRAIL_PAGE_SIZE);
	memcpy(ret, kept->bytes, TRAIL_PAGE_SIZE);
	return NULL;
}

struct trail_error *trail_image_read_table(void *data, uint64_t address, void *ret)
{
	struct trail_image *image = data;
	struct trail_error *error = trail_image_look_physical(image, address, ret, TRAIL_PAGE_SIZE);

	for (size_t i = 0; !error && i < TRAIL_PAGE_SIZE; i += TRAIL_XLAT_ENTRY_SIZE)
		if (trail_xlat_is_entry((uint8_t *)ret + i))
			trail_image_keep_physical(image, address + i, (uint8_t *)ret + i,
						  TRAIL_XLAT_ENTRY_SIZE);
	return error;
}

struct trail_error *trail_image_check_physical(const struct trail_image *image, uint64_t address,
					       size_t n)
{
	const struct trail_kept *there = trail_page_set_kept(trail_image_erased(image),
							     address >> TRAIL_PAGE_SHIFT);

	if (!there || trail_kept_has(there, address & (TRAIL_PAGE_SIZE - 1), n))
		return NULL;
	return trail_error_format(TRAIL_ERROR_NODATA,
				  "the dump was redacted, and what lay at physical 0x%" PRIx64
				  " is not in it",
				  address);
}

/* ---- virtual addresses ---------------------------------------------------- */

void trail_image_map_linear(struct trail_image *image, uint64_t first, uint64_t last,
			    uint64_t physical)
{
	trail_xlat_map_linear(trail_image_xlat(image), first, last, physical);
}

void trail_image_map_tables(struct trail_image *image, enum trail_paging paging, uint64_t root)
{
	trail_xlat_map_tables(trail_image_xlat(image), paging, root);
}

void trail_image_unmap(struct trail_image *image)
{
	trail_xlat_unmap(trail_image_xlat(image));
}

struct trail_error *trail_image_translate(struct trail_image *image, uint64_t address,
					  uint64_t *ret)
{
	return trail_xlat_translate(trail_image_xlat(image), address, ret);
}

typedef struct trail_error *read_fn(struct trail_image *image, uint64_t address, void *ret,
				    size_t n);

static struct trail_error *check_physical(struct trail_image *image, uint64_t address, void *ret,
					  size_t n)
{
	(void)ret;
	return trail_image_check_physical(image, address, n);
}

/* @ret may be NULL where @read does not write to it */
static struct trail_error *read_by(read_fn *read, struct trail_image *image, uint64_t address,
				   void *ret, size_t n)
{
	uint8_t *to = ret;

	while (n) {
		size_t part = TRAIL_MIN(n, TRAIL_PAGE_SIZE - (address & (TRAIL_PAGE_SIZE - 1)));
		uint64_t physical = 0;
		struct trail_error *error = trail_image_translate(image, address, &physical);

		if (!error)
			error = read(image, physical, to, part);
		if (error)
			return error;
		to = to ? to + part : NULL;
		address += part;
		n -= part;
	}
	return NULL;
}

struct trail_error *trail_image_check(struct trail_image *image, uint64_t address, size_t n)
{
	return read_by(check_physical, image, address, NULL, n);
}

struct trail_error *trail_image_read(struct trail_image *image, uint64_t address, void *ret,
				     size_t n)
{
	return read_by(trail_image_read_physical, image, address, ret, n);
}

struct trail_error *trail_image_look(struct trail_image *image, uint64_t address, void *ret,
				     size_t n)
{
	return read_by(trail_image_look_physical, image, address, ret, n);
}

void trail_image_keep(struct trail_image *image, uint64_t address, const void *bytes, size_t n)
{
	const uint8_t *from = bytes;

	while (n && trail_image_kept_pages(image)->has_bytes) {
		size_t part = TRAIL_MIN(n, TRAIL_PAGE_SIZE - (address & (TRAIL_PAGE_SIZE - 1)));
		uint64_t physical = 0;
		struct trail_error *error = trail_image_translate(image, address, &physical);

		if (!error)
			trail_image_keep_physical(image, physical, from, part);
		trail_error_free(error);
		from += part;
		address += part;
		n -= part;
	}
}
