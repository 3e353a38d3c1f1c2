// SPDX-License-Identifier: GPL-2.0
/*
 * backend_daemon.c - a port of uml_switch, "eth0=daemon,MAC,unix,CTL", or of
 * vde_switch, "eth0=vde,DIR,MAC,PORT". They speak the same.
 *
 * A stream to the switch's control socket lives as long as the port does. The
 * request on it names our datagram socket, the reply names the switch's; a frame
 * is a datagram, both ways. Our socket's name is abstract, so nothing of it can
 * be left in a directory. Connected to the switch's, it waits for room there
 * rather than losing frames. Where the switch is one of ours, frames go through
 * shared memory, and the datagrams are bells.
 *
 * State: own[0]: they do.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/un.h>
#include <uapi/linux/usermode/switch.h>
#include <asm/host_net.h>
#include "net.h"

#define DEFAULT_PATH	"/tmp/uml.ctl"
#define VDE_PATH	"/run/vde.ctl"
#define VDE_SCHEME	"vde://"
#define VDE_PORTS	65535
#define PATIENCE_MS	2000

enum { OWN_RING };

static int bind_data(int fd, struct switch_address *own)
{
	struct sockaddr_un *addr = (struct sockaddr_un *)own;
	u64 name;
	int err;

	memset(own, 0, sizeof(*own));
	err = host_random(&name, sizeof(name));
	if (err)
		return err;
	addr->sun_family = AF_UNIX;
	snprintf(addr->sun_path + 1, sizeof(addr->sun_path) - 1, "usermode-%016llx", name);
	return host_bind(fd, addr, sizeof(*own));
}

/* ask for a port; the address to send frames to in @data */
static int request_port(int control, unsigned int port, const struct switch_address *own,
			struct switch_address *data, char *why, size_t len)
{
	struct switch_request request = {
		.magic = SWITCH_MAGIC,
		.version = SWITCH_VERSION,
		.type = SWITCH_NEW_PORT | port << SWITCH_PORT_SHIFT,
		.address = *own,
	};
	ssize_t n = host_send(control, &request, sizeof(request));

	if (n < 0)
		return net_fail(why, len, n, "the switch does not take a request");
	if (!net_wait_input(control, PATIENCE_MS)) {
		net_refuse(why, len, "the switch does not answer");
		return -ETIMEDOUT;
	}
	n = host_receive(control, data, sizeof(*data), false);
	if (n != sizeof(*data) || data->family != AF_UNIX) {
		net_refuse(why, len, "the switch refuses; is it uml_switch, version 3?");
		return -EPROTO;
	}
	return 0;
}

static int connect_switch(struct net_link *link, const char *path, unsigned int port, char *why,
			  size_t len)
{
	struct switch_address own, data;
	struct sockaddr_un addr;
	unsigned int n;
	bool ring;
	int err;

	if (net_flag(link->setting, NET_KEY_RING, true, &ring, why, len))
		return -EINVAL;
	if (net_unix_address(&addr, &n, path))
		return net_refuse(why, len, "the path of the socket is too long");
	link->control = host_socket(AF_UNIX, SOCK_STREAM, 0);
	if (link->control < 0)
		return net_fail(why, len, link->control, "no socket");
	err = host_connect(link->control, &addr, n);
	if (err) {
		snprintf(why, len, "%.100s: %s; is the switch running?", path,
			 host_error_text(err));
		return err;
	}
	link->fd[0] = host_socket(AF_UNIX, SOCK_DGRAM, 0);
	if (link->fd[0] < 0)
		return net_fail(why, len, link->fd[0], "no socket");
	err = bind_data(link->fd[0], &own);
	if (err)
		return net_fail(why, len, err, "no address for frames");
	err = request_port(link->control, port, &own, &data, why, len);
	if (err)
		return err;
	err = host_connect(link->fd[0], &data, sizeof(data));
	if (err)
		return net_fail(why, len, err, "the switch's socket for frames");
	net_socket_buffers(link->fd[0]);
	err = ring ? net_ring_open(link, link->control, data.path) : 0;
	if (err < 0)
		return net_fail(why, len, err, "the switch offers rings, but does not answer");
	link->own[OWN_RING] = err;
	return 0;
}

static int daemon_open(struct net_link *link, char *why, size_t len)
{
	const struct net_setting *setting = link->setting;
	const char *type = setting->value[NET_KEY_TYPE];
	int err;

	net_link_init(link, -1);
	if (type && strcmp(type, "unix"))
		return net_refuse(why, len, "%.20s: switches have sockets of type unix", type);
	err = connect_switch(link, setting->value[NET_KEY_PATH] ?: DEFAULT_PATH, 0, why, len);
	if (err)
		net_link_close(link);
	return err;
}

static int vde_open(struct net_link *link, char *why, size_t len)
{
	const struct net_setting *setting = link->setting;
	const char *dir = setting->value[NET_KEY_VNL] ?: setting->value[NET_KEY_PATH];
	char path[128];
	u64 port;
	int err;

	net_link_init(link, -1);
	if (net_number(setting, NET_KEY_PORT, 1, VDE_PORTS, 0, &port, why, len))
		return -EINVAL;
	dir = dir ?: VDE_PATH;
	if (!strncmp(dir, VDE_SCHEME, strlen(VDE_SCHEME)))
		dir += strlen(VDE_SCHEME);
	if (snprintf(path, sizeof(path), "%s/ctl", dir) >= sizeof(path))
		return net_refuse(why, len, "the path of the switch is too long");
	err = connect_switch(link, path, port, why, len);
	if (err)
		net_link_close(link);
	return err;
}

static int daemon_send(struct net_link *link, unsigned int queue, struct host_message *v,
		       unsigned int n)
{
	return link->own[OWN_RING] ? net_ring_send(link, queue, v, n) :
				     net_socket_send(link, queue, v, n);
}

static int daemon_receive(struct net_link *link, unsigned int queue, struct host_message *v,
			  unsigned int n)
{
	return link->own[OWN_RING] ? net_ring_receive(link, queue, v, n) :
				     net_socket_receive(link, queue, v, n);
}

static const enum net_key fields[] = {
	NET_KEY_MAC, NET_KEY_TYPE, NET_KEY_PATH, NET_KEY_NONE
};

static const enum net_key keys[] = { NET_KEY_RING, NET_KEY_NONE };

const struct net_backend net_daemon = {
	.name		= "daemon",
	.fields		= fields,
	.keys		= keys,
	.open		= daemon_open,
	.close		= net_link_close,
	.send		= daemon_send,
	.receive	= daemon_receive,
	.lost		= net_control_lost,
};

static const enum net_key vde_fields[] = {
	NET_KEY_PATH, NET_KEY_MAC, NET_KEY_PORT, NET_KEY_NONE
};

static const enum net_key vde_keys[] = { NET_KEY_VNL, NET_KEY_RING, NET_KEY_NONE };

const struct net_backend net_vde = {
	.name		= "vde",
	.fields		= vde_fields,
	.keys		= vde_keys,
	.open		= vde_open,
	.close		= net_link_close,
	.send		= daemon_send,
	.receive	= daemon_receive,
	.lost		= net_control_lost,
};
