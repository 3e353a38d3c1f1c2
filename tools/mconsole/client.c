// SPDX-License-Identifier: GPL-2.0
/*
 * client.c - one request to a management console, and its answer (client.h).
 *
 * Each request has a socket of its own: what comes late for an earlier one is
 * not taken for the answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <linux/usermode/mconsole.h>
#include "client.h"

/*
 * An address holds 108 bytes. A longer path has a shorter name while its
 * directory is open: *dir, to be closed by the caller.
 */
static int make_address(const char *path, struct sockaddr_un *un, int *dir)
{
	const char *last = strrchr(path, '/');
	char *parent;
	int n;

	*dir = -1;
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	if (strlen(path) < sizeof(un->sun_path)) {
		memcpy(un->sun_path, path, strlen(path) + 1);
		return 0;
	}
	if (!last)
		return -ENAMETOOLONG;
	parent = strndup(path, last - path);
	if (!parent)
		return -ENOMEM;
	*dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(parent);
	if (*dir < 0)
		return -errno;
	n = snprintf(un->sun_path, sizeof(un->sun_path), "/proc/self/fd/%d%s", *dir, last);
	return n < (int)sizeof(un->sun_path) ? 0 : -ENAMETOOLONG;
}

/* a socket with an address that the kernel chose, connected to @path */
static int connect_to(const char *path)
{
	struct sockaddr_un self = { .sun_family = AF_UNIX }, peer;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int dir = -1, err = 0;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&self, sizeof(self.sun_family)))
		err = -errno;
	if (!err)
		err = make_address(path, &peer, &dir);
	if (!err && connect(fd, (struct sockaddr *)&peer, sizeof(peer)))
		err = -errno;
	if (dir >= 0)
		close(dir);
	if (err)
		close(fd);
	return err ? err : fd;
}

static int send_command(int fd, const char *command, int timeout)
{
	struct mconsole_request req = {
		.magic = MCONSOLE_MAGIC,
		.version = MCONSOLE_VERSION,
		.len = strlen(command),
	};
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	if (req.len >= sizeof(req.data))
		return -EMSGSIZE;
	memcpy(req.data, command, req.len);
	if (poll(&pfd, 1, timeout) == 0)
		return -ETIMEDOUT;
	if (send(fd, &req, sizeof(req), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return 0;
}

static int add_text(struct answer *answer, const char *text, size_t len)
{
	char *more = realloc(answer->text, answer->len + len + 1);

	if (!more)
		return -ENOMEM;
	memcpy(more + answer->len, text, len);
	answer->text = more;
	answer->len += len;
	more[answer->len] = 0;
	return 0;
}

/* 1: more follows, 0: that was all */
static int receive_packet(int fd, int timeout, bool first, struct answer *answer)
{
	struct mconsole_reply reply;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	ssize_t n;
	int err;

	do
		n = poll(&pfd, 1, timeout);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return -ETIMEDOUT;
	n = recv(fd, &reply, sizeof(reply), 0);
	if (n < 0)
		return -errno;
	if (n < MCONSOLE_HEADER || reply.len > n - MCONSOLE_HEADER)
		return -EPROTO;
	if (first)
		answer->err = reply.err;
	err = add_text(answer, reply.data, strnlen(reply.data, reply.len));
	return err ? err : reply.more != 0;
}

int client_ask(const char *path, const char *command, int timeout, struct answer *answer)
{
	bool first = true;
	int fd, err;

	memset(answer, 0, sizeof(*answer));
	fd = connect_to(path);
	if (fd < 0)
		return fd;
	err = send_command(fd, command, timeout);
	for (; !err; first = false) {
		err = receive_packet(fd, timeout, first, answer);
		if (err == 0)
			break;
		if (err > 0)
			err = 0;
	}
	close(fd);
	if (err)
		answer_free(answer);
	return err;
}

void answer_free(struct answer *answer)
{
	free(answer->text);
	answer->text = NULL;
	answer->len = 0;
}
