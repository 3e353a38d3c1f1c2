// SPDX-License-Identifier: GPL-2.0
/*
 * backend_queue.c - runs operations on a disk as operations on host files.
 *
 * Owns a struct ubd_queue: a queue of asynchronous operations on the host, the
 * interrupt line that tells of completions, and the operations in flight.
 *
 * One operation of the disk is a chain of host operations, one at a time: the
 * rest of a short transfer, the sync after a write, a second way where the host
 * knows no first. The host's queue has a place for each operation of the front
 * end; where a place is not free yet nevertheless (a worker of the host's has
 * not quite left it), the operation stalls and is tried again.
 *
 * The host may do an operation while it is submitted (a read that its page
 * cache can answer); flushing therefore takes completions before it returns, and
 * no interrupt is raised for these.
 *
 * Locks: queue->lock, innermost, taken with interrupts off: submissions come
 * from processes, further links of a chain from interrupts and the timer.
 * done() is called without it.
 */
#include <linux/bug.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <asm/host.h>
#include <asm/irq.h>
#include "ubd.h"

/* submit @io's next host operation: 1, 0 if it has no more, or -errno */
static int queue_step(struct ubd_queue *queue, struct ubd_io *io)
{
	struct host_aio_req req = { .cookie = (unsigned long)io };

	lockdep_assert_held(&queue->lock);
	if (!queue->image->format->next(queue->image, io, &req))
		return 0;
	return host_aio_submit(req.op == HOST_AIO_CALL ? queue->calls : queue->aio, &req) ?: 1;
}

static void queue_start(struct ubd_queue *queue)
{
	lockdep_assert_held(&queue->lock);
	/* the host is short of memory; what was submitted stays queued */
	if (host_aio_flush(queue->aio) || (queue->calls && host_aio_flush(queue->calls)))
		mod_timer(&queue->retry, jiffies + 1);
}

static void queue_stall(struct ubd_queue *queue, struct ubd_io *io)
{
	io->next = queue->stalled;
	queue->stalled = io;
	mod_timer(&queue->retry, jiffies + 1);
}

/*
 * A host operation of @io ended with @res: true if another one follows.
 * -ECANCELED: it was not begun (the host thread that submitted it died, or @io
 * was stalled).
 */
static bool queue_advance(struct ubd_queue *queue, struct ubd_io *io, s64 res)
{
	int err;

	if (res != -ECANCELED)
		io->error = queue->image->format->result(queue->image, io, res);
	if (io->error)
		return false;
	err = queue_step(queue, io);
	if (err == -EAGAIN) {
		queue_stall(queue, io);
		return true;
	}
	if (err < 0)
		io->error = err;
	return err > 0;
}

/* the next result: of a stalled operation, or from the host; NULL: none */
static struct ubd_io *queue_take(struct ubd_queue *queue, struct ubd_io **stalled, s64 *res)
{
	struct ubd_io *io = *stalled;
	u64 cookie;

	if (io) {
		*stalled = io->next;
		*res = -ECANCELED;
		return io;
	}
	if (host_aio_take(queue->aio, &cookie, res) ||
	    (queue->calls && host_aio_take(queue->calls, &cookie, res)))
		return (struct ubd_io *)(unsigned long)cookie;
	return NULL;
}

/* take what the host has completed, until there is nothing: what is done goes to @tail */
static struct ubd_io **queue_drain(struct ubd_queue *queue, struct ubd_io **tail)
{
	struct ubd_io *stalled = queue->stalled, *io;
	bool again;
	s64 res;

	lockdep_assert_held(&queue->lock);
	queue->stalled = NULL;
	do {
		again = false;
		while ((io = queue_take(queue, &stalled, &res))) {
			if (queue_advance(queue, io, res)) {
				again = true;
				continue;
			}
			*tail = io;
			tail = &io->next;
		}
		if (again)
			queue_start(queue);
	} while (again);
	return tail;
}

/*
 * Start what is to start, and end what has ended. Most has when the host call
 * that started it returns; it need not tell of that by an interrupt as well.
 */
static void queue_run(struct ubd_queue *queue)
{
	struct ubd_io *list = NULL, **tail = &list;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	host_aio_quiet(queue->aio, true);
	queue_start(queue);
	tail = queue_drain(queue, tail);
	host_aio_quiet(queue->aio, false);
	/* what has completed in silence since the last look */
	tail = queue_drain(queue, tail);
	*tail = NULL;
	spin_unlock_irqrestore(&queue->lock, flags);
	if (list)
		queue->done(list);
}

int ubd_queue_submit(struct ubd_queue *queue, struct ubd_io *io)
{
	unsigned long flags;
	int err;

	io->error = 0;
	io->cut = NULL;
	io->image = queue->image;
	io->sync = io->op == UBD_FLUSH || (queue->image->sync && io->op != UBD_READ);
	spin_lock_irqsave(&queue->lock, flags);
	err = queue_step(queue, io);
	spin_unlock_irqrestore(&queue->lock, flags);
	return err;
}

void ubd_queue_flush(struct ubd_queue *queue)
{
	queue_run(queue);
}

static void queue_retry(struct timer_list *timer)
{
	struct ubd_queue *queue = from_timer(queue, timer, retry);

	queue_run(queue);
}

static irqreturn_t queue_interrupt(int irq, void *data)
{
	struct ubd_queue *queue = data;

	host_aio_answer(queue->aio);
	if (queue->calls)
		host_aio_answer(queue->calls);
	queue_run(queue);
	WARN_ON_ONCE(host_event_arm(host_aio_fd(queue->aio), HOST_EVENT_IN, irq));
	if (queue->calls)
		WARN_ON_ONCE(host_event_arm(host_aio_fd(queue->calls), HOST_EVENT_IN, irq));
	return IRQ_HANDLED;
}

static int create_lanes(struct ubd_queue *queue, unsigned int depth)
{
	int err = host_aio_create(depth, HOST_AIO_BEST, &queue->aio);

	queue->calls = NULL;
	if (err || !queue->image->format->calls)
		return err;
	err = host_aio_create(depth, HOST_AIO_THREADS, &queue->calls);
	if (err)
		host_aio_destroy(queue->aio);
	return err;
}

static void destroy_lanes(struct ubd_queue *queue)
{
	WARN_ON(host_aio_destroy(queue->aio));
	if (queue->calls)
		WARN_ON(host_aio_destroy(queue->calls));
}

static void unhear(struct ubd_queue *queue)
{
	host_event_del(host_aio_fd(queue->aio));
	if (queue->calls)
		host_event_del(host_aio_fd(queue->calls));
}

static int hear(struct ubd_queue *queue)
{
	int err = host_event_add(host_aio_fd(queue->aio), HOST_EVENT_IN, queue->irq);

	if (err || !queue->calls)
		return err;
	err = host_event_add(host_aio_fd(queue->calls), HOST_EVENT_IN, queue->irq);
	if (err)
		host_event_del(host_aio_fd(queue->aio));
	return err;
}

int ubd_queue_create(struct ubd_queue *queue, const struct ubd_image *image,
		     unsigned int depth, const char *name,
		     void (*done)(struct ubd_io *list))
{
	int err;

	queue->image = image;
	queue->done = done;
	queue->stalled = NULL;
	spin_lock_init(&queue->lock);
	timer_setup(&queue->retry, queue_retry, 0);

	err = create_lanes(queue, depth);
	if (err)
		return err;
	queue->irq = usermode_irq_alloc(name);
	err = queue->irq;
	if (err < 0)
		goto err_lanes;
	err = request_irq(queue->irq, queue_interrupt, 0, name, queue);
	if (err)
		goto err_line;
	err = hear(queue);
	if (err)
		goto err_irq;
	return 0;

err_irq:
	free_irq(queue->irq, queue);
err_line:
	usermode_irq_free(queue->irq);
err_lanes:
	destroy_lanes(queue);
	return err;
}

void ubd_queue_destroy(struct ubd_queue *queue)
{
	unhear(queue);
	timer_shutdown_sync(&queue->retry);
	free_irq(queue->irq, queue);
	usermode_irq_free(queue->irq);
	destroy_lanes(queue);
}

const char *ubd_queue_name(const struct ubd_queue *queue)
{
	return host_aio_name(queue->aio);
}
