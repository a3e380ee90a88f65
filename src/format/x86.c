/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64 instruction bytes → length, kind and target; see x86.h. */
#include "format/x86.h"

#include "base/cursor.h"

/*
 * What follows an opcode, one letter each, sixteen a line:
 *   .  nothing        m  ModRM            b  byte            w  2 bytes
 *   z  2 or 4 bytes   v  2, 4 or 8        B  ModRM and byte  Z  ModRM and z
 *   r  relative byte  R  relative 4       o  address, 8 or 4  e  enter: 2 + 1
 *   g  ModRM, and b when its reg field is 0 or 1 (test); G the same with z
 *   p  a prefix, or the way to another map
 *   x  no instruction in 64-bit mode
 * Source: Intel SDM volume 2, tables.  Covered by tests/unit/test_x86.c.
 */
/* clang-format off */
static const char one_byte[] =
	"mmmmbzxx" "mmmmbzxp"	/* 00 */
	"mmmmbzxx" "mmmmbzxx"
	"mmmmbzpx" "mmmmbzpx"
	"mmmmbzpx" "mmmmbzpx"
	"pppppppp" "pppppppp"	/* 40: REX */
	"........" "........"
	"xxpmpppp" "zZbB...."	/* 60: 62 EVEX, 63 movslq, 64-67 prefixes */
	"rrrrrrrr" "rrrrrrrr"
	"BZxBmmmm" "mmmmmmmm"	/* 80 */
	"........" "..x....."
	"oooo...." "bz......"	/* a0 */
	"bbbbbbbb" "vvvvvvvv"
	"BBw.ppBZ" "e.w..bx."	/* c0: c4, c5 VEX */
	"mmmmxxx." "mmmmmmmm"
	"rrrrbbbb" "RRxr...."	/* e0 */
	"p.pp..gG" "......mm";

static const char two_byte[] =
	"mmmmx..." "..x.xm.B"	/* 00: 05 syscall, 0b ud2, 0d prefetch, 0f 3DNow! */
	"mmmmmmmm" "mmmmmmmm"
	"mmmmxxxx" "mmmmmmmm"
	"......x." "pxpxxxxx"	/* 30: 38, 3a other maps */
	"mmmmmmmm" "mmmmmmmm"
	"mmmmmmmm" "mmmmmmmm"
	"mmmmmmmm" "mmmmmmmm"
	"BBBBmmm." "mmmmmmmm"	/* 70: 77 emms */
	"RRRRRRRR" "RRRRRRRR"
	"mmmmmmmm" "mmmmmmmm"
	"...mBmmm" "...mBmmm"	/* a0: a6, a7 of VIA, in padlock drivers */
	"mmmmmmmm" "mmBmmmmm"
	"mmBmBBBm" "........"	/* c0: c8 bswap */
	"mmmmmmmm" "mmmmmmmm"
	"mmmmmmmm" "mmmmmmmm"
	"mmmmmmmm" "mmmmmmmm";
/* clang-format on */

struct state {
	struct trail_cursor c;
	bool operand16, address32, wide; /* prefix 66, 67, REX.W */
	char follows;
	struct trail_x86_insn *insn;
};

static uint8_t peek(const struct state *s)
{
	return trail_cursor_left(&s->c) ? s->c.data[s->c.pos] : 0;
}

static void read_prefixes(struct state *s)
{
	for (;;) {
		uint8_t b = peek(s);
		if (b == 0x66)
			s->operand16 = true;
		else if (b == 0x67)
			s->address32 = true;
		else if (b != 0xf0 && b != 0xf2 && b != 0xf3 && b != 0x2e && b != 0x36 &&
			 b != 0x3e && b != 0x26 && b != 0x64 && b != 0x65)
			break;
		trail_cursor_u8(&s->c);
	}
	while ((peek(s) & 0xf0) == 0x40 && trail_cursor_ok(&s->c)) /* the last REX counts */
		s->insn->rex = trail_cursor_u8(&s->c);
	s->wide = s->insn->rex & 8;
}

/* VEX and EVEX name the map in their first byte, or mean the two-byte one. */
static void read_vector_opcode(struct state *s, uint8_t prefix)
{
	unsigned map = 1;

	if (prefix != 0xc5)
		map = trail_cursor_u8(&s->c) & (prefix == 0x62 ? 7 : 0x1f);
	trail_cursor_skip(&s->c, prefix == 0x62 ? 2 : 1);
	uint8_t op = trail_cursor_u8(&s->c);
	s->insn->opcode = 0xffff;
	s->follows = map == 3 ? 'B' : map == 1 && two_byte[op] == 'B' ? 'B' : 'm';
	if (map == 1 && op == 0x77 && prefix != 0x62)
		s->follows = '.';
	if (!map || map > 6 || map == 4)
		s->follows = 'x';
}

static void read_opcode(struct state *s)
{
	uint8_t op = trail_cursor_u8(&s->c);

	if (op == 0xc4 || op == 0xc5 || op == 0x62) {
		read_vector_opcode(s, op);
	} else if (op != 0x0f) {
		s->insn->opcode = op;
		s->follows = one_byte[op];
	} else {
		op = trail_cursor_u8(&s->c);
		s->insn->opcode = 0x0f00 | op;
		s->follows = two_byte[op];
		if (op == 0x38 || op == 0x3a) {
			s->insn->opcode = 0xffff;
			s->follows = op == 0x38 ? 'm' : 'B';
			trail_cursor_u8(&s->c);
		}
	}
}

/* ModRM, SIB and displacement; gives the place of an ip-relative displacement, else 0. */
static int32_t read_modrm(struct state *s)
{
	uint8_t modrm = trail_cursor_u8(&s->c), mod = modrm >> 6, rm = modrm & 7;

	s->insn->modrm = modrm;
	if (mod == 3)
		return 0;
	uint8_t base = rm == 4 ? trail_cursor_u8(&s->c) & 7 : rm;
	if (mod == 0 && rm == 5) {
		s->insn->ip_relative = true;
		return (int32_t)trail_cursor_u32(&s->c);
	}
	if (mod == 2 || (mod == 0 && base == 5))
		trail_cursor_skip(&s->c, 4);
	else if (mod == 1)
		trail_cursor_skip(&s->c, 1);
	return 0;
}

static void read_immediate(struct state *s, size_t width)
{
	uint64_t raw = trail_cursor_uint(&s->c, width);

	s->insn->has_immediate = true;
	s->insn->immediate = width == 1	  ? (int8_t)raw
			     : width == 2 ? (int16_t)raw
			     : width == 4 ? (int32_t)raw
					  : (int64_t)raw;
}

static void read_rest(struct state *s)
{
	size_t z = s->operand16 ? 2 : 4;

	switch (s->follows) {
	case 'b':
	case 'B':
	case 'r':
		read_immediate(s, 1);
		break;
	case 'w':
		read_immediate(s, 2);
		break;
	case 'z':
	case 'Z':
		read_immediate(s, z);
		break;
	case 'v':
		read_immediate(s, s->wide ? 8 : z);
		break;
	case 'R':
		read_immediate(s, 4);
		break;
	case 'o':
		trail_cursor_skip(&s->c, s->address32 ? 4 : 8);
		break;
	case 'e':
		trail_cursor_skip(&s->c, 3);
		break;
	case 'g':
	case 'G':
		if (!(s->insn->modrm & 0x30))
			read_immediate(s, s->follows == 'g' ? 1 : z);
		break;
	}
}

static enum trail_x86_kind kind_of(const struct trail_x86_insn *insn)
{
	unsigned op = insn->opcode, reg = insn->modrm >> 3 & 7;

	if (op == 0xe8)
		return TRAIL_X86_CALL;
	if (op == 0xe9 || op == 0xeb)
		return TRAIL_X86_JUMP;
	if ((op >= 0x70 && op <= 0x7f) || (op >= 0x0f80 && op <= 0x0f8f) ||
	    (op >= 0xe0 && op <= 0xe3))
		return TRAIL_X86_JUMP_IF;
	if (op == 0xff && (reg == 2 || reg == 3))
		return TRAIL_X86_CALL_INDIRECT;
	if (op == 0xff && (reg == 4 || reg == 5))
		return TRAIL_X86_JUMP_INDIRECT;
	if (op == 0xc2 || op == 0xc3 || op == 0xca || op == 0xcb || op == 0xcf || op == 0x0f07 ||
	    op == 0x0f35) /* sysret and sysexit too */
		return TRAIL_X86_RETURN;
	if (op == 0xcc || op == 0x0f0b || op == 0x0fb9 || op == 0x0fff)
		return TRAIL_X86_TRAP;
	return TRAIL_X86_PLAIN;
}

bool trail_x86_decode(const uint8_t *bytes, size_t n, uint64_t address, struct trail_x86_insn *ret)
{
	struct trail_x86_insn insn = { 0 };
	struct state s = { .c = trail_cursor_over(bytes, TRAIL_MIN(n, (size_t)TRAIL_X86_MAX),
						  address, "instruction", false),
			   .insn = &insn };
	int32_t displacement = 0;

	read_prefixes(&s);
	read_opcode(&s);
	if (s.follows == 'x' || s.follows == 'p')
		return false;
	if (strchr("mBZgG", s.follows))
		displacement = read_modrm(&s);
	read_rest(&s);
	if (!trail_cursor_ok(&s.c))
		return false;
	insn.length = s.c.pos;
	insn.kind = kind_of(&insn);
	uint64_t next = address + insn.length;
	if (insn.ip_relative)
		insn.memory = next + (int64_t)displacement;
	if (insn.kind == TRAIL_X86_CALL || insn.kind == TRAIL_X86_JUMP ||
	    insn.kind == TRAIL_X86_JUMP_IF)
		insn.target = next + insn.immediate;
	*ret = insn;
	return true;
}
