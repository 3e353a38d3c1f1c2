// SPDX-License-Identifier: GPL-2.0
/* process.c - rows: processes and threads that come and go. */
#include "bench.h"
#include <pthread.h>
#include <spawn.h>

static char *nop[] = { "bench", "nop", NULL };
static const char self[] = "/proc/self/exe";

static void fork_wait(void)
{
	pid_t pid = MUST(fork());

	if (!pid)
		_exit(0);
	reap(pid);
}

ROW(fork_wait)
{
	__s64 t = now();

	while (n--)
		fork_wait();
	return now() - t;
}

/* a process of @bytes forks */
static __s64 fork_large(long n, size_t bytes)
{
	char *p = memory(bytes);
	__s64 t;

	fork_wait();	/* the first one write-protects */
	t = now();
	while (n--)
		fork_wait();
	t = now() - t;
	munmap(p, bytes);
	return t;
}

ROW(fork_wait_1mb)
{
	return fork_large(n, MB);
}

ROW(fork_wait_256mb)
{
	return fork_large(n, 256 * MB);
}

ROW(fork_exec)
{
	__s64 t = now();
	pid_t pid;

	while (n--) {
		pid = MUST(fork());
		if (!pid) {
			execv(self, nop);
			_exit(127);
		}
		reap(pid);
	}
	return now() - t;
}

ROW(vfork_exec)
{
	__s64 t = now();
	pid_t pid;

	while (n--) {
		pid = vfork();
		if (!pid) {
			execv(self, nop);
			_exit(127);
		}
		reap(pid);
	}
	return now() - t;
}

ROW(posix_spawn)
{
	__s64 t = now();
	pid_t pid;

	while (n--) {
		errno = posix_spawn(&pid, self, NULL, NULL, nop, environ);
		if (errno)
			die("posix_spawn");
		reap(pid);
	}
	return now() - t;
}

static void *thread(void *arg)
{
	return arg;
}

ROW(thread_create_join)
{
	__s64 t = now();
	pthread_t id;

	while (n--) {
		errno = pthread_create(&id, NULL, thread, NULL);
		if (errno)
			die("pthread_create");
		pthread_join(id, NULL);
	}
	return now() - t;
}
