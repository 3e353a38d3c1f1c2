// SPDX-License-Identifier: GPL-2.0
/*
 * home.c - the program's own host process, and a thread in it that makes host
 * calls for the others.
 *
 * Owns that thread and the list of calls that wait for it. No locks: calls are
 * pushed by whoever has one, and the thread takes the whole list at once. It
 * serves one call at a time, with every signal blocked; a call that is made on a
 * thread of that process is made there and then.
 */
#include <uapi/linux/errno.h>
#include <asm/host.h>
#include <asm/host_process.h>
#include "home.h"
#include "stack.h"

struct home_call {
	struct home_call *next;
	long (*fn)(void *arg);
	void *arg;
	long result;
	u32 done;		/* the caller's futex */
};

static struct {
	int pid;		/* 0: there is one host process only */
	struct home_call *posted;
	u32 posts;		/* the thread's futex: changes with each call */
} home;

/* oldest first */
static struct home_call *reverse(struct home_call *call)
{
	struct home_call *list = NULL, *next;

	for (; call; call = next) {
		next = call->next;
		call->next = list;
		list = call;
	}
	return list;
}

static void serve(void *arg)
{
	struct home_call *call, *next;
	u32 seen;

	for (;;) {
		seen = __atomic_load_n(&home.posts, __ATOMIC_ACQUIRE);
		call = reverse(__atomic_exchange_n(&home.posted, NULL, __ATOMIC_ACQUIRE));
		if (!call)
			host_futex_wait(&home.posts, seen, -1);
		for (; call; call = next) {
			next = call->next;
			call->result = call->fn(call->arg);
			/* from here on it is the caller's again, who may have left */
			__atomic_store_n(&call->done, 1, __ATOMIC_RELEASE);
			host_futex_wake(&call->done, 1);
		}
	}
}

long host_home_call(long (*fn)(void *arg), void *arg)
{
	struct home_call call = { .fn = fn, .arg = arg };

	if (!home.pid || host_getpid() == home.pid)
		return fn(arg);

	call.next = __atomic_load_n(&home.posted, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&home.posted, &call.next, &call, true,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
	__atomic_fetch_add(&home.posts, 1, __ATOMIC_RELEASE);
	host_futex_wake(&home.posts, 1);
	while (!__atomic_load_n(&call.done, __ATOMIC_ACQUIRE))
		host_futex_wait(&call.done, 0, -1);
	return call.result;
}

bool host_home_needed(void)
{
	return home.pid;
}

int host_home_start(void)
{
	long stack = host_stack_map(HOST_STACK_SIZE);
	int tid;

	if (stack < 0)
		return stack;
	tid = host_thread_create(serve, NULL, (void *)stack, HOST_STACK_SIZE);
	if (tid < 0) {
		host_stack_unmap((void *)stack, HOST_STACK_SIZE);
		return tid;
	}
	home.pid = host_getpid();
	return 0;
}
