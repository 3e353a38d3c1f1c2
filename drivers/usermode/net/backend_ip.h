/* SPDX-License-Identifier: GPL-2.0 */
/*
 * backend_ip.h - sockets of the internet protocols, as transports want them.
 */
#ifndef __USERMODE_NET_BACKEND_IP_H
#define __USERMODE_NET_BACKEND_IP_H

#include <linux/in.h>
#include <linux/in6.h>
#include "net.h"

/* an address and a port; @family says which */
union net_inet {
	__kernel_sa_family_t family;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

unsigned int net_inet_size(const union net_inet *addr);
/*
 * The address behind @key, any where it is not given and @needed is false, and
 * the port behind @port_key (NET_KEY_NONE: 0). -EINVAL and a reason.
 */
int net_inet_parse(const struct net_setting *setting, enum net_key key, bool needed,
		   enum net_key port_key, bool v6, union net_inet *addr, char *why, size_t len);
/*
 * A socket bound to @local and, unless it is NULL, connected to @remote. @type
 * and @protocol as in socket(2). Descriptor, or -errno and a reason.
 */
int net_inet_socket(int type, int protocol, const union net_inet *local,
		    const union net_inet *remote, char *why, size_t len);

#endif
