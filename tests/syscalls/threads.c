// SPDX-License-Identifier: GPL-2.0
/* Threads, and what they are made of: clone, futexes, TLS, rseq. */
#include "harness.h"
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <linux/rseq.h>
#include <linux/sched.h>
#include <sys/rseq.h>
#include <sys/prctl.h>

/* ---- pthreads ---- */

static void *plus_one(void *arg)
{
	return (char *)arg + 1;
}

TEST(create_and_join)
{
	pthread_t t;
	void *ret;
	long i;

	for (i = 0; i < 1000; i++) {
		CHECK_EQ(pthread_create(&t, NULL, plus_one, (void *)i), 0);
		CHECK_EQ(pthread_join(t, &ret), 0);
		CHECK_EQ(ret, i + 1);
	}
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static long shared_count;

static void *count_up(void *arg)
{
	long i;

	for (i = 0; i < (long)arg; i++) {
		pthread_mutex_lock(&mutex);
		shared_count++;
		if (i % 64 == 0)
			sched_yield();
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

TEST(mutex_contention)
{
	pthread_t t[8];
	int i;

	for (i = 0; i < 8; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, count_up, (void *)20000L), 0);
	for (i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
	CHECK_EQ(shared_count, 160000);
}

static int turn;

static void *ping(void *arg)
{
	int me = (long)arg, i;

	for (i = 0; i < 2000; i++) {
		pthread_mutex_lock(&mutex);
		while (turn != me)
			pthread_cond_wait(&cond, &mutex);
		turn = !me;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

TEST(condition_variables)
{
	pthread_t t[2];
	long i;

	for (i = 0; i < 2; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, ping, (void *)i), 0);
	for (i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	CHECK_EQ(turn, 0);
}

static __thread long mine = 5;
static __thread char block[5000];

static void *own_tls(void *arg)
{
	long me = (long)arg;
	int i;

	CHECK_EQ(mine, 5);
	CHECK_EQ(block[4999], 0);
	mine = me;
	memset(block, me, sizeof(block));
	for (i = 0; i < 200; i++) {
		sched_yield();
		CHECK_EQ(mine, me);
		CHECK_EQ(block[i * 20], (char)me);
	}
	return NULL;
}

TEST(thread_local_storage)
{
	pthread_t t[16];
	long i;

	for (i = 0; i < 16; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, own_tls, (void *)(i + 100)), 0);
	for (i = 0; i < 16; i++)
		pthread_join(t[i], NULL);
	CHECK_EQ(mine, 5);
}

/* memory that one thread unmaps is gone for all, at once */
static char *contested;
static bool stop;

static void *reader(void *arg)
{
	(void)arg;
	while (!READ_ONCE(stop)) {
		char *p = READ_ONCE(contested);

		if (p && p[0] != 1)
			FAIL("%p holds %d", p, p[0]);
	}
	return NULL;
}

TEST(protection_is_seen_by_all_threads)
{
	char *p = map_anon(PAGE, PROT_READ | PROT_WRITE);
	pthread_t t[2];
	int i;

	p[0] = 1;
	WRITE_ONCE(contested, p);
	for (i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, reader, NULL);
	for (i = 0; i < 500; i++) {
		char *q = map_anon(PAGE, PROT_READ | PROT_WRITE);

		q[0] = 1;
		CHECK_EQ(mprotect(q, PAGE, PROT_READ), 0);
		WRITE_ONCE(contested, q);
		usleep(100);
	}
	WRITE_ONCE(stop, true);
	for (i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
}

TEST(priority_inheritance)
{
	pthread_mutexattr_t attr;
	pthread_t t[4];
	int i;

	pthread_mutexattr_init(&attr);
	CHECK_EQ(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT), 0);
	CHECK_EQ(pthread_mutex_init(&mutex, &attr), 0);
	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, count_up, (void *)5000L);
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	CHECK_EQ(shared_count, 20000);
}

/* ---- clone ---- */

static int in_clone(void *arg)
{
	WRITE_ONCE(*(int *)arg, gettid());
	return 7;
}

TEST(clone_vm)
{
	char *stack = map_anon(64 * PAGE, PROT_READ | PROT_WRITE);
	int tid = 0;
	int status, pid;

	pid = clone(in_clone, stack + 64 * PAGE, CLONE_VM | SIGCHLD, &tid);
	CHECK(pid > 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(READ_ONCE(tid), pid);
	CHECK_EQ(WEXITSTATUS(status), 7);
}

TEST(clone_sets_and_clears_tid)
{
	char *stack = map_anon(64 * PAGE, PROT_READ | PROT_WRITE);
	int tid = 0, parent = 0, child = -1;
	int pid;

	pid = clone(in_clone, stack + 64 * PAGE,
		    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		    CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID,
		    &tid, &parent, NULL, &child);
	CHECK(pid > 0);
	CHECK_EQ(READ_ONCE(parent), pid);
	while (READ_ONCE(child))
		syscall(SYS_futex, &child, FUTEX_WAIT, pid, NULL, NULL, 0);
	CHECK_EQ(READ_ONCE(tid), pid);
}

TEST(clone3)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	int pidfd = -1, status;
	pid_t pid;

	args.flags = CLONE_PIDFD;
	args.pidfd = (unsigned long)&pidfd;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	CHECK(pid >= 0);
	if (!pid)
		_exit(3);
	CHECK(pidfd >= 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 3);
	CHECK_ERR(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0), ESRCH);
	CHECK_ERR(syscall(SYS_clone3, &args, 8), EINVAL);
	args.flags = CLONE_THREAD;
	CHECK_ERR(syscall(SYS_clone3, &args, sizeof(args)), EINVAL);
}

static void *forever(void *arg)
{
	for (;;)
		asm volatile("");
	return arg;
}

TEST(exit_group_ends_all_threads)
{
	int status, i;
	pthread_t t;
	pid_t pid = fork();

	if (!pid) {
		for (i = 0; i < 10; i++)
			pthread_create(&t, NULL, forever, NULL);
		_exit(9);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 9);
}

TEST(killed_with_all_threads)
{
	int status, i;
	pthread_t t;
	pid_t pid = fork();

	if (!pid) {
		for (i = 0; i < 10; i++)
			pthread_create(&t, NULL, forever, NULL);
		pause();
	}
	usleep(20000);
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WTERMSIG(status), SIGKILL);
}

static void *fork_here(void *arg)
{
	pid_t pid = fork();

	(void)arg;
	if (!pid) {
		CHECK_EQ(gettid(), getpid());
		_exit(0);
	}
	join_child(pid);
	return NULL;
}

TEST(fork_of_a_thread)
{
	pthread_t t[4], busy;
	int i, k;

	pthread_create(&busy, NULL, forever, NULL);
	for (k = 0; k < 10; k++) {
		for (i = 0; i < 4; i++)
			pthread_create(&t[i], NULL, fork_here, NULL);
		for (i = 0; i < 4; i++)
			pthread_join(t[i], NULL);
	}
}

static void *exec_here(void *arg)
{
	(void)arg;
	execl("/proc/self/exe", "threads", "no_such_test", NULL);
	FAIL("exec: errno %d", errno);
}

TEST(exec_of_a_thread)
{
	int status;
	pthread_t t;
	pid_t pid = fork();

	if (!pid) {
		dup2(open("/dev/null", O_WRONLY), 1);
		pthread_create(&t, NULL, forever, NULL);
		pthread_create(&t, NULL, exec_here, NULL);
		for (;;)
			pause();
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* ---- segment bases ---- */

#define ARCH_SET_GS	0x1001
#define ARCH_SET_FS	0x1002
#define ARCH_GET_FS	0x1003
#define ARCH_GET_GS	0x1004

TEST(arch_prctl)
{
	unsigned long fs = 0, gs = 0, value = 0x1122334455667788, read;

	CHECK_EQ(syscall(SYS_arch_prctl, ARCH_GET_FS, &fs), 0);
	CHECK_EQ(fs, pthread_self());
	CHECK_EQ(syscall(SYS_arch_prctl, ARCH_SET_GS, &value), 0);
	CHECK_EQ(syscall(SYS_arch_prctl, ARCH_GET_GS, &gs), 0);
	CHECK_EQ(gs, &value);
	sched_yield();
	asm volatile("mov %%gs:0, %0" : "=r" (read));
	CHECK_EQ(read, value);
	CHECK_ERR(syscall(SYS_arch_prctl, ARCH_SET_GS, 0x800000000000UL), EPERM);
	CHECK_ERR(syscall(SYS_arch_prctl, ARCH_SET_FS, 0xffff888000000000UL), EPERM);
	CHECK_ERR(syscall(SYS_arch_prctl, 0x9999, 0), EINVAL);
	CHECK_ERR(syscall(SYS_arch_prctl, ARCH_GET_GS, 0x1000), EFAULT);
}

static void *own_gs(void *arg)
{
	unsigned long value = (unsigned long)arg, read;
	int i;

	CHECK_EQ(syscall(SYS_arch_prctl, ARCH_SET_GS, &value), 0);
	for (i = 0; i < 500; i++) {
		sched_yield();
		asm volatile("mov %%gs:0, %0" : "=r" (read));
		CHECK_EQ(read, value);
	}
	return NULL;
}

TEST(gs_base_belongs_to_a_thread)
{
	pthread_t t[4];
	unsigned long i, gs;

	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, own_gs, (void *)(i + 5));
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	syscall(SYS_arch_prctl, ARCH_GET_GS, &gs);
	CHECK_EQ(gs, 0);
}

TEST(fork_keeps_the_bases)
{
	unsigned long value = 42, gs = 0, fs = 0;
	pid_t pid;

	syscall(SYS_arch_prctl, ARCH_SET_GS, &value);
	pid = fork();
	if (!pid) {
		syscall(SYS_arch_prctl, ARCH_GET_GS, &gs);
		syscall(SYS_arch_prctl, ARCH_GET_FS, &fs);
		CHECK_EQ(gs, &value);
		CHECK_EQ(fs, pthread_self());
		_exit(0);
	}
	join_child(pid);
}

/* ---- rseq ---- */

static struct rseq *my_rseq(void)
{
	return (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
}

TEST(rseq_is_registered)
{
	if (!__rseq_size)
		FAIL("the C library could not register its rseq area");
	CHECK(my_rseq()->cpu_id < 4096);
	CHECK_EQ(my_rseq()->cpu_id, sched_getcpu());
	CHECK_ERR(syscall(SYS_rseq, my_rseq(), 32, 0, RSEQ_SIG), EBUSY);
}

/*
 * A critical section that spins until it is aborted: by a signal or by another
 * process that gets the CPU.
 */
static void spin_until_aborted(void)
{
	asm volatile(".pushsection __rseq_table, \"aw\"\n\t"
		".balign 32\n"
		"3:\t.long 0, 0\n\t.quad 1f, 2f - 1f, 4f\n\t"
		".popsection\n\t"
		"lea 3b(%%rip), %%rax\n\t"
		"mov %%rax, 8(%0)\n"
		"1:\tjmp 1b\n"
		"2:\n\t"
		"ud2\n\t"
		".byte 0x0f, 0xb9, 0x3d\n\t.long 0x53053053\n"
		"4:\n\t"
		: : "r" (my_rseq()) : "rax", "memory");
}

TEST(rseq_is_aborted_by_a_signal)
{
	int i;

	if (!__rseq_size)
		FAIL("the C library could not register its rseq area");
	handle(SIGALRM, count_signal, 0);
	for (i = 0; i < 20; i++) {
		ualarm(2000, 0);
		spin_until_aborted();
	}
	CHECK_EQ(my_rseq()->rseq_cs, 0);
}

TEST(rseq_is_aborted_by_preemption)
{
	pid_t pid = fork();
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	if (!pid)
		for (;;)
			;
	/* two that want the same CPU */
	sched_setaffinity(pid, sizeof(one), &one);
	spin_until_aborted();
	kill(pid, SIGKILL);
}

/* ---- barriers ---- */

TEST(membarrier)
{
	int commands = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);

	CHECK(commands > 0);
	CHECK(commands & MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	CHECK_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0), 0);
	CHECK_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), 0);
}

TEST(thread_names)
{
	char name[16];

	CHECK_EQ(prctl(PR_SET_NAME, "a-name-of-15chr"), 0);
	CHECK_EQ(prctl(PR_GET_NAME, name), 0);
	CHECK_EQ(strcmp(name, "a-name-of-15chr"), 0);
}

TEST(many_threads_at_once)
{
	pthread_t t[300];
	pthread_attr_t attr;
	int i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (i = 0; i < 300; i++)
		CHECK_EQ(pthread_create(&t[i], &attr, count_up, (void *)100L), 0);
	for (i = 0; i < 300; i++)
		pthread_join(t[i], NULL);
	CHECK_EQ(shared_count, 30000);
}
