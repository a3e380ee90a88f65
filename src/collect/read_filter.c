/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Was the dump filtered rightly?  A makedumpfile that is older than the kernel
 * takes pages for others than they are, leaves them out and ends well.  What
 * the kernel was using and is no page of zeros is left out at no dump level:
 * the tasks that ran, and the newest of the others.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/cursor.h"
#include "base/error.h"
#include "base/text.h"
#include "collect/collect.h"
#include "kernel/kernel.h"
#include "source/image.h"

enum {
	CPUS_MAX = 8192,
	TASKS_MAX = 8, /* the newest: their slabs are the ones that change */
	NAMED = 3,     /* things that the gap names */
};

/* Members that are never zero in a task, at its beginning, in its middle and near its end.  Source:
 * Linux include/linux/sched.h; arch/x86/kernel/process.c copy_thread() sets thread.sp. */
static const char *const members[] = { "tasks", "real_parent", "thread.sp" };
enum { TASKS }; /* the first of them */

struct search {
	struct trail_kernel *kernel;
	struct trail_member members[TRAIL_ARRAY_SIZE(members)];
	struct trail_text things;
	size_t n;
};

static void search_fini(struct search *search)
{
	trail_text_fini(&search->things);
}

/* Was the page of what lies at @address left out? */
static bool is_left_out(struct search *search, uint64_t address)
{
	uint64_t physical;
	struct trail_error *error = trail_image_translate(search->kernel->image, address,
							  &physical);
	bool is = !error && trail_image_left_out(search->kernel->image, physical);

	trail_error_free(error);
	return is;
}

/* Note the task when a page was left out on which it has something. */
static bool look_at_task(struct search *search, const char *what, uint64_t address)
{
	bool is = false;

	for (size_t i = 0; !is && i < TRAIL_ARRAY_SIZE(members); i++)
		is = is_left_out(search, address + search->members[i].offset);
	if (is && search->n++ < NAMED)
		trail_text_printf(&search->things, "%s%s at 0x%" PRIx64, search->n > 1 ? ", " : "",
				  what, address);
	return is;
}

/* A pointer that only this search wants: distill does not keep its page. */
static bool peek(struct search *search, uint64_t address, uint64_t *ret)
{
	uint64_t physical;
	uint8_t raw[8];
	struct trail_error *error = trail_image_translate(search->kernel->image, address,
							  &physical);

	if (!error)
		error = trail_image_peek(search->kernel->image, physical, raw, sizeof(raw));
	bool ok = !error;
	trail_error_free(error);
	struct trail_cursor c = trail_cursor_over(raw, sizeof(raw), address, "pointer", false);
	if (ok)
		*ret = trail_cursor_u64(&c);
	return ok;
}

/* Source: Linux init/init_task.c init_task, whose tasks.prev is the newest; kernel/fork.c
 * copy_process(). */
static void look_at_newest(struct search *search)
{
	uint64_t offset = search->members[TASKS].offset, head, before, at, next;
	struct trail_error *error = trail_kernel_symbol(search->kernel, "init_task", &head);
	bool known = !error;

	trail_error_free(error);
	if (!known)
		return;
	head += offset;
	before = head;
	for (size_t i = 0; i < TASKS_MAX && peek(search, before + 8, &at) && at != head; i++) {
		/* the way back tells a task from a wild pointer; what is not there has none */
		if (look_at_task(search, "a task", at - offset) || !peek(search, at, &next) ||
		    next != before)
			return;
		before = at;
	}
}

static void look_at_current(struct search *search, uint64_t n_cpus)
{
	char what[64];

	for (uint64_t cpu = 0; cpu < TRAIL_MIN(n_cpus, (uint64_t)CPUS_MAX); cpu++) {
		uint64_t task = 0;
		struct trail_error *error = trail_find_current(search->kernel, cpu, &task);
		trail_error_free(error);
		snprintf(what, sizeof(what), "the task of CPU %" PRIu64, cpu);
		if (task)
			look_at_task(search, what, task);
	}
}

static struct trail_error *look_at_tasks(struct search *search, const struct trail_facts *facts)
{
	struct trail_error *error = NULL;

	for (size_t i = 0; !error && i < TRAIL_ARRAY_SIZE(members); i++)
		error = trail_kernel_find_member(search->kernel, "task_struct", members[i],
						 &search->members[i]);
	if (error)
		return error;
	look_at_current(search, trail_facts_value(facts, "nr_cpu_ids", 0));
	if (!search->n)
		look_at_newest(search);
	return NULL;
}

/* What the walk of a list could not get to was freed, or the filter took it for something else. */
static struct trail_error *look_at_notifiers(struct search *search, struct trail_facts *facts)
{
	uint64_t link, block;
	struct trail_member member;
	size_t n = facts->n_notifiers;
	struct trail_error *error = trail_kernel_symbol(search->kernel, "panic_notifier_list",
							&link);

	if (n)
		link = facts->notifiers[n - 1].block;
	if (!error)
		error = trail_kernel_find_member(search->kernel,
						 n ? "notifier_block" : "atomic_notifier_head",
						 n ? "next" : "head", &member);
	if (error)
		return error;
	if (!peek(search, link + member.offset, &block) || !is_left_out(search, block))
		return NULL;
	return trail_error_format(TRAIL_ERROR_NODATA,
				  "the block of callback %zu, at 0x%" PRIx64
				  ", lies on a page that was left out: it had been freed, or was "
				  "taken for something else",
				  n + 1, block);
}

static struct trail_error *add_gap(struct search *search, struct trail_facts *facts)
{
	const char *others = "";

	if (search->n > NAMED)
		others = trail_pool_printf(&search->kernel->pool, " and %zu more",
					   search->n - NAMED);
	const char *why =
		!search->things.failed && others
			? trail_pool_printf(
				  &search->kernel->pool,
				  "pages in use were left out, which no dump level asks for, "
				  "so others may be missing, too; makedumpfile does so when "
				  "it is older than the kernel: %s%s",
				  trail_text_string(&search->things), others)
			: NULL;
	return why && trail_facts_add_first_gap(facts, "input", why) ? NULL : &trail_error_nomem;
}

struct trail_error *trail_read_filter(struct trail_kernel *kernel, struct trail_facts *facts)
{
	TRAIL_CLEANUP(search_fini) struct search search = { .kernel = kernel };

	if (!trail_image_knows_memory(kernel->image) || !kernel->symbols.n)
		return NULL;
	trail_error_free(look_at_tasks(&search, facts)); /* no types: that is a gap already */
	struct trail_error *error = search.n ? add_gap(&search, facts) : NULL;
	if (!error && facts->chain_presence == TRAIL_PRESENT && !facts->chain_complete)
		error = trail_gap_from(facts, look_at_notifiers(&search, facts), "notifier chain");
	return error;
}
