// SPDX-License-Identifier: GPL-2.0
/*
 * More pages, and more scattered ones, than a host process may have mappings
 * (vm.max_map_count, 65530 by default).
 */
#include "harness.h"

#define MIB		(1024 * 1024UL)
#define FILE_PAGES	32768UL			/* 128 MiB */
#define WINDOWS		32UL			/* of the whole file */
#define PAGES		(FILE_PAGES * WINDOWS)	/* 1 Mi pages of address space */

/* visits every n < @count once, far from in order; @count is a power of two */
static unsigned long scatter(unsigned long i, unsigned long count)
{
	return (i * 0x9e3779b1UL + 12345) & (count - 1);
}

/* one file seen through many windows: neighbours in memory are strangers in it */
static unsigned long *map_windows(void)
{
	int fd = syscall(SYS_memfd_create, "scattered", 0U);
	char *p = map_anon(PAGES * PAGE, PROT_NONE);
	unsigned long i;

	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, FILE_PAGES * PAGE), 0);
	/* the file's pages are used in a wild order first, so they lie wildly */
	for (i = 0; i < FILE_PAGES; i++) {
		unsigned long n = scatter(i, FILE_PAGES);

		CHECK_EQ(pwrite(fd, &n, sizeof(n), n * PAGE), sizeof(n));
	}
	for (i = 0; i < WINDOWS; i++)
		CHECK_EQ(mmap(p + i * FILE_PAGES * PAGE, FILE_PAGES * PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_FIXED, fd, 0), p + i * FILE_PAGES * PAGE);
	return (unsigned long *)p;
}

#define WORDS	(PAGE / sizeof(long))

TEST_LIMIT(a_million_scattered_pages, 400)
{
	unsigned long *p = map_windows();
	unsigned long i;

	for (i = 0; i < PAGES; i++) {
		unsigned long n = scatter(i, PAGES);

		/* the store first: a load would cost a fault of its own */
		p[n * WORDS + 1 + n / FILE_PAGES] = n;
		CHECK_EQ(p[n * WORDS], n % FILE_PAGES);
	}
	for (i = 0; i < PAGES; i++) {
		unsigned long n = scatter(i + 777, PAGES);
		unsigned long window;

		/* all windows onto every sixteenth page of the file */
		if (n >= FILE_PAGES || n % 16)
			continue;
		for (window = 0; window < WINDOWS; window++)
			CHECK_EQ(p[n * WORDS + 1 + window], window * FILE_PAGES + n);
	}
}

TEST_LIMIT(every_second_page, 200)
{
	unsigned long count = 131072, i;
	unsigned long *p = map_anon(2 * count * PAGE, PROT_READ | PROT_WRITE);

	/* 512 MiB: as much as is there, half the mappings' limit at least twice */
	for (i = 0; i < count; i++) {
		p[2 * i * WORDS] = i + 1;
		if (i % 8192 == 8191)
			CHECK_EQ(madvise(p + 2 * (i - 4095) * WORDS, 4096 * PAGE,
					 MADV_DONTNEED), 0);
	}
	for (i = 0; i < count; i++) {
		bool gone = i % 8192 >= 4096 && i % 8192 < 4096 + 2048;

		CHECK_EQ(p[2 * i * WORDS], gone ? 0 : i + 1);
	}
}

TEST_LIMIT(alternating_protection, 120)
{
	/* guest mappings are limited too: stay below */
	unsigned long count = 60000, i;
	char *p = map_anon(count * PAGE, PROT_READ | PROT_WRITE);

	for (i = 0; i < count; i++)
		p[i * PAGE] = i;
	for (i = 0; i < count; i += 2)
		CHECK_EQ(mprotect(p + i * PAGE, PAGE, PROT_READ), 0);
	for (i = 0; i < count; i++)
		CHECK_EQ(p[i * PAGE], (char)i);
	for (i = 1; i < count; i += 2)
		p[i * PAGE]++;
	CHECK_EQ(mprotect(p, count * PAGE, PROT_READ | PROT_WRITE), 0);
	for (i = 0; i < count; i++)
		CHECK_EQ(p[i * PAGE], (char)(i + i % 2));
}

TEST_LIMIT(fork_of_a_scattered_process, 200)
{
	unsigned long count = 70000, i;
	unsigned long *p = map_anon(2 * count * PAGE, PROT_READ | PROT_WRITE);
	pid_t pid;

	for (i = 0; i < count; i++)
		p[2 * i * WORDS] = i;
	pid = fork();
	if (!pid) {
		for (i = 0; i < count; i++) {
			CHECK_EQ(p[2 * i * WORDS], i);
			if (i % 3 == 0)
				p[2 * i * WORDS] = ~i;
		}
		for (i = 0; i < count; i++)
			CHECK_EQ(p[2 * i * WORDS], i % 3 ? i : ~i);
		_exit(0);
	}
	join_child(pid);
	for (i = 0; i < count; i++)
		CHECK_EQ(p[2 * i * WORDS], i);
}
