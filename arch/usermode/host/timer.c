// SPDX-License-Identifier: GPL-2.0
/*
 * timer.c - one-shot timers that signal the host thread that made them.
 *
 * Owns nothing; a timer belongs to its thread's virtual CPU, which alone arms
 * it. No locks, any context.
 */
#include <uapi/asm-generic/siginfo.h>
#include <uapi/linux/time.h>
#include <uapi/linux/time_types.h>
#include <asm/host.h>
#include "syscall.h"

int host_timer_create(void)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = HOST_SIG_TIMER,
		._sigev_un._tid = host_gettid(),
	};
	int id, err;

	err = host_syscall3(__NR_timer_create, CLOCK_MONOTONIC, &event, &id);
	return err ? err : id;
}

int host_timer_set(int id, u64 deadline)
{
	struct __kernel_itimerspec when = {
		.it_value.tv_sec = deadline / 1000000000,
		.it_value.tv_nsec = deadline % 1000000000,
	};

	return host_syscall4(__NR_timer_settime, id, TIMER_ABSTIME, &when, 0);
}

int host_timer_delete(int id)
{
	return host_syscall1(__NR_timer_delete, id);
}
