// SPDX-License-Identifier: GPL-2.0
/*
 * aio_threads.c - asynchronous file I/O by host threads that make blocking calls.
 *
 * Owns the worker threads and the two rings between them and the caller. No
 * locks. A worker sleeps on the futex "kick": it reads kick, finds the ring
 * empty, counts itself asleep, and waits while kick is what it read. A flush
 * changes kick first and looks at the sleepers after that, so one of the two
 * sees the other. Workers are host threads with every signal blocked and touch
 * nothing of the kernel.
 */
#include <uapi/linux/errno.h>
#include "aio.h"
#include "aio_ring.h"
#include "stack.h"

#define AIO_WORKERS	8	/* operations that the host can work on at once */

struct aio_threads {
	struct host_aio aio;
	struct aio_ring todo;
	struct aio_ring done;
	u32 kick;		/* futex, changes when there is news for the workers */
	u32 sleepers;
	u32 stop;
	u32 unflushed;		/* the submitter's own */
	u32 workers;
	void *stack[AIO_WORKERS];
	struct aio_cell cells[];	/* todo's, then done's */
};

static struct aio_threads *to_threads(struct host_aio *aio)
{
	return (struct aio_threads *)aio;	/* it comes first */
}

static s64 aio_perform(const struct host_aio_req *req)
{
	switch (req->op) {
	case HOST_AIO_READ:
		return host_preadv(req->fd, req->iov, req->n, req->pos);
	case HOST_AIO_WRITE:
		return host_pwritev(req->fd, req->iov, req->n, req->pos);
	case HOST_AIO_SYNC:
		return host_fdatasync(req->fd);
	default:
		return host_fallocate(req->fd, aio_fallocate_mode(req->op), req->pos, req->len);
	}
}

static void aio_complete(struct aio_threads *t, const struct aio_work *work)
{
	u64 one = 1;

	if (!aio_ring_put(&t->done, work))
		host_upcall_panic("aio: more completions than operations");

	/* one ring is enough until it is answered */
	if (__atomic_exchange_n(&t->aio.rung, 1, __ATOMIC_SEQ_CST))
		return;
	while (host_write(t->aio.bell, &one, sizeof(one)) == -EINTR)
		;
}

static void aio_worker(void *arg)
{
	struct aio_threads *t = arg;
	struct aio_work work;
	u32 seen;

	for (;;) {
		seen = __atomic_load_n(&t->kick, __ATOMIC_SEQ_CST);
		if (aio_ring_take(&t->todo, &work)) {
			do
				work.res = aio_perform(&work.req);
			while (work.res == -EINTR);
			aio_complete(t, &work);
			continue;
		}
		if (__atomic_load_n(&t->stop, __ATOMIC_ACQUIRE))
			return;
		__atomic_fetch_add(&t->sleepers, 1, __ATOMIC_SEQ_CST);
		host_futex_wait(&t->kick, seen, -1);
		__atomic_fetch_sub(&t->sleepers, 1, __ATOMIC_SEQ_CST);
	}
}

static void aio_kick(struct aio_threads *t, u32 n)
{
	__atomic_fetch_add(&t->kick, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&t->sleepers, __ATOMIC_SEQ_CST))
		host_futex_wake(&t->kick, n);
}

static int aio_threads_submit(struct host_aio *aio, const struct host_aio_req *req)
{
	struct aio_threads *t = to_threads(aio);
	struct aio_work work = { .req = *req };

	/* a worker that was held up may still own the cell, but not for long */
	if (!aio_ring_put(&t->todo, &work))
		return -EAGAIN;
	t->unflushed++;
	return 0;
}

static int aio_threads_flush(struct host_aio *aio)
{
	struct aio_threads *t = to_threads(aio);
	u32 n = t->unflushed;

	t->unflushed = 0;
	if (n)
		aio_kick(t, n);
	return 0;
}

static int aio_threads_take(struct host_aio *aio, u64 *cookie, s64 *res)
{
	struct aio_work work;

	if (!aio_ring_take(&to_threads(aio)->done, &work))
		return 0;
	*cookie = work.req.cookie;
	*res = work.res;
	return 1;
}

static void aio_threads_destroy(struct host_aio *aio)
{
	struct aio_threads *t = to_threads(aio);
	u32 i;

	__atomic_store_n(&t->stop, 1, __ATOMIC_RELEASE);
	aio_kick(t, AIO_WORKERS);
	for (i = 0; i < t->workers; i++) {
		host_thread_join(t->stack[i], HOST_STACK_SIZE);
		host_stack_unmap(t->stack[i], HOST_STACK_SIZE);
	}
	host_unmap(t, t->aio.bytes);
}

static int aio_add_worker(struct aio_threads *t)
{
	long stack = host_stack_map(HOST_STACK_SIZE);
	int tid;

	if (stack < 0)
		return stack;
	tid = host_thread_create(aio_worker, t, (void *)stack, HOST_STACK_SIZE);
	if (tid < 0) {
		host_stack_unmap((void *)stack, HOST_STACK_SIZE);
		return tid;
	}
	t->stack[t->workers++] = (void *)stack;
	return 0;
}

static int aio_threads_create(unsigned int depth, int bell, struct host_aio **aio)
{
	size_t bytes = sizeof(struct aio_threads) + 2 * depth * sizeof(struct aio_cell);
	struct aio_threads *t;
	long at;
	int err;

	at = aio_memory(bytes);
	if (at < 0)
		return at;
	t = (struct aio_threads *)at;
	t->aio.ops = &aio_threads_ops;
	t->aio.depth = depth;
	t->aio.bell = bell;
	t->aio.bytes = bytes;
	aio_ring_init(&t->todo, t->cells, depth);
	aio_ring_init(&t->done, t->cells + depth, depth);

	while (t->workers < AIO_WORKERS && t->workers < depth) {
		err = aio_add_worker(t);
		if (err) {
			aio_threads_destroy(&t->aio);
			return err;
		}
	}
	*aio = &t->aio;
	return 0;
}

const struct aio_ops aio_threads_ops = {
	.name = "threads",
	.create = aio_threads_create,
	.destroy = aio_threads_destroy,
	.submit = aio_threads_submit,
	.flush = aio_threads_flush,
	.take = aio_threads_take,
};
