/* SPDX-License-Identifier: GPL-2.0 */
/*
 * aio_ring.h - a bounded queue between host threads, without locks.
 *
 * Each cell carries a turn number that says whose move it is. At position pos,
 * a cell may be filled when its turn is pos, and emptied when its turn is
 * pos + 1; emptying it hands it on to position pos + cells. A position is won
 * by compare-and-swap, then the cell is private until its turn is stored. So
 * any number of threads may put and take, none waits for another, and one that
 * is held up delays no cell but its own: a take that meets an unfinished cell
 * finds the queue empty, and whoever finishes it rings the bell afterwards.
 *
 * The stores of a turn release the cell's contents, the loads acquire them.
 */
#ifndef __USERMODE_HOST_AIO_RING_H
#define __USERMODE_HOST_AIO_RING_H

#include <asm/host.h>

struct aio_work {
	struct host_aio_req req;
	s64 res;
};

struct aio_cell {
	u64 turn;
	struct aio_work work;
};

struct aio_ring {
	u64 mask;			/* cells - 1; a power of two of them */
	struct aio_cell *cells;
	u64 put __aligned(64);
	u64 take __aligned(64);
};

static inline void aio_ring_init(struct aio_ring *ring, struct aio_cell *cells, u64 n)
{
	u64 i;

	ring->mask = n - 1;
	ring->cells = cells;
	for (i = 0; i < n; i++)
		cells[i].turn = i;
}

/*
 * Wins the next position behind *next whose cell has the turn position + @ahead.
 * NULL: that cell is not there yet (full, or empty).
 */
static inline struct aio_cell *aio_ring_win(struct aio_ring *ring, u64 *next, u64 ahead, u64 *pos)
{
	u64 at = __atomic_load_n(next, __ATOMIC_RELAXED);

	for (;;) {
		struct aio_cell *cell = &ring->cells[at & ring->mask];
		s64 late = __atomic_load_n(&cell->turn, __ATOMIC_ACQUIRE) - (at + ahead);

		if (late < 0)
			return NULL;
		if (late > 0) {		/* another thread was faster: look again */
			at = __atomic_load_n(next, __ATOMIC_RELAXED);
			continue;
		}
		if (__atomic_compare_exchange_n(next, &at, at + 1, false,
						__ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
			*pos = at;
			return cell;
		}
	}
}

static inline bool aio_ring_put(struct aio_ring *ring, const struct aio_work *work)
{
	struct aio_cell *cell;
	u64 pos;

	cell = aio_ring_win(ring, &ring->put, 0, &pos);
	if (!cell)
		return false;
	cell->work = *work;
	__atomic_store_n(&cell->turn, pos + 1, __ATOMIC_RELEASE);
	return true;
}

static inline bool aio_ring_take(struct aio_ring *ring, struct aio_work *work)
{
	struct aio_cell *cell;
	u64 pos;

	cell = aio_ring_win(ring, &ring->take, 1, &pos);
	if (!cell)
		return false;
	*work = cell->work;
	__atomic_store_n(&cell->turn, pos + ring->mask + 1, __ATOMIC_RELEASE);
	return true;
}

#endif /* __USERMODE_HOST_AIO_RING_H */
