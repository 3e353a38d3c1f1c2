// SPDX-License-Identifier: GPL-2.0
/*
 * aio.c - asynchronous file I/O: the interface, over two implementations.
 *
 * Owns the bell (an eventfd) of each queue and the count of what is in flight.
 * No locks: submit and flush are serialised by the caller, so are reaps, and
 * the two sides meet in the count. Any context, except create and destroy.
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

int host_aio_create(unsigned int depth, enum host_aio_kind kind, struct host_aio **aio)
{
	int bell, err;

	if (!depth || depth > AIO_DEPTH_MAX)
		return -EINVAL;
	depth = aio_round_depth(depth);

	bell = host_eventfd();
	if (bell < 0)
		return bell;

	if (kind == HOST_AIO_THREADS)
		err = aio_threads_ops.create(depth, bell, aio);
	else
		err = aio_uring_ops.create(depth, bell, aio);
	if (err && kind == HOST_AIO_BEST)
		err = aio_threads_ops.create(depth, bell, aio);
	if (err)
		host_close(bell);
	return err;
}

int host_aio_destroy(struct host_aio *aio)
{
	int bell = aio->bell;

	if (__atomic_load_n(&aio->inflight, __ATOMIC_ACQUIRE))
		return -EBUSY;
	aio->ops->destroy(aio);
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

int host_aio_submit(struct host_aio *aio, const struct host_aio_req *req)
{
	if (!aio_valid(aio, req))
		return -EINVAL;
	if (__atomic_load_n(&aio->inflight, __ATOMIC_ACQUIRE) >= aio->depth)
		return -EAGAIN;

	/* counted first: it may be reaped before submit() is back */
	__atomic_fetch_add(&aio->inflight, 1, __ATOMIC_RELAXED);
	aio->ops->submit(aio, req);
	return 0;
}

int host_aio_flush(struct host_aio *aio)
{
	return aio->ops->flush(aio);
}

void host_aio_quiet(struct host_aio *aio, bool quiet)
{
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

int host_aio_take(struct host_aio *aio, u64 *cookie, s64 *res)
{
	if (!aio->ops->take(aio, cookie, res))
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
