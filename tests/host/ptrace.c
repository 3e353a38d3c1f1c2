// SPDX-License-Identifier: GPL-2.0
/*
 * ptrace.c - a child is stopped, read, written and let go.
 */
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include "harness.h"

static long word = 11;

int main(void)
{
	struct user_regs_struct regs;
	int pid, status;
	long data;

	test_begin(20);
	pid = fork();
	if (!pid) {
		CHECK_EQ(host_ptrace(PTRACE_TRACEME, 0, 0, 0), 0);
		host_kill(host_getpid(), SIGSTOP);
		_exit(READ_ONCE(word));
	}
	CHECK_EQ(host_wait(pid, &status, 0), pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	CHECK_EQ(host_ptrace(PTRACE_GETREGS, pid, 0, (unsigned long)&regs), 0);
	CHECK(regs.rip && regs.rsp);

	/* raw: the word goes where data points, the result is but the verdict */
	CHECK_EQ(host_ptrace(PTRACE_PEEKDATA, pid, (unsigned long)&word, (unsigned long)&data), 0);
	CHECK_EQ(data, 11);
	CHECK_EQ(host_ptrace(PTRACE_PEEKDATA, pid, 8, (unsigned long)&data), -EIO);
	CHECK_EQ(host_ptrace(PTRACE_POKEDATA, pid, (unsigned long)&word, 22), 0);
	CHECK_EQ(host_ptrace(PTRACE_CONT, pid, 0, 0), 0);
	CHECK_EQ(host_wait(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 22);
	CHECK_EQ(host_ptrace(PTRACE_CONT, pid, 0, 0), -ESRCH);
	return 0;
}
