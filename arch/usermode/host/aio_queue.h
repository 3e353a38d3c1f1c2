/* SPDX-License-Identifier: GPL-2.0 */
/*
 * aio_queue.h - what is to do, on its way to the workers, and what is done, on
 * its way back. Two rings without locks in which nobody waits for another.
 *
 * Neither can overflow, and neither checks: whoever submits has made sure that
 * no more than "cells" operations are in flight, and an operation is in flight
 * from before it is put into the one until after it is taken out of the other.
 * Therefore the cell that a put is about to fill was emptied before: its last
 * user has been reaped, which the submitter has seen in the count.
 *
 * todo: one submitter, many workers. A worker copies the cell at "take" and then
 * tries to move take past it; if another was faster, the copy may be torn, and
 * is thrown away. So that this is no data race, cells are copied by atomic words.
 * Positions are 64 bits wide and never come again.
 *
 * done: many workers, one reaper. A worker draws the next position, which makes
 * the cell its own, fills it and then sets its turn, which hands it over. A
 * reaper that meets a drawn but unfinished cell finds the ring empty, although
 * later ones may be finished: whoever finishes it rings the bell afterwards.
 */
#ifndef __USERMODE_HOST_AIO_QUEUE_H
#define __USERMODE_HOST_AIO_QUEUE_H

#include <asm/host.h>

#define AIO_REQ_WORDS	(sizeof(struct host_aio_req) / sizeof(u64))

union aio_todo_cell {
	struct host_aio_req req;
	u64 word[AIO_REQ_WORDS];
};

struct aio_done_cell {
	u64 turn;		/* position + 1 of the completion that it holds */
	u64 cookie;
	s64 res;
};

struct aio_queue {
	u64 mask;		/* cells - 1; a power of two of them */
	union aio_todo_cell *todo;
	struct aio_done_cell *done;
	u64 pad0[5];		/* each index in a cache line of its own */
	u64 todo_put;
	u64 pad1[7];
	u64 todo_take;
	u64 pad2[7];
	u64 done_put;
	u64 pad3[7];
	u64 done_take;
	u64 pad4[7];
};

static inline void aio_todo_put(struct aio_queue *q, const struct host_aio_req *req)
{
	union aio_todo_cell *cell = &q->todo[q->todo_put & q->mask];
	union aio_todo_cell copy = { .req = *req };
	unsigned int i;

	for (i = 0; i < AIO_REQ_WORDS; i++)
		__atomic_store_n(&cell->word[i], copy.word[i], __ATOMIC_RELAXED);
	__atomic_store_n(&q->todo_put, q->todo_put + 1, __ATOMIC_RELEASE);
}

static inline bool aio_todo_take(struct aio_queue *q, struct host_aio_req *req)
{
	u64 at = __atomic_load_n(&q->todo_take, __ATOMIC_ACQUIRE);
	union aio_todo_cell copy;
	unsigned int i;

	do {
		union aio_todo_cell *cell = &q->todo[at & q->mask];

		if (at == __atomic_load_n(&q->todo_put, __ATOMIC_ACQUIRE))
			return false;
		for (i = 0; i < AIO_REQ_WORDS; i++)
			copy.word[i] = __atomic_load_n(&cell->word[i], __ATOMIC_RELAXED);
	} while (!__atomic_compare_exchange_n(&q->todo_take, &at, at + 1, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	*req = copy.req;
	return true;
}

static inline void aio_done_put(struct aio_queue *q, u64 cookie, s64 res)
{
	u64 at = __atomic_fetch_add(&q->done_put, 1, __ATOMIC_RELAXED);
	struct aio_done_cell *cell = &q->done[at & q->mask];

	cell->cookie = cookie;
	cell->res = res;
	__atomic_store_n(&cell->turn, at + 1, __ATOMIC_RELEASE);
}

static inline bool aio_done_take(struct aio_queue *q, u64 *cookie, s64 *res)
{
	struct aio_done_cell *cell = &q->done[q->done_take & q->mask];

	if (__atomic_load_n(&cell->turn, __ATOMIC_ACQUIRE) != q->done_take + 1)
		return false;
	*cookie = cell->cookie;
	*res = cell->res;
	q->done_take++;
	return true;
}

#endif /* __USERMODE_HOST_AIO_QUEUE_H */
