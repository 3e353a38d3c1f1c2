// SPDX-License-Identifier: GPL-2.0
/*
 * aio_uring.c - asynchronous file I/O by the host's io_uring.
 *
 * Owns one ring (its descriptor and two mappings) a queue. No locks: the caller
 * serialises submit with flush, and reaps; the two sides share nothing but
 * constants. Of each index that is shared with the host, one side writes:
 * release its stores, acquire the host's.
 *
 * The plainest of setups: work that does not finish at once is finished by the
 * submitting host thread on its way out of its next host call, or by the host's
 * own workers; there is no polling thread that would cost an idle guest a CPU.
 */
#include <uapi/linux/errno.h>
#include "aio.h"
#include "home.h"
#include "syscall.h"
#include "uring_abi.h"

struct aio_uring {
	struct host_aio aio;
	int fd;
	u32 sq_mask;
	u32 cq_mask;
	u32 tail;			/* the submitter's; published by flush */
	u32 *sq_head, *sq_tail;
	u32 *cq_head, *cq_tail;
	u32 *cq_flags;			/* ours; NULL where the host has none */
	struct uring_sqe *sqes;
	const struct uring_cqe *cqes;
	void *rings;
	size_t rings_bytes;
	size_t sqes_bytes;
};

static struct aio_uring *to_uring(struct host_aio *aio)
{
	return (struct aio_uring *)aio;	/* it comes first */
}

static void aio_uring_submit(struct host_aio *aio, const struct host_aio_req *req)
{
	struct aio_uring *u = to_uring(aio);
	struct uring_sqe *sqe = &u->sqes[u->tail & u->sq_mask];

	*sqe = (struct uring_sqe) {
		.fd = req->fd,
		.off = req->pos,
		.user_data = req->cookie,
	};
	switch (req->op) {
	case HOST_AIO_READ:
	case HOST_AIO_WRITE:
		sqe->opcode = req->op == HOST_AIO_READ ? URING_OP_READV : URING_OP_WRITEV;
		sqe->addr = (unsigned long)req->iov;
		sqe->len = req->n;
		sqe->op_flags = req->now ? URING_RWF_NOWAIT : 0;
		break;
	case HOST_AIO_SYNC:
		sqe->opcode = URING_OP_FSYNC;
		sqe->off = 0;			/* with len 0: the whole file */
		sqe->op_flags = URING_FSYNC_DATASYNC;
		break;
	case HOST_AIO_PUNCH:
	case HOST_AIO_ZERO:
		sqe->opcode = URING_OP_FALLOCATE;
		sqe->addr = req->len;
		sqe->len = aio_fallocate_mode(req->op);
		break;
	case HOST_AIO_CALL:		/* refused before it gets here */
		break;
	}
	u->tail++;
}

static int aio_uring_flush(struct host_aio *aio)
{
	struct aio_uring *u = to_uring(aio);
	u32 n;

	__atomic_store_n(u->sq_tail, u->tail, __ATOMIC_RELEASE);
	while ((n = u->tail - __atomic_load_n(u->sq_head, __ATOMIC_ACQUIRE))) {
		int done = host_syscall6(__NR_io_uring_enter, u->fd, n, 0, 0, 0, 0);

		if (done == 0)
			return -EAGAIN;
		if (done < 0 && done != -EINTR)
			return done;
	}
	return 0;
}

static int aio_uring_take(struct host_aio *aio, u64 *cookie, s64 *res)
{
	struct aio_uring *u = to_uring(aio);
	u32 head = *u->cq_head;
	const struct uring_cqe *cqe = &u->cqes[head & u->cq_mask];

	if (head == __atomic_load_n(u->cq_tail, __ATOMIC_ACQUIRE))
		return 0;
	*cookie = cqe->user_data;
	*res = cqe->res;
	__atomic_store_n(u->cq_head, head + 1, __ATOMIC_RELEASE);
	return 1;
}

/* a completion that is on its way sees the flag, or the caller sees it */
static void aio_uring_quiet(struct host_aio *aio, bool quiet)
{
	struct aio_uring *u = to_uring(aio);

	if (u->cq_flags)
		__atomic_store_n(u->cq_flags, quiet ? URING_CQ_EVENTFD_DISABLED : 0,
				 __ATOMIC_SEQ_CST);
}

static int uring_register(int fd, int what, void *arg, unsigned int n)
{
	return host_syscall4(__NR_io_uring_register, fd, what, arg, n);
}

/* can the host do all that we will ask for? */
static int uring_probe(int fd, const struct uring_params *params)
{
	static const u8 wanted[] = {
		URING_OP_READV, URING_OP_WRITEV, URING_OP_FSYNC, URING_OP_FALLOCATE,
	};
	const u32 features = URING_FEAT_SINGLE_MMAP | URING_FEAT_NODROP;
	struct uring_probe probe = {};
	unsigned int i;
	int err;

	if ((params->features & features) != features)
		return -EOPNOTSUPP;
	err = uring_register(fd, URING_REGISTER_PROBE, &probe, URING_OP_PROBED);
	if (err)
		return err;
	for (i = 0; i < sizeof(wanted); i++) {
		if (!(probe.ops[wanted[i]].flags & URING_OP_SUPPORTED))
			return -EOPNOTSUPP;
	}
	return 0;
}

static int uring_map(struct aio_uring *u, const struct uring_params *params)
{
	const struct uring_sq_offsets *sq = &params->sq_off;
	const struct uring_cq_offsets *cq = &params->cq_off;
	size_t sq_bytes = sq->array + params->sq_entries * sizeof(u32);
	size_t cq_bytes = cq->cqes + params->cq_entries * sizeof(struct uring_cqe);
	const int prot = HOST_PROT_READ | HOST_PROT_WRITE;
	const int flags = HOST_MAP_SHARED | HOST_MAP_POPULATE;
	char *rings;
	u32 *array;
	long at;
	u32 i;

	u->rings_bytes = sq_bytes > cq_bytes ? sq_bytes : cq_bytes;
	at = host_map(NULL, u->rings_bytes, prot, flags, u->fd, URING_OFF_RINGS);
	if (at < 0)
		return at;
	rings = (char *)at;

	u->sqes_bytes = params->sq_entries * sizeof(struct uring_sqe);
	at = host_map(NULL, u->sqes_bytes, prot, flags, u->fd, URING_OFF_SQES);
	if (at < 0) {
		host_unmap(rings, u->rings_bytes);
		return at;
	}

	u->rings = rings;
	u->sqes = (struct uring_sqe *)at;
	u->sq_head = (u32 *)(rings + sq->head);
	u->sq_tail = (u32 *)(rings + sq->tail);
	u->sq_mask = params->sq_entries - 1;
	u->cq_head = (u32 *)(rings + cq->head);
	u->cq_tail = (u32 *)(rings + cq->tail);
	u->cq_flags = cq->flags ? (u32 *)(rings + cq->flags) : NULL;
	u->cq_mask = params->cq_entries - 1;
	u->cqes = (const struct uring_cqe *)(rings + cq->cqes);

	/* slot i of the queue is entry i, once and for all */
	array = (u32 *)(rings + sq->array);
	for (i = 0; i < params->sq_entries; i++)
		array[i] = i;
	return 0;
}

static int aio_uring_create(unsigned int depth, int bell, struct host_aio **aio)
{
	struct uring_params params = {};
	struct aio_uring *u;
	long at;
	int err;

	/* the end of the host process that asked for it would cancel what is in flight */
	if (host_home_needed())
		return -EOPNOTSUPP;
	at = aio_memory(sizeof(*u));
	if (at < 0)
		return at;
	u = (struct aio_uring *)at;
	u->aio.ops = &aio_uring_ops;
	u->aio.depth = depth;
	u->aio.bell = bell;
	u->aio.bytes = sizeof(*u);

	u->fd = host_syscall2(__NR_io_uring_setup, depth, &params);
	if (u->fd < 0) {
		err = u->fd;
		goto err_memory;
	}
	err = uring_probe(u->fd, &params);
	if (err)
		goto err_ring;
	err = uring_register(u->fd, URING_REGISTER_EVENTFD, &bell, 1);
	if (err)
		goto err_ring;
	err = uring_map(u, &params);
	if (err)
		goto err_ring;

	*aio = &u->aio;
	return 0;

err_ring:
	host_close(u->fd);
err_memory:
	host_shared_free(u, sizeof(*u));
	return err;
}

static void aio_uring_destroy(struct host_aio *aio)
{
	struct aio_uring *u = to_uring(aio);

	host_unmap(u->sqes, u->sqes_bytes);
	host_unmap(u->rings, u->rings_bytes);
	host_close(u->fd);
	host_shared_free(u, u->aio.bytes);
}

const struct aio_ops aio_uring_ops = {
	.name = "io_uring",
	.create = aio_uring_create,
	.destroy = aio_uring_destroy,
	.submit = aio_uring_submit,
	.flush = aio_uring_flush,
	.take = aio_uring_take,
	.quiet = aio_uring_quiet,
};
