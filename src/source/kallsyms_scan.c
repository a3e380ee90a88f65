/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump's memory and VMCOREINFO → the search for kallsyms; see kallsyms_scan.h. */
#include "source/kallsyms_scan.h"

#include <inttypes.h>

#include "base/error.h"
#include "format/vmcoreinfo.h"
#include "source/image.h"

enum { SCAN_MAX = 256 << 20 }; /* bytes; text and constants of the largest kernels are 100 MiB */

static struct trail_error *read_memory(void *data, uint64_t address, void *to, size_t n, bool look)
{
	struct trail_image *image = data;
	uint64_t physical;

	if (!look)
		return trail_image_read(image, address, to, n);
	/* what is looked at lies within a page */
	struct trail_error *error = trail_image_translate(image, address, &physical);
	return error ? error : trail_image_peek(image, physical, to, n);
}

struct trail_error *trail_kallsyms_scan(struct trail_image *image,
					const struct trail_vmcoreinfo *info,
					struct trail_kallsyms_sections *ret)
{
	/*
	 * _stext, then data: with CONFIG_KALLSYMS_ALL these are in the table, too.
	 * Source: Linux kernel/crash_core.c crash_save_vmcoreinfo_init(), kernel/printk/printk.c
	 * log_buf_vmcoreinfo_setup(), arch/x86/kernel/machine_kexec_64.c.
	 */
	static const char *const names[] = { "_stext",	     "init_uts_ns",    "prb",
					     "log_buf",	     "swapper_pg_dir", "init_top_pgt",
					     "clear_seq",    "vmap_area_list", "node_online_map",
					     "log_first_idx" };
	struct trail_kallsyms_known known[TRAIL_ARRAY_SIZE(names)];
	struct trail_kallsyms_memory memory = { .read = read_memory,
						.data = image,
						.known = known };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(names); i++) {
		uint64_t address;
		if (trail_vmcoreinfo_number(info, "SYMBOL", names[i], &address))
			known[memory.n_known++] = (struct trail_kallsyms_known){ names[i],
										 address };
		if (!i && !memory.n_known)
			return &trail_error_absent;
	}
	memory.first = known[0].address;
	memory.end = memory.first + SCAN_MAX;
	for (size_t i = 1; i < memory.n_known; i++)
		if (known[i].address > memory.first)
			memory.end = TRAIL_MIN(memory.end, known[i].address);
	struct trail_error *error = trail_kallsyms_find(&memory, ret);
	if (!trail_error_catch(&error, TRAIL_ERROR_ABSENT))
		return error;
	return trail_error_format(TRAIL_ERROR_ABSENT,
				  "VMCOREINFO does not name the tables, and none were found from "
				  "0x%" PRIx64 " to 0x%" PRIx64,
				  memory.first, memory.end);
}
