// SPDX-License-Identifier: GPL-2.0
/*
 * net.c - sockets and network devices of the host.
 *
 * Owns nothing and takes no lock; a descriptor belongs to whoever opened it.
 * Messages go in bursts, one host call for many, and no call here waits for a
 * peer: what cannot be done at once is -EAGAIN, whatever the mode of the
 * descriptor, which may be shared with others.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/fcntl.h>
#include <uapi/linux/sockios.h>
#include <asm/host_net.h>
#include "net_abi.h"
#include "syscall.h"

int host_socket(int family, int type, int protocol)
{
	return host_syscall3(__NR_socket, family, type | NET_SOCK_CLOEXEC | NET_SOCK_NONBLOCK,
			     protocol);
}

int host_socketpair(int type, int fd[2])
{
	return host_syscall4(__NR_socketpair, NET_AF_UNIX, type | NET_SOCK_CLOEXEC, 0, fd);
}

int host_bind(int fd, const void *addr, unsigned int len)
{
	return host_syscall3(__NR_bind, fd, addr, len);
}

int host_connect(int fd, const void *addr, unsigned int len)
{
	return host_syscall3(__NR_connect, fd, addr, len);
}

int host_setsockopt(int fd, int level, int name, const void *value, unsigned int len)
{
	return host_syscall5(__NR_setsockopt, fd, level, name, value, len);
}

int host_getsockopt(int fd, int level, int name, void *value, unsigned int len)
{
	return host_syscall5(__NR_getsockopt, fd, level, name, value, &len);
}

ssize_t host_send(int fd, const void *buf, size_t len)
{
	return host_syscall6(__NR_sendto, fd, buf, len,
			     NET_MSG_DONTWAIT | NET_MSG_NOSIGNAL, NULL, 0);
}

ssize_t host_receive(int fd, void *buf, size_t len, bool peek)
{
	return host_syscall6(__NR_recvfrom, fd, buf, len,
			     NET_MSG_DONTWAIT | (peek ? NET_MSG_PEEK : 0), NULL, NULL);
}

int host_send_messages(int fd, struct host_message *v, unsigned int n)
{
	return host_syscall4(__NR_sendmmsg, fd, v, n, NET_MSG_DONTWAIT | NET_MSG_NOSIGNAL);
}

int host_receive_messages(int fd, struct host_message *v, unsigned int n)
{
	return host_syscall5(__NR_recvmmsg, fd, v, n, NET_MSG_DONTWAIT, NULL);
}

static void net_name(struct ifreq_abi *req, const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(req->name) - 1 && name[i]; i++)
		req->name[i] = name[i];
}

int host_interface_index(const char *name)
{
	struct ifreq_abi req = {};
	int fd = host_socket(NET_AF_UNIX, NET_SOCK_DGRAM, 0);
	int err;

	if (fd < 0)
		return fd;
	net_name(&req, name);
	err = host_syscall3(__NR_ioctl, fd, SIOCGIFINDEX, &req);
	host_close(fd);
	return err ? err : req.index;
}

/* ---- tap devices ---- */

static int tap_attach(int fd, const char *name, unsigned int flags, struct ifreq_abi *req)
{
	net_name(req, name);
	req->flags = TUN_ABI_NO_PI | TUN_ABI_VNET_HDR;
	req->flags |= flags & HOST_TAP_IP ? TUN_ABI_TUN : TUN_ABI_TAP;
	if (flags & HOST_TAP_MANY)
		req->flags |= TUN_ABI_MULTI_QUEUE;
	return host_syscall3(__NR_ioctl, fd, TUN_ABI_SETIFF, req);
}

int host_tap_open(const char *name, unsigned int flags, char actual[16])
{
	struct ifreq_abi req = {};
	int fd, err;
	unsigned int i;

	fd = host_open("/dev/net/tun", O_RDWR | O_NONBLOCK, 0);
	if (fd < 0)
		return fd;
	err = tap_attach(fd, name, flags, &req);
	if (err) {
		host_close(fd);
		return err;
	}
	for (i = 0; actual && i < sizeof(req.name); i++)
		actual[i] = req.name[i];
	return fd;
}

int host_tap_offload(int fd, bool on)
{
	static const unsigned long all = TUN_ABI_F_CSUM | TUN_ABI_F_TSO4 | TUN_ABI_F_TSO6 |
					 TUN_ABI_F_TSO_ECN;
	static const unsigned long udp = TUN_ABI_F_USO4 | TUN_ABI_F_USO6;
	int err;

	if (!on)
		return host_syscall3(__NR_ioctl, fd, TUN_ABI_SETOFFLOAD, 0UL);
	/* segmentation of UDP came in Linux 6.2 */
	err = host_syscall3(__NR_ioctl, fd, TUN_ABI_SETOFFLOAD, all | udp);
	if (!err)
		return 1;
	return host_syscall3(__NR_ioctl, fd, TUN_ABI_SETOFFLOAD, all);
}

int host_tap_adopt(int fd)
{
	const int header = HOST_TAP_HEADER;
	struct ifreq_abi req = {};
	int err = host_syscall3(__NR_ioctl, fd, TUN_ABI_GETIFF, &req);

	if (!err && !(req.flags & TUN_ABI_TAP))
		err = -EINVAL;
	if (err)
		return err;
	if (!(req.flags & TUN_ABI_NO_PI))
		return -EPROTO;
	if (!(req.flags & TUN_ABI_VNET_HDR))
		return 0;
	err = host_syscall3(__NR_ioctl, fd, TUN_ABI_SETVNETHDRSZ, &header);
	return err ? err : 1;
}

int host_interface_up(const char *name)
{
	struct ifreq_abi req = {};
	int fd = host_socket(NET_AF_INET, NET_SOCK_DGRAM, 0);
	int err;

	if (fd < 0)
		return fd;
	net_name(&req, name);
	err = host_syscall3(__NR_ioctl, fd, SIOCGIFFLAGS, &req);
	if (!err && !(req.flags & NET_IFF_UP)) {
		req.flags |= NET_IFF_UP;
		err = host_syscall3(__NR_ioctl, fd, SIOCSIFFLAGS, &req);
	}
	host_close(fd);
	return err;
}

int host_interface_address(const char *name, u32 address, u32 mask)
{
	struct ifreq_abi req = {};
	int fd = host_socket(NET_AF_INET, NET_SOCK_DGRAM, 0);
	int err;

	if (fd < 0)
		return fd;
	net_name(&req, name);
	req.address.family = NET_AF_INET;
	req.address.address = address;
	err = host_syscall3(__NR_ioctl, fd, SIOCSIFADDR, &req);
	if (!err && mask) {
		req.address.address = mask;
		err = host_syscall3(__NR_ioctl, fd, SIOCSIFNETMASK, &req);
	}
	host_close(fd);
	return err;
}
