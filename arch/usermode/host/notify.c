// SPDX-License-Identifier: GPL-2.0
/*
 * notify.c - being told of another host task's system calls before it makes
 * them (seccomp user notification).
 *
 * Owns nothing and takes no lock. A notification waits in the host until it is
 * received, and its task until it is answered; the task's signals and its end
 * make either void at any moment.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/filter.h>
#include <uapi/linux/seccomp.h>
#include <asm/host.h>
#include <asm/host_notify.h>
#include "syscall.h"

/* requests of ioctl(2), with the sizes of what they point to */
#define NOTIF_RECV		0xc0502100U
#define NOTIF_SEND		0xc0182101U
#define NOTIF_SET_FLAGS		0x40082104U	/* Linux 6.6 */

#define NOTIF_SYNC_WAKE_UP	1UL

#define POLL_IN		0x001

struct notify_pollfd {
	int fd;
	short events;
	short revents;
};

int host_notify_install(void)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF) };
	struct sock_fprog prog = { .len = 1, .filter = all };
	int fd;

	fd = host_syscall3(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
			   SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW,
			   &prog);
	return fd;
}

void host_notify_same_core(int fd)
{
	host_syscall3(__NR_ioctl, fd, NOTIF_SET_FLAGS, NOTIF_SYNC_WAKE_UP);
}

int host_notify_recv(int fd, struct seccomp_notif *notice, bool poll)
{
	*notice = (struct seccomp_notif) {};
	if (poll) {
		/* its end is told here only: Linux before 6.11 would wait for ever below */
		struct notify_pollfd pfd = { .fd = fd, .events = POLL_IN };
		int n = host_syscall5(__NR_ppoll, &pfd, 1, NULL, NULL, 0);

		if (n < 0)
			return n;
		if (!(pfd.revents & POLL_IN))
			return -ESRCH;
	}
	return host_syscall3(__NR_ioctl, fd, NOTIF_RECV, notice);
}

int host_notify_answer(int fd, u64 id, long result)
{
	struct seccomp_notif_resp resp = { .id = id, .val = result };

	return host_syscall3(__NR_ioctl, fd, NOTIF_SEND, &resp);
}

int host_notify_approve(int fd, u64 id)
{
	struct seccomp_notif_resp resp = {
		.id = id,
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	return host_syscall3(__NR_ioctl, fd, NOTIF_SEND, &resp);
}
