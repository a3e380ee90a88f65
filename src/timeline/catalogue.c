/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look-ups in the catalogue, whose rows are in notifiers.c. */
#include "timeline/evidence.h"

/*
 * The kernel's name of an architecture by that of uname; one that has no row
 * bears the same name.  Source: Linux Makefile SUBARCH, arch/.
 */
static const char *kernel_arch(const char *machine)
{
	/* clang-format off */
	static const struct { const char *machine, *arch; } rows[] = {
		{ "aarch64",     "arm64" },
		{ "i686",        "x86" },
		{ "loongarch64", "loongarch" },
		{ "armv7l",      "arm" },
		{ "i386",        "x86" },
		{ "mips64",      "mips" },
		{ "ppc",         "powerpc" },
		{ "ppc64",       "powerpc" },
		{ "ppc64le",     "powerpc" },
		{ "riscv64",     "riscv" },
		{ "s390x",       "s390" },
		{ "x86_64",      "x86" },
	};
	/* clang-format on */

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].machine, machine) == 0)
			return rows[i].arch;
	return machine;
}

bool trail_arch_is_of(const char *archs, const char *machine)
{
	const char *arch = machine ? kernel_arch(machine) : NULL;
	size_t length = arch ? strlen(arch) : 0;

	if (!arch || strcmp(archs, "any") == 0)
		return true;
	for (const char *s = archs; *s; s += strspn(s, ", ")) {
		size_t n = strcspn(s, ", ");
		if (n == length && strncmp(s, arch, n) == 0)
			return true;
		s += n;
	}
	return false;
}

const struct trail_known_notifier *trail_catalogue_find(const char *function, const char *module,
							const char *machine)
{
	for (size_t i = 0; function && i < trail_n_catalogue; i++) {
		const struct trail_known_notifier *row = &trail_catalogue[i];
		if (row->hook == TRAIL_HOOK_PANIC && trail_same_function(function, row->function) &&
		    (!module || trail_streq(module, row->module)) &&
		    trail_arch_is_of(row->archs, machine))
			return row;
	}
	return NULL;
}

const struct trail_known_notifier *trail_known_notifier(const char *function, const char *module)
{
	return trail_catalogue_find(function, module, NULL);
}
