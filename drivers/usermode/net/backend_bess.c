// SPDX-License-Identifier: GPL-2.0
/*
 * backend_bess.c - a unix socket of sequential packets, a frame in each:
 * "vec0:transport=bess,dst=SOCKET,src=OWN". What BESS and slirp4netns speak.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/un.h>
#include <asm/host_net.h>
#include "net.h"

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

static int bess_connect(struct net_link *link, char *why, size_t len)
{
	const char *dst = link->setting->value[NET_KEY_DST];
	const char *src = link->setting->value[NET_KEY_SRC];
	struct sockaddr_un addr;
	unsigned int n;
	int err;

	if (!dst)
		return net_refuse(why, len, "no socket is named; write dst=SOCKET");
	if (net_unix_address(&addr, &n, dst))
		return net_refuse(why, len, "dst=%.80s: no name for a socket", dst);
	link->fd[0] = host_socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (link->fd[0] < 0)
		return net_fail(why, len, link->fd[0], "no socket");
	if (src) {
		err = bind_own(link->fd[0], src, why, len);
		if (err)
			return err;
	}
	err = host_connect(link->fd[0], &addr, n);
	if (err)
		return net_fail(why, len, err, dst);
	net_socket_buffers(link->fd[0]);
	link->ends = true;
	return 0;
}

static void bess_close(struct net_link *link)
{
	const char *src = link->setting->value[NET_KEY_SRC];

	/* a name that was bound by us is ours to remove */
	if (src && link->ends && src[0] != '@')
		host_unlink(src);
	link->ends = false;
	net_link_close(link);
}

static int bess_open(struct net_link *link, char *why, size_t len)
{
	int err;

	net_link_init(link, -1);
	err = bess_connect(link, why, len);
	if (err)
		bess_close(link);
	return err;
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
