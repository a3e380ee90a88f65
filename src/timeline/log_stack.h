/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of the kernel log → the stack that the kernel printed there: of a
 * task that hung, of a CPU that another one found stuck, of an oops whose own
 * stack is gone.
 */
#ifndef TRAIL_TIMELINE_LOG_STACK_H
#define TRAIL_TIMELINE_LOG_STACK_H

#include "base/base.h"

struct trail_builder;

/** A function of a stack. */
struct trail_step {
	const char *function;
	const char *module; /* NULL for the kernel itself */
	bool trapped;	    /* a trap interrupted it, or hit what it called: no code with a name */
};

/** A stack, innermost function first. */
struct trail_stack {
	struct trail_step *steps;
	size_t n;
	bool whole; /* down to the first function of the task */
};

/**
 * The first stack in the records from @first to before @end.  What the kernel
 * marks as not reliable is left out; a hole in the log ends it.
 *
 * @ret  in the timeline's pool; empty where there is none
 *
 * Gives the record to go on from: @end where nothing follows, else after @first.
 *
 * Source: Linux arch/x86/kernel/dumpstack.c show_trace_log_lvl(), show_iret_regs();
 * arch/arm64/kernel/process.c __show_regs(), stacktrace.c; arch/powerpc/kernel/process.c
 * show_stack(), show_regs(); arch/riscv/kernel/process.c __show_regs();
 * arch/s390/kernel/dumpstack.c show_registers().
 */
size_t trail_log_stack(struct trail_builder *b, size_t first, size_t end, struct trail_stack *ret);

#endif
