/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frontier: the stage that panic() was in when the input was frozen.
 * Strongest first: a return address on the panicking CPU's stack, then who
 * wrote the dump, then what only a later stage leaves behind.
 */
#include <inttypes.h>

#include "timeline/evidence.h"
#include "timeline/log_oops.h"
#include "timeline/log_stack.h"
#include "timeline/verdicts.h"

static const struct trail_cpu_facts *panicking(const struct trail_builder *b)
{
	return trail_facts_cpu(b->facts, b->timeline->cpu);
}

static bool calls_next(const struct trail_frame *f, const char *name)
{
	for (size_t i = 0; i < f->n_next; i++)
		if (trail_same_function(f->next[i], name))
			return true;
	return false;
}

static void set_frontier(struct trail_builder *b, enum trail_stage stage, bool exact, long evidence)
{
	b->timeline->frontier = stage;
	b->timeline->frontier_exact = exact;
	trail_refs_add(b, &b->timeline->frontier_evidence, evidence);
}

/* The row for frame @i, a frame in panic(); NULL when none fits. */
static const struct trail_call_site *site_of(const struct trail_builder *b,
					     const struct trail_cpu_facts *cpu, size_t i)
{
	const struct trail_frame *f = &cpu->frames[i];
	const char *below = i ? cpu->frames[i - 1].function : NULL;

	for (size_t s = 0; s < trail_n_call_sites; s++) {
		const struct trail_call_site *row = &trail_call_sites[s];
		if (row->callee && !trail_same_function(f->callee, row->callee) &&
		    !trail_same_function(below, row->callee))
			continue;
		if ((row->before && !calls_next(f, row->before)) ||
		    (row->not_before && calls_next(f, row->not_before)) ||
		    (row->last && (!f->next_known || f->n_next)))
			continue;
		if (trail_conditions_hold(b, row->when, TRAIL_ARRAY_SIZE(row->when), NULL) ==
		    TRAIL_YES)
			return row;
	}
	return NULL;
}

/* A frame of panic() itself; where there is a vpanic(), panic() only calls it. */
static bool is_panic(const struct trail_frame *f)
{
	if (!f->reliable || !f->function || f->module || trail_same_function(f->callee, "vpanic"))
		return false;
	return trail_streq(f->function, "panic") || trail_streq(f->function, "vpanic") ||
	       trail_same_function(f->function, "panic_other_cpus_shutdown");
}

/* The frame and its row that are furthest in program order: where panic() was entered again, one
 * outside counts too. */
static const struct trail_call_site *furthest_site(const struct trail_builder *b,
						   const struct trail_cpu_facts *cpu,
						   size_t *frame_ret)
{
	const struct trail_call_site *best = NULL;

	for (size_t i = 0; i < cpu->n_frames; i++) {
		const struct trail_call_site *site = is_panic(&cpu->frames[i]) ? site_of(b, cpu, i)
									       : NULL;
		if (site && (!best || site->stage > best->stage)) {
			best = site;
			*frame_ret = i;
		}
	}
	return best;
}

static const char *place_of(struct trail_builder *b, const struct trail_cpu_facts *cpu, size_t i)
{
	const struct trail_frame *f = &cpu->frames[i];

	return trail_timeline_say(b, "stack of CPU %d, %s+0x%" PRIx64 " at 0x%" PRIx64, cpu->cpu,
				  f->function, f->offset, f->slot);
}

/* A return address in panic() on the panicking CPU's stack. */
static bool frontier_in_panic(struct trail_builder *b, const struct trail_cpu_facts *cpu)
{
	size_t i = 0;

	while (i < cpu->n_frames && !is_panic(&cpu->frames[i]))
		i++;
	if (i == cpu->n_frames)
		return false;
	b->timeline->entered = TRAIL_YES;
	long id = trail_evidence_add(b, "panic", false, TRAIL_SOURCE_STACK, TRAIL_CERTAIN,
				     "panic() is on the stack of the CPU that holds panic_cpu",
				     place_of(b, cpu, i));
	trail_evidence_on_cpu(b, id, cpu->cpu);
	trail_refs_add(b, &b->timeline->panic_evidence, id);
	const struct trail_call_site *site = furthest_site(b, cpu, &i);
	if (!site)
		return false;
	const struct trail_frame *f = &cpu->frames[i];
	const char *what = f->callee			      ? f->callee
			   : i && cpu->frames[i - 1].function ? cpu->frames[i - 1].function
							      : f->function;
	const char *says = trail_timeline_say(
		b, "the panicking CPU is in %s(), called by %s()%s%s%s", what, f->function,
		site->before ? ", before " : "", site->before ? site->before : "",
		site->last ? ", with nothing of the panic path behind it" : "");
	id = trail_evidence_add(b, "frontier", false, TRAIL_SOURCE_STACK, site->strength, says,
				place_of(b, cpu, i));
	trail_evidence_on_cpu(b, id, cpu->cpu);
	set_frontier(b, site->stage, !site->at_least, id);
	return true;
}

/* crash_kexec() on that stack, without panic(): the oops path, or one of the few others that call
 * it. */
static bool frontier_in_kexec(struct trail_builder *b, const struct trail_cpu_facts *cpu)
{
	size_t i = 0;

	while (i < cpu->n_frames &&
	       !(cpu->frames[i].reliable && trail_streq(cpu->frames[i].function, "crash_kexec") &&
		 trail_same_function(cpu->frames[i].callee, "__crash_kexec")))
		i++;
	if (i == cpu->n_frames)
		return false;
	const char *caller = i + 1 < cpu->n_frames && cpu->frames[i + 1].function
				     ? cpu->frames[i + 1].function
				     : "a function without a name";
	const char *says = trail_timeline_say(
		b,
		"the panicking CPU is in __crash_kexec(), called by crash_kexec(), called by %s(), not by panic()",
		caller);
	long id = trail_evidence_add(b, "frontier", false, TRAIL_SOURCE_STACK, TRAIL_CERTAIN, says,
				     place_of(b, cpu, i));

	trail_evidence_on_cpu(b, id, cpu->cpu);
	b->timeline->entered = TRAIL_NO;
	trail_refs_add(b, &b->timeline->panic_evidence, id);
	set_frontier(b, TRAIL_STAGE_DIRECT_KEXEC, true, id);
	b->timeline->trigger = trail_same_function(caller, "oops_end") ||
					       trail_same_function(caller, "die")
				       ? "oops-crash-kexec"
				       : "other";
	return true;
}

static bool frontier_by_stack(struct trail_builder *b)
{
	const struct trail_cpu_facts *cpu = panicking(b);

	return cpu && (frontier_in_panic(b, cpu) ||
		       (b->timeline->entered != TRAIL_YES && frontier_in_kexec(b, cpu)));
}

/* The kernel wrote the dump, so it was in kexec; which of the places, the configuration tells. */
static bool frontier_by_dump(struct trail_builder *b)
{
	const struct trail_scalar *flag = trail_facts_scalar(b->facts,
							     "crash_kexec_post_notifiers");

	if (b->facts->writer != TRAIL_WRITER_KERNEL || !flag || flag->presence != TRAIL_PRESENT)
		return false;
	bool line = b->timeline->message;
	if (!flag->value && !line &&
	    (!b->timeline->log->n || b->timeline->log->first_seq || b->timeline->log->lost))
		return false; /* direct or early: the panic line may have been pushed out */
	enum trail_stage stage = flag->value ? TRAIL_STAGE_KDUMP_LATE
				 : line	     ? TRAIL_STAGE_KDUMP_EARLY
					     : TRAIL_STAGE_DIRECT_KEXEC;
	long id = trail_evidence_add(
		b, "frontier", false, TRAIL_SOURCE_INFERENCE, TRAIL_LIKELY,
		trail_timeline_say(
			b,
			"the crash kernel wrote the dump, crash_kexec_post_notifiers is %d, and the log has %s panic line",
			(int)flag->value, line ? "a" : "no"),
		trail_timeline_say(b, "%s at 0x%" PRIx64, flag->symbol, flag->address));
	set_frontier(b, stage, true, id);
	return true;
}

/* The row for a call of @callee alone, where it tells the stage without what comes next. */
static const struct trail_call_site *site_by_name(const char *callee)
{
	for (size_t s = 0; s < trail_n_call_sites; s++) {
		const struct trail_call_site *row = &trail_call_sites[s];
		if (row->callee && trail_same_function(callee, row->callee))
			return row->before || row->not_before || row->last || row->at_least ||
					       row->when[0].look
				       ? NULL
				       : row;
	}
	return NULL;
}

/*
 * panic() oopsed and its task was killed: where it was then it is still, if the
 * CPU runs something else.
 */
static bool frontier_by_oops(struct trail_builder *b)
{
	static const struct trail_condition gone = {
		.look = TRAIL_LOOK_CPU_FRAME, .name = "panic", .op = TRAIL_OP_IS, .value = 0
	};
	const struct trail_cpu_facts *cpu = panicking(b);
	struct trail_stack stack;
	size_t i, record;

	if (!cpu || trail_condition_holds(b, &gone, cpu) != TRAIL_YES ||
	    !trail_log_oops(b, &stack, &i, &record))
		return false;
	const struct trail_call_site *site = site_by_name(stack.steps[i - 1].function);
	if (!site)
		return false;
	long id = trail_evidence_add(
		b, "frontier", false, TRAIL_SOURCE_LOG, TRAIL_LIKELY,
		trail_timeline_say(
			b,
			"the task that panicked oopsed in %s(), %s%s%scalled by %s(), and was killed",
			stack.steps[0].function, i > 1 ? "below " : "",
			i > 1 ? stack.steps[i - 1].function : "", i > 1 ? "(), " : "",
			stack.steps[i].function),
		trail_timeline_say(b, "log record %" PRIu64,
				   b->timeline->log->records[record].seq));
	set_frontier(b, site->stage, true, id);
	for (size_t k = 0; k + 1 < i && site->stage == TRAIL_STAGE_NOTIFIERS && !b->ended_in; k++)
		if (trail_is_chain(stack.steps[k + 1].function))
			b->ended_in = &stack.steps[k];
	return true;
}

/* The furthest stage that a witness says was reached: a lower bound; the last stage has no further.
 */
static void frontier_by_witness(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;

	for (size_t w = 0; w < trail_n_witnesses; w++) {
		const struct trail_witness *row = &trail_witnesses[w];
		if (row->scope != TRAIL_SCOPE_STAGE ||
		    trail_conditions_hold(b, row->when, TRAIL_CONDITIONS, NULL) != TRAIL_YES ||
		    (t->frontier != TRAIL_N_STAGES && row->stage < t->frontier))
			continue;
		set_frontier(b, row->stage, row->stage == TRAIL_STAGE_HALT,
			     trail_witness_speaks(b, row, "frontier", false, NULL));
	}
	if (t->frontier == TRAIL_N_STAGES && t->message) {
		t->frontier = TRAIL_STAGE_MESSAGE;
		t->frontier_evidence = t->panic_evidence;
	}
}

/* No holder of panic_cpu means no panic only where nothing else speaks of one: a redirected one has
 * none yet. */
static bool nobody_panics(const struct trail_builder *b)
{
	if (b->timeline->message || b->facts->writer == TRAIL_WRITER_KERNEL ||
	    (int64_t)trail_facts_value(b->facts, "panic_redirect_cpu", UINT64_MAX) >= 0)
		return false;
	for (size_t c = 0; c < b->facts->n_cpus; c++)
		for (size_t i = 0; i < b->facts->cpus[c].n_frames; i++)
			if (is_panic(&b->facts->cpus[c].frames[i]))
				return false;
	return true;
}

/* What only a later stage leaves behind stands against the stack. */
static void check_witnesses(struct trail_builder *b)
{
	for (size_t w = 0; w < trail_n_witnesses; w++) {
		const struct trail_witness *row = &trail_witnesses[w];
		if (row->scope == TRAIL_SCOPE_STAGE && row->stage > b->timeline->frontier &&
		    trail_conditions_hold(b, row->when, TRAIL_CONDITIONS, NULL) == TRAIL_YES)
			trail_contradiction(
				b, trail_timeline_say(b, "the stack says %s, and %s",
						      trail_stage_names[b->timeline->frontier],
						      row->statement));
	}
}

void trail_find_frontier(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	const struct trail_scalar *holder = trail_facts_scalar(b->facts, "panic_cpu");

	t->frontier = TRAIL_N_STAGES;
	t->cpu = -1;
	if (holder && holder->presence == TRAIL_PRESENT) {
		bool none = (int64_t)holder->value < 0;
		t->cpu = none ? -1 : (int32_t)holder->value;
		long id = trail_evidence_add(
			b, "panic", none, TRAIL_SOURCE_MEMORY, TRAIL_CERTAIN,
			none ? "no CPU holds panic_cpu"
			     : trail_timeline_say(b, "CPU %d holds panic_cpu", t->cpu),
			trail_timeline_say(b, "panic_cpu at 0x%" PRIx64, holder->address));
		trail_evidence_of_symbol(b, id, "panic_cpu");
		trail_refs_add(b, &t->panic_evidence, id);
		if (none && nobody_panics(b)) {
			t->entered = TRAIL_NO;
			return;
		}
		if (none && t->message)
			trail_contradiction(
				b,
				"the log has a panic line of the kernel, and no CPU holds panic_cpu");
		if (none)
			return; /* who panicked, and how far it is, cannot be told */
	}
	trail_add_line_evidence(b);
	bool found = frontier_by_stack(b) || frontier_by_dump(b) || frontier_by_oops(b);
	if (!found)
		frontier_by_witness(b);
	if (t->entered == TRAIL_MAYBE && t->message)
		t->entered = TRAIL_YES;
	if (t->entered == TRAIL_MAYBE && t->frontier == TRAIL_STAGE_DIRECT_KEXEC)
		t->entered = TRAIL_NO;
	if (found)
		check_witnesses(b);
	const struct trail_cpu_facts *cpu = panicking(b);
	for (size_t i = 0; cpu && i < cpu->n_frames && !t->frontier_function; i++)
		t->frontier_function = cpu->frames[i].function;
}
