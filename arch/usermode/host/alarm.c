// SPDX-License-Identifier: GPL-2.0
/*
 * alarm.c - alarms on the host's wall clock, as descriptors.
 *
 * Owns nothing and takes no lock. Any context.
 */
#include <uapi/linux/fcntl.h>
#include <uapi/linux/time.h>
#include <asm/host.h>
#include "syscall.h"

#define NSEC_IN_SEC	1000000000ULL
#define ABSOLUTE_TIME	1		/* TFD_TIMER_ABSTIME */

int host_alarm_create(void)
{
	return host_syscall2(__NR_timerfd_create, CLOCK_REALTIME, O_CLOEXEC | O_NONBLOCK);
}

int host_alarm_set(int fd, u64 at)
{
	struct __kernel_itimerspec when = {
		.it_value = { .tv_sec = at / NSEC_IN_SEC, .tv_nsec = at % NSEC_IN_SEC },
	};

	return host_syscall4(__NR_timerfd_settime, fd, ABSOLUTE_TIME, &when, NULL);
}
