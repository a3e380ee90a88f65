/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of a split dump, sorted and held against each other; see split.h. */
#include "source/split.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "format/diskdump.h"
#include "source/core_file.h"

static const struct trail_diskdump *header_of(const struct trail_core_file *file)
{
	return trail_core_check_diskdump(file->check);
}

bool trail_split_is_part(const struct trail_core_file *file)
{
	return header_of(file) && header_of(file)->split;
}

static int compare(const void *left, const void *right)
{
	const struct trail_diskdump *a = header_of(left), *b = header_of(right);

	if (a->start_pfn != b->start_pfn)
		return a->start_pfn < b->start_pfn ? -1 : 1;
	return a->end_pfn < b->end_pfn ? -1 : a->end_pfn > b->end_pfn;
}

/* Of a file that is cut short inside its notes they cannot be compared. */
static bool same_notes(const struct trail_core_file *a, const struct trail_core_file *b)
{
	if (header_of(a)->ranges_cut || header_of(b)->ranges_cut)
		return true;
	if (a->n_runs != b->n_runs || a->info.size != b->info.size ||
	    memcmp(a->info.bytes, b->info.bytes, a->info.size) != 0)
		return false;
	for (size_t i = 0; i < a->n_runs; i++)
		if (a->runs[i].size != b->runs[i].size ||
		    memcmp(a->runs[i].bytes, b->runs[i].bytes, a->runs[i].size) != 0)
			return false;
	return true;
}

static struct trail_error *check_kin(const struct trail_core_file *file,
				     const struct trail_core_file *first)
{
	const char *what = trail_diskdump_difference(header_of(first), header_of(file));

	if (!what && !same_notes(first, file))
		what = "notes";
	return what ? trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					 "%s: of another split dump than %s: the %s differ",
					 file->path, first->path, what)
		    : NULL;
}

struct trail_error *trail_split_sort(struct trail_core_file *files, size_t n)
{
	struct trail_error *error = NULL;

	for (size_t i = 0; n > 1 && i < n && !error; i++) {
		if (!trail_split_is_part(&files[i]))
			return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
						  "%s: no file of a split dump; name it alone",
						  files[i].path);
		error = check_kin(&files[i], &files[0]);
	}
	if (error || n == 1)
		return error;
	qsort(files, n, sizeof(*files), compare);
	for (size_t i = 1; i < n; i++)
		if (header_of(&files[i])->start_pfn < header_of(&files[i - 1])->end_pfn)
			return trail_error_format(
				TRAIL_ERROR_UNSUPPORTED,
				"%s: has page frames from 0x%" PRIx64 " on that %s has too",
				files[i].path, header_of(&files[i])->start_pfn, files[i - 1].path);
	return NULL;
}

bool trail_split_missing(const struct trail_core_file *files, size_t n, uint64_t from,
			 uint64_t *start_ret, uint64_t *end_ret)
{
	uint64_t end = trail_split_is_part(files) ? header_of(files)->max_pfn : 0;

	for (size_t i = 0; i < n && from < end; i++) {
		const struct trail_diskdump *header = header_of(&files[i]);

		if (header->end_pfn <= from)
			continue;
		if (header->start_pfn > from) {
			end = header->start_pfn;
			break;
		}
		from = header->end_pfn;
	}
	*start_ret = from;
	*end_ret = end;
	return from < end;
}

const struct trail_core_file *trail_split_find(const struct trail_core_file *files, size_t n,
					       uint64_t pfn)
{
	if (n == 1 && !trail_split_is_part(files))
		return files;
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (header_of(&files[middle])->end_pfn <= pfn)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && header_of(&files[low])->start_pfn <= pfn ? &files[low] : NULL;
}
