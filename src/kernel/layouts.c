/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of members that never moved; see layouts.h. */
#include "kernel/layouts.h"

/* clang-format off */
const struct trail_layout trail_layouts[] = {
	/* with KASAN stacks are larger: there a guard page lies in that range, and it cannot be read */
	{ "cea_exception_stacks", "NMI_stack", { .offset = 0x4000, .size = 0x2000 }, "arch/x86/include/asm/cpu_entry_area.h struct cea_exception_stacks, since v5.2" },
	{ "kmsg_dumper", "dump", { .offset = 16, .size = 8 }, "include/linux/kmsg_dump.h struct kmsg_dumper, since v3.5" },
	{ "kmsg_dumper", "list", { .offset = 0, .size = 16 }, "include/linux/kmsg_dump.h struct kmsg_dumper, since v2.6.33" },
	{ "kmsg_dumper", "max_reason", { .offset = 24, .size = 4 }, "include/linux/kmsg_dump.h struct kmsg_dumper, since v3.5" },
	{ "notifier_block", "next", { .offset = 8, .size = 8 }, "include/linux/notifier.h struct notifier_block, since v2.6.17" },
	{ "notifier_block", "notifier_call", { .offset = 0, .size = 8 }, "include/linux/notifier.h struct notifier_block, since v2.6.17" },
	{ "notifier_block", "priority", { .offset = 16, .size = 4, .is_signed = true }, "include/linux/notifier.h struct notifier_block, since v2.6.17" },
	{ 0 }
};
/* clang-format on */

bool trail_layout_find(const char *type, const char *member, struct trail_member *ret)
{
	for (const struct trail_layout *row = trail_layouts; row->type; row++)
		if (strcmp(row->type, type) == 0 && strcmp(row->member, member) == 0) {
			*ret = row->place;
			return true;
		}
	return false;
}
