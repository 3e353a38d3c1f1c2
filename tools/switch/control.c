// SPDX-License-Identifier: GPL-2.0
/*
 * control.c - clients ask for ports.
 *
 * Owns the listening socket and the clients that have not asked yet. Each port
 * has a datagram socket of its own, connected to its client: frames of others
 * cannot get in, and a client that connects its socket, too, is not held to the
 * short queue that the host gives to sockets without a partner.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <linux/usermode/switch.h>
#include <linux/usermode/switch_ring.h>
#include "switch.h"

#define BUFFER	(4 << 20)
#define BACKLOG	128

static struct listener listener = { .watch.fd = -1 };

static int unix_address(struct sockaddr_un *addr, const char *path)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (!*path || strlen(path) >= sizeof(addr->sun_path))
		return -ENAMETOOLONG;
	memcpy(addr->sun_path, path, strlen(path) + 1);
	return 0;
}

/* a name whose owner died is free */
static bool is_dead(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;
	bool dead;

	if (fd < 0)
		return false;
	dead = connect(fd, (const void *)addr, sizeof(*addr)) && errno == ECONNREFUSED &&
	       !lstat(addr->sun_path, &st) && S_ISSOCK(st.st_mode);
	close(fd);
	return dead;
}

static int unix_listen(const char *path)
{
	struct sockaddr_un addr;
	int err = unix_address(&addr, path);
	int fd;

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (is_dead(&addr))
		unlink(path);
	if (bind(fd, (void *)&addr, sizeof(addr)) || listen(fd, BACKLOG)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int listener_open(struct listener *l, const char *path, void (*ready)(struct watch *watch))
{
	int fd = unix_listen(path);

	if (fd < 0)
		return fd;
	snprintf(l->path, sizeof(l->path), "%s", path);
	l->watch = (struct watch){ fd, ready };
	return watch_add(&l->watch);
}

void listener_close(const struct listener *l)
{
	if (l->watch.fd >= 0)
		unlink(l->path);
}

static void set_buffers(int fd)
{
	const int size = BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

/* a socket for frames with a name of its own, connected to the client's */
static int open_data(const struct switch_address *client, struct switch_address *own)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(addr);
	uint64_t name;

	if (fd < 0)
		return -1;
	if (getrandom(&name, sizeof(name), 0) < 0)
		goto fail;
	/* tells that there are rings */
	memcpy(addr.sun_path, SWITCH_RING_OFFER, SWITCH_RING_OFFER_LEN);
	snprintf(addr.sun_path + SWITCH_RING_OFFER_LEN,
		 sizeof(addr.sun_path) - SWITCH_RING_OFFER_LEN, "%016llx",
		 (unsigned long long)name);
	if (bind(fd, (void *)&addr, sizeof(addr)))
		goto fail;
	memcpy(own, &addr, sizeof(*own));
	memcpy(&addr, client, sizeof(*client));
	/* names of files end with a NUL, abstract ones with the structure */
	if (addr.sun_path[0])
		len = offsetof(struct sockaddr_un, sun_path) +
		      strnlen(addr.sun_path, sizeof(addr.sun_path));
	if (connect(fd, (void *)&addr, len))
		goto fail;
	set_buffers(fd);
	return fd;
fail:
	close(fd);
	return -1;
}

static bool is_request(const struct switch_request *request, ssize_t n)
{
	return n >= (ssize_t)offsetof(struct switch_request, padding) &&
	       request->magic == SWITCH_MAGIC && request->version == SWITCH_VERSION &&
	       (request->type & ((1 << SWITCH_PORT_SHIFT) - 1)) == SWITCH_NEW_PORT &&
	       request->address.family == AF_UNIX;
}

/* the request is here, or nonsense, or the end */
static void client_ready(struct watch *watch)
{
	struct switch_request request;
	struct switch_address own;
	int fd = watch->fd, data = -1;
	struct port *port = NULL;
	ssize_t n;

	n = recv(fd, &request, sizeof(request), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	watch_del(watch);
	free(watch);
	if (is_request(&request, n))
		data = open_data(&request.address, &own);
	if (data >= 0 && send(fd, &own, sizeof(own), MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(own))
		port = port_create(data, fd, false);
	if (port)
		return;
	close(fd);
	if (data >= 0)
		close(data);
}

static void listener_ready(struct watch *watch)
{
	struct watch *client;
	int fd;

	fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	client = calloc(1, sizeof(*client));
	if (client) {
		*client = (struct watch){ fd, client_ready };
		if (!watch_add(client))
			return;
		free(client);
	}
	close(fd);
}

int control_listen(const char *path)
{
	return listener_open(&listener, path, listener_ready);
}

void control_close(void)
{
	listener_close(&listener);
}
