// SPDX-License-Identifier: GPL-2.0
/* ipc.c - rows: round trips between processes and threads, and a stream. */
#include "bench.h"
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

static pid_t child(void (*fn)(void *), void *arg)
{
	pid_t pid = MUST(fork());

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fn(arg);
		_exit(0);
	}
	return pid;
}

struct pipes {
	int there[2], back[2];
};

static void echo(void *arg)
{
	struct pipes *p = arg;
	char c;

	close(p->there[1]);
	while (read(p->there[0], &c, 1) == 1)
		MUST(write(p->back[1], &c, 1));
}

ROW(pipe_round_trip)
{
	struct pipes p;
	__s64 t;
	pid_t pid;
	char c = 0;

	MUST(pipe(p.there));
	MUST(pipe(p.back));
	pid = child(echo, &p);
	t = now();
	while (n--) {
		MUST(write(p.there[1], &c, 1));
		MUST(read(p.back[0], &c, 1));
	}
	t = now() - t;
	close(p.there[0]);
	close(p.there[1]);
	close(p.back[0]);
	close(p.back[1]);
	reap(pid);
	return t;
}

/* ---- futexes: two take turns ---- */

struct turns {
	__u32 turn;		/* 0, 1; 2: the end */
};

static void futex(__u32 *word, int op, __u32 value)
{
	syscall(SYS_futex, word, op, value, NULL, NULL, 0);
}

static void give(struct turns *t, __u32 to)
{
	__atomic_store_n(&t->turn, to, __ATOMIC_SEQ_CST);
	futex(&t->turn, FUTEX_WAKE, 1);
}

/* waits for its turn; whether there is one */
static int take(struct turns *t, __u32 mine)
{
	__u32 turn;

	while ((turn = __atomic_load_n(&t->turn, __ATOMIC_SEQ_CST)) == !mine)
		futex(&t->turn, FUTEX_WAIT, turn);
	return turn == mine;
}

static void second(void *arg)
{
	while (take(arg, 1))
		give(arg, 0);
}

static void *second_thread(void *arg)
{
	second(arg);
	return NULL;
}

static __s64 round_trips(struct turns *t, long n)
{
	__s64 ns = now();

	while (n--) {
		give(t, 1);
		take(t, 0);
	}
	ns = now() - ns;
	give(t, 2);
	return ns;
}

ROW(futex_round_trip_threads)
{
	struct turns t = { 0 };
	pthread_t id;
	__s64 ns;

	errno = pthread_create(&id, NULL, second_thread, &t);
	if (errno)
		die("pthread_create");
	ns = round_trips(&t, n);
	pthread_join(id, NULL);
	return ns;
}

ROW(futex_round_trip_processes)
{
	struct turns *t = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	__s64 ns;
	pid_t pid;

	if (t == MAP_FAILED)
		die("mmap");
	pid = child(second, t);
	ns = round_trips(t, n);
	reap(pid);
	munmap(t, PAGE);
	return ns;
}

/* ---- a stream: 64 KB, one end writes, the other reads ---- */

#define CHUNK	65536

static char chunk[CHUNK];

static void drain(void *arg)
{
	int *s = arg;

	close(s[0]);
	while (read(s[1], chunk, CHUNK) > 0)
		;
}

ROW(unix_socket_64k)
{
	__s64 t;
	pid_t pid;
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	pid = child(drain, s);
	close(s[1]);
	t = now();
	while (n--)
		for (size_t done = 0; done < CHUNK; )
			done += MUST(write(s[0], chunk, CHUNK - done));
	close(s[0]);
	reap(pid);
	return now() - t;
}
