/* SPDX-License-Identifier: GPL-2.0 */
/*
 * huge.h - what holds for pages of 2 MB wherever they come from. Each check is given
 * the start of two of them, readable and writable, private and not touched yet.
 */
#ifndef TESTS_SYSCALLS_HUGE_H
#define TESTS_SYSCALLS_HUGE_H

#include "marks.h"
#include <stdint.h>
#include <sys/uio.h>

static inline char *align_up(char *p)
{
	return (char *)(((uintptr_t)p + HUGE - 1) & ~(HUGE - 1));
}

/* kB in the line @field ("Rss:") of smaps for the area that @p is in; -1: no such line */
static inline long smaps_kb(const char *p, const char *field)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long start, end;
	bool here = false;
	char line[256];
	long kb = -1;

	CHECK(f);
	while (kb < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = start <= (uintptr_t)p && (uintptr_t)p < end;
		else if (here && !strncmp(line, field, strlen(field)))
			kb = atol(line + strlen(field));
	}
	fclose(f);
	return kb;
}

static inline void check_copied_on_write(char *p)
{
	pid_t pid;

	for (int round = 0; round < 5; round++) {
		mark_all(p, PAGES(2), round);
		pid = fork();
		if (!pid) {
			check_all(p, PAGES(2), round);
			mark_all(p, PAGES(2), 70 + round);
			check_all(p, PAGES(2), 70 + round);
			_exit(0);
		}
		if (round % 2)		/* who is first? */
			sleep_ms(20);
		mark_all(p, PAGES(2), 10 + round);
		check_all(p, PAGES(2), 10 + round);
		join_child(pid);
		check_all(p, PAGES(2), 10 + round);
	}
}

static inline void check_protection(char *p)
{
	mark_all(p, PAGES(2), 9);
	CHECK_EQ(mprotect(p, HUGE, PROT_READ), 0);
	CHECK_EQ(store(p + 100 * PAGE, 1), SIGSEGV);
	CHECK_EQ(store(p + HUGE + 100 * PAGE, 1), 0);
	check_all(p, PAGES(1), 9);
	CHECK_EQ(mprotect(p, HUGE, PROT_NONE), 0);
	CHECK_EQ(store(p + 511 * PAGE, 1), SIGSEGV);
	CHECK_EQ(mprotect(p, HUGE, PROT_READ | PROT_WRITE), 0);
	check_all(p, PAGES(1), 9);
	CHECK_EQ(store(p + 511 * PAGE, 1), 0);
}

/* its new place, whose pages are marked; there is room behind it */
static inline char *check_moved(char *p)
{
	char *to = align_up(map_anon(4 * HUGE, PROT_NONE));

	mark_all(p, PAGES(2), 10);
	CHECK_EQ(mremap(p, 2 * HUGE, 2 * HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
	check_all(to, PAGES(2), 10);
	mark_all(to, PAGES(2), 11);
	check_all(to, PAGES(2), 11);
	CHECK_EQ(store(p + 7 * PAGE, 1), SIGSEGV);
	return to;
}

/* the kernel reads and writes it; each piece lies across two small pages */
static inline void check_system_calls(char *p)
{
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	for (long i = 0; i < PAGES(2) - 1; i++) {
		char *at = p + i * PAGE + PAGE - 100;

		memset(at, i, 200);
		CHECK_EQ(write(fd[1], at, 200), 200);
		memset(at, ~i, 200);
		CHECK_EQ(read(fd[0], at, 200), 200);
		CHECK(at[0] == (char)i && at[199] == (char)i);
	}
	/* where nothing has been touched yet */
	CHECK_EQ(madvise(p, 2 * HUGE, MADV_DONTNEED), 0);
	CHECK_EQ(write(fd[1], p + HUGE - 50, 100), 100);
	memset(p + HUGE - 50, 1, 100);
	CHECK_EQ(read(fd[0], p + HUGE - 50, 100), 100);
	CHECK(p[HUGE - 50] == 0 && p[HUGE + 49] == 0);
	CHECK_EQ(close(fd[0]) | close(fd[1]), 0);
}

static inline void check_another_process_looks(char *p)
{
	char seen[PAGE];
	struct iovec here = { seen, PAGE }, there = { p + 300 * PAGE, PAGE };
	int fd = open("/proc/self/mem", O_RDWR);

	CHECK(fd >= 0);
	mark_all(p, PAGES(1), 13);
	CHECK_EQ(pread(fd, seen, PAGE, (uintptr_t)p + 200 * PAGE), PAGE);
	CHECK(!memcmp(seen, p + 200 * PAGE, PAGE));
	CHECK_EQ(pwrite(fd, "hello", 5, (uintptr_t)p + 201 * PAGE), 5);
	CHECK(!memcmp(p + 201 * PAGE, "hello", 5));
	CHECK_EQ(process_vm_readv(getpid(), &here, 1, &there, 1, 0), PAGE);
	CHECK(!memcmp(seen, p + 300 * PAGE, PAGE));
	CHECK_EQ(close(fd), 0);
}

#endif
