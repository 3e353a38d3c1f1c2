/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * switch.h - how a machine asks a network switch for a port (uml_switch v3).
 *
 * A client binds a unix datagram socket, connects a stream to the switch's
 * control socket and sends a struct switch_request that names the datagram
 * socket. The switch answers with the struct switch_address of its own datagram
 * socket. From then on each Ethernet frame is a datagram between the two. The
 * port lives until the stream ends. All numbers are in host byte order.
 */
#ifndef _UAPI_LINUX_USERMODE_SWITCH_H
#define _UAPI_LINUX_USERMODE_SWITCH_H

#include <linux/types.h>

#define SWITCH_MAGIC		0xfeedface
#define SWITCH_VERSION		3
#define SWITCH_NEW_PORT		0
#define SWITCH_PORT_SHIFT	8	/* vde_switch: the number of the port, 0 for any */

/* struct sockaddr_un; names that begin with NUL count with all 110 bytes */
struct switch_address {
	__u16 family;
	char path[108];
};

struct switch_request {
	__u32 magic;
	__u32 version;
	__u32 type;
	struct switch_address address;
	__u16 padding;
};

#endif /* _UAPI_LINUX_USERMODE_SWITCH_H */
