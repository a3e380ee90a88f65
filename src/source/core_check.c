/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A core file's headers, bitmap and descriptors against its size; see core_check.h. */
#include "source/core_check.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/pool.h"
#include "format/diskdump.h"
#include "format/elfcore.h"
#include "source/foreign.h"
#include "source/page_map.h"

enum {
	/* The smallest page of any architecture; ELF cores have no block size. */
	ELF_PAGE = 4096,
	SECTIONS_MAX = 16, /* headers of sections; QEMU writes two */
};

/* Physical addresses start..end - 1 of a PT_LOAD's file part; there up to present_end. */
struct span {
	uint64_t start, end, present_end;
};

struct trail_core_check {
	struct trail_pool pool;
	int fd;
	uint64_t file_size;
	enum trail_core_format format;
	const char *arch;
	struct trail_core_range *notes;
	size_t n_notes;
	uint64_t max_paddr;

	struct trail_elfcore elf;
	struct trail_verdict truncated; /* of an ELF core; the page map has its own */
	struct span *spans;		/* sorted, disjoint */
	size_t n_spans;

	struct trail_diskdump dump;
	struct trail_page_map *map; /* NULL for ELF */
};

/*
 * Names of one architecture: e_machine of a 64-bit core and utsname.machine.
 * The first row of a machine gives the name that is used.
 */
static const struct arch_name {
	uint16_t machine;
	const char *uname;
	const char *name;
} arch_names[] = {
	{ 62, "x86_64", "x86_64" }, { 183, "aarch64", "aarch64" }, { 22, "s390x", "s390x" },
	{ 21, "ppc64", "ppc64" },   { 21, "ppc64le", "ppc64" },	   { 243, "riscv64", "riscv64" },
};

/* --- ELF --- */

static int compare_spans(const void *left, const void *right)
{
	const struct span *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->end > b->end ? -1 : a->end < b->end;
}

/*
 * Sort the file parts of the segments and cut off what overlaps: the kernel's
 * text has a segment of its own beside that of the memory it lies in.
 */
static struct trail_error *build_spans(struct trail_core_check *check)
{
	const struct trail_elfcore *elf = &check->elf;
	struct span *spans = trail_pool_alloc(&check->pool, elf->n + 1, sizeof(*spans));
	size_t n = 0, kept = 0;

	if (!spans)
		return &trail_error_nomem;
	for (size_t i = 0; i < elf->n; i++) {
		const struct trail_elfcore_segment *seg = &elf->segments[i];
		struct span span = { .start = seg->paddr };
		uint64_t memory_end;

		/* Segments without a physical address have -1 there. */
		if (seg->type != TRAIL_ELFCORE_LOAD ||
		    !trail_add(seg->paddr, seg->filesz, &span.end) ||
		    !trail_add(seg->paddr, seg->memsz, &memory_end))
			continue;
		span.present_end = seg->paddr + seg->present;
		check->max_paddr = TRAIL_MAX(check->max_paddr, TRAIL_MAX(memory_end, span.end));
		if (span.end > span.start)
			spans[n++] = span;
	}
	qsort(spans, n, sizeof(*spans), compare_spans);

	uint64_t covered = 0;
	for (size_t i = 0; i < n; i++) {
		struct span span = spans[i];
		span.start = TRAIL_MAX(span.start, covered);
		if (span.start >= span.end)
			continue;
		covered = span.end;
		spans[kept++] = span;
	}
	check->spans = spans;
	check->n_spans = kept;
	return NULL;
}

static struct trail_error *list_notes(struct trail_core_check *check)
{
	const struct trail_elfcore *elf = &check->elf;

	for (size_t i = 0; i < elf->n; i++) {
		const struct trail_elfcore_segment *seg = &elf->segments[i];
		if (seg->type != TRAIL_ELFCORE_NOTE || seg->present == 0)
			continue;
		struct trail_core_range *notes = trail_pool_grow(&check->pool, check->notes,
								 check->n_notes, sizeof(*notes));
		if (!notes)
			return &trail_error_nomem;
		notes[check->n_notes++] = (struct trail_core_range){ .offset = seg->offset,
								     .size = seg->present };
		check->notes = notes;
	}
	return NULL;
}

/* The count of program headers that does not fit the header; without it, what the header says. */
static struct trail_error *read_count(struct trail_core_check *check)
{
	uint8_t section[TRAIL_ELFCORE_SECTION_SIZE];
	size_t n;

	if (!check->elf.count_offset)
		return NULL;
	struct trail_error *err = trail_read_at(check->fd, check->elf.count_offset, section,
						sizeof(section), &n);
	if (!err)
		err = trail_elfcore_read_count(&check->elf, section, n);
	trail_error_catch(&err, TRAIL_ERROR_BAD_DATA);
	return err;
}

static struct trail_error *open_elf(struct trail_core_check *check, const uint8_t *head, size_t n)
{
	check->format = TRAIL_CORE_ELF;
	struct trail_error *err = trail_elfcore_read_header(head, n, &check->elf);
	if (!err)
		err = read_count(check);
	if (err)
		return err;

	/* One over the limit is enough for the decoder to refuse. */
	uint64_t size = TRAIL_MIN(trail_elfcore_table_size(&check->elf),
				  (TRAIL_ELFCORE_MAX_SEGMENTS + UINT64_C(1)) *
					  check->elf.entry_size);
	TRAIL_CLEANUP(trail_freep) uint8_t *table = malloc(size + 1);
	if (!table)
		return &trail_error_nomem;
	err = trail_read_at(check->fd, check->elf.table_offset, table, size, &n);
	if (!err)
		err = trail_elfcore_read_segments(&check->elf, table, n, check->file_size,
						  &check->pool);
	if (!err)
		err = build_spans(check);
	if (!err)
		err = list_notes(check);
	if (err)
		return err;

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(arch_names) && !check->arch; i++)
		if (check->elf.wide && check->elf.machine == arch_names[i].machine)
			check->arch = arch_names[i].name;
	return NULL;
}

static enum trail_page_state elf_page(const struct trail_core_check *check, uint64_t paddr)
{
	/* A segment whose header is past the file's end may have had it. */
	enum trail_page_state nothing = check->elf.n < check->elf.segment_count
						? TRAIL_PAGE_BEYOND
						: TRAIL_PAGE_EXCLUDED;
	size_t low = 0, high = check->n_spans;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (check->spans[middle].end <= paddr)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == check->n_spans || check->spans[low].start > paddr)
		return nothing;
	const struct span *span = &check->spans[low];
	uint64_t last = TRAIL_MIN(paddr | (ELF_PAGE - 1), span->end - 1);
	return last < span->present_end ? TRAIL_PAGE_THERE : TRAIL_PAGE_BEYOND;
}

static bool elf_left_out(const struct trail_core_check *check, uint64_t paddr)
{
	for (size_t i = 0; i < check->elf.n; i++) {
		const struct trail_elfcore_segment *seg = &check->elf.segments[i];
		if (seg->type == TRAIL_ELFCORE_LOAD && paddr >= seg->paddr &&
		    paddr - seg->paddr >= seg->filesz && paddr - seg->paddr < seg->memsz)
			return true;
	}
	return false;
}

bool trail_core_check_segment_below(const struct trail_core_check *check, uint64_t *page)
{
	bool found = false;
	uint64_t best = 0;

	for (size_t i = 0; i < check->elf.n; i++) {
		const struct trail_elfcore_segment *s = &check->elf.segments[i];
		uint64_t end;
		if (!s->filesz || !trail_add(s->paddr, s->filesz - 1, &end) ||
		    s->paddr / ELF_PAGE >= *page)
			continue;
		uint64_t highest = TRAIL_MIN(end / ELF_PAGE, *page - 1);
		if (!found || highest > best)
			best = highest;
		found = true;
	}
	if (found)
		*page = best;
	return found;
}

static bool elf_truncated(struct trail_core_check *check)
{
	const struct trail_elfcore *elf = &check->elf;
	struct trail_verdict *verdict = &check->truncated;

	for (size_t i = 0; i < elf->n; i++) {
		const struct trail_elfcore_segment *seg = &elf->segments[i];
		uint64_t end;
		if (seg->present == seg->filesz)
			continue;
		if (!trail_add(seg->offset, seg->filesz, &end))
			end = UINT64_MAX;
		return trail_verdict_set(verdict, true,
					 "segment %zu wants bytes up to %" PRIu64
					 ", the file has %" PRIu64,
					 i, end, check->file_size);
	}
	if (elf->truncated)
		return trail_verdict_set(verdict, true,
					 "of %" PRIu32 " program headers the file has %zu",
					 elf->segment_count, elf->n);
	return trail_verdict_set(verdict, false, "%s", "");
}

/* --- kdump-compressed --- */

static struct trail_error *open_kdump(struct trail_core_check *check, const uint8_t *head, size_t n)
{
	struct trail_diskdump *dump = &check->dump;

	check->format = TRAIL_CORE_KDUMP;
	struct trail_error *err = trail_diskdump_read(head, n, check->file_size, dump);
	if (!err)
		err = trail_page_map_new(check->fd, check->file_size, dump, &check->pool,
					 &check->map);
	if (err)
		return err;

	check->max_paddr = dump->max_pfn * dump->block_size;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(arch_names) && !check->arch; i++)
		if (trail_streq(dump->machine, arch_names[i].uname))
			check->arch = arch_names[i].name;
	if (dump->notes.size == 0)
		return NULL;
	check->notes = trail_pool_alloc(&check->pool, 1, sizeof(*check->notes));
	if (!check->notes)
		return &trail_error_nomem;
	check->notes[check->n_notes++] = (struct trail_core_range){ .offset = dump->notes.offset,
								    .size = dump->notes.size };
	return NULL;
}

/* --- either --- */

static struct trail_error *find_size(int fd, uint64_t *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return trail_error_os(errno, "cannot stat");
	off_t size = st.st_size;
	if (!S_ISREG(st.st_mode)) {
		/* A block device has no size to stat.  The file offset is the caller's too. */
		off_t here = lseek(fd, 0, SEEK_CUR);
		size = lseek(fd, 0, SEEK_END);
		if (here < 0 || size < 0 || lseek(fd, here, SEEK_SET) < 0)
			return trail_error_os(errno, "cannot find its size");
	}
	*ret = size;
	return NULL;
}

static struct trail_error *open_by_content(struct trail_core_check *check)
{
	TRAIL_CLEANUP(trail_freep) uint8_t *head = malloc(TRAIL_DISKDUMP_HEAD_SIZE);
	size_t n;

	if (!head)
		return &trail_error_nomem;
	struct trail_error *err = find_size(check->fd, &check->file_size);
	if (!err)
		err = trail_read_at(check->fd, 0, head, TRAIL_DISKDUMP_HEAD_SIZE, &n);
	if (err)
		return err;
	if (trail_elfcore_is(head, n) && !trail_foreign_tell(head, n, NULL))
		return open_elf(check, head, n);
	if (trail_diskdump_is(head, n))
		return open_kdump(check, head, n);
	return trail_foreign_refuse(TRAIL_UNPACK_NONE, head, n);
}

struct trail_error *trail_core_check_open(int fd, const char *path, struct trail_core_check **ret)
{
	TRAIL_CLEANUP(trail_core_check_closep)
	struct trail_core_check *check = calloc(1, sizeof(*check));

	if (!check)
		return &trail_error_nomem;
	trail_pool_init(&check->pool);
	check->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	struct trail_error *err = check->fd < 0 ? trail_error_os(errno, "cannot use the file")
						: open_by_content(check);
	if (err)
		return trail_error_wrap(err, "%s", path);
	*ret = TRAIL_STEAL(check);
	return NULL;
}

void trail_core_check_close(struct trail_core_check *check)
{
	if (!check)
		return;
	if (check->fd >= 0)
		close(check->fd);
	trail_pool_fini(&check->pool);
	free(check);
}

void trail_core_check_closep(struct trail_core_check **check)
{
	trail_core_check_close(*check);
}

enum trail_core_format trail_core_check_format(const struct trail_core_check *check)
{
	return check->format;
}

uint64_t trail_core_check_file_size(const struct trail_core_check *check)
{
	return check->file_size;
}

const char *trail_core_check_arch(const struct trail_core_check *check)
{
	return check->arch;
}

size_t trail_core_check_notes(const struct trail_core_check *check,
			      const struct trail_core_range **ret)
{
	*ret = check->notes;
	return check->n_notes;
}

struct trail_core_range trail_core_check_vmcoreinfo(const struct trail_core_check *check)
{
	return (struct trail_core_range){ .offset = check->dump.vmcoreinfo.offset,
					  .size = check->dump.vmcoreinfo.size };
}

uint64_t trail_core_check_max_paddr(const struct trail_core_check *check)
{
	return check->max_paddr;
}

bool trail_core_check_incomplete(const struct trail_core_check *check)
{
	if (check->format == TRAIL_CORE_ELF)
		return check->elf.incomplete;
	return check->dump.status & TRAIL_DISKDUMP_INCOMPLETE;
}

bool trail_core_check_truncated(struct trail_core_check *check, const char **why_ret)
{
	const struct trail_verdict *verdict = &check->truncated;

	if (check->map)
		verdict = trail_page_map_truncated(check->map);
	else if (!verdict->known)
		elf_truncated(check);
	if (why_ret)
		*why_ret = verdict->why;
	return verdict->yes;
}

bool trail_core_check_map_trusted(struct trail_core_check *check, const char **why_ret)
{
	const struct trail_verdict *verdict = check->map ? trail_page_map_trusted(check->map)
							 : NULL;

	if (why_ret)
		*why_ret = verdict ? verdict->why : "";
	return !verdict || verdict->yes;
}

enum trail_page_state trail_core_check_page(struct trail_core_check *check, uint64_t paddr)
{
	return check->map ? trail_page_map_page(check->map, paddr) : elf_page(check, paddr);
}

bool trail_core_check_knows_memory(struct trail_core_check *check)
{
	for (size_t i = 0; i < check->elf.n; i++)
		if (check->elf.segments[i].type == TRAIL_ELFCORE_LOAD &&
		    check->elf.segments[i].memsz > check->elf.segments[i].filesz)
			return true;
	return check->map && trail_page_map_knows_memory(check->map);
}

bool trail_core_check_left_out(struct trail_core_check *check, uint64_t paddr)
{
	if (trail_core_check_page(check, paddr) != TRAIL_PAGE_EXCLUDED)
		return false;
	return check->map ? trail_page_map_left_out(check->map, paddr) : elf_left_out(check, paddr);
}

const struct trail_diskdump *trail_core_check_diskdump(const struct trail_core_check *check)
{
	return check->format == TRAIL_CORE_KDUMP ? &check->dump : NULL;
}

const struct trail_elfcore *trail_core_check_elfcore(const struct trail_core_check *check)
{
	return check->format == TRAIL_CORE_ELF ? &check->elf : NULL;
}

bool trail_core_check_sections_fit(const struct trail_core_check *check)
{
	uint8_t bytes[SECTIONS_MAX * sizeof(Elf64_Shdr)];

	if (check->format != TRAIL_CORE_ELF)
		return true;
	size_t wanted = (size_t)check->elf.sections.count * check->elf.sections.entry_size;
	if (wanted > sizeof(bytes))
		return false;
	ssize_t n = wanted ? pread(check->fd, bytes, wanted, (off_t)check->elf.sections.offset) : 0;
	return n >= 0 && trail_elfcore_sections_fit(&check->elf, bytes, n, check->file_size);
}
