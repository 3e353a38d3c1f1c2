// SPDX-License-Identifier: GPL-2.0
/*
 * switch_load.c - how many small frames a switch forwards.
 *
 *	switch_load SOCKET SECONDS [ring]
 *
 * Two clients in one process: one sends frames of 60 bytes to the other as fast
 * as they go, in bursts; each has a number, and what arrives must be in order.
 * "ring": through shared memory, if the switch offers it. Prints frames that
 * arrived in a second, and those that were lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <linux/usermode/switch.h>
#include "ring.h"

#define BURST	64
#define SIZE	60
#define ROOM	2048

struct client {
	int control, data;
	struct ring in, out;
};

static unsigned char frames[BURST][ROOM];
static struct iovec iov[BURST];
static struct mmsghdr messages[BURST];

static void die(const char *what)
{
	fprintf(stderr, "switch_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* ---- a port ---- */

static void open_rings(struct client *client)
{
	struct switch_ring_request request = { SWITCH_MAGIC, SWITCH_VERSION, SWITCH_RING_REQUEST };
	struct iovec one = { &request, sizeof(request) };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct msghdr message = {
		.msg_iov = &one, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct switch_rings *rings;
	char answer;
	int fd = memfd_create("rings", MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, sizeof(*rings)) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK))
		die("memory");
	rings = mmap(NULL, sizeof(*rings), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (rings == MAP_FAILED)
		die("memory");
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	if (sendmsg(client->control, &message, 0) != sizeof(request) ||
	    recv(client->control, &answer, 1, 0) != 1 || answer != SWITCH_RING_YES)
		die("no rings");
	client->in.shared = &rings->to_client;
	client->out.shared = &rings->to_switch;
}

static void plug(struct client *client, const char *path, bool ring, int number)
{
	struct switch_request request = {
		.magic = SWITCH_MAGIC, .version = SWITCH_VERSION,
		.address = { .family = AF_UNIX },
	};
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct switch_address reply;
	const int size = 4 << 20;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	client->control = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(client->control, (void *)&addr, sizeof(addr)))
		die(path);
	snprintf(request.address.path + 1, 100, "load-%d-%d", getpid(), number);
	client->data = socket(AF_UNIX, SOCK_DGRAM, 0);
	setsockopt(client->data, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (bind(client->data, (void *)&request.address, sizeof(request.address)) ||
	    send(client->control, &request, sizeof(request), 0) < 0 ||
	    recv(client->control, &reply, sizeof(reply), MSG_WAITALL) != sizeof(reply) ||
	    connect(client->data, (void *)&reply, sizeof(reply)))
		die("no port");
	if (ring && memcmp(reply.path, SWITCH_RING_OFFER, SWITCH_RING_OFFER_LEN)) {
		fprintf(stderr, "switch_load: the switch has no rings\n");
		exit(1);
	}
	if (ring)
		open_rings(client);
}

/* where there is no room for it, others have been sent */
static void ring_bell(const struct client *client)
{
	send(client->data, "", 1, MSG_DONTWAIT);
}

/* ---- frames ---- */

/* frames of @size bytes in iov[] and messages[] */
static void prepare(unsigned int size)
{
	int i;

	for (i = 0; i < BURST; i++) {
		iov[i] = (struct iovec){ frames[i], size };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
}

static unsigned int send_burst(struct client *client, unsigned long long first)
{
	unsigned long long number;
	int i, n;

	prepare(SIZE);
	for (i = 0; i < BURST; i++) {
		number = first + i;
		memcpy(frames[i], "\2\0\0\0\0\1\2\0\0\0\0\0\x88\xb5", 14);
		memcpy(frames[i] + 14, &number, sizeof(number));
	}
	if (!client->out.shared) {
		n = sendmmsg(client->data, messages, BURST, MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN)
			die("send");
		return n < 0 ? 0 : n;
	}
	for (n = 0; n < BURST; n++)
		if (ring_put(&client->out, &iov[n], 1) != 1)
			break;
	if (ring_publish(&client->out))
		ring_bell(client);
	return n;
}

static int receive_burst(struct client *client)
{
	int n;

	prepare(ROOM);
	if (!client->in.shared) {
		n = recvmmsg(client->data, messages, BURST, MSG_DONTWAIT, NULL);
		if (n < 0 && errno != EAGAIN)
			die("receive");
		return n < 0 ? 0 : n;
	}
	for (n = 0; n < BURST; n++)
		if (ring_get(&client->in, frames[n], ROOM) <= 0)
			break;
	if (ring_release(&client->in))
		ring_bell(client);
	return n;
}

int main(int argc, char **argv)
{
	unsigned long long sent = 0, received = 0, expected = 0, lost = 0, number;
	struct client clients[2] = {};
	bool ring = argc > 3 && !strcmp(argv[3], "ring");
	double begin, end;
	int i, n;

	if (argc < 3) {
		fprintf(stderr, "usage: switch_load SOCKET SECONDS [ring]\n");
		return 2;
	}
	for (i = 0; i < 2; i++)
		plug(&clients[i], argv[1], ring, i);
	begin = now();
	end = begin + atof(argv[2]);
	while (now() < end) {
		sent += send_burst(&clients[0], sent);
		n = receive_burst(&clients[1]);
		for (i = 0; i < n; i++) {
			memcpy(&number, frames[i] + 14, sizeof(number));
			if (number < expected) {
				printf("frame %llu after %llu\n", number, expected);
				return 1;
			}
			lost += number - expected;
			expected = number + 1;
		}
		received += n;
	}
	printf("%.0f frames a second, %llu lost of %llu\n", received / (now() - begin), lost, sent);
	return !received;
}
