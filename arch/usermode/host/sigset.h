/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sigset.h - the calling host thread's signal mask.
 *
 * A mask is a u64 with bit (signal - 1), as rt_sigprocmask(2) takes it. These
 * calls cannot fail. Any host thread, any context.
 */
#ifndef __USERMODE_HOST_SIGSET_H
#define __USERMODE_HOST_SIGSET_H

#include "syscall.h"

/* SIG_BLOCK ... of asm-generic/signal-defs.h, which the kernel's own headers hide */
#define HOST_SIG_BLOCK		0
#define HOST_SIG_UNBLOCK	1
#define HOST_SIG_SETMASK	2

/* @how with @set; returns the mask before */
static inline u64 host_sigset_change(int how, u64 set)
{
	u64 old = 0;

	host_syscall4(__NR_rt_sigprocmask, how, &set, &old, sizeof(set));
	return old;
}

static inline u64 host_sigset_block_all(void)
{
	return host_sigset_change(HOST_SIG_SETMASK, ~0ULL);
}

static inline void host_sigset_restore(u64 old)
{
	host_sigset_change(HOST_SIG_SETMASK, old);
}

/* where a handler returns to, as sa_restorer: rt_sigreturn. It has no caller (signal.c) */
void host_sigreturn(void);

#endif /* __USERMODE_HOST_SIGSET_H */
