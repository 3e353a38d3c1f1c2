/* SPDX-License-Identifier: GPL-2.0 */
/*
 * net_abi.h - the part of the socket and tun interfaces that the port uses.
 *
 * The host's ABI as in uapi/linux/if.h and uapi/linux/if_tun.h, which cannot be
 * included here: they include linux/socket.h and linux/filter.h, and in the
 * kernel those are the kernel's own.
 */
#ifndef __USERMODE_HOST_NET_ABI_H
#define __USERMODE_HOST_NET_ABI_H

#include <linux/types.h>

#define NET_AF_UNIX		1
#define NET_AF_INET		2
#define NET_SOCK_DGRAM		2
#define NET_SOCK_NONBLOCK	00004000
#define NET_SOCK_CLOEXEC	02000000

#define NET_MSG_PEEK		0x0002
#define NET_MSG_DONTWAIT	0x0040
#define NET_MSG_NOSIGNAL	0x4000

#define NET_IFF_UP		0x1

struct ifreq_abi {
	char name[16];
	union {
		short flags;
		int index;
		struct {
			u16 family;
			u16 port;
			u32 address;	/* network byte order */
			u8 zero[8];
		} address;
		u8 pad[24];
	};
};

#define TUN_ABI_TUN		0x0001
#define TUN_ABI_TAP		0x0002
#define TUN_ABI_MULTI_QUEUE	0x0100
#define TUN_ABI_NO_PI		0x1000
#define TUN_ABI_VNET_HDR	0x4000

#define TUN_ABI_SETIFF		0x400454ca
#define TUN_ABI_SETOFFLOAD	0x400454d0
#define TUN_ABI_GETIFF		0x800454d2
#define TUN_ABI_SETVNETHDRSZ	0x400454d8

#define TUN_ABI_F_CSUM		0x01
#define TUN_ABI_F_TSO4		0x02
#define TUN_ABI_F_TSO6		0x04
#define TUN_ABI_F_TSO_ECN	0x08
#define TUN_ABI_F_USO4		0x20
#define TUN_ABI_F_USO6		0x40

#endif /* __USERMODE_HOST_NET_ABI_H */
