// SPDX-License-Identifier: GPL-2.0
/*
 * ptrace.c - tracing other host tasks, and waiting for them.
 *
 * Owns nothing and takes no lock. A tracee may be touched by the very host
 * thread that attached to it, and by no other.
 */
#include <asm/host.h>
#include "syscall.h"

long host_ptrace(long request, int pid, unsigned long addr, unsigned long data)
{
	return host_syscall4(__NR_ptrace, request, pid, addr, data);
}

int host_wait(int pid, int *status, int options)
{
	return host_syscall4(__NR_wait4, pid, status, options, 0);
}
