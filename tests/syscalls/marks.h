/* SPDX-License-Identifier: GPL-2.0 */
/* marks.h - pages that can be told apart, and stores that may fail. */
#ifndef TESTS_SYSCALLS_MARKS_H
#define TESTS_SYSCALLS_MARKS_H

#include "harness.h"
#include <setjmp.h>

#define HUGE		(2UL << 20)
#define PAGES(n)	((long)((n) * HUGE / PAGE))	/* of so many huge ones */

__attribute__((unused))
static void mark(volatile char *p, long page, unsigned long salt)
{
	*(volatile unsigned long *)(p + page * PAGE + 8 * (page % 500)) = page * 977 + salt;
}

__attribute__((unused))
static void check_mark(volatile char *p, long page, unsigned long salt)
{
	CHECK_EQ(*(volatile unsigned long *)(p + page * PAGE + 8 * (page % 500)),
		 page * 977 + salt);
}

__attribute__((unused))
static void mark_all(char *p, long pages, unsigned long salt)
{
	for (long i = 0; i < pages; i++)
		mark(p, i, salt);
}

__attribute__((unused))
static void check_all(char *p, long pages, unsigned long salt)
{
	for (long i = 0; i < pages; i++)
		check_mark(p, i, salt);
}

/* where the mark of a page would be there is nothing */
__attribute__((unused))
static void check_blank(volatile char *p, long page)
{
	CHECK_EQ(*(volatile unsigned long *)(p + page * PAGE + 8 * (page % 500)), 0);
}

__attribute__((unused))
static sigjmp_buf out;

__attribute__((unused))
static void jump(int sig, siginfo_t *si, void *uc)
{
	(void)si;
	(void)uc;
	siglongjmp(out, sig);
}

/* the signal that a store of @byte to @p ends in, 0: it is done */
__attribute__((unused))
static int store(volatile char *p, char byte)
{
	int sig;

	handle(SIGSEGV, jump, SA_NODEFER);
	handle(SIGBUS, jump, SA_NODEFER);
	sig = sigsetjmp(out, 1);
	if (!sig)
		*p = byte;
	return sig;
}

#endif
