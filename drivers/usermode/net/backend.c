// SPDX-License-Identifier: GPL-2.0
/*
 * backend.c - the transports by name, and what links have in common.
 *
 * Owns the table that "eth0=NAME" and "transport=NAME" are looked up in. No locks.
 */
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <uapi/linux/if_ether.h>
#include <uapi/linux/virtio_net.h>
#include <asm/host.h>
#include "net.h"

#define STEP_MS	5	/* between two looks at a descriptor */

static const struct net_backend *const backends[] = {
	&net_bess, &net_daemon, &net_fd, &net_gre, &net_l2tpv3, &net_mcast, &net_raw, &net_slip,
	&net_slirp, &net_tap, &net_ucast, &net_user, &net_vde,
};

const struct net_backend *net_find_backend(const char *name, char *why, size_t len)
{
	char names[160];
	size_t i, at = 0;

	for (i = 0; i < ARRAY_SIZE(backends); i++) {
		const struct net_backend *backend = backends[i];

		if (!strcmp(backend->name, name) ||
		    (backend->alias && !strcmp(backend->alias, name)))
			return backend;
		at += scnprintf(names + at, sizeof(names) - at, "%s%s", at ? ", " : "",
				backend->name);
	}
	/* received through a packet socket, for the bursts; tap has them now */
	if (!strcmp(name, "hybrid"))
		return &net_tap;
	if (!strcmp(name, "ethertap"))
		net_refuse(why, len, "hosts have no ethertap any more; use tap");
	else if (!*name)
		net_refuse(why, len, "no transport is named; they are %s", names);
	else
		net_refuse(why, len, "unknown transport \"%.20s\"; they are %s", name, names);
	return NULL;
}

void net_link_init(struct net_link *link, int fd)
{
	const struct net_setting *setting = link->setting;
	struct net_ring *ring = link->ring;

	memset(link, 0, sizeof(*link));
	link->setting = setting;
	link->ring = ring;
	link->fd[0] = fd;
	link->queues = 1;
	link->control = -1;
	link->mtu = ETH_DATA_LEN;
	link->max_mtu = NET_FRAME_MAX;
	link->speed = NET_SPEED;
}

void net_link_vnet(struct net_link *link)
{
	link->vnet = true;
	link->vnet_udp = true;
	link->head_tx = sizeof(struct virtio_net_hdr);
	link->head_rx = sizeof(struct virtio_net_hdr);
}

void net_link_close(struct net_link *link)
{
	unsigned int q;

	for (q = 0; q < link->queues; q++)
		if (link->fd[q] >= 0)
			host_close(link->fd[q]);
	link->queues = 0;
	if (link->control >= 0)
		host_close(link->control);
	link->control = -1;
}

bool net_wait_input(int fd, unsigned int ms)
{
	unsigned int waited = 0;

	/* there is nobody else to run yet */
	if (system_state < SYSTEM_SCHEDULING)
		return host_poll(fd, HOST_EVENT_IN, (s64)ms * NSEC_PER_MSEC) > 0;
	while (!host_poll(fd, HOST_EVENT_IN, 0)) {
		if (waited >= ms)
			return false;
		msleep(STEP_MS);
		waited += STEP_MS;
	}
	return true;
}
