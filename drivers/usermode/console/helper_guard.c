// SPDX-License-Identifier: GPL-2.0
/*
 * helper_guard.c - removes a file when the program has ended, even by SIGKILL.
 *
 * The guard is a host process whose standard input is a pipe that nobody writes
 * to: it reads the end when the last process that has the other end is gone. It
 * removes only what it has seen at its start: another guest, or this one after a
 * reboot, may have put its own there since.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <uapi/linux/fcntl.h>
#include <asm/cmdline.h>
#include <asm/host.h>
#include "helper.h"

#define GUARD_SWITCH	"--remove-at-end="

void helper_path(char *buf, size_t n)
{
	snprintf(buf, n, "/proc/%d/exe", host_getpid());
}

int guard_start(const char *path, int *guard)
{
	char exe[HELPER_PATH_MAX], word[256];
	char *const argv[] = { "linux", word, NULL };
	int fd[3], pipe[2];
	int err;

	if (snprintf(word, sizeof(word), GUARD_SWITCH "%s", path) >= sizeof(word))
		return -ENAMETOOLONG;
	err = host_pipe(pipe);
	if (err)
		return err;
	helper_path(exe, sizeof(exe));
	fd[0] = pipe[0];
	fd[1] = host_open("/dev/null", O_RDWR, 0);
	fd[2] = fd[1];
	err = fd[1] < 0 ? fd[1] : host_run(exe, argv, host_envp, fd);
	if (fd[1] >= 0)
		host_close(fd[1]);
	host_close(pipe[0]);
	if (err)
		host_close(pipe[1]);
	else
		*guard = pipe[1];
	return err;
}

void guard_stop(int guard)
{
	host_close(guard);
}

static int identify(const char *path, struct host_stat *st)
{
	int fd = host_open(path, O_PATH | O_NOFOLLOW, 0);
	int err;

	if (fd < 0)
		return fd;
	err = host_fstat(fd, st);
	host_close(fd);
	return err;
}

static int __noreturn guard(const char *word, char *why, size_t len)
{
	const char *path = word + strlen(GUARD_SWITCH);
	struct host_stat mine, now;
	char byte;

	if (identify(path, &mine))
		host_exit(1);
	while (host_read(0, &byte, 1) == -EINTR)
		;
	if (!identify(path, &now) && now.dev == mine.dev && now.ino == mine.ino)
		host_unlink(path);
	host_exit(0);
}

USERMODE_SWITCH(guard, GUARD_SWITCH, guard, NULL);
