// SPDX-License-Identifier: GPL-2.0
/* memory.c - rows: page faults and mappings. Walks are 16 MB; a page's share. */
#include "bench.h"

#define WALK	(16 * MB)
#define PAGES	((long)(WALK / PAGE))

static __s64 walk(char *p, int write)
{
	__s64 t = now();
	size_t i;

	for (i = 0; i < WALK; i += PAGE) {
		if (write)
			WRITE_ONCE(p[i], 1);
		else
			(void)READ_ONCE(p[i]);
	}
	return now() - t;
}

/* map @flags, say @advice, walk, unmap, often enough that n pages were touched */
static __s64 faults(long n, int prot, int flags, int fd, int advice)
{
	long left = n;
	__s64 ns = 0;

	do {
		char *p = mmap(NULL, WALK, prot, flags, fd, 0);

		if (p == MAP_FAILED)
			die("mmap");
		madvise(p, WALK, advice);	/* not every kernel listens */
		ns += walk(p, prot & PROT_WRITE);
		munmap(p, WALK);
		left -= PAGES;
	} while (left > 0);
	return ns * n / (n - left);
}

ROW(anon_fault)
{
	return faults(n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      MADV_NORMAL);
}

/* where the program asks for large pages */
ROW(anon_fault_huge)
{
	return faults(n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      MADV_HUGEPAGE);
}

ROW(file_fault)
{
	return faults(n, PROT_READ, MAP_SHARED, memory_file(WALK), MADV_NORMAL);
}

ROW(file_private_write_fault)
{
	return faults(n, PROT_READ | PROT_WRITE, MAP_PRIVATE, memory_file(WALK),
		      MADV_NORMAL);
}

/* a child writes to what it shares with its parent */
ROW(cow_fault)
{
	char *p = memory(WALK);
	__s64 *result = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	__s64 ns = 0;
	long left = n;
	pid_t pid;

	do {
		pid = MUST(fork());
		if (!pid) {
			*result = walk(p, 1);
			_exit(0);
		}
		reap(pid);
		ns += *result;
		left -= PAGES;
	} while (left > 0);
	munmap(result, PAGE);
	munmap(p, WALK);
	return ns * n / (n - left);
}

/* one small mapping, used once */
ROW(mmap_touch_munmap)
{
	__s64 t = now();

	for (long i = 0; i < n; i++) {
		char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			die("mmap");
		for (size_t k = 0; k < 4; k++)
			WRITE_ONCE(p[k * PAGE], 1);
		munmap(p, 4 * PAGE);
	}
	return now() - t;
}

/* memory that was touched before: what the second fault for a bit would cost */
ROW(touch_again)
{
	char *p = memory(WALK);
	__s64 ns = 0;
	long left = n;

	do {
		ns += walk(p, 1);
		left -= PAGES;
	} while (left > 0);
	munmap(p, WALK);
	return ns * n / (n - left);
}
