/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers and a stack in memory → frames; each says how it was found. */
#ifndef TRAIL_KERNEL_UNWIND_H
#define TRAIL_KERNEL_UNWIND_H

#include "base/base.h"
#include "kernel/arch.h"
#include "source/symbols.h"

struct trail_error;
struct trail_kernel;

enum { TRAIL_UNWIND_MAX = 64 };

enum trail_unwind_how {
	TRAIL_UNWIND_REGISTERS, /* the instruction pointer that unwinding began with */
	TRAIL_UNWIND_CALL_SITE, /* found on the stack behind a direct call of the function below */
	TRAIL_UNWIND_ROW,	/* by an unwind row */
	TRAIL_UNWIND_TRAP,	/* registers that an exception pushed */
};

struct trail_unwind_frame {
	uint64_t address; /* instruction pointer, or return address */
	uint64_t slot;	  /* stack address that held it, 0 for registers */
	uint64_t sp;	  /* stack pointer of this frame: behind its return address */
	enum trail_unwind_how how;
	bool named;
	struct trail_symbol symbol;
	uint64_t offset;
};

struct trail_unwind {
	struct trail_unwind_frame frames[TRAIL_UNWIND_MAX]; /* innermost first */
	size_t n;
	bool whole;	 /* it came to the first frame of the task */
	const char *end; /* why it ended; static text */
};

/**
 * Unwind from a whole set of registers.
 *
 * The function that the kernel keeps out of its unwind tables (__crash_kexec)
 * is left by its call site: the first stack word that lies behind a direct
 * call of it.
 * Source: Linux arch/x86/kernel/unwind_orc.c unwind_next_frame().
 */
void trail_unwind_from(struct trail_kernel *kernel, const struct trail_cpu_registers *registers,
		       struct trail_unwind *ret);

/**
 * Unwind from the stack word at @slot, which is a return address.
 * @bp may be wrong: where a row needs it, one that leads on is looked for.
 */
void trail_unwind_from_slot(struct trail_kernel *kernel, uint64_t slot, uint64_t bp,
			    struct trail_unwind *ret);

/**
 * The first stack word in [@from, @to) that lies behind a direct call of the
 * function at @callee.  False when there is none.
 */
bool trail_unwind_find_call(struct trail_kernel *kernel, uint64_t from, uint64_t to,
			    uint64_t callee, uint64_t *slot_ret);

#endif
