// SPDX-License-Identifier: GPL-2.0
/*
 * poll.c - wait for one descriptor; a second descriptor for an open file.
 *
 * Owns nothing and takes no lock. For threads that have one thing to wait for,
 * and for output that must be out before the program goes on; whoever can be
 * told later registers with the event thread (event.c).
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/fcntl.h>
#include <uapi/linux/poll.h>
#include <uapi/linux/time_types.h>
#include <asm/host.h>
#include "syscall.h"

#define NSEC_IN_SEC	1000000000LL

int host_dup(int fd)
{
	return host_syscall3(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 0);
}

int host_poll(int fd, int events, s64 timeout_ns)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	struct __kernel_timespec limit = {
		.tv_sec = timeout_ns / NSEC_IN_SEC,
		.tv_nsec = timeout_ns % NSEC_IN_SEC,
	};
	int n;

	n = host_syscall5(__NR_ppoll, &pfd, 1, timeout_ns < 0 ? NULL : &limit, NULL, 0);
	if (n <= 0)
		return n;
	if (pfd.revents & POLLNVAL)
		return -EBADF;
	if (pfd.revents & (POLLERR | POLLHUP))
		return events;
	return pfd.revents & events;
}
