/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers of the kdump-compressed format; see diskdump.h for the spec. */
#include "format/diskdump.h"

#include <inttypes.h>

#include "base/cursor.h"
#include "base/error.h"

enum {
	SIGNATURE_LENGTH = 8,
	NAME_LENGTH = 65, /* __NEW_UTS_LEN + 1 */
};

/*
 * A layout of the headers: bytes of a long and byte order.  The
 * first that makes sense wins; 64-bit ones come first because the fields that
 * a 32-bit reading would take for block size and bitmap are the low half of
 * tv_usec and the status there, which can look sane by accident.
 */
static const struct layout {
	unsigned word;
	bool big_endian;
} layouts[] = {
	{ .word = 8, .big_endian = false },
	{ .word = 8, .big_endian = true },
	{ .word = 4, .big_endian = false },
	{ .word = 4, .big_endian = true },
};

bool trail_diskdump_is(const void *bytes, size_t n)
{
	return n >= SIGNATURE_LENGTH && memcmp(bytes, "KDUMP   ", SIGNATURE_LENGTH) == 0;
}

static void read_name(struct trail_cursor *c, char *name)
{
	const char *s = trail_cursor_bytes(c, NAME_LENGTH);

	if (s)
		memcpy(name, s, strnlen(s, NAME_LENGTH));
}

static void read_main(struct trail_cursor *c, struct trail_diskdump *dump)
{
	trail_cursor_skip(c, SIGNATURE_LENGTH);
	dump->version = trail_cursor_u32(c);
	read_name(c, dump->sysname);
	read_name(c, dump->nodename);
	read_name(c, dump->release);
	read_name(c, dump->kernel_version);
	read_name(c, dump->machine);
	read_name(c, dump->domainname);
	trail_cursor_align(c, dump->word);
	uint64_t sec = trail_cursor_uint(c, dump->word);
	dump->time_sec = dump->word == 4 ? (int64_t)(int32_t)sec : (int64_t)sec;
	trail_cursor_skip(c, dump->word); /* tv_usec */
	dump->status = trail_cursor_u32(c);
	dump->block_size = trail_cursor_u32(c);
	dump->sub_blocks = trail_cursor_u32(c);
	dump->bitmap_blocks = trail_cursor_u32(c);
	dump->max_pfn = trail_cursor_u32(c);
	/* total_ram_blocks, device_blocks, written_blocks and current_cpu are leftovers. */
	trail_cursor_skip(c, 16);
	dump->nr_cpus = trail_cursor_u32(c);
}

/* Could these be the numbers of a dump?  What another layout reads there hardly passes. */
static bool main_makes_sense(const struct trail_diskdump *dump)
{
	uint32_t bs = dump->block_size;

	if (bs < TRAIL_DISKDUMP_MIN_BLOCK || bs > TRAIL_DISKDUMP_MAX_BLOCK || (bs & (bs - 1)))
		return false;
	uint64_t bits = (uint64_t)dump->bitmap_blocks * bs * 8;
	return dump->version <= 0xff && dump->sub_blocks > 0 &&
	       (uint64_t)dump->sub_blocks * bs <= TRAIL_DISKDUMP_MAX_SUB_BYTES && bits > 0 &&
	       bits >= dump->max_pfn &&
	       /* two bitmaps of whole blocks, not more: libkdumpfile reads all that is promised */
	       dump->bitmap_blocks <= 2 * (dump->max_pfn / ((uint64_t)bs * 8) + 1);
}

/* Keep of a range what the file has. */
static struct trail_diskdump_range clip(struct trail_diskdump *dump, uint64_t file_size,
					uint64_t offset, uint64_t size)
{
	uint64_t room = offset < file_size ? file_size - offset : 0;
	struct trail_diskdump_range range = { .offset = offset, .size = TRAIL_MIN(size, room) };

	if (size == 0 || offset == 0)
		return (struct trail_diskdump_range){ 0 };
	if (range.size < size)
		dump->ranges_cut = true;
	if (range.size == 0)
		range.offset = 0;
	return range;
}

/* A 64-bit number that @align says how to align, counted from the sub header's start. */
static uint64_t read_wide(struct trail_cursor *c, size_t align)
{
	trail_cursor_align(c, align);
	return trail_cursor_u64(c);
}

static struct trail_diskdump_range read_range(struct trail_cursor *c, struct trail_diskdump *dump,
					      size_t align, uint64_t file_size)
{
	uint64_t offset = read_wide(c, align);
	uint64_t size = trail_cursor_uint(c, dump->word);

	return clip(dump, file_size, offset, size);
}

/*
 * Of a 32-bit sub header: is off_t aligned to 4 bytes, as on i386?  Told by
 * whether the place of VMCOREINFO read so lies in the sub header.
 */
static size_t wide_alignment(struct trail_cursor c, const struct trail_diskdump *dump)
{
	if (dump->word == 8)
		return 8;
	uint64_t offset = trail_cursor_u64(&c);
	uint64_t size = trail_cursor_u32(&c);
	uint64_t end, headers = (1 + (uint64_t)dump->sub_blocks) * dump->block_size;
	if (offset == 0 && size == 0)
		return 4;
	if (offset > dump->block_size && trail_add(offset, size, &end) && end <= headers)
		return 4;
	return 8;
}

static void read_sub(struct trail_cursor *c, struct trail_diskdump *dump, uint64_t file_size)
{
	dump->phys_base = trail_cursor_uint(c, dump->word);
	if (dump->version >= 1)
		dump->dump_level = trail_cursor_u32(c);
	if (dump->version >= 2) {
		dump->split = trail_cursor_u32(c) != 0;
		dump->start_pfn = trail_cursor_uint(c, dump->word);
		dump->end_pfn = trail_cursor_uint(c, dump->word);
	}
	size_t align = wide_alignment(*c, dump);
	if (dump->version >= 3)
		dump->vmcoreinfo = read_range(c, dump, align, file_size);
	if (dump->version >= 4)
		dump->notes = read_range(c, dump, align, file_size);
	if (dump->version >= 5)
		dump->eraseinfo = read_range(c, dump, align, file_size);
	if (dump->version >= 6) {
		dump->start_pfn = read_wide(c, align);
		dump->end_pfn = trail_cursor_u64(c);
		dump->max_pfn = trail_cursor_u64(c);
	}
}

/* Bitmaps and descriptors; every product is below 2^52 after the checks of the main header. */
static struct trail_error *place_parts(struct trail_diskdump *dump)
{
	uint64_t bs = dump->block_size;
	uint64_t all = dump->bitmap_blocks * bs;

	if (dump->max_pfn > TRAIL_DISKDUMP_MAX_PFN)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "kdump header: 0x%" PRIx64
					  " pages, the limit is 0x%" PRIx64,
					  dump->max_pfn, TRAIL_DISKDUMP_MAX_PFN);
	dump->bitmap1_offset = (1 + (uint64_t)dump->sub_blocks) * bs;
	dump->descriptors_offset = dump->bitmap1_offset + all;

	/* Two bitmaps when half of the blocks has room for every page, as libkdumpfile tells. */
	if (dump->max_pfn <= all * 8 / 2) {
		if (dump->bitmap_blocks % 2)
			return trail_error_format(TRAIL_ERROR_BAD_DATA,
						  "kdump header: two bitmaps in %" PRIu32
						  " blocks, an odd number",
						  dump->bitmap_blocks);
		all /= 2;
		dump->bitmap2_offset = dump->bitmap1_offset + all;
	} else {
		dump->bitmap2_offset = dump->bitmap1_offset;
	}
	dump->bitmap_size = all;
	if (dump->max_pfn > all * 8)
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "kdump header: 0x%" PRIx64
					  " pages, the bitmap has room for 0x%" PRIx64,
					  dump->max_pfn, all * 8);
	return NULL;
}

static struct trail_error *place_split(struct trail_diskdump *dump)
{
	if (!dump->split) {
		dump->start_pfn = 0;
		dump->end_pfn = dump->max_pfn;
	}
	if (dump->start_pfn > dump->end_pfn)
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "kdump header: split from page 0x%" PRIx64
					  " to 0x%" PRIx64,
					  dump->start_pfn, dump->end_pfn);
	dump->end_pfn = TRAIL_MIN(dump->end_pfn, dump->max_pfn);
	dump->start_pfn = TRAIL_MIN(dump->start_pfn, dump->end_pfn);
	return NULL;
}

static struct trail_error *choose_layout(const void *bytes, size_t n, struct trail_diskdump *ret)
{
	struct trail_error *err = NULL;

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(layouts); i++) {
		struct trail_diskdump dump = { .word = layouts[i].word,
					       .big_endian = layouts[i].big_endian };
		struct trail_cursor c = trail_cursor_over(bytes, n, 0, "kdump header",
							  dump.big_endian);
		read_main(&c, &dump);
		trail_error_free(err);
		err = trail_cursor_check(&c);
		if (!err && main_makes_sense(&dump)) {
			*ret = dump;
			return NULL;
		}
	}
	return err ? err
		   : trail_error_format(TRAIL_ERROR_BAD_DATA,
					"kdump header: block size and bitmap make no sense in any "
					"layout");
}

struct trail_error *trail_diskdump_read(const void *bytes, size_t n, uint64_t file_size,
					struct trail_diskdump *ret)
{
	struct trail_diskdump dump;

	if (!trail_diskdump_is(bytes, n))
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "not a kdump-compressed dump");
	struct trail_error *err = choose_layout(bytes, n, &dump);
	if (err)
		return err;

	size_t have = n > dump.block_size ? n - dump.block_size : 0;
	struct trail_cursor c = trail_cursor_over((const uint8_t *)bytes + n - have, have,
						  dump.block_size, "kdump sub header",
						  dump.big_endian);
	read_sub(&c, &dump, file_size);
	err = trail_cursor_check(&c);
	if (!err)
		err = place_parts(&dump);
	if (!err)
		err = place_split(&dump);
	if (!err)
		*ret = dump;
	return err;
}

const char *trail_diskdump_difference(const struct trail_diskdump *a,
				      const struct trail_diskdump *b)
{
	if (a->time_sec != b->time_sec)
		return "time stamps";
	if (strcmp(a->release, b->release) != 0 ||
	    strcmp(a->kernel_version, b->kernel_version) != 0 ||
	    strcmp(a->machine, b->machine) != 0 || strcmp(a->sysname, b->sysname) != 0)
		return "kernels";
	if (strcmp(a->nodename, b->nodename) != 0 || strcmp(a->domainname, b->domainname) != 0)
		return "host names";
	if (a->max_pfn != b->max_pfn || a->block_size != b->block_size ||
	    a->phys_base != b->phys_base || a->nr_cpus != b->nr_cpus)
		return "machines";
	if (a->dump_level != b->dump_level ||
	    ((a->status ^ b->status) & ~(uint32_t)TRAIL_DISKDUMP_INCOMPLETE))
		return "dump levels or compressions";
	if (a->big_endian != b->big_endian || a->word != b->word || a->version != b->version ||
	    a->bitmap1_offset != b->bitmap1_offset || a->bitmap2_offset != b->bitmap2_offset ||
	    a->descriptors_offset != b->descriptors_offset)
		return "headers";
	return NULL;
}

struct trail_error *trail_diskdump_read_page(const struct trail_diskdump *dump, const void *bytes,
					     size_t n, uint64_t origin,
					     struct trail_diskdump_page *ret)
{
	struct trail_cursor c = trail_cursor_over(bytes, n, origin, "page descriptor",
						  dump->big_endian);
	struct trail_diskdump_page page = { .offset = trail_cursor_u64(&c) };
	page.size = trail_cursor_u32(&c);
	page.flags = trail_cursor_u32(&c);
	page.page_flags = trail_cursor_u64(&c);
	struct trail_error *err = trail_cursor_check(&c);

	if (!err)
		*ret = page;
	return err;
}
