// SPDX-License-Identifier: GPL-2.0
/*
 * process.c - host processes that share the kernel's memory and run it in turn.
 *
 * Owns the host thread that reaps them. All are children of the host thread
 * that runs the virtual CPU in the program's own process; what they share is
 * what was mapped shared when they were forked, and all descriptors. No locks:
 * fork and switch are serialised by the caller. The watching thread runs with
 * every signal blocked and leaves the host layer through one function only.
 */
#include <uapi/asm-generic/siginfo.h>
#include <uapi/asm/signal.h>
#include <uapi/linux/errno.h>
#include <uapi/linux/prctl.h>
#include <uapi/linux/sched.h>
#include <uapi/linux/wait.h>
#include <asm/host.h>
#include <asm/host_process.h>
#include "process.h"
#include "sigset.h"
#include "stack.h"
#include "syscall.h"

#define HOST_SIGKILL	9
#define HOST_SIGCHLD	17

#define FOREIGN_CHILD_NS	10000000	/* somebody else reaps it meanwhile */

static struct {
	bool (*died)(int pid);
	u32 forks;		/* counts; the futex of a watcher without children */
} watch;

/* what the child finds on its own stack */
struct birth {
	void (*fn)(void *arg);
	void *arg;
	struct host_process *p;
	void (*setup)(struct host_process *p);
	u64 mask;
	int parent;
};

static void child(void *arg)
{
	struct birth *birth = arg;
	struct host_process *p = birth->p;

	host_syscall5(__NR_prctl, PR_SET_PDEATHSIG, HOST_SIGKILL, 0, 0, 0);
	/* dead already? Then nobody is there to be told */
	if (host_syscall0(__NR_getppid) != birth->parent)
		return;
	p->pid = host_getpid();
	p->timer = host_timer_create();
	if (p->timer < 0)
		return;
	birth->setup(p);
	host_sigset_restore(birth->mask);
	host_process_park(p);
}

int host_process_fork(struct host_process *p, void *stack_top,
		      void (*setup)(struct host_process *p))
{
	struct birth *birth = (struct birth *)stack_top - 1;
	int pid;

	*birth = (struct birth) {
		.fn = child, .arg = birth, .p = p, .setup = setup, .parent = host_getpid(),
	};
	birth->mask = host_sigset_block_all();
	pid = host_clone_call(CLONE_FILES | CLONE_FS | HOST_SIGCHLD, birth, NULL);
	host_sigset_restore(birth->mask);
	if (pid > 0)
		p->pid = pid;
	return pid;
}

/* ---- their ends ---------------------------------------------------------- */

static void watch_children(void *arg)
{
	siginfo_t info;
	u32 forks;
	long err;

	for (;;) {
		forks = __atomic_load_n(&watch.forks, __ATOMIC_ACQUIRE);
		info.si_pid = 0;
		err = host_syscall5(__NR_waitid, P_ALL, 0, &info, WEXITED | WNOWAIT, NULL);
		if (err == -ECHILD)
			host_futex_wait(&watch.forks, forks, -1);
		if (err || !info.si_pid)
			continue;
		if (watch.died(info.si_pid))
			host_wait(info.si_pid, NULL, 0);
		else
			host_futex_wait(&watch.forks, forks, FOREIGN_CHILD_NS);
	}
}

int host_process_watch(bool (*died)(int pid))
{
	long stack = host_stack_map(HOST_STACK_SIZE);
	int tid;

	if (stack < 0)
		return stack;
	watch.died = died;
	tid = host_thread_create(watch_children, NULL, (void *)stack, HOST_STACK_SIZE);
	if (tid < 0)
		host_stack_unmap((void *)stack, HOST_STACK_SIZE);
	return tid < 0 ? tid : 0;
}

void host_process_watch_wake(void)
{
	__atomic_fetch_add(&watch.forks, 1, __ATOMIC_RELEASE);
	host_futex_wake(&watch.forks, 1);
}

/* ---- system call dispatch ------------------------------------------------ */

int host_dispatch(const u8 *selector, unsigned long start, unsigned long len)
{
	return host_syscall5(__NR_prctl, PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON,
			     start, len, selector);
}
