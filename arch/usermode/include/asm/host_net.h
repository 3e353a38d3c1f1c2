/* SPDX-License-Identifier: GPL-2.0 */
/*
 * host_net.h - the host's sockets and network devices, as host.h has the rest:
 * a value >= 0 or -errno, any context, and what may block says so.
 */
#ifndef __ASM_USERMODE_HOST_NET_H
#define __ASM_USERMODE_HOST_NET_H

#include <asm/host.h>

/* ---- sockets and network devices (host/net.c) ---------------------------- */

/*
 * Addresses, families, levels and options are the host's own: those of the
 * uapi headers. New descriptors are close-on-exec. Nothing here blocks: it is
 * -EAGAIN instead, on descriptors in blocking mode too.
 */
int host_socket(int family, int type, int protocol);	/* non-blocking */
int host_socketpair(int type, int fd[2]);		/* of AF_UNIX, blocking */
int host_bind(int fd, const void *addr, unsigned int len);
int host_connect(int fd, const void *addr, unsigned int len);
int host_setsockopt(int fd, int level, int name, const void *value, unsigned int len);
int host_getsockopt(int fd, int level, int name, void *value, unsigned int len);
ssize_t host_send(int fd, const void *buf, size_t len);
/* @peek: leave it there */
ssize_t host_receive(int fd, void *buf, size_t len, bool peek);

#define HOST_MESSAGE_CUT	0x20	/* flags of a received one: it did not fit */

/**
 * struct host_message - one of a burst; the layout is the host's struct mmsghdr
 *
 * Of @namelen, @flags and @len the host knows the lower half only; on this
 * little-endian machine the upper one stays 0.
 *
 * @name:	address of the peer, or NULL
 * @namelen:	its size; a receive writes it
 * @iov:	vectors
 * @n:		number of them
 * @control:	NULL; and @controllen 0
 * @flags:	written by a receive, HOST_MESSAGE_*
 * @len:	written: bytes transferred
 */
struct host_message {
	void *name;
	u64 namelen;
	struct iovec *iov;
	u64 n;
	void *control;
	u64 controllen;
	u64 flags;
	u64 len;
};

/*
 * One host call for @n messages (1024 at most), in order. Return: the number
 * that was transferred, > 0; if it is not @n, the next one would have failed;
 * -errno of the first.
 */
int host_send_messages(int fd, struct host_message *v, unsigned int n);
int host_receive_messages(int fd, struct host_message *v, unsigned int n);

/* number of a network device, -ENODEV */
int host_interface_index(const char *name);
/* bring a network device up */
int host_interface_up(const char *name);
/*
 * Give it an IPv4 address and a mask, in network byte order. @mask 0: what the
 * host takes by itself, the address's class, or all of it on a point-to-point one.
 */
int host_interface_address(const char *name, u32 address, u32 mask);

#define HOST_TAP_HEADER		10	/* bytes of struct virtio_net_hdr before each frame */
#define HOST_TAP_MANY		0x1	/* one queue of several; all openers must say the same */
#define HOST_TAP_IP		0x2	/* a tun device: IP packets without an Ethernet header */

/**
 * host_tap_open - attach to a tap device, or create it
 * @name:	of the device; "" or "tap%d" let the host choose
 * @flags:	HOST_TAP_*
 * @actual:	its name, or NULL
 *
 * Frames have a virtio header of HOST_TAP_HEADER bytes. Return: a non-blocking
 * descriptor; -EPERM: it is not there or belongs to somebody else, and the
 * caller may not create devices; -EBUSY: somebody uses it; -EINVAL: it is of the
 * other kind, or HOST_TAP_MANY is not what it was created with; -E2BIG: it has no
 * queue left; -ENOENT: the host has no /dev/net/tun.
 */
int host_tap_open(const char *name, unsigned int flags, char actual[16]);
/*
 * May the host hand frames to us that lack their checksum and are still to be
 * cut up? > 0: it does so for UDP too. 0 or -errno.
 */
int host_tap_offload(int fd, bool on);
/*
 * Is @fd a tap device's (macvtap's too)? 1: its frames have a virtio header of
 * HOST_TAP_HEADER bytes from now on; 0: they have none; -EPROTO: they have tun's
 * own header; another -errno: it is no tap device.
 */
int host_tap_adopt(int fd);

/* ---- stream sockets (host/stream.c) -------------------------------------- */

/*
 * @addr is a struct sockaddr of the host, @len bytes of it. Sockets are
 * close-on-exec; listening and accepted ones are non-blocking.
 *
 * Listen. The file of a unix socket can be connected to by this user alone.
 * Return: descriptor or -errno.
 */
int host_stream_listen(const void *addr, unsigned int len);
int host_stream_accept(int fd);		/* -EAGAIN: nobody is there */
int host_stream_connect(const void *addr, unsigned int len);	/* may block */
int host_stream_name(int fd, void *addr, unsigned int len);	/* own address, of any socket */
int host_stream_peer_uid(int fd, unsigned int *uid);	/* unix sockets: who connected */
int host_stream_finish(int fd);		/* no more output: the far side reads an end */
/* send @len bytes through a unix socket, and a copy of descriptor @fd with them. May block */
int host_send_with_fd(int sock, const void *buf, size_t len, int fd);
int host_send_fd(int sock, int fd);	/* with one byte */
/* take one; close-on-exec. -ECONNRESET: the end came instead, -EPROTO: other bytes */
int host_receive_fd(int sock);

/* ---- Unix datagram sockets (host/dgram.c) ------------------------------- */

/* a sockaddr_un and how much of it counts */
struct host_dgram_peer {
	u32 len;
	u8 address[112];
};

/*
 * The peer that is bound to @path, or to the abstract name "@NAME". 0, -ENOENT for
 * "", -ENAMETOOLONG beyond 107 bytes.
 */
int host_dgram_peer(const char *path, struct host_dgram_peer *peer);
/* an unbound socket to send from; non-blocking, close-on-exec */
int host_dgram_socket(void);
/*
 * A socket bound to @path, which may be longer than an address; non-blocking,
 * close-on-exec. Only this user can send to it. For a moment files that other
 * threads create have mode 0600 at most. Descriptor or -errno.
 */
int host_dgram_listen(const char *path);
/*
 * Take one datagram: its whole size, of which @len bytes at most are in @buf, or
 * -EAGAIN. @from->len is 2 or less for a sender without address. Descriptors
 * that came with it are closed by the host.
 */
ssize_t host_dgram_receive(int fd, void *buf, size_t len, struct host_dgram_peer *from);
/* -EAGAIN: the reader's queue is full. No signal is raised when it is gone */
ssize_t host_dgram_send(int fd, const void *buf, size_t len, const struct host_dgram_peer *to);

#endif /* __ASM_USERMODE_HOST_NET_H */
