// SPDX-License-Identifier: GPL-2.0
/*
 * event.c - the event thread: descriptors that become ready raise interrupts.
 *
 * Owns one epoll set, the thread that waits on it and the descriptor that stops
 * the thread. No locks: host_event_init() and host_event_exit() are serialised
 * by the caller, the set itself by the host. The thread runs with every signal
 * blocked and leaves the host layer through host_upcall_irq() alone.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/fcntl.h>
#include <asm/host.h>
#include "event_abi.h"
#include "stack.h"
#include "syscall.h"

#define EVENT_BATCH	32
#define EVENT_STOP	(~0ULL)		/* no line has this number */

static struct {
	int set;			/* epoll */
	int stop;			/* eventfd */
	void *stack;
} event = { .set = -1, .stop = -1 };

static int event_ctl(int op, int fd, u32 events, u64 data)
{
	struct epoll_event_abi ev = {
		.events = events,
		.data = data,
	};

	return host_syscall4(__NR_epoll_ctl, event.set, op, fd, &ev);
}

static void event_thread(void *arg)
{
	struct epoll_event_abi ev[EVENT_BATCH];
	int i, n;

	for (;;) {
		n = host_syscall6(__NR_epoll_pwait, event.set, ev, EVENT_BATCH, -1, 0, 0);
		if (n < 0 && n != -EINTR)
			host_upcall_panic("the event thread cannot wait for events");
		for (i = 0; i < n; i++) {
			if (ev[i].data == EVENT_STOP)
				return;
			host_upcall_irq(ev[i].data);
		}
	}
}

int host_event_init(void)
{
	long stack;
	int err;

	event.set = host_syscall1(__NR_epoll_create1, O_CLOEXEC);
	if (event.set < 0)
		return event.set;

	event.stop = host_eventfd();
	if (event.stop < 0) {
		err = event.stop;
		goto err_set;
	}

	err = event_ctl(EPOLL_ABI_ADD, event.stop, HOST_EVENT_IN, EVENT_STOP);
	if (err)
		goto err_stop;

	stack = host_stack_map(HOST_STACK_SIZE);
	if (stack < 0) {
		err = stack;
		goto err_stop;
	}
	event.stack = (void *)stack;

	err = host_thread_create(event_thread, NULL, event.stack, HOST_STACK_SIZE);
	if (err < 0)
		goto err_stack;
	return 0;

err_stack:
	host_stack_unmap(event.stack, HOST_STACK_SIZE);
err_stop:
	host_close(event.stop);
err_set:
	host_close(event.set);
	event.set = -1;
	return err;
}

void host_event_exit(void)
{
	u64 one = 1;

	if (event.set < 0)
		return;
	while (host_write(event.stop, &one, sizeof(one)) == -EINTR)
		;
	host_thread_join(event.stack, HOST_STACK_SIZE);
	host_stack_unmap(event.stack, HOST_STACK_SIZE);
	host_close(event.stop);
	host_close(event.set);
	event.set = -1;
}

static u32 event_mask(int events)
{
	return events | EPOLL_ABI_ONESHOT;
}

int host_event_add(int fd, int events, unsigned int line)
{
	return event_ctl(EPOLL_ABI_ADD, fd, event_mask(events), line);
}

int host_event_arm(int fd, int events, unsigned int line)
{
	return event_ctl(EPOLL_ABI_MOD, fd, event_mask(events), line);
}

int host_event_del(int fd)
{
	return event_ctl(EPOLL_ABI_DEL, fd, 0, 0);
}
