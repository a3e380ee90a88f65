/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trail → cause and path; see signature.h. */
#include "timeline/signature.h"

#include <inttypes.h>

#include "timeline/evidence.h"

enum {
	FUNCTIONS = 3, /* of the bug; more of them tell builds apart, not bugs */
	NAME_SHOWN = 48,
};

/*
 * What of a stack is no part of the bug.  A row is a function and its part;
 * the first that fits wins.  To add one, check that every panic of its kind
 * passes through it.  Covered by tests/unit/test_signature.c.
 */
/* clang-format off */
const struct trail_part_row trail_part_rows[] = {
	{ "panic",                     TRAIL_PART_PLUMBING, "kernel/panic.c" },
	{ "vpanic",                    TRAIL_PART_PLUMBING, "kernel/panic.c; since v6.15" },
	{ "nmi_panic",                 TRAIL_PART_PLUMBING, "kernel/panic.c" },
	{ "crash_kexec",               TRAIL_PART_PLUMBING, "kernel/kexec_core.c" },
	{ "__crash_kexec",             TRAIL_PART_PLUMBING, "kernel/kexec_core.c" },
	{ "oops_end",                  TRAIL_PART_PLUMBING, "arch/x86/kernel/dumpstack.c" },
	{ "die",                       TRAIL_PART_PLUMBING, "arch/x86/kernel/dumpstack.c" },
	{ "die_addr",                  TRAIL_PART_PLUMBING, "arch/x86/kernel/dumpstack.c" },
	{ "__die",                     TRAIL_PART_PLUMBING, "arch/x86/kernel/dumpstack.c" },
	{ "page_fault_oops",           TRAIL_PART_PLUMBING, "arch/x86/mm/fault.c" },
	{ "check_panic_on_warn",       TRAIL_PART_PLUMBING, "kernel/panic.c; since v6.2, stable 6.1" },
	{ "__warn",                    TRAIL_PART_PLUMBING, "kernel/panic.c" },
	{ "warn_slowpath_fmt",         TRAIL_PART_PLUMBING, "kernel/panic.c; architectures without a trap for it" },
	{ "__warn_printk",             TRAIL_PART_PLUMBING, "kernel/panic.c" },
	{ "report_bug",                TRAIL_PART_PLUMBING, "lib/bug.c" },
	{ "handle_bug",                TRAIL_PART_PLUMBING, "arch/x86/kernel/traps.c" },
	{ "exc_*",                     TRAIL_PART_PLUMBING, "arch/x86/kernel/traps.c, mm/fault.c, nmi.c; DEFINE_IDTENTRY" },
	{ "end_repeat_nmi",            TRAIL_PART_PLUMBING, "arch/x86/entry/entry_64.S asm_exc_nmi(), entered from the kernel" },
	{ "repeat_nmi",                TRAIL_PART_PLUMBING, "arch/x86/entry/entry_64.S asm_exc_nmi()" },
	{ "first_nmi",                 TRAIL_PART_PLUMBING, "arch/x86/entry/entry_64.S asm_exc_nmi()" },
	{ "asm_*",                     TRAIL_PART_PLUMBING, "arch/x86/entry/entry_64.S idtentry" },
	{ "__handle_sysrq",            TRAIL_PART_LAST,     "drivers/tty/sysrq.c; from a keyboard, a serial line or /proc" },
	{ "kthread",                   TRAIL_PART_GROUND,   "kernel/kthread.c" },
	{ "ret_from_fork*",            TRAIL_PART_GROUND,   "arch/x86/entry/entry_64.S" },
	{ "worker_thread",             TRAIL_PART_GROUND,   "kernel/workqueue.c" },
	{ "do_syscall_64",             TRAIL_PART_GROUND,   "arch/x86/entry/common.c" },
	{ "x64_sys_call",              TRAIL_PART_GROUND,   "arch/x86/entry/syscall_64.c; since v6.9" },
	{ "entry_SYSCALL_64*",         TRAIL_PART_GROUND,   "arch/x86/entry/entry_64.S" },
	{ "do_*_syscall_32*",          TRAIL_PART_GROUND,   "arch/x86/entry/common.c" },
	{ "entry_SYSENTER_compat*",    TRAIL_PART_GROUND,   "arch/x86/entry/entry_64_compat.S" },
	{ "entry_INT80_compat*",       TRAIL_PART_GROUND,   "arch/x86/entry/entry_64_compat.S" },
	{ "do_idle",                   TRAIL_PART_GROUND,   "kernel/sched/idle.c" },
	{ "cpu_startup_entry",         TRAIL_PART_GROUND,   "kernel/sched/idle.c" },
	{ "start_secondary",           TRAIL_PART_GROUND,   "arch/x86/kernel/smpboot.c" },
	{ "start_kernel",              TRAIL_PART_GROUND,   "init/main.c" },
	{ "secondary_startup_64*",     TRAIL_PART_GROUND,   "arch/x86/kernel/head_64.S" },
	{ NULL },
};

/*
 * Classes whose bug is where a trap hit: the names begin at the frame that it
 * interrupted.  An oops is the same bug whether panic_on_oops was set, a crash
 * kernel was loaded or an interrupt was served.  To add a class, add a row.
 * Covered by tests/unit/test_signature.c.
 */
const struct trail_trapped_row trail_trapped_rows[] = {
	{ "oops",             "oops",           NULL, NULL, "arch/x86/kernel/dumpstack.c oops_end()" },
	{ "oops-irq",         "oops",           NULL, NULL, "arch/x86/kernel/dumpstack.c oops_end()" },
	{ "oops-crash-kexec", "oops",           NULL, NULL, "arch/x86/kernel/dumpstack.c oops_end()" },
	{ "double-fault",     "double-fault",   NULL, NULL, "arch/x86/kernel/traps.c exc_double_fault()" },
	{ "stack-overflow",   "stack-overflow", NULL, NULL, "arch/x86/kernel/traps.c handle_stack_overflow()" },
	{ "panic-on-warn",    "panic-on-warn",  NULL, NULL, "kernel/panic.c __warn()" },
	{ "warn-limit",       "panic-on-warn",  NULL, NULL, "kernel/panic.c __warn()" },
	{ "softlockup",       "softlockup",     NULL, NULL, "kernel/watchdog.c watchdog_timer_fn(): on the CPU that is stuck" },
	{ "hardlockup",       "hardlockup",     "watchdog_overflow_callback", NULL, "kernel/watchdog_perf.c: on the CPU that is stuck; others are found by another CPU" },
	{ "rcu-stall",        "rcu-stall",      NULL, "self-detected stall on CPU", "kernel/rcu/tree_stall.h print_cpu_stall(); else another CPU found it" },
	{ NULL },
};
/* clang-format on */

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

/* "function" or "function@module"; what is of no C name becomes an underscore. */
static const char *name_of(struct trail_builder *b, const char *function, const char *module)
{
	char name[512];
	size_t n = 0;
	const char *parts[] = { function, module };
	const size_t lengths[] = { plain_length(function), module ? strlen(module) : 0 };

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

/* ---- the cause ----------------------------------------------------------- */

/* Does @name, of @n bytes, fit @pattern, where a * stands for any bytes? */
static bool fits(const char *pattern, const char *name, size_t n)
{
	if (!*pattern)
		return !n;
	if (*pattern == '*')
		return fits(pattern + 1, name, n) || (n && fits(pattern, name + 1, n - 1));
	return n && *pattern == *name && fits(pattern + 1, name + 1, n - 1);
}

static const struct trail_part_row *part_of(const struct trail_frame *f)
{
	const struct trail_part_row *row = trail_part_rows;

	if (f->module)
		return NULL;
	while (row->function && !fits(row->function, f->function, plain_length(f->function)))
		row++;
	return row->function ? row : NULL;
}

static bool log_holds(const struct trail_builder *b, const char *part)
{
	for (size_t i = 0; i < b->facts->log.n; i++)
		if (!b->facts->log.records[i].facility &&
		    trail_text_has(b->facts->log.records[i].text, b->facts->log.records[i].length,
				   part))
			return true;
	return false;
}

/*
 * The frame that called into the panic path, outermost: where panic() was
 * entered again from inside, the first time counts.  Without one the registers
 * that an oops gave to crash_kexec() are the first frame.
 */
static size_t way_in(const struct trail_cpu_facts *cpu, bool *found_ret)
{
	size_t after = 0;

	*found_ret = false;
	for (size_t i = 0; i < cpu->n_frames && cpu->frames[i].reliable; i++) {
		const struct trail_frame *f = &cpu->frames[i];
		if (f->module || !(trail_same_function(f->function, "panic") ||
				   trail_same_function(f->function, "vpanic") ||
				   trail_same_function(f->function, "crash_kexec")))
			continue;
		after = i + 1;
		*found_ret = true;
	}
	return after;
}

/* The first frame from @i on that a trap interrupted, with @through below it; n_frames if none. */
static size_t trapped(const struct trail_cpu_facts *cpu, size_t i, const char *through)
{
	bool passed = !through;

	for (; i < cpu->n_frames && cpu->frames[i].reliable; i++) {
		if (cpu->frames[i].how == TRAIL_FRAME_TRAP)
			return passed ? i : cpu->n_frames;
		passed |= trail_same_function(cpu->frames[i].function, through ? through : "");
	}
	return cpu->n_frames;
}

/* The functions of the bug; false when the stack ends before it can be told. */
static bool add_functions(struct signature *s, const struct trail_cpu_facts *cpu, size_t i,
			  bool in_trap)
{
	size_t n = 0;
	const char *last = NULL;

	for (size_t first = i; n < FUNCTIONS && i < cpu->n_frames; i++) {
		const struct trail_frame *f = &cpu->frames[i];
		if (!f->reliable || !f->function)
			return false;
		/* what panic()'s caller interrupted is not to blame for it */
		if (!in_trap && i > first && f->how == TRAIL_FRAME_TRAP)
			return n;
		const struct trail_part_row *row = part_of(f);
		if (row && row->part == TRAIL_PART_GROUND)
			return n;
		if (row && row->part == TRAIL_PART_PLUMBING)
			continue;
		const char *name = name_of(s->b, f->function, f->module);
		if (trail_streq(name, last)) /* it calls itself */
			continue;
		add(s, name);
		last = name;
		n++;
		if (row)
			return true;
	}
	return n == FUNCTIONS || (n && cpu->stack_whole);
}

static const char *cause_of(struct trail_builder *b)
{
	const struct trail_timeline *t = b->timeline;
	const struct trail_cpu_facts *cpu = trail_facts_cpu(b->facts, t->cpu);
	const struct trail_trapped_row *row = trail_trapped_rows;
	struct signature s = { .b = b, .text = "", .hash = TRAIL_FNV_START };
	bool found;

	if (!cpu || trail_streq(t->trigger, "none") || trail_streq(t->trigger, "unknown"))
		return NULL;
	while (row->class && !trail_streq(row->class, t->trigger))
		row++;
	add(&s, row->class ? row->word : t->trigger);
	size_t i = way_in(cpu, &found), trap = cpu->n_frames;
	if (row->class && (!row->log || log_holds(b, row->log)))
		trap = trapped(cpu, i, row->function);
	if (trap < cpu->n_frames)
		return add_functions(&s, cpu, trap, true) ? finish(&s) : NULL;
	/* the registers of the oops itself, where crash_kexec() stands no more */
	bool straight = !found && t->frontier == TRAIL_STAGE_DIRECT_KEXEC && cpu->n_frames &&
			cpu->frames[0].how == TRAIL_FRAME_REGISTERS;
	return (found || straight) && add_functions(&s, cpu, i, straight) ? finish(&s) : NULL;
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
