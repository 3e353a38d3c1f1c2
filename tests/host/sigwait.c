// SPDX-License-Identifier: GPL-2.0
/*
 * sigwait.c - signals that a thread waits for, and only those wake it.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "harness.h"

#define HELD (HOST_SIGMASK(SIGINT) | HOST_SIGMASK(SIGTERM) | HOST_SIGMASK(SIGWINCH) | \
	      HOST_SIGMASK(SIGHUP) | HOST_SIGMASK(SIGTSTP) | HOST_SIGMASK(SIGCHLD))
#define STACK	32768

static void test_one_by_one(void)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGWINCH, SIGHUP, SIGTSTP };
	unsigned int i;
	int status;

	CHECK_EQ(host_signal_wait(HELD, 0), -EAGAIN);
	CHECK_EQ(host_signal_wait(HELD, 1000000), -EAGAIN);
	for (i = 0; i < sizeof(sigs) / sizeof(*sigs); i++) {
		CHECK_EQ(host_kill(host_getpid(), sigs[i]), 0);
		CHECK_EQ(host_signal_wait(HELD, -1), sigs[i]);
		CHECK_EQ(host_signal_wait(HELD, 0), -EAGAIN);
	}
	if (!fork())
		_exit(3);
	CHECK_EQ(host_signal_wait(HELD, -1), SIGCHLD);
	CHECK(host_wait(-1, &status, 0) > 0);
}

static char stack[STACK] __aligned(16);
static u32 ready, got;

static void waiter(void *unused)
{
	(void)unused;
	__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	__atomic_store_n(&got, host_signal_wait(HELD, -1), __ATOMIC_RELEASE);
}

static void ignore(int sig)
{
	(void)sig;
}

static long sleeps_of(int tid)
{
	char path[64], line[128];
	long n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "voluntary_ctxt_switches: %ld", &n);
	CHECK(f);
	fclose(f);
	return n;
}

/* what wakes another thread leaves the waiter alone */
static void test_undisturbed(void)
{
	struct sigaction sa = { .sa_handler = ignore };
	long before;
	int i, tid;

	sigaction(SIGUSR1, &sa, NULL);
	tid = host_thread_create(waiter, NULL, stack, STACK);
	CHECK(tid > 0);
	while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
		usleep(100);
	usleep(20000);
	before = sleeps_of(tid);
	for (i = 0; i < 50; i++) {
		CHECK_EQ(host_kill(host_getpid(), SIGUSR1), 0);
		usleep(100);
	}
	CHECK_EQ(sleeps_of(tid), before);
	CHECK_EQ(host_kill(host_getpid(), SIGHUP), 0);
	while (!__atomic_load_n(&got, __ATOMIC_ACQUIRE))
		usleep(100);
	CHECK_EQ(got, SIGHUP);
}

int main(void)
{
	struct resources before;

	test_begin(30);
	resources_now();
	before = resources_now();
	host_signal_hold(HELD);
	test_one_by_one();
	test_undisturbed();
	usleep(20000);		/* the thread's end */
	resources_check("sigwait", before);
	return 0;
}
