// SPDX-License-Identifier: GPL-2.0
/*
 * frames.c - raw Ethernet frames of every size.
 *
 *	frames flood DEVICE FIRST LAST STEP [ROUNDS]	send broadcasts of FIRST to LAST bytes
 *	frames echo DEVICE COUNT	send COUNT frames back to where they came from
 *
 * Frames are of the experimental type 0x88b5 and hold their length and then bytes
 * that follow from it, so that the far end can check them. Status 0: all done.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TYPE	0x88b5
#define LONGEST	65549

static unsigned char frame[LONGEST];

static void die(const char *what)
{
	fprintf(stderr, "frames: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_device(const char *name, struct sockaddr_ll *addr)
{
	int fd = socket(AF_PACKET, SOCK_RAW, htons(TYPE));
	int size = 4 << 20;

	if (fd < 0)
		die("socket");
	memset(addr, 0, sizeof(*addr));
	addr->sll_family = AF_PACKET;
	addr->sll_protocol = htons(TYPE);
	addr->sll_ifindex = if_nametoindex(name);
	if (!addr->sll_ifindex || bind(fd, (void *)addr, sizeof(*addr)))
		die(name);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

static void fill(int size)
{
	struct ether_header *head = (void *)frame;
	int i;

	memset(head->ether_dhost, 0xff, sizeof(head->ether_dhost));
	memcpy(head->ether_shost, "\2\0\0\0\0\7", 6);
	head->ether_type = htons(TYPE);
	frame[14] = size >> 16;
	frame[15] = size >> 8;
	frame[16] = size;
	for (i = 17; i < size; i++)
		frame[i] = size + i;
}

static int flood(const char *name, int first, int last, int step, int rounds)
{
	struct sockaddr_ll addr;
	int fd = open_device(name, &addr);
	int size;

	while (rounds--) {
		for (size = first; size <= last; size += step) {
			fill(size);
			while (send(fd, frame, size, 0) < 0)
				if (errno != ENOBUFS)
					die("send");
				else
					usleep(1000);
		}
	}
	return 0;
}

static int echo(const char *name, int count)
{
	struct sockaddr_ll addr;
	int fd = open_device(name, &addr);
	unsigned char source[6];
	ssize_t n;

	while (count--) {
		n = recv(fd, frame, sizeof(frame), 0);
		if (n < 14)
			die("receive");
		memcpy(source, frame + 6, 6);
		memcpy(frame + 6, frame, 6);
		memcpy(frame, source, 6);
		if (send(fd, frame, n, 0) != n)
			die("send back");
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 6 && !strcmp(argv[1], "flood"))
		return flood(argv[2], atoi(argv[3]), atoi(argv[4]), atoi(argv[5]),
			     argc > 6 ? atoi(argv[6]) : 1);
	if (argc == 4 && !strcmp(argv[1], "echo"))
		return echo(argv[2], atoi(argv[3]));
	fputs("usage: frames flood DEVICE FIRST LAST STEP [ROUNDS]\n"
	      "       frames echo DEVICE COUNT\n", stderr);
	return 2;
}
