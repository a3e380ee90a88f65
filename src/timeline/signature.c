/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trail → cause and path; see signature.h. */
#include "timeline/signature.h"

#include <inttypes.h>

#include "timeline/evidence.h"
#include "timeline/log_stack.h"
#include "timeline/texts.h"

enum {
	FUNCTIONS = 3, /* of the bug; more of them tell builds apart, not bugs */
	NAME_SHOWN = 48,
	NAME_LENGTH = 512,	    /* include/linux/kallsyms.h KSYM_NAME_LEN */
	ONE_REPORT_NS = 1000000000, /* what the kernel finds in one go is no farther apart */
};

uint32_t trail_fnv1a(uint32_t hash, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * UINT32_C(0x01000193);
	return hash;
}

/* ---- a signature being made ---------------------------------------------- */

struct signature {
	struct trail_builder *b;
	const char *text; /* names cut */
	uint32_t hash;	  /* over the same with whole names */
};

static void add(struct signature *s, const char *part)
{
	const char *bar = s->hash == TRAIL_FNV_START ? "v1:" : "/";

	s->hash = trail_fnv1a(s->hash, bar, strlen(bar));
	s->hash = trail_fnv1a(s->hash, part, strlen(part));
	s->text = trail_timeline_say(s->b, "%s%s%.*s", s->text, bar, NAME_SHOWN, part);
}

static const char *finish(const struct signature *s)
{
	return trail_timeline_say(s->b, "%s:%08" PRIx32, s->text, s->hash);
}

/* Bytes of a name without what a compiler appends: ".isra.0", ".cold", "$4711" of LTO. */
static size_t plain_length(const char *function)
{
	return *function ? 1 + strcspn(function + 1, ".$") : 0;
}

/*
 * The name of a system call without what says how it is entered:
 * __x64_sys_read() calls __do_sys_read(), or has it inlined.
 * Source: Linux arch/x86/include/asm/syscall_wrapper.h.
 */
static const char *plain_start(const char *function)
{
	const char *rest = trail_starts_with(function, "__") ? strchr(function + 2, '_') : NULL;

	if (rest && (trail_starts_with(rest, "_sys_") || trail_starts_with(rest, "_compat_sys_")))
		return rest + 1;
	return function;
}

/* "function" or "function@module"; what is of no C name becomes an underscore. */
static const char *name_of(struct trail_builder *b, const char *function, const char *module)
{
	char name[NAME_LENGTH];
	size_t n = 0;
	const char *parts[] = { plain_start(function), module };
	const size_t lengths[] = { plain_length(parts[0]), module ? strlen(module) : 0 };

	for (size_t k = 0; k < 2; k++) {
		if (k && module && n < sizeof(name) - 1)
			name[n++] = '@';
		for (size_t i = 0; i < lengths[k] && n < sizeof(name) - 1; i++) {
			char c = parts[k][i];
			bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				    (c >= '0' && c <= '9') || c == '_' || c == '-';
			name[n++] = fine ? c : '_';
		}
	}
	name[n] = 0;
	return trail_timeline_say(b, "%s", name);
}

/* ---- stacks -------------------------------------------------------------- */

/* Does @name, of @n bytes, fit @pattern, where a * stands for any bytes? */
static bool fits(const char *pattern, const char *name, size_t n)
{
	const char *star = NULL; /* the last one passed, which takes the bytes up to `taken` */
	size_t taken = 0;

	for (size_t i = 0; i < n;) {
		if (*pattern == '*') {
			star = pattern++;
			taken = i;
		} else if (*pattern == name[i]) {
			pattern++;
			i++;
		} else if (star) {
			pattern = star + 1;
			i = ++taken;
		} else {
			return false;
		}
	}
	return !pattern[strspn(pattern, "*")];
}

static bool is(const struct trail_step *step, const char *pattern)
{
	size_t n = step->module ? SIZE_MAX : plain_length(step->function);

	return n <= NAME_LENGTH && fits(pattern, step->function, n);
}

/* The panicking CPU's, as far as it can be told; @straight: its registers are those of the oops. */
static struct trail_stack own_stack(struct trail_builder *b, const struct trail_cpu_facts *cpu,
				    bool straight)
{
	struct trail_stack stack = { 0 };

	stack.steps = trail_pool_alloc(&b->timeline->pool, cpu->n_frames, sizeof(*stack.steps));
	if (!stack.steps) {
		b->failed |= cpu->n_frames > 0;
		return stack;
	}
	for (; stack.n < cpu->n_frames; stack.n++) {
		const struct trail_frame *f = &cpu->frames[stack.n];
		if (!f->reliable || !f->function)
			return stack;
		stack.steps[stack.n] = (struct trail_step){
			.function = f->function,
			.module = f->module,
			.trapped = f->how == TRAIL_FRAME_TRAP ||
				   (straight && f->how == TRAIL_FRAME_REGISTERS),
		};
	}
	stack.whole = cpu->stack_whole;
	return stack;
}

/*
 * What called into the panic path, outermost: where panic() was entered again
 * from inside, the first time counts.  The whole stack where nothing did.
 */
static size_t way_in(const struct trail_stack *stack)
{
	size_t after = 0;

	for (size_t i = 0; i < stack->n; i++)
		if (is(&stack->steps[i], "panic") || is(&stack->steps[i], "vpanic") ||
		    is(&stack->steps[i], "crash_kexec"))
			after = i + 1;
	return after;
}

/* The first function from @i on that a trap interrupted; n if none. */
static size_t trapped(const struct trail_stack *stack, size_t i)
{
	while (i < stack->n && !stack->steps[i].trapped)
		i++;
	return i;
}

/* Is @function between @i and the first trap? */
static bool passes(const struct trail_stack *stack, size_t i, const char *function)
{
	for (size_t end = trapped(stack, i); i < end; i++)
		if (is(&stack->steps[i], function))
			return true;
	return false;
}

/* ---- the cause ----------------------------------------------------------- */

/* What was read of the text that the log is of, NULL when the log is a dump's. */
static const struct trail_text_read *text_of_log(const struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_texts; i++)
		if (&b->facts->texts[i].log == b->timeline->log)
			return &b->reads[i];
	return NULL;
}

/*
 * The last record that holds @text, up to the panic line, or the first of
 * those that were written in one go: of many tasks that hang the first one
 * listed is older, and more like the next time.
 */
static bool find_report(const struct trail_builder *b, const char *text, size_t *ret)
{
	const struct trail_log_facts *log = b->timeline->log;
	const struct trail_timeline *t = b->timeline;
	const struct trail_text_read *read = text_of_log(b);
	const struct trail_record *found = NULL;
	bool oops = read && read->has_oops && !read->has_panic;

	for (size_t i = t->has_panic_record ? t->panic_record + 1
			: oops		    ? read->oops + 1
					    : log->n;
	     i-- > 0;) {
		const struct trail_record *r = &log->records[i];
		if (found &&
		    (r->ts_nsec == TRAIL_NO_TIME || r->ts_nsec + ONE_REPORT_NS < found->ts_nsec))
			break;
		if (r->facility || !trail_text_has(r->text, r->length, text))
			continue;
		found = r;
		*ret = i;
	}
	return found;
}

/*
 * The stack behind that record: what comes from the panic line on is another,
 * unless it is the record.  With @trap the first one that a trap is on: RCU
 * lists a thread of its own that is starved before the CPU that starves it.
 */
static struct trail_stack printed_stack(struct trail_builder *b, const char *text, bool trap)
{
	const struct trail_timeline *t = b->timeline;
	struct trail_stack first = { 0 }, stack;
	size_t i;

	if (!find_report(b, text, &i))
		return first;
	size_t end = t->has_panic_record && i < t->panic_record ? t->panic_record
								: b->timeline->log->n;
	/* what goes wrong behind it has a stack of its own */
	for (size_t k = i + 1; k < end; k++)
		if (trail_is_oops_line(&b->timeline->log->records[k]))
			end = k;
	for (i++; i < end;) {
		i = trail_log_stack(b, i, end, &stack);
		if (!first.n)
			first = stack;
		if (!trap || trapped(&stack, 0) < stack.n)
			return stack;
	}
	return first;
}

static enum trail_part part_of(const struct trail_step *step, bool stuck)
{
	const struct trail_part_row *row = trail_part_rows;

	while (row->function && !is(step, row->function))
		row++;
	if (!row->function || (row->part == TRAIL_PART_WAIT && !stuck))
		return TRAIL_PART_BUG;
	return row->part;
}

/*
 * Where something is stuck: not in an interrupt that was caught on its way in
 * or out, or in the timer's tick.  What an interrupt serves may be.
 */
static size_t past_interrupts(const struct trail_stack *stack, size_t i)
{
	for (size_t end; (end = trapped(stack, i + 1)) < stack->n; i = end) {
		enum trail_part part = TRAIL_PART_BUG;
		for (size_t k = i; k < end && part != TRAIL_PART_IRQ && part != TRAIL_PART_GROUND;
		     k++)
			part = part_of(&stack->steps[k], true);
		if (part != TRAIL_PART_IRQ)
			break;
	}
	return i;
}

/* The functions of the bug from @i on; false when the stack ends before it can be told. */
static bool add_functions(struct signature *s, const struct trail_stack *stack, size_t i,
			  bool stuck)
{
	size_t n = 0;
	const char *last = NULL;

	for (; n < FUNCTIONS && i < stack->n; i++) {
		const struct trail_step *step = &stack->steps[i];
		enum trail_part part = part_of(step, stuck);

		/* what was interrupted is not to blame for what interrupted it */
		if (n && (step->trapped || part == TRAIL_PART_GROUND || part == TRAIL_PART_IRQ))
			return true;
		if (part == TRAIL_PART_PLUMBING || part == TRAIL_PART_WAIT)
			continue;
		const char *name = name_of(s->b, step->function, step->module);
		if (trail_streq(name, last)) /* it calls itself */
			continue;
		add(s, name);
		last = name;
		n++;
		if (part != TRAIL_PART_BUG)
			return true;
	}
	return n == FUNCTIONS || (n && stack->whole);
}

/* Did the panic of a text come out of the oops before it? */
static bool text_oopsed(const struct trail_builder *b)
{
	const struct trail_text_read *text = text_of_log(b);

	return text && text->has_panic && text->has_cpu_line && text->cpu_line < text->panic;
}

/* The stack that panic() printed: up to what another report begins with. */
static struct trail_stack head_stack(struct trail_builder *b, const struct trail_text_read *text)
{
	size_t end = text->cpu_line + 1;
	struct trail_stack stack;

	while (end < text->end && !trail_begins_report(&b->timeline->log->records[end]))
		end++;
	trail_log_stack(b, text->cpu_line, end, &stack);
	return stack;
}

/* The cause by the stack that @row names, NULL if that does not tell it. */
static const char *cause_by(struct trail_builder *b, const struct trail_bug_row *row,
			    const struct trail_stack *own, const char *class)
{
	struct signature s = { .b = b, .text = "", .hash = TRAIL_FNV_START };
	size_t caller = way_in(own);

	/* of a panic that an oops led to no stack is printed */
	if (row->through && !passes(own, caller, row->through) && !text_oopsed(b))
		return NULL;
	if (row->where == TRAIL_BUG_CALLER && !caller)
		return NULL;
	struct trail_stack stack = row->log ? printed_stack(b, row->log,
							    row->where == TRAIL_BUG_PRINTED_TRAP)
					    : *own;
	size_t i = way_in(&stack), trap = trapped(&stack, i);
	if (row->where == TRAIL_BUG_TRAPPED ||
	    (row->where == TRAIL_BUG_PRINTED_TRAP && trap < stack.n))
		i = trap;
	if (row->stuck)
		i = past_interrupts(&stack, i);
	add(&s, row->word ? row->word : class);
	return add_functions(&s, &stack, i, row->stuck) ? finish(&s) : NULL;
}

static const char *cause_of(struct trail_builder *b)
{
	const struct trail_timeline *t = b->timeline;
	const struct trail_cpu_facts *cpu = trail_facts_cpu(b->facts, t->cpu);
	const struct trail_text_read *text = text_of_log(b);
	struct trail_stack own = { 0 };
	const char *class = t->trigger;
	bool has_own_row = false;

	/* an oops is the same bug whatever became of it */
	if (trail_streq(class, "unknown") && text && text->has_oops && !text->has_panic)
		class = "oops";
	if (trail_streq(class, "none") || trail_streq(class, "unknown"))
		return NULL;
	if (text && text->has_panic && text->has_cpu_line && text->cpu_line > text->panic)
		own = head_stack(b, text);
	else if (cpu) {
		own = own_stack(b, cpu, false);
		if (!way_in(&own) && t->frontier == TRAIL_STAGE_DIRECT_KEXEC)
			own = own_stack(b, cpu, true);
	}
	for (const struct trail_bug_row *row = trail_bug_rows; row->class; row++) {
		bool any = trail_streq(row->class, "*");
		if (!fits(row->class, class, strlen(class)) || (any && has_own_row))
			continue;
		has_own_row |= !any;
		const char *cause = cause_by(b, row, &own, class);
		if (cause)
			return cause;
	}
	return NULL;
}

/* ---- the path ------------------------------------------------------------ */

/* The callback that had not returned: of a notifier, else of a dumper. */
static const char *callback_of(struct trail_builder *b)
{
	const struct trail_facts *facts = b->facts;

	for (size_t i = 0; i < facts->n_notifiers; i++)
		if (b->timeline->notifiers[i].outcome == TRAIL_CALL_IN_PROGRESS &&
		    facts->notifiers[i].function)
			return name_of(b, facts->notifiers[i].function, facts->notifiers[i].module);
	for (size_t i = 0; i < facts->n_dumpers; i++)
		if (b->timeline->dumpers[i].outcome == TRAIL_CALL_IN_PROGRESS &&
		    facts->dumpers[i].function)
			return name_of(b, facts->dumpers[i].function, facts->dumpers[i].module);
	return NULL;
}

static const char *path_of(struct trail_builder *b)
{
	const struct trail_timeline *t = b->timeline;
	struct signature s = { .b = b, .text = "", .hash = TRAIL_FNV_START };
	bool cut = false, awake = false, unknown = !b->facts->n_cpus;

	if (t->frontier == TRAIL_N_STAGES)
		return NULL;
	for (size_t i = 0; i < b->facts->n_notifiers; i++)
		cut |= t->notifiers[i].outcome == TRAIL_CALL_CUT_OFF;
	for (size_t i = 0; i < b->facts->n_cpus; i++) {
		awake |= t->cpus[i].outcome == TRAIL_CPU_NOT_STOPPED;
		unknown |= b->facts->cpus[i].cpu >= 0 && t->cpus[i].outcome == TRAIL_CPU_UNKNOWN;
	}
	const char *callback = callback_of(b), *name = trail_stage_names[t->frontier];
	add(&s, trail_point_names[t->point]);
	add(&s, t->frontier_exact ? name : trail_timeline_say(b, "past-%s", name));
	if (callback)
		add(&s, callback);
	if (cut)
		add(&s, "cut-off");
	if (awake || unknown)
		add(&s, awake ? "cpus-not-stopped" : "cpus-unknown");
	return finish(&s);
}

void trail_sign(struct trail_builder *b)
{
	b->timeline->cause = cause_of(b);
	b->timeline->path = path_of(b);
}
