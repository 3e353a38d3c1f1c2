// SPDX-License-Identifier: GPL-2.0
/*
 * line.c - the life of a line: its users, its interrupt, its window.
 *
 * A line is in use from the first to the last of its users, of which there are two
 * at most, the tty and the kernel's console. Where the far side is somebody who
 * came (a connection, a window) it stays when the users go: the next getty finds
 * the same person. Locks: line.h.
 */
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/tty.h>
#include <asm/host.h>
#include <asm/irq.h>
#include "line.h"

void line_init(struct line *line)
{
	mutex_init(&line->mutex);
	link_init(line);
	line_in_init(line);
	line_out_init(line);
}

/* each direction knows whether it has something to do */
static irqreturn_t line_interrupt(int irq, void *data)
{
	struct line *line = data;

	line_receive(line);
	line_transmit(line);
	return IRQ_HANDLED;
}

/* without an interrupt the line still works, by polling */
static void take_irq(struct line *line)
{
	int irq;

	if (line->in.ops == &channel_null && line->out.ops == &channel_null)
		return;
	irq = usermode_irq_alloc(line->name);
	if (irq < 0)
		goto err;
	if (request_irq(irq, line_interrupt, 0, line->name, line))
		goto err_free;
	line->irq = irq;
	return;

err_free:
	usermode_irq_free(irq);
err:
	pr_warn("%s: no interrupt line is free\n", line->name);
}

static void give_irq(struct line *line)
{
	if (!line->irq)
		return;
	free_irq(line->irq, line);
	usermode_irq_free(line->irq);
	line->irq = 0;
}

static void leave(struct line *line)
{
	link_unwatch(line);
	if (!line->shared)
		link_down(line);
	line_out_unwatch(line);
	give_irq(line);
}

static int enter(struct line *line)
{
	int err = 0;

	/* kept when the line closes: a late writer finds a queue, not a hole */
	if (!kfifo_initialized(&line->queue))
		err = kfifo_alloc(&line->queue, line->console ? LINE_QUEUE_UNREAD : LINE_QUEUE,
				  GFP_KERNEL);
	if (!err && !line->users)
		take_irq(line);
	return err;
}

int line_get(struct line *line)
{
	int err;

	mutex_lock(&line->mutex);
	err = enter(line);
	if (err)
		goto out;
	/* first: a door that rings while it is opened is for a line in use */
	line->users++;
	link_summon(line);
	err = link_try(line);
	if (err && !--line->users)
		leave(line);
out:
	mutex_unlock(&line->mutex);
	return err;
}

void line_put(struct line *line)
{
	mutex_lock(&line->mutex);
	if (!--line->users)
		leave(line);
	mutex_unlock(&line->mutex);
}

/* ---- window ---- */

bool line_winsize(struct line *line, struct winsize *ws)
{
	struct channel *ch = line->out.up && line->out.terminal ? &line->out : &line->in;
	unsigned short rows, cols;

	lockdep_assert_held(&line->mutex);
	if (!ch->up || !ch->crlf || host_tty_winsize(ch->fd, &rows, &cols) || !rows || !cols)
		return false;
	*ws = (struct winsize){ .ws_row = rows, .ws_col = cols };
	return true;
}

void line_resize(struct line *line)
{
	struct tty_struct *tty = tty_port_tty_get(&line->port);
	struct winsize ws;

	if (tty && line_winsize(line, &ws))
		tty_do_resize(tty, &ws);
	tty_kref_put(tty);
}
