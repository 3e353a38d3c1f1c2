// SPDX-License-Identifier: GPL-2.0
/*
 * backend_tap.c - a tap device of the host: "eth0=tuntap,DEV,MAC,IP".
 *
 * The device may exist, made for this user with "ip tuntap add", and then takes
 * no privilege; else it is created, for as long as the guest runs, if the caller
 * may do that. Frames have a virtio header, so checksums and the cutting up of
 * long segments are left to whoever needs them at last.
 *
 * A tap device has no call for many frames: a burst is a list of reads or writes
 * that the host's io_uring does in one call. Where that is forbidden, or the
 * device cannot promise not to wait, they are made one by one.
 *
 * State: own[0], own[1]: the queues of operations for sending and receiving.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/host_net.h>
#include "net.h"

#define TAP_NAME	16	/* bytes of a name, with NUL */
#define TAP_SPEED	10000	/* Mbit/s */

enum { OWN_TX, OWN_RX, OWN_TAP };

static struct host_aio *burst_of(const struct net_link *link, int which)
{
	return (struct host_aio *)(unsigned long)link->own[which];
}

bool net_is_tap(const struct net_link *link)
{
	return link->own[OWN_TAP];
}

/* ---- frames ---- */

static void close_burst(struct net_link *link, int which)
{
	if (burst_of(link, which))
		WARN_ON(host_aio_destroy(burst_of(link, which)));
	link->own[which] = 0;
}

/* one operation; its result in len, or -errno returned */
static int move_one(int fd, struct host_message *m, bool out)
{
	ssize_t n;

	do
		n = out ? host_pwritev(fd, m->iov, m->n, 0) : host_preadv(fd, m->iov, m->n, 0);
	while (n == -EINTR);
	if (n < 0)
		return n;
	m->len = n;
	return 1;
}

static int move_one_by_one(int fd, struct host_message *v, unsigned int n, bool out)
{
	unsigned int done;
	int ret;

	for (done = 0; done < n; done++) {
		ret = move_one(fd, v + done, out);
		if (ret < 0)
			return done ?: ret;
	}
	return done;
}

/* the results of @n operations into the messages; the number before the first failure */
static int take_results(struct host_aio *aio, struct host_message *v, unsigned int n)
{
	unsigned int last = 0, left = n;
	int err = -EAGAIN;
	u64 cookie;
	s64 res;

	while (left && host_aio_reap(aio, &cookie, &res) > 0) {
		left--;
		v[cookie].len = res > 0 ? res : 0;
		if (res > 0)
			last = max_t(unsigned int, last, cookie + 1);
		else if (res && res != -EAGAIN && cookie == 0)
			err = res;
	}
	/* what may not wait is over */
	WARN_ON_ONCE(left);
	return last ?: err;
}

static int move_burst(struct net_link *link, int which, int fd, struct host_message *v,
		      unsigned int n)
{
	struct host_aio *aio = burst_of(link, which);
	unsigned int i;
	int ret;

	if (!aio || n == 1)
		return move_one_by_one(fd, v, n, which == OWN_TX);
	for (i = 0; i < n; i++) {
		struct host_aio_req req = {
			.op = which == OWN_TX ? HOST_AIO_WRITE : HOST_AIO_READ,
			.fd = fd,
			.iov = v[i].iov,
			.n = v[i].n,
			.now = true,
			.cookie = i,
		};

		if (host_aio_submit(aio, &req))
			break;
	}
	while (host_aio_flush(aio))
		;
	ret = take_results(aio, v, i);
	if (ret != -EOPNOTSUPP)
		return ret;
	close_burst(link, which);
	return move_one_by_one(fd, v, n, which == OWN_TX);
}

static int tap_send(struct net_link *link, unsigned int queue, struct host_message *v,
		    unsigned int n)
{
	return move_burst(link, OWN_TX, link->fd[queue], v, n);
}

static int tap_receive(struct net_link *link, unsigned int queue, struct host_message *v,
		       unsigned int n)
{
	int ret = move_burst(link, OWN_RX, link->fd[queue], v, n);

	/* the device was deleted */
	return ret == -EBADFD || ret == -EIO ? -EPIPE : ret;
}

/* ---- open and close ---- */

static void tap_close(struct net_link *link)
{
	close_burst(link, OWN_TX);
	close_burst(link, OWN_RX);
	net_link_close(link);
}

/* where the host has no io_uring, or forbids it, frames go one by one */
static void open_burst(struct net_link *link, int which)
{
	struct host_aio *aio;

	if (!host_aio_create(NET_BATCH, HOST_AIO_URING, &aio))
		link->own[which] = (unsigned long)aio;
}

int net_tap_use(struct net_link *link, bool vnet, char *why, size_t len)
{
	int udp = vnet ? host_tap_offload(link->fd[0], true) : 0;

	if (udp < 0)
		return net_fail(why, len, udp, "the device does not take offloads");
	if (vnet)
		net_link_vnet(link);
	link->vnet_udp = udp;
	link->own[OWN_TAP] = true;
	open_burst(link, OWN_TX);
	open_burst(link, OWN_RX);
	return 0;
}

static int tap_refuse(const char *name, int err, char *why, size_t len)
{
	if (err == -ENOENT || err == -ENODEV || err == -ENXIO)
		net_refuse(why, len, "the host has no /dev/net/tun (modprobe tun)");
	else if (err == -EACCES)
		net_refuse(why, len, "/dev/net/tun: permission denied");
	else if (err == -EPERM)
		net_refuse(why, len,
			   "%s: not there, or not yours; \"ip tuntap add dev %s mode tap user NAME\" makes one for a user",
			   name, name);
	else if (err == -EBUSY)
		net_refuse(why, len, "%s: in use by another program", name);
	else if (err == -EINVAL)
		net_refuse(why, len, "%s: no tap device, or not one of a single queue", name);
	else
		net_fail(why, len, err, name);
	return err;
}

static int set_address(const char *name, const char *text, char *why, size_t len)
{
	__be32 address;
	int err;

	if (!net_address(text, false, &address))
		return net_refuse(why, len, "%.40s: not an IPv4 address", text);
	err = host_interface_address(name, (__force u32)address);
	if (err)
		return net_fail(why, len, err, "the host's address of the device");
	return 0;
}

static int tap_open(struct net_link *link, char *why, size_t len)
{
	const struct net_setting *setting = link->setting;
	const char *name = setting->value[NET_KEY_IFNAME] ?: "";
	const char *address = setting->value[NET_KEY_ADDRESS];
	char actual[TAP_NAME];
	int fd, err;

	if (strlen(name) >= sizeof(actual))
		return net_refuse(why, len, "%.40s: the name of a device has 15 characters", name);
	fd = host_tap_open(name, false, actual);
	if (fd < 0)
		return tap_refuse(*name ? name : "tap%d", fd, why, len);
	net_link_init(link, fd);
	link->speed = TAP_SPEED;
	err = net_tap_use(link, true, why, len);
	if (!err && address)
		err = set_address(actual, address, why, len);
	if (err) {
		tap_close(link);
		return err;
	}
	/* needs privilege; who made the device without us brings it up himself */
	host_interface_up(actual);
	return 0;
}

static const enum net_key fields[] = {
	NET_KEY_IFNAME, NET_KEY_MAC, NET_KEY_ADDRESS, NET_KEY_NONE
};

const struct net_backend net_tap = {
	.name		= "tap",
	.alias		= "tuntap",
	.fields		= fields,
	.open		= tap_open,
	.close		= tap_close,
	.send		= tap_send,
	.receive	= tap_receive,
};
