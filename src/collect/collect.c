/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the readers in table order; see collect.h. */
#include "collect/collect.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "collect/needs.h"
#include "kernel/code.h"
#include "kernel/kernel.h"
#include "kernel/modules.h"
#include "source/image.h"

/*
 * A row is a part of the facts and who reads it.  Order matters: what comes
 * first is what a damaged or slow input should still give, and the notifiers
 * look at the stacks.  Covered by tests/cli and the lab.
 */
/* clang-format off */
static const struct {
	const char *what;
	struct trail_error *(*read)(struct trail_kernel *kernel, struct trail_facts *facts);
} readers[] = {
	{ "kernel identity",  trail_read_identity },
	{ "kernel variables", trail_read_scalars },
	{ "kernel log",       trail_read_log },
	{ "CPUs",             trail_read_cpus },
	{ "notifier chain",   trail_read_notifiers },
	{ "kmsg dumpers",     trail_read_dumpers },
	{ "consoles",         trail_read_consoles },
	{ "modules",          trail_read_modules },
	{ "filter",           trail_read_filter },
};
/* clang-format on */

enum {
	MESSAGE_SIZE = 1024,	 /* bytes of panic()'s buffer */
	CLUSTER_MAX = 64 * 1024, /* how far apart the variables of panic.c lie at most */
};

enum trail_presence trail_presence_of(const struct trail_error *error)
{
	if (!error)
		return TRAIL_PRESENT;
	return error->code == TRAIL_ERROR_ABSENT   ? TRAIL_ABSENT
	       : error->code == TRAIL_ERROR_NODATA ? TRAIL_NODATA
						   : TRAIL_CORRUPT;
}

struct trail_error *trail_gap_from(struct trail_facts *facts, struct trail_error *error,
				   const char *format, ...)
{
	char what[256];
	va_list args;

	if (!error || error == &trail_error_nomem)
		return error;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	bool ok = trail_facts_add_gap(facts, what, error->message);
	trail_error_free(error);
	return ok ? NULL : &trail_error_nomem;
}

const char *trail_facts_copy(struct trail_facts *facts, const char *s)
{
	return s ? trail_pool_strdup(&facts->pool, s) : NULL;
}

enum { NAMES_MAX = 8 };

/*
 * Addresses of those of a list of names, with spaces between, that exist.
 * Errors: NODATA, where one that is not found may be among what cannot be read.
 */
static struct trail_error *find_names(const struct trail_kernel *kernel, const char *names,
				      uint64_t *ret, size_t *n_ret)
{
	size_t found = 0;

	for (const char *p = names; *p && found < NAMES_MAX;) {
		char name[128];
		size_t n = strcspn(p, " ");

		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		struct trail_error *error = trail_kernel_symbol(kernel, name, &ret[found]);
		found += !error;
		if (error && !trail_error_catch(&error, TRAIL_ERROR_ABSENT))
			return error;
		p += n + (p[n] == ' ');
	}
	*n_ret = found;
	return NULL;
}

static struct trail_error *panic_calls(struct trail_kernel *kernel, const char *names,
				       uint64_t *ret)
{
	uint64_t functions[NAMES_MAX], wanted[NAMES_MAX];
	size_t n, n_wanted;
	bool calls;
	struct trail_error *error = find_names(kernel, "panic vpanic", functions, &n);

	if (!error)
		error = find_names(kernel, names, wanted, &n_wanted);
	if (error)
		return error;
	*ret = 0;
	for (size_t i = 0; i < n; i++) {
		if (!trail_code_calls(kernel, functions[i], wanted, n_wanted, &calls))
			return trail_error_format(TRAIL_ERROR_NODATA,
						  "the code of panic() is not in the dump");
		*ret |= calls;
	}
	return NULL;
}

static struct trail_error *read_need(struct trail_kernel *kernel, const struct trail_need *need,
				     struct trail_scalar *s)
{
	uint64_t addresses[NAMES_MAX];
	size_t n;
	if (need->how == TRAIL_NEED_EXISTS) {
		struct trail_error *error = find_names(kernel, s->symbol, addresses, &n);
		s->value = !error && n;
		return error;
	}
	if (need->how == TRAIL_NEED_CALLS)
		return panic_calls(kernel, s->symbol, &s->value);
	struct trail_symbol symbol;
	struct trail_error *error = NULL;
	if (need->module &&
	    trail_symbols_by_name(&kernel->symbols, need->module, s->symbol, &symbol))
		s->address = symbol.address;
	else
		error = trail_kernel_symbol(kernel, s->symbol, &s->address);
	if (error)
		return error;
	if (need->how == TRAIL_NEED_COMPARED &&
	    !trail_code_first_compare(kernel, s->address, &s->address))
		return trail_error_format(TRAIL_ERROR_NODATA, "%s() looks at no variable",
					  s->symbol);
	error = trail_kernel_read(kernel, s->address, need->width, need->is_signed, &s->value);
	uint64_t max = need->width == 1 ? 1 : need->max;
	if (!error && max && s->value > max)
		error = trail_error_format(
			TRAIL_ERROR_BAD_DATA,
			"0x%" PRIx64 " cannot be right, it is at most 0x%" PRIx64, s->value, max);
	return error;
}

/* The static buffer of panic(), among its namesakes: of 1024 bytes, between two variables of
 * panic.c. */
struct candidate {
	uint64_t low, high, address;
};

static bool is_message_buffer(const struct trail_symbol *symbol, void *data)
{
	struct candidate *c = data;

	if (symbol->size != MESSAGE_SIZE || symbol->address < c->low || symbol->address > c->high)
		return true;
	c->address = symbol->address;
	return false;
}

/* Source: Linux kernel/panic.c panic(), vpanic(): static char buf[1024]. */
static struct trail_error *read_message(struct trail_kernel *kernel, struct trail_facts *facts)
{
	struct candidate c = { 0 };
	uint64_t one, other;
	struct trail_scalar s = { .name = "panic_message",
				  .symbol = "buf of panic()",
				  .presence = TRAIL_PRESENT };
	struct trail_error *error = trail_kernel_symbol(kernel, "panic_notifier_list", &one);

	if (!error)
		error = trail_kernel_symbol(kernel, "tainted_mask", &other);
	if (error)
		return error;
	c.low = TRAIL_MIN(one, other);
	c.high = TRAIL_MAX(one, other);
	if (c.high - c.low > CLUSTER_MAX) /* they do not lie together in this build */
		return NULL;
	trail_symbols_each(&kernel->symbols, "buf", is_message_buffer, &c);
	if (!c.address)
		return NULL;
	s.address = c.address;
	error = trail_kernel_text(kernel, c.address, MESSAGE_SIZE, &facts->pool, &s.text);
	if (!error && !trail_facts_add_scalar(facts, &s))
		error = &trail_error_nomem;
	return error;
}

/* Bits of panic_print.  Source: include/linux/panic.h PANIC_PRINT_*, include/linux/sys_info.h
 * SYS_INFO_*. */
enum {
	PRINT_INFO = 0x1f | 0x80,
	PRINT_REPLAY = 0x20,
	PRINT_BACKTRACES = 0x40,
};

static bool add_mask(struct trail_facts *facts, const struct trail_scalar *from, const char *name,
		     uint64_t value)
{
	struct trail_scalar s = *from;

	s.name = name;
	s.value = value;
	return trail_facts_add_scalar(facts, &s);
}

/*
 * What panic() prints: 7.x takes kernel_si_mask where panic_print is 0, sends
 * the backtraces again from sys_info(), and has a parameter of its own for the
 * replay.  Source: lib/sys_info.c sys_info(), kernel/panic.c panic_console_replay.
 */
static bool derive_masks(struct trail_facts *facts)
{
	const struct trail_scalar *print = trail_facts_scalar(facts, "panic_print");
	const struct trail_scalar *fallback = trail_facts_scalar(facts, "kernel_si_mask");

	if (!print || print->presence != TRAIL_PRESENT)
		return true;
	const struct trail_scalar *mask = print->value || !fallback ||
							  fallback->presence != TRAIL_PRESENT
						  ? print
						  : fallback;
	const struct trail_scalar print_now = *print, mask_now = *mask; /* adding moves them */
	bool is_7 = trail_facts_has(facts, "kernel_si_mask");
	uint64_t replay = trail_facts_value(facts, "panic_console_replay", 0)
				  ? PRINT_REPLAY
				  : print_now.value & PRINT_REPLAY;

	return add_mask(facts, &mask_now, "sys-info.mask",
			mask_now.value & (is_7 ? PRINT_INFO | PRINT_BACKTRACES : PRINT_INFO)) &&
	       add_mask(facts, &print_now, "replay.mask", replay) &&
	       add_mask(facts, &print_now, "backtraces.mask", print_now.value & PRINT_BACKTRACES);
}

/* A number that is no CPU is no holder. */
static bool check_panic_cpu(struct trail_facts *facts)
{
	uint64_t n = trail_facts_value(facts, "nr_cpu_ids", UINT64_MAX);

	for (size_t i = 0; i < facts->n_scalars; i++) {
		struct trail_scalar *s = &facts->scalars[i];
		if (strcmp(s->name, "panic_cpu") != 0 || s->presence != TRAIL_PRESENT ||
		    (int64_t)s->value == -1 || s->value < n)
			continue;
		s->presence = TRAIL_CORRUPT;
		s->why = "it is the number of no CPU";
		return trail_facts_add_gap(facts, "panic_cpu", s->why);
	}
	return true;
}

struct trail_error *trail_read_scalars(struct trail_kernel *kernel, struct trail_facts *facts)
{
	if (!kernel->symbols.n)
		return trail_error_format(TRAIL_ERROR_ABSENT,
					  "no symbols, so no variable can be found");
	for (const struct trail_need *need = trail_needs; need->name; need++) {
		struct trail_scalar s = { .name = need->name,
					  .is_signed = need->is_signed,
					  .symbol = need->symbol ? need->symbol : need->name };
		TRAIL_CLEANUP(trail_error_freep)
		struct trail_error *error = read_need(kernel, need, &s);

		s.presence = trail_presence_of(error);
		if (error) {
			s.value = 0;
			s.why = error->message;
		}
		if (error == &trail_error_nomem || !trail_facts_add_scalar(facts, &s))
			return &trail_error_nomem;
		if (error && error->code != TRAIL_ERROR_ABSENT &&
		    !trail_facts_add_gap(facts, need->name, error->message))
			return &trail_error_nomem;
	}
	if (!derive_masks(facts) || !check_panic_cpu(facts))
		return &trail_error_nomem;
	struct trail_error *error = read_message(kernel, facts);
	trail_error_catch(&error, TRAIL_ERROR_ABSENT);
	return trail_gap_from(facts, error, "panic message");
}

struct trail_error *trail_read_modules(struct trail_kernel *kernel, struct trail_facts *facts)
{
	struct trail_module m;

	for (size_t i = 0; trail_modules_get(kernel, i, &m); i++) {
		struct trail_module_facts *all = trail_pool_grow(&facts->pool, facts->modules, i,
								 sizeof(*all));
		if (!all)
			return &trail_error_nomem;
		facts->modules = all;
		all[i] = (struct trail_module_facts){ trail_facts_copy(facts, m.name), m.base,
						      m.size, m.taints };
		facts->n_modules = i + 1;
		facts->modules_presence = TRAIL_PRESENT;
	}
	return NULL;
}

static struct trail_error *add_sources(const struct trail_kernel *kernel, struct trail_facts *facts)
{
	size_t n = 0, room = kernel->symbols.n + kernel->types.n + kernel->cfi.n;
	const char **names = trail_pool_alloc(&facts->pool, room + 1, sizeof(*names));

	if (!names)
		return &trail_error_nomem;
	for (size_t i = 0; i < kernel->symbols.n; i++)
		names[n++] = kernel->symbols.sources[i].name;
	for (size_t i = 0; i < kernel->types.n; i++)
		names[n++] = kernel->types.sources[i].name;
	for (size_t i = 0; i < kernel->cfi.n; i++)
		names[n++] = kernel->cfi.sources[i].name;
	facts->symbol_sources = names;
	facts->n_symbol_sources = n;
	return NULL;
}

/* The files of a split dump. */
static struct trail_error *describe_parts(const struct trail_image *image,
					  struct trail_facts *facts)
{
	struct trail_image_part part;

	for (; trail_image_part(image, facts->n_parts, &part); facts->n_parts++) {
		struct trail_dump_part *all = trail_pool_grow(&facts->pool, facts->parts,
							      facts->n_parts, sizeof(*all));
		const char *path = trail_facts_copy(facts, part.path);
		if (!all || !path)
			return &trail_error_nomem;
		facts->parts = all;
		all[facts->n_parts] = (struct trail_dump_part){ path, part.start_pfn,
								part.end_pfn };
	}
	return NULL;
}

static struct trail_error *describe_input(const struct trail_image *image,
					  struct trail_facts *facts)
{
	static const enum trail_format formats[] = {
		[TRAIL_IMAGE_ELF] = TRAIL_FORMAT_ELF,
		[TRAIL_IMAGE_KDUMP] = TRAIL_FORMAT_KDUMP,
		[TRAIL_IMAGE_FLAT_ELF] = TRAIL_FORMAT_FLAT_ELF,
		[TRAIL_IMAGE_FLAT_KDUMP] = TRAIL_FORMAT_FLAT_KDUMP,
	};
	static const enum trail_wrapper wrappers[] = {
		[TRAIL_UNPACK_NONE] = TRAIL_WRAPPER_NONE, [TRAIL_UNPACK_GZIP] = TRAIL_WRAPPER_GZIP,
		[TRAIL_UNPACK_XZ] = TRAIL_WRAPPER_XZ,	  [TRAIL_UNPACK_ZSTD] = TRAIL_WRAPPER_ZSTD,
		[TRAIL_UNPACK_LZ4] = TRAIL_WRAPPER_LZ4,
	};
	const char *why;

	facts->path = trail_facts_copy(facts, trail_image_path(image));
	facts->format = formats[trail_image_format(image)];
	facts->arch = trail_facts_copy(facts, trail_image_arch(image));
	facts->wrapper = wrappers[trail_image_wrapper(image)];
	facts->complete = !trail_image_incomplete(image, 0);
	if (!facts->path || !facts->arch)
		return &trail_error_nomem;
	for (size_t i = 0; (why = trail_image_incomplete(image, i)); i++)
		if (!trail_facts_add_gap(facts, "input", why))
			return &trail_error_nomem;
	return describe_parts(image, facts);
}

/* What the readers met on their way: tables are read only when they are asked. */
static struct trail_error *add_late_problems(const struct trail_kernel *kernel,
					     struct trail_facts *facts)
{
	const struct trail_error *symbols = trail_symbols_problem(&kernel->symbols);
	const struct trail_error *types = trail_types_problem(&kernel->types);

	if ((symbols && !trail_facts_add_gap(facts, "kallsyms", symbols->message)) ||
	    (types && !trail_facts_add_gap(facts, "BTF", types->message)))
		return &trail_error_nomem;
	return NULL;
}

struct trail_error *trail_collect(struct trail_image *image, struct trail_profile_store *store,
				  struct trail_facts *facts)
{
	return trail_collect_more(image, store, facts, NULL, NULL);
}

struct trail_error *trail_collect_more(struct trail_image *image, struct trail_profile_store *store,
				       struct trail_facts *facts, trail_collect_more_fn *more,
				       void *data)
{
	TRAIL_CLEANUP(trail_kernel_freep) struct trail_kernel *kernel = NULL;
	struct trail_error *error = describe_input(image, facts);

	if (!error)
		error = trail_kernel_new(image, store, &kernel);
	if (!error)
		error = add_sources(kernel, facts);
	for (size_t i = 0; !error && i < kernel->n_problems; i++)
		if (!trail_facts_add_gap(facts, kernel->problems[i].what,
					 kernel->problems[i].error->message))
			error = &trail_error_nomem;
	for (size_t i = 0; !error && i < TRAIL_ARRAY_SIZE(readers); i++)
		error = trail_gap_from(facts, readers[i].read(kernel, facts), "%s",
				       readers[i].what);
	if (!error)
		error = add_late_problems(kernel, facts);
	if (!error)
		trail_kernel_keep(kernel);
	if (!error && more)
		error = more(data, kernel, facts);
	return error;
}
