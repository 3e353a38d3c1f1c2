// SPDX-License-Identifier: GPL-2.0
/*
 * aio_threads.c - asynchronous file I/O by host threads that make blocking calls.
 *
 * Owns the worker threads and the queue between them and the caller. No
 * locks. A worker sleeps on the futex "kick": it reads kick, finds the queue
 * empty, counts itself asleep, and waits while kick is what it read. A flush
 * changes kick first and looks at the sleepers after that, so one of the two
 * sees the other. Workers are host threads with every signal blocked and touch
 * nothing of the kernel.
 */
#include <uapi/linux/errno.h>
#include "aio.h"
#include "aio_queue.h"
#include "stack.h"

#define AIO_WORKERS	8	/* operations that the host can work on at once */

struct aio_threads {
	struct host_aio aio;
	struct aio_queue queue;
	u32 kick;		/* futex, changes when there is news for the workers */
	u32 sleepers;
	u32 stop;
	u32 unflushed;		/* the submitter's own */
	u32 workers;
	void *stack[AIO_WORKERS];
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
	case HOST_AIO_CALL:
		return req->call(req->arg);
	default:
		return host_fallocate(req->fd, aio_fallocate_mode(req->op), req->pos, req->len);
	}
}

static void aio_worker(void *arg)
{
	struct aio_threads *t = arg;
	struct host_aio_req req;
	u32 seen;
	s64 res;

	for (;;) {
		seen = __atomic_load_n(&t->kick, __ATOMIC_SEQ_CST);
		if (aio_todo_take(&t->queue, &req)) {
			do
				res = aio_perform(&req);
			while (res == -EINTR);
			aio_done_put(&t->queue, req.cookie, res);
			aio_ring(&t->aio);
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

static void aio_threads_submit(struct host_aio *aio, const struct host_aio_req *req)
{
	struct aio_threads *t = to_threads(aio);

	aio_todo_put(&t->queue, req);
	t->unflushed++;
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
	return aio_done_take(&to_threads(aio)->queue, cookie, res);
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
	host_shared_free(t, t->aio.bytes);
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
	size_t bytes = sizeof(struct aio_threads) +
		       depth * (sizeof(union aio_todo_cell) + sizeof(struct aio_done_cell));
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
	t->queue.mask = depth - 1;
	t->queue.todo = (union aio_todo_cell *)(t + 1);
	t->queue.done = (struct aio_done_cell *)(t->queue.todo + depth);

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
