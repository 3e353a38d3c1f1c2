// SPDX-License-Identifier: GPL-2.0
/*
 * channel_tty.c - tty:/dev/X: a terminal device of the host, a serial port above all.
 *
 * Its speed and handshake are the host's to set (stty); the rest is raw while the
 * line is open. If the device goes, it is looked for until it is back. No locks;
 * see channel.h.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <uapi/linux/fcntl.h>
#include <asm/host.h>
#include "channel.h"

#define LOOK_AGAIN	1000	/* milliseconds */

static int tty_parse(struct channel *ch, const char *value, char *why, size_t n)
{
	if (*ch->value)
		return 0;
	snprintf(why, n, "write tty:/dev/X, with the name of a terminal device");
	return -EINVAL;
}

/* without waiting for a carrier */
static int open_terminal(const char *path)
{
	int fd = host_open(path, O_RDWR | O_NONBLOCK, 0);

	if (fd >= 0 && !host_isatty(fd)) {
		host_close(fd);
		return -ENOTTY;
	}
	return fd;
}

static bool tty_same(const struct channel *a, const struct channel *b)
{
	return !strcmp(a->value, b->value);
}

static int tty_attach(struct channel *ch, char *why, size_t n)
{
	int fd = open_terminal(ch->value);

	if (fd < 0) {
		snprintf(why, n, "%s", fd == -ENOTTY ? "it is no terminal" : host_error_text(fd));
		return fd;
	}
	host_close(fd);
	ch->retry = LOOK_AGAIN;
	return 0;
}

static void tty_detach(struct channel *ch)
{
}

static int tty_open(struct channel *ch, enum channel_dir dir)
{
	ch->fd = open_terminal(ch->value);
	if (ch->fd < 0)
		return -EAGAIN;
	ch->terminal = true;
	ch->crlf = true;
	return 0;
}

static void tty_close(struct channel *ch)
{
	host_tty_release(ch->fd);
	host_close(ch->fd);
	ch->fd = -1;
}

const struct channel_ops channel_tty = {
	.name	 = "tty",
	.duplex	 = true,
	.returns = true,
	.parse	 = tty_parse,
	.same	 = tty_same,
	.attach	 = tty_attach,
	.detach	 = tty_detach,
	.open	 = tty_open,
	.close	 = tty_close,
	.read	 = terminal_read,
	.write	 = stream_write,
	.wait	 = stream_wait,
};
