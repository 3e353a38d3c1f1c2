// SPDX-License-Identifier: GPL-2.0
/*
 * vdso.c - the clocks: right with and without the host's vDSO, faster with it;
 * and whether the CPU's counter may be one.
 */
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include "harness.h"

#define NSEC	1000000000LL
#define ROUNDS	20000

static s64 libc_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

/* each reading lies between two of libc's */
static void test_clocks(void)
{
	int i;

	for (i = 0; i < 1000; i++) {
		s64 a = libc_clock(CLOCK_MONOTONIC);
		s64 b = host_monotonic_ns();
		s64 c = libc_clock(CLOCK_MONOTONIC);

		CHECK(a <= b && b <= c);
		a = libc_clock(CLOCK_REALTIME);
		b = host_realtime_ns();
		c = libc_clock(CLOCK_REALTIME);
		CHECK(a <= b && b <= c);
	}
}

/* the best of some rounds, ns a reading */
static s64 cost(void)
{
	s64 best = NSEC;
	int round, i;

	for (round = 0; round < 10; round++) {
		s64 start = libc_clock(CLOCK_MONOTONIC);

		for (i = 0; i < ROUNDS; i++)
			host_monotonic_ns();
		start = libc_clock(CLOCK_MONOTONIC) - start;
		if (start / ROUNDS < best)
			best = start / ROUNDS;
	}
	return best;
}

/* a vDSO from a file beside the program, in memory as the host would lay it out */
static unsigned long load_image(const char *name)
{
	const int rwx = HOST_PROT_READ | HOST_PROT_WRITE | HOST_PROT_EXEC;
	char path[4096];
	ssize_t n;
	long at;
	int fd;

	n = host_readlink("/proc/self/exe", path, sizeof(path) - 32);
	CHECK(n > 0);
	path[n] = 0;
	snprintf(strrchr(path, '/') + 1, 32, "%s", name);
	fd = host_open(path, O_RDONLY, 0);
	CHECK(fd >= 0);
	at = host_map(NULL, 65536, rwx, HOST_MAP_PRIVATE | HOST_MAP_ANON, -1, 0);
	CHECK(at > 0);
	CHECK(host_read(fd, (void *)at, 65536) > 0);
	CHECK_EQ(host_close(fd), 0);
	return at;
}

/* the symbol is found by either hash table, and absence is no accident */
static void test_images(void)
{
	static const char * const good[] = {
		"vdso-sysv.so", "vdso-gnu.so", "vdso-both.so", "vdso-alone.so",
	};
	unsigned long auxv[] = { AT_SYSINFO_EHDR, 0, AT_NULL, 0 };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		auxv[1] = load_image(good[i]);
		host_vdso_init(auxv);
		CHECK_EQ(host_monotonic_ns(), (1000 + CLOCK_MONOTONIC) * NSEC + 7);
		CHECK_EQ(host_realtime_ns(), (1000 + CLOCK_REALTIME) * NSEC + 7);
	}

	/* a clock that the vDSO cannot read is read by a system call */
	auxv[1] = load_image("vdso-refuses.so");
	host_vdso_init(auxv);
	test_clocks();

	/* no symbol of that name */
	auxv[1] = load_image("vdso-empty.so");
	host_vdso_init(auxv);
	test_clocks();
}

/* the counter is trusted where the host's own clock is made of it, and may be read */
static void test_counter(void)
{
	char buf[32] = "";
	ssize_t n;
	int fd;

	fd = open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY);
	n = fd < 0 ? 0 : read(fd, buf, sizeof(buf) - 1);
	CHECK(n >= 0);
	CHECK_EQ(!host_tsc_distrust(), !strcmp(buf, "tsc\n"));

	CHECK_EQ(prctl(PR_SET_TSC, PR_TSC_SIGSEGV), 0);
	CHECK(host_tsc_distrust() && strstr(host_tsc_distrust(), "PR_SET_TSC"));
	CHECK_EQ(prctl(PR_SET_TSC, PR_TSC_ENABLE), 0);
}

int main(void)
{
	unsigned long vdso = getauxval(AT_SYSINFO_EHDR);
	unsigned long auxv[] = { AT_PAGESZ, 4096, AT_SYSINFO_EHDR, vdso, AT_NULL, 0 };
	unsigned long none[] = { AT_PAGESZ, 4096, AT_NULL, 0 };
	s64 raw, fast;

	test_begin(30);
	test_counter();
	host_vdso_init(none);
	test_clocks();
	raw = cost();

	test_images();

	host_vdso_init(auxv);
	test_clocks();
	fast = cost();
	printf("clock: raw %lld ns, vDSO %lld ns\n", (long long)raw, (long long)fast);
	if (!vdso)
		skip("this host has no vDSO: the clocks were tested by system calls only");
	CHECK(fast < raw);
	return 0;
}
