// SPDX-License-Identifier: GPL-2.0
/*
 * vdso.c - the clocks: right with and without the host's vDSO, faster with it.
 */
#include <elf.h>
#include <sys/auxv.h>
#include <time.h>
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

/* what the dynamic section loses when @drop is struck out of it */
static unsigned long vdso_without(unsigned long vdso, long drop)
{
	static char copy[65536] __attribute__((__aligned__(4096)));
	Elf64_Ehdr *eh = (Elf64_Ehdr *)copy;
	Elf64_Phdr *ph;
	Elf64_Dyn *dyn;
	int i;

	memcpy(copy, (void *)vdso, 8192);
	ph = (Elf64_Phdr *)(copy + eh->e_phoff);
	for (i = 0; i < eh->e_phnum; i++) {
		if (ph[i].p_type != PT_DYNAMIC)
			continue;
		for (dyn = (Elf64_Dyn *)(copy + ph[i].p_offset); dyn->d_tag; dyn++) {
			if (dyn->d_tag == drop)
				dyn->d_tag = DT_DEBUG;
		}
	}
	return (unsigned long)copy;
}

int main(void)
{
	unsigned long vdso = getauxval(AT_SYSINFO_EHDR);
	unsigned long auxv[] = { AT_PAGESZ, 4096, AT_SYSINFO_EHDR, vdso, AT_NULL, 0 };
	unsigned long none[] = { AT_PAGESZ, 4096, AT_NULL, 0 };
	s64 raw, fast;

	test_begin(30);
	host_vdso_init(none);
	test_clocks();
	raw = cost();

	/* one without any hash table has no table of symbols that we could read */
	if (vdso) {
		auxv[3] = vdso_without(vdso, DT_STRTAB);
		host_vdso_init(auxv);
		test_clocks();
		auxv[3] = vdso;
	}

	host_vdso_init(auxv);
	test_clocks();
	fast = cost();
	printf("clock: raw %lld ns, vDSO %lld ns\n", (long long)raw, (long long)fast);
	if (!vdso)
		skip("this host has no vDSO: the clocks were tested by system calls only");
	CHECK(fast < raw);
	return 0;
}
