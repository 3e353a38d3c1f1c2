/* SPDX-License-Identifier: GPL-2.0 */
/*
 * seccomp_frame.h - signal frames that lie in memory which guest code can write.
 *
 * Every byte of a frame may be forged, and may change while it is read. What
 * comes out of seccomp_frame_read() has been copied once and then judged.
 */
#ifndef __USERMODE_PLATFORM_SECCOMP_FRAME_H
#define __USERMODE_PLATFORM_SECCOMP_FRAME_H

#include <linux/types.h>
#include <asm/guest_regs.h>

#define GUEST_CS32	0x23		/* of 32-bit code, to which guest code can jump */

/**
 * struct seccomp_stack - a signal stack
 * @va:		its lowest address in the guest's host process
 * @at:		the same memory here
 * @bytes:	its size
 */
struct seccomp_stack {
	unsigned long va;
	const char *at;
	unsigned long bytes;
};

/**
 * struct seccomp_frame - what a signal's handler was told
 * @regs:	the interrupted registers, all of them such as guest code may have;
 *		not its orig_ax
 * @trap, @error, @fault_addr: the x86 exception, if it was one
 * @code:	si_code: above 0 if the host's kernel made the signal
 * @addr:	si_addr
 * @fp_bytes:	of the FP state that was copied
 */
struct seccomp_frame {
	struct pt_regs regs;
	unsigned long trap, error, fault_addr;
	int code;
	unsigned long addr;
	unsigned int fp_bytes;
};

/**
 * struct seccomp_fp - what FP states may hold
 * @features:	what may be loaded
 * @mxcsr_mask:	bits of MXCSR that may be set
 * @bytes:	of memory for a state
 */
struct seccomp_fp {
	u64 features;
	u32 mxcsr_mask;
	unsigned int bytes;
};

/**
 * seccomp_frame_read - believe of a frame what can be believed
 * @stack:	where it must lie
 * @info:	the handler's second argument: address of its siginfo
 * @context:	the handler's third argument: address of its ucontext
 * @limits:	what FP states may hold
 * @frame:	where all else goes
 * @fp:		where the FP state goes, 64-byte aligned; or NULL: not wanted
 *
 * Return: 0; -EINVAL: that is no frame of the host's, and neither @frame nor
 * @fp holds anything then.
 */
int seccomp_frame_read(const struct seccomp_stack *stack, unsigned long info,
		       unsigned long context, const struct seccomp_fp *limits,
		       struct seccomp_frame *frame, void *fp);

/* make a copied FP state of @bytes such that loading it cannot fail */
void seccomp_fp_tame(void *fp, const struct seccomp_fp *limits);

#endif
