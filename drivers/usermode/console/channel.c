// SPDX-License-Identifier: GPL-2.0
/*
 * channel.c - the kinds of channels, and the two that lead nowhere.
 *
 * Owns the table that "con0=KIND" is looked up in. No locks.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/host.h>
#include "channel.h"

/* ---- null: swallows output, never has input. none: nothing is connected ---- */

int channel_no_value(struct channel *ch, const char *value, char *why, size_t n)
{
	if (!*value)
		return 0;
	snprintf(why, n, "nothing may follow \"%s\"", ch->ops->name);
	return -EINVAL;
}

static int null_open(struct channel *ch, enum channel_dir dir)
{
	ch->fd = -1;
	ch->terminal = false;
	ch->crlf = false;
	return 0;
}

static void null_close(struct channel *ch)
{
}

static ssize_t null_read(struct channel *ch, void *buf, size_t len)
{
	return -EAGAIN;
}

static ssize_t null_write(struct channel *ch, const void *buf, size_t len)
{
	return len;
}

static void null_wait(struct channel *ch, s64 timeout_ns)
{
}

static int none_open(struct channel *ch, enum channel_dir dir)
{
	return -ENODEV;
}

const struct channel_ops channel_null = {
	.name	= "null",
	.parse	= channel_no_value,
	.open	= null_open,
	.close	= null_close,
	.read	= null_read,
	.write	= null_write,
	.wait	= null_wait,
};

const struct channel_ops channel_none = {
	.name	= "none",
	.parse	= channel_no_value,
	.open	= none_open,
};

/* ---- non-blocking descriptors ---- */

ssize_t stream_read(struct channel *ch, void *buf, size_t len)
{
	ssize_t n;

	do
		n = host_read(ch->fd, buf, len);
	while (n == -EINTR);
	return n;
}

ssize_t terminal_read(struct channel *ch, void *buf, size_t len)
{
	return stream_read(ch, buf, len) ?: -EIO;
}

ssize_t stream_write(struct channel *ch, const void *buf, size_t len)
{
	ssize_t n;

	do
		n = host_write(ch->fd, buf, len);
	while (n == -EINTR);
	return n;
}

void stream_wait(struct channel *ch, s64 timeout_ns)
{
	host_poll(ch->fd, HOST_EVENT_OUT, timeout_ns);
}

void channel_raw(struct channel *ch)
{
	if (!ch->terminal)
		return;
	ch->busy = !host_tty_foreground(ch->fd);
	/* one that refuses still works, it only echoes twice */
	if (!ch->busy)
		host_tty_raw(ch->fd);
}

/* ---- the table ---- */

static const struct channel_ops *const kinds[] = {
	&channel_fd, &channel_null, &channel_none,
#ifdef CONFIG_USERMODE_CONSOLE_PORT
	&channel_port,
#endif
	&channel_pty, &channel_pts, &channel_tty, &channel_xterm, &channel_unix,
};

#define KINDS	"fd:N, null, none, port:N, pty, pts, tty:/dev/X, xterm and unix:PATH"

static bool is_name(const char *name, const char *text)
{
	size_t n = strlen(name);

	return !strncmp(name, text, n) && (!text[n] || text[n] == ':');
}

static int parse_one(struct channel *ch, const char *text, char *why, size_t n)
{
	size_t i;

	*ch = (struct channel)CHANNEL_UNCONNECTED;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *name = kinds[i]->name;
		const char *value = text + strlen(name);

		if (!is_name(name, text))
			continue;
		ch->ops = kinds[i];
		if (strscpy(ch->value, *value ? value + 1 : value) < 0) {
			snprintf(why, n, "too long; %d characters at most", CHANNEL_VALUE - 1);
			return -ENAMETOOLONG;
		}
		return ch->ops->parse(ch, value, why, n);
	}
	snprintf(why, n, "unknown channel \"%.60s\"; the channels are " KINDS, text);
	return -EINVAL;
}

static bool leads_nowhere(const struct channel *ch)
{
	return ch->ops == &channel_none;
}

int channel_parse(struct channel *in, struct channel *out, bool *shared,
		  const char *spec, char *why, size_t n)
{
	const char *comma = strchr(spec, ',');
	char first[CHANNEL_VALUE + 16];
	int err;

	if (strscpy(first, spec) < 0 && (!comma || comma - spec >= sizeof(first))) {
		snprintf(why, n, "too long");
		return -ENAMETOOLONG;
	}
	if (comma)
		first[comma - spec] = 0;
	err = parse_one(in, first, why, n);
	if (!err)
		err = parse_one(out, comma ? comma + 1 : first, why, n);
	if (!err && leads_nowhere(in) != leads_nowhere(out)) {
		snprintf(why, n, "\"none\" can only stand for both directions");
		err = -EINVAL;
	}
	*shared = !comma && in->ops->duplex;
	return err;
}

void channel_print(const struct channel *ch, char *buf, size_t n)
{
	snprintf(buf, n, "%s%s%s", ch->ops->name, *ch->value ? ":" : "", ch->value);
}
