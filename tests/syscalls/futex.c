// SPDX-License-Identifier: GPL-2.0
/* Futexes: waiting, waking, requeueing, owners that die. */
#include "harness.h"
#include <linux/futex.h>

static long futex(void *word, int op, unsigned int value, const void *timeout, void *word2,
		  unsigned int value3)
{
	return syscall(SYS_futex, word, op, value, timeout, word2, value3);
}

TEST(futex_values_and_timeouts)
{
	struct timespec ts = { 0, 20000000 };
	unsigned int word = 1;
	long long start;

	CHECK_ERR(futex(&word, FUTEX_WAIT, 2, NULL, NULL, 0), EAGAIN);
	start = now_ns();
	CHECK_ERR(futex(&word, FUTEX_WAIT, 1, &ts, NULL, 0), ETIMEDOUT);
	CHECK(now_ns() - start >= 20000000);
	CHECK_ERR(futex((char *)&word + 1, FUTEX_WAIT, 1, &ts, NULL, 0), EINVAL);
	CHECK_ERR(futex((void *)0x1000, FUTEX_WAIT, 1, &ts, NULL, 0), EFAULT);
	CHECK_ERR(futex(&word, FUTEX_WAIT_BITSET, 1, NULL, NULL, 0), EINVAL);
	CHECK_EQ(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
}

static unsigned int *words;

static void *waiter(void *arg)
{
	CHECK_EQ(futex(&words[0], FUTEX_WAIT_BITSET, 0, NULL, NULL, 1 << (long)arg), 0);
	__atomic_fetch_add(&words[1], 1, __ATOMIC_SEQ_CST);
	return NULL;
}

TEST(futex_bitsets)
{
	pthread_t t[4];
	long i;

	words = map_shared(PAGE);
	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, waiter, (void *)i);
	for (i = 0; i < 4; i++) {
		/* the thread may not be waiting yet */
		while (futex(&words[0], FUTEX_WAKE_BITSET, 10, NULL, NULL, 1 << i) == 0)
			usleep(1000);
		pthread_join(t[i], NULL);
		CHECK_EQ(words[1], i + 1);
	}
}

TEST(futex_requeue)
{
	pthread_t t[4];
	long i, moved = 0, woken = 0;

	words = map_shared(PAGE);
	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, waiter, (void *)i);
	while (woken + moved < 4) {
		long n = futex(&words[0], FUTEX_CMP_REQUEUE, woken ? 0 : 1, (void *)10L,
			       &words[8], 0);

		CHECK(n >= 0);
		if (!woken && n)
			woken = 1, n--;
		moved += n;
		usleep(1000);
	}
	while (words[1] < 1)
		usleep(1000);
	CHECK_EQ(futex(&words[8], FUTEX_WAKE, 10, NULL, NULL, 0), moved);
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}

TEST(futex_between_processes)
{
	pid_t pid;
	int i;

	words = map_shared(PAGE);
	pid = fork();
	for (i = 0; i < 1000; i++) {
		unsigned int me = !pid;
		unsigned int now;

		while ((now = __atomic_load_n(&words[0], __ATOMIC_ACQUIRE)) != me)
			futex(&words[0], FUTEX_WAIT, now, NULL, NULL, 0);
		words[1]++;
		__atomic_store_n(&words[0], !me, __ATOMIC_RELEASE);
		futex(&words[0], FUTEX_WAKE, 1, NULL, NULL, 0);
	}
	if (!pid)
		_exit(0);
	join_child(pid);
	CHECK_EQ(words[1], 2000);
}

TEST(futex_wake_op)
{
	words = map_shared(PAGE);
	words[4] = 5;
	CHECK_EQ(futex(&words[0], FUTEX_WAKE_OP, 1, (void *)1L, &words[4],
		       FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)), 0);
	CHECK_EQ(words[4], 8);
	futex(&words[0], FUTEX_WAKE_OP, 1, (void *)1L, &words[4],
	      FUTEX_OP(FUTEX_OP_ANDN, 8, FUTEX_OP_CMP_EQ, 5));
	CHECK_EQ(words[4], 0);
	futex(&words[0], FUTEX_WAKE_OP, 1, (void *)1L, &words[4],
	      FUTEX_OP(FUTEX_OP_XOR, 6, FUTEX_OP_CMP_EQ, 5));
	CHECK_EQ(words[4], 6);
}

static pthread_mutex_t mutex;

static void *die_holding(void *arg)
{
	pthread_mutex_lock(arg);
	return NULL;
}

TEST(robust_mutex_of_a_dead_thread)
{
	pthread_mutexattr_t attr;
	pthread_t t;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&mutex, &attr);
	pthread_create(&t, NULL, die_holding, &mutex);
	pthread_join(t, NULL);
	CHECK_EQ(pthread_mutex_lock(&mutex), EOWNERDEAD);
	CHECK_EQ(pthread_mutex_consistent(&mutex), 0);
	CHECK_EQ(pthread_mutex_unlock(&mutex), 0);
	CHECK_EQ(pthread_mutex_lock(&mutex), 0);
}

TEST(robust_mutex_of_a_killed_process)
{
	pthread_mutex_t *m = map_shared(PAGE);
	pthread_mutexattr_t attr;
	int status;
	pid_t pid;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(m, &attr);
	pid = fork();
	if (!pid) {
		pthread_mutex_lock(m);
		raise(SIGKILL);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(pthread_mutex_lock(m), EOWNERDEAD);
}
