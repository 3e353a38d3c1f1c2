// SPDX-License-Identifier: GPL-2.0
/*
 * link.c - the far sides of a line come and go.
 *
 * A line in use looks for a far side when it is opened, when a door rings and
 * after one has gone. When the far side of the input has gone the guest's
 * terminal is hung up, so that the next who comes does not find the last one's
 * shell; unless the guest said that there is no carrier to be lost (CLOCAL): then
 * what is queued waits for the next.
 *
 * All of it happens in link_work, the opening apart. Locks: line.h; the tty is
 * hung up without any.
 */
#include <linux/printk.h>
#include <linux/tty.h>
#include <asm/host.h>
#include "door.h"
#include "line.h"

#define LEAVING	msecs_to_jiffies(100)

static bool someone_waits(struct line *line)
{
	return line->in.up && line->in.ops->knock && host_poll(line->in.base, HOST_EVENT_IN, 0) > 0;
}

/* ---- up ---- */

static int open_out(struct line *line)
{
	if (!line->shared)
		return line->out.ops->open(&line->out, CHANNEL_OUT);
	if (!line->in.up)
		return -EAGAIN;
	line->out.fd = host_dup(line->in.fd);
	line->out.terminal = line->in.terminal;
	line->out.crlf = line->in.crlf;
	return min(line->out.fd, 0);
}

static int try_in(struct line *line)
{
	int err;

	if (line->in.up)
		return 0;
	err = line->in.ops->open(&line->in, CHANNEL_IN);
	if (!err)
		line_in_up(line);
	return err;
}

static int try_out(struct line *line)
{
	int err;

	if (line->out.up)
		return 0;
	err = open_out(line);
	if (!err)
		line_out_up(line);
	return err;
}

/* only after this is the door looked at again */
static void watch(struct line *line, struct channel *ch)
{
	if (ch->door)
		door_watch(ch->base);
	if (ch->control >= 0)
		door_watch(ch->control);
	if (!ch->up && ch->retry)
		schedule_delayed_work(&line->link_work, msecs_to_jiffies(ch->retry));
}

static bool is_separate(struct line *line, struct channel *ch)
{
	return ch == &line->in || !line->shared;
}

static void attend(struct line *line, struct channel *ch)
{
	if (!is_separate(line, ch))
		return;
	/* who comes while another is leaving waits for that */
	if (ch->up && READ_ONCE(line->end) != LINE_OPEN && someone_waits(line)) {
		schedule_delayed_work(&line->link_work, LEAVING);
		return;
	}
	if (ch->up && ch->ops->knock)
		ch->ops->refuse(ch);
	watch(line, ch);
}

int link_try(struct line *line)
{
	bool was_up = line->in.up;
	int err, out_err;

	lockdep_assert_held(&line->mutex);
	err = try_in(line);
	out_err = try_out(line);
	if (line->in.up && !was_up)
		line_resize(line);
	attend(line, &line->in);
	attend(line, &line->out);
	if (err == -EAGAIN)
		err = 0;
	if (out_err == -EAGAIN)
		out_err = 0;
	return err ?: out_err;
}

static void summon(struct line *line, struct channel *ch)
{
	if (!ch->up && ch->ops->summon && is_separate(line, ch))
		ch->ops->summon(ch);
}

void link_summon(struct line *line)
{
	lockdep_assert_held(&line->mutex);
	summon(line, &line->in);
	summon(line, &line->out);
}

/* ---- down ---- */

static void unwatch(struct channel *ch)
{
	if (ch->door)
		door_unwatch(ch->base);
	if (ch->control >= 0)
		door_unwatch(ch->control);
}

void link_unwatch(struct line *line)
{
	unwatch(&line->in);
	unwatch(&line->out);
}

/* the out channel's part of a shared far side is but a descriptor */
static void close_out(struct line *line)
{
	if (!line_out_down(line))
		return;
	if (!line->shared) {
		unwatch(&line->out);
		line->out.ops->close(&line->out);
		return;
	}
	host_close(line->out.fd);
	line->out.fd = -1;
}

void link_down(struct line *line)
{
	lockdep_assert_held(&line->mutex);
	close_out(line);
	if (!line_in_down(line))
		return;
	unwatch(&line->in);
	line->in.ops->close(&line->in);
}

static bool ignores_carrier(struct line *line)
{
	struct tty_struct *tty;
	bool local;

	/* nobody else can come: that is the end whatever the guest says */
	if (!line->in.ops->returns)
		return false;
	tty = tty_port_tty_get(&line->port);
	local = tty && C_CLOCAL(tty);
	tty_kref_put(tty);
	return local;
}

/* not under line->mutex: the tty closes meanwhile */
static void hang_up(struct line *line)
{
	struct tty_struct *tty = tty_port_tty_get(&line->port);

	if (tty)
		tty_vhangup(tty);
	tty_kref_put(tty);
}

static void forget(struct line *line)
{
	if (line->in.ops->forget)
		line->in.ops->forget(&line->in);
	if (!line->shared && line->out.ops->forget)
		line->out.ops->forget(&line->out);
}

void link_hang_up(struct line *line, bool always)
{
	bool local = !always && ignores_carrier(line);

	if (line->in.ops->duplex)
		link_down(line);
	if (!local)
		forget(line);
	mutex_unlock(&line->mutex);
	if (!local)
		hang_up(line);
	mutex_lock(&line->mutex);
}

/* ---- work ---- */

static void look_after(struct line *line, struct channel *ch)
{
	if (ch->ops->service && is_separate(line, ch) && ch->ops->service(ch))
		line_resize(line);
}

static void link_work(struct work_struct *work)
{
	struct line *line = container_of(to_delayed_work(work), struct line, link_work);

	mutex_lock(&line->mutex);
	/* one who only sent the end of his input makes way if he gets nothing either */
	if (READ_ONCE(line->end) != LINE_OPEN && !line_queued(line) && someone_waits(line))
		set_bit(LINE_LOST, &line->flags);
	if (test_and_clear_bit(LINE_OUT_LOST, &line->flags)) {
		if (line->shared)
			set_bit(LINE_LOST, &line->flags);
		else
			close_out(line);
	}
	if (test_and_clear_bit(LINE_LOST, &line->flags))
		link_hang_up(line, false);
	if (line->users) {
		look_after(line, &line->in);
		look_after(line, &line->out);
		link_try(line);
	}
	mutex_unlock(&line->mutex);
}

void link_lost(struct line *line, int what)
{
	set_bit(what, &line->flags);
	link_look(line);
}

void link_look(struct line *line)
{
	mod_delayed_work(system_wq, &line->link_work, 0);
}

void link_init(struct line *line)
{
	INIT_DELAYED_WORK(&line->link_work, link_work);
}
