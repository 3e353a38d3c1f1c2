// SPDX-License-Identifier: GPL-2.0
/*
 * channel.c - the kinds of channels, and the two that lead nowhere.
 *
 * Owns the table that "con0=KIND" is looked up in. No locks.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include "channel.h"

/* ---- null: swallows output, never has input. none: nothing is connected ---- */

static int no_value(struct channel *ch, const char *value, size_t len, char *why, size_t n)
{
	if (!len)
		return 0;
	snprintf(why, n, "nothing may follow \"%s\"", ch->ops->name);
	return -EINVAL;
}

static int null_open(struct channel *ch, enum channel_dir dir)
{
	ch->fd = -1;
	ch->terminal = false;
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
	.parse	= no_value,
	.open	= null_open,
	.close	= null_close,
	.read	= null_read,
	.write	= null_write,
	.wait	= null_wait,
};

const struct channel_ops channel_none = {
	.name	= "none",
	.parse	= no_value,
	.open	= none_open,
};

/* ---- the table ---- */

static const struct channel_ops *const kinds[] = {
	&channel_fd, &channel_null, &channel_none,
};

static const char *const planned[] = { "port", "pty", "pts", "tty", "xterm" };

static bool is_name(const char *name, const char *text, size_t len)
{
	size_t n = strlen(name);

	return n <= len && !strncmp(name, text, n) && (n == len || text[n] == ':');
}

static int parse_one(struct channel *ch, const char *text, size_t len, char *why, size_t n)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *name = kinds[i]->name;

		if (!is_name(name, text, len))
			continue;
		ch->ops = kinds[i];
		return ch->ops->parse(ch, text + strlen(name), len - strlen(name), why, n);
	}
	for (i = 0; i < ARRAY_SIZE(planned); i++) {
		if (!is_name(planned[i], text, len))
			continue;
		snprintf(why, n, "the channel \"%s\" is not supported yet; fd:N, null and none are",
			 planned[i]);
		return -EOPNOTSUPP;
	}
	snprintf(why, n, "unknown channel \"%.*s\"; the channels are fd:N, null and none",
		 (int)min_t(size_t, len, 60), text);
	return -EINVAL;
}

static bool leads_nowhere(const struct channel *ch)
{
	return ch->ops == &channel_none;
}

int channel_parse(struct channel *in, struct channel *out, const char *word,
		  const char *spec, char *why, size_t n)
{
	const char *comma = strchrnul(spec, ',');
	const char *second = *comma ? comma + 1 : spec;
	char reason[160];
	int err;

	err = parse_one(in, spec, comma - spec, reason, sizeof(reason));
	if (!err)
		err = parse_one(out, second, strlen(second), reason, sizeof(reason));
	if (!err && leads_nowhere(in) != leads_nowhere(out)) {
		strscpy(reason, "\"none\" can only stand for both directions");
		err = -EINVAL;
	}
	if (err)
		snprintf(why, n, "%.100s: %s", word, reason);
	return err;
}
