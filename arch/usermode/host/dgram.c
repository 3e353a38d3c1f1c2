// SPDX-License-Identifier: GPL-2.0
/*
 * dgram.c - Unix datagram sockets: a server's own, and sending to others.
 *
 * Owns nothing and takes no lock; a descriptor belongs to whoever opened it. Any
 * context, but host_dgram_listen() changes the process's umask for a moment.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/fcntl.h>
#include <asm/host_net.h>
#include "net_abi.h"
#include "syscall.h"

#define UNIX_PATH_MAX	108		/* linux/un.h */
#define MSG_FULL_LENGTH	0x20		/* MSG_TRUNC */

struct unix_address {
	u16 family;
	char path[UNIX_PATH_MAX];
};

static size_t length(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

static size_t put(char *to, const char *text)
{
	size_t n = length(text);

	__builtin_memcpy(to, text, n);
	return n;
}

int host_dgram_peer(const char *path, struct host_dgram_peer *peer)
{
	struct unix_address *un = (struct unix_address *)peer->address;
	size_t n = length(path);

	if (!n || n >= sizeof(un->path))
		return n ? -ENAMETOOLONG : -ENOENT;
	un->family = NET_AF_UNIX;
	put(un->path, path);
	un->path[n] = 0;
	peer->len = sizeof(un->family) + n + 1;
	if (*path == '@') {		/* no file: a name that begins with NUL */
		un->path[0] = 0;
		peer->len--;
	}
	return 0;
}

int host_dgram_socket(void)
{
	return host_socket(NET_AF_UNIX, NET_SOCK_DGRAM, 0);
}

/* the bytes of "/proc/self/fd/N/" */
static size_t put_descriptor(char *to, int fd)
{
	char digits[12];
	size_t n = put(to, "/proc/self/fd/");
	int i = 0;

	do {
		digits[i++] = '0' + fd % 10;
		fd /= 10;
	} while (fd);
	while (i)
		to[n++] = digits[--i];
	to[n++] = '/';
	return n;
}

/*
 * An address holds 108 bytes. A longer path has a shorter name while its
 * directory is open.
 */
static int short_peer(const char *path, struct host_dgram_peer *peer, int *dir)
{
	const char *last = path + length(path);
	char name[UNIX_PATH_MAX], parent[512];
	size_t n;

	while (last > path && last[-1] != '/')
		last--;
	if (last == path || last - path > sizeof(parent) || length(last) > 64)
		return -ENAMETOOLONG;
	__builtin_memcpy(parent, path, last - path);
	parent[last - path - 1] = 0;
	*dir = host_open(parent, O_PATH | O_DIRECTORY, 0);
	if (*dir < 0)
		return *dir;
	n = put_descriptor(name, *dir);
	n += put(name + n, last);
	name[n] = 0;
	return host_dgram_peer(name, peer);
}

static int bind_private(int fd, const struct host_dgram_peer *peer)
{
	int mask = host_syscall1(__NR_umask, 0177);
	int err = host_bind(fd, peer->address, peer->len);

	host_syscall1(__NR_umask, mask);
	return err;
}

int host_dgram_listen(const char *path)
{
	struct host_dgram_peer self;
	int dir = -1, fd, err;

	err = host_dgram_peer(path, &self);
	if (err == -ENAMETOOLONG)
		err = short_peer(path, &self, &dir);
	if (err)
		goto out_dir;
	fd = host_dgram_socket();
	err = fd;
	if (fd < 0)
		goto out_dir;
	err = bind_private(fd, &self);
	if (err)
		host_close(fd);
out_dir:
	if (dir >= 0)
		host_close(dir);
	return err ?: fd;
}

ssize_t host_dgram_receive(int fd, void *buf, size_t len, struct host_dgram_peer *from)
{
	from->len = sizeof(from->address);
	return host_syscall6(__NR_recvfrom, fd, buf, len, MSG_FULL_LENGTH,
			     from->address, &from->len);
}

ssize_t host_dgram_send(int fd, const void *buf, size_t len, const struct host_dgram_peer *to)
{
	return host_syscall6(__NR_sendto, fd, buf, len, NET_MSG_NOSIGNAL, to->address, to->len);
}
