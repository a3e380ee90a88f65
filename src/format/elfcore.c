/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF core header and program headers; see elfcore.h for the spec. */
#include "format/elfcore.h"

#include <inttypes.h>

#include "base/cursor.h"
#include "base/error.h"
#include "base/pool.h"

enum {
	ELF_CLASS_32 = 1,
	ELF_CLASS_64 = 2,
	ELF_DATA_LITTLE = 1,
	ELF_DATA_BIG = 2,
	ELF_TYPE_CORE = 4,
	PHDR_SIZE_32 = 32,
	PHDR_SIZE_64 = 56,
	PN_XNUM = 0xffff,
	/* makedumpfile.c check_and_modify_elf_headers() */
	DUMP_ELF_INCOMPLETE = 1,
};

bool trail_elfcore_is(const void *bytes, size_t n)
{
	return n >= 4 && memcmp(bytes, "\177ELF", 4) == 0;
}

static struct trail_error *read_ident(const void *bytes, size_t n, struct trail_elfcore *core)
{
	struct trail_cursor c = trail_cursor_over(bytes, n, 0, "ELF header", false);

	trail_cursor_skip(&c, 4);
	uint8_t class = trail_cursor_u8(&c);
	uint8_t data = trail_cursor_u8(&c);
	struct trail_error *err = trail_cursor_check(&c);
	if (err)
		return err;
	if ((class != ELF_CLASS_32 && class != ELF_CLASS_64) ||
	    (data != ELF_DATA_LITTLE && data != ELF_DATA_BIG))
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "ELF header: class %d, data %d is not a known pair",
					  class, data);
	core->wide = class == ELF_CLASS_64;
	core->big_endian = data == ELF_DATA_BIG;
	return NULL;
}

struct trail_error *trail_elfcore_read_header(const void *bytes, size_t n,
					      struct trail_elfcore *ret)
{
	struct trail_elfcore core = { 0 };

	if (!trail_elfcore_is(bytes, n))
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "not an ELF file");
	struct trail_error *err = read_ident(bytes, n, &core);
	if (err)
		return err;

	size_t word = core.wide ? 8 : 4;
	struct trail_cursor c = trail_cursor_over(bytes, n, 0, "ELF header", core.big_endian);
	trail_cursor_seek(&c, 16);
	uint16_t type = trail_cursor_u16(&c);
	core.machine = trail_cursor_u16(&c);
	trail_cursor_skip(&c, 4 + word); /* e_version, e_entry */
	core.table_offset = trail_cursor_uint(&c, word);
	uint64_t section_offset = trail_cursor_uint(&c, word);
	core.incomplete = trail_cursor_u32(&c) & DUMP_ELF_INCOMPLETE;
	trail_cursor_skip(&c, 2); /* e_ehsize */
	core.entry_size = trail_cursor_u16(&c);
	core.segment_count = trail_cursor_u16(&c);
	core.sections.entry_size = trail_cursor_u16(&c);
	core.sections.count = trail_cursor_u16(&c);
	core.sections.names = trail_cursor_u16(&c);
	core.sections.offset = section_offset;
	err = trail_cursor_check(&c);
	if (err)
		return err;

	if (type != ELF_TYPE_CORE)
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "an ELF file of type %u, not a core", type);
	uint32_t entry_size = core.wide ? PHDR_SIZE_64 : PHDR_SIZE_32;
	if (core.segment_count && core.entry_size != entry_size)
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "ELF header: program headers of %u bytes instead of %u",
					  core.entry_size, entry_size);
	/* Without a section header the number is just what it says. */
	if (core.segment_count == PN_XNUM)
		core.count_offset = section_offset;
	*ret = core;
	return NULL;
}

struct trail_error *trail_elfcore_read_count(struct trail_elfcore *core, const void *bytes,
					     size_t n)
{
	struct trail_cursor c = trail_cursor_over(bytes, n, core->count_offset,
						  "ELF section header 0", core->big_endian);

	/* sh_name and sh_type, then four words and sh_link come before sh_info. */
	trail_cursor_skip(&c, 8 + 4 * (core->wide ? 8 : 4) + 4);
	uint32_t count = trail_cursor_u32(&c);
	struct trail_error *err = trail_cursor_check(&c);
	if (err)
		return err;
	core->segment_count = count;
	return NULL;
}

bool trail_elfcore_sections_fit(const struct trail_elfcore *core, const void *bytes, size_t n,
				uint64_t file_size)
{
	struct trail_cursor c = trail_cursor_over(bytes, n, core->sections.offset,
						  "section headers", core->big_endian);
	size_t word = core->wide ? 8 : 4;

	if (!core->sections.offset && !core->sections.count)
		return true;
	if (!core->sections.count || core->sections.names >= core->sections.count)
		return false;
	/* of the section with the names: sh_name, sh_type, three words, sh_offset, sh_size */
	trail_cursor_seek(&c, (uint64_t)core->sections.names * core->sections.entry_size);
	trail_cursor_skip(&c, 8 + 2 * word);
	uint64_t offset = trail_cursor_uint(&c, word), size = trail_cursor_uint(&c, word), end;
	/* all headers must be there, not only that one */
	trail_cursor_seek(&c, (uint64_t)core->sections.count * core->sections.entry_size);
	return trail_cursor_ok(&c) && trail_add(offset, size, &end) && end <= file_size;
}

uint64_t trail_elfcore_table_size(const struct trail_elfcore *core)
{
	return (uint64_t)core->segment_count * core->entry_size;
}

static struct trail_elfcore_segment read_segment(struct trail_cursor *c, bool wide)
{
	struct trail_elfcore_segment seg = { .type = trail_cursor_u32(c) };
	size_t word = wide ? 8 : 4;

	if (wide)
		seg.flags = trail_cursor_u32(c);
	seg.offset = trail_cursor_uint(c, word);
	seg.vaddr = trail_cursor_uint(c, word);
	seg.paddr = trail_cursor_uint(c, word);
	seg.filesz = trail_cursor_uint(c, word);
	seg.memsz = trail_cursor_uint(c, word);
	if (!wide)
		seg.flags = trail_cursor_u32(c);
	return seg;
}

struct trail_error *trail_elfcore_read_segments(struct trail_elfcore *core, const void *bytes,
						size_t n, uint64_t file_size,
						struct trail_pool *pool)
{
	size_t count = core->segment_count;

	if (count > TRAIL_ELFCORE_MAX_SEGMENTS)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "%zu program headers, the limit is %" PRIu32, count,
					  TRAIL_ELFCORE_MAX_SEGMENTS);
	bool truncated = false;
	if (count && n / core->entry_size < count) {
		count = n / core->entry_size;
		truncated = true;
	}

	struct trail_elfcore_segment *segments = NULL;
	if (count) {
		segments = trail_pool_alloc(pool, count, sizeof(*segments));
		if (!segments)
			return &trail_error_nomem;
	}

	struct trail_cursor c = trail_cursor_over(bytes, n, core->table_offset,
						  "ELF program headers", core->big_endian);
	for (size_t i = 0; i < count; i++) {
		struct trail_cursor entry = trail_cursor_sub(&c, core->entry_size,
							     "a program header");
		struct trail_elfcore_segment *seg = &segments[i];
		*seg = read_segment(&entry, core->wide);
		uint64_t room = seg->offset < file_size ? file_size - seg->offset : 0;
		seg->present = TRAIL_MIN(seg->filesz, room);
		if (seg->present < seg->filesz)
			truncated = true;
	}
	struct trail_error *err = trail_cursor_check(&c);
	if (err)
		return err;

	core->segments = segments;
	core->n = count;
	core->truncated = truncated;
	return NULL;
}
