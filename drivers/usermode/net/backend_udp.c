// SPDX-License-Identifier: GPL-2.0
/*
 * backend_udp.c - frames in UDP datagrams: "eth0=mcast,MAC,GROUP,PORT,TTL" and
 * "eth0=ucast,MAC,REMOTE,RPORT,LPORT".
 *
 * A multicast group is a hub for all machines that join it, on this host and on
 * others. What we send comes back to us, too; it is told by its source, since we
 * send from a socket, and so a port, of our own.
 *
 * State of mcast: own[0]: memory of the host with the sources of received frames;
 * own[1]: the sending socket.
 */
#include <linux/bug.h>
#include <linux/byteorder/little_endian.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <uapi/asm-generic/socket.h>
#include <asm/host_net.h>
#include "backend_ip.h"

#define DEFAULT_GROUP	{ 239, 192, 168, 1 }
#define DEFAULT_PORT	1102
#define UDP_MAX_MTU	(65507 - NET_ETH_HEAD)

enum { OWN_MEMORY, OWN_SENDER };

struct mcast_memory {
	struct sockaddr_in self;		/* where our frames come from */
	struct sockaddr_in source[NET_BATCH];
};

static struct mcast_memory *memory_of(const struct net_link *link)
{
	return (struct mcast_memory *)(unsigned long)link->own[OWN_MEMORY];
}

/* ---- mcast ---- */

static int mcast_send(struct net_link *link, unsigned int queue, struct host_message *v,
		      unsigned int n)
{
	return host_send_messages(link->own[OWN_SENDER], v, n);
}

static int mcast_receive(struct net_link *link, unsigned int queue, struct host_message *v,
			 unsigned int n)
{
	struct mcast_memory *memory = memory_of(link);
	int i, ret;

	for (i = 0; i < n; i++) {
		v[i].name = &memory->source[i];
		v[i].namelen = sizeof(memory->source[i]);
	}
	ret = net_socket_receive(link, queue, v, n);
	for (i = 0; i < ret; i++)
		if (memory->source[i].sin_port == memory->self.sin_port &&
		    memory->source[i].sin_addr.s_addr == memory->self.sin_addr.s_addr)
			v[i].len = 0;
	return ret;
}

static int join_group(int fd, const union net_inet *group)
{
	struct ip_mreqn request = { .imr_multiaddr = group->v4.sin_addr };

	return host_setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &request, sizeof(request));
}

/* all members share the port */
static int open_receiver(struct net_link *link, const union net_inet *group, char *why,
			 size_t len)
{
	const int one = 1;
	int err;

	link->fd[0] = host_socket(AF_INET, SOCK_DGRAM, 0);
	if (link->fd[0] < 0)
		return net_fail(why, len, link->fd[0], "no socket");
	host_setsockopt(link->fd[0], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	err = host_bind(link->fd[0], group, net_inet_size(group));
	if (err)
		return net_fail(why, len, err, "the group's port");
	err = join_group(link->fd[0], group);
	if (err)
		return net_fail(why, len, err, "the group cannot be joined");
	net_socket_buffers(link->fd[0]);
	return 0;
}

static int open_sender(struct net_link *link, const union net_inet *group, int ttl, char *why,
		       size_t len)
{
	union net_inet any = { .v4.sin_family = AF_INET };
	int fd, err;

	fd = net_inet_socket(SOCK_DGRAM, 0, &any, group, why, len);
	if (fd < 0)
		return fd;
	link->own[OWN_SENDER] = fd;
	err = host_setsockopt(fd, SOL_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl));
	if (!err)
		err = host_stream_name(fd, &memory_of(link)->self, sizeof(memory_of(link)->self));
	return err ? net_fail(why, len, err, "the socket to the group") : 0;
}

static void mcast_close(struct net_link *link)
{
	if (link->own[OWN_SENDER])
		host_close(link->own[OWN_SENDER]);
	link->own[OWN_SENDER] = 0;
	if (link->own[OWN_MEMORY])
		host_shared_free(memory_of(link), sizeof(struct mcast_memory));
	link->own[OWN_MEMORY] = 0;
	net_link_close(link);
}

static int mcast_parse(const struct net_setting *setting, union net_inet *group, u64 *ttl,
		       char *why, size_t len)
{
	static const u8 usual[4] = DEFAULT_GROUP;
	int err = net_inet_parse(setting, NET_KEY_DST, false, NET_KEY_DSTPORT, false, group, why,
				 len);

	if (err)
		return err;
	if (!group->v4.sin_addr.s_addr)
		memcpy(&group->v4.sin_addr, usual, sizeof(usual));
	if (!group->v4.sin_port)
		group->v4.sin_port = htons(DEFAULT_PORT);
	if (!ipv4_is_multicast(group->v4.sin_addr.s_addr))
		return net_refuse(why, len,
				  "%.40s: no multicast group; they are 224.0.0.0 to 239.255.255.255",
				  setting->value[NET_KEY_DST]);
	return net_number(setting, NET_KEY_TTL, 0, 255, 1, ttl, why, len);
}

static int mcast_open(struct net_link *link, char *why, size_t len)
{
	union net_inet group;
	long memory;
	u64 ttl;
	int err;

	net_link_init(link, -1);
	link->lossy = true;
	link->max_mtu = UDP_MAX_MTU;
	err = mcast_parse(link->setting, &group, &ttl, why, len);
	if (err)
		return err;
	memory = host_shared_alloc(sizeof(struct mcast_memory));
	if (memory < 0)
		return net_fail(why, len, memory, "no memory");
	link->own[OWN_MEMORY] = memory;
	err = open_receiver(link, &group, why, len);
	if (!err)
		err = open_sender(link, &group, ttl, why, len);
	if (err)
		mcast_close(link);
	return err;
}

static const enum net_key mcast_fields[] = {
	NET_KEY_MAC, NET_KEY_DST, NET_KEY_DSTPORT, NET_KEY_TTL, NET_KEY_NONE
};

const struct net_backend net_mcast = {
	.name		= "mcast",
	.fields		= mcast_fields,
	.open		= mcast_open,
	.close		= mcast_close,
	.send		= mcast_send,
	.receive	= mcast_receive,
};

/* ---- ucast ---- */

static int ucast_open(struct net_link *link, char *why, size_t len)
{
	const struct net_setting *setting = link->setting;
	union net_inet local, remote;
	int fd;

	net_link_init(link, -1);
	if (net_inet_parse(setting, NET_KEY_DST, true, NET_KEY_DSTPORT, false, &remote, why, len) ||
	    net_inet_parse(setting, NET_KEY_SRC, false, NET_KEY_SRCPORT, false, &local, why, len))
		return -EINVAL;
	if (!remote.v4.sin_port || !local.v4.sin_port)
		return net_refuse(why, len, "two ports are needed: the far side's, and ours");
	fd = net_inet_socket(SOCK_DGRAM, 0, &local, &remote, why, len);
	if (fd < 0)
		return fd;
	link->fd[0] = fd;
	link->lossy = true;
	link->max_mtu = UDP_MAX_MTU;
	return 0;
}

static const enum net_key ucast_fields[] = {
	NET_KEY_MAC, NET_KEY_DST, NET_KEY_DSTPORT, NET_KEY_SRCPORT, NET_KEY_NONE
};

static const enum net_key ucast_keys[] = { NET_KEY_SRC, NET_KEY_NONE };

const struct net_backend net_ucast = {
	.name		= "ucast",
	.fields		= ucast_fields,
	.keys		= ucast_keys,
	.open		= ucast_open,
	.close		= net_link_close,
	.send		= net_socket_send,
	.receive	= net_socket_receive,
};
