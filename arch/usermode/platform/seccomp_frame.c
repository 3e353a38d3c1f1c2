// SPDX-License-Identifier: GPL-2.0
/*
 * seccomp_frame.c - signal frames that lie in memory which guest code can write.
 *
 * The layout is the host's: struct rt_sigframe of x86-64, with an FP state in
 * the standard XSAVE format. Pure functions; they read each byte of the signal
 * stack at most once, and nothing that they return makes more possible than
 * guest code could do by setting its own registers.
 */
#include <uapi/asm/sigcontext.h>
#include <uapi/asm/siginfo.h>
#include <uapi/linux/errno.h>
#include <asm/host.h>
#include "seccomp_frame.h"

/* the host's ucontext up to the registers; sizes and order are ABI */
struct frame_context {
	u64 flags;
	u64 link;
	u64 stack[3];
	struct sigcontext_64 mcontext;
};

/* the beginning of siginfo_t, for signals of the kernel's */
struct frame_info {
	s32 signo, err, code, pad;
	u64 addr;
};

#define XSAVE_HEADER	512	/* offset in an FP state */
#define XSAVE_HEAD	576	/* with which every FP state begins */
#define XSAVE_BV	(XSAVE_HEADER / 8)	/* u64s */
#define FX_MXCSR	6	/* u32s */
#define FX_SW		464	/* struct _fpx_sw_bytes */

/* is [@at, @at + @len) within the stack? */
static bool within(const struct seccomp_stack *stack, unsigned long at, unsigned long len)
{
	return at - stack->va < stack->bytes && len <= stack->bytes - (at - stack->va);
}

static const void *here(const struct seccomp_stack *stack, unsigned long at)
{
	return stack->at + (at - stack->va);
}

/* once, whatever the compiler would like: the source may change meanwhile */
static void copy_once(void *to, const void *from, unsigned long bytes)
{
	asm volatile("rep movsb" : "+D" (to), "+S" (from), "+c" (bytes) : : "memory");
}

void seccomp_fp_tame(void *fp, const struct seccomp_fp *limits)
{
	u32 *words = fp;
	u64 *longs = fp;
	int i;

	words[FX_MXCSR] &= limits->mxcsr_mask;
	longs[XSAVE_BV] &= limits->features;
	for (i = 1; i < 8; i++)
		longs[XSAVE_BV + i] = 0;
}

static int read_fp(const struct seccomp_stack *stack, unsigned long at,
		   const struct seccomp_fp *limits, void *fp, unsigned int *copied)
{
	struct _fpx_sw_bytes sw;
	unsigned int bytes;

	if (at % 64 || !within(stack, at, XSAVE_HEAD))
		return -EINVAL;
	copy_once(&sw, here(stack, at + FX_SW), sizeof(sw));
	bytes = sw.xstate_size;
	if (sw.magic1 != FP_XSTATE_MAGIC1 || bytes < XSAVE_HEAD || bytes > limits->bytes ||
	    !within(stack, at, bytes))
		return -EINVAL;
	*copied = bytes;
	if (!fp)
		return 0;
	copy_once(fp, here(stack, at), bytes);
	seccomp_fp_tame(fp, limits);
	return 0;
}

static void take_regs(struct pt_regs *regs, const struct sigcontext_64 *sc)
{
	*regs = (struct pt_regs) {
		.r15 = sc->r15, .r14 = sc->r14, .r13 = sc->r13, .r12 = sc->r12,
		.r11 = sc->r11, .r10 = sc->r10, .r9 = sc->r9, .r8 = sc->r8,
		.bp = sc->bp, .bx = sc->bx, .ax = sc->ax, .cx = sc->cx,
		.dx = sc->dx, .si = sc->si, .di = sc->di,
		.orig_ax = -1,
		.ip = sc->ip,
		.sp = sc->sp,
		.flags = (sc->flags & GUEST_FLAGS_MASK) | GUEST_FLAGS_FIXED,
		.cs = sc->cs == GUEST_CS32 ? GUEST_CS32 : GUEST_CS,
		.ss = GUEST_SS,
	};
}

int seccomp_frame_read(const struct seccomp_stack *stack, unsigned long info,
		       unsigned long context, const struct seccomp_fp *limits,
		       struct seccomp_frame *frame, void *fp)
{
	struct frame_context uc;
	struct frame_info si;
	int err;

	if (info % 8 || !within(stack, info, sizeof(si)) ||
	    context % 8 || !within(stack, context, sizeof(uc)))
		return -EINVAL;
	copy_once(&uc, here(stack, context), sizeof(uc));
	copy_once(&si, here(stack, info), sizeof(si));

	err = read_fp(stack, uc.mcontext.fpstate, limits, fp, &frame->fp_bytes);
	if (err)
		return err;
	take_regs(&frame->regs, &uc.mcontext);
	frame->trap = uc.mcontext.trapno;
	frame->error = uc.mcontext.err;
	frame->fault_addr = uc.mcontext.cr2;
	frame->code = si.code;
	frame->addr = si.addr;
	return 0;
}
