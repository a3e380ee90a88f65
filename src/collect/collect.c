/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the readers in table order; see collect.h. */
#include "collect/collect.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

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

/* Does any name of a list with spaces between exist? */
static bool any_exists(const struct trail_kernel *kernel, const char *names)
{
	for (const char *p = names; *p;) {
		char name[128];
		size_t n = strcspn(p, " ");
		uint64_t address;

		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		struct trail_error *error = trail_kernel_symbol(kernel, name, &address);
		trail_error_free(error);
		if (!error)
			return true;
		p += n + (p[n] == ' ');
	}
	return false;
}

static struct trail_error *read_need(struct trail_kernel *kernel, const struct trail_need *need,
				     struct trail_scalar *s)
{
	if (need->how == TRAIL_NEED_EXISTS) {
		s->value = any_exists(kernel, s->symbol);
		return NULL;
	}
	struct trail_symbol symbol;
	bool found = need->module &&
		     trail_symbols_by_name(&kernel->symbols, need->module, s->symbol, &symbol);
	if (!found && !trail_symbols_by_name(&kernel->symbols, NULL, s->symbol, &symbol))
		return &trail_error_absent;
	s->address = symbol.address;
	if (need->how == TRAIL_NEED_ADDRESS) {
		s->value = s->address;
		return NULL;
	}
	if (need->how == TRAIL_NEED_COMPARED &&
	    !trail_code_first_compare(kernel, s->address, &s->address))
		return trail_error_format(TRAIL_ERROR_NODATA, "%s() looks at no variable",
					  s->symbol);
	return trail_kernel_read(kernel, s->address, need->width, need->is_signed, &s->value);
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
	error = trail_kernel_string(kernel, c.address, MESSAGE_SIZE, &facts->pool, &s.text);
	if (!error && !trail_facts_add_scalar(facts, &s))
		error = &trail_error_nomem;
	return error;
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

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
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
	const char *incomplete = trail_image_incomplete(image);

	facts->path = trail_facts_copy(facts, trail_image_path(image));
	facts->format = formats[trail_image_format(image)];
	facts->arch = trail_facts_copy(facts, trail_image_arch(image));
	facts->complete = !incomplete;
	if (!facts->path || !facts->arch ||
	    (incomplete && !trail_facts_add_gap(facts, "input", incomplete)))
		return &trail_error_nomem;
	return NULL;
}

struct trail_error *trail_collect(struct trail_image *image,
				  const struct trail_collect_options *options,
				  struct trail_facts *facts, bool *limit_ret)
{
	TRAIL_CLEANUP(trail_kernel_freep) struct trail_kernel *kernel = NULL;
	double start = seconds_now();
	struct trail_error *error = describe_input(image, facts);

	*limit_ret = false;
	if (!error)
		error = trail_kernel_new(image, &kernel);
	if (!error)
		error = add_sources(kernel, facts);
	for (size_t i = 0; !error && i < kernel->n_problems; i++)
		if (!trail_facts_add_gap(facts, kernel->problems[i].what,
					 kernel->problems[i].error->message))
			error = &trail_error_nomem;
	for (size_t i = 0; !error && i < TRAIL_ARRAY_SIZE(readers); i++) {
		if (options->time_limit > 0 && seconds_now() - start > options->time_limit) {
			*limit_ret = true;
			if (!trail_facts_add_gap(facts, readers[i].what,
						 "the time limit was reached"))
				error = &trail_error_nomem;
			continue;
		}
		error = trail_gap_from(facts, readers[i].read(kernel, facts), "%s",
				       readers[i].what);
	}
	return error;
}
