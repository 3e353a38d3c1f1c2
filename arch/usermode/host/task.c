// SPDX-License-Identifier: GPL-2.0
/*
 * task.c - host threads and processes, their CPUs, and futexes.
 *
 * Owns the CPU mask that the process was started with. No locks; the mask is
 * taken by the first host_pin(), which comes before there is a second thread
 * that pins. Any context; what may block is marked in host.h.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/futex.h>
#include <uapi/linux/sched.h>
#include <uapi/linux/time_types.h>
#include <asm/host.h>
#include "home.h"
#include "sigset.h"
#include "syscall.h"

/* from asm-generic/signal.h, which the kernel's own headers hide */
#define HOST_SIGABRT	6

/* struct kernel_sigaction of the raw call: asm/signal.h, struct sigaction */
struct task_sigaction {
	unsigned long handler;
	unsigned long flags;
	unsigned long restorer;
	u64 mask;
};

#define CPU_WORDS	128		/* 8192 CPUs, the most that a host can have */
#define CPU_BITS	64

static u64 cpus_at_start[CPU_WORDS];
static bool cpus_known;

/* the topmost 64 bytes of a thread's stack */
struct thread_head {
	void (*fn)(void *arg);		/* popped by the new thread, and so is arg */
	void *arg;
	u32 tid;			/* cleared by the host when the thread is gone */
	u32 unused[11];
};

static struct thread_head *thread_head(void *stack, size_t size)
{
	return (struct thread_head *)((char *)stack + size) - 1;
}

struct new_thread {
	void (*fn)(void *arg);
	void *arg;
	struct thread_head *head;
};

static long thread_create(void *arg)
{
	const struct new_thread *new = arg;
	struct thread_head *head = new->head;
	u64 mask;
	int tid;

	head->fn = new->fn;
	head->arg = new->arg;

	/* born with everything blocked: no handler may run on this small stack */
	mask = host_sigset_block_all();
	tid = host_clone_call(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			      CLONE_THREAD | CLONE_SYSVSEM |
			      CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
			      head, &head->tid);
	host_sigset_restore(mask);
	return tid;
}

int host_thread_create(void (*fn)(void *arg), void *arg, void *stack, size_t size)
{
	struct new_thread new = { .fn = fn, .arg = arg, .head = thread_head(stack, size) };

	return host_home_call(thread_create, &new);
}

static long thread_join(void *arg)
{
	u32 *word = &((struct thread_head *)arg)->tid;
	u32 tid;

	while ((tid = __atomic_load_n(word, __ATOMIC_ACQUIRE)))
		host_futex_wait(word, tid, -1);
	return 0;
}

void host_thread_join(void *stack, size_t size)
{
	host_home_call(thread_join, thread_head(stack, size));
}

int host_getpid(void)
{
	return host_syscall0(__NR_getpid);
}

unsigned int host_geteuid(void)
{
	return host_syscall0(__NR_geteuid);
}

int host_gettid(void)
{
	return host_syscall0(__NR_gettid);
}

int host_kill(int pid, int sig)
{
	return host_syscall2(__NR_kill, pid, sig);
}

int host_tgkill(int tgid, int tid, int sig)
{
	return host_syscall3(__NR_tgkill, tgid, tid, sig);
}

int host_getcpu(void)
{
	unsigned int cpu;
	int err;

	err = host_syscall3(__NR_getcpu, &cpu, 0, 0);
	return err ? err : (int)cpu;
}

int host_pin(int tid, int cpu)
{
	u64 one[CPU_WORDS] = {};
	const u64 *mask = cpus_at_start;
	int ret;

	/* "no CPU in particular" means those that the user gave us, by taskset say */
	if (!cpus_known) {
		ret = host_syscall3(__NR_sched_getaffinity, 0, sizeof(cpus_at_start),
				    cpus_at_start);
		if (ret < 0)
			return ret;
		cpus_known = true;
	}

	if (cpu >= CPU_WORDS * CPU_BITS)
		return -EINVAL;
	if (cpu >= 0) {
		one[cpu / CPU_BITS] = 1ULL << cpu % CPU_BITS;
		mask = one;
	}
	return host_syscall3(__NR_sched_setaffinity, tid, sizeof(one), mask);
}

void host_exit(int status)
{
	for (;;)
		host_syscall1(__NR_exit_group, status);
}

void host_abort(void)
{
	struct task_sigaction dfl = {};

	host_sigset_block_all();
	host_syscall4(__NR_rt_sigaction, HOST_SIGABRT, &dfl, 0, sizeof(dfl.mask));
	host_tgkill(host_getpid(), host_gettid(), HOST_SIGABRT);
	host_sigset_change(HOST_SIG_UNBLOCK, HOST_SIGMASK(HOST_SIGABRT));
	/* the first process of a pid namespace does not die by its own signals */
	host_exit(128 + HOST_SIGABRT);
}

int host_exec(const char *path, char *const argv[], char *const envp[])
{
	return host_syscall3(__NR_execve, path, argv, envp);
}

int host_futex_wait(u32 *word, u32 expected, s64 timeout_ns)
{
	struct __kernel_timespec limit = {
		.tv_sec = timeout_ns / 1000000000,
		.tv_nsec = timeout_ns % 1000000000,
	};

	return host_syscall4(__NR_futex, word, FUTEX_WAIT, expected,
			     timeout_ns < 0 ? NULL : &limit);
}

int host_futex_wake(u32 *word, int n)
{
	return host_syscall3(__NR_futex, word, FUTEX_WAKE, n);
}

int host_random(void *buf, size_t len)
{
	char *p = buf;

	while (len) {
		long n = host_syscall3(__NR_getrandom, p, len, 0);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return n;
		p += n;
		len -= n;
	}
	return 0;
}
