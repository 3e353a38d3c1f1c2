// SPDX-License-Identifier: GPL-2.0
/*
 * shoot.c - hostile datagrams for a guest's management console, as fast as it
 * takes them.
 *
 * shoot SOCKET SEED COUNT: COUNT datagrams from several clients, of which one
 * never reads; what the others read must be well-formed answers. None ends, stops
 * or starves the guest by what it says. Prints how many were sent and what came
 * back; status 1 for a console that has gone, 2 for an answer that is none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <linux/usermode/mconsole.h>
#include "../../../tools/compiler.h"

#define CLIENTS		4	/* the last one does not read */
#define BIG		9000	/* bytes of the longest datagram */
#define PATIENCE	30000	/* ms for the guest to take one */

static const char *const harmless[] = {
	"version", "help", "log", "proc", "stack", "config", "remove", "go", "sysrq",
	"vers", "halts", "stopp", "-", "",
};

/* what may stand behind them; sysrq takes one letter of those that only print */
static const char *const arguments[] = {
	"", "1", "-1", "0", "99999999999999999999", "mem", "cpu", "con0", "ubd0", "ubd0=", "=",
	"eth0", "vec0", "con0=what", "con99=null", "con5=null", "con5", "ssl63=pts", "ssl63",
	"ssl3=unix:", "mem=", "mem=x", "mem=-0", "cpu=0", "%s%n%s%n", "../../x", "self/../version",
	"uptime", "meminfo", "self/mem", "kmsg", "h", "m", "w", "l",
};

union packet {
	struct mconsole_request request;
	struct mconsole_reply reply;
	unsigned char bytes[BIG];
};

static struct sockaddr_un guest = { .sun_family = AF_UNIX };
static int clients[CLIENTS];
static unsigned long long state, answers, text_bytes, refusals, plain;

static unsigned int below(unsigned int n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % n;
}

static void randomize(unsigned char *p, size_t n)
{
	while (n--)
		*p++ = below(256);
}

static void die(int status, const char *what)
{
	fprintf(stderr, "shoot: %s: %s\n", what, strerror(errno));
	exit(status);
}

/* the host bounds what may wait for a client that is not connected */
static int client(int connected)
{
	struct sockaddr_un me = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&me, sizeof(me.sun_family)) ||
	    (connected && connect(fd, (struct sockaddr *)&guest, sizeof(guest))))
		die(1, "connect");
	return fd;
}

/* ---- what is sent ---- */

static size_t noise(unsigned char *out)
{
	static const size_t sizes[] = { 0, 1, 3, 4, 11, 12, 13, 523, 524, 525, BIG };
	size_t size = sizes[below(ARRAY_SIZE(sizes))];

	randomize(out, size);
	return size;
}

/* a request with a damaged header, or one that is cut off */
static size_t damaged(struct mconsole_request *req)
{
	size_t size = sizeof(*req);

	randomize((unsigned char *)req->data, sizeof(req->data));
	req->len = below(2) ? below(520) : below(~0U);
	if (below(2))
		req->version = below(2) ? below(5) : below(~0U);
	return below(2) ? below(size + 1) : size;
}

static size_t command(struct mconsole_request *req)
{
	const char *word = harmless[below(ARRAY_SIZE(harmless))];
	const char *rest = arguments[below(ARRAY_SIZE(arguments))];
	static const char blanks[] = "   \t\t\n";
	int n;

	n = snprintf(req->data, sizeof(req->data), "%.*s%s %.*s%s", (int)below(3), blanks, word,
		     (int)below(6), blanks, rest);
	/* sysrq with noise might be one of the letters that do harm */
	if (strcmp(word, "sysrq") && !below(4)) {
		size_t more = below(sizeof(req->data) - n);

		randomize((unsigned char *)req->data + n, more);
		n += more;
	}
	req->len = n;
	return sizeof(*req);
}

static size_t make(union packet *packet)
{
	struct mconsole_request *req = &packet->request;
	unsigned int kind = below(8);

	if (!kind)
		return noise(packet->bytes);
	memset(req, 0, sizeof(*req));
	req->magic = MCONSOLE_MAGIC;
	req->version = MCONSOLE_VERSION;
	return kind < 4 ? damaged(req) : command(req);
}

/* ---- what comes back ---- */

static void check(const union packet *packet, size_t size)
{
	const struct mconsole_reply *reply = &packet->reply;

	answers++;
	if (size == strlen(MCONSOLE_V0_REPLY) && !memcmp(packet, MCONSOLE_V0_REPLY, size)) {
		plain++;
		return;
	}
	if (size <= MCONSOLE_HEADER || reply->more > 1 || reply->len != size - MCONSOLE_HEADER ||
	    reply->len > MCONSOLE_MAX_DATA || reply->data[reply->len - 1]) {
		fprintf(stderr, "shoot: no answer: %zu bytes\n", size);
		exit(2);
	}
	refusals += !!reply->err;
	text_bytes += reply->len - 1;
}

static void drain(void)
{
	union packet packet;
	ssize_t n;
	int i;

	for (i = 0; i < CLIENTS - 1; i++)
		while ((n = recv(clients[i], &packet, sizeof(packet), 0)) >= 0)
			check(&packet, n);
}

/* until it takes something of @n; it may be waiting for us to read meanwhile */
static void wait_for_room(int n)
{
	struct pollfd fds[CLIENTS - 1];
	int i;

	for (i = 0; i < CLIENTS - 1; i++) {
		fds[i].fd = clients[i];
		fds[i].events = POLLIN | (n == i ? POLLOUT : 0);
	}
	/* who is not connected cannot wait for it */
	if (!poll(fds, CLIENTS - 1, n < CLIENTS - 1 ? PATIENCE : 1) && n < CLIENTS - 1)
		die(1, "the console takes nothing");
	drain();
}

static void shoot(void)
{
	union packet packet;
	size_t size = make(&packet);
	int n = below(CLIENTS);

	while (sendto(clients[n], &packet, size, 0, (struct sockaddr *)&guest,
		      sizeof(guest)) < 0) {
		if (errno != EAGAIN)
			die(1, "send");
		wait_for_room(n);
	}
	drain();
}

int main(int argc, char **argv)
{
	long i, count;

	if (argc != 4 || strlen(argv[1]) >= sizeof(guest.sun_path)) {
		fprintf(stderr, "usage: shoot SOCKET SEED COUNT\n");
		return 2;
	}
	memcpy(guest.sun_path, argv[1], strlen(argv[1]));
	state = strtoull(argv[2], NULL, 0);
	count = atol(argv[3]);
	for (i = 0; i < CLIENTS; i++)
		clients[i] = client(i < CLIENTS - 1);
	for (i = 0; i < count; i++)
		shoot();
	printf("%ld sent, %llu packets back: %llu errors, %llu in plain, %llu bytes of text\n",
	       count, answers, refusals, plain, text_bytes);
	return 0;
}
