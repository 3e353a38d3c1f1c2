// SPDX-License-Identifier: GPL-2.0
/*
 * backend_bess.c - a unix socket of sequential packets, a frame in each:
 * "vec0:transport=bess,dst=SOCKET,src=OWN". What BESS and slirp4netns speak. If the
 * socket is one of datagrams, so is ours; who is behind it answers to OWN.
 *
 * State: own[0]: OWN is bound.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/un.h>
#include <asm/host_net.h>
#include "net.h"

enum { OWN_BOUND };

static int bind_own(int fd, const char *path, char *why, size_t len)
{
	struct sockaddr_un addr;
	unsigned int n;
	int err;

	if (net_unix_address(&addr, &n, path))
		return net_refuse(why, len, "src=%.80s: no name for a socket", path);
	err = host_bind(fd, &addr, n);
	return err ? net_fail(why, len, err, path) : 0;
}

/* -EPROTOTYPE: @addr is a socket of another type */
static int connect_type(struct net_link *link, int type, const struct sockaddr_un *addr,
			unsigned int n, char *why, size_t len)
{
	const char *src = link->setting->value[NET_KEY_SRC];
	int err;

	link->fd[0] = host_socket(AF_UNIX, type, 0);
	if (link->fd[0] < 0)
		return net_fail(why, len, link->fd[0], "no socket");
	if (src) {
		err = bind_own(link->fd[0], src, why, len);
		if (err)
			return err;
		link->own[OWN_BOUND] = true;
	}
	err = host_connect(link->fd[0], addr, n);
	if (err)
		return net_fail(why, len, err, link->setting->value[NET_KEY_DST]);
	net_socket_buffers(link->fd[0]);
	link->ends = type == SOCK_SEQPACKET;
	return 0;
}

static void bess_close(struct net_link *link)
{
	const char *src = link->setting->value[NET_KEY_SRC];

	/* a name that was bound by us is ours to remove */
	if (link->own[OWN_BOUND] && src[0] != '@')
		host_unlink(src);
	link->own[OWN_BOUND] = false;
	net_link_close(link);
}

static int bess_try(struct net_link *link, int type, char *why, size_t len)
{
	const char *dst = link->setting->value[NET_KEY_DST];
	struct sockaddr_un addr;
	unsigned int n;
	int err;

	net_link_init(link, -1);
	if (!dst)
		return net_refuse(why, len, "no socket is named; write dst=SOCKET");
	if (net_unix_address(&addr, &n, dst))
		return net_refuse(why, len, "dst=%.80s: no name for a socket", dst);
	err = connect_type(link, type, &addr, n, why, len);
	if (err)
		bess_close(link);
	return err;
}

static int bess_open(struct net_link *link, char *why, size_t len)
{
	int err = bess_try(link, SOCK_SEQPACKET, why, len);

	return err == -EPROTOTYPE ? bess_try(link, SOCK_DGRAM, why, len) : err;
}

static const enum net_key fields[] = { NET_KEY_DST, NET_KEY_MAC, NET_KEY_NONE };
static const enum net_key keys[] = { NET_KEY_SRC, NET_KEY_NONE };

const struct net_backend net_bess = {
	.name		= "bess",
	.fields		= fields,
	.keys		= keys,
	.open		= bess_open,
	.close		= bess_close,
	.send		= net_socket_send,
	.receive	= net_socket_receive,
};
