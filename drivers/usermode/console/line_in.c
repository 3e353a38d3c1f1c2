// SPDX-License-Identifier: GPL-2.0
/*
 * line_in.c - from the host to the line discipline.
 *
 * Bytes are read only when there is room for them in the flip buffer, so none
 * that left the host is dropped; a throttled line leaves them with the host.
 *
 * The end of the input is a hang-up, told once. What came in before it is not
 * lost to it: the line is hung up when all input was read and all output is out.
 * When the far end of a terminal has gone, that is all; where only the input
 * ended (a script piped in, /dev/null), the output may still be wanted, so the
 * hang-up also waits for somebody who asks for more. Those who never read are
 * never hung up then. Of a connection, which may be lost as well as half closed,
 * the end is believed after some seconds without output. Later opens of the line
 * wait for input in vain, quietly; where another far side may come (link.c) the
 * line is as new with it.
 *
 * Locks: in_lock; hard interrupt and process context.
 */
#include <linux/poll.h>
#include <linux/sysrq.h>
#include <linux/tty.h>
#include <linux/tty_flip.h>
#include <linux/tty_ldisc.h>
#include <asm/host.h>
#include "line.h"

#define READ_ONCE_LIMIT	16384	/* bytes in one go, with interrupts off */
#define RETRY		msecs_to_jiffies(20)	/* no room, or nobody watches */
#define CHUNK		512			/* bytes between host and flip buffer */
#define BUSY_RETRY	msecs_to_jiffies(500)	/* another job has the terminal */
#define SYSRQ_TIME	(5 * HZ)
#define END_FIRST	msecs_to_jiffies(20)
#define END_SLOWEST	msecs_to_jiffies(2000)

static void retry(struct line *line)
{
	schedule_delayed_work(&line->in_work, RETRY);
}

static void watch(struct line *line)
{
	if (line->in.fd < 0)
		return;		/* null: nothing will ever come */
	if (!line->in_watched || host_event_arm(line->in.fd, HOST_EVENT_IN, line->irq))
		retry(line);
}

/* it is for the kernel, once in_lock is free */
static bool take_sysrq_key(struct line *line, u8 key)
{
	bool take = line->sysrq_until && time_before(jiffies, line->sysrq_until);

	line->sysrq_until = 0;
	if (take)
		line->sysrq_key = key;
	return take;
}

/* one chunk: true if another may follow at once */
static bool receive_chunk(struct line *line, size_t *total)
{
	size_t room = tty_buffer_request_room(&line->port, CHUNK);
	u8 chunk[CHUNK];
	bool skip;
	ssize_t n;

	if (!room) {
		retry(line);
		return false;
	}
	n = line->in.ops->read(&line->in, chunk, min(room, sizeof(chunk)));
	if (n > 0) {
		line->last = chunk[n - 1];
		skip = take_sysrq_key(line, chunk[0]);
		tty_insert_flip_string(&line->port, chunk + skip, n - skip);
		*total += n;
		return true;
	}
	if (n == -EAGAIN) {
		watch(line);
		return false;
	}
	if (n == -EBUSY) {
		schedule_delayed_work(&line->in_work, BUSY_RETRY);
		return false;
	}
	line->end = n ? LINE_GONE : LINE_EOF;
	schedule_delayed_work(&line->in_work, 0);
	return false;
}

void line_receive(struct line *line)
{
	unsigned long flags;
	size_t total = 0;
	u8 key;

	spin_lock_irqsave(&line->in_lock, flags);
	while (line->reading && line->in.up && !line->throttled && line->end == LINE_OPEN) {
		if (total >= READ_ONCE_LIMIT) {
			schedule_delayed_work(&line->in_work, 0);
			break;
		}
		if (!receive_chunk(line, &total))
			break;
	}
	if (total)
		tty_flip_buffer_push(&line->port);
	key = line->sysrq_key;
	line->sysrq_key = 0;
	spin_unlock_irqrestore(&line->in_lock, flags);
	if (key)
		handle_sysrq(key);
}

void line_break(struct line *line)
{
	unsigned long flags;

	spin_lock_irqsave(&line->in_lock, flags);
	if (line->console && IS_ENABLED(CONFIG_MAGIC_SYSRQ)) {
		line->sysrq_until = (jiffies + SYSRQ_TIME) | 1;
	} else if (line->reading) {
		tty_insert_flip_char(&line->port, 0, TTY_BREAK);
		tty_flip_buffer_push(&line->port);
	}
	spin_unlock_irqrestore(&line->in_lock, flags);
}

void line_in_throttle(struct line *line, bool on)
{
	unsigned long flags;

	spin_lock_irqsave(&line->in_lock, flags);
	line->throttled = on;
	spin_unlock_irqrestore(&line->in_lock, flags);
	if (!on)
		line_receive(line);
}

/* ---- the end ---- */

/*
 * A last line without a newline never becomes readable by itself: end it as a
 * user would. Returns true if it did, and there is something to read again.
 */
static bool end_last_line(struct line *line, struct tty_struct *tty)
{
	unsigned long flags;
	u8 eof = EOF_CHAR(tty);
	bool partial;

	spin_lock_irqsave(&line->in_lock, flags);
	partial = line->last && line->last != '\n' && line->last != '\r' && L_ICANON(tty);
	line->last = 0;
	if (partial) {
		tty_insert_flip_char(&line->port, eof, TTY_NORMAL);
		tty_flip_buffer_push(&line->port);
	}
	spin_unlock_irqrestore(&line->in_lock, flags);
	return partial;
}

static bool is_gone(struct line *line)
{
	return line->end == LINE_GONE || test_bit(LINE_OUT_LOST, &line->flags);
}

static bool may_hang_up(struct line *line, struct tty_struct *tty)
{
	struct tty_ldisc *ld;
	bool unread;

	if (line->end_delay == END_SLOWEST && (is_gone(line) || line->in.connection))
		return true;
	if (line->end == LINE_OPEN || (line_queued(line) && !is_gone(line)))
		return false;
	ld = tty_ldisc_ref(tty);
	if (!ld)
		return false;
	unread = ld->ops->poll && ld->ops->poll(tty, NULL, NULL) & EPOLLIN;
	tty_ldisc_deref(ld);
	if (unread || end_last_line(line, tty))
		return false;
	/* a stale answer is mended by asking again: no barrier */
	return is_gone(line) || waitqueue_active(&tty->read_wait);
}

/* unless link.c was faster */
static void lose(struct line *line)
{
	spin_lock_irq(&line->in_lock);
	if (line->in.up) {
		line->hung_up = true;
		link_lost(line, LINE_LOST);
	}
	spin_unlock_irq(&line->in_lock);
}

static void deliver_end(struct line *line)
{
	struct tty_struct *tty = tty_port_tty_get(&line->port);

	if (!tty || may_hang_up(line, tty)) {
		lose(line);
	} else {
		if (line->end_sent != line->sent)
			line->end_delay = END_FIRST;
		line->end_sent = line->sent;
		/* readers do not say that they wait: look again, seldom if it takes long */
		schedule_delayed_work(&line->in_work, line->end_delay);
		line->end_delay = min(2 * line->end_delay, END_SLOWEST);
	}
	tty_kref_put(tty);
}

static void in_work(struct work_struct *work)
{
	struct line *line = container_of(to_delayed_work(work), struct line, in_work);

	line_receive(line);
	if ((READ_ONCE(line->end) != LINE_OPEN || test_bit(LINE_OUT_LOST, &line->flags)) &&
	    !line->hung_up)
		deliver_end(line);
}

/* ---- start and stop ---- */

void line_in_init(struct line *line)
{
	spin_lock_init(&line->in_lock);
	INIT_DELAYED_WORK(&line->in_work, in_work);
}

/* registered armed: what is there already comes in at once. in_lock held */
static void begin(struct line *line)
{
	line->end_delay = END_FIRST;
	line->in_watched = line->irq && line->in.fd >= 0 &&
			   !host_event_add(line->in.fd, HOST_EVENT_IN, line->irq);
	if (!line->in_watched || line->end != LINE_OPEN)
		schedule_delayed_work(&line->in_work, 0);
}

static void end(struct line *line)
{
	if (line->in_watched)
		host_event_del(line->in.fd);
	line->in_watched = false;
}

/* whatever became of the last far side. in_lock held */
static void renew(struct line *line)
{
	line->end = LINE_OPEN;
	line->hung_up = false;
	line->last = 0;
	clear_bit(LINE_LOST, &line->flags);
}

/* a far side is there. Process context */
void line_in_up(struct line *line)
{
	spin_lock_irq(&line->in_lock);
	line->in.up = true;
	if (line->reading) {
		channel_raw(&line->in);
		begin(line);
	}
	spin_unlock_irq(&line->in_lock);
}

bool line_in_down(struct line *line)
{
	bool was_up;

	spin_lock_irq(&line->in_lock);
	was_up = line->in.up;
	line->in.up = false;
	/* the next is another */
	if (line->in.ops->duplex)
		renew(line);
	end(line);
	spin_unlock_irq(&line->in_lock);
	return was_up;
}

void line_in_renew(struct line *line)
{
	spin_lock_irq(&line->in_lock);
	renew(line);
	spin_unlock_irq(&line->in_lock);
}

void line_in_raw_again(struct line *line)
{
	unsigned long flags;

	spin_lock_irqsave(&line->in_lock, flags);
	if (line->reading && line->in.up)
		channel_raw(&line->in);
	spin_unlock_irqrestore(&line->in_lock, flags);
}

/* somebody wants input. Process context, the line is in use */
void line_in_start(struct line *line)
{
	spin_lock_irq(&line->in_lock);
	line->reading = true;
	line->throttled = false;
	if (line->in.up) {
		channel_raw(&line->in);
		begin(line);
	}
	spin_unlock_irq(&line->in_lock);
}

void line_in_stop(struct line *line)
{
	spin_lock_irq(&line->in_lock);
	line->reading = false;
	end(line);
	spin_unlock_irq(&line->in_lock);
	cancel_delayed_work_sync(&line->in_work);
	/* nobody is left to be told */
	if (line->end != LINE_OPEN && line->in.ops->duplex)
		link_lost(line, LINE_LOST);
}
