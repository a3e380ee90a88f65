/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panic notifier chain, the kmsg dumpers and the consoles → facts. */
#include <inttypes.h>

#include "base/error.h"
#include "collect/collect.h"
#include "kernel/arch.h"
#include "kernel/code.h"
#include "kernel/kernel.h"

enum {
	NOTIFIERS_MAX = 1024,
	DUMPERS_MAX = 64,
	CONSOLES_MAX = 64,
	CONSOLE_NAME = 16,     /* struct console name[16] */
	CONSOLE_NBCON = 0x100, /* CON_NBCON, since v6.7 */
	CONSOLE_ENABLED = 4,   /* CON_ENABLED */
	NOTIFY_STOP_MASK = 0x8000,
	STACK_WORDS = 2048,
	WORD = 8,
};

static const struct trail_cpu_facts *panic_cpu(const struct trail_facts *facts)
{
	return trail_facts_cpu(facts, (int32_t)trail_facts_value(facts, "panic_cpu", UINT64_MAX));
}

/* Name and module of a callback; both stay NULL when no symbol begins there. */
static bool name_callback(struct trail_kernel *kernel, struct trail_facts *facts, uint64_t address,
			  const char **function_ret, const char **module_ret)
{
	struct trail_symbol symbol;
	uint64_t offset;

	if (!trail_kernel_name(kernel, address, &symbol, &offset) || offset)
		return true;
	*function_ret = trail_facts_copy(facts, symbol.name);
	*module_ret = trail_facts_copy(facts, symbol.module);
	return *function_ret && (!symbol.module || *module_ret);
}

/* The stack from the innermost frame to the call of the chain, where a callback is running; false
 * elsewhere. */
static bool chain_stack(const struct trail_facts *facts, uint64_t *from_ret, uint64_t *to_ret)
{
	const struct trail_cpu_facts *cpu = panic_cpu(facts);

	for (size_t i = 0; cpu && i < cpu->n_frames; i++)
		if (cpu->frames[i].function &&
		    strcmp(cpu->frames[i].function, "atomic_notifier_call_chain") == 0) {
			*from_ret = cpu->sp;
			*to_ret = cpu->frames[i].slot;
			return *to_ret > *from_ret && *to_ret - *from_ret < STACK_WORDS * 8;
		}
	return false;
}

static void mark(struct trail_facts *facts, uint64_t word)
{
	for (size_t i = 0; i < facts->n_notifiers; i++)
		facts->notifiers[i].block_seen |= facts->notifiers[i].block == word;
}

/* Marks the notifiers whose block's address is in a kept register or among the words of that stack.
 */
static void mark_blocks(struct trail_kernel *kernel, struct trail_facts *facts)
{
	uint64_t from, to, word;

	if (!chain_stack(facts, &from, &to))
		return;
	for (size_t i = 0; i < TRAIL_KEPT; i++)
		mark(facts, panic_cpu(facts)->kept[i]);
	for (uint64_t slot = (from + 7) & ~UINT64_C(7); slot < to; slot += 8) {
		struct trail_error *error = trail_kernel_words(kernel, slot, &word, 1);
		if (error) {
			trail_error_free(error);
			return;
		}
		mark(facts, word);
	}
}

static struct trail_error *read_notifier(struct trail_kernel *kernel, struct trail_facts *facts,
					 uint64_t block, uint64_t *next_ret)
{
	static const enum trail_returns returns[] = {
		[TRAIL_CODE_RETURNS_UNKNOWN] = TRAIL_RETURNS_UNKNOWN,
		[TRAIL_CODE_RETURNS_OTHER] = TRAIL_RETURNS_NO_STOP,
		[TRAIL_CODE_RETURNS_MAYBE] = TRAIL_RETURNS_MAY_STOP,
		[TRAIL_CODE_RETURNS_MASK] = TRAIL_RETURNS_STOP,
	};
	struct trail_notifier_facts n = { .block = block };
	struct trail_symbol symbol;
	uint64_t priority, offset;
	struct trail_error *error = trail_kernel_member(kernel, block, "notifier_block",
							"notifier_call", &n.callback);

	if (!error)
		error = trail_kernel_member(kernel, block, "notifier_block", "next", next_ret);
	if (!error)
		error = trail_kernel_member(kernel, block, "notifier_block", "priority", &priority);
	if (error)
		return error;
	n.priority = (int32_t)priority;
	if (!trail_kernel_name(kernel, n.callback, &symbol, &offset) &&
	    !trail_facts_add_gap(
		    facts, "notifier chain",
		    trail_pool_printf(&kernel->pool,
				      "no symbol is known for the callback at 0x%" PRIx64,
				      n.callback)))
		return &trail_error_nomem;
	if (!name_callback(kernel, facts, n.callback, &n.function, &n.module))
		return &trail_error_nomem;
	n.returns = returns[trail_code_returns(kernel, n.callback, NOTIFY_STOP_MASK)];
	struct trail_notifier_facts *all = trail_pool_grow(&facts->pool, facts->notifiers,
							   facts->n_notifiers, sizeof(*all));
	if (!all)
		return &trail_error_nomem;
	facts->notifiers = all;
	all[facts->n_notifiers++] = n;
	return NULL;
}

/*
 * The first block.  Where the types cannot be read, the head is the second of
 * two words: a lock that needs no more than one comes first.
 * Source: Linux include/linux/notifier.h struct atomic_notifier_head.
 */
static struct trail_error *read_head(struct trail_kernel *kernel, uint64_t *ret)
{
	struct trail_symbol list;
	struct trail_member head;
	uint64_t address;
	struct trail_error *error = trail_kernel_symbol(kernel, "panic_notifier_list", &address);

	if (error)
		return error;
	error = trail_kernel_find_member(kernel, "atomic_notifier_head", "head", &head);
	if (error && error->code == TRAIL_ERROR_NODATA &&
	    trail_symbols_by_name(&kernel->symbols, NULL, "panic_notifier_list", &list) &&
	    list.size == 2 * WORD) {
		trail_error_free(error);
		error = NULL;
		head.offset = WORD;
	}
	return error ? error : trail_kernel_pointer(kernel, address + head.offset, ret);
}

/* The chain from its head; a loop or a priority that rises ends it. */
static struct trail_error *walk_chain(struct trail_kernel *kernel, struct trail_facts *facts)
{
	uint64_t block;
	struct trail_error *error = read_head(kernel, &block);

	if (error)
		return error;
	facts->chain_presence = TRAIL_PRESENT;
	while (block) {
		size_t n = facts->n_notifiers;
		if (n == NOTIFIERS_MAX)
			return trail_error_format(TRAIL_ERROR_LIMIT, "more than %d callbacks",
						  NOTIFIERS_MAX);
		for (size_t i = 0; i < n; i++)
			if (facts->notifiers[i].block == block)
				return trail_error_format(TRAIL_ERROR_BAD_DATA,
							  "callback %zu links back to callback %zu",
							  n, i + 1);
		error = read_notifier(kernel, facts, block, &block);
		if (error)
			return trail_error_wrap(error, "callback %zu", n + 1);
		if (n && facts->notifiers[n].priority > facts->notifiers[n - 1].priority)
			return trail_error_format(
				TRAIL_ERROR_BAD_DATA,
				"callback %zu has a higher priority than the one before it", n + 1);
	}
	facts->chain_complete = true;
	return NULL;
}

struct trail_error *trail_read_notifiers(struct trail_kernel *kernel, struct trail_facts *facts)
{
	struct trail_error *error = walk_chain(kernel, facts);

	if (error) {
		if (facts->chain_presence != TRAIL_PRESENT)
			facts->chain_presence = trail_presence_of(error);
		facts->chain_why = trail_facts_copy(facts, error->message);
	}
	mark_blocks(kernel, facts);
	return error;
}

/* ---- kmsg dumpers -------------------------------------------------------- */

struct walk {
	struct trail_kernel *kernel;
	struct trail_facts *facts;
};

static bool on_stack(const struct trail_facts *facts, uint64_t callback)
{
	const struct trail_cpu_facts *cpu = panic_cpu(facts);

	for (size_t i = 0; cpu && i < cpu->n_frames; i++)
		if (cpu->frames[i].function &&
		    cpu->frames[i].address - cpu->frames[i].offset == callback)
			return true;
	return false;
}

static struct trail_error *read_dumper(uint64_t node, void *data)
{
	struct walk *w = data;
	struct trail_dumper_facts d = { 0 };
	struct trail_member list;
	uint64_t reason;

	struct trail_error *error = trail_kernel_find_member(w->kernel, "kmsg_dumper", "list",
							     &list);
	if (error)
		return error;
	d.address = node - list.offset;
	error = trail_kernel_member(w->kernel, d.address, "kmsg_dumper", "dump", &d.callback);
	if (!error)
		error = trail_kernel_member(w->kernel, d.address, "kmsg_dumper", "max_reason",
					    &reason);
	if (error)
		return error;
	d.max_reason = reason;
	if (!name_callback(w->kernel, w->facts, d.callback, &d.function, &d.module))
		return &trail_error_nomem;
	d.on_stack = on_stack(w->facts, d.callback);
	struct trail_dumper_facts *all = trail_pool_grow(&w->facts->pool, w->facts->dumpers,
							 w->facts->n_dumpers, sizeof(*all));
	if (!all)
		return &trail_error_nomem;
	w->facts->dumpers = all;
	all[w->facts->n_dumpers++] = d;
	return NULL;
}

/* Source: Linux kernel/printk/printk.c static LIST_HEAD(dump_list), include/linux/kmsg_dump.h. */
struct trail_error *trail_read_dumpers(struct trail_kernel *kernel, struct trail_facts *facts)
{
	struct walk w = { kernel, facts };
	uint64_t head;
	struct trail_error *error = trail_kernel_symbol(kernel, "dump_list", &head);

	if (!error)
		error = trail_kernel_list(kernel, head, DUMPERS_MAX, read_dumper, &w);
	facts->dumpers_presence = trail_presence_of(error);
	struct trail_scalar n = { .name = "count.kmsg-dumpers",
				  .symbol = "dump_list",
				  .presence = facts->dumpers_presence,
				  .value = error ? 0 : facts->n_dumpers,
				  .why = error ? error->message : NULL };
	if (!trail_facts_add_scalar(facts, &n))
		return &trail_error_nomem;
	return error;
}

/* ---- consoles ------------------------------------------------------------ */

/*
 * The record a console prints next.  One that prints without the console lock
 * counts elsewhere.  Until v5.17 all consoles share one number, but for one
 * that still prints what was there before it: the others wait for it.
 * Source: Linux v5.10 kernel/printk/printk.c console_unlock(), register_console().
 */
static struct trail_error *read_console_seq(struct trail_kernel *kernel, uint64_t address,
					    uint64_t flags, uint64_t *ret)
{
	uint64_t exclusive, seq;
	struct trail_error *error = trail_kernel_member(
		kernel, address, "console", flags & CONSOLE_NBCON ? "nbcon_seq.counter" : "seq",
		ret);

	if (!trail_error_catch(&error, TRAIL_ERROR_ABSENT))
		return error;
	error = trail_kernel_symbol(kernel, "exclusive_console", &exclusive);
	if (!error)
		error = trail_kernel_pointer(kernel, exclusive, &exclusive);
	bool waits = !error && exclusive && exclusive != address;
	if (!error)
		error = trail_kernel_symbol(
			kernel, waits ? "exclusive_console_stop_seq" : "console_seq", &seq);
	return error ? error : trail_kernel_read(kernel, seq, 8, false, ret);
}

static struct trail_error *read_console(struct trail_kernel *kernel, struct trail_facts *facts,
					uint64_t address)
{
	struct trail_console_facts c = { .address = address };
	struct trail_member name;
	uint64_t flags, index = 0;
	const char *stem;

	struct trail_error *error = trail_kernel_find_member(kernel, "console", "name", &name);
	if (!error)
		error = trail_kernel_string(kernel, address + name.offset, CONSOLE_NAME,
					    &facts->pool, &stem);
	if (!error)
		error = trail_kernel_member(kernel, address, "console", "flags", &flags);
	if (!error)
		error = trail_kernel_member(kernel, address, "console", "index", &index);
	if (error)
		return error;
	c.enabled = flags & CONSOLE_ENABLED;
	c.name = trail_pool_printf(&facts->pool, "%s%d", stem, (int)(int16_t)index);
	error = read_console_seq(kernel, address, flags, &c.seq);
	c.seq_presence = trail_presence_of(error);
	trail_error_free(error);
	struct trail_console_facts *all = trail_pool_grow(&facts->pool, facts->consoles,
							  facts->n_consoles, sizeof(*all));
	if (!all || !c.name)
		return &trail_error_nomem;
	facts->consoles = all;
	all[facts->n_consoles++] = c;
	return NULL;
}

/*
 * Source: Linux kernel/printk/printk.c: console_drivers, linked by next, until
 * v6.1; console_list, an hlist by node, since v6.2.
 */
static struct trail_error *walk_consoles(struct trail_kernel *kernel, struct trail_facts *facts)
{
	uint64_t pointer, at;
	struct trail_member node = { 0 };
	const char *link = "next";
	struct trail_error *error = trail_kernel_symbol(kernel, "console_drivers", &pointer);

	if (trail_error_catch(&error, TRAIL_ERROR_ABSENT)) {
		error = trail_kernel_symbol(kernel, "console_list", &pointer);
		link = "node.next";
		if (!error)
			error = trail_kernel_find_member(kernel, "console", "node", &node);
	}
	if (!error)
		error = trail_kernel_pointer(kernel, pointer, &at);
	while (!error && at) {
		if (facts->n_consoles == CONSOLES_MAX)
			return trail_error_format(TRAIL_ERROR_LIMIT, "more than %d consoles",
						  CONSOLES_MAX);
		uint64_t address = at - node.offset;
		error = read_console(kernel, facts, address);
		if (!error)
			error = trail_kernel_member(kernel, address, "console", link, &at);
	}
	return error;
}

struct trail_error *trail_read_consoles(struct trail_kernel *kernel, struct trail_facts *facts)
{
	struct trail_error *error = walk_consoles(kernel, facts);

	facts->consoles_presence = trail_presence_of(error);
	return error;
}
