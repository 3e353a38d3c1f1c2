// SPDX-License-Identifier: GPL-2.0
/*
 * aio.c - asynchronous file I/O: every operation, the limits, and a long run
 * with the event thread between the two sides.
 *
 * Usage: aio io_uring | threads | best
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>
#include "harness.h"

#define LINE	7
#define DEPTH	64
#define BLOCK	4096

static struct host_aio *aio;
static enum host_aio_kind kind;

static void create(unsigned int depth)
{
	int err = host_aio_create(depth, kind, &aio);

	if (kind == HOST_AIO_URING && (err == -ENOSYS || err == -EPERM || err == -EOPNOTSUPP))
		skip("the host has no io_uring for us");
	CHECK_EQ(err, 0);
}

/* wait for one completion, as an interrupt handler that polls would */
static s64 reap_one(u64 want)
{
	u64 cookie;
	s64 res;

	while (!host_aio_reap(aio, &cookie, &res))
		usleep(50);
	CHECK_EQ(cookie, want);
	return res;
}

static s64 perform(enum host_aio_op op, int fd, struct iovec *iov, unsigned int n, u64 pos, u64 len)
{
	static u64 next = 0xfedcba9800000000ULL;
	struct host_aio_req req = {
		.op = op, .fd = fd, .iov = iov, .n = n, .pos = pos, .len = len, .cookie = ++next,
	};

	CHECK_EQ(host_aio_submit(aio, &req), 0);
	CHECK_EQ(host_aio_flush(aio), 0);
	return reap_one(next);
}

static void test_operations(void)
{
	static char a[BLOCK], b[3 * BLOCK], back[5 * BLOCK];
	struct iovec out[] = { { a, sizeof(a) }, { b, sizeof(b) } };
	struct iovec in = { back, sizeof(back) };
	const u64 far = 5ULL << 32;
	int fd = test_file();
	struct stat st;
	u64 size, cookie;
	s64 res;
	int i;

	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	CHECK_EQ(perform(HOST_AIO_WRITE, fd, out, 2, far, 0), 4 * BLOCK);
	CHECK_EQ(perform(HOST_AIO_SYNC, fd, NULL, 0, 0, 0), 0);

	/* short at the end, nothing behind it */
	CHECK_EQ(perform(HOST_AIO_READ, fd, &in, 1, far, 0), 4 * BLOCK);
	CHECK(!memcmp(back, a, BLOCK) && !memcmp(back + BLOCK, b, sizeof(b)));
	CHECK_EQ(perform(HOST_AIO_READ, fd, &in, 1, far + 4 * BLOCK, 0), 0);

	CHECK_EQ(perform(HOST_AIO_PUNCH, fd, NULL, 0, far + BLOCK, BLOCK), 0);
	res = perform(HOST_AIO_ZERO, fd, NULL, 0, far + 3 * BLOCK, 8 * BLOCK);
	if (res == -EOPNOTSUPP)		/* tmpfs */
		printf("zeroing is not supported here, only its error was tested\n");
	else
		CHECK_EQ(res, 0);
	CHECK_EQ(perform(HOST_AIO_READ, fd, &in, 1, far, 0), 4 * BLOCK);
	for (i = 0; i < 4; i++) {
		char want = i == 0 ? 'a' : i == 1 || (i == 3 && !res) ? 0 : 'b';

		CHECK_EQ(back[i * BLOCK], want);
		CHECK_EQ(back[i * BLOCK + BLOCK - 1], want);
	}
	CHECK_EQ(fstat(fd, &st), 0);
	size = st.st_size;
	CHECK_EQ(size, far + 4 * BLOCK);

	/* errors come back as results, nonsense at once */
	CHECK_EQ(perform(HOST_AIO_READ, 12345, &in, 1, 0, 0), -EBADF);
	CHECK_EQ(perform(HOST_AIO_SYNC, 12345, NULL, 0, 0, 0), -EBADF);
	CHECK_EQ(host_aio_submit(aio, &(struct host_aio_req){ .op = HOST_AIO_READ, .fd = fd }),
		 -EINVAL);
	CHECK_EQ(host_aio_submit(aio, &(struct host_aio_req){ .op = HOST_AIO_PUNCH, .fd = fd }),
		 -EINVAL);
	CHECK_EQ(host_aio_submit(aio, &(struct host_aio_req){ .op = 99, .fd = fd }), -EINVAL);
	CHECK_EQ(host_aio_reap(aio, &cookie, &res), 0);
	CHECK_EQ(host_close(fd), 0);
}

/* reads that the page cache can answer: done when they are submitted, told of as others */
static void test_cached(void)
{
	char block[BLOCK], back[3][BLOCK];
	struct iovec out = { block, BLOCK }, in[3];
	struct host_aio_req req = { .op = HOST_AIO_READ, .n = 1, .cached = true };
	struct pollfd bell = { .fd = host_aio_fd(aio), .events = POLLIN };
	int fd = test_file();
	u64 cookie;
	s64 res;
	u64 i;

	memset(block, 'c', sizeof(block));
	CHECK_EQ(perform(HOST_AIO_WRITE, fd, &out, 1, 0, 0), BLOCK);
	CHECK_EQ(host_aio_reap(aio, &cookie, &res), 0);
	CHECK_EQ(poll(&bell, 1, 0), 0);
	for (i = 0; i < 3; i++) {
		in[i] = (struct iovec){ back[i], BLOCK };
		req.fd = fd;
		req.iov = &in[i];
		req.pos = i * BLOCK / 2;
		req.cookie = i;
		CHECK_EQ(host_aio_submit(aio, &req), 0);
	}
	/* one who looks finds them, one who waits hears of them */
	CHECK_EQ(back[0][BLOCK - 1], 'c');
	CHECK_EQ(host_aio_take(aio, &cookie, &res), 1);
	CHECK(cookie == 0 && res == BLOCK);
	CHECK_EQ(host_aio_flush(aio), 0);
	CHECK_EQ(poll(&bell, 1, 0), 1);
	CHECK_EQ(reap_one(1), BLOCK / 2);
	CHECK_EQ(reap_one(2), 0);
	CHECK_EQ(host_aio_reap(aio, &cookie, &res), 0);
	CHECK_EQ(poll(&bell, 1, 0), 0);

	host_aio_quiet(aio, true);
	CHECK_EQ(host_aio_submit(aio, &req), 0);
	CHECK_EQ(host_aio_flush(aio), 0);
	CHECK_EQ(poll(&bell, 1, 0), 0);
	host_aio_quiet(aio, false);
	CHECK_EQ(host_aio_take(aio, &cookie, &res), 1);

	/* errors are results as ever */
	req.fd = 12345;
	CHECK_EQ(host_aio_submit(aio, &req), 0);
	CHECK_EQ(host_aio_flush(aio), 0);
	CHECK_EQ(reap_one(2), -EBADF);
	CHECK_EQ(host_close(fd), 0);
}

/* depth bounds what is in flight, and only what is idle can be destroyed */
static void test_limits(void)
{
	struct host_aio_req req = { .op = HOST_AIO_READ, .n = 1 };
	int fd = test_file();
	struct iovec iov[4];
	u64 cookie, seen = 0;
	char byte[4];
	s64 res;
	int i;

	CHECK_EQ(host_write(fd, "abcd", 4), 4);
	req.fd = fd;
	for (i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ byte + i, 1 };
		req.iov = iov + i;
		req.pos = i;
		req.cookie = i;
		CHECK_EQ(host_aio_submit(aio, &req), 0);
	}
	CHECK_EQ(host_aio_submit(aio, &req), -EAGAIN);
	CHECK_EQ(host_aio_destroy(aio), -EBUSY);
	CHECK_EQ(host_aio_flush(aio), 0);
	CHECK_EQ(host_aio_flush(aio), 0);

	for (i = 0; i < 4; i++) {
		CHECK_EQ(host_aio_destroy(aio), -EBUSY);
		while (!host_aio_reap(aio, &cookie, &res))
			usleep(50);
		CHECK_EQ(res, 1);
		CHECK(cookie < 4);
		seen |= 1 << cookie;
	}
	CHECK_EQ(seen, 15);
	CHECK(!memcmp(byte, "abcd", 4));
	CHECK_EQ(host_close(fd), 0);
}

/*
 * The long run: DEPTH slots, each with a block of the file, write a pattern, read
 * it back and go on. The main thread submits; another one reaps when the event
 * thread says so, and only then: a lost event would end in the alarm.
 */
#define ROUNDS	1500

static struct slot {
	u32 ready;		/* atomic: the reaper hands it back */
	u32 round;
	bool reading;
	u64 data[BLOCK / 8];
	struct iovec iov;
} slots[DEPTH];

static u32 reaped;
static u32 stop;

static void *reaper(void *arg)
{
	u32 irqs = 0;
	u64 cookie;
	s64 res;

	(void)arg;
	CHECK_EQ(host_event_add(host_aio_fd(aio), HOST_EVENT_IN, LINE), 0);
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		if (irq_count(LINE) == irqs) {
			host_getcpu();
			continue;
		}
		irqs = irq_count(LINE);
		while (host_aio_reap(aio, &cookie, &res)) {
			CHECK_EQ(res, BLOCK);
			CHECK(cookie < DEPTH);
			CHECK_EQ(__atomic_exchange_n(&slots[cookie].ready, 1, __ATOMIC_ACQ_REL), 0);
			reaped++;
		}
		CHECK_EQ(host_event_arm(host_aio_fd(aio), HOST_EVENT_IN, LINE), 0);
	}
	return NULL;
}

static u64 pattern(u64 slot, u64 round, u64 i)
{
	return slot << 48 ^ round << 16 ^ i;
}

/* submits the slot's next operation, after checking what the last one brought */
static void next_operation(struct slot *s, int fd)
{
	struct host_aio_req req = {
		.fd = fd, .iov = &s->iov, .n = 1, .cookie = s - slots, .pos = (s - slots) * BLOCK,
	};
	u64 i;

	if (s->reading) {
		for (i = 0; i < BLOCK / 8; i++)
			CHECK_EQ(s->data[i], pattern(req.cookie, s->round, i));
	}
	s->reading = s->round && !s->reading;
	if (s->reading) {
		memset(s->data, 0xff, sizeof(s->data));
		req.op = HOST_AIO_READ;
	} else {
		s->round++;
		for (i = 0; i < BLOCK / 8; i++)
			s->data[i] = pattern(req.cookie, s->round, i);
		req.op = HOST_AIO_WRITE;
	}
	s->iov = (struct iovec){ s->data, BLOCK };
	__atomic_store_n(&s->ready, 0, __ATOMIC_RELEASE);
	CHECK_EQ(host_aio_submit(aio, &req), 0);
}

static void test_long_run(void)
{
	int fd = test_file();
	u64 start = host_monotonic_ns();
	u32 submitted = 0;
	pthread_t thread;
	bool idle;
	int i;

	for (i = 0; i < DEPTH; i++)
		slots[i].ready = 1;
	CHECK_EQ(host_event_init(), 0);
	CHECK_EQ(pthread_create(&thread, NULL, reaper, NULL), 0);
	do {
		u32 before = submitted;

		idle = true;
		for (i = 0; i < DEPTH; i++) {
			struct slot *s = &slots[i];

			if (!__atomic_load_n(&s->ready, __ATOMIC_ACQUIRE)) {
				idle = false;
			} else if (s->round < ROUNDS) {
				idle = false;
				next_operation(s, fd);
				submitted++;
			}
		}
		if (submitted != before)
			CHECK_EQ(host_aio_flush(aio), 0);
		else
			sched_yield();
	} while (!idle);
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(reaped, submitted);
	printf("%s: %u operations, %llu ns each, %u events\n", host_aio_name(aio), submitted,
	       (unsigned long long)(host_monotonic_ns() - start) / submitted, irq_count(LINE));
	host_event_exit();
	CHECK_EQ(host_close(fd), 0);
}

int main(int argc, char **argv)
{
	struct resources before;

	test_begin(60);
	CHECK_EQ(argc, 2);
	kind = !strcmp(argv[1], "threads") ? HOST_AIO_THREADS :
	       !strcmp(argv[1], "io_uring") ? HOST_AIO_URING : HOST_AIO_BEST;
	resources_now();
	before = resources_now();

	CHECK_EQ(host_aio_create(0, kind, &aio), -EINVAL);
	CHECK_EQ(host_aio_create(4097, kind, &aio), -EINVAL);
	create(1);
	if (kind != HOST_AIO_BEST)
		CHECK(!strcmp(host_aio_name(aio), argv[1]));
	test_operations();
	CHECK_EQ(host_aio_destroy(aio), 0);

	create(3);			/* becomes 4 */
	test_cached();
	test_limits();
	CHECK_EQ(host_aio_destroy(aio), 0);
	resources_check("aio", before);

	create(DEPTH);
	test_long_run();
	CHECK_EQ(host_aio_destroy(aio), 0);
	create(4096);
	CHECK_EQ(host_aio_destroy(aio), 0);
	return 0;
}
