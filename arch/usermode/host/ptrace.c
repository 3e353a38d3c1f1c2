// SPDX-License-Identifier: GPL-2.0
/*
 * ptrace.c - tracing other host tasks, and waiting for them.
 *
 * Owns nothing and takes no lock. A tracee may be touched by the very host
 * thread that attached to it, and by no other.
 */
#include <uapi/asm/signal.h>
#include <asm/host.h>
#include "syscall.h"

/* struct kernel_sigaction of the raw call */
struct wait_sigaction {
	unsigned long handler;
	unsigned long flags;
	unsigned long restorer;
	u64 mask;
};

long host_ptrace(long request, int pid, unsigned long addr, unsigned long data)
{
	return host_syscall4(__NR_ptrace, request, pid, addr, data);
}

int host_wait(int pid, int *status, int options)
{
	return host_syscall4(__NR_wait4, pid, status, options, 0);
}

int host_wait_init(void)
{
	struct wait_sigaction act = { .flags = SA_NOCLDSTOP };	/* and SIG_DFL */

	return host_syscall4(__NR_rt_sigaction, SIGCHLD, &act, NULL, sizeof(act.mask));
}
