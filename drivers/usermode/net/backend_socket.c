// SPDX-License-Identifier: GPL-2.0
/*
 * backend_socket.c - bursts of frames on sockets that keep message boundaries.
 *
 * Shared by the transports that are sockets. A frame is a message; one host call
 * moves a burst. No locks, no state.
 */
#include <linux/errno.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/un.h>
#include <uapi/asm-generic/socket.h>
#include <asm/host_net.h>
#include "net.h"

#define BUFFER	(4 << 20)	/* bytes to ask for; hosts grant users less */

static bool is_gone(int err)
{
	return err == -ECONNREFUSED || err == -ECONNRESET || err == -ENOTCONN || err == -EPIPE ||
	       err == -EDESTADDRREQ;
}

/* the front end's errors from the host's */
static int result_of(const struct net_link *link, int err)
{
	if (is_gone(err) && !link->lossy)
		return -EPIPE;
	return err == -EINTR ? -EAGAIN : err;
}

int net_socket_send(struct net_link *link, unsigned int queue, struct host_message *v,
		    unsigned int n)
{
	int ret = host_send_messages(link->fd[queue], v, n);

	return ret < 0 ? result_of(link, ret) : ret;
}

int net_socket_receive(struct net_link *link, unsigned int queue, struct host_message *v,
		       unsigned int n)
{
	int ret = host_receive_messages(link->fd[queue], v, n);

	if (ret < 0)
		return result_of(link, ret);
	/* frames are not empty: this is how a connection ends */
	if (link->ends && !v[0].len)
		return -EPIPE;
	return ret;
}

void net_socket_buffers(int fd)
{
	static const int size = BUFFER;

	/* beyond the limit that the host has for users only with privilege */
	if (host_setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		host_setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (host_setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		host_setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

bool net_control_lost(struct net_link *link)
{
	char byte;
	ssize_t n = host_receive(link->control, &byte, 1, false);

	return n != -EAGAIN && n != -EINTR && n <= 0;
}

int net_unix_address(struct sockaddr_un *addr, unsigned int *addrlen, const char *path)
{
	size_t n = strlen(path);

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (!n || n >= sizeof(addr->sun_path))
		return -ENAMETOOLONG;
	memcpy(addr->sun_path, path, n);
	*addrlen = offsetof(struct sockaddr_un, sun_path) + n + 1;
	if (path[0] == '@') {
		addr->sun_path[0] = 0;
		*addrlen -= 1;
	}
	return 0;
}
