/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The architectures that are read; to add one, add its struct and name it here. */
#include "kernel/arch.h"

static const struct trail_arch *const archs[] = { &trail_arch_x86_64 };

const struct trail_arch *trail_arch_find(const char *name)
{
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(archs); i++)
		if (trail_streq(archs[i]->name, name))
			return archs[i];
	return NULL;
}
