/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ask a dead kernel by name: open what the dump tells of itself, read variables, members, lists. */
#include "kernel/kernel.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/error.h"
#include "format/note.h"
#include "kernel/arch.h"
#include "kernel/layouts.h"
#include "kernel/modules.h"
#include "source/image.h"
#include "source/incore.h"
#include "source/kallsyms.h"
#include "source/profile.h"
#include "source/profile_store.h"

enum {
	KERNELS_MAX = 8, /* VMCOREINFO pages: each kernel has its page, a note, and a copy for the
			    crash */
	STRING_MAX = 64 * 1024,
	UTS_SIZE = 4 + 6 * 65, /* of struct uts_namespace, up to the end of its names at most */
};

/* Keeps @error as a problem; NOMEM is given back. */
static struct trail_error *note_problem(struct trail_kernel *kernel, const char *what,
					struct trail_error *error)
{
	if (!error || error == &trail_error_nomem)
		return error;
	if (kernel->n_problems < TRAIL_KERNEL_PROBLEMS)
		kernel->problems[kernel->n_problems++] = (struct trail_problem){ what, error };
	else
		trail_error_free(error);
	return NULL;
}

static bool set_info(struct trail_kernel *kernel, const char *text, size_t size,
		     enum trail_info_from from)
{
	char *copy = malloc(size + 1);

	if (!copy)
		return false;
	memcpy(copy, text, size);
	copy[size] = 0;
	free(kernel->info_text);
	kernel->info_text = copy;
	kernel->info = (struct trail_vmcoreinfo){ copy, size };
	kernel->info_from = from;
	return true;
}

/* The VMCOREINFO note, and the page table root of a vCPU note, where there are any. */
static struct trail_error *read_file_notes(struct trail_kernel *kernel, uint64_t *table_ret)
{
	const void *bytes;
	size_t size;

	if (trail_image_vmcoreinfo(kernel->image, &bytes, &size) && size <= TRAIL_VMCOREINFO_MAX &&
	    !set_info(kernel, bytes, size, TRAIL_INFO_NOTE))
		return &trail_error_nomem;
	for (size_t i = 0; trail_image_notes(kernel->image, i, &bytes, &size); i++) {
		struct trail_cursor c = trail_cursor_over(bytes, size, 0, "notes", false);
		struct trail_note_entry note;

		while (trail_note_next(&c, &note)) {
			struct trail_cpu_registers r;
			if (strcmp(note.name, "VMCOREINFO") == 0 &&
			    note.desc.size <= TRAIL_VMCOREINFO_MAX &&
			    !set_info(kernel, (const char *)note.desc.data, note.desc.size,
				      TRAIL_INFO_NOTE))
				return &trail_error_nomem;
			if (strcmp(note.name, "QEMU") == 0 && !*table_ret &&
			    kernel->arch->vcpu(note.desc, &r))
				*table_ret = r.table;
		}
	}
	return NULL;
}

/* A kernel that was given the memory of a dead one: elfcorehdr= on its command line. */
static bool is_crash_kernel(struct trail_kernel *kernel)
{
	uint64_t address, value;
	struct trail_error *error = trail_kernel_symbol(kernel, "elfcorehdr_addr", &address);

	if (!error)
		error = trail_kernel_read(kernel, address, 8, false, &value);
	bool yes = !error && value != UINT64_MAX;
	trail_error_free(error);
	return yes;
}

static void forget_sources(struct trail_kernel *kernel)
{
	trail_symbols_fini(&kernel->symbols);
	trail_types_fini(&kernel->types);
	trail_cfi_fini(&kernel->cfi);
	if (kernel->store->hold && kernel->profile) {
		trail_profile_free(kernel->store->held);
		kernel->store->held = TRAIL_STEAL(kernel->profile);
	}
	trail_profile_free(kernel->profile);
	kernel->profile = NULL;
	while (kernel->n_problems)
		trail_error_free(kernel->problems[--kernel->n_problems].error);
	trail_image_unmap(kernel->image);
}

/*
 * Is the memory that of the kernel of VMCOREINFO?  A page map of which bits are wrong gives other
 * pages than were asked for, and they read well; so does a wrong address in VMCOREINFO.  The
 * release is in both.  What cannot be read tells nothing.
 * Source: Linux init/version.c init_uts_ns; kernel/vmcore_info.c VMCOREINFO_OSRELEASE().
 */
static struct trail_error *check_release(struct trail_kernel *kernel)
{
	char names[UTS_SIZE];
	uint64_t uts;
	size_t length;
	const char *release = trail_vmcoreinfo_text(&kernel->info, "OSRELEASE", &length);
	struct trail_error *error = trail_kernel_symbol(kernel, "init_uts_ns", &uts);

	if (!error)
		error = trail_image_look(kernel->image, uts, names, sizeof(names));
	if (!error && (!release || memmem(names, sizeof(names), release, length)))
		return NULL;
	if (!error)
		error = trail_image_check(kernel->image, uts, sizeof(names));
	if (error) {
		trail_error_free(error);
		return NULL;
	}
	return trail_error_format(TRAIL_ERROR_BAD_DATA,
				  "init_uts_ns at 0x%" PRIx64
				  " holds no release %.*s: other memory "
				  "than that of VMCOREINFO's kernel is read, so none is believed",
				  uts, (int)length, release);
}

/* Everything that VMCOREINFO leads to. */
static struct trail_error *open_sources(struct trail_kernel *kernel, uint64_t table)
{
	struct trail_error *error = note_problem(kernel, "kernel memory",
						 kernel->arch->map_memory(kernel, table));

	if (!error)
		error = trail_profile_store_get(kernel->store, &kernel->info, &kernel->profile);
	if (!error)
		error = note_problem(kernel, "kallsyms",
				     trail_kallsyms_add(kernel->image, &kernel->info,
							kernel->profile, &kernel->symbols));
	if (error || !kernel->symbols.n)
		return error; /* without names nothing more can be found */
	error = check_release(kernel);
	if (error) {
		forget_sources(kernel);
		return note_problem(kernel, "kernel memory", error);
	}
	error = note_problem(kernel, "BTF",
			     trail_incore_add_btf(kernel->image, kernel->profile, &kernel->symbols,
						  &kernel->types));
	if (!error)
		error = note_problem(kernel, "ORC",
				     trail_incore_add_orc(kernel->image, kernel->profile,
							  &kernel->symbols, &kernel->cfi));
	if (!error)
		error = note_problem(kernel, "modules", trail_modules_add(kernel));
	return error;
}

/* What was found is a crash kernel, if anything: all of the dead one is unknown. */
static struct trail_error *only_crash_kernel(struct trail_kernel *kernel)
{
	bool any = kernel->info_from;

	forget_sources(kernel);
	kernel->info = (struct trail_vmcoreinfo){ 0 };
	kernel->info_from = TRAIL_INFO_NONE;
	return note_problem(
		kernel, "VMCOREINFO",
		trail_error_format(
			TRAIL_ERROR_ABSENT,
			any ? "only a crash kernel can be read, not the one that died"
			    : "neither the file's notes nor the dumped memory holds one"));
}

/* Try a VMCOREINFO that was found in memory: is it that of the kernel that died? */
static struct trail_error *try_info(struct trail_kernel *kernel, const char *page, uint64_t table,
				    bool *ret)
{
	*ret = false;
	if (!set_info(kernel, page, TRAIL_PAGE_SIZE, TRAIL_INFO_MEMORY))
		return &trail_error_nomem;
	forget_sources(kernel);
	struct trail_error *error = open_sources(kernel, table);
	*ret = !error && kernel->symbols.n && !is_crash_kernel(kernel);
	return error;
}

/*
 * The VMCOREINFO of the kernel that a vCPU runs, by its pointer to it.  The
 * bit that tells the user's copy of the tables is one of the address where
 * there are no such copies.
 * Source: Linux v7.2 arch/x86/include/asm/pgalloc.h pgd_allocation_order(); until v6.12 the tables
 * are aligned as if there were.
 */
static struct trail_error *follow_info(struct trail_kernel *kernel, uint64_t table, char *page)
{
	const struct trail_arch *arch = kernel->arch;
	struct trail_error *error = &trail_error_absent;

	if (table)
		error = trail_incore_follow_vmcoreinfo(kernel->image, table & arch->root_mask,
						       arch->image_start, arch->image_end, page);
	if ((table & arch->user_root) && trail_error_catch(&error, TRAIL_ERROR_ABSENT))
		error = trail_incore_follow_vmcoreinfo(kernel->image,
						       table & arch->root_mask & ~arch->user_root,
						       arch->image_start, arch->image_end, page);
	return error;
}

/*
 * A dump from outside whose file names no VMCOREINFO: the kernel's own page is
 * in its memory.  Where nothing points to it all memory is searched.  Where a
 * crash kernel is running there are two, and the one that died is wanted.
 */
static struct trail_error *search_info(struct trail_kernel *kernel, uint64_t table)
{
	uint64_t from = trail_image_physical_end(kernel->image);
	char page[TRAIL_PAGE_SIZE];
	bool found = false;
	struct trail_error *error = follow_info(kernel, table, page);

	if (!trail_error_catch(&error, TRAIL_ERROR_ABSENT)) {
		error = error ? error : try_info(kernel, page, table, &found);
		if (error || found)
			return error;
	}
	for (int i = 0; i < KERNELS_MAX; i++) {
		error = trail_incore_find_vmcoreinfo(kernel->image, &from, page);
		if (trail_error_catch(&error, TRAIL_ERROR_ABSENT))
			break;
		error = error ? error : try_info(kernel, page, table, &found);
		if (error || found)
			return error;
	}
	return only_crash_kernel(kernel);
}

static struct trail_error *open_kernel(struct trail_kernel *kernel)
{
	uint64_t table = 0;
	const char *arch = trail_image_arch(kernel->image);

	kernel->arch = trail_arch_find(arch);
	if (!kernel->arch)
		return trail_error_format(
			TRAIL_ERROR_UNSUPPORTED,
			"%s: a dump of architecture %s, which is not read yet; x86_64 is",
			trail_image_path(kernel->image), arch);
	struct trail_error *error = read_file_notes(kernel, &table);
	if (!error && kernel->info_from)
		error = open_sources(kernel, table);
	if (error)
		return error;
	/* QEMU's device names the VMCOREINFO of whoever gave it one last, which may be the crash
	 * kernel */
	if (kernel->info_from && !(kernel->symbols.n && is_crash_kernel(kernel)))
		return NULL;
	forget_sources(kernel);
	return search_info(kernel, table);
}

struct trail_error *trail_kernel_new(struct trail_image *image, struct trail_profile_store *store,
				     struct trail_kernel **ret)
{
	struct trail_kernel *kernel = calloc(1, sizeof(*kernel));

	if (!kernel)
		return &trail_error_nomem;
	kernel->image = image;
	kernel->store = store;
	trail_pool_init(&kernel->pool);
	struct trail_error *error = open_kernel(kernel);
	if (error) {
		trail_kernel_free(kernel);
		return error;
	}
	*ret = kernel;
	return NULL;
}

void trail_kernel_free(struct trail_kernel *kernel)
{
	if (!kernel)
		return;
	forget_sources(kernel);
	trail_pool_fini(&kernel->pool);
	free(kernel->info_text);
	free(kernel);
}

void trail_kernel_freep(struct trail_kernel **kernel)
{
	trail_kernel_free(*kernel);
}

void trail_kernel_keep(struct trail_kernel *kernel)
{
	if (kernel->profile && trail_profile_has_news(kernel->profile) && !kernel->n_problems &&
	    !trail_symbols_problem(&kernel->symbols) && !trail_types_problem(&kernel->types) &&
	    !trail_image_incomplete(kernel->image, 0))
		trail_profile_store_put(kernel->store, &kernel->info, kernel->profile);
}

struct trail_error *trail_kernel_symbol(const struct trail_kernel *kernel, const char *name,
					uint64_t *ret)
{
	struct trail_symbol symbol;

	if (!kernel->symbols.n)
		return trail_error_format(TRAIL_ERROR_NODATA,
					  "where %s lies is not known: no symbols could be read",
					  name);
	if (!trail_symbols_by_name(&kernel->symbols, NULL, name, &symbol))
		return trail_symbols_problem(&kernel->symbols)
			       ? trail_error_format(TRAIL_ERROR_NODATA,
						    "%s: not among the symbols that can be read",
						    name)
			       : &trail_error_absent;
	*ret = symbol.address;
	return NULL;
}

bool trail_kernel_name(const struct trail_kernel *kernel, uint64_t address,
		       struct trail_symbol *symbol_ret, uint64_t *offset_ret)
{
	if (address < kernel->arch->kernel_start ||
	    !trail_symbols_by_address(&kernel->symbols, address, symbol_ret))
		return false;
	*offset_ret = address - symbol_ret->address;
	return true;
}

struct trail_error *trail_kernel_read(struct trail_kernel *kernel, uint64_t address, size_t width,
				      bool is_signed, uint64_t *ret)
{
	uint8_t raw[8];

	if (width > sizeof(raw))
		return trail_error_format(TRAIL_ERROR_BAD_DATA,
					  "a number of %zu bytes at 0x%" PRIx64, width, address);
	struct trail_error *error = trail_image_read(kernel->image, address, raw, width);
	if (error)
		return error;
	struct trail_cursor c = trail_cursor_over(raw, width, address, "number", false);
	uint64_t value = trail_cursor_uint(&c, width);
	error = trail_cursor_check(&c);
	if (error)
		return error;
	if (is_signed && width < 8 && value >> (width * 8 - 1))
		value |= UINT64_MAX << (width * 8);
	*ret = value;
	return NULL;
}

struct trail_error *trail_kernel_bytes(struct trail_kernel *kernel, uint64_t address, void *ret,
				       size_t n)
{
	return trail_image_read(kernel->image, address, ret, n);
}

struct trail_error *trail_kernel_pointer(struct trail_kernel *kernel, uint64_t address,
					 uint64_t *ret)
{
	return trail_kernel_read(kernel, address, 8, false, ret);
}

struct trail_error *trail_kernel_find_member(const struct trail_kernel *kernel, const char *type,
					     const char *member, struct trail_member *ret)
{
	if (trail_types_member(&kernel->types, type, member, ret))
		return NULL;
	bool unread = !kernel->types.n || trail_types_problem(&kernel->types);
	if (unread && trail_layout_find(type, member, ret))
		return NULL;
	if (!kernel->types.n)
		return trail_error_format(TRAIL_ERROR_NODATA,
					  "where %s.%s lies is not known: no types could be read",
					  type, member);
	return unread ? trail_error_format(TRAIL_ERROR_NODATA,
					   "%s.%s: not among the types that can be read", type,
					   member)
		      : &trail_error_absent;
}

struct trail_error *trail_kernel_names(const struct trail_kernel *kernel, uint64_t *ret)
{
	struct trail_member name = { 0 };
	uint64_t uts;
	struct trail_error *error = trail_kernel_symbol(kernel, "init_uts_ns", &uts);

	if (!error &&
	    !trail_vmcoreinfo_number(&kernel->info, "OFFSET", "uts_namespace.name", &name.offset))
		error = trail_kernel_find_member(kernel, "uts_namespace", "name", &name);
	if (!error)
		*ret = uts + name.offset;
	return error;
}

struct trail_error *trail_kernel_member(struct trail_kernel *kernel, uint64_t address,
					const char *type, const char *member, uint64_t *ret)
{
	struct trail_member m;
	struct trail_error *error = trail_kernel_find_member(kernel, type, member, &m);

	if (error)
		return error;
	if (!m.size || m.size > 8)
		return &trail_error_absent;
	return trail_error_wrap(
		trail_kernel_read(kernel, address + m.offset, m.size, m.is_signed, ret), "%s.%s",
		type, member);
}

struct trail_error *trail_kernel_words(struct trail_kernel *kernel, uint64_t address, uint64_t *ret,
				       size_t n)
{
	struct trail_error *error = trail_image_look(kernel->image, address, ret, n * sizeof(*ret));
	if (!error)
		error = trail_image_check(kernel->image, address, n * sizeof(*ret));
	struct trail_cursor c = trail_cursor_over(ret, n * sizeof(*ret), address, "words", false);

	for (size_t i = 0; !error && i < n; i++) {
		static const uint64_t none;
		uint64_t word = trail_cursor_u64(&c);
		bool is_address = word >= kernel->arch->kernel_start;
		trail_image_keep(kernel->image, address + i * sizeof(word),
				 is_address ? &ret[i] : &none, sizeof(word));
		ret[i] = word;
	}
	return error;
}

struct trail_error *trail_kernel_text(struct trail_kernel *kernel, uint64_t address, size_t max,
				      struct trail_pool *pool, const char **ret)
{
	char buffer[256];
	char *text = NULL;
	size_t n = 0;
	bool ends = false; /* with a NUL */

	max = TRAIL_MIN(max, (size_t)STRING_MAX);
	while (n < max && !ends) {
		size_t part = TRAIL_MIN(sizeof(buffer), max - n);
		part = TRAIL_MIN(part, TRAIL_PAGE_SIZE - ((address + n) & (TRAIL_PAGE_SIZE - 1)));
		struct trail_error *error = trail_image_look(kernel->image, address + n, buffer,
							     part);
		if (error && !n)
			return error;
		trail_error_free(error);
		if (error)
			break;
		size_t length = strnlen(buffer, part);
		char *bigger = trail_pool_alloc(pool, 1, n + length + 1);
		if (!bigger)
			return &trail_error_nomem;
		if (n)
			memcpy(bigger, text, n);
		memcpy(bigger + n, buffer, length);
		text = bigger;
		n += length;
		ends = length < part;
	}
	trail_image_keep(kernel->image, address + n, "", ends);
	struct trail_error *error = trail_image_check(kernel->image, address, n + ends);
	if (!error)
		*ret = text ? text : "";
	return error;
}

struct trail_error *trail_kernel_string(struct trail_kernel *kernel, uint64_t address, size_t max,
					struct trail_pool *pool, const char **ret)
{
	struct trail_error *error = trail_kernel_text(kernel, address, max, pool, ret);

	if (!error)
		trail_image_keep(kernel->image, address, *ret, strlen(*ret));
	return error;
}

struct trail_error *trail_kernel_per_cpu(struct trail_kernel *kernel, uint64_t base, unsigned cpu,
					 uint64_t *ret)
{
	uint64_t offsets, offset;
	struct trail_error *error = trail_kernel_symbol(kernel, "__per_cpu_offset", &offsets);

	if (!error)
		error = trail_kernel_pointer(kernel, offsets + (uint64_t)cpu * 8, &offset);
	if (error)
		return trail_error_wrap(error, "__per_cpu_offset[%u]", cpu);
	*ret = base + offset;
	return NULL;
}

struct trail_error *trail_kernel_list(struct trail_kernel *kernel, uint64_t head, size_t max,
				      struct trail_error *(*each)(uint64_t node, void *data),
				      void *data)
{
	uint64_t node, prev, at = head;

	for (size_t n = 0;; n++) {
		struct trail_error *error = trail_kernel_pointer(kernel, at, &node);
		if (error)
			return trail_error_wrap(error, "list at 0x%" PRIx64 ", node %zu", head, n);
		if (node == head)
			return NULL;
		if (n >= max)
			return trail_error_format(TRAIL_ERROR_LIMIT,
						  "list at 0x%" PRIx64 ": more than %zu nodes",
						  head, max);
		/* the back link tells a true node from a wild pointer, and so a loop from a list */
		error = trail_kernel_pointer(kernel, node + 8, &prev);
		if (error)
			return trail_error_wrap(error, "list at 0x%" PRIx64 ", node %zu", head, n);
		if (prev != at)
			return trail_error_format(TRAIL_ERROR_BAD_DATA,
						  "list at 0x%" PRIx64 ": node 0x%" PRIx64
						  " links back to 0x%" PRIx64 ", wanted 0x%" PRIx64,
						  head, node, prev, at);
		error = each(node, data);
		if (error)
			return error;
		at = node;
	}
}
