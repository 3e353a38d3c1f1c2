// SPDX-License-Identifier: GPL-2.0
/*
 * insn.c - does the instruction that faulted store?
 *
 * A tracer is told the address of a fault but not its error code. Most faults
 * explain themselves (trap_ptrace.c); the rest is first touches of memory, where
 * taking a store for a load costs a second fault, and taking a load for a store
 * would be an error. So this knows the instructions that certainly store to their
 * memory operand, and calls everything else unknown. Pure functions.
 */
#include <asm/guest_regs.h>
#include "insn.h"

struct insn {
	const u8 *code;
	unsigned int len;	/* known bytes */
	unsigned int at;	/* of them used */
	bool cut;
	bool operand16;
	bool address32;
	u8 rep;			/* F2, F3 or 0 */
	u8 rex;
	u8 map;			/* 0: one byte; 1: 0F; 2: 0F38; 3: 0F3A */
	bool vector;		/* VEX or EVEX */
	u8 opcode;
	u8 modrm;
};

/* A byte of a bit for each opcode 8n..8n+7, as the memory operand of which is written */
typedef const u8 opcode_set[32];

static bool in(opcode_set set, u8 opcode)
{
	return set[opcode >> 3] >> (opcode & 7) & 1;
}

/*
 * One-byte opcodes: add, or, adc, sbb, and, sub, xor r->m; xchg, mov, mov from
 * segment register, shifts, mov imm
 */
static opcode_set stores0 = {
	[0x00 >> 3] = 0x03, [0x08 >> 3] = 0x03, [0x10 >> 3] = 0x03, [0x18 >> 3] = 0x03,
	[0x20 >> 3] = 0x03, [0x28 >> 3] = 0x03, [0x30 >> 3] = 0x03,
	[0x80 >> 3] = 0xc0,			/* xchg 86 87 */
	[0x88 >> 3] = 0x13,			/* mov 88 89, 8c */
	[0xc0 >> 3] = 0xc3,			/* shifts c0 c1, mov c6 c7 */
	[0xd0 >> 3] = 0x0f,			/* shifts d0-d3 */
};

/* 0F: moves from vector registers, setcc, shld, shrd, bit operations, cmpxchg, xadd */
static opcode_set stores1 = {
	[0x10 >> 3] = 0x8a,			/* 11 13 17 */
	[0x28 >> 3] = 0x0a,			/* 29 2b */
	[0x78 >> 3] = 0x80,			/* 7f */
	[0x90 >> 3] = 0xff, [0x98 >> 3] = 0xff,	/* setcc */
	[0xa0 >> 3] = 0x30,			/* shld a4 a5 */
	[0xa8 >> 3] = 0x38,			/* bts ab, shrd ac ad */
	[0xb0 >> 3] = 0x0b,			/* cmpxchg b0 b1, btr b3 */
	[0xb8 >> 3] = 0x08,			/* btc bb */
	[0xc0 >> 3] = 0x0b,			/* xadd c0 c1, movnti c3 */
	[0xd0 >> 3] = 0x40,			/* d6 */
	[0xe0 >> 3] = 0x80,			/* e7 */
};

/* VEX, EVEX of map 1 */
static opcode_set stores1v = {
	[0x10 >> 3] = 0x8a, [0x28 >> 3] = 0x0a, [0x78 >> 3] = 0x80,
	[0xd0 >> 3] = 0x40, [0xe0 >> 3] = 0x80,
};

/* 0F38: masked moves 2e 2f 8e, scatters a0-a3 (VEX, EVEX) */
static opcode_set stores2v = {
	[0x28 >> 3] = 0xc0, [0x88 >> 3] = 0x40, [0xa0 >> 3] = 0x0f,
};

/* 0F3A: pextr 14-17; extract 19 1b 39 3b, vcvtps2ph 1d */
static opcode_set stores3 = { [0x10 >> 3] = 0xf0 };
static opcode_set stores3v = { [0x10 >> 3] = 0xf0, [0x18 >> 3] = 0x2a, [0x38 >> 3] = 0x0a };

static u8 take(struct insn *insn)
{
	if (insn->at >= insn->len) {
		insn->cut = true;
		return 0;
	}
	return insn->code[insn->at++];
}

static u8 take_prefixes(struct insn *insn)
{
	for (;;) {
		u8 byte = take(insn);

		if ((byte & 0xf0) == 0x40) {
			insn->rex = byte;
			continue;
		}
		switch (byte) {
		case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65: case 0xf0:
			break;
		case 0x66:
			insn->operand16 = true;
			break;
		case 0x67:
			insn->address32 = true;
			break;
		case 0xf2: case 0xf3:
			insn->rep = byte;
			break;
		default:
			return byte;
		}
		/* it counts only right before the opcode */
		insn->rex = 0;
	}
}

/* bytes of an immediate that is as large as the operand, but for its upper half */
static unsigned int immediate_size(const struct insn *insn)
{
	return insn->operand16 && !(insn->rex & 8) ? 2 : 4;
}

/* the prefix that a vector instruction's pp field stands for */
static u8 vector_rep(u8 byte)
{
	static const u8 rep[4] = { 0, 0, 0xf3, 0xf2 };

	return rep[byte & 3];
}

static void take_opcode(struct insn *insn)
{
	u8 byte = take_prefixes(insn);

	insn->opcode = byte;
	if (byte == 0xc5) {
		insn->rep = vector_rep(take(insn));
		insn->map = 1;
	} else if (byte == 0xc4) {
		insn->map = take(insn) & 0x1f;
		insn->rep = vector_rep(take(insn));
	} else if (byte == 0x62) {
		insn->map = take(insn) & 7;
		insn->rep = vector_rep(take(insn));
		take(insn);
	} else if (byte == 0x0f) {
		insn->map = 1;
		insn->opcode = take(insn);
		if (insn->opcode == 0x38)
			insn->map = 2;
		else if (insn->opcode == 0x3a)
			insn->map = 3;
		if (insn->map > 1)
			insn->opcode = take(insn);
		return;
	} else {
		return;
	}
	insn->vector = true;
	insn->opcode = take(insn);
}

/* opcodes that a field of the next byte completes */
static bool group_stores(const struct insn *insn)
{
	unsigned int field = insn->modrm >> 3 & 7;

	if (insn->map == 1) {
		switch (insn->opcode) {
		case 0x7e:			/* movd, movq; F3 is a load */
			return insn->rep != 0xf3;
		case 0xae:			/* fxsave, stmxcsr, xsave, xsaveopt */
			return !insn->rep && !insn->operand16 && (0x59 >> field & 1);
		case 0xba:			/* bts, btr, btc */
			return field >= 5;
		case 0xc7:			/* cmpxchg16b, xsavec */
			return field == 1 || field == 4;
		}
		return false;
	}
	if (insn->map == 2)
		return (insn->opcode == 0xf1 && insn->rep != 0xf2) ||	/* movbe */
		       insn->opcode == 0xf9;				/* movdiri */
	if (insn->map)
		return false;

	switch (insn->opcode) {
	case 0x80: case 0x81: case 0x83:	/* all but cmp */
		return field != 7;
	case 0xf6: case 0xf7:			/* not, neg */
		return field == 2 || field == 3;
	case 0xfe: case 0xff:			/* inc, dec */
		return field <= 1;
	case 0xd9:				/* fst, fstp, fnstenv, fnstcw */
		return 0xcc >> field & 1;
	case 0xdb:				/* fisttp, fist, fistp, fstp */
		return 0x8e >> field & 1;
	case 0xdd:				/* fisttp, fst, fstp, fnsave, fnstsw */
		return 0xce >> field & 1;
	case 0xdf:				/* fisttp, fist, fistp, fbstp, fistp */
		return 0xce >> field & 1;
	}
	return false;
}

static bool operand_stores(const struct insn *insn)
{
	bool v = insn->vector;

	if (insn->map == 0 && !v && in(stores0, insn->opcode))
		return true;
	if (insn->map == 1 && in(v ? stores1v : stores1, insn->opcode))
		return !(insn->opcode == 0xd6 && insn->rep);
	if (insn->map == 2 && v && in(stores2v, insn->opcode))
		return true;
	if (insn->map == 3 && in(v ? stores3v : stores3, insn->opcode))
		return true;
	return (!v || insn->opcode == 0x7e) && group_stores(insn);
}

static bool within(unsigned long addr, unsigned long at, unsigned long len)
{
	return addr - at < len;
}

/* where a push or a call stores */
static bool below_sp(const struct guest_regs *regs, unsigned long addr)
{
	return within(addr, regs->pt.sp - 8, 8);
}

/* instructions without a modrm byte */
static bool implicit_store(const struct insn *insn, const struct guest_regs *regs,
			   unsigned long addr)
{
	unsigned long di = insn->address32 ? (u32)regs->pt.di : regs->pt.di;
	u8 op = insn->opcode;

	if (insn->vector)
		return false;
	if (insn->map == 1)
		return (op == 0xa0 || op == 0xa8) && below_sp(regs, addr); /* push fs, gs */
	if (insn->map)
		return false;

	switch (op) {
	case 0x50 ... 0x57: case 0x68: case 0x6a: case 0x9c: case 0xc8: case 0xe8:
		return below_sp(regs, addr);
	case 0xa2: case 0xa3:					/* mov to absolute */
		return true;
	case 0xa4: case 0xa5: case 0xaa: case 0xab:		/* movs, stos */
		return within(addr, di, 8);
	}
	return false;
}

/* push and call through memory also load: where was the fault? */
static bool below_push(const struct insn *insn, const struct guest_regs *regs,
		       unsigned long addr)
{
	return !insn->map && !insn->vector && insn->opcode == 0xff &&
	       (insn->modrm >> 3 & 7) >= 2 && below_sp(regs, addr);
}

/* from the modrm byte, which was taken, to the end */
static unsigned int rest(struct insn *insn)
{
	unsigned int mod = insn->modrm >> 6, rm = insn->modrm & 7;
	unsigned int n = 0;
	u8 base = 0;

	if (mod != 3 && rm == 4)
		base = take(insn) & 7;
	if (mod == 1)
		n += 1;
	else if (mod == 2 || (!mod && (rm == 5 || (rm == 4 && base == 5))))
		n += 4;

	if (insn->map == 3)
		return n + 1;
	switch (insn->map << 8 | insn->opcode) {
	case 0x80: case 0x83: case 0xc0: case 0xc1: case 0xc6:
	case 0x1a4: case 0x1ac: case 0x1ba:
		return n + 1;
	case 0x81: case 0xc7:
		return n + immediate_size(insn);
	}
	return n;
}

/* of an instruction without modrm, what follows the opcode */
static unsigned int immediate(const struct insn *insn)
{
	switch (insn->opcode) {
	case 0x68:
		return immediate_size(insn);
	case 0x6a:
		return 1;
	case 0xc8:
		return 3;
	case 0xe8:
		return 4;
	case 0xa2: case 0xa3:
		return insn->address32 ? 4 : 8;
	}
	return 0;
}

bool insn_stores(const u8 *code, unsigned int len, const struct guest_regs *regs,
		 unsigned long addr, unsigned int *length)
{
	struct insn insn = { .code = code, .len = len };

	take_opcode(&insn);
	if (insn.cut)
		return false;
	if (implicit_store(&insn, regs, addr)) {
		*length = insn.at + (insn.map ? 0 : immediate(&insn));
		return true;
	}

	insn.modrm = take(&insn);
	if (insn.cut)
		return false;
	if (!below_push(&insn, regs, addr) && (insn.modrm >= 0xc0 || !operand_stores(&insn)))
		return false;
	*length = rest(&insn);
	*length += insn.at;
	return !insn.cut;
}
