// SPDX-License-Identifier: GPL-2.0
/*
 * transfer.c - TCP data whose every byte is known to both ends.
 *
 *	transfer serve PORT [N]		N connections (1), one after the other: check
 *					what comes in to its end
 *	transfer send ADDRESS PORT BYTES	tries to connect for 20 s
 *
 * Word i of a stream is a function of i. Both print one line: bytes and Mbit/s.
 * Status 0: all as it must be.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <linux/types.h>

#define CHUNK	(256 << 10)
#define TRIES	100		/* of 200 ms */

static __u64 buffer[CHUNK / 8];

static __u64 word_at(__u64 i)
{
	__u64 x = i * 0x9e3779b97f4a7c15ULL;

	x ^= x >> 29;
	return x * 0xbf58476d1ce4e5b9ULL;
}

static void die(const char *what)
{
	fprintf(stderr, "transfer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void report(const char *what, __u64 bytes, double begin)
{
	double seconds = now() - begin;

	printf("%s %llu bytes, %.0f Mbit/s\n", what, (unsigned long long)bytes,
	       bytes * 8 / seconds / 1e6);
	fflush(stdout);
}

static int fill(char *to, size_t want, int fd)
{
	size_t n = 0;

	while (n < want) {
		ssize_t r = read(fd, to + n, want - n);

		if (r < 0)
			die("receive");
		if (!r)
			break;
		n += r;
	}
	return n;
}

static int check(int fd)
{
	__u64 total = 0, base = 0;
	double begin = now();
	int n, i;

	while ((n = fill((char *)buffer, CHUNK, fd)) > 0) {
		for (i = 0; i < n / 8; i++) {
			if (buffer[i] == word_at(base + i))
				continue;
			printf("wrong at byte %llu\n", (unsigned long long)(total + i * 8));
			return 1;
		}
		total += n;
		base += n / 8;
	}
	report("received", total, begin);
	return 0;
}

/* the length of what was put into @addr */
static socklen_t parse_address(struct sockaddr_storage *addr, const char *text, int port)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *v4 = (struct sockaddr_in *)addr;

	memset(addr, 0, sizeof(*addr));
	v4->sin_port = htons(port);	/* at the same place in both */
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		addr->ss_family = AF_INET;
		return sizeof(*v4);
	}
	addr->ss_family = AF_INET6;
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
		return sizeof(*v6);
	fprintf(stderr, "transfer: %s is no address\n", text);
	exit(2);
}

static int serve(int port, int times)
{
	struct sockaddr_storage addr;
	socklen_t len = parse_address(&addr, "::", port);
	int fd, conn, one = 1, bad = 0;

	fd = socket(addr.ss_family, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (void *)&addr, len) || listen(fd, 8))
		die("listen");
	while (times--) {
		conn = accept(fd, NULL, NULL);
		if (conn < 0)
			die("accept");
		bad |= check(conn);
		close(conn);
	}
	return bad;
}

static int connect_to(const char *address, int port)
{
	struct sockaddr_storage addr;
	socklen_t len = parse_address(&addr, address, port);
	int tries, fd;

	for (tries = 0; tries < TRIES; tries++) {
		fd = socket(addr.ss_family, SOCK_STREAM, 0);
		if (!connect(fd, (void *)&addr, len))
			return fd;
		close(fd);
		usleep(200000);
	}
	die("connect");
	return -1;
}

static int transmit(const char *address, int port, __u64 bytes)
{
	int fd = connect_to(address, port);
	__u64 sent = 0, i;
	double begin;
	char end;

	begin = now();
	while (sent < bytes) {
		size_t want = bytes - sent < CHUNK ? bytes - sent : CHUNK, n = 0;

		for (i = 0; i < CHUNK / 8; i++)
			buffer[i] = word_at(sent / 8 + i);
		while (n < want) {
			ssize_t r = send(fd, (char *)buffer + n, want - n, MSG_NOSIGNAL);

			if (r < 0)
				die("send");
			n += r;
		}
		sent += want;
	}
	shutdown(fd, SHUT_WR);
	if (read(fd, &end, 1) != 0)
		die("the end");
	report("sent", sent, begin);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 3 && !strcmp(argv[1], "serve"))
		return serve(atoi(argv[2]), argc > 3 ? atoi(argv[3]) : 1);
	if (argc == 5 && !strcmp(argv[1], "send"))
		return transmit(argv[2], atoi(argv[3]), strtoull(argv[4], NULL, 0));
	fprintf(stderr, "usage: transfer serve PORT [N] | send ADDRESS PORT BYTES\n");
	return 2;
}
