// SPDX-License-Identifier: GPL-2.0
/*
 * aio.c - asynchronous file I/O: the interface, over two implementations.
 *
 * Owns the bell (an eventfd) of each queue and the count of what is in flight.
 * No locks: submit and flush are serialised by the caller, so are reaps, and
 * the two sides meet in the count. Any context, except create and destroy.
 *
 * A read that the host's page cache can answer is made by the caller: to hand it on
 * and be told of it costs many times the copy. Its result waits in a ring of our own.
 *
 * The count bounds everything: since no more than depth operations are in
 * flight, no queue of that size behind it can overflow.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/falloc.h>
#include <uapi/linux/uio.h>
#include "aio.h"

#define AIO_DEPTH_MAX	4096

static unsigned int aio_round_depth(unsigned int depth)
{
	unsigned int n = 1;

	while (n < depth)
		n *= 2;
	return n;
}

long aio_memory(size_t bytes)
{
	return host_shared_alloc(bytes);
}

int aio_fallocate_mode(enum host_aio_op op)
{
	return FALLOC_FL_KEEP_SIZE |
	       (op == HOST_AIO_PUNCH ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE);
}

static int aio_create(unsigned int depth, enum host_aio_kind kind, int bell,
		      struct host_aio **aio)
{
	int err;

	if (kind == HOST_AIO_THREADS)
		return aio_threads_ops.create(depth, bell, aio);
	err = aio_uring_ops.create(depth, bell, aio);
	if (err && kind == HOST_AIO_BEST)
		err = aio_threads_ops.create(depth, bell, aio);
	return err;
}

int host_aio_create(unsigned int depth, enum host_aio_kind kind, struct host_aio **aio)
{
	size_t bytes;
	long at;
	int bell, err;

	if (!depth || depth > AIO_DEPTH_MAX)
		return -EINVAL;
	depth = aio_round_depth(depth);
	bytes = depth * sizeof(struct aio_done_now);
	at = aio_memory(bytes);
	if (at < 0)
		return at;

	bell = host_eventfd();
	err = bell < 0 ? bell : aio_create(depth, kind, bell, aio);
	if (!err) {
		(*aio)->now = (struct aio_done_now *)at;
		return 0;
	}
	if (bell >= 0)
		host_close(bell);
	host_shared_free((void *)at, bytes);
	return err;
}

int host_aio_destroy(struct host_aio *aio)
{
	size_t bytes = aio->depth * sizeof(*aio->now);
	struct aio_done_now *now = aio->now;
	int bell = aio->bell;

	if (__atomic_load_n(&aio->inflight, __ATOMIC_ACQUIRE))
		return -EBUSY;
	aio->ops->destroy(aio);
	host_shared_free(now, bytes);
	host_close(bell);
	return 0;
}

const char *host_aio_name(const struct host_aio *aio)
{
	return aio->ops->name;
}

int host_aio_fd(const struct host_aio *aio)
{
	return aio->bell;
}

static bool aio_valid(const struct host_aio *aio, const struct host_aio_req *req)
{
	switch (req->op) {
	case HOST_AIO_READ:
	case HOST_AIO_WRITE:
		return req->n && req->n <= UIO_MAXIOV;
	case HOST_AIO_SYNC:
		return true;
	case HOST_AIO_PUNCH:
	case HOST_AIO_ZERO:
		return req->len;
	case HOST_AIO_CALL:
		return aio->ops == &aio_threads_ops && req->call;
	}
	return false;
}

/* false: it has to wait for its data, or would */
static bool aio_read_now(struct host_aio *aio, const struct host_aio_req *req)
{
	struct aio_done_now *done = &aio->now[aio->now_put & (aio->depth - 1)];
	s64 res;

	if (req->op != HOST_AIO_READ || !req->cached)
		return false;
	res = host_preadv_now(req->fd, req->iov, req->n, req->pos);
	if (res < 0)
		return false;
	*done = (struct aio_done_now){ req->cookie, res };
	__atomic_store_n(&aio->now_put, aio->now_put + 1, __ATOMIC_RELEASE);
	return true;
}

int host_aio_submit(struct host_aio *aio, const struct host_aio_req *req)
{
	if (!aio_valid(aio, req))
		return -EINVAL;
	if (__atomic_load_n(&aio->inflight, __ATOMIC_ACQUIRE) >= aio->depth)
		return -EAGAIN;

	/* counted first: it may be reaped before submit() is back */
	__atomic_fetch_add(&aio->inflight, 1, __ATOMIC_RELAXED);
	if (!aio_read_now(aio, req))
		aio->ops->submit(aio, req);
	return 0;
}

void aio_ring(struct host_aio *aio)
{
	u64 one = 1;

	/* one ring is enough until it is answered */
	if (__atomic_exchange_n(&aio->rung, 1, __ATOMIC_SEQ_CST))
		return;
	while (host_write(aio->bell, &one, sizeof(one)) == -EINTR)
		;
}

int host_aio_flush(struct host_aio *aio)
{
	if (aio->now_said != aio->now_put && !aio->quiet)
		aio_ring(aio);
	aio->now_said = aio->now_put;
	return aio->ops->flush(aio);
}

void host_aio_quiet(struct host_aio *aio, bool quiet)
{
	aio->quiet = quiet;
	if (aio->ops->quiet)
		aio->ops->quiet(aio, quiet);
}

void host_aio_answer(struct host_aio *aio)
{
	u64 rings;

	while (host_read(aio->bell, &rings, sizeof(rings)) == -EINTR)
		;
	__atomic_store_n(&aio->rung, 0, __ATOMIC_SEQ_CST);
}

static bool aio_take_now(struct host_aio *aio, u64 *cookie, s64 *res)
{
	const struct aio_done_now *done = &aio->now[aio->now_take & (aio->depth - 1)];

	if (aio->now_take == __atomic_load_n(&aio->now_put, __ATOMIC_ACQUIRE))
		return false;
	*cookie = done->cookie;
	*res = done->res;
	aio->now_take++;
	return true;
}

int host_aio_take(struct host_aio *aio, u64 *cookie, s64 *res)
{
	if (!aio_take_now(aio, cookie, res) && !aio->ops->take(aio, cookie, res))
		return 0;
	__atomic_fetch_sub(&aio->inflight, 1, __ATOMIC_RELEASE);
	return 1;
}

/* the bell is silenced before the last look: what completes later rings again */
int host_aio_reap(struct host_aio *aio, u64 *cookie, s64 *res)
{
	if (host_aio_take(aio, cookie, res))
		return 1;
	host_aio_answer(aio);
	return host_aio_take(aio, cookie, res);
}
