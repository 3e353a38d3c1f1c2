// SPDX-License-Identifier: GPL-2.0
/*
 * alarm.c - alarms on the host's wall clock, and its jumps, as descriptors.
 *
 * Owns nothing and takes no lock. Any context.
 */
#include <uapi/linux/fcntl.h>
#include <uapi/linux/time.h>
#include <asm/host.h>
#include "syscall.h"

#define NSEC_IN_SEC	1000000000ULL
#define ABSOLUTE_TIME	1		/* TFD_TIMER_ABSTIME */
#define CANCEL_ON_SET	2		/* TFD_TIMER_CANCEL_ON_SET */
#define NEVER		0xffffffffffLL	/* seconds since the epoch */

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

int host_clock_watch(void)
{
	static const struct __kernel_itimerspec when = { .it_value = { .tv_sec = NEVER } };
	int fd = host_alarm_create();
	int err;

	if (fd < 0)
		return fd;
	err = host_syscall4(__NR_timerfd_settime, fd, ABSOLUTE_TIME | CANCEL_ON_SET, &when,
			    NULL);
	if (!err)
		return fd;
	host_close(fd);
	return err;
}

void host_clock_watch_clear(int fd)
{
	u64 count;

	/* it fails with ECANCELED, and watches on */
	host_read(fd, &count, sizeof(count));
}
