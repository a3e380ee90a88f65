/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's instructions → who is called, what comes next, what is returned; see code.h. */
#include "kernel/code.h"

#include <stdlib.h>

#include "base/error.h"
#include "format/x86.h"
#include "kernel/kernel.h"
#include "source/image.h"

enum {
	FUNCTION_MAX = 64 * 1024,
	STEPS_MAX = 16 * 1024,
	CALL_LENGTH = 5,
	CALL_MAX = 7,
	RETURN_PATHS = 64
};

/* The bytes of a function. */
struct function {
	uint64_t start;
	size_t size;
	uint8_t *bytes;
	uint8_t *seen; /* by offset: bits of what was visited there */
};

static void function_fini(struct function *f)
{
	free(f->bytes);
	free(f->seen);
}

static bool read_function(struct trail_kernel *kernel, uint64_t address, struct function *f)
{
	struct trail_symbol symbol;
	uint64_t offset;

	if (!trail_kernel_name(kernel, address, &symbol, &offset) || !symbol.size ||
	    symbol.size > FUNCTION_MAX || offset >= symbol.size || !strchr("tTwW", symbol.type))
		return false;
	f->start = symbol.address;
	f->size = symbol.size;
	f->bytes = malloc(f->size);
	f->seen = calloc(f->size, 1);
	if (!f->bytes || !f->seen)
		return false;
	struct trail_error *error = trail_image_read(kernel->image, f->start, f->bytes, f->size);
	bool good = !error;
	trail_error_free(error);
	return good;
}

static bool decode(const struct function *f, uint64_t address, struct trail_x86_insn *ret)
{
	uint64_t offset = address - f->start;

	return offset < f->size &&
	       trail_x86_decode(f->bytes + offset, f->size - offset, address, ret);
}

/* Is an instruction of that kind all that lies in the @length bytes before @address?  Other bytes
 * than that may be data, and are not kept. */
static bool is_before(struct trail_kernel *kernel, uint64_t address, size_t length,
		      enum trail_x86_kind kind, struct trail_x86_insn *insn_ret)
{
	uint8_t bytes[CALL_MAX];
	struct trail_error *error = trail_image_look(kernel->image, address - length, bytes,
						     length);

	if (error) {
		trail_error_free(error);
		return false;
	}
	if (!trail_x86_decode(bytes, length, address - length, insn_ret) ||
	    insn_ret->kind != kind || insn_ret->length != length)
		return false;
	trail_image_keep(kernel->image, address - length, bytes, length);
	return true;
}

bool trail_code_call_before(struct trail_kernel *kernel, uint64_t address, uint64_t *target_ret)
{
	struct trail_x86_insn insn;

	if (!is_before(kernel, address, CALL_LENGTH, TRAIL_X86_CALL, &insn))
		return false;
	*target_ret = insn.target;
	return true;
}

bool trail_code_is_return_address(struct trail_kernel *kernel, uint64_t address)
{
	uint64_t target;

	if (trail_code_call_before(kernel, address, &target))
		return true;
	/* call *reg up to call *disp32(base,index) */
	for (size_t length = 2; length <= CALL_MAX; length++) {
		struct trail_x86_insn insn;
		if (is_before(kernel, address, length, TRAIL_X86_CALL_INDIRECT, &insn))
			return true;
	}
	return false;
}

/* Marks the first of @wanted on every path; an explicit stack of places still to follow. */
static bool follow(struct function *f, uint64_t address, const uint64_t *wanted, size_t n_wanted,
		   bool *first)
{
	uint64_t todo[RETURN_PATHS];
	size_t n = 0, steps = 0;

	todo[n++] = address;
	while (n) {
		struct trail_x86_insn insn;
		for (uint64_t at = todo[--n]; at - f->start < f->size && !f->seen[at - f->start];
		     at += insn.length) {
			if (++steps > STEPS_MAX || !decode(f, at, &insn))
				return false;
			f->seen[at - f->start] = 1;
			size_t w = 0;
			while (insn.kind == TRAIL_X86_CALL && w < n_wanted &&
			       wanted[w] != insn.target)
				w++;
			if (insn.kind == TRAIL_X86_CALL && w < n_wanted) {
				first[w] = true;
				break;
			}
			if (insn.kind == TRAIL_X86_JUMP || insn.kind == TRAIL_X86_JUMP_IF) {
				if (n == TRAIL_ARRAY_SIZE(todo))
					return false;
				todo[n++] = insn.target;
			}
			if (insn.kind == TRAIL_X86_JUMP_INDIRECT)
				return false;
			if (insn.kind == TRAIL_X86_JUMP || insn.kind == TRAIL_X86_RETURN ||
			    insn.kind == TRAIL_X86_TRAP)
				break;
		}
	}
	return true;
}

bool trail_code_calls_next(struct trail_kernel *kernel, uint64_t address, const uint64_t *wanted,
			   size_t n_wanted, uint64_t *next_ret, size_t *n_ret)
{
	TRAIL_CLEANUP(function_fini) struct function f = { 0 };
	bool first[64] = { false };
	size_t n = 0;

	if (n_wanted > TRAIL_ARRAY_SIZE(first) || !read_function(kernel, address, &f) ||
	    !follow(&f, address, wanted, n_wanted, first))
		return false;
	for (size_t w = 0; w < n_wanted && n < TRAIL_CODE_NEXT_MAX; w++)
		if (first[w])
			next_ret[n++] = wanted[w];
	*n_ret = n;
	return true;
}

bool trail_code_calls(struct trail_kernel *kernel, uint64_t function, const uint64_t *wanted,
		      size_t n_wanted, bool *ret)
{
	TRAIL_CLEANUP(function_fini) struct function f = { 0 };
	struct trail_x86_insn insn;

	if (!read_function(kernel, function, &f))
		return false;
	*ret = false;
	for (uint64_t at = f.start; decode(&f, at, &insn); at += insn.length)
		for (size_t w = 0; insn.kind == TRAIL_X86_CALL && w < n_wanted; w++)
			*ret |= insn.target == wanted[w];
	return true;
}

/* What eax holds, as far as the last constant moved into it tells. */
enum value { VALUE_UNKNOWN = 1, VALUE_MASK = 2, VALUE_OTHER = 4 };

struct path {
	uint64_t at;
	enum value value;
};

enum { REX_B = 1, REX_R = 4 };

/* Is the register operand of ModRM's reg field, or of its rm field, eax? */
static bool reg_is_eax(const struct trail_x86_insn *i)
{
	return !(i->modrm >> 3 & 7) && !(i->rex & REX_R);
}

static bool rm_is_eax(const struct trail_x86_insn *i)
{
	return i->modrm >> 6 == 3 && !(i->modrm & 7) && !(i->rex & REX_B);
}

/* Any part of eax; ah is the fifth byte register where there is no REX. */
static bool rm_is_part_of_eax(const struct trail_x86_insn *i)
{
	return rm_is_eax(i) || (i->modrm >> 6 == 3 && (i->modrm & 7) == 4 && !i->rex);
}

/*
 * May the instruction change eax?  Only what is known not to does not: the
 * common moves, arithmetic, compares and stack operations of compiled code.
 */
static bool may_write_eax(const struct trail_x86_insn *i)
{
	unsigned op = i->opcode, low = op & 7, field = i->modrm >> 3 & 7;

	if (i->kind != TRAIL_X86_PLAIN)
		return i->kind == TRAIL_X86_CALL || i->kind == TRAIL_X86_CALL_INDIRECT;
	if ((op >= 0x38 && op <= 0x3d) || op == 0x84 || op == 0x85 || op == 0xa8 || op == 0xa9)
		return false;			    /* cmp, test */
	if (op == 0x80 || op == 0x81 || op == 0x83) /* arithmetic with a constant; 7 is cmp */
		return field != 7 && rm_is_part_of_eax(i);
	if (op < 0x38 && low < 2) /* add, or, adc, sbb, and, sub, xor into rm */
		return rm_is_part_of_eax(i);
	if (op < 0x38 && (low == 2 || low == 3))
		return low == 2 ? true : reg_is_eax(i);
	if (op == 0x88 || op == 0x89 || op == 0xc6 || op == 0xc7) /* mov into rm */
		return rm_is_part_of_eax(i);
	if (op == 0x8b || op == 0x8d || op == 0x63 || op == 0x0fb6 || op == 0x0fb7 ||
	    op == 0x0fbe || op == 0x0fbf)
		return reg_is_eax(i); /* mov, lea, movzx, movsx */
	if (op >= 0x50 && op <= 0x57)
		return false;					      /* push */
	if ((op >= 0x58 && op <= 0x5f) || (op >= 0xb8 && op <= 0xbf)) /* pop, mov constant */
		return !low && !(i->rex & REX_B);
	/* nop, leave, cli, sti, endbr, long nop, prefetch */
	return !(op == 0x90 || op == 0xc9 || op == 0xfa || op == 0xfb || op == 0x0f1e ||
		 op == 0x0f1f || op == 0x0f18);
}

static enum value value_after(const struct trail_x86_insn *insn, enum value before, uint32_t mask)
{
	if (insn->opcode == 0xb8 && !(insn->rex & REX_B)) /* mov $…,%eax */
		return (uint32_t)insn->immediate & mask ? VALUE_MASK : VALUE_OTHER;
	if ((insn->opcode == 0x31 || insn->opcode == 0x33) && rm_is_eax(insn) &&
	    reg_is_eax(insn)) /* xor %eax,%eax */
		return VALUE_OTHER;
	return may_write_eax(insn) ? VALUE_UNKNOWN : before;
}

/* The kernel's return thunk counts as a return: a jump out of the function with one of its names.
 */
static bool is_return(struct trail_kernel *kernel, const struct function *f,
		      const struct trail_x86_insn *insn)
{
	struct trail_symbol symbol;
	uint64_t offset;

	if (insn->kind == TRAIL_X86_RETURN)
		return true;
	return insn->kind == TRAIL_X86_JUMP && insn->target - f->start >= f->size &&
	       trail_kernel_name(kernel, insn->target, &symbol, &offset) && !offset &&
	       strstr(symbol.name, "return_thunk");
}

/* Follows every path and collects what eax can hold at the returns; 0 when it cannot be followed.
 */
static unsigned values_returned(struct trail_kernel *kernel, struct function *f, uint64_t address,
				uint32_t mask)
{
	struct path todo[RETURN_PATHS];
	size_t n = 0, steps = 0;
	unsigned values = 0;

	todo[n++] = (struct path){ address, VALUE_UNKNOWN };
	while (n) {
		struct path p = todo[--n];
		struct trail_x86_insn insn;
		for (; p.at - f->start < f->size && !(f->seen[p.at - f->start] & p.value);
		     p.at += insn.length) {
			if (++steps > STEPS_MAX || !decode(f, p.at, &insn))
				return 0;
			f->seen[p.at - f->start] |= p.value;
			p.value = value_after(&insn, p.value, mask);
			if (is_return(kernel, f, &insn)) {
				values |= p.value;
				break;
			}
			bool jumps = insn.kind == TRAIL_X86_JUMP || insn.kind == TRAIL_X86_JUMP_IF;
			if (jumps && insn.target - f->start >= f->size)
				values |= VALUE_UNKNOWN; /* goes on in another function */
			else if (jumps && n == TRAIL_ARRAY_SIZE(todo))
				return 0;
			else if (jumps)
				todo[n++] = (struct path){ insn.target, p.value };
			if (insn.kind == TRAIL_X86_JUMP_INDIRECT)
				values |=
					VALUE_UNKNOWN; /* a table of places that is not followed */
			if (insn.kind == TRAIL_X86_JUMP || insn.kind == TRAIL_X86_JUMP_INDIRECT ||
			    insn.kind == TRAIL_X86_TRAP)
				break;
		}
	}
	return values;
}

/* Is there any constant with a bit of the mask and nothing above it, whatever is done with it? */
static bool has_constant(const struct function *f, uint64_t address, uint32_t mask)
{
	struct trail_x86_insn insn;

	for (uint64_t at = address; decode(f, at, &insn); at += insn.length)
		if (insn.has_immediate && insn.kind == TRAIL_X86_PLAIN && insn.immediate >= mask &&
		    insn.immediate < 2 * (int64_t)mask)
			return true;
	return false;
}

enum trail_code_returns trail_code_returns(struct trail_kernel *kernel, uint64_t address,
					   uint32_t mask)
{
	TRAIL_CLEANUP(function_fini) struct function f = { 0 };

	if (!read_function(kernel, address, &f))
		return TRAIL_CODE_RETURNS_UNKNOWN;
	unsigned values = values_returned(kernel, &f, address, mask);
	if (values == VALUE_MASK)
		return TRAIL_CODE_RETURNS_MASK;
	if (has_constant(&f, address, mask))
		return TRAIL_CODE_RETURNS_MAYBE;
	return values == VALUE_OTHER ? TRAIL_CODE_RETURNS_OTHER : TRAIL_CODE_RETURNS_UNKNOWN;
}

bool trail_code_first_compare(struct trail_kernel *kernel, uint64_t address, uint64_t *memory_ret)
{
	TRAIL_CLEANUP(function_fini) struct function f = { 0 };
	struct trail_x86_insn insn;

	if (!read_function(kernel, address, &f))
		return false;
	for (uint64_t at = address; decode(&f, at, &insn); at += insn.length) {
		unsigned reg = insn.modrm >> 3 & 7;
		bool compare = (insn.opcode >= 0x38 && insn.opcode <= 0x3b) ||
			       ((insn.opcode == 0x80 || insn.opcode == 0x81 ||
				 insn.opcode == 0x83) &&
				reg == 7);
		bool load = insn.opcode == 0x8b; /* mov var(%rip),%reg; test %reg,%reg */
		if (insn.ip_relative && (compare || load)) {
			*memory_ret = insn.memory;
			return true;
		}
		if (insn.kind == TRAIL_X86_RETURN)
			return false;
	}
	return false;
}
