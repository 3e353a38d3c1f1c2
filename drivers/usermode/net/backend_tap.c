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
 * A device with several queues ("multi_queue") has a descriptor for each.
 *
 * State: own[0]: it is a tap device. For each queue, the queues of operations for
 * receiving and sending.
 */
#include <linux/bug.h>
#include <linux/byteorder/little_endian.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/host_net.h>
#include "net.h"

#define TAP_NAME	16	/* bytes of a name, with NUL */
#define TAP_SPEED	10000	/* Mbit/s */

enum { OWN_TAP, OWN_BURSTS };

/* which of @link's own */
static unsigned int own_burst(unsigned int queue, bool out)
{
	return OWN_BURSTS + 2 * queue + out;
}

static struct host_aio *burst_of(const struct net_link *link, unsigned int which)
{
	return (struct host_aio *)(unsigned long)link->own[which];
}

bool net_is_tap(const struct net_link *link)
{
	return link->own[OWN_TAP];
}

/* ---- frames ---- */

static void close_burst(struct net_link *link, unsigned int which)
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

static int move_burst(struct net_link *link, unsigned int queue, bool out,
		      struct host_message *v, unsigned int n)
{
	struct host_aio *aio = burst_of(link, own_burst(queue, out));
	int fd = link->fd[queue];
	unsigned int i;
	int ret;

	if (!aio || n == 1)
		return move_one_by_one(fd, v, n, out);
	for (i = 0; i < n; i++) {
		struct host_aio_req req = {
			.op = out ? HOST_AIO_WRITE : HOST_AIO_READ,
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
	close_burst(link, own_burst(queue, out));
	return move_one_by_one(fd, v, n, out);
}

static int tap_send(struct net_link *link, unsigned int queue, struct host_message *v,
		    unsigned int n)
{
	return move_burst(link, queue, true, v, n);
}

static int tap_receive(struct net_link *link, unsigned int queue, struct host_message *v,
		       unsigned int n)
{
	int ret = move_burst(link, queue, false, v, n);

	/* the device was deleted */
	return ret == -EBADFD || ret == -EIO ? -EPIPE : ret;
}

/* ---- open and close ---- */

static void tap_close(struct net_link *link)
{
	unsigned int which;

	for (which = OWN_BURSTS; which < ARRAY_SIZE(link->own); which++)
		close_burst(link, which);
	net_link_close(link);
}

/* where the host has no io_uring, or forbids it, frames go one by one */
static void open_burst(struct net_link *link, unsigned int which)
{
	struct host_aio *aio;

	if (!host_aio_create(NET_BATCH, HOST_AIO_URING, &aio))
		link->own[which] = (unsigned long)aio;
}

int net_tap_use(struct net_link *link, bool vnet, char *why, size_t len)
{
	int udp = vnet ? host_tap_offload(link->fd[0], true) : 0;
	unsigned int q;

	if (udp < 0)
		return net_fail(why, len, udp, "the device does not take offloads");
	if (vnet)
		net_link_vnet(link);
	link->vnet_udp = udp;
	link->own[OWN_TAP] = true;
	for (q = 0; q < link->queues; q++) {
		open_burst(link, own_burst(q, false));
		open_burst(link, own_burst(q, true));
	}
	return 0;
}

static int tap_refuse(const struct net_link *link, const char *name, int err, char *why,
		      size_t len)
{
	const char *kind = link->ip_only ? "tun" : "tap";

	if (err == -ENOENT || err == -ENODEV || err == -ENXIO)
		net_refuse(why, len, "the host has no /dev/net/tun (modprobe tun)");
	else if (err == -EACCES)
		net_refuse(why, len, "/dev/net/tun: permission denied");
	else if (err == -EPERM)
		net_refuse(why, len,
			   "%s: not there, or not yours; \"ip tuntap add dev %s mode %s user NAME\" makes one for a user",
			   name, name, kind);
	else if (err == -EBUSY)
		net_refuse(why, len, "%s: in use by another program", name);
	else if (err == -E2BIG)
		net_refuse(why, len, "%s: all its queues are in use", name);
	else if (err == -EINVAL && link->setting->value[NET_KEY_QUEUES])
		net_refuse(why, len, "%s: no %s device, or not one of multi_queue", name, kind);
	else if (err == -EINVAL)
		net_refuse(why, len, "%s: no %s device", name, kind);
	else
		net_fail(why, len, err, name);
	return err;
}

/* more queues of the device that the first descriptor is of */
static int open_others(struct net_link *link, const char *name, unsigned int flags,
		       unsigned int queues)
{
	int fd;

	while (link->queues < queues) {
		fd = host_tap_open(name, flags, NULL);
		if (fd < 0)
			return fd;
		link->fd[link->queues++] = fd;
	}
	return 0;
}

/*
 * @queues are wished for, and insisted upon if the user named them. A device that
 * exists has one queue or many, and takes no opener who thinks otherwise.
 */
static int open_queues(struct net_link *link, const char *name, unsigned int queues,
		       char actual[TAP_NAME])
{
	unsigned int flags = link->ip_only ? HOST_TAP_IP : 0;
	bool insist = link->setting->value[NET_KEY_QUEUES];
	bool many = queues > 1;
	int fd = host_tap_open(name, flags | (many ? HOST_TAP_MANY : 0), actual);

	if (fd == -EINVAL && !(insist && many)) {
		many = !many;
		fd = host_tap_open(name, flags | (many ? HOST_TAP_MANY : 0), actual);
	}
	if (fd < 0)
		return fd;
	link->fd[0] = fd;
	return many ? open_others(link, actual, flags | HOST_TAP_MANY, queues) : 0;
}

/* "10.0.0.1" or "10.0.0.1/24"; @prefix as net_tap_attach() has it */
static int parse_address(const char *text, unsigned int prefix, __be32 *address, __be32 *mask,
			 char *why, size_t len)
{
	const char *slash = strchrnul(text, '/');
	char digits[16];

	if (snprintf(digits, sizeof(digits), "%.*s", (int)(slash - text), text) >= sizeof(digits) ||
	    !net_address(digits, false, address) ||
	    (*slash && (kstrtouint(slash + 1, 10, &prefix) || !prefix || prefix > 32)))
		return net_refuse(why, len, "%.40s: not an IPv4 address", text);
	*mask = prefix ? htonl(~0U << (32 - prefix)) : 0;
	return 0;
}

static int set_address(const char *name, __be32 address, __be32 mask, char *why, size_t len)
{
	int err = host_interface_address(name, (__force u32)address, (__force u32)mask);

	return err ? net_fail(why, len, err, "the host's address of the device") : 0;
}

int net_tap_attach(struct net_link *link, const char *name, bool ip_only, const char *address,
		   unsigned int prefix, char *why, size_t len)
{
	__be32 number = 0, mask = 0;
	char actual[TAP_NAME];
	u64 queues;
	int err;

	net_link_init(link, -1);
	link->ip_only = ip_only;
	link->speed = TAP_SPEED;
	if (strlen(name) >= sizeof(actual))
		return net_refuse(why, len, "%.40s: the name of a device has 15 characters", name);
	if (net_number(link->setting, NET_KEY_QUEUES, 1, NET_QUEUES,
		       clamp(num_possible_cpus(), 1U, NET_QUEUES), &queues, why, len))
		return -EINVAL;
	if (address && parse_address(address, prefix, &number, &mask, why, len))
		return -EINVAL;
	err = open_queues(link, name, queues, actual);
	if (err)
		tap_refuse(link, *name ? name : "tap%d", err, why, len);
	if (!err)
		err = net_tap_use(link, true, why, len);
	if (!err && address)
		err = set_address(actual, number, mask, why, len);
	if (err) {
		tap_close(link);
		return err;
	}
	/* needs privilege; who made the device without us brings it up himself */
	host_interface_up(actual);
	return 0;
}

static int tap_open(struct net_link *link, char *why, size_t len)
{
	const struct net_setting *setting = link->setting;

	return net_tap_attach(link, setting->value[NET_KEY_IFNAME] ?: "", false,
			      setting->value[NET_KEY_ADDRESS], 0, why, len);
}

static const enum net_key fields[] = {
	NET_KEY_IFNAME, NET_KEY_MAC, NET_KEY_ADDRESS, NET_KEY_NONE
};

static const enum net_key keys[] = { NET_KEY_QUEUES, NET_KEY_NONE };

const struct net_backend net_tap = {
	.name		= "tap",
	.alias		= "tuntap",
	.fields		= fields,
	.keys		= keys,
	.open		= tap_open,
	.close		= tap_close,
	.send		= tap_send,
	.receive	= tap_receive,
};
