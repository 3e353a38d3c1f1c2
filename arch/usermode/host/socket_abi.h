/* SPDX-License-Identifier: GPL-2.0 */
/*
 * socket_abi.h - the part of the socket interface that streams need beyond net_abi.h.
 *
 * The host's ABI as in socket(2), cmsg(3) and unix(7). The uapi headers leave
 * most of it to the C library, and the kernel's own linux/socket.h is the
 * guest's side of it.
 */
#ifndef __USERMODE_HOST_SOCKET_ABI_H
#define __USERMODE_HOST_SOCKET_ABI_H

#include <linux/types.h>
#include "net_abi.h"

#define SOCK_ABI_STREAM		1
#define SOCK_ABI_SOL_SOCKET	1
#define SOCK_ABI_REUSEADDR	2
#define SOCK_ABI_PEERCRED	17
#define SOCK_ABI_RIGHTS		1
#define SOCK_ABI_CMSG_CLOEXEC	0x40000000
#define SOCK_ABI_SHUT_WR	1

/* of every address; the rest depends on the family */
struct sockaddr_abi {
	u16 family;
};

struct ucred_abi {
	u32 pid, uid, gid;
};

struct msghdr_abi {
	void *name;
	u32 name_len;
	struct iovec_abi {
		void *base;
		u64 len;
	} *iov;
	u64 iov_len;
	void *control;
	u64 control_len;
	u32 flags;
};

/* one control message that carries one descriptor */
struct cmsg_fd_abi {
	u64 len;		/* without the padding */
	u32 level;
	u32 type;
	s32 fd;
	u32 padding;
};

#define CMSG_FD_ABI_LEN		20

#endif /* __USERMODE_HOST_SOCKET_ABI_H */
