// SPDX-License-Identifier: GPL-2.0
/*
 * channel_fd.c - descriptors that the program was started with.
 *
 * An open file is shared with whoever else has it, the user's shell above all,
 * so it must not be made non-blocking. Terminals and pipes can be opened anew
 * through /proc, and the new open file is this channel's own. Regular files keep
 * the shared one, for its position, and never block for long. For all others
 * (sockets, a terminal that may not be opened again) the host is asked before
 * each transfer, and transfers are short enough not to block then.
 *
 * No locks; see channel.h.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <uapi/linux/fcntl.h>
#include <uapi/linux/stat.h>
#include <asm/host.h>
#include "channel.h"

/* a pipe that is ready takes this much at once, and so do terminals and sockets */
#define POLLED_CHUNK	256

static int fd_parse(struct channel *ch, const char *value, size_t len, char *why, size_t n)
{
	struct host_stat st;
	int number = 0;
	size_t i;

	for (i = 1; i < len && value[i] >= '0' && value[i] <= '9' && number < 100000; i++)
		number = number * 10 + value[i] - '0';
	if (i < 2 || i != len) {
		snprintf(why, n, "write fd:N, with the number of an open descriptor");
		return -EINVAL;
	}
	if (host_fstat(number, &st)) {
		snprintf(why, n, "descriptor %d is not open", number);
		return -EBADF;
	}
	ch->number = number;
	return 0;
}

static int open_anew(int number, enum channel_dir dir)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", number);
	return host_open(path, (dir == CHANNEL_IN ? O_RDONLY : O_WRONLY) | O_NONBLOCK, 0);
}

static int fd_open(struct channel *ch, enum channel_dir dir)
{
	struct host_stat st;
	int err;

	err = host_fstat(ch->number, &st);
	if (err)
		return err;
	ch->terminal = host_isatty(ch->number);
	ch->poll = false;
	if (ch->terminal || S_ISFIFO(st.mode)) {
		ch->fd = open_anew(ch->number, dir);
		if (ch->fd >= 0)
			return 0;
	}
	ch->poll = !S_ISREG(st.mode);
	ch->fd = host_dup(ch->number);
	return min(ch->fd, 0);
}

static void fd_close(struct channel *ch)
{
	if (ch->terminal)
		host_tty_release(ch->fd);
	host_close(ch->fd);
	ch->fd = -1;
}

static bool ready(struct channel *ch, int events)
{
	int now;

	if (!ch->poll)
		return true;
	do
		now = host_poll(ch->fd, events, 0);
	while (now == -EINTR);
	return now;
}

static ssize_t fd_read(struct channel *ch, void *buf, size_t len)
{
	ssize_t n;

	if (!ready(ch, HOST_EVENT_IN))
		return -EAGAIN;
	do
		n = host_read(ch->fd, buf, len);
	while (n == -EINTR);
	/* a terminal has no end but that it was taken away */
	return !n && ch->terminal ? -EIO : n;
}

static ssize_t fd_write(struct channel *ch, const void *buf, size_t len)
{
	ssize_t n;

	if (!ready(ch, HOST_EVENT_OUT))
		return -EAGAIN;
	if (ch->poll)
		len = min_t(size_t, len, POLLED_CHUNK);
	do
		n = host_write(ch->fd, buf, len);
	while (n == -EINTR);
	return n;
}

static void fd_wait(struct channel *ch, s64 timeout_ns)
{
	host_poll(ch->fd, HOST_EVENT_OUT, timeout_ns);
}

const struct channel_ops channel_fd = {
	.name	= "fd",
	.parse	= fd_parse,
	.open	= fd_open,
	.close	= fd_close,
	.read	= fd_read,
	.write	= fd_write,
	.wait	= fd_wait,
};
