// SPDX-License-Identifier: GPL-2.0
/*
 * thread.c - host threads, futexes, CPUs, signals to threads, ways to die.
 */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "harness.h"

#define STACK	32768

static char *stack;

struct probe {
	u32 go;
	u32 ran;
	int tid;
	unsigned long frame;
	char blocked[20];
};

static void probe_thread(void *arg)
{
	struct probe *p = arg;
	char path[64], line[128];
	FILE *f;

	/* libc shares its per-thread data with the main thread, which sleeps meanwhile */
	p->frame = (unsigned long)__builtin_frame_address(0);
	p->tid = host_gettid();
	snprintf(path, sizeof(path), "/proc/self/task/%d/status", p->tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "SigBlk: %19s", p->blocked);
	fclose(f);
	__atomic_store_n(&p->ran, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&p->go, __ATOMIC_ACQUIRE))
		host_futex_wait(&p->go, 0, -1);
}

static void test_thread(void)
{
	struct probe p = {};
	sigset_t mask;
	int tid;

	tid = host_thread_create(probe_thread, &p, stack, STACK);
	CHECK(tid > 0);
	while (!__atomic_load_n(&p.ran, __ATOMIC_ACQUIRE))
		usleep(100);
	CHECK_EQ(p.tid, tid);
	CHECK(tid != host_getpid());
	CHECK_EQ(host_gettid(), host_getpid());
	CHECK(p.frame > (unsigned long)stack && p.frame < (unsigned long)stack + STACK);
	CHECK_EQ(p.frame % 16, 0);

	/* all but SIGKILL, SIGSTOP; there alone */
	CHECK(!strcmp(p.blocked, "fffffffffffbfeff"));
	CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	CHECK(!sigismember(&mask, SIGUSR1) && !sigismember(&mask, HOST_SIG_KICK));
	CHECK_EQ(host_tgkill(host_getpid(), tid, 0), 0);

	__atomic_store_n(&p.go, 1, __ATOMIC_RELEASE);
	host_futex_wake(&p.go, 1);
	host_thread_join(stack, STACK);
}

static void count_thread(void *arg)
{
	__atomic_fetch_add((u32 *)arg, 1, __ATOMIC_RELAXED);
}

/* create and join many times over: nothing runs twice, nothing is left */
static void test_many(void)
{
	struct resources before = resources_now();
	u32 n = 0;
	int i;

	for (i = 0; i < 2000; i++) {
		CHECK(host_thread_create(count_thread, &n, stack, STACK) > 0);
		host_thread_join(stack, STACK);
		CHECK_EQ(n, i + 1);
	}
	resources_check("threads", before);
}

static void test_futex(void)
{
	u64 start = host_monotonic_ns();
	u32 *shared;
	u32 word = 1;
	int status;

	CHECK_EQ(host_futex_wait(&word, 0, -1), -EAGAIN);
	CHECK_EQ(host_futex_wait(&word, 1, 20000000), -ETIMEDOUT);
	CHECK(host_monotonic_ns() - start >= 20000000);
	CHECK_EQ(host_futex_wait(&word, 1, 0), -ETIMEDOUT);
	CHECK_EQ(host_futex_wake(&word, 1), 0);

	/* between processes */
	shared = (u32 *)host_map(NULL, 4096, HOST_PROT_READ | HOST_PROT_WRITE,
				 HOST_MAP_SHARED | HOST_MAP_ANON, -1, 0);
	if (!fork())
		_exit(host_futex_wait(shared, 0, 10000000000) == 0 ? 0 : 1);
	while (host_futex_wake(shared, 1) == 0)
		usleep(100);
	CHECK(host_wait(-1, &status, 0) > 0);
	CHECK_EQ(status, 0);
	CHECK_EQ(host_unmap(shared, 4096), 0);
}

static void test_pin(void)
{
	cpu_set_t at_start, now;
	int cpu;

	CHECK_EQ(sched_getaffinity(0, sizeof(at_start), &at_start), 0);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &at_start))
			continue;
		CHECK_EQ(host_pin(0, cpu), 0);
		CHECK_EQ(host_getcpu(), cpu);
	}
	CHECK_EQ(host_pin(0, 1 << 20), -EINVAL);
	CHECK_EQ(host_pin(0, -1), 0);
	CHECK_EQ(sched_getaffinity(0, sizeof(now), &now), 0);
	CHECK(CPU_EQUAL(&now, &at_start));
}

static void test_random(void)
{
	static u8 a[100000], b[100000];
	int i, zeros = 0;

	CHECK_EQ(host_random(a, sizeof(a)), 0);
	CHECK_EQ(host_random(b, sizeof(b)), 0);
	CHECK(memcmp(a, b, sizeof(a)));
	for (i = 0; i < 100000; i++)
		zeros += !a[i];
	CHECK(zeros < 1000);
}

static void no_abort(int sig)
{
	(void)sig;
}

static void test_death(void)
{
	sigset_t all;
	int status;

	if (!fork())
		host_exit(42);
	CHECK(host_wait(-1, &status, 0) > 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);

	/* neither a handler nor a mask keeps an abort from its work */
	if (!fork()) {
		signal(SIGABRT, no_abort);
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		host_abort();
	}
	CHECK(host_wait(-1, &status, 0) > 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);

	if (!fork()) {
		host_kill(host_getpid(), SIGKILL);
		_exit(0);
	}
	CHECK(host_wait(-1, &status, 0) > 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CHECK_EQ(host_kill(host_getpid(), 65), -EINVAL);
}

int main(void)
{
	test_begin(40);
	stack = aligned_alloc(4096, STACK);
	CHECK(stack);
	test_thread();
	test_many();
	test_futex();
	test_pin();
	test_random();
	test_death();
	return 0;
}
