/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header, notes and kept pages of an image → a file; see distill.h. */
#include "source/distill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "format/erased.h"
#include "format/note.h"
#include "format/vmcoreinfo.h"
#include "source/image.h"
#include "source/incore.h"
#include "source/page_set.h"
#include "source/write_core.h"

enum {
	NT_PRSTATUS = 1,
	LEVEL_ALL = 31, /* dump_level: zero, cache, private, user and free pages are left out */
};

struct buffer {
	uint8_t *bytes;
	size_t n;
};

static void buffer_fini(struct buffer *buffer)
{
	free(buffer->bytes);
}

/* Bytes of a run up to the end of its last good note. */
static size_t run_length(const void *bytes, size_t size)
{
	struct trail_cursor c = trail_cursor_over(bytes, size, 0, "notes", false);
	struct trail_note_entry note;
	size_t end = 0;

	while (trail_note_next(&c, &note))
		end = c.pos;
	return end;
}

/*
 * All runs as one.  A single one stays as it is; of several each loses the
 * empty note at its end, which would hide those behind it.
 */
static struct trail_error *gather_notes(const struct trail_image *image, struct buffer *ret)
{
	const void *bytes, *other;
	size_t size, other_size;

	for (size_t i = 0; trail_image_notes(image, i, &bytes, &size); i++) {
		bool only = !i && !trail_image_notes(image, 1, &other, &other_size);
		size_t used = only ? size : run_length(bytes, size);
		uint8_t *bigger = calloc(1, ret->n + used + 4);

		if (!bigger)
			return &trail_error_nomem;
		if (ret->n)
			memcpy(bigger, ret->bytes, ret->n);
		if (used)
			memcpy(bigger + ret->n, bytes, used);
		free(ret->bytes);
		ret->bytes = bigger;
		ret->n += only ? used : (used + 3) & ~(size_t)3;
	}
	return NULL;
}

/* VMCOREINFO where the file's header has it. */
static struct trail_error *copy_info(const struct trail_image *image, struct buffer *ret)
{
	const void *bytes;

	if (!trail_image_vmcoreinfo(image, &bytes, &ret->n))
		return NULL;
	ret->bytes = malloc(ret->n);
	if (!ret->bytes)
		return &trail_error_nomem;
	memcpy(ret->bytes, bytes, ret->n);
	return NULL;
}

/* Registers and VMCOREINFO; another may hold anything, as a driver's dump does. */
static bool is_wanted(const struct trail_note_entry *note)
{
	return (strcmp(note->name, "CORE") == 0 && note->type == NT_PRSTATUS) ||
	       strcmp(note->name, "QEMU") == 0 || strcmp(note->name, "VMCOREINFO") == 0;
}

/* Of the notes those that are wanted, and nothing between them. */
static void sieve_notes(struct buffer *notes)
{
	struct trail_cursor c = trail_cursor_over(notes->bytes, notes->n, 0, "notes", false);
	struct trail_note_entry note;
	size_t end = 0;

	for (size_t at = 0; trail_note_next(&c, &note); at = c.pos) {
		size_t name = at + TRAIL_NOTE_HEADER, desc = note.desc.data - notes->bytes;
		if (!is_wanted(&note))
			continue;
		if (strcmp(note.name, "VMCOREINFO") == 0)
			trail_vmcoreinfo_blank((char *)notes->bytes + desc, note.desc.size);
		name += strlen(note.name);
		memset(notes->bytes + name, 0, desc - name);
		desc += note.desc.size;
		memset(notes->bytes + desc, 0, c.pos - desc);
		memmove(notes->bytes + end, notes->bytes + at, c.pos - at);
		end += c.pos - at;
	}
	notes->n = end;
}

/* Of the pages that are not whole, which bytes are there. */
static void list_kept(const struct trail_page_set *pages, struct trail_text *out)
{
	trail_erased_start(out);
	for (size_t i = 0; i < pages->n; i++)
		if (!trail_kept_has(pages->kept[i], 0, TRAIL_PAGE_SIZE))
			trail_erased_put(out, pages->pages[i], pages->kept[i]->map);
}

/* What the notes tell of the file's header: VMCOREINFO's place, and the number of CPUs. */
static void look_at_notes(struct trail_write_core *core)
{
	struct trail_cursor c = trail_cursor_over(core->notes, core->notes_size, 0, "notes", false);
	struct trail_note_entry note;
	uint32_t cpus = 0;

	while (trail_note_next(&c, &note)) {
		if (strcmp(note.name, "VMCOREINFO") == 0) {
			core->vmcoreinfo = note.desc.data;
			core->vmcoreinfo_size = note.desc.size;
		}
		cpus += strcmp(note.name, "CORE") == 0 && note.type == NT_PRSTATUS;
	}
	if (!core->header.nr_cpus)
		core->header.nr_cpus = cpus;
}

static void take_name(char *to, const char *from, size_t length)
{
	if (!*to && from)
		memcpy(to, from, TRAIL_MIN(length, sizeof(trail_diskdump_name) - 2));
}

/* What the header of an ELF core, or of QEMU, does not say. */
static void complete_header(struct trail_diskdump *header, const struct trail_vmcoreinfo *info)
{
	uint64_t number;
	size_t length = 0;
	const char *release = trail_vmcoreinfo_text(info, "OSRELEASE", &length);

	take_name(header->release, release, length);
	if (!header->phys_base && trail_vmcoreinfo_number(info, "NUMBER", "phys_base", &number))
		header->phys_base = number;
	if (!header->time_sec && trail_vmcoreinfo_plain(info, "CRASHTIME", 10, &number))
		header->time_sec = (int64_t)number;
}

/* VMCOREINFO of a kept page: the lowest is the one that the search ended with. */
static bool kept_vmcoreinfo(struct trail_image *image, char *page, struct trail_vmcoreinfo *ret)
{
	const struct trail_page_set *kept = trail_image_kept_pages(image);

	for (size_t i = 0; i < kept->n; i++) {
		uint64_t address = kept->pages[i] << TRAIL_PAGE_SHIFT;
		size_t skip;
		struct trail_error *error = trail_incore_vmcoreinfo_at(image, address, &skip);

		if (!error)
			error = trail_image_peek(image, address, page, TRAIL_PAGE_SIZE);
		bool found = !error;
		trail_error_free(error);
		if (found) {
			*ret = (struct trail_vmcoreinfo){ page + skip, TRAIL_PAGE_SIZE - skip };
			return true;
		}
	}
	return false;
}

static void make_header(struct trail_image *image, const struct buffer *outside,
			struct trail_write_core *core)
{
	const struct trail_diskdump *own = trail_image_header(image);
	struct trail_diskdump *header = &core->header;
	struct trail_vmcoreinfo info;
	char page[TRAIL_PAGE_SIZE];
	const char *arch = trail_image_arch(image);

	if (own)
		*header = *own;
	/* the bitmaps have a bit for each page up to there, and QEMU's firmware lies far above */
	header->max_pfn = core->pages->n ? core->pages->pages[core->pages->n - 1] + 1 : 0;
	header->dump_level |= LEVEL_ALL;
	header->status = trail_image_incomplete(image, 0) ? TRAIL_DISKDUMP_INCOMPLETE : 0;
	take_name(header->sysname, "Linux", strlen("Linux"));
	take_name(header->machine, arch, strlen(arch));
	look_at_notes(core);
	if (trail_image_kept_pages(image)->has_bytes) {
		memset(header->nodename, 0, sizeof(header->nodename));
		memset(header->domainname, 0, sizeof(header->domainname));
	}
	if (outside->n && !core->vmcoreinfo) {
		core->vmcoreinfo = outside->bytes;
		core->vmcoreinfo_size = outside->n;
	}
	if (!kept_vmcoreinfo(image, page, &info))
		info = (struct trail_vmcoreinfo){ (const char *)core->vmcoreinfo,
						  core->vmcoreinfo_size };
	if (info.text)
		complete_header(header, &info);
}

static struct trail_error *read_kept(void *data, uint64_t page, void *ret)
{
	return trail_image_kept_page(data, page, ret);
}

static struct trail_error *write_image(struct trail_image *image, int fd)
{
	TRAIL_CLEANUP(buffer_fini) struct buffer notes = { 0 }, info = { 0 };
	TRAIL_CLEANUP(trail_text_fini) struct trail_text erased = { 0 };
	bool bytes_only = trail_image_kept_pages(image)->has_bytes;
	struct trail_error *error = gather_notes(image, &notes);

	if (!error)
		error = copy_info(image, &info);
	if (error)
		return error;
	if (bytes_only && notes.n)
		sieve_notes(&notes);
	if (bytes_only && info.n)
		trail_vmcoreinfo_blank((char *)info.bytes, info.n);
	if (bytes_only)
		list_kept(trail_image_kept_pages(image), &erased);
	if (erased.failed)
		return &trail_error_nomem;
	struct trail_write_core core = {
		.notes = notes.bytes,
		.notes_size = notes.n,
		.erased = erased.data,
		.pages = trail_image_kept_pages(image),
		.read = read_kept,
		.data = image,
	};
	make_header(image, &info, &core);
	return trail_write_core(fd, &core);
}

struct trail_error *trail_distill(struct trail_image *image, const char *path)
{
	TRAIL_CLEANUP(trail_freep) char *temporary = NULL;
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return trail_error_format(TRAIL_ERROR_USAGE,
					  "%s: a dump is written to a regular file only", path);
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return &trail_error_nomem;
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return trail_error_os(errno, "%s", path);
	struct trail_error *error = write_image(image, fd);
	if (close(fd) < 0 && !error)
		error = trail_error_os(errno, "close");
	if (!error && rename(temporary, path) < 0)
		error = trail_error_os(errno, "rename");
	if (error)
		unlink(temporary);
	return trail_error_wrap(error, "%s", path);
}
