// SPDX-License-Identifier: GPL-2.0
/*
 * backend_tunnel.c - Ethernet in GRE and in L2TPv3, over IPv4 and IPv6.
 *
 *	vec0:transport=gre,src=A,dst=B,rx_key=N,tx_key=N
 *	vec0:transport=l2tpv3,src=A,dst=B,udp=1,srcport=P,dstport=P,rx_session=N,...
 *
 * All that a tunnel puts before a frame is constant, but for a counter, so it is
 * kept as bytes: those to send, and those to expect with a mask of which count.
 * A frame that does not have them is not for us. The host's IPv4 raw sockets
 * deliver the IP header as well.
 *
 * State: own[]: a struct tunnel.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <linux/unaligned.h>
#include <asm/host_net.h>
#include "backend_ip.h"

#define GRE_KEY		0x2000		/* in the flags: there is a key */
#define GRE_ETHERNET	0x6558
#define L2TP_DATA	0x0003		/* before the session in UDP: version 3, no control */
#define IPV4_HEADER	20		/* bytes; with options it is not for us */
#define HEAD		24		/* bytes of the longest */
#define OVERHEAD	(60 + HEAD + NET_ETH_HEAD)

struct tunnel {
	u8 tx[HEAD], rx[HEAD];
	u8 counter_at;			/* in tx; 0: there is none */
	u8 ip;				/* bytes before rx */
	u8 rx_size;
	u8 ignored;			/* bytes at the end of rx that do not count */
	u32 counter;
};

static struct tunnel *tunnel_of(struct net_link *link)
{
	BUILD_BUG_ON(sizeof(struct tunnel) > sizeof(link->own));
	return (struct tunnel *)link->own;
}

/* ---- frames ---- */

static int tunnel_send(struct net_link *link, unsigned int queue, struct host_message *v,
		       unsigned int n)
{
	struct tunnel *tunnel = tunnel_of(link);
	u32 counter = tunnel->counter;
	unsigned int i;
	int ret;

	for (i = 0; i < n; i++) {
		u8 *head = (u8 __force *)v[i].iov[0].iov_base;

		memcpy(head, tunnel->tx, link->head_tx);
		if (tunnel->counter_at)
			put_unaligned_be32(counter++, head + tunnel->counter_at);
	}
	ret = net_socket_send(link, queue, v, n);
	if (ret > 0)
		tunnel->counter += ret;
	return ret;
}

static bool is_ours(const struct tunnel *tunnel, const struct host_message *m)
{
	const u8 *head = (const u8 __force *)m->iov[0].iov_base;

	if (m->len < tunnel->ip + tunnel->rx_size)
		return false;
	if (tunnel->ip && head[0] != 0x45)
		return false;
	return !memcmp(head + tunnel->ip, tunnel->rx, tunnel->rx_size - tunnel->ignored);
}

static int tunnel_receive(struct net_link *link, unsigned int queue, struct host_message *v,
			  unsigned int n)
{
	int ret = net_socket_receive(link, queue, v, n);
	int i;

	for (i = 0; i < ret; i++)
		if (!is_ours(tunnel_of(link), &v[i]))
			v[i].len = 0;
	return ret;
}

/* ---- what stands before a frame ---- */

static unsigned int put16(u8 *at, unsigned int n, u16 value)
{
	put_unaligned_be16(value, at + n);
	return n + sizeof(value);
}

static unsigned int put32(u8 *at, unsigned int n, u32 value)
{
	put_unaligned_be32(value, at + n);
	return n + sizeof(value);
}

static int number32(const struct net_setting *setting, enum net_key key, u64 *n, char *why,
		    size_t len)
{
	return net_number(setting, key, 0, U32_MAX, 0, n, why, len);
}

static unsigned int gre_head(u8 *at, bool with_key, u32 key)
{
	unsigned int n = put16(at, 0, with_key ? GRE_KEY : 0);

	n = put16(at, n, GRE_ETHERNET);
	return with_key ? put32(at, n, key) : n;
}

static int gre_heads(struct net_link *link, char *why, size_t len)
{
	const struct net_setting *setting = link->setting;
	struct tunnel *tunnel = tunnel_of(link);
	u64 rx, tx;

	if (number32(setting, NET_KEY_RX_KEY, &rx, why, len) ||
	    number32(setting, NET_KEY_TX_KEY, &tx, why, len))
		return -EINVAL;
	link->head_tx = gre_head(tunnel->tx, setting->value[NET_KEY_TX_KEY], tx);
	tunnel->rx_size = gre_head(tunnel->rx, setting->value[NET_KEY_RX_KEY], rx);
	return 0;
}

/* session and cookie; @wide: a cookie of eight bytes */
static int l2tp_head(const struct net_setting *setting, enum net_key session_key,
		     enum net_key cookie_key, bool wide, bool udp, u8 *at, char *why, size_t len)
{
	u64 session, cookie;
	unsigned int n = 0;

	if (!setting->value[session_key])
		return net_refuse(why, len, "rx_session= and tx_session= are needed");
	if (number32(setting, session_key, &session, why, len) ||
	    net_number(setting, cookie_key, 0, wide ? U64_MAX : U32_MAX, 0, &cookie, why, len))
		return -EINVAL;
	if (udp)
		n = put32(at, n, L2TP_DATA << 16);
	n = put32(at, n, session);
	if (setting->value[cookie_key] && wide)
		n = put32(at, n, cookie >> 32);
	if (setting->value[cookie_key])
		n = put32(at, n, cookie);
	return n;
}

static int l2tp_heads(struct net_link *link, bool udp, char *why, size_t len)
{
	const struct net_setting *setting = link->setting;
	struct tunnel *tunnel = tunnel_of(link);
	bool wide, counter, pinned;
	int rx, tx;

	if (net_flag(setting, NET_KEY_COOKIE64, false, &wide, why, len) ||
	    net_flag(setting, NET_KEY_COUNTER, false, &counter, why, len) ||
	    net_flag(setting, NET_KEY_PIN_SEQUENCE, false, &pinned, why, len))
		return -EINVAL;
	tx = l2tp_head(setting, NET_KEY_TX_SESSION, NET_KEY_TX_COOKIE, wide, udp, tunnel->tx, why,
		       len);
	if (tx < 0)
		return tx;
	rx = l2tp_head(setting, NET_KEY_RX_SESSION, NET_KEY_RX_COOKIE, wide, udp, tunnel->rx, why,
		       len);
	if (rx < 0)
		return rx;
	if (counter) {
		tunnel->counter_at = pinned ? 0 : tx;
		tunnel->ignored = sizeof(u32);
		rx += sizeof(u32);
		tx += sizeof(u32);
	}
	link->head_tx = tx;
	tunnel->rx_size = rx;
	return 0;
}

/* ---- open ---- */

static int open_socket(struct net_link *link, int type, int protocol, bool v6, char *why,
		       size_t len)
{
	bool ports = type == SOCK_DGRAM;
	union net_inet local, remote;
	struct tunnel *tunnel = tunnel_of(link);
	int fd;

	if (net_inet_parse(link->setting, NET_KEY_DST, true, ports ? NET_KEY_DSTPORT : NET_KEY_NONE,
			   v6, &remote, why, len) ||
	    net_inet_parse(link->setting, NET_KEY_SRC, false,
			   ports ? NET_KEY_SRCPORT : NET_KEY_NONE, v6, &local, why, len))
		return -EINVAL;
	if (ports && (!remote.v4.sin_port || !local.v4.sin_port))
		return net_refuse(why, len, "srcport= and dstport= are needed with udp=1");
	fd = net_inet_socket(type, protocol, &local, &remote, why, len);
	if (fd < 0)
		return fd;
	link->fd[0] = fd;
	link->lossy = true;
	link->max_mtu = NET_FRAME_MAX - OVERHEAD;
	tunnel->ip = !ports && !v6 ? IPV4_HEADER : 0;
	link->head_rx = tunnel->ip + tunnel->rx_size;
	return 0;
}

static int gre_open(struct net_link *link, char *why, size_t len)
{
	bool v6;

	net_link_init(link, -1);
	if (net_flag(link->setting, NET_KEY_V6, false, &v6, why, len) ||
	    gre_heads(link, why, len))
		return -EINVAL;
	return open_socket(link, SOCK_RAW, IPPROTO_GRE, v6, why, len);
}

static int l2tpv3_open(struct net_link *link, char *why, size_t len)
{
	bool v6, udp;

	net_link_init(link, -1);
	if (net_flag(link->setting, NET_KEY_V6, false, &v6, why, len) ||
	    net_flag(link->setting, NET_KEY_UDP, false, &udp, why, len) ||
	    l2tp_heads(link, udp, why, len))
		return -EINVAL;
	return open_socket(link, udp ? SOCK_DGRAM : SOCK_RAW, udp ? 0 : IPPROTO_L2TP, v6, why, len);
}

static const enum net_key gre_keys[] = {
	NET_KEY_SRC, NET_KEY_DST, NET_KEY_V6, NET_KEY_RX_KEY, NET_KEY_TX_KEY, NET_KEY_NONE
};

const struct net_backend net_gre = {
	.name		= "gre",
	.keys		= gre_keys,
	.open		= gre_open,
	.close		= net_link_close,
	.send		= tunnel_send,
	.receive	= tunnel_receive,
};

static const enum net_key l2tpv3_keys[] = {
	NET_KEY_SRC, NET_KEY_DST, NET_KEY_SRCPORT, NET_KEY_DSTPORT, NET_KEY_V6, NET_KEY_UDP,
	NET_KEY_RX_SESSION, NET_KEY_TX_SESSION, NET_KEY_RX_COOKIE, NET_KEY_TX_COOKIE,
	NET_KEY_COOKIE64, NET_KEY_COUNTER, NET_KEY_PIN_SEQUENCE, NET_KEY_NONE
};

const struct net_backend net_l2tpv3 = {
	.name		= "l2tpv3",
	.keys		= l2tpv3_keys,
	.open		= l2tpv3_open,
	.close		= net_link_close,
	.send		= tunnel_send,
	.receive	= tunnel_receive,
};
