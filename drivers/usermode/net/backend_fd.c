// SPDX-License-Identifier: GPL-2.0
/*
 * backend_fd.c - a descriptor that the program was started with: "eth0=fd,3".
 *
 * Datagram and sequential-packet sockets carry a frame in a message, a tap
 * device carries them as it does. The descriptor is used as it is, not a copy:
 * it survives a reboot of the guest, which executes the program again. It cannot
 * be opened again: when the far side has gone, the link stays down.
 */
#include <linux/errno.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <uapi/asm-generic/socket.h>
#include <asm/host_net.h>
#include "net.h"

static int open_tap(struct net_link *link, int fd, char *why, size_t len)
{
	int vnet = host_tap_adopt(fd);
	int err;

	if (vnet == -EPROTO)
		return net_refuse(why, len, "descriptor %d: a tap device without IFF_NO_PI", fd);
	if (vnet < 0)
		return net_refuse(why, len,
				  "descriptor %d: neither a socket nor a tap device", fd);
	err = host_set_nonblock(fd, true);
	if (err)
		return net_fail(why, len, err, "the descriptor");
	return net_tap_use(link, vnet, why, len);
}

static int open_socket(struct net_link *link, int type, char *why, size_t len)
{
	bool vnet;

	if (net_flag(link->setting, NET_KEY_VNET, false, &vnet, why, len))
		return -EINVAL;
	if (type != SOCK_DGRAM && type != SOCK_SEQPACKET)
		return net_refuse(why, len,
				  "descriptor %d: a socket, but not of datagrams or packets",
				  link->fd[0]);
	net_socket_buffers(link->fd[0]);
	link->ends = type == SOCK_SEQPACKET;
	if (vnet)
		net_link_vnet(link);
	return 0;
}

static int fd_open(struct net_link *link, char *why, size_t len)
{
	const struct net_setting *setting = link->setting;
	int err, type;
	u64 fd;

	if (!setting->value[NET_KEY_FD])
		return net_refuse(why, len, "no descriptor is named; write for example fd,3");
	if (net_number(setting, NET_KEY_FD, 0, 1 << 20, 0, &fd, why, len))
		return -EINVAL;
	net_link_init(link, fd);
	err = host_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, sizeof(type));
	if (err == -EBADF)
		return net_refuse(why, len, "descriptor %d is not open", (int)fd);
	if (err)
		return open_tap(link, fd, why, len);
	return open_socket(link, type, why, len);
}

static int fd_send(struct net_link *link, unsigned int queue, struct host_message *v,
		   unsigned int n)
{
	return net_is_tap(link) ? net_tap.send(link, queue, v, n) :
				  net_socket_send(link, queue, v, n);
}

static int fd_receive(struct net_link *link, unsigned int queue, struct host_message *v,
		      unsigned int n)
{
	return net_is_tap(link) ? net_tap.receive(link, queue, v, n) :
				  net_socket_receive(link, queue, v, n);
}

static void fd_close(struct net_link *link)
{
	if (net_is_tap(link))
		net_tap.close(link);
	else
		net_link_close(link);
}

static const enum net_key fields[] = { NET_KEY_FD, NET_KEY_MAC, NET_KEY_NONE };
static const enum net_key keys[] = { NET_KEY_VNET, NET_KEY_NONE };

const struct net_backend net_fd = {
	.name		= "fd",
	.fields		= fields,
	.keys		= keys,
	.once		= true,
	.open		= fd_open,
	.close		= fd_close,
	.send		= fd_send,
	.receive	= fd_receive,
};
