/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86_64 instructions, as far as following the flow of code needs: the length,
 * whether it calls, jumps, returns or traps, and where to; immediates and
 * addresses relative to the instruction pointer.  No operands beyond that.
 */
#ifndef TRAIL_FORMAT_X86_H
#define TRAIL_FORMAT_X86_H

#include "base/base.h"

enum { TRAIL_X86_MAX = 15 }; /* bytes of an instruction */

enum trail_x86_kind {
	TRAIL_X86_PLAIN,
	TRAIL_X86_CALL,		 /* target is known */
	TRAIL_X86_CALL_INDIRECT, /* through a register or memory */
	TRAIL_X86_JUMP,
	TRAIL_X86_JUMP_IF, /* conditional; also loops */
	TRAIL_X86_JUMP_INDIRECT,
	TRAIL_X86_RETURN,
	TRAIL_X86_TRAP, /* does not go on: ud2, int3 */
};

struct trail_x86_insn {
	uint8_t length;
	enum trail_x86_kind kind;
	uint64_t target; /* of a direct call or jump */
	uint16_t opcode; /* 0x0f in the high byte for the two-byte map; 0xffff for longer ones */
	uint8_t modrm;	 /* 0 when there is none */
	uint8_t rex;	 /* 0 when there is none; of VEX and EVEX nothing */
	bool has_immediate;
	int64_t immediate; /* sign-extended */
	bool ip_relative;  /* has a memory operand relative to the next instruction */
	uint64_t memory;   /* its address */
};

/**
 * Decode the instruction at @bytes, whose address is @address.
 *
 * @n  bytes that may be read
 * False when it does not fit or is no instruction of 64-bit mode.
 * Source: Intel SDM volume 2, appendix A (opcode maps).
 */
bool trail_x86_decode(const uint8_t *bytes, size_t n, uint64_t address, struct trail_x86_insn *ret);

#endif
