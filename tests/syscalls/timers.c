// SPDX-License-Identifier: GPL-2.0
/* Time: clocks that run, sleeps and timers that end, never too early. */
#include "harness.h"
#include <poll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/times.h>

#define MS	1000000LL
#define LATE	(2000 * MS)	/* on a busy machine */

static int count;
static siginfo_t seen;

static void note(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	seen = *si;
	WRITE_ONCE(count, READ_ONCE(count) + 1);
}

static long long read_clock(clockid_t id)
{
	struct timespec ts;

	CHECK_EQ(clock_gettime(id, &ts), 0);
	CHECK(ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

TEST(clocks_never_go_back)
{
	static const clockid_t ids[] = {
		CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME,
		CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_TAI,
		CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
	};
	unsigned int i;
	int k;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		long long last = read_clock(ids[i]);

		for (k = 0; k < 20000; k++) {
			long long now = read_clock(ids[i]);

			if (now < last)
				FAIL("clock %d went back by %lld ns", ids[i], last - now);
			last = now;
		}
	}
}

TEST(clocks_agree)
{
	struct timeval tv;
	long long before, after, m;
	time_t t;

	before = read_clock(CLOCK_REALTIME);
	CHECK_EQ(gettimeofday(&tv, NULL), 0);
	t = time(NULL);
	after = read_clock(CLOCK_REALTIME);
	CHECK(tv.tv_sec * 1000000000LL + tv.tv_usec * 1000 >= before / 1000 * 1000);
	CHECK(tv.tv_sec * 1000000000LL + tv.tv_usec * 1000 <= after);
	CHECK(t >= before / 1000000000 - 1 && t <= after / 1000000000);
	/* the system call itself and the vDSO */
	m = read_clock(CLOCK_MONOTONIC);
	struct timespec ts;

	CHECK_EQ(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts), 0);
	CHECK(ts.tv_sec * 1000000000LL + ts.tv_nsec >= m);
	CHECK(read_clock(CLOCK_MONOTONIC) >= ts.tv_sec * 1000000000LL + ts.tv_nsec);
	CHECK_ERR(clock_gettime(999, &ts), EINVAL);
	CHECK_EQ(clock_getres(CLOCK_MONOTONIC, &ts), 0);
	CHECK_EQ(ts.tv_sec, 0);
	CHECK(ts.tv_nsec <= 4000000);
}

/* seconds of one clock are seconds of the other */
TEST(clocks_run_alike)
{
	long long r = read_clock(CLOCK_REALTIME), m = read_clock(CLOCK_MONOTONIC), dr, dm;

	sleep_ms(1000);
	dr = read_clock(CLOCK_REALTIME) - r;
	dm = read_clock(CLOCK_MONOTONIC) - m;
	CHECK(dm >= 1000 * MS && dm < 1000 * MS + LATE);
	CHECK(llabs(dr - dm) < 50 * MS);
}

TEST(sleeps)
{
	static const long ms[] = { 0, 1, 5, 20, 100, 300 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ms); i++) {
		long long start = now_ns(), took;

		sleep_ms(ms[i]);
		took = now_ns() - start;
		CHECK(took >= ms[i] * MS);
		CHECK(took < ms[i] * MS + LATE);
	}
}

/* high resolution: many short sleeps take about as long as they should */
TEST(short_sleeps)
{
	struct timespec ts = { 0, 200000 };
	long long start = now_ns(), took;
	int i;

	for (i = 0; i < 200; i++)
		nanosleep(&ts, NULL);
	took = now_ns() - start;
	CHECK(took >= 40 * MS);
	if (took > 400 * MS)	/* ten times */
		FAIL("200 sleeps of 200 us took %lld ms: no high-resolution timers?", took / MS);
}

TEST(sleep_until)
{
	struct timespec ts;
	long long until = now_ns() + 50 * MS;

	ts = (struct timespec) { until / 1000000000, until % 1000000000 };
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0);
	CHECK(now_ns() >= until);
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0);
	CHECK(now_ns() < until + LATE);
	ts.tv_nsec = 1000000000;
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL), EINVAL);
}

static void spin_ms(long ms)
{
	long long end = read_clock(CLOCK_THREAD_CPUTIME_ID) + ms * MS;

	/* almost all of it in user mode */
	while (read_clock(CLOCK_THREAD_CPUTIME_ID) < end)
		for (int i = 0; i < 300000; i++)
			asm volatile("" : "+m" (i));
}

TEST(interval_timer)
{
	struct itimerval it = { { 0, 10000 }, { 0, 10000 } }, old;

	handle(SIGALRM, note, SA_RESTART);
	CHECK_EQ(setitimer(ITIMER_REAL, &it, NULL), 0);
	while (READ_ONCE(count) < 10)
		pause();
	CHECK_EQ(getitimer(ITIMER_REAL, &old), 0);
	CHECK_EQ(old.it_interval.tv_usec, 10000);
	it = (struct itimerval) { { 0, 0 }, { 0, 0 } };
	CHECK_EQ(setitimer(ITIMER_REAL, &it, NULL), 0);
	WRITE_ONCE(count, 0);
	sleep_ms(30);
	CHECK_EQ(READ_ONCE(count), 0);
}

TEST(timer_of_cpu_time)
{
	struct itimerval it = { { 0, 20000 }, { 0, 20000 } };
	int asleep;

	handle(SIGVTALRM, note, 0);
	handle(SIGPROF, note, 0);
	CHECK_EQ(setitimer(ITIMER_VIRTUAL, &it, NULL), 0);
	sleep_ms(100);
	asleep = READ_ONCE(count);
	CHECK(asleep <= 1);
	spin_ms(200);
	CHECK(READ_ONCE(count) >= 2);
	CHECK_EQ(setitimer(ITIMER_VIRTUAL, &(struct itimerval) { { 0, 0 }, { 0, 0 } }, NULL), 0);
	WRITE_ONCE(count, 0);
	CHECK_EQ(setitimer(ITIMER_PROF, &it, NULL), 0);
	spin_ms(200);
	CHECK(READ_ONCE(count) >= 2);
}

/* a program that makes no system calls is interrupted all the same */
TEST(timer_in_a_busy_loop)
{
	struct itimerval it = { { 0, 0 }, { 0, 20000 } };
	long long start = now_ns();

	handle(SIGALRM, note, 0);
	CHECK_EQ(setitimer(ITIMER_REAL, &it, NULL), 0);
	while (!READ_ONCE(count))
		;
	CHECK(now_ns() - start >= 20 * MS);
	CHECK(now_ns() - start < 20 * MS + LATE);
}

TEST(posix_timers)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN,
			       .sigev_value.sival_int = 4711 };
	struct itimerspec it = { { 0, 5 * MS }, { 0, 5 * MS } }, left;
	sigset_t set;
	timer_t id;

	handle(SIGRTMIN, note, 0);
	CHECK_EQ(timer_create(CLOCK_MONOTONIC, &ev, &id), 0);
	CHECK_EQ(timer_settime(id, 0, &it, NULL), 0);
	while (READ_ONCE(count) < 3)
		pause();
	CHECK_EQ(seen.si_code, SI_TIMER);
	CHECK_EQ(seen.si_value.sival_int, 4711);
	CHECK_EQ(timer_gettime(id, &left), 0);
	CHECK(left.it_value.tv_nsec <= 5 * MS);
	/* what comes while it is blocked is counted */
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sleep_ms(100);
	WRITE_ONCE(count, 0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK(READ_ONCE(count) >= 1);
	CHECK(timer_getoverrun(id) + seen.si_overrun >= 1);
	CHECK_EQ(timer_delete(id), 0);
	CHECK_ERR(timer_settime(id, 0, &it, NULL), EINVAL);
}

TEST(timer_for_a_thread)
{
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct itimerspec it = { { 0, 0 }, { 0, 5 * MS } };
	timer_t id;

	ev._sigev_un._tid = gettid();
	handle(SIGUSR1, note, 0);
	CHECK_EQ(timer_create(CLOCK_REALTIME, &ev, &id), 0);
	CHECK_EQ(timer_settime(id, 0, &it, NULL), 0);
	while (!READ_ONCE(count))
		pause();
	CHECK_EQ(READ_ONCE(count), 1);
}

TEST(timerfd)
{
	struct itimerspec it = { { 0, 5 * MS }, { 0, 5 * MS } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct pollfd p = { fd, POLLIN, 0 };
	__u64 n;

	CHECK(fd >= 0);
	CHECK_ERR(read(fd, &n, 8), EAGAIN);
	CHECK_EQ(timerfd_settime(fd, 0, &it, NULL), 0);
	CHECK_EQ(poll(&p, 1, 10000), 1);
	CHECK_EQ(read(fd, &n, 8), 8);
	CHECK(n >= 1);
	sleep_ms(50);
	CHECK_EQ(read(fd, &n, 8), 8);
	CHECK(n >= 9);
}

TEST(poll_timeout)
{
	long long start = now_ns();

	CHECK_EQ(poll(NULL, 0, 30), 0);
	CHECK(now_ns() - start >= 30 * MS);
	CHECK(now_ns() - start < 30 * MS + LATE);
}

TEST(cpu_time_is_accounted)
{
	struct rusage before, after;
	long long start = read_clock(CLOCK_PROCESS_CPUTIME_ID), used;
	struct tms tms;

	getrusage(RUSAGE_SELF, &before);
	spin_ms(300);
	used = read_clock(CLOCK_PROCESS_CPUTIME_ID) - start;
	CHECK(used >= 300 * MS && used < 300 * MS + LATE);
	getrusage(RUSAGE_SELF, &after);
	used = (after.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_utime.tv_sec -
		before.ru_stime.tv_sec) * 1000000000LL +
	       (after.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_utime.tv_usec -
		before.ru_stime.tv_usec) * 1000LL;
	CHECK(used >= 250 * MS && used < 300 * MS + LATE);
	CHECK(times(&tms) != -1);
	CHECK(tms.tms_utime + tms.tms_stime >= 20);
	/* sleeping is not */
	start = read_clock(CLOCK_PROCESS_CPUTIME_ID);
	sleep_ms(200);
	CHECK(read_clock(CLOCK_PROCESS_CPUTIME_ID) - start < 100 * MS);
}

TEST(cpu_limit)
{
	struct rlimit limit = { 1, 2 };

	handle(SIGXCPU, note, 0);
	CHECK_EQ(setrlimit(RLIMIT_CPU, &limit), 0);
	while (!READ_ONCE(count))
		;
	/* the limit counts ticks, which may hit a process more often than is its due */
	CHECK(read_clock(CLOCK_PROCESS_CPUTIME_ID) >= 500 * MS);
}

TEST(adjtimex_reads)
{
	struct timex tx = { 0 };

	CHECK(adjtimex(&tx) >= 0);
	CHECK(tx.tick >= 9000 && tx.tick <= 11000);
}

static void *ticker(void *arg)
{
	long long *last = arg, now;
	int i;

	for (i = 0; i < 100000; i++) {
		long long before = __atomic_load_n(last, __ATOMIC_SEQ_CST);

		now = read_clock(CLOCK_MONOTONIC);
		if (now < before)
			FAIL("another thread was %lld ns ahead", before - now);
		__atomic_store_n(last, now, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

TEST(one_time_for_all_threads)
{
	static long long last;
	pthread_t t[4];
	int i;

	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, ticker, &last);
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}
