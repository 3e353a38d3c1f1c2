// SPDX-License-Identifier: GPL-2.0
/*
 * program.c - programs that run beside this one.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "harness.h"

/* what it tells: its session is its own, nothing is blocked, and only 0 to 2 are open */
#define SCRIPT	"read x < /proc/self/stat; set -- $x; [ $1 = $6 ] || exit 1;" \
		"grep SigBlk /proc/self/status; ls /proc/self/fd | wc -l; echo \"$V\""

static void test_run(void)
{
	char * const argv[] = { "sh", "-c", SCRIPT, NULL };
	char * const envp[] = { "V=value", "PATH=/usr/bin:/bin", NULL };
	char text[200] = "", *signals;
	int fd[3], pipe[2], at = 0, n;

	CHECK_EQ(host_pipe(pipe), 0);
	fd[0] = host_open("/dev/null", O_RDONLY, 0);
	fd[1] = pipe[1];
	fd[2] = 2;
	CHECK_EQ(host_run("/bin/sh", argv, envp, fd), 0);
	host_close(pipe[1]);
	while ((n = host_read(pipe[0], text + at, sizeof(text) - 1 - at)) > 0)
		at += n;
	CHECK_EQ(n, 0);
	signals = strstr(text, "SigBlk:");
	CHECK(signals);
	CHECK(strstr(signals, "0000000000000000\n"));
	/* ls has one more for the directory */
	CHECK(strstr(text, "\n4\nvalue\n"));
	/* nobody's child */
	CHECK_EQ(waitpid(-1, NULL, __WALL), -1);
	host_close(pipe[0]);
	host_close(fd[0]);
}

static void test_missing(void)
{
	char * const argv[] = { "none", NULL };
	char * const envp[] = { NULL };
	int fd[3] = { 0, 1, 2 };

	CHECK_EQ(host_run("/none", argv, envp, fd), -ENOENT);
	CHECK_EQ(host_run("/dev/null", argv, envp, fd), -EACCES);
	fd[1] = 999;
	CHECK_EQ(host_run("/bin/true", argv, envp, fd), -EBADF);
	CHECK_EQ(waitpid(-1, NULL, __WALL), -1);
}

int main(void)
{
	test_begin(20);
	test_run();
	test_missing();
	return 0;
}
