/* SPDX-License-Identifier: GPL-2.0 */
/*
 * aio.h - what the implementations of asynchronous file I/O have in common.
 *
 * An implementation embeds struct host_aio at the head of its own memory and
 * fills it in; aio.c counts what is in flight and rings the bell.
 */
#ifndef __USERMODE_HOST_AIO_H
#define __USERMODE_HOST_AIO_H

#include <asm/host.h>

/**
 * struct aio_ops - one implementation
 * @name:	for the log
 * @create:	@depth is a power of two; fills in all of struct host_aio but
 *		inflight, and has completions write to @bell, an eventfd
 * @destroy:	nothing is in flight; frees all but the bell
 * @submit:	queue; fewer than depth others are in flight
 * @flush:	start what was submitted. 0 or -errno
 * @take:	one completion: 1, or 0
 * @quiet:	whether the bell may stay silent; NULL: it never does
 */
struct aio_ops {
	const char *name;
	int (*create)(unsigned int depth, int bell, struct host_aio **aio);
	void (*destroy)(struct host_aio *aio);
	void (*submit)(struct host_aio *aio, const struct host_aio_req *req);
	int (*flush)(struct host_aio *aio);
	int (*take)(struct host_aio *aio, u64 *cookie, s64 *res);
	void (*quiet)(struct host_aio *aio, bool quiet);
};

/* what was done while it was submitted */
struct aio_done_now {
	u64 cookie;
	s64 res;
};

struct host_aio {
	const struct aio_ops *ops;
	u32 depth;
	u32 inflight;		/* submitted, not reaped; atomic */
	int bell;		/* eventfd, written by completions, read by reaps */
	u32 rung;		/* the bell was rung and not answered; atomic */
	size_t bytes;		/* of the mapping that begins here */
	struct aio_done_now *now;	/* depth of them; the submitter puts, the reaper takes */
	u32 now_put, now_take;
	/* the submitter's own */
	u32 now_said;		/* now_put when the bell was last rung, or need not be */
	bool quiet;
};

extern const struct aio_ops aio_uring_ops;
extern const struct aio_ops aio_threads_ops;

/* zeroed memory that is shared with host processes forked off later; or -errno */
long aio_memory(size_t bytes);

/* make the bell readable, unless it is */
void aio_ring(struct host_aio *aio);

/* the mode of fallocate(2) for @op: PUNCH or ZERO */
int aio_fallocate_mode(enum host_aio_op op);

#endif /* __USERMODE_HOST_AIO_H */
