// SPDX-License-Identifier: GPL-2.0
/*
 * channel_pty.c - pty and pts: a pseudo terminal of the host, /dev/pts/N.
 *
 * It exists as long as the setting, whoever has it open: screen, minicom, cat.
 * Both names mean the same on today's hosts. A setting that was read may be given
 * back, "pts:/dev/pts/3"; the number is the host's choice all the same.
 *
 * The host does not say that somebody opened the terminal, but for an opening
 * watch that all of them share. Without one (the host limits them) the owner's
 * timer looks. No locks; see channel.h. The watch is made while the kernel runs
 * alone, or under the registry's lock.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/host.h>
#include "channel.h"
#include "door.h"

#define LOOK_AGAIN	500	/* milliseconds */

static int watch = -1;

static int pty_parse(struct channel *ch, const char *value, char *why, size_t n)
{
	if (!strstarts(ch->value, "/dev/pts/"))
		return channel_no_value(ch, value, why, n);
	return 0;
}

static bool watch_openings(const char *path)
{
	if (watch < 0)
		watch = host_opening_watch();
	return watch >= 0 && !host_opening_watch_add(watch, path);
}

static int pty_attach(struct channel *ch, char *why, size_t n)
{
	unsigned int number;

	ch->base = host_pty_open(&number);
	if (ch->base < 0) {
		snprintf(why, n, "the host has no pseudo terminal: %s", host_error_text(ch->base));
		return ch->base;
	}
	snprintf(ch->value, sizeof(ch->value), "/dev/pts/%u", number);
	ch->retry = watch_openings(ch->value) ? 0 : LOOK_AGAIN;
	return 0;
}

static void pty_detach(struct channel *ch)
{
	host_close(ch->base);
	ch->base = -1;
}

static void empty_watch(void)
{
	char events[512];

	if (watch < 0)
		return;
	while (host_read(watch, events, sizeof(events)) > 0)
		;
	door_watch(watch);
}

static int pty_open(struct channel *ch, enum channel_dir dir)
{
	/* before looking: who comes after it rings again */
	empty_watch();
	if (host_pty_deserted(ch->base))
		return -EAGAIN;
	ch->fd = host_dup(ch->base);
	if (ch->fd < 0)
		return ch->fd;
	ch->terminal = false;
	ch->crlf = true;
	return 0;
}

static void pty_close(struct channel *ch)
{
	host_close(ch->fd);
	ch->fd = -1;
}

static void pty_forget(struct channel *ch)
{
	host_pty_forget(ch->base);
}

#define PTY_OPS(kind) {			\
	.name	 = kind,		\
	.duplex	 = true,		\
	.returns = true,		\
	.parse	 = pty_parse,		\
	.attach	 = pty_attach,		\
	.detach	 = pty_detach,		\
	.open	 = pty_open,		\
	.close	 = pty_close,		\
	.forget	 = pty_forget,		\
	.read	 = stream_read,		\
	.write	 = stream_write,	\
	.wait	 = stream_wait,		\
}

const struct channel_ops channel_pty = PTY_OPS("pty");
const struct channel_ops channel_pts = PTY_OPS("pts");
