// SPDX-License-Identifier: GPL-2.0
/* io_uring without a library: the rings are mapped, and both sides see them. */
#include "harness.h"
#include <linux/io_uring.h>
#include <sys/eventfd.h>
#include <sys/uio.h>

static struct {
	int fd;
	struct io_uring_params p;
	char *sq, *cq;
	struct io_uring_sqe *sqe;
} ring;

/* an entry for the submission queue: its operation, and fields as they are given */
#define SQE(op, ...) ((struct io_uring_sqe) { .opcode = IORING_OP_##op, ##__VA_ARGS__ })
#define SQ(field) (*(unsigned int *)(ring.sq + ring.p.sq_off.field))
#define CQ(field) (*(unsigned int *)(ring.cq + ring.p.cq_off.field))

static void *map_ring(size_t size, unsigned long offset)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		       ring.fd, offset);

	CHECK(p != MAP_FAILED);
	return p;
}

static void setup(unsigned int entries, unsigned int flags)
{
	memset(&ring, 0, sizeof(ring));
	ring.p.flags = flags;
	ring.fd = syscall(SYS_io_uring_setup, entries, &ring.p);
	if (ring.fd < 0 && !in_guest() && (errno == EPERM || errno == ENOSYS))
		SKIP("io_uring is forbidden here (errno %d)", errno);
	CHECK(ring.fd >= 0);
	ring.sq = map_ring(ring.p.sq_off.array + ring.p.sq_entries * 4, IORING_OFF_SQ_RING);
	ring.cq = map_ring(ring.p.cq_off.cqes + ring.p.cq_entries * sizeof(struct io_uring_cqe),
			   IORING_OFF_CQ_RING);
	ring.sqe = map_ring(ring.p.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	CHECK_EQ(SQ(ring_entries), ring.p.sq_entries);
	CHECK_EQ(CQ(ring_entries), ring.p.cq_entries);
	CHECK_EQ(SQ(ring_mask), ring.p.sq_entries - 1);
}

static void queue(struct io_uring_sqe sqe)
{
	unsigned int tail = SQ(tail), at = tail & SQ(ring_mask);

	ring.sqe[at] = sqe;
	((unsigned int *)(ring.sq + ring.p.sq_off.array))[at] = at;
	__atomic_store_n(&SQ(tail), tail + 1, __ATOMIC_RELEASE);
}

static int enter(unsigned int submit, unsigned int wait)
{
	return syscall(SYS_io_uring_enter, ring.fd, submit, wait, wait ? IORING_ENTER_GETEVENTS : 0,
		       NULL, 0);
}

/* the same as struct io_uring_cqe, but for its open end */
struct completion {
	unsigned long long user_data;
	int res;
	unsigned int flags;
};

static struct completion take(void)
{
	struct completion cqe;
	unsigned int head = CQ(head);

	CHECK(head != __atomic_load_n(&CQ(tail), __ATOMIC_ACQUIRE));
	cqe = ((struct completion *)(ring.cq + ring.p.cq_off.cqes))[head & CQ(ring_mask)];
	__atomic_store_n(&CQ(head), head + 1, __ATOMIC_RELEASE);
	return cqe;
}

static struct completion run(struct io_uring_sqe sqe)
{
	sqe.user_data = 0x123456789abcdef;
	queue(sqe);
	CHECK_EQ(enter(1, 1), 1);
	struct completion cqe = take();

	CHECK_EQ(cqe.user_data, 0x123456789abcdef);
	return cqe;
}

TEST(nop)
{
	int i;

	setup(8, 0);
	for (i = 0; i < 100; i++)
		CHECK_EQ(run(SQE(NOP)).res, 0);
	CHECK_EQ(run((struct io_uring_sqe) { .opcode = 250 }).res, -EINVAL);
}

TEST(read_and_write)
{
	static char out[100000], in[100000];
	int fd = temp_file();
	unsigned int i;

	setup(8, 0);
	for (i = 0; i < sizeof(out); i++)
		out[i] = i * 7;
	CHECK_EQ(run(SQE(WRITE, .fd = fd,
			 .addr = (unsigned long)out, .len = sizeof(out))).res, sizeof(out));
	CHECK_EQ(run(SQE(FSYNC, .fd = fd)).res, 0);
	CHECK_EQ(run(SQE(READ, .fd = fd,
			 .addr = (unsigned long)in, .len = sizeof(in))).res, sizeof(in));
	CHECK_EQ(memcmp(in, out, sizeof(in)), 0);
	CHECK_EQ(run(SQE(READ, .fd = fd,
			 .addr = 0x1000, .len = 10)).res, -EFAULT);
	CHECK_EQ(run(SQE(READ, .fd = 99)).res, -EBADF);
}

TEST(many_at_once)
{
	static char buf[64][4096];
	int fd = temp_file(), i;
	bool seen[64] = { false };

	setup(64, 0);
	for (i = 0; i < 64; i++) {
		memset(buf[i], i, 4096);
		queue(SQE(WRITE, .fd = fd, .off = i * 4096,
			  .addr = (unsigned long)buf[i], .len = 4096, .user_data = i));
	}
	CHECK_EQ(enter(64, 64), 64);
	for (i = 0; i < 64; i++) {
		struct completion cqe = take();

		CHECK_EQ(cqe.res, 4096);
		CHECK(cqe.user_data < 64 && !seen[cqe.user_data]);
		seen[cqe.user_data] = true;
	}
	for (i = 0; i < 64; i++) {
		char c;

		CHECK_EQ(pread(fd, &c, 1, i * 4096 + 4095), 1);
		CHECK_EQ(c, i);
	}
}

TEST(registered_buffers_and_files)
{
	char *buf = map_anon(4 * PAGE, PROT_READ | PROT_WRITE);
	struct iovec iov = { buf, 4 * PAGE };
	int fd = temp_file();
	char c;

	setup(8, 0);
	memset(buf, 'r', 4 * PAGE);
	CHECK_EQ(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &iov, 1), 0);
	CHECK_EQ(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, &fd, 1), 0);
	CHECK_EQ(run(SQE(WRITE_FIXED, .fd = 0,
			 .flags = IOSQE_FIXED_FILE, .addr = (unsigned long)buf + PAGE,
			 .len = 2 * PAGE)).res, 2 * PAGE);
	CHECK_EQ(pread(fd, &c, 1, 5000), 1);
	CHECK_EQ(c, 'r');
}

TEST(timeout)
{
	struct { long long sec, nsec; } ts = { 0, 30000000 };
	long long start = now_ns();

	setup(8, 0);
	CHECK_EQ(run(SQE(TIMEOUT, .len = 1,
			 .addr = (unsigned long)&ts)).res, -ETIME);
	CHECK(now_ns() - start >= 30000000);
}

TEST(poll_of_a_pipe)
{
	struct completion cqe;
	int fd[2];
	pid_t pid;

	setup(8, 0);
	CHECK_EQ(pipe(fd), 0);
	pid = fork();
	if (!pid) {
		sleep_ms(30);
		CHECK_EQ(write(fd[1], "x", 1), 1);
		_exit(0);
	}
	cqe = run(SQE(POLL_ADD, .fd = fd[0],
		      .poll32_events = 1));
	CHECK_EQ(cqe.res & 1, 1);
	join_child(pid);
}

TEST(linked)
{
	char a[8] = "", b[8] = "";
	int fd = temp_file();

	setup(8, 0);
	queue(SQE(WRITE, .fd = fd, .flags = IOSQE_IO_LINK,
		  .addr = (unsigned long)"linked", .len = 6, .user_data = 1));
	queue(SQE(READ, .fd = fd,
		  .addr = (unsigned long)a, .len = 6, .user_data = 2));
	CHECK_EQ(enter(2, 2), 2);
	CHECK_EQ(take().user_data, 1);
	CHECK_EQ(take().res, 6);
	CHECK_EQ(strcmp(a, "linked"), 0);
	/* the first fails, and the second is not done */
	queue(SQE(READ, .fd = 99, .flags = IOSQE_IO_LINK));
	queue(SQE(READ, .fd = fd,
		  .addr = (unsigned long)b, .len = 6));
	CHECK_EQ(enter(2, 2), 2);
	CHECK_EQ(take().res, -EBADF);
	CHECK_EQ(take().res, -ECANCELED);
	CHECK_EQ(b[0], 0);
}

TEST(submission_thread)
{
	int i;

	setup(8, IORING_SETUP_SQPOLL);
	for (i = 0; i < 20; i++) {
		long long end = now_ns() + 10000000000LL;

		queue(SQE(NOP));
		if (READ_ONCE(SQ(flags)) & IORING_SQ_NEED_WAKEUP)
			syscall(SYS_io_uring_enter, ring.fd, 0, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0);
		while (CQ(head) == __atomic_load_n(&CQ(tail), __ATOMIC_ACQUIRE) && now_ns() < end)
			sched_yield();
		CHECK_EQ(take().res, 0);
	}
}

TEST(eventfd)
{
	int e = eventfd(0, 0);
	__u64 n;

	setup(8, 0);
	CHECK_EQ(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_EVENTFD, &e, 1), 0);
	run(SQE(NOP));
	CHECK_EQ(read(e, &n, 8), 8);
	CHECK_EQ(n, 1);
}

TEST(ring_of_a_child)
{
	pid_t pid;

	setup(8, 0);
	pid = fork();
	if (!pid) {
		setup(8, 0);
		CHECK_EQ(run(SQE(NOP)).res, 0);
		_exit(0);
	}
	CHECK_EQ(run(SQE(NOP)).res, 0);
	join_child(pid);
}
