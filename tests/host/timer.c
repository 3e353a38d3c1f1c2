// SPDX-License-Identifier: GPL-2.0
/*
 * timer.c - one-shot timers reach the very thread that made them, on time.
 */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include "harness.h"

static int fired_tid;
static u32 fired;
static u64 fired_at;

static void on_timer(int sig)
{
	(void)sig;
	WRITE_ONCE(fired_at, host_monotonic_ns());
	WRITE_ONCE(fired_tid, host_gettid());
	WRITE_ONCE(fired, READ_ONCE(fired) + 1);
}

static bool wait_fired(u32 count)
{
	int i;

	for (i = 0; i < 20000 && READ_ONCE(fired) < count; i++)
		usleep(100);
	return READ_ONCE(fired) >= count;
}

static void *other_thread(void *arg)
{
	u32 before = READ_ONCE(fired);
	u64 when;
	int id;

	(void)arg;
	id = host_timer_create();
	CHECK(id >= 0);
	when = host_monotonic_ns() + 3000000;
	CHECK_EQ(host_timer_set(id, when), 0);
	CHECK(wait_fired(before + 1));
	CHECK_EQ(READ_ONCE(fired_tid), host_gettid());
	CHECK(READ_ONCE(fired_at) >= when);
	CHECK_EQ(host_timer_delete(id), 0);
	return NULL;
}

int main(void)
{
	struct sigaction sa = { .sa_handler = on_timer };
	pthread_t thread;
	u64 when;
	int id, i;

	test_begin(20);
	CHECK_EQ(sigaction(HOST_SIG_TIMER, &sa, NULL), 0);
	id = host_timer_create();
	CHECK(id >= 0);

	/* never early, once each */
	for (i = 0; i < 50; i++) {
		u32 before = READ_ONCE(fired);

		when = host_monotonic_ns() + 1000000;
		CHECK_EQ(host_timer_set(id, when), 0);
		CHECK(wait_fired(before + 1));
		CHECK(READ_ONCE(fired_at) >= when);
		CHECK_EQ(READ_ONCE(fired), before + 1);
		CHECK_EQ(READ_ONCE(fired_tid), host_getpid());
	}

	/* the past is now */
	i = READ_ONCE(fired);
	CHECK_EQ(host_timer_set(id, 1), 0);
	CHECK(wait_fired(i + 1));

	/* 0 disarms; a later deadline replaces an earlier one */
	i = READ_ONCE(fired);
	CHECK_EQ(host_timer_set(id, host_monotonic_ns() + 20000000), 0);
	CHECK_EQ(host_timer_set(id, 0), 0);
	usleep(40000);
	CHECK_EQ(READ_ONCE(fired), i);
	when = host_monotonic_ns();
	CHECK_EQ(host_timer_set(id, when + 1000000), 0);
	CHECK_EQ(host_timer_set(id, when + 30000000), 0);
	CHECK(wait_fired(i + 1));
	CHECK(READ_ONCE(fired_at) >= when + 30000000);

	/* the main thread is idle, and stays so while the other one's timer fires */
	CHECK_EQ(pthread_create(&thread, NULL, other_thread, NULL), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);

	CHECK_EQ(host_timer_delete(id), 0);
	CHECK_EQ(host_timer_set(id, 1), -EINVAL);
	return 0;
}
