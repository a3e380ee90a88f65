/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is here what a plugin needs, and the facts that are rows; in the child. */
#include <stdio.h>

#include "base/error.h"
#include "collect/collect.h"
#include "facts/facts.h"
#include "kernel/kernel.h"
#include "plugin/ask.h"
#include "timeline/evidence.h"

/* ---- symbols -------------------------------------------------------------- */

/* Address of a symbol; @module NULL: of the kernel itself. */
static struct trail_error *find_symbol(const struct trail_kernel *kernel, const char *module,
				       const char *name, uint64_t *ret)
{
	struct trail_symbol symbol;

	if (!kernel)
		return trail_error_format(TRAIL_ERROR_NODATA, "there is no dump to ask");
	if (!module)
		return trail_kernel_symbol(kernel, name, ret);
	if (!trail_symbols_by_name(&kernel->symbols, module, name, &symbol))
		return trail_error_format(trail_symbols_problem(&kernel->symbols)
						  ? TRAIL_ERROR_NODATA
						  : TRAIL_ERROR_ABSENT,
					  "module %s has no %s, or is not loaded", module, name);
	*ret = symbol.address;
	return NULL;
}

/* ---- needs ---------------------------------------------------------------- */

static bool same_module(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	return !*a && !*b;
}

static enum trail_tristate has_module(const struct trail_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_modules; i++)
		if (same_module(facts->modules[i].name, name))
			return TRAIL_YES;
	return facts->modules_presence == TRAIL_PRESENT ? TRAIL_NO : TRAIL_MAYBE;
}

/* In the kernel or in any module that is loaded. */
static enum trail_tristate has_symbol(const struct trail_ask *ask, const char *name)
{
	enum trail_tristate all = TRAIL_NO;
	uint64_t address;

	for (size_t i = 0; i <= ask->facts->n_modules; i++) {
		const char *module = i ? ask->facts->modules[i - 1].name : NULL;
		struct trail_error *error = find_symbol(ask->kernel, module, name, &address);
		if (!error)
			return TRAIL_YES;
		if (error->code != TRAIL_ERROR_ABSENT)
			all = TRAIL_MAYBE;
		trail_error_free(error);
	}
	return all;
}

static enum trail_tristate has_type(const struct trail_ask *ask, const char *name)
{
	uint64_t size;

	if (!ask->kernel || !ask->kernel->types.n)
		return TRAIL_MAYBE;
	if (trail_types_size(&ask->kernel->types, name, &size))
		return TRAIL_YES;
	return trail_types_problem(&ask->kernel->types) ? TRAIL_MAYBE : TRAIL_NO;
}

static enum trail_tristate has_notifier(const struct trail_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_notifiers; i++)
		if (facts->notifiers[i].function &&
		    trail_same_function(facts->notifiers[i].function, name))
			return TRAIL_YES;
	return facts->chain_presence == TRAIL_PRESENT && facts->chain_complete ? TRAIL_NO
									       : TRAIL_MAYBE;
}

static enum trail_tristate has_dumper(const struct trail_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_dumpers; i++)
		if (facts->dumpers[i].function &&
		    trail_same_function(facts->dumpers[i].function, name))
			return TRAIL_YES;
	return facts->dumpers_presence == TRAIL_PRESENT ? TRAIL_NO : TRAIL_MAYBE;
}

static enum trail_tristate has_one(const struct trail_ask *ask, uint32_t kind, const char *name)
{
	const struct trail_facts *facts = ask->facts;

	switch (kind) {
	case PANICTRAIL_NEED_SYMBOL:
		return has_symbol(ask, name);
	case PANICTRAIL_NEED_MODULE:
		return has_module(facts, name);
	case PANICTRAIL_NEED_TYPE:
		return has_type(ask, name);
	case PANICTRAIL_NEED_NOTIFIER:
		return has_notifier(facts, name);
	case PANICTRAIL_NEED_DUMPER:
		return has_dumper(facts, name);
	case PANICTRAIL_NEED_ARCH:
		return !facts->arch			? TRAIL_MAYBE
		       : strcmp(facts->arch, name) == 0 ? TRAIL_YES
							: TRAIL_NO;
	default:
		return TRAIL_NO;
	}
}

/* Any of the names, with spaces between. */
static enum trail_tristate has_any(const struct trail_ask *ask, uint32_t kind, const char *names)
{
	enum trail_tristate any = TRAIL_NO;
	char name[TRAIL_PLUGIN_WORD_MAX + 1];

	for (const char *p = names + strspn(names, " "); *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		enum trail_tristate one = has_one(ask, kind, name);
		if (one == TRAIL_YES)
			return TRAIL_YES;
		any = TRAIL_MAX(any == TRAIL_MAYBE, one == TRAIL_MAYBE) ? TRAIL_MAYBE : TRAIL_NO;
		p += n;
	}
	return any;
}

bool trail_ask_needs(struct trail_ask *ask, const struct panictrail_need *needs)
{
	static const char *const words[] = {
		[PANICTRAIL_NEED_SYMBOL] = "symbol",	  [PANICTRAIL_NEED_MODULE] = "module",
		[PANICTRAIL_NEED_TYPE] = "type",	  [PANICTRAIL_NEED_NOTIFIER] = "notifier",
		[PANICTRAIL_NEED_DUMPER] = "kmsg dumper", [PANICTRAIL_NEED_ARCH] = "architecture",
	};
	struct trail_plugin_facts *plugin = ask->plugin;

	for (size_t i = 0; needs && (needs[i].kind || needs[i].name); i++) {
		uint32_t kind = needs[i].kind;
		if (i == TRAIL_PLUGIN_ROWS_MAX || !kind || kind >= TRAIL_ARRAY_SIZE(words) ||
		    !needs[i].name ||
		    strnlen(needs[i].name, TRAIL_PLUGIN_TEXT_MAX + 1) > TRAIL_PLUGIN_TEXT_MAX) {
			plugin->outcome = TRAIL_PLUGIN_REFUSED;
			plugin->reason = trail_pool_printf(
				ask->pool,
				i == TRAIL_PLUGIN_ROWS_MAX ? "needs: more than %zu rows"
							   : "needs[%zu]: wanted a kind and a name",
				i);
			return false;
		}
		enum trail_tristate met = has_any(ask, kind, needs[i].name);
		if (met == TRAIL_YES)
			continue;
		plugin->outcome = TRAIL_PLUGIN_NOT_APPLICABLE;
		plugin->reason = trail_pool_printf(
			ask->pool,
			met == TRAIL_NO ? "needs %s %s, which is not there"
					: "needs %s %s, and whether that is there cannot be told",
			words[kind], needs[i].name);
		return false;
	}
	return true;
}

/* ---- facts ---------------------------------------------------------------- */

static struct trail_error *read_fact(struct trail_kernel *kernel, struct trail_plugin_fact *f)
{
	uint64_t at;
	struct trail_error *error = find_symbol(kernel, f->module, f->symbol, &at);

	if (error)
		return error;
	if (f->kind == PANICTRAIL_FACT_POINTED) {
		error = trail_kernel_pointer(kernel, at, &at);
		if (!error && !at)
			error = trail_error_format(TRAIL_ERROR_ABSENT, "%s is NULL", f->symbol);
	}
	if (error)
		return error;
	f->address = at;
	if (f->kind == PANICTRAIL_FACT_VARIABLE)
		return trail_kernel_read(kernel, at, f->width, f->is_signed, &f->value);
	struct trail_member member;
	error = trail_kernel_find_member(kernel, f->type, f->member, &member);
	if (error)
		return error;
	f->address = at + member.offset;
	return trail_kernel_member(kernel, at, f->type, f->member, &f->value);
}

/* What a row must have to be asked at all; the other side names what is wrong with it. */
static bool can_ask(const struct trail_plugin_fact *f)
{
	bool member = f->kind == PANICTRAIL_FACT_MEMBER || f->kind == PANICTRAIL_FACT_POINTED;
	uint8_t w = f->width;

	if (!f->symbol || (member && (!f->type || !f->member)))
		return false;
	return f->kind != PANICTRAIL_FACT_VARIABLE || w == 1 || w == 2 || w == 4 || w == 8;
}

void trail_ask_facts(struct trail_ask *ask)
{
	for (size_t i = 0; i < ask->plugin->n_facts; i++) {
		struct trail_plugin_fact *f = &ask->plugin->facts[i];
		if (f->kind == PANICTRAIL_FACT_COLLECTED || !can_ask(f))
			continue;
		struct trail_error *error = read_fact(ask->kernel, f);
		f->presence = trail_presence_of(error);
		if (!error)
			continue;
		const char *why = error->message;
		if (error == &trail_error_absent)
			why = "this kernel has no such symbol, type or member";
		f->value = 0;
		f->why = trail_pool_strndup(ask->pool, why, strnlen(why, TRAIL_PLUGIN_TEXT_MAX));
		trail_error_free(error);
	}
}
