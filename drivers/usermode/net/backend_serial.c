// SPDX-License-Identifier: GPL-2.0
/*
 * backend_serial.c - IP packets on a serial line, as SLIP has them (RFC 1055).
 *
 * A packet ends with END; an END or ESC in it goes as two bytes. A burst of
 * packets is encoded into a buffer that goes out in one host call. What the line
 * does not take at once stays in the buffer, and until it is out the last packet
 * counts as not sent, so that somebody waits for room.
 *
 * State: own[0]: a struct net_serial, memory of the host.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <asm/host_net.h>
#include "net.h"

#define END		0xc0
#define ESC		0xdb
#define ESC_END		0xdc		/* behind ESC: an END of the packet's */
#define ESC_ESC		0xdd

#define PACKET		NET_FRAME_MAX
#define OUT		(256 << 10)
#define IN		(64 << 10)

/* @n: bytes of the packet that is coming in, PACKET + 1 if it is too long */
struct net_serial {
	unsigned int in_from, in_to, n;
	unsigned int out_from, out_to;
	bool escaped, held;
	u8 packet[PACKET];
	u8 in[IN];
	u8 out[OUT];
};

static struct net_serial *serial_of(const struct net_link *link)
{
	return (struct net_serial *)(unsigned long)link->own[0];
}

int net_serial_open(struct net_link *link)
{
	long at = host_shared_alloc(sizeof(struct net_serial));

	if (at < 0)
		return at;
	link->own[0] = at;
	link->ip_only = true;
	return 0;
}

void net_serial_close(struct net_link *link)
{
	if (link->own[0])
		host_shared_free(serial_of(link), sizeof(struct net_serial));
	link->own[0] = 0;
}

/* ---- out ---- */

static u8 *encode(u8 *to, const u8 *from, size_t len)
{
	for (; len--; from++) {
		if (*from != END && *from != ESC) {
			*to++ = *from;
			continue;
		}
		*to++ = ESC;
		*to++ = *from == END ? ESC_END : ESC_ESC;
	}
	return to;
}

/* false: it finds no room in the buffer, however its bytes may be */
static bool add_packet(struct net_serial *serial, struct host_message *m)
{
	u8 *to = serial->out + serial->out_to;
	unsigned int i;

	m->len = 0;
	for (i = 0; i < m->n; i++)
		m->len += m->iov[i].iov_len;
	if (2 * m->len + 2 > OUT - serial->out_to)
		return false;
	*to++ = END;		/* ends what noise there was */
	for (i = 0; i < m->n; i++)
		to = encode(to, (u8 __force *)m->iov[i].iov_base, m->iov[i].iov_len);
	*to++ = END;
	serial->out_to = to - serial->out;
	return true;
}

static int drain(struct net_link *link, struct net_serial *serial)
{
	ssize_t n;

	while (serial->out_from < serial->out_to) {
		n = host_send(link->fd[0], serial->out + serial->out_from,
			      serial->out_to - serial->out_from);
		if (n < 0)
			return net_stream_error(n);
		serial->out_from += n;
	}
	serial->out_from = 0;
	serial->out_to = 0;
	return 0;
}

int net_serial_send(struct net_link *link, unsigned int queue, struct host_message *v,
		    unsigned int n)
{
	struct net_serial *serial = serial_of(link);
	unsigned int packets = 0;
	int err;

	err = drain(link, serial);
	if (err)
		return err;
	if (serial->held) {
		serial->held = false;
		return 1;
	}
	while (packets < n && add_packet(serial, &v[packets]))
		packets++;
	if (!packets)
		return -EMSGSIZE;
	err = drain(link, serial);
	if (err != -EAGAIN)
		return err ?: packets;
	serial->held = true;
	return packets > 1 ? packets - 1 : -EAGAIN;
}

/* ---- in ---- */

static int read_more(struct net_link *link, struct net_serial *serial)
{
	ssize_t n = host_receive(link->fd[0], serial->in, IN, false);

	if (n <= 0)
		return n ? net_stream_error(n) : -EPIPE;
	serial->in_from = 0;
	serial->in_to = n;
	return 0;
}

/* one byte; true: it completes a packet */
static bool decode(struct net_serial *serial, u8 byte)
{
	if (byte == END)
		return serial->n;
	if (byte == ESC) {
		serial->escaped = true;
		return false;
	}
	if (serial->escaped && byte == ESC_END)
		byte = END;
	else if (serial->escaped && byte == ESC_ESC)
		byte = ESC;
	serial->escaped = false;
	if (serial->n < PACKET)
		serial->packet[serial->n++] = byte;
	else
		serial->n = PACKET + 1;
	return false;
}

static void take_packet(struct net_serial *serial, struct host_message *m)
{
	net_fill_message(m, serial->packet, min(serial->n, PACKET));
	if (serial->n > PACKET)
		m->flags = HOST_MESSAGE_CUT;
	serial->n = 0;
	serial->escaped = false;
}

int net_serial_receive(struct net_link *link, unsigned int queue, struct host_message *v,
		       unsigned int n)
{
	struct net_serial *serial = serial_of(link);
	unsigned int done = 0;
	int err;

	while (done < n) {
		if (serial->in_from == serial->in_to) {
			if (done)
				break;
			err = read_more(link, serial);
			if (err)
				return err;
		}
		if (decode(serial, serial->in[serial->in_from++]))
			take_packet(serial, &v[done++]);
	}
	return done;
}
