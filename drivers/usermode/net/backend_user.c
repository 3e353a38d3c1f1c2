// SPDX-License-Identifier: GPL-2.0
/*
 * backend_user.c - the internet without privilege: "eth0=user".
 *
 * A program of the host has a TCP/IP stack that looks like a router to the guest
 * and like an ordinary client to the host: passt where it is installed, else
 * slirp4netns. It is started here, it ends when its connection to us does, also
 * when we are killed, and it is started again when it dies.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "backend_user.h"

#define INSTALL	"apt install passt, or slirp4netns"

static const struct net_backend *const helpers[] = { &net_passt, &net_slirp4netns };

static const struct net_backend *helper_of(const struct net_link *link)
{
	return helpers[link->own[OWN_HELPER]];
}

/* the error is -ENOENT where the program is not installed */
static int try_helper(struct net_link *link, unsigned int i, char *why, size_t len)
{
	int err;

	net_link_init(link, -1);
	link->own[OWN_HELPER] = i;
	err = helpers[i]->open(link, why, len);
	if (err)
		helpers[i]->close(link);
	return err;
}

static int user_open(struct net_link *link, char *why, size_t len)
{
	const char *wanted = link->setting->value[NET_KEY_HELPER];
	struct net_forward forward;
	bool known = !wanted;
	unsigned int i;
	int err;

	for (i = 0; i < link->setting->n_forwards; i++)
		if (net_parse_forward(link->setting->forwards[i], &forward, why, len))
			return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(helpers); i++) {
		if (wanted && strcmp(wanted, helpers[i]->name))
			continue;
		known = true;
		err = try_helper(link, i, why, len);
		if (err != -ENOENT)
			return err;
	}
	if (!known)
		return net_refuse(why, len, "helper=%.40s: the helpers are passt and slirp4netns",
				  wanted);
	net_refuse(why, len, "%s is not installed: " INSTALL, wanted ?: "no helper");
	return -ENOENT;
}

static void user_close(struct net_link *link)
{
	helper_of(link)->close(link);
}

static int user_send(struct net_link *link, unsigned int queue, struct host_message *v,
		     unsigned int n)
{
	return helper_of(link)->send(link, queue, v, n);
}

static int user_receive(struct net_link *link, unsigned int queue, struct host_message *v,
			unsigned int n)
{
	return helper_of(link)->receive(link, queue, v, n);
}

static const enum net_key fields[] = { NET_KEY_MAC, NET_KEY_NONE };
static const enum net_key keys[] = { NET_KEY_HELPER, NET_KEY_HOSTFWD, NET_KEY_NONE };

const struct net_backend net_user = {
	.name		= "user",
	.fields		= fields,
	.keys		= keys,
	.open		= user_open,
	.close		= user_close,
	.send		= user_send,
	.receive	= user_receive,
};
