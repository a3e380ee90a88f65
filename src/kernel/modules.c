/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct module list in memory → symbol and unwind sources; see modules.h. */
#include "kernel/modules.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/error.h"
#include "kernel/kernel.h"
#include "source/image.h"
#include "source/incore.h"

enum {
	NAME_BYTES = 56,	  /* MODULE_NAME_LEN is 64 - sizeof(long) */
	SYMBOLS_MAX = 400 * 1000, /* of all modules together; a server has some 50,000 */
	SYMBOL_SIZE = 24,	  /* Elf64_Sym */
	STRINGS_STEP = 256,
	ORC_MAX = 4 * 1000 * 1000,
};

struct module_symbol {
	uint64_t address, size;
	const char *name; /* in the kernel's pool */
	char type;
};

struct module {
	struct trail_module public;
	uint64_t address; /* of its struct module */
	bool symbols_read;
	struct module_symbol *symbols;
	size_t n_symbols;
	struct trail_orc_tables orc;
	bool orc_read;
};

struct modules {
	struct trail_kernel *kernel;
	struct module *all; /* in the kernel's pool */
	size_t n, n_symbols;
	const struct trail_orc_layout
		*orc_layout; /* the same for all: told by the first large table */
};

static struct trail_error *read_symbol(struct modules *m, struct module *mod, uint64_t table,
				       uint64_t strings, uint64_t i)
{
	struct trail_kernel *kernel = m->kernel;
	uint8_t raw[SYMBOL_SIZE];
	struct trail_error *error = trail_image_read(kernel->image, table + i * SYMBOL_SIZE, raw,
						     sizeof(raw));

	if (error)
		return error;
	struct trail_cursor c = trail_cursor_over(raw, sizeof(raw), table + i * SYMBOL_SIZE,
						  "module symbol", false);
	uint32_t name = trail_cursor_u32(&c);
	uint8_t info = trail_cursor_u8(&c);
	trail_cursor_skip(&c, 1);
	uint16_t section = trail_cursor_u16(&c);
	uint64_t value = trail_cursor_u64(&c), size = trail_cursor_u64(&c);
	if (!section || !value) /* undefined: another module's */
		return NULL;
	struct module_symbol *all = trail_pool_grow(&kernel->pool, mod->symbols, mod->n_symbols,
						    sizeof(*all));
	if (!all)
		return &trail_error_nomem;
	mod->symbols = all;
	struct module_symbol *s = &all[mod->n_symbols];
	*s = (struct module_symbol){ .address = value,
				     .size = size,
				     .type = (info & 15) == 2 ? 't' : 'd' };
	error = trail_kernel_string(kernel, strings + name, STRINGS_STEP, &kernel->pool, &s->name);
	if (!error && *s->name)
		mod->n_symbols++;
	return error;
}

/* The module's own kallsyms, once; what cannot be read is left out. */
static void read_symbols(struct modules *m, struct module *mod)
{
	struct trail_kernel *kernel = m->kernel;
	uint64_t kallsyms, table, n, strings;

	if (mod->symbols_read)
		return;
	mod->symbols_read = true;
	struct trail_error *error = trail_kernel_member(kernel, mod->address, "module", "kallsyms",
							&kallsyms);
	if (!error)
		error = trail_kernel_member(kernel, kallsyms, "mod_kallsyms", "symtab", &table);
	if (!error)
		error = trail_kernel_member(kernel, kallsyms, "mod_kallsyms", "num_symtab", &n);
	if (!error)
		error = trail_kernel_member(kernel, kallsyms, "mod_kallsyms", "strtab", &strings);
	for (uint64_t i = 0; !error && i < n && m->n_symbols++ < SYMBOLS_MAX; i++)
		error = read_symbol(m, mod, table, strings, i);
	trail_error_free(error);
}

static struct module *module_at(struct modules *m, uint64_t address)
{
	for (size_t i = 0; i < m->n; i++)
		if (address - m->all[i].public.base < m->all[i].public.size)
			return &m->all[i];
	return NULL;
}

static struct trail_symbol to_symbol(const struct module *mod, const struct module_symbol *s)
{
	return (struct trail_symbol){ .name = s->name,
				      .address = s->address,
				      .size = s->size,
				      .type = s->type,
				      .module = mod->public.name,
				      .source = "modules" };
}

static bool by_name(void *self, const char *module, const char *name, struct trail_symbol *ret)
{
	struct modules *m = self;

	for (size_t i = 0; module && i < m->n; i++) {
		if (strcmp(m->all[i].public.name, module) != 0)
			continue;
		read_symbols(m, &m->all[i]);
		for (size_t k = 0; k < m->all[i].n_symbols; k++)
			if (strcmp(m->all[i].symbols[k].name, name) == 0) {
				*ret = to_symbol(&m->all[i], &m->all[i].symbols[k]);
				return true;
			}
	}
	return false;
}

static bool by_address(void *self, uint64_t address, struct trail_symbol *ret)
{
	struct modules *m = self;
	struct module *mod = module_at(m, address);
	const struct module_symbol *best = NULL;

	if (!mod)
		return false;
	read_symbols(m, mod);
	for (size_t i = 0; i < mod->n_symbols; i++) {
		const struct module_symbol *s = &mod->symbols[i];
		if (s->address <= address && (!best || s->address > best->address ||
					      (s->address == best->address && s->type == 't')))
			best = s;
	}
	if (!best)
		return false;
	*ret = to_symbol(mod, best);
	return true;
}

static void each(void *self, const char *stem, trail_symbol_fn *fn, void *data)
{
	(void)self, (void)stem, (void)fn,
		(void)data; /* statics of the kernel itself are asked for this way */
}

static struct trail_error *read_orc(struct modules *m, struct module *mod)
{
	struct trail_kernel *kernel = m->kernel;
	uint64_t n = 0;

	mod->orc_read = true;
	struct trail_error *error = trail_kernel_member(kernel, mod->address, "module",
							"arch.num_orcs", &n);
	if (!error)
		error = trail_kernel_member(kernel, mod->address, "module", "arch.orc_unwind_ip",
					    &mod->orc.ips);
	if (!error)
		error = trail_kernel_member(kernel, mod->address, "module", "arch.orc_unwind",
					    &mod->orc.entries);
	if (!error && n <= ORC_MAX)
		mod->orc.n = n;
	return error;
}

/* Modules have the kernel's layout; theirs is told from the kernel's own table. */
static struct trail_error *kernel_layout(struct modules *m)
{
	struct trail_symbol ips, ips_end, entries;
	const struct trail_symbols *symbols = &m->kernel->symbols;

	if (m->orc_layout)
		return NULL;
	if (!trail_symbols_by_name(symbols, NULL, "__start_orc_unwind_ip", &ips) ||
	    !trail_symbols_by_name(symbols, NULL, "__stop_orc_unwind_ip", &ips_end) ||
	    !trail_symbols_by_name(symbols, NULL, "__start_orc_unwind", &entries) ||
	    ips_end.address <= ips.address)
		return &trail_error_absent;
	struct trail_orc_tables tables = { ips.address, entries.address,
					   (ips_end.address - ips.address) / 4 };
	return trail_orc_tables_layout(m->kernel->image, &tables, &m->orc_layout);
}

static struct trail_error *orc_row(void *self, uint64_t ip, struct trail_orc_entry *ret)
{
	struct modules *m = self;
	struct module *mod = module_at(m, ip);

	if (!mod)
		return &trail_error_absent;
	struct trail_error *error = mod->orc_read ? NULL : read_orc(m, mod);
	if (!error)
		error = kernel_layout(m);
	if (error)
		return error;
	uint64_t start, end;
	return trail_orc_tables_find(m->kernel->image, &mod->orc, m->orc_layout, ip, ret, &start,
				     &end);
}

static struct trail_error *read_module(uint64_t node, void *data)
{
	struct modules *m = data;
	struct trail_kernel *kernel = m->kernel;
	struct trail_member list, name;
	struct module mod = { 0 };

	struct trail_error *error = trail_kernel_find_member(kernel, "module", "list", &list);
	if (!error)
		error = trail_kernel_find_member(kernel, "module", "name", &name);
	if (error)
		return error;
	mod.address = node - list.offset;
	error = trail_kernel_string(kernel, mod.address + name.offset, NAME_BYTES, &kernel->pool,
				    &mod.public.name);
	if (error)
		return error;
	error = trail_kernel_member(kernel, mod.address, "module", "core_layout.base",
				    &mod.public.base);
	if (!error)
		error = trail_kernel_member(kernel, mod.address, "module", "core_layout.size",
					    &mod.public.size);
	if (trail_error_catch(&error, TRAIL_ERROR_ABSENT)) { /* mem[MOD_TEXT] since v6.4 */
		error = trail_kernel_member(kernel, mod.address, "module", "mem.base",
					    &mod.public.base);
		if (!error)
			error = trail_kernel_member(kernel, mod.address, "module", "mem.size",
						    &mod.public.size);
	}
	if (!error)
		error = trail_kernel_member(kernel, mod.address, "module", "taints",
					    &mod.public.taints);
	if (error)
		return trail_error_wrap(error, "module %s", mod.public.name);
	struct module *all = trail_pool_grow(&kernel->pool, m->all, m->n, sizeof(*all));
	if (!all)
		return &trail_error_nomem;
	m->all = all;
	all[m->n++] = mod;
	return NULL;
}

static void modules_free(void *self)
{
	free(self);
}

static void nothing(void *self)
{
	(void)self; /* the symbol source owns it */
}

struct trail_error *trail_modules_add(struct trail_kernel *kernel)
{
	uint64_t head;
	struct trail_error *error = trail_kernel_symbol(kernel, "modules", &head);

	if (error)
		return error;
	struct modules *m = calloc(1, sizeof(*m));
	if (!m)
		return &trail_error_nomem;
	m->kernel = kernel;
	error = trail_kernel_list(kernel, head, TRAIL_MODULES_MAX, read_module, m);
	trail_symbols_add(&kernel->symbols, &(struct trail_symbol_source){ .name = "modules",
									   .self = m,
									   .by_name = by_name,
									   .by_address = by_address,
									   .each = each,
									   .free = modules_free });
	trail_cfi_add(&kernel->cfi,
		      &(struct trail_cfi_source){ "module-orc", m, orc_row, nothing });
	return error;
}

bool trail_modules_get(const struct trail_kernel *kernel, size_t i, struct trail_module *ret)
{
	for (size_t s = 0; s < kernel->symbols.n; s++) {
		const struct trail_symbol_source *source = &kernel->symbols.sources[s];
		const struct modules *m = source->self;

		if (source->by_name != by_name)
			continue;
		if (i >= m->n)
			return false;
		*ret = m->all[i].public;
		return true;
	}
	return false;
}
