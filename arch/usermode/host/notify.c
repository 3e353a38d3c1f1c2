// SPDX-License-Identifier: GPL-2.0
/*
 * notify.c - being told of another host task's system calls before it makes
 * them (seccomp user notification).
 *
 * Owns nothing and takes no lock. A notification waits in the host until it is
 * received, and its task until it is answered; the task's signals and its end
 * make either void at any moment.
 */
#include <uapi/linux/audit.h>
#include <uapi/linux/errno.h>
#include <uapi/linux/filter.h>
#include <uapi/linux/seccomp.h>
#include <asm/host.h>
#include <asm/host_notify.h>
#include "syscall.h"

/* requests of ioctl(2), with the sizes of what they point to */
#define NOTIF_RECV		0xc0502100U
#define NOTIF_SEND		0xc0182101U
#define NOTIF_ADDFD		0x40182103U	/* with an answer: Linux 5.14 */
#define NOTIF_SET_FLAGS		0x40082104U	/* Linux 6.6 */

#define NOTIF_SYNC_WAKE_UP	1UL

#define POLL_IN		0x001

struct notify_pollfd {
	int fd;
	short events;
	short revents;
};

/* of struct seccomp_data: a part, or one half of an argument */
#define LOAD(at)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)
#define DATA(member)	offsetof(struct seccomp_data, member)
#define LOW(n)		(DATA(args) + (n) * sizeof(u64))
#define HIGH(n)		(LOW(n) + sizeof(u32))

/* go on if it is, else to the filter's end, which is @n instructions ahead */
#define WANT(value, n)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, n)

#define MAP_KIND	(HOST_MAP_SHARED | HOST_MAP_FIXED)
#define PROT_ALL	(HOST_PROT_READ | HOST_PROT_WRITE | HOST_PROT_EXEC)

int host_notify_install(u64 free_ip)
{
	struct sock_filter filter[] = {
		LOAD(DATA(instruction_pointer)),	WANT((u32)free_ip, 18),
		LOAD(DATA(instruction_pointer) + 4),	WANT((u32)(free_ip >> 32), 16),
		LOAD(DATA(arch)),			WANT(AUDIT_ARCH_X86_64, 14),
		LOAD(DATA(nr)),				WANT(__NR_mmap, 12),
		LOAD(LOW(4)),				WANT(HOST_LENT_FD, 10),
		LOAD(LOW(3)),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~HOST_MAP_POPULATE),
							WANT(MAP_KIND, 7),
		LOAD(HIGH(3)),				WANT(0, 5),
		LOAD(LOW(2)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, PROT_ALL, 3, 0),
		LOAD(HIGH(2)),				WANT(0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	};
	struct sock_fprog prog = {
		.len = sizeof(filter) / sizeof(*filter),
		.filter = filter,
	};
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

/* a signal came to us while the host waited for its own lock: nothing has been done */
static int respond(int fd, const struct seccomp_notif_resp *resp)
{
	int err;

	do
		err = host_syscall3(__NR_ioctl, fd, NOTIF_SEND, resp);
	while (err == -EINTR);
	return err;
}

int host_notify_answer(int fd, u64 id, long result)
{
	const struct seccomp_notif_resp resp = { .id = id, .val = result };

	return respond(fd, &resp);
}

int host_notify_lend(int fd, u64 id, int file)
{
	struct seccomp_notif_addfd lent = {
		.id = id,
		.flags = SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = file,
		.newfd = HOST_LENT_FD,
	};
	bool interrupted = false;
	int err;

	/* before the host had its lock, or, as a rule, after it had given the answer? */
	while ((err = host_syscall3(__NR_ioctl, fd, NOTIF_ADDFD, &lent)) == -EINTR)
		interrupted = true;
	if (interrupted && (err == -EINPROGRESS || err == -ENOENT))
		return -EINTR;
	return err < 0 ? err : 0;
}

int host_notify_approve(int fd, u64 id)
{
	const struct seccomp_notif_resp resp = {
		.id = id,
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	return respond(fd, &resp);
}
