// SPDX-License-Identifier: GPL-2.0
/*
 * attach.c - a terminal becomes a line of the guest, until Ctrl-].
 *
 * The guest says what a line is connected to: a pseudo terminal, a TCP port or a
 * Unix socket of the host can be joined. Owns the settings of our own terminal,
 * which are given back however this ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>
#include "umlctl.h"

#define ESCAPE		0x1d	/* Ctrl-] */
#define CON_LINES	16
#define SSL_LINES	64
#define SETTING_MAX	256
#define AFTER_INPUT	1000	/* ms of silence that end it when a script's input has */

static struct termios before;
static bool is_raw;
static sig_atomic_t resized, ended;

/* ---- the far end ---- */

static int open_terminal(const char *path)
{
	struct termios raw;
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	/* the guest has a line discipline of its own */
	if (!tcgetattr(fd, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(fd, TCSANOW, &raw);
	}
	return fd;
}

static int open_unix(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(un);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(un.sun_path)) {
		close(fd);
		return -ENAMETOOLONG;
	}
	memcpy(un.sun_path, path, strlen(path) + 1);
	if (*path == '@') {
		un.sun_path[0] = 0;
		len = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	}
	if (connect(fd, (struct sockaddr *)&un, len)) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/* "9000" or "ADDRESS:9000" */
static int open_port(const char *where)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *a;
	const char *port = strrchr(where, ':');
	char host[SETTING_MAX] = "127.0.0.1";
	int fd = -EHOSTUNREACH;

	if (port)
		snprintf(host, sizeof(host), "%.*s", (int)(port - where), where);
	if (getaddrinfo(host, port ? port + 1 : where, &hints, &list))
		return -EHOSTUNREACH;
	for (a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen)) {
			close(fd);
			fd = -errno;
		}
	}
	freeaddrinfo(list);
	return fd;
}

/* -ENOTSUP: it is of a kind that nobody can join */
static int open_setting(const char *setting)
{
	char first[SETTING_MAX];

	snprintf(first, sizeof(first), "%s", setting);
	first[strcspn(first, ",\n")] = 0;
	if (!strncmp(first, "pts:", 4) || !strncmp(first, "pty:", 4))
		return open_terminal(first + 4);
	if (!strncmp(first, "unix:", 5))
		return open_unix(first + 5);
	if (!strncmp(first, "port:", 5))
		return open_port(first + 5);
	return -ENOTSUP;
}

/* ---- which line ---- */

/* the setting of a line; false after a complaint, or silently without @loud */
static bool ask_setting(const struct machine *m, const char *line, char *setting, bool loud,
			int *status)
{
	struct answer answer;
	char command[64];
	int err;

	snprintf(command, sizeof(command), "config %.32s", line);
	err = command_ask(m, command, &answer);
	if (err) {
		*status = command_complain(m, err);
		return false;
	}
	*status = answer.err ? STATUS_REFUSED : STATUS_OK;
	if (answer.err && loud)
		output_answer(m, command, &answer);
	snprintf(setting, SETTING_MAX, "%s", answer.text);
	answer_free(&answer);
	return *status == STATUS_OK;
}

static int join(const struct machine *m, const char *line, int *status)
{
	char setting[SETTING_MAX];
	int fd;

	if (!ask_setting(m, line, setting, true, status))
		return -1;
	fd = open_setting(setting);
	if (fd >= 0)
		return fd;
	*status = STATUS_REFUSED;
	if (fd == -ENOTSUP)
		output_error(m, "%s is %s, which cannot be joined; try: umlctl config %s %s=pts",
			     line, setting, m->name, line);
	else
		output_error(m, "%s, %s: %s", line, setting, strerror(-fd));
	return -1;
}

/* the first line that can be joined */
static int find_line(const struct machine *m, char *line, size_t len, int *status)
{
	char setting[SETTING_MAX];
	int i, fd;

	for (i = 0; i < CON_LINES + SSL_LINES; i++) {
		snprintf(line, len, i < CON_LINES ? "con%d" : "ssl%d",
			 i < CON_LINES ? i : i - CON_LINES);
		if (!ask_setting(m, line, setting, false, status)) {
			if (*status != STATUS_REFUSED)
				return -1;
			continue;
		}
		fd = open_setting(setting);
		if (fd >= 0)
			return fd;
	}
	*status = STATUS_REFUSED;
	output_error(m, "no line of it can be joined; connect one: umlctl config %s con0=pts",
		     m->name);
	return -1;
}

/* ---- our own terminal ---- */

static void restore_terminal(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	is_raw = false;
}

static void make_raw(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &before))
		return;
	raw = before;
	cfmakeraw(&raw);
	is_raw = !tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

static void on_signal(int sig)
{
	if (sig == SIGWINCH)
		WRITE_ONCE(resized, 1);
	else
		WRITE_ONCE(ended, 1);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGWINCH, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void copy_size(int fd)
{
	struct winsize size;

	WRITE_ONCE(resized, 0);
	if (isatty(fd) && !ioctl(STDIN_FILENO, TIOCGWINSZ, &size))
		ioctl(fd, TIOCSWINSZ, &size);
}

/* ---- between the two ---- */

static bool write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR && !READ_ONCE(ended))
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

/* false: that was the end */
static bool type(int fd, bool *input)
{
	char data[4096], *escape;
	ssize_t n = read(STDIN_FILENO, data, sizeof(data));

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0) {
		*input = false;		/* the guest may still have something to say */
		return isatty(STDIN_FILENO) ? false : true;
	}
	escape = is_raw ? memchr(data, ESCAPE, n) : NULL;
	return write_all(fd, data, escape ? escape - data : n) && !escape;
}

static bool show(int fd)
{
	char data[4096];
	ssize_t n = read(fd, data, sizeof(data));

	if (n < 0 && errno == EINTR)
		return true;
	return n > 0 && write_all(STDOUT_FILENO, data, n);
}

static void converse(int fd)
{
	bool input = true;
	int n;

	while (!READ_ONCE(ended)) {
		struct pollfd pfd[2] = {
			{ .fd = fd, .events = POLLIN },
			{ .fd = input ? STDIN_FILENO : -1, .events = POLLIN },
		};

		if (READ_ONCE(resized))
			copy_size(fd);
		n = poll(pfd, 2, input ? -1 : AFTER_INPUT);
		if (n < 0)
			continue;
		if (!n)
			break;
		if (pfd[0].revents && !show(fd))
			break;
		if (pfd[1].revents && !type(fd, &input))
			break;
	}
}

int attach(const struct machine *m, const char *line)
{
	char found[32];
	int status, fd;

	if (line)
		snprintf(found, sizeof(found), "%s", line);
	fd = line ? join(m, line, &status) : find_line(m, found, sizeof(found), &status);
	if (fd < 0)
		return status;
	catch_signals();
	if (isatty(STDIN_FILENO))
		fprintf(stderr, "%s of %s; Ctrl-] leaves it\n", found, m->name);
	make_raw();
	copy_size(fd);
	converse(fd);
	restore_terminal();
	close(fd);
	if (isatty(STDIN_FILENO))
		fputs("\nleft\n", stderr);
	return STATUS_OK;
}
