/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unwind rows, call sites and pushed registers → frames; see unwind.h. */
#include "kernel/unwind.h"

#include "base/error.h"
#include "kernel/code.h"
#include "kernel/kernel.h"
#include "source/image.h"

enum { CALL_SITE_WORDS = 512 }; /* how far behind the stack pointer a call site is looked for */

/* Source: Linux arch/x86/include/asm/ptrace.h struct pt_regs. */
enum {
	PT_R13 = 2 * 8,
	PT_BP = 4 * 8,
	PT_R10 = 7 * 8,
	PT_DX = 12 * 8,
	PT_DI = 14 * 8,
	PT_IP = 16 * 8,
	PT_CS = 17 * 8,
	PT_SP = 19 * 8
};

struct state {
	struct trail_kernel *kernel;
	struct trail_cpu_registers r;
	bool signal; /* r.ip is an instruction that was interrupted, no return address */
	uint64_t slot;
	struct trail_unwind *out;
};

static bool read_word(struct state *s, uint64_t address, uint64_t *ret)
{
	struct trail_error *error = trail_kernel_words(s->kernel, address, ret, 1);
	bool good = !error;

	trail_error_free(error);
	return good;
}

/* Adds the frame of r.ip; false when the array is full or the address is no code. */
static bool add_frame(struct state *s, enum trail_unwind_how how)
{
	struct trail_unwind *out = s->out;

	if (out->n == TRAIL_UNWIND_MAX) {
		out->end = "more frames than are read";
		return false;
	}
	struct trail_unwind_frame *f = &out->frames[out->n];
	*f = (struct trail_unwind_frame){
		.address = s->r.ip, .slot = s->slot, .sp = s->r.sp, .how = how
	};
	/* a call that never returns may be the last instruction: look at the byte before */
	uint64_t inside = s->signal ? s->r.ip : s->r.ip - 1;
	f->named = trail_kernel_name(s->kernel, inside, &f->symbol, &f->offset);
	f->offset += inside != s->r.ip;
	if (!f->named) {
		out->end = "the address is no code that has a name";
		out->n += how == TRAIL_UNWIND_REGISTERS; /* where it was is worth showing */
		return false;
	}
	out->n++;
	return true;
}

bool trail_unwind_find_call(struct trail_kernel *kernel, uint64_t from, uint64_t to,
			    uint64_t callee, uint64_t *slot_ret)
{
	for (uint64_t slot = (from + 7) & ~UINT64_C(7); slot < to; slot += 8) {
		uint64_t word, target;
		struct trail_error *error = trail_kernel_words(kernel, slot, &word, 1);
		if (error) { /* a guard page, or one that is missing: go on behind it */
			trail_error_free(error);
			slot |= TRAIL_PAGE_SIZE - 8;
			continue;
		}
		if (word >= kernel->arch->kernel_start &&
		    trail_code_call_before(kernel, word, &target) && target == callee) {
			*slot_ret = slot;
			return true;
		}
	}
	return false;
}

/* Would bp lead from the frame at @s to a return address behind a call of its own function? */
static bool bp_leads_on(struct state *s, const struct trail_orc_entry *row, uint64_t bp,
			uint64_t function)
{
	uint64_t word, target, slot = bp + row->sp_offset - 8;

	if (bp % 8 || bp < s->r.sp || bp - s->r.sp > CALL_SITE_WORDS * 8 ||
	    !read_word(s, slot, &word) || word < s->kernel->arch->kernel_start)
		return false;
	if (trail_code_call_before(s->kernel, word, &target))
		return target == function;
	return trail_code_is_return_address(s->kernel, word);
}

/*
 * After a call site the frame pointer is not known: the function that was
 * left has no row that tells where it put it.  It is what it was before, or a
 * word that function pushed; the one that leads on is taken.
 */
static void find_bp(struct state *s, uint64_t pushed_from)
{
	struct trail_orc_entry row;
	const struct trail_unwind_frame *f = &s->out->frames[s->out->n - 1];
	struct trail_error *error = trail_cfi_row(&s->kernel->cfi, s->r.ip - 1, &row);

	if (error || row.sp_register != TRAIL_ORC_BP) {
		trail_error_free(error);
		return;
	}
	if (bp_leads_on(s, &row, s->r.bp, f->symbol.address))
		return;
	for (uint64_t slot = pushed_from; slot < s->slot; slot += 8) {
		uint64_t word;
		if (read_word(s, slot, &word) && bp_leads_on(s, &row, word, f->symbol.address)) {
			s->r.bp = word;
			return;
		}
	}
}

/* Leave a function that has no rows by the call that entered it. */
static bool step_call_site(struct state *s)
{
	const struct trail_unwind_frame *f = &s->out->frames[s->out->n - 1];
	uint64_t from = s->r.sp, slot;

	if (!trail_unwind_find_call(s->kernel, from, from + CALL_SITE_WORDS * 8, f->symbol.address,
				    &slot) ||
	    !read_word(s, slot, &s->r.ip)) {
		s->out->end = "the function has no unwind row and no call of it is on the stack";
		return false;
	}
	s->slot = slot;
	s->r.sp = slot + 8;
	s->signal = false;
	if (!add_frame(s, TRAIL_UNWIND_CALL_SITE))
		return false;
	find_bp(s, from);
	return true;
}

static bool base_of(struct state *s, const struct trail_orc_entry *row, uint64_t *ret)
{
	uint64_t sp = s->r.sp;

	switch (row->sp_register) {
	case TRAIL_ORC_SP:
		*ret = sp + row->sp_offset;
		return true;
	case TRAIL_ORC_BP:
		*ret = s->r.bp + row->sp_offset;
		return true;
	case TRAIL_ORC_SP_INDIRECT:
		if (!read_word(s, sp, ret))
			return false;
		*ret += row->sp_offset;
		return true;
	case TRAIL_ORC_BP_INDIRECT:
		return read_word(s, s->r.bp + row->sp_offset, ret);
	case TRAIL_ORC_R10:
		*ret = s->r.r10;
		return true;
	case TRAIL_ORC_R13:
		*ret = s->r.r13;
		return true;
	case TRAIL_ORC_DI:
		*ret = s->r.di;
		return true;
	case TRAIL_ORC_DX:
		*ret = s->r.dx;
		return true;
	default:
		return false;
	}
}

/* The registers of a struct pt_regs at @base; only ip, cs and sp where @partial. */
static bool read_trap(struct state *s, uint64_t base, bool partial)
{
	uint64_t cs, regs = partial ? base - PT_IP : base;

	struct trail_error *error = trail_kernel_read(s->kernel, regs + PT_CS, 8, false, &cs);
	bool has_cs = !error;

	trail_error_free(error);
	if (!has_cs || !read_word(s, regs + PT_IP, &s->r.ip) ||
	    !read_word(s, regs + PT_SP, &s->r.sp))
		return false;
	s->slot = regs + PT_IP;
	s->r.user = cs & 3;
	s->signal = true;
	if (partial)
		return true;
	return read_word(s, regs + PT_BP, &s->r.bp) && read_word(s, regs + PT_R10, &s->r.r10) &&
	       read_word(s, regs + PT_R13, &s->r.r13) && read_word(s, regs + PT_DX, &s->r.dx) &&
	       read_word(s, regs + PT_DI, &s->r.di);
}

static bool step_row(struct state *s, const struct trail_orc_entry *row)
{
	uint64_t base, bp = s->r.bp;
	bool trap = row->type == TRAIL_ORC_REGS || row->type == TRAIL_ORC_REGS_PARTIAL;

	s->out->end = "the stack could not be read where the row leads";
	if (!base_of(s, row, &base))
		return false;
	/* the saved frame pointer is counted from the caller's stack pointer, or from bp itself */
	bool has_bp = (row->bp_register == TRAIL_ORC_PREV_SP &&
		       read_word(s, base + row->bp_offset, &bp)) ||
		      (row->bp_register == TRAIL_ORC_BP &&
		       read_word(s, s->r.bp + row->bp_offset, &bp));
	if (trap) {
		if (!read_trap(s, base, row->type == TRAIL_ORC_REGS_PARTIAL))
			return false;
	} else {
		if (!read_word(s, base - 8, &s->r.ip))
			return false;
		s->slot = base - 8;
		s->r.sp = base;
		s->signal = false;
	}
	if (has_bp)
		s->r.bp = bp;
	s->out->end = NULL;
	if (trap && s->r.user) {
		s->out->whole = true;
		s->out->end = "it came from user space";
		return false;
	}
	return add_frame(s, trap ? TRAIL_UNWIND_TRAP : TRAIL_UNWIND_ROW);
}

static void unwind(struct state *s)
{
	while (!s->out->end) {
		struct trail_orc_entry row;
		uint64_t sp = s->r.sp, ip = s->r.ip;
		struct trail_error *error = trail_cfi_row(&s->kernel->cfi, s->signal ? ip : ip - 1,
							  &row);

		if (error) {
			s->out->end = error->code == TRAIL_ERROR_ABSENT
					      ? "no unwind row covers it"
					      : "the unwind row is not in the dump";
			trail_error_free(error);
			return;
		}
		if (row.type == TRAIL_ORC_END) {
			s->out->whole = true;
			s->out->end = "end of the stack";
			return;
		}
		if (!(row.type == TRAIL_ORC_NONE ? step_call_site(s) : step_row(s, &row)))
			return;
		/* a stack grows down: within one it must not come back, across stacks it cannot
		 * loop for ever */
		if (s->r.sp <= sp && (s->r.sp ^ sp) < s->kernel->arch->stack_size && !s->signal) {
			s->out->end = "the stack pointer goes backwards";
			return;
		}
	}
}

void trail_unwind_from(struct trail_kernel *kernel, const struct trail_cpu_registers *registers,
		       struct trail_unwind *ret)
{
	struct state s = { .kernel = kernel, .r = *registers, .signal = true, .out = ret };

	*ret = (struct trail_unwind){ 0 };
	if (registers->user) {
		ret->whole = true; /* nothing of the kernel is on its stack */
		ret->end = "it was in user space";
	} else if (add_frame(&s, TRAIL_UNWIND_REGISTERS))
		unwind(&s);
}

void trail_unwind_from_slot(struct trail_kernel *kernel, uint64_t slot, uint64_t bp,
			    struct trail_unwind *ret)
{
	struct state s = {
		.kernel = kernel, .r = { .sp = slot + 8, .bp = bp }, .slot = slot, .out = ret
	};

	*ret = (struct trail_unwind){ 0 };
	if (!read_word(&s, slot, &s.r.ip)) {
		ret->end = "the stack is not in the dump";
		return;
	}
	if (!add_frame(&s, TRAIL_UNWIND_CALL_SITE))
		return;
	find_bp(&s, slot);
	unwind(&s);
}
