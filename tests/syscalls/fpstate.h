/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fpstate.h - all vector and floating-point state that this CPU has, as bytes.
 *
 * fp_run() puts a state into the registers, does one thing that must not change
 * it, and takes it out again. Plain moves do that, not xsave: what the kernel
 * does with xsave is not to be checked by the same means.
 */
#ifndef TESTS_SYSCALLS_FPSTATE_H
#define TESTS_SYSCALLS_FPSTATE_H

#include "harness.h"
#include <assert.h>
#include <cpuid.h>

#define ARCH_REQ_XCOMP_PERM	0x1023
#define XFEATURE_TILEDATA	18

struct fpstate {
	unsigned char vec[32][64];	/* xmm, ymm or zmm */
	unsigned char tile[8][1024];
	unsigned long k[8];
	double st[8];
	unsigned int mxcsr;
	unsigned int cw;
} __aligned(64);

static_assert(offsetof(struct fpstate, tile) == 2048, "fp_run_asm() below");
static_assert(offsetof(struct fpstate, k) == 10240, "fp_run_asm() below");
static_assert(offsetof(struct fpstate, st) == 10304, "fp_run_asm() below");
static_assert(offsetof(struct fpstate, mxcsr) == 10368, "fp_run_asm() below");

enum { FP_SYSCALL, FP_SPIN, FP_UD2, FP_TOUCH };

/* what to do while the state is in the registers */
struct fp_op {
	long kind;
	long count;		/* how often */
	long nr, args[3];	/* FP_SYSCALL; FP_TOUCH: args[0] is where, a page each time */
	long result;		/* of the last call */
};

enum { FP_SSE, FP_AVX, FP_AVX512 };
__used static int fp_kind, fp_amx;

__used __aligned(64)
static const struct {
	unsigned char palette, start_row, reserved[14];
	unsigned short colsb[16];
	unsigned char rows[16];
} fp_tiles = {
	.palette = 1,
	.colsb = { 64, 64, 64, 64, 64, 64, 64, 64 },
	.rows = { 16, 16, 16, 16, 16, 16, 16, 16 },
};

void fp_run_asm(const struct fpstate *in, struct fpstate *out, struct fp_op *op);
/* the state as it is now; what this CPU has not is left alone */
void fp_store(struct fpstate *out);

__maybe_unused static void fp_run(const struct fpstate *in, struct fpstate *out, struct fp_op *op)
{
	memset(out, 0, sizeof(*out));
	fp_run_asm(in, out, op);
}

#define LIST8		"0,1,2,3,4,5,6,7"
#define LIST16		LIST8 ",8,9,10,11,12,13,14,15"
#define LIST32		LIST16 ",16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"
#define EACH(list, insn) "	.irp n," list "\n	" insn "\n	.endr\n"

asm("	.text\n"
	"	.globl fp_run_asm, fp_store\n"
	"fp_run_asm:\n"
	"	push %rbx\n	push %rbp\n	push %r12\n	push %r13\n	push %r14\n"
	"	mov %rdi, %rbx\n	mov %rsi, %r12\n	mov %rdx, %r13\n"
	"	fninit\n"
	EACH(LIST8, "fldl 10304+(7-\\n)*8(%rbx)")
	"	fldcw 10372(%rbx)\n"
	"	ldmxcsr 10368(%rbx)\n"
	"	cmpl $0, fp_amx(%rip)\n	je 1f\n"
	"	ldtilecfg fp_tiles(%rip)\n	mov $64, %eax\n"
	EACH(LIST8, "lea 2048+\\n*1024(%rbx), %rcx\n	tileloadd (%rcx,%rax,1), %tmm\\n")
	"1:	cmpl $1, fp_kind(%rip)\n	je 2f\n	ja 3f\n"
	EACH(LIST16, "movdqu \\n*64(%rbx), %xmm\\n")
	"	jmp 4f\n"
	"2:\n"
	EACH(LIST16, "vmovdqu \\n*64(%rbx), %ymm\\n")
	"	jmp 4f\n"
	"3:\n"
	EACH(LIST32, "vmovdqu64 \\n*64(%rbx), %zmm\\n")
	EACH(LIST8, "kmovq 10240+\\n*8(%rbx), %k\\n")
	"4:	mov 8(%r13), %r14\n"		/* count */
	"	mov 24(%r13), %rbp\n"		/* args[0] */
	"5:	mov (%r13), %rax\n"
	"	cmp $1, %rax\n	je 7f\n"
	"	cmp $2, %rax\n	je 6f\n"
	"	cmp $3, %rax\n	je 8f\n"
	"	mov 16(%r13), %rax\n"
	"	mov 24(%r13), %rdi\n	mov 32(%r13), %rsi\n	mov 40(%r13), %rdx\n"
	"	xor %r10d, %r10d\n	xor %r8d, %r8d\n	xor %r9d, %r9d\n"
	"	syscall\n	mov %rax, 48(%r13)\n	jmp 7f\n"
	"6:	ud2\n	jmp 7f\n"
	"8:	movb $1, (%rbp)\n	add $4096, %rbp\n"
	"7:	dec %r14\n	jnz 5b\n"
	"	mov %r12, %rdi\n"
	"	call fp_store\n"
	"	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbp\n	pop %rbx\n	ret\n"

	"fp_store:\n"
	"	stmxcsr 10368(%rdi)\n"
	"	fnstcw 10372(%rdi)\n	movw $0, 10374(%rdi)\n"
	"	cmpl $1, fp_kind(%rip)\n	je 2f\n	ja 3f\n"
	EACH(LIST16, "movdqu %xmm\\n, \\n*64(%rdi)")
	"	jmp 4f\n"
	"2:\n"
	EACH(LIST16, "vmovdqu %ymm\\n, \\n*64(%rdi)")
	"	jmp 4f\n"
	"3:\n"
	EACH(LIST32, "vmovdqu64 %zmm\\n, \\n*64(%rdi)")
	EACH(LIST8, "kmovq %k\\n, 10240+\\n*8(%rdi)")
	"4:\n"
	EACH(LIST8, "fstpl 10304+\\n*8(%rdi)")
	"	cmpl $0, fp_amx(%rip)\n	je 5f\n	mov $64, %eax\n"
	EACH(LIST8, "lea 2048+\\n*1024(%rdi), %rcx\n	tilestored %tmm\\n, (%rcx,%rax,1)")
	"	tilerelease\n"
	"5:	pushq $0x1f80\n	ldmxcsr (%rsp)\n	add $8, %rsp\n"
	"	fninit\n	ret\n");

/* by every thread again: none may see a value that is not the last */
static void fp_probe(void)
{
	unsigned int a, b, c, d, lo, hi;
	int kind = FP_SSE;

	__cpuid(1, a, b, c, d);
	if (!(c & bit_OSXSAVE))
		return;
	asm volatile("xgetbv" : "=a" (lo), "=d" (hi) : "c" (0));
	if ((c & bit_AVX) && (lo & 6) == 6)
		kind = FP_AVX;
	if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
		fp_kind = kind;
		return;
	}
	if ((b & bit_AVX512F) && (b & bit_AVX512BW) && (lo & 0xe6) == 0xe6)
		kind = FP_AVX512;
	fp_kind = kind;
	/* tiles need the kernel's permission */
	fp_amx = (d & (1 << 24)) && (lo & 0x60000) == 0x60000 &&
		 !syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_TILEDATA);
}

/* a state that differs in every byte from that of any other @seed */
static void fp_fill(struct fpstate *s, unsigned long seed)
{
	static const int vectors[] = { 16, 16, 32 }, width[] = { 16, 32, 64 };
	__u64 r = seed * 0x9e3779b97f4a7c15 + 1;
	int i, k;

	fp_probe();
	memset(s, 0, sizeof(*s));
	for (i = 0; i < vectors[fp_kind]; i++)
		for (k = 0; k < width[fp_kind]; k++)
			s->vec[i][k] = next_random(&r);
	for (i = 0; fp_amx && i < 8; i++)
		for (k = 0; k < 1024; k++)
			s->tile[i][k] = next_random(&r);
	for (i = 0; fp_kind == FP_AVX512 && i < 8; i++)
		s->k[i] = next_random(&r);
	for (i = 0; i < 8; i++)
		s->st[i] = (double)(next_random(&r) >> 12);
	s->mxcsr = 0x1f80 | (seed & 3) << 13;	/* rounding */
	s->cw = 0x37f | (seed & 3) << 10;
}

/* what differs, in words; NULL: nothing. Flags of inexact results do not count */
__maybe_unused static const char *fp_differs(const struct fpstate *a, const struct fpstate *b)
{
	static __thread char text[64];
	int i;

	for (i = 0; i < 32; i++) {
		int at = 0;

		if (!memcmp(a->vec[i], b->vec[i], 64))
			continue;
		while (a->vec[i][at] == b->vec[i][at])
			at++;
		snprintf(text, sizeof(text), "vector register %d from byte %d", i, at);
		return text;
	}
	for (i = 0; i < 8; i++) {
		const char *what = NULL;

		if (memcmp(a->tile[i], b->tile[i], 1024))
			what = "tile";
		else if (a->k[i] != b->k[i])
			what = "mask register";
		else if (a->st[i] != b->st[i])
			what = "x87 register";
		if (!what)
			continue;
		snprintf(text, sizeof(text), "%s %d", what, i);
		return text;
	}
	if ((a->mxcsr ^ b->mxcsr) & ~0x3f)
		return "mxcsr";
	return a->cw != b->cw ? "x87 control word" : NULL;
}

#define CHECK_FP(a, b, what) do {						\
	const char *d_ = fp_differs(a, b);					\
										\
	if (d_)									\
		FAIL("%s: %s", what, d_);					\
} while (0)

#endif
