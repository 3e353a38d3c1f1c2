// SPDX-License-Identifier: GPL-2.0
/*
 * program.c - starts programs of the host that help a network device.
 *
 * Owns nothing that lasts. Runs before there is a kernel, or in a process.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <asm/cmdline.h>
#include <asm/host.h>
#include "backend_user.h"

#define DEFAULT_PATH	"/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

void net_program_init(struct net_program *program, const char *name)
{
	memset(program, 0, sizeof(*program));
	program->log = -1;
	net_program_add(program, name);
}

void net_program_add(struct net_program *program, const char *argument)
{
	if (program->n <= NET_ARGUMENTS)
		program->argv[program->n++] = (char *)argument;
}

void net_program_print(struct net_program *program, const char *format, ...)
{
	char *at = program->text + program->used;
	size_t room = sizeof(program->text) - program->used;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(at, room, format, args);
	va_end(args);
	if (n >= room) {
		program->n = NET_ARGUMENTS + 1;	/* too many */
		return;
	}
	program->used += n + 1;
	net_program_add(program, at);
}

static const char *search_path(void)
{
	char **var;

	for (var = host_envp; *var; var++)
		if (!strncmp(*var, "PATH=", 5) && (*var)[5])
			return *var + 5;
	return DEFAULT_PATH;
}

static int run_from_path(struct net_program *program, const int fd[3])
{
	const char *dir = search_path(), *end;
	char path[256];
	int err = -ENOENT;

	if (strchr(program->argv[0], '/'))
		return host_run(program->argv[0], program->argv, host_envp, fd);
	for (; dir; dir = *end ? end + 1 : NULL) {
		end = strchrnul(dir, ':');
		if (snprintf(path, sizeof(path), "%.*s/%s", (int)(end - dir), dir,
			     program->argv[0]) >= sizeof(path))
			continue;
		err = host_run(path, program->argv, host_envp, fd);
		if (err != -ENOENT && err != -ENOTDIR && err != -EACCES)
			return err;
	}
	return -ENOENT;
}

int net_program_start(struct net_program *program, int in, int out)
{
	int fd[3] = { in, out };
	int err;

	if (program->n > NET_ARGUMENTS)
		return -E2BIG;
	program->argv[program->n] = NULL;
	program->log = host_memfd("usermode-helper-log", 0);
	if (program->log < 0)
		return program->log;
	fd[2] = program->log;
	err = run_from_path(program, fd);
	if (err)
		host_close(program->log);
	return err;
}

void net_program_complaint(struct net_program *program, char *why, size_t len)
{
	char text[512], *line, *rest = text, *last = NULL;
	struct iovec iov = { .iov_base = (void __user *)text, .iov_len = sizeof(text) - 1 };
	ssize_t n = host_preadv(program->log, &iov, 1, 0);

	text[max_t(ssize_t, n, 0)] = 0;
	while ((line = strsep(&rest, "\n")))
		/* passt says so for each line where no syslog runs */
		if (*line && strncmp(line, "Failed to send ", 15))
			last = line;
	snprintf(why, len, "%s: %s", program->argv[0], last ?: "it ends without a word");
}
