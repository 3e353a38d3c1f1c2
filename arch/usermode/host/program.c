// SPDX-License-Identifier: GPL-2.0
/*
 * program.c - programs of the host that run beside this one.
 *
 * Owns nothing and takes no lock. A program is started by a child that shares
 * the caller's memory, as spawn.c does it, and that child is gone when the
 * caller goes on: the program has no parent that would have to wait for it.
 * What runs here between clone and exec touches its arguments and its own stack.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/fcntl.h>
#include <uapi/linux/sched.h>
#include <asm/host.h>
#include "home.h"
#include "sigset.h"
#include "spawn.h"
#include "stack.h"
#include "syscall.h"

#define STACK_SIZE	(HOST_STACK_SIZE / 2)	/* one for each child */

struct program {
	const char *path;
	char *const *argv;
	char *const *envp;
	const int *fd;
	long err;		/* written by the children: why it does not run */
	void *stack;		/* the second child's */
};

static long pass_three_files(const int *fd)
{
	long err;
	int i;

	spawn_close_on_exec();
	for (i = 0; i < 3; i++) {
		if (fd[i] == i)
			err = host_syscall3(__NR_fcntl, i, F_SETFD, 0);
		else
			err = host_syscall3(__NR_dup3, fd[i], i, 0);
		if (err < 0)
			return err;
	}
	return 0;
}

static void program_exec(void *arg)
{
	struct program *program = arg;
	long err;

	host_syscall0(__NR_setsid);
	host_pin(0, -1);
	err = pass_three_files(program->fd);
	if (!err) {
		/* nobody signals a process whose number is not known yet */
		host_sigset_restore(0);
		err = host_exec(program->path, program->argv, program->envp);
	}
	program->err = err;
}

static void program_parent(void *arg)
{
	struct program *program = arg;
	long pid = spawn_call(program_exec, program, program->stack, STACK_SIZE);

	if (pid < 0)
		program->err = pid;
}

static long run(void *arg)
{
	struct program *program = arg;
	long stack = host_stack_map(HOST_STACK_SIZE);
	u64 mask;
	long pid;

	if (stack < 0)
		return stack;
	program->stack = (char *)stack + STACK_SIZE;
	mask = host_sigset_block_all();
	pid = spawn_call(program_parent, program, (void *)stack, STACK_SIZE);
	host_sigset_restore(mask);
	while (pid > 0 && host_wait(pid, NULL, HOST_WAIT_ALL) == -EINTR)
		;
	host_stack_unmap((void *)stack, HOST_STACK_SIZE);
	if (pid < 0)
		return pid;
	/* the children wrote it, behind the compiler's back */
	return __atomic_load_n(&program->err, __ATOMIC_RELAXED);
}

int host_run(const char *path, char *const argv[], char *const envp[], const int fd[3])
{
	struct program program = {
		.path = path,
		.argv = argv,
		.envp = envp,
		.fd = fd,
	};

	return host_home_call(run, &program);
}
