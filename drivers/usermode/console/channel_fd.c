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

static int fd_parse(struct channel *ch, const char *value, char *why, size_t n)
{
	struct host_stat st;

	if (kstrtoint(ch->value, 10, &ch->number) || ch->number < 0) {
		snprintf(why, n, "write fd:N, with the number of an open descriptor");
		return -EINVAL;
	}
	if (host_fstat(ch->number, &st)) {
		snprintf(why, n, "descriptor %d is not open", ch->number);
		return -EBADF;
	}
	snprintf(ch->value, sizeof(ch->value), "%d", ch->number);
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
	ch->crlf = ch->terminal;
	ch->connection = S_ISSOCK(st.mode);
	ch->poll = false;
	ch->busy = false;
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

/* it may have come back since */
static bool is_others(struct channel *ch)
{
	if (ch->terminal && !host_tty_foreground(ch->fd))
		ch->busy = true;
	else if (ch->busy)
		channel_raw(ch);
	return ch->busy;
}

static ssize_t fd_read(struct channel *ch, void *buf, size_t len)
{
	ssize_t n;

	if (ch->busy && is_others(ch))
		return -EBUSY;
	if (!ready(ch, HOST_EVENT_IN))
		return -EAGAIN;
	n = stream_read(ch, buf, len);
	if (n == -EIO && is_others(ch))
		return -EBUSY;
	/* a terminal has no end but that it was taken away */
	return !n && ch->terminal ? -EIO : n;
}

static ssize_t fd_write(struct channel *ch, const void *buf, size_t len)
{
	if (!ready(ch, HOST_EVENT_OUT))
		return -EAGAIN;
	if (ch->poll)
		len = min_t(size_t, len, POLLED_CHUNK);
	return stream_write(ch, buf, len);
}

/* a file is read by each at its own place in time, /dev/null for nothing */
static bool is_consumed(const struct host_stat *st)
{
	return S_ISFIFO(st->mode) || S_ISSOCK(st->mode);
}

static bool fd_same(const struct channel *a, const struct channel *b)
{
	struct host_stat sa, sb;

	if (a->number == b->number)
		return true;
	if (host_fstat(a->number, &sa) || host_fstat(b->number, &sb))
		return false;
	return sa.dev == sb.dev && sa.ino == sb.ino &&
	       (is_consumed(&sa) || host_isatty(a->number));
}

const struct channel_ops channel_fd = {
	.name	= "fd",
	.parse	= fd_parse,
	.same	= fd_same,
	.open	= fd_open,
	.close	= fd_close,
	.read	= fd_read,
	.write	= fd_write,
	.wait	= stream_wait,
};
