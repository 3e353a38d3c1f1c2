// SPDX-License-Identifier: GPL-2.0
/*
 * queue.c - the rings behind aio_threads: the interleavings that are too narrow
 * to be met by chance are played step by step, the rest by many threads.
 */
#include <pthread.h>
#include <sched.h>
#include "../../arch/usermode/host/aio_queue.h"
#include "harness.h"

#define CELLS	8
#define WORKERS	4
#define TOTAL	400000

static union aio_todo_cell todo[CELLS];
static struct aio_done_cell done[CELLS];
static struct aio_queue queue = { .mask = CELLS - 1, .todo = todo, .done = done };
static u32 stop;

/* a worker has drawn a position and is held up; another finishes behind it */
static void test_unfinished(void)
{
	u64 cookie, held;
	s64 res;
	int lap;

	for (lap = 0; lap < 3 * CELLS; lap++) {
		held = __atomic_fetch_add(&queue.done_put, 1, __ATOMIC_RELAXED);
		aio_done_put(&queue, 2, -2);
		CHECK(!aio_done_take(&queue, &cookie, &res));

		done[held & queue.mask].cookie = 1;
		done[held & queue.mask].res = -1;
		done[held & queue.mask].turn = held + 1;
		CHECK(aio_done_take(&queue, &cookie, &res));
		CHECK(cookie == 1 && res == -1);
		CHECK(aio_done_take(&queue, &cookie, &res));
		CHECK(cookie == 2 && res == -2);
		CHECK(!aio_done_take(&queue, &cookie, &res));
	}
}

static void *worker(void *arg)
{
	struct host_aio_req req;

	(void)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		if (!aio_todo_take(&queue, &req)) {
			sched_yield();
			continue;
		}
		/* whole, never the halves of two */
		CHECK(req.pos == req.cookie && req.len == ~req.cookie);
		aio_done_put(&queue, req.cookie, (s64)req.cookie * 3);
	}
	return NULL;
}

/* never more than CELLS in flight; each comes back once */
static void test_threads(void)
{
	static u8 seen[TOTAL];
	pthread_t thread[WORKERS];
	u64 put = 0, taken = 0, cookie;
	s64 res;
	int i;

	for (i = 0; i < WORKERS; i++)
		CHECK_EQ(pthread_create(&thread[i], NULL, worker, NULL), 0);
	while (taken < TOTAL) {
		if (put < TOTAL && put - taken < CELLS) {
			struct host_aio_req req = { .pos = put, .len = ~put, .cookie = put };

			aio_todo_put(&queue, &req);
			put++;
		}
		if (aio_done_take(&queue, &cookie, &res)) {
			CHECK(cookie < TOTAL && !seen[cookie]);
			CHECK_EQ(res, cookie * 3);
			seen[cookie] = 1;
			taken++;
		} else if (put - taken == CELLS || put == TOTAL) {
			sched_yield();
		}
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	for (i = 0; i < WORKERS; i++)
		CHECK_EQ(pthread_join(thread[i], NULL), 0);
}

int main(void)
{
	test_begin(40);
	test_unfinished();
	test_threads();
	return 0;
}
