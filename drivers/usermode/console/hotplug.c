// SPDX-License-Identifier: GPL-2.0
/*
 * hotplug.c - lines are connected, moved and disconnected while the guest runs.
 *
 * For the management console (asm/hotplug.h), whose lock serialises everything
 * here. A line may be moved while it is in use: for the guest that is a far side
 * that goes, with a hang-up, and another that comes; what is queued for output
 * and the kernel's messages go to the new one. Locks: line.h.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <asm/hotplug.h>
#include "line.h"
#include "settings.h"

struct setting {
	struct channel in, out;
	bool shared;
};

static bool is_open(struct line *line)
{
	struct tty_struct *tty = tty_port_tty_get(&line->port);

	tty_kref_put(tty);
	return tty;
}

static int disconnect(struct line *line, char *why, size_t len)
{
	static const struct channel none = CHANNEL_UNCONNECTED;
	int err = 0;

	mutex_lock(&line->mutex);
	if (line->users) {
		snprintf(why, len, is_open(line) ? "it is open in the guest" :
			 "the kernel's messages go there");
		err = -EBUSY;
	} else {
		link_down(line);
		settings_detach(line);
		line->in = none;
		line->out = none;
		line->shared = false;
		line_in_renew(line);
	}
	mutex_unlock(&line->mutex);
	return err;
}

static void replace(struct line *line, const struct setting *s)
{
	mutex_lock(&line->mutex);
	if (line->users) {
		link_unwatch(line);
		link_hang_up(line, true);
		link_down(line);
	}
	link_down(line);
	settings_detach(line);
	line->in = s->in;
	line->out = s->out;
	line->shared = s->shared;
	line_in_renew(line);
	if (line->users) {
		link_summon(line);
		link_try(line);
	}
	mutex_unlock(&line->mutex);
	settings_announce(line);
}

static int connect(struct line *line, const char *value, char *why, size_t len)
{
	struct setting *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int err;

	if (!s)
		return -ENOMEM;
	err = channel_parse(&s->in, &s->out, &s->shared, value, why, len);
	if (!err && s->in.ops == &channel_none)
		err = disconnect(line, why, len);
	else if (!err)
		err = settings_attach(line, &s->in, &s->out, s->shared, why, len);
	if (!err && s->in.ops != &channel_none)
		replace(line, s);
	kfree(s);
	return err;
}

static int config(struct line *line, const char *value, char *why, size_t len)
{
	char now[2 * CHANNEL_VALUE + 32];

	if (!strcmp(value, "break")) {
		line_break(line);
		return 0;
	}
	settings_print(line, now, sizeof(now));
	if (!strcmp(now, value))
		return 0;
	return connect(line, value, why, len);
}

static int query(struct line *line, char *buf, size_t len)
{
	settings_print(line, buf, len);
	return 0;
}

static int con_config(unsigned int n, char *value, char *why, size_t len)
{
	return config(&con_lines[n], value, why, len);
}

static int con_query(unsigned int n, char *buf, size_t len)
{
	return query(&con_lines[n], buf, len);
}

static int con_remove(unsigned int n, char *why, size_t len)
{
	return disconnect(&con_lines[n], why, len);
}

static struct hotplug_class con_class = {
	.name	= "con",
	.count	= CON_LINES,
	.config	= con_config,
	.query	= con_query,
	.remove	= con_remove,
};

static int ssl_config(unsigned int n, char *value, char *why, size_t len)
{
	return config(&ssl_lines[n], value, why, len);
}

static int ssl_query(unsigned int n, char *buf, size_t len)
{
	return query(&ssl_lines[n], buf, len);
}

static int ssl_remove(unsigned int n, char *why, size_t len)
{
	return disconnect(&ssl_lines[n], why, len);
}

static struct hotplug_class ssl_class = {
	.name	= "ssl",
	.count	= SSL_LINES,
	.config	= ssl_config,
	.query	= ssl_query,
	.remove	= ssl_remove,
};

static int __init line_hotplug_init(void)
{
	hotplug_register(&con_class);
	hotplug_register(&ssl_class);
	return 0;
}
device_initcall(line_hotplug_init);
