/* SPDX-License-Identifier: GPL-2.0 */
/*
 * harness.h - what the system-call tests share.
 *
 * A program is one topic; it holds tests. Each runs in a process of its own
 * with a time limit, so that a crash is one test's failure, and prints one line:
 *
 *   ok 3 - name
 *   not ok 3 - name # where: what was seen
 *   ok 3 - name # SKIP what is lacking
 *
 * The same program runs on the host and in guests, and the verdicts must agree;
 * so a test states what x86-64 Linux does, whoever provides it. Where a guest
 * rightly differs, the test says how with in_guest().
 */
#ifndef TESTS_SYSCALLS_HARNESS_H
#define TESTS_SYSCALLS_HARNESS_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/types.h>
#include "../../tools/compiler.h"

#define PAGE		4096UL
#define TEST_SECONDS	60	/* a test's limit, unless TEST_LIMIT says otherwise */
#define STATUS_SKIP	77

struct test {
	const char *name;
	void (*fn)(void);
	unsigned int seconds;
};

#define MAX_TESTS	100
static struct test tests[MAX_TESTS];
static int nr_tests;
static int verdict_fd = -1;	/* reason for the line; write end of a pipe */

__maybe_unused static void add_test(const char *name, void (*fn)(void), unsigned int seconds)
{
	if (nr_tests == MAX_TESTS)
		abort();
	tests[nr_tests++] = (struct test) { name, fn, seconds };
}

/* the tests of a file run in the order in which they stand there */
#define TEST_LIMIT(_name, _seconds)					\
	static void test_##_name(void);					\
	__attribute__((constructor)) static void add_##_name(void)	\
	{								\
		add_test(#_name, test_##_name, _seconds);		\
	}								\
	static void test_##_name(void)
#define TEST(_name)	TEST_LIMIT(_name, TEST_SECONDS)

/* end the test, from any of its processes and threads that leads back to main() */
__maybe_unused __noreturn __printf(2, 3)
static void verdict(int status, const char *fmt, ...)
{
	char text[400];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n >= (int)sizeof(text))
		n = sizeof(text) - 1;
	while (write(verdict_fd, text, n) < 0 && errno == EINTR)
		;
	_exit(status);
}

#define FAIL(fmt, ...)	\
	verdict(1, "%s:%d: " fmt, __FILE_NAME__, __LINE__, ##__VA_ARGS__)
#define SKIP(fmt, ...)	verdict(STATUS_SKIP, fmt, ##__VA_ARGS__)

#define CHECK(cond) do {						\
	if (!(cond))							\
		FAIL("%s, errno %d", #cond, errno);			\
} while (0)

/* integers of any kind, pointers included */
#define CHECK_EQ(a, b) do {						\
	long long a_ = (long long)(a), b_ = (long long)(b);		\
	if (a_ != b_)							\
		FAIL("%s is %lld (%#llx), not %lld (%#llx), errno %d", #a,	\
		     a_, a_, b_, b_, errno);				\
} while (0)

/* @call fails with @err */
#define CHECK_ERR(call, err) do {					\
	long r_;							\
	errno = 0;							\
	r_ = (long)(call);						\
	if (r_ != -1 || errno != (err))					\
		FAIL("%s returned %ld with errno %d, not %s", #call, r_, errno, #err); \
} while (0)

/* ---- small things that many tests need ---- */

__maybe_unused static bool in_guest(void)
{
	static int known = -1;
	char line[256];
	FILE *f;

	if (known >= 0)
		return known;
	known = 0;
	f = fopen("/proc/cpuinfo", "r");
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, "User Mode Linux"))
			known = 1;
	if (f)
		fclose(f);
	return known;
}

__maybe_unused static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

__maybe_unused static void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/* a child that must end with status 0; what it found wrong is the test's verdict */
__maybe_unused static void join_child(pid_t pid)
{
	int status;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got != pid)
		FAIL("waitpid(%d) returned %d, errno %d", pid, got, errno);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));	/* it has written its verdict */
	FAIL("child %d died of signal %d", pid, WTERMSIG(status));
}

/* run @fn in a child: the signal that it dies of, or 0 if it returns */
__maybe_unused static int signal_of(void (*fn)(void *), void *arg)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		fn(arg);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		FAIL("cannot fork and wait, errno %d", errno);
	if (WIFSIGNALED(status))
		return WTERMSIG(status);
	if (WEXITSTATUS(status))
		_exit(WEXITSTATUS(status));
	return 0;
}

__maybe_unused static void handle(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = { .sa_sigaction = fn, .sa_flags = SA_SIGINFO | flags };

	sigemptyset(&sa.sa_mask);
	CHECK_EQ(sigaction(sig, &sa, NULL), 0);
}

/* a handler: counts what came */
static int signal_count;

__maybe_unused static void count_signal(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)si;
	(void)uc;
	WRITE_ONCE(signal_count, READ_ONCE(signal_count) + 1);
}

/* a handler: back to where sigsetjmp() noted it, which returns the signal */
static sigjmp_buf escape_to;

__maybe_unused static void escape(int sig, siginfo_t *si, void *uc)
{
	(void)si;
	(void)uc;
	siglongjmp(escape_to, sig);
}

__maybe_unused static void *map_anon(size_t size, int prot)
{
	void *p = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* visible to all processes of a test */
__maybe_unused static void *map_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* an empty file that is gone when it is closed */
__maybe_unused static int temp_file(void)
{
	char name[] = "/tmp/syscalls-XXXXXX";
	int fd = mkstemp(name);

	CHECK(fd >= 0);
	unlink(name);
	return fd;
}

/* the same sequence everywhere; never 0 */
__maybe_unused static __u64 next_random(__u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* ---- the run ---- */

static int run_test(int number, const struct test *t)
{
	char reason[512] = "";
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK))
		abort();
	fflush(stdout);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		close(fd[0]);
		verdict_fd = fd[1];
		alarm(t->seconds);
		t->fn();
		_exit(0);
	}
	close(fd[1]);
	while (waitpid(pid, &status, 0) != pid)
		;
	kill(-pid, SIGKILL);	/* whatever it left */
	n = read(fd[0], reason, sizeof(reason) - 1);
	close(fd[0]);
	reason[n > 0 ? n : 0] = 0;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		printf("ok %d - %s\n", number, t->name);
		return 0;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIP) {
		printf("ok %d - %s # SKIP %s\n", number, t->name, reason);
		return 0;
	}
	printf("not ok %d - %s # ", number, t->name);
	if (reason[0])
		printf("%s\n", reason);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		printf("took more than %u s\n", t->seconds);
	else if (WIFSIGNALED(status))
		printf("died of signal %d\n", WTERMSIG(status));
	else
		printf("ended with status %d\n", WEXITSTATUS(status));
	return 1;
}

/* with arguments: only the tests that they name */
int main(int argc, char **argv)
{
	int i, k, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%d\n", argc > 1 ? argc - 1 : nr_tests);
	for (i = 0; i < nr_tests; i++) {
		for (k = 1; k < argc && strcmp(argv[k], tests[i].name); k++)
			;
		if (argc == 1 || k < argc)
			failed += run_test(i + 1, &tests[i]);
	}
	return failed ? 1 : 0;
}

#endif
