// SPDX-License-Identifier: GPL-2.0
/* Pipes, sockets, queues, and waiting for them. */
#include "harness.h"
#include <mqueue.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <netinet/in.h>

#define AMOUNT	(4 << 20)

static unsigned char pattern(unsigned long i)
{
	return i * 7 + (i >> 8) * 13 + (i >> 16);
}

static void write_pattern(int fd)
{
	static unsigned char buf[60000];
	unsigned long at = 0, i;

	while (at < AMOUNT) {
		unsigned long n = AMOUNT - at < sizeof(buf) ? AMOUNT - at : sizeof(buf), done = 0;

		for (i = 0; i < n; i++)
			buf[i] = pattern(at + i);
		while (done < n) {
			ssize_t w = write(fd, buf + done, n - done);

			CHECK(w > 0);
			done += w;
		}
		at += n;
	}
}

static void read_pattern(int fd)
{
	static unsigned char buf[37777];
	unsigned long at = 0;
	ssize_t n, i;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (i = 0; i < n; i++)
			if (buf[i] != pattern(at + i))
				FAIL("byte %lu is %d", at + i, buf[i]);
		at += n;
	}
	CHECK_EQ(n, 0);
	CHECK_EQ(at, AMOUNT);
}

static void transfer(int from, int to)
{
	pid_t pid = fork();

	if (!pid) {
		close(from);
		write_pattern(to);
		_exit(0);
	}
	close(to);
	read_pattern(from);
	join_child(pid);
}

TEST(pipe_carries_data)
{
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	transfer(fd[0], fd[1]);
}

TEST(socketpair_carries_data)
{
	int fd[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	transfer(fd[0], fd[1]);
}

TEST(tcp_carries_data)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(addr);
	int listener = socket(AF_INET, SOCK_STREAM, 0), a, b;

	CHECK_EQ(bind(listener, (struct sockaddr *)&addr, len), 0);
	CHECK_EQ(listen(listener, 1), 0);
	CHECK_EQ(getsockname(listener, (struct sockaddr *)&addr, &len), 0);
	a = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_EQ(connect(a, (struct sockaddr *)&addr, len), 0);
	b = accept(listener, NULL, NULL);
	CHECK(b >= 0);
	transfer(b, a);
}

TEST(pipe_ends)
{
	int fd[2];
	char c;

	CHECK_EQ(pipe2(fd, O_NONBLOCK), 0);
	CHECK_ERR(read(fd[0], &c, 1), EAGAIN);
	while (write(fd[1], "x", 1) == 1)
		;
	CHECK_EQ(errno, EAGAIN);
	close(fd[0]);
	signal(SIGPIPE, SIG_IGN);
	CHECK_ERR(write(fd[1], "x", 1), EPIPE);
	CHECK_EQ(pipe(fd), 0);
	close(fd[1]);
	CHECK_EQ(read(fd[0], &c, 1), 0);
}

static void write_to_nobody(void *arg)
{
	int fd[2];

	(void)arg;
	CHECK_EQ(pipe(fd), 0);
	close(fd[0]);
	signal(SIGPIPE, SIG_DFL);
	CHECK_EQ(write(fd[1], "x", 1), 1);
}

TEST(sigpipe)
{
	CHECK_EQ(signal_of(write_to_nobody, NULL), SIGPIPE);
}

TEST(ping_pong)
{
	int to[2], from[2], i;
	pid_t pid;

	CHECK_EQ(pipe(to), 0);
	CHECK_EQ(pipe(from), 0);
	pid = fork();
	for (i = 0; i < 5000; i++) {
		int n = -1;

		if (pid)
			CHECK_EQ(write(to[1], &i, sizeof(i)), sizeof(i));
		CHECK_EQ(read(pid ? from[0] : to[0], &n, sizeof(n)), sizeof(n));
		CHECK_EQ(n, i);
		if (!pid)
			CHECK_EQ(write(from[1], &i, sizeof(i)), sizeof(i));
	}
	if (!pid)
		_exit(0);
	join_child(pid);
}

TEST(vectors)
{
	char a[3], b[100], c[4097], buf[5000];
	struct iovec v[3] = { { a, 3 }, { b, 100 }, { c, 4097 } }, w = { buf, 4200 };
	int fd = temp_file();

	memset(a, 1, 3);
	memset(b, 2, 100);
	memset(c, 3, 4097);
	CHECK_EQ(writev(fd, v, 3), 4200);
	CHECK_EQ(preadv(fd, &w, 1, 0), 4200);
	CHECK_EQ(buf[2] + buf[3] * 10 + buf[103] * 100, 321);
	memset(c, 0, sizeof(c));
	CHECK_EQ(preadv(fd, v, 3, 100), 4100);
	CHECK_EQ(a[0] * 10 + a[2], 22);
	CHECK_EQ(b[0], 3);
	CHECK_EQ(pwritev(fd, v, 2, 4), 103);
	v[1].iov_base = (void *)0x1000;
	CHECK_EQ(writev(fd, v, 3), 3);
	v[0].iov_base = (void *)0x1000;
	CHECK_ERR(writev(fd, v, 3), EFAULT);
	v[0].iov_len = -1;
	CHECK_ERR(writev(fd, v, 3), EINVAL);
	CHECK_ERR(syscall(SYS_writev, fd, v, 2000), EINVAL);
}

TEST(splice_tee_sendfile)
{
	int one[2], two[2], fd = temp_file(), out = temp_file();
	char buf[100];
	off_t at = 0;

	CHECK_EQ(write(fd, "hello from a file", 17), 17);
	CHECK_EQ(pipe(one), 0);
	CHECK_EQ(pipe(two), 0);
	CHECK_EQ(splice(fd, &at, one[1], NULL, 17, 0), 17);
	CHECK_EQ(tee(one[0], two[1], 17, 0), 17);
	CHECK_EQ(read(one[0], buf, 100), 17);
	CHECK_EQ(read(two[0], buf + 50, 50), 17);
	CHECK_EQ(memcmp(buf, buf + 50, 17), 0);
	at = 6;
	CHECK_EQ(sendfile(out, fd, &at, 100), 11);
	CHECK_EQ(pread(out, buf, 100, 0), 11);
	CHECK_EQ(memcmp(buf, "from a file", 11), 0);
	at = 0;
	CHECK_EQ(copy_file_range(fd, &at, out, NULL, 5, 0), 5);
	CHECK_EQ(pread(out, buf, 100, 11), 5);
}

TEST(descriptors_over_sockets)
{
	union { struct cmsghdr h; char space[CMSG_SPACE(sizeof(int))]; } control;
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	int fd[2], file, got;
	char c, buf[8];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, fd), 0);
	file = temp_file();
	CHECK_EQ(write(file, "through", 8), 8);
	control.h = (struct cmsghdr) { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
				       .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.h), &file, sizeof(int));
	CHECK_EQ(sendmsg(fd[0], &msg, 0), 1);
	iov.iov_base = &c;
	CHECK_EQ(recvmsg(fd[1], &msg, 0), 1);
	memcpy(&got, CMSG_DATA(&control.h), sizeof(int));
	CHECK(got != file);
	CHECK_EQ(pread(got, buf, 8, 0), 8);
	CHECK_EQ(strcmp(buf, "through"), 0);
}

TEST(abstract_sockets_and_credentials)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = "\0usermode-test" };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), a = socket(AF_UNIX, SOCK_STREAM, 0), b;
	struct ucred cred;
	socklen_t len = sizeof(cred);

	CHECK_EQ(bind(listener, (struct sockaddr *)&addr, 20), 0);
	CHECK_EQ(listen(listener, 1), 0);
	CHECK_EQ(connect(a, (struct sockaddr *)&addr, 20), 0);
	b = accept(listener, NULL, NULL);
	CHECK(b >= 0);
	CHECK_EQ(getsockopt(b, SOL_SOCKET, SO_PEERCRED, &cred, &len), 0);
	CHECK_EQ(cred.pid, getpid());
	CHECK_EQ(cred.uid, getuid());
}

/* ---- waiting ---- */

TEST(select)
{
	struct timeval tv = { 0, 20000 };
	int fd[2];
	fd_set r, w;

	CHECK_EQ(pipe(fd), 0);
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(fd[0], &r);
	CHECK_EQ(select(fd[1] + 1, &r, NULL, NULL, &tv), 0);
	FD_SET(fd[0], &r);
	FD_SET(fd[1], &w);
	CHECK_EQ(select(fd[1] + 1, &r, &w, NULL, NULL), 1);
	CHECK(FD_ISSET(fd[1], &w) && !FD_ISSET(fd[0], &r));
	CHECK_EQ(write(fd[1], "x", 1), 1);
	FD_SET(fd[0], &r);
	CHECK_EQ(select(fd[1] + 1, &r, &w, NULL, NULL), 2);
}

TEST(poll)
{
	struct pollfd p[3];
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	p[0] = (struct pollfd) { fd[0], POLLIN, 0 };
	p[1] = (struct pollfd) { fd[1], POLLOUT, 0 };
	p[2] = (struct pollfd) { 999, POLLIN, 0 };
	CHECK_EQ(poll(p, 1, 10), 0);
	CHECK_EQ(poll(p, 3, -1), 2);
	CHECK_EQ(p[0].revents, 0);
	CHECK_EQ(p[1].revents, POLLOUT);
	CHECK_EQ(p[2].revents, POLLNVAL);
	close(fd[1]);
	CHECK_EQ(poll(p, 1, -1), 1);
	CHECK_EQ(p[0].revents, POLLHUP);
}

TEST(ppoll_unblocks_a_signal_atomically)
{
	struct pollfd p = { -1, 0, 0 };
	sigset_t set, none;

	handle(SIGALRM, count_signal, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGALRM);
	sigemptyset(&none);
	CHECK_ERR(ppoll(&p, 1, NULL, &none), EINTR);
	CHECK_EQ(READ_ONCE(signal_count), 1);
}

TEST(epoll)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 0x1234567812345678 }, got[4];
	int ep = epoll_create1(0), fd[2];
	__u64 one = 1;
	int e = eventfd(0, EFD_NONBLOCK);

	CHECK(ep >= 0 && e >= 0);
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, e, &ev), 0);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_ADD, e, &ev), EEXIST);
	CHECK_EQ(epoll_wait(ep, got, 4, 10), 0);
	CHECK_EQ(write(e, &one, 8), 8);
	CHECK_EQ(epoll_wait(ep, got, 4, -1), 1);
	CHECK_EQ(got[0].data.u64, ev.data.u64);
	CHECK_EQ(epoll_wait(ep, got, 4, 0), 1);		/* level */
	ev.events = EPOLLIN | EPOLLET;
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, e, &ev), 0);
	CHECK_EQ(epoll_wait(ep, got, 4, 0), 1);
	CHECK_EQ(epoll_wait(ep, got, 4, 0), 0);		/* edge */
	CHECK_EQ(write(e, &one, 8), 8);
	CHECK_EQ(epoll_wait(ep, got, 4, 0), 1);
	ev.events = EPOLLIN | EPOLLONESHOT;
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, e, &ev), 0);
	CHECK_EQ(epoll_wait(ep, got, 4, 0), 1);
	CHECK_EQ(write(e, &one, 8), 8);
	CHECK_EQ(epoll_wait(ep, got, 4, 0), 0);
	CHECK_EQ(read(e, &one, 8), 8);
	CHECK_EQ(one, 3);
	CHECK_EQ(pipe(fd), 0);
	ev.events = EPOLLIN;
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd[0], &ev), 0);
	close(fd[1]);
	CHECK_EQ(epoll_wait(ep, got, 4, -1), 1);
	CHECK_EQ(got[0].events, EPOLLHUP);
}

TEST(epoll_wakes_a_sleeper)
{
	struct epoll_event ev = { .events = EPOLLIN }, got;
	int ep = epoll_create1(0), fd[2];
	pid_t pid;

	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd[0], &ev), 0);
	pid = fork();
	if (!pid) {
		sleep_ms(30);
		CHECK_EQ(write(fd[1], "x", 1), 1);
		_exit(0);
	}
	CHECK_EQ(epoll_wait(ep, &got, 1, 10000), 1);
	join_child(pid);
}

TEST(eventfd_as_semaphore)
{
	int e = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	__u64 v;

	CHECK_EQ(read(e, &v, 8), 8);
	CHECK_EQ(v, 1);
	CHECK_EQ(read(e, &v, 8), 8);
	CHECK_ERR(read(e, &v, 8), EAGAIN);
}

/* ---- System V and POSIX ---- */

TEST(sysv_shared_memory)
{
	int id = shmget(IPC_PRIVATE, 16 * PAGE, IPC_CREAT | 0600);
	char *p, *q;
	struct shmid_ds ds;
	pid_t pid;

	CHECK(id >= 0);
	p = shmat(id, NULL, 0);
	q = shmat(id, NULL, SHM_RDONLY);
	CHECK(p != (void *)-1 && q != (void *)-1);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
	pid = fork();
	if (!pid) {
		memcpy(p + 8 * PAGE, "from the child", sizeof("from the child"));
		_exit(0);
	}
	join_child(pid);
	CHECK_EQ(strcmp(q + 8 * PAGE, "from the child"), 0);
	CHECK_EQ(shmctl(id, IPC_STAT, &ds), 0);
	CHECK_EQ(ds.shm_nattch, 2);
	CHECK_EQ(shmdt(p), 0);
	CHECK_EQ(shmdt(q), 0);
	CHECK_ERR(shmctl(id, IPC_STAT, &ds), EINVAL);
}

TEST(sysv_semaphores)
{
	struct sembuf down = { 0, -1, SEM_UNDO }, up = { 0, 1, 0 };
	int id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600), i;
	pid_t pid;

	CHECK(id >= 0);
	pid = fork();
	if (!pid) {
		for (i = 0; i < 500; i++)
			CHECK_EQ(semop(id, &down, 1), 0);
		_exit(0);	/* and all that it took is given back */
	}
	for (i = 0; i < 500; i++)
		CHECK_EQ(semop(id, &up, 1), 0);
	join_child(pid);
	CHECK_EQ(semctl(id, 0, GETVAL), 500);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

TEST(sysv_messages)
{
	struct { long type; char text[64]; } m = { 3, "three" };
	int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);

	CHECK(id >= 0);
	CHECK_EQ(msgsnd(id, &m, 6, 0), 0);
	m.type = 2;
	memcpy(m.text, "two", sizeof("two"));
	CHECK_EQ(msgsnd(id, &m, 4, 0), 0);
	CHECK_EQ(msgrcv(id, &m, 64, 2, 0), 4);
	CHECK_EQ(strcmp(m.text, "two"), 0);
	CHECK_EQ(msgrcv(id, &m, 64, 0, 0), 6);
	CHECK_ERR(msgrcv(id, &m, 64, 0, IPC_NOWAIT), ENOMSG);
	CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
}

TEST(posix_message_queue)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 32 };
	char name[32], buf[32];
	unsigned int prio;
	mqd_t q;

	snprintf(name, sizeof(name), "/syscalls-%d", getpid());
	q = mq_open(name, O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attr);
	CHECK(q >= 0);
	mq_unlink(name);
	CHECK_EQ(mq_send(q, "low", 4, 1), 0);
	CHECK_EQ(mq_send(q, "high", 5, 9), 0);
	CHECK_EQ(mq_receive(q, buf, 32, &prio), 5);
	CHECK_EQ(prio, 9);
	CHECK_EQ(mq_receive(q, buf, 32, &prio), 4);
	CHECK_ERR(mq_receive(q, buf, 32, &prio), EAGAIN);
}
