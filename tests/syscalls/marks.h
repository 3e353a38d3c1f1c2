/* SPDX-License-Identifier: GPL-2.0 */
/* marks.h - pages that can be told apart, and stores that may fail. */
#ifndef TESTS_SYSCALLS_MARKS_H
#define TESTS_SYSCALLS_MARKS_H

#include "harness.h"

#define HUGE		(2UL << 20)
#define PAGES(n)	((long)((n) * HUGE / PAGE))	/* of so many huge ones */

static inline unsigned long *mark_of(char *p, long page)
{
	return (unsigned long *)(p + page * PAGE + 8 * (page % 500));
}

static inline void mark(char *p, long page, unsigned long salt)
{
	WRITE_ONCE(*mark_of(p, page), page * 977 + salt);
}

static inline void check_mark(char *p, long page, unsigned long salt)
{
	CHECK_EQ(READ_ONCE(*mark_of(p, page)), page * 977 + salt);
}

static inline void mark_all(char *p, long pages, unsigned long salt)
{
	for (long i = 0; i < pages; i++)
		mark(p, i, salt);
}

static inline void check_all(char *p, long pages, unsigned long salt)
{
	for (long i = 0; i < pages; i++)
		check_mark(p, i, salt);
}

/* where the mark of a page would be there is nothing */
static inline void check_blank(char *p, long page)
{
	CHECK_EQ(READ_ONCE(*mark_of(p, page)), 0);
}

/* the signal that a store of @byte to @p ends in, 0: it is done */
static inline int store(char *p, char byte)
{
	int sig;

	handle(SIGSEGV, escape, SA_NODEFER);
	handle(SIGBUS, escape, SA_NODEFER);
	sig = sigsetjmp(escape_to, 1);
	if (!sig)
		WRITE_ONCE(*p, byte);
	return sig;
}

#endif
