/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From page to bit to descriptor to bytes, each held against the file's size; see page_map.h. */
#include "source/page_map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/pool.h"
#include "format/diskdump.h"

enum {
	/* A window on the second bitmap: 512 MiB of 4 KiB pages. */
	BITMAP_WINDOW = 16 * 1024,
	GROUP = 64, /* bytes of the bitmap that are counted together */
	BITMAP_GROUPS = BITMAP_WINDOW / GROUP,
	HOLE = 8, /* bytes of the first bitmap: 64 pages that are no memory */
	/* A window on the page descriptors. */
	DESCRIPTOR_WINDOW = 128,
	/* How many windows of descriptors to look at, from the last, for page data. */
	MAX_TAIL_WINDOWS = 4096,
};

#define NO_WINDOW UINT64_MAX

/* The second bitmap and the descriptors, read as needed. */
struct trail_page_map {
	int fd;
	uint64_t file_size;
	const struct trail_diskdump *dump;
	struct trail_verdict truncated, trusted;

	uint64_t bytes;	  /* of the bitmap up to end_pfn */
	uint64_t present; /* of these, in the file; less after a read error */
	uint64_t *before; /* per window: set bits in the windows before it; one more than windows */
	uint64_t counted; /* windows whose successor's .before is known */
	bool others_known;
	uint64_t others; /* set bits of pages that are not of this file */

	uint64_t window; /* in .bits now */
	size_t length;	 /* bytes of it */
	uint8_t bits[BITMAP_WINDOW];
	uint32_t group[BITMAP_GROUPS]; /* set bits of the window before each group */

	uint64_t descriptor_window;
	size_t descriptor_length; /* bytes */
	uint8_t descriptors[DESCRIPTOR_WINDOW * TRAIL_DISKDUMP_DESCRIPTOR_SIZE];
};

struct trail_error *trail_read_at(int fd, uint64_t offset, void *buf, size_t size, size_t *n_ret)
{
	size_t n = 0;

	while (n < size) {
		ssize_t got = offset + n > INT64_MAX ? 0
						     : pread(fd, (uint8_t *)buf + n, size - n,
							     (off_t)(offset + n));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return trail_error_os(errno, "cannot read at 0x%" PRIx64, offset + n);
		if (got == 0)
			break;
		n += got;
	}
	*n_ret = n;
	return NULL;
}

bool trail_verdict_set(struct trail_verdict *verdict, bool yes, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(verdict->why, sizeof(verdict->why), format, args);
	va_end(args);
	verdict->known = true;
	verdict->yes = yes;
	return yes;
}

struct trail_error *trail_page_map_new(int fd, uint64_t file_size,
				       const struct trail_diskdump *dump, struct trail_pool *pool,
				       struct trail_page_map **ret)
{
	struct trail_page_map *map = trail_pool_alloc(pool, 1, sizeof(*map));

	if (!map)
		return &trail_error_nomem;
	uint64_t room = dump->bitmap2_offset < file_size ? file_size - dump->bitmap2_offset : 0;
	map->fd = fd;
	map->file_size = file_size;
	map->dump = dump;
	map->bytes = (dump->end_pfn + 7) / 8;
	map->present = TRAIL_MIN(map->bytes, room);
	map->window = NO_WINDOW;
	map->descriptor_window = NO_WINDOW;
	map->before = trail_pool_alloc(pool, map->present / BITMAP_WINDOW + 2,
				       sizeof(*map->before));
	if (!map->before)
		return &trail_error_nomem;
	*ret = map;
	return NULL;
}

/* Clear the bits of pages that are not of this file, so that all that are set count. */
static void mask_window(const struct trail_diskdump *dump, struct trail_page_map *map)
{
	uint64_t first = map->window * BITMAP_WINDOW * 8;
	uint64_t start = dump->start_pfn > first ? dump->start_pfn - first : 0;
	uint64_t end = dump->end_pfn > first ? dump->end_pfn - first : 0;
	uint64_t all = (uint64_t)map->length * 8;

	start = TRAIL_MIN(start, all);
	end = TRAIL_MIN(end, all);
	memset(map->bits, 0, start / 8);
	if (start % 8)
		map->bits[start / 8] &= 0xff << start % 8;
	if (end % 8)
		map->bits[end / 8] &= 0xff >> (8 - end % 8);
	memset(map->bits + (end + 7) / 8, 0, map->length - (end + 7) / 8);
}

/* Set bits of @n bits that begin at a byte. */
static uint64_t count_in(const uint8_t *bits, size_t n)
{
	uint64_t count = 0;
	size_t i = 0;

	for (; i + 8 <= n / 8; i += 8) {
		uint64_t word;
		memcpy(&word, bits + i, sizeof(word));
		count += __builtin_popcountll(word);
	}
	for (; i < n / 8; i++)
		count += __builtin_popcount(bits[i]);
	if (n % 8)
		count += __builtin_popcount(bits[i] & (0xff >> (8 - n % 8)));
	return count;
}

/* Count the window that has come in once, a group at a time: each page asks for the bits before its
 * own. */
static void count_groups(struct trail_page_map *map)
{
	uint32_t before = 0;

	for (size_t i = 0; i < BITMAP_GROUPS; i++) {
		size_t at = i * GROUP,
		       length = at < map->length ? TRAIL_MIN(map->length - at, (size_t)GROUP) : 0;
		map->group[i] = before;
		before += count_in(map->bits + at, length * 8);
	}
}

/* Bring window @index of the bitmap in; false when the file does not have it. */
static bool load_window(struct trail_page_map *map, uint64_t index)
{
	uint64_t at = index * BITMAP_WINDOW;

	if (map->window == index)
		return true;
	if (at >= map->present)
		return false;
	size_t want = TRAIL_MIN(map->present - at, (uint64_t)BITMAP_WINDOW), got = 0;
	map->window = NO_WINDOW;
	struct trail_error *err = trail_read_at(map->fd, map->dump->bitmap2_offset + at, map->bits,
						want, &got);
	if (err || got < want) {
		/* What cannot be read is as good as past the end. */
		trail_error_free(err);
		map->present = at;
		return false;
	}
	map->window = index;
	map->length = want;
	mask_window(map->dump, map);
	count_groups(map);
	return true;
}

/* Set bits among the first @n of the window that is in. */
static uint64_t count_bits(const struct trail_page_map *map, size_t n)
{
	size_t group = TRAIL_MIN(n / (GROUP * 8), (size_t)BITMAP_GROUPS - 1);

	return map->group[group] + count_in(map->bits + group * GROUP, n - group * GROUP * 8);
}

/* Count windows until the set bits before @window are known. */
static bool count_before(struct trail_page_map *map, uint64_t window)
{
	while (map->counted < window) {
		if (!load_window(map, map->counted))
			return false;
		map->before[map->counted + 1] = map->before[map->counted] +
						count_bits(map, map->length * 8);
		map->counted++;
	}
	return true;
}

/* Set bits of the whole bitmap; false when the file does not have all of it. */
static bool count_all(struct trail_page_map *map, uint64_t *total_ret)
{
	uint64_t windows = (map->bytes + BITMAP_WINDOW - 1) / BITMAP_WINDOW;

	if (map->present < map->bytes || !count_before(map, windows))
		return false;
	*total_ret = map->before[windows];
	return true;
}

/*
 * Set bits of the whole bitmap, and how many of them are other files': a file
 * of a split dump has the bitmap of the whole dump and room for as many
 * descriptors, of which it uses what its own pages take.  False when the file
 * does not have all of it.
 * Source: makedumpfile.c create_dump_bitmap() (num_dumpable is of the whole
 * dump), write_kdump_pages_and_bitmap_cyclic() (where the page data begins).
 */
static bool count_dump(struct trail_page_map *map, uint64_t *total_ret, uint64_t *others_ret)
{
	uint64_t bits = map->dump->split ? map->dump->max_pfn : 0, all = 0;

	if (!count_all(map, total_ret))
		return false;
	for (uint64_t done = 0; !map->others_known && done < bits; done += BITMAP_WINDOW * 8) {
		size_t n = TRAIL_MIN(bits - done, (uint64_t)BITMAP_WINDOW * 8), got = 0;

		map->window = NO_WINDOW; /* its bytes are used for this */
		TRAIL_CLEANUP(trail_error_freep)
		struct trail_error *err = trail_read_at(map->fd,
							map->dump->bitmap2_offset + done / 8,
							map->bits, (n + 7) / 8, &got);
		if (err || got < (n + 7) / 8)
			return false;
		all += count_in(map->bits, n);
	}
	if (!map->others_known && bits)
		map->others = all - *total_ret;
	map->others_known = true;
	*others_ret = map->others;
	return true;
}

/* Descriptor number @rank; false when the file ends before it does. */
static bool read_descriptor(struct trail_page_map *map, uint64_t rank,
			    struct trail_diskdump_page *ret)
{
	uint64_t window = rank / DESCRIPTOR_WINDOW;
	size_t at = rank % DESCRIPTOR_WINDOW * TRAIL_DISKDUMP_DESCRIPTOR_SIZE;
	uint64_t start = map->dump->descriptors_offset + window * sizeof(map->descriptors);

	if (map->descriptor_window != window) {
		map->descriptor_window = NO_WINDOW;
		struct trail_error *err = trail_read_at(map->fd, start, map->descriptors,
							sizeof(map->descriptors),
							&map->descriptor_length);
		if (err) {
			trail_error_free(err);
			return false;
		}
		map->descriptor_window = window;
	}
	if (map->descriptor_length < at)
		return false;
	struct trail_error *err = trail_diskdump_read_page(
		map->dump, map->descriptors + at, map->descriptor_length - at, start + at, ret);
	trail_error_free(err);
	return !err;
}

/* makedumpfile reserves the descriptors first and fills them in as it goes. */
static bool never_written(const struct trail_diskdump_page *page)
{
	return page->offset == 0 && page->size == 0 && page->flags == 0;
}

/* Could descriptor @rank be right in a file without an end? */
static bool makes_sense(const struct trail_diskdump *dump, uint64_t rank,
			const struct trail_diskdump_page *page)
{
	uint32_t method = page->flags & TRAIL_DISKDUMP_COMPRESSED;
	uint64_t headers_end = dump->descriptors_offset +
			       (rank + 1) * TRAIL_DISKDUMP_DESCRIPTOR_SIZE;

	if (page->flags != method || (method & (method - 1)))
		return false;
	if (method ? page->size == 0 || page->size > dump->block_size
		   : page->size != dump->block_size)
		return false;
	return page->offset >= headers_end && page->offset <= (uint64_t)INT64_MAX - page->size;
}

/* The lowest data offset that the first window of descriptors names; 0 when none does. */
static uint64_t lowest_data(struct trail_page_map *map, uint64_t total)
{
	uint64_t lowest = 0;

	for (uint64_t rank = 0; rank < TRAIL_MIN(total, (uint64_t)DESCRIPTOR_WINDOW); rank++) {
		struct trail_diskdump_page page;
		if (!read_descriptor(map, rank, &page))
			break;
		if (makes_sense(map->dump, rank, &page) && (!lowest || page.offset < lowest))
			lowest = page.offset;
	}
	return lowest;
}

/*
 * How many descriptors the table has: up to the first page data.  A flipped
 * bit of the bitmap must not make page data pass for a last descriptor.
 */
static uint64_t count_descriptors(struct trail_page_map *map, uint64_t total)
{
	uint64_t lowest = lowest_data(map, total);

	if (lowest == 0)
		return total;
	uint64_t room = lowest - map->dump->descriptors_offset;
	if (room % TRAIL_DISKDUMP_DESCRIPTOR_SIZE == 0)
		return room / TRAIL_DISKDUMP_DESCRIPTOR_SIZE;
	/* The block of zeros comes first, and no descriptor of the first window names it. */
	if (room >= map->dump->block_size &&
	    (room - map->dump->block_size) % TRAIL_DISKDUMP_DESCRIPTOR_SIZE == 0)
		return (room - map->dump->block_size) / TRAIL_DISKDUMP_DESCRIPTOR_SIZE;
	return total;
}

/* The data of one descriptor; end 0: none. */
struct extent {
	uint64_t rank, offset, end;
};

/*
 * The last of the page data.  Data lies in the order of the descriptors, one
 * after the other, so the last descriptor is believed when its data begins
 * where that of the one before ends; a flipped bit in it does not make the
 * file look cut.  With no two such neighbours, the one that wants most.
 */
static struct extent find_last_data(struct trail_page_map *map, uint64_t total)
{
	uint64_t zeros = map->dump->descriptors_offset +
			 (total + map->others) * TRAIL_DISKDUMP_DESCRIPTOR_SIZE;
	uint64_t limit = (uint64_t)MAX_TAIL_WINDOWS * DESCRIPTOR_WINDOW;
	uint64_t stop = total > limit ? total - limit : 0;
	struct extent after = { 0 }, most = { 0 };

	for (uint64_t rank = total; rank-- > stop;) {
		struct trail_diskdump_page page;
		if (!read_descriptor(map, rank, &page) || !makes_sense(map->dump, rank, &page))
			continue;
		struct extent here = { rank, page.offset, page.offset + page.size };
		if (here.end > most.end)
			most = here;
		/* Pages of zeros share one block at the front. */
		if (here.offset == zeros && page.flags == 0)
			continue;
		if (after.end && here.end == after.offset)
			return after;
		after = here;
	}
	return most;
}

static bool data_truncated(struct trail_page_map *map, uint64_t total)
{
	struct trail_verdict *verdict = &map->truncated;
	struct trail_diskdump_page page;

	if (total > 0 && read_descriptor(map, total - 1, &page) && never_written(&page))
		return trail_verdict_set(
			verdict, true, "page descriptor %" PRIu64 " was never written", total - 1);
	struct extent last = find_last_data(map, total);
	if (last.end > map->file_size)
		return trail_verdict_set(verdict, true,
					 "page descriptor %" PRIu64 " wants bytes up to %" PRIu64
					 ", the file has %" PRIu64,
					 last.rank, last.end, map->file_size);
	if (map->dump->ranges_cut)
		return trail_verdict_set(
			verdict, true,
			"notes, VMCOREINFO or erase info want more bytes than the %" PRIu64
			" of the file",
			map->file_size);
	return trail_verdict_set(verdict, false, "%s", "");
}

static bool find_truncated(struct trail_page_map *map)
{
	const struct trail_diskdump *dump = map->dump;
	struct trail_verdict *verdict = &map->truncated;
	uint64_t total, others;

	if (!count_dump(map, &total, &others))
		return trail_verdict_set(
			verdict, true,
			"the page bitmap wants bytes up to %" PRIu64 ", the file has %" PRIu64,
			dump->bitmap2_offset + (dump->max_pfn + 7) / 8, map->file_size);
	uint64_t end = dump->descriptors_offset + total * TRAIL_DISKDUMP_DESCRIPTOR_SIZE;
	if (end > map->file_size)
		return trail_verdict_set(verdict, true,
					 "%" PRIu64 " page descriptors want bytes up to %" PRIu64
					 ", the file has %" PRIu64,
					 total, end, map->file_size);
	/* what is not used of the room in a file of a split dump was never written either */
	return data_truncated(map, dump->split ? total : count_descriptors(map, total));
}

const struct trail_verdict *trail_page_map_truncated(struct trail_page_map *map)
{
	if (!map->truncated.known)
		find_truncated(map);
	return &map->truncated;
}

static bool find_trusted(struct trail_page_map *map)
{
	struct trail_verdict *verdict = &map->trusted;
	uint64_t total, others;

	if (!count_dump(map, &total, &others))
		return trail_verdict_set(verdict, false,
					 "the file does not have the whole page bitmap");
	if (total == 0)
		return trail_verdict_set(verdict, true, "%s", "");
	uint64_t lowest = lowest_data(map, total);
	if (lowest == 0)
		return trail_verdict_set(
			verdict, false,
			"none of the first page descriptors is there and makes sense");

	/* The block of zeros comes first, when there is one; no descriptor need name it here. */
	uint64_t end = map->dump->descriptors_offset +
		       (total + others) * TRAIL_DISKDUMP_DESCRIPTOR_SIZE;
	if (lowest == end || lowest == end + map->dump->block_size)
		return trail_verdict_set(verdict, true, "%s", "");
	return trail_verdict_set(verdict, false,
				 "the bitmap has %" PRIu64
				 " pages, whose descriptors would end at %" PRIu64
				 ", but page data begins at %" PRIu64,
				 total + others, end, lowest);
}

const struct trail_verdict *trail_page_map_trusted(struct trail_page_map *map)
{
	if (!map->trusted.known)
		find_trusted(map);
	return &map->trusted;
}

enum trail_page_state trail_page_map_page(struct trail_page_map *map, uint64_t paddr)
{
	const struct trail_diskdump *dump = map->dump;
	uint64_t pfn = paddr / dump->block_size;

	if (pfn < dump->start_pfn || pfn >= dump->end_pfn)
		return TRAIL_PAGE_EXCLUDED;
	uint64_t window = pfn / 8 / BITMAP_WINDOW;
	size_t bit = pfn % (BITMAP_WINDOW * 8);
	if (pfn / 8 >= map->present || !count_before(map, window) || !load_window(map, window))
		return TRAIL_PAGE_BEYOND;
	if (!(map->bits[bit / 8] & 1 << bit % 8))
		return TRAIL_PAGE_EXCLUDED;

	struct trail_diskdump_page page;
	uint64_t rank = map->before[window] + count_bits(map, bit);
	if (!read_descriptor(map, rank, &page) || never_written(&page))
		return TRAIL_PAGE_BEYOND;
	if (!makes_sense(dump, rank, &page))
		return TRAIL_PAGE_BAD;
	if (page.offset + page.size <= map->file_size)
		return TRAIL_PAGE_THERE;
	/* In a file that has its last page, one that wants more is wrong. */
	return trail_page_map_truncated(map)->yes ? TRAIL_PAGE_BEYOND : TRAIL_PAGE_BAD;
}

/*
 * Pages in a row that are no memory, as every machine has: those below 1 MiB on x86.  Where there
 * are none, the first bitmap does not tell; see write_core.c.
 */
bool trail_page_map_knows_memory(struct trail_page_map *map)
{
	uint64_t end = map->dump->max_pfn / 8;
	uint8_t bytes[BITMAP_WINDOW];

	if (!trail_page_map_trusted(map)->yes)
		return false;
	for (uint64_t at = 0; at < end; at += sizeof(bytes)) {
		size_t n = TRAIL_MIN(end - at, (uint64_t)sizeof(bytes)), got = 0;
		struct trail_error *err = trail_read_at(map->fd, map->dump->bitmap1_offset + at,
							bytes, n, &got);
		trail_error_free(err);
		if (err || got < n)
			return false;
		for (size_t i = 0; i + HOLE <= n; i += HOLE)
			if (!bytes[i] && memcmp(bytes + i, bytes + i + 1, HOLE - 1) == 0)
				return true;
	}
	return false;
}

bool trail_page_map_left_out(struct trail_page_map *map, uint64_t paddr)
{
	const struct trail_diskdump *dump = map->dump;
	uint64_t pfn = paddr / dump->block_size;
	uint8_t byte;
	size_t got;

	if (pfn < dump->start_pfn || pfn >= dump->end_pfn)
		return false;
	struct trail_error *err = trail_read_at(map->fd, dump->bitmap1_offset + pfn / 8, &byte, 1,
						&got);
	trail_error_free(err);
	return !err && got && byte >> pfn % 8 & 1;
}
