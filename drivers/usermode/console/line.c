// SPDX-License-Identifier: GPL-2.0
/*
 * line.c - the life of a line: its channels, its interrupt, its window.
 *
 * Owns when a line's channels are open: from the first to the last user, of
 * which there are two at most, the tty and the kernel's console. Locks: line.h.
 */
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <asm/host.h>
#include <asm/irq.h>
#include "line.h"

void line_init(struct line *line, const char *kind, int index)
{
	snprintf(line->name, sizeof(line->name), "%s%d", kind, index);
	mutex_init(&line->mutex);
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

	if (line->in.fd < 0 && line->out.fd < 0)
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

static int open_channels(struct line *line)
{
	int err;

	err = line->out.ops->open(&line->out, CHANNEL_OUT);
	if (err)
		return err;
	err = line->in.ops->open(&line->in, CHANNEL_IN);
	if (err)
		goto err_out;
	/* kept when the line closes: a late writer finds a queue, not a hole */
	if (!kfifo_initialized(&line->queue))
		err = kfifo_alloc(&line->queue, LINE_QUEUE, GFP_KERNEL);
	if (err)
		goto err_in;
	take_irq(line);
	/* output is watched only while it cannot go on: see line_transmit() */
	return 0;

err_in:
	line->in.ops->close(&line->in);
err_out:
	line->out.ops->close(&line->out);
	return err;
}

static void close_channels(struct line *line)
{
	if (line->out_watched)
		host_event_del(line->out.fd);
	line->out_watched = false;
	if (line->irq) {
		free_irq(line->irq, line);
		usermode_irq_free(line->irq);
		line->irq = 0;
	}
	cancel_delayed_work_sync(&line->out_work);
	line->in.ops->close(&line->in);
	line->out.ops->close(&line->out);
}

int line_get(struct line *line)
{
	int err = 0;

	mutex_lock(&line->mutex);
	if (!line->users)
		err = open_channels(line);
	if (!err)
		line->users++;
	mutex_unlock(&line->mutex);
	return err;
}

void line_put(struct line *line)
{
	mutex_lock(&line->mutex);
	if (!--line->users)
		close_channels(line);
	mutex_unlock(&line->mutex);
}

bool line_winsize(struct line *line, struct winsize *ws)
{
	struct channel *ch = line->out.terminal ? &line->out : &line->in;
	unsigned short rows, cols;

	if (!ch->terminal || host_tty_winsize(ch->fd, &rows, &cols) || !rows || !cols)
		return false;
	*ws = (struct winsize){ .ws_row = rows, .ws_col = cols };
	return true;
}
