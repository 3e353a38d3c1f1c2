/* SPDX-License-Identifier: GPL-2.0 */
/*
 * harness.h - what the tests of the host layer share.
 *
 * A test is a plain program that ends with status 0, or 77 after "SKIP: reason"
 * where the host cannot do what it tests. A failed check prints where and what,
 * and ends the program with status 1; so does a test that takes too long.
 */
#ifndef __TESTS_HOST_HARNESS_H
#define __TESTS_HOST_HARNESS_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <asm/host.h>

#define CHECK(cond) do {							\
	if (!(cond))								\
		check_failed(__FILE__, __LINE__, #cond, 0, 0);			\
} while (0)

#define CHECK_EQ(a, b) do {							\
	long __a = (long)(a), __b = (long)(b);					\
	if (__a != __b)								\
		check_failed(__FILE__, __LINE__, #a " == " #b, __a, __b);	\
} while (0)

__noreturn void check_failed(const char *file, int line, const char *what, long a, long b);
__noreturn void skip(const char *reason);

/* call first; the program dies after that many seconds */
void test_begin(unsigned int seconds);

/* an empty file in the test's directory, already unlinked */
int test_file(void);

/* ---- interrupts, counted by host_upcall_irq() ---- */
#define TEST_LINES	64

u32 irq_count(unsigned int line);
/* true when @line has been raised at least @count times; waits up to @ms */
bool irq_wait(unsigned int line, u32 count, unsigned int ms);

/* ---- what a test must give back ---- */
struct resources {
	long fds;
	long threads;		/* without io_uring's workers, which linger */
	long pages;		/* of address space */
};

struct resources resources_now(void);
/* waits a moment for threads that are on their way out */
void resources_check(const char *what, struct resources before);

/* ---- failing host calls (programs built with HOST_FAULT_INJECT) ---- */

/* make the @nth host call from now on fail, once; @again: EINTR rather than ENOMEM */
void fault_arm(unsigned long nth, bool again);
/* disarm; true if the fault has been delivered */
bool fault_disarm(void);

#endif
