/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUs and callbacks: witnesses where there are any, then what the
 * order of the chain and the position of panic() leave possible.
 */
#include "timeline/verdicts.h"

#include <inttypes.h>

#include "timeline/evidence.h"
#include "timeline/log_stack.h"
#include "timeline/plugin_rows.h"

const struct trail_stage_verdict *trail_stage_of(const struct trail_builder *b, int stage)
{
	for (size_t i = 0; i < b->timeline->n_stages; i++)
		if ((int)b->timeline->stages[i].stage == stage)
			return &b->timeline->stages[i];
	return NULL;
}

void trail_contradiction(struct trail_builder *b, const char *sentence)
{
	struct trail_timeline *t = b->timeline;
	const char **all = trail_pool_grow(&t->pool, t->contradictions, t->n_contradictions,
					   sizeof(*all));

	if (!all) {
		b->failed = true;
		return;
	}
	t->contradictions = all;
	all[t->n_contradictions++] = sentence;
}

/* ---- CPUs ---------------------------------------------------------------- */

/* How a CPU was stopped that is offline by smp_send_stop(): the log tells when the NMI was needed.
 */
static void tell_how(struct trail_builder *b, struct trail_cpu_verdict *v, const char *claim)
{
	static const struct trail_condition quiet[TRAIL_CONDITIONS] = {
		{ .look = TRAIL_LOOK_LOG_WHOLE, .op = TRAIL_OP_IS, .value = 1 },
		{ .look = TRAIL_LOOK_LOG_AFTER,
		  .name = "Shutting down cpus with NMI",
		  .op = TRAIL_OP_IS,
		  .value = 0 },
	};

	if (trail_conditions_hold(b, quiet, TRAIL_CONDITIONS, NULL) != TRAIL_YES)
		return;
	v->how = TRAIL_HOW_IPI;
	trail_refs_add(b, &v->evidence,
		       trail_evidence_add(
			       b, claim, false, TRAIL_SOURCE_LOG, TRAIL_LIKELY,
			       "the log is whole and does not say that an NMI was needed", NULL));
}

static void decide_cpu(struct trail_builder *b, size_t i)
{
	struct trail_cpu_verdict *v = &b->timeline->cpus[i];
	const struct trail_cpu_facts *cpu = &b->facts->cpus[i];
	const char *claim = trail_timeline_say(b, "cpu %d", cpu->cpu);

	if (cpu->cpu < 0)
		return;
	for (size_t w = 0; w < trail_n_witnesses; w++) {
		const struct trail_witness *row = &trail_witnesses[w];
		if (row->scope != TRAIL_SCOPE_CPU ||
		    trail_conditions_hold(b, row->when, TRAIL_CONDITIONS, cpu) != TRAIL_YES)
			continue;
		trail_refs_add(b, &v->evidence, trail_witness_speaks(b, row, claim, false, cpu));
		if (row->strength == TRAIL_HINT) /* alone it leaves unknown */
			continue;
		v->outcome = row->outcome;
		v->how = row->how;
		if (v->outcome == TRAIL_CPU_STOPPED && v->how == TRAIL_HOW_UNKNOWN)
			tell_how(b, v, claim);
		return;
	}
}

/* The kernel's own count of CPUs that did not answer the crash NMI must cover those without a note.
 */
static void check_count(struct trail_builder *b)
{
	int64_t waiting = trail_facts_value(b->facts, "waiting_for_crash_ipi", 0), silent = 0;

	if (!trail_facts_has(b->facts, "waiting_for_crash_ipi") ||
	    trail_facts_value(b->facts, "crash_ipi_issued", 0) != 1)
		return;
	for (size_t i = 0; i < b->facts->n_cpus; i++)
		silent += b->timeline->cpus[i].outcome == TRAIL_CPU_NOT_STOPPED;
	if (silent > waiting)
		trail_contradiction(
			b, trail_timeline_say(
				   b,
				   "%" PRId64
				   " CPUs saved no registers, and the kernel waits for %" PRId64
				   " only (waiting_for_crash_ipi)",
				   silent, waiting));
}

void trail_decide_cpus(struct trail_builder *b)
{
	b->timeline->cpus = trail_pool_alloc(&b->timeline->pool, b->facts->n_cpus + 1,
					     sizeof(*b->timeline->cpus));
	if (!b->timeline->cpus) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < b->facts->n_cpus; i++)
		decide_cpu(b, i);
	check_count(b);
}

/* ---- callbacks ----------------------------------------------------------- */

enum { NONE = -1 };

/* What the witnesses say of the chain. */
struct chain {
	struct trail_builder *b;
	size_t n;
	long last_called;   /* highest index that a witness says was called, or NONE */
	long last_evidence; /* of that */
	enum trail_strength last_strength;
	long first_not; /* lowest index behind it that a witness says was not called, or NONE */
	long first_evidence;
	long settled; /* up to here the order of the chain has been applied */
};

static struct trail_notifier_verdict *verdict(const struct chain *c, size_t i)
{
	return &c->b->timeline->notifiers[i];
}

static const char *claim_of(struct trail_builder *b, size_t i)
{
	return trail_timeline_say(b, "notifier %zu", i + 1);
}

static const char *name_of(const struct chain *c, size_t i)
{
	const char *f = c->b->facts->notifiers[i].function;

	return f ? f : "a callback without a name";
}

static void set(struct chain *c, size_t i, enum trail_call outcome, long evidence)
{
	verdict(c, i)->outcome = outcome;
	trail_refs_add(c->b, &verdict(c, i)->evidence, evidence);
}

static long infer(struct chain *c, size_t i, enum trail_strength strength, const char *statement,
		  long from)
{
	long id = trail_evidence_add(c->b, claim_of(c->b, i), false, TRAIL_SOURCE_INFERENCE,
				     strength, statement, NULL);

	trail_evidence_rests_on(c->b, id, from);
	return id;
}

/* A callback of that name in another module is another one. */
bool trail_witness_is_about(const struct trail_witness *row, const struct trail_notifier_facts *n)
{
	return row->scope == TRAIL_SCOPE_NOTIFIER &&
	       trail_same_function(n->function, row->function) &&
	       (!n->module || trail_streq(n->module, row->module));
}

/* How sure its own witness is of a callback; HINT when it has none. */
static enum trail_strength witness_strength(const struct chain *c, size_t i)
{
	const struct trail_refs *refs = &verdict(c, i)->evidence;

	return refs->n ? c->b->timeline->evidence[refs->ids[0]].strength : TRAIL_HINT;
}

/* What a text shows that ran on behind the moment of the dump. */
static void ask_texts(struct chain *c)
{
	const struct trail_timeline *t = c->b->timeline;

	for (size_t k = 0; c->b->dump_passed && k < t->n_text_calls; k++) {
		const struct trail_text_call *call = &t->text_calls[k];
		for (size_t i = 0; i < c->n; i++) {
			if (call->dumper || verdict(c, i)->outcome != TRAIL_CALL_UNKNOWN ||
			    !trail_same_function(c->b->facts->notifiers[i].function,
						 call->function))
				continue;
			for (size_t e = 0; e < call->evidence.n; e++)
				set(c, i, TRAIL_CALL_CALLED, (long)call->evidence.ids[e]);
			if ((long)i > c->last_called) {
				c->last_called = (long)i;
				c->last_strength = TRAIL_LIKELY;
				c->last_evidence = (long)call->evidence.ids[0];
			}
		}
	}
}

/* Ask every callback's witnesses; gives what they say in the verdicts. */
static void ask_witnesses(struct chain *c)
{
	for (size_t i = 0; i < c->n; i++) {
		for (size_t w = 0; w < trail_n_witnesses; w++) {
			const struct trail_witness *row = &trail_witnesses[w];
			if (!trail_witness_is_about(row, &c->b->facts->notifiers[i]) ||
			    /* the memory is of a moment before: it may have run since */
			    (c->b->dump_passed && row->outcome == TRAIL_CALL_NOT_CALLED) ||
			    trail_conditions_hold(c->b, row->when, TRAIL_CONDITIONS, NULL) !=
				    TRAIL_YES)
				continue;
			long id = trail_witness_speaks(c->b, row, claim_of(c->b, i), false, NULL);
			set(c, i, row->outcome, id);
			break;
		}
		trail_plugins_ask(c->b, i);
		if (verdict(c, i)->outcome == TRAIL_CALL_CALLED && verdict(c, i)->evidence.n) {
			c->last_called = i;
			c->last_strength = witness_strength(c, i);
			c->last_evidence = (long)verdict(c, i)->evidence.ids[0];
		}
	}
	ask_texts(c);
	for (size_t i = c->n; i-- > (size_t)(c->last_called + 1);)
		if (verdict(c, i)->outcome == TRAIL_CALL_NOT_CALLED) {
			c->first_not = i;
			c->first_evidence = verdict(c, i)->evidence.n
						    ? (long)verdict(c, i)->evidence.ids[0]
						    : NONE;
		}
}

/*
 * What the order of the chain says against a callback's own witness: two that
 * are certain leave it unknown and are a contradiction, else the surer one
 * holds.  Gives whether the order may say its word.
 */
static bool settle(struct chain *c, size_t i, enum trail_strength strength, const char *sentence)
{
	struct trail_notifier_verdict *v = verdict(c, i);
	enum trail_strength own = witness_strength(c, i);

	if (own < strength) {
		v->outcome = TRAIL_CALL_UNKNOWN;
		v->evidence = (struct trail_refs){ 0 };
		return true;
	}
	trail_contradiction(c->b, trail_timeline_say(c->b, "%s (notifier %zu) %s", name_of(c, i),
						     i + 1, sentence));
	if (own == strength)
		v->outcome = TRAIL_CALL_UNKNOWN;
	return false;
}

/* The chain is called in order: what stands before one that was called was called. */
static void call_up_to(struct chain *c, long last, enum trail_strength strength,
		       const char *statement, long from)
{
	for (long i = c->settled + 1; i <= last; i++) {
		struct trail_notifier_verdict *v = verdict(c, i);
		if (v->outcome == TRAIL_CALL_NOT_CALLED &&
		    !settle(c, i, strength,
			    "left no mark of its own, and a later callback was reached"))
			continue;
		if (v->outcome == TRAIL_CALL_UNKNOWN && !v->disputed)
			set(c, i, TRAIL_CALL_CALLED, infer(c, i, strength, statement, from));
	}
	c->settled = TRAIL_MAX(c->settled, last);
}

/* Only what nothing contradicts is given a new outcome. */
static void give_rest(struct chain *c, long first, enum trail_call outcome,
		      enum trail_strength strength, const char *statement, long from)
{
	for (long i = TRAIL_MAX(first, 0L); i < (long)c->n; i++) {
		if (verdict(c, i)->outcome == TRAIL_CALL_CALLED &&
		    !settle(c, i, strength, "left its mark, and panic() had not come that far"))
			continue;
		set(c, i, outcome, infer(c, i, strength, statement, from));
	}
}

/* Could this callback have ended the chain?  One of the kernel's own never does. */
static bool may_stop(const struct chain *c, size_t i)
{
	const struct trail_notifier_facts *n = &c->b->facts->notifiers[i];

	if (n->returns == TRAIL_RETURNS_STOP || n->returns == TRAIL_RETURNS_MAY_STOP)
		return true;
	return n->returns == TRAIL_RETURNS_UNKNOWN &&
	       (!verdict(c, i)->catalogued || verdict(c, i)->plugin);
}

/* The first, or the last, callback in [from, to] whose code could have ended the chain; NONE when
 * there is none. */
static long find_stopper(const struct chain *c, long from, long to, bool last)
{
	long found = NONE;

	for (long i = TRAIL_MAX(from, 0L); i <= to && (last || found == NONE); i++)
		if (may_stop(c, (size_t)i))
			found = i;
	return found;
}

static long code_evidence(struct chain *c, long i)
{
	uint64_t code = c->b->facts->notifiers[i].callback;
	long id = trail_evidence_add(
		c->b, claim_of(c->b, i), false, TRAIL_SOURCE_MEMORY, TRAIL_LIKELY,
		trail_timeline_say(
			c->b,
			"every return of %s() gives a constant with NOTIFY_STOP_MASK (0x8000)",
			name_of(c, i)),
		trail_timeline_say(c->b, "code at 0x%" PRIx64, code));

	trail_evidence_of_code(c->b, id, code);
	return id;
}

/* A callback that always ends the chain: it was called, those behind it were cut off. */
static void end_at(struct chain *c, long stopper, long stage)
{
	long code = code_evidence(c, stopper);

	call_up_to(c, stopper, TRAIL_LIKELY,
		   "the chain ended at the callback that always ends it, so it came that far",
		   code);
	for (long i = stopper + 1; i < (long)c->n; i++)
		if (verdict(c, i)->outcome != TRAIL_CALL_CUT_OFF) {
			long id = infer(c, i, TRAIL_LIKELY,
					trail_timeline_say(c->b,
							   "%s() before it always ends the chain",
							   name_of(c, stopper)),
					code);
			trail_evidence_rests_on(c->b, id, stage);
			set(c, i, TRAIL_CALL_CUT_OFF, id);
		}
}

/*
 * The chain was ended before callback @behind: by one of those that can.  So
 * it came to the first of them, and not behind the last.
 */
static void end_between(struct chain *c, long from, long behind, long stage)
{
	long first = find_stopper(c, from, behind - 1, false),
	     last = find_stopper(c, from, behind - 1, true);

	if (first == NONE)
		return;
	if (c->b->facts->notifiers[first].returns == TRAIL_RETURNS_STOP) {
		end_at(c, first, stage);
		return;
	}
	call_up_to(c, first, TRAIL_LIKELY,
		   "the chain was ended, and no callback before this one can have done it",
		   c->first_evidence);
	for (long i = last + 1; i < behind; i++) {
		long id = infer(
			c, i, TRAIL_LIKELY,
			trail_timeline_say(c->b,
					   "the chain was ended, at the latest by %s() before it",
					   name_of(c, last)),
			c->first_evidence);
		trail_evidence_rests_on(c->b, id, stage);
		set(c, i, TRAIL_CALL_CUT_OFF, id);
	}
}

/* The stage is over: all were called, unless one of them ended the chain. */
static void decide_done(struct chain *c, long stage)
{
	long from = c->last_called, end = (long)c->n - 1;

	call_up_to(c, c->last_called, c->last_strength,
		   "the chain is called in order, and a later callback was reached",
		   c->last_evidence);
	if (c->first_not != NONE) {
		for (long i = c->first_not; i <= end; i++) {
			long id = infer(
				c, i, TRAIL_LIKELY,
				"the chain is called in order and is over, and this or an earlier callback left no mark: it was ended before",
				c->first_evidence);
			trail_evidence_rests_on(c->b, id, stage);
			set(c, i, TRAIL_CALL_CUT_OFF, id);
		}
		end_between(c, from, c->first_not, stage);
		return;
	}
	long stopper = find_stopper(c, from, end, false);
	call_up_to(c, stopper == NONE ? end : stopper, TRAIL_LIKELY,
		   "the stage is over, and no callback before it is one that can end the chain",
		   stage);
	if (stopper != NONE && c->b->facts->notifiers[stopper].returns == TRAIL_RETURNS_STOP)
		end_at(c, stopper, stage);
}

static bool seen(const struct chain *c, long i)
{
	return c->b->facts->notifiers[i].block_seen;
}

/*
 * Which of the callbacks that share a function is running.  While one runs the
 * chain keeps the block behind it, in a register or on the stack: the highest
 * whose next block is seen.  The last one has none: then no block but its own
 * is seen.  Gives NONE when that fits none of them.
 * Source: kernel/notifier.c notifier_call_chain(), next_nb.
 */
static long by_next_block(const struct chain *c, uint64_t callback,
			  enum trail_strength *strength_ret)
{
	long found = NONE, only = NONE, last = (long)c->n - 1, n_same = 0, n_seen = 0;

	for (long i = 0; i <= last; i++) {
		n_seen += seen(c, i);
		if (c->b->facts->notifiers[i].callback != callback)
			continue;
		only = i;
		n_same++;
		if (i < last && seen(c, i + 1))
			found = i;
	}
	*strength_ret = TRAIL_CERTAIN;
	if (found != NONE)
		return found;
	if (last >= 0 && c->b->facts->notifiers[last].callback == callback &&
	    n_seen == (seen(c, last) ? 1 : 0) && (n_same == 1 || seen(c, last)))
		return last;
	*strength_ret = TRAIL_LIKELY;
	return n_same == 1 && !n_seen ? only : NONE;
}

bool trail_is_chain(const char *function)
{
	return trail_same_function(function, "notifier_call_chain") ||
	       trail_same_function(function, "atomic_notifier_call_chain");
}

/* The callback in whose oops panic() ended; NONE when there is none, or several have the function.
 */
static long killed_callback(const struct chain *c)
{
	const struct trail_step *step = c->b->ended_in;
	long found = NONE;

	for (size_t i = 0; step && i < c->n; i++) {
		const struct trail_notifier_facts *n = &c->b->facts->notifiers[i];
		if (!trail_streq(n->function, step->function) ||
		    !trail_streq(n->module, step->module))
			continue;
		if (found != NONE)
			return NONE;
		found = (long)i;
	}
	return found;
}

/* The callback on the stack; NONE when there is none, or several that cannot be told apart. */
static long running_callback(const struct chain *c, enum trail_strength *strength_ret)
{
	const struct trail_cpu_facts *cpu = trail_facts_cpu(c->b->facts, c->b->timeline->cpu);

	for (size_t f = 0; cpu && f + 1 < cpu->n_frames; f++) {
		const char *caller = cpu->frames[f + 1].function;
		if (cpu->frames[f].function && trail_is_chain(caller))
			return by_next_block(c, cpu->frames[f].address - cpu->frames[f].offset,
					     strength_ret);
	}
	return NONE;
}

static void decide_in_progress(struct chain *c, long stage)
{
	enum trail_strength strength;
	long running = running_callback(c, &strength), killed = killed_callback(c);
	bool log = running == NONE && killed != NONE;

	if (log) {
		running = killed;
		strength = TRAIL_LIKELY;
	}

	if (running == NONE) { /* between two callbacks, or which one cannot be told */
		call_up_to(c, c->last_called, c->last_strength,
			   "the chain is called in order, and a later callback was reached",
			   c->last_evidence);
		return;
	}
	long id = trail_evidence_add(
		c->b, claim_of(c->b, running), false, log ? TRAIL_SOURCE_LOG : TRAIL_SOURCE_STACK,
		strength,
		trail_timeline_say(
			c->b,
			log ? "%s() is on the stack of that oops, called by the chain"
			    : "%s() is on the stack of the panicking CPU, called by the chain",
			name_of(c, running)),
		log ? NULL : trail_timeline_say(c->b, "stack of CPU %d", c->b->timeline->cpu));
	if (!log)
		trail_evidence_on_cpu(c->b, id, c->b->timeline->cpu);
	trail_evidence_rests_on(c->b, id, stage);
	struct trail_notifier_verdict *v = verdict(c, running);
	v->outcome = TRAIL_CALL_IN_PROGRESS;
	trail_refs_add(c->b, &v->evidence, id);
	call_up_to(c, running - 1, strength,
		   "the chain is called in order, and a later callback is running", id);
	give_rest(c, running + 1, TRAIL_CALL_NOT_CALLED, strength,
		  "the chain is called in order, and an earlier callback is running", id);
}

void trail_decide_notifiers(struct trail_builder *b)
{
	const struct trail_stage_verdict *stage = trail_stage_of(b, TRAIL_STAGE_NOTIFIERS);
	struct chain c = { .b = b,
			   .n = b->facts->n_notifiers,
			   .last_called = NONE,
			   .last_evidence = NONE,
			   .first_not = NONE,
			   .first_evidence = NONE,
			   .settled = NONE,
			   .last_strength = TRAIL_LIKELY };
	long from = stage && stage->evidence.n ? (long)stage->evidence.ids[0] : NONE;

	b->timeline->notifiers = trail_pool_alloc(&b->timeline->pool, c.n + 1,
						  sizeof(*b->timeline->notifiers));
	if (!b->timeline->notifiers) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < c.n; i++)
		trail_callback_know(b, i);
	ask_witnesses(&c);
	switch (stage ? stage->outcome : TRAIL_OUTCOME_UNKNOWN) {
	case TRAIL_OUTCOME_NOT_REACHED:
		give_rest(&c, 0, TRAIL_CALL_NOT_CALLED, TRAIL_CERTAIN,
			  "panic() had not come to the notifiers", from);
		break;
	case TRAIL_OUTCOME_IN_PROGRESS:
		decide_in_progress(&c, from);
		break;
	case TRAIL_OUTCOME_DONE:
		decide_done(&c, from);
		break;
	default:
		call_up_to(&c, c.last_called, c.last_strength,
			   "the chain is called in order, and a later callback was reached",
			   c.last_evidence);
		break;
	}
}
