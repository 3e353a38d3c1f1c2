/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tracee.h - a test's one child that it traces, and what its last stop was.
 */
#ifndef TESTS_SYSCALLS_TRACEE_H
#define TESTS_SYSCALLS_TRACEE_H

#include "harness.h"
#include <sys/ptrace.h>
#include <sys/user.h>

static pid_t child;
static int status;

/* the child runs @fn, stopped before; it dies with the test */
static inline void trace(void (*fn)(void))
{
	child = fork();
	if (!child) {
		CHECK_EQ(ptrace(PTRACE_TRACEME, 0, 0, 0), 0);
		raise(SIGSTOP);
		fn();
		_exit(0);
	}
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(WSTOPSIG(status), SIGSTOP);
	CHECK_EQ(ptrace(PTRACE_SETOPTIONS, child, 0,
			PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD), 0);
}

static inline void cont(long request, long sig)
{
	CHECK_EQ(ptrace(request, child, 0, sig), 0);
	CHECK_EQ(waitpid(child, &status, __WALL), child);
}

static inline struct user_regs_struct regs_now(void)
{
	struct user_regs_struct r;

	CHECK_EQ(ptrace(PTRACE_GETREGS, child, 0, &r), 0);
	return r;
}

static inline void expect_stop(int sig)
{
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != sig)
		FAIL("status %#x, not a stop with signal %d", status, sig);
}

static inline void expect_exit(int code)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
		FAIL("status %#x, not exit %d", status, code);
}

#endif /* TESTS_SYSCALLS_TRACEE_H */
