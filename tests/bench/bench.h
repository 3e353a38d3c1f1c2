/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bench.h - what the rows of the benchmark share.
 *
 * A row is a function that does something n times and says how long that took.
 * It is run often enough to be measured, many times over, and the median and
 * quartiles of one time are printed. The same program runs on the host and in
 * guests; each row states the work of a program, not of a kernel.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/types.h>
#include "../../tools/compiler.h"

#define PAGE	4096UL
#define MB	(1024 * 1024UL)

typedef __s64 (*row_fn)(long n);

void add_row(const char *name, row_fn fn);

#define ROW(_name)							\
	static __s64 row_##_name(long n);				\
	__attribute__((constructor)) static void add_##_name(void)	\
	{								\
		add_row(#_name, row_##_name);				\
	}								\
	static __s64 row_##_name(long n)

/* the program ends, naming what failed */
__noreturn void die(const char *what);

#define MUST(expr) ({							\
	long must_ = (long)(expr);					\
	if (must_ == -1)						\
		die(#expr);						\
	must_;								\
})

/* ns of CLOCK_MONOTONIC */
static inline __s64 now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* anonymous memory, each page written */
static inline char *memory(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	if (p == MAP_FAILED)
		die("mmap");
	for (i = 0; i < bytes; i += PAGE)
		p[i] = 1;
	return p;
}

/* a file of @bytes in memory, filled; the same one each time */
int memory_file(size_t bytes);

static inline void reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		die("a child");
}

#endif
