// SPDX-License-Identifier: GPL-2.0
/*
 * line_out.c - from ttys and printk to the host.
 *
 * What was accepted stands in a bounded queue until the host takes it. The tty
 * layer sees how much room is left, so a slow reader slows its writers and
 * nobody else. Kernel messages go through the same queue, so that both come out
 * in order; when they cannot wait (panic) the queue is written out before them.
 *
 * Where kernel messages go, init writes as well, and the guest waits with it. So
 * such a line has a long queue for the time when nobody takes anything.
 *
 * Locks: out_lock; any context.
 */
#include <linux/minmax.h>
#include <linux/tty.h>
#include <asm/host.h>
#include "crlf.h"
#include "line.h"

#define RETRY		msecs_to_jiffies(20)
#define UNREAD_AFTER	(2 * HZ)
#define PATIENCE	(2 * NSEC_PER_SEC)	/* with a reader that takes nothing */

static bool can_write(struct line *line)
{
	return line->out.up && !test_bit(LINE_OUT_LOST, &line->flags);
}

/* both directions are one connection that the program was started with */
static bool is_one_connection(const struct line *line)
{
	return line->out.connection && line->in.ops == line->out.ops && line->in.ops->same &&
	       line->in.ops->same(&line->in, &line->out);
}

/*
 * What cannot be written is for whoever comes next, if the guest says so. A connection
 * after which nobody comes has at least a writer to be told, by a hang-up. Else nobody
 * will ever get it, and nobody asks: a closed pipe, a full disk.
 */
static bool is_missed(const struct line *line)
{
	return line->out.ops->duplex || (is_one_connection(line) && !READ_ONCE(line->hung_up));
}

/* what came in before is still to be read: the input decides when it is over */
static void lose(struct line *line)
{
	set_bit(LINE_OUT_LOST, &line->flags);
	if (line->shared || is_one_connection(line))
		schedule_delayed_work(&line->in_work, 0);
	else
		link_look(line);
}

/* write until the queue is empty or the host full; true if bytes left the queue */
static bool drain(struct line *line)
{
	bool moved = false;
	unsigned int len;
	ssize_t n;
	u8 *at;

	if (!can_write(line) || line->stopped)
		return false;
	while ((len = kfifo_out_linear_ptr(&line->queue, &at, LINE_QUEUE))) {
		n = line->out.ops->write(&line->out, at, len);
		if (n == -EAGAIN || !n)
			break;
		if (n < 0 && is_missed(line)) {
			lose(line);
			break;
		}
		if (n < 0)
			n = len;
		kfifo_skip_count(&line->queue, n);
		line->sent += n;
		line->messages -= min_t(unsigned int, n, line->messages);
		line->stalled = false;
		line->unread = false;
		moved = true;
	}
	return moved;
}

/* the host is full: be told when it is not */
static void watch(struct line *line)
{
	int err = -ENODEV;

	if (line->out_watched)
		err = host_event_arm(line->out.fd, HOST_EVENT_OUT, line->irq);
	else if (line->irq)
		err = host_event_add(line->out.fd, HOST_EVENT_OUT, line->irq);
	if (!err)
		line->out_watched = true;
	else
		schedule_delayed_work(&line->out_work, RETRY);
}

/* see whether somebody takes what is queued. out_lock held */
static void note_unread(struct line *line)
{
	if (!line->console || line->unread || kfifo_is_empty(&line->queue) ||
	    delayed_work_pending(&line->unread_work))
		return;
	line->unread_sent = line->sent;
	schedule_delayed_work(&line->unread_work, UNREAD_AFTER);
}

static void unread_work(struct work_struct *work)
{
	struct line *line = container_of(to_delayed_work(work), struct line, unread_work);
	bool longer;

	spin_lock_irq(&line->out_lock);
	longer = !kfifo_is_empty(&line->queue) && line->sent == line->unread_sent &&
		 !line->stopped;
	if (longer)
		line->unread = true;
	else if (!line->stopped)
		note_unread(line);
	spin_unlock_irq(&line->out_lock);
	if (longer)
		tty_port_tty_wakeup(&line->port);
}

/* context: out_lock held */
static bool transmit_locked(struct line *line)
{
	bool moved = drain(line);

	if (!kfifo_is_empty(&line->queue) && can_write(line) && !line->stopped)
		watch(line);
	note_unread(line);
	return moved;
}

void line_transmit(struct line *line)
{
	unsigned long flags;
	bool moved = false;

	spin_lock_irqsave(&line->out_lock, flags);
	if (!kfifo_is_empty(&line->queue))
		moved = transmit_locked(line);
	spin_unlock_irqrestore(&line->out_lock, flags);
	if (!moved)
		return;
	wake_up(&line->out_room);
	tty_port_tty_wakeup(&line->port);
}

size_t line_write(struct line *line, const u8 *buf, size_t len)
{
	unsigned long flags;
	bool idle;

	spin_lock_irqsave(&line->out_lock, flags);
	idle = kfifo_is_empty(&line->queue);
	len = kfifo_in(&line->queue, buf, min_t(size_t, len, line_write_room(line)));
	/* what was queued before waits for the host, and so must this */
	if (idle && len)
		transmit_locked(line);
	else
		note_unread(line);
	spin_unlock_irqrestore(&line->out_lock, flags);
	return len;
}

void line_stop(struct line *line, bool on)
{
	unsigned long flags;

	spin_lock_irqsave(&line->out_lock, flags);
	line->stopped = on;
	spin_unlock_irqrestore(&line->out_lock, flags);
	if (!on)
		line_transmit(line);
}

unsigned int line_write_room(struct line *line)
{
	unsigned int limit = READ_ONCE(line->unread) ? LINE_QUEUE_UNREAD : LINE_QUEUE;
	unsigned int queued = kfifo_len(&line->queue);

	return limit > queued ? min(limit - queued, kfifo_avail(&line->queue)) : 0;
}

unsigned int line_queued(struct line *line)
{
	return kfifo_len(&line->queue);
}

/* a tty may throw away what it wrote, but not what the kernel said before it */
void line_discard(struct line *line)
{
	unsigned long flags;

	spin_lock_irqsave(&line->out_lock, flags);
	if (!line->messages)
		kfifo_reset(&line->queue);
	spin_unlock_irqrestore(&line->out_lock, flags);
	wake_up(&line->out_room);
}

/* ---- without waiting for anybody else: shutdown, panic ---- */

static void drain_until(struct line *line, u64 deadline)
{
	line->stopped = false;
	for (;;) {
		u64 now;

		drain(line);
		if (!can_write(line))
			line->stalled = true;
		if (kfifo_is_empty(&line->queue) || line->stalled)
			return;
		now = host_monotonic_ns();
		if (now >= deadline) {
			line->stalled = true;
			return;
		}
		line->out.ops->wait(&line->out, deadline - now);
	}
}

void line_flush(struct line *line, s64 limit_ns)
{
	unsigned long flags;

	spin_lock_irqsave(&line->out_lock, flags);
	if (!kfifo_is_empty(&line->queue))
		drain_until(line, host_monotonic_ns() + limit_ns);
	spin_unlock_irqrestore(&line->out_lock, flags);
}

void line_print(struct line *line, const char *text, size_t len, bool wait)
{
	char buf[256];

	while (len) {
		size_t n = crlf_copy(&text, &len, buf, sizeof(buf), line->out.crlf);

		if (kfifo_avail(&line->queue) < n)
			drain_until(line, host_monotonic_ns() + PATIENCE);
		kfifo_in(&line->queue, buf, n);
	}
	line->messages = kfifo_len(&line->queue);
	if (wait)
		drain_until(line, host_monotonic_ns() + PATIENCE);
	else
		transmit_locked(line);
}

/* ---- far sides ---- */

void line_out_up(struct line *line)
{
	spin_lock_irq(&line->out_lock);
	line->out.up = true;
	line->stalled = false;
	clear_bit(LINE_OUT_LOST, &line->flags);
	spin_unlock_irq(&line->out_lock);
	line_transmit(line);
}

/* out_lock held */
static void unwatch(struct line *line)
{
	if (line->out_watched)
		host_event_del(line->out.fd);
	line->out_watched = false;
}

bool line_out_down(struct line *line)
{
	bool was_up;

	spin_lock_irq(&line->out_lock);
	was_up = line->out.up;
	line->out.up = false;
	clear_bit(LINE_OUT_LOST, &line->flags);
	unwatch(line);
	spin_unlock_irq(&line->out_lock);
	return was_up;
}

void line_out_unwatch(struct line *line)
{
	spin_lock_irq(&line->out_lock);
	unwatch(line);
	spin_unlock_irq(&line->out_lock);
}

static void out_work(struct work_struct *work)
{
	line_transmit(container_of(to_delayed_work(work), struct line, out_work));
}

void line_out_init(struct line *line)
{
	spin_lock_init(&line->out_lock);
	init_waitqueue_head(&line->out_room);
	INIT_DELAYED_WORK(&line->out_work, out_work);
	INIT_DELAYED_WORK(&line->unread_work, unread_work);
}
