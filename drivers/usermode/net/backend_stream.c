// SPDX-License-Identifier: GPL-2.0
/*
 * backend_stream.c - frames on a stream socket, each after its length.
 *
 * The length is four bytes in network order: what passt and qemu speak. A frame
 * that the socket took in part only is finished from a copy before the next one
 * is begun, and until then it counts as not sent, so that somebody waits for room.
 * What comes in is read in large pieces and cut into frames here.
 *
 * State: own[0]: a struct net_stream, memory of the host.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <linux/unaligned.h>
#include <asm/host_net.h>

#include "net.h"

#define LENGTH		4			/* bytes before a frame */
#define FRAME		(NET_FRAME_MAX + NET_ETH_HEAD)
#define BUFFER		(256 << 10)
#define VECTORS		1024			/* the most that the host takes in a message */

struct net_stream {
	unsigned int in_from, in_to;
	unsigned int out_from, out_to;		/* the rest of a frame that is half out */
	bool half_out;
	struct iovec iov[VECTORS];
	u8 out[LENGTH + FRAME];
	u8 in[BUFFER];
};

static struct net_stream *stream_of(const struct net_link *link)
{
	return (struct net_stream *)(unsigned long)link->own[0];
}

int net_stream_open(struct net_link *link)
{
	long at = host_shared_alloc(sizeof(struct net_stream));

	if (at < 0)
		return at;
	link->own[0] = at;
	link->head_tx = LENGTH;
	return 0;
}

void net_stream_close(struct net_link *link)
{
	if (link->own[0])
		host_shared_free(stream_of(link), sizeof(struct net_stream));
	link->own[0] = 0;
}

/* ---- out ---- */

static int finish_frame(struct net_link *link, struct net_stream *stream)
{
	ssize_t n;

	while (stream->out_from < stream->out_to) {
		n = host_send(link->fd[0], stream->out + stream->out_from,
			      stream->out_to - stream->out_from);
		if (n < 0)
			return n;
		stream->out_from += n;
	}
	return 0;
}

/* write the length before the frame; all vectors go into @iov: their number */
static unsigned int gather(struct host_message *m, struct iovec *iov)
{
	unsigned int i, len = 0;

	for (i = 0; i < m->n; i++) {
		iov[i] = m->iov[i];
		len += iov[i].iov_len;
	}
	m->len = len;
	put_unaligned_be32(len - LENGTH, (u8 __force *)iov[0].iov_base);
	return m->n;
}

/* the socket took @done bytes of message @m: keep the others */
static void keep_rest(struct net_stream *stream, const struct host_message *m, size_t done)
{
	unsigned int i;

	stream->out_from = 0;
	stream->out_to = 0;
	for (i = 0; i < m->n; i++) {
		size_t skip = min(done, m->iov[i].iov_len);

		memcpy(stream->out + stream->out_to, (u8 __force *)m->iov[i].iov_base + skip,
		       m->iov[i].iov_len - skip);
		stream->out_to += m->iov[i].iov_len - skip;
		done -= skip;
	}
}

int net_stream_error(int err)
{
	if (err == -EINTR || err == -ENOBUFS || err == -ENOMEM)
		return -EAGAIN;
	return err == -EAGAIN ? err : -EPIPE;
}

int net_stream_send(struct net_link *link, unsigned int queue, struct host_message *v,
		    unsigned int n)
{
	struct net_stream *stream = stream_of(link);
	struct host_message all = { .iov = stream->iov };
	unsigned int frames = 0, i;
	int err;

	err = finish_frame(link, stream);
	if (err)
		return net_stream_error(err);
	if (stream->half_out) {
		stream->half_out = false;
		return 1;
	}
	while (frames < n && all.n + v[frames].n <= VECTORS)
		all.n += gather(&v[frames++], stream->iov + all.n);
	err = host_send_messages(link->fd[0], &all, 1);
	if (err < 0)
		return net_stream_error(err);
	for (i = 0; i < frames && all.len >= v[i].len; i++)
		all.len -= v[i].len;
	if (i < frames && all.len) {
		keep_rest(stream, &v[i], all.len);
		stream->half_out = true;
	}
	return i ?: -EAGAIN;
}

/* ---- in ---- */

/* the length of the frame that is complete in the buffer; 0: none is; -EPIPE: nonsense */
static int next_frame(const struct net_stream *stream)
{
	unsigned int there = stream->in_to - stream->in_from;
	u32 len;

	if (there < LENGTH)
		return 0;
	len = get_unaligned_be32(stream->in + stream->in_from);
	if (!len || len > FRAME)
		return -EPIPE;
	return there >= LENGTH + len ? len : 0;
}

static int read_more(struct net_link *link, struct net_stream *stream)
{
	ssize_t n;

	memmove(stream->in, stream->in + stream->in_from, stream->in_to - stream->in_from);
	stream->in_to -= stream->in_from;
	stream->in_from = 0;
	n = host_receive(link->fd[0], stream->in + stream->in_to, BUFFER - stream->in_to, false);
	if (n <= 0)
		return n ? net_stream_error(n) : -EPIPE;
	stream->in_to += n;
	return 0;
}

void net_fill_message(struct host_message *m, const u8 *from, unsigned int len)
{
	unsigned int i, n;

	m->len = len;
	m->flags = 0;
	for (i = 0; i < m->n && len; i++) {
		n = min_t(unsigned int, len, m->iov[i].iov_len);
		memcpy((u8 __force *)m->iov[i].iov_base, from, n);
		from += n;
		len -= n;
	}
	if (len)
		m->flags = HOST_MESSAGE_CUT;
}

int net_stream_receive(struct net_link *link, unsigned int queue, struct host_message *v,
		       unsigned int n)
{
	struct net_stream *stream = stream_of(link);
	unsigned int done = 0;
	int len, err;

	while (done < n) {
		len = next_frame(stream);
		if (len < 0)
			return done ?: len;
		if (!len) {
			if (done)
				break;
			err = read_more(link, stream);
			if (err)
				return err;
			continue;
		}
		net_fill_message(&v[done++], stream->in + stream->in_from + LENGTH, len);
		stream->in_from += LENGTH + len;
	}
	return done;
}
