// SPDX-License-Identifier: GPL-2.0
/*
 * backend_slip.c - a line between guest and host: "eth0=slip,IP".
 *
 * IP is the host's end. What is on such a line is IP packets and nothing else;
 * hosts have tun devices for that, which are there where the serial line
 * discipline is not, and have checksums and long segments left to the other end.
 * The device is called sl<n>, as the line discipline would call it. It takes
 * privilege, or a device that was made for this user: ifname=.
 */
#include <linux/kernel.h>
#include "net.h"

#define PREFIX	24	/* of the network that the host finds behind it, if none is said */

static int slip_open(struct net_link *link, char *why, size_t len)
{
	const struct net_setting *setting = link->setting;
	const char *address = setting->value[NET_KEY_ADDRESS];
	const char *name = setting->value[NET_KEY_IFNAME];

	net_link_init(link, -1);
	if (!address && !name)
		return net_refuse(why, len,
				  "the host's address is missing; write for example slip,192.168.9.1");
	return net_tap_attach(link, name ?: "sl%d", true, address, PREFIX, why, len);
}

static void slip_close(struct net_link *link)
{
	net_tap.close(link);
}

static int slip_send(struct net_link *link, unsigned int queue, struct host_message *v,
		     unsigned int n)
{
	return net_tap.send(link, queue, v, n);
}

static int slip_receive(struct net_link *link, unsigned int queue, struct host_message *v,
			unsigned int n)
{
	return net_tap.receive(link, queue, v, n);
}

static const enum net_key fields[] = { NET_KEY_ADDRESS, NET_KEY_NONE };
static const enum net_key keys[] = { NET_KEY_IFNAME, NET_KEY_QUEUES, NET_KEY_NONE };

const struct net_backend net_slip = {
	.name		= "slip",
	.fields		= fields,
	.keys		= keys,
	.open		= slip_open,
	.close		= slip_close,
	.send		= slip_send,
	.receive	= slip_receive,
};
