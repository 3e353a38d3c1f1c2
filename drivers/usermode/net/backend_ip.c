// SPDX-License-Identifier: GPL-2.0
/*
 * backend_ip.c - sockets of the internet protocols, as transports want them.
 *
 * Addresses are numeric: names would take a resolver. No state.
 */
#include <linux/byteorder/little_endian.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <uapi/asm-generic/socket.h>
#include <asm/host_net.h>
#include "backend_ip.h"

unsigned int net_inet_size(const union net_inet *addr)
{
	return addr->family == AF_INET6 ? sizeof(addr->v6) : sizeof(addr->v4);
}

int net_inet_parse(const struct net_setting *setting, enum net_key key, bool needed,
		   enum net_key port_key, bool v6, union net_inet *addr, char *why, size_t len)
{
	const char *text = setting->value[key];
	void *binary = v6 ? (void *)&addr->v6.sin6_addr : (void *)&addr->v4.sin_addr;
	u64 port = 0;

	memset(addr, 0, sizeof(*addr));
	addr->family = v6 ? AF_INET6 : AF_INET;
	if (text && *text && !net_address(text, v6, binary))
		return net_refuse(why, len, "%.60s: no IPv%d address", text, v6 ? 6 : 4);
	if (needed && (!text || !*text))
		return net_refuse(why, len, "no address of the far side is given");
	if (port_key != NET_KEY_NONE &&
	    net_number(setting, port_key, 1, 65535, 0, &port, why, len))
		return -EINVAL;
	/* at the same place in both */
	addr->v4.sin_port = htons(port);
	return 0;
}

int net_inet_socket(int type, int protocol, const union net_inet *local,
		    const union net_inet *remote, char *why, size_t len)
{
	int fd = host_socket(local->family, type, protocol);
	int err;

	if (fd == -EPERM || fd == -EACCES) {
		net_refuse(why, len, "raw sockets take privilege (CAP_NET_RAW)");
		return fd;
	}
	if (fd < 0)
		return net_fail(why, len, fd, "no socket");
	err = host_bind(fd, local, net_inet_size(local));
	if (err)
		net_fail(why, len, err, "the local address");
	if (!err && remote) {
		err = host_connect(fd, remote, net_inet_size(remote));
		if (err)
			net_fail(why, len, err, "the address of the far side");
	}
	if (err) {
		host_close(fd);
		return err;
	}
	net_socket_buffers(fd);
	return fd;
}
