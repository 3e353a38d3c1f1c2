// SPDX-License-Identifier: GPL-2.0
/* calls.c - rows: system calls of one process, and signals. */
#include "bench.h"
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>

#define REPEAT(n, expr) do {						\
	for (long i_ = 0; i_ < (n); i_++)				\
		expr;							\
} while (0)

#define TIMED(n, expr) ({						\
	__s64 t_ = now();						\
	REPEAT(n, expr);						\
	now() - t_;							\
})

ROW(getppid)
{
	return TIMED(n, syscall(SYS_getppid));
}

ROW(clock_gettime)
{
	struct timespec ts;

	return TIMED(n, clock_gettime(CLOCK_MONOTONIC, &ts));
}

ROW(clock_gettime_call)
{
	struct timespec ts;

	return TIMED(n, syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts));
}

ROW(getrandom_8)
{
	__u64 value;

	return TIMED(n, syscall(SYS_getrandom, &value, sizeof(value), 0));
}

static __s64 transfer(long n, size_t len, int out)
{
	static char buf[PAGE];
	int fd = memory_file(16 * MB);

	if (out)
		return TIMED(n, MUST(pwrite(fd, buf, len, 0)));
	return TIMED(n, MUST(pread(fd, buf, len, 0)));
}

ROW(read_1)
{
	return transfer(n, 1, 0);
}

ROW(read_4k)
{
	return transfer(n, PAGE, 0);
}

ROW(write_1)
{
	return transfer(n, 1, 1);
}

ROW(write_4k)
{
	return transfer(n, PAGE, 1);
}

ROW(stat)
{
	struct stat st;

	return TIMED(n, MUST(stat("/proc/../etc", &st)));
}

ROW(open_close)
{
	return TIMED(n, MUST(close(MUST(open("/etc/passwd", O_RDONLY)))));
}

ROW(creat_unlink)
{
	char name[64];

	snprintf(name, sizeof(name), "/dev/shm/bench-%d", getpid());
	return TIMED(n, ({
		MUST(close(MUST(open(name, O_CREAT | O_WRONLY, 0600))));
		MUST(unlink(name));
	}));
}

static void handler(int sig)
{
	(void)sig;
}

ROW(signal)
{
	struct sigaction sa = { .sa_handler = handler };
	pid_t pid = getpid();

	MUST(sigaction(SIGUSR1, &sa, NULL));
	return TIMED(n, MUST(kill(pid, SIGUSR1)));
}

ROW(nanosleep_50us)
{
	const struct timespec ts = { .tv_nsec = 50000 };

	return TIMED(n, nanosleep(&ts, NULL));
}
