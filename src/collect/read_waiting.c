/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was printed and did not get into the log's ring → lost records and a gap. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "collect/collect.h"
#include "kernel/kernel.h"
#include "source/image.h"

enum { CPUS_MAX = 8192 };

/* Lines of a CPU's buffer; one at least, where its text cannot be read. */
static struct trail_error *count_lines(struct trail_kernel *kernel, uint64_t buffer,
				       uint64_t length, uint64_t *ret)
{
	struct trail_member text;

	*ret = 1;
	if (!trail_types_member(&kernel->types, "printk_safe_seq_buf", "buffer", &text) ||
	    length > text.size)
		return NULL;
	TRAIL_CLEANUP(trail_freep) char *bytes = malloc(length);
	if (!bytes)
		return &trail_error_nomem;
	struct trail_error *error = trail_image_look(kernel->image, buffer + text.offset, bytes,
						     length);
	uint64_t lines = 0;
	for (uint64_t i = 0; !error && i < length; i++)
		if (bytes[i] == '\n')
			lines++;
		else
			bytes[i] = 'x'; /* of a dump to give away only the ends of lines are kept */
	if (!error)
		trail_image_keep(kernel->image, buffer + text.offset, bytes, length);
	*ret = TRAIL_MAX(lines, UINT64_C(1));
	trail_error_free(error);
	return NULL;
}

/*
 * What is printed in an NMI, or by printk() itself, waits in a buffer of its
 * CPU for an interrupt, or for panic() to flush it.
 * Source: Linux kernel/printk/printk_safe.c struct printk_safe_seq_buf, whose first member is the
 * length; v4.10 to v5.14.
 */
struct trail_error *trail_read_waiting(struct trail_kernel *kernel, struct trail_facts *facts)
{
	static const char *const names[] = { "nmi_print_seq", "safe_print_seq" };
	uint64_t n = trail_facts_value(facts, "nr_cpu_ids", 0), bytes = 0, all = 0;

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(names); i++) {
		uint64_t base, buffer, length, lines;
		struct trail_error *error = trail_kernel_symbol(kernel, names[i], &base);
		bool is_there = !error;

		trail_error_free(error);
		for (unsigned cpu = 0; is_there && cpu < TRAIL_MIN(n, (uint64_t)CPUS_MAX); cpu++) {
			error = trail_kernel_per_cpu(kernel, base, cpu, &buffer);
			if (!error)
				error = trail_kernel_read(kernel, buffer, 4, false, &length);
			if (!error && length)
				error = count_lines(kernel, buffer, length, &lines);
			if (error == &trail_error_nomem)
				return error;
			bytes += error ? 0 : length;
			all += error || !length ? 0 : lines;
			trail_error_free(error);
		}
	}
	facts->log.lost += all;
	return bytes ? trail_error_format(
			       TRAIL_ERROR_NODATA,
			       "%" PRIu64 " bytes, %" PRIu64
			       " lines, that were printed in an NMI or by printk() itself "
			       "had not come into the ring",
			       bytes, all)
		     : NULL;
}
