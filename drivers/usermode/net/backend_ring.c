// SPDX-License-Identifier: GPL-2.0
/*
 * backend_ring.c - frames in memory that is shared with a switch.
 *
 * Two rings (linux/usermode/switch_ring.h), and the datagram sockets of the port
 * as bells, which are rung only for a side that sleeps: while both have work no
 * host call is made. What the switch writes is read once and checked; our own
 * positions are kept where it cannot reach them.
 *
 * The memory must be seen in every host process that the kernel runs in, so it is
 * had before there are several, and kept when the link is opened again. A device
 * that is plugged in later may get none, and has datagrams.
 *
 * Locks: none; sending and receiving touch a ring each. The receiver hears all
 * bells, also those for the sender, who therefore has to look when that is done.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <asm/barrier.h>
#include <asm/host_net.h>
#include <uapi/linux/usermode/switch.h>
#include <uapi/linux/usermode/switch_ring.h>
#include "net.h"

#define PATIENCE_MS	2000
#define LENGTH		sizeof(u32)

/**
 * struct net_ring - our end of both rings
 * @rings:	the memory, which the switch can write to
 * @memory:	its descriptor
 * @head:	bytes that we have put in
 * @room_to:	the switch's tail of that ring as last seen
 * @tail:	bytes that we have taken out
 * @filled_to:	the switch's head of that ring as last seen
 */
struct net_ring {
	struct switch_rings *rings;
	int memory;
	u32 head, room_to;
	u32 tail, filled_to;
};

static u32 room_of(u32 len)
{
	return ALIGN(LENGTH + len, SWITCH_RING_ALIGN);
}

/* where there is no room for it, others have been sent; if nobody is there, we shall hear */
static void ring_bell(const struct net_link *link)
{
	host_send(link->fd[0], "", 1);
}

/* a flag that the other side has set is cleared by whoever acts on it */
static bool take_flag(u32 *flag)
{
	smp_mb();	/* what was written before is seen by who sets it and then looks */
	if (!READ_ONCE(*flag))
		return false;
	WRITE_ONCE(*flag, 0);
	return true;
}

static void set_flag(u32 *flag)
{
	WRITE_ONCE(*flag, 1);
	smp_mb();	/* who has not seen it has written before, and we look now */
}

/* ---- out ---- */

static void copy_in(struct switch_ring *ring, u32 at, const u8 *from, u32 len)
{
	u32 offset = at % SWITCH_RING_SIZE;
	u32 first = min(len, SWITCH_RING_SIZE - offset);

	memcpy(ring->data + offset, from, first);
	memcpy(ring->data, from + first, len - first);
}

static bool has_room(const struct net_ring *own, u32 len)
{
	return SWITCH_RING_SIZE - (own->head - own->room_to) >= room_of(len);
}

/* the switch's tail; -EPIPE: it cannot be */
static int look_for_room(struct net_ring *own)
{
	u32 tail = smp_load_acquire(&own->rings->to_switch.tail.value);

	if (own->head - tail > SWITCH_RING_SIZE)
		return -EPIPE;
	own->room_to = tail;
	return 0;
}

static void put(struct net_ring *own, const struct host_message *m)
{
	struct switch_ring *ring = &own->rings->to_switch;
	u32 at = own->head + LENGTH;
	unsigned int i;

	*(u32 *)(ring->data + own->head % SWITCH_RING_SIZE) = m->len;
	for (i = 0; i < m->n; i++) {
		copy_in(ring, at, (u8 __force *)m->iov[i].iov_base, m->iov[i].iov_len);
		at += m->iov[i].iov_len;
	}
	own->head += room_of(m->len);
}

static void publish(struct net_link *link)
{
	struct net_ring *own = link->ring;
	struct switch_ring *ring = &own->rings->to_switch;

	smp_store_release(&ring->head.value, own->head);
	if (take_flag(&ring->sleeping.value))
		ring_bell(link);
}

/* look again, and then again with the flag set that asks for the bell */
static int wait_for_room(struct net_link *link, u32 len)
{
	struct net_ring *own = link->ring;
	int err = look_for_room(own);

	if (err || has_room(own, len))
		return err;
	publish(link);
	set_flag(&own->rings->to_switch.full.value);
	err = look_for_room(own);
	if (err || has_room(own, len))
		return err;
	return -EAGAIN;
}

int net_ring_send(struct net_link *link, unsigned int queue, struct host_message *v,
		  unsigned int n)
{
	struct net_ring *own = link->ring;
	unsigned int done, i;
	int err = 0;

	for (done = 0; done < n; done++) {
		struct host_message *m = &v[done];

		m->len = 0;
		for (i = 0; i < m->n; i++)
			m->len += m->iov[i].iov_len;
		err = has_room(own, m->len) ? 0 : wait_for_room(link, m->len);
		if (err)
			break;
		put(own, m);
	}
	publish(link);
	return done ?: err;
}

/* ---- in ---- */

static void copy_out(u8 *to, const struct switch_ring *ring, u32 at, u32 len)
{
	u32 offset = at % SWITCH_RING_SIZE;
	u32 first = min(len, SWITCH_RING_SIZE - offset);

	memcpy(to, ring->data + offset, first);
	memcpy(to + first, ring->data, len - first);
}

static void take_frame(struct net_ring *own, struct host_message *m, u32 len)
{
	const struct switch_ring *ring = &own->rings->to_client;
	u32 at = own->tail + LENGTH, left = len, i, part;

	m->len = len;
	m->flags = 0;
	for (i = 0; i < m->n && left; i++) {
		part = min_t(u32, left, m->iov[i].iov_len);
		copy_out((u8 __force *)m->iov[i].iov_base, ring, at, part);
		at += part;
		left -= part;
	}
	if (left)
		m->flags = HOST_MESSAGE_CUT;
	own->tail += room_of(len);
}

/* bytes of the next frame; 0: there is none; -EPIPE: it cannot be */
static int next_frame(struct net_ring *own)
{
	struct switch_ring *ring = &own->rings->to_client;
	u32 there = own->filled_to - own->tail, len;

	if (!there) {
		own->filled_to = smp_load_acquire(&ring->head.value);
		there = own->filled_to - own->tail;
		if (!there)
			return 0;
		if (there > SWITCH_RING_SIZE)
			return -EPIPE;
	}
	len = READ_ONCE(*(u32 *)(ring->data + own->tail % SWITCH_RING_SIZE));
	if (!len || len > NET_FRAME_MAX + NET_ETH_HEAD || room_of(len) > there)
		return -EPIPE;
	return len;
}

static void release(struct net_link *link)
{
	struct net_ring *own = link->ring;
	struct switch_ring *ring = &own->rings->to_client;

	smp_store_release(&ring->tail.value, own->tail);
	if (take_flag(&ring->full.value))
		ring_bell(link);
}

/* hear the bells that were rung. -EPIPE: nobody is there to ring them */
static int silence(struct net_link *link)
{
	char text[8];
	unsigned int i;
	ssize_t n;

	for (i = 0; i < NET_BATCH; i++) {
		n = host_receive(link->fd[0], text, sizeof(text), false);
		if (n < 0)
			return n == -EAGAIN || n == -EINTR ? 0 : -EPIPE;
	}
	return 0;
}

/* false: there is a frame after all */
static bool may_sleep(struct net_ring *own)
{
	struct switch_ring *ring = &own->rings->to_client;

	set_flag(&ring->sleeping.value);
	own->filled_to = smp_load_acquire(&ring->head.value);
	return own->filled_to == own->tail;
}

int net_ring_receive(struct net_link *link, unsigned int queue, struct host_message *v,
		     unsigned int n)
{
	struct net_ring *own = link->ring;
	unsigned int done = 0;
	int len, err = 0;

	while (done < n) {
		len = next_frame(own);
		if (len < 0)
			return len;
		if (len) {
			take_frame(own, &v[done++], len);
			continue;
		}
		err = silence(link);
		if (err || may_sleep(own))
			break;
	}
	release(link);
	return done ?: err ?: -EAGAIN;
}

/* ---- open ---- */

/* memory that nobody has written to, and our end at its beginning */
static int prepare(struct net_link *link)
{
	struct net_ring *own = link->ring;
	struct switch_rings *rings;
	long at;
	int fd;

	if (!own) {
		at = host_shared_file("usermode-rings", sizeof(*rings), &fd);
		if (at < 0)
			return at;
		rings = (void *)at;
		at = host_shared_alloc(sizeof(*own));
		if (at < 0) {
			host_unmap(rings, sizeof(*rings));
			host_close(fd);
			return at;
		}
		own = (void *)at;
		own->rings = rings;
		own->memory = fd;
		link->ring = own;
	}
	memset(&own->rings->to_switch, 0, offsetof(struct switch_ring, data));
	memset(&own->rings->to_client, 0, offsetof(struct switch_ring, data));
	*own = (struct net_ring){ .rings = own->rings, .memory = own->memory };
	return 0;
}

int net_ring_open(struct net_link *link, int control, const char *name)
{
	static const struct switch_ring_request request = {
		.magic = SWITCH_MAGIC,
		.version = SWITCH_VERSION,
		.type = SWITCH_RING_REQUEST,
	};
	u8 answer;
	int err;

	if (memcmp(name, SWITCH_RING_OFFER, SWITCH_RING_OFFER_LEN) || prepare(link))
		return 0;
	err = host_send_with_fd(control, &request, sizeof(request), link->ring->memory);
	if (err)
		return err;
	if (!net_wait_input(control, PATIENCE_MS) ||
	    host_receive(control, &answer, 1, false) != 1)
		return -ETIMEDOUT;
	if (answer != SWITCH_RING_YES)
		return 0;
	link->rings_for_room = true;
	return 1;
}
