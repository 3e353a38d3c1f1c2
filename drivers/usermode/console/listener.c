// SPDX-License-Identifier: GPL-2.0
/*
 * listener.c - channels whose far side connects to a socket: one at a time.
 *
 * Who comes while another is there is told so, in one line, and not kept waiting.
 * No locks; see channel.h.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/host_net.h>
#include "channel.h"

/* one who came and went while nobody was looking */
static bool has_left(int fd)
{
	char byte;

	return host_receive(fd, &byte, 1, true) == 0;
}

int listener_open(struct channel *ch, enum channel_dir dir)
{
	int fd;

	for (;;) {
		fd = host_stream_accept(ch->base);
		if (fd < 0)
			return fd == -ECONNABORTED ? -EAGAIN : fd;
		if (!has_left(fd))
			break;
		host_close(fd);
	}
	ch->fd = fd;
	ch->terminal = false;
	ch->crlf = true;
	ch->connection = true;
	return 0;
}

void listener_close(struct channel *ch)
{
	host_close(ch->fd);
	ch->fd = -1;
}

void listener_refuse(struct channel *ch)
{
	char text[80];
	int len = scnprintf(text, sizeof(text), "%s is in use by somebody else\r\n", ch->line);
	int fd;

	while ((fd = host_stream_accept(ch->base)) >= 0) {
		host_write(fd, text, len);
		host_stream_finish(fd);
		host_close(fd);
	}
}

void listener_detach(struct channel *ch)
{
	host_close(ch->base);
	ch->base = -1;
}
