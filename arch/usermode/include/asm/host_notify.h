/* SPDX-License-Identifier: GPL-2.0 */
/*
 * host_notify.h - other host tasks' system calls (host/notify.c, host/spawn.c).
 *
 * host.h has the rules of all host calls. Any host thread.
 */
#ifndef __ASM_USERMODE_HOST_NOTIFY_H
#define __ASM_USERMODE_HOST_NOTIFY_H

#include <linux/types.h>

struct seccomp_notif;

/**
 * host_spawn_notified - as host_spawn(), with every system call notified
 * @image:	of host_image()
 * @keep:	descriptor that it has as number 0; it has no other
 * @free_ip:	as for host_notify_install()
 * @poll:	as for host_notify_recv()
 * @listener:	where its calls are heard of; close-on-exec, never 0
 * @first:	the image's first call, received and not yet answered
 *
 * From here on it makes no call that is not answered or approved. Return: its
 * pid; -EBUSY where another listens to our own calls, -EINVAL where the host
 * cannot do it, -EPERM, -EACCES or -ENOSYS where it is not allowed; or -errno.
 */
int host_spawn_notified(int image, int keep, u64 free_ip, bool poll, int *listener,
			struct seccomp_notif *first);

/* the descriptor number by which a task has what it is lent */
#define HOST_LENT_FD	1

/*
 * Every call of the calling task, from the next one on, is notified; all but those to
 * map memory of HOST_LENT_FD, shared and at a fixed place, that return to @free_ip.
 * Return: the listener or -errno.
 */
int host_notify_install(u64 free_ip);
/* answers will wake the task on the CPU that they are given on, where the host can */
void host_notify_same_core(int fd);
/*
 * Wait for a call, with @poll so that the end of the task is noticed on hosts
 * before Linux 6.11. 0; -EINTR: a signal came; -ENOENT, -ESRCH or another error:
 * the call is void, or the task has ended, which host_wait() tells. May block.
 */
int host_notify_recv(int fd, struct seccomp_notif *notice, bool poll);
/* it returns @result, a host error number excepted. -ENOENT: it is void, by a signal to its task */
int host_notify_answer(int fd, u64 id, long result);
/*
 * It gets @file as HOST_LENT_FD, whether that is in use or not, and its call returns
 * that number. -ENOENT, -ESRCH: it is void; -EINTR: a signal came, and the call will
 * return whether it has got that or not. -EINVAL: not before Linux 5.14.
 */
int host_notify_lend(int fd, u64 id, int file);
/* the host makes it. -ENOENT as above; -EINVAL: not before Linux 5.5 */
int host_notify_approve(int fd, u64 id);

#endif
