// SPDX-License-Identifier: GPL-2.0
/*
 * port.c - ports: frames in and out, queues, impairments.
 *
 * Owns all ports. What a port is assigned in a round goes out in one call. A
 * client that is slow has a queue of limited length; so has a port whose frames
 * are to be late, and it is the same one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "switch.h"

#define QUEUE		512		/* frames that wait for a client that is slow */
#define RETRY		1000000ULL	/* ns, until a slow client is tried again */
#define ROUNDS		16		/* bursts of one port before the others' turn */
#define TAG		4
#define VECTORS		3		/* addresses, a tag, the rest */

struct port **ports;
unsigned int n_ports;

static uint64_t send_due(struct port *port);

static struct port *touched;
static bool somebody_died, somebody_awake;
static unsigned int busy;		/* ports with frames that wait */

/* ---- in ---- */

static uint8_t memory[BURST][FRAME_MAX];

static int receive_messages(struct port *port, struct frame *frames)
{
	static struct mmsghdr messages[BURST];
	static struct iovec iov[BURST];
	int i, n, good = 0;

	for (i = 0; i < BURST && !messages[i].msg_hdr.msg_iov; i++) {
		iov[i].iov_base = memory[i];
		iov[i].iov_len = FRAME_MAX;
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(port->data.fd, messages, BURST, MSG_DONTWAIT, NULL);
	for (i = 0; i < n; i++) {
		if (messages[i].msg_len < FRAME_MIN || messages[i].msg_hdr.msg_flags & MSG_TRUNC) {
			port->stats.rx_bad++;
			continue;
		}
		frames[good].data = memory[i];
		frames[good++].len = messages[i].msg_len;
	}
	return n < 0 ? -errno : n ? good : -EAGAIN;
}

static int receive_reads(struct port *port, struct frame *frames)
{
	ssize_t n;
	int i;

	for (i = 0; i < BURST; i++) {
		n = read(port->data.fd, memory[i], FRAME_MAX);
		if (n < 0)
			return i ? i : -errno;
		frames[i].data = memory[i];
		frames[i].len = n;
	}
	return i;
}

static int receive(struct port *port, struct frame *frames)
{
	if (port->shared)
		return shared_receive(port, frames, memory);
	return port->tap ? receive_reads(port, frames) : receive_messages(port, frames);
}

static void data_ready(struct watch *watch)
{
	struct port *port = (struct port *)watch;	/* it comes first */
	static struct frame frames[BURST];
	int n, round;

	/* there may be room again */
	if (port->shared && port->waiting)
		send_due(port);
	for (round = 0; round < ROUNDS && !port->dead; round++) {
		n = receive(port, frames);
		if (n > 0)
			forward(port, frames, n);
		else if (n == -EBADFD || n == -EBADF || n == -EIO)
			port_kill(port);
		if (n < 0 || (n < BURST && !port->shared))
			break;
	}
	if (shared_awake(port))
		somebody_awake = true;
}

/* ---- out ---- */

/* the vectors of @frame as @port wants it: with a tag or without */
static unsigned int describe(const struct port *port, const struct frame *frame,
			     struct iovec *iov, uint8_t *tag)
{
	bool tagged = port->mode == PORT_TRUNK && frame->vlan != port->pvid;
	unsigned int skip = 2 * MAC + (frame->tagged ? TAG : 0);

	if (port->mode == PORT_PLAIN || (!tagged && !frame->tagged)) {
		iov[0] = (struct iovec){ frame->data, frame->len };
		return 1;
	}
	tag[0] = 0x81;
	tag[1] = 0;
	/* the priority stays */
	tag[2] = (frame->tagged ? frame->data[2 * MAC + 2] & 0xf0 : 0) | frame->vlan >> 8;
	tag[3] = frame->vlan;
	iov[0] = (struct iovec){ frame->data, 2 * MAC };
	iov[1] = (struct iovec){ tag, tagged ? TAG : 0 };
	iov[2] = (struct iovec){ frame->data + skip, frame->len - skip };
	return VECTORS;
}

static unsigned int length_of(const struct iovec *iov, unsigned int n)
{
	unsigned int len = 0;

	while (n--)
		len += iov[n].iov_len;
	return len;
}

/* the number that went out; the others find no room now */
static unsigned int transmit(struct port *port, struct mmsghdr *messages, unsigned int n)
{
	unsigned int done = 0;
	int ret;

	if (port->shared)
		return shared_transmit(port, messages, n);
	while (done < n) {
		if (port->tap)
			ret = writev(port->data.fd, messages[done].msg_hdr.msg_iov,
				     messages[done].msg_hdr.msg_iovlen) < 0 ? -1 : 1;
		else
			ret = sendmmsg(port->data.fd, messages + done, n - done,
				       MSG_DONTWAIT | MSG_NOSIGNAL);
		if (ret > 0) {
			done += ret;
		} else if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM) {
			break;
		} else if (errno == ECONNREFUSED || errno == ENOTCONN || errno == EPERM) {
			port_kill(port);
			port->stats.tx_dropped += n - done;
			return n;
		} else if (errno != EINTR) {
			port->stats.tx_dropped++;
			done++;
		}
	}
	return done;
}

static bool is_lost(const struct port *port)
{
	return port->impairment.loss > 0 && drand48() < port->impairment.loss;
}

static uint64_t due_time(struct port *port, unsigned int len)
{
	const struct impairment *impairment = &port->impairment;
	uint64_t due = now_ns();

	if (!port->impaired)
		return due;
	if (impairment->rate) {
		if (port->rate_free < due)
			port->rate_free = due;
		port->rate_free += len * 8000000000ULL / impairment->rate;
		due = port->rate_free;
	}
	due += impairment->delay;
	if (impairment->jitter)
		due += drand48() * impairment->jitter;
	/* late, but in order */
	if (due < port->last_due)
		due = port->last_due;
	port->last_due = due;
	return due;
}

static void enqueue(struct port *port, const struct iovec *iov, unsigned int n)
{
	unsigned int len = length_of(iov, n), i;
	struct queued *queued;

	if (port->impaired && is_lost(port)) {
		port->stats.tx_lost++;
		return;
	}
	queued = port->waiting < port->impairment.limit ? malloc(sizeof(*queued) + len) : NULL;
	if (!queued) {
		port->stats.tx_dropped++;
		return;
	}
	queued->next = NULL;
	queued->len = 0;
	queued->due = due_time(port, len);
	for (i = 0; i < n; i++) {
		memcpy(queued->data + queued->len, iov[i].iov_base, iov[i].iov_len);
		queued->len += iov[i].iov_len;
	}
	*port->last = queued;
	port->last = &queued->next;
	if (!port->waiting++)
		busy++;
}

static void send_pending(struct port *port)
{
	static struct mmsghdr messages[BURST];
	static struct iovec iov[BURST][VECTORS];
	static uint8_t tags[BURST][TAG];
	unsigned int i, done = 0;

	for (i = 0; i < port->n_pending; i++) {
		messages[i].msg_hdr = (struct msghdr){
			.msg_iov = iov[i],
			.msg_iovlen = describe(port, port->pending[i], iov[i], tags[i]),
		};
	}
	if (!port->impaired && !port->waiting)
		done = transmit(port, messages, port->n_pending);
	for (i = 0; i < done; i++) {
		port->stats.tx_frames++;
		port->stats.tx_bytes += length_of(iov[i], messages[i].msg_hdr.msg_iovlen);
	}
	for (; i < port->n_pending; i++)
		enqueue(port, iov[i], messages[i].msg_hdr.msg_iovlen);
	port->n_pending = 0;
}

void port_assign(struct port *port, const struct frame *frame)
{
	if (port->n_pending == BURST)
		send_pending(port);
	port->pending[port->n_pending++] = frame;
	if (port->is_touched)
		return;
	port->is_touched = true;
	port->touched = touched;
	touched = port;
}

void ports_send(void)
{
	while (touched) {
		struct port *port = touched;

		touched = port->touched;
		port->is_touched = false;
		send_pending(port);
	}
}

/* ---- what waits ---- */

static void drop_first(struct port *port)
{
	struct queued *queued = port->first;

	port->first = queued->next;
	if (!port->first)
		port->last = &port->first;
	if (!--port->waiting)
		busy--;
	free(queued);
}

/* send what is due: when to come again, 0: nothing waits */
static uint64_t send_due(struct port *port)
{
	while (port->first) {
		struct iovec iov = { port->first->data, port->first->len };
		struct mmsghdr message = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };

		if (port->first->due > now_ns())
			return port->first->due;
		if (!transmit(port, &message, 1))
			return now_ns() + RETRY;
		port->stats.tx_frames++;
		port->stats.tx_bytes += iov.iov_len;
		drop_first(port);
	}
	return 0;
}

/* ---- life ---- */

bool port_has_vlan(const struct port *port, unsigned int vlan)
{
	switch (port->mode) {
	case PORT_PLAIN:
		return !vlan;
	case PORT_ACCESS:
		return port->pvid == vlan;
	default:
		return vlan && (port->pvid == vlan || port->vlans[vlan / 8] & 1 << vlan % 8);
	}
}

static void control_ready(struct watch *watch)
{
	struct port *port = (void *)((char *)watch - offsetof(struct port, control));

	if (!shared_request(port))
		port_kill(port);
}

static bool find_number(struct port *port)
{
	struct port **more;
	unsigned int i;

	for (i = 0; i < n_ports && ports[i]; i++)
		;
	if (i == n_ports) {
		more = realloc(ports, (n_ports * 2 + 16) * sizeof(*ports));
		if (!more)
			return false;
		memset(more + n_ports, 0, (n_ports + 16) * sizeof(*ports));
		ports = more;
		n_ports = n_ports * 2 + 16;
	}
	port->number = i;
	ports[i] = port;
	return true;
}

struct port *port_create(int data, int control, bool tap)
{
	struct port *port = calloc(1, sizeof(*port));

	if (!port || !find_number(port)) {
		free(port);
		return NULL;
	}
	port->data = (struct watch){ data, data_ready };
	port->control = (struct watch){ control, control_ready };
	port->tap = tap;
	port->last = &port->first;
	port->impairment.limit = QUEUE;
	port->capture_id = -1;
	watch_add(&port->data);
	if (control >= 0)
		watch_add(&port->control);
	return port;
}

void port_kill(struct port *port)
{
	port->dead = true;
	somebody_died = true;
}

static void destroy(struct port *port)
{
	while (port->first)
		drop_first(port);
	table_forget(port);
	if (mirror == port)
		mirror = NULL;
	watch_del(&port->data);
	close(port->data.fd);
	shared_close(port);
	if (port->control.fd >= 0) {
		watch_del(&port->control);
		close(port->control.fd);
	}
	ports[port->number] = NULL;
	free(port);
}

uint64_t ports_round(void)
{
	uint64_t next = 0, at;
	unsigned int i;

	if (!busy && !somebody_died && !somebody_awake)
		return 0;
	/* both may come true again meanwhile */
	somebody_died = false;
	somebody_awake = false;
	for (i = 0; i < n_ports; i++) {
		if (!ports[i])
			continue;
		if (shared_awake(ports[i]))
			data_ready(&ports[i]->data);
		at = ports[i]->waiting ? send_due(ports[i]) : 0;
		if (at && (!next || at < next))
			next = at;
		if (ports[i]->dead)
			destroy(ports[i]);
	}
	return somebody_awake || somebody_died ? now_ns() : next;
}
