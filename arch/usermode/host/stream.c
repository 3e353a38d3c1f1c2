// SPDX-License-Identifier: GPL-2.0
/*
 * stream.c - stream sockets of the host, and descriptors sent through them.
 *
 * Owns nothing and takes no lock; a socket belongs to whoever opened it. The
 * addresses are the caller's affair, but that unix sockets are this user's alone.
 */
#include <uapi/linux/errno.h>
#include <asm/host_net.h>
#include "socket_abi.h"
#include "syscall.h"

#define BACKLOG		8
#define OWNER_ONLY	0600

static int family_of(const void *addr)
{
	return ((const struct sockaddr_abi *)addr)->family;
}

static int listen_at(int fd, const void *addr, unsigned int len)
{
	int one = 1;
	int err;

	/* the file that bind makes gets the socket's own mode */
	if (family_of(addr) == NET_AF_UNIX)
		err = host_syscall2(__NR_fchmod, fd, OWNER_ONLY);
	else
		err = host_setsockopt(fd, SOCK_ABI_SOL_SOCKET, SOCK_ABI_REUSEADDR, &one,
				      sizeof(one));
	if (!err)
		err = host_bind(fd, addr, len);
	if (!err)
		err = host_syscall2(__NR_listen, fd, BACKLOG);
	return err;
}

int host_stream_listen(const void *addr, unsigned int len)
{
	int fd = host_socket(family_of(addr), SOCK_ABI_STREAM, 0);
	int err;

	if (fd < 0)
		return fd;
	err = listen_at(fd, addr, len);
	if (!err)
		return fd;
	host_close(fd);
	return err;
}

int host_stream_connect(const void *addr, unsigned int len)
{
	int fd = host_socket(family_of(addr), SOCK_ABI_STREAM, 0);
	int err;

	if (fd < 0)
		return fd;
	err = host_set_nonblock(fd, false);
	if (!err)
		err = host_connect(fd, addr, len);
	if (!err)
		return fd;
	host_close(fd);
	return err;
}

int host_stream_accept(int fd)
{
	int ret;

	do
		ret = host_syscall4(__NR_accept4, fd, NULL, NULL,
				    NET_SOCK_NONBLOCK | NET_SOCK_CLOEXEC);
	while (ret == -EINTR);
	return ret;
}

int host_stream_name(int fd, void *addr, unsigned int len)
{
	return host_syscall3(__NR_getsockname, fd, addr, &len);
}

int host_stream_peer_uid(int fd, unsigned int *uid)
{
	struct ucred_abi cred;
	int err = host_getsockopt(fd, SOCK_ABI_SOL_SOCKET, SOCK_ABI_PEERCRED, &cred, sizeof(cred));

	if (!err)
		*uid = cred.uid;
	return err;
}

int host_stream_finish(int fd)
{
	return host_syscall2(__NR_shutdown, fd, SOCK_ABI_SHUT_WR);
}

int host_send_with_fd(int sock, const void *buf, size_t len, int fd)
{
	struct iovec_abi iov = { .base = (void *)buf, .len = len };
	struct cmsg_fd_abi cmsg = {
		.len = CMSG_FD_ABI_LEN,
		.level = SOCK_ABI_SOL_SOCKET,
		.type = SOCK_ABI_RIGHTS,
		.fd = fd,
	};
	struct msghdr_abi msg = {
		.iov = &iov,
		.iov_len = 1,
		.control = &cmsg,
		.control_len = sizeof(cmsg),
	};
	long n = host_syscall3(__NR_sendmsg, sock, &msg, NET_MSG_NOSIGNAL);

	if (n < 0)
		return n;
	return n == len ? 0 : -EAGAIN;
}

int host_send_fd(int sock, int fd)
{
	return host_send_with_fd(sock, "", 1, fd);
}

int host_receive_fd(int sock)
{
	char byte;
	struct iovec_abi iov = { .base = &byte, .len = 1 };
	struct cmsg_fd_abi cmsg = {};
	struct msghdr_abi msg = {
		.iov = &iov,
		.iov_len = 1,
		.control = &cmsg,
		.control_len = sizeof(cmsg),
	};
	long n = host_syscall3(__NR_recvmsg, sock, &msg, SOCK_ABI_CMSG_CLOEXEC);

	if (n < 0)
		return n;
	if (cmsg.len != CMSG_FD_ABI_LEN || cmsg.level != SOCK_ABI_SOL_SOCKET ||
	    cmsg.type != SOCK_ABI_RIGHTS)
		return n ? -EPROTO : -ECONNRESET;
	return cmsg.fd;
}
