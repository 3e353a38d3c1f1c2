// SPDX-License-Identifier: GPL-2.0
/*
 * harness.c - checks, upcalls, resource counts and injected faults for the tests.
 *
 * The fault state is atomic: host calls are counted over all threads.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "harness.h"

static u32 irqs[TEST_LINES];

static unsigned long fault_countdown;
static bool fault_again;

void check_failed(const char *file, int line, const char *what, long a, long b)
{
	fprintf(stderr, "%s:%d: failed: %s (%ld, %ld)\n", file, line, what, a, b);
	_exit(1);
}

void skip(const char *reason)
{
	printf("SKIP: %s\n", reason);
	exit(77);
}

void test_begin(unsigned int seconds)
{
	alarm(seconds);
	setvbuf(stdout, NULL, _IONBF, 0);
}

int test_file(void)
{
	char name[] = "host-test-XXXXXX";
	int fd = mkstemp(name);

	CHECK(fd >= 0);
	CHECK_EQ(unlink(name), 0);
	CHECK_EQ(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
	return fd;
}

void host_upcall_irq(unsigned int line)
{
	if (line >= TEST_LINES)
		abort();
	__atomic_fetch_add(&irqs[line], 1, __ATOMIC_SEQ_CST);
}

void host_upcall_log(const char *text)
{
	fprintf(stderr, "log: %s\n", text);
}

void host_upcall_panic(const char *text)
{
	fprintf(stderr, "panic: %s\n", text);
	_exit(1);
}

u32 irq_count(unsigned int line)
{
	return __atomic_load_n(&irqs[line], __ATOMIC_SEQ_CST);
}

bool irq_wait(unsigned int line, u32 count, unsigned int ms)
{
	unsigned int tenths;

	for (tenths = 0; tenths < ms * 10; tenths++) {
		if (irq_count(line) >= count)
			return true;
		usleep(100);
	}
	return irq_count(line) >= count;
}

static long count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	long n = 0;

	CHECK(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static long count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *e;
	long n = 0;

	CHECK(dir);
	while ((e = readdir(dir))) {
		char path[300], comm[16] = "";
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", e->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(comm, sizeof(comm), f) && strncmp(comm, "iou-", 4))
			n++;
		fclose(f);
	}
	closedir(dir);
	return n;
}

static long count_pages(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long n;

	CHECK(f);
	CHECK_EQ(fscanf(f, "%ld", &n), 1);
	fclose(f);
	return n;
}

struct resources resources_now(void)
{
	struct resources r = { count_fds(), count_threads(), count_pages() };

	return r;
}

void resources_check(const char *what, struct resources before)
{
	struct resources now;
	int i;

	for (i = 0; i < 100; i++) {
		now = resources_now();
		/* a worker of io_uring's has the program's name until it first runs */
		if (now.fds == before.fds && now.pages == before.pages &&
		    now.threads <= before.threads)
			return;
		usleep(1000);
	}
	fprintf(stderr, "%s: left behind: descriptors %ld, threads %ld, pages %ld\n", what,
		now.fds - before.fds, now.threads - before.threads, now.pages - before.pages);
	_exit(1);
}

void fault_arm(unsigned long nth, bool again)
{
	fault_again = again;
	__atomic_store_n(&fault_countdown, nth, __ATOMIC_SEQ_CST);
}

bool fault_disarm(void)
{
	return !__atomic_exchange_n(&fault_countdown, 0, __ATOMIC_SEQ_CST);
}

/* how the host could refuse the call, or 0 where it cannot */
static long fault_of(long nr, unsigned long b)
{
	switch (nr) {
	case SYS_close:
	case SYS_exit_group:
	case SYS_getpid:
	case SYS_gettid:
	case SYS_munmap:		/* of a whole mapping */
	case SYS_rt_sigprocmask:
	case SYS_timer_delete:
	case SYS_clock_gettime:
		return 0;
	case SYS_futex:
		return b == FUTEX_WAIT ? -EINTR : 0;
	case SYS_epoll_pwait:
	case SYS_read:
	case SYS_write:
	case SYS_wait4:
		return -EINTR;
	case SYS_preadv:
	case SYS_pwritev:
	case SYS_fdatasync:
	case SYS_fallocate:
	case SYS_getrandom:
		return fault_again ? -EINTR : -ENOMEM;
	case SYS_io_uring_enter:
		return fault_again ? -EINTR : -EAGAIN;
	default:
		return -ENOMEM;
	}
}

long host_fault(long nr, unsigned long a, unsigned long b);	/* of host/syscall.h */

long host_fault(long nr, unsigned long a, unsigned long b)
{
	unsigned long left = __atomic_load_n(&fault_countdown, __ATOMIC_SEQ_CST);
	long err = fault_of(nr, b);

	(void)a;
	if (!err)
		return 0;
	while (left) {
		if (__atomic_compare_exchange_n(&fault_countdown, &left, left - 1, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return left == 1 ? err : 0;
	}
	return 0;
}
