// SPDX-License-Identifier: GPL-2.0
/*
 * sigwait.c - process-directed signals that a thread of the port's own waits for.
 *
 * Owns nothing and takes no lock. Not a signalfd: whoever polls one is woken by
 * every signal that the process gets, the virtual CPU's timer included.
 */
#include <uapi/linux/time_types.h>
#include <asm/host.h>
#include "sigset.h"
#include "syscall.h"

#define NSEC_IN_SEC	1000000000LL

void host_signal_hold(u64 mask)
{
	host_sigset_change(HOST_SIG_BLOCK, mask);
}

int host_signal_wait(u64 mask, s64 timeout_ns)
{
	struct __kernel_timespec limit = {
		.tv_sec = timeout_ns / NSEC_IN_SEC,
		.tv_nsec = timeout_ns % NSEC_IN_SEC,
	};

	return host_syscall4(__NR_rt_sigtimedwait, &mask, NULL, timeout_ns < 0 ? NULL : &limit,
			     sizeof(mask));
}
