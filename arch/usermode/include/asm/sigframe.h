/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sigframe.h - what a signal handler finds on the guest's stack.
 *
 * From high to low addresses: the FP state (XSAVE, 64-byte aligned, the magic
 * number behind it), then this structure, whose address is 8 modulo 16.
 */
#ifndef __ASM_USERMODE_SIGFRAME_H
#define __ASM_USERMODE_SIGFRAME_H

#include <linux/linkage.h>
#include <linux/types.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/ucontext.h>

struct rt_sigframe {
	unsigned long restorer;		/* where the handler returns to */
	struct ucontext uc;
	struct siginfo info;		/* only with SA_SIGINFO */
};

/* bytes below the stack pointer that the ABI lets a function use */
#define SIGFRAME_RED_ZONE	128

/* largest frame, what AT_MINSIGSTKSZ says */
unsigned long get_sigframe_size(void);

asmlinkage long sys_rt_sigreturn(void);

#endif
