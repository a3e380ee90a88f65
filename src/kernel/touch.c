/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads for their own sake; see touch.h. */
#include "kernel/touch.h"

#include <stdlib.h>

#include "base/error.h"
#include "kernel/kernel.h"
#include "source/image.h"

enum {
	VARIABLE_SIZE = 128,	     /* node_online_map is a bitmap of 1024 */
	SECTION_ROOTS_MAX = 1 << 18, /* of 52 bits of physical addresses, 128 MiB a section */
	NAME_SIZE = 65,		     /* __NEW_UTS_LEN + 1 */
};

static bool read_some(struct trail_kernel *kernel, uint64_t address, void *ret, size_t n)
{
	struct trail_error *error = trail_image_read(kernel->image, address, ret, n);
	bool good = !error;

	trail_error_free(error);
	return good;
}

/* A variable and nothing of its neighbours, which may be anything. */
static void touch_variable(struct trail_kernel *kernel, uint64_t address)
{
	uint8_t unused[VARIABLE_SIZE];
	uint64_t offset, size = sizeof(uint64_t);
	struct trail_symbol symbol;

	if (trail_kernel_name(kernel, address, &symbol, &offset) && symbol.size > offset)
		size = TRAIL_MIN(symbol.size - offset, (uint64_t)sizeof(unused));
	read_some(kernel, address, unused, size);
}

/* Every line SYMBOL(name)=address, but the machine's names. */
static void touch_symbols(struct trail_kernel *kernel)
{
	static const char key[] = "\nSYMBOL(", names[] = "init_uts_ns)";
	const char *p = kernel->info.text;

	while ((p = strstr(p, key))) {
		p += strlen(key);
		const char *value = p + strcspn(p, "=\n");
		if (*value == '=' && !trail_starts_with(p, names))
			touch_variable(kernel, strtoull(value + 1, NULL, 16));
	}
}

/* Of init_uts_ns sysname, release and machine; version, nodename and domainname are facts. */
static void touch_names(struct trail_kernel *kernel)
{
	static const unsigned names[] = { 0, 2, 4 };
	uint64_t address;
	const char *unused;
	struct trail_error *error = trail_kernel_names(kernel, &address);

	for (size_t i = 0; !error && i < TRAIL_ARRAY_SIZE(names); i++)
		error = trail_kernel_string(kernel, address + names[i] * NAME_SIZE, NAME_SIZE,
					    &kernel->pool, &unused);
	trail_error_free(error);
}

/* What "crash --minimal" reads: where the areas of the address space begin. */
static void touch_bases(struct trail_kernel *kernel)
{
	static const char *const names[] = { "page_offset_base", "vmalloc_base", "vmemmap_base" };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(names); i++) {
		uint64_t address, unused;
		struct trail_error *error = trail_kernel_symbol(kernel, names[i], &address);

		if (!error)
			read_some(kernel, address, &unused, sizeof(unused));
		trail_error_free(error);
	}
}

static void touch_sections(struct trail_kernel *kernel)
{
	uint64_t symbol, array, n, root, page[TRAIL_PAGE_SIZE / sizeof(uint64_t)];

	if (!trail_vmcoreinfo_number(&kernel->info, "SYMBOL", "mem_section", &symbol) ||
	    !trail_vmcoreinfo_number(&kernel->info, "LENGTH", "mem_section", &n) ||
	    !read_some(kernel, symbol, &array, sizeof(array)))
		return;
	n = TRAIL_MIN(n, (uint64_t)SECTION_ROOTS_MAX);
	for (uint64_t i = 0; i < n && read_some(kernel, array + i * 8, &root, sizeof(root)); i++)
		if (root)
			trail_error_free(
				trail_kernel_words(kernel, root, page, TRAIL_ARRAY_SIZE(page)));
}

void trail_kernel_touch(struct trail_kernel *kernel)
{
	if (!kernel->info_from)
		return;
	touch_symbols(kernel);
	touch_names(kernel);
	touch_bases(kernel);
	touch_sections(kernel);
}
