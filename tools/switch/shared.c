// SPDX-License-Identifier: GPL-2.0
/*
 * shared.c - ports whose frames come and go through shared memory.
 *
 * Owns the memory of such a port and its two bells. A port begins with a datagram
 * socket, as all do; its client asks for the memory on the stream that keeps it.
 * The port's descriptor for frames is then the switch's bell.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/usermode/switch.h>
#include "ring.h"
#include "switch.h"

struct shared {
	struct switch_rings *rings;
	struct ring in, out;
	int bell;			/* the client's */
};

static void ring_bell(int fd)
{
	static const uint64_t one = 1;

	/* a bell that is full has been rung */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

/* ---- frames ---- */

int shared_receive(struct port *port, struct frame *frames, uint8_t memory[][FRAME_MAX])
{
	struct shared *shared = port->shared;
	uint64_t rung;
	int n = 0, len;

	while (n < BURST) {
		len = ring_get(&shared->in, memory[n], FRAME_MAX);
		if (len == RING_BROKEN)
			port_kill(port);
		if (len <= 0)
			break;
		if (len < FRAME_MIN) {
			port->stats.rx_bad++;
			continue;
		}
		frames[n].data = memory[n];
		frames[n++].len = len;
	}
	if (ring_release(&shared->in))
		ring_bell(shared->bell);
	if (n || port->dead)
		return n;
	if (read(port->data.fd, &rung, sizeof(rung)) < 0 && errno != EAGAIN)
		return -errno;
	/* what came in this moment is for the next round */
	if (!ring_sleep(&shared->in))
		ring_bell(port->data.fd);
	return -EAGAIN;
}

unsigned int shared_transmit(struct port *port, const struct mmsghdr *messages, unsigned int n)
{
	struct shared *shared = port->shared;
	unsigned int done = 0;
	int ret;

	while (done < n) {
		const struct msghdr *message = &messages[done].msg_hdr;

		ret = ring_put(&shared->out, message->msg_iov, message->msg_iovlen);
		if (ret == RING_BROKEN) {
			port_kill(port);
			port->stats.tx_dropped += n - done;
			return n;
		}
		done += ret;
		if (ret)
			continue;
		if (ring_publish(&shared->out))
			ring_bell(shared->bell);
		if (ring_wait_room(&shared->out))
			break;
	}
	if (ring_publish(&shared->out))
		ring_bell(shared->bell);
	return done;
}

/* ---- begin and end ---- */

static int open_memory(void)
{
	int fd = memfd_create("usermode-switch", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	/* nobody may take it away under us */
	if (!ftruncate(fd, sizeof(struct switch_rings)) &&
	    !fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return fd;
	close(fd);
	return -1;
}

/* one byte, with a descriptor if @fd >= 0 */
static bool send_descriptor(int sock, int fd)
{
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	return sendmsg(sock, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

static struct shared *create(int memory)
{
	struct shared *shared = calloc(1, sizeof(*shared));
	void *at;

	if (!shared)
		return NULL;
	at = mmap(NULL, sizeof(*shared->rings), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	shared->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (at == MAP_FAILED || shared->bell < 0) {
		if (at != MAP_FAILED)
			munmap(at, sizeof(*shared->rings));
		free(shared);
		return NULL;
	}
	shared->rings = at;
	shared->in.shared = &shared->rings->to_switch;
	shared->out.shared = &shared->rings->to_client;
	return shared;
}

static void destroy(struct shared *shared)
{
	munmap(shared->rings, sizeof(*shared->rings));
	close(shared->bell);
	free(shared);
}

/* all of it, or nothing has happened */
static bool upgrade(struct port *port, int memory, int bell)
{
	struct shared *shared = create(memory);

	if (!shared)
		return false;
	if (!send_descriptor(port->control.fd, memory) ||
	    !send_descriptor(port->control.fd, bell) ||
	    !send_descriptor(port->control.fd, shared->bell)) {
		/* there is no telling what it has got */
		port_kill(port);
		destroy(shared);
		return false;
	}
	watch_del(&port->data);
	close(port->data.fd);
	port->data.fd = bell;
	watch_add(&port->data);
	port->shared = shared;
	/* it may have been quick */
	ring_bell(bell);
	return true;
}

void shared_request(struct port *port, const void *text, size_t n)
{
	const struct switch_ring_request *request = text;
	int memory, bell;

	if (n != sizeof(*request) || request->magic != SWITCH_MAGIC ||
	    request->version != SWITCH_VERSION || request->type != SWITCH_RING_REQUEST ||
	    port->shared)
		return;
	memory = open_memory();
	bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (memory < 0 || bell < 0)
		send_descriptor(port->control.fd, -1);
	else if (upgrade(port, memory, bell))
		bell = -1;
	if (memory >= 0)
		close(memory);
	if (bell >= 0)
		close(bell);
}

void shared_close(struct port *port)
{
	if (port->shared)
		destroy(port->shared);
	port->shared = NULL;
}
