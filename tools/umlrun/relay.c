// SPDX-License-Identifier: GPL-2.0
/*
 * relay.c - runs the command and carries bytes between it and the line.
 *
 * Owns the command's ends: three pipes, or the master of a pseudo-terminal. What
 * comes for standard input waits here, one frame at most, until the command
 * takes it. When the command has ended, what it wrote is sent before its status;
 * processes that it left behind are not waited for.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "init.h"

static struct {
	pid_t pid;
	int in, out, err;	/* -1: closed. With a terminal in == out, no err */
	bool tty;
	struct frame input;	/* what is left for standard input */
	size_t taken;
	bool waiting;		/* there is something in it */
} command;

static __noreturn void end_child(const char *what)
{
	/* as a shell: 127 not found, 126 cannot be executed */
	int status = errno == ENOENT ? 127 : 126;

	dprintf(2, "umlrun: %s: %s\n", what, strerror(errno));
	_exit(status);
}

static __noreturn void run_command(const struct job *job, sigset_t *old)
{
	sigprocmask(SIG_SETMASK, old, NULL);
	if (job->uid || job->gid)
		if (setgroups(0, NULL) || setgid(job->gid) || setuid(job->uid))
			end_child("cannot become that user");
	if (chdir(job->cwd))
		end_child(job->cwd);
	environ = job->envp;
	execvp(job->argv[0], job->argv);
	end_child(job->argv[0]);
}

static void start_on_terminal(const struct job *job, sigset_t *old)
{
	struct winsize size = { .ws_row = job->rows, .ws_col = job->columns };

	command.pid = forkpty(&command.in, NULL, NULL, &size);
	if (command.pid < 0)
		give_up(true, "cannot start the command");
	if (!command.pid)
		run_command(job, old);
	fcntl(command.in, F_SETFD, FD_CLOEXEC);
	command.out = command.in;
	command.err = -1;
}

static void start_on_pipes(const struct job *job, sigset_t *old)
{
	int in[2], out[2], err[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		give_up(true, "cannot make pipes");
	command.pid = fork();
	if (command.pid < 0)
		give_up(true, "cannot start the command");
	if (!command.pid) {
		setsid();
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		run_command(job, old);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	command.in = in[1];
	command.out = out[0];
	command.err = err[0];
	fcntl(command.in, F_SETFL, O_NONBLOCK);
}

/* one piece from *@fd to the line; false: there is nothing, now or ever */
static bool carry_out(int *fd, char kind)
{
	static char data[FRAME_MAX];
	ssize_t n = read(*fd, data, sizeof(data));

	if (n > 0) {
		wire_send(kind, data, n);
		return true;
	}
	/* EIO: nobody has the terminal's other side open */
	if (!n || (errno != EAGAIN && errno != EINTR)) {
		if (!command.tty)
			close(*fd);
		*fd = -1;
	}
	return false;
}

static void close_input(void)
{
	static const char end_of_file = 4;

	if (command.in < 0)
		return;
	if (!command.tty)
		close(command.in);
	else if (write(command.in, &end_of_file, 1) != 1)
		return;
	command.in = -1;
}

static void carry_in(void)
{
	ssize_t n = write(command.in, command.input.data + command.taken,
			  command.input.len - command.taken);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)		/* nobody reads: the rest is lost, as in a pipe */
		n = command.input.len - command.taken;
	command.taken += n;
	if (command.taken < command.input.len)
		return;
	command.waiting = false;
	wire_send('t', "", 0);
}

static void take_frame(void)
{
	static struct frame frame;
	struct winsize size = {};

	wire_read(&frame);
	switch (frame.kind) {
	case 'i':
		if (!frame.len) {
			close_input();
		} else if (command.in < 0) {
			wire_send('t', "", 0);
		} else {
			command.input = frame;
			command.taken = 0;
			command.waiting = true;
		}
		break;
	case 'k':
		/* the command leads a group of its own */
		kill(-command.pid, atoi(frame.data));
		break;
	case 'w':
		if (command.tty && sscanf(frame.data, "%hu %hu", &size.ws_row, &size.ws_col) == 2)
			ioctl(command.out, TIOCSWINSZ, &size);
		break;
	}
}

/* true: the command has ended with *@status */
static bool reap(int signals, int *status)
{
	struct signalfd_siginfo info;
	bool ended = false;
	pid_t pid;
	int s;

	if (read(signals, &info, sizeof(info)) < 0 && errno != EAGAIN)
		return false;
	while ((pid = waitpid(-1, &s, WNOHANG)) > 0) {
		if (pid == command.pid) {
			*status = WIFSIGNALED(s) ? 128 + WTERMSIG(s) : WEXITSTATUS(s);
			ended = true;
		}
	}
	return ended;
}

static void drain(int *fd, char kind)
{
	if (*fd < 0)
		return;
	fcntl(*fd, F_SETFL, O_NONBLOCK);
	while (*fd >= 0 && carry_out(fd, kind))
		;
}

static int carry(int signals)
{
	int status;

	for (;;) {
		bool shared = command.tty && command.waiting;
		struct pollfd fds[] = {
			{ .fd = signals, .events = POLLIN },
			{ .fd = wire_fd(), .events = POLLIN },
			{ .fd = command.out, .events = POLLIN | (shared ? POLLOUT : 0) },
			{ .fd = command.err, .events = POLLIN },
			{ .fd = command.waiting && !command.tty ? command.in : -1,
			  .events = POLLOUT },
		};

		if (poll(fds, 5, -1) < 0 && errno != EINTR)
			give_up(true, "poll");
		if (fds[2].revents & (POLLIN | POLLHUP))
			carry_out(&command.out, 'o');
		if (fds[3].revents)
			carry_out(&command.err, 'e');
		if (fds[4].revents || fds[2].revents & POLLOUT)
			carry_in();
		if (fds[1].revents)
			take_frame();
		if (fds[0].revents && reap(signals, &status))
			break;
	}
	drain(&command.out, 'o');
	drain(&command.err, 'e');
	return status;
}

int relay(const struct job *job)
{
	sigset_t mask, old;
	int signals;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, &old);
	signal(SIGPIPE, SIG_IGN);
	signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		give_up(true, "signalfd");
	command.tty = job->tty;
	if (job->tty)
		start_on_terminal(job, &old);
	else
		start_on_pipes(job, &old);
	return carry(signals);
}
