/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump's own BTF and ORC → type and unwind sources; where VMCOREINFO lies; see incore.h. */
#include "source/incore.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/error.h"
#include "base/lazy.h"
#include "format/btf.h"
#include "format/orc.h"
#include "format/vmcoreinfo.h"
#include "source/cfi.h"
#include "source/image.h"
#include "source/profile.h"
#include "source/symbols.h"
#include "source/types.h"
#include "source/xlat.h"

enum {
	BTF_MAX = 256 * 1024 * 1024,
	ORC_MAX = 64 * 1000 * 1000, /* entries; distribution kernels have one to two million */
	ORC_SAMPLE = 512,	    /* entries looked at together to tell the layout */
	ORC_SAMPLES = 4,
};

/* ---- VMCOREINFO ---------------------------------------------------------- */

/* An ELF note header with the name VMCOREINFO: namesz 11, then the padded name. */
enum { NOTE_HEADER = 12, NOTE_TEXT = 24 };

enum { PAGES_A_WORD = 64 }; /* how often a search says how far it is */

struct trail_error *trail_incore_vmcoreinfo_at(struct trail_image *image, uint64_t address,
					       size_t *skip_ret)
{
	static const char start[] = TRAIL_VMCOREINFO_START;
	char head[NOTE_TEXT + sizeof(start)];
	struct trail_error *error = trail_image_peek(image, address, head, sizeof(head));
	size_t skip = 0;

	if (error)
		return error;
	if (memcmp(head + NOTE_HEADER, "VMCOREINFO", sizeof("VMCOREINFO")) == 0)
		skip = NOTE_TEXT;
	if (memcmp(head + skip, start, sizeof(start) - 1) != 0)
		return &trail_error_absent;
	*skip_ret = skip;
	return NULL;
}

/* The text of the page, and nothing behind it. */
static struct trail_error *read_vmcoreinfo(struct trail_image *image, uint64_t address, size_t skip,
					   char *ret)
{
	char kept[TRAIL_PAGE_SIZE];

	memset(ret, 0, TRAIL_PAGE_SIZE);
	struct trail_error *error = trail_image_look_physical(image, address, kept, sizeof(kept));
	if (error)
		return error;
	size_t n = strnlen(kept + skip, sizeof(kept) - skip);
	memcpy(ret, kept + skip, n);
	trail_vmcoreinfo_blank(kept + skip, n);
	trail_image_keep_physical(image, address, kept, skip + n);
	return NULL;
}

struct trail_error *trail_incore_find_vmcoreinfo(struct trail_image *image, uint64_t *from,
						 char *ret)
{
	uint64_t page = *from >> TRAIL_PAGE_SHIFT, end = trail_image_physical_end(image);

	for (unsigned seen = 0; trail_image_page_below(image, &page); seen++) {
		uint64_t address = page << TRAIL_PAGE_SHIFT;
		if (seen % PAGES_A_WORD == 0)
			trail_image_tell(image, "searching memory for VMCOREINFO", end - address,
					 end);
		size_t skip;
		struct trail_error *error = trail_incore_vmcoreinfo_at(image, address, &skip);
		if (error && error->code == TRAIL_ERROR_LIMIT)
			return error;
		if (error) {
			trail_error_free(error);
			continue;
		}
		*from = address;
		return read_vmcoreinfo(image, address, skip, ret);
	}
	return &trail_error_absent;
}

/* How much of the kernel image to look at, from its end; the pointers lie within the last 5 MiB. */
enum {
	FOLLOW_PAGES = 4096,
	FOLLOW_STEP = 2 * 1024 * 1024, /* the image is mapped, or not, by such pieces */
	FOLLOW_SEEN = 1024,	       /* pointers that are remembered as no good */
};

/* A search for a pointer to VMCOREINFO in the kernel image. */
struct follow {
	struct trail_image *image;
	struct trail_xlat *xlat;
	uint64_t start; /* of the image */
	unsigned pages; /* looked at */
	uint64_t seen[FOLLOW_SEEN];
	char *page;
};

/* What the search reads is not kept. */
static struct trail_error *peek_table(void *image, uint64_t address, void *ret)
{
	return trail_image_peek(image, address, ret, TRAIL_PAGE_SIZE);
}

/* Does @pointer lead to VMCOREINFO?  Errors: ABSENT, those of reading it. */
static struct trail_error *follow_pointer(struct follow *f, uint64_t pointer)
{
	uint64_t *seen = &f->seen[(pointer >> TRAIL_PAGE_SHIFT) % FOLLOW_SEEN], address;
	size_t skip;

	/* page-aligned, of the kernel, and not in its image */
	if (pointer % TRAIL_PAGE_SIZE || pointer >> 63 == 0 || pointer >= f->start ||
	    *seen == pointer)
		return &trail_error_absent;
	*seen = pointer;
	struct trail_error *error = trail_xlat_translate(f->xlat, pointer, &address);
	if (!error)
		error = trail_incore_vmcoreinfo_at(f->image, address, &skip);
	return error ? error : read_vmcoreinfo(f->image, address, skip, f->page);
}

/* The words of one page of the image; errors as follow_pointer(). */
static struct trail_error *follow_page(struct follow *f, uint64_t address)
{
	uint64_t physical, words[TRAIL_PAGE_SIZE / 8];
	struct trail_error *error = trail_xlat_translate(f->xlat, address, &physical);

	if (!error)
		error = trail_image_peek(f->image, physical, words, sizeof(words));
	if (error)
		return error;
	for (size_t i = TRAIL_ARRAY_SIZE(words); i--;) {
		error = follow_pointer(f, words[i]);
		if (!error || error->code == TRAIL_ERROR_LIMIT)
			return error;
		trail_error_free(error);
	}
	return &trail_error_absent;
}

/* The image from its end down, as far as it is mapped. */
static struct trail_error *follow_image(struct follow *f, uint64_t end)
{
	for (uint64_t piece = end; piece > f->start; piece -= FOLLOW_STEP) {
		uint64_t physical;
		struct trail_error *error = trail_xlat_translate(f->xlat, piece - FOLLOW_STEP,
								 &physical);
		if (error && error->code == TRAIL_ERROR_LIMIT)
			return error;
		bool mapped = !error;
		trail_error_free(error);
		for (uint64_t at = piece; mapped && at > piece - FOLLOW_STEP;
		     at -= TRAIL_PAGE_SIZE) {
			if (f->pages++ == FOLLOW_PAGES)
				return &trail_error_absent;
			struct trail_error *page = follow_page(f, at - TRAIL_PAGE_SIZE);
			if (!page || page->code == TRAIL_ERROR_LIMIT)
				return page;
			trail_error_free(page);
		}
	}
	return &trail_error_absent;
}

struct trail_error *trail_incore_follow_vmcoreinfo(struct trail_image *image, uint64_t root,
						   uint64_t start, uint64_t end, char *ret)
{
	struct follow f = { .image = image, .start = start, .page = ret };
	struct trail_error *error = trail_xlat_new(peek_table, image, &f.xlat);

	if (error)
		return error;
	error = &trail_error_absent;
	for (int paging = TRAIL_PAGING_X86_64_4;
	     paging <= TRAIL_PAGING_X86_64_5 && error && error->code == TRAIL_ERROR_ABSENT;
	     paging++) {
		trail_xlat_map_tables(f.xlat, paging, root);
		error = follow_image(&f, end);
	}
	trail_xlat_free(f.xlat);
	return error;
}

/* ---- BTF ----------------------------------------------------------------- */

struct btf_source {
	struct trail_btf *btf;
	struct trail_lazy bytes;
	struct trail_profile *profile;
};

/* A member, or a type's size where there is no @path; the profile's answer, which is told of ours.
 */
static bool btf_ask(struct btf_source *b, const char *type, const char *path,
		    struct trail_member *ret)
{
	bool found;
	const struct trail_member *known = trail_profile_member(b->profile, type, path, &found);

	if (known) {
		*ret = *known;
		return found;
	}
	*ret = (struct trail_member){ 0 };
	found = path ? trail_btf_member(b->btf, type, path, ret)
		     : trail_btf_size(b->btf, type, &ret->size);
	trail_profile_add_member(b->profile, type, path, found ? ret : NULL);
	return found;
}

static bool btf_member(void *self, const char *type, const char *path, struct trail_member *ret)
{
	struct trail_member member;

	if (!btf_ask(self, type, path, &member))
		return false;
	*ret = member;
	return true;
}

static bool btf_size(void *self, const char *type, uint64_t *ret)
{
	struct trail_member member;

	if (!btf_ask(self, type, NULL, &member))
		return false;
	*ret = member.size;
	return true;
}

static const struct trail_error *btf_problem(const void *self)
{
	return trail_btf_problem(((const struct btf_source *)self)->btf);
}

static void btf_free(void *self)
{
	struct btf_source *b = self;

	if (!b)
		return;
	trail_btf_free(b->btf);
	trail_lazy_fini(&b->bytes);
	free(b);
}

static struct trail_error *read_memory(void *data, uint64_t address, void *to, size_t n)
{
	return trail_image_read(data, address, to, n);
}

struct trail_error *trail_incore_add_btf(struct trail_image *image, struct trail_profile *profile,
					 const struct trail_symbols *symbols,
					 struct trail_types *types)
{
	struct trail_symbol start, stop;

	if (!trail_symbols_by_name(symbols, NULL, "__start_BTF", &start) ||
	    !trail_symbols_by_name(symbols, NULL, "__stop_BTF", &stop) ||
	    stop.address <= start.address)
		return &trail_error_absent;
	uint64_t size = stop.address - start.address;
	if (size > BTF_MAX)
		return trail_error_format(TRAIL_ERROR_LIMIT,
					  "BTF at 0x%" PRIx64 ": %" PRIu64
					  " bytes, the limit is %d",
					  start.address, size, BTF_MAX);
	struct btf_source *b = calloc(1, sizeof(*b));
	if (!b)
		return &trail_error_nomem;
	b->profile = profile;
	struct trail_error *error = trail_lazy_init(&b->bytes, start.address, size, read_memory,
						    image);
	if (!error)
		error = trail_btf_new(&b->bytes, false, &b->btf);
	if (error) {
		btf_free(b);
		return error;
	}
	trail_types_add(types, &(struct trail_type_source){ .name = "btf",
							    .self = b,
							    .member = btf_member,
							    .size = btf_size,
							    .problem = btf_problem,
							    .free = btf_free });
	return NULL;
}

/* ---- ORC ----------------------------------------------------------------- */

struct orc_source {
	struct trail_image *image;
	struct trail_profile *profile;
	struct trail_orc_tables tables;
	const struct trail_orc_layout *layout; /* told when the tables are first asked; or NULL */
	uint64_t text, text_end;
};

struct trail_error *trail_orc_tables_layout(struct trail_image *image,
					    const struct trail_orc_tables *tables,
					    const struct trail_orc_layout **ret)
{
	uint8_t sample[ORC_SAMPLE * TRAIL_ORC_SIZE];
	size_t n = TRAIL_MIN(tables->n, (uint64_t)ORC_SAMPLE);

	for (unsigned i = 1; i <= ORC_SAMPLES;
	     i++) { /* one in a hundred is too unlike plain code */
		uint64_t first = (tables->n - n) / (ORC_SAMPLES + 1) * i;
		struct trail_error *error = trail_image_read(
			image, tables->entries + first * TRAIL_ORC_SIZE, sample,
			n * TRAIL_ORC_SIZE);
		if (error)
			return trail_error_wrap(error, "ORC entries");
		*ret = trail_orc_tell(sample, n);
		if (*ret)
			return NULL;
	}
	return trail_error_format(TRAIL_ERROR_BAD_DATA,
				  "the ORC entries at 0x%" PRIx64 " are of no known layout",
				  tables->entries);
}

static struct trail_error *orc_ip(struct trail_image *image, const struct trail_orc_tables *tables,
				  uint64_t i, uint64_t *ret)
{
	uint8_t raw[4];
	uint64_t address = tables->ips + i * 4;
	struct trail_error *error = trail_image_read(image, address, raw, sizeof(raw));

	if (error)
		return trail_error_wrap(error, "ORC addresses");
	struct trail_cursor c = trail_cursor_over(raw, sizeof(raw), address, "ORC address", false);
	*ret = address + (int32_t)trail_cursor_u32(&c);
	return NULL;
}

/* Source: Linux arch/x86/kernel/unwind_orc.c __orc_find(): the last of the rows that begin at or
 * before ip. */
struct trail_error *trail_orc_tables_find(struct trail_image *image,
					  const struct trail_orc_tables *tables,
					  const struct trail_orc_layout *layout, uint64_t ip,
					  struct trail_orc_entry *ret, uint64_t *start_ret,
					  uint64_t *end_ret)
{
	uint64_t low = 0, high = tables->n, start = 0, end = 0;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2, begin = 0;
		struct trail_error *error = orc_ip(image, tables, middle, &begin);
		if (error)
			return error;
		if (begin <= ip) {
			low = middle + 1;
			start = begin;
		} else {
			high = middle;
			end = begin;
		}
	}
	if (!low)
		return &trail_error_absent;
	uint8_t raw[TRAIL_ORC_SIZE];
	uint64_t address = tables->entries + (low - 1) * TRAIL_ORC_SIZE;
	struct trail_error *error = trail_image_read(image, address, raw, sizeof(raw));
	if (error)
		return trail_error_wrap(error, "ORC entry");
	if (!trail_orc_decode(layout, raw, ret))
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "ORC entry at 0x%" PRIx64 " cannot be right", address);
	*start_ret = start;
	*end_ret = end > start ? end : start;
	return NULL;
}

static struct trail_error *orc_row(void *self, uint64_t ip, struct trail_orc_entry *ret)
{
	struct orc_source *o = self;
	uint64_t start, end;

	if (ip < o->text || ip >= o->text_end)
		return &trail_error_absent;
	const struct trail_orc_entry *known = trail_profile_orc_at(o->profile, ip);
	if (known) {
		*ret = *known;
		return NULL;
	}
	struct trail_error *error = o->layout ? NULL
					      : trail_orc_tables_layout(o->image, &o->tables,
									&o->layout);
	if (!error)
		error = trail_orc_tables_find(o->image, &o->tables, o->layout, ip, ret, &start,
					      &end);
	if (!error)
		trail_profile_add_orc(o->profile, start, end, ret);
	return error;
}

struct trail_error *trail_incore_add_orc(struct trail_image *image, struct trail_profile *profile,
					 const struct trail_symbols *symbols, struct trail_cfi *cfi)
{
	struct trail_symbol ips, ips_end, entries, text, text_end;

	if (!trail_symbols_by_name(symbols, NULL, "__start_orc_unwind_ip", &ips) ||
	    !trail_symbols_by_name(symbols, NULL, "__stop_orc_unwind_ip", &ips_end) ||
	    !trail_symbols_by_name(symbols, NULL, "__start_orc_unwind", &entries) ||
	    !trail_symbols_by_name(symbols, NULL, "_stext", &text) ||
	    !trail_symbols_by_name(symbols, NULL, "_einittext", &text_end) ||
	    ips_end.address <= ips.address || (ips_end.address - ips.address) / 4 > ORC_MAX)
		return &trail_error_absent;
	struct trail_orc_tables tables = { ips.address, entries.address,
					   (ips_end.address - ips.address) / 4 };
	struct orc_source *o = malloc(sizeof(*o));
	if (!o)
		return &trail_error_nomem;
	*o = (struct orc_source){ image, profile, tables, NULL, text.address, text_end.address };
	trail_cfi_add(cfi, &(struct trail_cfi_source){ "orc", o, orc_row, free });
	return NULL;
}
