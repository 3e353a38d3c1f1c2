// SPDX-License-Identifier: GPL-2.0
/*
 * shared.c - ports whose frames come and go through shared memory.
 *
 * Owns the mapping of such a port's memory. A port begins with a datagram socket, as
 * all do; its client sends the memory on the stream that keeps the port. The
 * datagrams are then bells and nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/usermode/switch.h>
#include "ring.h"
#include "switch.h"

struct shared {
	struct switch_rings *rings;
	struct ring in, out;
	bool asleep;		/* the client may have rung the bell */
};

/* where there is no room for it, others have been sent; where there is nobody, the stream tells */
static void ring_bell(const struct port *port)
{
	send(port->data.fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void silence(const struct port *port)
{
	static char text[BURST];
	struct iovec iov[BURST];
	struct mmsghdr bells[BURST];
	unsigned int i;

	for (i = 0; i < BURST; i++) {
		iov[i] = (struct iovec){ text + i, 1 };
		bells[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	recvmmsg(port->data.fd, bells, BURST, MSG_DONTWAIT, NULL);
}

/* ---- frames ---- */

int shared_receive(struct port *port, struct frame *frames, uint8_t memory[][FRAME_MAX])
{
	struct shared *shared = port->shared;
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
		ring_bell(port);
	if (n || port->dead)
		return n;
	if (shared->asleep)
		silence(port);
	shared->asleep = ring_sleep(&shared->in);
	return shared->asleep ? -EAGAIN : 0;
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
			ring_bell(port);
		if (ring_wait_room(&shared->out))
			break;
	}
	if (ring_publish(&shared->out))
		ring_bell(port);
	return done;
}

/* ---- begin and end ---- */

/* what nobody can take away under us */
static bool is_good(int memory)
{
	struct stat st;
	int seals = fcntl(memory, F_GET_SEALS);

	return seals >= 0 && seals & F_SEAL_SHRINK && !fstat(memory, &st) &&
	       st.st_size >= (off_t)sizeof(struct switch_rings);
}

static struct shared *create(int memory)
{
	struct shared *shared;
	void *at;

	if (!is_good(memory))
		return NULL;
	at = mmap(NULL, sizeof(*shared->rings), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (at == MAP_FAILED)
		return NULL;
	shared = calloc(1, sizeof(*shared));
	if (!shared) {
		munmap(at, sizeof(*shared->rings));
		return NULL;
	}
	shared->rings = at;
	shared->in.shared = &shared->rings->to_switch;
	shared->out.shared = &shared->rings->to_client;
	return shared;
}

static bool is_request(const struct switch_ring_request *request, ssize_t n)
{
	return n == sizeof(*request) && request->magic == SWITCH_MAGIC &&
	       request->version == SWITCH_VERSION && request->type == SWITCH_RING_REQUEST;
}

/* something was said on the stream; the descriptor that came with it, or -1 */
static ssize_t receive_request(int sock, struct switch_ring_request *request, int *fd)
{
	struct iovec iov = { request, sizeof(*request) };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(sock, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;

	*fd = -1;
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(head), sizeof(int));
	return n;
}

bool shared_request(struct port *port)
{
	struct switch_ring_request request;
	struct shared *shared = NULL;
	int memory;
	ssize_t n;
	char answer;

	n = receive_request(port->control.fd, &request, &memory);
	if (n <= 0)
		return n && (errno == EAGAIN || errno == EINTR);
	if (is_request(&request, n) && memory >= 0 && !port->shared)
		shared = create(memory);
	if (memory >= 0)
		close(memory);
	answer = shared ? SWITCH_RING_YES : 0;
	if (shared) {
		port->shared = shared;
		shared->asleep = ring_sleep(&shared->in);
	}
	return send(port->control.fd, &answer, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

bool shared_awake(const struct port *port)
{
	return port->shared && !port->shared->asleep;
}

void shared_close(struct port *port)
{
	if (!port->shared)
		return;
	munmap(port->shared->rings, sizeof(*port->shared->rings));
	free(port->shared);
	port->shared = NULL;
}
