// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_queue.c - transfers between memory and files of the host that do not
 * block the virtual CPU.
 *
 * Owns one queue of asynchronous operations of the host, for all mounts; its
 * interrupt line; and the transfers that found no place in it. A transfer goes
 * on until all is done, the file ends or an error comes: what the host left
 * undone is submitted again.
 *
 * Most of what is asked for lies in the host's page cache, and is read at once.
 * Starting reaps as well: io_uring may be done when the host call returns.
 *
 * Locks: queue.lock, innermost, interrupts off. end() is called without it.
 */
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <asm/irq.h>
#include "hostfs.h"

#define QUEUE_DEPTH	256
#define AT_ONCE_BYTES	(256UL << 10)	/* that are written without the queue */

static struct {
	spinlock_t lock;			/* of all of it */
	struct host_aio *aio;
	int irq;
	struct hostfs_io *waiting, **tail;	/* for a place */
	struct timer_list retry;
} queue = {
	.lock = __SPIN_LOCK_UNLOCKED(queue.lock),
	.tail = &queue.waiting,
};

struct hostfs_io *hostfs_io_alloc(struct inode *inode, unsigned int room, gfp_t gfp)
{
	struct hostfs_io *io;

	room = min(room, HOSTFS_IOVECS);
	io = kmalloc(struct_size(io, iov, room), gfp);
	if (!io)
		return NULL;
	memset(io, 0, sizeof(*io));
	io->room = room;
	io->inode = inode;
	return io;
}

bool hostfs_io_add(struct hostfs_io *io, void *at, size_t len)
{
	if (io->n == io->room)
		return false;
	io->iov[io->n].iov_base = at;
	io->iov[io->n].iov_len = len;
	io->n++;
	io->len += len;
	return true;
}

/* the vectors that are left */
static void io_begin(struct hostfs_io *io, const struct iovec *iov, unsigned int n)
{
	io->req.iov = iov;
	io->req.n = n;
	io->req.pos = io->pos + io->done;
	io->req.cookie = (unsigned long)io;
}

/* false: there is no place */
static bool queue_submit(const struct hostfs_io *io)
{
	int err = host_aio_submit(queue.aio, &io->req);

	lockdep_assert_held(&queue.lock);
	WARN_ON_ONCE(err && err != -EAGAIN);
	return !err;
}

static void queue_put(struct hostfs_io *io)
{
	lockdep_assert_held(&queue.lock);
	/* those that wait come first */
	if (!queue.waiting && queue_submit(io))
		return;
	io->next = NULL;
	*queue.tail = io;
	queue.tail = &io->next;
}

static void queue_refill(void)
{
	lockdep_assert_held(&queue.lock);
	while (queue.waiting && queue_submit(queue.waiting)) {
		queue.waiting = queue.waiting->next;
		if (!queue.waiting)
			queue.tail = &queue.waiting;
	}
}

static void queue_flush(void)
{
	lockdep_assert_held(&queue.lock);
	/* the host is short of memory, or a place was not quite free */
	if (host_aio_flush(queue.aio) || queue.waiting)
		mod_timer(&queue.retry, jiffies + 1);
}

/* @res bytes came; true if there is more to do */
static bool io_advance(struct hostfs_io *io, s64 res)
{
	struct iovec *iov = (struct iovec *)io->req.iov;
	unsigned int n = io->req.n;

	if (res == -ECANCELED)		/* nothing was begun */
		return true;
	if (res < 0) {
		io->error = res;
		return false;
	}
	io->done += res;
	if (io->req.op == HOST_AIO_WRITE && !res)
		io->error = -EIO;
	if (!res || io->done >= io->len)
		return false;
	while (res >= iov->iov_len) {
		res -= iov->iov_len;
		iov++;
		n--;
	}
	iov->iov_base += res;
	iov->iov_len -= res;
	io_begin(io, iov, n);
	return true;
}

/* what the host has completed: a list of transfers that are over */
static struct hostfs_io *queue_collect(void)
{
	struct hostfs_io *list = NULL, **tail = &list, *io;
	unsigned long flags;
	bool more;
	u64 cookie;
	s64 res;

	spin_lock_irqsave(&queue.lock, flags);
	do {
		more = false;
		while (host_aio_reap(queue.aio, &cookie, &res) > 0) {
			io = (struct hostfs_io *)(unsigned long)cookie;
			more |= !!queue.waiting;
			queue_refill();
			if (io_advance(io, res)) {
				queue_put(io);
				more = true;
				continue;
			}
			*tail = io;
			tail = &io->next;
		}
		if (more)
			queue_flush();
	} while (more);
	*tail = NULL;
	spin_unlock_irqrestore(&queue.lock, flags);
	return list;
}

static void queue_reap(void)
{
	struct hostfs_io *list = queue_collect();

	while (list) {
		struct hostfs_io *io = list;

		list = io->next;
		io->end(io);
	}
}

/*
 * What the host has in memory is read, and a short write that somebody waits for is
 * written, by the virtual CPU itself: the host's threads would take longer to get
 * going than to do it. False: the rest is for the queue.
 */
static bool io_at_once(struct hostfs_io *io)
{
	const struct host_aio_req *req = &io->req;
	s64 res;

	do {
		if (req->op == HOST_AIO_READ)
			res = host_preadv_now(req->fd, req->iov, req->n, req->pos);
		else if (req->op == HOST_AIO_WRITE && io->awaited && io->len <= AT_ONCE_BYTES)
			res = host_pwritev(req->fd, req->iov, req->n, req->pos);
		else
			return false;
		/* the queue finds out what is wrong, if anything is */
		if (res < 0 && res != -EINTR)
			return false;
	} while (res == -EINTR || io_advance(io, res));
	return true;
}

void hostfs_io_submit(struct hostfs_io *io)
{
	unsigned long flags;

	io_begin(io, io->iov, io->n);
	if (io_at_once(io)) {
		io->end(io);
		return;
	}
	spin_lock_irqsave(&queue.lock, flags);
	queue_put(io);
	spin_unlock_irqrestore(&queue.lock, flags);
}

void hostfs_io_start(void)
{
	unsigned long flags;

	spin_lock_irqsave(&queue.lock, flags);
	queue_refill();
	queue_flush();
	spin_unlock_irqrestore(&queue.lock, flags);
	queue_reap();
}

static void io_complete(struct hostfs_io *io)
{
	complete(io->private);
}

int hostfs_io_wait(struct hostfs_io *io)
{
	DECLARE_COMPLETION_ONSTACK(done);

	io->private = &done;
	io->end = io_complete;
	io->awaited = true;
	hostfs_io_submit(io);
	hostfs_io_start();
	wait_for_completion_io(&done);
	return io->error;
}

int hostfs_io_sync(struct inode *inode, int fd)
{
	struct hostfs_io *io = hostfs_io_alloc(inode, 1, GFP_KERNEL);
	int err;

	if (!io)
		return -ENOMEM;
	io->req.op = HOST_AIO_SYNC;
	io->req.fd = fd;
	err = hostfs_io_wait(io);
	kfree(io);
	return err;
}

static void queue_retry(struct timer_list *timer)
{
	hostfs_io_start();
}

static irqreturn_t queue_interrupt(int irq, void *data)
{
	queue_reap();
	WARN_ON_ONCE(host_event_arm(host_aio_fd(queue.aio), HOST_EVENT_IN, irq));
	return IRQ_HANDLED;
}

int __init hostfs_queue_setup(void)
{
	int err;

	timer_setup(&queue.retry, queue_retry, 0);
	err = host_aio_create(QUEUE_DEPTH, HOST_AIO_BEST, &queue.aio);
	if (err)
		return err;
	queue.irq = usermode_irq_alloc("hostfs");
	err = queue.irq;
	if (err < 0)
		goto err_aio;
	err = request_irq(queue.irq, queue_interrupt, 0, "hostfs", &queue);
	if (err)
		goto err_line;
	err = host_event_add(host_aio_fd(queue.aio), HOST_EVENT_IN, queue.irq);
	if (err)
		goto err_irq;
	return 0;

err_irq:
	free_irq(queue.irq, &queue);
err_line:
	usermode_irq_free(queue.irq);
err_aio:
	host_aio_destroy(queue.aio);
	return err;
}
